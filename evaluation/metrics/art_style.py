"""An independent judge of art style: which of the known styles does a picture show?

It looks at color and texture statistics (co-occurrence of gray levels, local binary patterns, spectrum, hue and
saturation, number of colors, flatness), none of which the art model is trained on, and learns from the stylizers
applied to other people's portraits.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.media import Image
from components.style_a.art.augment import as_photo
from components.style_a.art.brush_bank import paint_all
from components.style_a.art.stylizers import STYLE_NAMES, compose

SIDE = 256  # pictures are judged at this size
RINGS = 12  # of the spectrum
LEVELS = 8  # gray levels of the co-occurrence


def style_features(image: Image) -> NDArray[np.float64]:
    """(H, W, 3) uint8 RGB -> (F,) statistics of color and texture."""
    picture = square(image, SIDE)
    gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    parts = [_color(picture), _flatness(picture), _binary_patterns(gray), _spectrum(gray), _co_occurrence(gray)]
    return np.concatenate(parts)


def stylized_examples(stills: Sequence[Image], seed: int, photos: int = 1) -> tuple[list[Image], list[str]]:
    """Pictures and labels to fit a judge on: stills, and `photos` photo-like versions of each, in every style."""
    images: list[Image] = []
    labels: list[str] = []
    for index, still in enumerate(stills):
        rng = np.random.default_rng((seed, index))
        view = square(still, SIDE)
        for n, picture in enumerate([view, *(as_photo(view, rng) for _ in range(photos))]):
            brushes = paint_all(picture)
            images += [_resampled(compose(name, brushes, index + n + k), rng) for k, name in enumerate(STYLE_NAMES)]
            labels += STYLE_NAMES
    return images, labels


def _resampled(image: Image, rng: np.random.Generator) -> Image:
    """As a picture looks after a resampling and an encoding: some blur, some compression; every third one untouched."""
    if rng.random() < 1 / 3:
        return image
    softened = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.3, 0.8)))
    _, encoded = cv2.imencode(".jpg", softened, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(70, 97))])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


class StyleJudge:
    """Linear classifier on standardized `style_features`."""

    def __init__(self, regularization: float = 0.1) -> None:
        self.regularization = regularization
        self.labels: tuple[str, ...] = ()

    def fit(self, images: Sequence[Image], labels: Sequence[str]) -> StyleJudge:
        """Learn from pictures (H, W, 3) uint8 and their style names; returns itself."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        if len(images) != len(labels) or len(set(labels)) < 2:
            raise ValueError(f"{len(images)} pictures and {len(labels)} labels of {len(set(labels))} styles")
        classifier = LogisticRegression(C=self.regularization, max_iter=2000)
        self._model = make_pipeline(StandardScaler(), classifier)
        self._model.fit(np.stack([style_features(image) for image in images]), list(labels))
        self.labels = tuple(str(label) for label in self._model.classes_)
        return self

    def probabilities(self, images: Sequence[Image]) -> NDArray[np.float64]:
        """(N, styles) in the order of `labels`."""
        return np.asarray(self._model.predict_proba(np.stack([style_features(image) for image in images])))

    def predict(self, images: Sequence[Image]) -> list[str]:
        """Style name of each picture."""
        return [self.labels[index] for index in self.probabilities(images).argmax(1)]


def square(image: Image, side: int) -> Image:
    """The middle square of a picture, at a fixed size."""
    height, width = image.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    view = np.ascontiguousarray(image[top : top + edge, left : left + edge])
    method = cv2.INTER_AREA if edge > side else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(view, (side, side), interpolation=method), np.uint8)


def _color(picture: Image) -> NDArray[np.float64]:
    """Moments of hue, saturation and lightness, colorfulness, and how few colors hold most of the picture."""
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV).astype(np.float64)
    angle, saturation, value = hsv[..., 0] * np.pi / 90, hsv[..., 1] / 255, hsv[..., 2] / 255
    chroma = saturation * value
    hue = [(chroma * np.cos(k * angle)).mean() for k in (1, 2)] + [(chroma * np.sin(k * angle)).mean() for k in (1, 2)]
    moments = [x for plane in (saturation, value) for x in (plane.mean(), plane.std(), *np.quantile(plane, (0.1, 0.9)))]
    codes = (picture >> 3).astype(np.int64) @ np.array([1024, 32, 1])
    counts = np.sort(np.bincount(codes.ravel(), minlength=32**3))[::-1] / codes.size
    few = [np.log1p((counts > 0).sum()), *np.cumsum(counts)[[0, 4, 15, 63]]]
    # How tightly hue follows lightness: near 1 for graded pictures and prints of flat inks.
    tones = np.digitize(value.ravel(), np.linspace(0, 1, 17)[1:-1])
    colors = picture.reshape(-1, 3).astype(np.float64) / 255
    size = np.maximum(np.bincount(tones, minlength=16), 1)
    means = np.stack([np.bincount(tones, colors[:, k], 16) / size for k in range(3)], -1)
    explained = 1 - ((colors - means[tones]) ** 2).sum() / (((colors - colors.mean(0)) ** 2).sum() + 1e-6)
    return np.array([*hue, *moments, *few, explained])


