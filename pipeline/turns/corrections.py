"""The [[fix]] entries of NAME.review.toml: misheard words, corrected in the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from pipeline.records import Unmatched, Word
from pipeline.text import UNSPACED
from pipeline.turns.moments import last_known_starts
from pipeline.workspace.review_file import Fix

REACH_SECONDS = 15.0  # around `at`: the misheard words must be within it

# Punctuation belongs to the sentence; any other symbol ("C++", "$5", "#1") is part of its word.
_OPENING = "\"'([{\u00a1\u00ab\u00bf\u201c\u2013\u2014\u2026-"
_CLOSING = "\"')]}.,;:!?\u00bb\u201d\u2013\u2014\u2026\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f-"

# A match ends where a word does: not beside a letter (of a script with spaces; its combining marks are \W),
# nor inside "3.5" or "don't", but before the possessive "'s".
_LETTER = rf"(?:[^\W{UNSPACED}]|[\u0300-\u036f\u0900-\u0963\u0966-\u0dff])"
_IS_LETTER = re.compile(_LETTER)
_BEGINS = re.compile(rf"(?<!{_LETTER})(?<!\w[.,:'])")
_ENDS = re.compile(rf"(?!{_LETTER})(?![.,:]\w|'(?!s\b)\w)")
# Between two words there is white space, and maybe punctuation; what comes next ends it.
_GAP = r"[^\w\s]{0,60}+\s\W{0,60}?"


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
    texts, starts = [word.text for word in words], last_known_starts(words)
    spoken, unmatched = Spoken.of(texts), []
    for fix in fixes:
        matches = [p for p in spoken.places(fix.heard) if words[p.first].label == words[p.last].label]
        if fix.at is not None:
            matches = _nearest(matches, starts, fix.at)
        if not matches:
            at = f" near {fix.at:g} s" if fix.at is not None else ""
            why = f"'{fix.heard}'{at} is not in the transcript"
            unmatched.append(Unmatched(file=file, entry="fix", why=why))
        for place in reversed(matches):  # the last first, so that offsets of earlier matches stay right
            texts[place.first : place.last + 1] = _replaced(texts, place, fix.meant.strip())
        if matches:
            spoken = Spoken.of(texts)
    return texts, unmatched


@dataclass(frozen=True)
class Spoken:
    """The words' texts as one, to look for words in.

    `offsets` is where each text begins; `source` is where each character of `folded` comes from.
    """

    offsets: Sequence[int]
    folded: str
    source: Sequence[int]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Spoken:
        offsets = list(accumulate(map(len, texts), initial=0))[:-1]
        return cls(offsets, *_fold("".join(texts)))

    def places(self, heard: str) -> Iterator[Place]:
        """Where the `heard` words occur, in order, without overlap; none if they have no letter or digit."""
        if not (parts := _parts(heard)):
            return
        first, *others = map(re.escape, parts)
        pattern = re.compile(first + "".join(rf"(?>{_GAP}{other})" for other in others))
        begins, ends = _IS_LETTER.match(parts[0][0]), _IS_LETTER.match(parts[-1][-1])
        text, at = self.folded, self.folded.find(parts[0])
        while at >= 0:
            match = pattern.match(text, at)
            if match and not (
                (begins and not _BEGINS.match(text, at)) or (ends and not _ENDS.match(text, match.end()))
            ):
                yield self._place(match)
                at = match.end() - 1
            at = text.find(parts[0], at + 1)

    def _place(self, match: re.Match[str]) -> Place:
        start, end = self.source[match.start()], self.source[match.end() - 1]
        first, last = bisect_right(self.offsets, start) - 1, bisect_right(self.offsets, end) - 1
        return Place(first, start - self.offsets[first], last, end + 1 - self.offsets[last])


def _parts(heard: str) -> list[str]:
    """The words to look for, folded, without the punctuation around them; none without letters or digits."""
    words = (word.lstrip(_OPENING).rstrip(_CLOSING) for word in _fold(heard)[0].split())
    parts = [word for word in words if word]
    return parts if any(char.isalnum() for part in parts for char in part) else []


def _fold(text: str) -> tuple[str, Sequence[int]]:
    """The text case-folded, with straight apostrophes, and for each of its characters its index in `text`."""
    folded = text.replace("\u2019", "'").casefold()
    if len(folded) == len(text):
        return folded, range(len(text))
    return folded, [i for i, char in enumerate(text) for _ in char.casefold()]  # "ß" becomes "ss"


def _nearest(matches: Sequence[Place], starts: Sequence[float | None], at: float) -> list[Place]:
    """The match closest to a moment, if one is within reach. `starts` are the last known, by word."""
    distances = [
        (abs(time - at), i) for i, place in enumerate(matches) if (time := starts[place.first]) is not None
    ]
    return [matches[i] for distance, i in sorted(distances)[:1] if distance <= REACH_SECONDS]


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
    return next((n for n in range(min(len(left), len(right)), 0, -1) if left.endswith(right[:n])), 0)
