"""Progress shows how far the work is and passes every item on, in order."""

from __future__ import annotations

import sys

import pytest

from components.common import progress
from components.common.progress import track


def test_every_item_passes_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(track("abc", "reading")) == ["a", "b", "c"]
    assert list(track([], "reading")) == []
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("reading: 3 done in ")
    assert second.startswith("reading: 0 done in ")


def test_a_log_tells_how_much_is_left(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LOG_SECONDS", 0.0)
    list(track(range(2), "frames"))
    assert "frames: 1/2, about 0 s left" in capsys.readouterr().err
    list(track(iter(range(2)), "frames"))  # of unknown length
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["frames: 1", "frames: 2"]
    list(track(iter(range(2)), "frames", total=4))
    assert "frames: 2/4, about" in capsys.readouterr().err


def test_items_are_drawn_one_at_a_time() -> None:
    drawn: list[int] = []
    items = (drawn.append(index) or index for index in range(3))
    assert next(track(items, "reading")) == 0
    assert drawn == [0]


def test_a_failure_in_the_middle_comes_through() -> None:
    def broken() -> None:
        for item in track([1, 0], "dividing"):
            1 / item

    with pytest.raises(ZeroDivisionError):
        broken()


def test_two_at_once_share_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert list(zip(track("abc", "first"), track("xyz!", "second"), strict=False)) == [*zip("abc", "xyz", strict=True)]
    list(track("ab", "third"))
    assert list(track("abc", "fourth")) == ["a", "b", "c"]
    for one, other in zip(track("ab", "outer"), track("ab", "inner"), strict=True):
        assert one == other
    assert "inner: 2 done" in capsys.readouterr().err
