"""One home for names: every metric is described, belongs to a part, and agrees with a second implementation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from scipy import linalg, optimize, signal, stats
from sklearn.metrics.pairwise import cosine_similarity

from components.common.agreement import pearson
from components.common.arkit import COEFFICIENTS, INDEX
from evaluation.metrics.emotion import INVERSE_RIDGE, LEAST_DEVIATION, EmotionClassifier
from evaluation.metrics.frechet import frechet_distance
from evaluation.metrics.identity import Gallery
from evaluation.metrics.image import psnr, sharpness, ssim
from evaluation.metrics.landmarks import LIPS, face_landmark_distance, mouth_landmark_distance
from evaluation.metrics.lip_sync import MOST_LAG, LipPredictor, measure_sync
from evaluation.metrics.registry import METRICS, PARTS, describe
from evaluation.metrics.temporal import flicker, jitter, landmark_jitter
from evaluation.metrics.text import RIDGE, TextRetriever

FUNCTIONS = {metric.function.__qualname__: metric.function for metric in METRICS.values() if metric.function}
LABELS = ("angry", "happy", "sad")


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_metric_is_described(name: str) -> None:
    metric = describe(name)
    assert metric.name == name
    assert name.split("/")[0] in PARTS
    assert metric.description.endswith(".")
    assert len(metric.title) < 45


def test_unknown_names_are_refused() -> None:
    with pytest.raises(KeyError, match="registry"):
        describe("talker/unheard_of")


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def pictures() -> tuple[np.ndarray, np.ndarray]:
    """Two similar (16, 19, 3) uint8 pictures."""
    a = rng().integers(0, 256, (16, 19, 3), dtype=np.uint8)
    b = np.clip(a.astype(int) + rng().integers(-40, 41, a.shape), 0, 255).astype(np.uint8)
    return a, b


def points() -> tuple[np.ndarray, np.ndarray]:
    """Two (4, 478, 3) faces with different eyes."""
    truth = rng().uniform(0, 200, (4, 478, 3))
    return truth + rng().normal(0, 3, truth.shape), truth


def motions() -> tuple[list[np.ndarray], list[str]]:
    """24 labeled (10, 58) motions that overlap."""
    labels = [LABELS[i % 3] for i in range(24)]
    draws = rng()
    rows = [draws.uniform(0, 0.3, (10, COEFFICIENTS)) for _ in labels]
    for motion, label in zip(rows, labels, strict=True):
        motion[:, INDEX["jawOpen"] + LABELS.index(label)] += 0.15
    return rows, labels


def standardized(rows: list[np.ndarray]) -> np.ndarray:
    """(N, 105), by loops."""
    table = np.array(
        [
            [np.mean(m[:, i]) for i in range(52)]
            + [np.std(m[:, i]) / 2 for i in range(52)]
            + [np.mean(m[:, INDEX["pitch"]])]
            for m in rows
        ]
    )
    return (table - table.mean(0)) / np.array([max(column.std(), LEAST_DEVIATION) for column in table.T])


def eye_distance(face: np.ndarray) -> float:
    return float(np.hypot(face[33, 0] - face[263, 0], face[33, 1] - face[263, 1]))


def of_pearson() -> tuple[Any, Any]:
    a, b = rng().normal(size=(2, 50))
    return pearson(a, b + 0.5 * a), stats.pearsonr(a, b + 0.5 * a).statistic


def of_psnr() -> tuple[Any, Any]:
    a, b = pictures()
    errors = [(int(p) - int(q)) ** 2 for p, q in zip(a.ravel(), b.ravel(), strict=True)]
    return psnr(a, b), 10 * np.log10(255**2 / (sum(errors) / len(errors)))


def of_ssim() -> tuple[Any, Any]:
    """Wang et al. 2004, eq. 13, one window at a time."""
    a, b = (picture.astype(float) for picture in pictures())
    line = np.exp(-((np.arange(11) - 5) ** 2) / (2 * 1.5**2))
    window = np.outer(line, line) / line.sum() ** 2
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    values = []
    for y, x, channel in np.ndindex(a.shape[0] - 10, a.shape[1] - 10, 3):
        p, q = a[y : y + 11, x : x + 11, channel], b[y : y + 11, x : x + 11, channel]
        mp, mq = (window * p).sum(), (window * q).sum()
        vp, vq = (window * (p - mp) ** 2).sum(), (window * (q - mq) ** 2).sum()
        covariance = (window * (p - mp) * (q - mq)).sum()
        values.append((2 * mp * mq + c1) * (2 * covariance + c2) / ((mp**2 + mq**2 + c1) * (vp + vq + c2)))
    return ssim(*pictures()), np.mean(values)


def of_sharpness() -> tuple[Any, Any]:
    picture, _ = pictures()
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(float)
    laplacian = signal.convolve2d(np.pad(gray, 1, mode="reflect"), [[0, 1, 0], [1, -4, 1], [0, 1, 0]], mode="valid")
    return sharpness(picture), laplacian.std()


def of_face_landmark_distance() -> tuple[Any, Any]:
    found, truth = points()
    distances = [
        np.mean([np.hypot(*(f[i, :2] - t[i, :2])) for i in range(468)]) / eye_distance(t)
        for f, t in zip(found, truth, strict=True)
    ]
    return face_landmark_distance(found, truth), 100 * np.mean(distances)


def of_mouth_landmark_distance() -> tuple[Any, Any]:
    found, truth = points()
    distances = []
    for f, t in zip(found, truth, strict=True):
        f, t_lips = f[list(LIPS), :2], t[list(LIPS), :2]
        offsets = [np.hypot(*((p - f.mean(0)) - (q - t_lips.mean(0)))) for p, q in zip(f, t_lips, strict=True)]
        distances.append(np.mean(offsets) / eye_distance(t))
    return mouth_landmark_distance(found, truth), 100 * np.mean(distances)


def of_jitter() -> tuple[Any, Any]:
    rows = rng().normal(size=(9, 4))
    bends = [abs(rows[t + 1, i] - 2 * rows[t, i] + rows[t - 1, i]) for t in range(1, 8) for i in range(4)]
    return jitter(rows), np.mean(bends)


def of_landmark_jitter() -> tuple[Any, Any]:
    face, _ = points()
    scaled = [frame[:468, :2] / eye_distance(frame) for frame in face]
    bends = [np.abs(scaled[t + 1] - 2 * scaled[t] + scaled[t - 1]).mean() for t in (1, 2)]
    return landmark_jitter(face), 100 * np.mean(bends)


def of_flicker() -> tuple[Any, Any]:
    frames = rng().integers(0, 256, (5, 6, 7, 3), dtype=np.uint8)
    return flicker(list(frames)), np.abs(np.diff(frames.astype(float), n=2, axis=0)).mean()


def of_frechet_distance() -> tuple[Any, Any]:
    a = rng().normal(size=(60, 5))
    b = rng().normal(size=(40, 5)) @ rng().normal(size=(5, 5)) + 1
    root = linalg.sqrtm(np.cov(a.T) @ np.cov(b.T)).real
    expected = np.linalg.norm(a.mean(0) - b.mean(0)) ** 2 + np.trace(np.cov(a.T) + np.cov(b.T) - 2 * root)
    return frechet_distance(a, b), expected


def of_similarity() -> tuple[Any, Any]:
    draws = rng()
    people = {name: draws.normal(draws.normal(size=8), 1, (5, 8)) for name in "abc"}
    probes = draws.normal(1.5, 1, (6, 8))
    center = np.mean([rows.mean(0) for rows in people.values()], 0)
    expected = cosine_similarity(probes - center, [people["b"].mean(0) - center]).mean()
    return Gallery.build(people).similarity(probes, "b"), expected


def of_predict() -> tuple[Any, Any]:
    """The regularized likelihood, minimized anew."""
    rows, labels = motions()
    x, y = standardized(rows), np.array([LABELS.index(label) for label in labels])

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(3, -1)
        scores = x @ weights[:, :-1].T + weights[:, -1]
        log_shares = scores - np.logaddexp.reduce(scores, axis=1)[:, None]
        slope = np.exp(log_shares) - np.eye(3)[y]
        gradient = np.hstack([slope.T @ x + weights[:, :-1] / INVERSE_RIDGE, slope.sum(0)[:, None]])
        penalty = (weights[:, :-1] ** 2).sum() / (2 * INVERSE_RIDGE)
        return penalty - log_shares[np.arange(len(y)), y].sum(), gradient.ravel()

    weights = optimize.minimize(loss, np.zeros(3 * (x.shape[1] + 1)), jac=True, options={"maxiter": 500}).x.reshape(
        3, -1
    )
    expected = (x @ weights[:, :-1].T + weights[:, -1]).argmax(1)
    classifier = EmotionClassifier.fit(rows, labels)
    return [LABELS.index(classifier.predict(motion)) for motion in rows], expected


def of_finds() -> tuple[Any, Any]:
    """The normal equations of the ridge regression, solved directly."""
    rows, labels = motions()
    texts = np.linalg.qr(rng().normal(size=(12, 12)))[0][:3] + 0.3
    embeddings = texts[[LABELS.index(label) for label in labels]]
    x, center = standardized(rows), embeddings.mean(0)
    weights = np.linalg.solve(x.T @ x + RIDGE * len(x) * np.eye(x.shape[1]), x.T @ (embeddings - center))
    best = cosine_similarity(x @ weights, texts - center).argmax(1)
    retriever = TextRetriever.fit(rows, embeddings)
    return [[retriever.finds(motion, texts, k) for k in range(3)] for motion in rows], np.eye(3)[best]


def of_measure_sync() -> tuple[Any, Any]:
    """NumPy's r of every pair of shifted curves, from the predictor's own prediction."""
    predictor = LipPredictor(rng().normal(size=(560, 2)))
    audio, lips = rng().normal(size=50 * 640).astype(np.float32), rng().normal(size=(50, 2))
    predicted = predictor.predict(audio, 50)
    means = []
    for lag in range(-MOST_LAG, MOST_LAG + 1):
        first, last = max(0, -lag), min(50, 50 - lag)
        pairs = [(predicted[first:last, i], lips[first + lag : last + lag, i]) for i in range(2)]
        means.append(np.mean([np.corrcoef(*pair)[0, 1] for pair in pairs]))
    sync = measure_sync(predictor, audio, lips)
    return [sync.offset, sync.confidence], [np.argmax(means) - MOST_LAG, max(means) - np.median(means)]


ORACLES: dict[Callable[..., Any], Callable[[], tuple[Any, Any]]] = {
    pearson: of_pearson,
    psnr: of_psnr,
    ssim: of_ssim,
    sharpness: of_sharpness,
    face_landmark_distance: of_face_landmark_distance,
    mouth_landmark_distance: of_mouth_landmark_distance,
    jitter: of_jitter,
    landmark_jitter: of_landmark_jitter,
    flicker: of_flicker,
    frechet_distance: of_frechet_distance,
    Gallery.similarity: of_similarity,
    EmotionClassifier.predict: of_predict,
    TextRetriever.finds: of_finds,
    measure_sync: of_measure_sync,
}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_agrees_with_a_second_implementation(name: str) -> None:
    ours, theirs = ORACLES[FUNCTIONS[name]]()
    np.testing.assert_allclose(np.asarray(ours, float), np.asarray(theirs, float), rtol=1e-6)
