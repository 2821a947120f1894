"""A retraining is named by what is new since the last one."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.common.layout import Layout
from components.common.params import Params, load_params
from components.runner.tracking import runs
from flows import changes
from flows.changes import Sources, words

CODE = {"components/common": "a", "components/style_a": "b"}
BEFORE = Sources({"train_style_e.lr": "0.001", "runtime.seed": "1"}, CODE, 30)


@pytest.mark.parametrize(
    ("params", "code", "footage", "expected"),
    [
        ({"train_style_e.lr": "0.003"}, {}, 30, "train_style_e.lr 0.001 -> 0.003"),
        ({"train_style_e.lr": "0.00312345678901234"}, {}, 30, "train_style_e.lr 0.001 -> 0.003123"),
        ({}, {"components/style_a": "c"}, 30, "code of style_a"),
        ({}, {}, 42, "footage +12 clips"),
        ({}, {}, 29, "footage -1 clip"),
        ({"runtime.seed": "2"}, {"components/common": "x"}, 31, "runtime.seed 1 -> 2, footage +1 clip, code of common"),
        ({}, {}, 30, "nothing new"),
    ],
)  # fmt: skip
def test_names(params: dict[str, str], code: dict[str, str], footage: int, expected: str) -> None:
    now = Sources({**BEFORE.params, **params}, {**CODE, **code}, footage)
    assert words(BEFORE, now) == expected


def test_the_first_and_the_long_one() -> None:
    assert words(None, BEFORE) == "first"
    many = Sources({f"a.{i}": "1" for i in range(5)}, {})
    assert words(many, Sources({f"a.{i}": "2" for i in range(5)}, {})) == "a.0 1 -> 2, a.1 1 -> 2, 3 more parameters"
    code = {f"components/a_long_name_{i}": "x" for i in range(30)}
    assert len(words(Sources({}, dict.fromkeys(code, "y")), Sources({}, code))) <= changes.MOST_LETTERS


def test_a_narrow_column_needs_no_sections() -> None:
    assert changes.brief("train_style_e.lr 0.001 -> 0.003, runtime.seed 1 -> 2") == "lr 0.001 -> 0.003, seed 1 -> 2"
    assert changes.brief("code of style_a") == "code of style_a"


def test_the_last_retraining_is_remembered(store: Path) -> None:
    (store / "params.yaml").write_text("runtime: {seed: 3}\n")
    (store / "dvc.yaml").write_text("stages:\n  prepare: {cmd: none, deps: [code]}\n")
    (store / "code").mkdir()
    assert changes.title(store) == "first"
    with runs.start_run("retrain", load_params(store / "params.yaml"), Layout(store), kind="retrain") as tracker:
        tracker.set_tags({changes.TAG: Sources.read(store).tag()})
    assert changes.title(store) == "nothing new"
    (store / "params.yaml").write_text("runtime: {seed: 4}\n")
    (store / "code" / "new.py").write_text("")
    assert changes.title(store) == "runtime.seed 3 -> 4, code of code"


def test_no_server_no_name_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert changes.title(tmp_path) == changes.UNKNOWN
    assert Params()
