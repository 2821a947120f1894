"""Figures of a trained Style-E on held-out clips, and the step-wise figures as a file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from components.common.agreement import pearson
from components.style_e.channels import LEARNED_NAMES
from components.style_e.dataset import MotionClip
from components.style_e.pipeline import StyleEPipeline
from components.style_e.train import TrainingData


def jaw_correlation(pipeline: StyleEPipeline, clips: Sequence[MotionClip], texts: NDArray[np.float32]) -> float:
    """Mean over clips of the correlation between generated and true jawOpen; a jaw that stands still counts as 0."""
    jaw = LEARNED_NAMES.index("jawOpen")
    made = [pipeline.channels(clip.mel, texts[clip.texts[0]], clip.references[0]) for clip in clips]
    followed = [pearson(m[:, jaw], clip.channels[:, jaw]) for m, clip in zip(made, clips, strict=True)]
    return float(np.mean(np.nan_to_num(followed)))


def motion_figures(pipeline: StyleEPipeline, data: TrainingData) -> dict[str, float]:
    """Jaw correlations on the validation clips, by kind; a kind without clips is left out."""
    kinds = {"r_jaw_val": data.tracked_val, "r_jaw_val_synthetic": data.spoken_val}
    return {name: jaw_correlation(pipeline, clips, data.bank.vectors) for name, clips in kinds.items() if clips}
