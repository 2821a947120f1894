"""What is new since the last retraining, in a few words: the name of a run, for MLflow and Prefect.

The last one is the last that MLflow knows of. It left its parameters, the hashes of its code and the number of its
clips with its run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components.common.params import load_params
from components.runner.dvc_cache import tree_hash
from components.runner.dvc_lock import DvcLock
from components.runner.tracking import runs

TAG = "sources"  # of a retraining's run
FIRST, NOTHING, UNKNOWN = "first", "nothing new", "retrain"
MOST_PARAMETERS = 2  # named; of more their number is told
MOST_LETTERS = 120
DIGEST = 12  # letters of a hash that are kept


@dataclass(frozen=True)
class Sources:
    """What a retraining starts from. code: folder -> hash. footage: number of files, 0 for the embedded corpus."""

    params: Mapping[str, str]
    code: Mapping[str, str]
    footage: int = 0

    @classmethod
    def read(cls, root: Path) -> Sources:
        """Of the project at `root` as it lies there."""
        params = load_params(root / "params.yaml")
        lock = DvcLock.read(root)
        paths = {path for deps in lock.declared.values() for path in deps if path not in lock.outs}
        code = {path: tree_hash(root / path)[:DIGEST] for path in sorted(paths) if (root / path).is_dir()}
        footage = root / params.prepare.path
        synthetic = params.prepare.source == "synthetic" or not footage.is_dir()
        count = 0 if synthetic else sum(path.is_file() for path in footage.rglob("*"))
        return cls({name: str(value) for name, value in runs.flatten(params.model_dump()).items()}, code, count)

    def tag(self) -> str:
        """What the run's parameters do not say, for a tag."""
        return json.dumps({"code": dict(self.code), "footage": self.footage})

    @classmethod
    def of_run(cls, params: Mapping[str, str], tag: str) -> Sources:
        """From a run's parameters and its tag. Raises ValueError or KeyError where that is none of ours."""
        stored = json.loads(tag)
        return cls(dict(params), dict(stored["code"]), int(stored["footage"]))


def words(before: Sources | None, now: Sources) -> str:
    """Such as "train_style_e.lr 0.001 -> 0.003, code of style_a, footage +12 clips"; `before` is None for the first."""
    if before is None:
        return FIRST
    changed = [
        f"{name} {_short(before.params[name])} -> {_short(value)}"
        for name, value in now.params.items()
        if before.params.get(name, value) != value
    ]
    parts = changed[:MOST_PARAMETERS]
    if more := len(changed) - len(parts):
        parts.append(f"{more} more parameter{'s' * (more > 1)}")
    if clips := now.footage - before.footage:
        parts.append(f"footage {clips:+d} clip{'s' * (abs(clips) > 1)}")
    names = [Path(path).name for path, digest in now.code.items() if before.code.get(path) != digest]
    if names:
        parts.append(f"code of {', '.join(names)}")
    text = ", ".join(parts) or NOTHING
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 3]}..."


def brief(text: str) -> str:
    """A name in which parameters lack their sections, for a narrow column: "lr 0.001 -> 0.003"."""
    return re.sub(r"[\w.]+\.(\w+ \S+ -> )", r"\1", text)


def _short(value: str) -> str:
    """A number in four digits; another value, cut."""
    try:
        return value if value.lstrip("-").isdigit() else f"{float(value):.4g}"
    except ValueError:
        return value[:30]


def previous(root: Path) -> Sources | None:
    """Of the last retraining that ended; None where there was none. Raises what MLflow raises."""
    client, experiment = runs.connect(root)
    query = "tags.kind = 'retrain' and attributes.status = 'FINISHED'"
    for run in client.search_runs([experiment], query, max_results=20):
        if tag := run.data.tags.get(TAG):
            return Sources.of_run(run.data.params, tag)
    return None


def title(root: Path) -> str:
    """The name for a retraining that starts now. Never raises: a run is not lost for its name."""
    try:
        return UNKNOWN if runs.switched_off() else words(previous(root), Sources.read(root))
    except Exception:  # no server, no parameters: the run itself will say so
        return UNKNOWN
