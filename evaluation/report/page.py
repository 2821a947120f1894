"""Web pages of the project: one look for all of them, text escaped, nothing loaded from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from components.common.artifacts import atomic

TEMPLATES = Path(__file__).parents[1] / "templates"


def write_page(path: Path, template: str, **values: Any) -> Path:
    """Render a template of `evaluation/templates` to `path`; a missing value is an error. Returns the path."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    html = environment.get_template(template).render(**values)
    with atomic(path) as temporary:
        temporary.write_text(html, encoding="utf-8")
    return path
