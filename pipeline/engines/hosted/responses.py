"""Replies of a transcription server: validated, nothing taken on trust, and timed in the recording."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pipeline import errors
from pipeline.engines.hosted.uploads import Piece
from pipeline.engines.openai_client import MAX_SHOWN_CHARACTERS, server_words
from pipeline.records import Word
from pipeline.text import Placed, placed, tokens, well_formed

SLACK_SECONDS = 1.0  # by which times may be early, late or go back: recognisers round and overlap
PADDING_SECONDS = 30.0  # Whisper pads its last window up to that, and may end a segment in the padding
MAX_LETTERS_PER_SECOND = 50.0  # no speech has more
ALLOWED_LETTERS = 200  # in any case
MAX_PARTS_PER_SECOND, ALLOWED_PARTS = 25.0, 100  # words and segments

Text = Annotated[str, AfterValidator(well_formed)]
Seconds = Annotated[float, Field(allow_inf_nan=False)]


class UnusableError(Exception):
    """A reply cannot be used; the message says why."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)  # anything else that a server sends is ignored


class TimedWord(_Part):
    """Times are in seconds of the piece."""

    word: Text
    start: Seconds
    end: Seconds


class Segment(_Part):
    """Times in seconds of the piece; `speaker` only in diarized replies, `words` only from some servers."""

    text: Text
    start: Seconds
    end: Seconds
    speaker: Text | None = None
    words: tuple[TimedWord, ...] | None = None


class Reply(_Part):
    """A reply in any format: json has the text alone, verbose_json and diarized_json have segments."""

    error: Any = None
    detail: Any = None
    text: Text | None = None
    language: str | None = None
    segments: tuple[Segment, ...] | None = None
    words: tuple[TimedWord, ...] | None = None

    @property
    def whole(self) -> str:
        """The whole text."""
        joined = "".join(f" {s.text.strip()}" for s in self.segments or ()).strip()
        return (self.text or "").strip() or joined

    @property
    def timed(self) -> tuple[TimedWord, ...]:
        """The timed words, wherever the server puts them."""
        return self.words or tuple(word for s in self.segments or () for word in s.words or ())


def read(body: str, seconds: float) -> Reply:
    """Validate the reply to a piece that is `seconds` long. Raises UnusableError."""
    reply = _parsed(body)
    if reply.text is None and reply.segments is None:
        words = errors.printable(server_words({"error": reply.error, "detail": reply.detail}))
        raise UnusableError(
            f"it is an error ({words[:MAX_SHOWN_CHARACTERS]})"
            if words
            else f"it holds neither text nor segments ({errors.shown(body)})"
        )
    if len(reply.segments or ()) + len(reply.timed) > MAX_PARTS_PER_SECOND * seconds + ALLOWED_PARTS:
        raise UnusableError(f"it has more words and segments than {seconds:.0f} s have")
    _check_times(reply.segments or (), seconds)
    _check_times(reply.timed, seconds)
    length = len(reply.whole)
    if (
        max(length, sum(len(word.word) for word in reply.timed))
        > MAX_LETTERS_PER_SECOND * seconds + ALLOWED_LETTERS
    ):
        raise UnusableError(f"{length} letters in {seconds:.0f} s are more than anybody says")
    return reply


def _parsed(body: str) -> Reply:
    try:
        return Reply.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] != "json_invalid":
            raise UnusableError(f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}") from error
    try:  # Python's parser takes halves of surrogate pairs, which can be mended then
        return Reply.model_validate_json(well_formed(json.dumps(json.loads(body), ensure_ascii=False)))
    except (ValueError, RecursionError) as error:
        raise UnusableError(f"it is no JSON ({errors.shown(body)})") from error


def _check_times(parts: Sequence[Segment | TimedWord], seconds: float) -> None:
    latest = 0.0
    for part in parts:
        if (
            not -SLACK_SECONDS <= part.start <= seconds + SLACK_SECONDS
            or part.end > seconds + PADDING_SECONDS
        ):
            raise UnusableError(f"a time of {part.start:g} to {part.end:g} s in {seconds:.1f} s of sound")
        if part.end < part.start or part.start < latest - SLACK_SECONDS:
            raise UnusableError(f"times go back, to {min(part.start, part.end):g} s")
        latest = max(latest, part.start)


# The words of a reply, timed in the recording: its text has the punctuation, its timed words have the times.


def words(reply: Reply, piece: Piece) -> tuple[Word, ...]:
    """Words in order, as finely timed as the reply allows: each word, else each segment, else the piece."""
    is_labelled = any(segment.speaker for segment in reply.segments or ())
    timed = () if is_labelled else reply.timed
    if placed_words := placed(reply.whole, [word.word for word in timed]):
        result = _timed_words(placed_words, timed, piece)
    elif reply.segments:
        result = _segment_words(reply, piece)
    else:
        result = _untimed_words(reply.whole, *piece.speech)
    return tuple(_monotonic(result))


def _segment_words(reply: Reply, piece: Piece) -> Iterator[Word]:
    for segment in reply.segments or ():
        label = (segment.speaker or "").strip()[:60] or None
        yield from _untimed_words(segment.text, *piece.span(segment.start, segment.end), label)


def _untimed_words(text: str, start: float, end: float, label: str | None = None) -> Iterator[Word]:
    """The words of a text of which only the start and end are known."""
    token_texts = tokens(f" {text.strip()}")
    for index, token in enumerate(token_texts):
        yield Word(
            text=token,
            start=start if index == 0 else None,
            end=end if index == len(token_texts) - 1 else None,
            label=label,
        )


def _timed_words(placed_words: Sequence[Placed], timed: Sequence[TimedWord], piece: Piece) -> Iterator[Word]:
    """The words of the text: each starts with the first timed word in it, and ends with the last."""
    times = [piece.word(word.start, word.end) for word in timed]
    for word in placed_words:
        yield Word(
            text=word.text,
            start=None if word.first is None else times[word.first][0],
            end=None if word.last is None else times[word.last][1],
        )


def _monotonic(words: Iterable[Word]) -> Iterator[Word]:
    """The same words with times that never go back; how far they may is checked when a reply is read."""
    latest = 0.0
    for word in words:
        start, end = word.start, word.end
        if start is not None:
            latest = start = max(start, latest)
        if end is not None:
            end = max(end, latest)
        yield word.model_copy(update={"start": start, "end": end})
