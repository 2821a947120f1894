from __future__ import annotations

import json
from pathlib import Path

from components.contracts.data_docs import steady


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_moments_and_ids_are_replaced_equal_ones_alike(tmp_path: Path) -> None:
    one, two = "c4eb4ccb-7058-4800-a279-094bd8b6218b", "d56a5529-cf0c-421f-a90c-50f1e0e0e2d7"
    first = write(tmp_path / "gx/a.json", json.dumps({"id": one, "at": "20261125T104743.373735Z", "sha": "0" * 64}))
    second = write(tmp_path / "gx/b.json", json.dumps({"ids": [two, one]}))
    steady(tmp_path)
    fixed, ids = json.loads(first.read_text()), json.loads(second.read_text())["ids"]
    assert fixed["id"] == ids[1] != ids[0]
    assert not {fixed["id"], *ids} & {one, two}
    assert (fixed["at"], fixed["sha"]) == ("19700101T000000.000000Z", "0" * 64)


def test_what_no_page_shows_is_removed(tmp_path: Path) -> None:
    write(tmp_path / "docs/static/fonts/a.otf", "")
    write(tmp_path / "gx/.gitignore", "uncommitted/")
    page = write(tmp_path / "docs/index.html", "<p>\u2713</p>")
    steady(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [page]
