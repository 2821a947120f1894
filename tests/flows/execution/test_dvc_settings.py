"""A copy of the project reaches the remotes of its machine, and keeps none of their secrets."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from components.common.errors import UserError
from flows.execution.dvc_settings import copy_settings, with_secrets

SETTINGS = """
[core]
    remote = storage
[cache]
    dir = elsewhere
['remote "storage"']
    url = ../../places/storage
['remote "cloud"']
    url = s3://bucket/talker
    endpointurl = http://127.0.0.1:9000
    access_key_id = AKIA
    secret_access_key = hush
['remote "web"']
    url = https://me:hush@example.org/data
"""


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """(project, copy)."""
    root, into = tmp_path / "project", tmp_path / "deep" / "copy"
    for folder in (root, into):
        (folder / ".dvc").mkdir(parents=True)
        (folder / ".dvc" / "config").write_text("")
    (root / ".dvc" / "config.local").write_text(SETTINGS)
    return root, into


def test_remotes_are_copied_and_secrets_are_not(places: tuple[Path, Path], tmp_path: Path) -> None:
    root, into = places
    left_out = copy_settings(root, into, tmp_path / "a cache, #1")
    assert left_out == ["cloud.access_key_id", "cloud.secret_access_key", "web.url"]
    text = (into / ".dvc" / "config.local").read_text()
    assert "hush" not in text
    assert "AKIA" not in text
    for kept in (
        f"url = {tmp_path / 'places' / 'storage'}",
        "remote = storage",
        "https://example.org/data",
        "a cache, #1",
    ):
        assert kept in text


def test_secrets_are_there_while_they_are_needed(places: tuple[Path, Path], tmp_path: Path) -> None:
    root, into = places
    copy_settings(root, into, tmp_path / "cache")
    path = into / ".dvc" / "config.local"
    before = path.read_bytes()
    with suppress(KeyError), with_secrets(root, into, tmp_path / "cache"):
        assert "secret_access_key = hush" in path.read_text()
        assert path.stat().st_mode & 0o077 == 0
        raise KeyError
    assert path.read_bytes() == before


def test_without_settings_only_the_cache_is_named(places: tuple[Path, Path], tmp_path: Path) -> None:
    root, into = places
    (root / ".dvc" / "config.local").unlink()
    assert copy_settings(root, into, tmp_path / "cache") == []
    assert (into / ".dvc" / "config.local").read_text().split() == ["[cache]", "dir", "=", str(tmp_path / "cache")]


def test_a_damaged_file_is_no_empty_one(places: tuple[Path, Path], tmp_path: Path) -> None:
    root, into = places
    (root / ".dvc" / "config.local").write_bytes(b"[core\n\xff")
    with pytest.raises(UserError, match="cannot be read"):
        copy_settings(root, into, tmp_path / "cache")
