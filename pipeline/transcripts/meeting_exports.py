"""Text as meeting tools and services export it, rewritten to the house form of pipeline.transcripts.labelled.

Known from files and from programs that read them, in public repositories: Teams (`Name   0:03`, "… started
transcription"), Otter (`Name  0:03`, a closing line), Google Meet's document (times alone as headings,
`Name: text`, two closing lines). From memory only: Zoom's saved captions (`[Name] hh:mm:ss`), Rev (`Name
(00:03):`), Descript (`Name:`, `[00:00:03] Name:`, the house form already), YouTube's transcript panel
(`0:03` alone, or before the text, with or without "3 seconds"), WhisperX's text (`[SPEAKER_00]: …`), what
Whisper prints (`[00:00.000 --> 00:04.000] text`), `0:03 Name` on a line of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from pipeline.transcripts.labelled import CLOCK, is_name
from pipeline.transcripts.pieces import clock, seconds, spoken

_NAME = r"(?P<name>[^\s\[(:\uff1a\d#*_>-][^\[(:\uff1a?!\t]{0,59}?|[Ss]peaker \d+)"
_ASIDE = r"(?:\s*\([^()]*[^():\d][^()]*\))?"
# `Ann Lee  0:03`, `[Ann Lee] 00:00:03`, `Ann Lee (00:03):`, each alone on its line.
_HEADS = (
    re.compile(rf"\s*{_NAME}{_ASIDE}(?:\s+|\s*[|\u00b7\u2022\u2013-]\s*)(?P<clock>{CLOCK})\s*"),
    re.compile(rf"\s*\[(?P<name>[^\[\]:]{{1,60}}?){_ASIDE}\]\s*(?P<clock>{CLOCK})\s*"),
    re.compile(rf"\s*{_NAME}{_ASIDE}\s*[\[(](?P<clock>{CLOCK})[\])]\s*:?\s*"),
)
_ZOOM = _HEADS[1]
_BARE = re.compile(rf"\s*[\[(]?({CLOCK})[\])]?\s*")
_LED = re.compile(rf"\s*({CLOCK})\s+(?=\S)")
_PRINTED = re.compile(rf"^\s*\[({CLOCK}|\d+\.\d+s) --?> (?:{CLOCK}|\d+\.\d+s)\][ \t]*")
_LABELLED = re.compile(r"\s*(?:\*\*)?[A-Z][^:.?!]{0,40}:(?:\*\*)?\s+\S")
_AFTER = re.compile(rf"\s*[\[(]?(?P<clock>{CLOCK})[\])]?\s+{_NAME}\s*")
_HEADED = re.compile(rf"^\s{{0,3}}#{{1,6}}[\s*_]*({CLOCK})[\s*_]*$", re.MULTILINE)
_DATE = re.compile(r"\b(?:19|20)\d\d\b|,.*\d")
_SPELT = re.compile(
    r"\s*(?:(\d{1,3}) hours?,? ?)?(?:(\d{1,3}) minutes?,? ?)?(?:(\d{1,3}) seconds?)?\s*", re.IGNORECASE
)
_TAGGED = re.compile(r"^([ \t]*)\[([^\[\]:\d][^\[\]:]{0,59})\]:(?=\s|$)", re.MULTILINE)
_CLOSING = re.compile(
    r"[\s#*_]*(?:transcribed by https?://otter\.ai|(?:transcription|meeting) ended after [\d:]+.*"
    r"|transcript by rev(?:\.com)?|page \d+ of \d+|this editable transcript was computer generated.*"
    r"|people can also change the text after it was created\.?"
    r"|[\w .'-]{1,60} (?:started|stopped) transcription)[\s*_]*",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[*_\[\]()?!\u3001\u3002\uff01\uff1f]")
_DAY = 3600.0  # the first time of a recording's captions is within its first hour; of a clock's, seldom


def house_form(text: str) -> tuple[str, list[str]]:
    """`text` with each speaker's line as `**Name [time]:**` and each stamp alone in brackets, and notes."""
    text = _HEADED.sub(r"[\1]", _TAGGED.sub(r"\1\2:", text))
    lines = [_PRINTED.sub(_stamp, line) for line in text.splitlines() if not _CLOSING.fullmatch(line)]
    lines = _without_spelt(lines)
    heads = _heads(lines) or _heads_after(lines)
    if heads:
        return _with_heads(lines, heads)
    if names := names_alone(lines):
        return "\n".join(f"**{line.strip()}:**" if i in names else line for i, line in enumerate(lines)), []
    led = [bool(_LED.match(line)) for line in lines if line.strip()]
    if sum(led) > 1 and 2 * sum(led) >= len(led) and _rises(lines):
        lines = [_LED.sub(r"[\1] ", line) for line in lines]
    return "\n".join(lines), []


def _stamp(printed: re.Match[str]) -> str:
    at = printed[1]
    return f"[{clock(float(at[:-1])) if at.endswith('s') else at}] "


