"""Files in, one mp4 out: what `style2talker generate` does, as a function."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.artifacts import FPS, SAMPLE_RATE
from components.common.errors import UserError
from components.common.media import Image, VideoReader, VideoWriter, read_image, read_sound
from components.common.media.limits import ART_PIXELS
from components.common.progress import console, track
from components.talker.controls import Controls
from components.talker.video_tags import file_hash, tags

if TYPE_CHECKING:
    from components.talker.pipeline import Talker

SOUND_RATE = 48_000  # of the written video; Style-E hears `SAMPLE_RATE`
SILENCE = 1e-4  # peak, -80 dB: below it the lips have nothing to follow
DRIVING_SECONDS = 60.0  # of a driving video, which lends its head motion
DRIVING_SIDE = 640  # its frames are shrunk to this before the face is looked for


@dataclass(frozen=True)
class Request:
    """One video to make. Paths are local files; `art` and `pose_from` may be absent."""

    portrait: Path
    audio: Path
    out: Path
    emotion: str = "neutral"
    art: Path | None = None
    pose_from: Path | None = None
    size: int = 512
    max_seconds: float = 600.0
    controls: Controls = field(default_factory=Controls)

    def inputs(self) -> dict[str, Path]:
        """The input files by name."""
        named = {"portrait": self.portrait, "audio": self.audio, "art": self.art, "pose": self.pose_from}
        return {name: path for name, path in named.items() if path is not None}


def check(request: Request) -> None:
    """Refuse what can be refused before any model is loaded."""
    for name, path in request.inputs().items():
        if not os.path.isfile(path):  # pathlib's raises for some names
            raise UserError(f"{name}: {path} is not a file")
    if request.out.suffix.lower() != ".mp4":
        raise UserError(f"{request.out} must end in .mp4")
    if request.out.is_dir():
        raise UserError(f"{request.out} is a folder")
    if request.out.resolve() in {path.resolve() for path in request.inputs().values()}:
        raise UserError(f"{request.out} is also an input; give --out another name")


def generate(request: Request, talker: Talker) -> int:
    """Make the video; returns its number of frames. `request.out` appears whole or not at all.

    Raises:
        UserError: an input is missing, unreadable, too long or shows no face, or the output has no usable name.
    """
    check(request)
    limit = request.max_seconds
    speech = read_sound(request.audio, SAMPLE_RATE, limit + 1).samples
    if len(speech) > limit * SAMPLE_RATE:
        raise UserError(f"{request.audio} is longer than {limit:g} s; cut it or raise --max-seconds")
    if float(np.abs(speech).max(initial=0.0)) < SILENCE:
        console.print(f"warning: {request.audio} is silent; the lips will stay shut", style="yellow", markup=False)
    portrait = talker.portrait(read_image(request.portrait))
    if portrait.faces > 1:
        console.print(
            f"warning: {request.portrait} shows {portrait.faces} faces; the largest one is driven",
            style="yellow",
            markup=False,
        )
    art = read_image(request.art, ART_PIXELS) if request.art else None
    driving = driving_motion(request.pose_from, talker) if request.pose_from else None
    generation = talker.generate(portrait, speech, request.emotion, art, request.controls, driving, request.size)

    hashes = {name: file_hash(path) for name, path in request.inputs().items()}
    settings = {"emotion": request.emotion, "size": str(request.size), **request.controls.notes()}
    sound = read_sound(request.audio, SOUND_RATE, limit + 1).samples
    with VideoWriter(
        request.out,
        generation.size,
        generation.size,
        audio=sound,
        sample_rate=SOUND_RATE,
        metadata=tags(generation.models, hashes, settings),
    ) as video:
        for frame in track(generation.frames, "drawing frames", total=len(generation)):
            video.add(frame)
    return len(generation)


def driving_motion(path: Path, talker: Talker) -> NDArray[np.float32]:
    """(N, 58) coefficients of the first minute of a video at 25 frames a second; `UserError` where nobody is seen."""
    clip = talker.extractor.extract(track(_frames_at_rate(path), "reading the head motion"))
    if not clip.valid.any():
        raise UserError(f"{path} shows no face; --pose-from needs a video of a person")
    return np.asarray(clip.coefficients)


def _frames_at_rate(path: Path) -> Iterator[Image]:
    """Frames at 25 a second: each tick shows the latest frame that has come by then."""
    tick, latest, start = 0, None, None
    with VideoReader(path) as video:
        for frame in video:
            start = frame.seconds if start is None else start
            now = frame.seconds - start
            if now > DRIVING_SECONDS:
                break
            while latest is not None and tick / FPS < now:
                yield latest
                tick += 1
            latest = _shrunk(frame.image())
    if latest is None:
        raise UserError(f"{path} has no frames")
    yield latest


def _shrunk(image: Image) -> Image:
    """An image whose longer side is at most `DRIVING_SIDE`."""
    scale = DRIVING_SIDE / max(image.shape[:2])
    if scale >= 1:
        return image
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
