"""The frame of every flow's command: help with an example, exit codes, one line instead of a traceback."""

from __future__ import annotations

import importlib
import logging
import tempfile
from pathlib import Path

import pytest

from components.common.errors import StageError, UserError
from flows.execution.cli import command, exit_code
from flows.execution.processes import CommandError

ROOT = Path(__file__).parents[3]
COMMANDS = sorted(path.stem for path in (ROOT / "flows").glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UserError("name a folder"), 2, "error: name a folder"),
        (StageError("3 clips broken"), 1, "error: 3 clips broken"),
        (CommandError(["dvc", "push"], 7, ["no network"]), 1, "error: `dvc push` ended with code 7: no network"),
    ],
)
def test_errors_for_people_are_one_line(
    error: Exception, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        raise error

    assert exit_code(work) == code
    assert capsys.readouterr().err == f"{line}\n"


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("Timed out while attempting to connect to ephemeral Prefect API server.", "STARTUP_TIMEOUT_SECONDS=300"),
        ("Failed to reach API at http://127.0.0.1:4200/api/", "start it, or unset PREFECT_API_URL"),
    ],
)
def test_a_prefect_that_does_not_answer_is_one_line(said: str, advice: str, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        raise RuntimeError(said)

    assert exit_code(work) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: Prefect's ")
    assert told.endswith(f"{advice}\n") or advice in told
    assert told.count("\n") == 1


def test_a_mistake_of_ours_keeps_its_traceback_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def work() -> None:
        raise KeyError("style_e")

    assert exit_code(work) == 1
    assert "unexpected KeyError" in capsys.readouterr().err
    (kept,) = tmp_path.glob("style2talker-*.txt")
    assert "in work" in kept.read_text()


def test_work_that_ends_well() -> None:
    assert exit_code(lambda: "anything") == 0


@pytest.mark.parametrize("error", [UserError("x"), KeyError("x")])
def test_prefect_logs_no_traceback(error: Exception) -> None:
    exit_code(lambda: None)  # puts the filter in place
    record = logging.LogRecord("prefect.flow_runs", logging.ERROR, "", 0, "", (), (type(error), error, None))
    assert all(filter_.filter(record) for filter_ in logging.getLogger("prefect.flow_runs").filters)
    assert not record.exc_info


def test_the_root_is_here_unless_named() -> None:
    parser = command("x", "What it does.\n\nExample: ``python -m flows.x``\n")
    assert parser.parse_args([]).root == "."
    assert parser.parse_args(["--root", "/elsewhere"]).root == "/elsewhere"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_file_of_flows_is_a_command_that_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"flows.{name}").main(["--help"])
    assert ended.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    assert text.startswith(f"usage: python -m flows.{name} ")
    assert "--root ROOT" in text
    assert f"python -m flows.{name}" in text.lower().partition("example: ")[2]
