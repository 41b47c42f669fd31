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
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.errors import InputError
from pipeline.transcripts import labelled
from pipeline.transcripts.cues import TIMED, Cue, cues, unrolled
from pipeline.transcripts.meeting_exports import names_alone
from pipeline.transcripts.pieces import Found, Piece, seconds, spoken, unescaped

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
