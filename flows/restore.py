"""From an alias alone, make a workspace with the code, parameters, data and models of that version, and check hashes.

Code comes from git (with the changes that were uncommitted at promotion), data and models from DVC's cache, or from a
remote where the cache lacks them. Nothing in the project itself is touched.

Example: ``python -m flows.restore --alias champion --into ../champion``
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from components.common.errors import UserError
from components.common.params import read_yaml
from components.runner import git
from components.runner.dvc_lock import LEFT_BY_STAGES, DvcLock
from flows.execution import dvc, dvc_settings, workspace
from flows.execution.cli import command, exit_code
from flows.promotion import snapshot, verify
from flows.promotion.model_registry import CHAMPION, LOCK_MD5, MODEL, ModelRegistry, ModelVersion, mlflow_errors
from flows.promotion.snapshot import Snapshot


@dataclass(frozen=True)
class Restoration:
    """What lies in the folder now. outputs: number of DVC outputs whose bytes were checked."""

    version: int
    run_id: str
    commit: str
    dirty: bool
    outputs: int


def restore(root: Path, into: Path, alias: str, origin: str, log: Callable[[str], None]) -> Restoration:
    """Fill the new folder `into`. origin: a repository to clone instead of the one at `root` ("" for that).

    Raises `UserError` when something cannot be restored or a hash differs; the folder is then removed again.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise UserError(f"{into} is not empty; name a folder that does not exist yet")
    registry = ModelRegistry.open(root)
    with mlflow_errors(registry.uri), tempfile.TemporaryDirectory(prefix="style2talker-") as scratch:
        version = registry.version(alias)
        if version is None:
            raise UserError(f"the model {MODEL} has no alias {alias!r} at {registry.uri}")
        provenance = registry.fetch(version.run_id, snapshot.FOLDER, Path(scratch))
        if provenance is None:
            raise UserError(f"version {version.number} has no {snapshot.FOLDER} in its run {version.run_id}")
        try:
            return _fill(root, into, version, provenance, origin, log)
        except BaseException:
            shutil.rmtree(into, ignore_errors=True)
            raise


def _fill(
    root: Path, into: Path, version: ModelVersion, provenance: Path, origin: str, log: Callable[[str], None]
) -> Restoration:
    """provenance: the downloaded snapshot of the version."""
    facts = Snapshot.load(provenance)
    if not facts.commit:
        raise UserError(
            f"version {version.number} was promoted from a folder without a git commit: its code is unknown"
        )
    if (md5 := verify.digest(provenance / "dvc.lock")) != version.tags.get(LOCK_MD5):
        raise UserError(f"hash mismatch: the dvc.lock kept with version {version.number} is {md5}")
    _code(root, into, facts, origin)
    if (provenance / snapshot.DIFF).is_file():
        git.git(into, "apply", "--binary", "--whitespace=nowarn", str((provenance / snapshot.DIFF).resolve()))
    log(f"code: commit {facts.commit[:12]}" + " and the changes that were not committed" * facts.dirty)
    for path in sorted(provenance.iterdir()):
        if path.name in LEFT_BY_STAGES:
            shutil.copytree(path, into / path.name, dirs_exist_ok=True)
        elif path.name in snapshot.PLAIN:
            shutil.copy(path, into / path.name)
    lock = DvcLock.read(into)
    _data(root, into, lock, log)
    check(into, lock, version)
    return Restoration(version.number, version.run_id, facts.commit, facts.dirty, len(lock.outs))


def _code(root: Path, into: Path, facts: Snapshot, origin: str) -> None:
    """Clone a repository that has the commit: this one, or the one it was cloned from when the model was promoted.

    A repository is asked by cloning it: it may have commits that no branch leads to (of a shallow clone, or amended
    since), and it may lack older ones.
    """
    into.parent.mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    for repository in dict.fromkeys([origin] if origin else [str(root), facts.origin]):
        if not repository:
            continue
        shutil.rmtree(into, ignore_errors=True)
        try:
            git.git(into.parent, "clone", "--quiet", "--no-checkout", "--", repository, str(into.resolve()))
            _fetch_if_missing(into, repository, facts.commit)
            git.git(into, "checkout", "--quiet", "--detach", facts.commit)
            return
        except git.GitError as error:
            failures.append(_without_password(f"{repository}: {error}{_shallow(repository)}"))
    reasons = "; ".join(failures)
    raise UserError(f"no repository gave commit {facts.commit[:12]}; name one that has it with --from ({reasons})")


