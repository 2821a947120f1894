"""Training pairs of phase 1: portraits as brush banks, their stylized targets, art pictures of the same style.

Axes: N pictures, K styles (in `Batch` and `brush_mixes`: classes, the variants of styles), H, W pixels, B batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from components.common.errors import UserError
from components.common.media import Image
from components.common.progress import track
from components.style_a.art.augment import as_photo, as_texture
from components.style_a.art.brush_bank import BRUSHES, paint_all
from components.style_a.art.encoders import PORTRAIT
from components.style_a.art.palette import PALETTE_SIZE, tone_palette
from components.style_a.art.stylizers import STYLE_NAMES, VARIANTS, compose

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")  # endings of the user's art
SIZE = 256  # side of the training pictures
VIEW = 128  # side of what the style encoder sees of a picture
SHARE_PORTRAIT = 0.10  # of samples at degree 0
SHARE_BETWEEN = 0.15  # of samples at a degree between 0 and 1
SHARE_CUSTOM = 0.34  # of samples in the user's own style, when there is one


def square(image: Image, side: int = SIZE) -> Image:
    """Center square of a picture, resized."""
    height, width = image.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    view = image[top : top + edge, left : left + edge]
    method = cv2.INTER_AREA if edge > side else cv2.INTER_CUBIC
    return np.ascontiguousarray(cv2.resize(view, (side, side), interpolation=method))


def to_tensor(pictures: Sequence[NDArray[np.uint8]]) -> Tensor:
    """(B, H, W, C) uint8 -> (B, C, H, W) float32 in [-1, 1], channels last in memory."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float().div(127.5).sub(1)


@dataclass(frozen=True)
class StyleCorpus:
    """Every picture in every style, made once."""

    banks: NDArray[np.uint8]  # (N, SIZE, SIZE, BRUSHES); its first three channels are the picture
    targets: NDArray[np.uint8]  # (N, K, SIZE, SIZE, 3)
    variants: NDArray[np.int64]  # (N, K)
    portrait_palettes: NDArray[np.float32]  # (N, PALETTE_SIZE)
    target_palettes: NDArray[np.float32]  # (N, K, PALETTE_SIZE)
    custom: tuple[Image, ...] = ()  # the user's art pictures: a style known by example only
    custom_palettes: NDArray[np.float32] | tuple[()] = ()  # one a picture

    def portrait(self, n: int) -> Image:
        return np.ascontiguousarray(self.banks[n, ..., :3])


def build_corpus(
    stills: Sequence[Image], seed: int, custom: Sequence[Image] = (), variety: bool = True, label: str = "styles"
) -> StyleCorpus:
    """Stylize stills; with `variety` each also as a photograph, and a texture for every fourth."""
    pictures: list[Image] = []
    for index, still in enumerate(stills):
        rng = np.random.default_rng((seed, 0, index))
        pictures.append(square(still))
        if variety:
            pictures.append(as_photo(square(still), rng))
            if index % 4 == 0:
                pictures.append(as_texture(SIZE, SIZE, rng))
    count, styles = len(pictures), len(STYLE_NAMES)
    banks = np.empty((count, SIZE, SIZE, BRUSHES), np.uint8)
    targets = np.empty((count, styles, SIZE, SIZE, 3), np.uint8)
    palettes = np.empty((count, styles, PALETTE_SIZE), np.float32)
    # Every variant of every style in turn, so that even a few pictures hold them all.
    variants = (np.arange(count)[:, None] + np.arange(styles)) % VARIANTS
    for n, picture in enumerate(track(pictures, label)):
        brushes = paint_all(picture)
        banks[n] = brushes.stack()
        for k, name in enumerate(STYLE_NAMES):
            targets[n, k] = compose(name, brushes, int(variants[n, k]))
            palettes[n, k] = tone_palette(targets[n, k])
    custom = tuple(square(picture) for picture in custom)
    return StyleCorpus(
        banks=banks,
        targets=targets,
        variants=variants,
        portrait_palettes=np.stack([tone_palette(picture) for picture in pictures]),
        target_palettes=palettes,
        custom=custom,
        custom_palettes=np.stack([tone_palette(picture) for picture in custom]) if custom else (),
    )


