from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.digests import Memory, canonical, digest_file
from pipeline.files import remove_leftovers, write_atomically
from pipeline.running import artifacts
from pipeline.running.artifacts import line_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_readable_json_is_the_same_json(value: Any) -> None:
    assert canonical(json.loads(artifacts._lines(value))) == canonical(value)


@given(VALUES, st.integers(0, 2))
def test_a_field_is_found_on_its_line(value: Any, indent: int) -> None:
    text = json.dumps({"skip": [1, {"a": "}"}], "data": value, "marker": "HERE"}, indent=indent)
    assert line_of(text, ("marker",)) == text[: text.index('"HERE"')].count("\n") + 1
    assert 1 <= line_of(text, ("data", 0, "a", 3)) <= text.count("\n") + 1


def test_a_deep_field_and_one_that_is_not_there() -> None:
    text = '{\n "data": {\n  "words": [\n   {"a": 1},\n   {"a": 2,\n    "b": 3}\n  ]\n }\n}'
    assert line_of(text, ("data", "words", 1, "b")) == 6
    assert line_of(text, ("data", "words", 1, "zzz")) == 5


def test_a_failed_write_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    write_atomically(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_leftovers_of_a_killed_writer_are_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".1-2.takeaways.tmp").write_bytes(b"half")
    (tmp_path / ".keep.tmp").write_bytes(b"mine")
    remove_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".keep.tmp"]


def test_memory_holds_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"one")
    memory = Memory(tmp_path / "memory.json")
    first = memory.digest(path)
    memory.save()
    again = Memory(tmp_path / "memory.json")
    assert again.recall(path) == first == digest_file(path)
    os.utime(path, ns=(1, 1))
    assert again.recall(path) is None
    assert again.digest(path) == first
    path.write_bytes(b"two")
    assert again.digest(path) != first


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"/x": 3}', '{"/x": {"stat": 1}}', "\x00"])
def test_a_broken_memory_costs_only_time(tmp_path: Path, broken: str) -> None:
    (tmp_path / "memory.json").write_text(broken)
    path = tmp_path / "file"
    path.write_bytes(b"one")
    (tmp_path / "memory.json").write_text(broken.replace("/x", str(path)))
    assert Memory(tmp_path / "memory.json").digest(path) == digest_file(path)
