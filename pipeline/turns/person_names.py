"""What reads like a person's name in English, and when two names may mean the same person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.text import name_key
from pipeline.word_lists import WordLists

_LISTS = WordLists.beside(__file__)
# Words that merely have a capital are kept from being taken for names.
_TITLE = re.compile(rf"{_LISTS.any_of('titles')} ", re.IGNORECASE)
_PARTICLES, _STOP_WORDS = frozenset(_LISTS["particles"]), frozenset(_LISTS["stop_words"])
_NEVER_NAMES, _NOT_ALONE = frozenset(_LISTS["never_names"]), frozenset(_LISTS["not_alone"])
_GENERIC_NAMES = frozenset(_LISTS["generic_names"])
HOMONYMS, PLACEHOLDERS = frozenset(_LISTS["homonyms"]), frozenset(_LISTS["placeholders"])
_MAX_NAME_WORDS = 4
_TOKEN = re.compile(r"[^\W\d_][^\W_]*(?:['\u2019-][^\W_]+)*\.?")


@dataclass(frozen=True)
class Name:
    """A name and its place in the text: [start, end), in characters."""

    text: str
    start: int
    end: int


def straighten_apostrophes(text: str) -> str:
    """The text with straight apostrophes; every other character keeps its place."""
    return text.replace("\u2019", "'")


def may_be_same_person(name: str, other: str) -> bool:
    """Whether the names are equal, or one is only the first name of the other."""
    words, other_words = name_key(name).split(), name_key(other).split()
    is_first_name_only = 1 in (len(words), len(other_words))
    return words == other_words or (is_first_name_only and words[:1] == other_words[:1])


class Namesakes:
    """Names by number, to find those that may be the same person's without comparing each with each."""

    def __init__(self, names: Iterable[str]) -> None:
        self._whole: dict[tuple[str, ...], list[int]] = {}
        self._by_first_name: dict[tuple[str, ...], list[int]] = {}
        for number, name in enumerate(names):
            words = tuple(name_key(name).split())
            self._whole.setdefault(words, []).append(number)
            self._by_first_name.setdefault(words[:1], []).append(number)

    def count(self, name: str) -> int:
        """How many of the names may be the same person's, itself included if it is among them."""
        return sum(map(len, self._alike(name)))

    def alike(self, name: str) -> list[int]:
        """The numbers of the names that may be the same person's, in order."""
        return sorted(number for numbers in self._alike(name) for number in numbers)

    def _alike(self, name: str) -> tuple[Sequence[int], ...]:
        words = tuple(name_key(name).split())
        if len(words) < 2:
            return (self._by_first_name.get(words, ()),)
        return self._whole.get(words, ()), self._whole.get(words[:1], ())


def first_name(name: str) -> str:
    """The first name, as names are compared."""
    return name_key(name).split()[0]


def is_never_in_a_name(word: str) -> bool:
    """Whether a case-folded word is an office, an organisation or a thing rather than a person's name."""
    return word in _NEVER_NAMES


def read_name(text: str, start: int) -> Name | None:
    """The person's name that begins at `start`, after a title if there is one; None if no name does."""
    if title := _TITLE.match(text, start):
        start = title.end()
    words: list[str] = []
    position = end = start
    while token := _TOKEN.match(text, position):
        word = token[0] if _is_initial(token[0], words) else token[0].rstrip(".")
        folded = word.casefold().replace("\u2019", "'")
        if folded in _STOP_WORDS or not (word[0].isupper() or (words and folded in _PARTICLES)):
            break
        words.append(word)
        if word[0].isupper():
            end = position + len(word)
        position = position + len(word) + 1
        if text[position - 1 : position] != " ":
            break
    name = text[start:end]
    return Name(name, start, end) if end > start and _is_person_name(name) else None


def _is_initial(token: str, words_before: list[str]) -> bool:
    return len(token) == 2 and token.endswith(".") and bool(words_before)


def _is_person_name(name: str) -> bool:
    words = [word.casefold() for word in name.split()]
    shouted = [word for word in name.split() if word.isupper() and len(word.strip(".")) > 3]
    return (
        len(words) <= _MAX_NAME_WORDS
        and len(name) > 1
        and not shouted
        and not words[-1].replace("\u2019", "'").endswith("'s")
        and _NEVER_NAMES.isdisjoint(words)
        and not _NOT_ALONE.issuperset(words)
        and name.casefold() not in _GENERIC_NAMES
    )
