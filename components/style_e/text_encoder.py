"""Emotion texts to vectors: the packaged MiniLM (default, no network) or a CLIP text model, behind one Protocol."""

# mypy: allow-untyped-calls, allow-untyped-decorators, no-warn-return-any
# (diffusers, transformers and torch leave their functions untyped)
from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from components.common.errors import UserError
from components.common.minilm import DIMENSIONS, SHA256, SentenceEncoder
from components.common.runtime import LOADING

if TYPE_CHECKING:
    from transformers import CLIPTextModelWithProjection, CLIPTokenizer

BATCH = 64


class TextEncoder(Protocol):
    """Anything that turns texts into unit vectors."""

    @property
    def size(self) -> int:
        """Numbers per text, D."""

    @property
    def identity(self) -> str:
        """What decides the vectors' bytes besides the texts: weights and arithmetic; "" where that is not known."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(N, D) float32 unit vectors."""


class MiniLMText:
    """all-MiniLM-L6-v2 from the installed package; nothing of it is stored in model folders."""

    size = DIMENSIONS

    def __init__(self) -> None:
        self._encoder = SentenceEncoder()

    @property
    def identity(self) -> str:
        import torch

        return f"{sorted(SHA256.items())} torch {torch.__version__} {torch.backends.cpu.get_cpu_capability()}"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encoder.encode(texts)


class ClipText:
    """A CLIP text model (Radford et al., 2021). The paper uses ViT-B/32: `openai/clip-vit-base-patch32`.

    Threads may share one.
    """

    def __init__(self, model: CLIPTextModelWithProjection, tokenizer: CLIPTokenizer) -> None:
        self.model = model.eval()
        self.tokenizer = tokenizer
        self._turn = threading.Lock()

    identity = ""  # a model of the user's: what is at a path may change

    @classmethod
    def load(cls, name: str) -> ClipText:
        """name: hub id, or a local folder that holds both model and tokenizer."""
        from transformers import CLIPTextModelWithProjection, CLIPTokenizer

        if not name:
            raise UserError("train_style_e.text_model must name a CLIP model when text_encoder is clip")
        try:
            with LOADING:
                return cls(CLIPTextModelWithProjection.from_pretrained(name), CLIPTokenizer.from_pretrained(name))
        except (OSError, ValueError) as error:
            raise UserError(
                f"the CLIP text model {name!r} could not be loaded: {str(error).splitlines()[0]}"
            ) from error

    @property
    def size(self) -> int:
        return int(self.model.config.projection_dim)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import torch

        parts = [np.zeros((0, self.size), np.float32)]
        for start in range(0, len(texts), BATCH):
            rows = list(texts[start : start + BATCH])
            with self._turn:  # padding and truncation are the tokenizer's state, and each call sets them
                batch: Any = self.tokenizer(rows, padding=True, truncation=True, max_length=77, return_tensors="pt")
            with torch.inference_mode():
                vectors = self.model(**batch.to(self.model.device)).text_embeds
            parts.append(torch.nn.functional.normalize(vectors.float(), dim=-1).cpu().numpy())
        return np.concatenate(parts)


def load_text_encoder(kind: str, name: str) -> TextEncoder:
    """The encoder that `train_style_e.text_encoder` ("minilm" or "clip") and `train_style_e.text_model` name."""
    return ClipText.load(name) if kind == "clip" else MiniLMText()
