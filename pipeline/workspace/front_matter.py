"""What a transcript says of itself above its first turn: YAML or TOML between rules, or lines `Title: …`.

Only entries of known keys are parsed, each by itself, so that a broken one costs no other and nothing that
harms a parser gets into it: YAML's aliases, depth and length are refused.
"""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import ConfigError
from pipeline.records import Record
from pipeline.word_lists import WordLists
from pipeline.workspace import front_matter_values, toml_limits

MAX_BLOCK_CHARACTERS = 1 << 16
MAX_ENTRY_CHARACTERS = 1 << 13  # of a key that is known
_MAX_DEPTH = 6  # of lists and tables in one another

_LISTS = WordLists.beside(__file__)
_KEYS = {
    fact: tuple(" ".join(_LISTS[fact]).split())
    for fact in ("title", "date", "guests", "hosts", "recording", "tags", "language")
}
_TABLES = _LISTS.word_set("tables")
_READ = frozenset(chain(*_KEYS.values())) | _TABLES
_PEOPLE = frozenset(_KEYS["guests"] + _KEYS["hosts"])
# Also labels of turns: "Host: Welcome."
_ROLES = frozenset(key for key in _PEOPLE if not key.endswith("s"))
_DOCUMENT = (_READ | _LISTS.word_set("others")) - _ROLES

_ENTRY = re.compile(
    r"(?P<mark>['\"]?)(?P<key>[^\W_](?:[\w .-]{0,40}[^\W_])?)(?P=mark)[ \t]*:(?:[ \t]++(?P<value>.*+))?$"
)
_TOML_ENTRY = re.compile(r"\s*['\"]?(?P<key>[\w-]{1,40})['\"]?\s*=")
_SENTENCE = re.compile(r"[.!?\u2026]['\")\u201d]?\s*$")
_INDICATORS = tuple("\"'[]{}&*!|>%@`#")  # with which no plain text begins in YAML
_MARKUP = "*_ \t"


class FrontMatter(Record):
    """What a file says of its talk; empty where it says nothing. `date` is a day, as YYYY-MM-DD.

    `notes` say what was left out, and on which line. `lines` are those that it takes at the top of the file.
    """

    title: str = ""
    date: str = ""
    guests: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    recording: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    notes: tuple[str, ...] = ()
    lines: int = 0


@dataclass(frozen=True)
class Block:
    """Front matter as it stands in a file: the first lines `lines` of it; the text begins on line `first`."""

    form: Literal["yaml", "toml", "lines", "none"] = "none"
    text: str = ""
    lines: int = 0
    first: int = 1
    fault: str | None = None


def split(text: str) -> Block:
    """The front matter at the top of a file's text, of form "none" if there is none.

    Turns between two rules are no front matter. Where the closing rule is missing, it ends with its last
    known key, as lines `Title: …` without any rule do.
    """
    lines = text[:MAX_BLOCK_CHARACTERS].removeprefix("\ufeff").splitlines()
    start = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    rule = lines[start].rstrip() if start < len(lines) else ""
    if rule in ("---", "+++"):
        body = _up_to(rule, lines[start + 1 :])
        if body is not None and (_is_yaml(body) if rule == "---" else _is_toml(body)):
            form: Literal["yaml", "toml"] = "yaml" if rule == "---" else "toml"
            return Block(form, "\n".join(body), start + len(body) + 2, start + 2)
        start += 1
    header = lines[start : start + _header_length(lines[start:])]
    if not header:
        return Block()
    fault = f"no {rule} closes the front matter" if rule in ("---", "+++") else None
    return Block("lines", "\n".join(header), start + len(header), start + 1, fault)


def _up_to(rule: str, lines: Sequence[str]) -> list[str] | None:
    """The lines above the closing rule, None if there is none."""
    closing = (rule, "...") if rule == "---" else (rule,)
    end = next((number for number, line in enumerate(lines) if line.rstrip() in closing), None)
    return None if end is None else textwrap.dedent("\n".join(lines[:end])).split("\n")[:end]


