"""Files are written whole or not at all, and are known again."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from pipeline.files import (
    MAX_READ_BYTES,
    FileMemory,
    digest_file,
    identity,
    read_text,
    read_whole,
    write_atomically,
)


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


def test_the_identity_of_what_was_written_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    assert write_atomically(path, b"one") == identity(path.stat())
    assert read_whole(path) == (b"one", identity(path.stat()))


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


def test_a_file_that_takes_the_place_of_another_keeps_its_mode(tmp_path: Path) -> None:
    path, new = tmp_path / "a.html", tmp_path / "b.html"
    mask = os.umask(0o022)
    try:
        for mode in (0o600, 0o640, 0o664, 0o444):
            path.unlink(missing_ok=True)
            path.write_bytes(b"one")
            path.chmod(mode)
            write_atomically(path, b"two")
            assert (path.read_bytes(), path.stat().st_mode & 0o7777) == (b"two", mode)
        write_atomically(new, b"one")
        assert new.stat().st_mode & 0o777 == 0o644
        path.chmod(0o4755)
        write_atomically(path, b"three")
        assert path.stat().st_mode & 0o7777 == 0o755
    finally:
        os.umask(mask)


def test_a_file_is_never_more_open_than_it_is_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a file keeps reading it, whatever its mode becomes."""
    modes: list[int] = []
    plain_open = os.open

    def created(path: str, flags: int, mode: int = 0o777) -> int:
        modes.append(mode)
        return plain_open(path, flags, mode)

    (tmp_path / "a.json").write_bytes(b"none")
    (tmp_path / "a.json").chmod(0o640)
    monkeypatch.setattr(os, "open", created)
    write_atomically(tmp_path / "a.json", b"one")
    write_atomically(tmp_path / "b.json", b"one", 0o600)
    write_atomically(tmp_path / "c.json", b"one")
    assert modes == [0o600, 0o600, 0o666]
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("a.json", "b.json")] == [0o640, 0o600]


def irregular(path: Path, what: str) -> None:
    """Put something there that is no file."""
    if what == "pipe":
        os.mkfifo(path)
    elif what == "socket":
        server = socket.socket(socket.AF_UNIX)
        server.bind(os.path.relpath(path))  # an absolute path may be too long for one
        server.close()
    elif what == "device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()


@pytest.mark.parametrize("what", ["pipe", "socket", "device", "folder"])
def test_what_is_no_file_is_not_waited_for(
    tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.json"
    irregular(path, what)
    for read in (read_whole, digest_file, read_text, FileMemory(tmp_path / "m.json").digest):
        with pytest.raises(
            OSError, match="Is a directory" if what == "folder" else "It is a pipe, a socket or"
        ):
            read(path)
    FileMemory(path)
    if what != "folder":
        write_atomically(path, b"one")
        assert path.read_bytes() == b"one"
        assert not path.is_symlink()


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.touch()
    os.truncate(path, MAX_READ_BYTES)
    assert len(read_whole(path)[0]) == MAX_READ_BYTES
    os.truncate(path, 10 << 30)
    with pytest.raises(OSError, match="It has more than 128 MB"):
        read_whole(path)
    grown = tmp_path / "b.json"
    grown.write_bytes(b"1234")
    assert read_whole(grown, 4)[0] == b"1234"
    with pytest.raises(OSError, match="more than"):
        read_whole(grown, 3)
