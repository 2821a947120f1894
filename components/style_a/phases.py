"""The two phases of Style-A's training, which need nothing of each other and so run side by side.

A phase trains its networks, going on from its checkpoint, writes its folder of `models/style_a` and returns its
figures. The checkpoint keeps the finished state too, so that a stage killed in its other phase does not train this one
again; the stage clears both when it has ended.
"""

from __future__ import annotations

import csv
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2

from components.common.errors import UserError
from components.common.layout import Layout
from components.common.machine.interruption import exit_code_of
from components.common.media import Image
from components.common.parallel import processes
from components.common.params import Params, TrainStyleA
from components.common.runtime import pick_device, seed_everything
from components.common.tracker import Tracker
from components.common.training.checkpoint import Checkpoint, array_hash, training_key
from components.face.frame_groups import FrameGroup
from components.face.landmark_basis import LandmarkBasis
from components.runner.stage import Stage
from components.style_a.art.quality import evaluate
from components.style_a.art.style_corpus import build_corpus, read_art_folder
from components.style_a.art.stylizers import STYLIZERS
from components.style_a.art.train import ArtTraining
from components.style_a.frames import add_styles, clip_groups, digest
from components.style_a.motion.frame_pairs import PairSampler
from components.style_a.motion.network import MotionNetwork
from components.style_a.motion.prior import MeshPrior, NoPrior, Prior
from components.style_a.motion.quality import measure_motion
from components.style_a.motion.train import MotionTraining
from components.style_a.pipeline import ART, MOTION

FEWEST_STILLS = 4
HELD_OUT = 8  # of so many stills one is held out from the training of art
VALIDATION_BATCHES = 8  # of the motion

Figures = dict[str, float]


