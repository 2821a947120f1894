"""Style-A alone: a test clip's first frame, moved by the clip's own motion, against the true frames.

Beside it on the same frames: no motion at all, and the landmark-mesh prior without training (an untrained network
corrects nothing, so the pipeline with one is the pure warp).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.coefficients.landmarker import FaceLandmarker, FaceLandmarks
from components.common.artifacts import ClipCoefficients
from components.common.media import Image
from components.style_a.motion.network import MotionNetwork
from components.style_a.pipeline import StyleAPipeline
from evaluation import landmarks as lm
from evaluation.image import landmark_box, psnr, sharpness, ssim
from evaluation.temporal import flicker, ratio

PIXEL_STEP = 3  # every third frame is compared pixel by pixel
MOUTH_MARGIN = 0.35  # of the mouth's box
NO_MOTION, PRIOR, FULL = "No motion", "Prior alone", "Style-A"


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


def redraw(pipeline: StyleAPipeline, truth: Sequence[Image], clip: ClipCoefficients) -> list[Image]:
    """The clip's frames as the pipeline draws them from its first frame and its coefficients."""
    face = FaceLandmarks(clip.landmarks[0], 1.0)
    drive = pipeline.prepare(truth[0], face, clip.coefficients[0], size=truth[0].shape[0])
    return list(drive.frames(clip.coefficients[: len(truth)]))


def pixel_values(frames: Sequence[Image], truth: Sequence[Image], mouths: NDArray[np.floating]) -> dict[str, float]:
    """PSNR, SSIM and mouth PSNR over every `PIXEL_STEP`-th frame but the first, which all methods were given."""
    rows = range(PIXEL_STEP, len(truth), PIXEL_STEP)
    if not rows:
        return {}
    boxes = {t: landmark_box(mouths[t], MOUTH_MARGIN) for t in rows}
    return {
        "psnr": float(np.mean([psnr(frames[t], truth[t]) for t in rows])),
        "mouth_psnr": float(np.mean([psnr(frames[t], truth[t], boxes[t]) for t in rows])),
        "ssim": float(np.mean([ssim(frames[t], truth[t]) for t in rows])),
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
    """Measure one clip; `truth` its frames, `clip` what was extracted from them."""
    points = clip.landmarks[: len(truth)]
    mouths = points[:, lm.LIPS]  # (T, lips, 3)
    drawn = {
        NO_MOTION: Tracked([truth[0]] * len(truth), points[:1].repeat(len(truth), 0), np.ones(len(truth), bool)),
        PRIOR: follow(redraw(prior_alone(pipeline), truth, clip), points[0]),
        FULL: follow(redraw(pipeline, truth, clip), points[0]),
    }
    measured = {
        name: {**pixel_values(made.frames, truth, mouths), **point_values(made.landmarks, points)}
        for name, made in drawn.items()
    }
    full, still, prior = measured[FULL], measured[NO_MOTION], measured[PRIOR]
    values = {name: value for name, value in full.items() if name != "mouth_psnr"}
    for name, short in (("psnr", "psnr_gain"), ("mouth_psnr", "mouth_psnr_gain")):
        if name in full:
            values[f"{short}_over_no_motion"] = full[name] - still[name]
            values[f"{short}_over_prior"] = full[name] - prior[name]
    made = drawn[FULL]
    values["face_found_rate"] = float(made.found.mean())
    sharp_truth = float(np.mean([sharpness(frame) for frame in truth[::PIXEL_STEP]]))
    values["sharpness_ratio"] = ratio(float(np.mean([sharpness(f) for f in made.frames[::PIXEL_STEP]])), sharp_truth)
    values["flicker_ratio"] = ratio(flicker(made.frames), flicker(truth))
    values["zero_motion_psnr"] = psnr(made.frames[0], truth[0])  # driven by its own coefficients
    return Reenactment(_named(values), {k: _named(v) for k, v in measured.items()}, made)


def _named(values: dict[str, float]) -> dict[str, float]:
    return {f"style_a/{name}": value for name, value in values.items()}
