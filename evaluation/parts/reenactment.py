"""Style-A alone: a test clip's first frame, moved by the clip's own motion, against the true frames.

Beside it on the same frames: no motion at all, the clip's mean pose and face held still, and the
landmark-mesh prior without training (an untrained network corrects nothing: the pipeline is the pure warp).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.common.agreement import pearson
from components.common.artifacts import ClipCoefficients
from components.common.media import Image
from components.face.landmarker import FaceLandmarker, FaceLandmarks
from components.style_a.motion.network import MotionNetwork
from components.style_a.pipeline import StyleAPipeline
from evaluation.metrics.image import landmark_box, psnr, sharpness, ssim
from evaluation.metrics.landmarks import (
    LIPS,
    eye_opening,
    face_landmark_distance,
    lip_aperture,
    mouth_landmark_distance,
)
from evaluation.metrics.temporal import flicker, ratio

PIXEL_STEP = 3  # every third frame is compared pixel by pixel
MOUTH_MARGIN = 0.35  # of the mouth's box
NO_MOTION, MEAN_MOTION, PRIOR, FULL = "No motion", "Mean motion", "Prior alone", "Style-A"
METHODS = (NO_MOTION, MEAN_MOTION, PRIOR, FULL)  # from the least able


@dataclass(frozen=True)
class TrackedFrames:
    """Frames with the landmarks found in them. valid: False where none was found and the row before holds."""

    frames: list[Image]
    landmarks: NDArray[np.float32]  # (T, 478, 3)
    valid: NDArray[np.bool_]  # (T,)

    def take(self, rows: Sequence[int]) -> TrackedFrames:
        """The frames of these numbers."""
        return TrackedFrames([self.frames[t] for t in rows], self.landmarks[rows], self.valid[rows])

    def repeated(self, count: int) -> TrackedFrames:
        """`count` times the first frame."""
        return self.take([0] * count)


@dataclass(frozen=True)
class Reenactment:
    """Style-A on one clip. values: `style_a/...`; baselines: method -> the same metrics; full: the generated clip."""

    values: dict[str, float]
    baselines: dict[str, dict[str, float]]
    full: TrackedFrames


def track_face(frames: Sequence[Image], start: NDArray[np.floating]) -> TrackedFrames:
    """Track a face through generated frames. start: (478, 3), what stands in while nothing has been found."""
    landmarks, valid = [], []
    last = np.asarray(start, np.float32)
    for face in FaceLandmarker().track_all(frames):
        last = last if face is None else face.points
        landmarks.append(last)
        valid.append(face is not None)
    return TrackedFrames(list(frames), np.stack(landmarks), np.array(valid))


def prior_alone(pipeline: StyleAPipeline) -> StyleAPipeline:
    """The same pipeline with an untrained motion network: geometry only."""
    return StyleAPipeline(pipeline.stylist, MotionNetwork(pipeline.network.config), pipeline.prior)


def redraw(
    pipeline: StyleAPipeline, portrait: Image, truth: ClipCoefficients, rows: NDArray[np.float32]
) -> TrackedFrames:
    """What the pipeline draws for rows (n, 58) of coefficients, starting from `portrait`, the clip's first frame."""
    face = FaceLandmarks(truth.landmarks[0], 1.0)
    animator = pipeline.prepare(portrait, face, truth.coefficients[0], size=portrait.shape[0])
    return track_face(list(animator.frames(rows)), truth.landmarks[0])


def pixel_values(frames: Sequence[Image], truth: Sequence[Image], mouths: NDArray[np.floating]) -> dict[str, float]:
    """Mean PSNR, mouth PSNR and SSIM of frames against the true ones. mouths: (T, lips, 3) points of the true lips."""
    boxes = [landmark_box(points, MOUTH_MARGIN) for points in mouths]
    return {
        "psnr": float(np.mean([psnr(f, t) for f, t in zip(frames, truth, strict=True)])),
        "mouth_psnr": float(np.mean([psnr(f, t, box) for f, t, box in zip(frames, truth, boxes, strict=True)])),
        "ssim": float(np.mean([ssim(f, t) for f, t in zip(frames, truth, strict=True)])),
    }


def point_values(points: NDArray[np.floating], truth: NDArray[np.floating]) -> dict[str, float]:
    """Landmark distances and how lips and lids follow. Points (T, 478, 3)."""
    return {
        "face_landmark_distance": face_landmark_distance(points, truth),
        "mouth_landmark_distance": mouth_landmark_distance(points, truth),
        "lip_aperture_correlation": pearson(lip_aperture(points), lip_aperture(truth)),
        "eye_opening_correlation": pearson(eye_opening(points), eye_opening(truth)),
    }


def reenact(pipeline: StyleAPipeline, frames: Sequence[Image], truth: ClipCoefficients) -> Reenactment:
    """Measure one clip; `frames` its true frames, at least `PIXEL_STEP` + 1, `truth` what was extracted from them.

    Pixels are compared on every `PIXEL_STEP`-th frame but the first, which all methods were given.
    """
    compared = list(range(PIXEL_STEP, len(frames), PIXEL_STEP))
    motion, count = truth.coefficients, len(compared)
    true = TrackedFrames(list(frames), truth.landmarks, truth.valid)
    full = redraw(pipeline, frames[0], truth, motion)
    generated = {
        NO_MOTION: true.repeated(count),
        MEAN_MOTION: redraw(pipeline, frames[0], truth, motion.mean(axis=0, keepdims=True)).repeated(count),
        PRIOR: redraw(prior_alone(pipeline), frames[0], truth, motion[compared]),
        FULL: full.take(compared),
    }
    targets = true.take(compared)
    measured = {
        method: {
            **pixel_values(clip.frames, targets.frames, targets.landmarks[:, LIPS]),
            **point_values(clip.landmarks, targets.landmarks),
        }
        for method, clip in generated.items()
    }
    values = {name: measured[FULL][name] for name in ("psnr", "ssim")} | point_values(full.landmarks, true.landmarks)
    for name in ("psnr", "mouth_psnr"):
        values[f"{name}_gain_over_no_motion"] = measured[FULL][name] - measured[NO_MOTION][name]
        values[f"{name}_gain_over_prior"] = measured[FULL][name] - measured[PRIOR][name]
    values["face_found_rate"] = float(full.valid.mean())
    values["sharpness_ratio"] = ratio(_sharpness(generated[FULL].frames), _sharpness(targets.frames))
    values["flicker_ratio"] = ratio(flicker(full.frames), flicker(frames))
    values["zero_motion_psnr"] = psnr(full.frames[0], frames[0])  # driven by its own coefficients
    baselines = {method: _prefixed(figures) for method, figures in measured.items()}
    return Reenactment(_prefixed(values), baselines, full)


def _sharpness(frames: Sequence[Image]) -> float:
    return float(np.mean([sharpness(frame) for frame in frames]))


def _prefixed(values: dict[str, float]) -> dict[str, float]:
    return {f"style_a/{name}": value for name, value in values.items()}
