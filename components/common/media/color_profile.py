"""A picture's ICC profile applied: the same picture in sRGB, by Pillow's LittleCMS."""

from __future__ import annotations

import io

import PIL.Image
from PIL import ImageCms

# Color space of a profile -> the mode that pictures have in it.
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
GRAYS = ("1", "L", "LA", "La", "I;16")  # may also carry an RGB profile: gray is an RGB color


class BadProfileError(Exception):
    """The profile is damaged, or one for pictures of another kind; the text says which."""


def to_srgb(picture: PIL.Image.Image) -> PIL.Image.Image:
    """An 8-bit picture in sRGB, with its alpha if it had any; one without a profile is returned as it is.

    Raises:
        BadProfileError: the profile cannot be used.
    """
    embedded = picture.info.get("icc_profile")
    if not embedded:
        return picture
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(embedded))
        space = profile.profile.xcolor_space.strip()
        mode = _mode(picture, space)
        managed = ImageCms.profileToProfile(
            picture.convert(mode),
            profile,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError) as error:
        raise BadProfileError("is damaged") from error
    if managed is None:
        raise BadProfileError("is damaged")
    if picture.has_transparency_data:
        managed.putalpha(picture.convert("RGBA").getchannel("A"))
    return managed


def _mode(picture: PIL.Image.Image, space: str) -> str:
    """The mode to convert a picture to before a profile of `space` is applied."""
    mode = MODES.get(space)
    fits = {
        "RGB": picture.mode in ("RGB", "RGBA", "RGBX", "RGBa", "P", "PA", "YCbCr", *GRAYS),
        "L": picture.mode in GRAYS,
        "CMYK": picture.mode == "CMYK",
        "LAB": picture.mode == "LAB",
    }
    if mode is None or not fits[mode]:
        raise BadProfileError(f"is for {space} colors, the picture is {picture.mode}")
    return mode
