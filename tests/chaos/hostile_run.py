"""Send hostile files through a door one by one, and tell what each took: run as a process of its own, which may die.

`generate`: each file in the place of one input of a generation, or a model's weights with broken bytes.
`footage`: each file of a folder, as `prepare` reads it.
One line of JSON a file: its number or name, exit code, CPU seconds, peak memory, and what was said.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.chaos.hostile import PICTURES, SOUNDS, VIDEOS, Honest, hostile, kind

DOORS = {"portrait": PICTURES, "audio": (*SOUNDS, ".mp4"), "art": PICTURES, "pose_from": VIDEOS, "models": VIDEOS}


def measured(work: Callable[[], object]) -> dict[str, object]:
    """Run it; CPU seconds, peak memory of this process in MB, and what it returned."""
    Path("/proc/self/clear_refs").write_text("5")  # starts the peak anew (Linux)
    cpu, wall = time.process_time(), time.monotonic()
    result = work()
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) // 1024
    seconds = {"cpu": round(time.process_time() - cpu, 2), "wall": round(time.monotonic() - wall, 2)}
    return {"result": result, **seconds, "megabytes": peak}


def run_generate(models: Path, work: Path, first: int, count: int) -> None:
    from components.runner.command import run_command
    from components.synthetic.render.actor import Actor
    from components.talker.generate import Request, generate
    from components.talker.pipeline import Talker

    honest = Honest.make(work / "honest", Actor.sample(11, 256).render(np.zeros(52, np.float32)))
    good = {"portrait": work / "honest" / "a.jpg", "audio": work / "honest" / "a.wav"}
    talker = Talker.from_pretrained(models)
    for seed in range(first, first + count):
        rng = np.random.default_rng([seed, 8])
        door = list(DOORS)[rng.integers(len(DOORS))]
        folder = work / str(seed)
        folder.mkdir()
        inputs = dict(good)
        said = io.StringIO()
        if door == "models":
            damaged_models(models, folder / "models", rng)
        else:
            inputs[door] = hostile(folder, seed, honest, DOORS[door])

        def make(folder: Path = folder, door: str = door, inputs: dict[str, Path] = inputs) -> None:
            used = Talker.from_pretrained(folder / "models") if door == "models" else talker
            generate(Request(out=folder / "out.mp4", size=64, **inputs), used)

        with contextlib.redirect_stderr(said):
            answer = measured(lambda make=make: run_command(make))  # type: ignore[misc]
        what = "weights" if door == "models" else kind(seed)
        tell({"name": seed, "door": door, "kind": what, "said": said.getvalue(), **answer})
        shutil.rmtree(folder)


def damaged_models(models: Path, copy: Path, rng: np.random.Generator) -> None:
    """A copy in which one file is cut off, empty, missing, or has some bytes changed, mostly at its head."""
    shutil.copytree(models, copy)
    files = sorted(path for path in copy.rglob("*") if path.is_file())
    path = files[rng.integers(len(files))]
    data = bytearray(path.read_bytes())
    how = int(rng.integers(4))
    if how == 0:
        path.unlink()
        return
    if how == 1:
        data = data[: int(rng.integers(len(data)))]
    for place in rng.integers(0, min(len(data), 3000) if how == 2 else len(data), 20) if len(data) else ():
        data[place] = int(rng.integers(256))
    path.write_bytes(data)


def run_footage(root: Path, work: Path) -> None:
    from components.corpus.clip_ids import clip_ids
    from components.corpus.prepare import PrepareJob, prepare_clip
    from components.corpus.readers.folder import FolderReader
    from components.corpus.readers.reader import Rejection, SourceClip

    items = list(FolderReader(root))
    clips = [item for item in items if isinstance(item, SourceClip)]
    for item in items:
        if isinstance(item, Rejection):
            tell({"name": ascii(item.file), "result": "refused", "said": item.reason})
    for clip, name in zip(clips, clip_ids(clips), strict=True):
        job = PrepareJob(clip, name, work, work, 256, 0.6, 120.0)
        answer = measured(lambda job=job: prepare_clip(job))  # type: ignore[misc]
        outcome = answer.pop("result")
        said = outcome.reason if isinstance(outcome, Rejection) else ""
        tell({"name": ascii(clip.file), "result": "refused" if said else "prepared", "said": said, **answer})


def tell(record: dict[str, object]) -> None:
    print(json.dumps(record), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "generate":
        run_generate(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
    else:
        run_footage(Path(sys.argv[2]), Path(sys.argv[3]))