@dataclass(frozen=True)
class ArtPhase:
    """Phase 1, portrait + art picture to stylized portrait; it travels to another process.

    identity: from `training_identity`. stills: (H, W, 3) uint8 of several people, the last ones others than the first.
    """

    params: Params
    layout: Layout
    identity: Mapping[str, Any]
    stills: tuple[Image, ...]

    @property
    def plots(self) -> Path:
        return self.layout.plots("train_style_a_art")

    @cached_property
    def custom(self) -> list[Image]:
        """The user's own art pictures. Raises `UserError` when there should be some and are none."""
        return read_art_folder(self.params.train_style_a.art.art_folder)

    @cached_property
    def checkpoint(self) -> Checkpoint:
        params = self.params.train_style_a
        values = {
            "phase": "art",
            "seed": self.params.runtime.seed,
            **_shared(params),
            "art": params.art.model_dump(exclude={"art_folder"}),  # its pictures count, not where they lie
            "stills": array_hash(self.stills),
            "custom": array_hash(self.custom),
        }
        return Checkpoint(self.layout.checkpoints, training_key(self.identity, values))

    def train(self) -> Figures:
        """Figures on the stills held out. Raises `UserError` when there are too few stills."""
        if len(self.stills) < FEWEST_STILLS:
            raise UserError(
                f"train_style_a.art.portraits: at least {FEWEST_STILLS} stills are needed, not {len(self.stills)}"
            )
        runtime = self.params.runtime
        seed_everything(runtime.seed, runtime.threads)
        cv2.setNumThreads(1)
        split = len(self.stills) - max(1, len(self.stills) // HELD_OUT)
        corpus = build_corpus(self.stills[:split], runtime.seed, self.custom)
        training = ArtTraining(self.params.train_style_a, corpus, runtime.seed, pick_device(runtime.device))
        training.run(self.checkpoint, plots=self.plots)
        stylist = training.averaged_stylist()
        stylist.save_pretrained(self.layout.style_a / ART)
        held_out = build_corpus(self.stills[split:], runtime.seed, variety=False, label="held-out styles")
        return evaluate(stylist, held_out, corpus)


class MotionPhase:
    """Phase 2, portrait + coefficients to frames.

    identity: from `training_identity`. clips: frames of the training split's clips; heads: of rendered people, whose
    landmark basis lies beside them in `layout.heads`.
    """

    def __init__(
        self, stage: Stage, identity: Mapping[str, Any], clips: Sequence[FrameGroup], heads: Sequence[FrameGroup]
    ) -> None:
        self.stage, self.identity, self.clips, self.heads = stage, identity, clips, heads
        self.params, self.seed = stage.params.train_style_a, stage.params.runtime.seed
        self.device = pick_device(stage.params.runtime.device)

    @cached_property
    def groups(self) -> list[FrameGroup]:
        """All frames to learn from, with stylized copies."""
        groups = [*self.clips, *(head for head in self.heads if len(head) >= 2)]
        return add_styles(groups, STYLIZERS, self.params.motion.styled_fraction, self.seed)

    @cached_property
    def checkpoint(self) -> Checkpoint:
        params = self.params
        values = {
            "phase": "motion", "seed": self.seed, **_shared(params), "motion": params.motion.model_dump(),
            "frames": digest(self.groups),
        }  # fmt: skip
        return Checkpoint(self.stage.layout.checkpoints, training_key(self.identity, values))

    def train(self) -> Figures:
        """Figures on people unseen in training."""
        params, layout = self.params, self.stage.layout
        basis = LandmarkBasis.load(layout.heads)
        basis.save(layout.style_a / MOTION)
        prior = MeshPrior(basis) if params.motion.prior == "mesh" else NoPrior()
        sampler = PairSampler(self.groups, prior, params.size, params.motion.crop, self.seed)
        training = MotionTraining(params, sampler, self.seed, self.device)
        training.run(self.checkpoint, self.stage.tracker, layout.plots("train_style_a_motion"))
        network = training.averaged("network")
        network.save_pretrained(layout.style_a / MOTION)
        return self._validate(network, prior)

    def _validate(self, network: MotionNetwork, prior: Prior) -> Figures:
        """Figures on held-out clips, and a sample picture for the tracker."""
        stage, params = self.stage, self.params
        held_out = clip_groups(stage.params, stage.layout, "val") or clip_groups(stage.params, stage.layout, "test")
        groups = [group for group in held_out if len(group) >= 2]
        if not groups:
            return {}
        sampler = PairSampler(groups, prior, params.size, params.motion.crop, self.seed + 1)
        figures, sheet = measure_motion(network, sampler, VALIDATION_BATCHES, self.device)
        with tempfile.TemporaryDirectory() as folder:
            picture = Path(folder) / "motion_portrait_prior_output_target.png"
            cv2.imwrite(str(picture), sheet[..., ::-1])
            stage.tracker.log_artifact(picture)
        return figures


def _shared(params: TrainStyleA) -> dict[str, Any]:
    """Parameters that both phases read, by which a change of one phase's own leaves the other's checkpoint."""
    return params.model_dump(exclude={"checkpoint_every", "art", "motion"})


@contextmanager
def beside(workers: int, train: Callable[[], Figures]) -> Iterator[Callable[[], Figures]]:
    """Run `train` in a process of its own while the block runs; with one worker, when its result is asked for.

    Yields what waits for the result. When the block fails or is interrupted, that training saves its state and ends.
    """
    if workers < 2:
        yield train
        return
    with processes(1, multiprocessing.get_context("spawn"), "the phase in a process of its own") as submit:
        yield submit(_quietly, train).result


def _quietly(train: Callable[[], Figures]) -> Figures:
    try:
        return train()
    except KeyboardInterrupt as interruption:  # its state is saved, and nobody may be there to hear more
        os._exit(exit_code_of(interruption))


def log_rows(tracker: Tracker, plots: Path, prefix: str) -> None:
    """Hand in the figures of a phase that ran in another process, without the tracker."""
    with plots.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            figures = {f"{prefix}{name}": float(value) for name, value in row.items() if name != "step" and value}
            tracker.log_metrics(figures, step=int(float(row["step"])))
