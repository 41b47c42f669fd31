"""What reads like a person's name, and when two names may mean one person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.turns.introduction_phrases import Phrases

_LONGEST = 4  # words
_TOKEN = re.compile(r"[^\W\d_][^\W_]*(?:['\u2019-][^\W_]+)*\.?")


@dataclass(frozen=True)
class Name:
    """A name and where it stands in its text."""

    text: str
    start: int
    end: int


def straight(text: str) -> str:
    """The text with plain apostrophes, every character where it was."""
    return text.replace("\u2019", "'")


def may_be_one(name: str, other: str) -> bool:
    """Whether they are equal, or one is just the first name of the other."""
    one, two = name.casefold().split(), other.casefold().split()
    return one == two or (1 in (len(one), len(two)) and one[:1] == two[:1])


def first(name: str) -> str:
    """The first name, fit for comparing."""
    return name.casefold().split()[0]


def read(text: str, start: int, phrases: Phrases) -> Name | None:
    """The person's name that begins there, after a title if any; None if none does."""
    if title := phrases.titles.match(text, start):
        start = title.end()
    words: list[str] = []
    at = end = start
    while token := _TOKEN.match(text, at):
        word = token[0] if _is_initial(token[0], words) else token[0].rstrip(".")
        plain = word.casefold().replace("\u2019", "'")
        if plain in phrases.stops or not (word[0].isupper() or (words and plain in phrases.particles)):
            break
        words.append(word)
        if word[0].isupper():
            end = at + len(word)
        at = at + len(word) + 1
        if text[at - 1 : at] != " ":
            break
    name = text[start:end]
    return Name(name, start, end) if end > start and _is_a_name(name, phrases) else None


def _is_initial(token: str, before: list[str]) -> bool:
    return len(token) == 2 and token.endswith(".") and bool(before)


def _is_a_name(name: str, phrases: Phrases) -> bool:
    words = [word.casefold() for word in name.split()]
    shouted = [word for word in name.split() if word.isupper() and len(word.strip(".")) > 3]
    return (
        len(words) <= _LONGEST
        and len(name) > 1
        and not shouted
        and not words[-1].replace("\u2019", "'").endswith("'s")
        and phrases.never_names.isdisjoint(words)
        and not phrases.not_alone.issuperset(words)
        and name.casefold() not in phrases.anybody
    )
