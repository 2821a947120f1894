"""Databases are made once, where the environment says; trouble with one is one line without its password."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.common.errors import UserError
from flows import setup


@pytest.fixture(autouse=True)
def no_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPTUNA_STORAGE", raising=False)


def test_twice_is_once(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = setup.setup(store)
    assert places["mlflow"] == f"sqlite:///{store / 'mlflow.db'}"
    assert places["optuna"] == f"sqlite:///{store / 'optuna.db'}"
    assert setup.main(["--root", str(store)]) == 0
    assert capsys.readouterr().out == "".join(f"{name}: {place}\n" for name, place in places.items())


def test_a_broken_database_is_one_line(store: Path) -> None:
    (store / "optuna.db").write_text("no database" * 500)
    with pytest.raises(UserError) as caught:
        setup.setup(store)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"Optuna's storage at sqlite:///{store / 'optuna.db'} does not work (")
    assert line.endswith("; repair or move it, or set OPTUNA_STORAGE")


def test_a_password_is_not_shown(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTUNA_STORAGE", "postgresql+nodriver://me:secret@db.example.org/optuna")
    with pytest.raises(UserError) as caught:
        setup.setup(store)
    assert "Optuna's storage at postgresql+nodriver://db.example.org/optuna does not work" in str(caught.value)
    assert "secret" not in str(caught.value)
