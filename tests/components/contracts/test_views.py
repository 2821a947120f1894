"""The pages as a reader without a network finds them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest


class Page(HTMLParser):
    """Targets of links and of whatever a browser would fetch; texts of table cells."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.links += [values["href"]] if tag == "a" and values.get("href") else []
        self.fetched += [str(values)] if tag in ("script", "link", "img", "iframe") else []


def pages(folder: Path) -> list[Path]:
    return sorted((folder / "docs").rglob("*.html"))


def test_no_page_needs_the_network_and_no_link_is_dead(kept_contract: Path) -> None:
    assert len(pages(kept_contract)) == 5  # the index, and a suite and a result for each of two tables
    for path in pages(kept_contract):
        page = Page(path)
        assert not page.fetched
        for link in page.links:
            target, _, anchor = link.partition("#")
            assert not target or (path.parent / target).resolve().is_file(), f"{path.name}: {link}"
            assert target or not anchor or f'id="{anchor}"' in path.read_text(), f"{path.name}: {link}"


@pytest.mark.parametrize("rule", ["age is never missing", "age is not negative", "there are two rows"])
def test_results_speak_the_words_of_the_rules(kept_contract: Path, rule: str) -> None:
    (result,) = (kept_contract / "docs" / "validations" / "ages").rglob("*.html")
    (suite,) = (kept_contract / "docs" / "expectations").rglob("ages.html")
    assert rule in result.read_text()
    assert rule in suite.read_text()


def test_the_index_tells_kept_from_broken(kept_contract: Path, broken_contract: tuple[Path, str]) -> None:
    def marks(folder: Path) -> list[str]:
        return re.findall(r"fa-(check|times)\"", (folder / "docs" / "index.html").read_text())

    assert marks(kept_contract) == ["check", "check"]
    assert marks(broken_contract[0]) == ["times", "times"]


def test_a_result_shows_what_broke_the_rule(broken_contract: tuple[Path, str]) -> None:
    (result,) = (broken_contract[0] / "docs" / "validations" / "ages").rglob("*.html")
    text = result.read_text()
    assert "-3" in text
    assert "1970" not in text.replace("/19700101T", "/")  # no moment but in the names of files
