"""WebVTT and SRT: what is said in each cue and by whom.

WebVTT: https://www.w3.org/TR/webvtt1/. SRT has no specification; how Podcasting 2.0 names speakers in it:
https://github.com/Podcastindex-org/podcast-namespace/blob/main/transcripts/transcripts.md. Known from files
and the programs that read them: Zoom's WebVTT (`Name: text` in each cue), Teams' (`<v Name>`), YouTube's
automatic captions (lines that roll, `<00:00:00.400>` before words). From memory: `>>` for a change of
speaker (broadcast captions), WhisperX's `[SPEAKER_00]: text`, Stream's cues with the name on a line above.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from pipeline.errors import InputError
from pipeline.transcripts import labelled
from pipeline.transcripts.meeting_exports import names_alone
from pipeline.transcripts.pieces import Found, Piece, many, seconds, spoken, unescaped

UNKNOWN = "Unknown speaker"  # after a `>>` without a name, where others have one
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>\s][^<>]*)>")
_INLINE = re.compile(r"<(\d[\d:.]*)>")
_TAG = re.compile(  # "<" is also less-than
    r"</?(?:c|i|b|u|v|s|em|strong|font|span|p|br|ruby|rt|lang)(?:[\s./][^<>]*)?>|<\d[\d:.]*>"
    r"|\{\\[^{}]*\}|\{/?[biu]\}",
    re.IGNORECASE,
)
_TAGGED = re.compile(r"^\s*\[([^\[\]:\d][^\[\]:]{0,59})\]:(?=\s|$)")
_DASH = re.compile(r"^\s*[-\u2013\u2014]\s+")
# After a line's start, a sentence's end or a tag; elsewhere it may be an operator.
_MARK = re.compile(r"(?:^|(?<=[.!?\u2026\"'\u201d\u2019)\]])|(?<=\w>))\s*>>+")


def is_webvtt(text: str, suffix: str) -> bool:
    return text.lstrip().startswith("WEBVTT")


def is_srt(text: str, suffix: str) -> bool:
    """Cues without WebVTT's header. One named .vtt must have a number or a comma to be taken for it."""
    if suffix == ".vtt":
        return bool(re.match(r"\s*\d+\s*\n\s*\d+:\d+:\d+,\d+\s*-->", text))
    return bool(TIMED.search(text)) if suffix == ".srt" else len(TIMED.findall(text)) > 1


def read_webvtt(text: str, path: Path) -> Found:
    """Cues with `<v Name>` voices or `Name:`; text without a voice goes on with the voice before it.

    Raises InputError if no cue has times that can be used.
    """
    return _read(text, path, blocks=True)


def read_srt(text: str, path: Path) -> Found:
    """Cues with `Name:` where the speaker changes. Raises InputError if no cue has times that can be used."""
    return _read(text, path, blocks=False)


def _read(text: str, path: Path, *, blocks: bool) -> Found:
    found, notes = cues(text, path, blocks=blocks)
    if not found:
        raise InputError("no cue in it says anything", file=path, remedy="Export the transcript again.")
    if any(_VOICE.search("\n".join(cue.lines)) for cue in found):
        parted = _by_voice(found)
    else:
        parted, bare = _by_name(found)
        if bare:
            notes.append('">>" says that the speaker changes, but not to whom')
    timed = [_timed(cue, pieces) for cue, pieces in zip(found, parted, strict=True)]
    return Found(tuple(piece for pieces in unrolled(timed) for piece in pieces), notes)


def _by_voice(found: Sequence[Cue]) -> list[list[tuple[str | None, str]]]:
    """Voice and raw text of each part of each cue."""
    voice: str | None = None
    parted = []
    for cue in found:
        first, *voiced = _VOICE.split("\n".join(cue.lines))
        names = [voice, *map(_voice, voiced[::2])]
        voice = names[-1]
        parted.append(list(zip(names, (first, *voiced[1::2]), strict=True)))
    return parted


def _voice(raw: str) -> str | None:
    """A voice's name, without what Teams puts behind it: "(Guest)"."""
    name = unescaped(raw).strip()
    return re.sub(r"\s*\([^()]*\)$", "", name) or name or None


