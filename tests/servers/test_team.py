"""docs/deployment.md, run: the servers of a team, and two users of another machine as GPU runners."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from components.runner.dvc_lock import DvcLock
from flows.deploy import LEASES, WORKSPACE
from tests.chaos.tools import no_traceback, wait_for
from tests.project import Project
from tests.servers.machines import User, bucket_client, user, why_not
from tests.servers.page import block, filled
from tests.servers.team import RUNNER, SERVER, Team, forgetful_server, founded

# Known before any fixture trains.
pytestmark = [pytest.mark.timeout(1800), pytest.mark.skipif(bool(why_not()), reason=why_not() or "it can")]

NIGHTLY = "retrain/nightly"
# Not run: making an environment takes the network, and CI makes one. Here it is the environment of the test.
ENVIRONMENT = {
    "make env && . .venv/bin/activate": "true",
    "pip install -c constraints.txt -e '.[pipeline,postgres,s3]'": "true",
}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that every user may enter, which pytest's own is not."""
    made = Path(tempfile.mkdtemp(prefix="s2t-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def team(finished_project: Project, folder: Path) -> Iterator[Team]:
    """The team's servers, with the data pushed and the deployments registered."""
    with founded(finished_project, folder) as made:
        script = filled(block(SERVER, 4), {"https://s3.example.org": made.s3})
        # As in a shell of the stack or of a worker. `prefect deploy` would write this folder into the deployments.
        made.run(script, env={"STYLE2TALKER_ROOT": str(made.project.root)})
        yield made


@pytest.fixture(scope="module")
def runners(team: Team) -> Iterator[tuple[User, User]]:
    """Two users with a clone each, made by the page's commands; the environment is the one of this test."""
    values = {"<your repository>": team.git, "https://s3.example.org": team.s3} | ENVIRONMENT
    setup = filled(block(RUNNER, 0), values)
    variables = {**team.environment, **team.client()}
    with ExitStack() as stack:
        made = []
        for name in ("anna", "boris"):
            account = f"s2t-{name}-{secrets.token_hex(3)}"
            one = stack.enter_context(user(account, team.folder / name, variables, 0o022))
            one.bash(setup)
            made.append(one)
        yield made[0], made[1]


def started(process: subprocess.Popen[bytes], log: Path) -> Callable[[], bool]:
    """Whether a worker has started, or ended."""
    return lambda: process.poll() is not None or "started!" in log.read_text()


def files_of(one: User) -> set[int]:
    """Who owns what a training leaves."""
    return {path.lstat().st_uid for path in (one.clone / "models").rglob("*")}


def train_anew(one: User, rate: float) -> None:
    project = Project(one.clone)
    project.set("train_style_e.lr", rate)
    os.chown(one.clone / "params.yaml", one.uid, -1)


@pytest.mark.scenario("docs: Prefect, MLflow and Optuna on PostgreSQL, artifacts and data on S3, passwords in front")
def test_servers_of_a_team(team: Team) -> None:
    tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    for database, table in (("prefect", "flow_run"), ("mlflow", "experiments"), ("optuna", "studies")):
        assert table in {name for (name,) in team.query(database, tables)}
    objects = bucket_client(team.s3).list_objects_v2(Bucket="dvc")
    assert objects["KeyCount"] >= len(DvcLock.read(team.project.root).outs)
    assert not (team.project.root / "optuna.db").exists()
    for deployment in team.ask("/deployments/filter", {}):
        (step,) = deployment["pull_steps"]
        assert [*step.values()] == [{"directory": WORKSPACE}]
    said = team.run("python -m flows.watchdog --dry-run", env={"MLFLOW_TRACKING_PASSWORD": "wrong"}, check=False)
    assert "401" in said
    no_traceback(said)


@pytest.mark.scenario(
    "docs: two users of one machine as GPU runners: one trains by a deployment, one by hand, in turns"
)
def test_two_users_train_at_once(team: Team, runners: tuple[User, User]) -> None:
    anna, boris = runners
    registered = (team.project.root / "dvc.lock").read_bytes()
    worker = filled(block(RUNNER, 1), {})
    named = worker.replace("flows.worker gpu", 'flows.worker gpu --name "$(hostname)-gpu-boris"')
    assert named != worker
    logs = {one: team.folder / f"{one.name}.log" for one in runners}
    for one in runners:
        train_anew(one, 0.0021)
    with anna.start(worker, logs[anna]) as first, boris.start(named, logs[boris]) as second:
        for process, one in ((first, anna), (second, boris)):
            wait_for("a worker", started(process, logs[one]), 120)
            assert process.poll() is None, logs[one].read_text()
        run = team.launch(NIGHTLY, {"promote": True})
        wait_for("a worker takes it", lambda: team.flow_run(run)["labels"].get("prefect.worker.name"), 90, 0.5)
        name = team.flow_run(run)["labels"]["prefect.worker.name"]
        taken, other = (boris, anna) if name == f"{socket.gethostname()}-gpu-boris" else (anna, boris)
        log = team.folder / "by-hand.log"
        with other.start("cd style2talker && dvc repro train_style_e", log) as by_hand:
            team.completed(run, 1200)
            wait_for("the other one ends, too", lambda: by_hand.poll() is not None, 600, 0.5)
        assert by_hand.returncode == 0, log.read_text()[-3000:]
    # Each in their own folder, as themselves; where the deployments were registered nothing has happened.
    assert files_of(taken) == {taken.uid}
    assert files_of(other) == {other.uid}
    assert (team.project.root / "dvc.lock").read_bytes() == registered
    # In turns on the one device, and with the same bytes.
    assert "waiting for cpu" in team.logs(run) + log.read_text()
    hashes = [Project(one.clone).hashes() for one in runners]
    assert hashes[0] == hashes[1]
    assert hashes[0]["models/style_e"] != team.project.hashes()["models/style_e"]
    assert team.query("mlflow", "SELECT alias, version FROM registered_model_aliases") == [("champion", 1)]
    artifacts = bucket_client(team.s3).list_objects_v2(Bucket="mlflow")
    assert any(entry["Key"].endswith("report/index.html") for entry in artifacts["Contents"])


@pytest.mark.scenario("docs: a study of several machines on PostgreSQL")
def test_a_study_on_postgresql(team: Team, runners: tuple[User, User]) -> None:
    counts = []
    for trials, one in enumerate(runners, start=1):  # one after the other: they go on with one study
        said = one.bash(f"cd style2talker && python -m flows.sweep style_e --study shared --trials {trials}")
        no_traceback(said)
        # What the search space asks to be tried first waits in the study.
        asked = "SELECT state, count(*) FROM trials WHERE state <> 'WAITING' GROUP BY state"
        states = dict(team.query("optuna", asked))
        assert set(states) <= {"COMPLETE", "PRUNED"}, said
        counts.append(sum(states.values()))
    assert counts[0] < counts[1]
    assert len(team.query("optuna", "SELECT * FROM studies")) == 1


@pytest.mark.scenario("docs: a server without the project's settings is refused, with the setting to give it")
def test_a_server_that_forgets_leases_is_refused(team: Team) -> None:
    with forgetful_server(team.folder) as api:
        said = team.run(
            "python -m flows.deploy", env={"PREFECT_API_URL": api, "PREFECT_API_AUTH_STRING": ""}, check=False
        )
    assert f"{LEASES}=prefect.server.concurrency.lease_storage.filesystem" in said
    no_traceback(said)
