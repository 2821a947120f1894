from __future__ import annotations

from pathlib import Path

import pytest

from components.annotate.writers.local_chat import LocalChatWriter
from components.common.errors import UserError
from tests.components.annotate.briefs import HAPPY
from tests.components.annotate.tiny_models import save_tiny_gpt


def test_local_chat_writer_runs_a_real_pipeline(tmp_path: Path) -> None:
    save_tiny_gpt(tmp_path)
    writer = LocalChatWriter(str(tmp_path))
    once = writer.write(HAPPY, 2, 0)
    assert once == writer.write(HAPPY, 2, 0)
    assert len(once) <= 2
    with pytest.raises(UserError, match="cannot be loaded"):
        LocalChatWriter(str(tmp_path / "nothing"))
