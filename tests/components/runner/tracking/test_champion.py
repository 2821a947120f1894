"""The champion by its alias: its registered bytes or one line; from the cache where the registry is away."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from components.common.errors import UserError
from components.runner.tracking import champion as champions
from flows.promotion import verify
from flows.promotion.model_registry import ModelRegistry
from tests.flows.versions import model_folder, register


@pytest.fixture
def promoted(store: Path) -> Path:
    """A store whose champion is of these models; the project's root."""
    for path in verify.MODELS:
        (store / path).mkdir(parents=True)
        (store / path / "weights").write_text(path)
    registry = ModelRegistry.open(store)
    registry.set_champion(register(registry, model_folder(store, store / "logged")), None)
    return store


def found(root: Path) -> Path:
    champion, trouble = champions.find(root, root / "cache")
    assert champion is not None
    assert (champion.version, trouble) == (1, "")
    return champions.fetch(champion, root, root / "cache")


def weights(folder: Path) -> set[str]:
    return {path.read_text() for path in folder.rglob("weights")}


def test_no_registry_no_champion(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert champions.registry_exists(store)
    assert champions.find(store, store / "cache") == (None, "")
    assert not champions.registry_exists(store / "elsewhere")
    monkeypatch.setattr(champions.importlib.util, "find_spec", lambda name: None)
    assert not champions.registry_exists(store)
    with pytest.raises(UserError, match="not installed: pip install"):
        champions.find(store, store / "cache")


def test_registered_bytes_or_nothing(promoted: Path) -> None:
    """A changed file in the cache is fetched anew; one in MLflow is refused."""
    folder = found(promoted)
    assert weights(folder) == set(verify.MODELS)
    assert sorted(path.name for path in folder.iterdir()) == ["regressor", "style_a", "style_e"]
    (folder / "style_e" / "weights").write_text("changed")
    assert weights(found(promoted)) == set(verify.MODELS)
    (logged,) = (promoted / "mlartifacts").rglob("style_e/weights")
    logged.write_text("changed")
    assert weights(found(promoted)) == set(verify.MODELS), "the cache holds it"
    (folder / "style_a" / "weights").unlink()
    with pytest.raises(UserError, match=r"style_e of version 1 in MLflow has not the bytes") as refusal:
        found(promoted)
    assert "\n" not in str(refusal.value)


def test_the_last_answer_counts_where_the_registry_is_away(promoted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = found(promoted)
    shutil.rmtree(promoted / "mlartifacts")
    (promoted / "mlflow.db").write_text("no database")
    champion, trouble = champions.find(promoted, promoted / "cache")
    assert champion is not None
    assert "MLflow" in trouble
    assert champions.fetch(champion, promoted, promoted / "cache") == folder
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")  # another registry never said anything
    with pytest.raises(UserError, match="does not answer"):
        champions.find(promoted, promoted / "cache")


def test_a_version_without_hashes_is_not_used(store: Path) -> None:
    with pytest.raises(UserError, match="carries no hashes"):
        champions.fetch(champions.Champion(3, "models:/m-x", {}), store, store / "cache")
