"""Measure videos made from your own portraits, speech and art: faces found, lips that obey, and a contact sheet.

Every portrait speaks one of the sound files in turn (or each of them), once as it is and once painted. No truth is
needed.

Example: ``python -m evaluation.in_the_wild --portraits my/faces --audio my/speech --art my/art --out out/own``
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from components.common.agreement import pearson
from components.common.arkit import INDEX
from components.common.artifacts import FPS, SAMPLE_RATE
from components.common.errors import UserError
from components.common.media import Image, read_audio, read_frames, read_image, write_wav
from components.common.progress import console
from components.common.runtime import pin_threads, seed_everything
from components.runner.command import command_parser, run_command
from components.talker.emotion_text import readable
from components.talker.generate import Request, generate
from components.talker.pipeline import Talker
from evaluation.metrics.landmarks import lip_aperture
from evaluation.parts.talker import face_found_rate

EMOTIONS = ("neutral", "very happy", "a little sad", "angry", "astonished")
SHOWN = 6  # frames of each video in the contact sheet
CELL = 200  # pixels


@dataclass(frozen=True)
class Row:
    """One video. lips: r of the lip gap seen in it with the jawOpen that was asked for."""

    name: str
    emotion: str
    frames: int
    frames_of_sound: int
    face_found: float
    lips: float


def measure(request: Request, talker: Talker, seconds: float) -> tuple[Row, list[Image]]:
    """Make the video, read it back from the file and compare it with the motion asked for."""
    audio = read_audio(request.audio)[: int(seconds * SAMPLE_RATE)]
    sound = request.out.with_suffix(".wav")
    write_wav(sound, audio)
    request = Request(request.portrait, sound, request.out, request.emotion, request.art, size=request.size)
    generate(request, talker)
    portrait = talker.portrait(read_image(request.portrait))
    motion = talker.motion(portrait, read_audio(sound), readable(request.emotion), request.controls)
    frames = list(read_frames(request.out))
    tracked = talker.extractor.extract(frames)
    lips = pearson(lip_aperture(tracked.landmarks), motion[: len(frames), INDEX["jawOpen"]])
    expected = round(len(audio) / SAMPLE_RATE * FPS)
    return Row(request.out.stem, request.emotion, len(frames), expected, face_found_rate(frames), lips), frames


def strip(frames: Sequence[Image]) -> Image:
    """(CELL, SHOWN * CELL, 3): evenly spaced frames side by side."""
    shown = [frames[int(i)] for i in np.linspace(0, len(frames) - 1, SHOWN)]
    return np.hstack([cv2.resize(frame, (CELL, CELL), interpolation=cv2.INTER_AREA) for frame in shown])


def table(rows: Sequence[Row]) -> str:
    """Markdown."""
    lines = ["| video | emotion | frames (sound) | face found | lips, r |", "|---|---|---|---|---|"]
    lines += [
        f"| {r.name} | {r.emotion} | {r.frames} ({r.frames_of_sound}) | {r.face_found:.3f} | {r.lips:.2f} |"
        for r in rows
    ]
    return "\n".join(lines)


def _files(folder: Path | None) -> list[Path]:
    """A folder's files in order; none for None."""
    if folder is None:
        return []
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    if not paths:
        raise UserError(f"{folder} is empty")
    return paths


def run(options: argparse.Namespace) -> list[Row]:
    """Make and measure everything; portraits without a face are named and passed over."""
    from PIL import Image as Picture

    talker = Talker.from_pretrained(options.models)
    portraits, sounds = _files(options.portraits), _files(options.audio)
    arts: list[Path | None] = [*_files(options.art)] or [None]
    in_turn = zip(portraits, itertools.cycle(sounds), strict=False)
    pairs = itertools.product(portraits, sounds) if options.every_pair else in_turn
    rows, strips = [], []
    for number, (portrait, sound) in enumerate(pairs):
        emotion = options.emotion or EMOTIONS[number % len(EMOTIONS)]
        for art in dict.fromkeys((None, arts[number % len(arts)])):
            name = "+".join([portrait.stem, sound.stem, *([art.stem] if art else [])])
            request = Request(portrait, sound, options.out / f"{name}.mp4", emotion, art, size=options.size)
            try:
                row, frames = measure(request, talker, options.seconds)
            except UserError as error:
                console.print(f"passed over: {portrait.name}: {error}", markup=False, soft_wrap=True)
                break
            rows.append(row)
            strips.append(strip(frames))
    if not rows:
        raise UserError(f"no portrait in {options.portraits} could be used")
    Picture.fromarray(np.vstack(strips)).save(options.out / "sheet.jpg", quality=85)
    (options.out / "table.md").write_text(table(rows) + "\n", encoding="utf-8")
    return rows


def main(arguments: list[str] | None = None) -> int:
    pin_threads()
    parser = command_parser("evaluation.in_the_wild", __doc__)
    parser.add_argument("--portraits", type=Path, required=True, help="folder of pictures")
    parser.add_argument("--audio", type=Path, required=True, help="folder of speech or song")
    parser.add_argument("--art", type=Path, help="folder of art pictures (optional)")
    parser.add_argument("--emotion", default="", help="emotion text of all videos (default: a different one for each)")
    parser.add_argument("--every-pair", action="store_true", help="every portrait with every sound")
    parser.add_argument("--out", type=Path, required=True, help="folder for videos, table.md and sheet.jpg")
    parser.add_argument("--models", type=Path, default=Path("models"), help="trained models (default: models)")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each sound file (default: 8)")
    parser.add_argument("--size", type=int, default=512, help="side of the videos in pixels (default: 512)")
    options = parser.parse_args(arguments)

    def work() -> None:
        for folder in (options.portraits, options.audio, options.art):
            if folder is not None and not folder.is_dir():
                raise UserError(f"{folder} is not a folder")
        options.out.mkdir(parents=True, exist_ok=True)
        seed_everything(0)
        print(table(run(options)))

    return run_command(work)


if __name__ == "__main__":
    sys.exit(main())
