"""Everything that a model came from, small enough to keep with it: commit, uncommitted changes, dvc.lock, parameters.

`take` writes it at promotion; `flows.restore` makes a workspace from it again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from components.common.artifacts import write_json
from components.common.errors import UserError
from flows.execution import dvc

FOLDER = "provenance"  # of the run's artifacts
DIFF, FACTS = "uncommitted.diff", "facts.json"
PLAIN = ("dvc.lock", "dvc.yaml", "params.yaml", "constraints.txt", "pyproject.toml")
LEFT_BY_STAGES = ("metrics", "plots")  # small outputs that DVC hashes and does not keep
BESIDES = ("flows", "profiles", *PLAIN, ".dvc/config", ".dvcignore")
MOST_MEGABYTES = 20


def git(root: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """Run git; `UserError` with its last line when it fails."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=root,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise UserError(f"git {arguments[0]} failed in {root}: {last}")
    return done.stdout


def commit(root: Path) -> str:
    """The commit of the workspace; "" outside git, or before its first commit."""
    try:
        return git(root, "rev-parse", "HEAD").strip()
    except (UserError, OSError):
        return ""


def uncommitted(root: Path, scratch: Path) -> str:
    """A binary diff from HEAD to what lies here, new files of the project among it; "" where there is none.

    The user's index is not touched: it works on a copy in `scratch`.
    """
    index = Path(git(root, "rev-parse", "--git-path", "index").strip())
    own = scratch / "index"
    if (root / index).is_file():
        shutil.copy(root / index, own)
    environment = {"GIT_INDEX_FILE": str(own.resolve())}
    git(root, "add", "--update", environment=environment)
    git(root, "add", "--", *_code(root), environment=environment)
    return git(root, "diff", "--cached", "--binary", "--no-color", "--no-ext-diff", "HEAD", environment=environment)


def _code(root: Path) -> Sequence[str]:
    """Everything that stages read and no stage made, and the files around it; as far as git does not ignore it."""
    stages = dvc.lock(root)
    made = {out["path"] for entry in stages.values() for out in entry.get("outs", [])}
    given = {dep["path"] for entry in stages.values() for dep in entry.get("deps", [])} - made
    small = {path for path in made if path.split("/")[0] in LEFT_BY_STAGES}
    there = sorted(
        path for path in {*given, *small, *BESIDES} if (root / path).exists() and not Path(path).is_absolute()
    )
    done = subprocess.run(["git", "check-ignore", "--", *there], cwd=root, capture_output=True, text=True, check=False)
    return [path for path in there if path not in set(done.stdout.splitlines())]


def take(root: Path, folder: Path) -> dict[str, str]:
    """Write the snapshot into `folder`; returns its facts: commit, dirty, lock."""
    folder.mkdir(parents=True)
    for name in (*PLAIN, *LEFT_BY_STAGES):
        source = root / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        elif source.is_file():
            shutil.copy(source, folder / name)
    head = commit(root)
    diff = uncommitted(root, folder) if head else ""
    (folder / "index").unlink(missing_ok=True)
    if len(diff) > MOST_MEGABYTES * 1e6:
        raise UserError(f"the uncommitted changes are larger than {MOST_MEGABYTES} MB; commit them, then promote")
    if diff:
        (folder / DIFF).write_text(diff, encoding="utf-8", errors="surrogateescape")
    facts = {"commit": head, "dirty": str(bool(diff)).lower(), "origin": _origin(root) if head else ""}
    write_json(folder / FACTS, facts)
    return facts


def _origin(root: Path) -> str:
    """Where the repository was cloned from, without a password; "" where nothing says so."""
    try:
        address = git(root, "remote", "get-url", "origin").strip()
    except UserError:
        return ""
    scheme, separator, rest = address.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else address
