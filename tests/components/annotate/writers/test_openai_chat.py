from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from components.annotate.writers.base import load_writer
from components.annotate.writers.openai_chat import OpenAIChatWriter
from components.common.errors import UserError
from components.common.params import Annotate
from tests.components.annotate.briefs import HAPPY


class _Chat(BaseHTTPRequestHandler):
    """A server that speaks just enough of the chat-completions interface."""

    status, content = 200, "The man is overjoyed and smiles.\nHe is very glad."
    seen: ClassVar[dict[str, object]] = {}

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        _Chat.seen = {"path": self.path, "key": self.headers.get("Authorization"), **body}
        answer = json.dumps({"choices": [{"message": {"content": _Chat.content}}]}).encode()
        self.send_response(_Chat.status)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    _Chat.status = 200
    running = HTTPServer(("127.0.0.1", 0), _Chat)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}/v1"
    running.shutdown()
    running.server_close()
    thread.join()


def test_openai_writer_talks_to_any_compatible_server(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    writer = load_writer(Annotate(writer="openai", endpoint=server, model="tiny"))
    assert writer.write(HAPPY, 5, 0) == ["The man is overjoyed and smiles.", "He is very glad."]
    assert _Chat.seen["path"] == "/v1/chat/completions"
    assert _Chat.seen["key"] == "Bearer secret"
    assert _Chat.seen["model"] == "tiny"


def test_openai_writer_fails_in_one_line(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    _Chat.status = 401
    with pytest.raises(UserError, match="401"):
        OpenAIChatWriter(server, "tiny").write(HAPPY, 5, 0)
    with pytest.raises(UserError, match="cannot be reached"):
        OpenAIChatWriter("http://127.0.0.1:9", "tiny").write(HAPPY, 5, 0)
    with pytest.raises(UserError, match="OPENAI_API_KEY"):
        OpenAIChatWriter("", "tiny")
    with pytest.raises(UserError, match="http or https"):
        OpenAIChatWriter("file:///etc/passwd", "tiny")
