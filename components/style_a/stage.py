"""Train Style-A: art (portrait + art picture to stylized portrait) and motion (portrait + coefficients to frames)."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping

from components.runner.stage import Stage, main


def run(stage: Stage) -> Mapping[str, float]:
    """Train both phases, side by side where there are two workers, and write `models/style_a`."""
    from components.common.runtime import seed_everything
    from components.runner.training_identity import training_identity
    from components.style_a.art.train import ArtTraining
    from components.style_a.frames import choose_stills, clip_groups, head_groups, usable_groups
    from components.style_a.phases import ArtPhase, MotionPhase, beside, log_rows

    params, layout, seed = stage.params, stage.layout, stage.params.runtime.seed
    seed_everything(seed, params.runtime.threads)
    section, workers = params.train_style_a, params.runtime.workers
    shutil.rmtree(layout.style_a, ignore_errors=True)
    clips = usable_groups(clip_groups(params, layout, "train"))
    heads = head_groups(layout)
    identity = training_identity("train_style_a", params, layout)
    art = ArtPhase(params, layout, identity, choose_stills(clips, heads, section.art.portraits))
    motion = MotionPhase(stage, identity, clips, heads)
    with beside(workers, art.train) as art_figures:
        figures = motion.train() | art_figures()
    log_rows(stage.tracker, art.plots, ArtTraining.prefix)
    for phase in (art, motion):
        phase.checkpoint.clear()
    return figures


if __name__ == "__main__":
    sys.exit(main("train_style_a", run, trains=True))
