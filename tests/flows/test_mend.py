"""The command that sets right what a killed `dvc` left."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.mend import main


def test_it_says_what_it_did_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "dvc.lock").write_bytes(b"")
    assert main(["--root", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "dvc.lock was cut off by a kill: removed\n"
    assert main(["--root", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
