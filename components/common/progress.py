"""Progress that a person can read: a bar on a terminal, an occasional line in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Item = TypeVar("Item")
console = Console(stderr=True, highlight=False)
LOG_SECONDS = 10.0


def track(items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
    """Yield `items` while showing what is being done and how long it will take."""
    if total is None:
        total = len(items) if isinstance(items, Sized) else None
    if sys.stderr.isatty():
        with Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
        ) as bar:
            yield from bar.track(items, total=total, description=description)
        return
    start = shown = time.monotonic()
    done = 0
    for done, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - shown >= LOG_SECONDS:
            shown = now
            left = f", about {(now - start) / done * (total - done):.0f} s left" if total else ""
            console.print(f"{description}: {done}{f'/{total}' if total else ''}{left}")
    console.print(f"{description}: {done} done in {time.monotonic() - start:.0f} s")
