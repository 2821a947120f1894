"""The file that a model server runs ("models from code"): it only says which class answers requests."""

from __future__ import annotations

from components.runner.tracking.mlflow_store import serve
from components.talker.service import TalkerService

serve(TalkerService.load)
