"""What the page takes for granted: PostgreSQL, an object store, a git server, a proxy, other users of a machine."""

from __future__ import annotations

import base64
import http.client
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import entry_points
from pathlib import Path
from threading import Thread
from typing import Any

import psutil

from tests.chaos.tools import free_port, kill_group, wait_for

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testkey", "AWS_SECRET_ACCESS_KEY": "testsecret", "AWS_DEFAULT_REGION": "us-east-1"}
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
HOP = {"connection", "keep-alive", "transfer-encoding", "host", "authorization", "content-length"}


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's programs, of the newest version that is there."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return programs[-1].parent if programs else None


def why_not() -> str:
    """What this machine lacks to run the page; "" where it can."""
    if postgres_programs() is None:
        return "needs PostgreSQL: apt-get install postgresql"
    if os.getuid() != 0:
        return "needs root, to be other users"
    missing = [tool for tool in ("useradd", "git", "psql") if shutil.which(tool) is None]
    missing += [module for module in ("psycopg2", "dvc_s3", "moto") if importlib.util.find_spec(module) is None]
    if missing:
        return f"needs {', '.join(missing)} (the extra dev-servers)"
    closed = [str(place) for place in packages() if not open_to_all(place)]
    return f"needs packages that other users may read, not in {closed[0]}" if closed else ""


def packages() -> list[Path]:
    """The folders of the packages that are installed here."""
    return [Path(folder) for folder in sys.path if folder.endswith("site-packages")]


def open_to_all(place: Path) -> bool:
    """Whether every user may read it and go there."""
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in (place, *place.parents))


def environment_for_all(folder: Path) -> dict[str, str]:
    """A copy of the interpreter, which may lie in somebody's home, with its packages, for every user to run.

    Returns the variables with which its programs are found, and run.
    """
    base, library = Path(sys.base_prefix), f"lib/python{VERSION}"
    left_out = shutil.ignore_patterns("site-packages", "test", "__pycache__", "idlelib")
    shutil.copytree(base / library, folder / library, ignore=left_out, symlinks=True)
    for shared in (base / "lib").glob("libpython*.so*"):
        shutil.copy(shared, folder / "lib", follow_symlinks=False)
    programs = folder / "bin"
    programs.mkdir()
    shutil.copy(Path(sys.executable).resolve(), programs / f"python{VERSION}")
    for name in ("python", "python3"):
        (programs / name).symlink_to(f"python{VERSION}")
    for kept in (folder / library / "site-packages", folder / library / "dist-packages"):  # the latter is Debian's
        kept.mkdir(exist_ok=True)
        (kept / "running.pth").write_text("".join(f"{place}\n" for place in packages()))
    for entry in entry_points(group="console_scripts"):
        if entry.name in ("dvc", "mlflow", "prefect"):
            run = f"import sys\nfrom {entry.module} import {entry.attr}\nsys.exit({entry.attr}())\n"
            (programs / entry.name).write_text(f"#!{programs}/python\n{run}")
            (programs / entry.name).chmod(0o755)
    return {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "LD_LIBRARY_PATH": str(folder / "lib")}


