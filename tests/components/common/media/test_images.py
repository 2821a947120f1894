"""Pictures in: any mode and orientation becomes upright RGB; damaged and huge ones are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from components.common.errors import UserError
from components.common.media import read_image
from tests.components.corpus.media_samples import cut


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"])
def test_pictures_of_any_mode_become_rgb(tmp_path: Path, mode: str) -> None:
    bright = np.zeros((20, 30), np.uint16 if mode == "I;16" else np.uint8)
    bright[:, 15:] = np.iinfo(bright.dtype).max
    picture = (
        PIL.Image.fromarray(bright) if mode == "I;16" else PIL.Image.fromarray(bright).convert("RGB").convert(mode)
    )
    suffix = {"CMYK": "tif", "YCbCr": "jpg"}.get(mode, "png")
    picture.save(tmp_path / f"p.{suffix}")
    image = read_image(tmp_path / f"p.{suffix}")
    assert (image.shape, image.dtype) == ((20, 30, 3), np.uint8)
    assert image[:, :12].max() < 20
    assert image[:, 18:].min() > 235


def test_transparency_lies_over_white_and_exif_is_applied(tmp_path: Path) -> None:
    PIL.Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert read_image(tmp_path / "clear.png").min() == 255
    picture = PIL.Image.new("RGB", (40, 20))
    picture.paste((255, 255, 255), (0, 0, 10, 10))  # top left
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # show it turned a quarter clockwise
    picture.save(tmp_path / "turned.jpg", exif=exif)
    image = read_image(tmp_path / "turned.jpg")
    assert image.shape == (40, 20, 3)
    assert image[3, -4].min() > 200


def test_damaged_huge_and_foreign_pictures_are_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    PIL.Image.fromarray(noise).save(tmp_path / "whole.png")
    with pytest.raises(UserError, match="damaged"):
        read_image(cut(tmp_path / "cut.png", tmp_path / "whole.png", 0.5))
    PIL.Image.new("1", (9000, 9000)).save(tmp_path / "huge.png")
    with pytest.raises(UserError, match="the limit is 64 million"):
        read_image(tmp_path / "huge.png")
    (tmp_path / "words.png").write_text("not a picture")
    with pytest.raises(UserError, match="not a picture"):
        read_image(tmp_path / "words.png")
