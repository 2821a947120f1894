"""A whole talker of toy models on disk: a regressor of two heads, Style-E trained for a moment, an uncorrected warp.

Imports are inside: most tests need none of this.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest


def make_style_e(folder: Path) -> None:
    import torch

    from components.common.artifacts import EMOTIONS
    from components.common.params import TrainStyleE
    from components.style_e.dataset import spoken_clips
    from components.style_e.text_encoder import MiniLMText
    from components.style_e.texts import LEVELS, TextBank
    from components.style_e.train import StyleETraining, TrainingData

    params = TrainStyleE(width=16, blocks=1, bands=16, context=2, steps=40, batch_size=8, lr=4e-3)
    encoder = MiniLMText()
    keys = [(emotion, level) for emotion in EMOTIONS for level in LEVELS]
    texts = [f"{emotion} {level}" for emotion, level in keys]
    rows = {text: i for i, text in enumerate(texts)}
    classes = {key: np.array([i]) for i, key in enumerate(keys)}
    bank = TextBank(encoder.encode(texts), classes, classes, rows)
    spoken = spoken_clips(16, 0, 0.35, bank, params.bands)
    training = StyleETraining(params, TrainingData([], spoken, [], spoken[:2], bank), encoder, 0, torch.device("cpu"))
    training.run()
    training.pipeline().save_pretrained(folder)


def make_style_a(folder: Path) -> None:
    import torch

    from components.coefficients.rendered_heads import HeadJob, basis_of, render_head
    from components.style_a.art.stylist import ArtStylist
    from components.style_a.art.stylizers import STYLE_NAMES
    from components.style_a.art.synthesis import ArtConfig
    from components.style_a.motion.network import MotionConfig, MotionNetwork
    from components.style_a.motion.prior import MeshPrior
    from components.style_a.pipeline import StyleAPipeline

    torch.manual_seed(0)
    basis = basis_of([render_head(HeadJob(seed=3, index=index, frames=2, size=256)) for index in range(3)])
    stylist = ArtStylist(ArtConfig(tuple(STYLE_NAMES)))
    StyleAPipeline(stylist, MotionNetwork(MotionConfig()), MeshPrior(basis)).save_pretrained(folder)


def make_regressor(folder: Path) -> None:
    from components.coefficients.regressor import Regressor
    from components.coefficients.rendered_faces import SIZE, FitJob, render_training_person

    clips = [clip for person in range(2) for clip in render_training_person(FitJob(0, person, 4, 6))]
    Regressor.fit([c.landmarks for c in clips], [c.coefficients for c in clips], 30.0, SIZE).save_pretrained(folder)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `Talker.from_pretrained` takes; about ten seconds of one core."""
    import torch

    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("models")
    make_regressor(root / "regressor")
    make_style_e(root / "style_e")
    make_style_a(root / "style_a")
    return root


@pytest.fixture(scope="session")
def talker(models: Path) -> Any:
    from components.talker.pipeline import Talker

    return Talker.from_pretrained(models)


@pytest.fixture(scope="session", autouse=True)
def interrupts_reach_children() -> None:
    """A shell's background job ignores Ctrl-C, and so would every program that a test interrupts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # under nohup, which children would inherit, a handler not
        signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.fixture(scope="session")
def finished_project(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The smoke pipeline after one cold run, shared by all tests and workers: for reading only."""
    from tests.project import finished

    base = tmp_path_factory.getbasetemp()
    return finished((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared")


@pytest.fixture
def project(finished_project: Any, tmp_path: Path) -> Any:
    """A private copy of the finished project: break it as you like."""
    return finished_project.copy(tmp_path / "project")


@pytest.fixture(scope="session")
def mlflow_schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLflow database without experiments. Making one takes seconds, copying it none."""
    import mlflow

    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    mlflow.MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture(scope="session")
def face() -> Any:
    """A rendered head, (256, 256, 3)."""
    from components.synthetic.render.actor import Actor

    return Actor.sample(11, 256).render(np.zeros(52, np.float32))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mlflow_schema: Path) -> Path:
    """A working folder with an MLflow database of its own; nothing of the caller's tracking reaches it."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(mlflow_schema, tmp_path)
    for name in ("MLFLOW_TRACKING_URI", "STYLE2TALKER_TRACKING", "STYLE2TALKER_PARENT_RUN", "STYLE2TALKER_SPOOL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture(autouse=True)
def subnormal_numbers() -> None:
    """Trainings flush subnormal numbers to zero for their whole process; hypothesis cannot draw floats then."""
    if "torch" in sys.modules:
        import torch

        torch.set_flush_denormal(False)
