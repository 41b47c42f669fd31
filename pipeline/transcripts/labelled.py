"""Markdown or text with `Name:` at the start of turns, with or without stamps; or prose of one speaker."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import dropwhile

from pipeline.transcripts.pieces import Found, Piece, seconds

CLOCK = r"(?:\d{1,2}:)?\d{1,2}:[0-5]\d(?:\.\d+)?"
_BRACKETED = re.compile(rf"[\[(]({CLOCK})[\])]")
_START = re.compile(rf"([\s*_\u2013-]*)(?:[\[(]({CLOCK})[\])]|({CLOCK})(?=[\s*_]|$))\s*")

# `Ann:`, `Ann Lee (Base):`, `Ann [01:12]:`, with either width of colon; in bold `**Ann:**` or `**Ann**:`.
_NAME = r"(?P<label>[^\s:\uff1a*_\[(\uff08][^:\uff1a*\[(\uff08?!\u3001\u3002\uff01\uff1f]{0,59}?)"
_ASIDE = r"(?:\s*[\[(\uff08][^\])\uff09]{0,60}[\])\uff09])*\s*"
_PLAIN = re.compile(rf"[\s\u2013-]*{_NAME}{_ASIDE}(?::(?=\s|$)|\uff1a)\s*(?P<text>.*)", re.DOTALL)
_BOLD = re.compile(
    rf"[\s\u2013-]*(?:\*\*|__)\s*{_NAME}{_ASIDE}"
    rf"(?:(?:\*\*|__){_ASIDE}[:\uff1a]|[:\uff1a](?:\*\*|__))\s*(?P<text>.*)",
    re.DOTALL,
)
# Lines at the top that look like turns. A lone `Host: …` is one only if it does not read like a sentence.
_HEADER = re.compile(
    r"(?:(?:sub)?title|date|time|recorded(?: on)?|recording|published|duration|length|location|place|venue"
    r"|event|url|link|website|source|transcript(?:ion)?|transcri(?:bed by|ber|pt by)|episode|podcast|show"
    r"|series|topic|subject|language|tags?|hosts|guests|speakers|participants|attendees|panell?ists):.*"
    r"|(?:host|guest|speaker|moderator|interviewer|interviewee):.*[^\s.!?\u2026]",
    re.IGNORECASE | re.DOTALL,
)
# Words before a colon that begin a sentence, and are a speaker only if they come back.
_OPENERS = frozenset(
    {"note", "remember", "warning", "example", "question", "answer", "tip", "update", "summary", "conclusion"}
    | {"quote", "first", "second", "third", "finally", "today", "also", "so", "but", "and", "now", "look"}
    | {"listen", "yes", "no", "well", "okay", "again", "because", "spoiler", "fact", "result"}
)
_HEADING = re.compile(
    r"\s{0,3}#{1,6}(?:\s|$)|\s*(?:\*\*|__)[^*]{0,80}[^*:\uff1a.,!?\u2026\])](?:\*\*|__)\s*$"
)
_RULE = re.compile(r"\s*([-*_=])(?:\s*\1){2,}\s*$")
_COMMENT = re.compile(r"<!--(?:(?!<!--).)*?-->", re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^)\s]*\)")

_MUCH = 40  # words before the first label that are more than a heading


def read(text: str) -> Found:
    """Paragraphs of `Name: text`; a line without a label goes on with the speaker before it.

    What comes before the first label is not speech, and told if it is long. Where nobody is named, or only
    late and in passing, all of it is one speaker's. A stamp alone, or beside a label alone, times the line
    after it.
    """
    lines = _lines(_COMMENT.sub("", text))
    names = labels(lines)
    sizes = [len(line.whole.split()) for line in lines]
    first = next((index for index, line in enumerate(lines) if line.label in names), len(lines))
    before = sum(sizes[:first])
    if not names or before > max(_MUCH, sum(sizes) / 2):
        speech = dropwhile(lambda line: _is_header(line) or not (line.whole.strip() or line.start), lines)
        return Found(tuple(_pieces(speech, frozenset())))
    note = f'left out {before} words before the first speaker, "{lines[first].label}"'
    return Found(tuple(_pieces(lines, names)), [note] if before > _MUCH else [])


def _pieces(lines: Iterable[Line], names: frozenset[str]) -> Iterator[Piece]:
    speaker: str | None = None
    start: float | None = None
    for line in lines:
        said, stamps = line.whole, [line.start]
        if line.label in names:
            speaker, said, stamps = line.label, line.text, [line.start, line.beside]
        start = next((stamp for stamp in stamps if stamp is not None), start)
        if plain := said.replace("**", "").strip():
            if speaker or not names:
                yield Piece(speaker, plain, start)
            start = None


@dataclass(frozen=True)
class Line:
    """A line without the stamp at its start; `label` and `text` are what its first colon parts.

    `beside` is the stamp next to the label: it means something only if the label is a speaker.
    """

    start: float | None
    whole: str
    label: str = ""
    text: str = ""
    bold: bool = False
    beside: float | None = None


def _lines(text: str) -> list[Line]:
    """All lines that may hold speech: no front matter, no headings (a line all in bold is one), no rules."""
    lines = text.splitlines()
    inside = [line.strip() for line in lines[1:]]
    if lines and lines[0].strip() == "---" and "---" in inside and re.match(r"[a-z][\w-]*:", inside[0]):
        lines = lines[inside.index("---") + 2 :]
    return [parted(line) for line in lines if not (_HEADING.match(line) or _RULE.match(line))]


def parted(raw: str) -> Line:
    """A line of text, its stamp and what its first colon parts."""
    line, start = _LINK.sub(r"\1", unescape(raw)), None
    if stamp := _START.match(line):
        start = seconds(stamp[2] or stamp[3])
        line = f"{stamp[1]}{line[stamp.end() :]}".replace("****", "")
    bold = _BOLD.match(line)
    found = bold or _PLAIN.match(line)
    if not found and stamp and stamp[3] and stamp[3].count(":") == 1 and line.strip():
        return Line(None, f"{stamp[3]} {line.strip()}")  # "10:30 in the morning" is speech
    if not found:
        return Line(start, line)
    beside = _BRACKETED.search(line, 0, found.start("text"))
    return Line(
        start,
        line,
        label=found["label"].strip(),
        text=found["text"],
        bold=bool(bold),
        beside=seconds(beside[1]) if beside else None,
    )


def labels(lines: Sequence[Line]) -> frozenset[str]:
    """Which of the texts before a colon are speakers, and not just words before a colon.

    A label is in bold, looks like a name or comes back. Where at least half are in bold, only those
    count. Lines such as `Date: …` above the first turn are none.
    """
    counts = Counter(line.label for line in lines if line.label)
    named = [line for line in lines if line.bold or is_name(line.label, counts[line.label])]
    turns = list(dropwhile(lambda line: counts[line.label] == 1 and _is_header(line), named))
    bold = [line for line in turns if line.bold]
    return frozenset(line.label for line in (bold if 2 * len(bold) >= len(turns) else turns))


def _is_header(line: Line) -> bool:
    return bool(_HEADER.fullmatch(f"{line.label}:{line.text}"))


def is_name(label: str, count: int) -> bool:
    """Whether each word has a capital, a digit or a letter without case; one word may also come back."""
    words = label.split()
    capitals = [any(map(_is_capital, word)) for word in words]
    if count == 1 and label.lower() in _OPENERS:
        return False
    return 0 < len(words) <= 5 and (
        all(capitals) or (count > 1 and (len(words) == 1 or capitals == [True, False]))
    )


def _is_capital(char: str) -> bool:
    return char.isupper() or char.isdigit() or (char.isalpha() and char.lower() == char.upper())
