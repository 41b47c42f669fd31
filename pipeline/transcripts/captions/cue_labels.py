"""What is said in each timed cue and by whom.

How Podcasting 2.0 names speakers in SRT:
https://github.com/Podcastindex-org/podcast-namespace/blob/main/transcripts/transcripts.md. Known from files
and the programs that read them: Zoom's WebVTT (`Name: text` in each cue), Teams' (`<v Name>`), YouTube's
automatic captions (rolling lines, `<00:00:00.400>` before words), names as identifiers of cues. From
memory: `>>` for a change of speaker (broadcast captions), WhisperX's `[SPEAKER_00]: text`, Stream's cues
with the name on a line above. Which of these a file uses is seen from all its cues, as in `forms`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.records import LeftOut
from pipeline.transcripts.captions.cues import Cue
from pipeline.transcripts.captions.rolling import unroll
from pipeline.transcripts.lines import doubts, forms, heads, not_speech, openings, speaker_labels, structure
from pipeline.transcripts.lines.heads import Head
from pipeline.transcripts.lines.markup import Line
from pipeline.transcripts.lines.openings import Kind, Opening, Parsed
from pipeline.transcripts.pieces import (
    ParsedTranscript,
    Piece,
    parse_seconds,
    strip_sounds,
    unescape_entities,
)

STRANGER = "Unknown speaker"  # whoever speaks after a `>>` without a name, in a file that names others
_VOICE_TAG = re.compile(r"<v(?:\.[^\s<>]*)?\s([^<>]*)>")
_INLINE_TIME = re.compile(r"<(\d[\d:.]*)>")
_MARKUP = re.compile(  # only known tags: "<" may also mean less-than
    r"</?(?:c|i|b|u|v|s|em|strong|font|span|p|br|ruby|rt|lang)(?:[\s./][^<>]*)?>|<\d[\d:.]*>"
    r"|\{\\[^{}]*\}|\{/?[biu]\}",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"([^\"]+)\"")
_LINE_END = re.compile(r"\n|<br\s*/?>|\[br\]|\\N", re.IGNORECASE)
_DASH = re.compile(r"\s*[-\u2013\u2014]\s*(?=[^\s\d-])")
# Only at the start of a line, or after a sentence's end or a tag: elsewhere `>>` may be an operator.
_SPEAKER_CHANGE = re.compile(r"(?:^|(?<=[.!?\u2026\"'\u201d\u2019)\]])|(?<=\w>))\s*>>+")
_KINDS = (Kind.COLON, Kind.BRACKET)
_MAY_OPEN = re.compile(r"[^\n]{0,199}?[:\uff1a]|\s*[\[(<]")
_MIN_PUNCTUATED_SHARE = 0.25  # of cues' lines end sentences: then it is seen where one goes on
_MIN_LABELLED_SHARE = 0.8  # of cues' lines: then one that goes on with a sentence has a label, too
_MIN_IDENTIFIED_SHARE = 0.8  # of cues: then identifiers that recur and are names say who speaks


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a cue's text, as it stands in the file and as it reads.

    `voice` is that of its tag, None without one; `marked`: somebody else speaks; `is_above`: another line of
    the cue is below.
    """

    raw: str
    text: str
    voice: str | None
    marked: bool
    is_first: bool
    is_above: bool = False


def label(cues: Sequence[Cue], notes: Sequence[str]) -> ParsedTranscript:
    """The speech of cues with `<v Name>` voices or `Name:`, and notes, those given first.

    Text without a voice goes on with the voice before it.
    """
    reading = _by_label(cues)
    cue_pieces = [_timed_pieces(cue, said) for cue, said in zip(cues, reading.spoken, strict=True)]
    pieces = tuple(piece for own in unroll(cue_pieces) for piece in own)
    return ParsedTranscript(pieces, [*notes, *reading.notes], tuple(reading.left_out), reading.roles)


_Said = list[tuple[str | None, str]]  # the speaker and the raw text of each part of a cue


@dataclass
class _Reading:
    spoken: list[_Said]
    roles: dict[str, str]
    notes: Sequence[str] = ()
    left_out: Sequence[LeftOut] = ()


