"""What the manifest promises to later stages, checked by Great Expectations when it is written."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from components.common.artifacts import EMOTIONS, FPS, MANIFEST_COLUMNS, SAMPLE_RATE, SPLITS
from components.common.errors import StageError

SHOWN = 5  # offending values named per broken rule


@dataclass(frozen=True)
class Rule:
    """A promise in words, the table it is about, and the expectation that checks it (built from GX's module)."""

    words: str
    table: str  # "manifest", "people" (identity and split, distinct) or "files" (what lies on the disk)
    expectation: Callable[[Any], Any]


def _rules(disjoint: bool) -> list[Rule]:
    def column(words: str, name: str, kind: str, table: str = "manifest", **arguments: Any) -> Rule:
        return Rule(words, table, lambda gx: getattr(gx, f"ExpectColumnValues{kind}")(column=name, **arguments))

    names = list(MANIFEST_COLUMNS)
    safe = r"^[a-z0-9]+(?:_[a-z0-9]+)*$"
    rules = [
        Rule(
            "the columns are those of the manifest",
            "manifest",
            lambda gx: gx.ExpectTableColumnsToMatchOrderedList(column_list=names),
        ),
        Rule("there is at least one clip", "manifest", lambda gx: gx.ExpectTableRowCountToBeBetween(min_value=1)),
        *(column(f"{name} is {kind}", name, "ToBeOfType", type_=kind) for name, kind in MANIFEST_COLUMNS.items()),
        *(column(f"{name} is never missing", name, "ToNotBeNull") for name in names),
        *(column(f"{name} is unique", name, "ToBeUnique") for name in ("clip_id", "video", "audio", "source")),
        column("clip_id is safe as a file name", "clip_id", "ToMatchRegex", regex=safe),
        column("identity has a name", "identity", "ToMatchRegex", regex=r"^.+$"),
        column("emotion is one of eight, or unlabeled", "emotion", "ToBeInSet", value_set=[*EMOTIONS, ""]),
        column("intensity is 1 to 3, or 0 where unlabeled", "intensity", "ToBeInSet", value_set=[0, 1, 2, 3]),
        column("split is train, val or test", "split", "ToBeInSet", value_set=list(SPLITS)),
        column(f"fps is {FPS}", "fps", "ToBeInSet", value_set=[FPS]),
        column(f"sample_rate is {SAMPLE_RATE}", "sample_rate", "ToBeInSet", value_set=[SAMPLE_RATE]),
        column("frames is positive", "frames", "ToBeBetween", min_value=1),
        column("sha256 is a SHA-256", "sha256", "ToMatchRegex", regex=r"^[0-9a-f]{64}$"),
        column("every video file is there", "video", "ToBeInSet", "files", value_set=[True]),
        column(
            "sound and picture are equal in length to within one frame",
            "gap",
            "ToBeBetween",
            "files",
            min_value=-1,
            max_value=1,
        ),
    ]
    if disjoint:
        rules.append(column("no person is in two splits", "identity", "ToBeUnique", "people"))
    return rules


def check_manifest(manifest: pd.DataFrame, folder: Path, disjoint: bool) -> dict[str, Any]:
    """Check a manifest whose paths lie below `folder`; the outcome of each rule, free of times and ids.

    disjoint: whether the split is by person, as it is wherever there are enough people.

    Raises:
        StageError: names the broken rules.
    """
    people = manifest[["identity", "split"]].drop_duplicates().reset_index(drop=True)
    tables = {"manifest": manifest, "people": people, "files": _files(manifest, folder)}
    outcomes = _validate(_rules(disjoint), tables)
    broken = [outcome for outcome in outcomes if not outcome["holds"]]
    if broken:
        words = "; ".join(
            outcome["rule"] + (f" (not: {outcome['except']})" if outcome["except"] else "") for outcome in broken
        )
        raise StageError(f"the manifest breaks its contract: {words}")
    return {
        "clips": len(manifest),
        "identities": len(set(manifest["identity"])),
        "identity_disjoint": disjoint,
        "rules": outcomes,
    }


def _files(manifest: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Per clip: is the video there, and by how many frames is the sound longer than the picture."""
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


def _validate(rules: list[Rule], tables: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx  # takes seconds to import

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    source = context.data_sources.add_pandas("prepared")
    outcomes: dict[str, dict[str, Any]] = {}
    for name, table in tables.items():
        mine = [rule for rule in rules if rule.table == name]
        expectations = []
        for rule in mine:
            expectation = rule.expectation(gx.expectations)
            expectation.meta = {"rule": rule.words}
            expectations.append(expectation)
        if not expectations:
            continue
        batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all")
        suite = gx.ExpectationSuite(name=name, expectations=expectations)
        for result in batch.get_batch({"dataframe": table}).validate(suite).results:
            config = result.expectation_config
            if config is None:
                raise TypeError("Great Expectations returned a result without its expectation")
            outcomes[config.meta["rule"]] = {
                "rule": config.meta["rule"],
                "expectation": config.type,
                "holds": bool(result.success),
                "except": ", ".join(str(v) for v in result.result.get("partial_unexpected_list", [])[:SHOWN]),
            }
    return [outcomes[rule.words] for rule in rules]
