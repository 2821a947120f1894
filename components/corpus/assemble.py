"""A source of footage to the whole prepared folder: clips, manifest, quarantine, contract."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence

from components.common.artifacts import (
    FPS,
    MANIFEST_COLUMNS,
    QUARANTINE_COLUMNS,
    SAMPLE_RATE,
    SPLITS,
    write_json,
    write_table,
)
from components.common.errors import StageError
from components.common.layout import Layout
from components.common.parallel import map_clips
from components.common.params import Prepare
from components.common.progress import console
from components.corpus.clip_ids import clip_ids, printable
from components.corpus.contract import check_manifest
from components.corpus.duplicates import set_copies_aside
from components.corpus.prepare import PreparedClip, PrepareJob, prepare_clip
from components.corpus.readers.folder import FolderReader
from components.corpus.readers.mead import MeadReader
from components.corpus.readers.reader import Reader, Rejection, SourceClip
from components.corpus.split import DISJOINT_FROM, is_disjoint, split_clips

REASONS_SHOWN = 12


def assemble(layout: Layout, params: Prepare, seed: int, workers: int) -> dict[str, float]:
    """Read the source, prepare each clip, write the tables; returns the metrics of stage `prepare`.

    Raises:
        UserError: there is no such source.
        StageError: too much of it is unusable, or the manifest breaks its contract.
    """
    for folder in (layout.clips, layout.truth):
        folder.mkdir(parents=True, exist_ok=True)
    items = list(open_source(layout, params, seed, workers))
    rejected = [item for item in items if isinstance(item, Rejection)]
    clips, copies = set_copies_aside([item for item in items if isinstance(item, SourceClip)])
    jobs = [
        PrepareJob(clip, name, layout.clips, layout.truth, params.size, params.min_seconds, params.max_seconds)
        for clip, name in zip(clips, clip_ids(clips), strict=True)
    ]
    results = map_clips(prepare_clip, jobs, workers, "preparing clips")
    prepared = [result for result in results if isinstance(result, PreparedClip)]
    rejected += copies + [result for result in results if isinstance(result, Rejection)]
    shutil.rmtree(layout.synthetic, ignore_errors=True)
    _report(rejected)
    _check_share(prepared, rejected, params.max_quarantine)
    write_table(layout.quarantine, [_row(rejection) for rejection in rejected], QUARANTINE_COLUMNS)
    return _write_manifest(layout, prepared, params, seed) | {"quarantined": float(len(rejected))}


def open_source(layout: Layout, params: Prepare, seed: int, workers: int) -> Reader:
    """The reader of `prepare.source`; the synthetic corpus is made first."""
    if params.source == "synthetic":
        from components.corpus.embedded import synthesize  # compiles a renderer, which real footage never needs

        synthesize(layout.synthetic, params, seed, workers)
        return MeadReader(layout.synthetic)
    root = layout.root / params.path
    return MeadReader(root) if params.source == "mead" else FolderReader(root)


def _write_manifest(layout: Layout, prepared: Sequence[PreparedClip], params: Prepare, seed: int) -> dict[str, float]:
    people = [printable(clip.clip.identity) for clip in prepared]
    disjoint = is_disjoint(people)
    if not disjoint:
        console.print(
            f"warning: footage of {len(set(people))} person(s), fewer than {DISJOINT_FROM}: the split is by clip, so "
            "validation and test show people seen in training",
            style="yellow",
        )
    ids = [clip.clip_id for clip in prepared]
    splits = split_clips(people, ids, params.val_fraction, params.test_fraction, seed)
    rows = [
        {
            "clip_id": clip.clip_id,
            "identity": person,
            "emotion": clip.clip.emotion,
            "intensity": clip.clip.intensity,
            "split": split,
            "fps": FPS,
            "frames": clip.frames,
            "sample_rate": SAMPLE_RATE,
            "video": f"{layout.clips.name}/{clip.video}",
            "audio": f"{layout.clips.name}/{clip.audio}",
            "source": printable(clip.clip.file),
            "sha256": clip.sha256,
        }
        for clip, person, split in zip(prepared, people, splits, strict=True)
    ]
    write_table(layout.manifest, rows, MANIFEST_COLUMNS)
    write_json(layout.contract, check_manifest(layout, disjoint))
    seconds = sum(clip.frames for clip in prepared) / FPS
    return {
        "clips": float(len(prepared)),
        "seconds": seconds,
        "face_detection_rate": sum(clip.face_rate * clip.frames for clip in prepared) / (seconds * FPS),
        "identity_disjoint": float(disjoint),
        **{f"identities_{name}": float(_people_in(name, people, splits)) for name in SPLITS},
    }


def _people_in(name: str, people: Sequence[str], splits: Sequence[str]) -> int:
    return len({person for person, split in zip(people, splits, strict=True) if split == name})


def _row(rejection: Rejection) -> dict[str, str]:
    return {"file": printable(rejection.file), "reason": printable(rejection.reason)}


def _report(rejected: Sequence[Rejection]) -> None:
    for rejection in rejected[:REASONS_SHOWN]:
        console.print(f"quarantined {printable(rejection.file)}: {rejection.reason}", markup=False, soft_wrap=True)
    if len(rejected) > REASONS_SHOWN:
        console.print(f"... and {len(rejected) - REASONS_SHOWN} more (quarantine.parquet)")


def _check_share(prepared: Sequence[PreparedClip], rejected: Sequence[Rejection], limit: float) -> None:
    """Fail when most of the footage is unusable: then the source is wrong, not a file."""
    total = len(prepared) + len(rejected)
    share = len(rejected) / total
    if share <= limit and prepared:
        return
    reasons = Counter(rejection.reason for rejection in rejected).most_common(3)
    words = "; ".join(f"{count} x {reason}" for reason, count in reasons)
    much = f"{len(rejected)} of {total} files were rejected ({share:.0%}; prepare.max_quarantine allows {limit:.0%})"
    raise StageError(f"{much}: {words}")
