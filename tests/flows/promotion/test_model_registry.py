"""Versions and aliases in a real store, and the order in which aliases move."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INTERNAL_ERROR

from components.common.errors import UserError
from flows.promotion.model_registry import CHAMPION, MODEL, PREVIOUS, ModelRegistry, ModelVersion, mlflow_errors


@pytest.fixture
def registry(store: Path) -> ModelRegistry:
    return ModelRegistry.open(store)


def versions(registry: ModelRegistry, count: int) -> list[ModelVersion]:
    run = registry.client.create_run(registry.store.experiment).info
    source = f"{run.artifact_uri}/model"
    return [registry.register(source, run.run_id, {"n": str(i)}, "card " * 2000) for i in range(count)]


def test_versions_keep_their_tags_and_a_card_that_fits(registry: ModelRegistry) -> None:
    first, second = versions(registry, 2)
    assert (first.number, second.number) == (1, 2)
    assert registry.version(CHAMPION) is None
    registry.set_champion(second, None)
    assert registry.version(CHAMPION) == second
    assert len(registry.client.get_model_version(MODEL, "2").description) < 5000


def test_a_store_that_does_not_answer_has_not_said_that_there_is_nothing(
    registry: ModelRegistry, tmp_path: Path
) -> None:
    run = registry.client.create_run(registry.store.experiment).info.run_id
    assert registry.fetch(run, "provenance", tmp_path) is None
    assert registry.fetch(run, "report/evaluation.json", tmp_path) is None

    class Down:
        """A store behind a network that fails."""

        def list_artifacts(self, run_id: str, path: str | None) -> Any:
            raise MlflowException("503", INTERNAL_ERROR)

    down = ModelRegistry(Down(), registry.store.experiment, registry.uri)
    with pytest.raises(UserError, match="failed"), mlflow_errors("http://127.0.0.1:1"):
        down.fetch(run, "provenance", tmp_path)


def test_the_newest_version_of_the_same_models_is_found(registry: ModelRegistry) -> None:
    run = registry.client.create_run(registry.store.experiment).info
    for md5 in ("a", "b", "a"):
        registry.register(f"{run.artifact_uri}/model", run.run_id, {"dvc.md5.models/style_e": md5}, "")
    found = registry.with_models({"models/style_e": "a"})
    assert found is not None
    assert (found.number, found.farewell) == (3, "")
    assert registry.with_models({"models/style_e": "c"}) is None
    registry.set_champion(found, None)
    again = registry.with_models({"models/style_e": "a"})
    assert again is not None
    assert again.farewell == "champion once and is not any more"


def test_a_new_champion_gives_the_old_one_its_name_first(registry: ModelRegistry) -> None:
    first, second = versions(registry, 2)
    registry.set_champion(first, None)

    class PowerCut:
        """The real client, until `champion` is to be moved."""

        def __init__(self, client: Any) -> None:
            self._client = client

        def __getattr__(self, name: str) -> Any:
            return getattr(self._client, name)

        def set_registered_model_alias(self, model: str, alias: str, version: str) -> None:
            if alias == CHAMPION:
                raise KeyboardInterrupt
            self._client.set_registered_model_alias(model, alias, version)

    cut = ModelRegistry(PowerCut(registry.client), registry.store.experiment, registry.uri)
    with pytest.raises(KeyboardInterrupt):
        cut.set_champion(second, first)
    assert registry.version(CHAMPION) == first
    assert registry.version(PREVIOUS) == first
    registry.set_champion(second, first)
    assert (registry.version(CHAMPION), registry.version(PREVIOUS)) == (second, first)


def test_runs_that_are_not_here_are_none(registry: ModelRegistry, tmp_path: Path) -> None:
    assert registry.run("0" * 32) is None
    assert registry.run("spool-unknown") is None
    assert registry.fetch("0" * 32, "report/evaluation.json", tmp_path) is None
    run_id = registry.client.create_run(registry.store.experiment).info.run_id
    assert registry.fetch(run_id, "report/evaluation.json", tmp_path) is None
    assert registry.logged_model(registry.run(run_id)) == ""


def test_a_run_is_found_by_the_name_it_was_spooled_under(registry: ModelRegistry) -> None:
    run = registry.client.create_run(registry.store.experiment, tags={"spool": "spool-abc"})
    assert registry.run("spool-abc").info.run_id == run.info.run_id


def test_off_and_dead_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(UserError, match="does not answer"):
        ModelRegistry.open(tmp_path)
    monkeypatch.setenv("STYLE2TALKER_TRACKING", "off")
    with pytest.raises(UserError, match="tracking is off"):
        ModelRegistry.open(tmp_path)
    with pytest.raises(UserError, match="the aliases were not moved"), mlflow_errors("x"):
        raise mlflow.MlflowException("gone\nfor good")


def test_a_damaged_database_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_TRACKING_URI", "STYLE2TALKER_TRACKING"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "mlflow.db").write_text("this is no database, it only has its name and some bytes" * 50)
    with pytest.raises(UserError, match="does not work"):
        ModelRegistry.open(tmp_path)
