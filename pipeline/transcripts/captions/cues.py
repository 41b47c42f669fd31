"""Timed cues of WebVTT and SRT files, and of text that looks like either.

WebVTT: https://www.w3.org/TR/webvtt1/. SRT has no specification. Parsed here and not with webvtt-py, which
silently drops cues with malformed times and rejects SRT without hours, milliseconds or numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from pipeline.errors import InputError
from pipeline.text import webvtt_time
from pipeline.transcripts.pieces import counted, parse_seconds

_TIMING = re.compile(r"\s*(?:(?P<start>[-+]?\d\S*)(?:\s+-*)?-->|--+>)\s*(?P<end>\S*)")
_CLOCK = r"(?:\d{1,4}:)?\d{1,2}:\d{1,2}(?:[.,]\d+)?"
_TIMED_LINE = re.compile(rf"^[ \t]*{_CLOCK}[ \t]*-->[ \t]*{_CLOCK}", re.MULTILINE)
# What begins a block without speech after a blank line. A file joined from parts has several headers.
_BLOCK = re.compile(r"(?:NOTE|WEBVTT)(?:\s|$)|(?:STYLE|REGION)\s*$")
_COMMENT_FIELD = re.compile(r"NOTE[ \t]+([\w-]+)[ \t]*:[ \t]*(\S+)[ \t]*$")
_RULES_BELOW = {  # by which such a line is known without a blank one above
    "NOTE": re.compile(r"\s*[\w-]+\s?:\s?\S+\s*$"),
    "STYLE": re.compile(r"\s*::cue"),
    "REGION": re.compile(r"\s*\w+:\S+\s*$"),
}
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?:/\S*)?", re.IGNORECASE)
_MAX_NUMBER_DIGITS = 9
_MAX_SKIPPED_NUMBERS = 10  # of cues that somebody deleted, in a file whose cues are numbered
_MIN_IDENTIFIED_SHARE = 0.8  # of an SRT file's cues: then lines above times are identifiers and not speech
_MAX_HEADER_WORDS = 40  # more words above the first cue are worth a note


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue's lines, without blank ones, and its times in seconds where they are readable.

    `identifier` is what stands above its times and is neither a number nor speech: in WebVTT a chapter's or
    a speaker's name, or a key of the program that wrote the file.
    """

    start: float | None
    end: float | None
    lines: tuple[str, ...]
    identifier: str | None = None


def is_webvtt(text: str, suffix: str) -> bool:
    return text.lstrip().startswith("WEBVTT")


def is_srt(text: str, suffix: str) -> bool:
    """Cues without WebVTT's header. A file named .vtt counts only with SRT's cue number and decimal comma."""
    if suffix == ".vtt":
        return bool(re.match(r"\s*\d+[^\S\n]*\n\s*\d+:\d+:\d+,\d+\s*-->", text))
    return bool(_TIMED_LINE.search(text)) if suffix == ".srt" else len(_TIMED_LINE.findall(text)) > 1


def read_webvtt(text: str, path: Path) -> tuple[list[Cue], list[str]]:
    """All cues that say something, and notes; no NOTE, STYLE and REGION blocks.

    Raises InputError if reversed times leave no cue with an end.
    """
    lines = text.splitlines()
    return _timed(_split(lines, _misplaced_comments(lines), has_identifiers=True), path)


def read_srt(text: str, path: Path) -> tuple[list[Cue], list[str]]:
    """All cues that say something, and notes. Raises InputError as `read_webvtt` does."""
    lines = text.splitlines()
    return _timed(_split(lines, None, has_identifiers=_are_identified(lines)), path)


def _are_identified(lines: Sequence[str]) -> bool:
    """Whether nearly all times have a line above them, after a blank one, that is no number."""
    timings = [index for index, line in enumerate(lines) if _is_timing(line)]
    identified = sum(
        bool(above := lines[index - 1].strip()) and not above.isdecimal()
        for index in timings
        if index and (index == 1 or not lines[index - 2].strip())
    )
    return identified > 1 and identified >= _MIN_IDENTIFIED_SHARE * len(timings)


def _is_timing(line: str) -> bool:
    return "-->" in line and _TIMING.match(line) is not None


@dataclass
class CueTimes:
    """Checks the times of cues, in any form of file, and notes those that cannot be used."""

    _unreadable: list[str] = field(default_factory=list)  # where they are
    _reversed: list[tuple[float, float]] = field(default_factory=list)

    def checked(
        self, place: str, start: float | None, end: float | None
    ) -> tuple[float | None, float | None]:
        """A cue's times in seconds: none if either is unreadable, no end if it is before the start."""
        if start is None or end is None:
            self._unreadable.append(place)
            return None, None
        if end < start:
            self._reversed.append((start, end))
            return start, None
        return start, end

    def notes(self, cues: Sequence[Cue], path: Path) -> list[str]:
        """Raises InputError if reversed times leave no cue with an end."""
        notes = []
        if self._unreadable:
            count = counted(len(self._unreadable), "cue")
            notes.append(f"the times of {count} cannot be read, first at {self._unreadable[0]}: left out")
        if self._reversed:
            first_start, first_end = map(webvtt_time, self._reversed[0])
            if all(cue.end is None for cue in cues):
                raise InputError(
                    f"the cue at {first_start} ends before it starts, at {first_end}",
                    file=path,
                    remedy="Correct the times of that cue, or export the file again.",
                )
            count = counted(len(self._reversed), "cue")
            notes.append(f"{count} would end before the start, first at {first_start}: left out the end")
        return notes


