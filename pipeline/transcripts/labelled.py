"""Markdown or text with `Name:` at the start of turns, with or without stamps; or one speaker's prose."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from pipeline.transcripts.pieces import ParsedTranscript, Piece, parse_seconds, unescape_entities
from pipeline.word_lists import WordLists

_LISTS = WordLists.beside(__file__)
CLOCK = r"(?:\d{1,2}:)?\d{1,2}:[0-5]\d(?:\.\d+)?"
_BRACKETED_TIME = re.compile(rf"[\[(]({CLOCK})[\])]")
_LEADING_TIME = re.compile(rf"([\s*_\u2013-]*)(?:[\[(]({CLOCK})[\])]|({CLOCK})(?=[\s*_]|$))\s*")

# `Ann:`, `Ann Lee (Base):`, `Ann [01:12]:`, with an ASCII or full-width colon; bold `**Ann:**` or `**Ann**:`.
_LABEL = r"(?P<label>[^\s:\uff1a*_\[(\uff08][^:\uff1a*\[(\uff08?!\u3001\u3002\uff01\uff1f]{0,59}?)"
_ASIDE = r"(?:\s*[\[(\uff08][^\])\uff09]{0,60}[\])\uff09])*\s*"
_PLAIN_LABEL = re.compile(rf"[\s\u2013-]*{_LABEL}{_ASIDE}(?::(?=\s|$)|\uff1a)\s*(?P<text>.*)", re.DOTALL)
_BOLD_LABEL = re.compile(
    rf"[\s\u2013-]*(?:\*\*|__)\s*{_LABEL}{_ASIDE}"
    rf"(?:(?:\*\*|__){_ASIDE}[:\uff1a]|[:\uff1a](?:\*\*|__))\s*(?P<text>.*)",
    re.DOTALL,
)
# Lines at the top that look like turns but are metadata; `Host: …` only if it does not read like a sentence.
_METADATA = re.compile(
    rf"{_LISTS.any_of('metadata')}:.*|{_LISTS.any_of('person_metadata')}:.*[^\s.!?\u2026]",
    re.IGNORECASE | re.DOTALL,
)
_HEADING = re.compile(
    r"\s{0,3}#{1,6}(?:\s|$)|\s*(?:\*\*|__)[^*]{0,80}[^*:\uff1a.,!?\u2026\])](?:\*\*|__)\s*$"
)
_RULE = re.compile(r"\s*([-*_=])(?:\s*\1){2,}\s*$")
_COMMENT = re.compile(r"<!--(?:(?!<!--).)*?-->", re.DOTALL)
_SENTENCE_END = re.compile(r"[.!?\u2026\u3002][\s\"'*_)\u201d\u2019]*$")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:(?!\]\()[^)\s])*\)")

_MAX_HEADING_WORDS = 40  # more words before the first label are worth a note
_MIN_REGULAR_SHARE = 0.8  # of lines begin with a label: then labels need not look like names


def read(text: str) -> ParsedTranscript:
    """Paragraphs of `Name: text`; a line without a label continues the speaker before it.

    Text before the first label is not speech, and is noted if it is long. Where nobody is named, or only late
    and in passing, everything is one speaker's. A stamp alone, or beside a label alone, times the line after
    it.
    """
    lines = _lines(_COMMENT.sub("", text))
    names = speaker_labels(lines)
    word_counts = [len(line.whole.split()) for line in lines]
    first = next((index for index, line in enumerate(lines) if line.label in names), len(lines))
    preamble_words = sum(word_counts[:first])
    if (
        not names
        or preamble_words > max(_MAX_HEADING_WORDS, sum(word_counts) / 2)
        or _are_in_passing(lines, names, first)
    ):
        speech = dropwhile(_is_preamble, lines)
        return ParsedTranscript(tuple(_pieces(speech, frozenset())))
    note = f'left out {preamble_words} words before the first speaker, "{lines[first].label}"'
    return ParsedTranscript(
        tuple(_pieces(lines, names)), [note] if preamble_words > _MAX_HEADING_WORDS else []
    )


def _are_in_passing(lines: Sequence[Line], names: frozenset[str], first: int) -> bool:
    """Whether labels are just words before a colon: none recurs, is in bold or begins the speech.

    They are speakers after all if there are two or more and they have most of the lines from `first` on, or
    if only a title is above.
    """
    turns = [line for line in lines if line.label in names]
    if len(names) < len(turns) or any(line.bold for line in turns):
        return False
    above = [line for line in dropwhile(_is_preamble, lines[:first]) if line.whole.strip()]
    line_count = sum(bool(line.whole.strip()) for line in lines[first:])
    has_most_lines = len(names) > 1 and 2 * len(turns) >= line_count
    return not has_most_lines and any(
        line.start is not None or _SENTENCE_END.search(line.whole) for line in above
    )


def _is_preamble(line: Line) -> bool:
    """Whether a line is empty, or holds what is not spoken: "Date: …"."""
    return _is_metadata(line) or not (line.whole.strip() or line.start is not None)


def _pieces(lines: Iterable[Line], names: frozenset[str]) -> Iterator[Piece]:
    speaker: str | None = None
    start: float | None = None
    for line in lines:
        text, stamps = line.whole, [line.start]
        if line.label in names:
            speaker, text, stamps = line.label, line.text, [line.start, line.label_stamp]
        start = next((stamp for stamp in stamps if stamp is not None), start)
        if speech := text.replace("**", "").strip():
            if speaker or not names:
                yield Piece(speaker, speech, start)
            start = None


@dataclass(frozen=True)
class Line:
    """A line without the stamp at its start; `label` and `text` are before and after its first colon.

    `label_stamp` is the stamp next to the label: it matters only if the label is a speaker.
    """

    start: float | None
    whole: str
    label: str = ""
    text: str = ""
    bold: bool = False
    label_stamp: float | None = None


def _lines(text: str) -> list[Line]:
    """All lines that may hold speech: no front matter, headings (a line all in bold is one) or rules."""
    lines = text.splitlines()
    stripped = [line.strip() for line in lines[1:]]
    if lines and lines[0].strip() == "---" and "---" in stripped and re.match(r"[a-z][\w-]*:", stripped[0]):
        lines = lines[stripped.index("---") + 2 :]
    return [parse_line(line) for line in lines if not (_HEADING.match(line) or _RULE.match(line))]


def parse_line(raw: str) -> Line:
    """A line of text, its stamp, and its label and text if it has a colon."""
    line, start = _LINK.sub(r"\1", unescape_entities(raw)), None
    if stamp := _LEADING_TIME.match(line):
        start = parse_seconds(stamp[2] or stamp[3])
        line = f"{stamp[1]}{line[stamp.end() :]}".replace("****", "")
    bold = _BOLD_LABEL.match(line)
    match = bold or _PLAIN_LABEL.match(line)
    if not match and stamp and stamp[3] and stamp[3].count(":") == 1 and line.strip():
        return Line(None, f"{stamp[3]} {line.strip()}")  # "10:30 in the morning" is speech
    if not match:
        return Line(start, line)
    stamp_after = _BRACKETED_TIME.match(match["text"])
    stamp_by_label = _BRACKETED_TIME.search(line, 0, match.start("text")) or stamp_after
    return Line(
        start,
        line,
        label=match["label"].strip(),
        text=match["text"][stamp_after.end() if stamp_after else 0 :].lstrip(),
        bold=bool(bold),
        label_stamp=parse_seconds(stamp_by_label[1]) if stamp_by_label else None,
    )


def speaker_labels(lines: Sequence[Line], turn_starts: Sequence[Line] | None = None) -> frozenset[str]:
    """Which of the texts before a colon are speakers, and not just words before a colon.

    A label is a speaker if it is in bold, looks like a name or recurs. Where at least half are in bold, only
    those count. Lines such as `Date: …` above the first turn do not count. Where nearly all `turn_starts` (by
    default every line) have a label, any that recurs is a speaker: "john smith".
    """
    counts = Counter(line.label for line in lines if line.label)
    turn_starts = [line for line in (lines if turn_starts is None else turn_starts) if line.whole.strip()]
    recurring = [line for line in turn_starts if counts[line.label] > 1 and not is_phrase(line.label)]
    regular_labels = (
        {line.label for line in recurring}
        if len(recurring) >= _MIN_REGULAR_SHARE * len(turn_starts)
        else set()
    )
    candidates = [
        line
        for line in lines
        if line.bold or line.label in regular_labels or is_name(line.label, counts[line.label])
    ]
    turns = list(dropwhile(lambda line: counts[line.label] == 1 and _is_metadata(line), candidates))
    bold = [line for line in turns if line.bold]
    return frozenset(line.label for line in (bold if 2 * len(bold) >= len(turns) else turns))


def _is_metadata(line: Line) -> bool:
    return bool(_METADATA.fullmatch(f"{line.label}:{line.text}"))


# Whether words before a colon, or alone on a line, are somebody's name.

_SENTENCE_OPENERS, _PARTICLES = frozenset(_LISTS["sentence_openers"]), frozenset(_LISTS["particles"])
_PHRASE_OPENERS = frozenset(_LISTS["phrase_openers"])
_PRONOUNCED = re.compile(r"[\w.,;!?\"'\u2026]")
_MAX_NAME_WORDS = 5  # not counting particles


def is_name(label: str, count: int) -> bool:
    """Whether each word has a capital, a digit or a caseless letter; a single word may instead recur.

    Particles inside a name and symbols beside it (emoji, "|") need none. `count` is how often it occurs.
    """
    words = [word for word in label.split() if _PRONOUNCED.search(word)] or label.split()
    if not words or (count == 1 and label.lower() in _SENTENCE_OPENERS) or is_phrase(label):
        return False
    main_words = [word for word in words if word not in _PARTICLES]
    if (
        words[-1:] == main_words[-1:]
        and len(main_words) <= _MAX_NAME_WORDS
        and all(map(_has_capital, main_words))
    ):
        return True
    return count > 1 and (len(words) == 1 or [*map(_has_capital, words)] == [True, False])


def is_phrase(label: str) -> bool:
    """Whether it begins with a pronoun, article or preposition, and goes on without a capital letter."""
    opener, *others = label.split() or [""]
    return bool(others) and opener.lower() in _PHRASE_OPENERS and not any(map(_is_capital_letter, others[0]))


def _has_capital(word: str) -> bool:
    return any(map(_is_capital, word))


def _is_capital(char: str) -> bool:
    return char.isdigit() or _is_capital_letter(char)


def _is_capital_letter(char: str) -> bool:
    """A capital, or a letter of a script without case."""
    return char.isupper() or (char.isalpha() and char.lower() == char.upper())
