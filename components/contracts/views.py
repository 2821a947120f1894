"""The pages of Data Docs as Great Expectations loads them, by name: its content blocks in templates of our own."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

from great_expectations.render.view.view import DefaultJinjaPageView

TEMPLATES = Path(__file__).parent / "templates"


class PageView(DefaultJinjaPageView):
    """A suite or a validation result as one page."""

    _template = "contract_page.html.jinja"

    def __init__(self, custom_styles_directory: str | None = None, custom_views_directory: str | None = None) -> None:
        super().__init__(custom_styles_directory, str(TEMPLATES))
        numbers = count(1)
        self.env.filters["generate_html_element_uuid"] = lambda prefix="": f"{prefix}{next(numbers)}"

    def render(self, document: Any, template: str | None = None, **kwargs: Any) -> str:
        """The page as HTML, without a line that never says anything for tables in files."""
        page = super().render(document, template, **kwargs)  # type: ignore[no-untyped-call]
        return str(page).replace("Data asset: None<br>", "")


class IndexView(PageView):
    """The list of all results and suites."""

    _template = "contract_index.html.jinja"
