"""A picture of the synthetic corpus: eight people (columns) and eight emotions (rows), and lip shapes.

Example: ``python -m components.corpus.contact_sheet --out corpus.jpg``
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from components.common.media import Image
from components.common.params import Prepare
from components.corpus.embedded import cast
from components.runner.command import command_parser, run_command
from components.synthetic.motion.emotions import EMOTION_FACES, shape_vector
from components.synthetic.motion.visemes import VISEMES
from components.synthetic.render.actor import Actor

LIP_SHAPES: tuple[dict[str, float], ...] = ({}, {"eyeBlink": 1.0}, {"tongueOut": 1.0, "jawOpen": 0.2})
JPEG_QUALITY = 82
LIP_PHONEMES = ("p", "f", "a", "ɔ", "u", "i", "ʃ")


def emotion_sheet(people: Sequence[Actor], size: int) -> Image:
    """(8 * size, people * size, 3): a row per emotion at full strength."""
    rows = []
    for face in EMOTION_FACES.values():
        weights = np.clip(face.vector, 0, 1)
        turns = 0.22 * np.sin(1.3 * np.arange(len(people)))
        cells = [
            person.render(weights, np.array([turn, face.pose[1], np.sign(turn) * face.pose[2]]), size=size)
            for person, turn in zip(people, turns, strict=True)
        ]
        rows.append(np.hstack(cells))
    return np.vstack(rows)


def lip_sheet(people: Sequence[Actor], size: int) -> Image:
    """(people * size, shapes * size, 3): a row per person, the targets of some phonemes, rest, blink and tongue."""
    vectors = [np.clip(VISEMES[ipa].vector, 0, 1) for ipa in LIP_PHONEMES]
    vectors += [shape_vector(recipe) for recipe in LIP_SHAPES]
    return np.vstack([np.hstack([person.render(vector, size=size) for vector in vectors]) for person in people])


def write_sheet(path: Path, size: int, seed: int, lips: bool) -> None:
    """Render the people of the corpus and save the emotion sheet, or the lip sheet, as a picture."""
    from PIL import Image as Picture

    people = [Actor.sample(person.seed, female=person.female) for person in cast(Prepare(), seed)]
    sheet = lip_sheet(people, size) if lips else emotion_sheet(people, size)
    path.parent.mkdir(parents=True, exist_ok=True)
    Picture.fromarray(sheet).save(path, quality=JPEG_QUALITY)


def main(arguments: list[str] | None = None) -> int:
    parser = command_parser("components.corpus.contact_sheet", __doc__)
    parser.add_argument("--out", type=Path, required=True, help="picture to write (.jpg or .png)")
    parser.add_argument("--size", type=int, default=128, help="side of a cell in pixels (default: 128)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the corpus (default: 0)")
    parser.add_argument("--lips", action="store_true", help="lip shapes instead of emotions")
    options = parser.parse_args(arguments)
    return run_command(lambda: write_sheet(options.out, options.size, options.seed, options.lips))


if __name__ == "__main__":
    sys.exit(main())
