"""A tiny Style-E, really trained for a moment, with a tiny random CLIP text model as its text encoder."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from components.common.artifacts import EMOTIONS
from components.common.params import TrainStyleE
from components.style_e.dataset import spoken_clips
from components.style_e.pipeline import StyleEPipeline
from components.style_e.text_encoder import ClipText
from components.style_e.texts import LEVELS, TextBank
from components.style_e.train import StyleETraining, TrainingData

DEGREES = {1: "slightly", 2: "quite", 3: "very"}


def make_clip_folder(folder: Path) -> Path:
    """A CLIP text model with random weights and a tokenizer that knows letters, as transformers saves them."""
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer

    letters = [*map(chr, range(ord("a"), ord("z") + 1))]
    tokens = ["<|startoftext|>", "<|endoftext|>", *letters, *(letter + "</w>" for letter in letters)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    torch.manual_seed(5)
    config = CLIPTextConfig(
        vocab_size=len(tokens), hidden_size=32, intermediate_size=64, projection_dim=24, num_hidden_layers=1,
        num_attention_heads=2, bos_token_id=0, eos_token_id=1, pad_token_id=1,
    )  # fmt: skip
    CLIPTextModelWithProjection(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@dataclass(frozen=True)
class Tiny:
    """Parameters, data and encoder of a training that takes about a second."""

    params: TrainStyleE
    data: TrainingData
    encoder: ClipText

    def trainer(self, seed: int = 0) -> StyleETraining:
        return StyleETraining(self.params, self.data, self.encoder, seed, torch.device("cpu"))


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory) -> Path:
    return make_clip_folder(tmp_path_factory.mktemp("clip"))


@pytest.fixture(scope="session")
def tiny(clip_folder) -> Tiny:
    torch.set_num_threads(1)
    params = TrainStyleE(
        text_encoder="clip", width=16, blocks=1, bands=16, context=2, steps=40, batch_size=8, log_every=4,
        checkpoint_every=10, lr=4e-3,
    )  # fmt: skip
    encoder = ClipText.load(str(clip_folder))
    texts = {(e, level): f"{DEGREES[level]} {e}" for e in EMOTIONS for level in LEVELS}
    rows = {text: i for i, text in enumerate(texts.values())}
    classes = {key: np.array([rows[text]]) for key, text in texts.items()}
    bank = TextBank(encoder.encode(list(rows)), classes, classes, rows)
    spoken = spoken_clips(16, 0, 0.35, bank, params.bands)
    return Tiny(params, TrainingData([], spoken, [], spoken[:2], bank), encoder)


@pytest.fixture(scope="session")
def trainer(tiny) -> StyleETraining:
    """Trained to the end."""
    trainer = tiny.trainer()
    trainer.run()
    return trainer


@pytest.fixture(scope="session")
def pipeline(trainer) -> StyleEPipeline:
    return trainer.pipeline()


@pytest.fixture(scope="session")
def speech() -> np.ndarray:
    """Three seconds of synthetic speech, 16 kHz."""
    from components.synthetic.motion.clips import picture_free_clips

    return picture_free_clips(1, 7, sentences="test")[0].audio


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    """(58,) reference: a slight smile, head turned a little, framed off center."""
    from components.common.arkit import INDEX

    row = np.zeros(58, np.float32)
    for name, value in {"mouthSmileLeft": 0.2, "mouthSmileRight": 0.2, "yaw": 0.1, "tx": 0.05, "scale": 0.3}.items():
        row[INDEX[name]] = value
    return row
