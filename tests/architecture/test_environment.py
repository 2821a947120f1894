"""The versions that work together are the ones installed: each has broken something when it was newer."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest
from packaging.version import Version


@pytest.mark.parametrize(
    ("package", "below", "breaks"),
    [
        ("fastapi", "0.151", "every Prefect flow: unexpected keyword argument 'min_items'"),
        ("sqlalchemy", "2.1", "Prefect's scheduler: cron never fires"),
        ("mlflow", "3.18", "not tried"),
    ],
)
def test_pins_hold(package: str, below: str, breaks: str) -> None:
    assert Version(version(package)) < Version(below), breaks


@pytest.mark.slow
def test_models_on_torch_can_be_imported() -> None:
    script = "from transformers import Wav2Vec2Model; from diffusers import UNet2DConditionModel"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_bad_nights_stay_out_of_the_fast_suite() -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "not slow and not chaos", "tests/chaos"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 5, done.stdout  # pytest's code for "no tests"
