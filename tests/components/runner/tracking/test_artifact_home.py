"""A project that was moved or copied works where it lies, and a database that was never finished is set aside."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from pathlib import Path

import pytest

from components.common.errors import UserError
from components.common.layout import Layout
from components.common.params import Params
from components.runner.tracking import artifact_home
from components.runner.tracking.mlflow_store import connect, newest_tables
from components.runner.tracking.runs import start_run


def _log(root: Path, text: str) -> str:
    note = root / f"{text}.txt"
    note.write_text(text)
    with start_run("annotate", Params(), Layout(root)) as tracker:
        tracker.log_artifact(note)
    return str(tracker.run_id)


def _files(root: Path) -> set[str]:
    return {path.name for path in (root / "mlartifacts").rglob("*.txt")}


def _everywhere(database: Path) -> str:
    with sqlite3.connect(database) as connection:
        return "\n".join(line for line in connection.iterdump() if "git.error" not in line)  # words, no address


@pytest.mark.parametrize("name", ["elsewhere", "with space and ü"])
def test_a_copy_writes_into_itself_and_a_moved_one_knows_its_files(store: Path, tmp_path: Path, name: str) -> None:
    original = tmp_path / "original"
    original.mkdir()
    shutil.move(store / "mlflow.db", original)
    first = _log(original, "first")
    copy = tmp_path / name
    shutil.copytree(original, copy)
    second = _log(copy, "second")
    assert _files(original) == {"first.txt"}
    assert _files(copy) == {"first.txt", "second.txt"}
    moved = original.rename(tmp_path / "moved")
    client, _ = connect(moved)
    assert Path(client.download_artifacts(first, "first.txt")).read_text() == "first"
    assert str(tmp_path / "original") not in _everywhere(moved / "mlflow.db").replace(f"{tmp_path}/original/f", "")
    client, _ = connect(copy)
    assert Path(client.download_artifacts(second, "second.txt")).read_text() == "second"


def test_nothing_is_made_in_the_working_folder_for_a_path_that_is_no_url(store: Path) -> None:
    odd = store / "what? #1 100%41"
    odd.mkdir()
    shutil.move(store / "mlflow.db", odd)
    before = {path.name for path in store.iterdir()}
    _log(odd, "first")
    assert {path.name for path in store.iterdir()} == before
    assert _files(odd) == {"first.txt"}


def test_registered_models_and_plain_paths_follow_too(store: Path) -> None:
    client, experiment = connect(store)
    model = client.create_logged_model(experiment, name="talker")
    client.create_registered_model("m")
    client.create_model_version("m", f"{store}/mlartifacts/x", None)
    (store / "mlartifacts").mkdir(exist_ok=True)
    moved = store / "deeper"
    moved.mkdir()
    shutil.move(store / "mlflow.db", moved)
    client, _ = connect(moved)
    address = (moved / "mlartifacts").as_uri()
    assert client.get_experiment(experiment).artifact_location == address
    assert client.get_logged_model(model.model_id).artifact_location.startswith(f"{address}/")
    assert client.get_model_version("m", "1").source == f"{moved}/mlartifacts/x"


def test_an_experiment_elsewhere_on_purpose_stays_there(store: Path, tmp_path: Path) -> None:
    connect(store)
    with sqlite3.connect(store / "mlflow.db") as connection:
        connection.execute(
            "UPDATE experiments SET artifact_location = 's3://bucket/mlartifacts' WHERE name != 'Default'"
        )
    assert not artifact_home.follow(store / "mlflow.db", "style2talker")


def test_a_database_that_was_killed_in_its_first_seconds_is_set_aside(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # As `kill -9` left it in the middle of MLflow's migrations: all tables, an early version, no row.
    with sqlite3.connect(store / "mlflow.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'b7e4c1a90f23'")
        connection.execute("DELETE FROM experiments")
        connection.execute("DROP TABLE registered_models")
    connection.close()
    assert _log(store, "first")
    assert (store / "mlflow.db.unfinished").is_file()
    assert "was never finished" in " ".join(capsys.readouterr().err.split())
    assert _files(store) == {"first.txt"}


def test_an_older_database_with_runs_is_kept_and_told_in_one_line(store: Path) -> None:
    _log(store, "first")
    with sqlite3.connect(store / "mlflow.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'b7e4c1a90f23'")
    connection.close()
    assert not artifact_home.is_half_made(store / "mlflow.db", newest_tables)


@pytest.mark.parametrize("content", [b"no database" * 500, gzip.compress(b"x" * 9999, mtime=0)], ids=["text", "gzip"])
def test_a_damaged_database_is_one_line(store: Path, content: bytes) -> None:
    (store / "mlflow.db").write_bytes(content)
    with pytest.raises(
        UserError, match=r"MLflow's store at sqlite:///.*mlflow\.db does not work .*MLFLOW_TRACKING_URI"
    ):
        connect(store)
