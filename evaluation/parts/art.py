"""Art style alone: other people's portraits painted after art pictures, and a judge that names the style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from components.common.media import Image, read_frames
from components.common.runtime import seed_everything
from components.style_a.art.stylist import ArtStylist
from components.style_a.art.stylizers import STYLIZERS
from evaluation.metrics.art_style import StyleJudge, stylized_examples
from evaluation.summary.slices import Record

MOST_STILLS = 6  # people the judge learns from
MOST_PORTRAITS = 4  # people painted in every style


def style_records(stylist: ArtStylist, known: Sequence[Image], portraits: Sequence[Image], seed: int) -> list[Record]:
    """For each held-out portrait and style: is the style recognized?

    known: stills of training people, from which the judge learns and the art pictures are made. portraits: stills of
    held-out people. Ceiling: the procedural stylizer itself on the same portrait.
    """
    judge = StyleJudge().fit(*stylized_examples(known, seed))
    records = []
    for p, portrait in enumerate(portraits):
        for s, (style, stylizer) in enumerate(STYLIZERS.items()):
            art = stylizer(known[(p + s) % len(known)], seed + s)
            made = stylist.stylize(portrait, art, 1.0)
            seen, best = judge.predict([made, stylizer(portrait, seed)])
            values = {"art/style_accuracy": float(seen == style), "art/style_accuracy_ceiling": float(best == style)}
            records.append(Record(f"portrait {p + 1}, {style}", values, {"style": style}))
    return records


@dataclass(frozen=True)
class ArtJob:
    """The art style of the models in a folder, on first frames of these clips."""

    model: Path
    known: tuple[Path, ...]
    portraits: tuple[Path, ...]
    seed: int

    def run(self) -> list[Record]:
        seed_everything(self.seed)
        known, portraits = ([next(read_frames(path)) for path in paths] for paths in (self.known, self.portraits))
        return style_records(ArtStylist.from_pretrained(self.model), known, portraits, self.seed)
