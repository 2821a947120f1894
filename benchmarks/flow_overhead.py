"""What the retrain flow costs over plain `dvc repro` when nothing has changed, with a running server.

Both are run in turns, so that a busy machine slows both. Start the stack first and run the project once.

Example: ``PREFECT_API_URL=http://127.0.0.1:4200/api python benchmarks/flow_overhead.py --times 5``
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time

PLAIN = ["dvc", "repro", "-q"]
FLOW = [sys.executable, "-m", "flows.retrain", "--no-promote"]


def seconds(command: list[str], root: str) -> float:
    start = time.monotonic()
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    return time.monotonic() - start


def main() -> None:
    parser = argparse.ArgumentParser(
        allow_abbrev=False, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", default=".", help="a project that is up to date")
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    if not os.environ.get("PREFECT_API_URL"):
        sys.exit("error: PREFECT_API_URL is not set; start the stack and export it")
    pairs = [(seconds(PLAIN, options.root), seconds(FLOW, options.root)) for _ in range(options.times)]
    for plain, flow in pairs:
        print(f"dvc repro {plain:5.1f} s   flow {flow:5.1f} s   overhead {flow - plain:5.1f} s")
    overheads = [flow - plain for plain, flow in pairs]
    print(f"overhead: median {statistics.median(overheads):.1f} s, worst {max(overheads):.1f} s of {len(pairs)}")


if __name__ == "__main__":
    main()
