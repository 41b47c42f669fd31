"""What is cached and noted about a talk or a cohort in .takeaways/: all its paths, and how to forget it.

Losing it costs time, or what a server is paid a second time; and notes of who owns an output folder and of
writes under way, without which a person would be asked more often. What was heard, quoted and answered is as
private as the recording.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.files import remove_leftovers, remove_leftovers_of, with_ending, write_atomically

_FOLDER = ".takeaways"
_FORMER = (".voices.npz", ".vectors.npz", ".excerpt.json")  # what earlier versions kept, one file a talk


def folder(root: Path) -> Path:
    """The folder of a workspace that holds all this; it need not be there."""
    return root / _FOLDER


def runs(root: Path) -> Path:
    """The folder of the signs of life of runs whose stages are done elsewhere. Raises OSError."""
    return _private_folder(root) / "runs"


def _private_folder(root: Path) -> Path:
    """That folder, kept out of version control. Raises OSError."""
    ignore = folder(root) / ".gitignore"
    if not ignore.exists():
        write_atomically(ignore, b"*\n")
    return folder(root)


@dataclass(frozen=True)
class ByteCache:
    """Bytes that were costly to make, under the digest of what they were made from: a private file each."""

    root: Path
    folder: Path
    ending: str

    def path(self, key: str) -> Path:
        """Where the bytes of that digest are, or would be."""
        return self.folder / f"{key.removeprefix('sha256:')}{self.ending}"

    def recall(self, key: str) -> bytes | None:
        """The bytes of that digest, None if there are none that can be read."""
        try:
            return self.path(key).read_bytes()
        except OSError:
            return None

    def keep(self, key: str, data: bytes) -> None:
        """Keep bytes beside those that are kept already.

        Raises OSError: a reply that was paid for must not be lost in silence.
        """
        _private_folder(self.root)
        write_atomically(self.path(key), data, private=True)

    def keep_only(self, key: str, data: bytes) -> None:
        """Keep bytes that cost only time, instead of all others; if they cannot be kept, so be it."""
        with suppress(OSError):
            self.keep(key, data)
            for path in self._files():
                if path != self.path(key):
                    path.unlink(missing_ok=True)

    def forget(self) -> int:
        """Remove them all, and say how many there were. Raises OSError."""
        files = self._files()
        for path in files:
            path.unlink(missing_ok=True)
        remove_leftovers(self.folder)
        with suppress(OSError):  # not there, or another talk has files in a folder of that name
            self.folder.rmdir()
        return len(files)

    def _files(self) -> list[Path]:
        named = re.compile(rf"[0-9a-f]{{64}}{re.escape(self.ending)}")
        return [path for path in self.folder.glob(f"*{self.ending}") if named.fullmatch(path.name)]


@dataclass(frozen=True)
class State:
    """Everything that is remembered of the talk or cohort `name` in the workspace at `root`."""

    root: Path
    name: str

    def _file(self, ending: str) -> Path:
        return with_ending(self.root / _FOLDER / "talks" / self.name, ending)

    def _cache(self, what: str, ending: str) -> ByteCache:
        """In a tree of their own, where no two talks have one folder, whatever they are called."""
        folder = with_ending(self.root / _FOLDER / "cache" / self.name, what)
        return ByteCache(self.root, folder, ending)

    @property
    def lock(self) -> Path:
        """Held by the run that works on it."""
        return self._file(".lock")

    @property
    def memory(self) -> Path:
        """What is known of files that have not changed since: see `pipeline.files.FileMemory`."""
        return self._file(".json")

    @property
    def source(self) -> Path:
        """Which source the output folder belongs to."""
        return self._file(".source")

    @property
    def intent(self) -> Path:
        """Digests of files that are about to be written."""
        return self._file(".writing")

    @property
    def compared(self) -> Path:
        """Digests of the machine's own compare.html."""
        return self._file(".compare")

    @property
    def voices(self) -> ByteCache:
        """What was heard of voices."""
        return self._cache(".voices", ".npz")

    @property
    def vectors(self) -> ByteCache:
        """Sentence vectors of a cohort, by their encoder."""
        return self._cache(".vectors", ".npz")

    @property
    def excerpt(self) -> ByteCache:
        """What a talk brings to its cohort."""
        return self._cache(".excerpt", ".json")

    @property
    def replies(self) -> ByteCache:
        """What servers and language models answered, by what they were asked."""
        return self._cache(".replies", ".json")

    @property
    def _caches(self) -> tuple[ByteCache, ...]:
        return (self.voices, self.vectors, self.excerpt, self.replies)

    def tidy(self) -> None:
        """Remove what killed runs and earlier versions left. Call it under the lock. Raises OSError."""
        files = (self.memory, self.source, self.intent, self.compared)
        remove_leftovers_of(self.memory.parent, [path.name for path in files])
        for cache in self._caches:
            remove_leftovers(cache.folder)
        self._remove_former()

    def forget(self) -> tuple[int, bool]:
        """Remove what was asked, heard and quoted: how many replies, and whether voices had been heard.

        Raises OSError.
        """
        voices, _, _, replies = (cache.forget() for cache in self._caches)
        return replies, self._remove_former() or voices > 0

    def _remove_former(self) -> bool:
        """Remove what earlier versions kept, and say whether voices were among it. Raises OSError."""
        former = [path for path in map(self._file, _FORMER) if path.is_file()]
        remove_leftovers_of(self.memory.parent, [self._file(ending).name for ending in _FORMER])
        for path in former:
            path.unlink(missing_ok=True)
        return self._file(_FORMER[0]) in former