def _without_spelt(lines: Sequence[str]) -> list[str]:
    """Lines without times in words ("3 seconds") above or below the same time as a clock.

    Others are captions: "10 minutes" may be the answer to a question.
    """
    stamps = [seconds(match[1]) if (match := _BARE.fullmatch(line)) else None for line in lines]
    near = [stamps[max(0, i - 1) : i + 2] for i in range(len(lines))]
    return [line for line, beside in zip(lines, near, strict=True) if _spelt(line) not in beside]


def _spelt(line: str) -> float:
    """A time in words, in seconds; -1 if it is none."""
    match = _SPELT.fullmatch(line) if line.strip() else None
    hours, minutes, whole = (int(part or 0) for part in match.groups()) if match else (0, 0, -1)
    return 3600 * hours + 60 * minutes + whole


def _heads(lines: Sequence[str]) -> dict[int, tuple[str, str, int]]:
    """Lines with nothing but a name and a time: line number to name, time and how many lines it takes.

    Below a time is what was said then: between two of them is no name, but a caption.
    They count where two or more come, or one begins the file, and no fewer than labels with a colon do.
    """
    found: dict[int, tuple[str, str, int]] = {}
    for index, line in enumerate(lines):
        above, below = lines[index - 1] if index else "", lines[index + 1] if index + 1 < len(lines) else ""
        heads = () if len(line) > 200 else _HEADS
        match = next((m for m in (head.fullmatch(line) for head in heads) if m), None)
        if match and not _DATE.search(match["name"]):
            found[index] = (match["name"].strip(), match["clock"], 1)
        elif _is_name_alone(line) and (stamp := _BARE.fullmatch(below)) and not _BARE.fullmatch(above):
            found[index] = (line.strip(), stamp[1], 2)
    counts = Counter(name for name, *_ in found.values())
    found = {i: head for i, head in found.items() if counts[head[0]] > 1 or is_name(head[0], 1)}
    labelled = sum(bool(_LABELLED.match(line)) for line in lines)
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    alone = len(found) == 1 and not labelled and first in found
    return found if alone or len(found) >= max(2, labelled) else {}


def _heads_after(lines: Sequence[str]) -> dict[int, tuple[str, str, int]]:
    """The same where the time is before the name: only if all lines with times are so, and names recur."""
    led = [i for i, line in enumerate(lines) if _LED.match(line)]
    found = {i: match for i in led if (match := _AFTER.fullmatch(lines[i][:200]))}
    above = [i for i in found if i + 1 < len(lines) and lines[i + 1].strip() and i + 1 not in found]
    names = [match["name"] for match in found.values() if is_name(match["name"], 1)]
    recur = len(set(names)) < len(names) or all(re.search(r"\d$", name) for name in names)
    if not (names and recur and len(led) == len(above) == len(names)):
        return {}
    return {i: (match["name"], match["clock"], 1) for i, match in found.items()}


def _is_name_alone(line: str) -> bool:
    if len(line) > 60 or line.endswith(tuple(".!?,:")) or _BARE.fullmatch(line) or not spoken(line).strip():
        return False
    return is_name(line.strip(), 1)


def names_alone(lines: Sequence[str]) -> frozenset[int]:
    """Which lines are a name above what its owner says: most paragraphs begin so, and names recur."""
    begins = [
        index
        for index, line in enumerate(lines[:-1])
        if line.strip() and lines[index + 1].strip() and not _BARE.fullmatch(line)
        if index == 0 or not lines[index - 1].strip() or _BARE.fullmatch(lines[index - 1])
    ]
    named = [index for index in begins if _is_name_alone(lines[index].rstrip())]
    different = len({lines[index].strip() for index in named})
    enough = len(named) >= 3 and 10 * len(named) >= 8 * len(begins) and 3 * different <= 2 * len(named)
    return frozenset(named) if enough else frozenset()


def _with_heads(lines: Sequence[str], heads: dict[int, tuple[str, str, int]]) -> tuple[str, list[str]]:
    """Zoom's times are of the day: what is an hour or more at the first line is no time in a recording."""
    first = next(iter(heads))
    timed, notes = True, []
    if _ZOOM.fullmatch(lines[first]) and (seconds(heads[first][1]) or 0) >= _DAY:
        timed = False
        notes = [f"times such as {heads[first][1]} are of the day, not of the recording: left out"]
    written, skip = [], -1
    for index, line in enumerate(lines):
        if index in heads:
            name, at, taken = heads[index]
            name = _MARKS.sub("", name)
            written.append(f"**{name} [{at}]:**" if timed else f"**{name}:**")
            skip = index + taken
        elif index >= skip:
            written.append(line)
    return "\n".join(written), notes


def _rises(lines: Sequence[str]) -> bool:
    """Whether nine of ten times at the start of lines are no earlier than the one before."""
    led = [seconds(match[1]) or 0.0 for line in lines if (match := _LED.match(line))]
    falls = sum(b < a for a, b in pairwise(led))
    return 10 * falls <= len(led)
