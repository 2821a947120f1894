"""Checkpoints: found again under the same key only, never half-read, optimizer state included."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from components.common.training.checkpoint import (
    Checkpoint,
    array_hash,
    pack_optimizer,
    pack_parts,
    training_key,
    unpack_optimizer,
    unpack_part,
)


def test_state_round_trip_and_clear(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = Checkpoint(tmp_path, "key")
    assert checkpoint.load() is None
    checkpoint.save({"w": torch.arange(3.0)}, {"step": 7})
    assert "resumed" not in capsys.readouterr().err
    loaded = Checkpoint(tmp_path, "key").load()
    assert loaded is not None
    assert "resumed from the checkpoint of step 7" in capsys.readouterr().err
    assert torch.equal(loaded[0]["w"], torch.arange(3.0))
    assert loaded[1] == {"step": 7}
    assert Checkpoint(tmp_path, "other").load() is None
    checkpoint.clear()
    assert checkpoint.load() is None


def test_a_damaged_file_counts_as_none_and_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = Checkpoint(tmp_path, "key")
    checkpoint.save({"w": torch.zeros(100)}, {"step": 1})
    checkpoint.path.write_bytes(checkpoint.path.read_bytes()[:50])
    assert checkpoint.load() is None
    assert "is damaged" in capsys.readouterr().err


def test_a_file_without_the_asked_tensors_counts_as_damaged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = Checkpoint(tmp_path, "key")
    checkpoint.save({"w": torch.zeros(1)}, {"step": 1})
    assert checkpoint.load(["w"]) is not None
    assert checkpoint.load(["w", "v"]) is None
    assert "is damaged" in capsys.readouterr().err


def test_parts_keep_to_themselves() -> None:
    tensors = pack_parts({"a": {"x/y": torch.zeros(1)}, "ab": {"x": torch.ones(2)}})
    assert set(tensors) == {"a/x/y", "ab/x"}
    assert list(unpack_part(tensors, "a")) == ["x/y"]
    assert torch.equal(unpack_part(tensors, "ab")["x"], torch.ones(2))
    assert unpack_part(tensors, "b") == {}


def test_the_folder_can_be_moved_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLE2TALKER_CHECKPOINTS", str(tmp_path / "elsewhere"))
    Checkpoint(tmp_path / "here", "key").save({"w": torch.zeros(1)}, {})
    assert (tmp_path / "elsewhere" / "key" / "state.safetensors").is_file()


def test_the_key_follows_all_that_it_is_given_and_nothing_else() -> None:
    identity, values = {"code": "a", "inputs": {"data": "b"}}, {"lr": 1, "steps": 2}
    key = training_key(identity, values)
    assert key == training_key(dict(reversed(identity.items())), dict(reversed(values.items())))
    others = [
        training_key(identity | {"code": "b"}, values),
        training_key(identity | {"inputs": {"data": "c"}}, values),
        training_key(identity, values | {"lr": 2}),
        training_key({}, identity | values),
    ]
    assert len({key, *others}) == 5
    with pytest.raises(TypeError):
        training_key(identity, {"model": object()})  # its text would name an address in memory


@given(st.lists(arrays(np.uint8, array_shapes(max_dims=3, max_side=3)), max_size=3))
def test_arrays_never_take_from_their_neighbors(pictures: list[np.ndarray]) -> None:
    assert array_hash(pictures) == array_hash([picture.copy() for picture in pictures])
    assert array_hash(pictures) != array_hash([*pictures, np.zeros(0, np.uint8)])
    for index, picture in enumerate(pictures):
        flat = [*pictures[:index], picture[None], *pictures[index + 1 :]]
        typed = [*pictures[:index], picture.view(np.int8), *pictures[index + 1 :]]
        assert len({array_hash(pictures), array_hash(flat), array_hash(typed)}) == 3


def test_a_resumed_optimizer_steps_like_the_first(tmp_path: Path) -> None:
    def train(weight: torch.Tensor, optimizer: torch.optim.Optimizer, steps: range) -> None:
        for step in steps:
            optimizer.zero_grad()
            ((weight - step) ** 2).sum().backward()
            optimizer.step()

    straight = torch.nn.Parameter(torch.ones(2))
    train(straight, torch.optim.AdamW([straight], 0.1), range(6))
    first = torch.nn.Parameter(torch.ones(2))
    optimizer = torch.optim.AdamW([first], 0.1)
    train(first, optimizer, range(3))
    checkpoint = Checkpoint(tmp_path, "k")
    checkpoint.save({"w": first.data, **pack_parts({"optimizer": pack_optimizer(optimizer)})}, {})
    loaded = checkpoint.load()
    assert loaded is not None
    second = torch.nn.Parameter(loaded[0]["w"])
    optimizer = torch.optim.AdamW([second], 0.1)
    unpack_optimizer(optimizer, unpack_part(loaded[0], "optimizer"))
    train(second, optimizer, range(3, 6))
    assert torch.equal(straight, second)
