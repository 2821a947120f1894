"""Texts are read once a user: what is kept is what was read, by this encoder, of these texts in this order."""

import numpy as np
import pytest
from safetensors import SafetensorError

from components.style_e import text_cache
from components.style_e.text_cache import cache_path, remembered

TEXTS = ("she is happy", "seeing red")


class Encoder:
    size = 3

    def __init__(self, identity="weights 1"):
        self.identity = identity
        self.calls = 0

    def encode(self, texts):
        self.calls += 1
        return np.array([[len(text), self.calls, 0.5] for text in texts], np.float32)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("STYLE2TALKER_CACHE", str(tmp_path))
    return tmp_path


def ask(encoder, texts=TEXTS):
    return remembered(encoder, texts, encoder.encode)


def test_the_second_time_nothing_is_read():
    first, second = Encoder(), Encoder()
    np.testing.assert_array_equal(ask(first), ask(second))
    assert (first.calls, second.calls) == (1, 0)


def test_another_encoder_text_or_order_is_read_anew():
    ask(Encoder())
    for encoder, texts in ((Encoder("weights 2"), TEXTS), (Encoder(), TEXTS[:1]), (Encoder(), TEXTS[::-1])):
        ask(encoder, texts)
        assert encoder.calls == 1


def test_an_encoder_without_an_identity_is_asked_each_time(cache):
    encoder = Encoder("")
    ask(encoder)
    ask(encoder)
    assert encoder.calls == 2
    assert not list(cache.iterdir())


@pytest.mark.parametrize("content", [b"", b"not safetensors", None])
def test_a_damaged_file_is_made_anew(content):
    first, second, third = Encoder(), Encoder(), Encoder()
    right = ask(first)
    path = cache_path(first, TEXTS)
    path.write_bytes(path.read_bytes()[:-4] if content is None else content)
    np.testing.assert_array_equal(ask(second), right)
    assert second.calls == 1
    ask(third)
    assert third.calls == 0


@pytest.mark.parametrize("error", [OSError, SafetensorError])
def test_a_disk_without_room_is_no_reason_to_fail(error, monkeypatch):
    def full(*arguments):
        raise error("no space left on device")

    monkeypatch.setattr(text_cache, "save_arrays", full)
    assert ask(Encoder()).shape == (2, 3)
