"""Which parametric face the coefficients belong to: ARKit's 52 shapes, or the Basel model that the paper uses."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from components.coefficients.extractor import CoefficientExtractor
from components.common.artifacts import ClipCoefficients
from components.common.errors import UserError
from components.common.media import Image
from components.common.params import ExtractCoefficients

BFM_FILES = {
    "BFM_model_front.mat": "the Basel Face Model 2009 (request it at https://faces.dmi.unibas.ch/bfm), cut to the face "
    "and joined with the expression basis as the Deep3DFaceRecon_pytorch repository describes",
    "epoch_20.pth": "the R-Net weights of Deep3DFaceRecon_pytorch (its README links them)",
}


class FaceModel(Protocol):
    """Turns the frames of a clip into coefficients."""

    def extract(self, frames: Iterable[Image]) -> ClipCoefficients:
        """One row for every frame, in order."""


def load_face_model(params: ExtractCoefficients, regressor: Path) -> FaceModel:
    """The face model that the parameters name.

    Raises:
        UserError: its files are missing; the message names what to get and where it belongs.
    """
    if params.face_model == "arkit52":
        return CoefficientExtractor.from_pretrained(regressor, params.smoothing)
    return load_bfm64(params.bfm_path)


def load_bfm64(path: str) -> FaceModel:
    """The Basel model with 64 expression coefficients, from the user's own copy of its files.

    Raises:
        UserError: `path` is not set or lacks a file.
    """
    folder = Path(path)
    missing = [f"{name}: {what}" for name, what in BFM_FILES.items() if not path or not (folder / name).is_file()]
    if missing:
        where = f"{folder} lacks" if path else "extract_coefficients.bfm_path is not set; the folder must hold"
        raise UserError(f"face model bfm64: {where} {'; and '.join(missing)}")
    raise UserError(f"face model bfm64: the files in {folder} are not supported yet; use face_model: arkit52")
