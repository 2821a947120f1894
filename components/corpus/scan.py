"""The first pass over a video: is the file whole, when is each frame, where is the face. Constant memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.common.artifacts import FPS
from components.common.media import Image, VideoReader
from components.common.media.limits import MAX_FACELESS_PIXELS, MAX_FRAME_RATE
from components.corpus.active_speaker import mouth_motion
from components.face.crop import CropBox, face_crop, main_track
from components.face.detection import DetectedFace, FaceDetector
from components.face.human_check import HUMAN_LOGIT, HumanCheck

SAMPLE_SECONDS = 0.4  # a face is looked for this often
VERIFY_EVERY = 3  # every third face found is also asked whether it is a human one
MIN_FACE_RATE = 0.5  # of the looks that must find the person
MIN_FPS = 8.0  # fewer frames a second do not show what lips do
MAX_GAP = 1.0  # seconds; a longer still is a broken recording or a slide show
THOROUGH_LOOKS = 12  # without any face after which only large ones are looked for, until one is found
MAX_DAMAGED = 0.02  # share of frames that may decode with concealed errors


class Unusable(Exception):
    """A clip that must be quarantined; the text is the reason in words."""


@dataclass(frozen=True)
class Scan:
    """A video after the first pass.

    times: (N,) seconds of each decoded frame, not decreasing. width, height: of upright frames with square pixels.
    faces: those found in each of the sampled frames, best first. motion: how much each of their mouths moves, for the
    sampled frames with several. human_logit: median presence logit of the best ones.
    """

    times: NDArray[np.float64]
    width: int
    height: int
    faces: tuple[tuple[DetectedFace, ...], ...]
    human_logit: float
    motion: Mapping[int, Sequence[float]] = field(default_factory=dict)

    def track(self) -> list[DetectedFace]:
        """The main person's face in the sampled frames that show it."""
        return main_track(self.faces, self.motion)

    @property
    def step(self) -> float:
        """Seconds from one frame to the next, median."""
        return float(np.median(np.diff(self.times))) if len(self.times) > 1 else 1 / FPS

    @property
    def seconds(self) -> float:
        return float(self.times[-1] - self.times[0]) + self.step

    @property
    def face_rate(self) -> float:
        """Share of sampled frames that show the main person's face."""
        return len(self.track()) / len(self.faces)

    def crop(self) -> CropBox:
        """The clip's square.

        Raises:
            Unusable: no face, not a human one, or too rarely seen.
        """
        track = self.track()
        looks = len(self.faces)
        if not track:
            raise Unusable(f"no face was found in any of {looks} sampled frames")
        if self.human_logit < HUMAN_LOGIT:
            raise Unusable("the face is not a human one")
        if self.face_rate < MIN_FACE_RATE:
            raise Unusable(f"a face was found in only {len(track)} of {looks} sampled frames")
        return face_crop(track, self.width, self.height)


@lru_cache(maxsize=1)
def _networks() -> tuple[FaceDetector, HumanCheck]:
    return FaceDetector(), HumanCheck()


def scan(path: Path, max_seconds: float) -> Scan:
    """Read a video once, at most its first `max_seconds`.

    Raises:
        Unusable: cut off, damaged, frozen or too slow.
        UserError: not a video at all, or without usable timestamps.
    """
    detector, human_check = _networks()
    times: list[float] = []
    faces: list[tuple[DetectedFace, ...]] = []
    logits: list[float] = []
    width = height = 0
    motion: dict[int, list[float]] = {}
    crowd: Image | None = None  # the sampled frame, where it shows several people; compared with the frame after it
    due = -np.inf
    whole = True  # until stopped early
    with VideoReader(path) as video:
        for frame in video:
            if times and frame.seconds - times[0] >= max_seconds:
                whole = False
                break
            times.append(frame.seconds)
            _check_search(video, times, any(faces))
            if crowd is not None:
                after = frame.image()
                motion[len(faces) - 1] = [mouth_motion(crowd, after, face) for face in faces[-1]]
                crowd = None
            if frame.seconds >= due:
                due = frame.seconds + SAMPLE_SECONDS
                image = frame.image()
                height, width = image.shape[:2]
                in_frame = tuple(detector.detect(image, any(faces[-THOROUGH_LOOKS:]) or len(faces) < THOROUGH_LOOKS))
                faces.append(in_frame)
                crowd = image if len(in_frame) > 1 else None
                if in_frame and sum(map(bool, faces)) % VERIFY_EVERY == 1:
                    logits.append(human_check.logit(image, in_frame[0]))
        _check_file(video, whole)
    if not times:
        raise Unusable("the video holds no frame")
    footage = Scan(np.asarray(times), width, height, tuple(faces), float(np.median(logits or [0.0])), motion)
    _check_pace(footage)
    return footage


def _check_search(video: VideoReader, times: Sequence[float], found: bool) -> None:
    """Give up a video that shows nothing for long, and one whose clock stands still."""
    seconds = times[-1] - times[0]
    if not found and video.pixels > MAX_FACELESS_PIXELS:
        raise Unusable(f"no face was found in the first {seconds:.0f} seconds")
    if len(times) > MAX_FRAME_RATE * (seconds + 1):
        raise Unusable(f"more than {MAX_FRAME_RATE} frames in a second")


def _check_file(video: VideoReader, whole: bool) -> None:
    if video.missing:
        left = video.declared - video.missing
        raise Unusable(f"the file is cut off: {left} of {video.declared} frames are there")
    if video.damaged > MAX_DAMAGED * video.decoded:
        raise Unusable(f"the video is damaged: {video.damaged} frames do not decode, {video.decoded} do")
    if whole and not video.declared and video.end < video.duration - max(0.5, 0.05 * video.duration):
        raise Unusable(f"the file is cut off: it ends at {video.end:.1f} of {video.duration:.1f} seconds")


def _check_pace(footage: Scan) -> None:
    gaps = np.diff(footage.times)
    if not np.isfinite(footage.times).all():
        raise Unusable("the timestamps are not numbers")
    if len(gaps) and gaps.max() > MAX_GAP:
        raise Unusable(f"the picture stands still for {gaps.max():.1f} seconds")
    if footage.step > 1 / MIN_FPS:
        raise Unusable(f"only {1 / footage.step:.1f} frames a second; lips need at least {MIN_FPS:.0f}")


def pick_frames(times: NDArray[np.float64], step: float, max_seconds: float) -> NDArray[np.int64]:
    """For each frame at 25 fps, the source frame nearest in time: (N,) seconds -> (T,) indices, not decreasing.

    The clip begins with the first source frame, and the last one lasts `step` seconds.
    """
    seconds = min(float(times[-1] - times[0]) + step, max_seconds)
    targets = times[0] + np.arange(max(1, round(seconds * FPS))) / FPS
    after = np.clip(np.searchsorted(times, targets), 0, len(times) - 1)
    before = np.maximum(after - 1, 0)
    # A microsecond's slack: equal distances always give the earlier frame, whatever the rounding.
    nearer = targets - times[before] <= times[after] - targets + 1e-6
    return np.asarray(np.where(nearer, before, after), np.int64)
