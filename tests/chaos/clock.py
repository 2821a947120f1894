"""A clock that jumps on command, for a program and all that it starts."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


class Clock:
    """`environment` puts a program on this clock; `jump` sets it."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("no C compiler: the clock of a program cannot be shifted")
        library = folder / "clock.so"
        source = Path(__file__).with_suffix(".c")
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
        self._shift = folder / "shift"
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_SHIFT": str(self._shift)}

    def jump(self, seconds: int) -> None:
        """From now on the clock is this much ahead (or behind, below zero)."""
        draft = self._shift.with_suffix(".draft")
        draft.write_text(str(seconds))
        draft.replace(self._shift)