def read_art_folder(name: str) -> list[Image]:
    """The pictures of the user's art folder, sorted by name; none for an empty name.

    Raises `UserError` when the folder holds no readable picture.
    """
    if not name:
        return []
    paths = sorted(path for path in Path(name).glob("*") if path.suffix.lower() in PICTURES)
    pictures = [cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR) for path in paths]
    readable = [cv2.cvtColor(picture, cv2.COLOR_BGR2RGB) for picture in pictures if picture is not None]
    if not readable:
        raise UserError(f"train_style_a.art.art_folder: {name} holds no readable picture ({', '.join(PICTURES)})")
    return [np.asarray(picture, np.uint8) for picture in readable]


def art_class(style: int, variant: int) -> int:
    """Label of a variant of a style; 0 is kept for "no art"."""
    return 1 + style * VARIANTS + variant


def brush_mixes(corpus: StyleCorpus, rng: np.random.Generator, pixels: int = 600, ridge: float = 1e-3) -> Tensor:
    """Least-squares mix of brushes and constant for "no art" and each class: (1 + K, 3, BRUSHES + 1) float32.

    What is linear in a style is known in closed form; gradient steps are then spent on what is not.
    """
    count, styles = corpus.targets.shape[:2]
    rows, columns = rng.integers(0, SIZE, (2, count, pixels))
    numbers = np.arange(count)[:, None]
    brushes = corpus.banks[numbers, rows, columns] / 127.5 - 1  # (N, pixels, BRUSHES)
    brushes = np.concatenate([brushes, np.ones((count, pixels, 1))], -1)
    mixes = np.tile(np.eye(3, BRUSHES + 1), (1 + (styles + bool(corpus.custom)) * VARIANTS, 1, 1))
    for k in range(styles):
        targets = corpus.targets[numbers, k, rows, columns] / 127.5 - 1  # (N, pixels, 3)
        for variant in np.unique(corpus.variants[:, k]):
            in_variant = corpus.variants[:, k] == variant
            x, y = brushes[in_variant].reshape(-1, BRUSHES + 1), targets[in_variant].reshape(-1, 3)
            gram = x.T @ x + ridge * len(x) * np.eye(BRUSHES + 1)
            mixes[art_class(k, int(variant))] = np.linalg.solve(gram, x.T @ y).T
    # The user's own style starts as paint; what it really is the adversarial training finds out.
    mixes[art_class(styles, 0) :] = mixes[art_class(STYLE_NAMES.index("oil"), VARIANTS - 1)]
    return torch.from_numpy(mixes.astype(np.float32))


@dataclass(frozen=True)
class Batch:
    """One step's samples; pictures (B, C, H, W) in [-1, 1]."""

    bank: Tensor  # crop of the brush bank
    target: Tensor  # what the crop should become; for custom samples any crop of the art
    portrait_view: Tensor  # what E_s sees of the portrait
    portrait_palette: Tensor
    art_view: Tensor
    art_palette: Tensor
    label: Tensor  # (B,) what the crop should become: 0 portrait, 1.. classes
    art_label: Tensor  # (B,) class of the art picture, 1..
    degree: Tensor  # (B, 1)
    paired: Tensor  # (B,) bool: the target belongs to this very crop

    def to(self, device: torch.device) -> Batch:
        return Batch(**{name: tensor.to(device) for name, tensor in vars(self).items()})


