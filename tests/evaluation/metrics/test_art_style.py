"""The judge of art style: sure of true stylizations of people it never saw, at chance without style."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from components.common.media import Image
from components.style_a.art.brush_bank import paint_all
from components.style_a.art.stylizers import STYLE_NAMES, compose
from evaluation.metrics.art_style import StyleJudge, style_features, stylized_examples


def person(seed: int, size: int = 256) -> Image:
    """A drawn head before a shaded wall; seeds differ in colors, sizes and light."""
    rng = np.random.default_rng(seed)
    image = np.full((size, size, 3), rng.integers(60, 220, 3), np.uint8)

    def disk(x: float, y: float, rx: float, ry: float, color: tuple[int, ...]) -> None:
        cv2.ellipse(image, (int(x), int(y)), (int(rx), int(ry)), 0, 0, 360, color, -1, cv2.LINE_AA)

    skin = tuple(int(v) for v in rng.integers(90, 240, 3))
    hair = tuple(int(v) for v in rng.integers(20, 140, 3))
    x, width = 128 + rng.normal(0, 6), rng.uniform(60, 80)
    disk(x, 256, 100, 60, tuple(int(v) for v in rng.integers(30, 220, 3)))
    disk(x, 110, width + 10, 92, hair)
    disk(x, 130, width, 88, skin)
    for side in (-1, 1):
        disk(x + side * 28, 120, 13, 7, (245, 245, 245))
        disk(x + side * 28, 120, 6, 6, (40, 60, 90))
    disk(x, 185, 26, rng.uniform(5, 14), (160, 60, 60))
    rows, columns = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    light = 1 + 0.3 * (rng.normal() * rows + rng.normal() * columns)
    return np.clip(cv2.GaussianBlur(image, (0, 0), 1.2) * light[..., None], 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def judge() -> StyleJudge:
    return StyleJudge().fit(*stylized_examples([person(seed) for seed in range(8)], 0, photos=0))


def test_true_stylizations_of_others_are_recognized(judge: StyleJudge) -> None:
    images, labels = [], []
    for seed in (100, 101):
        brushes = paint_all(person(seed))
        images += [compose(name, brushes, seed) for name in STYLE_NAMES]
        labels += STYLE_NAMES
    right = np.mean([a == b for a, b in zip(judge.predict(images), labels, strict=True)])
    assert right >= 0.9


def test_unstyled_pictures_score_at_chance(judge: StyleJudge) -> None:
    """Asked for each style in turn, an unstyled portrait can be right once in eight."""
    portraits = [person(seed) for seed in (100, 101)]
    predicted = judge.predict(portraits)
    right = np.mean([answer == asked for answer in predicted for asked in STYLE_NAMES])
    assert right == pytest.approx(1 / len(STYLE_NAMES))


def test_probabilities_are_in_the_order_of_labels(judge: StyleJudge) -> None:
    images = [compose("sketch", paint_all(person(200)), 0)]
    shares = judge.probabilities(images)
    assert set(judge.labels) == set(STYLE_NAMES)
    assert shares.sum() == pytest.approx(1)
    assert judge.predict(images) == [judge.labels[int(shares[0].argmax())]]


@pytest.mark.parametrize("size", [(40, 40), (300, 200)])
@pytest.mark.parametrize("value", [0, 255, None])
def test_features_are_finite_for_any_picture(size: tuple[int, int], value: int | None) -> None:
    shape = (*size, 3)
    noise = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert np.isfinite(style_features(noise if value is None else np.full(shape, value, np.uint8))).all()


def test_one_style_cannot_be_judged() -> None:
    with pytest.raises(ValueError, match="1 styles"):
        StyleJudge().fit([person(0)], ["oil"])
