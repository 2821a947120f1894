"""What a request to the served talker looks like: its columns for the model's signature, and one small real request."""

from __future__ import annotations

import base64
import io

import numpy as np

from components.common.artifacts import SAMPLE_RATE
from components.talker.service import COLUMNS, FILES

PERSON = 90_001  # seed of a person outside the corpus
SIDE, OUT = 256, 128  # pixels a side of the portrait and of the answer
SECONDS = 0.4
NEEDED = ("portrait", "audio")
TYPES = {**dict.fromkeys(FILES, "string"), "emotion": "string", "size": "long", "seed": "long"}


def columns() -> list[tuple[str, str, bool]]:
    """(name, MLflow's type, needed) of every field; the dials are numbers."""
    return [(name, TYPES.get(name, "double"), name in NEEDED) for name in COLUMNS]


def request() -> dict[str, str | int]:
    """A drawn face and a moment of speech as base64 text: a few kilobytes, answered in seconds."""
    import soundfile
    from PIL import Image

    from components.corpus.synthetic.actor import Actor
    from components.corpus.synthetic.sentences import TEST_VOICES
    from components.corpus.synthetic.speech import Speaker

    picture, sound = io.BytesIO(), io.BytesIO()
    face = Actor.sample(PERSON, SIDE).render(np.zeros(52, np.float32))
    Image.fromarray(face).save(picture, "JPEG", quality=85)
    speech = Speaker().say("Hello.", TEST_VOICES[0], "neutral", 1).audio[: round(SECONDS * SAMPLE_RATE)]
    soundfile.write(sound, speech, SAMPLE_RATE, format="WAV", subtype="PCM_16")
    return {
        "portrait": base64.b64encode(picture.getvalue()).decode("ascii"),
        "audio": base64.b64encode(sound.getvalue()).decode("ascii"),
        "emotion": "a little happy",
        "size": OUT,
    }
