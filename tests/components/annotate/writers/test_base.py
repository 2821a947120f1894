from __future__ import annotations

import pytest

from components.annotate.writers.base import load_writer
from components.annotate.writers.grammar import GrammarWriter
from components.annotate.writers.openai_chat import OpenAIChatWriter
from components.common.errors import UserError
from components.common.params import Annotate


def test_the_parameters_name_the_writer() -> None:
    assert isinstance(load_writer(Annotate()), GrammarWriter)
    remote = load_writer(Annotate(writer="openai", endpoint="http://localhost:8000/v1", model="tiny"))
    assert isinstance(remote, OpenAIChatWriter)


@pytest.mark.parametrize("writer", ["transformers", "openai"])
def test_a_writer_without_its_model_is_one_line(writer: str) -> None:
    with pytest.raises(UserError, match=r"annotate\.model"):
        load_writer(Annotate(writer=writer))
