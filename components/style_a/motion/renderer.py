"""Two ways to run the motion network over a clip: `PlainRenderer`, the definition, and `CachedRenderer`, which computes
what depends on the portrait alone only once. Both give the same numbers; the first is the oracle of the second.

Both refine a square around the face alone: it costs less than half of the whole picture, and hair and background stay
as they are in the portrait.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from components.style_a.motion.network import Crop, MotionInput, MotionNetwork


class Correction(Protocol):
    """The network's part of one frame: residual flow (n/2, n/2, 2) in [-1, 1] grid units, and the square's color change
    (2 side, 2 side, 3)."""

    def __call__(self, motion: MotionInput) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """motion: one frame. The color change is in 0-255 levels, to be added to the warped picture."""


class PlainRenderer:
    """Runs the whole network for every frame. portrait: (1, 3, S, S) in [-1, 1]; square: what to refine."""

    def __init__(self, network: MotionNetwork, portrait: Tensor, square: Crop) -> None:
        self._network, self._square = network, square
        self._portrait = portrait

    def __call__(self, motion: MotionInput) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        with torch.no_grad():
            output = self._network(self._portrait, motion, self._square)
        return _arrays(output.residual, output.picture - output.warped)


class CachedRenderer:
    """Encodes the portrait once; frames cost flow correction, warps and refinement. Arguments as `PlainRenderer`."""

    def __init__(self, network: MotionNetwork, portrait: Tensor, square: Crop) -> None:
        self._network, self._square = network, square
        with torch.inference_mode():
            self._portrait = portrait.contiguous(memory_format=torch.channels_last)
            self._content = network.encode(self._portrait)

    def __call__(self, motion: MotionInput) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        with torch.inference_mode():
            output = self._network.render(self._portrait, self._content, motion, self._square)
            return _arrays(output.residual, output.picture - output.warped)


def _arrays(residual: Tensor, change: Tensor) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    levels = change[0] * 127.5
    return residual[0].permute(1, 2, 0).numpy().copy(), levels.permute(1, 2, 0).numpy().copy()
