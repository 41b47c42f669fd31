"""The words of a reply at their moments of the recording.

The text of a reply has the punctuation, its list of words the times: OpenAI's leaves punctuation out. So the
text is what counts, and words that are found in it, in order, say when its parts were said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipeline.engines.hosted.pieces import Piece
from pipeline.engines.hosted.replies import Reply, TimedWord
from pipeline.records import Word
from pipeline.transcripts.pieces import tokens

REACH = 60  # letters of the text within which a word must come
FOUND = 0.5  # share of the words that must be in the text


def words(reply: Reply, piece: Piece) -> tuple[Word, ...]:
    """In order, as finely timed as the reply allows: each word, else each segment, else the piece."""
    labelled = any(segment.speaker for segment in reply.segments or ())
    timed = () if labelled else reply.timed
    places = _places(reply.whole, timed)
    if timed and len(places) >= FOUND * len(timed):
        found = _placed(reply.whole, places, piece)
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


def _places(text: str, timed: Sequence[TimedWord]) -> list[tuple[int, int, TimedWord]]:
    """Where in the text the words are, [first, stop) in letters, of those that are found."""
    lower = text.lower()
    same = lower if len(lower) == len(text) else text
    places, at = [], 0
    for word in timed:
        sought = word.word.strip()
        sought = sought.lower() if same is lower else sought
        first = same.find(sought, at, at + len(sought) + REACH) if sought else -1
        while first > at and same[first - 1].isalnum():  # inside another word
            first = same.find(sought, first + 1, at + len(sought) + REACH)
        if first >= 0:
            at = first + len(sought)
            places.append((first, at, word))
    return places


def _placed(text: str, places: Sequence[tuple[int, int, TimedWord]], piece: Piece) -> Iterator[Word]:
    """The words of the text: each starts with the first timed word in it and ends with the last."""
    moments = [(first, stop, *piece.word(word.start, word.end)) for first, stop, word in places]
    starts = {first: start for first, _, start, _ in reversed(moments)}
    ends = {stop: end for _, stop, _, end in moments}
    at = 0
    for token in tokens(f" {text.strip()}"):
        first = text.index(token.strip(), at)
        at = first + len(token.strip())
        yield Word(
            text=token,
            start=next((starts[i] for i in range(first, at) if i in starts), None),
            end=next((ends[i] for i in range(at, first, -1) if i in ends), None),
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
