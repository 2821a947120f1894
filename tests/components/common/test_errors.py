"""Disk trouble is one line, whatever a library called it; other errors stay what they are."""

from __future__ import annotations

import errno
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.common.errors import (
    PipelineError,
    StageError,
    UserError,
    disk_trouble,
    first_line,
    redacted,
    translated,
)

FULL = OSError(errno.ENOSPC, "No space left on device")
SAFETENSORS = RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)")
READ_ONLY = OSError(errno.EROFS, "Read-only file system", "/data/clip.wav")


def wrapped(error: Exception) -> Exception:
    outer = RuntimeError("the writer failed")
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize("error", [FULL, SAFETENSORS, wrapped(FULL), wrapped(SAFETENSORS)])
def test_a_full_disk(error: Exception, tmp_path: Path) -> None:
    trouble = disk_trouble(error, tmp_path)
    assert trouble is not None
    assert "no space left" in str(trouble)
    assert "\n" not in str(trouble)


def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    assert "/data/clip.wav cannot be written" in str(disk_trouble(READ_ONLY, tmp_path))


@pytest.mark.parametrize("error", [ValueError("shapes differ"), FileNotFoundError(errno.ENOENT, "no such file", "x")])
def test_other_errors_are_not_about_the_disk(error: Exception, tmp_path: Path) -> None:
    assert disk_trouble(error, tmp_path) is None


def test_a_folder_that_is_not_there_hides_no_other_error(tmp_path: Path) -> None:
    assert disk_trouble(ValueError("shapes differ"), tmp_path / "absent") is None


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (struct.error("unpack requires"), "(error: unpack requires)"),
        (ZeroDivisionError(), "(ZeroDivisionError)"),
        (RecursionError("maximum\ndepth"), "(RecursionError: maximum)"),
        (MemoryError(), "(not enough memory)"),
        (FileNotFoundError(errno.ENOENT, "No such file", "x"), "(FileNotFoundError: No such file)"),
    ],
)
def test_whatever_a_library_raises_is_a_line(error: Exception, words: str) -> None:
    with pytest.raises(UserError, match=r"^a\.png is damaged") as raised, translated("a.png is damaged"):
        raise error
    assert str(raised.value) == f"a.png is damaged {words}"
    assert raised.value.__cause__ is error


@pytest.mark.parametrize("error", [UserError("no face"), StageError("broken"), KeyboardInterrupt()])
def test_what_is_told_already_stays(error: BaseException) -> None:
    with pytest.raises(type(error)) as raised, translated("a.png is damaged"):
        raise error
    assert raised.value is error


def test_errors_carry_their_exit_codes() -> None:
    assert (UserError("x").exit_code, StageError("x").exit_code, PipelineError("x").exit_code) == (2, 1, 1)
    assert issubclass(UserError, PipelineError)
    assert issubclass(StageError, PipelineError)
    assert not issubclass(StageError, UserError)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no answer from http://me:secret@host:5000/api.", "no answer from http://host:5000/api."),
        ("postgresql+psycopg://u:geheim/a?b@c@db/x failed", "postgresql+psycopg://db/x failed"),
        ("s3://AKIA1:secret@bucket/prefix", "s3://bucket/prefix"),
        ("https://ghp_secret@github.com/a/b.git", "https://github.com/a/b.git"),
        ("ssh://git@github.com/a/b.git", "ssh://git@github.com/a/b.git"),
        ("https://host/x?token=secret&y=1", "https://host/x?token=***&y=1"),
        ("host=db password=secret dbname=x", "host=db password=*** dbname=x"),
        ("AWS_SECRET_ACCESS_KEY=secret", "AWS_SECRET_ACCESS_KEY=***"),
        ("http://host:5000/a@b sqlite:////home/me@work/mlflow.db", "http://host:5000/a@b sqlite:////home/me@work/mlflow.db"),
        ("http://[::1]:4200/api", "http://[::1]:4200/api"),
    ],
)  # fmt: skip
def test_secrets_are_left_out(text: str, shown: str) -> None:
    assert redacted(text) == shown
    assert str(UserError(text)) == shown
    assert first_line(OSError(f"\n{text}\nmore")) == shown


@given(st.text(st.characters(codec="ascii", exclude_characters="\n\r", exclude_categories=("Z", "C")), min_size=3))
def test_no_password_survives(password: str) -> None:
    told = redacted(f"cannot reach postgresql://someone:<{password}>@db.example.org/mlflow at all")
    assert f"<{password}>" not in told
    assert "someone" not in told
    assert told.endswith("db.example.org/mlflow at all")
