"""The stylist keeps its promises: exact at degree 0, continuous, of any size, the same after saving."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.common.errors import UserError
from components.common.training.pretrained import CONFIG_FILE
from components.style_a.art.measure.by_measure import Measured
from components.style_a.art.stylist import WEIGHTS_FILE, ArtStylist, unknown_share
from components.style_a.art.stylizers import STYLE_NAMES
from tests.components.style_a.art.pictures import picture


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
    assert loaded.recognize(art) == stylist.recognize(art)
    np.testing.assert_array_equal(loaded.stylize(picture(64, 64), art, 0.7), stylist.stylize(picture(64, 64), art, 0.7))
    stylist.save_pretrained(tmp_path / "again")
    for name in (CONFIG_FILE, WEIGHTS_FILE):
        assert (tmp_path / "art" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


@pytest.mark.parametrize("damage", ["missing", "cut", "other"])
def test_damaged_models_are_named_in_one_line(stylist: ArtStylist, tmp_path: Path, damage: str) -> None:
    stylist.save_pretrained(tmp_path)
    weights = tmp_path / WEIGHTS_FILE
    if damage == "missing":
        weights.unlink()
    elif damage == "cut":
        weights.write_bytes(weights.read_bytes()[:100])
    else:
        (tmp_path / CONFIG_FILE).write_text('{"styles": ["a"], "unknown": 1}')
    with pytest.raises(UserError, match="art model"):
        ArtStylist.from_pretrained(tmp_path)


def test_recognition_shares_out_one_whole(stylist: ArtStylist) -> None:
    shares = stylist.recognize(picture(64, 64, 3))
    assert set(shares) == {*STYLE_NAMES, "novelty"}
    assert sum(shares[name] for name in STYLE_NAMES) == pytest.approx(1, abs=1e-5)
    assert 0 <= shares["novelty"] <= 1


def test_what_the_network_knows_it_draws_alone() -> None:
    near, far = (Measured(np.zeros((1, 1, 3), np.float32), 1.0, gap) for gap in (2.0, 20.0))
    assert unknown_share(0.97, 1.0, near) == 0
    assert unknown_share(0.5, 1.0, near) == 1  # its code is no style's
    assert unknown_share(0.97, 3.0, near) == 1  # other inks
    assert unknown_share(0.97, 1.0, far) == 1  # measuring comes much nearer
    assert 0 < unknown_share(0.9, 1.0, near) < 1


def test_unknown_art_lends_its_palette_whatever_the_network_does(stylist: ArtStylist) -> None:
    portrait = picture(96, 96)
    red = np.clip(picture(96, 96, 1) * np.array([1.0, 0.25, 0.2]), 0, 255).astype(np.uint8)
    blue = red[..., ::-1].copy()
    made = [stylist.stylize(portrait, art, 1.0).mean((0, 1)) for art in (red, blue)]
    for mean, art in zip(made, (red, blue), strict=True):
        assert np.abs(mean - art.mean((0, 1))).max() < 30


def test_the_network_alone_is_the_papers_path(stylist: ArtStylist, monkeypatch: pytest.MonkeyPatch) -> None:
    portrait, art = picture(64, 64), picture(64, 64, 1)
    alone = stylist.synthesize(portrait, art)
    assert alone.shape == portrait.shape
    monkeypatch.setattr("components.style_a.art.stylist.unknown_share", lambda *_: 0.0)
    np.testing.assert_array_equal(alone, stylist.stylize(portrait, art))
    monkeypatch.setattr("components.style_a.art.stylist.unknown_share", lambda *_: 1.0)
    assert np.abs(alone.astype(int) - stylist.stylize(portrait, art)).max() > 5
