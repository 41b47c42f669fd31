"""What a transcript says of itself above its first turn: YAML or TOML between rules, or lines `Title: …`.

Only entries of known keys are parsed, each by itself, so that a broken one costs no other and nothing that
harms a parser gets into it: YAML's aliases, depth and length are refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigError
from pipeline.records import Record
from pipeline.workspace import front_matter_values, toml_limits
from pipeline.workspace.front_matter_block import (
    KEYS,
    MARKUP,
    READ,
    TABLES,
    TOML_ENTRY,
    Block,
    header_entry,
    plain_key,
    split,
)

MAX_ENTRY_CHARACTERS = 1 << 13  # of a key that is known
_MAX_DEPTH = 6  # of lists and tables in one another
_INDICATORS = tuple("\"'[]{}&*!|>%@`#")  # with which no plain text begins in YAML


class FrontMatter(Record):
    """What a file says of its talk; empty where it says nothing. `date` is a day, as YYYY-MM-DD.

    `guests` are all but the hosts; `only_speaker` is one who speaks and beside whom nobody is named.
    `notes` say what was left out, and on which line. `lines` are those that it takes at the top of the file.
    """

    title: str = ""
    date: str = ""
    guests: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    only_speaker: str = ""
    recording: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    notes: tuple[str, ...] = ()
    lines: int = 0


@dataclass(frozen=True)
class _Entry:
    """A key and its value, which is read when it is asked for: that may raise ValueError."""

    line: int
    key: str
    value: Callable[[], Any]


def read(text: str) -> FrontMatter:
    """What a file's text says of its talk at its top; what is malformed is left out, with a note."""
    block = split(text)
    if block.form == "none":
        return FrontMatter()
    reader = _Reader([(block.first - 1, block.fault)] if block.fault else [])
    reader.add(_toml_entries(block, reader.faults) if block.form == "toml" else _line_entries(block))
    values = front_matter_values
    hosts = reader.listed("hosts", values.names)
    speakers = reader.listed("speakers", values.names)
    known = {name.casefold() for name in hosts}
    people = {name.casefold(): name for name in (*speakers, *reader.listed("guests", values.names))}
    guests = tuple(name for key, name in people.items() if key not in known)
    return FrontMatter(
        title=reader.first("title", lambda _, value: values.title(value)),
        date=reader.first("date", lambda _, value: values.date(value)),
        guests=guests,
        hosts=hosts,
        only_speaker=guests[0] if len(guests) == 1 and guests == speakers and not hosts else "",
        recording=reader.first("recording", values.link),
        tags=reader.listed("tags", values.tags),
        language=reader.first("language", lambda _, value: values.language(value)),
        notes=tuple(f"line {line}: {what}" for line, what in sorted({*reader.faults})),
        lines=block.lines,
    )


class _Reader:
    """Finds facts among entries, by the names of their keys; `faults` are lines and what is wrong there."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        self.faults = faults
        self._entries: dict[str, list[_Entry]] = {}

    def add(self, entries: Iterator[_Entry]) -> None:
        """Take the entries that are read, and those in tables such as Hugo's `params` after them."""
        inner: list[_Entry] = []
        for entry in entries:
            name = plain_key(entry.key)
            self._entries.setdefault(name, []).append(entry)
            if name in TABLES and isinstance(table := self._value(entry), Mapping):
                inner += (_Entry(entry.line, str(k), partial(_same, v)) for k, v in table.items())
        for entry in inner:
            self._entries.setdefault(plain_key(entry.key), []).append(entry)

    def first(self, fact: str, meaning: Callable[[str, Any], str]) -> str:
        """What the first key says that says anything."""
        found = (self._value(entry, partial(meaning, plain_key(entry.key))) for entry in self._of(fact))
        return next(filter(None, found), "")

    def listed(self, fact: str, meaning: Callable[[Any], list[str]]) -> tuple[str, ...]:
        """What all keys say, each once."""
        found: list[str] = []
        for entry in self._of(fact):
            value, before = self._value(entry), len(self.faults)
            for part in [[item] for item in value] if isinstance(value, list) else [value]:
                found += self._value(replace(entry, value=partial(_same, part)), meaning) or []
            if (more := len(self.faults) - before - 1) > 0:
                self.faults[before:] = [
                    (entry.line, f"{what}, and {more} more") for _, what in self.faults[before:][:1]
                ]
        once: dict[str, str] = {}
        for said in found:
            once.setdefault(said.casefold(), said)
        return tuple(once.values())

    def _of(self, fact: str) -> Iterator[_Entry]:
        return chain.from_iterable(self._entries.get(key, ()) for key in KEYS[fact])

    def _value(self, entry: _Entry, meaning: Callable[[Any], Any] = lambda value: value) -> Any:
        """What an entry means, None and a fault if it is malformed."""
        try:
            return meaning(entry.value())
        except ValueError as error:
            self.faults.append((entry.line, f"left out {entry.key}: {error}"))
            return None


