"""Bad nights of the whole stack: real servers and workers, real trainings, kill -9 wherever it hurts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.deploy import AUTOMATION
from tests.chaos.clock import Clock
from tests.chaos.stack import Receiver, Stack, engine, log_path
from tests.chaos.tools import STAGE_A, STAGE_E, kill_group, no_traceback, processes, wait_for
from tests.project import Project

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(1800)]

NIGHTLY = "retrain/nightly"
WATCHDOG = "watchdog/every-two-minutes"
TRAIN_ONLY = {"promote": False}  # promotion has bad nights of its own
SHORT_SILENCE = """
from datetime import timedelta
from flows.deploy import make_automation
make_automation(timedelta(seconds={seconds}))
"""


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope="module")
def stack(finished_project: Project, tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Stack]:
    project = finished_project.copy(tmp_path_factory.mktemp("stack") / "project")
    made = Stack(project)
    made.start()
    try:
        project.run(sys.executable, "-m", "flows.notify", "--webhook", receiver.url)
        yield made
    finally:
        made.stop()
    left = processes(project.root)
    assert not left, left


def train_anew(project: Project, steps: int, rate: float) -> None:
    """The next retraining has Style-E to train: `steps` of it, with parameters that were never used before."""
    project.set("train_style_e.steps", steps)
    project.set("train_style_e.checkpoint_every", 20)
    project.set("train_style_e.lr", rate)


@pytest.mark.scenario("`prefect deployment run` of retrain ends COMPLETED, the model is registered, people are told")
def test_a_deployment_run_registers_the_model(stack: Stack, receiver: Receiver) -> None:
    text = stack.project.run("prefect", "deployment", "run", NIGHTLY, "--watch", timeout=900)
    assert "Completed" in text, text[-2000:]
    champion = stack.champion()
    assert champion is not None
    assert champion["status"] == "READY"
    wait_for("a message", lambda: any(s.startswith("retrain completed") for s in receiver.subjects()), 30)
    (message,) = [m for m in receiver.messages if m["subject"].startswith("retrain completed")]
    assert message["body"].startswith("decision: ")


@pytest.mark.scenario("3: cron fires: the watchdog's own schedule, and retraining within two minutes of its time")
def test_cron_fires(stack: Stack) -> None:
    deployment = stack.deployment(NIGHTLY)
    (schedule,) = deployment["schedules"]
    place = f"/deployments/{deployment['id']}/schedules/{schedule['id']}"
    stack.ask(place, {"schedule": {"cron": "* * * * *", "timezone": "UTC"}, "active": True}, "PATCH")

    def of(flow: str, *states: str) -> list[object]:
        wanted = {"state": {"type": {"any_": list(states)}}}
        return [run for run in stack.runs(flows={"name": {"any_": [flow]}}, flow_runs=wanted) if run["auto_scheduled"]]

    try:
        # At most a minute until its time comes, and two from then on.
        wait_for("retraining starts by cron", lambda: of("retrain", "RUNNING", "COMPLETED"), 60 + 120, 1)
    finally:
        stack.ask(place, {"active": False}, "PATCH")
    wait_for("it completes", lambda: of("retrain", "COMPLETED", "FAILED", "CRASHED"), 600, 1)
    assert of("retrain", "COMPLETED")
    wait_for("the watchdog ran by cron", lambda: of("watchdog", "COMPLETED"), 240, 1)
    server = log_path(stack.project, "prefect").read_text()
    assert "InvalidRequestError" not in server
    assert "bulk DML" not in server


@pytest.mark.scenario("8: kill -9 of the flow engine in the middle of a training")
def test_a_killed_engine(stack: Stack, receiver: Receiver) -> None:
    train_anew(stack.project, 4000, 0.0011)
    first = stack.launch(NIGHTLY)
    stack.training_begins(first)
    engine(stack, first).kill()
    wait_for("the training ends with its engine", lambda: not processes(stack.project.root, STAGE_E), 5)
    second = stack.launch(NIGHTLY, parameters=TRAIN_ONLY)
    assert "-9" in str(stack.wait(first, "CRASHED", seconds=30)["message"])
    wait_for("the next run trains", lambda: processes(stack.project.root, STAGE_E), 90)
    wait_for("people are told", lambda: any(s.startswith("retrain crashed") for s in receiver.subjects()), 30)
    wait_for("it resumes", lambda: "resumed from the checkpoint of step" in stack.logs(second), 120, 1)
    stack.cancel(second)


@pytest.mark.scenario("Prefect server killed and restarted in the middle of a training")
def test_a_restarted_server(stack: Stack) -> None:
    train_anew(stack.project, 240, 0.0012)
    run = stack.launch(NIGHTLY, parameters=TRAIN_ONLY)
    stack.training_begins(run)
    stack.kill("prefect")
    assert processes(stack.project.root, STAGE_E)
    stack.start()
    stack.wait(run, "COMPLETED")
    # A lease of the server that died must not hold the GPU's slot for ever.
    wait_for("the slot is free", lambda: stack.slots_taken() == 0, 120, 1)


@pytest.mark.scenario("10: two retrainings and a bare `dvc repro` at once")
def test_three_at_once(stack: Stack, tmp_path: Path) -> None:
    train_anew(stack.project, 60, 0.0013)
    retrain = (sys.executable, "-m", "flows.retrain", "--no-promote")
    logs = [tmp_path / name for name in ("first", "second", "bare")]
    commands = [retrain, retrain, ("dvc", "--wait-for-lock", "repro")]
    started = [stack.project.popen(*what, log=log) for what, log in zip(commands, logs, strict=True)]
    most = 0
    while any(process.poll() is None for process in started):
        trainers = [p for word in (STAGE_E, STAGE_A) for p in processes(stack.project.root, f"-m {word}")]
        # `sh -c` and the stage have the same words; count the stages.
        most = max(most, len([p for p in trainers if "python" in p.name()]))
    texts = [log.read_text() for log in logs]
    assert [process.returncode for process in started[:2]] == [0, 0], texts
    # A bare `dvc repro` that meets a stage at work says which process blocks it.
    assert started[2].returncode == 0 or "is busy" in texts[2], texts[2]
    assert any("waiting for lock" in text for text in texts[:2])
    assert most == 1
    assert stack.project.repro() == (set(), set())


@pytest.mark.scenario("a run that is cancelled, and one over its time limit, leave nothing behind")
def test_over_the_time_limit(stack: Stack) -> None:
    train_anew(stack.project, 4000, 0.0014)
    # The scheduled watchdog would cancel a run that has not come to its training.
    with stack.unscheduled(WATCHDOG):
        run = stack.launch(NIGHTLY, tags=["time-limit:0h"])
        stack.training_begins(run)
        stack.project.run(sys.executable, "-m", "flows.watchdog")
    stack.wait(run, "CANCELLED", seconds=90)
    wait_for("nothing trains", lambda: not processes(stack.project.root, STAGE_E), 30)
    wait_for("the slot is free", lambda: stack.slots_taken() == 0, 120, 1)


@pytest.mark.scenario("clock jump: the watchdog's clock is a day ahead, and it spares the living")
def test_the_watchdog_does_not_trust_the_clock(stack: Stack, tmp_path: Path) -> None:
    clock = Clock(tmp_path)
    train_anew(stack.project, 4000, 0.0015)
    living = stack.project.popen(sys.executable, "-m", "flows.retrain", "--no-promote", log=tmp_path / "log")
    stack.training_begins()
    clock.jump(86_400)
    with stack.unscheduled(WATCHDOG):  # it listens for as long, and would come first
        text = stack.project.run(sys.executable, "-m", "flows.watchdog", env=clock.environment)
        assert "every open run is alive" in text
        assert living.poll() is None
        kill_group(living.pid)
        wait_for("nothing trains", lambda: not processes(stack.project.root, STAGE_E), 5)
        # That was a dead run at last; no worker started it, so only its silence tells.
        text = stack.project.run(sys.executable, "-m", "flows.watchdog", "--dry-run")
        assert "no heartbeat" in text
        assert [run for run in stack.runs(flow_runs={"state": {"type": {"any_": ["RUNNING"]}}}) if run["name"] in text]
        text = stack.project.run(sys.executable, "-m", "flows.watchdog")
        assert "Crashed" in text
    assert not [run for run in stack.runs(flows={"name": {"any_": ["retrain"]}}) if run["state"]["type"] == "RUNNING"]
    assert not stack.mlflow_runs("RUNNING")


@pytest.mark.scenario("9: kill -9 of the workers and the engine")
def test_killed_workers_and_engine(stack: Stack) -> None:
    project = stack.project
    train_anew(project, 4000, 0.0016)
    project.run(sys.executable, "-c", SHORT_SILENCE.format(seconds=60))
    run = stack.launch(NIGHTLY)
    stack.training_begins(run)
    process = engine(stack, run)
    stack.kill("worker-gpu", "worker-cpu")
    process.kill()
    wait_for("nothing trains", lambda: not processes(project.root, STAGE_E), 5)
    assert stack.state(run) == "RUNNING"
    dry = project.run(sys.executable, "-m", "flows.watchdog", "--dry-run")
    assert f"process {process.pid}" in dry
    assert stack.state(run) == "RUNNING"
    # No worker is left to run the watchdog: the server's automation notices by itself.
    assert "No heartbeat for 60 s" in str(stack.wait(run, "CRASHED", seconds=150)["message"])
    text = project.run(sys.executable, "-m", "flows.watchdog")
    assert "KILLED" in text
    assert not stack.mlflow_runs("RUNNING")
    no_traceback(text)
    # `make stack` brings back what is missing, and the automation with its usual patience.
    text = stack.start()
    assert "worker-gpu: started" in text
    assert "prefect: answers" not in text
    again = stack.launch(NIGHTLY)
    stack.training_begins(again)
    stack.cancel(again)
    (automation,) = [a for a in stack.ask("/automations/filter", {}) if a["name"] == AUTOMATION]
    assert automation["trigger"]["within"] == 300


@pytest.mark.scenario("`make stack-stop` in the middle of a training leaves no process")
def test_stopping_in_the_middle(stack: Stack) -> None:
    train_anew(stack.project, 4000, 0.0018)
    run = stack.launch(NIGHTLY)
    stack.training_begins(run)
    assert "worker-gpu" in stack.stop()
    wait_for("no process", lambda: not processes(stack.project.root), 10)
    assert "stopped: nothing was running" in stack.stop()
