"""Every way in which bytes may differ from `dvc.lock` is found, and named with its remedy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from components.common.errors import UserError
from components.runner.dvc_lock import DvcLock, LockedStage
from flows.execution import dvc
from flows.promotion import verify
from flows.promotion.verify import changed_parameter
from tests.flows.miniature import repro, run


def check_models(root: Path) -> None:
    verify.models(root, DvcLock.read(root), root / ".dvc" / "cache")


def check_sources(root: Path) -> None:
    verify.sources(root, DvcLock.read(root))


def spoil(path: Path) -> None:
    path.chmod(0o644)
    path.write_text(path.read_text() + "!")


def cached(root: Path, path: str) -> Path:
    """The one file of a tracked folder, in the cache."""
    objects = root / ".dvc" / "cache" / "files" / "md5"
    md5 = DvcLock.read(root).outs[path]
    (entry,) = json.loads((objects / md5[:2] / md5[2:]).read_text())
    return objects / entry["md5"][:2] / entry["md5"][2:]


def test_what_dvc_made_holds(miniature: Path) -> None:
    check_models(miniature)
    check_sources(miniature)
    outs = DvcLock.read(miniature).outs
    assert {path: verify.digest(miniature / path) for path in verify.MODELS} == {p: outs[p] for p in verify.MODELS}


def test_byte_code_is_no_change(miniature: Path) -> None:
    (miniature / "code" / "__pycache__").mkdir()
    (miniature / "code" / "__pycache__" / "x.pyc").write_text("x")
    check_sources(miniature)


def test_a_changed_model_or_report(miniature: Path) -> None:
    for path in ("models/style_e/weights", "reports/evaluation.json"):
        before = (miniature / path).read_bytes()
        spoil(miniature / path)
        with pytest.raises(UserError, match=f"hash mismatch: {Path(path).parent} in the workspace .* dvc checkout"):
            check_models(miniature)
        (miniature / path).write_bytes(before)
    check_models(miniature)


def test_a_damaged_or_missing_cache(miniature: Path) -> None:
    stored = cached(miniature, "models/style_a")
    spoil(stored)
    with pytest.raises(UserError, match="hash mismatch: models/style_a/weights in the cache"):
        check_models(miniature)
    stored.unlink()
    with pytest.raises(UserError, match="not in the DVC cache"):
        check_models(miniature)


def test_a_damaged_listing_in_the_cache(miniature: Path) -> None:
    md5 = DvcLock.read(miniature).outs["models/style_a"]
    spoil(miniature / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:])
    with pytest.raises(UserError, match=r"hash mismatch: .*listing"):
        check_models(miniature)


def test_changed_code_and_parameters(miniature: Path) -> None:
    spoil(miniature / "code" / "scale.txt")
    with pytest.raises(UserError, match="code has changed since the models were made"):
        check_sources(miniature)
    (miniature / "code" / "scale.txt").write_text("1")
    (miniature / "params.yaml").write_text("train_style_e: {steps: 4}\nevaluate: {sentences: 4}\n")
    with pytest.raises(UserError, match=r"train_style_e.steps has changed since stage train"):
        check_sources(miniature)


def test_code_that_one_stage_alone_ran_with_is_a_change(tmp_path: Path) -> None:
    """As after `dvc repro -s` of one stage: the other was made by other code, which nobody could restore with it."""
    (tmp_path / "params.yaml").write_text("{}")
    (tmp_path / "code").write_text("new")
    new = LockedStage(deps={"code": verify.digest(tmp_path / "code")})
    verify.sources(tmp_path, DvcLock({"a": new, "b": new}))
    with pytest.raises(UserError, match="code has changed"):
        verify.sources(tmp_path, DvcLock({"a": LockedStage(deps={"code": "old"}), "b": new}))


def test_a_changed_parameter_is_named_with_its_stage() -> None:
    lock = DvcLock({"a": LockedStage(params={"x.y": 1}), "b": LockedStage(params={"x": {"y": 1}})})
    assert changed_parameter(lock, {"x": {"y": 1}}) == ""
    assert changed_parameter(lock, {"x": {"y": 1, "z": 2}}) == "x has changed since stage b ran"
    assert changed_parameter(lock, {}) == "x.y has changed since stage a ran"


def test_footage_is_not_hashed(miniature: Path) -> None:
    """It may be terabytes, and need not be on the machine that promotes or restores."""
    params = miniature / "params.yaml"
    params.write_text(params.read_text() + "prepare: {path: code}\n")
    spoil(miniature / "code" / "scale.txt")
    check_sources(miniature)


def test_a_report_about_other_models(miniature: Path) -> None:
    (miniature / "code" / "scale.txt").write_text("2")
    run(miniature, dvc.executable(), "repro", "-q", "-s", "train")
    with pytest.raises(UserError, match="about other models"):
        check_models(miniature)
    repro(miniature)
    check_models(miniature)


def test_before_the_first_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="run `dvc repro`"):
        check_models(tmp_path)


def test_a_logged_model_of_other_bytes(miniature: Path) -> None:
    hashes = {path: DvcLock.read(miniature).outs[path] for path in verify.MODELS}
    folder = miniature / "logged"
    run(miniature, "mkdir", "logged")
    run(miniature, "cp", "-r", "models", "logged/artifacts")
    verify.logged(folder, hashes, "the model")
    spoil(folder / "artifacts" / "style_e" / "weights")
    with pytest.raises(UserError, match="hash mismatch: models/style_e in the model"):
        verify.logged(folder, hashes, "the model")


def test_another_package_makes_another_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = verify.environment()
    assert verify.environment() == before
    package = tmp_path / "newcomer-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: newcomer\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert verify.environment() != before


@pytest.mark.slow
def test_a_folder_that_is_no_model_does_not_answer(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not load and answer"):
        verify.answers(tmp_path, "this folder")
