"""Words with times, found again in the text that they are from.

Some recognisers leave the punctuation out of their words, and have it in their text alone. So the text is
what counts, and words that are found in it, in order, say when its parts were said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.transcripts.pieces import tokens

REACH = 60  # letters of the text within which a word must come
FOUND = 0.5  # share of the words that must be in the text


@dataclass(frozen=True)
class Placed:
    """A word of the text, with a space before it if there is any.

    `first` and `last` are the indices of the timed words that it starts and ends with, None where none is.
    """

    text: str
    first: int | None
    last: int | None


def placed(text: str, said: Sequence[str]) -> list[Placed]:
    """The words of the text, each with those of `said` that are in it; [] if too few of these are found."""
    places = _places(text, said)
    if not places or len(places) < FOUND * len(said):
        return []
    starts = {first: index for first, _, index in reversed(places)}
    ends = {stop: index for _, stop, index in places}
    found, at = [], 0
    for token in tokens(f" {text.strip()}"):
        begin = text.index(token.strip(), at)
        at = begin + len(token.strip())
        first = next((starts[i] for i in range(begin, at) if i in starts), None)
        last = next((ends[i] for i in range(at, begin, -1) if i in ends), None)
        found.append(Placed(token, first, last))
    return found


def _places(text: str, said: Sequence[str]) -> list[tuple[int, int, int]]:
    """Where in the text the words are, [first, stop) in letters, of those that are found, by their index."""
    lower = text.lower()
    same = lower if len(lower) == len(text) else text
    places, at = [], 0
    for index, word in enumerate(said):
        sought = word.strip()
        sought = sought.lower() if same is lower else sought
        first = same.find(sought, at, at + len(sought) + REACH) if sought else -1
        while first > at and same[first - 1].isalnum():  # inside another word
            first = same.find(sought, first + 1, at + len(sought) + REACH)
        if first >= 0:
            at = first + len(sought)
            places.append((first, at, index))
    return places