def _is_yaml(lines: Sequence[str]) -> bool:
    """Whether lines between rules are keys and values, some of them broken perhaps, and not turns."""
    counts, is_below_a_gap, has_strays, looks_spoken = Counter[str](), False, False, False
    for line in lines:
        entry = _ENTRY.match(line)
        if entry:
            key, is_sentence = entry["key"], bool(_SENTENCE.search(entry["value"] or ""))
            is_known = _name(key) in _DOCUMENT
            if not is_known and key != key.lower() and (is_sentence or is_below_a_gap):
                return False
            counts[_name(key)] += 1
            looks_spoken |= is_sentence or key != key.lower()
        elif line.strip() and not line.startswith(("#", "%")):
            if not counts or (is_below_a_gap and line[0] not in " \t-"):
                return False
            has_strays |= line[0] not in " \t-]}"
        is_below_a_gap = not line.strip()
    repeated = {key for key, count in counts.items() if count > 1}
    if counts.keys() & _DOCUMENT:
        return repeated <= _PEOPLE
    return not (repeated or has_strays or looks_spoken)


def _is_toml(lines: Sequence[str]) -> bool:
    return all(map(_TOML_ENTRY.match, [line for line in lines if line.strip() and line[0] not in "#["][:1]))


def _header_length(lines: Sequence[str]) -> int:
    """How many lines at the top say `Title: …`, `**Speakers:** …`, with the lists and headings among them."""
    length, is_header, is_open = 0, False, False
    first_lines: dict[str, int] = {}
    for number, line in enumerate(lines):
        key, colon, value = _header_entry(line)
        name = _name(key)
        if colon and name in _DOCUMENT | _ROLES and not (name in _PEOPLE and _is_said(value)):
            if name in _ROLES and name in first_lines:  # the label of turns after all
                length = first_lines[name]
                break
            first_lines[name] = number
            length, is_open = number + 1, not value
            is_header |= name in _DOCUMENT
        elif is_open and line.lstrip().startswith(("- ", "* ")):
            length = number + 1
        elif line.strip() and not line.startswith("#"):
            break
    return length if is_header else 0


def _is_said(value: str) -> bool:
    """Whether what is behind "Host:" is a sentence, or in small letters, and so no name."""
    return bool(_SENTENCE.search(value)) or any(w[0].islower() for w in value.split() if len(w) > 3)


def _header_entry(line: str) -> tuple[str, str, str]:
    """Key, colon and value of `Title: …`, `**Title:** …`, `- Title: …`."""
    key, colon, value = line.partition(":")
    return key.strip(_MARKUP + "->+"), colon, value.strip(_MARKUP)


def _name(key: str) -> str:
    """A key without case and what joins its words: one for recording_date and recordingDate."""
    return "".join(filter(str.isalnum, key)).lower()


# What a block says.


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
    known = {name.casefold() for name in hosts}
    return FrontMatter(
        title=reader.first("title", lambda _, value: values.title(value)),
        date=reader.first("date", lambda _, value: values.date(value)),
        guests=tuple(n for n in reader.listed("guests", values.names) if n.casefold() not in known),
        hosts=hosts,
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
            name = _name(entry.key)
            self._entries.setdefault(name, []).append(entry)
            if name in _TABLES and isinstance(table := self._value(entry), Mapping):
                inner += (_Entry(entry.line, str(k), partial(_same, v)) for k, v in table.items())
        for entry in inner:
            self._entries.setdefault(_name(entry.key), []).append(entry)

    def first(self, fact: str, meaning: Callable[[str, Any], str]) -> str:
        """What the first key says that says anything."""
        found = (self._value(entry, partial(meaning, _name(entry.key))) for entry in self._of(fact))
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
        return chain.from_iterable(self._entries.get(key, ()) for key in _KEYS[fact])

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
    starts = [n for n, line in enumerate(lines) if _key_of(block, line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=bool(starts)):
        key = _key_of(block, lines[start])
        if _name(key) in _READ:
            chunk = lines[start:end]
            if block.form == "lines":
                first = _header_entry(chunk[0])[2]
                items = [line.strip(_MARKUP + "-") for line in chunk[1:]]
                value: Callable[[], Any] = partial(_same, first or items)
            else:
                value = partial(_yaml_value, "\n".join(chunk))
            yield _Entry(block.first + start, key, value)


def _key_of(block: Block, line: str) -> str:
    """The key of the entry that a line begins, "" if it begins none."""
    if block.form == "yaml":
        entry = _ENTRY.match(line)
        return entry["key"] if entry else ""
    key, colon, _ = _header_entry(line)
    return key if colon and _name(key) in _DOCUMENT | _ROLES else ""


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
    lines = [match["key"] if (match := _TOML_ENTRY.match(line)) else "" for line in block.text.split("\n")]
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
