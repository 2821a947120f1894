"""ArtStylist: portrait + art picture + degree -> the portrait in that art, at its own size."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from components.common.artifacts import atomic, read_json, write_json
from components.common.errors import UserError
from components.common.media import Image
from components.style_a.art.brush_bank import brush_bank
from components.style_a.art.encoders import novelty
from components.style_a.art.palette import tone_palette, transfer_palette
from components.style_a.art.style_corpus import square, to_tensor
from components.style_a.art.synthesis import ArtConfig, ArtGenerator, to_grid

CONFIG, WEIGHTS = "config.json", "model.safetensors"
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
        folder = Path(folder)
        values = read_json(folder / CONFIG)
        try:
            stylist = cls(ArtConfig(**{**values, "styles": tuple(values["styles"])}))
            stylist.load_state_dict(load_file(str(folder / WEIGHTS)))
        except (OSError, SafetensorError, TypeError, KeyError, ValueError, RuntimeError) as error:
            raise UserError(f"{folder} is not a usable art model; run `dvc repro train_style_a`") from error
        return stylist.eval()

    def save_pretrained(self, folder: Path | str) -> None:
        """Write config.json and model.safetensors."""
        folder = Path(folder)
        write_json(folder / CONFIG, self.config.as_json())
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in self.state_dict().items()}
        with atomic(folder / WEIGHTS) as temporary:
            save_file(tensors, str(temporary))

    @property
    def device(self) -> torch.device:
        return self.generator.style_encoder.feature_mean.device

    @torch.inference_mode()
    def style_code(self, art: Image) -> NDArray[np.float32]:
        """(H, W, 3) uint8 RGB -> (S,) float32: the code w_s."""
        return np.asarray(self._code(art)[0].cpu().numpy())

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
        drawn = self._draw(small, art, degree)
        amount = self.recognize(art)["novelty"] * degree
        drawn = transfer_palette(drawn, art, amount)
        if factor < 1:
            drawn = np.asarray(cv2.resize(drawn, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
        return drawn

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
            lost = portrait.astype(np.float32) - self._synthesize(bank, portrait_code)
            picture = picture + (1 - degree) * lost
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
