"""Eight faces: what each shows, and that names mean shapes."""

from __future__ import annotations

import numpy as np
import pytest

from components.common.arkit import INDEX, WEIGHTS, sided
from components.common.artifacts import EMOTIONS
from components.synthetic.motion.emotions import EMOTION_FACES, shape_vector


def test_every_emotion_has_a_face() -> None:
    assert tuple(EMOTION_FACES) == EMOTIONS
    assert not EMOTION_FACES["neutral"].vector.any()
    for face in EMOTION_FACES.values():
        assert face.vector.shape == (WEIGHTS,)
        assert 0 <= face.vector.min() <= face.vector.max() <= 1


def test_a_stem_means_both_sides_and_a_full_name_one() -> None:
    vector = shape_vector({"mouthSmile": 0.5, "mouthSmileLeft": 0.25, "jawOpen": 0.1})
    left, right = sided("mouthSmile")
    assert (vector[left], vector[right], vector[INDEX["jawOpen"]]) == (0.75, 0.5, 0.1)
    assert np.count_nonzero(vector) == 3
    with pytest.raises(KeyError):
        shape_vector({"mouthGrin": 1.0})


def test_contempt_is_one_sided_and_disgust_wrinkles_the_nose() -> None:
    contempt, disgust = EMOTION_FACES["contempt"].vector, EMOTION_FACES["disgusted"].vector
    left, right = sided("mouthSmile")
    assert contempt[left] > 0.6
    assert contempt[right] == 0
    assert all(disgust[i] > 0.8 for i in sided("noseSneer"))


def test_no_two_emotions_look_alike() -> None:
    faces = np.stack([face.vector for face in EMOTION_FACES.values()])
    distances = np.linalg.norm(faces[:, None] - faces[None], axis=-1)
    assert distances[~np.eye(len(faces), dtype=bool)].min() > 0.7
