"""What is remembered of files holds only as long as the files do."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pipeline import files
from pipeline.files import FileIdentity, FileMemory, digest_bytes, digest_file, identity, write_atomically


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


def coarse(status: os.stat_result, digest: str | None = None) -> FileIdentity:
    mtime, ctime = (ns // 10**9 * 10**9 for ns in (status.st_mtime_ns, status.st_ctime_ns))
    rounded = SimpleNamespace(
        st_size=status.st_size, st_mtime_ns=mtime, st_ctime_ns=ctime, st_ino=status.st_ino
    )
    return identity(cast(os.stat_result, rounded), digest)


@pytest.mark.parametrize("how", ["read", "written"])
def test_two_changes_within_one_tick_of_the_clock_are_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """As on a file system whose clock ticks once a second."""
    monkeypatch.setattr(files, "identity", coarse)
    path, memory = tmp_path / "file", FileMemory(tmp_path / "memory.json")
    for _ in range(100):
        if how == "read":
            path.write_bytes(b"one")
            memory.digest(path)
        elif source := write_atomically(path, b"one"):
            memory.remember(path, digest_bytes(b"one"), source)
        before = coarse(path.stat())
        path.write_bytes(b"two")  # in place: the same inode
        if coarse(path.stat()) == before:
            break
    else:
        pytest.fail("the clock ticked each time")
    assert memory.digest(path) == digest_file(path)
    path.write_bytes(b"six")
    memory.save()
    assert FileMemory(tmp_path / "memory.json").digest(path) == digest_file(path)


def test_what_was_learnt_of_a_recent_file_is_believed_of_the_same_bytes(tmp_path: Path) -> None:
    path, memory = tmp_path / "file", FileMemory(tmp_path / "memory.json")
    source = write_atomically(path, b"one")
    assert source
    memory.remember(path, {"words": 1}, source)
    assert memory.recall(path) == {"words": 1}
    status = path.stat()
    path.write_bytes(b"two")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert memory.recall(path) is None
    memory.remember(path, {"words": 2}, identity(path.stat()))  # without a digest nobody could tell
    assert memory.recall(path) is None


def test_an_old_file_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, memory = tmp_path / "file", FileMemory(tmp_path / "memory.json")
    path.write_bytes(b"one")
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 3_000_000_000)
    first = memory.digest(path)
    monkeypatch.setattr(hashlib, "file_digest", None)
    assert memory.digest(path) == first
    os.utime(path, ns=(now + 10**18, now + 10**18))  # a camera's wrong clock
    with pytest.raises(TypeError):
        memory.digest(path)


@pytest.mark.parametrize("hours", [-24, 24])
def test_a_clock_that_was_set_costs_only_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    path, memory = tmp_path / "file", FileMemory(tmp_path / "memory.json")
    path.write_bytes(b"one")
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + hours * 3600 * 10**9)
    assert memory.digest(path) == memory.digest(path) == digest_file(path)
    monkeypatch.undo()
    assert memory.digest(path) == digest_file(path)
    (tmp_path / "other").write_bytes(b"two")
    os.replace(tmp_path / "other", path)
    assert memory.digest(path) == digest_file(path)
