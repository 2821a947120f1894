"""What is no media file is named in one line, and a file name is never more than a name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.common.errors import UserError
from components.common.media import open_media, read_audio, read_frames, read_image, write_video
from tests.components.corpus.media_samples import scenery

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"just some words\n" * 9, "text file"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n", "text file"),
        ("\u00fc" * 4000).encode()[:4096] and (b"x" + "\u00fc".encode() * 3000, "not a media file"),
        (b"ffconcat version 1.0\nfile '/etc/hostname'\n", "text file"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(2000), "index of the mp4 is missing"),
        (bytes(range(256)) * 8, "not a media file"),
    ],
)
def test_what_is_not_media_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(content)
    with pytest.raises(UserError, match=words):
        list(read_frames(path))
    with pytest.raises(UserError, match=words):
        read_audio(path)


@pytest.mark.timeout(60)
@pytest.mark.skipif(sys.platform != "linux", reason="files of /proc")
@pytest.mark.parametrize("read", [read_audio, read_image, lambda path: list(read_frames(path))])
def test_a_file_that_makes_its_readers_wait_is_not_opened(tmp_path: Path, read: Callable[[Path], object]) -> None:
    (tmp_path / "v.mp4").symlink_to("/proc/kmsg")  # a file of 0 bytes, by its own account
    with pytest.raises(UserError, match="is empty"):
        read(tmp_path / "v.mp4")


@pytest.mark.parametrize(
    "error", [TypeError("no time base"), ZeroDivisionError(), IndexError(), OverflowError("too large")]
)
def test_whatever_a_decoder_raises_in_the_block_is_one_line(tmp_path: Path, error: Exception) -> None:
    write_video(tmp_path / "v.mp4", scenery(3))
    with pytest.raises(UserError, match="is damaged, or of a kind that cannot be read"), open_media(tmp_path / "v.mp4"):
        raise error


def test_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.mp4"):
        with pytest.raises(UserError, match="not a file"):
            list(read_frames(path))


@pytest.mark.parametrize("name", ["-v.mp4", "http:x.mp4", "concat:a|b.mp4", "ä \n%03d.mp4"])
def test_names_are_only_names(tmp_path: Path, name: str) -> None:
    write_video(tmp_path / name, scenery(3))
    assert len(list(read_frames(tmp_path / name))) == 3


@QUICK
@given(st.binary(max_size=4000))
def test_random_bytes_never_crash(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "random"
    path.write_bytes(content)
    for read in (lambda p: list(read_frames(p)), read_audio, read_image):
        with pytest.raises(UserError):
            read(path)
