"""The report is one self-contained page: every metric described, nothing loaded from elsewhere, text escaped."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from evaluation.metrics.registry import METRICS
from evaluation.parts.reenactment import METHODS
from evaluation.report.report import (
    CEILINGS,
    HEADLINES,
    OURS,
    comparison,
    figure,
    headlines,
    plain,
    slice_charts,
    tables,
    write_report,
)
from evaluation.summary.confidence import Interval
from evaluation.summary.results import Results, Sample

EVIL = "<script>alert('x')</script> & \"sad\""


def results() -> Results:
    summary = {name: Interval(0.5, 0.4, 0.6, 8) for name in METRICS}
    slices = {
        "emotion": {e: {"talker/lip_correlation": Interval(v, v, 1.0, 3)} for e, v in (("sad", 0.8), ("happy", 0.9))}
    }
    sample = Sample(
        "a.mp4", "a.jpg", EVIL, "M003, sad", ["true", "made"], {"asked": [0, 0.5, 1], "seen": [0.1, 0.4, 0.9]}
    )
    baselines = {
        "No motion": {"style_a/psnr": Interval(17.0, 16.0, 18.0, 8)},
        "Style-A": {"style_a/psnr": summary["style_a/psnr"]},
    }
    return Results(summary, slices, baselines, [sample], ["Sync was left out: no sound."], {"Footage": "synthetic"})


def test_page(tmp_path: Path) -> None:
    page = write_report(results(), tmp_path)
    html = page.read_text()
    HTMLParser().feed(html)
    assert not re.search(r"https?://|//cdn|@import|<link", html)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    for metric in METRICS.values():
        assert metric.name in html
        assert metric.description.split("'")[0] in html.replace("&#39;", "'")
    assert 'src="a.mp4"' in html
    assert "Sync was left out" in html
    assert "nan" not in html.lower().replace("finance", "")


def test_a_bare_evaluation_renders(tmp_path: Path) -> None:
    html = write_report(Results({}), tmp_path).read_text()
    assert "See and hear" not in html
    assert "<h1>" in html


def test_a_judge_stands_beside_what_it_says_of_the_true_videos() -> None:
    for name, ceiling in CEILINGS.items():
        assert METRICS[name].function is METRICS[ceiling].function
    summary = {name: Interval(0.25, 0.0, 0.6, 8) for name in HEADLINES}
    judged = {
        row.metric.name: row.ceiling
        for row in headlines(summary | {"talker/emotion_accuracy_truth": Interval(1, 1, 1, 8)})
    }
    assert judged["talker/emotion_accuracy"] == "100 %"
    assert judged["talker/lip_correlation"] == ""
    # A headline whose metric has a ceiling of its own in the registry must not stand alone.
    assert all(name in CEILINGS for name in HEADLINES if f"{name}_truth" in METRICS)


def test_controls_have_a_place_of_their_own() -> None:
    look = (Path(write_report.__code__.co_filename).parents[1] / "templates" / "look.css.jinja").read_text()
    heights = re.findall(r"\.strip video \{[^}]*?height: calc\((.*?) \+ (\d+)px\)", look, re.DOTALL)
    assert len(heights) == 2  # wide and narrow
    assert all(int(room) >= 72 for _, room in heights)  # as high as a player's controls
    assert "object-position: top" in look


def test_facts_of_a_run_stand_only_in_a_copy(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    tracked = write_report(results(), tmp_path / "a").read_text()
    copy = write_report(results(), tmp_path / "b", "../a/", {"Run": EVIL}).read_text()
    assert "python -m flows.report" in tracked
    assert "python -m flows.report" not in copy
    assert "&lt;script&gt;" in copy
    assert 'src="../a/a.mp4" poster="../a/a.jpg"' in copy


def test_same_results_same_bytes(tmp_path: Path) -> None:
    first = write_report(results(), tmp_path).read_bytes()
    assert write_report(results(), tmp_path).read_bytes() == first


def test_figures_are_for_people() -> None:
    assert figure(0.876, "share") == "88 %"
    assert figure(4.312, "dB") == "4.31 dB"
    assert figure(0.876, "r") == "0.88"
    assert plain(0.876, "share") == "88"
    assert figure(123.4, "dB") == "123 dB"


def test_parts_come_in_the_registrys_order_and_only_if_measured() -> None:
    summary = {name: Interval(1.0, 0.9, 1.1, 3) for name in ("style_e/closure_rate", "talker/sync_offset")}
    first, second = tables(summary)
    assert [first["title"].split(":")[0], second["title"].split(":")[0]] == ["The whole talker", "Style-E alone"]
    assert [row.metric.name for row in first["rows"]] == ["talker/sync_offset"]


def test_a_slice_of_one_value_is_no_chart() -> None:
    bar = {"talker/lip_correlation": Interval(0.9, 0.8, 1.0, 3)}
    assert slice_charts({"emotion": {"sad": bar}}) == []
    (chart,) = slice_charts({"emotion": {"sad": bar, "happy": bar}})
    assert chart["title"] == "By emotion"
    assert [drawn["metric"].name for drawn in chart["charts"]] == ["talker/lip_correlation"]


def test_a_page_of_saved_results_has_the_order_of_the_first(tmp_path: Path) -> None:
    """Files are sorted by name; the page is not."""
    made = results()
    made.baselines["Mean motion"] = {"style_a/psnr": Interval(18.0, 17.0, 19.0, 8)}
    made.setting.update({"Clips in all": "64", "Another": "fact"})
    made.save(tmp_path)
    pages = []
    for name, each in (("first", made), ("again", Results.load(tmp_path))):
        (tmp_path / name).mkdir()
        pages.append(write_report(each, tmp_path / name).read_text())
    assert pages[0] == pages[1]
    places = [pages[0].index(f"<td>{method}</td>") for method in ("No motion", "Mean motion", OURS)]
    assert places == sorted(places)
    assert OURS in METHODS


def test_methods_without_a_figure_show_a_dash() -> None:
    table = comparison({"No motion": {}, "Style-A": {"style_a/psnr": Interval(23.0, 22.0, 24.0, 8)}})
    assert table is not None
    assert [row["cells"] for row in table["rows"]] == [["–"], ["23.0 dB"]]
    assert comparison({}) is None
