"""Every command: help with an example, mistakes in one line, and exit codes that say what happened."""

from __future__ import annotations

import errno
import importlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.common.errors import StageError, UserError
from components.runner import stage
from components.runner.command import command_parser, run_command, version
from flows.execution.processes import CommandError

ROOT = Path(__file__).parents[3]
# Scripts that other code runs, and no person: one beside a model's own code, two in front of another program.
INTERNAL = ("flows.promotion.model_check", "components.common.parent_death", "components.runner.launch")
GUARD = 'if __name__ == "__main__":'
STAGE = re.compile(r'main\("(\w+)", run')


def commands() -> dict[str, str]:
    """Module -> stage name ("" for other commands) of everything that can be run with `python -m`."""
    modules = {}
    for package in ("components", "evaluation", "flows"):
        for path in sorted((ROOT / package).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            _, guard, call = path.read_text().partition(GUARD)
            if guard and module not in INTERNAL:
                name = STAGE.search(call)
                modules[module] = name[1] if name else ""
    return modules


COMMANDS = commands()


def run(module: str, arguments: list[str]) -> int:
    """The exit code of a command's `main`."""
    loaded: Any = importlib.import_module(module)
    try:
        if COMMANDS[module]:
            return stage.main(COMMANDS[module], loaded.run, arguments)
        return int(loaded.main(arguments))
    except SystemExit as ended:
        return int(ended.code or 0)


def test_the_commands_are_found() -> None:
    assert len(COMMANDS) >= 24
    assert sorted(filter(None, COMMANDS.values())) == [
        *("annotate", "evaluate", "extract_coefficients", "fit_regressor", "prepare", "train_style_a", "train_style_e")
    ]


@pytest.mark.parametrize("module", COMMANDS)
def test_help_names_the_command_and_ends_with_an_example(module: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(module, ["--help"]) == 0
    text = capsys.readouterr().out
    name = "style2talker" if module == "components.talker.cli" else module
    assert name in text.splitlines()[0] + text.splitlines()[1]
    _, _, example = text.lower().rpartition("example:")
    assert f"python -m {module}" in example or "dvc repro" in example or "style2talker generate" in example
    assert "``" not in text


@pytest.mark.parametrize("module", COMMANDS)
def test_an_unknown_option_is_one_line(module: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(module, ["--no-such-option"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert "--help" in error


@pytest.mark.parametrize("module", ["components.talker.cli", "components.runner.profiles", "flows.setup"])
def test_the_version_is_the_packages(module: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(module, ["--version"]) == 0
    assert capsys.readouterr().out.strip() == version()
    assert re.fullmatch(r"style2talker \d+\.\d+.*", version())


def test_options_are_not_abbreviated(capsys: pytest.CaptureFixture[str]) -> None:
    parser = command_parser("tests.greet", "Greets.\n\nExample: ``python -m tests.greet --name you``")
    parser.add_argument("--name")
    assert parser.parse_args(["--name", "x"]).name == "x"
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["--na", "x"])
    assert ended.value.code == 2
    assert "unrecognized arguments: --na x (see python -m tests.greet --help)" in capsys.readouterr().err
    assert parser.format_help().endswith("example: python -m tests.greet --name you\n")


def failing(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (UserError("no face in p.png; take another"), 2, "error: no face in p.png; take another"),
        (UserError("two\nlines [bold]"), 2, "error: two lines [bold]"),
        (StageError("7 of 10 files were rejected"), 1, "error: 7 of 10 files were rejected"),
        (CommandError(["dvc", "repro"], 3, ["no disk", ""]), 1, "error: `dvc repro` ended with code 3: no disk"),
        (OSError(errno.ENOSPC, "No space left on device"), 2, "error: no space left on the disk of"),
        (OSError(errno.EROFS, "Read-only file system", "a.wav"), 2, "error: a.wav cannot be written"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "a.wav/b"), 1, "error: a.wav/b: Not a directory"),
        (KeyboardInterrupt(), 130, "interrupted; the rest is kept"),
    ],
)
def test_an_error_is_one_line_and_a_code(
    error: BaseException, code: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(failing(error), root=tmp_path, after_interrupt="the rest is kept") == code
    shown = capsys.readouterr()
    assert shown.err.startswith(words)
    assert shown.err.count("\n") == 1
    assert shown.out == ""


@pytest.mark.parametrize(
    "error",
    [ValueError("shapes differ\nby 3"), ConnectionResetError("by peer"), BrokenPipeError("of another"), KeyError()],
)
def test_a_mistake_of_ours_is_one_line_too_and_keeps_its_traceback_in_a_file(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert run_command(failing(error), root=tmp_path) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(f"error: unexpected {type(error).__name__}")
    (kept,) = tmp_path.glob("style2talker-*.txt")
    assert str(kept) in said
    assert "Traceback" in kept.read_text()
    assert type(error).__name__ in kept.read_text()


def test_a_traceback_without_a_place_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))  # it was there at the start
        raise ValueError("shapes differ")

    assert run_command(work, root=tmp_path) == 1
    assert "in work" in capsys.readouterr().err


def test_too_little_memory_is_no_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(failing(MemoryError()), root=tmp_path) == 1
    assert "not enough memory" in capsys.readouterr().err


TELL = """
import os, sys
from components.common.errors import UserError
from components.runner.command import command_parser, run_command
parser = command_parser("tell", "Tells \u00fc.\\n\\nExample: ``python``")
def work():
    print("\u8868\u60c5", os.fsdecode(b"caf\\xe9"))
    raise UserError("\u00fcml\u00e4ut " + os.fsdecode(b"caf\\xe9"))
parser.print_help()
raise SystemExit(run_command(work))
"""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_text_can_be_told_on_any_terminal(encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run([sys.executable, "-c", TELL], cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(b"error: ")
    assert done.stderr.count(b"\n") == 1


def test_work_that_ends_well_is_code_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(lambda: print("done")) == 0
    assert capsys.readouterr() == ("done\n", "")


CHATTER = """
from components.runner.command import run_command
def work():
    for number in range(100_000):
        print(number)
raise SystemExit(run_command(work))
"""


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = [sys.executable, "-c", CHATTER]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "0\n"
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 1
