"""Samples of processor, memory and disk, whatever the stage is doing meanwhile."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from components.runner.tracking.system_metrics import sample, sampling


def test_a_sample_tells_of_machine_and_process(tmp_path: Path) -> None:
    reading = sample(tmp_path)
    assert reading["system/process_memory_megabytes"] > 1
    assert reading["system/disk_available_megabytes"] > 0
    assert 0 <= reading["system/system_memory_usage_percentage"] <= 100


@pytest.mark.parametrize("so_far", [(), ("cuda",)])
def test_a_torch_that_is_still_being_imported_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, so_far: tuple[str, ...]
) -> None:
    half = ModuleType("torch")
    for name in so_far:
        setattr(half, name, ModuleType(f"torch.{name}"))
    monkeypatch.setitem(sys.modules, "torch", half)
    assert "system/gpu_0_memory_usage_megabytes" not in sample(tmp_path)


def test_even_the_shortest_block_is_sampled(tmp_path: Path) -> None:
    readings: list[tuple[int, Mapping[str, float]]] = []
    with sampling(lambda reading, number: readings.append((number, reading)), tmp_path):
        pass
    assert [number for number, _ in readings] == [0]
