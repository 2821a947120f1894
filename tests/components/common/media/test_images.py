"""Pictures in: any mode and orientation becomes upright RGB; damaged and huge ones are refused."""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.common.errors import UserError
from components.common.media import read_image
from tests.chaos.hostile_media import png
from tests.components.corpus.media_samples import cut

ROOT = Path(__file__).parents[4]


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


def bad_tags(orientation: int, kind: int, count: int) -> bytes:
    """EXIF of an orientation, and a resolution whose value is no pair of numbers."""
    entries = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0) + struct.pack("<HHII", 0x011A, kind, count, 7)
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 2) + entries + bytes(4)


@pytest.mark.parametrize("kind", [0, 2, 3, 5, 7, 9, 10, 12, 13, 255])
@pytest.mark.parametrize("count", [0, 1, 3, 2**31])
def test_other_tags_may_be_of_any_type(tmp_path: Path, kind: int, count: int) -> None:
    picture = PIL.Image.new("RGB", (40, 20))
    picture.paste((255, 255, 255), (0, 0, 10, 10))
    picture.save(tmp_path / "turned.jpg", exif=bad_tags(6, kind, count))
    image = read_image(tmp_path / "turned.jpg")
    assert image.shape == (40, 20, 3)  # shown upright all the same
    assert image[3, -4].min() > 200


def test_every_orientation_is_as_pillow_turns_it(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (6, 9, 3), np.uint8)
    for orientation in range(10):
        exif = PIL.Image.Exif()
        exif[0x0112] = orientation
        PIL.Image.fromarray(noise).save(tmp_path / "p.png", exif=exif)
        with PIL.Image.open(tmp_path / "p.png") as picture:
            np.testing.assert_array_equal(read_image(tmp_path / "p.png"), PIL.ImageOps.exif_transpose(picture))


@given(tags=st.binary(min_size=1, max_size=80))
@settings(max_examples=60, deadline=None)
def test_tags_of_any_bytes_leave_the_picture(tags: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "p.jpg")
        PIL.Image.new("RGB", (8, 4)).save(path, exif=b"Exif\0\0II*\0\x08\0\0\0" + tags)
        assert read_image(path).shape in ((4, 8, 3), (8, 4, 3))


MEASURE = """
import sys
from pathlib import Path
from components.common.media import read_image
read_image(Path(sys.argv[1]))  # loads what Pillow loads
Path("/proc/self/clear_refs").write_text("5")
def memory(name):
    return int(Path("/proc/self/status").read_text().partition(name)[2].split()[0]) // 1024
before = memory("VmRSS:")
image = read_image(Path(sys.argv[2]))
print(image.shape[0], image.shape[1], memory("VmHWM:") - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the peak of memory")
@pytest.mark.parametrize(("color", "depth"), [(2, 8), (6, 8), (0, 16), (3, 8)])
def test_a_small_file_of_many_pixels_takes_little_memory(tmp_path: Path, color: int, depth: int) -> None:
    png(tmp_path / "large.png", 7900, 7900, color, depth)
    png(tmp_path / "small.png", 8, 8)
    assert (tmp_path / "large.png").stat().st_size < 3e6
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "small.png"), str(tmp_path / "large.png")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    height, width, megabytes = map(int, done.stdout.split())
    assert height == width == 3950  # half the sides: at most 16 million pixels
    assert megabytes < 700


def test_a_large_photo_is_shrunk_as_it_is_decoded(tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, 400).astype(np.uint8)
    PIL.Image.fromarray(np.repeat(np.repeat(ramp[None], 300, 0)[..., None], 3, 2)).save(tmp_path / "p.jpg", quality=95)
    whole, small = read_image(tmp_path / "p.jpg"), read_image(tmp_path / "p.jpg", pixels=30_000)
    assert whole.shape == (300, 400, 3)
    assert small.shape == (150, 200, 3)
    assert np.abs(whole[::2, ::2].astype(int) - small).max() < 6


def test_a_long_thin_picture_has_sides_that_opencv_takes(tmp_path: Path) -> None:
    png(tmp_path / "thin.png", 60_000, 20)
    assert max(read_image(tmp_path / "thin.png").shape) <= 16_384


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
