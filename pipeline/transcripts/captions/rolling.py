"""Rolling captions, where each cue begins with what the one before ended with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pipeline.transcripts.pieces import Piece

# Captions roll where more than this share of cues begin with the end of the one before.
_MIN_ROLLING_SHARE = 1 / 3
_MAX_OVERLAP_WORDS = 60

_LabelledWord = tuple[str | None, str]  # label and word


def unroll(cue_pieces: Sequence[Sequence[Piece]]) -> Sequence[Sequence[Piece]]:
    """The pieces of each cue without what a rolling caption repeats from the cue before.

    People also repeat words, their own and each other's. So repeats are removed only where much of a file
    repeats itself this way, and only if the speaker is the same.
    """
    repeats = list(_repeats(cue_pieces))
    if sum(map(bool, repeats)) <= max(1.0, _MIN_ROLLING_SHARE * (len(repeats) - 1)):
        return cue_pieces
    return [
        list(_without_first_words(pieces, count)) for pieces, count in zip(cue_pieces, repeats, strict=True)
    ]


def _repeats(cue_pieces: Iterable[Sequence[Piece]]) -> Iterator[int]:
    """How many words at the start of each cue are also at the end of the one before, with their labels."""
    before: list[_LabelledWord] = []
    for pieces in cue_pieces:
        after = [(piece.label, word) for piece in pieces for word in piece.text.split()]
        yield _overlap_length(before, after) if after and after[0] in before[-_MAX_OVERLAP_WORDS:] else 0
        before = after


def _overlap_length(before: Sequence[_LabelledWord], after: Sequence[_LabelledWord]) -> int:
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
