"""Rewrite meeting tools' and services' text exports to the house form of pipeline.transcripts.labelled.

Known from files and from programs that read them, in public repositories: Teams (`Name   0:03`, "… started
transcription"), Otter (`Name  0:03`, a closing line), Google Meet's document (times alone as headings,
`Name: text`, two closing lines). From memory only: Zoom's saved captions (`[Name] hh:mm:ss`), Rev (`Name
(00:03):`), Descript (`Name:`, `[00:00:03] Name:`, already the house form), YouTube's transcript panel
(`0:03` alone, or before the text, with or without "3 seconds"), WhisperX's text (`[SPEAKER_00]: …`), what
Whisper prints (`[00:00.000 --> 00:04.000] text`), `0:03 Name` on a line of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from pipeline.transcripts.labelled import CLOCK, is_name
from pipeline.transcripts.pieces import format_clock, parse_seconds, strip_sounds
from pipeline.word_lists import WordLists

_NAME = r"(?P<name>[^\s\[(:\uff1a\d#*_>-][^\[(:\uff1a?!\t]{0,59}?|[Ss]peaker \d+)"
_ASIDE = r"(?:\s*\([\d:]*+[^():\d][^()]*\))?"
# `Ann Lee  0:03`, `[Ann Lee] 00:00:03`, `Ann Lee (00:03):`, each alone on its line: headings.
_HEADINGS = (
    re.compile(rf"\s*{_NAME}{_ASIDE}(?:\s+|\s*[|\u00b7\u2022\u2013-]\s*)(?P<clock>{CLOCK})\s*").fullmatch,
    re.compile(rf"\s*\[(?P<name>[^\[\]:]{{1,60}}?){_ASIDE}\]\s*(?P<clock>{CLOCK})\s*").fullmatch,
    re.compile(rf"\s*{_NAME}{_ASIDE}\s*[\[(](?P<clock>{CLOCK})[\])]\s*(?::\s*)?").fullmatch,
)
_ZOOM_LINE = _HEADINGS[1]
_TIME_ALONE = re.compile(rf"\s*[\[(]?({CLOCK})[\])]?\s*")
_TIME_FIRST = re.compile(rf"(?:(?<!\s)\s+)?({CLOCK})\s+(?=\S)")
_WHISPER_LINE = re.compile(rf"^\s*\[({CLOCK}|\d+\.\d+s) --?> (?:{CLOCK}|\d+\.\d+s)\][ \t]*")
_COLON_LABEL = re.compile(r"\s*(?:\*\*)?[A-Z][^:.?!]{0,40}:(?:\*\*)?\s+\S")
_TIME_THEN_NAME = re.compile(rf"\s*[\[(]?(?P<clock>{CLOCK})[\])]?\s+{_NAME}\s*")
_TIME_HEADING = re.compile(rf"^\s{{0,3}}#{{1,6}}[\s*_]*({CLOCK})[\s*_]*$", re.MULTILINE)
_DATE = re.compile(r"\b(?:19|20)\d\d\b|,[^,\d\n]*\d")
_TIME_IN_WORDS = re.compile(
    r"\s*+(?:(\d{1,3}) hours?,? ?)?(?:(\d{1,3}) minutes?,? ?)?(?:(\d{1,3}) seconds?)?\s*", re.IGNORECASE
)
_BRACKETED_LABEL = re.compile(r"^([ \t]*)\[([^\[\]:\d][^\[\]:]{0,59})\]:(?=\s|$)", re.MULTILINE)
_BOILERPLATE = re.compile(
    rf"[\s#*_]*{WordLists.beside(__file__).any_of('boilerplate')}[\s*_]*", re.IGNORECASE
)
_MARKUP = re.compile(r"[*_\[\]()?!\u3001\u3002\uff01\uff1f]")
# A recording's captions start within its first hour; a time of day is seldom before one o'clock.
_MIN_DAYTIME_SECONDS = 3600.0


def to_house_form(text: str) -> tuple[str, list[str]]:
    """`text` with headings as `**Name [time]:**` and lone stamps in brackets, and notes."""
    text = _TIME_HEADING.sub(r"[\1]", _BRACKETED_LABEL.sub(r"\1\2:", text))
    lines = [
        _WHISPER_LINE.sub(_bracket_time, line)
        for line in text.splitlines()
        if not _BOILERPLATE.fullmatch(line)
    ]
    lines = _without_times_in_words(lines)
    headings = _find_headings(lines) or _find_headings_time_first(lines)
    if headings:
        return _rewrite_headings(lines, headings)
    if named := name_lines(lines):
        return "\n".join(f"**{line.strip()}:**" if i in named else line for i, line in enumerate(lines)), []
    timed = [bool(_TIME_FIRST.match(line)) for line in lines if line.strip()]
    if sum(timed) > 1 and 2 * sum(timed) >= len(timed) and _times_rise(lines):
        lines = [_TIME_FIRST.sub(r"[\1] ", line) for line in lines]
    return "\n".join(lines), []


def _bracket_time(match: re.Match[str]) -> str:
    time = match[1]
    return f"[{format_clock(float(time[:-1])) if time.endswith('s') else time}] "


def _without_times_in_words(lines: Sequence[str]) -> list[str]:
    """Lines, except times in words ("3 seconds") directly above or below the same time as a clock.

    Without that clock they are captions: "10 minutes" may be the answer to a question.
    """
    stamps = [parse_seconds(match[1]) if (match := _TIME_ALONE.fullmatch(line)) else None for line in lines]
    stamps_around = [stamps[max(0, i - 1) : i + 2] for i in range(len(lines))]
    return [
        line
        for line, nearby in zip(lines, stamps_around, strict=True)
        if _seconds_in_words(line) not in nearby
    ]


def _seconds_in_words(line: str) -> float:
    """The seconds of a time in words; -1 if the line is not one."""
    match = _TIME_IN_WORDS.fullmatch(line) if line.strip() else None
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, -1)
    return 3600 * hours + 60 * minutes + seconds


def _find_headings(lines: Sequence[str]) -> dict[int, tuple[str, str, int]]:
    """Headings, lines that hold only a name and a time: line number to name, time and number of lines.

    A line between two times is not a name but a caption, said at the time above it. Headings count only if
    there are at least two, or one begins the file, and if labels with a colon do not outnumber them.
    """
    headings: dict[int, tuple[str, str, int]] = {}
    for index, line in enumerate(lines):
        above, below = lines[index - 1] if index else "", lines[index + 1] if index + 1 < len(lines) else ""
        matches = (heading(line) for heading in _HEADINGS) if len(line) <= 200 else iter(())
        match = next(filter(None, matches), None)
        if match and not _DATE.search(match["name"]):
            headings[index] = (match["name"].strip(), match["clock"], 1)
        elif (
            _is_name_alone(line)
            and (stamp := _TIME_ALONE.fullmatch(below))
            and not _TIME_ALONE.fullmatch(above)
        ):
            headings[index] = (line.strip(), stamp[1], 2)
    counts = Counter(name for name, *_ in headings.values())
    headings = {
        i: heading for i, heading in headings.items() if counts[heading[0]] > 1 or is_name(heading[0], 1)
    }
    label_count = sum(bool(_COLON_LABEL.match(line)) for line in lines)
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    is_sole_heading = len(headings) == 1 and not label_count and first in headings
    return headings if is_sole_heading or len(headings) >= max(2, label_count) else {}


def _find_headings_time_first(lines: Sequence[str]) -> dict[int, tuple[str, str, int]]:
    """The same with the time before the name: only if every line with a time is one, and names recur."""
    timed = [i for i, line in enumerate(lines) if _TIME_FIRST.match(line)]
    matches = {i: match for i in timed if (match := _TIME_THEN_NAME.fullmatch(lines[i][:200]))}
    above_text = [i for i in matches if i + 1 < len(lines) and lines[i + 1].strip() and i + 1 not in matches]
    names = [match["name"] for match in matches.values() if is_name(match["name"], 1)]
    recurring = len(set(names)) < len(names) or all(re.search(r"\d$", name) for name in names)
    if not (names and recurring and len(timed) == len(above_text) == len(names)):
        return {}
    return {i: (match["name"], match["clock"], 1) for i, match in matches.items()}


def _is_name_alone(line: str) -> bool:
    if (
        len(line) > 60
        or line.endswith(tuple(".!?,:"))
        or _TIME_ALONE.fullmatch(line)
        or not strip_sounds(line).strip()
    ):
        return False
    return is_name(line.strip(), 1)


def name_lines(lines: Sequence[str]) -> frozenset[int]:
    """Numbers of the lines that are a name above its speech: most paragraphs begin so, and names recur."""
    paragraphs = [
        index
        for index, line in enumerate(lines[:-1])
        if line.strip() and lines[index + 1].strip() and not _TIME_ALONE.fullmatch(line)
        if index == 0 or not lines[index - 1].strip() or _TIME_ALONE.fullmatch(lines[index - 1])
    ]
    named = [index for index in paragraphs if _is_name_alone(lines[index].rstrip())]
    distinct = len({lines[index].strip() for index in named})
    is_consistent = (
        len(named) >= 3 and 10 * len(named) >= 8 * len(paragraphs) and 3 * distinct <= 2 * len(named)
    )
    return frozenset(named) if is_consistent else frozenset()


def _rewrite_headings(
    lines: Sequence[str], headings: dict[int, tuple[str, str, int]]
) -> tuple[str, list[str]]:
    """The text in house form, and notes.

    Zoom's times are times of day: an hour or more on the first line is not a time in a recording.
    """
    first = next(iter(headings))
    keep_times, notes = True, []
    if _ZOOM_LINE(lines[first]) and (parse_seconds(headings[first][1]) or 0) >= _MIN_DAYTIME_SECONDS:
        keep_times = False
        notes = [f"times such as {headings[first][1]} are of the day, not of the recording: left out"]
    rewritten, next_line = [], -1
    for index, line in enumerate(lines):
        if index in headings:
            name, time, line_count = headings[index]
            name = _MARKUP.sub("", name)
            rewritten.append(f"**{name} [{time}]:**" if keep_times else f"**{name}:**")
            next_line = index + line_count
        elif index >= next_line:
            rewritten.append(line)
    return "\n".join(rewritten), notes


def _times_rise(lines: Sequence[str]) -> bool:
    """Whether nine in ten times at the start of lines are no earlier than the one before."""
    times = [parse_seconds(match[1]) or 0.0 for line in lines if (match := _TIME_FIRST.match(line))]
    falls = sum(after < before for before, after in pairwise(times))
    return 10 * falls <= len(times)
