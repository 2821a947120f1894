"""ArtStylist: portrait + art picture + degree -> the portrait in that art, at its own size."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from components.common.errors import UserError
from components.common.media import Image
from components.common.training.pretrained import load_module, save_module
from components.style_a.art.brush_bank import brush_bank
from components.style_a.art.encoders import novelty
from components.style_a.art.palette import tone_palette, transfer_palette
from components.style_a.art.style_corpus import square, to_tensor
from components.style_a.art.synthesis import ArtConfig, ArtGenerator, to_grid

WEIGHTS_FILE = "model.safetensors"
LARGEST = 1024  # shorter side, pixels, up to which strokes are drawn at the portrait's own resolution
STRIP = 128  # rows drawn at a time: bounds memory


class ArtStylist(nn.Module):
    """The trained art model. Example: ``ArtStylist.from_pretrained(folder).stylize(portrait, art, 0.8)``."""

    def __init__(self, config: ArtConfig) -> None:
        super().__init__()
        self.config = config
        self.generator = ArtGenerator(config)

    @classmethod
    def from_pretrained(cls, folder: Path | str) -> ArtStylist:
        """Load what `save_pretrained` wrote. Raises `UserError` naming what is missing or damaged."""

        def build(config: dict[str, Any]) -> ArtStylist:
            return cls(ArtConfig(**{**config, "styles": tuple(config["styles"])}))

        return load_module(Path(folder), build, WEIGHTS_FILE, "an art model", "train_style_a")

    def save_pretrained(self, folder: Path | str) -> None:
        """Write config.json and model.safetensors."""
        save_module(Path(folder), self.config.as_json(), self, WEIGHTS_FILE)

    @property
    def device(self) -> torch.device:
        return self.generator.style_encoder.feature_mean.device

    @torch.inference_mode()
    def recognize(self, art: Image) -> dict[str, float]:
        """Probability of each known style, and `novelty` in [0, 1]: how surely it is none of them."""
        encoder = self.generator.style_encoder
        logits = encoder.logits(encoder.deviation(self._view(art)))
        classes = torch.softmax(logits[0, 1:], 0).view(-1, self.config.variants)
        shares = classes.sum(1).tolist()
        return {**dict(zip(self.config.styles, shares, strict=True)), "novelty": float(novelty(logits)[0])}

    @torch.inference_mode()
    def stylize(self, portrait: Image, art: Image | None, degree: float = 1.0) -> Image:
        """The portrait drawn in the art picture's style.

        portrait, art: (H, W, 3) uint8 RGB of any size; without `art` the portrait comes back as it is.
        degree: 0 the portrait exactly, 1 the full style, in between both codes are interpolated.
        Returns (H, W, 3) uint8, the portrait's size. Raises `UserError` for a degree that is not a number in [0, 1].
        """
        if not (math.isfinite(degree) and 0 <= degree <= 1):
            raise UserError(f"style degree must lie between 0 and 1, not {degree}")
        if art is None or degree == 0:
            return portrait.copy()
        height, width = portrait.shape[:2]
        factor = LARGEST / min(height, width)
        small = portrait
        if factor < 1:
            size = (round(width * factor), round(height * factor))
            small = np.asarray(cv2.resize(portrait, size, interpolation=cv2.INTER_AREA), np.uint8)
        picture = self._draw(small, art, degree)
        amount = self.recognize(art)["novelty"] * degree
        picture = transfer_palette(picture, art, amount)
        if factor < 1:
            picture = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
        return picture

    def _view(self, picture: Image) -> Tensor:
        return to_tensor([square(picture)]).to(self.device)

    def _palette(self, picture: Image) -> Tensor:
        return torch.from_numpy(tone_palette(picture))[None].to(self.device)

    def _code(self, art: Image) -> Tensor:
        encoder = self.generator.style_encoder
        return encoder.code(encoder.deviation(self._view(art)), self._palette(art))

    def _draw(self, portrait: Image, art: Image, degree: float) -> Image:
        portrait_code = self.generator.portrait_code(self._view(portrait), self._palette(portrait))
        amount = torch.tensor([[degree]], device=self.device)
        code = self.generator.interpolate(portrait_code, self._code(art), amount)
        bank = brush_bank(portrait)
        picture = self._synthesize(bank, code)
        if degree < 1:
            # What the network fails to reproduce of the portrait fades in with it: exact and continuous at degree 0.
            rest = portrait.astype(np.float32) - self._synthesize(bank, portrait_code)
            picture = picture + (1 - degree) * rest
        return np.asarray(np.clip(picture + 0.5, 0, 255).astype(np.uint8))

    def _synthesize(self, bank: NDArray[np.uint8], code: Tensor) -> NDArray[np.float32]:
        """Bank (H, W, BRUSHES) -> (H, W, 3) float32 in 0..255, strip by strip."""
        height, width = bank.shape[:2]
        whole = to_tensor([bank]).to(self.device)
        half, quarter = self.generator.content_encoder(to_grid(whole))
        guidance, _ = self.generator.synthesis.guide(half, quarter, code)
        guidance = nn.functional.interpolate(guidance, size=(height, width), mode="bilinear", align_corners=False)
        strips = []
        for top in range(0, height, STRIP):
            rows = slice(top, min(top + STRIP, height))
            strip = self.generator.synthesis.draw(whole[:, :, rows], guidance[:, :, rows], code)
            strips.append(strip[0].permute(1, 2, 0).cpu().numpy())
        return (np.concatenate(strips) + 1) * np.float32(127.5)
