"""A whole sweep in one line: what is done, the best so far against now, and the time left."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest
from rich.console import Console

from flows.sweeps import sweep_progress
from flows.sweeps.sweep_progress import SweepProgress, duration, shown
from tests.flows.sweeps.studies import finish, open_study, space

pytestmark = pytest.mark.filterwarnings("ignore:Heartbeat of storage")


def test_the_line_grows_with_the_study(tmp_path: Path) -> None:
    study = open_study(tmp_path)
    progress = SweepProgress(study, space(), {"x": 0.5}, 4, None)
    assert progress.line() == "sweep: 0 of 4 trials"
    finish(study, 0.43, x=0.5)
    assert progress.line().startswith("sweep: 1 of 4 trials; best so far now: a 0.43 (+0); about ")
    finish(study, 0.4, x=0.25)
    assert "best so far trial 1: a 0.4 (-0.03); about " in progress.line()


def test_the_time_left_is_the_lesser_of_both_limits(tmp_path: Path) -> None:
    study = open_study(tmp_path)
    finish(study, 1.0, x=0.5)  # of an earlier sweep: it says nothing about the pace
    progress = SweepProgress(study, space(), {"x": 0.5}, 5, 1000.0)
    start = progress._start
    assert progress.left(start + 100) == 900
    finish(study, 1.0, x=0.1)
    assert progress.left(start + 100) == 300
    assert progress.left(start + 900) == 100
    assert progress.left(start + 2000) == 0
    unlimited = SweepProgress(study, space(), {"x": 0.5}, None, 60.0)
    assert unlimited.left(unlimited._start + 20) == 40
    assert SweepProgress(study, space(), {"x": 0.5}, 5, None).left() is None


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"), (7200, "2.0 h")]
)
def test_times_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize("terminal", [False, True])
def test_every_trial_is_told_on_a_terminal_and_elsewhere(
    tmp_path: Path, terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = open_study(tmp_path)
    lines: list[str] = []
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    with shown(SweepProgress(study, space(), {"x": 0.5}, 2, None), lines.append) as told:
        finish(study, 0.43, x=0.5)
        told()
    assert len(lines) == 1
    assert lines[0].startswith("sweep: 1 of 2 trials; best so far now")


def test_a_log_with_a_console_of_its_own_is_written_above_the_bar() -> None:
    handler = logging.StreamHandler()
    handler.console = Console(file=sys.__stderr__)  # type: ignore[attr-defined]
    logger = logging.getLogger("a-log-with-a-console")
    logger.addHandler(handler)
    try:
        with sweep_progress._logs_above():
            assert handler.console.file is sys.stderr  # type: ignore[attr-defined]
        assert handler.console.file is sys.__stderr__  # type: ignore[attr-defined]
    finally:
        logger.removeHandler(handler)
