"""Transcripts that people already have: speaker-labelled Markdown or text, and WebVTT with voices."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import dropwhile
from pathlib import Path

from pipeline.errors import InputError
from pipeline.facts import parse_moment
from pipeline.records import Word

# Scripts that put no spaces between words are cut at every character, so that sentences can be told apart.
UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f"
_TOKEN = re.compile(rf"(\s*)([{UNSPACED}]|[^\s{UNSPACED}]+)")

_CLOCK = r"(?:\d{1,2}:)?\d{1,2}:[0-5]\d(?:\.\d+)?"
_BRACKETED = re.compile(rf"[\[(]({_CLOCK})[\])]")
_START = re.compile(rf"([\s*_\u2013-]*)(?:[\[(]({_CLOCK})[\])]|({_CLOCK})(?=[\s*_]|$))\s*")

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
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^)\s]*\)")

_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>\s][^<>]*)>")
_TAG = re.compile(r"<[^<>]*>")

_REMEDY = "Write each turn as `Name: what they said` (or `**Name:** …`), with a blank line between turns."


@dataclass(frozen=True)
class _Piece:
    """A stretch of one speaker's text with the times that the source gives for it."""

    label: str | None
    text: str
    start: float | None = None
    end: float | None = None


def read(path: Path) -> tuple[Word, ...]:
    """The words of a transcript file, labelled and timed as far as the file says.

    A stamp gives the first word after it a start; a WebVTT cue gives its first word a start and its last
    one an end. Raises InputError if the file is empty, not UTF-8, malformed, or names no speaker.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "not UTF-8 text", file=path, remedy="Save it as UTF-8 text and run again."
        ) from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=path, remedy="Check the file.") from error
    if not text.strip():
        raise InputError("the transcript is empty", file=path, remedy=_REMEDY)
    pieces = list(_webvtt(text, path) if path.suffix.lower() == ".vtt" else _labelled(text))
    words = tuple(_forward(word for piece in pieces for word in _words(piece)))
    if not any(word.label for word in words):
        raise InputError("no turn says who speaks", file=path, remedy=_REMEDY)
    return words


def language_of(words: tuple[Word, ...]) -> str:
    """The language that the text is most likely in (ISO 639-1), as py3langid has it."""
    import py3langid

    language, _ = py3langid.classify("".join(word.text for word in words[:3000]))
    return str(language)


def _words(piece: _Piece) -> Iterator[Word]:
    tokens = _TOKEN.findall(f" {piece.text.strip()}")
    for index, (space, token) in enumerate(tokens):
        yield Word(
            text=f" {token}" if space else token,
            label=piece.label,
            start=piece.start if index == 0 else None,
            end=piece.end if index == len(tokens) - 1 else None,
        )


def _forward(words: Iterable[Word]) -> Iterator[Word]:
    """The words, without the times that go back. Cues may overlap: a start is held against starts only."""
    started = ended = 0.0
    for word in words:
        start = word.start if word.start is not None and word.start >= started else None
        started = started if start is None else start
        end = word.end if word.end is not None and word.end >= max(started, ended) else None
        ended = ended if end is None else end
        yield word.model_copy(update={"start": start, "end": end})


def _webvtt(text: str, path: Path) -> Iterator[_Piece]:
    """The voices of each cue; text without a voice of its own goes on with the voice before it."""
    import webvtt

    try:
        captions = webvtt.from_string(text).captions
    except (webvtt.errors.MalformedFileError, webvtt.errors.MalformedCaptionError) as error:
        raise InputError(
            f"not valid WebVTT ({error})", file=path, remedy="Its first line must be WEBVTT; export it again."
        ) from error
    voice: str | None = None
    for caption in captions:
        start, end = _seconds(caption.start), _seconds(caption.end)
        if end < start:
            raise InputError(
                f"the cue at {caption.start} ends before it starts, at {caption.end}",
                file=path,
                remedy="Correct the times of that cue, or export the file again.",
            )
        first, *voiced = _VOICE.split(caption.raw_text)
        names = [voice, *(unescape(name).strip() or None for name in voiced[::2])]
        voice = names[-1]
        spoken = [unescape(_TAG.sub("", raw)).strip() for raw in (first, *voiced[1::2])]
        parts = [(name, said) for name, said in zip(names, spoken, strict=True) if said]
        for index, (name, said) in enumerate(parts):
            yield _Piece(
                label=name,
                text=said,
                start=start if index == 0 else None,
                end=end if index == len(parts) - 1 else None,
            )


def _seconds(clock: str) -> float:
    return float(parse_moment(clock))


def _labelled(text: str) -> Iterator[_Piece]:
    """Paragraphs of `Name: text`; a line without a label goes on with the speaker before it.

    What comes before the first label is not speech. A stamp alone, or beside a label alone, times the line
    after it.
    """
    lines = _lines(_COMMENT.sub("", text))
    labels = _labels(lines)
    speaker: str | None = None
    start: float | None = None
    for line in lines:
        said, stamps = line.whole, [line.start]
        if line.label in labels:
            speaker, said, stamps = line.label, line.text, [line.start, line.beside]
        start = next((stamp for stamp in stamps if stamp is not None), start)
        if plain := said.replace("**", "").strip():
            if speaker:
                yield _Piece(speaker, plain, start)
            start = None


@dataclass(frozen=True)
class _Line:
    """A line without the stamp at its start; `label` and `text` are what its first colon parts.

    `beside` is the stamp next to the label: it means something only if the label is a speaker.
    """

    start: float | None
    whole: str
    label: str = ""
    text: str = ""
    bold: bool = False
    beside: float | None = None


def _lines(text: str) -> list[_Line]:
    """All lines that may hold speech: no front matter, no headings (a line all in bold is one), no rules."""
    lines = text.splitlines()
    inside = [line.strip() for line in lines[1:]]
    if lines and lines[0].strip() == "---" and "---" in inside and re.match(r"[a-z][\w-]*:", inside[0]):
        lines = lines[inside.index("---") + 2 :]
    return [_line(line) for line in lines if not (_HEADING.match(line) or _RULE.match(line))]


def _line(raw: str) -> _Line:
    line, start = _LINK.sub(r"\1", unescape(raw)), None
    if stamp := _START.match(line):
        start = _seconds(stamp[2] or stamp[3])
        line = f"{stamp[1]}{line[stamp.end() :]}".replace("****", "")
    bold = _BOLD.match(line)
    found = bold or _PLAIN.match(line)
    if not found and stamp and stamp[3] and stamp[3].count(":") == 1 and line.strip():
        return _Line(None, f"{stamp[3]} {line.strip()}")  # "10:30 in the morning" is speech
    if not found:
        return _Line(start, line)
    beside = _BRACKETED.search(line, 0, found.start("text"))
    return _Line(
        start,
        line,
        label=found["label"].strip(),
        text=found["text"],
        bold=bool(bold),
        beside=_seconds(beside[1]) if beside else None,
    )


def _labels(lines: Sequence[_Line]) -> frozenset[str]:
    """Which of the texts before a colon are speakers, and not just words before a colon.

    A label is in bold, looks like a name or comes back. Where at least half are in bold, only those
    count. Lines such as `Date: …` above the first turn are none.
    """
    counts = Counter(line.label for line in lines if line.label)
    named = [line for line in lines if line.bold or _is_name(line.label, counts[line.label])]
    turns = list(dropwhile(lambda line: counts[line.label] == 1 and _is_header(line), named))
    bold = [line for line in turns if line.bold]
    return frozenset(line.label for line in (bold if 2 * len(bold) >= len(turns) else turns))


def _is_header(line: _Line) -> bool:
    return bool(_HEADER.fullmatch(f"{line.label}:{line.text}"))


def _is_name(label: str, count: int) -> bool:
    """Whether each word has a capital, a digit or a letter without case; one word may also come back."""
    words = label.split()
    capitals = [any(map(_is_capital, word)) for word in words]
    return 0 < len(words) <= 5 and (
        all(capitals) or (count > 1 and (len(words) == 1 or capitals == [True, False]))
    )


def _is_capital(char: str) -> bool:
    return char.isupper() or char.isdigit() or (char.isalpha() and char.lower() == char.upper())
