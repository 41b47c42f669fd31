"""What a transcription server answers: validated, nothing believed unread, and put where it was said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline import errors
from pipeline.engines.hosted.uploads import Piece
from pipeline.records import Word
from pipeline.text import Placed, placed, tokens

SLACK = 1.0  # seconds by which times may be early, late or go back: recognisers round and overlap
PADDING = 30.0  # seconds; Whisper fills its last window up to that, and may end a segment in there
FASTEST, SOME = 50.0, 200  # letters a second that no speech has, and what is let pass in any case

Seconds = Annotated[float, Field(allow_inf_nan=False)]


class UnusableError(Exception):
    """Why a reply cannot be used."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)  # what else a server sends is not looked at


class TimedWord(_Part):
    """Seconds of the piece."""

    word: str
    start: Seconds
    end: Seconds


class Segment(_Part):
    """Seconds of the piece; `speaker` only in diarized replies, `words` only from some servers."""

    text: str
    start: Seconds
    end: Seconds
    speaker: str | None = None
    words: tuple[TimedWord, ...] | None = None


class Reply(_Part):
    """Every form at once: json has the text alone, verbose_json and diarized_json have segments."""

    text: str | None = None
    language: str | None = None
    segments: tuple[Segment, ...] | None = None
    words: tuple[TimedWord, ...] | None = None

    @property
    def whole(self) -> str:
        """All of the text."""
        joined = "".join(f" {s.text.strip()}" for s in self.segments or ()).strip()
        return (self.text or "").strip() or joined

    @property
    def timed(self) -> tuple[TimedWord, ...]:
        """The words, wherever the server puts them."""
        return self.words or tuple(word for s in self.segments or () for word in s.words or ())


def read(body: str, seconds: float) -> Reply:
    """The reply to a piece that is `seconds` long. Raises UnusableError."""
    try:
        reply = Reply.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["type"] == "json_invalid":
            raise UnusableError(f"it is no JSON ({errors.shown(body)})") from error
        where = ".".join(map(str, first["loc"])) or "it"
        raise UnusableError(f"{where}: {first['msg']}") from error
    if reply.text is None and reply.segments is None:
        raise UnusableError(f"it holds neither text nor segments ({errors.shown(body)})")
    _check_times(reply.segments or (), seconds)
    _check_times(reply.timed, seconds)
    said = len(reply.whole)
    if max(said, sum(len(w.word) for w in reply.timed)) > FASTEST * seconds + SOME:
        raise UnusableError(f"{said} letters in {seconds:.0f} s are more than anybody says")
    return reply


def _check_times(parts: Sequence[Segment | TimedWord], seconds: float) -> None:
    last = 0.0
    for part in parts:
        if not -SLACK <= part.start <= seconds + SLACK or part.end > seconds + PADDING:
            raise UnusableError(f"a time of {part.start:g} to {part.end:g} s in {seconds:.1f} s of sound")
        if part.end < part.start or part.start < last - SLACK:
            raise UnusableError(f"times go back, to {min(part.start, part.end):g} s")
        last = max(last, part.start)


# The words of a reply at their moments of the recording: the text has the punctuation, a list the times.


def words(reply: Reply, piece: Piece) -> tuple[Word, ...]:
    """In order, as finely timed as the reply allows: each word, else each segment, else the piece."""
    labelled = any(segment.speaker for segment in reply.segments or ())
    timed = () if labelled else reply.timed
    if in_text := placed(reply.whole, [word.word for word in timed]):
        found = _timed(in_text, timed, piece)
    elif reply.segments:
        found = _of_segments(reply, piece)
    else:
        found = _spread(reply.whole, *piece.speech)
    return tuple(_forward(found))


def _of_segments(reply: Reply, piece: Piece) -> Iterator[Word]:
    for segment in reply.segments or ():
        label = (segment.speaker or "").strip()[:60] or None
        yield from _spread(segment.text, *piece.span(segment.start, segment.end), label)


def _spread(text: str, start: float, end: float, label: str | None = None) -> Iterator[Word]:
    """The words of a text of which only the ends are known."""
    found = tokens(f" {text.strip()}")
    for index, token in enumerate(found):
        yield Word(
            text=token,
            start=start if index == 0 else None,
            end=end if index == len(found) - 1 else None,
            label=label,
        )


def _timed(found: Sequence[Placed], timed: Sequence[TimedWord], piece: Piece) -> Iterator[Word]:
    """The words of the text: each starts with the first timed word in it and ends with the last."""
    moments = [piece.word(word.start, word.end) for word in timed]
    for word in found:
        yield Word(
            text=word.text,
            start=None if word.first is None else moments[word.first][0],
            end=None if word.last is None else moments[word.last][1],
        )


def _forward(found: Iterable[Word]) -> Iterator[Word]:
    """Times that never go back; by how much they may is checked when the reply is read."""
    now = 0.0
    for word in found:
        start, end = word.start, word.end
        if start is not None:
            now = start = max(start, now)
        if end is not None:
            end = max(end, now)
        yield word.model_copy(update={"start": start, "end": end})
