"""Rendered heads behind the landmark basis of Style-A; frames of the same heads in motion also train its network.

A few heads show far more faces than most training folders have people, so the network learns what holds for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.coefficients.landmark_basis_fit import BORDERS, HeadView, build_basis
from components.common.arkit import INDEX, POSE, WEIGHTS, sided
from components.common.artifacts import EMOTIONS
from components.common.frame_choice import farthest_frames
from components.common.parallel import map_clips
from components.common.runtime import derive
from components.face.frame_groups import FrameGroup, frame_group
from components.face.landmark_basis import LandmarkBasis
from components.face.landmarker import FaceLandmarker
from components.face.mesh import MESH
from components.synthetic.head.template import load_template
from components.synthetic.motion.clips import picture_free_clips
from components.synthetic.render.actor import Actor, Rendering

JAW_OPEN = 0.5  # weight at which the open mouth is looked at
SHIFT = (0.25, 0.2, 0.4)  # cm, spread of the head's place in motion frames
EXAGGERATION = (0.8, 1.6)  # of the pose in motion frames, so that large turns are seen too
NOT_SKIN = ("sock", "teeth_upper", "teeth_lower", "tongue", "eye_Left", "eye_Right")


@dataclass(frozen=True)
class HeadJob:
    """What one worker renders: seeds the person and the motion; `frames` of motion; `size` in pixels."""

    seed: int
    index: int
    frames: int
    size: int


@dataclass(frozen=True)
class RenderedHead:
    """view: for the basis, None when no face was found; group: the motion frames, with true coefficients."""

    view: HeadView | None
    group: FrameGroup
    pixels_per_cm: float


@cache
def _landmarker() -> FaceLandmarker:
    return FaceLandmarker()


def render_heads(count: int, frames: int, size: int, seed: int, workers: int) -> list[RenderedHead]:
    """`count` people in (size, size) pictures: a resting and an open-mouthed view and `frames` of speech each."""
    jobs = [HeadJob(seed, index, frames, size) for index in range(count)]
    return map_clips(render_head, jobs, workers, "rendering heads for Style-A")


def render_head(job: HeadJob) -> RenderedHead:
    """One person."""
    actor = Actor.sample(derive(job.seed, "basis head", job.index), job.size)
    weights = np.zeros(WEIGHTS, np.float32)
    rest = actor.render_with_ids(weights)
    weights[INDEX["jawOpen"]] = JAW_OPEN
    opened = actor.render(weights)
    at_rest, at_open = _landmarker().detect(rest.image), _landmarker().detect(opened)
    view = None
    if at_rest is not None and at_open is not None:
        vertices, shares = _surface(actor, rest, at_rest.points[MESH])
        view = HeadView(at_rest.points[MESH].astype(float), at_open.points[MESH].astype(float), vertices, shares)
    depth = actor.eye_corners[:, 2].mean()
    pixels_per_cm = actor.camera.focal * job.size / (actor.camera.distance - depth)
    return RenderedHead(view, _motion_frames(actor, job), float(pixels_per_cm))


def _surface(
    actor: Actor, rendering: Rendering, points: NDArray[np.floating]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Head vertices (468, 3) and their shares (468, 3) under each point; -1 where there is no skin, brow or lash."""
    triangle, shares = rendering.surface(points[:, :2])
    vertices = np.where(triangle[:, None] >= 0, actor.triangles[triangle], -1).astype(np.int64)
    on_skin = np.asarray((vertices >= 0).all(1) & (vertices < len(actor.template.vertices)).all(1))
    for name in NOT_SKIN:
        part = actor.template.parts[name]
        on_skin &= ~((vertices >= part.start) & (vertices < part.stop)).any(1)
    return np.where(on_skin[:, None], vertices, -1), shares.astype(np.float64)


def _motion_frames(actor: Actor, job: HeadJob) -> FrameGroup:
    """Different moments of an emotional sentence, as `actor` would perform it. Frames without a face are left out."""
    rng = np.random.default_rng([job.seed, 0x4EAD, job.index])
    clip = picture_free_clips(1 + job.index % len(EMOTIONS), derive(job.seed, "basis motion", job.index))[-1]
    motion = clip.coefficients
    rows = motion[farthest_frames(motion, job.frames, np.ones(len(motion), bool))]
    images, landmarks, coefficients = [], [], []
    for number, row in enumerate(rows):
        weights = row[:WEIGHTS].copy()
        if number % 3 == 2:
            weights[INDEX["jawOpen"]] = rng.uniform(0, 0.9)
        if number % 4 == 3:
            weights[list(sided("eyeBlink"))] = rng.uniform(0, 1)
        pose = row[POSE][:3] * rng.uniform(*EXAGGERATION)
        shift = rng.normal(0, SHIFT)
        image = actor.render(weights, pose, shift)
        face = _landmarker().detect(image)
        if face is None:
            continue
        images.append(image)
        landmarks.append(face.points)
        coefficients.append(actor.coefficients(weights[None], pose[None], shift[None])[0])
    return frame_group(f"head {job.index}", f"head {job.index}", images, landmarks, coefficients, job.size)


def basis_of(heads: Sequence[RenderedHead]) -> LandmarkBasis:
    """The landmark basis of the heads' average. Raises `ValueError` when fewer than two heads show a face."""
    template = load_template()
    lower_teeth = template.expression_basis[:, template.parts["teeth_lower"]].mean(1)
    borders = {name: template.loops[name] for _, name in BORDERS}
    views = [head.view for head in heads if head.view is not None]
    scale = float(np.mean([head.pixels_per_cm for head in heads]))
    return build_basis(views, template.expression_basis, template.vertices, borders, lower_teeth, scale)


def save_heads(folder: Path, heads: Sequence[RenderedHead]) -> None:
    """Write the basis, and the frames of each head in a file of its own."""
    basis_of(heads).save(folder, np.float64)
    for number, head in enumerate(heads):
        head.group.save(folder / f"head_{number:04d}.safetensors")
