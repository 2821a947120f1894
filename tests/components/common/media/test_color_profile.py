"""A picture looks as its profile says, in any mode; a bad profile is told, and the picture read without it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from components.common.media import read_image
from tests.components.common.media import profiles

SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))  # columns, seen in D50
ICC = {"P3": profiles.rgb(profiles.P3), "Adobe": profiles.rgb(profiles.ADOBE)}


def saved(path: Path, color: object, mode: str, profile: bytes) -> Path:
    PIL.Image.new(mode, (8, 8), color).save(path, icc_profile=profile)  # type: ignore[arg-type]
    return path


def color_of(path: Path) -> list[int]:
    return [int(v) for v in read_image(path)[4, 4]]


def shown(stored: tuple[int, ...], columns: Sequence[Sequence[float]]) -> list[float]:
    """The sRGB of a color, by the definition of a matrix profile."""
    xyz = np.array(columns).T @ (np.array(stored) / 255) ** 2.2
    light = np.clip(np.linalg.inv(np.array(SRGB).T) @ xyz, 0, 1)
    return [float(v) for v in 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)]


@pytest.mark.parametrize(("name", "columns"), [("P3", profiles.P3), ("Adobe", profiles.ADOBE)])
@pytest.mark.parametrize("stored", [(180, 120, 100), (110, 160, 120)])
@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif"])
def test_rgb_profiles_are_applied(
    tmp_path: Path, name: str, columns: Sequence[Sequence[float]], stored: tuple[int, ...], suffix: str
) -> None:
    found = color_of(saved(tmp_path / f"p.{suffix}", stored, "RGB", ICC[name]))
    assert found == pytest.approx(shown(stored, columns), abs=7 if suffix in ("jpg", "webp") else 2)
    assert max(abs(a - b) for a, b in zip(found, stored, strict=True)) > 8


def test_alpha_and_palettes_keep_their_profile(tmp_path: Path) -> None:
    plain = color_of(saved(tmp_path / "p.png", (180, 120, 100), "RGB", ICC["P3"]))
    assert color_of(saved(tmp_path / "a.png", (180, 120, 100, 255), "RGBA", ICC["P3"])) == plain
    assert color_of(saved(tmp_path / "clear.png", (180, 120, 100, 0), "RGBA", ICC["P3"])) == [255] * 3
    PIL.Image.new("RGB", (8, 8), (180, 120, 100)).quantize(4).save(tmp_path / "pal.png", icc_profile=ICC["P3"])
    assert color_of(tmp_path / "pal.png") == pytest.approx(plain, abs=3)


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_gray_profiles_are_applied(tmp_path: Path, mode: str) -> None:
    stored: object = {"L": 128, "LA": (128, 255), "I;16": 128 * 257}[mode]
    level = color_of(saved(tmp_path / "p.png", stored, mode, profiles.gray(1.0)))
    assert level == pytest.approx([188] * 3, abs=2)  # half the light
    # Gray with an RGB profile, as cameras and scanners write it.
    assert color_of(saved(tmp_path / "q.png", stored, mode, ICC["P3"])) == pytest.approx([128] * 3, abs=2)


def test_ink_is_shown_as_its_profile_says(tmp_path: Path) -> None:
    for suffix in ("tif", "jpg"):
        path = saved(tmp_path / f"p.{suffix}", (255, 0, 0, 0), "CMYK", profiles.cmyk((140, 100, 80)))
        red, green, blue = color_of(path)
        assert red < 100 < 120 < green < 160 < 180 < blue, suffix  # not the (0, 255, 255) of no profile
        paper = color_of(saved(tmp_path / f"w.{suffix}", (0, 0, 0, 0), "CMYK", profiles.cmyk((140, 100, 80))))
        assert min(paper) > 250


@pytest.mark.parametrize(
    ("mode", "profile", "words"),
    [
        ("RGB", b"not a profile at all", "is damaged"),
        ("RGB", ICC["P3"][:200], "is damaged"),
        ("RGB", profiles.gray(1.8), "GRAY colors"),
        ("CMYK", ICC["P3"], "RGB colors"),
        ("L", profiles.cmyk((140, 100, 80)), "CMYK colors"),
    ],
)
def test_a_profile_that_cannot_be_used_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mode: str, profile: bytes, words: str
) -> None:
    picture = PIL.Image.new(mode, (8, 8), "gray" if mode != "CMYK" else (0, 0, 0, 127))
    picture.save(tmp_path / "p.tif")
    plain = read_image(tmp_path / "p.tif")
    assert "profile" not in capsys.readouterr().err
    picture.save(tmp_path / "q.tif", icc_profile=profile)
    assert (read_image(tmp_path / "q.tif") == plain).all()
    told = " ".join(capsys.readouterr().err.split())
    assert words in told
    assert "taken for sRGB" in told
