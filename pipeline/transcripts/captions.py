"""WebVTT and SRT: what is said in each cue and by whom.

WebVTT: https://www.w3.org/TR/webvtt1/. SRT has no specification; how Podcasting 2.0 names speakers in it:
https://github.com/Podcastindex-org/podcast-namespace/blob/main/transcripts/transcripts.md. Known from files
and the programs that read them: Zoom's WebVTT (`Name: text` in each cue), Teams' (`<v Name>`), YouTube's
automatic captions (rolling lines, `<00:00:00.400>` before words). From memory: `>>` for a change of speaker
(broadcast captions), WhisperX's `[SPEAKER_00]: text`, Stream's cues with the name on a line above.
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
from pipeline.transcripts.meeting_exports import name_lines
from pipeline.transcripts.pieces import (
    ParsedTranscript,
    Piece,
    counted,
    parse_seconds,
    strip_sounds,
    unescape_entities,
)

UNKNOWN_SPEAKER = "Unknown speaker"  # after a `>>` without a name, in a file that names others
_VOICE_TAG = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>\s][^<>]*)>")
_INLINE_TIME = re.compile(r"<(\d[\d:.]*)>")
_MARKUP = re.compile(  # only known tags: "<" may also mean less-than
    r"</?(?:c|i|b|u|v|s|em|strong|font|span|p|br|ruby|rt|lang)(?:[\s./][^<>]*)?>|<\d[\d:.]*>"
    r"|\{\\[^{}]*\}|\{/?[biu]\}",
    re.IGNORECASE,
)
_BRACKETED_LABEL = re.compile(r"^\s*\[([^\[\]:\d][^\[\]:]{0,59})\]:(?=\s|$)")
_LEADING_DASH = re.compile(r"^\s*[-\u2013\u2014]\s+")
# Only at the start of a line, or after a sentence's end or a tag: elsewhere `>>` may be an operator.
_SPEAKER_CHANGE = re.compile(r"(?:^|(?<=[.!?\u2026\"'\u201d\u2019)\]])|(?<=\w>))\s*>>+")


def is_webvtt(text: str, suffix: str) -> bool:
    return text.lstrip().startswith("WEBVTT")


def is_srt(text: str, suffix: str) -> bool:
    """Cues without WebVTT's header. A file named .vtt counts only with SRT's cue number and decimal comma."""
    if suffix == ".vtt":
        return bool(re.match(r"\s*\d+[^\S\n]*\n\s*\d+:\d+:\d+,\d+\s*-->", text))
    return bool(TIMED_LINE.search(text)) if suffix == ".srt" else len(TIMED_LINE.findall(text)) > 1


def read_webvtt(text: str, path: Path) -> ParsedTranscript:
    """Cues with `<v Name>` voices or `Name:`; text without a voice continues the voice before it.

    Raises InputError if no cue says anything, or if reversed times leave none with an end.
    """
    return _read(text, path, blocks=True)


def read_srt(text: str, path: Path) -> ParsedTranscript:
    """Cues with `Name:` where the speaker changes. Raises InputError as `read_webvtt` does."""
    return _read(text, path, blocks=False)


def _read(text: str, path: Path, *, blocks: bool) -> ParsedTranscript:
    cues, notes = read_cues(text, path, blocks=blocks)
    if not cues:
        raise InputError("no cue in it says anything", file=path, remedy="Export the transcript again.")
    if any(_VOICE_TAG.search("\n".join(cue.lines)) for cue in cues):
        labelled_parts = _label_by_voice(cues)
    else:
        labelled_parts, has_unnamed_change = _label_by_name(cues)
        if has_unnamed_change:
            notes.append('">>" says that the speaker changes, but not to whom')
    cue_pieces = [_timed_pieces(cue, pieces) for cue, pieces in zip(cues, labelled_parts, strict=True)]
    return ParsedTranscript(tuple(piece for pieces in unroll(cue_pieces) for piece in pieces), notes)


def _label_by_voice(cues: Sequence[Cue]) -> list[list[tuple[str | None, str]]]:
    """The voice and raw text of each part of each cue."""
    voice: str | None = None
    labelled_parts = []
    for cue in cues:
        first, *voiced = _VOICE_TAG.split("\n".join(cue.lines))
        names = [voice, *map(_voice_name, voiced[::2])]
        voice = names[-1]
        labelled_parts.append(list(zip(names, (first, *voiced[1::2]), strict=True)))
    return labelled_parts


def _voice_name(raw: str) -> str | None:
    """A voice's name, without the "(Guest)" that Teams appends."""
    name = unescape_entities(raw).strip()
    return re.sub(r"(?<!\s)\s*\([^()]*\)$", "", name) or name or None


