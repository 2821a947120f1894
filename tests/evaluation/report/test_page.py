"""Pages escape text and refuse to leave a value out."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import UndefinedError

from evaluation.report.page import TEMPLATES, write_page


def test_text_is_escaped(tmp_path: Path) -> None:
    values = {"facts": {"<i>": "&"}, "drifted": False, "reasons": [], "parts": [], "shares": []}
    html = write_page(tmp_path / "new" / "page.html", "drift.html.jinja", **values).read_text()
    assert "&lt;i&gt;" in html
    assert "<i>" not in html


def test_a_missing_value_leaves_no_page(tmp_path: Path) -> None:
    with pytest.raises(UndefinedError):
        write_page(tmp_path / "page.html", "drift.html.jinja", facts={})
    assert list(tmp_path.iterdir()) == []


def test_templates_load_nothing_from_elsewhere() -> None:
    texts = [path.read_text() for path in TEMPLATES.glob("*.jinja")]
    assert len(texts) == 3
    assert not [text for text in texts if "http://" in text or "https://" in text]
