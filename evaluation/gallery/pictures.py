"""Twelve art pictures of kinds that the art model was never shown, drawn from nothing whenever they are asked for.

Each is (SIDE, SIDE, 3) uint8 RGB and the same every time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np

from components.common.media import Image
from evaluation.gallery.media import borders, carved, dotted, inked, outlines, over, panes, rgb, rubbed, screened, soft
from evaluation.gallery.subjects import SIDE, SKY, WATER, Pixels, cloud, colored, head, landscape


def pointillist() -> Pixels:
    """Dabs of pure color: an evening at the sea."""
    colors = ((250, 205, 140), (255, 240, 170), (120, 110, 190), (80, 140, 120), (120, 165, 70), (90, 140, 200))
    return dotted(colored(*landscape(1), colors, 0.35), rgb(235, 220, 190), 4.5, 0.11, 1)


def woodcut() -> Pixels:
    """Black block on cream paper, light cut out of it in swelling lines."""
    sitter = head(201, "short")
    light = np.where(sitter.figure > 0.5, sitter.luma**1.3, 0.12 + 0.2 * (cloud(2, 30) > 0.4)).astype(np.float32)
    ink = np.maximum(carved(light, 6.5, cloud(3, 25)), outlines(sitter.luma, 1.5, 5))
    return over(np.broadcast_to(rgb(238, 226, 198), (SIDE, SIDE, 3)), rgb(22, 18, 16), ink)


def poster() -> Pixels:
    """Four flat inks, rays behind the head."""
    sitter = head(202, "bob", 0.15)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] / SIDE - 0.5
    rays = (np.floor(np.arctan2(rows, columns) / np.pi * 10) % 2 == 0).astype(np.float32)
    ground = over(np.broadcast_to(rgb(226, 52, 40), (SIDE, SIDE, 3)), rgb(244, 196, 84), rays)
    flat = inked(soft(sitter.luma, 2), (0.3, 0.62), ((24, 38, 84), (226, 52, 40), (248, 232, 200)))
    return over(ground, flat, (soft(sitter.figure, 1) > 0.5).astype(np.float32))


def chrome() -> Pixels:
    """Polished metal before a dark wall: brightness folded over as reflections are."""
    sitter = head(203, "quiff")
    luma = soft(sitter.luma, 1.2)
    shine = 0.5 + 0.5 * np.sin(luma * 9.5 - 1.2) * (0.55 + 0.45 * luma)
    metal = np.stack([shine * 0.94, shine * 0.97, 0.04 + shine * 0.96], -1).astype(np.float32)
    rows = np.linspace(0.05, 0.3, SIDE, dtype=np.float32)[:, None]
    wall = np.broadcast_to(rows[..., None] * rgb(150, 170, 215) * 1.4, (SIDE, SIDE, 3))
    return over(wall, metal, sitter.figure)


def gold_leaf() -> Pixels:
    """A face in a field of gold tesserae and spirals."""
    sitter = head(204, "long", -0.1)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    tiles = (rows // 9 * 57 + columns // 14).astype(np.int64)
    tone = np.random.default_rng(4).random(int(tiles.max()) + 1)[tiles].astype(np.float32)
    angle, radius = np.arctan2(rows % 64 - 32, columns % 64 - 32), np.hypot(rows % 64 - 32, columns % 64 - 32)
    spiral = ((np.sin(angle + radius * 0.45) > 0.3) & (radius < 27)).astype(np.float32)
    gold = over(np.broadcast_to(rgb(150, 98, 20), (SIDE, SIDE, 3)), rgb(246, 202, 84), 0.25 + 0.75 * tone)
    gold = over(over(gold, rgb(70, 40, 12), 0.75 * spiral), rgb(60, 34, 10), 0.5 * borders(tiles, 1.2))
    skin = over(np.broadcast_to(rgb(52, 26, 14), (SIDE, SIDE, 3)), rgb(240, 198, 150), sitter.luma)
    return over(gold, skin, soft(sitter.figure, 1))


def wash() -> Pixels:
    """Thin color run together on white paper, edges dried darker."""
    things, shade = landscape(6)
    picture = np.ones((SIDE, SIDE, 3), np.float32)
    pigments = ((170, 205, 232), (250, 190, 150), (150, 160, 205), (120, 175, 150), (165, 195, 110), (120, 170, 200))
    for thing, pigment in enumerate(pigments):
        wet = cv2.GaussianBlur((things == thing).astype(np.float32), (0, 0), 5) + 0.12 * cloud(60 + thing, 9)
        cover = np.clip((wet - 0.42) * 5, 0, 1)
        dried = cover * (1 - cover) * 1.6
        density = cover * (0.5 + 0.3 * shade + 0.14 * cloud(70 + thing, 16)) + dried * 0.5
        picture = picture * (1 - np.clip(density, 0, 1)[..., None] * (1 - rgb(*pigment)))
    return picture + 0.012 * cloud(66, 0.7)[..., None]


def ukiyo_e() -> Pixels:
    """Color print: flats in indigo and sand, a graded sky, even black contours."""
    things, shade = landscape(7)
    colors = ((236, 222, 190), (205, 70, 50), (196, 184, 160), (96, 112, 92), (176, 150, 96), (40, 74, 120))
    flats = colored(things, shade, colors, 0.0)
    rows = np.linspace(1, 0, SIDE, dtype=np.float32)[:, None] * (things == SKY)
    foam = ((things == WATER) & (shade > 0.72)).astype(np.float32)
    graded = over(over(flats, rgb(44, 84, 136), np.clip(rows * 2.2 - 1.3, 0, 1)), rgb(240, 232, 212), foam)
    return over(graded, rgb(28, 26, 34), borders(things * 2 + foam.astype(np.int64), 2.2))


def charcoal() -> Pixels:
    """Coal rubbed into gray-brown paper, a few lights of white chalk."""
    sitter = head(208, "short", 0.1)
    tone = np.where(sitter.figure > 0.5, sitter.luma, 0.62 + 0.15 * cloud(8, 40)).astype(np.float32)
    sheet = np.broadcast_to(rgb(186, 174, 158), (SIDE, SIDE, 3)) + 0.02 * cloud(81, 0.8)[..., None]
    coal = over(sheet, rgb(28, 26, 26), rubbed(np.clip(1.25 - 1.9 * tone, 0, 1), 82, 125))
    return over(coal, rgb(240, 236, 228), rubbed(np.clip(tone * 3.2 - 2.5, 0, 0.8), 84, 125) * sitter.figure)


def halftone() -> Pixels:
    """Cheap print: yellow, magenta and cyan screens, a heavy black plate."""
    sitter = head(209, "ponytail", -0.12)
    ground = over(
        np.broadcast_to(rgb(90, 190, 225), (SIDE, SIDE, 3)), rgb(255, 235, 90), (cloud(9, 45) > 0).astype("f")
    )
    content = over(ground, np.clip(sitter.picture * 1.35, 0, 1), sitter.figure)
    paper = np.broadcast_to(rgb(250, 246, 236), (SIDE, SIDE, 3))
    for channel, ink, angle in ((2, (255, 225, 30), 0), (1, (225, 30, 120), 75), (0, (20, 160, 220), 15)):
        cover = screened(np.clip(1.1 - content[..., channel], 0, 1), 7.0, angle)
        paper = paper * (1 - cover[..., None] * (1 - rgb(*ink)))
    black = np.maximum(outlines(sitter.luma * sitter.figure, 2.0, 6), (sitter.luma < 0.14) * sitter.figure)
    return over(np.asarray(paper), rgb(12, 10, 18), black)


def stained_glass() -> Pixels:
    """Panes of saturated glass, lit from behind, in lead."""
    labels = panes(10, 150)
    rng = np.random.default_rng(10)
    hues = np.array([(190, 20, 40), (20, 60, 190), (240, 170, 20), (20, 130, 70), (120, 30, 140), (60, 150, 210)], "f")
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] / SIDE - 0.5
    ring = np.floor(np.hypot(rows, columns) * 9).astype(int)
    pane_ring = np.array([np.median(ring[labels == k]) if (labels == k).any() else 0 for k in range(150)]).astype(int)
    glass = (hues[(pane_ring + rng.integers(0, 2, 150)) % 6] / 255 * rng.uniform(0.7, 1.1, (150, 1)))[labels]
    lit = glass * (1 + 0.1 * cloud(11, 7)[..., None])
    return over(np.asarray(lit, np.float32), rgb(14, 14, 16), borders(labels, 6))


def baroque() -> Pixels:
    """A lit face out of brown darkness, under crackled varnish."""
    sitter = head(211, "long", 0.25)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE
    lamp = np.exp(-(((columns - 0.42) / 0.3) ** 2) - ((rows - 0.42) / 0.34) ** 2)
    light = sitter.luma**1.4 * lamp * sitter.figure
    picture = np.stack([np.interp(light, (0, 0.2, 0.6, 1), stops) for stops in ((0.07, 0.3, 0.8, 1.0),
        (0.045, 0.15, 0.52, 0.9), (0.03, 0.07, 0.28, 0.66))], -1)  # fmt: skip
    crackle = borders(panes(12, 400), 1.0)
    return np.asarray(picture * (1 - 0.3 * crackle[..., None]) + 0.008 * cloud(13, 1.5)[..., None], np.float32)


def line_drawing() -> Pixels:
    """Thin blue-black pen lines on white paper, no tone at all."""
    sitter = head(212, "bun", -0.2)
    lines = np.maximum(outlines(sitter.luma, 1.2, 3.2), outlines(sitter.figure, 1.0, 2.5))
    return over(np.broadcast_to(rgb(252, 251, 247), (SIDE, SIDE, 3)), rgb(24, 30, 72), lines)


PICTURES: Mapping[str, Callable[[], Pixels]] = MappingProxyType(
    {
        draw.__name__: draw
        for draw in (
            *(pointillist, woodcut, poster, chrome, gold_leaf, wash),
            *(ukiyo_e, charcoal, halftone, stained_glass, baroque, line_drawing),
        )
    }
)


def gallery() -> dict[str, Image]:
    """Name -> picture, all twelve."""
    return {name: np.asarray(np.clip(draw() * 255 + 0.5, 0, 255), np.uint8) for name, draw in PICTURES.items()}