def _label_by_name(cues: Sequence[Cue]) -> tuple[list[list[tuple[str | None, str]]], bool]:
    """The speaker and raw text of each part of each cue, by `Name:`, a name on the line above or `>>`.

    Also whether any `>>` names nobody.
    """
    names_above = _names_above(cues)
    cue_lines = [[part for line in cue.lines for part in _split_at_changes(line)] for cue in cues]
    parsed_lines = [[labelled.parse_line(_strip_markup(text)) for _, text in parts] for parts in cue_lines]
    names = _speaker_names(
        [line for parts in parsed_lines for line in parts], [parts[0] for parts in parsed_lines if parts]
    )
    speaker: str | None = None
    labelled_parts: list[list[tuple[str | None, str]]] = []
    has_unnamed_change = False
    for parts, parsed, name_above in zip(cue_lines, parsed_lines, names_above, strict=True):
        speaker = name_above or speaker
        speaker_parts: list[tuple[str | None, str]] = []
        for index, ((is_marked, raw), line) in enumerate(zip(parts, parsed, strict=True)):
            if name_above and index == 0:
                continue
            if line.label in names:
                speaker, raw = line.label, _text_after_label(raw, line.text)
            elif is_marked:
                has_unnamed_change = True
                speaker = UNKNOWN_SPEAKER if names else None
            speaker_parts.append((speaker, raw))
        labelled_parts.append(speaker_parts)
    return labelled_parts, has_unnamed_change


def _text_after_label(raw: str, text: str) -> str:
    """What follows the label in a raw line; its markup stays only if the text is otherwise the same."""
    _, colon, remainder = raw.partition(":")
    return remainder if colon and _strip_markup(remainder).strip() == text.strip() else text


def _split_at_changes(raw: str) -> list[tuple[bool, str]]:
    """A line split at each `>>`: whether the mark precedes a part, and the part."""
    line = _LEADING_DASH.sub("", _BRACKETED_LABEL.sub(r"\1:", raw.replace("&gt;&gt;", ">>")))
    first, *others = _SPEAKER_CHANGE.split(line)
    return [*([(False, first)] if first.strip() else []), *((True, part) for part in others)]


def _speaker_names(lines: Sequence[labelled.Line], turn_starts: Sequence[labelled.Line]) -> frozenset[str]:
    """Labels, if one recurs or the speech begins with one: "Note: …" within a caption names nobody."""
    names = labelled.speaker_labels(lines, turn_starts)
    counts = Counter(line.label for line in lines)
    first = next((line for line in lines if strip_sounds(line.whole).strip()), None)
    is_certain = any(counts[name] > 1 for name in names) or (first is not None and first.label in names)
    return names if is_certain else frozenset()


def _names_above(cues: Sequence[Cue]) -> list[str | None]:
    """The name on the first line of each cue, if nearly all have one there."""
    lines = ["", *(line for cue in cues for line in ("", *filter(str.strip, cue.lines)))]
    named = name_lines(lines)
    index, names = 1, []
    for cue in cues:
        names.append(lines[index + 1].strip() if index + 1 in named else None)
        index += 1 + sum(bool(line.strip()) for line in cue.lines)
    return names


def _strip_markup(raw: str) -> str:
    return unescape_entities(_MARKUP.sub("", raw))


def _timed_pieces(cue: Cue, parts: Iterable[tuple[str | None, str]]) -> list[Piece]:
    """The cue's pieces: the first has its start, the last its end; a stamp times the word after it."""
    pieces: list[Piece] = []
    for label, raw in parts:
        first, *stamped = _INLINE_TIME.split(raw)
        starts = [None, *(parse_seconds(stamp) for stamp in stamped[::2])]
        ends_in_space = True
        for index, (start, text) in enumerate(zip(starts, (first, *stamped[1::2]), strict=True)):
            speech = strip_sounds(_SPEAKER_CHANGE.sub(" ", _strip_markup(text)))
            if speech.strip():
                glued = index > 0 and not ends_in_space and not speech[0].isspace()
                pieces.append(Piece(label, speech, start, glued=glued))
                ends_in_space = speech[-1].isspace()
    if pieces:
        if pieces[0].start is None:
            pieces[0] = replace(pieces[0], start=cue.start)
        pieces[-1] = replace(pieces[-1], end=cue.end)
    return pieces


# Timed cues, as in WebVTT and SRT: their times and lines, and rolling captions.
#
# Parsed here and not with webvtt-py, which silently drops cues with malformed times and rejects SRT without
# hours, milliseconds or numbers.

_TIMING = re.compile(r"\s*(?:(?P<start>[-+]?\d\S*)(?:\s+-*)?-->|--+>)\s*(?P<end>\S*)")
_CLOCK = r"(?:\d{1,4}:)?\d{1,2}:\d{1,2}(?:[.,]\d+)?"
TIMED_LINE = re.compile(rf"^[ \t]*{_CLOCK}[ \t]*-->[ \t]*{_CLOCK}", re.MULTILINE)
_METADATA_BLOCK = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
# Captions roll where more than this share of cues begin with the end of the one before.
_MIN_ROLLING_SHARE = 1 / 3
_MAX_OVERLAP_WORDS = 60

