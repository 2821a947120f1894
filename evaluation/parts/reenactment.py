"""Style-A alone: a test clip's first frame, moved by the clip's own motion, against the true frames.

Beside it on the same frames: no motion at all, the clip's mean pose and face held still, and the
landmark-mesh prior without training (an untrained network corrects nothing: the pipeline is the pure warp).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.common.artifacts import ClipCoefficients
from components.common.media import Image
from components.face.landmarker import FaceLandmarker, FaceLandmarks
from components.style_a.motion.network import MotionNetwork
from components.style_a.pipeline import StyleAPipeline
from evaluation.metrics import landmarks as lm
from evaluation.metrics.image import landmark_box, psnr, sharpness, ssim
from evaluation.metrics.temporal import flicker, ratio

PIXEL_STEP = 3  # every third frame is compared pixel by pixel
MOUTH_MARGIN = 0.35  # of the mouth's box
NO_MOTION, MEAN_MOTION, PRIOR, FULL = "No motion", "Mean motion", "Prior alone", "Style-A"
METHODS = (NO_MOTION, MEAN_MOTION, PRIOR, FULL)  # from the least able


@dataclass(frozen=True)
class Tracked:
    """Frames with the landmarks found in them. Where none was found, the row before holds; `found` says which."""

    frames: list[Image]
    landmarks: NDArray[np.float32]  # (T, 478, 3)
    found: NDArray[np.bool_]


def follow(frames: Sequence[Image], start: NDArray[np.floating]) -> Tracked:
    """Track a face through generated frames. start: (478, 3), what stands in while nothing has been found."""
    tracker = FaceLandmarker()
    rows, found = [], []
    last = np.asarray(start, np.float32)
    for frame in frames:
        face = tracker.track(frame)
        last = last if face is None else face.points
        rows.append(last)
        found.append(face is not None)
    return Tracked(list(frames), np.stack(rows), np.array(found))


def prior_alone(pipeline: StyleAPipeline) -> StyleAPipeline:
    """The same pipeline with an untrained motion network: geometry only."""
    return StyleAPipeline(pipeline.stylist, MotionNetwork(pipeline.network.config), pipeline.prior)


def redraw(
    pipeline: StyleAPipeline, truth: Sequence[Image], clip: ClipCoefficients, rows: NDArray[np.float32]
) -> list[Image]:
    """What the pipeline draws for rows (n, 58) of coefficients, starting from the clip's first frame."""
    face = FaceLandmarks(clip.landmarks[0], 1.0)
    drive = pipeline.prepare(truth[0], face, clip.coefficients[0], size=truth[0].shape[0])
    return list(drive.frames(rows))


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
        "face_landmark_distance": lm.face_landmark_distance(points, truth),
        "mouth_landmark_distance": lm.mouth_landmark_distance(points, truth),
        "lip_aperture_correlation": lm.correlation(lm.lip_aperture(points), lm.lip_aperture(truth)),
        "eye_opening_correlation": lm.correlation(lm.eye_opening(points), lm.eye_opening(truth)),
    }


@dataclass(frozen=True)
class Reenactment:
    """Style-A on one clip. values: `style_a/...`; baselines: method -> the same metrics; full: the generated clip."""

    values: dict[str, float]
    baselines: dict[str, dict[str, float]]
    full: Tracked


def reenact(pipeline: StyleAPipeline, truth: Sequence[Image], clip: ClipCoefficients) -> Reenactment:
    """Measure one clip; `truth` its frames, at least `PIXEL_STEP` + 1, `clip` what was extracted from them.

    Pixels are compared on every `PIXEL_STEP`-th frame but the first, which all methods were given.
    """
    some = list(range(PIXEL_STEP, len(truth), PIXEL_STEP))
    points, motion = clip.landmarks[: len(truth)], clip.coefficients[: len(truth)]
    made = follow(redraw(pipeline, truth, clip, motion), points[0])
    prior = follow(redraw(prior_alone(pipeline), truth, clip, motion[some]), points[0])
    mean = follow(redraw(pipeline, truth, clip, motion.mean(axis=0, keepdims=True)), points[0])
    drawn = {
        NO_MOTION: ([truth[0]] * len(some), points[:1].repeat(len(some), 0)),
        MEAN_MOTION: (mean.frames * len(some), mean.landmarks.repeat(len(some), 0)),
        PRIOR: (prior.frames, prior.landmarks),
        FULL: ([made.frames[t] for t in some], made.landmarks[some]),
    }
    targets, target_points = [truth[t] for t in some], points[some]
    measured = {
        name: {**pixel_values(frames, targets, target_points[:, lm.LIPS]), **point_values(found, target_points)}
        for name, (frames, found) in drawn.items()
    }
    full = measured[FULL]
    values = {name: full[name] for name in ("psnr", "ssim")} | point_values(made.landmarks, points)
    for name, short in (("psnr", "psnr_gain"), ("mouth_psnr", "mouth_psnr_gain")):
        values[f"{short}_over_no_motion"] = full[name] - measured[NO_MOTION][name]
        values[f"{short}_over_prior"] = full[name] - measured[PRIOR][name]
    values["face_found_rate"] = float(made.found.mean())
    detail, true_detail = (float(np.mean([sharpness(f) for f in frames])) for frames in (drawn[FULL][0], targets))
    values["sharpness_ratio"] = ratio(detail, true_detail)
    values["flicker_ratio"] = ratio(flicker(made.frames), flicker(truth))
    values["zero_motion_psnr"] = psnr(made.frames[0], truth[0])  # driven by its own coefficients
    return Reenactment(_named(values), {k: _named(v) for k, v in measured.items()}, made)


def _named(values: dict[str, float]) -> dict[str, float]:
    return {f"style_a/{name}": value for name, value in values.items()}
