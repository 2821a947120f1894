"""Everything that a model came from, small enough to keep with it: commit, uncommitted changes, dvc.lock, parameters.

`take` writes it at promotion; `flows.restore` makes a workspace from it again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.common.artifacts import read_json, write_json
from components.common.errors import UserError, redacted
from components.runner.dvc_lock import DvcLock

FOLDER = "provenance"  # of the run's artifacts
DIFF, FACTS = "uncommitted.diff", "facts.json"
PLAIN = ("dvc.lock", "dvc.yaml", "params.yaml", "constraints.txt", "pyproject.toml")
LEFT_BY_STAGES = ("metrics", "plots")  # small outputs that DVC hashes and does not keep
# Code that no stage depends on is part of the project, too: what frames, watches, compares and promotes.
PROJECT = ("components", "evaluation", "flows", "profiles", *PLAIN, ".dvc/config", ".dvcignore")
MOST_MEGABYTES = 20


@dataclass(frozen=True)
class Snapshot:
    """Facts of a snapshot.

    commit: "" outside git. dirty: there were uncommitted changes, kept as a diff. origin: address the repository was
    cloned from, "" where nothing says so.
    """

    commit: str
    dirty: bool
    origin: str

    def as_tags(self) -> dict[str, str]:
        """As strings, for MLflow's tags and for `facts.json`."""
        return {"commit": self.commit, "dirty": str(self.dirty).lower(), "origin": self.origin}

    @classmethod
    def load(cls, folder: Path) -> Snapshot:
        """Raises `UserError` where `take` has left no facts."""
        facts = read_json(folder / FACTS)
        return cls(str(facts["commit"]), facts["dirty"] == "true", str(facts["origin"]))


def git(root: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """Run git; `UserError` with its last line when it fails."""
    process = subprocess.run(
        ["git", *arguments],
        cwd=root,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )
    if process.returncode != 0:
        last_line = (process.stderr.strip().splitlines() or ["no output"])[-1]
        raise UserError(f"git {arguments[0]} failed in {root}: {last_line}")
    return process.stdout


def commit(root: Path) -> str:
    """The commit of the workspace; "" outside git, or before its first commit."""
    try:
        return git(root, "rev-parse", "HEAD").strip()
    except (UserError, OSError):
        return ""


def uncommitted(root: Path, lock: DvcLock, scratch: Path) -> str:
    """A binary diff from HEAD to what lies here, new files of the project among it; "" where there is none.

    The user's index is not touched: git works on a copy in `scratch`.
    """
    index = root / git(root, "rev-parse", "--git-path", "index").strip()
    index_copy = scratch / "index"
    if index.is_file():
        shutil.copy(index, index_copy)
    environment = {"GIT_INDEX_FILE": str(index_copy.resolve())}
    git(root, "add", "--update", environment=environment)
    git(root, "add", "--", *_kept_by_git(root, project_paths(root, lock)), environment=environment)
    return git(root, "diff", "--cached", "--binary", "--no-color", "--no-ext-diff", "HEAD", environment=environment)


def project_paths(root: Path, lock: DvcLock) -> list[str]:
    """Everything that stages read and no stage made, the small outputs, and the rest of the project; what is there."""
    outputs = {path for stage in lock.stages.values() for path in stage.outs}
    small = {path for path in outputs if path.split("/")[0] in LEFT_BY_STAGES}
    paths = {*(path for path, _ in lock.sources), *small, *PROJECT}
    return sorted(path for path in paths if (root / path).exists() and not Path(path).is_absolute())


def _kept_by_git(root: Path, paths: Sequence[str]) -> list[str]:
    """Those of the paths that git does not ignore."""
    process = subprocess.run(
        ["git", "check-ignore", "--", *paths], cwd=root, capture_output=True, text=True, check=False
    )
    ignored = set(process.stdout.splitlines())
    return [path for path in paths if path not in ignored]


def take(root: Path, lock: DvcLock, folder: Path) -> Snapshot:
    """Write the snapshot into the new folder `folder`.

    lock: as the challenger was checked with. Raises `UserError` when `dvc.lock` has changed since, or when the
    uncommitted changes are larger than `MOST_MEGABYTES`.
    """
    folder.mkdir(parents=True)
    for name in (*PLAIN, *LEFT_BY_STAGES):
        source = root / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        elif source.is_file():
            shutil.copy(source, folder / name)
    if DvcLock.read(folder).md5 != lock.md5:
        raise UserError("dvc.lock has changed meanwhile: another `dvc` is at work; promote again when it ends")
    head = commit(root)
    diff = uncommitted(root, lock, folder) if head else ""
    (folder / "index").unlink(missing_ok=True)
    if len(diff) > MOST_MEGABYTES * 1e6:
        raise UserError(f"the uncommitted changes are larger than {MOST_MEGABYTES} MB; commit them, then promote")
    if diff:
        (folder / DIFF).write_text(diff, encoding="utf-8", errors="surrogateescape")
    snapshot = Snapshot(head, bool(diff), _origin(root) if head else "")
    write_json(folder / FACTS, snapshot.as_tags())
    return snapshot


def _origin(root: Path) -> str:
    """Where the repository was cloned from, without a password; "" where nothing says so."""
    try:
        address = git(root, "remote", "get-url", "origin").strip()
    except UserError:
        return ""
    return redacted(address)
