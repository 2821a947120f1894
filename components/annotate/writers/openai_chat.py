"""Sentences from any server that speaks the OpenAI chat-completions interface. The key comes from OPENAI_API_KEY."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
import zlib
from typing import Any
from urllib.parse import urlsplit

from components.annotate.brief import Brief
from components.annotate.writers.prompt import SYSTEM, ask, parse
from components.common.errors import UserError

OFFICIAL = "https://api.openai.com/v1"
TIMEOUT = 120.0  # seconds


class OpenAIChatWriter:
    """endpoint: base URL such as ``http://localhost:8000/v1`` (empty: OpenAI's own); model: a name the server knows."""

    name = "openai"

    def __init__(self, endpoint: str, model: str) -> None:
        self._url = (endpoint or OFFICIAL).rstrip("/") + "/chat/completions"
        if urlsplit(self._url).scheme not in ("http", "https"):
            raise UserError(f"annotate.endpoint must be an http or https URL, not {endpoint!r}")
        self._model = model
        self._key = os.environ.get("OPENAI_API_KEY", "")
        if not endpoint and not self._key:
            raise UserError("annotate.writer is openai: set OPENAI_API_KEY, or annotate.endpoint to your own server")

    def write(self, brief: Brief, count: int, seed: int) -> list[str]:
        """Up to `count` sentences. Servers that honor `seed` repeat themselves; others may not."""
        answer = self._post(
            {
                "model": self._model,
                "messages": [
                    {"role": "system", "content": SYSTEM},
                    {"role": "user", "content": ask(brief, count)},
                ],
                "temperature": 0.8,
                "seed": zlib.crc32(f"{seed}/{brief.clip_id}".encode()) % 2**31,
            }
        )
        try:
            return parse(str(answer["choices"][0]["message"]["content"]))[:count]
        except (KeyError, IndexError, TypeError) as error:
            raise UserError(f"{self._url} answered without choices[0].message.content") from error

    def _post(self, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = urllib.request.Request(self._url, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise UserError(f"{self._url} refused the request: {error.code} {error.reason}") from error
        except (OSError, ValueError) as error:
            raise UserError(f"{self._url} cannot be reached or does not answer in JSON: {error}") from error
