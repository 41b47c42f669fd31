"""The [[fix]] entries of NAME.review.toml: words misheard, put right in the text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.facts import Fix
from pipeline.records import Word

REACH = 15.0  # seconds around `at` in which the misheard words must be

_EDGES = re.compile(r"^[^\w]+|[^\w]+$")


def apply(fixes: Sequence[Fix], words: Sequence[Word]) -> tuple[list[str], list[str]]:
    """The words' texts after all fixes, and a line for each fix that matched nothing.

    The first word of a match takes the new text and the others become empty, so that no index moves.
    Case and the punctuation around a word do not matter for a match, and stay as they were.
    """
    texts = [word.text for word in words]
    unmatched = []
    for fix in fixes:
        heard = [_bare(part) for part in fix.heard.split()]
        starts = [i for i in range(len(texts)) if _matches(texts, i, heard)]
        if fix.at is not None:
            near = [(abs(t - fix.at), i) for i in starts if (t := _time(words, i)) is not None]
            starts = [i for distance, i in sorted(near)[:1] if distance <= REACH]
        if not starts:
            at = f" near {fix.at:g} s" if fix.at is not None else ""
            unmatched.append(f"fix: '{fix.heard}'{at} is not in the transcript")
        for start in starts:
            _replace(texts, start, len(heard), fix.meant)
    return texts, unmatched


def _bare(text: str) -> str:
    return _EDGES.sub("", text.strip()).casefold()


def _matches(texts: Sequence[str], start: int, heard: Sequence[str]) -> bool:
    here = texts[start : start + len(heard)]
    return len(here) == len(heard) and all(
        _bare(text) == part for text, part in zip(here, heard, strict=True)
    )


def _time(words: Sequence[Word], index: int) -> float | None:
    """The last time known at or before a word."""
    return next((t for word in reversed(words[: index + 1]) if (t := word.start) is not None), None)


def _replace(texts: list[str], start: int, count: int, meant: str) -> None:
    first, last = texts[start], texts[start + count - 1]
    lead = first[: len(first) - len(first.lstrip())]
    opening = re.match(r"\s*([^\w\s]*)", first)
    closing = re.search(r"[^\w\s]*$", last)
    texts[start] = f"{lead}{opening[1] if opening else ''}{meant}{closing[0] if closing else ''}"
    texts[start + 1 : start + count] = [""] * (count - 1)
