"""The right text is found by motion, and a wrong one is not."""

from __future__ import annotations

import numpy as np

from components.common.arkit import COEFFICIENTS, INDEX
from evaluation.metrics.text import TextRetriever

SHAPES = {"happy": "mouthSmileLeft", "sad": "browInnerUp", "angry": "browDownLeft"}


def motion(emotion: str, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = rng.uniform(0, 0.1, (30, COEFFICIENTS)).astype(np.float32)
    rows[:, INDEX["jawOpen"]] += rng.uniform(0, 0.6, 30)
    rows[:, INDEX[SHAPES[emotion]]] += 0.5
    return rows


def test_text_retriever() -> None:
    names = list(SHAPES)
    embeddings = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 16)))[0][: len(names)]
    labels = names * 8
    retriever = TextRetriever.fit(
        [motion(e, i) for i, e in enumerate(labels)], embeddings[[names.index(e) for e in labels]]
    )
    found = [retriever.finds(motion(e, 50 + i), embeddings, names.index(e)) for i, e in enumerate(labels)]
    assert np.mean(found) == 1.0
    assert not retriever.finds(motion("happy", 99), embeddings, names.index("sad"))
    assert sorted(retriever.rank(motion("angry", 98), embeddings)) == [0, 1, 2]
    assert retriever.rank(motion("angry", 98), embeddings)[0] == names.index("angry")