def draw_batch(corpus: StyleCorpus, size: int, crop: int, rng: np.random.Generator) -> Batch:
    """A random batch; everything random comes from `rng`, so (seed, step) names it."""
    rows = [_draw_sample(corpus, crop, rng) for _ in range(size)]
    columns = list(zip(*rows, strict=True))
    pictures = [to_tensor(columns[k]) for k in range(4)]
    numbers = [torch.from_numpy(np.stack(columns[k]).astype(np.float32)) for k in (4, 5)]
    return Batch(
        bank=pictures[0].contiguous(memory_format=torch.channels_last),
        target=pictures[1].contiguous(memory_format=torch.channels_last),
        portrait_view=pictures[2].contiguous(memory_format=torch.channels_last),
        portrait_palette=numbers[0],
        art_view=pictures[3].contiguous(memory_format=torch.channels_last),
        art_palette=numbers[1],
        label=torch.tensor(columns[6]),
        degree=torch.tensor(columns[7], dtype=torch.float32)[:, None],
        paired=torch.tensor(columns[8]),
        art_label=torch.tensor(columns[9]),
    )


def draw_views(corpus: StyleCorpus, count: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Views of random art pictures (B, 3, VIEW, VIEW) and their classes (B,), as telling styles apart takes many."""
    numbers, styles = (rng.integers(size, size=count) for size in corpus.targets.shape[:2])
    views = to_tensor([_view(corpus.targets[n, k], rng) for n, k in zip(numbers, styles, strict=True)])
    labels = [art_class(int(k), int(corpus.variants[n, k])) for n, k in zip(numbers, styles, strict=True)]
    return views.contiguous(memory_format=torch.channels_last), torch.tensor(labels)


def _draw_sample(corpus: StyleCorpus, crop: int, rng: np.random.Generator) -> tuple[object, ...]:
    count, styles = corpus.targets.shape[:2]
    n, k = int(rng.integers(count)), int(rng.integers(styles))
    top, left = rng.integers(0, SIZE - crop + 1, 2)
    window = (slice(top, top + crop), slice(left, left + crop))
    bank = corpus.banks[n][window]
    view, palette = _view(corpus.banks[n, ..., :3], rng), corpus.portrait_palettes[n]
    if corpus.custom and rng.random() < SHARE_CUSTOM:
        m = int(rng.integers(len(corpus.custom)))
        art = corpus.custom[m]
        target, art_palette, label = art[window], corpus.custom_palettes[m], art_class(styles, 0)
        return bank, target, view, _view(art, rng), palette, art_palette, label, 1.0, False, label
    same = np.flatnonzero(corpus.variants[:, k] == corpus.variants[n, k])
    others = same[same != n]
    m = int(rng.choice(others)) if len(others) else n
    target = corpus.targets[n, k][window]
    art_label = art_class(k, int(corpus.variants[n, k]))
    label, degree, draw = art_label, 1.0, rng.random()
    if draw < SHARE_PORTRAIT:
        label, degree, target = PORTRAIT, 0.0, bank[..., :3]
    elif draw < SHARE_PORTRAIT + SHARE_BETWEEN:
        degree = float(rng.random())
        mixed = bank[..., :3] * (1 - degree) + target * degree
        target = (mixed + 0.5).astype(np.uint8)
    art = corpus.targets[m, k]
    return bank, target, view, _view(art, rng), palette, corpus.target_palettes[m, k], label, degree, True, art_label


def _view(picture: Image, rng: np.random.Generator) -> Image:
    """A random part of a picture, sometimes at another scale, as E_s sees it."""
    side = int(VIEW * rng.uniform(0.8, 1.25)) if rng.random() < 0.5 else VIEW
    top, left = rng.integers(0, SIZE - side + 1, 2)
    part = picture[top : top + side, left : left + side]
    if rng.random() < 0.5:
        part = part[:, ::-1]
    if side != VIEW:
        part = np.asarray(cv2.resize(np.ascontiguousarray(part), (VIEW, VIEW), interpolation=cv2.INTER_AREA), np.uint8)
    return np.ascontiguousarray(part)
