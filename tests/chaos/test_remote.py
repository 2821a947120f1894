"""Data away from home: an S3 server takes and gives everything; `dvc exp` trains beside the workspace and inside it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.runner.dvc_lock import DvcLock
from tests.chaos.tools import no_traceback
from tests.flows.test_remote import clone_and_pull, files_below
from tests.project import Project

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of an S3 server with an empty bucket `footage`."""
    pytest.importorskip("dvc_s3", reason="needs the extra s3")
    pytest.importorskip("moto", reason="needs the extra dev-servers")
    import boto3
    from moto.server import ThreadedMotoServer

    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        address = f"http://{host}:{port}"
        boto3.client("s3", endpoint_url=address).create_bucket(Bucket="footage")
        yield address
    finally:
        server.stop()


def test_s3_gives_back_what_it_took(project: Project, tmp_path: Path, s3: str) -> None:
    place = ("s3://footage/style2talker", "--endpoint", s3)
    project.run(sys.executable, "-m", "flows.remote", *place)
    project.run("dvc", "push", "-q", env=CREDENTIALS)
    clone = clone_and_pull(project, tmp_path / "clone", *place, env=CREDENTIALS)
    assert files_below(clone) == files_below(project)
    assert clone.repro() == (set(), set())
    assert "Cache and remote 'storage' are in sync" in clone.run("dvc", "status", "--cloud", env=CREDENTIALS)


def test_a_remote_that_lost_a_file_is_noticed_and_filled_again(project: Project, tmp_path: Path) -> None:
    storage = tmp_path / "storage"
    project.run(sys.executable, "-m", "flows.remote", str(storage))
    project.run("dvc", "push", "-q")
    video = next(path for path in (project.root / "data" / "prepared" / "clips").iterdir())
    md5 = hashlib.md5(video.read_bytes()).hexdigest()
    lost = storage / "files" / "md5" / md5[:2] / md5[2:]
    lost.unlink()
    clone = Project(tmp_path / "clone")
    project.run("git", "clone", "-q", str(project.root), str(clone.root))
    clone.run(sys.executable, "-m", "flows.remote", str(storage))
    assert clone.completed("dvc", "pull", "-q").returncode != 0
    assert not (clone.root / "data" / "prepared").exists(), "half of the data would look like all of it"
    for listing in storage.rglob("*.dir"):  # without them DVC looks for every file again; see docs/data.md
        listing.unlink()
    project.run("dvc", "push", "-q")
    assert lost.is_file()
    clone.run("dvc", "pull", "-q")
    assert files_below(clone) == files_below(project)


@pytest.mark.scenario("the cache is lost: the champion comes back from git and what `retrain --push` sent away")
def test_a_lost_cache_comes_back_from_the_remote(project: Project, tmp_path: Path) -> None:
    project.run(sys.executable, "-m", "flows.remote", str(tmp_path / "storage"))  # as documented: on this machine only
    text = project.run(sys.executable, "-m", "flows.retrain", "--push")
    no_traceback(text)
    assert "Cache and remote 'storage' are in sync" in project.run("dvc", "status", "--cloud")
    locked = DvcLock.read(project.root).outs
    origin = tmp_path / "origin.git"
    project.run("git", "clone", "-q", "--bare", str(project.root), str(origin))
    shutil.rmtree(project.root / ".dvc" / "cache")
    project.run("rm", "-rf", "models", "data", "reports")

    into = tmp_path / "champion"
    text = project.run(sys.executable, "-m", "flows.restore", "--into", str(into), "--from", str(origin))
    assert "pulling from the remote" in text
    assert DvcLock.read(into).outs == locked
    assert Project(into).run("git", "remote", "get-url", "origin").strip() == str(origin)
    assert Project(into).repro() == (set(), set())


def experiments(project: Project) -> dict[str, dict[str, Any]]:
    """Name -> what `dvc exp show` says of it."""
    shown = json.loads(project.run("dvc", "exp", "show", "--json"))
    found = [tried for baseline in shown for tried in baseline.get("experiments") or []]
    return {entry["name"]: entry["revs"][0]["data"] for entry in found}


def ran(said: str) -> list[str]:
    """The stages that `dvc` says it ran."""
    return re.findall(r"Running stage '(\w+)'", said)


def test_experiments_train_only_what_they_change(project: Project) -> None:
    before = project.hashes()
    lock = (project.root / "dvc.lock").read_text()
    absolute = {
        "MLFLOW_TRACKING_URI": f"sqlite:///{project.root / 'mlflow.db'}",
        "STYLE2TALKER_CHECKPOINTS": str(project.root / ".checkpoints"),
    }
    run = ("dvc", "exp", "run", "train_style_e")
    said = project.run(*run, "--temp", "-n", "beside", "-S", "train_style_e.steps=8", env=absolute)
    assert ran(said) == ["list_footage", "train_style_e"]  # the list is looked at each time
    assert (project.root / "dvc.lock").read_text() == lock
    assert project.hashes() == before
    said = project.run(*run, "-n", "inside", "-S", "train_style_e.steps=12", env=absolute)
    assert ran(said) == ["list_footage", "train_style_e"]
    assert project.get("train_style_e.steps") == 12
    assert {name for name, hash in project.hashes().items() if hash != before[name]} == {"models/style_e"}
    found = experiments(project)
    steps = {name: data["params"]["params.yaml"]["data"]["train_style_e"]["steps"] for name, data in found.items()}
    assert steps == {"beside": 8, "inside": 12}
    project.run("dvc", "exp", "apply", "beside")
    assert project.get("train_style_e.steps") == 8