def _same(value: Any) -> Any:
    return value


def _line_entries(block: Block) -> Iterator[_Entry]:
    """Entries of YAML or of a header; each has the lines below it that are no entries."""
    lines = block.text.split("\n")
    starts = [n for n, line in enumerate(lines) if block.key_of(line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=bool(starts)):
        key = block.key_of(lines[start])
        if plain_key(key) in READ:
            chunk = lines[start:end]
            if block.form == "lines":
                first = header_entry(chunk[0])[2]
                items = [line.strip(MARKUP + "-") for line in chunk[1:]]
                value: Callable[[], Any] = partial(_same, first or items)
            else:
                value = partial(_yaml_value, "\n".join(chunk))
            yield _Entry(block.first + start, key, value)


def _yaml_value(text: str) -> Any:
    """The value of one entry, of texts, lists and tables. Raises ValueError.

    Lines such as `title: Harbours: a talk` and `guest: [@ann](https://…)` are no YAML, but clear.
    """
    import yaml

    if len(text) > MAX_ENTRY_CHARACTERS:
        raise ValueError(f"has {len(text):,} characters, of at most {MAX_ENTRY_CHARACTERS:,}")
    text, depth = text.expandtabs(2), 0
    try:
        for event in yaml.parse(text, yaml.BaseLoader):
            if isinstance(event, yaml.AliasEvent):
                raise ValueError("*name stands for what is elsewhere")
            if getattr(event, "tag", None):
                raise ValueError(f"{event.tag} is no plain value")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH:
                raise ValueError(f"lists or tables are nested more than {_MAX_DEPTH} deep")
        (value,) = yaml.load(text, yaml.BaseLoader).values()  # which makes texts, lists and tables alone
    except yaml.YAMLError as error:
        plain = text.partition(":")[2].strip()
        is_link = plain.startswith("[") and "](" in plain
        if "\n" in plain or (plain.startswith(_INDICATORS) and not is_link):
            reason = getattr(error, "problem", None) or "a character is not allowed"
            raise ValueError(f"is not valid YAML ({reason})") from error
        return plain
    return value


def _toml_entries(block: Block, faults: list[tuple[int, str]]) -> Iterator[_Entry]:
    lines = [match["key"] if (match := TOML_ENTRY.match(line)) else "" for line in block.text.split("\n")]
    try:
        toml_limits.check_nesting(block.text, Path())
        table = tomllib.loads(block.text)
    except ConfigError as error:
        faults.append((block.first - 1, f"front matter is left out: {error.what}"))
        return
    except ValueError as error:  # TOMLDecodeError is one, and so are numbers of too many digits
        faults.append((block.first - 1, f"front matter is left out: not valid TOML ({error})"))
        return
    for key, value in table.items():
        line = block.first + lines.index(key) if key in lines else block.first
        yield _Entry(line, key, partial(_same, value))
