"""Speech with exact phoneme times, from espeak-ng. This is the only module that touches espeak-ng (GPL-3).

The library comes in the wheel `espeakng-loader` and is called through ctypes, with typed arguments. It is not
thread-safe, so threads wait for each other, and work in parallel is done by processes. It also keeps oscillator phases
in static variables from one utterance to the next, which changes both samples and phoneme times; neither
`espeak_ng_SetRandSeed` nor a new `espeak_Initialize` resets them. So every utterance gets a freshly loaded library: the
same words give the same bytes whatever was said before, by whichever process.
"""

from __future__ import annotations

import _ctypes
import ctypes
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.common.artifacts import FPS, SAMPLE_RATE, Phoneme
from components.common.errors import UserError
from components.synthetic.voice.sentences import PROSODY, Prosody, prosody

_ALONE = threading.Lock()
# Values of espeak-ng's speak_lib.h.
_SYNCHRONOUS = 2
_PHONEME_EVENTS_IPA_DONT_EXIT = 0x0001 | 0x0002 | 0x8000
_EVENT_END, _EVENT_PHONEME = 0, 7
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
_UTF8 = 1
_SEED = 1

LEVEL = 10 ** (-21 / 20)  # RMS of a voice's neutral calibration sentence, full scale 1
_CALIBRATION = "The big blue boat moved past the old bridge before noon."


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True)
class Utterance:
    """Mono speech at 16 kHz, its phonemes in order, and the words spoken."""

    audio: NDArray[np.float32]  # (samples,)
    phonemes: tuple[Phoneme, ...]
    text: str

    @property
    def seconds(self) -> float:
        return len(self.audio) / SAMPLE_RATE

    @property
    def frames(self) -> int:
        """Video frames at 25 fps that the speech lasts."""
        return round(self.seconds * FPS)

    def fitted(self, seconds: float, lead: float = 0.0) -> Utterance:
        """The same speech after `lead` seconds of silence, padded or cut (with a short fade) to `seconds`."""
        length, start = round(seconds * SAMPLE_RATE), round(lead * SAMPLE_RATE)
        audio = np.zeros(length, np.float32)
        speech = self.audio[: max(0, length - start)]
        audio[start : start + len(speech)] = speech
        if len(speech) < len(self.audio):
            fade = min(len(speech), SAMPLE_RATE // 30)
            audio[length - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
        phonemes = tuple(
            Phoneme(p.start + lead, min(p.end + lead, seconds), p.ipa)
            for p in self.phonemes
            if p.start + lead < seconds
        )
        return Utterance(audio, phonemes, self.text)


class _Engine:
    """The loaded library and the buffers its callback fills."""

    def __init__(self) -> None:
        try:
            import espeakng_loader
        except ImportError as error:
            raise UserError("the synthetic corpus needs espeak-ng: pip install espeakng-loader") from error
        self._lib: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        self._declare()
        # The data path is always given: without it the library falls back to a path of the machine that built it.
        path = espeakng_loader.get_data_path().encode()
        self.rate = int(self._lib.espeak_Initialize(_SYNCHRONOUS, 0, path, _PHONEME_EVENTS_IPA_DONT_EXIT))
        if self.rate <= 0:
            raise UserError(f"espeak-ng does not start (code {self.rate}); reinstall espeakng-loader")
        self._lib.espeak_ng_SetRandSeed(_SEED)  # breathy voices mix noise in
        self._pcm: list[NDArray[np.int16]] = []
        self._events: list[tuple[int, str]] = []
        self._callback = _Callback(self._receive)  # kept: the library holds a bare pointer to it
        self._lib.espeak_SetSynthCallback(self._callback)

    def _declare(self) -> None:
        lib = self._lib
        lib.espeak_Initialize.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
        lib.espeak_SetSynthCallback.argtypes = [_Callback]
        lib.espeak_ng_SetRandSeed.argtypes = [ctypes.c_long]
        lib.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
        lib.espeak_SetParameter.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int]
        unsigned, pointer = ctypes.c_uint, ctypes.c_void_p
        lib.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, unsigned, ctypes.c_int, unsigned, unsigned, pointer, pointer,
        ]  # fmt: skip

    def close(self) -> None:
        self._lib.espeak_Terminate()
        _unload(self._lib._handle)

    def _receive(self, wave: Any, samples: int, events: Any) -> int:
        if wave and samples > 0:
            self._pcm.append(np.ctypeslib.as_array(wave, (samples,)).copy())
        i = 0
        while events[i].type != _EVENT_END:
            event = events[i]
            if event.type == _EVENT_PHONEME:
                ipa = bytes(event.id.string).split(b"\0")[0].decode("utf-8", "ignore")
                self._events.append((event.sample, ipa))
            i += 1
        return 0

    def speak(self, text: str, voice: str, how: Prosody) -> tuple[NDArray[np.float32], list[tuple[int, str]]]:
        """PCM in [-1, 1] at `self.rate`, and (first sample, IPA) of each phoneme."""
        self._pcm, self._events = [], []
        if self._lib.espeak_SetVoiceByName(voice.encode()) != 0:
            raise UserError(f"espeak-ng has no voice {voice!r}")
        for parameter, value in (
            (_RATE, how.rate),
            (_VOLUME, how.volume),
            (_PITCH, how.pitch),
            (_RANGE, how.range),
        ):
            self._lib.espeak_SetParameter(parameter, int(value), 0)
        data = text.encode() + b"\0"
        self._lib.espeak_Synth(data, len(data), 0, 1, 0, _UTF8, None, None)
        self._lib.espeak_Synchronize()
        if not any(part.any() for part in self._pcm):
            raise UserError(f"espeak-ng says nothing for {text!r}")
        return np.concatenate(self._pcm).astype(np.float32) / np.float32(32768), self._events


