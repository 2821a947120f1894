"""Progress that a person can read: a bar on a terminal, an occasional line in a log."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Item = TypeVar("Item")
console = Console(stderr=True, highlight=False)
LOG_SECONDS = 10.0
_BAR = threading.Lock()  # a terminal has room for one


def track(items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
    """Yield `items` while showing what is being done and how long it will take.

    While one is shown as a bar, others (requests of a server, side by side) tell theirs in lines.
    """
    if total is None:
        total = len(items) if isinstance(items, Sized) else None
    if sys.stderr.isatty() and _BAR.acquire(blocking=False):
        try:
            yield from _bar(items, description, total)
        finally:
            _BAR.release()
        return
    start = last_line = time.monotonic()
    count = 0
    for count, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - last_line >= LOG_SECONDS:
            last_line = now
            left = f", about {(now - start) / count * (total - count):.0f} s left" if total else ""
            console.print(f"{description}: {count}{f'/{total}' if total else ''}{left}")
    console.print(f"{description}: {count} done in {time.monotonic() - start:.0f} s")


def _bar(items: Iterable[Item], description: str, total: int | None) -> Iterator[Item]:
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
