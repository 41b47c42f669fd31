"""Receipts: what a stage's result is made from, entry by entry, and how two of them differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from pipeline.files import FileMemory

_TOO_LONG_CHARACTERS = 40  # a value this long is not shown


class Kind(Enum):
    """How much of the result depends on an entry.

    BOUND: all of it may. NOTED: something that a person put right (a name, a word, a turn), which changes
    what it touches and need not change what was chosen.
    """

    BOUND = "bound"
    NOTED = "noted"

    @classmethod
    def of(cls, name: str) -> Kind:
        """The kind of an entry of that name, even of one that is gone."""
        return cls.NOTED if name in _NOTED_NAMES else cls.BOUND


_NOTED_NAMES = frozenset(
    {f"review.{table}" for table in ("fix", "speaker", "merge", "split", "turn", "people")}
    | {"facts.speakers", "cohort speakers", "front matter people"}
)


@dataclass(frozen=True)
class Entry:
    """One thing that a result is made from.

    `value` is a JSON value, a digest for anything long; if it is the digest of a file, `file` is its path.
    """

    name: str
    value: Any
    file: Path | None = None

    @property
    def kind(self) -> Kind:
        """How much of the result depends on it."""
        return Kind.of(self.name)


def file_entry(path: Path, memory: FileMemory, name: str | None = None) -> Entry:
    """The digest of a file, under its own name or another. Raises OSError, mostly FileNotFoundError."""
    return Entry(f"file {name or path.name}", memory.digest(path), file=path)


def stated(prefix: str, values: Mapping[str, Any]) -> Iterator[Entry]:
    """What people stated, one entry for each key: "facts.title", "extract.themes"."""
    return (Entry(f"{prefix}.{key}", value) for key, value in values.items())


def made_from(entries: Iterable[Entry]) -> dict[str, Any]:
    """Entries as an artifact stores them: values by name."""
    return {entry.name: entry.value for entry in entries}


@dataclass(frozen=True)
class Difference:
    """An entry in which two receipts differ, and the words in which a person is told."""

    name: str
    text: str

    @property
    def kind(self) -> Kind:
        """How much of the result depends on it."""
        return Kind.of(self.name)

    def __str__(self) -> str:
        return self.text


def differences(current: Iterable[Entry], stored: Mapping[str, Any]) -> Iterator[Difference]:
    """How the entries that a stage has now differ from those that its artifact was made from."""
    by_name = {entry.name: entry for entry in current}
    for name, entry in by_name.items():
        if name not in stored:
            yield Difference(name, f"{name} is new")
        elif entry.value != stored[name]:
            yield Difference(name, _change(name, stored[name], entry.value))
    for name in stored:
        if name not in by_name:
            yield Difference(name, f"{name} is gone")


def _change(name: str, before: Any, after: Any) -> str:
    shown = [str(value) for value in (before, after)]
    is_short = all(len(text) < _TOO_LONG_CHARACTERS and not text.startswith("sha256:") for text in shown)
    if name == "stage":
        return f"made by another version of takeaways: {', now '.join(shown)}"
    return f"{name}: {' → '.join(shown)}" if is_short else f"{name} changed"