@contextmanager
def _engine() -> Iterator[_Engine]:
    """A library that has never spoken, unloaded afterwards; a second thread waits, since there is one for a process."""
    with _ALONE:
        engine = _Engine()
        try:
            yield engine
        finally:
            engine.close()


_unload = _ctypes.dlclose if hasattr(_ctypes, "dlclose") else _ctypes.FreeLibrary  # type: ignore[attr-defined]


@cache
def _gain(voice: str) -> float:
    """What brings a voice's neutral speech to `LEVEL`. Per voice, never per clip: loudness tells emotions apart."""
    with _engine() as engine:
        pcm, _ = engine.speak(_CALIBRATION, voice, PROSODY["neutral"])
    return LEVEL / float(np.sqrt(np.mean(pcm**2)))


class Speaker:
    """Says sentences. Example: ``Speaker().say("Hello.", "en-us+f2", "happy", 3).audio``"""

    def say(
        self, text: str, voice: str, emotion: str = "neutral", intensity: int = 1, prosody: Prosody | None = None
    ) -> Utterance:
        """Speech of `text` in the voice of an emotion, or with an explicit `prosody`.

        Raises `UserError` for an unknown voice or a text without sounds.
        """
        from scipy.signal import resample_poly

        gain = _gain(voice)
        with _engine() as engine:
            pcm, events = engine.speak(text, voice, prosody or _prosody_of(emotion, intensity))
            rate = engine.rate
        common = gcd(SAMPLE_RATE, rate)
        audio = resample_poly(pcm * gain, SAMPLE_RATE // common, rate // common)
        return Utterance(np.clip(audio, -1, 1).astype(np.float32), tuple(_phonemes(events, rate, len(pcm))), text)


def _prosody_of(emotion: str, intensity: int) -> Prosody:
    return prosody(emotion, intensity)


def _phonemes(events: list[tuple[int, str]], rate: int, samples: int) -> Iterable[Phoneme]:
    """A phoneme lasts until the next one starts; those without any length and name are dropped."""
    starts = [sample / rate for sample, _ in events] + [samples / rate]
    for i, (_, ipa) in enumerate(events):
        if starts[i + 1] > starts[i] or ipa:
            yield Phoneme(starts[i], starts[i + 1], ipa)
