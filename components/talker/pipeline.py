"""Style2Talker's inference: portrait, speech, emotion text and art picture in, frames out.

Style-E turns speech and text into motion coefficients, Style-A turns them into pictures; this is the only place where
the two meet. Frames are made one by one, so memory does not grow with the length of the speech.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from components.coefficients.extractor import CoefficientExtractor
from components.common.artifacts import SAMPLE_RATE
from components.common.errors import UserError, translated
from components.common.media import Image, Waveform
from components.common.runtime import LOADING
from components.style_a.pipeline import StyleAPipeline
from components.style_e.pipeline import StyleEPipeline
from components.talker.controls import Controls
from components.talker.emotion_text import readable
from components.talker.portrait import Portrait
from components.talker.pose_transfer import borrow_pose
from components.talker.video_tags import folder_hash

Part = TypeVar("Part")
MODEL_FOLDERS = ("regressor", "style_e", "style_a")
SHORTEST = 0.2  # seconds of speech
SIZES = (64, 2048)  # pixels a side


@dataclass(frozen=True)
class Generation:
    """A video in the making. `frames` can be consumed once.

    coefficients: (T, 58) motion asked for. frames: T pictures of side `size`. models: name -> hash of a model folder.
    """

    coefficients: NDArray[np.float32]
    frames: Iterator[Image]
    size: int
    models: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.coefficients)


class Talker:
    """The whole generator. Threads may share one: nothing of a call stays behind, and what networks keep is locked.

    Example::

        talker = Talker.from_pretrained(Path("models"))
        portrait = talker.portrait(read_image(Path("p.png")))
        generation = talker.generate(portrait, read_audio(Path("a.wav")), "a little sad")
        for frame in generation.frames: ...
    """

    def __init__(
        self,
        extractor: CoefficientExtractor,
        style_e: StyleEPipeline,
        style_a: StyleAPipeline,
        models: dict[str, str] | None = None,
    ) -> None:
        self.extractor = extractor
        self.style_e = style_e
        self.style_a = style_a
        self.models = models or {}

    @classmethod
    def from_pretrained(cls, models: Path) -> Talker:
        """From a folder with `regressor`, `style_e` and `style_a`, as training leaves them.

        Raises `UserError` as `from_folders` does.
        """
        return cls.from_folders({name: models / name for name in MODEL_FOLDERS})

    @classmethod
    def from_folders(cls, folders: Mapping[str, Path]) -> Talker:
        """The same from three folders that may lie in different places.

        Raises:
            UserError: one of them is missing, damaged, or was written by code of another time.
        """
        for name in MODEL_FOLDERS:
            if name not in folders or not folders[name].is_dir():
                raise UserError(
                    f"{folders.get(name, name)} is missing; name a folder with {', '.join(MODEL_FOLDERS)} (--models), "
                    "or train them: dvc repro"
                )
        with LOADING:
            return cls(
                _loaded(CoefficientExtractor.from_pretrained, folders["regressor"]),
                _loaded(load_style_e, folders["style_e"]),
                _loaded(StyleAPipeline.from_pretrained, folders["style_a"]),
                {name: folder_hash(folders[name]) for name in MODEL_FOLDERS},
            )

    def portrait(self, picture: Image) -> Portrait:
        """Find and crop the largest face of a picture; `UserError` where there is none."""
        return Portrait.find(picture, self.extractor)

    def motion(
        self,
        portrait: Portrait,
        audio: Waveform,
        emotion: str,
        controls: Controls,
        driving: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """(T, 58) coefficients for 16 kHz mono speech; `driving` (N, 58) lends its head motion."""
        rows = self.style_e(
            audio,
            emotion,
            portrait.coefficients,
            emotion_strength=controls.emotion_strength,
            seed=controls.seed,
            head_motion=controls.head_motion,
            blink=controls.blink,
            expression=controls.expression,
            lip=controls.lip,
        )
        if not np.isfinite(rows).all():
            raise UserError("Style-E's motion is no finite number: its weights are damaged; run `dvc checkout models`")
        if driving is None:
            return rows
        return borrow_pose(rows, driving, portrait.coefficients, controls.head_motion)

    def generate(
        self,
        portrait: Portrait,
        audio: Waveform,
        emotion: str = "neutral",
        art: Image | None = None,
        controls: Controls | None = None,
        driving: NDArray[np.float32] | None = None,
        size: int = 512,
    ) -> Generation:
        """Start a generation; its frames are drawn as they are asked for. Bad input raises `UserError`."""
        controls = controls or Controls()
        audio = check_audio(audio)
        emotion = readable(emotion)
        if size % 2 or not SIZES[0] <= size <= SIZES[1]:
            raise UserError(f"size must be an even number from {SIZES[0]} to {SIZES[1]}, not {size}")
        rows = self.motion(portrait, audio, emotion, controls, driving)
        return Generation(rows, self._draw(portrait, rows, art, controls.style_degree, size), size, self.models)

    def _draw(
        self, portrait: Portrait, rows: NDArray[np.float32], art: Image | None, degree: float, size: int
    ) -> Iterator[Image]:
        animator = self.style_a.prepare(portrait.picture, portrait.landmarks, portrait.coefficients, art, degree, size)
        yield from animator.frames(rows)


def _loaded(load: Callable[[Path], Part], folder: Path) -> Part:
    """What `load` makes of a model folder, however that is damaged."""
    with translated(f"{folder} is damaged; run `dvc checkout {folder}`, or train it anew"):
        return load(folder)


def check_audio(audio: Waveform) -> Waveform:
    """16 kHz mono speech of a usable length, all of it finite."""
    if len(audio) < SHORTEST * SAMPLE_RATE:
        raise UserError(f"the audio lasts {len(audio) / SAMPLE_RATE:.2f} s; at least {SHORTEST} s are needed")
    if not np.isfinite(audio).all():
        raise UserError("the audio holds values that are not numbers")
    return np.clip(audio, -1.0, 1.0).astype(np.float32)


def load_style_e(folder: Path) -> StyleEPipeline:
    """Load Style-E without the bar that diffusers draws: it would cut through the command line's own progress.

    Nor does it ask for `accelerate`, which an installation without extras lacks: the networks are small.

    Raises:
        UserError: the folder is damaged, or was written by code whose networks this code does not have.
    """
    from diffusers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    advice = "check out the code that trained it, or `dvc repro train_style_e`"
    try:
        with translated(f"{folder} cannot be read by this code; it is damaged or was trained by other code: {advice}"):
            pipeline: StyleEPipeline = StyleEPipeline.from_pretrained(
                folder,
                low_cpu_mem_usage=False,
                use_safetensors=True,  # else a pickle is looked for where those are missing
            )
    finally:
        if shown:
            logging.enable_progress_bar()
    return pipeline
