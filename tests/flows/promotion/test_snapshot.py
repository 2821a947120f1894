"""What a snapshot keeps is enough to get the very same tree again."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from components.common.artifacts import read_json
from components.common.errors import UserError
from components.runner.dvc_lock import DvcLock, LockedStage
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


def test_without_an_answer_of_git_nothing_is_kept(tmp_path: Path) -> None:
    root = tmp_path / "bare"
    root.mkdir()
    (root / "dvc.lock").write_text("schema: '2.0'\nstages: {}\n")
    with pytest.raises(UserError, match="is no git repository"):
        take(root, tmp_path / "kept")
    assert not (tmp_path / "kept" / snapshot.FACTS).exists()


def restored(root: Path, folder: Path) -> Path:
    """A clone of the repository at `root` with the diff of the snapshot in `folder`."""
    clone = folder.with_name("clone")
    run(folder.parent, "git", "clone", "-q", str(root), str(clone))
    run(clone, "git", "apply", "--binary", "--whitespace=nowarn", str(folder / snapshot.DIFF))
    return clone


def test_a_change_in_the_second_of_the_checkout_is_seen(miniature: Path, tmp_path: Path) -> None:
    """Of the same size, and with the very time that git has noted: only its bytes are other ones."""
    file = miniature / "code" / "scale.txt"
    # All that git can tell such a change by, besides the bytes, is gone: the second, not its fractions, and the size.
    run(miniature, "git", "config", "core.checkStat", "minimal")
    run(miniature, "git", "config", "core.trustctime", "false")
    run(miniature, "git", "update-index", "--refresh")
    noted = file.stat()
    file.write_text("2")
    os.utime(file, ns=(noted.st_atime_ns, noted.st_mtime_ns))
    assert take(miniature, tmp_path / "kept").dirty
    assert (restored(miniature, tmp_path / "kept") / "code" / "scale.txt").read_text() == "2"


def test_so_is_one_in_a_file_that_the_user_has_marked_as_unchanged(miniature: Path, tmp_path: Path) -> None:
    run(miniature, "git", "update-index", "--assume-unchanged", "code/scale.txt")
    run(miniature, "git", "update-index", "--skip-worktree", "make.py")
    (miniature / "code" / "scale.txt").write_text("3")
    (miniature / "make.py").write_text("other")
    assert take(miniature, tmp_path / "kept").dirty
    clone = restored(miniature, tmp_path / "kept")
    assert ((clone / "code" / "scale.txt").read_text(), (clone / "make.py").read_text()) == ("3", "other")


STRANGE = ("ümlaut.txt", "two\nlines", "tab\t", ' "quoted" ', "glob[1]*", ":(top)x", "-n", "ideo\u3000graph")


def test_names_and_line_ends_come_back_as_they_are(miniature: Path, tmp_path: Path) -> None:
    contents = {name: f"{name}\r\nlatin \udce9\n" for name in STRANGE}
    for name, text in contents.items():
        (miniature / "code" / name).write_bytes(os.fsencode(text))
    run(miniature, "git", "config", "diff.noprefix", "true")
    take(miniature, tmp_path / "kept")
    clone = restored(miniature, tmp_path / "kept")
    assert {name: os.fsdecode((clone / "code" / name).read_bytes()) for name in STRANGE} == contents


@pytest.mark.parametrize("name", ["Müllers Aufnahmen", "two\nlines", "-n", "footage[1]"])
def test_an_ignored_footage_folder_of_any_name_stays_out(miniature: Path, tmp_path: Path, name: str) -> None:
    (miniature / ".gitignore").write_text((miniature / ".gitignore").read_text() + "/footage/*\n")
    commit(miniature)
    folder = miniature / "footage" / name
    folder.mkdir(parents=True)
    (folder / "clip.mp4").write_bytes(bytes(100))
    lock = DvcLock.read(miniature)
    train = replace(lock.stages["train"], deps={**lock.stages["train"].deps, f"footage/{name}": "f.dir"})
    assert not snapshot.take(miniature, replace(lock, stages={**lock.stages, "train": train}), tmp_path / "kept").dirty


def test_footage_beyond_the_project_is_none_of_its_files(miniature: Path, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (miniature / "link").symlink_to(tmp_path)
    lock = DvcLock.read(miniature)
    deps = {"../far": "f.dir", "link/far": "f.dir", str(tmp_path / "far"): "f.dir"}
    far = replace(lock, stages={**lock.stages, "prepare": LockedStage(deps=deps)})
    assert snapshot.project_paths(miniature, far) == snapshot.project_paths(miniature, lock)


def test_staged_files_are_wanted_and_the_repository_is_not_written_to(miniature: Path, tmp_path: Path) -> None:
    (miniature / "notes.md").write_text("mine")
    run(miniature, "git", "add", "notes.md")
    (miniature / "code" / "scale.txt").write_text("8")
    inside = {path: path.read_bytes() for path in (miniature / ".git").rglob("*") if path.is_file()}
    take(miniature, tmp_path / "kept")
    assert {path: path.read_bytes() for path in (miniature / ".git").rglob("*") if path.is_file()} == inside
    assert (restored(miniature, tmp_path / "kept") / "notes.md").read_text() == "mine"
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {
        "dvc.lock", "dvc.yaml", "params.yaml", "facts.json", "metrics", snapshot.DIFF,
    }  # fmt: skip


def test_an_origin_beside_the_project_is_named_for_every_place(miniature: Path, tmp_path: Path) -> None:
    run(miniature, "git", "remote", "add", "origin", "../upstream")
    assert take(miniature, tmp_path / "kept").origin == str(tmp_path / "upstream")


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
