"""Hashes follow content and names, tags say that the video is synthetic."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from components.talker.video_tags import NOTICE, file_hash, folder_hash, product_version, tags


def test_folder_hash_follows_names_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_text("1")
    first = folder_hash(tmp_path)
    (tmp_path / "a" / "x").write_text("2")
    second = folder_hash(tmp_path)
    (tmp_path / "a" / "x").rename(tmp_path / "a" / "y")
    assert len({first, second, folder_hash(tmp_path)}) == 3
    (tmp_path / "a" / "y").rename(tmp_path / "a" / "x")
    assert folder_hash(tmp_path) == second


def test_tags() -> None:
    found = tags({"style_e": "ab" * 32}, {"audio": "cd" * 32}, {"lip": "1"})
    assert found["comment"] == NOTICE
    assert found["style2talker.synthetic"] == "true"
    assert found["style2talker.model.style_e"] == "ab" * 8
    assert found["style2talker.input.audio.sha256"] == "cd" * 32


def test_file_hash(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    assert file_hash(tmp_path / "x") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_version_is_that_of_the_package() -> None:
    assert product_version() in (version("style2talker"), "unknown")
    assert tags({}, {}, {})["style2talker.version"] == product_version()