def _by_name(found: Sequence[Cue]) -> tuple[list[list[tuple[str | None, str]]], bool]:
    """The same by `Name:`, a name on a line above or `>>`, and whether a change is to nobody named."""
    alone = _names_above(found)
    lines = [[part for line in cue.lines for part in _marked(line)] for cue in found]
    split = [[labelled.parted(_plain(text)) for _, text in parts] for parts in lines]
    names = _names([line for parts in split for line in parts], [parts[0] for parts in split if parts])
    current: str | None = None
    parted: list[list[tuple[str | None, str]]] = []
    bare = False
    for parts, plain, above in zip(lines, split, alone, strict=True):
        current = above or current
        said: list[tuple[str | None, str]] = []
        for index, ((marked, raw), line) in enumerate(zip(parts, plain, strict=True)):
            if above and index == 0:
                continue
            if line.label in names:
                current, raw = line.label, _after(raw, line.text)
            elif marked:
                bare = True
                current = UNKNOWN if names else None
            said.append((current, raw))
        parted.append(said)
    return parted, bare


def _after(raw: str, text: str) -> str:
    """What of a raw line follows its label; tags within it stay only if nothing else is lost by that."""
    _, colon, rest = raw.partition(":")
    return rest if colon and _plain(rest).strip() == text.strip() else text


def _marked(raw: str) -> list[tuple[bool, str]]:
    """A line cut at each `>>`: whether the mark is before a part, and the part."""
    line = _DASH.sub("", _TAGGED.sub(r"\1:", raw.replace("&gt;&gt;", ">>")))
    first, *others = _MARK.split(line)
    return [*([(False, first)] if first.strip() else []), *((True, part) for part in others)]


def _names(lines: Sequence[labelled.Line], begin: Sequence[labelled.Line]) -> frozenset[str]:
    """Labels, if one comes back or speech begins with one: "Note: …" within a caption names nobody."""
    names = labelled.labels(lines, begin)
    counts = Counter(line.label for line in lines)
    first = next((line for line in lines if spoken(line.whole).strip()), None)
    sure = any(counts[name] > 1 for name in names) or (first is not None and first.label in names)
    return names if sure else frozenset()


def _names_above(found: Sequence[Cue]) -> list[str | None]:
    """The name on the first line of each cue, if nearly all have one there."""
    lines = ["", *(line for cue in found for line in ("", *filter(str.strip, cue.lines)))]
    named = names_alone(lines)
    at, names = 1, []
    for cue in found:
        names.append(lines[at + 1].strip() if at + 1 in named else None)
        at += 1 + sum(bool(line.strip()) for line in cue.lines)
    return names


def _plain(raw: str) -> str:
    return unescaped(_TAG.sub("", raw))


def _timed(cue: Cue, parts: Iterable[tuple[str | None, str]]) -> list[Piece]:
    """The cue's pieces: the first has its start, the last its end; a stamp before a word starts that."""
    pieces: list[Piece] = []
    for label, raw in parts:
        first, *stamped = _INLINE.split(raw)
        starts = [None, *(seconds(stamp) for stamp in stamped[::2])]
        apart = True
        for index, (start, text) in enumerate(zip(starts, (first, *stamped[1::2]), strict=True)):
            plain = spoken(_MARK.sub(" ", _plain(text)))
            if plain.strip():
                glued = index > 0 and not apart and not plain[0].isspace()
                pieces.append(Piece(label, plain, start, glued=glued))
                apart = plain[-1].isspace()
    if pieces:
        if pieces[0].start is None:
            pieces[0] = replace(pieces[0], start=cue.start)
        pieces[-1] = replace(pieces[-1], end=cue.end)
    return pieces


# Timed cues, as WebVTT and SRT have them: their times, their lines, and captions that roll.
#
# Read here and not with webvtt-py, which leaves out cues with malformed times in silence and knows no SRT
# without hours, milliseconds or numbers.

_TIMING = re.compile(r"\s*(?P<start>[-+]?\d\S*)?\s*--+>\s*(?P<end>\S*)")
_CLOCK = r"(?:\d{1,4}:)?\d{1,2}:\d{1,2}(?:[.,]\d+)?"
TIMED = re.compile(rf"^[ \t]*{_CLOCK}[ \t]*-->[ \t]*{_CLOCK}", re.MULTILINE)
_BLOCK = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_ROLLING = 1 / 3  # share of cues that begin with the end of the one before, from which captions roll

