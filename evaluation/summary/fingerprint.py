"""The name of an evaluation set: equal names mean that two models were asked the same and judged by the same judges."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from components.common.layout import Layout
from evaluation.parts.cases import Case

CODE = Path(__file__).parents[2]
# Code that asks and judges: what the metrics and the judges are made of (tested), and what speaks the unseen sentences.
# Not the models' own rooms: their code is part of what is compared.
MEASURE = (
    "evaluation/metrics",
    "evaluation/parts",
    "components/common",
    "components/face",
    "components/coefficients",
    "components/annotate",
    "components/synthetic/geometry",
    "components/synthetic/motion",
    "components/synthetic/voice",
)


def fingerprint(layout: Layout, cases: Sequence[Case], settings: Mapping[str, Any], code: Path = CODE) -> str:
    """16 hex digits over everything that decides what is asked and how it is judged, and nothing of the models.

    The cases; the bytes of the manifest (which holds the hash of every clip), of the sentences and of all coefficients,
    from which the judges learn; `settings`; and the code in `MEASURE`.
    """

    def name(path: Path) -> str:
        """Paths by their names below the project: another folder is not another set."""
        return path.relative_to(layout.root).as_posix()

    questions = [[asdict(case) for case in cases], dict(settings)]
    digest = hashlib.sha256(json.dumps(questions, sort_keys=True, default=name).encode())
    for folder, files in (
        (layout.root, [layout.manifest, layout.annotations, *sorted(layout.coefficients.rglob("*"))]),
        (code, sorted(path for name in MEASURE for path in (code / name).rglob("*.py"))),
    ):
        _feed(digest, folder, (path for path in files if path.is_file()))
    return digest.hexdigest()[:16]


def _feed(digest: Any, folder: Path, files: Iterable[Path]) -> None:
    for path in files:
        with path.open("rb") as stream:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(hashlib.file_digest(stream, "sha256").digest())
