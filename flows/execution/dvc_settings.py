"""What a machine's own DVC settings (`.dvc/config.local`) give to a copy of the project: its cache and its remotes.

DVC reads and writes the file itself: only it knows how a path with a comma is quoted, and from where one counts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from components.common.errors import UserError

LOCAL = "config.local"
# Of a remote, what says where it is and how it is reached. Anything else may be a secret.
PLAIN = frozenset(
    {
        "url", "endpointurl", "region", "profile", "credentialpath", "configpath", "use_ssl", "ssl_verify", "verify",
        "listobjects", "allow_anonymous_login", "jobs", "user", "port", "keyfile", "version_aware", "worktree",
        "projectname", "account_name", "tenant_id", "oss_endpoint", "read_timeout", "connect_timeout", "timeout",
    }
)  # fmt: skip


def copy_settings(root: Path, into: Path, cache: Path) -> list[str]:
    """Write the local settings of the new copy `into`: the cache of `root`, and its remotes without their secrets.

    Returns what was left out, as `<remote>.<option>`.
    """
    local, left_out = _local(root), []
    remotes: dict[str, dict[str, Any]] = {}
    for name, options in local.get("remote", {}).items():
        remotes[name] = {option: _public(value) for option, value in options.items() if option in PLAIN}
        left_out += [f"{name}.{option}" for option, value in options.items() if remotes[name].get(option) != value]
    _write(into, remotes, local, cache)
    return sorted(left_out)


@contextmanager
def with_secrets(root: Path, into: Path, cache: Path) -> Iterator[None]:
    """For the block, the copy's remotes have their secrets, too, in a file that only this user reads."""
    path = into / ".dvc" / LOCAL
    before = path.read_bytes()
    local = _local(root)
    try:
        path.unlink()
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        _write(into, local.get("remote", {}), local, cache)
        yield
    finally:
        path.write_bytes(before)


def _local(root: Path) -> dict[str, Any]:
    """The local settings of the project at `root`, paths absolute. Raises `UserError` where the file is damaged."""
    from dvc.config import Config, ConfigError

    try:
        settings: dict[str, Any] = Config(dvc_dir=str(root / ".dvc"), validate=False).load_one("local")
    except ConfigError as error:
        raise UserError(f"{root / '.dvc' / LOCAL} cannot be read ({error}); see `dvc config --local --list`") from error
    return settings


def _write(into: Path, remotes: Mapping[str, Mapping[str, Any]], local: Mapping[str, Any], cache: Path) -> None:
    from dvc.config import Config

    with Config(dvc_dir=str(into / ".dvc"), validate=False).edit("local", validate=False) as settings:
        settings["cache"] = {"dir": str(cache)}
        settings["remote"] = {
            name: {option: _absolute(option, value) for option, value in options.items()}
            for name, options in remotes.items()
        }
        if default := local.get("core", {}).get("remote"):
            settings["core"] = {"remote": default}


def _absolute(option: str, value: Any) -> Any:
    """A path as plain text: DVC marks relative ones, and would write them relative to the copy."""
    return str(value) if option == "url" else value


def _public(value: Any) -> Any:
    """An address without a password; anything else as it is."""
    if not isinstance(value, str) or "://" not in value or "@" not in value:
        return value
    parts = urlsplit(value)
    user = (parts.username or "") + "@" if parts.username and parts.scheme == "ssh" else ""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=user + host))
