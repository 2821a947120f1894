"""An emotion is read as it was meant, or refused in one line; no real description in English is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.annotate.vocabulary import emotion_phrases
from components.annotate.wordings import wordings
from components.common.artifacts import EMOTIONS
from components.common.errors import UserError
from components.talker.emotion_text import readable

DESCRIPTIONS = Path(__file__).with_name("descriptions.txt")


def test_the_text_is_one_line_and_empty_means_neutral() -> None:
    assert readable("  a little\n sad ") == "a little sad"
    assert readable(" \t") == "neutral"
    with pytest.raises(UserError, match="at most 1000"):
        readable("sad " * 1000)


def test_no_description_in_english_is_refused_or_changed() -> None:
    texts = [text for e in EMOTIONS for level in (1, 2, 3) for text in emotion_phrases(e, level)]
    texts += [text for e in EMOTIONS for everyday in wordings(e).values() for text in everyday]
    described = DESCRIPTIONS.read_text("utf-8").splitlines()
    assert len(described) >= 200
    assert [text for text in texts + described if readable(text) != text] == []


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("非常生气", "very angry"),
        ("有点悲伤", "slightly sad"),
        ("बहुत गुस्सा", "very angry"),
        ("muy enojado", "very angry"),
        ("un peu triste", "slightly sad"),
        ("très en colère", "very angry"),
        ("Dégoûtée", "disgusted"),
        ("غاضب جدا", "angry very"),
        ("খুব খুশি", "very happy"),
        ("com medo", "afraid"),
        ("очень злой", "very angry"),
        ("بہت اداس", "very sad"),
        ("sangat marah", "very angry"),
        ("sehr wütend", "very angry"),
        ("とても悲しい", "very sad"),
        ("😀", "happy"),
        ("😡", "angry"),
        ("😮\ufe0f", "surprised"),
        ("🤢!", "disgusted !"),
        ("I am 😢 today", "I am sad today"),
    ],
)
def test_other_languages_and_emoji_are_read(text: str, english: str) -> None:
    assert readable(text) == english


LANGUAGES = {
    "Chinese": "中性 高兴 悲伤 生气 害怕 惊讶 厌恶 轻蔑",
    "Hindi": "तटस्थ खुश दुखी गुस्सा डर हैरान घृणा तिरस्कार",
    "Spanish": "neutral feliz triste enojado miedo sorprendido asco desprecio",
    "French": "neutre heureux triste colère peur surpris dégoût mépris",
    "Arabic": "محايد سعيد حزين غاضب خائف متفاجئ مشمئز احتقار",
    "Bengali": "নিরপেক্ষ সুখী দুঃখিত রাগান্বিত ভীত বিস্মিত ঘৃণা অবজ্ঞা",
    "Portuguese": "neutro feliz triste zangado medo surpreso nojo desprezo",
    "Russian": "нейтральный счастливый грустный злой страх удивление отвращение презрение",
    "Urdu": "پرسکون خوش اداس غصہ خوفزدہ حیران نفرت حقارت",
    "Indonesian": "netral senang sedih marah takut terkejut jijik hina",
    "German": "neutral fröhlich traurig wütend ängstlich überrascht angewidert verächtlich",
    "Japanese": "無表情 嬉しい 悲しい 怒り 怖い 驚き 嫌悪 軽蔑",
    "emoji": "😐 😀 😢 😡 😨 😮 🤢 😒",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_eight_emotions_are_known_in_each_language(language: str) -> None:
    expected = ["neutral", "happy", "sad", "angry", "afraid", "surprised", "disgusted", "contemptuous"]
    assert [readable(word) for word in LANGUAGES[language].split()] == expected
    assert [readable(word.title()) for word in LANGUAGES[language].split()][1:] == expected[1:]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("hapy", "happy"),
        ("angrry", "angry"),
        ("Suprised", "surprised"),
        ("very discusted", "very disgusted"),
        ("no hapy face", "no happy face"),
        ("a sneaky grin", "a sneaky grin"),
        ("unafraid", "unafraid"),
    ],
)
def test_misspelled_emotions_are_mended(text: str, meant: str) -> None:
    assert readable(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        *("asdf qwer", "qwerty uiop", "hjkl", "sdkjfh happy sdkfjh", "aaaaaaa", "a b c"),
        *("?", "123", "👍", "🎉🎂", "ψυχρός", "행복", "я потерял собаку", "他昨天去了北京"),
        *("不生气", "गुस्सा नहीं", "no estoy feliz", "не злой", "pas triste", "estoy como si hubiera perdido a mi perro"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UserError, match="describe it in English") as told:
        readable(text)
    assert "\n" not in str(told.value)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_reading_twice_changes_nothing(text: str) -> None:
    try:
        english = readable(text)
    except UserError:
        return
    assert english.strip()
    assert readable(english) == english
