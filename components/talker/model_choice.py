"""With which models a video is made: the champion's, the project's, or those of before the training that is at work.

`--models champion` asks the registry; a folder is a folder. Without `--models` it is the champion where a registry
has one, else `models/`. While a training has taken a folder of the project away, or after one failed, the last complete
models come from DVC's cache, as `dvc.lock` names them. Whatever is not the plain folder is said in a line.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from components.common.errors import UserError
from components.common.machine.places import cache_folder
from components.runner import dvc_cache
from components.runner.dvc_lock import DvcLock
from components.runner.tracking import champion as champions
from components.talker.pipeline import MODEL_FOLDERS

FOLDER = "models"
Say = Callable[[str], None]


def choose(asked: str | None, root: Path, say: Say) -> Path:
    """A folder with `regressor`, `style_e` and `style_a`. asked: what `--models` says. root: where it is said.

    Raises:
        UserError: there is none; the line says what to do.
    """
    if asked == champions.CHAMPION:
        return _champion(root, say, wanted=True) or _no_champion(root)
    if asked is None and champions.registry_exists(root):
        try:
            if (folder := _champion(root, say, wanted=False)) is not None:
                return folder
        except UserError as error:
            say(f"warning: no champion ({error}); taking {FOLDER}/")
    return _of_folder(root / (asked or FOLDER), say)


def _champion(root: Path, say: Say, wanted: bool) -> Path | None:
    """The champion's folder, None where there is no champion. wanted: it was asked for by name."""
    cache = cache_folder() / FOLDER
    champion, trouble = champions.find(root, cache)
    if champion is None:
        return None
    folder = champions.fetch(champion, root, cache)
    if trouble:
        say(f"warning: {trouble}; taking version {champion.version}, the champion when MLflow last answered")
    else:
        other = "" if wanted else f" (--models {FOLDER} takes those of this folder)"
        say(f"models: the champion, version {champion.version}{other}")
    return folder


def _no_champion(root: Path) -> Path:
    raise UserError(
        "the registry has no champion yet: promote one (`python -m flows.retrain` or `python -m flows.promote`), set "
        f"MLFLOW_TRACKING_URI to the registry that has it, or --models {FOLDER}"
    )


def _of_folder(folder: Path, say: Say) -> Path:
    """The folder itself where it is whole; else the last complete models that DVC keeps of it."""
    root = folder.parent
    missing = [name for name in MODEL_FOLDERS if not (folder / name).is_dir()]
    at_work = [name for name in MODEL_FOLDERS if _being_written(root, folder / name)]
    if not missing and not at_work:
        _say_if_changed(root, folder, say)
        return folder
    broken = (at_work or missing)[0]
    state = f"{folder / broken} is being trained" if at_work else f"{folder / broken} is missing"
    locked = _locked(root, folder)
    if locked is None:
        if missing:
            raise UserError(f"{state}; {_advice(root, folder, at_work)}")
        return folder
    try:
        last = _last_complete(root, locked)
    except UserError as error:
        raise UserError(f"{state}, and {error}; {_advice(root, folder, at_work)}") from error
    say(f"warning: {state}; taking the last complete models, those of dvc.lock from DVC's cache")
    return last


def _say_if_changed(root: Path, folder: Path, say: Say) -> None:
    """Whole models that are not those of `dvc.lock` may be meant so, or damaged: they are taken, with a word."""
    try:
        locked = {name: md5 for name, md5 in (_locked(root, folder) or {}).items() if md5}
    except UserError as error:
        say(f"warning: {error}")
        return
    if name := dvc_cache.differing(folder, locked):
        say(
            f"warning: {folder / name} has other bytes than dvc.lock says: not trained by `dvc repro`, or damaged "
            f"(`dvc checkout --force {folder.name}/{name}` puts it right)"
        )


def _locked(root: Path, folder: Path) -> dict[str, str] | None:
    """Name of a model folder -> md5 in `dvc.lock`; None where DVC knows none of them."""
    if not (root / "dvc.lock").is_file():
        return None
    outs = DvcLock.read(root).outs
    hashes = {name: outs.get(f"{folder.name}/{name}", "") for name in MODEL_FOLDERS}
    return hashes if any(hashes.values()) else None


def _last_complete(root: Path, locked: dict[str, str]) -> Path:
    """A folder with the models of `dvc.lock`: those copied out before, if their bytes still hold, or copied now."""
    if never := [name for name, md5 in locked.items() if not md5]:
        raise UserError(f"{never[0]} was never trained to its end here")
    folder = dvc_cache.models_folder(cache_folder() / FOLDER, locked)
    if dvc_cache.differing(folder, locked) is not None:
        with dvc_cache.replacing(folder) as fresh:
            for name, md5 in locked.items():
                dvc_cache.take(dvc_cache.cache_folder(root), md5, fresh / name)
    return folder


def _being_written(root: Path, folder: Path) -> bool:
    """Whether a living `dvc` has taken this output to make it anew: what DVC itself writes down while a stage runs."""
    try:
        notes = json.loads((root / ".dvc" / "tmp" / "rwlock").read_text(encoding="utf-8"))
        holder = notes.get("write", {}).get(str(folder.resolve()), {})
        return Path("/proc", str(int(holder["pid"]))).exists()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _advice(root: Path, folder: Path, at_work: list[str]) -> str:
    if at_work:
        return "wait until that training has ended, or name other models with --models"
    if (root / "dvc.yaml").is_file():
        return "`dvc repro` trains what is missing; `dvc pull` gets it where a remote has it"
    return (
        f"--models FOLDER names trained models (a folder with {', '.join(MODEL_FOLDERS)}); `make demo` at the root of "
        "the project trains some"
    )
