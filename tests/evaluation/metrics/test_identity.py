"""A gallery tells people apart, seen through face features."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.metrics.face_features import descriptor
from evaluation.metrics.identity import Gallery


def test_probes_are_most_like_their_own_person() -> None:
    rng = np.random.default_rng(0)
    people = {name: rng.integers(0, 256, (8, 8, 3)) for name in "abc"}

    def faces(name: str, count: int) -> list[np.ndarray]:
        base = np.kron(people[name], np.ones((8, 8, 1)))
        return [np.clip(base + rng.normal(0, 12, base.shape), 0, 255).astype(np.uint8) for _ in range(count)]

    gallery = Gallery.build({name: descriptor(faces(name, 4)) for name in people})
    probes = descriptor(faces("b", 6))
    assert (gallery.scores(probes).argmax(axis=1) == gallery.names.index("b")).all()
    assert gallery.similarity(probes, "b") > 0.5 > gallery.similarity(probes, "a")


def test_one_person_cannot_be_told_apart() -> None:
    with pytest.raises(ValueError, match="two people"):
        Gallery.build({"a": np.zeros((2, 4))})


def test_similarity_is_a_cosine_from_the_center() -> None:
    gallery = Gallery.build({"left": np.array([[-1.0, 5.0]]), "right": np.array([[3.0, 5.0]])})
    assert gallery.center.tolist() == [1.0, 5.0]
    assert gallery.similarity(np.array([[9.0, 5.0]]), "right") == pytest.approx(1.0)
    assert gallery.similarity(np.array([[9.0, 5.0]]), "left") == pytest.approx(-1.0)
    assert gallery.similarity(np.array([[1.0, 9.0]]), "left") == pytest.approx(0.0)
