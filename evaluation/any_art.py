"""Does a painted portrait look like the art picture that was asked for? Hits, distances and a contact sheet.

Every portrait is painted after every art picture. A hit: of all art pictures, the one asked for is the nearest to the
result. Without folders the art is a gallery of twelve pictures drawn for this, of kinds that no training shows, and the
portraits are rendered heads.

Example: ``python -m evaluation.any_art --art my/art --portraits my/faces --out out/any_art``
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from components.common.artifacts import write_json
from components.common.errors import UserError
from components.common.media import Image, read_image
from components.common.progress import console, track
from components.common.runtime import pin_threads, seed_everything
from components.face.crop import crop_portrait
from components.runner.command import command_parser, run_command
from components.style_a.art.stylist import ArtStylist
from evaluation.gallery.pictures import gallery
from evaluation.gallery.subjects import head
from evaluation.metrics.art_likeness import ArtLikeness
from evaluation.summary.confidence import Interval, interval

HEADS = ((31, "long"), (32, "short"), (33, "afro"))  # seed and hair of the rendered portraits
RESAMPLES = 2000
CELL = 200  # pixels of the contact sheet
PORTRAIT_SIDE = 512  # pixels at which portraits are painted

Paint = Callable[[Image, Image], Image]  # portrait, art -> result
# Figure of a pair -> its title.
FIGURES: Mapping[str, str] = {
    "palette_hit": "palette hit",
    "texture_hit": "texture hit",
    "palette_distance": "palette distance",
    "texture_distance": "texture distance",
    "palette_distance_unpainted": "palette distance of the portrait itself",
    "texture_distance_unpainted": "texture distance of the portrait itself",
}


@dataclass(frozen=True)
class Pair:
    """A portrait painted after an art picture, by their names, and its figures by the names of `FIGURES`."""

    art: str
    portrait: str
    figures: Mapping[str, float]


def judge(arts: Mapping[str, Image], portraits: Mapping[str, Image], paint: Paint) -> tuple[list[Pair], list[Image]]:
    """Figures and results of every pair, portrait by portrait."""
    likeness = ArtLikeness(list(arts.values()))
    pairs, results = [], []
    asked = [(name, portrait, n, art) for name, portrait in portraits.items() for n, art in enumerate(arts)]
    for name, portrait, n, art in track(asked, "painting"):
        result = paint(portrait, arts[art])
        palettes, textures = likeness.palette_distances(result), likeness.texture_distances(result)
        figures = {
            "palette_hit": float(palettes.argmin() == n),
            "texture_hit": float(textures.argmin() == n),
            "palette_distance": float(palettes[n]),
            "texture_distance": float(textures[n]),
            "palette_distance_unpainted": float(likeness.palette_distances(portrait)[n]),
            "texture_distance_unpainted": float(likeness.texture_distances(portrait)[n]),
        }
        pairs.append(Pair(art, name, figures))
        results.append(result)
    return pairs, results


def summarize(pairs: Sequence[Pair]) -> dict[str, Interval]:
    """Mean and interval of each figure. Other art pictures are what could have been drawn, so these are resampled."""
    arts = sorted({pair.art for pair in pairs})
    summary = {}
    for name in FIGURES:
        means = [float(np.mean([pair.figures[name] for pair in pairs if pair.art == art])) for art in arts]
        found = interval(means, RESAMPLES)
        assert found is not None  # there are pairs, and their figures are finite
        summary[name] = found
    return summary


def table(pairs: Sequence[Pair]) -> str:
    """Markdown: every figure with its interval, then the hits of each art picture."""
    lines = ["| figure | mean | 95 % interval over art pictures |", "|---|---|---|"]
    lines += [f"| {FIGURES[k]} | {v.mean:.3f} | {v.low:.3f} to {v.high:.3f} |" for k, v in summarize(pairs).items()]
    arts = list(dict.fromkeys(pair.art for pair in pairs))
    lines += [
        "",
        f"Chance of a hit: {1 / len(arts):.3f}.",
        "",
        "| art | palette hits | texture hits |",
        "|---|---|---|",
    ]
    for art in arts:
        own = [pair.figures for pair in pairs if pair.art == art]
        hits = (sum(int(figures[name]) for figures in own) for name in ("palette_hit", "texture_hit"))
        lines.append(f"| {art} | " + " | ".join(f"{hit} of {len(own)}" for hit in hits) + " |")
    return "\n".join(lines)


def sheet(arts: Sequence[Image], portraits: Sequence[Image], results: Sequence[Image]) -> Image:
    """Art pictures along the top, portraits down the side, results where they meet."""
    columns = len(arts)
    rows = [[np.zeros((1, 1, 3), np.uint8), *arts]]
    rows += [[portrait, *results[n * columns : (n + 1) * columns]] for n, portrait in enumerate(portraits)]
    return np.vstack([np.hstack([_cell(picture) for picture in row]) for row in rows])


def _cell(picture: Image) -> Image:
    scale = CELL / max(picture.shape[:2])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    cell = np.zeros((CELL, CELL, 3), np.uint8)
    cell[: size[1], : size[0]] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return cell


def rendered_portraits() -> dict[str, Image]:
    """Name -> picture of three rendered heads, none of which the gallery shows."""
    return {f"head {seed}": _sized((head(seed, hair).picture * 255 + 0.5).astype(np.uint8)) for seed, hair in HEADS}


def _sized(portrait: Image) -> Image:
    return np.asarray(cv2.resize(portrait, (PORTRAIT_SIDE, PORTRAIT_SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def read_portraits(folder: Path) -> dict[str, Image]:
    """Name -> square crop of every picture of a folder that shows a face; the others are named and passed over."""
    portraits = {}
    for path in _files(folder):
        try:
            portraits[path.stem] = _sized(crop_portrait(read_image(path)).image)
        except UserError as error:
            console.print(f"passed over: {path.name}: {error}", markup=False, soft_wrap=True)
    if not portraits:
        raise UserError(f"no portrait in {folder} could be used")
    return portraits


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder")
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def run(options: argparse.Namespace) -> str:
    """Paint, judge and write everything; returns the table."""
    from PIL import Image as Picture

    arts = {path.stem: read_image(path) for path in _files(options.art)} if options.art else gallery()
    if len(arts) < 2:
        raise UserError(f"{options.art} holds {len(arts)} art pictures; at least two are needed to tell them apart")
    portraits = read_portraits(options.portraits) if options.portraits else rendered_portraits()
    stylist = ArtStylist.from_pretrained(options.model).eval()
    pairs, results = judge(arts, portraits, lambda portrait, art: stylist.stylize(portrait, art, options.degree))
    options.out.mkdir(parents=True, exist_ok=True)
    picture = sheet(list(arts.values()), list(portraits.values()), results)
    Picture.fromarray(picture).save(options.out / "sheet.png")
    text = table(pairs)
    (options.out / "table.md").write_text(text + "\n", encoding="utf-8")
    rows = [{"art": pair.art, "portrait": pair.portrait, **pair.figures} for pair in pairs]
    write_json(options.out / "pairs.json", {"pairs": rows})
    return text


def main(arguments: list[str] | None = None) -> int:
    pin_threads()
    parser = command_parser("evaluation.any_art", __doc__)
    parser.add_argument("--art", type=Path, help="folder of art pictures (default: the gallery)")
    parser.add_argument("--portraits", type=Path, help="folder of pictures of people (default: rendered heads)")
    parser.add_argument("--model", type=Path, default=Path("models/style_a/art"), help="the art model's folder")
    parser.add_argument("--degree", type=float, default=1.0, help="of the art style, 0 to 1 (default: 1)")
    parser.add_argument("--out", type=Path, required=True, help="folder for table.md, pairs.json and sheet.png")
    options = parser.parse_args(arguments)

    def work() -> None:
        seed_everything(0)
        print(run(options))

    return run_command(work)


if __name__ == "__main__":
    sys.exit(main())
