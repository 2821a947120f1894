"""A study in MLflow: one parent run however often it is opened, one run for every trial however it ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from optuna.trial import TrialState

from flows.sweeps.mlflow_trials import MlflowStudy, NullStudyTracker, open_tracker
from tests.flows.sweeps.studies import finish, open_study, space

pytestmark = pytest.mark.filterwarnings("ignore:Heartbeat of storage")


@pytest.fixture
def tracker(store: Path) -> MlflowStudy:
    tracker = open_tracker(store, "mine", space())
    assert isinstance(tracker, MlflowStudy)
    return tracker


def children(tracker: MlflowStudy) -> list[Any]:
    """Runs of trials, oldest first."""
    query = f"tags.`mlflow.parentRunId` = '{tracker.parent}'"
    order = ["attributes.start_time ASC"]
    return list(tracker._client.search_runs([tracker._experiment], query, order_by=order))


def test_a_study_has_one_parent_run(tracker: MlflowStudy, store: Path) -> None:
    again = open_tracker(store, "mine", space())
    other = open_tracker(store, "other", space())
    assert isinstance(again, MlflowStudy)
    assert isinstance(other, MlflowStudy)
    assert tracker.parent == again.parent != other.parent
    run = tracker._client.get_run(tracker.parent)
    assert (run.info.run_name, run.info.status) == ("sweep mine", "RUNNING")
    assert run.data.tags["optuna.objectives"] == "a:minimize"
    assert run.data.params["range.x"] == "{'type': 'float', 'high': 1.0}"


def test_a_training_logs_under_the_study(tracker: MlflowStudy, store: Path) -> None:
    variables = tracker.environment(7)
    assert variables["STYLE2TALKER_PARENT_RUN"] == tracker.parent
    assert variables["STYLE2TALKER_RUN_NAME"] == "trial 7"
    assert variables["STYLE2TALKER_SPOOL"] == str(store / ".mlflow-spool")
    assert variables["MLFLOW_TRACKING_URI"] == f"sqlite:///{store / 'mlflow.db'}"


def test_every_end_of_a_trial_is_told_once(tracker: MlflowStudy, store: Path) -> None:
    study = open_study(store)
    complete = finish(study, 0.25, x=0.5)
    trial = study.ask()
    trial.report(1.0, 3)
    study.tell(trial, state=TrialState.PRUNED)
    trial = study.ask()
    trial.set_user_attr("error", "no disk")
    study.tell(trial, state=TrialState.FAIL)
    own = tracker._client.create_run(  # as the training of trial 0 opens it
        tracker._experiment, tags={"mlflow.parentRunId": tracker.parent, "mlflow.runName": "trial 0"}
    )
    for _ in range(2):
        tracker.end(study.get_trials())
    MlflowStudy(tracker._client, tracker._experiment, "mine", space(), store).end(study.get_trials())

    first, pruned, failed = children(tracker)
    assert first.info.run_id == own.info.run_id
    assert (first.info.status, first.data.metrics) == ("FINISHED", {"objective/a": 0.25})
    assert first.data.params == {"x": str(complete.params["x"])}
    assert (pruned.info.status, pruned.data.tags["mlflow.runName"]) == ("KILLED", "trial 1 (pruned at step 3)")
    assert pruned.data.tags["optuna.pruned_at_step"] == "3"
    assert (failed.info.status, failed.data.tags["error"]) == ("FAILED", "no disk")
    assert failed.data.tags["mlflow.note.content"] == "Trial 2 of sweep **mine**: failed.\n\nno disk"


def test_the_end_of_a_study(tracker: MlflowStudy, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "trials.csv").write_text("trial\n")
    tracker.finish({"trials/complete": 2.0}, "a note", tmp_path / "files", ended_well=False)
    run = tracker._client.get_run(tracker.parent)
    assert (run.info.status, run.data.metrics) == ("FAILED", {"trials/complete": 2.0})
    assert run.data.tags["mlflow.note.content"] == "a note"
    assert [file.path for file in tracker._client.list_artifacts(tracker.parent)] == ["trials.csv"]


def test_trouble_with_mlflow_is_a_warning(
    tracker: MlflowStudy, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = open_study(store)
    finish(study, 0.25)
    tracker._client.delete_run(tracker.parent)
    tracker.finish({"a": 1.0}, "", tmp_path, ended_well=True)
    assert "warning: MLflow did not take it" in capsys.readouterr().err


def test_nothing_is_tracked_where_tracking_is_off(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLE2TALKER_TRACKING", "off")
    tracker = open_tracker(store, "mine", space())
    assert isinstance(tracker, NullStudyTracker)
    assert tracker.environment(0) == {}
    tracker.end([])
    tracker.finish({}, "", store, True)
