"""Sentences from a local language model through `transformers`."""

from __future__ import annotations

import zlib
from typing import Any

from components.annotate.brief import Brief
from components.annotate.writers.prompt import SYSTEM, ask, parse
from components.common.errors import UserError

TOKENS_PER_SENTENCE = 40


class LocalChatWriter:
    """model: a text-generation model's hub id or local folder. Chat models get a chat, others a plain prompt."""

    name = "transformers"

    def __init__(self, model: str) -> None:
        from transformers import pipeline

        try:
            self._pipeline = pipeline("text-generation", model=model)
        except (OSError, ValueError) as error:
            reason = str(error).strip().splitlines()[0]
            raise UserError(f"annotate.model {model!r} cannot be loaded for text generation: {reason}") from error

    def write(self, brief: Brief, count: int, seed: int) -> list[str]:
        """Up to `count` sentences, sampled with a seed of the clip's own."""
        from transformers import set_seed

        set_seed(zlib.crc32(f"{seed}/{brief.clip_id}".encode()))
        generated = self._pipeline(
            self._prompt(brief, count),
            max_new_tokens=TOKENS_PER_SENTENCE * count,
            do_sample=True,
            temperature=0.8,
            top_p=0.95,
            return_full_text=False,
        )
        return parse(generated[0]["generated_text"])[:count]

    def _prompt(self, brief: Brief, count: int) -> str:
        request = ask(brief, count)
        tokenizer: Any = self._pipeline.tokenizer
        if not getattr(tokenizer, "chat_template", None):
            return f"{SYSTEM}\n\n{request}\n\n"
        messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": request}]
        return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
