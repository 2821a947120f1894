"""Seeds give the same numbers again, in any process; a device that is not there is an error."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from components.common.errors import UserError
from components.common.runtime import derive, pick_device, pin_threads, seed_everything


@pytest.fixture
def torch_as_it_was() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    torch.set_flush_denormal(False)
    torch.use_deterministic_algorithms(False)


def draws() -> tuple[float, float, float]:
    return random.random(), float(np.random.random()), float(torch.rand(()))  # noqa: NPY002 (the global state is meant)


@pytest.mark.usefixtures("torch_as_it_was")
def test_one_seed_sets_all_three_generators() -> None:
    seed_everything(7)
    first = draws()
    assert draws() != first
    seed_everything(7)
    assert draws() == first
    seed_everything(2**32 + 7)  # numpy takes 32 bits only
    assert draws()[1] == first[1]
    seed_everything(8)
    assert not set(draws()) & set(first)


@pytest.mark.usefixtures("torch_as_it_was")
def test_computation_is_deterministic_and_on_as_many_threads_as_asked() -> None:
    seed_everything(0, threads=1)
    assert torch.get_num_threads() == 1
    assert torch.are_deterministic_algorithms_enabled()
    tiny = torch.tensor([1e-40]) * torch.tensor([0.5])  # subnormal
    assert tiny.item() == 0.0


def test_a_derived_seed_is_the_same_in_every_process() -> None:
    assert derive("clip", 3) == 443454363  # CRC-32 of "('clip', 3)"
    assert derive("clip", 3) != derive("clip", "3") != derive("clip3")


def test_threads_that_somebody_set_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    pin_threads()
    assert (os.environ["OMP_NUM_THREADS"], os.environ["MKL_NUM_THREADS"]) == ("4", "1")


@pytest.mark.parametrize(
    ("has_gpu", "name", "device"), [(True, "auto", "cuda"), (False, "auto", "cpu"), (True, "cpu", "cpu")]
)
def test_auto_takes_the_gpu_if_there_is_one(
    monkeypatch: pytest.MonkeyPatch, has_gpu: bool, name: str, device: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_gpu)
    assert pick_device(name) == torch.device(device)


def test_cuda_without_a_gpu_is_no_silent_night_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match="set it to auto or cpu"):
        pick_device("cuda")
