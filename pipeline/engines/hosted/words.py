"""The words of a reply at their moments of the recording: the text has the punctuation, a list the times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipeline.engines.hosted.responses import Reply, TimedWord
from pipeline.engines.hosted.uploads import Piece
from pipeline.records import Word
from pipeline.transcripts.pieces import tokens
from pipeline.transcripts.placing import Placed, placed


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