@contextmanager
def running(*command: str, log: Path, **settings: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A program and its children, in a process group that ends with the block."""
    with log.open("ab") as stream:
        process = subprocess.Popen(
            command,
            stdout=stream,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **settings,
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            kill_group(process.pid)
        process.wait()


def answers(url: str) -> bool:
    """Whether anyone answers there, with whatever words."""
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def up(
    what: str, process: subprocess.Popen[bytes], true: Callable[[], object], log: Path, seconds: float = 120
) -> None:
    """Wait until a server is there; its last words where it is not."""
    wait_for(what, lambda: process.poll() is not None or true(), seconds, 0.3)
    assert process.poll() is None, f"{what} ended:\n{log.read_text()[-3000:]}"


@contextmanager
def postgres(folder: Path) -> Iterator[int]:
    """A cluster of its own, owned by `postgres`; the port. Passwords are asked of everyone but the administrator."""
    programs, account = postgres_programs(), pwd.getpwnam("postgres")
    assert programs is not None
    folder.mkdir()
    os.chown(folder, account.pw_uid, account.pw_gid)
    data, port, log = folder / "data", free_port(), folder / "log"
    who: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": folder}
    auth = ("--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync")
    subprocess.run([programs / "initdb", "-D", data, "-U", "postgres", *auth], check=True, capture_output=True, **who)
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(folder), "fsync": "off"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    server = (str(programs / "postgres"), "-D", str(data), "-p", str(port), *options)
    with running(*server, log=log, **who) as process:
        ready = [str(programs / "pg_isready"), "-q", "-h", str(folder), "-p", str(port)]
        up("PostgreSQL", process, lambda: subprocess.run(ready, check=False).returncode == 0, log)
        yield port


@contextmanager
def object_store(folder: Path, *buckets: str) -> Iterator[str]:
    """An S3 server with empty buckets; its address."""
    port, log = free_port(), folder / "s3.log"
    address = f"http://127.0.0.1:{port}"
    with running(sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port), log=log) as process:
        up("S3", process, lambda: answers(address), log)
        client = bucket_client(address)
        for name in buckets:
            client.create_bucket(Bucket=name)
        yield address


def bucket_client(address: str) -> Any:
    import boto3

    names = ("aws_access_key_id", "aws_secret_access_key", "region_name")
    return boto3.client("s3", endpoint_url=address, **dict(zip(names, CREDENTIALS.values(), strict=True)))


@contextmanager
def git_server(repository: Path, folder: Path) -> Iterator[str]:
    """A copy of the repository's commits behind `git://`; what to clone."""
    served, port, log = folder / "git", free_port(), folder / "git.log"
    subprocess.run(["git", "clone", "-q", "--bare", str(repository), str(served / "style2talker")], check=True)
    command = (
        "git",
        "daemon",
        "--export-all",
        "--reuseaddr",
        "--listen=127.0.0.1",
        f"--port={port}",
        f"--base-path={served}",
    )
    address = f"git://127.0.0.1:{port}/style2talker"
    with running(*command, str(served), log=log) as process:
        look = ["git", "ls-remote", "-q", address]
        up("git", process, lambda: subprocess.run(look, check=False, capture_output=True).returncode == 0, log)
        yield address


@contextmanager
def password_proxy(upstream: int, host: str, user: str, password: str) -> Iterator[str]:
    """A proxy that asks for a password and hands on the name by which the world calls the server; its address."""
    expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.headers.get("authorization") != expected:
                return self.answer(401, [("WWW-Authenticate", "Basic")], b"")
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP} | {"Host": host}
            connection = http.client.HTTPConnection("127.0.0.1", upstream, timeout=120)
            connection.request(self.command, self.path, body, headers)
            reply = connection.getresponse()
            content = reply.read()
            connection.close()
            self.answer(reply.status, [(n, v) for n, v in reply.getheaders() if n.lower() not in HOP], content)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


class User:
    """Another user of this machine, with a home of its own."""

    def __init__(self, name: str, home: Path, environment: Mapping[str, str], umask: int) -> None:
        self.name, self.home, self.umask = name, home, umask
        account = pwd.getpwnam(name)
        self.ids: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "umask": umask}
        self.uid = account.pw_uid
        self.environment = {**environment, "HOME": str(home), "USER": name, "LOGNAME": name}
        self.clone = home / "style2talker"

    def bash(self, script: str, cwd: Path | None = None, timeout: float = 600) -> str:
        """A script that must succeed; what it said."""
        done = subprocess.run(
            ["bash", "-ec", script],
            cwd=cwd or self.home,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            **self.ids,
        )
        assert done.returncode == 0, f"{self.name}: {script}\n-> {done.returncode}\n{done.stdout[-5000:]}"
        return done.stdout

    def start(self, script: str, log: Path, cwd: Path | None = None) -> Any:
        """A script that goes on in the background; a context manager."""
        return running("bash", "-c", script, log=log, cwd=cwd or self.home, env=self.environment, **self.ids)


@contextmanager
def user(name: str, home: Path, environment: Mapping[str, str], umask: int) -> Iterator[User]:
    with ExitStack() as undo:
        subprocess.run(["useradd", "--create-home", "--home-dir", str(home), "--shell", "/bin/bash", name], check=True)
        undo.callback(subprocess.run, ["userdel", "--force", name], check=False, capture_output=True)
        made = User(name, home, environment, umask)
        undo.callback(shutil.rmtree, Path(tempfile.gettempdir()) / f"style2talker-{made.uid}", ignore_errors=True)
        undo.callback(_end_all, made.uid)
        yield made


def _end_all(uid: int) -> None:
    """Kill what a user of ours left: flows have process groups of their own."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.uids().real == uid:
                process.kill()
