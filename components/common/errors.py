"""Errors meant for people. Their text is the whole message: one line that says what is wrong and what to do."""

from __future__ import annotations

EXIT_FAILURE = 1
EXIT_BAD_INPUT = 2


class UserError(Exception):
    """Something the user can fix: a missing file, a bad parameter, a picture without a face. Exit code 2."""


class StageError(Exception):
    """A stage could not produce outputs that hold its contract. Exit code 1."""
