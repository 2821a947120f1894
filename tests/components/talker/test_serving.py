"""The file that a model server runs sets a model that loads the talker from the logged folders."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from components.common.errors import UserError
from components.talker import serving


def test_the_served_model_loads_the_talker(tmp_path: Path) -> None:
    from mlflow.models import model

    runpy.run_path(str(serving.__file__))
    served = model.__mlflow_model__
    with pytest.raises(UserError, match="regressor is missing"):
        served.load_context(SimpleNamespace(artifacts={"regressor": str(tmp_path / "regressor")}, model_config=None))
