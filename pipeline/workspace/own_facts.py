"""What a talk's own file says of it: in its front matter, and by the day in its name."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from pipeline.files import FileMemory, read_head
from pipeline.workspace import dates, front_matter, front_matter_block
from pipeline.workspace.front_matter import FrontMatter

_TOPIC = (
    "front matter 1"  # another number when it is read in another way: what is remembered is of no use then
)
_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class OwnFacts:
    """Facts by their keys in a sidecar, and where each is from.

    `hosts` and `guests` are names of people who may be absent. Of `tags` no use is made yet but to show them.
    `notes` say what was left out of the front matter.
    """

    facts: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def of(name: str, transcript: Path | None, memory: FileMemory, parts: Iterable[Path] = ()) -> OwnFacts:
    """What the file of the talk `name` says; only its head is read, and not again until it changes.

    `parts` are the files with the speech of a talk that is a folder: one day in their names is the talk's.
    The name is a person's, or the stamp of the program that recorded: it is believed before what a
    recording's tags say, which are mostly of when it was exported. Front matter is believed before the name.
    """
    front = _front_matter(transcript, memory) if transcript else FrontMatter()
    day, named = _day_in_names(name, parts) if not front.date else (None, "")
    stated = {key: getattr(front, key) for key in ("title", "date", "recording", "language")}
    facts = {key: value for key, value in {**stated, "date": front.date or day}.items() if value}
    origins = dict.fromkeys(facts, transcript.name if transcript else "")
    if day:
        origins["date"] = f"the name {named}"
    return OwnFacts(facts, origins, front.hosts, front.guests, front.tags, front.notes)


def _day_in_names(name: str, parts: Iterable[Path]) -> tuple[str | None, str]:
    """The day in the talk's name, else in those of its files, else in a folder's, and which name that is."""
    if day := dates.iso(PurePath(name).name):
        return day, name
    named: dict[str, str] = {}
    for path in parts:
        if day := dates.iso(path.name):
            named.setdefault(day, path.name)
    return next(iter(named.items())) if len(named) == 1 else (dates.in_name(name), name)


def _front_matter(path: Path, memory: FileMemory) -> FrontMatter:
    """That of a file; none if it cannot be read, which is told when it is transcribed."""
    try:
        if isinstance(known := memory.recall(path, _TOPIC), dict):
            return FrontMatter.model_validate(known)
        head, source = read_head(path, front_matter_block.MAX_BLOCK_CHARACTERS)
    except (OSError, ValueError):
        return FrontMatter()
    front = front_matter.read(_decoded(head))
    if source:
        memory.remember(path, front.model_dump(mode="json", exclude_defaults=True), source, _TOPIC)
    return front


def _decoded(head: bytes) -> str:
    """The text of a file's first bytes, of which the last may be half a character."""
    marked = (encoding for mark, encoding in _ENCODINGS if head.startswith(mark))
    for encoding in (next(marked, "utf-8"), "cp1252"):
        try:
            return codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
    return head.decode("latin-1")
