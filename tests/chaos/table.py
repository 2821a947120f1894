"""Write the outcome of the last `make chaos` into docs/runbook.md, between its markers.

Several reports are put together, for suites that ran in parts.

Example: ``python tests/chaos/table.py .chaos.xml``
"""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
OUTCOMES = {"failure": "failed", "error": "failed", "skipped": "skipped"}


def rows(reports: Sequence[Path]) -> list[tuple[str, str, str, float]]:
    """(scenario, test, outcome, seconds) of every test in JUnit reports."""
    found = []
    for case in (case for report in reports for case in ET.parse(report).getroot().iter("testcase")):
        named = {entry.get("name"): entry.get("value") for entry in case.iter("property")}
        outcome = next((OUTCOMES[child.tag] for child in case if child.tag in OUTCOMES), "passed")
        test = f"{str(case.get('classname')).rpartition('.')[2]}::{case.get('name')}"
        found.append((str(named.get("scenario") or case.get("name")), test, outcome, float(case.get("time") or 0)))
    return sorted(found, key=lambda row: row[1])


def table(reports: Sequence[Path], commit: str, now: datetime) -> str:
    """Markdown between the markers."""
    results = rows(reports)
    counts = Counter(outcome for _, _, outcome, _ in results)
    wall = sum(float(next(ET.parse(report).getroot().iter("testsuite")).get("time") or 0) for report in reports)
    summary = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    lines = [
        f"{now:%Y-%m-%d %H:%M} UTC, commit `{commit}`: {summary}, {wall / 60:.0f} minutes on {os.cpu_count()} cores.",
        "",
        "| scenario | test | outcome | s |",
        "|---|---|---|---|",
        *(f"| {scenario} | `{test}` | {outcome} | {seconds:.0f} |" for scenario, test, outcome, seconds in results),
    ]
    return "\n".join(lines)


def put(page: str, content: str) -> str:
    """The page with `content` between its markers."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{content}\n{END}{tail}"


def main() -> None:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=RUNBOOK.parent, capture_output=True, text=True)
    content = table([Path(name) for name in sys.argv[1:]], commit.stdout.strip(), datetime.now(UTC))
    RUNBOOK.write_text(put(RUNBOOK.read_text(encoding="utf-8"), content), encoding="utf-8")
    print(f"wrote {RUNBOOK}")


if __name__ == "__main__":
    main()
