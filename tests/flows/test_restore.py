"""From an alias back to code, parameters, data and models, checked byte by byte; what cannot be is one line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from components.common.artifacts import write_json
from components.common.errors import UserError
from components.runner.dvc_lock import DvcLock
from flows import remote, restore
from flows.execution import dvc
from flows.promotion import snapshot, verify
from flows.promotion.model_registry import ModelRegistry, ModelVersion
from tests.flows.miniature import commit, run
from tests.flows.versions import model_folder, register


def promote(root: Path, registry: ModelRegistry, scratch: Path) -> ModelVersion:
    """Register what lies at `root`, with its provenance, as promotion does; and make it the champion."""
    lock = DvcLock.read(root)
    snapshot.take(root, lock, scratch / "provenance")
    tags = {"dvc.lock.md5": lock.md5}
    artifacts = {"provenance": scratch / "provenance"}
    version = register(registry, model_folder(root, scratch / "model"), tags, artifacts)
    registry.set_champion(version, None)
    return version


def restored(root: Path, into: Path, alias: str = "champion", origin: str = "") -> restore.Restoration:
    return restore.restore(root, into, alias, origin, lambda _: None)


def test_commit_and_hashes_are_those_of_the_promotion(tracked: Path, registry: ModelRegistry, tmp_path: Path) -> None:
    """With a change that was never committed, after folders, stages and dependencies have got other names."""
    head = run(tracked, "git", "rev-parse", "HEAD").strip()
    (tracked / "components" / "mine.py").write_text("new, and no stage reads it\n")
    version = promote(tracked, registry, tmp_path)
    lock = DvcLock.read(tracked)
    (tracked / "components" / "mine.py").unlink()
    run(tracked, "git", "mv", "code", "settings")
    pipeline = (tracked / "dvc.yaml").read_text().replace("  train:", "  fit:").replace("code", "settings")
    (tracked / "dvc.yaml").write_text(pipeline)
    run(tracked, "rm", "-rf", "models", "reports", "dvc.lock", "metrics", "make.py", "evaluation")
    commit(tracked)

    into = tmp_path / "deep" / "champion"
    assert restored(tracked, into) == restore.Restoration(1, version.run_id, head, True, len(lock.outs))
    assert run(into, "git", "rev-parse", "HEAD").strip() == head
    assert DvcLock.read(into) == lock
    assert {path: verify.digest(into / path) for path in lock.outs} == lock.outs
    assert (into / "components" / "mine.py").read_text() == "new, and no stage reads it\n"
    assert (into / "code" / "scale.txt").read_text() == "1"


def test_a_version_without_provenance_is_one_line(tracked: Path, registry: ModelRegistry, tmp_path: Path) -> None:
    version = register(registry, model_folder(tracked, tmp_path / "model"))
    registry.set_champion(version, None)
    with pytest.raises(UserError) as caught:
        restored(tracked, tmp_path / "into")
    assert str(caught.value) == f"version 1 has no provenance in its run {version.run_id}"
    assert not (tmp_path / "into").exists()


def test_what_cannot_be_restored_leaves_nothing_behind(tracked: Path, registry: ModelRegistry, tmp_path: Path) -> None:
    into = tmp_path / "into"
    with pytest.raises(UserError, match="the model style2talker has no alias 'previous' at sqlite"):
        restored(tracked, into, alias="previous")
    version = promote(tracked, registry, tmp_path)
    tags = registry.client.get_model_version("style2talker", "1").tags
    registry.set_tags(version, {"dvc.lock.md5": "other"})
    with pytest.raises(UserError, match=r"hash mismatch: the dvc\.lock kept with version 1"):
        restored(tracked, into)
    registry.set_tags(version, {"dvc.lock.md5": tags["dvc.lock.md5"]})
    run(tracked, "rm", "-rf", ".dvc/cache")
    with pytest.raises(UserError, match="neither in the cache nor on a remote"):
        restored(tracked, into)
    assert not into.exists()
    into.mkdir()
    (into / "mine.txt").write_text("")
    with pytest.raises(UserError, match="is not empty"):
        restored(tracked, into)
    assert [path.name for path in into.iterdir()] == ["mine.txt"]


def test_every_byte_is_checked_at_the_end(miniature: Path) -> None:
    lock = DvcLock.read(miniature)
    version = ModelVersion(1, "run", "models:/m-1", {"dvc.md5.models/style_a": lock.outs["models/style_a"]})
    restore.check(miniature, lock, version)
    other = replace(version, tags={"dvc.md5.models/style_a": "other"})
    with pytest.raises(UserError, match=r"hash mismatch: models/style_a of version 1 is other"):
        restore.check(miniature, lock, other)
    (miniature / "code" / "scale.txt").write_text("9")
    with pytest.raises(UserError, match="code has changed"):
        restore.check(miniature, lock, version)
    (miniature / "metrics" / "evaluate.json").write_text("{}")
    with pytest.raises(UserError, match=r"hash mismatch: metrics/evaluate\.json is"):
        restore.check(miniature, lock, version)


def test_a_shallow_clone_takes_the_rest_from_its_origin(tracked: Path, registry: ModelRegistry, tmp_path: Path) -> None:
    """The champion is of a commit that was cut off, and the clone is asked for it."""
    head = run(tracked, "git", "rev-parse", "HEAD").strip()
    promote(tracked, registry, tmp_path)
    (tracked / "later.txt").write_text("")
    commit(tracked)
    upstream = tmp_path / "upstream.git"
    run(tmp_path, "git", "clone", "-q", "--bare", str(tracked), str(upstream))
    run(tracked, "rm", "-rf", ".git")
    run(tmp_path, "git", "clone", "-q", "--no-checkout", "--depth=1", f"file://{upstream}", str(tmp_path / "shallow"))
    run(tmp_path, "mv", str(tmp_path / "shallow" / ".git"), str(tracked / ".git"))
    with pytest.raises(UserError, match=r"name one that has it with --from .* it is a shallow clone: git -C .* --unsh"):
        restored(tracked, tmp_path / "first")
    assert not (tmp_path / "first").exists()
    assert restored(tracked, tmp_path / "into", origin=str(upstream)).commit == head
    run(tracked, "git", "fetch", "-q", "--unshallow")
    assert restored(tracked, tmp_path / "whole").commit == head


def test_the_kept_origin_is_asked_where_the_folder_lacks_the_commit(
    tracked: Path, registry: ModelRegistry, tmp_path: Path
) -> None:
    upstream = tmp_path / "upstream.git"
    run(tmp_path, "git", "clone", "-q", "--bare", str(tracked), str(upstream))
    run(tracked, "git", "remote", "add", "origin", str(upstream))
    head = run(tracked, "git", "rev-parse", "HEAD").strip()
    promote(tracked, registry, tmp_path)
    run(tracked, "mv", ".git", str(tmp_path / "hidden"))  # an archive, or another history
    assert restored(tracked, tmp_path / "into").commit == head


def test_a_commit_that_no_branch_leads_to_is_found(tracked: Path, registry: ModelRegistry, tmp_path: Path) -> None:
    """Promoted from a shallow checkout of one commit, and amended since, as CI and people do."""
    upstream = tmp_path / "upstream.git"
    run(tmp_path, "git", "clone", "-q", "--bare", str(tracked), str(upstream))
    run(tracked, "rm", "-rf", ".git")
    run(tmp_path, "git", "clone", "-q", "--no-checkout", "--depth=1", f"file://{upstream}", str(tmp_path / "shallow"))
    run(tmp_path, "mv", str(tmp_path / "shallow" / ".git"), str(tracked / ".git"))
    run(tracked, "git", "reset", "-q")
    (tracked / "note.txt").write_text("1")
    head = commit(tracked)
    promote(tracked, registry, tmp_path)
    run(tracked, "git", "-c", "user.name=t", "-c", "user.email=t@e.org", "commit", "-q", "--amend", "-m", "Other words")
    assert run(tracked, "git", "rev-parse", "HEAD").strip() != head
    assert restored(tracked, tmp_path / "into").commit == head


def test_what_was_promoted_without_a_commit_cannot_be_restored(
    tracked: Path, registry: ModelRegistry, tmp_path: Path
) -> None:
    """By an older release; now it is refused at promotion."""
    kept = tmp_path / "provenance"
    snapshot.take(tracked, DvcLock.read(tracked), kept)
    write_json(kept / snapshot.FACTS, snapshot.Snapshot("", False, "").as_tags())
    lock = DvcLock.read(tracked)
    model = model_folder(tracked, tmp_path / "model")
    registry.set_champion(register(registry, model, {"dvc.lock.md5": lock.md5}, {"provenance": kept}), None)
    with pytest.raises(UserError, match="its code is unknown"):
        restored(tracked, tmp_path / "into")


@pytest.mark.slow
def test_the_documented_remote_is_asked_where_the_cache_lacks_something(
    tracked: Path, registry: ModelRegistry, tmp_path: Path
) -> None:
    remote.configure(tracked, str(tmp_path / "a place, #1"))
    run(tracked, dvc.executable(), "remote", "add", "--local", "web", "https://example.org/data")
    run(tracked, dvc.executable(), "remote", "modify", "--local", "web", "password", "hush")
    run(tracked, dvc.executable(), "push", "-q")
    promote(tracked, registry, tmp_path)
    lock = DvcLock.read(tracked)
    run(tracked, "rm", "-rf", ".dvc/cache", "models", "reports")
    lines: list[str] = []
    restore.restore(tracked, tmp_path / "into", "champion", "", lines.append)
    assert {path: verify.digest(tmp_path / "into" / path) for path in lock.outs} == lock.outs
    assert any("pulling from the remote" in line for line in lines)
    assert any(line.endswith(": web.password") for line in lines)
    settings = (tmp_path / "into" / ".dvc" / "config.local").read_text()
    assert "hush" not in settings
    assert "in sync" in run(tmp_path / "into", dvc.executable(), "status", "--cloud")


def test_the_command_says_what_lies_there(
    tracked: Path, registry: ModelRegistry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    promote(tracked, registry, tmp_path)
    into = tmp_path / "into"
    assert restore.main(["--root", str(tracked), "--into", str(into), "--alias", "previous"]) == 2
    assert capsys.readouterr().err.startswith("error: the model style2talker has no alias 'previous'")
