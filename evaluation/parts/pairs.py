"""Style-A alone on random pairs: one frame of an unseen person's clip, moved to another, distant frame of it.

Clips start near rest, so the first frame understates how far a portrait has to move. Pairs are drawn from all of a
clip, which is also how the landmark-mesh prior was first measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from components.common.layout import Layout
from components.common.params import Params
from components.common.runtime import seed_everything
from components.style_a.frames import clip_groups
from components.style_a.motion.frame_pairs import PairSampler
from components.style_a.motion.quality import measure_pairs
from components.style_a.pipeline import StyleAPipeline
from evaluation.summary.slices import Record

BATCHES = 16  # of four pairs
LEAST_FRAMES = 2  # of a clip that can be paired
NAMES = {
    "motion_gain": "style_a/pair_psnr_gain_over_no_motion",
    "motion_gain_over_prior": "style_a/pair_psnr_gain_over_prior",
    "mouth_gain": "style_a/pair_mouth_psnr_gain_over_no_motion",
    "mouth_gain_over_prior": "style_a/pair_mouth_psnr_gain_over_prior",
}


@dataclass(frozen=True)
class PairJob:
    """Pairs of the test people's clips, or those of other splits; a process of its own can do it."""

    params: Params
    layout: Layout
    seed: int
    splits: tuple[str, ...] = ("test", "val")  # the first of them that has pairs

    def run(self) -> list[Record]:
        """A record for each pair; none where no test clip has two frames."""
        seed_everything(self.seed)
        alone = self.params.model_copy(update={"runtime": self.params.runtime.model_copy(update={"workers": 1})})
        found = (clip_groups(alone, self.layout, split) for split in self.splits)
        groups = [group for group in next(filter(None, found), []) if len(group) >= LEAST_FRAMES]
        if not groups:
            return []
        pipeline = StyleAPipeline.from_pretrained(self.layout.style_a)
        style_a = self.params.train_style_a
        sampler = PairSampler(groups, pipeline.prior, style_a.size, style_a.motion.crop, self.seed)
        rows, _ = measure_pairs(pipeline.network, sampler, BATCHES, torch.device("cpu"))
        return [
            Record(f"pair {i}", {name: row[figure] for figure, name in NAMES.items()}, {}) for i, row in enumerate(rows)
        ]
