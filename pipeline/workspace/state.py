"""What is cached and noted about a talk or a cohort in .takeaways/: all its paths, and how to forget it.

Losing it costs time, or what a server is paid a second time; and notes of who owns an output folder and of
writes under way, without which a person would be asked more often. What was heard, quoted and answered is as
private as the recording, so only its owner may read any of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import PlaceError
from pipeline.files import FileMemory, leftovers, read_bytes, read_whole, with_ending
from pipeline.workspace.tree import Tree

MAX_CACHED_BYTES = 1 << 30  # of one file: what was heard in a day of talk has some hundred megabytes
_FOLDER = ".takeaways"
_LOCK, _MEMORY, _SOURCE, _INTENT, _COMPARED = ".lock", ".json", ".source", ".writing", ".compare"
_EXCERPT = ".excerpt"
# What earlier versions kept, one file a talk.
_FORMER = (".voices.npz", ".vectors.npz", f"{_EXCERPT}{_MEMORY}")
_ENDINGS = (_LOCK, _MEMORY, _SOURCE, _INTENT, _COMPARED, *_FORMER)
_NAMED_AS_A_FILE = re.compile(rf"(?:{'|'.join(map(re.escape, _ENDINGS))})~*\Z")


def folder(root: Path) -> Path:
    """The folder of a workspace that holds all this; it need not be there."""
    return root / _FOLDER


def runs(root: Path) -> Path:
    """The folder of the signs of life of runs whose stages are done elsewhere. Raises OSError, PlaceError."""
    _make_folder(root)
    return folder(root) / "runs"


def _make_folder(root: Path) -> None:
    """Make that folder, kept out of version control, and private if an earlier version made it."""
    private_tree(root).make_folder(folder(root))
    ignore = folder(root) / ".gitignore"
    if not ignore.exists():
        with suppress(FileNotFoundError):  # another run tidied it away, and so has written its own
            private_tree(root).write(ignore, b"*\n")
    with suppress(OSError):  # it may be another user's
        folder(root).chmod(0o700)


def private_tree(root: Path) -> Tree:
    """How all this is written and removed."""
    return Tree(root, private=True)


@dataclass(frozen=True)
class ByteCache:
    """Bytes that were costly to make, under the digest of what they were made from: a private file each.

    Methods that write raise PlaceError for a link.
    """

    root: Path
    folder: Path
    ending: str

    def path(self, key: str) -> Path:
        """Where the bytes of that digest are, or would be."""
        return self.folder / f"{key.removeprefix('sha256:')}{self.ending}"

    def recall(self, key: str) -> bytes | None:
        """The bytes of that digest, None if there are none that can be read."""
        try:
            return read_whole(self.path(key), MAX_CACHED_BYTES)[0]
        except OSError:
            return None

    def keep(self, key: str, data: bytes) -> None:
        """Keep bytes beside those that are kept already.

        Raises OSError: a reply that was paid for must not be lost in silence.
        """
        _make_folder(self.root)
        private_tree(self.root).write(self.path(key), data)

    def drop(self, key: str) -> None:
        """Remove the bytes of that digest, if there are any. Raises OSError."""
        private_tree(self.root).remove(self.path(key))

    def keep_only(self, key: str, data: bytes) -> None:
        """Keep bytes that cost only time, instead of all others; if they cannot be kept, so be it."""
        with suppress(OSError, PlaceError):
            self.keep(key, data)
            for path in self.files():
                if path != self.path(key):
                    private_tree(self.root).remove(path)

    def forget(self) -> int:
        """Remove them all, and say how many there were. Raises OSError."""
        files = self.files()
        for path in files:
            private_tree(self.root).remove(path)
        private_tree(self.root).remove_leftovers(self.folder)
        private_tree(self.root).remove_if_empty(self.folder)  # in it may be folders of other talks
        return len(files)

    def files(self) -> list[Path]:
        """All that is kept."""
        named = re.compile(rf"[0-9a-f]{{64}}{re.escape(self.ending)}")
        found = (path for path in self.folder.glob(f"*{self.ending}") if named.fullmatch(path.name))
        return [path for path in found if path.is_symlink() or not path.is_dir()]


@dataclass
class Forgotten:
    """What was removed: how many replies, and leftovers of killed runs; and whether there was anything else.

    `files` is what was known of files that had not changed.
    """

    replies: int = 0
    voices: bool = False
    excerpt: bool = False
    vectors: bool = False
    parses: bool = False
    files: bool = False
    leftovers: int = 0


@dataclass(frozen=True)
class State:
    """Everything that is remembered of the talk or cohort `name` in the workspace at `root`."""

    root: Path
    name: str

    @property
    def tree(self) -> Tree:
        """How all of it is written and removed."""
        return private_tree(self.root)

    def _file(self, ending: str) -> Path:
        return with_ending(self._beside, ending)

    @property
    def _beside(self) -> Path:
        """Where its files are, without their endings.

        A talk's folder may be called as another talk's file is (x.json/y and x), and gets a name apart.
        """
        *folders, name = Path(self.name).parts
        place = self.root / _FOLDER / "talks"
        for part in folders:
            place /= part
            if _NAMED_AS_A_FILE.search(part):
                place = with_ending(place, "~")
        return place / name

    def _cache(self, what: str, ending: str) -> ByteCache:
        """In a tree of their own, where no two talks have one folder, whatever they are called."""
        folder = with_ending(self.root / _FOLDER / "cache" / self.name, what)
        return ByteCache(self.root, folder, ending)

    @property
    def lock(self) -> Path:
        """Held by the run that works on it."""
        return self._file(_LOCK)

    @property
    def memory(self) -> Path:
        """What is known of files that have not changed since: see `pipeline.files.FileMemory`."""
        return self._file(_MEMORY)

    def file_memory(self) -> FileMemory:
        """What is known of files, as it is now."""
        return FileMemory(self.memory, self.tree.write)

    @property
    def source(self) -> Path:
        """Which source the output folder belongs to."""
        return self._file(_SOURCE)

    @property
    def intent(self) -> Path:
        """Digests of files that are about to be written."""
        return self._file(_INTENT)

    @property
    def compared(self) -> Path:
        """Digests of the machine's own compare.html."""
        return self._file(_COMPARED)

    @property
    def voices(self) -> ByteCache:
        """What was heard of voices."""
        return self._cache(".voices", ".npz")

    @property
    def vectors(self) -> ByteCache:
        """Sentence vectors of a cohort, by their encoder."""
        return self._cache(".vectors", ".npz")

    @property
    def parses(self) -> ByteCache:
        """Parsed sentences, by their parser."""
        return self._cache(".parses", ".npz")

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
        return (self.voices, self.vectors, self.parses, self.excerpt, self.replies)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where any of it is written."""
        return (self._beside.parent, *(cache.folder for cache in self._caches))

    @property
    def exists(self) -> bool:
        """Whether anything is remembered of it."""
        files = [self.lock, self.memory, self.source, *self._former()]
        caches = (path for cache in self._caches for path in (*cache.files(), *leftovers(cache.folder)))
        return any(path.is_file() for path in files) or any(caches)

    def tidy(self) -> None:
        """Remove what killed runs and earlier versions left. Call it under the lock. Raises OSError."""
        _make_folder(self.root)
        self.tree.remove_leftovers(folder(self.root), [".gitignore"])
        self._remove_leftovers()
        self._remove_former()

    def forget(self) -> Forgotten:
        """Remove all that quotes, hears or answers. Call it under the lock. Raises OSError, PlaceError.

        What stays is who owns the output folder, and digests, by which a person's edits are known.
        """
        remains = self._remove_leftovers()
        voices, vectors, parses, excerpts, replies = (cache.forget() for cache in self._caches)
        voices += self._remove_former()
        knew_files = self.memory.is_file()
        self.tree.remove(self.memory)
        return Forgotten(
            replies=replies,
            voices=voices > 0,
            excerpt=excerpts > 0,
            vectors=vectors > 0,
            parses=parses > 0,
            files=knew_files,
            leftovers=remains,
        )

    def _remove_leftovers(self) -> int:
        files = [self.memory, self.source, self.intent, self.compared, *map(self._file, _FORMER)]
        if State(self.root, f"{self.name}{_EXCERPT}").lock.is_file():  # then it is that talk's memory
            files.remove(self._file(f"{_EXCERPT}{_MEMORY}"))
        count = self.tree.remove_leftovers(self.memory.parent, [path.name for path in files])
        return count + sum(self.tree.remove_leftovers(cache.folder) for cache in self._caches)

    def _remove_former(self) -> bool:
        """Remove what earlier versions kept, and say whether voices were among it. Raises OSError."""
        former = list(self._former())
        for path in former:
            self.tree.remove(path)
        return self._file(_FORMER[0]) in former

    def _former(self) -> Iterator[Path]:
        """What earlier versions kept. What looks like a talk's excerpt may be the memory of x.excerpt."""
        for path in filter(Path.is_file, map(self._file, _FORMER)):
            if path == self._file(f"{_EXCERPT}{_MEMORY}"):
                with suppress(OSError, ValueError, RecursionError, LookupError, TypeError):
                    if json.loads(read_bytes(path))["talk"] == self.name:
                        yield path
            else:
                yield path


def names(root: Path) -> list[str]:
    """The names of talks and cohorts that were worked on; one that is too long for a file is cut."""
    talks = folder(root) / "talks"
    return sorted(
        "/".join(part.rstrip("~") for part in path.relative_to(talks).parts).removesuffix(_LOCK)
        for path in talks.rglob(f"*{_LOCK}")
        if path.is_file()
    )
