"""The page's copy names run, commit, date, parameters and champion; the tracked one repeats."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.common.layout import Layout
from components.runner import lineage
from components.runner.dvc_lock import DvcLock, LockedStage
from components.runner.tracking.runs import connect
from evaluation.metrics.registry import METRICS
from evaluation.report.report import write_report
from evaluation.summary.confidence import Interval
from evaluation.summary.results import Results, Sample
from flows import report
from flows.promotion.model_registry import ModelVersion

RESULTS = Results(
    {name: Interval(0.25, 0.1, 0.6, 8) for name in METRICS} | {"talker/emotion_accuracy_truth": Interval(1, 1, 1, 8)},
    samples=[Sample("a.mp4", "a.jpg", "sad", "M003, sad", ["true", "made"])],
)


@pytest.fixture
def evaluated(store: Path) -> Path:
    """A project with an evaluation, and the run in MLflow that made it."""
    client, experiment = connect(store)
    tags = {"git.commit": "0123456789abcdef0123", "git.dirty": "true", lineage.TAG: f"{lineage.PREFIX}0123"}
    client.create_run(experiment, start_time=1_700_000_000_000, tags=tags, run_name="lr 0.003")
    (store / "reports").mkdir()
    RESULTS.save(store / "reports")
    write_report(RESULTS, store / "reports")
    (store / "lineage").mkdir()
    lineage.write(Layout(store), "evaluate", tags[lineage.TAG])
    lock = "stages: {train_style_e: {params: {params.yaml: {train_style_e: {lr: 0.003, steps: 7}, runtime.seed: 0}}}}"
    (store / "dvc.lock").write_text(lock)
    return store


def test_the_copy_says_where_its_figures_come_from(evaluated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.read_bytes() for path in (evaluated / "reports").iterdir()}
    assert report.main(["--root", str(evaluated)]) == 0
    html = (evaluated / "out" / "report" / "index.html").read_text()
    client, experiment = connect(evaluated)
    run_id = client.search_runs([experiment])[0].info.run_id
    for fact in (f"lr 0.003 ({run_id})", "0123456789ab with uncommitted changes", "2023-11-14 22:13 UTC", "none"):
        assert fact in html
    assert "train_style_e.lr 0.003 (0.0068)" in html
    assert "runtime.seed" not in html  # at its default
    assert 'src="../../reports/a.mp4"' in html
    printed = capsys.readouterr().out
    assert "25 % of 100 %" in printed  # a judge beside its ceiling
    assert len(printed.splitlines()) < 10
    # What DVC keeps has none of it, and is as it was.
    assert {path.name: path.read_bytes() for path in (evaluated / "reports").iterdir()} == before
    assert run_id not in (evaluated / "reports" / "index.html").read_text()
    assert "flows.report" in (evaluated / "reports" / "index.html").read_text()


def test_without_mlflow_or_git_it_says_so(evaluated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    facts = report.facts(evaluated)
    assert "does not answer" in facts["Champion"]
    assert facts["Commit"] == report.UNKNOWN
    assert report.main(["--root", str(evaluated), "--all"]) == 0


def test_without_an_evaluation_it_is_one_line(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report.main(["--root", str(store)]) == 2
    assert "dvc repro" in capsys.readouterr().err


def test_the_champion_is_told_from_other_models() -> None:
    lock = DvcLock({"train_style_e": LockedStage(outs={"models/style_e": "a.dir"})})
    assert "these very models" in report.name_champion(
        ModelVersion(3, "r", "", {"dvc.md5.models/style_e": "a.dir"}), lock
    )
    assert "other models" in report.name_champion(ModelVersion(3, "r", "", {"dvc.md5.models/style_e": "b.dir"}), lock)
    assert "other models" in report.name_champion(ModelVersion(3, "r", "", {}), lock)


def test_every_figure_has_a_line() -> None:
    assert len(report.lines(RESULTS.summary, everything=True)) == len(METRICS)
    assert report.lines({}, everything=False) == []
