"""File formats between stages: what is written is what is read, in the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.common.arkit import COEFFICIENTS, LANDMARKS
from components.common.artifacts import (
    QUARANTINE_COLUMNS,
    ClipCoefficients,
    ClipTruth,
    Phoneme,
    atomic,
    load_arrays,
    read_json,
    read_table,
    save_arrays,
    write_json,
    write_table,
)
from components.common.errors import StageError, UserError


def clip(frames: int, seed: int = 0) -> ClipCoefficients:
    rng = np.random.default_rng(seed)
    return ClipCoefficients(
        rng.random((frames, COEFFICIENTS), dtype=np.float32),
        rng.random((frames, LANDMARKS, 3), dtype=np.float32),
        rng.random(frames) > 0.3,
    )


def test_clip_coefficients_round_trip(tmp_path: Path) -> None:
    stored = clip(7)
    stored.save(tmp_path / "a.safetensors")
    stored.save(tmp_path / "b.safetensors")
    loaded = ClipCoefficients.load(tmp_path / "a.safetensors")
    np.testing.assert_array_equal(loaded.coefficients, stored.coefficients)
    np.testing.assert_array_equal(loaded.valid, stored.valid)
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_rows_may_not_shift() -> None:
    good = clip(5)
    with pytest.raises(ValueError, match="5 rows"):
        ClipCoefficients(good.coefficients, good.landmarks[:4], good.valid)


def test_truth_round_trip(tmp_path: Path) -> None:
    truth = ClipTruth(np.ones((3, COEFFICIENTS), np.float32), (Phoneme(0.0, 0.1, "ˈa"),), "Ah.")
    truth.save(tmp_path / "t.safetensors")
    loaded = ClipTruth.load(tmp_path / "t.safetensors")
    assert loaded.phonemes == truth.phonemes
    assert loaded.text == "Ah."


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=64))
def test_damaged_arrays_are_a_user_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("x") / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(UserError):
        load_arrays(path, ("coefficients",))


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_json(path, {"a": 1})

    def fail() -> None:
        with atomic(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert read_json(path) == {"a": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["x.json"]


def test_nan_is_not_json(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "x.json", {"a": float("nan")})


def test_tables_are_sorted_and_byte_identical(tmp_path: Path) -> None:
    rows = [{"file": "b.mp4", "reason": "empty"}, {"file": "a.mp4", "reason": "no face"}]
    write_table(tmp_path / "a.parquet", rows, QUARANTINE_COLUMNS)
    write_table(tmp_path / "b.parquet", rows[::-1], QUARANTINE_COLUMNS)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert list(read_table(tmp_path / "a.parquet", QUARANTINE_COLUMNS)["file"]) == ["a.mp4", "b.mp4"]


def test_an_empty_table_keeps_its_columns(tmp_path: Path) -> None:
    write_table(tmp_path / "a.parquet", [], QUARANTINE_COLUMNS)
    assert list(read_table(tmp_path / "a.parquet", QUARANTINE_COLUMNS).columns) == ["file", "reason"]


def test_a_table_without_a_column_is_refused_by_its_name(tmp_path: Path) -> None:
    write_table(tmp_path / "a.parquet", [{"file": "b.mp4"}], {"file": "str"})
    with pytest.raises(UserError, match="lacks the columns reason"):
        read_table(tmp_path / "a.parquet", QUARANTINE_COLUMNS)
    with pytest.raises(UserError, match="missing"):
        read_table(tmp_path / "absent.parquet", QUARANTINE_COLUMNS)


@pytest.mark.parametrize("name", ["coefficients", "landmarks"])
def test_a_number_that_is_none_is_neither_written_nor_read(tmp_path: Path, name: str) -> None:
    path, good = tmp_path / "a.safetensors", clip(4)
    arrays = {"coefficients": good.coefficients, "landmarks": good.landmarks, "valid": good.valid.astype(np.uint8)}
    arrays[name][2, ..., 0] = np.nan
    with pytest.raises(StageError, match=rf"{name} of frame 2 .*rule: finite"):
        ClipCoefficients(good.coefficients, good.landmarks, good.valid).save(path)
    assert not path.exists()
    save_arrays(path, arrays)
    with pytest.raises(StageError, match=rf"a\.safetensors: {name} of frame 2 .*rule: finite"):
        ClipCoefficients.load(path)


def test_arrays_come_back_with_their_notes(tmp_path: Path) -> None:
    arrays = {"a": np.arange(6).reshape(2, 3).T, "b": np.zeros(0, np.float32)}  # one is not contiguous
    save_arrays(tmp_path / "x.safetensors", arrays, {"speech": "ä"})
    loaded, notes = load_arrays(tmp_path / "x.safetensors")
    assert set(loaded) == set(arrays)
    np.testing.assert_array_equal(loaded["a"], arrays["a"])
    assert notes == {"speech": "ä"}
    with pytest.raises(UserError):
        load_arrays(tmp_path / "x.safetensors", ("c",))


@pytest.mark.parametrize("text", ["", "{", "[1]", "3"])
def test_what_is_no_json_object_is_a_user_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(UserError, match=r"x\.json"):
        read_json(tmp_path / "x.json")
