"""Ranks by how well a sentence fits a frame, as the paper does: image-text cosine of CLIP (Radford et al., 2021)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.annotate.brief import Brief
from components.annotate.rankers.diversity import choose_diverse
from components.common.errors import UserError
from components.common.media import Image


class ClipRanker:
    """model: a CLIP checkpoint's hub id or local folder, such as ``openai/clip-vit-base-patch32``."""

    name = "clip"

    def __init__(self, model: str) -> None:
        from transformers import AutoTokenizer, CLIPImageProcessor, CLIPModel

        try:
            self._model = CLIPModel.from_pretrained(model)
            self._model.requires_grad_(False).train(False)
            self._tokenizer = AutoTokenizer.from_pretrained(model)
            self._images = CLIPImageProcessor.from_pretrained(model)
        except (OSError, ValueError) as error:
            reason = str(error).strip().splitlines()[0]
            raise UserError(f"annotate.clip_model {model!r} cannot be loaded as CLIP: {reason}") from error

    def rank(self, sentences: Sequence[str], brief: Brief, frame: Callable[[], Image], keep: int) -> list[str]:
        """The best `keep` sentences for the clip's frame, best first."""
        if not sentences:
            return []
        texts, picture = self._embed(list(sentences), frame())
        return [sentences[i] for i in choose_diverse(texts @ picture, texts, keep)]

    def _embed(self, sentences: list[str], frame: Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Unit vectors of the sentences (N, D) and of the picture (D,)."""
        import torch

        config: Any = self._model.config
        length = config.text_config.max_position_embeddings
        tokens = self._tokenizer(sentences, padding=True, truncation=True, max_length=length, return_tensors="pt")
        pixels = self._images(frame, return_tensors="pt")
        with torch.inference_mode():
            output = self._model(
                input_ids=tokens["input_ids"],
                attention_mask=tokens["attention_mask"],
                pixel_values=pixels["pixel_values"],
            )
        return output.text_embeds.float().numpy(), output.image_embeds[0].float().numpy()
