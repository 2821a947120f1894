"""A copy of the project at smoke size in its own git and DVC repository: what end-to-end and chaos tests work on."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from components.runner.tracking import artifact_home
from components.runner.tracking.mlflow_store import EXPERIMENT

ROOT = Path(__file__).parents[1]
WATCHER = "list_footage"  # the stage that always runs
COPIED = (
    "components",
    "evaluation",
    "flows",
    "profiles",
    "footage/README.md",
    "params.yaml",
    "dvc.yaml",
    "prefect.yaml",
    "prefect.toml",
    "pyproject.toml",
    "constraints.txt",
    ".dvcignore",
    ".gitignore",
)
DATA_OUTS = (
    "data/prepared",
    "data/coefficients",
    "data/heads",
    "data/annotations",
    "models/regressor",
    "models/style_e",
    "models/style_a",
)
FIRST = "first-outcome.json"  # what the cold run did, for tests of it


class Project:
    """Commands, parameters and hashes of one copy."""

    def __init__(self, root: Path) -> None:
        self.root = root
        # The console scripts of the running interpreter, for `python` and `dvc` inside stages.
        self.environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "DVC_NO_ANALYTICS": "1",
            "DO_NOT_TRACK": "true",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "PREFECT_HOME": str(root / ".prefect"),
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        }
        for name in [key for key in self.environment if key.startswith(("MLFLOW_TRACKING", "STYLE2TALKER_"))]:
            del self.environment[name]
        # Without SHELL, as under cron, systemd and CI, DVC takes /bin/sh, which may stay between `dvc` and a stage.
        for name in ("PREFECT_API_URL", "OPTUNA_STORAGE", "SHELL"):
            self.environment.pop(name, None)

    @classmethod
    def make(cls, root: Path) -> Project:
        """A fresh copy of code and parameters, committed, without any data."""
        root.mkdir(parents=True, exist_ok=True)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                (root / name).parent.mkdir(exist_ok=True)
                shutil.copy(source, root / name)
        project = cls(root)
        project.run("git", "init", "-q", "-b", "main")
        project.run("dvc", "init", "-q")
        project.run("dvc", "config", "core.analytics", "false")
        project.run(sys.executable, "-m", "components.runner.profiles", "apply", "smoke")
        project.commit("Start")
        return project

    def commit(self, message: str) -> str:
        """Commit every change; the commit's hash."""
        who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
        self.run("git", "add", "-A")
        self.run("git", *who, "commit", "-q", "--allow-empty", "-m", message)
        return self.run("git", "rev-parse", "HEAD").strip()

    def run(self, *command: str, check: bool = True, env: Mapping[str, str] | None = None, timeout: float = 900) -> str:
        """Run to the end; stdout and stderr together. With `check`, a non-zero code fails the test."""
        done = self.completed(*command, env=env, timeout=timeout)
        assert not check or done.returncode == 0, f"{' '.join(command)} -> {done.returncode}\n{done.stdout[-6000:]}"
        return done.stdout

    def completed(
        self, *command: str, env: Mapping[str, str] | None = None, timeout: float = 900
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end; exit code in `returncode`, stdout and stderr together in `stdout`."""
        return subprocess.run(
            command,
            cwd=self.root,
            env={**self.environment, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )

    def popen(self, *command: str, env: Mapping[str, str] | None = None, log: Path | None = None) -> Any:
        """Start in a process group of its own; output goes to `log` (default: `<root>/process.log`)."""
        with (log or self.root / "process.log").open("ab") as stream:
            return subprocess.Popen(
                command,
                cwd=self.root,
                env={**self.environment, **(env or {})},
                stdout=stream,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def repro(self, *arguments: str) -> tuple[set[str], set[str]]:
        """Run `dvc repro`; the stages that ran, and those restored from the run-cache."""
        return outcome(self.run("dvc", "repro", *arguments))

    def hashes(self) -> dict[str, str]:
        """md5 of every data output and model in `dvc.lock`."""
        lock = YAML(typ="safe").load((self.root / "dvc.lock").read_text())
        outs = [out for stage in lock["stages"].values() for out in stage.get("outs", [])]
        return {out["path"]: out["md5"] for out in outs if out["path"] in DATA_OUTS}

    def get(self, dotted: str) -> Any:
        """A parameter by its dotted name."""
        value = YAML(typ="safe").load((self.root / "params.yaml").read_text())
        for key in dotted.split("."):
            value = value[key]
        return value

    def set(self, dotted: str, value: Any) -> None:
        """Change one parameter in `params.yaml`."""
        yaml = YAML()
        path = self.root / "params.yaml"
        document = yaml.load(path.read_text())
        *sections, last = dotted.split(".")
        section = document
        for key in sections:
            section = section[key]
        assert last in section, f"no parameter {dotted}"
        section[last] = value
        with path.open("w") as stream:
            yaml.dump(document, stream)

    def copy(self, root: Path) -> Project:
        """A private copy with caches, models and runs; MLflow's addresses of artifacts follow at once."""
        shutil.copytree(self.root, root, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        if (root / "mlflow.db").is_file():
            artifact_home.follow(root / "mlflow.db", EXPERIMENT)
        return Project(root)


def outcome(text: str) -> tuple[set[str], set[str]]:
    """From what `dvc repro` printed: the stages that ran, and those restored from the run-cache.

    The list of the footage, which is brought up to date each time, is not counted.
    """
    lines = text.splitlines()
    ran = {line.split("'")[1] for line in lines if line.startswith("Running stage '")} - {WATCHER}
    cached = {line.split("'")[1] for line in lines if "is cached - skipping run" in line}
    return ran, cached


def finished(shared: Path) -> Project:
    """The project after one cold `dvc repro`; made once for all workers of a test run, under a lock."""
    shared.mkdir(parents=True, exist_ok=True)
    root = shared / "finished"
    with (shared / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / FIRST).is_file():
            shutil.rmtree(root, ignore_errors=True)
            project = Project.make(root)
            text = project.run("dvc", "repro")
            ran, cached = outcome(text)
            seconds = {stage: int(count) for stage, count in re.findall(r"^(\w+): done in (\d+) s$", text, re.M)}
            project.commit("Train")
            first = {"ran": sorted(ran), "cached": sorted(cached), "seconds": seconds}
            (root / FIRST).write_text(json.dumps(first))
    return Project(root)
