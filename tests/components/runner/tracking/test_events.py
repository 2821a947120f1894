"""Events as lines: the same line back, and lines of earlier versions for ever."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.common.errors import UserError
from components.runner.tracking.events import (
    KINDS,
    Begin,
    Continue,
    End,
    Event,
    LogArtifact,
    LogImage,
    LogInputs,
    LogMetrics,
    LogModel,
    LogParams,
    SetTags,
    from_json,
    now,
    to_json,
)
from tests.components.runner.tracking import old_lines
from tests.components.runner.tracking.old_lines import TIME

OLD: list[tuple[str, Event]] = [
    (old_lines.BEGIN, Begin({"mlflow.runName": "annotate"}, time=TIME)),
    (old_lines.CONTINUE, Continue("abc", time=TIME)),
    (old_lines.PARAMS, LogParams({"annotate.keep": "5"}, time=TIME)),
    (old_lines.METRICS, LogMetrics({"loss": 2.0}, 3, time=TIME)),
    (old_lines.TAGS, SetTags({"decision": "kept"}, time=TIME)),
    (old_lines.ARTIFACT, LogArtifact(Path("files/00000/note.txt"), "notes", time=TIME)),
    (old_lines.IMAGE, LogImage(Path("files/00001/a.png"), "sample", time=TIME)),
    (old_lines.INPUTS, LogInputs({"data/prepared": "00112233.dir"}, "training", time=TIME)),
    (
        old_lines.MODEL,
        LogModel(
            "talker",
            {"style_e": Path("files/00002/style_e")},
            Path("files/00003/served.py"),
            (("portrait", "string", True),),
            {"portrait": "p.png"},
            Path("files/00004/components"),
            Path("files/00005/constraints.txt"),
            time=TIME,
        ),
    ),
    (old_lines.END, End("FINISHED", time=TIME)),
]

texts = st.text(max_size=20)
names = st.text("abcdefgh_", min_size=1, max_size=8)
paths = st.lists(names, min_size=1, max_size=3).map(lambda parts: Path(*parts))
events = st.one_of(
    st.builds(Begin, st.dictionaries(texts, texts)),
    st.builds(Continue, texts),
    st.builds(LogParams, st.dictionaries(texts, texts)),
    st.builds(LogMetrics, st.dictionaries(texts, st.floats(allow_nan=False)), st.integers(0)),
    st.builds(SetTags, st.dictionaries(texts, texts)),
    st.builds(LogArtifact, paths, texts),
    st.builds(LogImage, paths, texts),
    st.builds(LogInputs, st.dictionaries(texts, texts), st.sampled_from(["training", "evaluation"])),
    st.builds(
        LogModel,
        texts,
        st.dictionaries(names, paths),
        paths,
        st.lists(st.tuples(texts, texts, st.booleans())).map(tuple),
        st.dictionaries(texts, st.integers() | texts),
        st.none() | paths,
        st.none() | paths,
    ),
    st.builds(End, st.sampled_from(["FINISHED", "FAILED", "KILLED"])),
)


@pytest.mark.parametrize(("line", "event"), OLD, ids=[event.kind for _, event in OLD])
def test_lines_of_the_first_version_are_read_and_still_written(line: str, event: Event) -> None:
    assert from_json(line) == event
    assert to_json(event) == line


def test_every_kind_has_an_old_line() -> None:
    assert {event.kind: type(event) for _, event in OLD} == KINDS


@given(events)
def test_a_line_comes_back_as_the_event_it_was(event: Event) -> None:
    line = to_json(event)
    assert "\n" not in line
    assert from_json(line) == event


@given(events, st.integers(1))
def test_a_line_cut_short_is_no_json(event: Event, lost: int) -> None:
    line = to_json(event)
    with pytest.raises(json.JSONDecodeError):
        from_json(line[: -min(lost, len(line))])


@given(events)
def test_files_can_be_put_elsewhere(event: Event) -> None:
    moved = event.with_files({name: Path("/elsewhere", path) for name, path in event.files().items()})
    assert moved.files() == {name: Path("/elsewhere", path) for name, path in event.files().items()}
    assert moved.with_files(event.files()) == event
    assert moved.time == event.time


@pytest.mark.parametrize(
    "record",
    [
        {"kind": "video", "time": 1},
        {"time": 1},
        {"kind": "metrics", "time": 1, "values": {}},
        {"kind": "artifact", "time": 1, "folder": ""},
        {"kind": "end", "time": 1, "status": "FINISHED", "reason": "?"},
        {"kind": "model", "time": 1, "columns": [["too", "short"]]},
        [1, 2],
        5,
    ],
)
def test_an_event_of_another_version_is_one_line(record: Any) -> None:
    with pytest.raises(UserError, match="no event that this version knows"):
        from_json(json.dumps(record))


def test_an_event_happens_now_in_milliseconds() -> None:
    assert End("FINISHED").time > TIME
    assert len(str(now())) == len(str(TIME))
