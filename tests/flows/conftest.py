"""A miniature of the project, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.miniature import make, run


@pytest.fixture(scope="session")
def made_miniature(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("miniature")
    make(root)
    return root


@pytest.fixture
def miniature(made_miniature: Path, tmp_path: Path) -> Path:
    """A private copy of it, everything committed and up to date."""
    root = tmp_path / "miniature"
    run(tmp_path, "cp", "-a", str(made_miniature), str(root))
    return root
