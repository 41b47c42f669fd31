"""What is remembered of files holds only as long as the files do."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from pipeline.files import FileMemory, digest_file


def test_memory_holds_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"one")
    memory = FileMemory(tmp_path / "memory.json")
    first = memory.digest(path)
    memory.save()
    again = FileMemory(tmp_path / "memory.json")
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
    assert FileMemory(tmp_path / "memory.json").digest(path) == digest_file(path)


def test_a_memory_that_says_something_else_is_not_believed(tmp_path: Path) -> None:
    path, kept = tmp_path / "file", tmp_path / "memory.json"
    path.write_bytes(b"one")
    memory = FileMemory(kept)
    true = memory.digest(path)
    memory.save()
    content = json.loads(kept.read_bytes())
    content["facts"][str(path)]["fact"] = "sha256:0"
    kept.write_text(json.dumps(content))
    assert FileMemory(kept).digest(path) == true


@pytest.mark.parametrize("how", ["replaced", "appended to"])
def test_a_file_that_changes_while_it_is_hashed_is_not_taken_for_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    path, other, plain = tmp_path / "file", tmp_path / "other", hashlib.file_digest
    path.write_bytes(b"one")
    other.write_bytes(b"two")

    def hashed(file: Any, name: str) -> Any:
        found = plain(file, name)
        if how == "replaced":
            os.replace(other, path)
        else:
            path.write_bytes(b"one, and more")
        return found

    memory = FileMemory(tmp_path / "memory.json")
    with monkeypatch.context() as patch:
        patch.setattr(hashlib, "file_digest", hashed)
        memory.digest(path)
    assert memory.digest(path) == digest_file(path)
