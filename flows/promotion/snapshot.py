"""Everything that a model came from, small enough to keep with it: commit, uncommitted changes, dvc.lock, parameters.

`take` writes it at promotion; `flows.restore` makes a workspace from it again.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.common.artifacts import read_json, write_json
from components.common.errors import UserError, redacted
from components.runner import git
from components.runner.dvc_lock import LEFT_BY_STAGES, DvcLock

FOLDER = "provenance"  # of the run's artifacts
DIFF, FACTS = "uncommitted.diff", "facts.json"
PLAIN = ("dvc.lock", "dvc.yaml", "params.yaml", "constraints.txt", "pyproject.toml")
# Code that no stage depends on is part of the project, too: what frames, watches, compares and promotes.
PROJECT = ("components", "evaluation", "flows", "profiles", *PLAIN, ".dvc/config", ".dvcignore")
MOST_MEGABYTES = 20
# Whatever the user's settings: a diff that `git apply` takes.
DIFF_OPTIONS = (
    "--binary", "--full-index", "--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip


@dataclass(frozen=True)
class Snapshot:
    """Facts of a snapshot.

    commit: "" of versions that were promoted outside git, which is refused now. dirty: there were uncommitted changes,
    kept as a diff. origin: address the repository was cloned from, "" where nothing says so.
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


def uncommitted(root: Path, lock: DvcLock, scratch: Path) -> bytes:
    """A binary diff from HEAD to what lies here, new files of the project among it; b"" where there is none.

    The bytes decide: git works on an index of its own in `scratch`, made from HEAD, in which no file is known by its
    time. A copy of the user's index would miss a change made in the second of the checkout, and files that are marked
    as unchanged. Neither the user's index nor the repository is written to.
    """
    (scratch / "objects").mkdir(parents=True)
    objects = root / os.fsdecode(git.git(root, "rev-parse", "--git-path", "objects").removesuffix(b"\n"))
    environment = {
        "GIT_INDEX_FILE": str((scratch / "index").resolve()),
        "GIT_OBJECT_DIRECTORY": str((scratch / "objects").resolve()),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": json.dumps(str(objects.resolve()), ensure_ascii=False),  # quoted as in C
        "GIT_LITERAL_PATHSPECS": "1",
    }

    def add(paths: Iterable[str], *options: str) -> None:
        if given := git.as_names(paths):
            options = (*options, "--pathspec-from-file=-", "--pathspec-file-nul")
            git.git(root, "add", *options, environment=environment, given=given)

    staged = git.names(git.git(root, "diff", "--cached", "--name-only", "--no-renames", "--relative", "-z", "HEAD"))
    git.git(root, "read-tree", "HEAD", environment=environment)
    git.git(root, "add", "--update", environment=environment)
    add((path for path in staged if os.path.lexists(root / path)), "--force")  # what the user has staged is wanted
    add(_kept_by_git(root, project_paths(root, lock)))
    return git.git(root, "diff", "--cached", *DIFF_OPTIONS, "HEAD", environment=environment)


def project_paths(root: Path, lock: DvcLock) -> list[str]:
    """Everything that stages read and no stage made, the small outputs, and the rest of the project; what is there."""
    outputs = {path for stage in lock.stages.values() for path in stage.outs}
    small = {path for path in outputs if path.split("/")[0] in LEFT_BY_STAGES}
    paths = {*(path for path, _ in lock.sources), *small, *PROJECT}
    return sorted(path for path in paths if _is_inside(root, path))


def _is_inside(root: Path, path: str) -> bool:
    """Whether there is such a path in the project itself, not beyond a link out of it."""
    home, place = root.resolve(), root / path
    return not Path(path).is_absolute() and place.exists() and place.parent.resolve() / place.name == home / path


def _kept_by_git(root: Path, paths: Sequence[str]) -> list[str]:
    """Those of the paths that git does not ignore."""
    ignored = git.ignored(root, paths)
    return [path for path in paths if path not in ignored]


def take(root: Path, lock: DvcLock, folder: Path) -> Snapshot:
    """Write the snapshot into the new folder `folder`.

    lock: as the challenger was checked with. Raises `UserError` when `dvc.lock` has changed since, when the uncommitted
    changes are larger than `MOST_MEGABYTES`, or when git does not say which commit this is: what can never be restored
    is not promoted.
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
    head = git.head(root)
    with tempfile.TemporaryDirectory(prefix="style2talker-") as scratch:
        diff = uncommitted(root, lock, Path(scratch))
    if len(diff) > MOST_MEGABYTES * 1e6:
        raise UserError(f"the uncommitted changes are larger than {MOST_MEGABYTES} MB; commit them, then promote")
    if diff:
        (folder / DIFF).write_bytes(diff)
    snapshot = Snapshot(head, bool(diff), _origin(root))
    write_json(folder / FACTS, snapshot.as_tags())
    return snapshot


def _origin(root: Path) -> str:
    """Where the repository was cloned from, without a password; "" where nothing says so."""
    try:
        address = os.fsdecode(git.git(root, "config", "--null", "--get", "remote.origin.url").removesuffix(b"\0"))
    except git.GitError as error:
        if error.code == 1:  # its answer for "no such setting"
            return ""
        raise
    if "://" not in address and ":" not in address.split("/")[0]:
        return str((root / address).resolve())  # a folder; relative ones are named from here
    return redacted(address)
