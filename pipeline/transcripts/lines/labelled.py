"""Text transcripts: Markdown or plain lines with labels and times in any usual way, or one speaker's prose.

Three steps: `markup` cleans each line, `openings` tells label, role, time and text apart, `forms` sees from
all lines which reading is the file's. Here the lines become speech, or are left out and listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.records import LeftOut
from pipeline.transcripts.lines import (
    doubts,
    forms,
    markup,
    not_speech,
    openings,
    speaker_labels,
    stamps,
    structure,
)
from pipeline.transcripts.lines.form_evidence import ABOVE_SPEECH
from pipeline.transcripts.lines.forms import Labelling
from pipeline.transcripts.lines.openings import Kind, Opening, Parsed
from pipeline.transcripts.pieces import ParsedTranscript, Piece, format_clock
from pipeline.workspace import front_matter

STRANGER = "Unknown speaker"  # whoever says what nobody is named for, in a file that names others
_MAY_BE_A_SPEAKER = "may be a speaker"
_MIN_INNER_STAMPS = 3  # in brackets and without hours, inside the text: fewer may have been said
_WITH_COLON = (Kind.COLON, Kind.TIGHT_COLON)
# A recording's captions start within its first hour; a time of day is seldom before one o'clock.
_MIN_DAYTIME_SECONDS = 3600.0


def read(text: str) -> ParsedTranscript:
    """The speech of a text, by whom and when, and what else is in it, with its lines.

    A line without a label goes on with the speaker before it. What is said above the first label is a
    stranger's, or the only guest's of the front matter. Where nobody is named, everything is one speaker's.
    """
    about = front_matter.read(text)
    body = "\n".join(text.splitlines()[about.lines :])
    cleaned = markup.clean(body, about.lines + 1)
    parsed = not_speech.without_times_in_words([*map(openings.parse, cleaned.lines)])
    lines = structure.with_times_beside(parsed)
    metadata = not_speech.metadata(lines) | structure.table_heads(lines)
    chat = frozenset(i for i, line in enumerate(lines) if not_speech.is_chat(line.text))
    silent = metadata | chat | not_speech.directions_over_lines(lines)
    starts = frozenset(
        index
        for index, line in enumerate(lines)
        if line.line.opens_paragraph or (index and lines[index - 1].stamp and not lines[index - 1].text)
    )
    candidates = [replace(line, openings=()) if index in silent else line for index, line in enumerate(lines)]
    labelling = forms.label(candidates, starts - metadata)
    if not labelling.openings and (interview := structure.questions_and_answers(lines)).openings:
        labelling = interview
    walk = _Walk(lines, labelling, metadata, about.only_speaker or None)
    pieces = tuple(walk.pieces())
    left_out = tuple(sorted((*cleaned.left_out, *walk.left_out), key=lambda left: left.line))
    notes = [
        *about.notes,
        *walk.notes,
        *doubts.notes(lines, walk.spoken_only(labelling), pieces, left_out, about.guests),
    ]
    return ParsedTranscript(pieces, notes, left_out, walk.roles)


class _Walk:
    """Goes through the lines from top to bottom, and remembers who speaks and since when."""

    def __init__(
        self, lines: Sequence[Parsed], labelling: Labelling, metadata: frozenset[int], guest: str | None
    ) -> None:
        self._lines = lines
        self._labelling = labelling
        self._speaker = guest or (STRANGER if labelling.openings else None)
        self._start: float | None = None
        self._first = min(labelling.openings, default=len(lines))
        self._transcript_from = next(
            (i for i, line in enumerate(lines[: self._first]) if not_speech.is_transcript_heading(line)), -1
        )
        self._metadata = metadata
        known = {o.label for o in labelling.openings.values() if o.kind in _WITH_COLON}
        texts = (
            labelling.openings[i].text if i in labelling.openings else line.text
            for i, line in enumerate(lines)
        )
        self._speakers = structure.labels_inside(texts, known) if known else frozenset[str]()
        self._recordings = not_speech.recordings_played(lines)
        self._speaker_after: dict[int, str | None] = {}
        self._directions = not_speech.directions_over_lines(lines)
        self._markers = _markers(lines, labelling)
        self._is_table = any(lines[index].line.cells for index in labelling.openings)
        self._is_stamped = _is_stamped(lines)
        is_plain = self._is_stamped and not (labelling.openings or labelling.doubtful)
        self._first_stamped = _first_stamped(lines) if is_plain else 0
        self._has_inner_stamps = sum(len(stamps.within(line.text)) for line in lines) >= _MIN_INNER_STAMPS
        self._has_times = not _has_times_of_day(lines, labelling)
        self._in_advertisement = False
        self.words_above = 0  # the first label
        self.left_out: list[LeftOut] = []
        self.roles: dict[str, str] = {}
        self.notes = [] if self._has_times else [_daytime_note(labelling)]

    def pieces(self) -> Iterator[Piece]:
        for index, line in enumerate(self._lines):
            text, directions = not_speech.without_directions(self._text(index, line))
            self.left_out += (
                _left_out(line, each, not_speech.direction(each) or "stage direction") for each in directions
            )
            self.words_above += len(text.split()) if index < self._first else 0
            for speaker, said in structure.parted(text, self._speakers):
                self._speaker = speaker or self._speaker
                yield from self._timed(said)

    def spoken_only(self, labelling: Labelling) -> Labelling:
        """The labelling without doubts about lines that were left out and are no names above speech."""
        whole = {line.line.number: line.line.text for line in self._lines}
        left_out = {left.line: left.why for left in self.left_out if left.text == whole.get(left.line)}
        doubtful = {
            index: opening
            for index, opening in labelling.doubtful.items()
            if (why := left_out.get(self._lines[index].line.number)) is None
            or why in ("heading", _MAY_BE_A_SPEAKER)
            or (why in ("title or list", "stage direction") and not opening.text)
        }
        return replace(labelling, doubtful=doubtful)

    def _text(self, index: int, line: Parsed) -> str:
        """What is said in a line; it may change who speaks."""
        if opening := self._labelling.openings.get(index):
            return self._open(opening, index, line)
        is_set_off = line.line.level or line.line.all_emphasised or line.text[:1] in "[("
        if any(
            speaker_labels.is_advertisement(o.label) and (o.text or is_set_off) for o in line.openings[:1]
        ):
            self._in_advertisement = True
        if line.stamp and not line.text:
            self._start = line.stamp.start if self._has_times else None
            return ""
        why = self._reason(index, line)
        stranger = self._labelling.strangers.get(index) if why in ("", _MAY_BE_A_SPEAKER) else None
        if stranger or (line.marked and not why):
            self._speaker = STRANGER if self._labelling.openings else None
            self._start = stranger.start if stranger and self._has_times else None
        if (end := self._recordings.get(index)) is not None and self._labelling.openings:
            self._speaker_after[end], self._speaker = self._speaker, STRANGER
        self._speaker = self._speaker_after.get(index, self._speaker)
        if why:
            self.left_out.append(_left_out(line, line.line.text, why))
            return ""
        if line.stamp and not (line.stamp.certain or self._is_stamped):
            return line.line.text
        if line.stamp and self._has_times:
            self._start = line.stamp.start
        return line.text.lstrip("| ")

    def _open(self, opening: Opening, index: int, line: Parsed) -> str:
        if index in self._markers:
            self._speaker = STRANGER
            self.left_out.append(_left_out(line, line.line.text, "mark in the text"))
            return ""
        self._in_advertisement = False
        self._speaker = opening.label
        if opening.role:
            self.roles.setdefault(opening.label, opening.role)
        if opening.start is not None and self._has_times:
            self._start = opening.start
        return opening.text

    def _reason(self, index: int, line: Parsed) -> str:
        if self._in_advertisement:
            return "advertisement"
        if index <= self._transcript_from or index < self._first_stamped:
            return "above the transcript"
        if index in self._metadata:
            return "about the talk"
        in_list = line.line.listed or self._was_left_out(line.line.number - 1, "about the talk", "chapter")
        if self._labelling.openings and in_list and _is_chapter(line):
            return "chapter"
        if index in self._directions:
            return "stage direction"
        if stranger := self._labelling.strangers.get(index):
            return "" if stranger.text else _MAY_BE_A_SPEAKER
        if self._labelling.openings and index < self._first:
            return not_speech.reason_above_speech(line)
        return "" if line.line.cells and self._is_table else not_speech.reason(line)

    def _was_left_out(self, number: int, *reasons: str) -> bool:
        above = self.left_out[-1] if self.left_out else None
        return above is not None and above.line == number and above.why in reasons

    def _timed(self, text: str) -> Iterator[Piece]:
        """The pieces of a text, parted where a time stands inside it."""
        position = 0
        for stamp in stamps.within(text):
            if not (stamp.has_hours or self._has_inner_stamps):
                continue
            if before := text[position : stamp.begin].strip():
                yield self._piece(before)
            position = stamp.end
            if stamp.start is not None and self._has_times:
                self._start = stamp.start
        if rest := text[position:].strip():
            yield self._piece(rest)

    def _piece(self, text: str) -> Piece:
        start, self._start = self._start, None
        return Piece(self._speaker, text, start)


def _is_chapter(line: Parsed) -> bool:
    """Whether an entry of a list is a time and a title: "- 0:21 The rope"."""
    return line.stamp is not None and not speaker_labels.is_sentence(line.text)


def _left_out(line: Parsed, text: str, why: str) -> LeftOut:
    return LeftOut(line=line.line.number, text=text, why=why)


def _first_stamped(lines: Sequence[Parsed]) -> int:
    """The first line with a time, if all below have one: above it a program tells what it does."""
    first = next((index for index, line in enumerate(lines) if line.stamp), 0)
    return first if all(line.stamp for line in lines[first:]) else 0


def _markers(lines: Sequence[Parsed], labelling: Labelling) -> frozenset[int]:
    """Lines with a label that never says anything where others speak: "**Break**: [16:05]"."""
    silent: dict[str, list[int]] = {}
    talking = set()
    for index, opening in labelling.openings.items():
        following = lines[index + 1] if index + 1 < len(lines) else None
        goes_on = following and index + 1 not in labelling.openings and not not_speech.reason(following)
        if opening.text or goes_on or opening.kind in ABOVE_SPEECH:
            talking.add(opening.label)
        else:
            silent.setdefault(opening.label, []).append(index)
    return frozenset(index for label, own in silent.items() if label not in talking for index in own)


def _is_stamped(lines: Sequence[Parsed]) -> bool:
    """Whether times without brackets at the start of lines are stamps: most lines have one, and they rise."""
    filled = [line for line in lines if line.text and not line.line.level]
    times = [line.stamp.start for line in filled if line.stamp and line.stamp.start is not None]
    falls = sum(after < before for before, after in pairwise(times))
    return len(times) > 1 and 2 * len(times) >= len(filled) and 10 * falls <= len(times)


def _has_times_of_day(lines: Sequence[Parsed], labelling: Labelling) -> bool:
    """Whether the times are of the day: Zoom's, in its saved captions."""
    first = next((opening for opening in labelling.openings.values() if opening.timed), None)
    return bool(
        first and first.style == "[]" and first.start is not None and first.start >= _MIN_DAYTIME_SECONDS
    )


def _daytime_note(labelling: Labelling) -> str:
    start = next(opening.start for opening in labelling.openings.values() if opening.start is not None)
    return f"times such as {format_clock(start)} are of the day, not of the recording: left out"