def _flatness(picture: Image) -> NDArray[np.float64]:
    """Shares of equal neighbors at several distances (flat inks, square cells) and the tails of the gradients."""
    values = picture.astype(np.int16)
    same = []
    for distance in (1, 2, 4):
        across = np.abs(values[:, distance:] - values[:, :-distance]).max(-1)
        down = np.abs(values[distance:] - values[:-distance]).max(-1)
        same += [(across <= 1).mean(), (down <= 1).mean(), np.log1p(across.mean()), np.log1p(down.mean())]
    step = np.abs(np.diff(values.max(-1), axis=1)).ravel()
    return np.array([*same, *np.log1p(np.quantile(step, (0.5, 0.75, 0.9, 0.97)))])


def _binary_patterns(gray: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Uniform rotation-invariant local binary patterns at two radii (Ojala et al. 2002), roots of their shares."""
    values = gray.astype(np.int16)
    parts = []
    for radius in (1, 3):
        center = values[radius:-radius, radius:-radius]
        inside = len(center)
        bits = np.stack([values[y : y + inside, x : x + inside] > center + 2 for y, x in _circle(radius)])  # (8, h, w)
        changes = (bits != np.roll(bits, 1, 0)).sum(0)
        pattern = np.where(changes <= 2, bits.sum(0), 9)
        parts.append(np.sqrt(np.bincount(pattern.ravel(), minlength=10) / pattern.size))
    return np.concatenate(parts)


def _circle(radius: int) -> list[tuple[int, int]]:
    """Top left corners of the picture shifted to its eight neighbors at `radius`, in circular order."""
    steps = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
    return [(radius + y * radius, radius + x * radius) for y, x in steps]


def _spectrum(gray: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Log power in rings of frequency, and how far each ring's strongest direction stands out (screens, hatching)."""
    window = np.hanning(SIDE)
    plane = (gray - gray.mean()) * window[:, None] * window / 255
    power = np.abs(np.fft.fftshift(np.fft.fft2(plane))) ** 2
    rows, columns = np.indices(power.shape) - SIDE // 2
    radius, angle = np.hypot(rows, columns), np.arctan2(rows, columns) % np.pi
    ring = np.clip((np.log2(np.maximum(radius, 1)) / np.log2(SIDE / 2) * RINGS).astype(int), 0, RINGS)
    sector = np.minimum((angle / np.pi * 8).astype(int), 7)
    total = np.bincount((ring * 8 + sector).ravel(), power.ravel(), (RINGS + 1) * 8)
    count = np.maximum(np.bincount((ring * 8 + sector).ravel(), minlength=(RINGS + 1) * 8), 1)
    mean = (total / count).reshape(RINGS + 1, 8)[RINGS // 3 : RINGS]
    rings = [power[ring == k] + 1e-9 for k in range(RINGS // 2, RINGS)]
    peak = [np.log(values.max() / values.mean()) for values in rings]
    return np.concatenate([np.log(mean.mean(1) + 1e-6), np.log((mean.max(1) + 1e-9) / (mean.mean(1) + 1e-9)), peak])


def _co_occurrence(gray: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Contrast, homogeneity, energy, entropy and correlation of gray pairs (Haralick 1973)."""
    levels = (gray.astype(np.int64) * LEVELS) >> 8
    parts = []
    i, j = np.indices((LEVELS, LEVELS))
    for dy, dx in ((0, 1), (1, 0), (2, 2), (0, 5), (5, 0)):
        a, b = levels[: SIDE - dy, : SIDE - dx], levels[dy:, dx:]
        p = np.bincount((a * LEVELS + b).ravel(), minlength=LEVELS**2).reshape(LEVELS, LEVELS) / a.size
        mean_i, mean_j = (p * i).sum(), (p * j).sum()
        deviation = np.sqrt((p * (i - mean_i) ** 2).sum() * (p * (j - mean_j) ** 2).sum()) + 1e-6
        parts += [
            *((p * (i - j) ** 2).sum(), (p / (1 + np.abs(i - j))).sum(), (p**2).sum()),
            *(-(p * np.log(p + 1e-12)).sum(), (p * (i - mean_i) * (j - mean_j)).sum() / deviation),
        ]
    return np.array(parts)
