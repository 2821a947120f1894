from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.annotate.action_units import ActionUnit
from components.annotate.brief import Brief, person_of
from components.annotate.contradictions import contradictions
from components.annotate.writers.base import load_writer
from components.annotate.writers.grammar import GrammarWriter
from components.annotate.writers.openai_chat import OpenAIChatWriter
from components.annotate.writers.prompt import ask, parse
from components.common.artifacts import EMOTIONS
from components.common.errors import UserError
from components.common.params import Annotate

SMILE = {"AU12": ActionUnit("lip corner puller", "high", 0.8, "both")}
HAPPY = Brief("m001_happy", "happy", 3, SMILE, "man")


@pytest.mark.parametrize("emotion", EMOTIONS)
@pytest.mark.parametrize("intensity", [1, 3])
def test_the_grammar_is_varied_true_and_well_formed(emotion: str, intensity: int) -> None:
    units = {"AU4": ActionUnit("", "low", 0.2, "both"), "AU5": ActionUnit("", "middle", 0.4, "both")}
    brief = Brief("clip", emotion, intensity, units)
    sentences = GrammarWriter().write(brief, 24, seed=1)
    assert len(sentences) == len(set(sentences)) == 24
    for text in sentences:
        assert text[0].isupper()
        assert text.endswith(".")
        assert "{" not in text
        assert "  " not in text
        assert contradictions(text, emotion, units) == []


def test_the_grammar_follows_its_seed_and_the_clip() -> None:
    writer = GrammarWriter()
    assert writer.write(HAPPY, 8, 0) == writer.write(HAPPY, 8, 0)
    assert writer.write(HAPPY, 8, 0) != writer.write(HAPPY, 8, 1)
    assert writer.write(HAPPY, 8, 0) != writer.write(Brief("w002_happy", "happy", 3, SMILE, "man"), 8, 0)
    assert any("smile" in text for text in writer.write(HAPPY, 8, 0))


def test_mead_names_tell_the_sex() -> None:
    assert (person_of("M003"), person_of("W009"), person_of("alice"), person_of("M3")) == (
        "man",
        "woman",
        "person",
        "person",
    )


def test_the_request_names_what_is_seen() -> None:
    request = ask(HAPPY, 5)
    assert "5 different sentences" in request
    assert "smile" in request
    assert "happy" in request


def test_answers_are_cleaned() -> None:
    answer = '1. "The man is very happy"\n- He smiles broadly.\n\nSure, here are some:\nYes\n2) He smiles broadly.\n'
    assert parse(answer) == ["The man is very happy.", "He smiles broadly."]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_answer_can_be_parsed(answer: str) -> None:
    for text in parse(answer):
        assert text.endswith((".", "!", "?"))
        assert "\n" not in text
        assert len(text.split()) >= 3


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


def test_a_writer_without_its_model_is_one_line() -> None:
    with pytest.raises(UserError, match=r"annotate\.model"):
        load_writer(Annotate(writer="transformers"))


def test_local_chat_writer_runs_a_real_pipeline(tmp_path: Path) -> None:
    from components.annotate.writers.local_chat import LocalChatWriter
    from tests.components.annotate.tiny_models import save_tiny_gpt

    save_tiny_gpt(tmp_path)
    writer = LocalChatWriter(str(tmp_path))
    once = writer.write(HAPPY, 2, 0)
    assert once == writer.write(HAPPY, 2, 0)
    assert len(once) <= 2
    with pytest.raises(UserError, match="cannot be loaded"):
        LocalChatWriter(str(tmp_path / "nothing"))
