"""Both text encoders behind one Protocol."""

import numpy as np
import pytest

from components.common.errors import UserError
from components.style_e.text_encoder import ClipText, MiniLMText, load_text_encoder

TEXTS = ["very happy", "sad", "a face that shows deep and endless sorrow"]


def test_clip_from_a_local_folder(clip_folder):
    encoder = load_text_encoder("clip", str(clip_folder))
    assert isinstance(encoder, ClipText)
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (3, encoder.size) == (3, 24)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(encoder.encode(TEXTS[1:2])[0], vectors[1], atol=1e-5)  # padding does not matter
    assert encoder.encode(["word " * 200]).shape == (1, 24)
    assert encoder.encode([]).shape == (0, 24)


def test_minilm_is_the_default():
    encoder = load_text_encoder("minilm", "")
    assert isinstance(encoder, MiniLMText)
    assert encoder.encode(TEXTS[:1]).shape == (1, encoder.size) == (1, 384)


@pytest.mark.parametrize("name", ["", "no/such/folder/anywhere"])
def test_a_clip_model_that_is_not_there_is_one_clear_line(name, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(UserError, match="CLIP") as caught:
        load_text_encoder("clip", name)
    assert "\n" not in str(caught.value)
