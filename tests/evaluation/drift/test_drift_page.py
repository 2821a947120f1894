"""The drift page is self-contained, shows the strongest changes first, and says when there is no drift."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from evaluation.drift.comparison import Change, Drift, compare
from evaluation.drift.drift_page import MOST_ROWS, parts, share_tables, write_drift
from evaluation.drift.figures import Footage

MakeFootage = Callable[..., Footage]


def shifted(given: Footage, name: str, by: float) -> Footage:
    return replace(given, figures={**given.figures, name: given.figures[name] + by})


def test_page(footage: MakeFootage, tmp_path: Path) -> None:
    old, new = footage(0), shifted(footage(1), "sound/pitch", 24.0)
    drift = compare(old, new, 50)
    html = write_drift(drift, old, new, tmp_path).read_text()
    HTMLParser().feed(html)
    assert not re.search(r"https?://|<script|<link|@import", html)
    assert drift.reasons[0] in html
    assert "Drift: the new footage is of another kind" in html
    assert json.loads((tmp_path / "drift.json").read_text())["reasons"] == list(drift.reasons)
    same = write_drift(compare(old, old, 50), old, old, tmp_path / "same").read_text()
    assert "No drift" in same


def change(name: str, strength: float) -> Change:
    return Change(name, strength, 1.0, 0.2, 0.4, (0.1, 0.3), (0.3, 0.5), "words")


def test_the_most_changed_part_comes_first_and_shows_all_that_drifted() -> None:
    motion = [change(f"motion/weight{i}", 0.9 - i / 100) for i in range(MOST_ROWS + 3)]
    sound = [change("sound/pitch", 3.0), change("sound/level", 0.1)]
    drift = Drift(True, (), (*motion, *sound, change("share/emotion", 9.0)), {})
    first, second = parts(drift)
    assert (first["title"], [row["drifted"] for row in first["rows"]]) == ("Sound", [True, False])
    assert (second["title"], len(second["rows"])) == ("Facial motion", MOST_ROWS)
    assert first["rows"][0]["strength"] == "3.0"
    every = Drift(True, (), tuple(change(f"motion/weight{i}", 2.0) for i in range(MOST_ROWS + 3)), {})
    assert len(parts(every)[0]["rows"]) == MOST_ROWS + 3


def test_shares_of_both_sides_are_listed(footage: MakeFootage) -> None:
    new = replace(footage(1), labels={**footage(1).labels, "emotion": ["joy"] * 48})
    emotions, intensities = share_tables(footage(0), new)
    assert emotions["title"] == "Emotions"
    assert {row["word"]: (row["before"], row["now"]) for row in emotions["rows"]} == {
        "joy": ("0%", "100%"), **dict.fromkeys(("angry", "fear", "happy", "sad"), ("25%", "0%")),
    }  # fmt: skip
    assert [row["word"] for row in intensities["rows"]] == ["1", "2", "3"]
