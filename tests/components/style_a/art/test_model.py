"""The art model's parts: modulation equals its definition, palettes move, the stylist keeps its promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from components.common.errors import UserError
from components.common.media import Image
from components.style_a.art.brush_bank import BRUSHES
from components.style_a.art.encoders import StyleEncoder, novelty
from components.style_a.art.modulation import ModulatedConv
from components.style_a.art.palette import tone_palette, transfer_matrix, transfer_palette
from components.style_a.art.stylist import CONFIG, WEIGHTS, ArtStylist
from components.style_a.art.stylizers import STYLE_NAMES
from components.style_a.art.synthesis import ArtConfig, to_grid


def picture(height: int, width: int, seed: int = 0) -> Image:
    small = np.random.default_rng(seed).integers(0, 256, (6, 6, 3)).astype(np.float32)
    rows, columns = np.linspace(0, 5, height), np.linspace(0, 5, width)
    rough = small[np.round(rows).astype(int)][:, np.round(columns).astype(int)]
    return (rough * np.linspace(0.6, 1, width)[None, :, None]).astype(np.uint8)


@pytest.fixture(scope="module")
def stylist() -> ArtStylist:
    torch.manual_seed(3)
    return ArtStylist(ArtConfig(STYLE_NAMES, code=16, half_width=8, quarter_width=8, full_width=8)).eval()


@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("demodulate", [True, False])
def test_modulation_equals_its_definition(kernel: int, demodulate: bool) -> None:
    torch.manual_seed(0)
    layer = ModulatedConv(5, 7, 4, kernel, demodulate)
    x, code = torch.randn(3, 5, 9, 9), torch.randn(3, 4)
    got = layer(x, code)
    for b in range(3):
        weight = layer.weight * layer.scale(code)[b][None, :, None, None]
        if demodulate:
            weight = 2**0.5 * weight / (weight.square().sum((1, 2, 3), keepdim=True) + 1e-6).sqrt()
        want = functional.conv2d(x[b : b + 1], weight, padding=kernel // 2) + layer.shift(code)[b][None, :, None, None]
        torch.testing.assert_close(got[b : b + 1], want, rtol=1e-4, atol=1e-4)


def test_grid_caps_the_size_and_leaves_small_banks() -> None:
    assert to_grid(torch.zeros(1, 2, 512, 640)).shape == (1, 2, 256, 320)
    assert to_grid(torch.zeros(1, 2, 96, 96)).shape == (1, 2, 96, 96)


def test_transfer_matrix_takes_one_covariance_to_the_other() -> None:
    rng = np.random.default_rng(0)
    source, target = (m @ m.T + np.eye(3) for m in rng.normal(0, 0.3, (2, 3, 3)))  # a stretch below its bound
    matrix = transfer_matrix(source, target)
    np.testing.assert_allclose(matrix @ source @ matrix.T, target, atol=1e-6)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-9)


def test_palette_transfer_moves_colors_toward_the_art() -> None:
    image = picture(64, 64, 1)
    art = (picture(64, 64, 2) * np.array([1.0, 0.4, 0.2])).astype(np.uint8)
    distances = []
    for amount in (0.0, 0.5, 1.0):
        moved = transfer_palette(image, art, amount)
        distances.append(np.abs(moved.mean((0, 1)) - art.mean((0, 1))).sum())
    assert transfer_palette(image, art, 0.0) is image
    assert distances[0] > distances[1] > distances[2]
    assert transfer_palette(image, np.zeros_like(art), 1.0).dtype == np.uint8  # a flat art picture is no error


def test_tone_palette_lists_inks_from_dark_to_light() -> None:
    art = np.zeros((50, 50, 3), np.uint8)
    for k in range(5):
        art[10 * k : 10 * (k + 1)] = (50 * k, 40 * k, 60 * k)
    inks = tone_palette(art)[:15].reshape(5, 3)
    np.testing.assert_allclose(inks[0], -1, atol=0.1)
    np.testing.assert_allclose(inks[4], np.array([200, 160, 240]) / 127.5 - 1, atol=0.1)
    assert (np.diff(inks.mean(1)) > 0).all()


@pytest.mark.parametrize("size", [(64, 64), (40, 90), (300, 260)])
def test_the_portrait_comes_back_exactly_without_style(stylist: ArtStylist, size: tuple[int, int]) -> None:
    portrait, art = picture(*size), picture(50, 70, 1)
    np.testing.assert_array_equal(stylist.stylize(portrait, None, 1.0), portrait)
    np.testing.assert_array_equal(stylist.stylize(portrait, art, 0.0), portrait)
    assert stylist.stylize(portrait, art, 1.0).shape == portrait.shape


def test_style_enters_continuously(stylist: ArtStylist) -> None:
    portrait, art = picture(96, 96), picture(96, 96, 1)
    changes = [
        np.abs(stylist.stylize(portrait, art, d).astype(float) - portrait).mean() for d in (0.01, 0.25, 0.5, 0.75, 1.0)
    ]
    assert changes[0] < 2
    assert changes == sorted(changes)


@pytest.mark.parametrize("degree", [-0.1, 1.1, float("nan"), float("inf")])
def test_impossible_degrees_are_refused(stylist: ArtStylist, degree: float) -> None:
    with pytest.raises(UserError, match="degree"):
        stylist.stylize(picture(32, 32), picture(32, 32), degree)


def test_strips_leave_no_seams(stylist: ArtStylist, monkeypatch: pytest.MonkeyPatch) -> None:
    portrait, art = picture(140, 100), picture(64, 64, 1)
    whole = stylist.stylize(portrait, art, 1.0)
    monkeypatch.setattr("components.style_a.art.stylist.STRIP", 17)
    assert np.abs(stylist.stylize(portrait, art, 1.0).astype(int) - whole).max() <= 1


def test_saved_model_is_the_same_model(stylist: ArtStylist, tmp_path: Path) -> None:
    stylist.save_pretrained(tmp_path / "art")
    loaded = ArtStylist.from_pretrained(tmp_path / "art")
    art = picture(64, 64, 2)
    np.testing.assert_array_equal(loaded.style_code(art), stylist.style_code(art))
    np.testing.assert_array_equal(loaded.stylize(picture(64, 64), art, 0.7), stylist.stylize(picture(64, 64), art, 0.7))
    stylist.save_pretrained(tmp_path / "again")
    for name in (CONFIG, WEIGHTS):
        assert (tmp_path / "art" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


@pytest.mark.parametrize("damage", ["missing", "cut", "other"])
def test_damaged_models_are_named_in_one_line(stylist: ArtStylist, tmp_path: Path, damage: str) -> None:
    stylist.save_pretrained(tmp_path)
    weights = tmp_path / WEIGHTS
    if damage == "missing":
        weights.unlink()
    elif damage == "cut":
        weights.write_bytes(weights.read_bytes()[:100])
    else:
        (tmp_path / CONFIG).write_text('{"styles": ["a"], "unknown": 1}')
    with pytest.raises(UserError, match="art model"):
        ArtStylist.from_pretrained(tmp_path)


def test_default_model_is_small() -> None:
    stylist = ArtStylist(ArtConfig(STYLE_NAMES))
    assert sum(p.numel() for p in stylist.parameters()) <= 600_000
    assert stylist.generator.synthesis.mix.out_features == 3 * BRUSHES + 3


def test_known_styles_are_mixed_sharply_and_unknown_pictures_count_as_painted() -> None:
    torch.manual_seed(0)
    encoder = StyleEncoder(classes=6, style=8, painted=4).eval()
    logits = torch.full((2, 7), -4.0)
    logits[0, 2] = 1.0  # surely class 2
    logits[1, 0] = 8.0  # surely no art
    logits[1, 1] = -1.0
    shares = encoder.shares(logits)
    assert novelty(logits).tolist() == [0.0, 1.0]
    torch.testing.assert_close(shares.sum(1), torch.ones(2))
    assert shares[0, 2] > 0.99
    assert shares[1, 0] == 0
    assert shares[1, 5] == pytest.approx(0.65, abs=0.02)
    assert shares[1, 1] > 0.3
