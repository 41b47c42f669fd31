from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.files import FileMemory, canonical
from pipeline.records import Turns
from pipeline.running import artifacts
from pipeline.running.artifacts import line_of
from pipeline.stages import SEGMENT
from pipeline.workspace.talks import Talk
from tests.support.helpers import load, panel, run

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_readable_json_is_the_same_json(value: Any) -> None:
    assert canonical(json.loads(artifacts._readable_json(value))) == canonical(value)


@given(VALUES, st.integers(0, 2))
def test_a_field_is_found_on_its_line(value: Any, indent: int) -> None:
    text = json.dumps({"skip": [1, {"a": "}"}], "data": value, "marker": "HERE"}, indent=indent)
    assert line_of(text, ("marker",)) == text[: text.index('"HERE"')].count("\n") + 1
    assert 1 <= line_of(text, ("data", 0, "a", 3)) <= text.count("\n") + 1


def test_a_deep_field_and_one_that_is_not_there() -> None:
    text = '{\n "data": {\n  "words": [\n   {"a": 1},\n   {"a": 2,\n    "b": 3}\n  ]\n }\n}'
    assert line_of(text, ("data", "words", 1, "b")) == 6
    assert line_of(text, ("data", "words", 1, "zzz")) == 5


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    """A talk whose stages are finished."""
    place = panel(tmp_path, lines=14)
    run(place)
    return load(place)


def edit(path: Path) -> None:
    """A person's edit, as editors save it: another file takes the place of the one that was there."""
    other = path.with_name("other")
    other.write_text(path.read_text("utf-8").replace('"S1"', '"S9"'), "utf-8")
    other.replace(path)


def afterwards(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, then: Callable[[], None]) -> None:
    """Have something happen once, right after a function was called."""
    plain, left = getattr(owner, name), [then]

    def called(*given: Any, **named: Any) -> Any:
        result = plain(*given, **named)
        if left:
            left.pop()()
        return result

    monkeypatch.setattr(owner, name, called)


def test_an_artifact_is_validated_once_and_then_believed(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = artifacts.inspect(talk, SEGMENT)
    talk.memory.save()
    later = replace(talk, memory=FileMemory(talk.state.memory))

    def never(*given: Any) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(artifacts, "read_whole", never)
    assert artifacts.inspect(later, SEGMENT) == first
    edit(artifacts.path_of(talk, SEGMENT))
    with pytest.raises(AssertionError, match="read again"):
        artifacts.inspect(later, SEGMENT)


@pytest.mark.parametrize("moment", ["read", "parsed", "validated"])
def test_an_edit_in_the_middle_of_a_look_is_seen_by_the_next(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    path = artifacts.path_of(talk, SEGMENT)
    looked = replace(talk, memory=FileMemory(Path(os.devnull)))
    owner, name = {
        "read": (artifacts, "read_whole"),
        "parsed": (json, "loads"),
        "validated": (artifacts, "digest_value"),
    }[moment]
    afterwards(monkeypatch, owner, name, lambda: edit(path))
    first = artifacts.inspect(looked, SEGMENT)
    assert first
    assert not first.edited
    found = artifacts.inspect(looked, SEGMENT)
    assert found
    assert found.edited


def test_an_edit_right_after_an_artifact_was_written_is_an_edit(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, turns = artifacts.path_of(talk, SEGMENT), artifacts.load(talk, SEGMENT)
    assert isinstance(turns, Turns)
    afterwards(monkeypatch, os, "replace", lambda: edit(path))
    artifacts.save(talk, SEGMENT, {}, {}, turns)
    found = artifacts.inspect(talk, SEGMENT)
    assert found
    assert found.edited
