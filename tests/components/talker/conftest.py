"""A picture of two people; speech and a portrait for toy models, also as files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pytest

from components.common.media import Image, write_wav


@pytest.fixture(scope="session")
def two_faces(face: Image) -> Image:
    """A wide picture: a large head, and a smaller one beside it."""
    from components.synthetic.render.actor import Actor

    other = cv2.resize(Actor.sample(12, 256).render(np.zeros(52, np.float32)), (160, 160))
    picture = np.full((256, 460, 3), 128, np.uint8)
    picture[:, :256] = face
    picture[60:220, 280:440] = other
    return picture


@pytest.fixture(scope="session")
def speech() -> np.ndarray:
    """1.2 seconds of 16 kHz speech."""
    from components.synthetic.motion.clips import picture_free_clips

    return picture_free_clips(1, 7, sentences="test")[0].audio[: 16_000 * 6 // 5]


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory, face: Image, speech: np.ndarray) -> Path:
    """A folder with `face.png`, `wall.png` (nobody) and `speech.wav`."""
    folder = tmp_path_factory.mktemp("inputs")
    PIL.Image.fromarray(face).save(folder / "face.png")
    PIL.Image.fromarray(np.full((200, 300, 3), 90, np.uint8)).save(folder / "wall.png")
    write_wav(folder / "speech.wav", speech)
    return folder
