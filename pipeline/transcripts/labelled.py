"""Markdown or text with `Name:` at the start of turns, with or without stamps; or prose of one speaker."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from pipeline.transcripts.pieces import Found, Piece, seconds, unescaped

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
_HEADING = re.compile(
    r"\s{0,3}#{1,6}(?:\s|$)|\s*(?:\*\*|__)[^*]{0,80}[^*:\uff1a.,!?\u2026\])](?:\*\*|__)\s*$"
)
_RULE = re.compile(r"\s*([-*_=])(?:\s*\1){2,}\s*$")
_COMMENT = re.compile(r"<!--(?:(?!<!--).)*?-->", re.DOTALL)
_ENDED = re.compile(r"[.!?\u2026\u3002][\s\"'*_)\u201d\u2019]*$")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^)\s]*\)")

_MUCH = 40  # words before the first label that are more than a heading
_NEARLY_ALL = 0.8  # share of lines that begin with a label from which labels need not look like names


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
    if not names or before > max(_MUCH, sum(sizes) / 2) or _in_passing(lines, names, first):
        speech = dropwhile(_is_above, lines)
        return Found(tuple(_pieces(speech, frozenset())))
    note = f'left out {before} words before the first speaker, "{lines[first].label}"'
    return Found(tuple(_pieces(lines, names)), [note] if before > _MUCH else [])


def _in_passing(lines: Sequence[Line], names: frozenset[str], first: int) -> bool:
    """Whether labels are rare words before a colon: none comes back, is in bold or begins the speech.

    They are speakers, too, if two or more have most of the lines from the `first` on, or a title is above.
    """
    turns = [line for line in lines if line.label in names]
    if len(names) < len(turns) or any(line.bold for line in turns):
        return False
    above = [line for line in dropwhile(_is_above, lines[:first]) if line.whole.strip()]
    rest = sum(bool(line.whole.strip()) for line in lines[first:])
    most = len(names) > 1 and 2 * len(turns) >= rest
    return not most and any(line.start is not None or _ENDED.search(line.whole) for line in above)


def _is_above(line: Line) -> bool:
    """Whether a line says nothing, or what is not spoken: "Date: …"."""
    return _is_header(line) or not (line.whole.strip() or line.start is not None)


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
    line, start = _LINK.sub(r"\1", unescaped(raw)), None
    if stamp := _START.match(line):
        start = seconds(stamp[2] or stamp[3])
        line = f"{stamp[1]}{line[stamp.end() :]}".replace("****", "")
    bold = _BOLD.match(line)
    found = bold or _PLAIN.match(line)
    if not found and stamp and stamp[3] and stamp[3].count(":") == 1 and line.strip():
        return Line(None, f"{stamp[3]} {line.strip()}")  # "10:30 in the morning" is speech
    if not found:
        return Line(start, line)
    after = _BRACKETED.match(found["text"])
    beside = _BRACKETED.search(line, 0, found.start("text")) or after
    return Line(
        start,
        line,
        label=found["label"].strip(),
        text=found["text"][after.end() if after else 0 :].lstrip(),
        bold=bool(bold),
        beside=seconds(beside[1]) if beside else None,
    )


def labels(lines: Sequence[Line], begin: Sequence[Line] | None = None) -> frozenset[str]:
    """Which of the texts before a colon are speakers, and not just words before a colon.

    A label is in bold, looks like a name or comes back. Where at least half are in bold, only those
    count. Lines such as `Date: …` above the first turn are none. Where nearly all of what may `begin` a
    turn (each line, if not given) has a label, any that comes back is one: "john smith".
    """
    counts = Counter(line.label for line in lines if line.label)
    begin = [line for line in (lines if begin is None else begin) if line.whole.strip()]
    back = [line for line in begin if counts[line.label] > 1 and not is_phrase(line.label)]
    regular = {line.label for line in back} if len(back) >= _NEARLY_ALL * len(begin) else set()
    named = [
        line
        for line in lines
        if line.bold or line.label in regular or is_name(line.label, counts[line.label])
    ]
    turns = list(dropwhile(lambda line: counts[line.label] == 1 and _is_header(line), named))
    bold = [line for line in turns if line.bold]
    return frozenset(line.label for line in (bold if 2 * len(bold) >= len(turns) else turns))


def _is_header(line: Line) -> bool:
    return bool(_HEADER.fullmatch(f"{line.label}:{line.text}"))


# Whether words before a colon, or alone on a line, are somebody's name.

# Words before a colon that begin a sentence, and are a speaker only if they come back.
_OPENERS = frozenset(
    {"note", "remember", "warning", "example", "question", "answer", "tip", "update", "summary", "conclusion"}
    | {"quote", "first", "second", "third", "finally", "today", "also", "so", "but", "and", "now", "look"}
    | {"listen", "yes", "no", "well", "okay", "again", "because", "spoiler", "fact", "result"}
)
# Small words inside names: "Leonardo da Vinci". Not "of", which is inside phrases at least as often.
_PARTICLES = frozenset(
    {"af", "al", "av", "bin", "binti", "bint", "da", "das", "de", "degli", "del", "della", "den", "der"}
    | {"des", "di", "do", "dos", "du", "e", "el", "ibn", "la", "las", "le", "los", "ten", "ter", "van"}
    | {"vom", "von", "y", "zu", "zum", "zur"}
)
# What a phrase begins with: "He said: …", "At 5: …". Some are names, too ("An Nguyen", "The Chair").
_LEADS = frozenset(
    {"i", "you", "he", "she", "it", "we", "they", "this", "that", "these", "those", "there", "here"}
    | {"my", "your", "his", "her", "its", "our", "their", "the", "a", "an"}
    | {"about", "after", "at", "before", "by", "during", "for", "from", "in", "of", "on", "since", "to"}
    | {"until", "with", "without"}
)
_SAID = re.compile(r"[\w.,;!?\"'\u2026]")
_MOST = 5  # words of a name, small ones aside


def is_name(label: str, count: int) -> bool:
    """Whether each word has a capital, a digit or a letter without case; one word may also come back.

    Small words inside a name and signs beside it (emoji, "|") need none. `count` is how
    often the label comes.
    """
    words = [word for word in label.split() if _SAID.search(word)] or label.split()
    if not words or (count == 1 and label.lower() in _OPENERS) or is_phrase(label):
        return False
    large = [word for word in words if word not in _PARTICLES]
    if words[-1:] == large[-1:] and len(large) <= _MOST and all(map(_has_capital, large)):
        return True
    return count > 1 and (len(words) == 1 or [*map(_has_capital, words)] == [True, False])


def is_phrase(label: str) -> bool:
    """Whether it begins with a pronoun, an article or a preposition, and goes on without a capital letter."""
    first, *others = label.split() or [""]
    return bool(others) and first.lower() in _LEADS and not any(map(_is_letter, others[0]))


def _has_capital(word: str) -> bool:
    return any(map(_is_capital, word))


def _is_capital(char: str) -> bool:
    return char.isdigit() or _is_letter(char)


def _is_letter(char: str) -> bool:
    """A capital, or a letter without case."""
    return char.isupper() or (char.isalpha() and char.lower() == char.upper())
