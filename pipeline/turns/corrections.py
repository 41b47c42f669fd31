"""The [[fix]] entries of NAME.review.toml: misheard words, corrected in the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from pipeline.records import Unmatched, Word
from pipeline.text import UNSPACED
from pipeline.workspace.review_file import Fix

REACH_SECONDS = 15.0  # around `at`: the misheard words must be within it

# Punctuation belongs to the sentence; any other symbol ("C++", "$5", "#1") is part of its word.
_OPENING = "\"'([{\u00a1\u00ab\u00bf\u201c\u2013\u2014\u2026-"
_CLOSING = "\"')]}.,;:!?\u00bb\u201d\u2013\u2014\u2026\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f-"

# A match ends where a word does: not beside a letter (of a script with spaces; its combining marks are \W),
# nor inside "3.5" or "don't", but before the possessive "'s".
_LETTER = rf"(?:[^\W{UNSPACED}]|[\u0300-\u036f\u0900-\u0963\u0966-\u0dff])"
_BEGINS = rf"(?<!{_LETTER})(?<!\w[.,:'])"
_ENDS = rf"(?!{_LETTER})(?![.,:]\w|'(?!s\b)\w)"


@dataclass(frozen=True)
class Place:
    """A match: its first word and the offset at which it starts in it, its last word and where it stops."""

    first: int
    start: int
    last: int
    stop: int


def apply(fixes: Sequence[Fix], words: Sequence[Word], file: str) -> tuple[list[str], list[Unmatched]]:
    """The words' texts after all fixes, and each fix of the review `file` that matched nothing.

    The first word of a match takes the new text as written; of the other words only what the match does not
    cover stays, so that no index moves. Case and punctuation do not matter for a match, and what surrounds it
    ("(Ann's") is kept.
    """
    texts = [word.text for word in words]
    unmatched = []
    for fix in fixes:
        matches = [p for p in places(texts, fix.heard) if words[p.first].label == words[p.last].label]
        if fix.at is not None:
            matches = _nearest(matches, words, fix.at)
        if not matches:
            at = f" near {fix.at:g} s" if fix.at is not None else ""
            why = f"'{fix.heard}'{at} is not in the transcript"
            unmatched.append(Unmatched(file=file, entry="fix", why=why))
        for place in reversed(matches):  # the last first, so that offsets of earlier matches stay right
            texts[place.first : place.last + 1] = _replaced(texts, place, fix.meant.strip())
    return texts, unmatched


def places(texts: Sequence[str], heard: str) -> Iterator[Place]:
    """Where the `heard` words occur, in order and without overlap; none if they have no letter or digit."""
    pattern = _pattern(heard)
    if pattern is None:
        return
    offsets = list(accumulate((len(text) for text in texts), initial=0))[:-1]
    folded, source = _fold("".join(texts))
    for match in pattern.finditer(folded):
        start, end = source[match.start()], source[match.end() - 1]
        first, last = bisect_right(offsets, start) - 1, bisect_right(offsets, end) - 1
        yield Place(first, start - offsets[first], last, end + 1 - offsets[last])


def _pattern(heard: str) -> re.Pattern[str] | None:
    parts = [part.lstrip(_OPENING).rstrip(_CLOSING) for part in _fold(heard)[0].split()]
    parts = [part for part in parts if part]
    if not any(char.isalnum() for part in parts for char in part):
        return None
    begins = _BEGINS if re.match(_LETTER, parts[0][0]) else ""
    ends = _ENDS if re.match(_LETTER, parts[-1][-1]) else ""
    return re.compile(begins + r"\W*\s\W*".join(map(re.escape, parts)) + ends)


def _fold(text: str) -> tuple[str, list[int]]:
    """The text case-folded, with straight apostrophes, and for each of its characters its index in `text`."""
    folded = [(part, i) for i, char in enumerate(text) for part in char.replace("\u2019", "'").casefold()]
    return "".join(part for part, _ in folded), [i for _, i in folded]


def _nearest(matches: Sequence[Place], words: Sequence[Word], at: float) -> list[Place]:
    """The match closest to a moment, if one is within reach."""
    distances = [
        (abs(time - at), i)
        for i, place in enumerate(matches)
        if (time := _last_known_time(words, place.first)) is not None
    ]
    return [matches[i] for distance, i in sorted(distances)[:1] if distance <= REACH_SECONDS]


def _last_known_time(words: Sequence[Word], index: int) -> float | None:
    """The last known start at or before a word, in seconds."""
    return next((t for word in reversed(words[: index + 1]) if (t := word.start) is not None), None)


def _replaced(texts: Sequence[str], place: Place, meant: str) -> list[str]:
    """The texts of the words of a match once it reads as it was meant."""
    before, after = texts[place.first][: place.start], texts[place.last][place.stop :]
    before = before[: len(before) - _overlap_length(before, meant)] if meant else before.rstrip()
    after = after[_overlap_length(meant, after) :]
    replaced = [""] * (place.last + 1 - place.first)
    replaced[-1] = after
    replaced[0] = f"{before}{meant}{replaced[0]}"
    return replaced


def _overlap_length(left: str, right: str) -> int:
    """How many symbols at the end of one text also begin the next: 1 for "Pollak." and "."."""
    if not right or right[0].isalnum():
        return 0
    return next((n for n in range(len(right), 0, -1) if left.endswith(right[:n])), 0)
