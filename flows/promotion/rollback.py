"""The way back: the previous champion is the champion again, in seconds.

A model is made champion only when its bytes are right and it loads and answers. Starting a talker takes longer than an
emergency has, so a version remembers the bytes and the environment with which it last answered: where both are still
the same, that proof holds and the aliases move at once; else it must load and answer again first.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from components.common.errors import UserError
from flows.promotion import verify
from flows.promotion.model_registry import (
    ANSWERED_BYTES,
    ANSWERED_IN,
    CHAMPION,
    MD5,
    MODEL,
    PREVIOUS,
    Promotion,
    Registry,
    Version,
    answered,
)  # fmt: skip


def rollback(root: Path, log: Callable[[str], None], dry_run: bool = False) -> Promotion:
    """Make `previous` the champion, and the champion `previous`. Raises `UserError` when anything does not hold."""
    registry = Registry.open(root)
    with answered(registry.uri):
        champion, previous = registry.version(CHAMPION), registry.version(PREVIOUS)
        if champion is None or previous is None or previous == champion:
            raise UserError("there is no previous champion to go back to")
        _prove(registry, previous, log, dry_run)
        if not dry_run:
            registry.crown(previous, champion)
        summary = f"version {previous.number} is champion again, version {champion.number} is previous"
        return Promotion("rolled back", ("dry run: " if dry_run else "") + summary, previous.number, previous.run_id)


def _prove(registry: Registry, version: Version, log: Callable[[str], None], dry_run: bool) -> None:
    name = f"version {version.number}"
    with tempfile.TemporaryDirectory(prefix="style2talker-") as scratch:
        folder = registry.fetch_model(version.source, Path(scratch) / "model")
        hashes = {tag.removeprefix(MD5): md5 for tag, md5 in version.tags.items() if tag.startswith(MD5)}
        verify.logged(folder, hashes, name)
        proof = {ANSWERED_BYTES: verify.digest(folder), ANSWERED_IN: verify.environment()}
        if all(version.tags.get(tag) == value for tag, value in proof.items()):
            log(f"{name} holds the bytes with which it answered, in this very environment")
            return
        log(f"{name} has not yet answered with these bytes in this environment; it must now")
        verify.answers(folder, name)
        log(f"{name} holds the bytes it was registered with, loads and answers")
        if not dry_run:
            for tag, value in proof.items():
                registry.client.set_model_version_tag(MODEL, str(version.number), tag, value)
