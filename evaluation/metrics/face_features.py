"""What a face looks like as a short vector, by a frozen network with random weights.

Random convolutions keep texture, shading and layout, and are the same on every machine with the same torch; their
Frechet distances rank generators much as those of trained networks do (Naeem et al., "Reliable Fidelity and Diversity
Metrics for Generative Models", 2020, section 4.3). They are not Inception features: distances compare runs of this
project, not published FID values.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from components.common.media import Image
from components.face.mesh import MOUTH_CORNERS, OUTER_EYE_CORNERS

SIDE = 64  # pixels of the aligned face
# Where the outer eye corners and the middle of the mouth go in the aligned face, in sides.
ALIGNED = np.array([(0.25, 0.38), (0.75, 0.38), (0.5, 0.78)], np.float32)
CHANNELS = (16, 24, 32)
GRID = 4  # cells a side of the identity descriptor
WEIGHT_SEED = 20240229


def align(picture: Image, points: NDArray[np.floating]) -> Image:
    """The face cut out upright: (H, W, 3) and (478, >= 2) pixels -> (SIDE, SIDE, 3)."""
    mouth = points[list(MOUTH_CORNERS), :2].mean(axis=0)
    source = np.stack([*points[list(OUTER_EYE_CORNERS), :2], mouth]).astype(np.float32)
    transform, _ = cv2.estimateAffinePartial2D(source, ALIGNED * SIDE, method=cv2.LMEDS)
    if transform is None:  # three points on one spot: not a face
        raise ValueError("landmarks do not span a face")
    warped = cv2.warpAffine(picture, transform, (SIDE, SIDE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.uint8)


@lru_cache(maxsize=1)
def _layers() -> nn.ModuleList:
    generator = torch.Generator().manual_seed(WEIGHT_SEED)
    layers = nn.ModuleList()
    for fan_in, fan_out in zip((3, *CHANNELS[:-1]), CHANNELS, strict=True):
        layer = nn.Conv2d(fan_in, fan_out, 3, stride=2, padding=1)
        with torch.no_grad():
            scale = (2.0 / (fan_in * 9)) ** 0.5  # He et al. 2015: keeps the variance through rectifiers
            layer.weight.copy_(torch.randn(layer.weight.shape, generator=generator) * scale)
            layer.bias = nn.Parameter(torch.randn(fan_out, generator=generator) * 0.1)
        layers.append(layer.requires_grad_(False))
    return layers


@torch.inference_mode()
def _maps(faces: Sequence[Image]) -> Tensor:
    x = torch.from_numpy(np.stack(faces)).permute(0, 3, 1, 2).float() / 127.5 - 1.0  # (N, 3, SIDE, SIDE)
    for layer in _layers():
        x = torch.relu(layer(x))
    return x  # (N, C, SIDE / 8, SIDE / 8)


def appearance(faces: Sequence[Image]) -> NDArray[np.float64]:
    """Aligned faces -> (N, 64): mean and spread of each feature map over the face."""
    maps = _maps(faces)
    return torch.cat([maps.mean((2, 3)), maps.std((2, 3))], dim=1).double().numpy()


def descriptor(faces: Sequence[Image]) -> NDArray[np.float64]:
    """Aligned faces -> (N, 512): feature maps on a coarse grid, so that the place of things counts."""
    pooled = torch.nn.functional.adaptive_avg_pool2d(_maps(faces), GRID)
    return pooled.flatten(1).double().numpy()
