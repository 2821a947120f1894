"""Which models a video is made with: never none while there are some, and never other ones without a word."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from components.common.errors import UserError
from components.runner.tracking import champion as champions
from components.talker.model_choice import choose
from components.talker.pipeline import MODEL_FOLDERS
from flows.promotion.model_registry import ModelRegistry
from tests.components.runner.test_dvc_cache import store as put
from tests.flows.versions import model_folder, register

Choose = Callable[..., tuple[Path, list[str]]]


def make_models(root: Path, word: str) -> None:
    for name in MODEL_FOLDERS:
        (root / "models" / name).mkdir(parents=True, exist_ok=True)
        (root / "models" / name / "weights").write_text(f"{word} {name}")


def words(folder: Path) -> set[str]:
    return {path.read_text().split()[0] for path in folder.rglob("weights")}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose last complete models, "old" ones, are in DVC's cache; without a registry."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("STYLE2TALKER_CACHE", str(tmp_path / "user"))
    root = tmp_path / "project"
    make_models(root, "old")
    outs = []
    for name in MODEL_FOLDERS:
        files = {"weights": (root / "models" / name / "weights").read_bytes()}
        outs.append({"path": f"models/{name}", "md5": put(root / ".dvc" / "cache", files)})
    (root / "dvc.lock").write_text(json.dumps({"stages": {"train": {"outs": outs}}}))
    (root / "dvc.yaml").write_text(json.dumps({"stages": {"train": {"outs": [out["path"] for out in outs]}}}))
    return root


@pytest.fixture
def chosen() -> Choose:
    def ask(root: Path, asked: str | None = None) -> tuple[Path, list[str]]:
        said: list[str] = []
        return choose(asked, root, said.append), said

    return ask


def remove(root: Path, name: str) -> None:
    (root / "models" / name / "weights").unlink()
    (root / "models" / name).rmdir()


def test_whole_models_are_taken_as_they_are(project: Path, chosen: Choose) -> None:
    assert chosen(project) == (project / "models", [])
    assert chosen(project, "models") == (project / "models", [])


def test_models_that_dvc_does_not_know_are_said(project: Path, chosen: Choose) -> None:
    """As after `dvc pull` from a remote with a changed listing, which DVC does not verify."""
    (project / "models" / "style_a" / "weights").write_text("changed")
    folder, (line,) = chosen(project)
    assert folder == project / "models"
    assert "style_a has other bytes than dvc.lock says" in line
    (project / "dvc.lock").write_text("stages: [")
    folder, (line,) = chosen(project)
    assert folder == project / "models"
    assert "dvc.lock cannot be read" in line


@pytest.mark.parametrize("asked", [None, "models"])
def test_after_a_failed_training_the_last_complete_ones_are_taken(
    project: Path, chosen: Choose, asked: str | None
) -> None:
    remove(project, "style_e")
    folder, (line,) = chosen(project, asked)
    assert words(folder) == {"old"}
    assert "style_e is missing; taking the last complete models" in line
    (folder / "style_a" / "weights").write_text("damaged")
    assert words(chosen(project, asked)[0]) == {"old"}


def test_what_a_training_is_writing_is_not_read(project: Path, chosen: Choose) -> None:
    """Half of a folder lies there already: DVC's own note of who writes it counts, while that process lives."""
    make_models(project, "half")
    notes = project / ".dvc" / "tmp" / "rwlock"
    notes.parent.mkdir()
    holder = {"pid": os.getpid(), "cmd": "dvc repro"}
    notes.write_text(json.dumps({"write": {str(project / "models" / "style_a"): holder}, "read": {}}))
    folder, (line,) = chosen(project)
    assert words(folder) == {"old"}
    assert "style_a is being trained" in line
    holder["pid"] = 2**22 + 1  # nobody's
    notes.write_text(json.dumps({"write": {str(project / "models" / "style_a"): holder}, "read": {}}))
    assert chosen(project)[0] == project / "models"
    notes.write_text("half a no")
    assert chosen(project)[0] == project / "models"


def test_where_there_is_none_the_advice_is_right(project: Path, chosen: Choose, tmp_path: Path) -> None:
    remove(project, "style_e")
    (project / ".dvc" / "cache").rename(project / "cache_is_away")
    with pytest.raises(UserError, match=r"style_e is missing, and .* not in DVC's cache.*dvc repro.*dvc pull") as first:
        chosen(project)
    (project / "dvc.lock").unlink()
    with pytest.raises(UserError, match=r"style_e is missing; `dvc repro`") as second:
        chosen(project)
    with pytest.raises(UserError, match=r"regressor is missing; --models FOLDER") as third:
        chosen(tmp_path / "nowhere")
    assert not any("\n" in str(refusal.value) for refusal in (first, second, third))


def test_a_damaged_cache_is_not_used(project: Path, chosen: Choose) -> None:
    remove(project, "style_e")
    files = [path for path in (project / ".dvc" / "cache").rglob("*") if path.is_file()]
    (file,) = (path for path in files if path.read_bytes() == b"old style_e")
    file.write_bytes(b"odd style_e")
    with pytest.raises(UserError, match="holds other bytes"):
        chosen(project)


@pytest.fixture
def promoted(store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a registry whose champion has "good" models; those in the folder are "new"."""
    monkeypatch.setenv("STYLE2TALKER_CACHE", str(store / "user"))
    make_models(store, "good")
    registry = ModelRegistry.open(store)
    registry.set_champion(register(registry, model_folder(store, store / "logged")), None)
    make_models(store, "new")
    return store


def test_the_champion_is_the_default_where_there_is_one(promoted: Path, chosen: Choose) -> None:
    folder, (line,) = chosen(promoted)
    assert words(folder) == {"good"}
    assert line == "models: the champion, version 1 (--models models takes those of this folder)"
    assert words(chosen(promoted, "champion")[0]) == {"good"}
    assert chosen(promoted, "models") == (promoted / "models", [])
    registry = ModelRegistry.open(promoted)
    champion = registry.version("champion")
    registry.set_champion(register(registry, model_folder(promoted, promoted / "logged_new")), champion)
    assert words(chosen(promoted)[0]) == {"new"}, "promotion changes what its user gets"
    assert champion is not None
    registry.set_champion(champion, None)
    assert words(chosen(promoted)[0]) == {"good"}, "and so does the way back"


def test_a_champion_that_cannot_be_had_is_said(promoted: Path, chosen: Choose) -> None:
    for logged in (promoted / "mlartifacts").rglob("style_e/weights"):
        logged.write_text("changed")
    folder, (line,) = chosen(promoted)
    assert folder == promoted / "models"
    assert line.startswith("warning: no champion (style_e of version 1 in MLflow has not the bytes")
    with pytest.raises(UserError, match="has not the bytes"):
        chosen(promoted, "champion")


def test_a_registry_without_a_champion(store: Path, chosen: Choose) -> None:
    make_models(store, "new")
    assert chosen(store) == (store / "models", [])
    with pytest.raises(UserError, match=r"no champion yet: promote one.*--models models"):
        chosen(store, "champion")


def test_without_mlflow_models_stay_the_default(
    promoted: Path, chosen: Choose, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(champions.importlib.util, "find_spec", lambda name: None)
    assert chosen(promoted) == (promoted / "models", [])
    with pytest.raises(UserError, match="not installed: pip install"):
        chosen(promoted, "champion")
