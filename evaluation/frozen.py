"""The name of an evaluation set: equal names mean that two models were asked the same and judged by the same judges."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from components.common.layout import Layout
from evaluation.cases import Case

HERE = Path(__file__).parent
# Modules of this package that measure no model: changing them changes no figure.
ASIDE = {
    "charts.py", "confidence.py", "drift.py", "drift_page.py", "drift_words.py", "footage.py", "frozen.py", "gate.py",
    "own_media.py", "page.py", "report.py", "served.py",
}  # fmt: skip


def fingerprint(layout: Layout, cases: Sequence[Case], settings: Mapping[str, Any]) -> str:
    """16 hex digits over everything that decides what is asked and how it is judged, and nothing of the models.

    The cases; the bytes of the manifest (which holds the hash of every clip), of the sentences and of all coefficients,
    from which the judges learn; `settings`; and this package, which is the measure itself.
    """
    asked = [{key: _named(value, layout.root) for key, value in asdict(case).items()} for case in cases]
    digest = hashlib.sha256(json.dumps([asked, dict(settings)], sort_keys=True).encode())
    for folder, files in (
        (layout.root, [layout.manifest, layout.annotations, *sorted(layout.coefficients.rglob("*"))]),
        (HERE, sorted(path for path in HERE.rglob("*.py") if path.name not in ASIDE)),
    ):
        _feed(digest, folder, (path for path in files if path.is_file()))
    return digest.hexdigest()[:16]


def _named(value: Any, root: Path) -> Any:
    """Paths by their names below the project: another folder is not another set."""
    return value.relative_to(root).as_posix() if isinstance(value, Path) else value


def _feed(digest: Any, folder: Path, files: Iterable[Path]) -> None:
    for path in files:
        with path.open("rb") as stream:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(hashlib.file_digest(stream, "sha256").digest())
