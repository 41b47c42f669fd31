"""Files are written whole or not at all, and are known again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.files import identity, read_whole, remove_leftovers, write_atomically


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


def test_a_private_file_is_so_from_the_moment_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens a file keeps reading it, whatever its mode becomes."""
    modes: list[int] = []
    plain_open = os.open

    def created(path: str, flags: int, mode: int = 0o777) -> int:
        modes.append(mode)
        return plain_open(path, flags, mode)

    monkeypatch.setattr(os, "open", created)
    write_atomically(tmp_path / "a.json", b"one", private=True)
    write_atomically(tmp_path / "b.json", b"one")
    assert modes == [0o600, 0o666]
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o600


def test_leftovers_of_a_killed_writer_are_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".1-2.takeaways.tmp").write_bytes(b"half")
    (tmp_path / ".keep.tmp").write_bytes(b"mine")
    remove_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".keep.tmp"]


def test_the_identity_of_what_was_written_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    assert write_atomically(path, b"one") == identity(path.stat())
    data, of = read_whole(path)
    assert (data, of) == (b"one", identity(path.stat()))


def test_a_file_that_took_the_place_of_what_was_written_is_no_file_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, other, plain = tmp_path / "a.json", tmp_path / "b.json", os.replace
    other.write_bytes(b"two")

    def overtaken(source: Path, target: Path) -> None:
        plain(source, target)
        plain(other, target)

    monkeypatch.setattr(os, "replace", overtaken)
    assert write_atomically(path, b"one") is None
    assert path.read_bytes() == b"two"


def test_a_file_that_is_written_to_while_it_is_read_has_no_identity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, plain = tmp_path / "a.json", os.fstat
    path.write_bytes(b"one")

    def written(descriptor: int) -> os.stat_result:
        found = plain(descriptor)
        with path.open("ab") as file:
            file.write(b", and more")
        return found

    monkeypatch.setattr(os, "fstat", written)
    assert read_whole(path)[1] is None
