"""Every file format that passes between stages: names, columns, shapes, and their readers and writers.

Nothing here uses pickle. Writes go to a temporary name first and are renamed, so a killed stage leaves no half file.
Axes: T frames.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from components.common.arkit import COEFFICIENTS, LANDMARKS
from components.common.errors import StageError, UserError, translated

if TYPE_CHECKING:
    import pandas as pd

FPS = 25
SAMPLE_RATE = 16_000
DAMAGED = "is damaged; run `dvc checkout` or `dvc repro`"
EMOTIONS = ("neutral", "happy", "sad", "angry", "fear", "surprised", "disgusted", "contempt")  # MEAD's eight
SPLITS = ("train", "val", "test")

MANIFEST_COLUMNS: dict[str, str] = {
    "clip_id": "str",
    "identity": "str",
    "emotion": "str",  # one of EMOTIONS, or "" where footage has no label
    "intensity": "int64",  # 1-3, or 0 where footage has no label
    "split": "str",
    "fps": "int64",
    "frames": "int64",
    "sample_rate": "int64",
    "video": "str",  # path below the prepared folder
    "audio": "str",
    "source": "str",  # the file the clip came from, below the source's root
    "sha256": "str",  # of the video file
}
QUARANTINE_COLUMNS: dict[str, str] = {"file": "str", "reason": "str"}
ANNOTATION_COLUMNS: dict[str, str] = {
    "clip_id": "str",
    "emotion": "str",
    "intensity": "int64",
    "action_units": "str",  # JSON: {"AU12": {"name": ..., "level": "low|middle|high", "intensity": 0..1}, ...}
    "sentences": "object",  # list of str, best first
    "writer": "str",
    "ranker": "str",
}


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary sibling of `path` to write to; it takes the name `path` only when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Sorted, indented JSON with a final newline. NaN is refused: it is not JSON."""
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file that a stage wrote."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} is missing or not JSON; run `dvc repro`") from error
    if not isinstance(value, dict):
        raise UserError(f"{path} must hold a JSON object")
    return value


def write_table(path: Path, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Rows sorted by the first column, with exactly `columns`, as parquet. Byte-identical for equal rows."""
    import pandas as pd  # of the extra `pipeline`: generating reads no table

    table = pd.DataFrame([{name: row[name] for name in columns} for row in rows], columns=list(columns))
    table = table.astype(dict(columns)).sort_values(next(iter(columns)), kind="stable").reset_index(drop=True)
    with atomic(path) as temporary:
        table.to_parquet(temporary, index=False)
    return table


def read_table(path: Path, columns: Mapping[str, str]) -> pd.DataFrame:
    """The table at `path`, which must have at least `columns`."""
    import pandas as pd

    if not path.is_file():
        raise UserError(f"{path} is missing; run `dvc repro`")
    with translated(f"{path} {DAMAGED}"):
        table = pd.read_parquet(path)
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise UserError(f"{path} lacks the columns {', '.join(missing)}")
    return table


@dataclass(frozen=True)
class ClipCoefficients:
    """What `extract_coefficients` stores for a clip; rows are video frames and never shift.

    coefficients: (T, 58) float32, see `components.common.arkit`.
    landmarks: (T, 478, 3) float32, pixels of the clip's frame (x right, y down, z in the same unit, smaller is nearer).
    valid: (T,) bool; False where no face was found and the row was interpolated.
    """

    coefficients: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    valid: NDArray[np.bool_]

    def __post_init__(self) -> None:
        frames = len(self.coefficients)
        if self.coefficients.shape != (frames, COEFFICIENTS):
            raise ValueError(f"coefficients must be (T, {COEFFICIENTS}), not {self.coefficients.shape}")
        if self.landmarks.shape != (frames, LANDMARKS, 3) or self.valid.shape != (frames,):
            raise ValueError(f"landmarks {self.landmarks.shape} and valid {self.valid.shape} must have {frames} rows")

    def save(self, path: Path) -> None:
        self._demand_finite(path)
        save_arrays(
            path,
            {
                "coefficients": self.coefficients.astype(np.float32),
                "landmarks": self.landmarks.astype(np.float32),
                "valid": self.valid.astype(np.uint8),
            },
        )

    @classmethod
    def load(cls, path: Path) -> ClipCoefficients:
        arrays, _ = load_arrays(path, ("coefficients", "landmarks", "valid"))
        with translated(f"{path} {DAMAGED}"):
            clip = cls(arrays["coefficients"], arrays["landmarks"], arrays["valid"].astype(bool))
        clip._demand_finite(path)
        return clip

    def _demand_finite(self, path: Path) -> None:
        """One NaN would spread through every weight of a training."""
        for name, values in (("coefficients", self.coefficients), ("landmarks", self.landmarks)):
            bad = np.flatnonzero(~np.isfinite(values).reshape(len(values), -1).all(axis=1))
            if len(bad):
                raise StageError(f"{path}: {name} of frame {bad[0]} are not finite numbers (rule: finite)")


@dataclass(frozen=True)
class Phoneme:
    """One phoneme of synthetic speech: seconds from the clip's start, and IPA with its stress mark."""

    start: float
    end: float
    ipa: str


@dataclass(frozen=True)
class ClipTruth:
    """The true motion of a rendered clip: (T, 58) float32 coefficients, its phonemes, and the words spoken."""

    coefficients: NDArray[np.float32]
    phonemes: tuple[Phoneme, ...]
    text: str

    def save(self, path: Path) -> None:
        spoken = {"text": self.text, "phonemes": [[p.start, p.end, p.ipa] for p in self.phonemes]}
        save_arrays(path, {"coefficients": self.coefficients.astype(np.float32)}, {"speech": json.dumps(spoken)})

    @classmethod
    def load(cls, path: Path) -> ClipTruth:
        arrays, notes = load_arrays(path, ("coefficients",))
        with translated(f"{path} {DAMAGED}"):
            spoken = json.loads(notes["speech"])
            return cls(arrays["coefficients"], tuple(Phoneme(*p) for p in spoken["phonemes"]), spoken["text"])


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], notes: Mapping[str, str] | None = None) -> None:
    """Named arrays as safetensors, with optional text notes."""
    with atomic(path) as temporary:
        contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        save_file(contiguous, str(temporary), metadata=dict(notes or {}))


def load_arrays(path: Path, names: Sequence[str] | None = None) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Arrays and notes of a safetensors file; `names` must all be there (None: whatever there is)."""
    if not os.path.isfile(path):
        raise UserError(f"{path} is missing; run `dvc repro`")
    with translated(f"{path} {DAMAGED}"), safe_open(str(path), framework="np") as stored:
        keys = list(stored.keys()) if names is None else list(names)
        return {name: stored.get_tensor(name) for name in keys}, dict(stored.metadata() or {})
