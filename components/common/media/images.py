"""Still pictures in: any mode, orientation and color profile becomes upright 8-bit sRGB."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageOps

from components.common.errors import UserError
from components.common.media.color_profile import BadProfileError, to_srgb
from components.common.media.containers import MAX_PIXELS, Image
from components.common.progress import console

# Formats that Pillow decodes by itself (EPS, for one, would start Ghostscript).
FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "BMP", "TIFF", "GIF", "PPM", "JPEG2000")
WHITE, WHITE_16 = 255, 65535  # highest gray levels of 8 and 16 bits
BACKGROUND = WHITE  # gray level behind transparent pixels


def read_image(path: Path) -> Image:
    """A picture file as (H, W, 3) sRGB, upright, over white where it is transparent; the first frame of an animation.

    EXIF orientation and color profile are applied. A profile that cannot be used is told on standard error, and the
    picture read as if it had none.

    Raises:
        UserError: no such file, not a picture, damaged, or larger than `MAX_PIXELS`.
    """
    if not path.is_file():
        raise UserError(f"{path} is not a file")
    with warnings.catch_warnings():
        # Pillow warns of large pictures; the limit below refuses them.
        warnings.simplefilter("ignore", PIL.Image.DecompressionBombWarning)
        try:
            with PIL.Image.open(path, formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    size = f"{picture.width}x{picture.height}"
                    raise UserError(f"{path} has {size} pixels; the limit is {MAX_PIXELS // 10**6} million")
                return _to_rgb(PIL.ImageOps.exif_transpose(picture), path)
        except PIL.Image.DecompressionBombError as error:
            raise UserError(f"{path} is too large; the limit is {MAX_PIXELS // 10**6} million pixels") from error
        except PIL.UnidentifiedImageError as error:
            raise UserError(f"{path} is not a picture (PNG, JPEG, WebP, AVIF, BMP, TIFF, GIF)") from error
        except (OSError, SyntaxError, ValueError) as error:  # Pillow's ways to say that a file is damaged
            raise UserError(f"{path} is damaged or cut off") from error


def _to_rgb(picture: PIL.Image.Image, path: Path) -> Image:
    picture = _eight_bits(picture)
    try:
        picture = to_srgb(picture)
    except BadProfileError as error:
        console.print(
            f"warning: {path}: the color profile {error}; its colors are taken for sRGB", style="yellow", markup=False
        )
    if picture.has_transparency_data:
        layered = picture.convert("RGBA")
        paper = PIL.Image.new("RGBA", layered.size, (BACKGROUND, BACKGROUND, BACKGROUND, WHITE))
        picture = PIL.Image.alpha_composite(paper, layered)
    return np.array(picture.convert("RGB"))


def _eight_bits(picture: PIL.Image.Image) -> PIL.Image.Image:
    """16-bit and float grays as 8-bit gray (Pillow would clip them to white)."""
    if picture.mode.startswith(("I", "F")):
        gray = np.nan_to_num(np.asarray(picture, np.float64))
        low, high = (0.0, float(WHITE_16)) if picture.mode.startswith("I") else (float(gray.min()), float(gray.max()))
        level = np.clip((gray - low) / max(high - low, 1e-9) * WHITE, 0, WHITE).round().astype(np.uint8)
        narrow = PIL.Image.fromarray(level)
        narrow.info = {key: value for key, value in picture.info.items() if key == "icc_profile"}
        return narrow
    return picture