@dataclass(frozen=True, slots=True)
class _RawCue:
    """The number of a timing line, from 1; what it says; the lines below it and what identifies it."""

    line: int
    start: str
    end: str
    lines: Sequence[str]
    identifier: str | None


def _timed(raw_cues: Iterator[_RawCue], path: Path) -> tuple[list[Cue], list[str]]:
    header = next(raw_cues)
    times, cues = CueTimes(), []
    for raw in raw_cues:
        start, end = times.checked(f"line {raw.line}", parse_seconds(raw.start), parse_seconds(raw.end))
        if lines := tuple(line for line in raw.lines if line.strip()):
            cues.append(Cue(start, end, lines, raw.identifier))
    notes = times.notes(cues, path)
    header_words = sum(len(line.split()) for line in header.lines)
    if header_words > _MAX_HEADER_WORDS:
        notes.append(f"left out {header_words} words above the first cue")
    return cues, notes


def _split(
    lines: Sequence[str], misplaced: frozenset[str] | None, *, has_identifiers: bool
) -> Iterator[_RawCue]:
    """What is above the first times, as a cue without any, and then each cue.

    `misplaced` are fields of comments that count without a blank line above; None if there are no comments.
    """
    timings = [
        (index, match) for index, line in enumerate(lines) if "-->" in line and (match := _TIMING.match(line))
    ]
    is_numbered = 2 * sum(_is_number(lines[i - 1].strip()) for i, _ in timings if i) >= len(timings)
    number = 0 if is_numbered else None
    place, start, end, identifier = 0, "", "", None
    for index, timing in [*timings, (len(lines), None)]:
        own = lines[place:index]
        if misplaced is not None:
            own = _without_blocks(own, misplaced, is_header=place == 0)
        above = None
        if timing and own:
            above = _identifier(own, number, place == 0, has_identifiers)
        yield _RawCue(place, start, end, own[:-1] if above else own, identifier)
        if timing:
            is_number = above is not None and _is_number(above)
            if number is not None:
                number = int(above) if above and is_number else number + 1
            place, start, end = index + 1, timing["start"] or "", timing["end"]
            identifier = None if is_number else above


def _identifier(
    lines: Sequence[str], number: int | None, is_header: bool, has_identifiers: bool
) -> str | None:
    """The last of the lines above a timing, if it is the cue's number or identifier and not speech.

    `number` is that of the cue before. "1984" without a blank line above is what somebody says, unless it
    continues the count.
    """
    last = lines[-1].strip()
    follows_blank = not lines[-2].strip() if len(lines) > 1 else is_header
    if _is_number(last):
        continues = number is not None and 0 < int(last) - number <= _MAX_SKIPPED_NUMBERS
        is_identifier = is_header or follows_blank or continues
    else:
        is_identifier = bool(last) and ((has_identifiers and follows_blank) or bool(_GUID.fullmatch(last)))
    return last if is_identifier else None


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= _MAX_NUMBER_DIGITS


def _misplaced_comments(lines: Sequence[str]) -> frozenset[str]:
    """Lines such as "NOTE Confidence: 0.9" that are comments wherever they stand: "NOTE that …" is speech.

    Programs leave out the blank line above. The field recurs or has a number; or the line, where it is below
    a blank one, is a comment anyway.
    """
    marked = {
        line for above, line in pairwise(["", *lines]) if line.startswith("NOTE ") and not above.strip()
    }
    fields = [match for line in lines if line.startswith("NOTE") and (match := _COMMENT_FIELD.match(line))]
    counts = Counter(field[1] for field in fields)
    known = (field for field in fields if counts[field[1]] > 1 or any(map(str.isdecimal, field[2])))
    return frozenset({*marked, *(field.string for field in known)})


def _without_blocks(lines: Sequence[str], misplaced: frozenset[str], *, is_header: bool) -> Sequence[str]:
    """Lines with blank ones in place of blocks without speech. The first is speech, except in the header."""
    if not any(line.startswith(("NOTE", "STYLE", "REGION", "WEBVTT")) for line in lines):
        return lines
    kept, in_block = [], False
    for index, line in enumerate(lines):
        below = lines[index + 1] if index + 1 < len(lines) else None
        if not line.strip() or (below is None and _is_number(line.strip())):
            in_block = False
        elif _BLOCK.match(line):
            follows_blank = not lines[index - 1].strip() if index else is_header
            rule = _RULES_BELOW.get(line.rstrip())
            in_block = in_block or follows_blank or bool(rule and rule.match(below or ""))
        kept.append("" if in_block or line in misplaced else line)
    return kept
