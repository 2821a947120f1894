"""A proxy in the environment is for the world, not for this machine's own servers."""

from __future__ import annotations

import http.server
import importlib.util
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.common.machine.loopback import HOSTS, NAMES, exempt_loopback

ROOT = Path(__file__).parents[4]
PROXY = "http://127.0.0.1:9"  # nobody answers
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
ASK = """
import sys, urllib.request
from components.runner.command import run_command
def work():
    import httpx, requests
    url = sys.argv[1]
    answers = urllib.request.urlopen(url, timeout=5).status, requests.get(url, timeout=5).status_code
    print(*answers, httpx.get(url).status_code)
sys.exit(run_command(work))
"""


class Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_every_client_reaches_this_machine_past_a_proxy(port: int, host: str) -> None:
    environment = {**os.environ, **dict.fromkeys(VARIABLES, PROXY)}
    for name in NAMES:
        environment.pop(name, None)
    command = [sys.executable, "-c", ASK, f"http://{host}:{port}/"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "200 200 200\n"), done.stderr[-2000:]


def test_a_socks_proxy_without_its_package_is_one_line() -> None:
    environment = {**os.environ, "ALL_PROXY": "socks5://127.0.0.1:9", "all_proxy": "socks5://127.0.0.1:9"}
    code = ASK.replace("    url = sys.argv[1]", "    httpx.Client(); url = sys.argv[1]")
    command = [sys.executable, "-c", code, "http://localhost:9"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if importlib.util.find_spec("socksio") is None:
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert "pip install 'httpx[socks]'" in done.stderr


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, ",".join(HOSTS)),
        ({"NO_PROXY": "example.org, 10.0.0.1"}, ",".join(("example.org", "10.0.0.1", *HOSTS))),
        ({"no_proxy": "localhost", "NO_PROXY": "b.org"}, "localhost,b.org,127.0.0.1,::1"),
        ({"no_proxy": "*"}, None),
    ],
)
def test_what_is_there_stays(monkeypatch: pytest.MonkeyPatch, before: dict[str, str], after: str | None) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in before.items():
        monkeypatch.setenv(name, value)
    exempt_loopback()
    exempt_loopback()  # again, as in a command that starts a command
    if after is None:
        assert {name: os.environ[name] for name in NAMES if name in os.environ} == before
    else:
        assert [os.environ[name] for name in NAMES] == [after, after]