def _by_label(cues: Sequence[Cue]) -> _Reading:
    """Who says each part of each cue: by voice, `Name:`, a name on the line above, `>>`, or identifiers."""
    parts = [_parts(cue) for cue in cues]
    flat = [(number, part) for number, own in enumerate(parts, 1) for part in own]
    lines = [_parsed(number, part) for number, part in flat]
    starts = frozenset(
        index for index, (_, part) in enumerate(flat) if part.is_first or part.marked or part.voice
    )
    with_colon = sum(any(opening.kind is Kind.COLON for opening in line.openings) for line in lines)
    all_labelled = with_colon >= _MIN_LABELLED_SHARE * len(lines)
    inside = frozenset[int]() if all_labelled else _inside_sentences([part for _, part in flat])
    labelling = forms.label(_without_chance_labels(lines, inside), starts, goes_on=inside)
    identified = {} if labelling.openings else _identified(cues)
    has_names = bool(labelling.openings or identified)
    reading = _Reading([[] for _ in cues], {})
    speaker: str | None = STRANGER if has_names else None
    left_out: list[LeftOut] = []
    known = {opening.label for opening in labelling.openings.values() if opening.kind is Kind.COLON}
    inside_speakers = structure.labels_inside((part.text for _, part in flat), known) if known else ()
    for index, (number, part) in enumerate(flat):
        raw = part.raw
        if part.is_first:
            speaker = identified.get(number - 1, speaker)
        if opening := labelling.openings.get(index):
            speaker = opening.label
            raw = raw if opening.kind is Kind.VOICE else _text_after_label(raw, opening.text)
            if opening.role:
                reading.roles.setdefault(opening.label, opening.role)
        elif lines[index].marked or index in labelling.strangers:
            speaker = STRANGER if has_names else None
        elif why := not_speech.direction(part.text):
            left_out.append(LeftOut(line=number, text=part.text, why=why))
            continue
        for other, said in structure.parted(raw, inside_speakers):
            speaker = other or speaker
            reading.spoken[number - 1].append((speaker, said))
    unnamed = any(part.marked and index not in labelling.openings for index, (_, part) in enumerate(flat))
    reading.notes = [
        *(['">>" says that the speaker changes, but not to whom'] if unnamed else []),
        *filter(None, [doubts.about_doubtful_lines(lines, labelling, "cue")]),
    ]
    reading.left_out = left_out
    return reading


def _inside_sentences(parts: Sequence[_Part]) -> frozenset[int]:
    """Which parts go on with a sentence of the one before; none if the captions have no punctuation."""
    ended = [speaker_labels.is_sentence(part.text) for part in parts]
    if sum(ended) < _MIN_PUNCTUATED_SHARE * len(parts):
        return frozenset()
    return frozenset(i + 1 for i, has_end in enumerate(ended[:-1]) if not (has_end or parts[i + 1].marked))


def _without_chance_labels(lines: Sequence[Parsed], inside: frozenset[int]) -> list[Parsed]:
    """Lines, without labels that stand inside sentences and nowhere else: a cue may begin with "this: …"."""
    elsewhere = {o.label for i, line in enumerate(lines) if i not in inside for o in line.openings}

    def stays(opening: Opening) -> bool:
        is_shouted = speaker_labels.has_shouted_word(opening.label)
        return opening.kind is Kind.VOICE or is_shouted or opening.label in elsewhere

    return [
        replace(line, openings=tuple(filter(stays, line.openings))) if i in inside else line
        for i, line in enumerate(lines)
    ]


def _parts(cue: Cue) -> list[_Part]:
    """The text of a cue, parted where somebody else speaks: at voices, `>>`, and dashes if there are two."""
    text = "\n".join(cue.lines)
    if "<v" not in text:
        return _unvoiced(text, None, True)
    first, *voiced = _VOICE_TAG.split(text)
    parts = _unvoiced(first, None, True)
    for voice, said in zip(voiced[::2], voiced[1::2], strict=True):
        parts += _unvoiced(said, unescape_entities(voice), not parts)
    return parts


