"""The way back: the aliases change places; bytes are checked first; nothing to go back to is one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.common.errors import UserError
from flows.promotion import verify
from flows.promotion.model_registry import ANSWERED_ENVIRONMENT, CHAMPION, PREVIOUS, ModelRegistry, ModelVersion
from flows.promotion.rollback import rollback
from tests.flows.versions import model_folder, register, with_models


def proven(registry: ModelRegistry, model: Path) -> ModelVersion:
    """A version that has answered with these bytes in this environment, as promotion leaves it."""
    return register(registry, model, verify.proof(model))


@pytest.fixture
def versions(tracked: Path, registry: ModelRegistry, tmp_path: Path) -> tuple[ModelVersion, ModelVersion]:
    """(previous, champion)."""
    models = [model_folder(tracked, tmp_path / name) for name in ("first", "second")]
    (models[1] / "artifacts" / "style_e" / "weights").write_text("style_e2")
    first, second = (proven(registry, model) for model in models)
    registry.set_champion(first, None)
    registry.set_champion(second, first)
    return first, second


def stored_weights(root: Path, version: ModelVersion) -> Path:
    """A file of the version's logged model, where the store keeps it."""
    model_id = version.source.removeprefix("models:/")
    (path,) = (root / "mlartifacts").rglob(f"{model_id}/artifacts/artifacts/style_e/weights")
    return path


def test_the_aliases_change_places_and_back(
    tracked: Path, registry: ModelRegistry, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    first, second = versions
    lines: list[str] = []
    outcome = rollback(tracked, lines.append)
    assert (outcome.decision, outcome.version, outcome.run_id) == ("rolled back", 1, first.run_id)
    assert outcome.summary == "version 1 is champion again, version 2 is previous"
    assert lines == ["version 1 holds the bytes with which it answered, in this very environment"]
    assert (registry.version(CHAMPION), registry.version(PREVIOUS)) == (first, second)
    assert rollback(tracked, lines.append, again=True).version == 2
    assert (registry.version(CHAMPION), registry.version(PREVIOUS)) == (second, first)


def test_the_reason_and_the_person_stay_with_the_version_that_goes(
    tracked: Path, registry: ModelRegistry, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    rollback(tracked, lambda _: None, reason="lips freeze", by="ana")
    gone = registry.version(PREVIOUS)
    assert gone == versions[1]
    assert (gone.tags["rolled.back.by"], gone.tags["rolled.back.because"]) == ("ana", "lips freeze")
    assert gone.farewell == "rolled back by ana (lips freeze)"
    with pytest.raises(UserError, match=r"version 2 was itself rolled back by ana \(lips freeze\); .* --again"):
        rollback(tracked, lambda _: None)  # asked twice, by mistake
    assert registry.version(CHAMPION) == versions[0]
    rollback(tracked, lambda _: None, again=True)
    came_back, left = registry.version(CHAMPION), registry.version(PREVIOUS)
    assert came_back == versions[1]
    assert not any(tag.startswith("rolled.back.") for tag in came_back.tags)
    assert left is not None
    assert left.tags["rolled.back.because"] == "no reason was given"
    assert left.tags["rolled.back.by"]


def test_a_dry_run_moves_nothing(
    tracked: Path, registry: ModelRegistry, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    outcome = rollback(tracked, lambda _: None, dry_run=True)
    assert outcome.summary.startswith("dry run: version 1 would be champion again")
    assert outcome.version == 2
    assert (registry.version(CHAMPION), registry.version(PREVIOUS)) == versions[::-1]


def test_nothing_to_go_back_to(tracked: Path, registry: ModelRegistry, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no previous champion to go back to"):
        rollback(tracked, lambda _: None)
    only = proven(registry, model_folder(tracked, tmp_path / "model"))
    for previous in (None, only):
        registry.set_champion(only, previous)
        with pytest.raises(UserError, match="there is no previous champion to go back to"):
            rollback(tracked, lambda _: None)
    assert registry.version(CHAMPION) == only


def test_a_damaged_previous_is_refused(
    tracked: Path, registry: ModelRegistry, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    stored_weights(tracked, versions[0]).write_text("style_e7")
    with pytest.raises(UserError, match="hash mismatch: models/style_e in version 1"):
        rollback(tracked, lambda _: None)
    assert registry.version(CHAMPION) == versions[1]


def test_a_version_that_never_answered_here_must_answer_first(
    tracked: Path, registry: ModelRegistry, versions: tuple[ModelVersion, ModelVersion], answering_model: Path,
    tmp_path: Path,
) -> None:  # fmt: skip
    """A champion of another tree of the project, too: it brings the code that it needs."""
    model = with_models(answering_model, tracked, tmp_path / "old house")
    served = model / "serving.py"
    served.write_text("import components.common.old_store\n" + served.read_text())
    (model / "code" / "components" / "common").mkdir(parents=True)
    (model / "code" / "components" / "common" / "old_store.py").write_text("")
    description = model / "MLmodel"
    description.write_text(description.read_text().replace("code: null", "code: code"))
    registry.set_champion(versions[1], register(registry, model, {ANSWERED_ENVIRONMENT: "another machine's"}))
    lines: list[str] = []
    assert rollback(tracked, lines.append).version == 3
    assert lines[-1] == "version 3 holds the bytes it was registered with, loads and answers"
    for number in (2, 3):  # remembered: it need not answer a second time
        assert rollback(tracked, lines.append, again=True).version == number
        assert lines[-1] == f"version {number} holds the bytes with which it answered, in this very environment"


def test_a_version_that_does_not_answer_is_refused(
    tracked: Path, registry: ModelRegistry, versions: tuple[ModelVersion, ModelVersion], tmp_path: Path
) -> None:
    registry.set_champion(versions[1], register(registry, model_folder(tracked, tmp_path / "mute")))
    with pytest.raises(UserError, match="version 3 does not load and answer"):
        rollback(tracked, lambda _: None)
    assert registry.version(CHAMPION) == versions[1]
