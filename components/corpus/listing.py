"""What footage there is, as a small file: DVC watches the list, and never opens the footage itself.

DVC reads whatever lies in a folder that it watches: a pipe or a link to a device stops it for ever, a name that is not
UTF-8 or a file that it may not read fails it. So this runs before `prepare`, at each `dvc repro`; only files with a new
size or time are read.

Example: ``python -m components.corpus.listing``
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import time
from pathlib import Path
from typing import Any

from components.common.artifacts import write_json
from components.common.layout import Layout
from components.common.params import load_params
from components.common.parent_death import die_with_parent
from components.corpus.readers.tree import Entry, entries
from components.runner.command import command_parser, run_command

NAME = "list_footage"  # of the stage in dvc.yaml
KNOWN = Path(".cache", "footage.json")  # size, time and hash of each file as last seen
SETTLED = 2_000_000_000  # nanoseconds: a file changed more recently may change again within one tick of its clock

Seen = dict[str, list[Any]]  # path below the root -> size, time, inode, SHA-256


def list_footage(root: Path, known: Seen) -> tuple[dict[str, Any], Seen]:
    """The list of what lies below `root` (`files` with their bytes' hash, `problems` in words), and what is known now.

    known: of an earlier list; a file of the same size, time and inode is not read again.
    """
    files: dict[str, str] = {}
    problems: dict[str, str] = {}
    seen: Seen = {}
    for entry in entries(root):
        if entry.problem:
            problems[entry.file] = entry.problem
            continue
        try:
            record, settled = _record(root, entry, known.get(entry.file))
        except OSError as error:
            problems[entry.file] = str(error.strerror)
            continue
        files[entry.file] = record[-1]
        if settled:
            seen[entry.file] = record
    return {"files": files, "problems": problems}, seen


def _record(root: Path, entry: Entry, known: list[Any] | None) -> tuple[list[Any], bool]:
    """A file's record, and whether it may be kept."""
    # Not waiting, should a pipe have taken the file's place since it was listed.
    with open(os.open(root / entry.file, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
        state = os.fstat(stream.fileno())
        if not stat.S_ISREG(state.st_mode):
            raise OSError(0, "not a file")
        identity = [state.st_size, state.st_mtime_ns, state.st_ino]
        if known is not None and known[:-1] == identity:
            return known, True
        # An empty file is not read: those of /proc, which may wait for ever, are empty by their own account.
        digest = hashlib.file_digest(stream, "sha256").hexdigest() if state.st_size else ""
    return [*identity, digest], time.time_ns() - state.st_mtime_ns > SETTLED


def write_listing(layout: Layout, source: str, path: str) -> None:
    """Bring `layout.footage` up to date. The embedded corpus has no footage, so nothing is looked for.

    Raises:
        UserError: `path` is not a folder.
    """
    if source == "synthetic":
        write_json(layout.footage, {"source": source})
        return
    root = layout.root / path
    place = str(root.resolve())
    listing, seen = list_footage(root, _known(layout.root / KNOWN, place))
    write_json(layout.root / KNOWN, {"root": place, "files": seen})
    write_json(layout.footage, {"source": source, **listing})


def _known(path: Path, root: str) -> Seen:
    """What an earlier list knew of the same folder; nothing where that cannot be read."""
    try:
        stored = json.loads(path.read_bytes())
        return dict(stored["files"]) if stored["root"] == root else {}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def main(arguments: list[str] | None = None) -> int:
    parser = command_parser("components.corpus.listing", __doc__)
    parser.add_argument(
        "--params", type=Path, default=Path("params.yaml"), help="parameter file (default: params.yaml)"
    )
    options = parser.parse_args(arguments)
    die_with_parent()

    def work() -> None:
        prepare = load_params(options.params).prepare
        write_listing(Layout(), prepare.source, prepare.path)

    return run_command(work)


if __name__ == "__main__":
    sys.exit(main())
