from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from components.corpus.clip_ids import clip_ids, printable
from components.corpus.readers.reader import SourceClip

NAMES = st.text("aB9 -_.,~%$'\"\\*?\n\t\x1bäß日\u202e\udcff", min_size=1, max_size=80)
FILES = st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: "/".join(parts) + ".mp4")


def ids(*files: str) -> list[str]:
    return clip_ids([SourceClip(Path(file), file, "someone") for file in files])


def test_plain_names_stay_readable() -> None:
    assert ids("M003/video/front/happy/level_1/005.mp4", "anna/Take-2.mov") == ["m003_happy_level_1_005", "anna_take_2"]


def test_colliding_names_are_told_apart() -> None:
    both = ids("a/b.mp4", "a_b.mp4", "A/B.mp4")
    assert len(set(both)) == 3
    assert all(name.startswith("a_b_") for name in both)
    assert ids("a/b.mp4") == ["a_b"]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(NAMES, min_size=1, max_size=3).map("/".join).map(lambda f: f + ".mp4"),
        min_size=1,
        max_size=6,
        unique=True,
    )
)
def test_any_names_give_safe_unique_ids(files: list[str]) -> None:
    names = ids(*files)
    assert len(set(names)) == len(files)
    assert all(re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name) and len(name) <= 80 for name in names)
    assert ids(*files) == names


def test_hostile_names() -> None:
    for stem in ("-rf", "a b", "ä\n", "../x", "日本", "x\udcff", "con", "%s", "a" * 300, "a" * 60 + "!"):
        [name] = ids(stem + ".mp4")
        assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name), stem


def test_text_for_tables_is_one_line_of_utf8() -> None:
    assert printable("ä b\n\udcff\x1b[31m") == "ä b\\n\\udcff\\x1b[31m"
    printable("x\udcff").encode("utf-8")
