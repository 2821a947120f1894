"""Still pictures in: any mode and orientation becomes upright 8-bit RGB of a bounded size."""

from __future__ import annotations

import math
import warnings
from pathlib import Path

import numpy as np
import PIL.Image

from components.common.errors import UserError, translated
from components.common.media.containers import Image, check_file
from components.common.media.limits import MAX_PIXELS, MAX_SIDE, WORKING_PIXELS

# Formats that Pillow decodes by itself (EPS, for one, would start Ghostscript).
FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "BMP", "TIFF", "GIF", "PPM", "JPEG2000")
WHITE, WHITE_16 = 255, 65535  # highest gray levels of 8 and 16 bits
BACKGROUND = WHITE  # gray level behind transparent pixels
REDUCIBLE = ("L", "LA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I", "F")  # modes whose pixels can be averaged
ORIENTATION = 0x0112  # tag of EXIF
UPRIGHT = {
    2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
    3: PIL.Image.Transpose.ROTATE_180,
    4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
    5: PIL.Image.Transpose.TRANSPOSE,
    6: PIL.Image.Transpose.ROTATE_270,
    7: PIL.Image.Transpose.TRANSVERSE,
    8: PIL.Image.Transpose.ROTATE_90,
}


def read_image(path: Path, pixels: int = WORKING_PIXELS) -> Image:
    """A picture file as (H, W, 3) RGB: EXIF orientation applied, transparency over white, first frame of animations.

    pixels: larger pictures are shrunk by a whole number, before anything else is done with them.

    Raises:
        UserError: no such file, empty, not a picture, damaged, or larger than `MAX_PIXELS`.
    """
    check_file(path)
    with warnings.catch_warnings(), translated(f"{path} is damaged or cut off"):
        # Pillow warns of large pictures, the limit below refuses them; and of strange tags, which are not ours to mend.
        warnings.simplefilter("ignore")
        try:
            with PIL.Image.open(path, formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    size = f"{picture.width}x{picture.height}"
                    raise UserError(f"{path} has {size} pixels; the limit is {MAX_PIXELS // 10**6} million")
                return _to_rgb(_upright(_bounded(picture, pixels), _orientation(picture)))
        except PIL.Image.DecompressionBombError as error:
            raise UserError(f"{path} is too large; the limit is {MAX_PIXELS // 10**6} million pixels") from error
        except PIL.UnidentifiedImageError as error:
            raise UserError(f"{path} is not a picture (PNG, JPEG, WebP, AVIF, BMP, TIFF, GIF)") from error


def _bounded(picture: PIL.Image.Image, pixels: int) -> PIL.Image.Image:
    """A picture of at most `pixels`, and of sides that OpenCV takes; JPEG is never unpacked further than needed."""
    width, height = picture.size
    factor = max(math.ceil(math.sqrt(width * height / pixels)), math.ceil(max(width, height) / MAX_SIDE))
    if factor <= 1:
        return picture
    # These two shrink by a power of two while they decode; the rest is averaged.
    if picture.format == "JPEG":
        picture.draft(None, (math.ceil(width / factor), math.ceil(height / factor)))
    elif picture.format == "JPEG2000":
        picture.reduce = int(math.log2(factor))  # type: ignore[method-assign, assignment]
        picture.load()
        picture = picture.copy()
    factor = max(1, math.ceil(factor * max(picture.width / width, picture.height / height)))
    if picture.has_transparency_data and picture.mode not in ("RGBA", "LA"):
        picture = picture.convert("RGBA")
    elif picture.mode not in REDUCIBLE:
        picture = picture.convert("I" if picture.mode.startswith("I") else "RGB")
    return picture.reduce(factor)


def _orientation(picture: PIL.Image.Image) -> int:
    """1-8 of EXIF. Only this one tag is read: the others of many cameras and editors have types of their own."""
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:  # a broken block of tags says nothing of the picture, which is shown as it is stored
        return 1


def _upright(picture: PIL.Image.Image, orientation: int) -> PIL.Image.Image:
    turn = UPRIGHT.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _to_rgb(picture: PIL.Image.Image) -> Image:
    if picture.mode.startswith(("I", "F")):
        # 16-bit and float grays: Pillow would clip them to white.
        gray = np.nan_to_num(np.asarray(picture, np.float64))
        low, high = (0.0, float(WHITE_16)) if picture.mode.startswith("I") else (float(gray.min()), float(gray.max()))
        level = np.clip((gray - low) / max(high - low, 1e-9) * WHITE, 0, WHITE).round().astype(np.uint8)
        return np.repeat(level[..., None], 3, axis=2)
    if picture.has_transparency_data:
        layered = picture.convert("RGBA")
        paper = PIL.Image.new("RGBA", layered.size, (BACKGROUND, BACKGROUND, BACKGROUND, WHITE))
        picture = PIL.Image.alpha_composite(paper, layered)
    return np.array(picture.convert("RGB"))
