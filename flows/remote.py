"""Name the place that `dvc push` and `dvc pull` use: a folder, or S3 and whatever speaks its protocol.

Without a place: a folder beside the project. The setting stays on this machine (`.dvc/config.local`), since paths and
endpoints differ between machines. Credentials come from the environment (AWS_ACCESS_KEY_ID and so on).

Example: ``python -m flows.remote s3://bucket/style2talker --endpoint http://127.0.0.1:9000``
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path

from components.common.errors import UserError, disk_trouble, first_line, redacted
from flows.execution.cli import command, exit_code

NAME = "storage"
DEFAULT = "../style2talker-remote"


def configure(root: Path, place: str = DEFAULT, endpoint: str = "") -> str:
    """Make `place` the default remote of the project at `root`; returns its address, without secrets.

    place: a folder (made when missing; a relative one is below `root`), or s3://bucket/prefix.
    endpoint: address of an S3 server that is not Amazon's.

    Raises:
        UserError: S3 without its extra, an endpoint without S3, or not a DVC project.
    """
    address = _s3(place) if place.startswith("s3://") else _folder(root, place, endpoint)
    settings = {"url": address} | ({"endpointurl": endpoint} if endpoint else {})
    # Without `verify` DVC takes what a remote gives it for what it asked for.
    _write(root, settings | {"verify": "true"})
    return redacted(address)


def _write(root: Path, settings: Mapping[str, str]) -> None:
    """The remote, whole, as the default one. `dvc remote add` and `modify` would leave half of it to a kill between."""
    from dvc.config import Config, ConfigError

    if not (root / ".dvc").is_dir():
        raise UserError(f"{root} is no DVC project; name one with --root")
    path = root / ".dvc" / "config.local"
    try:
        with Config(str(root / ".dvc")).edit("local") as local:
            local.setdefault("remote", {})[NAME] = dict(settings)
            local.setdefault("core", {})["remote"] = NAME
    except (ConfigError, OSError) as error:
        raise disk_trouble(error, root) or UserError(f"{path} cannot be written ({first_line(error)})") from error


def _s3(address: str) -> str:
    if importlib.util.find_spec("dvc_s3") is None:
        raise UserError("S3 needs an extra; run: pip install -c constraints.txt -e '.[s3]'")
    return address


def _folder(root: Path, place: str, endpoint: str) -> str:
    if "://" in place or endpoint:
        raise UserError(f"{place} is neither a folder nor s3://bucket/prefix")
    folder = (root / Path(place).expanduser()).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder} cannot be made ({error.strerror}); name another folder") from error
    return str(folder)


def main(arguments: list[str] | None = None) -> int:
    parser = command("remote", __doc__)
    parser.add_argument("place", nargs="?", default=DEFAULT, help=f"folder or s3://bucket/prefix ({DEFAULT})")
    parser.add_argument("--endpoint", default="", help="address of an S3 server that is not Amazon's")
    options = parser.parse_args(arguments)

    def work() -> None:
        address = configure(Path(options.root).resolve(), options.place, options.endpoint)
        print(f"`dvc push` and `dvc pull` use {address}")

    return exit_code(work)


if __name__ == "__main__":
    sys.exit(main())
