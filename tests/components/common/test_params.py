"""Parameters: each is described and checked, and a mistake in a file is one line that names the key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from components.common.errors import UserError
from components.common.params import Params, Section, load_params, validate


def fields(section: Section, prefix: str = "") -> Iterator[tuple[str, str | None]]:
    """Dotted name and description of each number below a section."""
    for name, value in section:
        if isinstance(value, Section):
            yield from fields(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", type(section).model_fields[name].description


def test_every_parameter_is_described() -> None:
    descriptions = dict(fields(Params()))
    assert [name for name, description in descriptions.items() if not description] == []
    assert len(descriptions) > 60


def test_every_section_is_described() -> None:
    params = Params()
    sections = [value for _, value in params] + [params.train_style_a.art, params.train_style_a.motion]
    assert all(section.__doc__ and section.__doc__ != Section.__doc__ for section in sections)


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
    with pytest.raises(UserError, match=word) as caught:
        validate(values, "params.yaml")
    assert str(caught.value).startswith("params.yaml: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["a: [1", "- 1\n- 2\n", ""])
def test_files_that_are_not_mappings(tmp_path: Path, text: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(UserError):
        load_params(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"absent\.yaml is missing"):
        load_params(tmp_path / "absent.yaml")


def test_what_a_file_leaves_out_keeps_its_default(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("train_style_a: {art: {steps: 7}}\n")
    params = load_params(path)
    assert params.train_style_a.art.steps == 7
    assert params.train_style_a.motion == Params().train_style_a.motion
    assert params.prepare == Params().prepare


def test_parameters_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Params().runtime.seed = 3  # type: ignore[misc]


def test_frames_are_not_enlarged_to_learn_from() -> None:
    with pytest.raises(UserError, match=r"train_style_a.size is 512, prepare.size 256"):
        validate({"train_style_a": {"size": 512}}, "params.yaml")
    with pytest.raises(UserError, match=r"train_style_a.size is 256, prepare.size 128"):
        validate({"prepare": {"size": 128}}, "params.yaml")
    assert validate({"train_style_a": {"size": 512}, "prepare": {"size": 512}}, "params.yaml").train_style_a.size == 512
