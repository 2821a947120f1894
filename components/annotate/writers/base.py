"""The writers' common interface, and how the parameters pick one."""

from __future__ import annotations

from typing import Protocol

from components.annotate.brief import Brief
from components.common.errors import UserError
from components.common.params import Annotate


class Writer(Protocol):
    """Writes candidate sentences about a clip."""

    name: str

    def write(self, brief: Brief, count: int, seed: int) -> list[str]:
        """Up to `count` distinct sentences; the same arguments give the same sentences where the backend allows."""


def load_writer(params: Annotate) -> Writer:
    """The writer that the parameters name. Heavy imports happen only for the one that is used.

    Raises:
        UserError: the writer lacks its model or its server.
    """
    if params.writer == "grammar":
        from components.annotate.writers.grammar import GrammarWriter

        return GrammarWriter()
    if not params.model:
        raise UserError(f"annotate.writer is {params.writer}: set annotate.model to the model's name or path")
    if params.writer == "transformers":
        from components.annotate.writers.local_chat import LocalChatWriter

        return LocalChatWriter(params.model)
    from components.annotate.writers.openai_chat import OpenAIChatWriter

    return OpenAIChatWriter(params.endpoint, params.model)