_LabelledWord = tuple[str | None, str]  # label and word


@dataclass(frozen=True)
class Cue:
    """A cue's lines, and its times in seconds where they are readable."""

    start: float | None
    end: float | None
    lines: tuple[str, ...]


def read_cues(text: str, path: Path, *, blocks: bool) -> tuple[list[Cue], list[str]]:
    """All cues that say something, and notes. `blocks`: there may be WebVTT's NOTE, STYLE and REGION.

    A cue without readable times keeps its words; one that ends before it starts keeps its start. Raises
    InputError if reversed times leave no cue with both start and end.
    """
    cues: list[Cue] = []
    unreadable: list[str] = []
    reversed_cues: list[tuple[str, str]] = []
    for number, timing, lines in _split_cues(text.splitlines(), blocks):
        start, end = parse_seconds(timing["start"] or ""), parse_seconds(timing["end"])
        if start is None or end is None:
            unreadable.append(f"line {number}")
            start = end = None
        elif end < start:
            reversed_cues.append((timing["start"], timing["end"]))
            end = None
        if any(line.strip() for line in lines):
            cues.append(Cue(start, end, tuple(lines)))
    if reversed_cues and all(cue.end is None for cue in cues):
        first_start, first_end = (_with_hours(clock) for clock in reversed_cues[0])
        raise InputError(
            f"the cue at {first_start} ends before it starts, at {first_end}",
            file=path,
            remedy="Correct the times of that cue, or export the file again.",
        )
    notes = []
    if unreadable:
        count = counted(len(unreadable), "cue")
        notes.append(f"the times of {count} cannot be read, first at {unreadable[0]}: left out")
    if reversed_cues:
        place = f"first at {_with_hours(reversed_cues[0][0])}"
        notes.append(
            f"{counted(len(reversed_cues), 'cue')} would end before the start, {place}: left out the end"
        )
    return cues, notes


def _with_hours(clock: str) -> str:
    clock = clock.replace(",", ".")
    return clock if clock.count(":") == 2 else f"00:{clock}"


def _split_cues(lines: Sequence[str], blocks: bool) -> Iterator[tuple[int, re.Match[str], list[str]]]:
    """Line number, timing and lines of each cue, without the next cue's number or identifier."""
    timings = [(index, match) for index, line in enumerate(lines) if (match := _TIMING.match(line))]
    stops = [*(index for index, _ in timings[1:]), len(lines)]
    for (index, timing), stop in zip(timings, stops, strict=False):
        cue_lines = list(lines[index + 1 : stop])
        ends_in_id = len(cue_lines) > 1 and not cue_lines[-2] and bool(cue_lines[-1].strip())
        if stop < len(lines) and cue_lines and (cue_lines[-1].strip().isdigit() or (blocks and ends_in_id)):
            cue_lines.pop()
        yield index + 1, timing, _without_metadata(cue_lines) if blocks else cue_lines


def _without_metadata(lines: Sequence[str]) -> list[str]:
    """Cue lines without the NOTE, STYLE and REGION blocks that follow them."""
    kept: list[str] = []
    in_block = False
    for before, line in pairwise(["", *lines]):
        if not line:
            in_block = False
        elif not before and kept and _METADATA_BLOCK.match(line):
            in_block = True
        if not in_block:
            kept.append(line)
    return kept


def unroll(cue_pieces: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """The pieces of each cue without what a rolling caption repeats from the cue before.

    People also repeat words, their own and each other's. So repeats are removed only where much of a file
    repeats itself this way, and only if the speaker is the same.
    """
    cue_words = [
        [(piece.label, word) for piece in pieces for word in piece.text.split()] for pieces in cue_pieces
    ]
    repeats = [0, *(_overlap_length(before, after) for before, after in pairwise(cue_words))]
    is_rolling = sum(map(bool, repeats)) > max(1.0, _MIN_ROLLING_SHARE * (len(cue_words) - 1))
    if not is_rolling:
        return [list(pieces) for pieces in cue_pieces]
    return [
        list(_without_first_words(pieces, count)) for pieces, count in zip(cue_pieces, repeats, strict=True)
    ]


def _overlap_length(before: Sequence[_LabelledWord], after: Sequence[_LabelledWord]) -> int:
    """How many words at the end of `before`, with their labels, are also at the start of `after`."""
    max_words = min(len(before), len(after), _MAX_OVERLAP_WORDS)
    return next((size for size in range(max_words, 0, -1) if before[-size:] == after[:size]), 0)


def _without_first_words(pieces: Sequence[Piece], count: int) -> Iterator[Piece]:
    start = pieces[0].start if pieces else None
    for piece in pieces:
        words = piece.text.split()
        if count < len(words):
            remainder = replace(piece, text=" ".join(words[count:]), glued=False) if count else piece
            yield remainder if remainder.start is not None else replace(remainder, start=start)
            start = None
        count = max(0, count - len(words))
