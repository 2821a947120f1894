"""The code blocks of docs/deployment.md, by heading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "deployment.md"


@dataclass(frozen=True)
class Block:
    """One fenced block. index: its place among those below the same heading. language: what stands behind the fence."""

    heading: str
    index: int
    language: str
    text: str


def blocks() -> dict[tuple[str, int], Block]:
    """(heading, index) -> block, in the order of the page."""
    found: dict[tuple[str, int], Block] = {}
    heading, language, counts = "", "", Counter[str]()
    lines: list[str] | None = None  # of the block that is open
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            if lines is None:
                lines, language = [], line.removeprefix("```")
            else:
                key = (heading, counts[heading])
                found[key] = Block(*key, language, "\n".join(lines) + "\n")
                counts[heading] += 1
                lines = None
        elif lines is not None:
            lines.append(line)
        elif line.startswith("## "):
            heading = line.removeprefix("## ")
    return found


def block(heading: str, index: int) -> str:
    """The text of one block."""
    return blocks()[heading, index].text


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with a reader's own values in place of the page's examples; each of them must occur."""
    for example, value in values.items():
        assert example in text, f"{example} is not in:\n{text}"
        text = text.replace(example, value)
    return text
