"""Parameters and profiles: every profile is valid, `params.yaml` is `demo`, mistakes are one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.common import profiles
from components.common.errors import UserError
from components.common.params import Params, load_params, read_yaml, validate

ROOT = Path(__file__).parents[3]
PROFILES = ROOT / "profiles"


@pytest.mark.parametrize("name", profiles.names(PROFILES))
def test_every_profile_is_valid(name: str) -> None:
    validate(profiles.resolve(name, PROFILES), name)


def test_the_four_profiles_exist() -> None:
    assert profiles.names(PROFILES) == ["demo", "paper", "single-gpu", "smoke"]


def test_params_file_is_the_demo_profile() -> None:
    assert read_yaml(ROOT / "params.yaml") == read_yaml(PROFILES / "demo.yaml")


def test_demo_names_every_parameter_and_equals_the_defaults() -> None:
    assert read_yaml(PROFILES / "demo.yaml") == Params().model_dump()


def test_apply_writes_only_what_differs_and_keeps_comments(tmp_path: Path) -> None:
    target = tmp_path / "params.yaml"
    target.write_text((ROOT / "params.yaml").read_text())
    profiles.apply("smoke", target, PROFILES)
    assert load_params(target) == validate(profiles.resolve("smoke", PROFILES), "smoke")
    assert "# length of a synthetic clip" in target.read_text()
    profiles.apply("demo", target, PROFILES)
    assert load_params(target) == Params()


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"prepare": {"clps": 3}}, "prepare.clps"),
        ({"train_style_e": {"lr": "0.0312.5"}}, "train_style_e.lr"),
        ({"prepare": {"source": "youtube"}}, "prepare.source"),
        ({"prepare": {"path": " "}}, "prepare.path.*name a folder"),
        ({"prepare": {"path": "~/footage"}}, "prepare.path.*knows no ~"),
        ({"nonsense": {}}, "nonsense"),
    ],
)
def test_mistakes_name_the_key(values: dict[str, Any], word: str) -> None:
    with pytest.raises(UserError, match=word):
        validate(values, "params.yaml")


@pytest.mark.parametrize("text", ["a: [1", "- 1\n- 2\n", ""])
def test_files_that_are_not_mappings(tmp_path: Path, text: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(UserError):
        load_params(path)


def test_unknown_profile(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert profiles.main(["apply", "huge"]) == 2
    assert "smoke" in capsys.readouterr().err
