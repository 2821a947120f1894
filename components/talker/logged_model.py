"""The trained models as one model that answers requests: what evaluation logs and promotion registers."""

from __future__ import annotations

from pathlib import Path

from components.common.layout import Layout
from components.common.tracker import Tracker
from components.talker import example

NAME = "style2talker"
CODE = Path("components/talker/serving.py")  # models from code: the file that answers requests


def folders(layout: Layout) -> dict[str, Path]:
    """The model folders by the names that the talker knows them by."""
    return {"regressor": layout.regressor, "style_e": layout.style_e, "style_a": layout.style_a}


def log_talker(tracker: Tracker, layout: Layout) -> None:
    """Log them with the shape of a request and a small request to try. The working folder is the project's root."""
    tracker.log_model(NAME, folders(layout), CODE, example.columns(), example.request())
