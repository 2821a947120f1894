"""What a snapshot keeps is enough to get the very same tree again."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.common.artifacts import read_json
from components.common.errors import UserError
from components.runner.dvc_lock import DvcLock
from flows.promotion import snapshot
from flows.promotion.snapshot import Snapshot
from tests.flows.miniature import commit, run


def take(root: Path, folder: Path) -> Snapshot:
    return snapshot.take(root, DvcLock.read(root), folder)


def test_a_clean_tree_is_its_commit(miniature: Path, tmp_path: Path) -> None:
    head = run(miniature, "git", "rev-parse", "HEAD").strip()
    facts = take(miniature, tmp_path / "kept")
    assert facts == Snapshot(head, False, "") == Snapshot.load(tmp_path / "kept")
    assert read_json(tmp_path / "kept" / "facts.json") == {"commit": head, "dirty": "false", "origin": ""}
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {
        "dvc.lock", "dvc.yaml", "params.yaml", "facts.json", "metrics",
    }  # fmt: skip


def test_uncommitted_changes_come_back(miniature: Path, tmp_path: Path) -> None:
    (miniature / "code" / "scale.txt").write_text("7")
    (miniature / "code" / "new.bin").write_bytes(bytes(range(256)))
    (miniature / "make.py").unlink()
    (miniature / "diary.txt").write_text("not of the project")
    (miniature / "components" / "runner").mkdir()
    (miniature / "components" / "runner" / "new.py").write_text("no stage depends on me\n")
    status = run(miniature, "git", "status", "--porcelain")
    assert take(miniature, tmp_path / "kept").dirty
    assert read_json(tmp_path / "kept" / "facts.json")["dirty"] == "true"
    assert run(miniature, "git", "status", "--porcelain") == status  # the user's index is as it was
    clone = tmp_path / "clone"
    run(tmp_path, "git", "clone", "-q", str(miniature), str(clone))
    run(clone, "git", "apply", "--binary", str(tmp_path / "kept" / snapshot.DIFF))
    assert (clone / "code" / "scale.txt").read_text() == "7"
    assert (clone / "code" / "new.bin").read_bytes() == bytes(range(256))
    assert (clone / "components" / "runner" / "new.py").is_file()
    assert not (clone / "make.py").exists()
    assert not (clone / "diary.txt").exists()


def test_no_git_and_no_commit_are_said(tmp_path: Path) -> None:
    root = tmp_path / "bare"
    root.mkdir()
    (root / "dvc.lock").write_text("schema: '2.0'\nstages: {}\n")
    assert take(root, tmp_path / "kept") == Snapshot("", False, "")


def test_a_password_in_the_origin_is_left_out(miniature: Path, tmp_path: Path) -> None:
    run(miniature, "git", "remote", "add", "origin", "https://me:secret@example.org/x.git")
    assert take(miniature, tmp_path / "kept").origin == "https://example.org/x.git"


def test_too_much_to_keep(miniature: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "MOST_MEGABYTES", 0)
    (miniature / "code" / "scale.txt").write_text("7")
    with pytest.raises(UserError, match="commit them"):
        take(miniature, tmp_path / "kept")
    commit(miniature)
    take(miniature, tmp_path / "again")


def test_a_lock_that_changes_while_it_is_promoted_is_not_kept(miniature: Path, tmp_path: Path) -> None:
    lock = DvcLock.read(miniature)
    path = miniature / "dvc.lock"
    path.write_text(path.read_text() + "\n")
    with pytest.raises(UserError, match="has changed meanwhile"):
        snapshot.take(miniature, lock, tmp_path / "kept")


def test_a_project_is_what_stages_read_and_the_code_around_them(miniature: Path) -> None:
    lock = DvcLock.read(miniature)
    assert snapshot.project_paths(miniature, lock) == [
        ".dvc/config", ".dvcignore", "code", "components", "dvc.lock", "dvc.yaml", "evaluation", "make.py",
        "metrics/evaluate.json", "params.yaml",
    ]  # fmt: skip
