"""Data Docs that need no network and repeat byte for byte.

Great Expectations' own pages fetch style, scripts and a logo from the web when they are opened, and name the moment of
the check in each file. Here its content blocks are laid into templates that hold all they need, through the views that
a site's configuration names; and moments and random ids are replaced by fixed ones, so that a repeated check is the
same output to DVC. When a check ran is in MLflow.
"""

from __future__ import annotations

import re
import shutil
import uuid
from pathlib import Path
from typing import Any

CHECKED_AT = "1970-01-01T00:00:00+00:00"
_MOMENT = re.compile(r"\b\d{8}T\d{6}\.\d{6}Z")
_FIXED_MOMENT = "19700101T000000.000000Z"
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_TEXT = {".html", ".json", ".yml", ""}


def site(folder: str) -> dict[str, Any]:
    """Configuration of a Data Docs site in `folder`, relative to the context's own."""

    def view(name: str) -> dict[str, str]:
        return {"module_name": "components.contracts.views", "class_name": name}

    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": folder},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "view": view("IndexView")},
        "site_section_builders": {
            "expectations": {
                "class_name": "DefaultSiteSectionBuilder",
                "source_store_name": "expectations_store",
                "view": view("PageView"),
            },
            "validations": {
                "class_name": "DefaultSiteSectionBuilder",
                "source_store_name": "validation_results_store",
                "view": view("PageView"),
            },
            "profiling": "none",
        },
    }


def steady(folder: Path) -> None:
    """Replace each moment and each random id below `folder`, and remove fonts and pictures that no page shows.

    Ids are named after their order of appearance, equal ones alike.
    """
    shutil.rmtree(folder / "docs" / "static", ignore_errors=True)
    shutil.rmtree(folder / "gx" / "plugins", ignore_errors=True)
    (folder / "gx" / ".gitignore").unlink(missing_ok=True)  # it would hide results from a `git add` of a whole folder
    names: dict[str, str] = {}

    def fixed(match: re.Match[str]) -> str:
        return names.setdefault(match[0], str(uuid.uuid5(uuid.NAMESPACE_OID, str(len(names)))))

    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in _TEXT):
        text = path.read_text(encoding="utf-8")
        path.write_text(_UUID.sub(fixed, _MOMENT.sub(_FIXED_MOMENT, text)), encoding="utf-8")
