"""The packaged sentence encoder: order in meaning, unit length, batching, and what happens without the package."""

import numpy as np
import pytest

from components.common import minilm
from components.common.errors import UserError
from components.common.minilm import DIMENSIONS, SentenceEncoder


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder()


def test_vectors_are_unit_and_keep_the_order_of_the_texts(encoder):
    texts = ["a very angry man", "joy", "she is a little sad about the rain that fell on the picnic"]
    together = encoder.encode(texts)
    assert together.shape == (3, DIMENSIONS)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, row in zip(texts, together, strict=True):
        np.testing.assert_allclose(encoder.encode([text])[0], row, atol=2e-6)


def test_similarity_follows_meaning(encoder):
    happy, joyful, furious, machine = encoder.encode(
        ["a happy face", "a joyful face", "a furious face", "install the washing machine"]
    )
    assert happy @ joyful > happy @ furious > happy @ machine
    assert happy @ joyful > 0.7
    assert happy @ machine < 0.25


def test_a_known_pair_has_the_published_similarity(encoder):
    # Model card of all-MiniLM-L6-v2 on the hub, usage example: these two sentences score 0.66 (two decimals).
    a, b = encoder.encode(["The weather is lovely today.", "It's so sunny outside!"])
    assert float(a @ b) == pytest.approx(0.66, abs=0.01)


def test_no_text_gives_no_rows_and_does_not_load_the_model():
    encoder = SentenceEncoder()
    assert encoder.encode([]).shape == (0, DIMENSIONS)
    assert "_model" not in vars(encoder)


def test_a_missing_package_is_one_clear_line(monkeypatch):
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package_at_all")
    with pytest.raises(UserError, match="pip install"):
        SentenceEncoder()
