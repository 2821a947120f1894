"""What the manifest promises to later stages, checked by Great Expectations when it is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.common.artifacts import EMOTIONS, FPS, MANIFEST_COLUMNS, SAMPLE_RATE, SPLITS
from components.common.layout import Layout
from components.contracts.checkpoint import Rule, Suite, check, column, columns_of

if TYPE_CHECKING:
    import pandas as pd

CLIP_ID = r"^[a-z0-9]+(?:_[a-z0-9]+)*$"
SHA256 = r"^[0-9a-f]{64}$"


def check_manifest(layout: Layout, disjoint: bool) -> dict[str, Any]:
    """Check `layout.manifest` and the files that it names; returns the content of `layout.contract`.

    disjoint: whether the split is by person, as it is wherever there are enough people.

    Raises:
        StageError: names the broken rules.
    """
    import pandas as pd

    manifest = pd.read_parquet(layout.manifest)
    suites = [
        Suite("manifest", layout.manifest, _manifest_rules()),
        Suite("files", _files(manifest, layout.prepared), _file_rules()),
    ]
    if disjoint:
        people = manifest[["identity", "split"]].drop_duplicates().reset_index(drop=True)
        suites.append(Suite("people", people, (column("no person is in two splits", "identity", "ToBeUnique"),)))
    return {
        "clips": len(manifest),
        "identities": len(set(manifest["identity"])),
        "identity_disjoint": disjoint,
        "rules": check("manifest", "prepare", suites, layout.contract_docs("prepare")),
    }


def _manifest_rules() -> tuple[Rule, ...]:
    return (
        *columns_of("manifest", MANIFEST_COLUMNS),
        *(column(f"{name} is unique", name, "ToBeUnique") for name in ("clip_id", "video", "audio", "source")),
        column("clip_id is safe as a file name", "clip_id", "ToMatchRegex", regex=CLIP_ID),
        column("identity has a name", "identity", "ToMatchRegex", regex=r"^.+$"),
        column("emotion is one of eight, or unlabeled", "emotion", "ToBeInSet", value_set=[*EMOTIONS, ""]),
        column("intensity is 1 to 3, or 0 where unlabeled", "intensity", "ToBeInSet", value_set=[0, 1, 2, 3]),
        column("split is train, val or test", "split", "ToBeInSet", value_set=list(SPLITS)),
        column(f"fps is {FPS}", "fps", "ToBeInSet", value_set=[FPS]),
        column(f"sample_rate is {SAMPLE_RATE}", "sample_rate", "ToBeInSet", value_set=[SAMPLE_RATE]),
        column("frames is positive", "frames", "ToBeBetween", min_value=1),
        column("sha256 is a SHA-256", "sha256", "ToMatchRegex", regex=SHA256),
    )


def _file_rules() -> tuple[Rule, ...]:
    equal = "sound and picture are equal in length to within one frame"
    return (
        column("every video file is there", "video", "ToBeInSet", value_set=[True]),
        column(equal, "gap", "ToBeBetween", min_value=-1, max_value=1),
    )


def _files(manifest: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Per clip: is the video there, and by how many frames is the sound longer than the picture."""
    import pandas as pd
    import soundfile

    rows = []
    for clip_id, video, audio, frames in zip(
        manifest["clip_id"], manifest["video"], manifest["audio"], manifest["frames"], strict=True
    ):
        sound = folder / audio
        samples = soundfile.info(sound).frames if sound.is_file() else 0
        gap = samples * FPS / SAMPLE_RATE - frames
        rows.append({"clip_id": clip_id, "video": (folder / video).is_file(), "gap": gap})
    return pd.DataFrame(rows, columns=["clip_id", "video", "gap"])
