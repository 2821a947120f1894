"""Art style alone: other people's portraits painted after art pictures, and a judge that names the style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from components.common.clips import Clip
from components.common.media import Image, read_frames
from components.common.runtime import seed_everything
from components.style_a.art.stylist import ArtStylist
from components.style_a.art.stylizers import STYLIZERS
from evaluation.metrics.art_style import StyleJudge, stylized_examples
from evaluation.parts.cases import held_out, round_robin
from evaluation.summary.slices import Record

MOST_STILLS = 6  # people the judge learns from
MOST_PORTRAITS = 4  # people painted in every style


def style_records(stylist: ArtStylist, stills: Sequence[Image], portraits: Sequence[Image], seed: int) -> list[Record]:
    """For each held-out portrait and style: is the style recognized?

    stills: of training people, from which the judge learns and the art pictures are made. portraits: stills of held-out
    people. Ceiling: the procedural stylizer itself on the same portrait.
    """
    judge = StyleJudge().fit(*stylized_examples(stills, seed))
    records = []
    for p, portrait in enumerate(portraits):
        for s, (style, stylizer) in enumerate(STYLIZERS.items()):
            art = stylizer(stills[(p + s) % len(stills)], seed + s)
            learned, ceiling = judge.predict([stylist.stylize(portrait, art, 1.0), stylizer(portrait, seed)])
            values = {
                "art/style_accuracy": float(learned == style),
                "art/style_accuracy_ceiling": float(ceiling == style),
            }
            records.append(Record(f"portrait {p + 1}, {style}", values, {"style": style}))
    return records


@dataclass(frozen=True)
class ArtJob:
    """The art style of the model in a folder, on first frames of these clips."""

    model: Path
    stills: tuple[Path, ...]
    portraits: tuple[Path, ...]
    seed: int

    @classmethod
    def choose(cls, model: Path, clips: Sequence[Clip], portraits: int, seed: int) -> ArtJob:
        """Of all clips: stills of people that are not tested, and at most `portraits` portraits of those that are."""
        tested = held_out(clips)
        people = {clip.identity for clip in tested}
        others = [clip for clip in clips if clip.identity not in people] or clips
        return cls(model, _videos(others, MOST_STILLS), _videos(tested, min(MOST_PORTRAITS, portraits)), seed)

    def run(self) -> list[Record]:
        """A record for each portrait and style."""
        seed_everything(self.seed)
        stills, portraits = ([next(read_frames(path)) for path in paths] for paths in (self.stills, self.portraits))
        return style_records(ArtStylist.from_pretrained(self.model), stills, portraits, self.seed)


def _videos(clips: Sequence[Clip], count: int) -> tuple[Path, ...]:
    """`count` clips of as many people as there are."""
    return tuple(clip.video for clip in round_robin(clips, lambda clip: clip.identity)[:count])
