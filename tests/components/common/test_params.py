"""Parameters: each is described and checked, and a mistake in a file is one line that names the key."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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


BOMB = "a: &a [1]\n" + "".join(
    f"{b}: &{b} [{', '.join(9 * ['*' + a])}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "content",
    [
        b"runtime: {seed: 0x_}\n",
        b"runtime: {seed: 0o9}\n",
        b"runtime: {seed: 1:99:zz}\n",
        b"\xff\xfe\x00runtime",
        "runtime: {seed: 1}".encode("utf-16"),
        b"runtime: {device: !!binary aGk=}\n",
        b"runtime: {device: !!binary =}\n",
        b"runtime: !!python/object/apply:os.getcwd []\n",
        b"runtime: {seed: 1, seed: 2}\n",
        b"runtime: {seed: 2026-99-99}\n",
        b"runtime: {seed: .nan}\n",
        b"runtime: \x00\n",
        b"[" * 100_000,
        b"a: " + b"{b: " * 100_000,
        "".join(f"{' ' * depth}a:\n" for depth in range(900)).encode(),
        b"# " + b"x" * 2_000_000,
        BOMB.encode(),
        b"runtime: {seed: &a [*a]}\n",
        b"? [a]\n: b\n",
    ],
)
def test_a_hostile_file_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"params\.yaml") as caught:
        load_params(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1000


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_parameters_or_one_line(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "params.yaml")
        path.write_bytes(content)
        with contextlib.suppress(UserError):
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