def _fetch_if_missing(into: Path, repository: str, commit: str) -> None:
    """A commit that no branch of the repository leads to is asked for by its name."""
    try:
        git.git(into, "cat-file", "-e", f"{commit}^{{commit}}")
    except git.GitError:
        serve = "git -c uploadpack.allowAnySHA1InWant=true upload-pack"  # what a folder is read with
        git.git(into, "fetch", "--quiet", "--depth=1", f"--upload-pack={serve}", repository, commit)


def _shallow(repository: str) -> str:
    """What may be missing in a folder, in words; "" where it is whole or cannot be asked."""
    try:
        if Path(repository).is_dir() and git.is_shallow(Path(repository)):
            return f"; it is a shallow clone: git -C {repository} fetch --unshallow"
    except git.GitError:
        return ""  # whatever it is, it was just told
    return ""


def _without_password(text: str) -> str:
    return re.sub(r"(?<=://)[^/@\s]*@", "", text)


def _data(root: Path, into: Path, lock: DvcLock, log: Callable[[str], None]) -> None:
    """Data and models: linked or copied from the project's cache, pulled from its remote where that lacks them.

    The remote may be one that only this machine knows (`flows.remote`).
    """
    if not (into / ".dvc").is_dir():
        dvc.run(into, "init", "-q")
    shared = (root / ".dvc").is_dir()
    if shared:
        left_out = dvc_settings.copy_settings(root, into, workspace.cache(root))
        if left_out:
            log(f"secrets of remotes are not kept in {into}: {', '.join(left_out)}")
    # Only what is kept: metrics and plots came with the snapshot.
    paths = [path for path in lock.outs if path.split("/")[0] not in LEFT_BY_STAGES]
    try:
        dvc.run(into, "checkout", "--force", "-q", *paths)
    except UserError:
        log("the cache lacks some of it: pulling from the remote")
        secrets = dvc_settings.with_secrets(root, into, workspace.cache(root)) if shared else nullcontext()
        try:
            with secrets:
                dvc.run(into, "pull", "--force", "-q", *paths)
        except UserError as error:
            raise UserError(f"data of this version are neither in the cache nor on a remote ({error})") from error
    log(f"data: {len(paths)} outputs checked out")


def check(into: Path, lock: DvcLock, version: ModelVersion) -> None:
    """Every output has the md5 of `dvc.lock`, the models that of the version's tags, code and parameters theirs."""
    for path, md5 in lock.outs.items():
        if (restored := verify.digest(into / path)) != md5:
            raise UserError(f"hash mismatch: {path} is {restored}, dvc.lock says {md5}")
    for path, md5 in version.models.items():
        if lock.outs.get(path) != md5:
            raise UserError(f"hash mismatch: {path} of version {version.number} is {md5}, its dvc.lock says otherwise")
    verify.sources(into, lock)


def main(arguments: list[str] | None = None) -> int:
    parser = command("restore", __doc__)
    parser.add_argument("--alias", default=CHAMPION, help="champion (default) or previous")
    parser.add_argument("--into", type=Path, required=True, help="folder to make")
    parser.add_argument("--from", dest="origin", default="", help="repository to clone (default: the project's own)")
    options = parser.parse_args(arguments)

    def work() -> None:
        restored = restore(
            Path(options.root).resolve(),
            options.into.resolve(),
            options.alias,
            options.origin,
            lambda line: print(line, file=sys.stderr),
        )
        print(f"restored version {restored.version} (run {restored.run_id}) into {options.into}")
        print(f"  commit {restored.commit}{' with uncommitted changes' if restored.dirty else ''}")
        print(f"  {restored.outputs} outputs, code and parameters have the hashes of its dvc.lock")
        prepare = read_yaml(options.into / "params.yaml")["prepare"]
        where = f", as long as {prepare['path']} holds the footage of then" if prepare["source"] != "synthetic" else ""
        print(f"next: cd {options.into} && dvc repro    # has nothing to do{where}")
        print("      python -m components.talker.demo --models models")

    return exit_code(work)


if __name__ == "__main__":
    sys.exit(main())
