"""Every number of the pipeline: its type, range, default and description. Unknown keys and wrong types are refused.

A section is named after its stage in `dvc.yaml`. `params.yaml` is written from here, and profiles (`profiles/*.yaml`)
name what they change: see `components.runner.profiles`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent

from components.common.errors import UserError, translated

MOST_BYTES = 1_000_000  # of a YAML file
DEEPEST = 20  # levels of nesting
MOST_WORDS = 500  # characters of the parser's explanation


class Section(BaseModel):
    """A frozen group of parameters that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Runtime(Section):
    """Machine, not model: nothing here may change what is computed, except `seed`."""

    seed: int = Field(0, ge=0, description="of every random choice")
    workers: int = Field(2, ge=1, description="processes of clip-parallel stages")
    threads: int = Field(1, ge=1, description="torch threads of a training")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="of trainings: auto, cpu or cuda")


class Prepare(Section):
    """Where footage comes from and how it becomes clips."""

    source: Literal["synthetic", "mead", "folder"] = Field("synthetic", description="synthetic, mead or folder")
    path: str = Field("footage", description="root of the footage for `mead` and `folder`; DVC watches it: never empty")
    clips: int = Field(64, ge=1, description="clips of the synthetic corpus")
    identities: int = Field(8, ge=3, description="people of the synthetic corpus")
    seconds: float = Field(3.0, gt=0, description="length of a synthetic clip")
    size: int = Field(256, ge=64, description="side of the square face crop, pixels")
    val_fraction: float = Field(0.125, ge=0, lt=0.5, description="share of identities for validation")
    test_fraction: float = Field(0.125, ge=0, lt=0.5, description="share of identities for the test split")
    min_seconds: float = Field(0.6, gt=0, description="shorter clips are quarantined")
    max_seconds: float = Field(120.0, gt=0, description="longer clips are cut")
    max_quarantine: float = Field(0.5, ge=0, le=1, description="share of rejected inputs that fails the stage")

    @field_validator("path")
    @classmethod
    def _as_dvc_reads_it(cls, path: str) -> str:
        if not path.strip() or path.startswith("~"):
            raise ValueError("name a folder, and write its whole path: DVC, which watches it, knows no ~")
        return path


class FitRegressor(Section):
    """Landmarks to coefficients and back, learned on rendered heads."""

    identities: int = Field(32, ge=2, description="rendered people to learn from")
    clips_per_identity: int = Field(5, ge=1, description="performances of each, every one with another emotion")
    frames_per_clip: int = Field(12, ge=2, description="frames of each, at random times")
    ridge: float = Field(30.0, gt=0, description="penalty on the weights of the ridge regression")
    heads: int = Field(28, ge=2, description="rendered heads behind the landmark basis of Style-A")
    frames_per_head: int = Field(8, ge=0, description="frames of each of those in motion, to train Style-A on, too")


class ExtractCoefficients(Section):
    """Per-frame coefficients of every clip."""

    smoothing: float = Field(0.6, gt=0, le=1, description="center weight of the 3-tap temporal filter; 1 is none")
    max_missing: float = Field(0.3, ge=0, le=1, description="share of frames without a face that rejects a clip")


class Annotate(Section):
    """Emotional texts without human labor."""

    writer: Literal["grammar", "transformers", "openai"] = Field(
        "grammar", description="of the sentences: grammar, transformers or openai"
    )
    ranker: Literal["sentence", "clip"] = Field(
        "sentence", description="sentence (by the meaning of the text) or clip (by text and picture)"
    )
    model: str = Field("", description="model of the transformers writer (hub id or path) or of the openai server")
    clip_model: str = Field("", description="hub id or local path of the clip ranker's CLIP model")
    endpoint: str = Field("", description="base URL of an OpenAI-compatible server")
    candidates: int = Field(24, ge=5, description="sentences written per clip")
    keep: int = Field(5, ge=1, description="sentences kept per clip")


class TrainStyleE(Section):
    """Speech and emotion text to motion coefficients."""

    text_encoder: Literal["minilm", "clip"] = Field("minilm", description="of emotion texts: minilm or clip")
    text_model: str = Field("", description="hub id or local path of the CLIP text model")
    width: int = Field(128, ge=16, description="channels of the hidden layers")
    blocks: int = Field(4, ge=1, description="mixer blocks of the denoiser")
    window: int = Field(32, ge=8, description="video frames made at once")
    context: int = Field(4, ge=0, description="video frames of audio context on each side of a window")
    bands: int = Field(40, ge=8, description="mel bands of the audio features")
    synthetic_clips: int = Field(256, ge=0, description="picture-free synthetic clips mixed into training")
    synthetic_share: float = Field(
        0.835, ge=0, le=1, description="share of the training windows that come from those, where both kinds exist"
    )
    prosody_swap: float = Field(
        0.35, ge=0, le=1, description="share of those that speak with another emotion's prosody"
    )
    steps: int = Field(900, ge=1, description="optimizer steps")
    batch_size: int = Field(32, ge=1, description="windows of a step")
    lr: float = Field(0.0068, gt=0, description="peak learning rate")
    velocity_weight: float = Field(0.578, ge=0, description="loss on the change from frame to frame")
    lip_gap_weight: float = Field(0.309, ge=0, description="loss on the opening of the lips")
    text_dropout: float = Field(0.023, ge=0, lt=1, description="share of the windows without their text")
    augment: float = Field(
        0.215, ge=0, le=1, description="share of the windows with another voice, microphone and room"
    )
    ema: float = Field(0.9974, ge=0, lt=1, description="decay of the moving average of the weights")
    checkpoint_every: int = Field(200, ge=1, description="steps")
    log_every: int = Field(20, ge=1, description="steps")


