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
from components.style_a.art.brush_bank import brush_bank, paint_all
from components.style_a.art.encoders import novelty
from components.style_a.art.measure.by_measure import Measured, ask, paint_by_measure, sized
from components.style_a.art.measure.hand import lay_out
from components.style_a.art.measure.region_palette import to_rgb
from components.style_a.art.measure.regions import find_regions, partners
from components.style_a.art.palette import tone_palette
from components.style_a.art.strokes import ramp
from components.style_a.art.style_corpus import square, to_tensor
from components.style_a.art.stylizers import COMPOSITIONS, compose
from components.style_a.art.synthesis import ArtConfig, ArtGenerator, to_grid

WEIGHTS_FILE = "model.safetensors"
LARGEST = 1024  # shorter side, pixels, up to which strokes are drawn at the portrait's own resolution
READ_SIDE = 512  # shorter side, pixels, at which a face is looked for in the art picture
FAMILIAR = (0.86, 0.93)  # cosines between which a style turns from unknown to known
DOUBTFUL = (4.0, 7.0)  # times nearer by measure, between which a known style turns to unknown
DRIFTING = (1.4, 2.0)  # times the change of colors, between which the same
LEAST_CHANGE = 0.04  # of a palette in -1 to 1, which drawing again may always do
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
        degree: 0 the portrait exactly, 1 the full style, in between both codes are interpolated. A style that the
        network was never shown is drawn by measure (`by_measure`), with the network's drawing as one of the layers.
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
        picture = to_bytes(self._draw(small, art, degree))
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

    @torch.inference_mode()
    def synthesize(self, portrait: Image, art: Image, degree: float = 1.0) -> Image:
        """What the network alone draws, as it was trained to: the paper's path. Arguments as of `stylize`."""
        return to_bytes(self._synthesize_between(brush_bank(portrait), portrait, art, degree))

    def _draw(self, portrait: Image, art: Image, degree: float) -> NDArray[np.float32]:
        """(H, W, 3) float32 in 0..255: the network's drawing where it knows the style, else the one by measure."""
        brushes = paint_all(portrait)
        bank = brushes.stack()
        drawn = self._synthesize_between(bank, portrait, art, 1.0)
        mine, theirs = partners(find_regions(portrait), find_regions(sized(art, READ_SIDE)))
        sheet = lay_out(brushes, np.clip(drawn / 255, 0, 1), mine)
        measured = paint_by_measure(sheet, art, ask(art, theirs))
        share = np.float32(unknown_share(self._familiarity(portrait, art), self._drift(portrait, drawn, art), measured))
        lent = portrait + np.float32(degree) * (to_rgb(measured.lab) * 255 - portrait)
        if degree < 1 and share < 1:
            drawn = self._synthesize_between(bank, portrait, art, degree)
        return np.asarray(drawn + share * (lent - drawn), np.float32)

    def _familiarity(self, portrait: Image, art: Image) -> float:
        """Cosine of the art picture's code and that of its supposed style, as the stylizer draws it of this portrait.

        The probabilities of the classes do not tell: they are sure even of a picture like nothing they learned.
        """
        encoder = self.generator.style_encoder
        code = encoder.deviation(self._view(art))
        best = int(encoder.logits(code)[0, 1:].argmax())
        name = self.config.styles[best // self.config.variants]
        if name not in COMPOSITIONS:
            return 1.0  # the user's own style is known by example only
        example = compose(name, paint_all(square(portrait)), best % self.config.variants)
        return float(torch.cosine_similarity(code, encoder.deviation(self._view(example))))

    def _drift(self, portrait: Image, drawn: NDArray[np.float32], art: Image) -> float:
        """How much more the colors change when the art picture itself is drawn again than when our drawing is.

        Drawing twice in a style changes little: about 1 for art of a known style, more for other inks than the style's.
        """

        def change(picture: Image) -> float:
            again = self.synthesize(picture, art)
            return float(np.abs(tone_palette(again) - tone_palette(picture)).mean())

        return change(square(art)) / (change(square(to_bytes(drawn))) + LEAST_CHANGE)

    def _synthesize_between(
        self, bank: NDArray[np.uint8], portrait: Image, art: Image, degree: float
    ) -> NDArray[np.float32]:
        """The drawing at a style degree, by interpolated codes: (H, W, 3) float32, about 0..255."""
        portrait_code = self.generator.portrait_code(self._view(portrait), self._palette(portrait))
        amount = torch.tensor([[degree]], device=self.device)
        code = self.generator.interpolate(portrait_code, self._code(art), amount)
        picture = self._synthesize(bank, code)
        if degree < 1:
            # What the network fails to reproduce of the portrait fades in with it: exact and continuous at degree 0.
            rest = portrait.astype(np.float32) - self._synthesize(bank, portrait_code)
            picture = picture + np.float32(1 - degree) * rest
        return picture

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


def unknown_share(familiarity: float, drift: float, measured: Measured) -> float:
    """0 for art whose style the network knows, 1 for any other: how much of the drawing is the one by measure.

    Even a style that looks known is doubted where its inks are others, or measuring comes many times nearer to the art.
    """
    known = _rise(familiarity, FAMILIAR) * (1 - _rise(drift, DRIFTING))
    doubt = _rise(measured.drawn_gap / max(measured.gap, 1e-6), DOUBTFUL)
    return 1 - known * (1 - doubt)


def _rise(value: float, between: tuple[float, float]) -> float:
    return float(ramp(np.array(value, np.float32), *between))


def to_bytes(picture: NDArray[np.float32]) -> Image:
    """(H, W, 3) in 0..255, rounded and clipped."""
    return np.asarray(np.clip(picture + 0.5, 0, 255).astype(np.uint8))
