"""The [[fix]] entries of NAME.review.toml: words misheard, put right in the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from pipeline.records import Word
from pipeline.text import UNSPACED
from pipeline.workspace.sidecar_facts import Fix

REACH = 15.0  # seconds around `at` in which the misheard words must be

# Punctuation belongs to the sentence; any other sign ("C++", "$5", "#1") is part of its word.
_OPENING = "\"'([{\u00a1\u00ab\u00bf\u201c\u2013\u2014\u2026-"
_CLOSING = "\"')]}.,;:!?\u00bb\u201d\u2013\u2014\u2026\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f-"

# A match ends where a word does: not beside a letter (of a script with spaces; its combining marks are \W),
# nor inside "3.5" or "don't", but before the possessive "'s".
_LETTER = rf"(?:[^\W{UNSPACED}]|[\u0300-\u036f\u0900-\u0963\u0966-\u0dff])"
_BEGINS = rf"(?<!{_LETTER})(?<!\w[.,:'])"
_ENDS = rf"(?!{_LETTER})(?![.,:]\w|'(?!s\b)\w)"


@dataclass(frozen=True)
class Place:
    """A match: its first word and where in it the match starts, its last word and where in it it stops."""

    first: int
    start: int
    last: int
    stop: int


def apply(fixes: Sequence[Fix], words: Sequence[Word]) -> tuple[list[str], list[str]]:
    """The words' texts after all fixes, and a line for each fix that matched nothing.

    The first word of a match takes the new text as it is written; of the others only what the match leaves
    over stays, so that no index moves. Case and punctuation do not matter for a match, and what surrounds it
    ("(Ann's") is kept.
    """
    texts = [word.text for word in words]
    unmatched = []
    for fix in fixes:
        found = [p for p in places(texts, fix.heard) if words[p.first].label == words[p.last].label]
        if fix.at is not None:
            found = _nearest(found, words, fix.at)
        if not found:
            at = f" near {fix.at:g} s" if fix.at is not None else ""
            unmatched.append(f"fix: '{fix.heard}'{at} is not in the transcript")
        for place in reversed(found):  # from the last on, so that the others stay where they were found
            _replace(texts, place, fix.meant.strip())
    return texts, unmatched


def places(texts: Sequence[str], heard: str) -> Iterator[Place]:
    """Where the words that were heard are, in order and without overlap; nowhere if they have no letter."""
    pattern = _pattern(heard)
    if pattern is None:
        return
    begins = list(accumulate((len(text) for text in texts), initial=0))[:-1]
    folded, source = _fold("".join(texts))
    for match in pattern.finditer(folded):
        start, end = source[match.start()], source[match.end() - 1]
        first, last = bisect_right(begins, start) - 1, bisect_right(begins, end) - 1
        yield Place(first, start - begins[first], last, end + 1 - begins[last])


def _pattern(heard: str) -> re.Pattern[str] | None:
    parts = [part.lstrip(_OPENING).rstrip(_CLOSING) for part in _fold(heard)[0].split()]
    parts = [part for part in parts if part]
    if not any(char.isalnum() for part in parts for char in part):
        return None
    begins = _BEGINS if re.match(_LETTER, parts[0][0]) else ""
    ends = _ENDS if re.match(_LETTER, parts[-1][-1]) else ""
    return re.compile(begins + r"\W*\s\W*".join(map(re.escape, parts)) + ends)


def _fold(text: str) -> tuple[str, list[int]]:
    """A text without case and with plain apostrophes, and where in it each character comes from."""
    folded = [(part, i) for i, char in enumerate(text) for part in char.replace("\u2019", "'").casefold()]
    return "".join(part for part, _ in folded), [i for _, i in folded]


def _nearest(found: Sequence[Place], words: Sequence[Word], at: float) -> list[Place]:
    """The place closest to a moment, if one is within reach."""
    near = [(abs(time - at), i) for i, p in enumerate(found) if (time := _time(words, p.first)) is not None]
    return [found[i] for distance, i in sorted(near)[:1] if distance <= REACH]


def _time(words: Sequence[Word], index: int) -> float | None:
    """The last time known at or before a word."""
    return next((t for word in reversed(words[: index + 1]) if (t := word.start) is not None), None)


def _replace(texts: list[str], place: Place, meant: str) -> None:
    before, after = texts[place.first][: place.start], texts[place.last][place.stop :]
    before = before[: len(before) - _shared(before, meant)] if meant else before.rstrip()
    after = after[_shared(meant, after) :]
    texts[place.first : place.last + 1] = [""] * (place.last + 1 - place.first)
    texts[place.last] = after
    texts[place.first] = f"{before}{meant}{texts[place.first]}"


def _shared(left: str, right: str) -> int:
    """How many signs at the end of one text begin the next one too: "Pollak." and "." share one."""
    if not right or right[0].isalnum():
        return 0
    return next((n for n in range(len(right), 0, -1) if left.endswith(right[:n])), 0)
