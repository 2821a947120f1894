"""What a sweep is going to do, and where: the study it works on, and the values it starts from."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from components.common.params import load_params
from flows.execution.locks import exclusive
from flows.setup import optuna_uri
from flows.sweeps import identity, optuna_study
from flows.sweeps.space import Space

WORKSPACES = ".sweeps"


@dataclass(frozen=True)
class Sweep:
    """One study to work on.

    trials: complete or pruned ones it shall have in the end, whoever runs them; None: as many as the time
    allows. name: the first part of the study's name; what follows is its identity.
    """

    root: Path
    name: str
    space: Space
    trials: int | None
    workers: int = 1
    timeout: float | None = None  # seconds; no trial starts after them

    @cached_property
    def identity(self) -> str:
        """Of code, data and other parameters when this was first asked; see `flows.sweeps.identity`."""
        return identity.identity(self.root, self.space)

    @cached_property
    def present(self) -> dict[str, Any]:
        """The searched parameters as they are now, with which every trial is compared."""
        return identity.present(self.root, self.space)

    @cached_property
    def searched(self) -> Space:
        """The space, widened to the values that are tried first."""
        widened = self.space.including(self.present)
        for values in self.space.first:
            widened = widened.including(values)
        return widened

    @cached_property
    def study(self) -> str:
        """The study's whole name."""
        return f"{self.name}-{self.identity[: identity.LENGTH]}"

    @property
    def home(self) -> Path:
        """Workspaces of its trials."""
        return self.root / WORKSPACES / self.study

    @property
    def place(self) -> str:
        """Names this machine and project in the study."""
        return f"{socket.gethostname()}:{self.root}"

    def open(self) -> Any:
        seed = load_params(self.root / "params.yaml").runtime.seed
        with exclusive(self.root / WORKSPACES / f"{self.study}.study.lock"):
            return optuna_study.open_study(self.study, self.space, optuna_uri(self.root).secret, seed)

    def folder(self, number: int) -> Path:
        return self.home / f"{number:04d}"