_Said = tuple[str | None, str]  # a label and a word


@dataclass(frozen=True)
class Cue:
    """A cue's lines, and its times in seconds where they can be read."""

    start: float | None
    end: float | None
    lines: tuple[str, ...]


def cues(text: str, path: Path, *, blocks: bool) -> tuple[list[Cue], list[str]]:
    """All cues that say something, and notes. `blocks`: there may be WebVTT's NOTE, STYLE and REGION.

    A cue without readable times keeps its words, one that ends before it starts its start. Raises
    InputError if that leaves no cue whole.
    """
    found: list[Cue] = []
    unread: list[str] = []
    turned: list[tuple[str, str]] = []
    for number, timing, lines in _split(text.splitlines(), blocks):
        start, end = seconds(timing["start"] or ""), seconds(timing["end"])
        if start is None or end is None:
            unread.append(f"line {number}")
            start = end = None
        elif end < start:
            turned.append((timing["start"], timing["end"]))
            end = None
        if any(line.strip() for line in lines):
            found.append(Cue(start, end, tuple(lines)))
    if turned and all(cue.end is None for cue in found):
        start_of, end_of = (_full(clock) for clock in turned[0])
        raise InputError(
            f"the cue at {start_of} ends before it starts, at {end_of}",
            file=path,
            remedy="Correct the times of that cue, or export the file again.",
        )
    notes = []
    if unread:
        count = many(len(unread), "cue")
        notes.append(f"the times of {count} cannot be read, first at {unread[0]}: left out")
    if turned:
        where = f"first at {_full(turned[0][0])}"
        notes.append(f"{many(len(turned), 'cue')} would end before the start, {where}: left out the end")
    return found, notes


def _full(clock: str) -> str:
    clock = clock.replace(",", ".")
    return clock if clock.count(":") == 2 else f"00:{clock}"


def _split(lines: Sequence[str], blocks: bool) -> Iterator[tuple[int, re.Match[str], list[str]]]:
    """Line number, timing and lines of each cue, without the number or name above the next one's times."""
    at = [(index, match) for index, line in enumerate(lines) if (match := _TIMING.match(line))]
    stops = [*(index for index, _ in at[1:]), len(lines)]
    for (index, timing), stop in zip(at, stops, strict=False):
        said = list(lines[index + 1 : stop])
        named = len(said) > 1 and not said[-2] and bool(said[-1].strip())
        if stop < len(lines) and said and (said[-1].strip().isdigit() or (blocks and named)):
            said.pop()
        yield index + 1, timing, _without_blocks(said) if blocks else said


def _without_blocks(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    inside = False
    for before, line in pairwise(["", *lines]):
        if not line:
            inside = False
        elif not before and kept and _BLOCK.match(line):
            inside = True
        if not inside:
            kept.append(line)
    return kept


def unrolled(spoken: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """The pieces of each cue without what a rolling caption repeats of the cue before.

    People do say a word twice, and each other's: only where much of a file repeats itself so, and only what
    the same speaker repeats, is taken out.
    """
    words = [[(piece.label, word) for piece in pieces for word in piece.text.split()] for pieces in spoken]
    repeats = [0, *(_overlap(before, after) for before, after in pairwise(words))]
    rolling = sum(map(bool, repeats)) > max(1.0, _ROLLING * (len(words) - 1))
    if not rolling:
        return [list(pieces) for pieces in spoken]
    return [list(_without(pieces, count)) for pieces, count in zip(spoken, repeats, strict=True)]


def _overlap(before: Sequence[_Said], after: Sequence[_Said]) -> int:
    """How many words of the same speakers at the end of one are at the start of the other."""
    most = min(len(before), len(after), 60)
    return next((size for size in range(most, 0, -1) if before[-size:] == after[:size]), 0)


def _without(pieces: Sequence[Piece], count: int) -> Iterator[Piece]:
    start = pieces[0].start if pieces else None
    for piece in pieces:
        words = piece.text.split()
        if count < len(words):
            rest = replace(piece, text=" ".join(words[count:]), glued=False) if count else piece
            yield rest if rest.start is not None else replace(rest, start=start)
            start = None
        count = max(0, count - len(words))
