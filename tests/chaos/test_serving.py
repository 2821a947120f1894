"""The champion served as `docs/serving.md` says: its commands run, requests overlap, a fresh environment answers."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from components.common.layout import Layout
from components.common.params import Params
from components.runner.dvc_cache import tree_hash
from components.runner.tracking.runs import start_run
from components.talker import example
from components.talker.logged_model import log_talker
from flows.promotion import verify
from flows.promotion.model_registry import MD5, ModelRegistry
from tests.chaos.tools import free_port, no_traceback, wait_for
from tests.project import ROOT

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(1800)]

OVERLAPPING = 200


def blocks(section: str) -> list[str]:
    """The commands below a heading of the page."""
    page = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
    text = re.split(r"^#+ ", page, flags=re.MULTILINE)
    (body,) = (part for part in text if part.startswith(section + "\n"))
    return re.findall(r"^```\n(.*?)^```$", body, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def champion(store: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose toy models are logged, registered and champion; the page's inputs lie in it."""
    shutil.copytree(ROOT / "components", store / "components", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "constraints.txt", store)
    shutil.copytree(models, store / "models")
    for name, target in (("portrait.jpg", "me.jpg"), ("speech.wav", "speech.wav")):
        shutil.copy(example.FOLDER / name, store / target)
    monkeypatch.setenv("STYLE2TALKER_CACHE", str(store / "user"))
    with start_run("evaluate", Params(), Layout(store)) as tracker:
        log_talker(tracker, Layout(store))
    registry = ModelRegistry.open(store)
    run = registry.client.get_run(tracker.run_id)
    hashes = {MD5 + path: tree_hash(store / path) for path in verify.MODELS}
    registry.set_champion(registry.register(registry.logged_model(run), run.info.run_id, hashes, ""), None)
    return store


def environment(root: Path) -> dict[str, str]:
    """What the page's first block sets, with this interpreter's programs first."""
    (setting,) = blocks("Serve the champion")
    printed = subprocess.run(
        ["bash", "-c", f"{setting}\necho $MLFLOW_TRACKING_URI"], cwd=root, capture_output=True, text=True, check=True
    )
    variables = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    path = f"{Path(sys.executable).parent}:{variables['PATH']}"
    return {**variables, "MLFLOW_TRACKING_URI": printed.stdout.strip(), "PATH": path}


def shell(root: Path, commands: str, variables: Mapping[str, str]) -> str:
    process = subprocess.run(
        ["bash", "-euc", commands], cwd=root, env=dict(variables), capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, f"{commands}\n{process.stdout}\n{process.stderr}"
    return process.stdout + process.stderr


@contextmanager
def serving(root: Path, command: str, variables: Mapping[str, str], port: int) -> Iterator[str]:
    """A server as the page starts it; yields where to ask."""
    with (root / "server.log").open("wb") as log:
        server = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=root, env=dict(variables), stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip

    def there() -> bool:
        assert server.poll() is None, (root / "server.log").read_text()
        try:
            return bool(urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=5).status == 200)
        except OSError:
            return False

    try:
        wait_for("the server answers", there, 600)
        yield f"http://127.0.0.1:{port}/invocations"
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def ask(address: str, row: Mapping[str, Any]) -> tuple[int, str]:
    """(HTTP status, hash of the answer or the message)."""
    body = json.dumps({"dataframe_records": [row]}).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=600) as reply:
            return reply.status, hashlib.sha256(reply.read()).hexdigest()
    except urllib.error.HTTPError as error:
        return error.code, str(json.loads(error.read())["message"])


@pytest.mark.scenario("the champion is served as documented, and 200 overlapping requests do not notice each other")
def test_the_page_and_overlapping_requests(champion: Path) -> None:
    variables = environment(champion)
    (generate,) = blocks("A video")
    text = shell(champion, generate, variables)
    assert "models: the champion, version 1" in text
    no_traceback(text)
    assert (champion / "me.mp4").read_bytes()[4:8] == b"ftyp"

    start, request = blocks("A server")
    port = free_port()
    with serving(champion, start.replace("5001", str(port)), variables, port) as address:
        shell(champion, request.replace("5001", str(port)), variables)
        assert (champion / "served.mp4").read_bytes()[4:8] == b"ftyp"

        row = example.request()
        wrong = base64.b64encode(b"no picture").decode()
        rows = [
            row,
            {**row, "emotion": "furious", "seed": 7},
            {**row, "size": 64, "art": row["portrait"]},
            {**row, "portrait": wrong},
        ]
        assert ask(address, {"portrait": wrong}) == (400, "the field 'audio' is missing: a file as base64 text")
        alone = [ask(address, one) for one in rows]
        assert [status for status, _ in alone] == [200, 200, 200, 400]
        assert alone[-1][1].startswith("the field portrait is ")
        assert str(champion) not in alone[-1][1]
        order = [index % len(rows) for index in range(OVERLAPPING * len(rows) // (len(rows) - 1))]
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda index: ask(address, rows[index]), order))
        assert [index for index, answer in zip(order, answers, strict=True) if answer != alone[index]] == []
    no_traceback((champion / "server.log").read_text())


@pytest.mark.scenario("a fresh environment from the registered model's own requirements loads it and answers")
def test_an_environment_of_its_own(champion: Path, tmp_path: Path) -> None:
    variables = environment(champion)
    *_, block = blocks("In an environment of its own")
    *prepare, _serve = block.strip().splitlines()
    if subprocess.run(
        ["bash", "-c", "pip download -q --no-deps -d p packaging"], cwd=champion, env=variables
    ).returncode:
        pytest.skip("no package index can be reached")
    shell(champion, "\n".join(prepare), variables)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    text = shell(elsewhere, f"{champion}/serving/bin/python -P {verify.CHECKER} {champion}/champion", variables)
    assert "1 answer" in text
    listed = shell(champion, "serving/bin/pip list --format freeze", variables)
    assert "torch==" in listed
    assert not re.search(r"^(pytest|mypy|dvc|prefect|tensorflow|style2talker)==", listed, re.MULTILINE)
