"""A run's note and its curves."""

from __future__ import annotations

from pathlib import Path

from components.common.layout import Layout
from components.runner.tracking.run_note import MOST_FIGURES, draw, led, log_curves, note


def test_a_lead_stands_first_and_once() -> None:
    body = note("Train it", "finished", {"a": 2.0})
    once = led("kept: equal", body)
    assert once == f"**kept**: equal\n\n{body}"
    assert led("promoted: better", once) == f"**promoted**: better\n\n{body}"


def test_a_note_says_what_first_and_leaves_the_machine_out() -> None:
    text = note("Train it", "finished", {"b": 0.123456, "a": 2.0, "system/cpu": 99.0, "speed/frames": 3.0})
    assert text.splitlines()[0] == "Train it (finished)."
    assert text.splitlines()[2] == "b **0.1235** · a **2**"
    assert "system" not in text
    assert "speed" not in text


def test_a_long_note_says_that_there_is_more() -> None:
    assert "3 more below" in note("x", "finished", {f"f{i}": float(i) for i in range(MOST_FIGURES + 3)})


def test_curves_of_the_stage_are_logged_with_a_drawing(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.plots("train").parent.mkdir()
    layout.plots("train_art").write_text("step,loss,val\n1,2,\n2,1,3\n3,0.5,2\n")
    layout.plots("train").write_text("emotion,score\nsad,1\nhappy,2\n")
    layout.plots("other").write_text("step,loss\n1,2\n2,1\n")
    logged: list[str] = []
    log_curves(lambda path, folder: logged.append(f"{folder}/{path.name}"), layout, "train")
    assert logged == ["plots/train.csv", "plots/train_art.csv", "plots/train_art.png"]


def test_nothing_to_draw(tmp_path: Path) -> None:
    table = tmp_path / "x.csv"
    table.write_text("step,loss\n1,2\n")
    assert not draw(table, tmp_path / "x.png")
    table.write_text("")
    assert not draw(table, tmp_path / "x.png")
