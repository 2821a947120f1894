"""What a request to the served talker looks like: its columns for the model's signature, and one small real request."""

from __future__ import annotations

import base64
from pathlib import Path

from components.talker.service import COLUMNS, FILES

FOLDER = Path(__file__).parent / "example_request"  # a rendered face outside the corpus, and a synthetic "Hello."
SIZE = 128  # pixels a side of the answer
TYPES = {**dict.fromkeys(FILES, "string"), "emotion": "string", "size": "long", "seed": "long"}


def columns() -> list[tuple[str, str, bool]]:
    """(name, MLflow's type, needed) of every field; the controls are numbers.

    None is marked as needed, though portrait and audio are: MLflow would refuse a request without them in a page of
    its own, with the request in it, and the service says it in a line.
    """
    return [(name, TYPES.get(name, "double"), False) for name in COLUMNS]


def request() -> dict[str, str | int]:
    """A drawn face and a moment of speech as base64 text: a few kilobytes, answered in seconds."""
    portrait, audio = (base64.b64encode((FOLDER / name).read_bytes()) for name in ("portrait.jpg", "speech.wav"))
    return {
        "portrait": portrait.decode("ascii"),
        "audio": audio.decode("ascii"),
        "emotion": "a little happy",
        "size": SIZE,
    }