def _unvoiced(text: str, voice: str | None, is_first: bool) -> list[_Part]:
    lines = _LINE_END.split(text.replace("&gt;&gt;", ">>"))
    are_dashed = len(lines) > 1 and sum(bool(_DASH.match(line)) for line in lines) > 1
    parts: list[_Part] = []
    for line in lines:
        dash = _DASH.match(line)
        line = line[dash.end() :] if dash else line
        marked = bool(dash) and are_dashed and bool(parts)
        split = _SPEAKER_CHANGE.split(line) if ">>" in line else [line]
        for place, raw in enumerate(split):
            if reads := _strip_markup(raw).strip():
                own_voice = None if parts or place else voice
                parts.append(_Part(raw, reads, own_voice, marked or place > 0, is_first and not parts))
                marked = False
    return [replace(part, is_above=True) if part is not parts[-1] else part for part in parts]


def _parsed(number: int, part: _Part) -> Parsed:
    line = Line(number, part.text, opens_paragraph=part.is_first)
    if part.voice is not None:
        head = heads.read_head(part.voice) or Head(heads.clean_label(part.voice), "", "", None)
        voice = head.label and Opening(
            Kind.VOICE, head.label, head.after_comma, head.asides, None, part.text, "", False
        )
        return Parsed(line, None, part.text, (voice,) if voice else (), marked=not voice)
    kinds = _KINDS if _MAY_OPEN.match(part.text) else ()
    if part.is_first and part.is_above:
        kinds = (*kinds, Kind.ALONE)
    if not kinds:
        return Parsed(line, None, part.text, marked=part.marked)
    return openings.parse(line, kinds, timed=False, marked=part.marked)


def _identified(cues: Sequence[Cue]) -> dict[int, str]:
    """The speaker of each cue by its identifier, if nearly all have one, and they are names that recur."""
    identifiers = {number: _name_in(cue.identifier) for number, cue in enumerate(cues) if cue.identifier}
    counts = Counter(identifiers.values())
    names = [name for name, count in counts.items() if speaker_labels.is_name(name, count)]
    are_names = (
        len(identifiers) >= _MIN_IDENTIFIED_SHARE * len(cues)
        and 3 * len(counts) <= 2 * len(identifiers)
        and len(names) >= _MIN_IDENTIFIED_SHARE * len(counts)
    )
    return identifiers if are_names else {}


def _name_in(identifier: str) -> str:
    """The name in an identifier, which may be quoted: Webex' `1 "Ann Lee" (2345678912)`."""
    quoted = _QUOTED.search(identifier)
    return quoted[1] if quoted else heads.clean_label(identifier)


def _text_after_label(raw: str, text: str) -> str:
    """What follows the label in a raw line; its markup stays only if the text is otherwise the same."""
    _, colon, remainder = raw.partition(":")
    return remainder if colon and _strip_markup(remainder).strip() == text else text


def _strip_markup(raw: str) -> str:
    if "\\[" in raw:
        raw = raw.replace("\\[", "[").replace("\\]", "]")
    if "<" in raw or "{" in raw:
        raw = _MARKUP.sub("", raw)
    return unescape_entities(raw) if "&" in raw else raw


def _timed_pieces(cue: Cue, said: _Said) -> list[Piece]:
    """The cue's pieces: the first has its start, the last its end; a stamp times the word after it."""
    pieces: list[Piece] = []
    for speaker, raw in said:
        pieces.extend(_pieces(speaker, raw))
    if pieces:
        if pieces[0].start is None:
            pieces[0] = replace(pieces[0], start=cue.start)
        pieces[-1] = replace(pieces[-1], end=cue.end)
    return pieces


def _pieces(speaker: str | None, raw: str) -> Iterator[Piece]:
    first, *stamped = _INLINE_TIME.split(raw) if "<" in raw else (raw,)
    starts = [None, *map(parse_seconds, stamped[::2])]
    ends_in_space = True
    for index, (start, text) in enumerate(zip(starts, (first, *stamped[1::2]), strict=True)):
        speech = strip_sounds(
            _SPEAKER_CHANGE.sub(" ", _strip_markup(text)) if ">>" in text else _strip_markup(text)
        )
        if speech.strip():
            glued = index > 0 and not ends_in_space and not speech[0].isspace()
            yield Piece(speaker, speech, start, glued=glued)
            ends_in_space = speech[-1].isspace()