class StyleAArt(Section):
    """Phase 1: portrait + art picture to stylized portrait."""

    portraits: int = Field(48, ge=4, description="rendered stills to stylize")
    steps: int = Field(700, ge=1, description="optimizer steps")
    batch_size: int = Field(8, ge=1, description="portraits of a step")
    crop: int = Field(64, ge=32, description="side of the training crop, pixels")
    lr: float = Field(6e-3, gt=0, description="peak learning rate")
    art_folder: str = Field("", description="folder of the user's art pictures, trained adversarially; empty: none")
    adversarial_weight: float = Field(0.01, ge=0, description="loss of the discriminator on art_folder")


class StyleAMotion(Section):
    """Phase 2: coefficients move the portrait."""

    prior: Literal["mesh", "none"] = Field("mesh", description="mesh (landmarks move the picture first) or none")
    steps: int = Field(1000, ge=1, description="optimizer steps")
    batch_size: int = Field(4, ge=1, description="frame pairs of a step")
    crop: int = Field(64, ge=16, description="side of the training crop at half resolution")
    lr: float = Field(2e-3, gt=0, description="peak learning rate")
    styled_fraction: float = Field(0.3, ge=0, le=1, description="share of pairs with stylized source and target")
    frames_per_clip: int = Field(12, ge=2, description="frames of each clip to draw pairs from")


class TrainStyleA(Section):
    """Portrait + art picture + coefficients to frames."""

    size: int = Field(256, ge=64, description="output side, pixels")
    ema: float = Field(0.99, ge=0, lt=1, description="decay of the moving average of the weights")
    checkpoint_every: int = Field(200, ge=1, description="steps")
    log_every: int = Field(20, ge=1, description="steps")
    art: StyleAArt = StyleAArt()
    motion: StyleAMotion = StyleAMotion()


class Evaluate(Section):
    """What is measured and shown."""

    clips: int = Field(8, ge=1, description="test clips rendered end to end")
    sentences: int = Field(48, ge=1, description="unseen synthetic sentences for Style-E")
    bootstrap: int = Field(500, ge=10, description="resamples of the confidence intervals")
    samples: int = Field(4, ge=0, description="videos in the report")


class Params(Section):
    """The whole of `params.yaml`."""

    runtime: Runtime = Runtime()
    prepare: Prepare = Prepare()
    fit_regressor: FitRegressor = FitRegressor()
    extract_coefficients: ExtractCoefficients = ExtractCoefficients()
    annotate: Annotate = Annotate()
    train_style_e: TrainStyleE = TrainStyleE()
    train_style_a: TrainStyleA = TrainStyleA()
    evaluate: Evaluate = Evaluate()

    @model_validator(mode="after")
    def _frames_are_as_large_as_they_were_prepared(self) -> Params:
        if self.train_style_a.size > self.prepare.size:
            raise ValueError(
                f"train_style_a.size is {self.train_style_a.size}, prepare.size {self.prepare.size}: Style-A would "
                "learn from enlarged frames; prepare them as large, or train smaller"
            )
        return self


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML mapping, or a `UserError` in one line."""
    if not os.path.isfile(path):  # pathlib's raises for some names
        raise UserError(f"{path} is missing; run from the project's root or name the file with --params")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise UserError(f"{path} has more than {MOST_BYTES // 1000} kB; parameters are a few lines")
    with translated(f"{path} is not valid YAML in UTF-8"):
        try:
            # An empty file is not opened: some of /proc are, and make their readers wait.
            text = path.read_text(encoding="utf-8") if size else ""
            _check_depth(path, text)
            loaded = YAML(typ="safe").load(text)
        except YAMLError as error:  # names line and column
            raise UserError(f"{path} is not valid YAML: {' '.join(str(error).split())[:MOST_WORDS]}") from error
    if not isinstance(loaded, dict):
        raise UserError(f"{path} must hold a mapping of sections")
    return loaded


def _check_depth(path: Path, text: str) -> None:
    """Refuse what is nested deeper than any parameter: libyaml descends by recursion, to the end of the stack."""
    depth = 0
    for event in YAML(typ="safe").parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEEPEST:
            raise UserError(f"{path} is nested deeper than {DEEPEST} levels; parameters are not")


def validate(values: dict[str, Any], origin: str) -> Params:
    """Parameters from plain values; the first mistakes are named with their full key."""
    try:
        return Params.model_validate(values)
    except ValidationError as error:
        mistakes = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'sizes'}: {e['msg']}" for e in error.errors()[:3])
        raise UserError(f"{origin}: {mistakes}") from error


def load_params(path: Path = Path("params.yaml")) -> Params:
    """Read and check `params.yaml`."""
    return validate(read_yaml(path), str(path))
