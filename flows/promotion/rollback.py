"""The way back: the previous champion is the champion again, in seconds.

A model is made champion only when its bytes are right and it loads and answers. Starting a talker takes longer than an
emergency has, so a version remembers the bytes and the environment with which it last answered: where both are still
the same, that proof holds and the aliases move at once; else it must load and answer again first.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from components.common.errors import UserError
from components.runner.tracking import runs
from flows.promotion import verify
from flows.promotion.model_registry import (
    CHAMPION,
    MOST_TEXT,
    PREVIOUS,
    ROLLED_BACK,
    ModelRegistry,
    ModelVersion,
    Promotion,
    mlflow_errors,
)


def rollback(
    root: Path, log: Callable[[str], None], dry_run: bool = False, reason: str = "", by: str = "", again: bool = False
) -> Promotion:
    """Make `previous` the champion, and the champion `previous`, with a note on it of who wanted that and why.

    With that note it is not promoted again by itself, and a second rollback does not bring it back, unless by `again`.
    by: a person; "" for the user of this process. Raises `UserError` when anything does not hold.
    """
    registry = ModelRegistry.open(root)
    with mlflow_errors(registry.uri):
        champion, previous = registry.version(CHAMPION), registry.version(PREVIOUS)
        if champion is None or previous is None or previous == champion:
            raise UserError("there is no previous champion to go back to")
        if f"{ROLLED_BACK}by" in previous.tags and not again:
            raise UserError(
                f"version {previous.number} was itself {previous.farewell}; to go back to it all the same add --again"
            )
        prove(registry, previous, log, dry_run)
        if dry_run:
            summary = f"dry run: version {previous.number} would be champion again, version {champion.number} previous"
            return Promotion("rolled back", summary, champion.number, champion.run_id)
        # The note first: killed after it, the same command does the rest.
        registry.set_tags(champion, _note(reason, by))
        registry.remove_tags(previous, [tag for tag in previous.tags if tag.startswith(ROLLED_BACK)])
        registry.set_champion(previous, champion)
        summary = f"version {previous.number} is champion again, version {champion.number} is previous"
        return Promotion("rolled back", summary, previous.number, previous.run_id)


def _note(reason: str, by: str) -> dict[str, str]:
    note = {
        "by": by or runs.user(),
        "because": reason or "no reason was given",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return {ROLLED_BACK + key: value[:MOST_TEXT] for key, value in note.items()}


def prove(registry: ModelRegistry, version: ModelVersion, log: Callable[[str], None], dry_run: bool) -> None:
    """The version holds the bytes it was registered with, and has answered with them here; if not yet, it does now."""
    name = f"version {version.number}"
    with tempfile.TemporaryDirectory(prefix="style2talker-") as scratch:
        folder = registry.fetch_model(version.source, Path(scratch) / "model")
        verify.logged(folder, version.models, name)
        proof = verify.proof(folder)
        if proof.items() <= version.tags.items():
            log(f"{name} holds the bytes with which it answered, in this very environment")
            return
        log(f"{name} has not yet answered with these bytes in this environment; it must now")
        verify.answers(folder, name)
        log(f"{name} holds the bytes it was registered with, loads and answers")
        if not dry_run:
            registry.set_tags(version, proof)
