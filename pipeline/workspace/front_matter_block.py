"""Where front matter stands in a text, and which lines at the top are turns after all."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from pipeline.word_lists import WordLists

MAX_BLOCK_CHARACTERS = 1 << 16

_LISTS = WordLists.beside(__file__)
KEYS = {
    fact: tuple(" ".join(_LISTS[fact]).split())
    for fact in ("title", "date", "guests", "speakers", "hosts", "recording", "tags", "language")
}
TABLES = _LISTS.word_set("tables")
READ = frozenset(chain(*KEYS.values())) | TABLES
_PEOPLE = frozenset(KEYS["guests"] + KEYS["speakers"] + KEYS["hosts"])
# Also labels of turns: "Host: Welcome."
_ROLES = frozenset(key for key in _PEOPLE if not key.endswith("s"))
_DOCUMENT = (READ | _LISTS.word_set("others")) - _ROLES

_ENTRY = re.compile(
    r"(?P<mark>['\"]?)(?P<key>[^\W_](?:[\w .-]{0,40}[^\W_])?)(?P=mark)[ \t]*:(?:[ \t]++(?P<value>.*+))?$"
)
TOML_ENTRY = re.compile(r"\s*['\"]?(?P<key>[\w-]{1,40})['\"]?\s*=")
_SENTENCE = re.compile(r"[.!?\u2026]['\")\u201d]?\s*+(?:\\?[\[(][^\[\]()]*+[\])]\s*+)?$")  # "So. [laughter]"
MARKUP = "*_ \t"


@dataclass(frozen=True)
class Block:
    """Front matter as it stands in a file: the first lines `lines` of it; the text begins on line `first`."""

    form: Literal["yaml", "toml", "lines", "none"] = "none"
    text: str = ""
    lines: int = 0
    first: int = 1
    fault: str | None = None

    def key_of(self, line: str) -> str:
        """The key of the entry that a line of YAML or of a header begins, "" if it begins none."""
        if self.form == "yaml":
            entry = _ENTRY.match(line)
            return entry["key"] if entry else ""
        key, colon, _ = header_entry(line)
        return key if colon and plain_key(key) in _DOCUMENT | _ROLES else ""


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
            is_known = plain_key(key) in _DOCUMENT
            if not is_known and key != key.lower() and (is_sentence or is_below_a_gap):
                return False
            counts[plain_key(key)] += 1
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
    return all(map(TOML_ENTRY.match, [line for line in lines if line.strip() and line[0] not in "#["][:1]))


def _header_length(lines: Sequence[str]) -> int:
    """How many lines at the top say `Title: …`, `**Speakers:** …`, with the lists and headings among them."""
    length, is_header, is_open = 0, False, False
    first_lines: dict[str, int] = {}
    for number, line in enumerate(lines):
        key, colon, value = header_entry(line)
        name = plain_key(key)
        below = lines[number + 1].strip() if number + 1 < len(lines) else ""
        is_turn = name in _PEOPLE and _is_said(value or ("" if below.startswith(("- ", "* ")) else below))
        if colon and name in _ROLES and name in first_lines:  # the label of turns after all
            length = first_lines[name]
            break
        if colon and name in _DOCUMENT | _ROLES and not is_turn:
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


def header_entry(line: str) -> tuple[str, str, str]:
    """Key, colon and value of `Title: …`, `**Title:** …`, `- Title: …`."""
    key, colon, value = line.partition(":")
    return key.strip(MARKUP + "->+"), colon, value.strip(MARKUP)


def plain_key(key: str) -> str:
    """A key without case and what joins its words: one for recording_date and recordingDate."""
    return "".join(filter(str.isalnum, key)).lower()
