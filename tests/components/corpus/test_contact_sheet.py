"""A picture of the corpus: every face in its cell."""

from __future__ import annotations

import numpy as np

from components.common.artifacts import EMOTIONS
from components.corpus.contact_sheet import LIP_PHONEMES, LIP_SHAPES, emotion_sheet, lip_sheet
from components.synthetic.motion.emotions import EMOTION_FACES
from components.synthetic.motion.visemes import VISEMES
from components.synthetic.render.actor import Actor

SIZE = 32


def cell(sheet: np.ndarray, row: int, column: int) -> np.ndarray:
    return sheet[row * SIZE : (row + 1) * SIZE, column * SIZE : (column + 1) * SIZE]


def test_a_row_per_emotion_and_a_column_per_person(actor: Actor) -> None:
    sheet = emotion_sheet([actor, actor], SIZE)
    assert sheet.shape == (len(EMOTIONS) * SIZE, 2 * SIZE, 3)
    happy = list(EMOTION_FACES).index("happy")
    pose = np.array([0.0, EMOTION_FACES["happy"].pose[1], 0.0])
    np.testing.assert_array_equal(cell(sheet, happy, 0), actor.render(EMOTION_FACES["happy"].vector, pose, size=SIZE))
    assert not np.array_equal(cell(sheet, happy, 0), cell(sheet, happy, 1))  # turned, so that both sides are seen


def test_a_row_per_person_and_a_column_per_lip_shape(actor: Actor) -> None:
    sheet = lip_sheet([actor], SIZE)
    assert sheet.shape == (SIZE, (len(LIP_PHONEMES) + len(LIP_SHAPES)) * SIZE, 3)
    opened = actor.render(VISEMES["a"].vector, size=SIZE)
    np.testing.assert_array_equal(cell(sheet, 0, LIP_PHONEMES.index("a")), opened)
    np.testing.assert_array_equal(cell(sheet, 0, len(LIP_PHONEMES)), actor.render(np.zeros(52), size=SIZE))
