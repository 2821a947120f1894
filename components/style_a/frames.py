"""Frames that motion is learned from: a few per clip, as different from each other as the clip offers.

A pair is two frames of one group (a clip, or one rendered head): the portrait and the frame to reach. Some groups also
have stylized copies, so that painted portraits learn to move too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.artifacts import ClipCoefficients
from components.common.clips import Clip, read_clips
from components.common.errors import StageError
from components.common.frame_choice import farthest_frames
from components.common.layout import Layout
from components.common.media import Image, read_frames
from components.common.parallel import map_clips
from components.common.params import Params
from components.common.training.checkpoint import array_hash
from components.face.frame_groups import FrameGroup, frame_group

Stylizer = Callable[[Image, int], Image]


def clip_group(name: str, identity: str, video: Path, stored: ClipCoefficients, count: int, size: int) -> FrameGroup:
    """The `count` most different frames of a clip at `size` x `size`.

    Raises `StageError` when video and coefficients have different lengths: rows must never shift.
    """
    rows = farthest_frames(stored.coefficients, count, stored.valid)
    pictures: dict[int, Image] = {}
    frames, scale = 0, 1.0
    for frames, frame in enumerate(read_frames(video), 1):
        if frames - 1 in rows:
            scale = size / frame.shape[0]
            pictures[frames - 1] = resize(frame, size)
    if frames != len(stored.coefficients):
        raise StageError(f"{video} has {frames} frames but {len(stored.coefficients)} coefficient rows")
    images = [pictures[int(index)] for index in rows]
    landmarks = stored.landmarks[rows] * np.float32(scale)
    return frame_group(name, identity, images, landmarks, stored.coefficients[rows], size)


@dataclass(frozen=True)
class FrameJob:
    """A clip to take `count` frames from, at `size` x `size`; small, so that it travels to worker processes."""

    clip: Clip
    count: int
    size: int


def clip_groups(params: Params, layout: Layout, split: str) -> list[FrameGroup]:
    """Frames of every accepted clip of a split."""
    style_a = params.train_style_a
    jobs = [FrameJob(clip, style_a.motion.frames_per_clip, style_a.size) for clip in read_clips(layout, split)]
    return map_clips(load_group, jobs, params.runtime.workers, f"train_style_a: reading {split} clips")


def load_group(job: FrameJob) -> FrameGroup:
    """Read one clip."""
    clip = job.clip
    stored = ClipCoefficients.load(clip.coefficients)
    return clip_group(clip.clip_id, clip.identity, clip.video, stored, job.count, job.size)


def head_groups(layout: Layout) -> list[FrameGroup]:
    """Frames of the rendered heads, in order; a head whose face was never found is empty."""
    return [FrameGroup.load(path) for path in sorted(layout.heads.glob("head_*.safetensors"))]


def resize(image: Image, size: int) -> Image:
    if image.shape[:2] == (size, size):
        return image
    method = cv2.INTER_AREA if image.shape[0] > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (size, size), interpolation=method), dtype=np.uint8)


def add_styles(
    groups: Sequence[FrameGroup], stylizers: Mapping[str, Stylizer], share: float, seed: int
) -> list[FrameGroup]:
    """Give each group stylized copies of its first frames: about `share` of them, at least two where share > 0.

    The first frames are the most different ones. All copies of a group have one style and one random seed.
    """
    if share <= 0 or not stylizers:
        return list(groups)
    names = sorted(stylizers)
    styled_groups = []
    for index, group in enumerate(groups):
        style = stylizers[names[int(np.random.default_rng([seed, index]).integers(len(names)))]]
        count = min(len(group), max(2, round(share * len(group))))
        copies = np.stack([style(image, seed + index) for image in group.images[:count]])
        styled_groups.append(replace(group, styled=copies))
    return styled_groups


def usable_groups(groups: Iterable[FrameGroup]) -> list[FrameGroup]:
    """Groups that can form a pair. Raises `StageError` when none is left."""
    usable = [group for group in groups if len(group) >= 2]
    if not usable:
        raise StageError("no training clip has two frames with a face; check `prepare` and `extract_coefficients`")
    return usable


def choose_stills(clips: Sequence[FrameGroup], heads: Sequence[FrameGroup], count: int) -> tuple[Image, ...]:
    """Pictures to stylize: clips in turn, then rendered heads, so that those held out (the last) are other people."""
    calm = [group.images[0] for group in heads if len(group)][: count // 2]
    deepest = max(len(group) for group in clips)
    by_depth = [group.images[depth] for depth in range(deepest) for group in clips if depth < len(group)]
    return (*by_depth[: count - len(calm)], *calm)


def digest(groups: Sequence[FrameGroup]) -> str:
    """Names the frames of all groups: whose they are, what seeds them, and where one group ends."""
    names = [[group.name, group.identity, array_hash(_arrays(group))] for group in groups]
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()


def _arrays(group: FrameGroup) -> tuple[NDArray[Any], ...]:
    return group.images, group.landmarks, group.coefficients, group.styled
