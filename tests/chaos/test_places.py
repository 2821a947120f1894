"""Machines as they are: other users, read-only code and homes, proxies, odd temporary folders, odd paths, no git."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.common.errors import disk_trouble
from tests.chaos.mounts import MEGABYTE, Mounts, fill
from tests.chaos.tools import no_traceback
from tests.project import ROOT, Project

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

STAGE = ("dvc", "repro", "-s", "-f", "extract_coefficients")  # a pool, compiled code, temporary files; the shortest
PROXIES = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
ODD = "we?ird #1 100%41 ü it's"


@pytest.fixture
def second_user() -> Iterator[str]:
    """A user who was not here before, with a home that may not be written."""
    name = f"s2t{uuid.uuid4().hex[:8]}"
    if os.getuid() != 0 or shutil.which("useradd") is None or shutil.which("runuser") is None:
        pytest.skip("only root can make a user")
    subprocess.run(["useradd", "--no-create-home", "--home-dir", "/nonexistent", name], check=True)
    try:
        if subprocess.run(["runuser", "-u", name, "--", sys.executable, "-c", "import numpy"]).returncode != 0:
            pytest.skip(f"another user may not run {sys.executable}")
        yield name
    finally:
        subprocess.run(["userdel", name], check=True)


@pytest.mark.scenario("two users of one machine, the first with umask 077, the second without a home")
def test_a_second_user(finished_project: Project, second_user: str) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as base:
        os.chmod(base, 0o755)
        temporary = Path(base, "temporary")
        temporary.mkdir()
        temporary.chmod(0o1777)
        variables = {"STYLE2TALKER_CPU_SLOT": "on", "TMPDIR": str(temporary)}
        first = finished_project.copy(Path(base, "first"))
        train = ("dvc", "repro", "-s", "-f", "train_style_e")
        first.run("sh", "-c", 'umask 077; exec "$@"', "sh", *train, env=variables)
        second = finished_project.copy(Path(base, "second"))
        subprocess.run(["chown", "-R", second_user, str(second.root)], check=True)
        home = {"HOME": "/nonexistent", "USER": second_user, "LOGNAME": second_user}
        del second.environment["PREFECT_HOME"]
        text = second.run("runuser", "-u", second_user, "--", *train, env=variables | home)
        no_traceback(text)
        assert second.hashes() == first.hashes() == finished_project.hashes()
        flow = (sys.executable, "-m", "flows.retrain", "--no-promote")
        no_traceback(second.run("runuser", "-u", second_user, "--", *flow, env=variables | home))


@pytest.mark.scenario("code and home are read-only: what needs neither works")
def test_read_only_code_and_home(project: Project, mounts: Mounts, tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    mounts.read_only(project.root / "components")
    variables = {
        "HOME": "/proc",
        "XDG_CACHE_HOME": "",
        "TMPDIR": str(tmp_path / "t"),
        "NUMBA_CACHE_LOCATOR_CLASSES": "",
    }
    loaded = "import components.style_a.motion.rasterizer as r, components.style_a.art.strokes; print(r.__file__)"
    assert str(project.root) in project.run(sys.executable, "-c", loaded, env=variables)
    no_traceback(project.run(*STAGE, env=variables))


@pytest.mark.scenario("a checkout that is read-only as a whole: one line says so")
def test_a_read_only_checkout(project: Project, mounts: Mounts) -> None:
    mounts.read_only(project.root)
    elsewhere = {"PREFECT_HOME": tempfile.mkdtemp()}
    for command in (("dvc", "repro"), (sys.executable, "-m", "flows.retrain"), (sys.executable, "-m", "flows.setup")):
        done = project.completed(*command, env=elsewhere)
        assert done.returncode != 0
        no_traceback(done.stdout)
        assert any(words in done.stdout for words in ("Read-only file system", "cannot be written")), done.stdout[
            -2000:
        ]
    shutil.rmtree(elsewhere["PREFECT_HOME"])


@pytest.mark.scenario("a temporary folder with a path of 110 letters")
def test_a_long_temporary_folder(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / ("a" * 60) / ("b" * 60)
    folder.mkdir(parents=True)
    before = project.hashes()
    no_traceback(project.run(*STAGE, env={"TMPDIR": str(folder)}))
    assert project.hashes() == before


@pytest.mark.scenario("a temporary folder that is nearly full, or fills up: its name stands in the line")
def test_a_full_temporary_folder(project: Project, mounts: Mounts, tmp_path: Path, monkeypatch) -> None:
    disk = mounts.disk(tmp_path / "tmp", 2 * MEGABYTE)
    for command in (STAGE, (sys.executable, "-m", "flows.retrain"), (sys.executable, "-m", "components.talker.demo")):
        done = project.completed(*command, env={"TMPDIR": str(disk)})
        assert done.returncode != 0
        no_traceback(done.stdout)
        assert f"MB are free in the temporary folder {disk}" in done.stdout
    filler = fill(disk)
    monkeypatch.setattr(tempfile, "tempdir", str(disk))
    assert f"no space left on the disk of {disk}" in str(disk_trouble(ValueError("hash mismatch"), project.root))
    filler.unlink()
    ran, _ = project.repro()  # outputs that DVC had removed come from its cache
    assert ran == set()


@pytest.mark.scenario("a proxy in the environment, and a project in a folder with ?, #, % and a quote in its name")
def test_a_proxy_and_an_odd_path(finished_project: Project, tmp_path: Path) -> None:
    project = finished_project.copy(tmp_path / "base" / ODD)
    for name in ("no_proxy", "NO_PROXY"):
        project.environment.pop(name, None)
    project.set("train_style_e.lr", 0.002)
    text = project.run(sys.executable, "-m", "flows.retrain", "--no-promote", env=PROXIES)
    no_traceback(text)
    assert "Completed" in text
    project.run(sys.executable, "-m", "flows.setup")
    assert [path.name for path in (tmp_path / "base").iterdir()] == [ODD]
    assert (project.root / "optuna.db").is_file()
    # Optuna, MLflow and a trial's workspace, whose config names the cache.
    text = project.run(sys.executable, "-m", "flows.sweep", "style_e", "--trials", "1", env=PROXIES)
    no_traceback(text)
    assert [path.name for path in (tmp_path / "base").iterdir()] == [ODD]


@pytest.mark.scenario("an archive without git: the pipeline runs; promotion says what it needs")
def test_without_git(project: Project) -> None:
    shutil.rmtree(project.root / ".git")
    before = project.hashes()
    told = project.run("make", "-s", "-f", str(ROOT / "Makefile"), "checkout")
    assert "no git repository here" in told
    assert project.run("make", "-s", "-f", str(ROOT / "Makefile"), "checkout") == ""
    no_traceback(project.run(*STAGE))
    assert project.hashes() == before
    done = project.completed(sys.executable, "-m", "flows.promote", "--dry-run")
    no_traceback(done.stdout)


@pytest.mark.scenario("`.venv/bin/dvc repro` in a shell that has not activated the environment")
def test_without_activation(project: Project) -> None:
    path = os.pathsep.join(
        folder for folder in os.environ["PATH"].split(os.pathsep) if folder != str(Path(sys.executable).parent)
    )
    before = project.hashes()
    project.run(str(Path(sys.executable).with_name("dvc")), *STAGE[1:], env={"PATH": path})
    assert project.hashes() == before


@pytest.mark.scenario("an archive as git makes one, and a shallow clone")
@pytest.mark.parametrize("kind", ["archive", "shallow clone"])
def test_other_ways_to_get_the_code(tmp_path: Path, kind: str) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone itself")
    place = tmp_path / "code"
    if kind == "archive":
        place.mkdir()
        archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "x", "-C", str(place)], input=archive, check=True)
    else:
        subprocess.run(["git", "clone", "-q", "--depth", "1", ROOT.as_uri(), str(place)], check=True)
    project = Project(place)
    project.run(sys.executable, "-m", "components.runner.profiles", "apply", "smoke")
    no_traceback(project.run("dvc", "repro", "fit_regressor"))
