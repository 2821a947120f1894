"""Training of phase 1: stylized portraits from portraits and art pictures.

Every step's randomness follows from (seed, step), so a resumed training ends in the same weights as an unbroken one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from components.common.checkpoint import Checkpoint, training_key
from components.common.errors import UserError
from components.common.media import Image
from components.common.params import TrainStyleA
from components.common.runtime import pick_device, seed_everything
from components.common.tracker import NullTracker, Tracker
from components.style_a.art.quality import evaluate
from components.style_a.art.style_corpus import build_corpus
from components.style_a.art.training import ArtTraining

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")


def train_art(
    params: TrainStyleA,
    stills: Sequence[Image],
    folder: Path,
    seed: int,
    plots: Path,
    checkpoint: Path,
    tracker: Tracker | None = None,
    device: str = "cpu",
    threads: int = 1,
) -> dict[str, float]:
    """Train on (H, W, 3) uint8 `stills` of several people and write the model to `folder`.

    plots: CSV of the training figures. checkpoint: folder of the resumable state, kept until
    `art_checkpoint(...).clear()`. Returns the figures on stills held out from training.
    Raises `UserError` when there are too few stills or the art folder holds no picture.
    """
    if len(stills) < 4:
        raise UserError(f"train_style_a.art.portraits: at least 4 stills are needed, not {len(stills)}")
    seed_everything(seed, threads)
    cv2.setNumThreads(1)
    held_out = max(1, len(stills) // 8)
    custom = read_art_folder(params.art.art_folder)
    corpus = build_corpus(stills[:-held_out], seed, custom)
    training = ArtTraining(params, corpus, seed, pick_device(device))
    state = art_checkpoint(params, stills, seed, checkpoint)
    training.resume(state)
    training.run(state, plots, tracker or NullTracker())
    stylist = training.finish()
    stylist.save_pretrained(folder)
    return evaluate(stylist, build_corpus(stills[-held_out:], seed, variety=False, label="held-out styles"), corpus)


def art_checkpoint(params: TrainStyleA, stills: Sequence[Image], seed: int, folder: Path) -> Checkpoint:
    """Where the training named by these inputs keeps its state; the caller clears it when its stage has ended."""
    digest = hashlib.sha256()
    for picture in [*stills, *read_art_folder(params.art.art_folder)]:
        digest.update(np.ascontiguousarray(picture).tobytes())
    named = {"phase": "art", "seed": seed, "ema": params.ema, "pictures": digest.hexdigest()}
    return Checkpoint(folder, training_key({**named, "art": params.art.model_dump()}))


def read_art_folder(name: str) -> list[Image]:
    """The pictures of the user's art folder, sorted by name; none for an empty name."""
    if not name:
        return []
    paths = sorted(path for path in Path(name).glob("*") if path.suffix.lower() in PICTURES)
    pictures = [cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR) for path in paths]
    readable = [cv2.cvtColor(picture, cv2.COLOR_BGR2RGB) for picture in pictures if picture is not None]
    if not readable:
        raise UserError(f"train_style_a.art.art_folder: {name} holds no readable picture ({', '.join(PICTURES)})")
    return [np.asarray(picture, np.uint8) for picture in readable]
