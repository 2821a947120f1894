"""Profiles: each is valid, `params.yaml` is the demo profile byte for byte, and applying one keeps your comments."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from components.common.errors import UserError
from components.common.params import Params, load_params, read_yaml, validate
from components.runner import profiles

ROOT = Path(__file__).parents[3]
PROFILES = ROOT / "profiles"
TRAPS = ("", "null", "true", "on", "1e3", "0x1f", "-", "---", "~", "2026-11-25")  # strings that YAML takes for others
WORDS = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=20)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A copy of the project's `params.yaml`."""
    path = tmp_path / "params.yaml"
    path.write_bytes((ROOT / "params.yaml").read_bytes())
    return path


@pytest.mark.parametrize("name", profiles.names(PROFILES))
def test_every_profile_is_valid(name: str) -> None:
    validate(profiles.resolve(name, PROFILES), name)


def test_the_four_profiles_exist() -> None:
    assert profiles.names(PROFILES) == ["demo", "paper", "single-gpu", "smoke"]


def test_params_file_is_the_demo_profile() -> None:
    written = profiles.render(Params())
    assert (ROOT / "params.yaml").read_text() == written, "run: python -m components.runner.profiles reset"
    assert read_yaml(ROOT / "params.yaml") == profiles.resolve("demo", PROFILES)


def test_profiles_name_only_what_they_change() -> None:
    defaults = Params().model_dump()
    for path in PROFILES.glob("*.yaml"):
        assert profiles.overlay(defaults, read_yaml(path)) != defaults


def test_overlay_changes_neither_argument() -> None:
    base, over = {"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 9}, "e": 4}
    assert profiles.overlay(base, over) == {"a": {"b": 9, "c": 2}, "d": 3, "e": 4}
    assert (base, over) == ({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 9}, "e": 4})


def test_there_and_back_gives_the_same_bytes(target: Path) -> None:
    profiles.apply("smoke", target, PROFILES)
    assert load_params(target) == validate(profiles.resolve("smoke", PROFILES), "smoke")
    assert "# length of a synthetic clip" in target.read_text()
    profiles.apply("demo", target, PROFILES)
    assert target.read_bytes() == (ROOT / "params.yaml").read_bytes()


def test_your_comments_stay_and_your_values_are_named_as_they_go(target: Path) -> None:
    text = target.read_text().replace("  path: footage", "  # on the big disk\n  path: /data/footage")
    target.write_text(text.replace("  source: synthetic", "  source: folder"))
    changes = profiles.apply("smoke", target, PROFILES)
    assert "# on the big disk" in target.read_text()
    assert "prepare.path: /data/footage -> footage" in changes
    assert "prepare.source: folder -> synthetic" in changes
    assert "train_style_a.art.steps: 700 -> 12" in changes
    assert not any(change.startswith("runtime.") for change in changes)
    assert profiles.apply("smoke", target, PROFILES) == []


def test_a_missing_parameter_and_a_missing_file_are_written(tmp_path: Path) -> None:
    target = tmp_path / "params.yaml"
    profiles.apply("paper", target, PROFILES)
    assert load_params(target) == validate(profiles.resolve("paper", PROFILES), "paper")
    target.write_text("prepare: {clips: 3}\n")
    profiles.apply("smoke", target, PROFILES)
    assert load_params(target) == validate(profiles.resolve("smoke", PROFILES), "smoke")


@given(
    st.one_of(WORDS, st.floats(1e-12, 1e12), st.integers(), st.sampled_from(["null", "1e3", "0x1f", "-", "~", "on"]))
)
def test_what_is_written_is_what_is_read(value: str | float) -> None:
    assert YAML(typ="safe").load(f"key: {profiles.yaml_scalar(value)}  # comment") == {"key": value}


def test_mistakes_are_one_line(
    target: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert profiles.main(["apply", "huge", "--params", str(target)]) == 2
    assert "there are: demo, paper, single-gpu, smoke" in capsys.readouterr().err
    target.write_text("prepare: [1")
    assert profiles.main(["apply", "smoke", "--params", str(target)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    (tmp_path / "bad.yaml").write_text("prepare: {clps: 3}\n")
    with pytest.raises(UserError, match=r"bad\.yaml: prepare\.clps"):
        profiles.resolve("bad", tmp_path)


def test_the_command(target: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert profiles.main(["list"]) == 0
    assert capsys.readouterr().out.split() == ["demo", "paper", "single-gpu", "smoke"]
    assert profiles.main(["apply", "smoke", "--params", str(target)]) == 0
    assert "  evaluate.clips: 8 -> 1\n" in capsys.readouterr().out
    target.write_text("# of my own\n" + target.read_text())
    assert profiles.main(["reset", "--params", str(target)]) == 0
    assert target.read_bytes() == (ROOT / "params.yaml").read_bytes()
