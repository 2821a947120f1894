"""Train Style-A: art (portrait + art picture to stylized portrait) and motion (portrait + coefficients to frames)."""

from __future__ import annotations

import csv
import hashlib
import multiprocessing
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from components.common.checkpoint import Checkpoint, training_key
from components.common.media import Image
from components.common.params import Params
from components.common.parent_death import die_with_parent
from components.common.runtime import pick_device, pin_threads, seed_everything
from components.runner.stage import Stage, main
from components.style_a.frames import FrameGroup, add_styles, clip_groups, usable

if TYPE_CHECKING:
    from components.style_a.motion.heads import RenderedHead
    from components.style_a.motion.network import MotionNetwork
    from components.style_a.motion.prior import Prior

ART, MOTION = "art", "motion"
VALIDATION_BATCHES = 8


@dataclass(frozen=True)
class ArtJob:
    """Phase 1, as another process gets it."""

    params: Params
    stills: tuple[Image, ...]
    folder: Path
    plots: Path
    checkpoints: Path


def run(stage: Stage) -> Mapping[str, float]:
    """Train both phases, side by side where there are two workers, and write `models/style_a`."""
    from components.style_a.art.train import art_checkpoint
    from components.style_a.motion.heads import render_heads

    params, layout, seed = stage.params, stage.layout, stage.params.runtime.seed
    seed_everything(seed, params.runtime.threads)
    motion = params.train_style_a.motion
    shutil.rmtree(layout.style_a, ignore_errors=True)
    groups = usable(clip_groups(params, layout, "train"))
    size = params.train_style_a.size
    heads = render_heads(motion.basis_heads, motion.frames_per_head, size, seed, params.runtime.workers)
    stills = choose_stills(groups, [head.group for head in heads], params.train_style_a.art.portraits)
    plots = layout.plots("train_style_a_art")
    job = ArtJob(params, stills, layout.style_a / ART, plots, layout.checkpoints)
    with beside(params.runtime.workers, job) as art:
        figures, checkpoint = train_motion_phase(stage, groups, heads)
        figures |= {f"art_{name}" if not name.startswith("art") else name: v for name, v in art.result().items()}
    log_rows(stage, plots)
    checkpoint.clear()
    art_checkpoint(params.train_style_a, list(stills), seed, layout.checkpoints).clear()
    return figures


def train_art_phase(job: ArtJob) -> dict[str, float]:
    """Phase 1; a module-level function, so that another process can run it."""
    from components.style_a.art.train import train_art

    runtime = job.params.runtime
    return train_art(
        job.params.train_style_a,
        list(job.stills),
        job.folder,
        runtime.seed,
        job.plots,
        job.checkpoints,
        device=runtime.device,
        threads=runtime.threads,
    )


@contextmanager
def beside(workers: int, job: ArtJob) -> Iterator[Future[dict[str, float]]]:
    """Phase 1 in a process of its own while the block runs; with one worker, when its result is asked for."""
    if workers < 2:
        yield _Later(job)
        return
    pin_threads()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=die_with_parent) as pool:
        yield pool.submit(train_art_phase, job)


class _Later(Future[dict[str, float]]):
    """Runs phase 1 when its result is asked for."""

    def __init__(self, job: ArtJob) -> None:
        super().__init__()
        self._job = job

    def result(self, timeout: float | None = None) -> dict[str, float]:
        return train_art_phase(self._job)


def train_motion_phase(
    stage: Stage, groups: Sequence[FrameGroup], heads: Sequence[RenderedHead]
) -> tuple[dict[str, float], Checkpoint]:
    """Phase 2: basis and network to `models/style_a/motion`; its figures, and the checkpoint to clear at the end."""
    from components.style_a.art.stylizers import STYLIZERS
    from components.style_a.motion.frame_pairs import PairSampler
    from components.style_a.motion.heads import basis_of
    from components.style_a.motion.prior import MeshPrior, NoPrior
    from components.style_a.motion.train import train_motion

    params, layout, seed = stage.params.train_style_a, stage.layout, stage.params.runtime.seed
    motion, folder = params.motion, layout.style_a / MOTION
    everyone = [*groups, *(head.group for head in heads if len(head.group) >= 2)]
    everyone = add_styles(everyone, STYLIZERS, motion.styled_fraction, seed)
    basis = basis_of(heads)
    basis.save(folder)
    prior = MeshPrior(basis) if motion.prior == "mesh" else NoPrior()
    sampler = PairSampler(everyone, prior, params.size, motion.crop, seed)
    key = {"phase": "motion", "seed": seed, "size": params.size, "ema": params.ema, "frames": digest(everyone)}
    checkpoint = Checkpoint(layout.checkpoints, training_key({**key, "motion": motion.model_dump()}))
    device = pick_device(stage.params.runtime.device)
    plots = layout.plots("train_style_a_motion")
    training = train_motion(params, sampler, seed, stage.tracker, checkpoint, device, plots)
    training.network.save_pretrained(folder)
    held_out = clip_groups(stage.params, layout, "val") or clip_groups(stage.params, layout, "test")
    return validate(stage, training.network, held_out, prior), checkpoint


def validate(stage: Stage, network: MotionNetwork, held_out: Sequence[FrameGroup], prior: Prior) -> dict[str, float]:
    """Figures on people unseen in training, and a sample picture for the tracker."""
    from components.style_a.motion.frame_pairs import PairSampler
    from components.style_a.motion.quality import measure_motion

    params, device = stage.params.train_style_a, pick_device(stage.params.runtime.device)
    groups = [group for group in held_out if len(group) >= 2]
    if not groups:
        return {}
    sampler = PairSampler(groups, prior, params.size, params.motion.crop, stage.params.runtime.seed + 1)
    figures, sheet = measure_motion(network.to(device), sampler, VALIDATION_BATCHES, device)
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "motion_portrait_prior_output_target.png"
        write_png(picture, sheet)
        stage.tracker.log_artifact(picture)
    return figures


def choose_stills(groups: Sequence[FrameGroup], heads: Sequence[FrameGroup], count: int) -> tuple[Image, ...]:
    """Pictures to stylize: clips in turn, then rendered heads, so that those held out (the last) are other people."""
    calm = [group.images[0] for group in heads if len(group)][: count // 2]
    wanted = count - len(calm)
    deepest = max(len(group) for group in groups)
    by_depth = [group.images[depth] for depth in range(deepest) for group in groups if depth < len(group)]
    return (*by_depth[:wanted], *calm)


def digest(groups: Sequence[FrameGroup]) -> str:
    """Names the training frames."""
    state = hashlib.sha256()
    for group in groups:
        for array in (group.images, group.landmarks, group.coefficients, group.styled):
            state.update(np.ascontiguousarray(array).tobytes())
    return state.hexdigest()


def log_rows(stage: Stage, path: Path) -> None:
    """Phase 1 ran in another process, without the tracker: hand its figures in."""
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            figures = {f"art_{name}": float(value) for name, value in row.items() if name != "step" and value}
            stage.tracker.log_metrics(figures, step=int(float(row["step"])))


def write_png(path: Path, image: Image) -> None:
    import cv2

    cv2.imwrite(str(path), image[..., ::-1])


if __name__ == "__main__":
    sys.exit(main("train_style_a", run, trains=True))
