"""Names as lists and address books have them, surname first: "Lee, Ann" is Ann Lee.

What stands on both sides of a comma may as well be two people ("Ann, Bob"), or a name and an office, so
the labels of a file are judged together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pipeline.text import name_key
from pipeline.word_lists import WordLists

_LISTS = WordLists.beside(__file__)
_SUFFIXES, _PARTICLES, _OFFICES = map(_LISTS.word_set, ("suffixes", "particles", "offices"))
_MAX_SURNAME_WORDS, _MAX_GIVEN_WORDS = 3, 3  # not counting particles
_MIN_LABELS = 3  # with a comma: then words that recur after it are offices or places


def given_name_first(label: str) -> str:
    """ "Ann Lee" of "Lee, Ann"; what may be read otherwise stays as it is. Labels of one file: `in_order`."""
    return in_order([label])[label]


def is_surname_first(label: str) -> bool:
    """Whether a label, seen alone, reads as a surname, a comma and given names."""
    return bool(surname_first([label]))


def in_order(labels: Iterable[str]) -> dict[str, str]:
    """The labels of a file, each with the name as it is spoken, given names first."""
    labels = tuple(labels)
    inverted = surname_first(labels)
    return {label: _inverted(label) if label in inverted else label for label in labels}


def lookup_keys(name: str) -> tuple[str, str]:
    """What a label or a name is looked up by: as it stands, then with given names first."""
    return name_key(name), name_key(given_name_first(name))


def surname_first(labels: Iterable[str]) -> frozenset[str]:
    """Those of a file's labels that have the surname first.

    A part that is a label of its own, or that stands on either side of commas, is a person: then "Ann, Bob"
    are two. What recurs after commas is an office or a place. Surnames of several words need plainer labels
    beside them ("Ann Lee, Harbour"), and so does the only comma among labels of one word.
    """
    distinct = tuple(dict.fromkeys(labels))
    keys = {name_key(label) for label in distinct}
    sides = {
        label: (name_key(parts[0]), name_key(parts[1])) for label in distinct if (parts := _parts(label))
    }
    sure = frozenset(label for label in sides if name_key(_inverted(label)) in keys)
    surnames, given_names = {pair[0] for pair in sides.values()}, {pair[1] for pair in sides.values()}
    found = frozenset(
        label
        for label, (surname, given) in sides.items()
        if not (surname in keys or surname in given_names or given in surnames)
    )
    plain = [label for label in found if len(_main_words(label.partition(",")[0])) == 1]
    is_beside_first_names = len(sides) == 1 and any(
        len(label.split()) == 1 and label[0].isupper() for label in distinct
    )
    if (
        2 * len(found) <= len(sides)
        or 2 * len(plain) <= len(found)
        or is_beside_first_names
        or _recur(given_names, len(set(sides.values())))
    ):
        return sure
    return found | sure


def _recur(given_names: Collection[str], count: int) -> bool:
    """Whether so much recurs after the commas of so many different labels that it is nobody's name."""
    return len(given_names) == 1 < count or (count >= _MIN_LABELS and 2 * len(given_names) <= count)


def _inverted(label: str) -> str:
    parts = _parts(label)
    return label if parts is None else f"{parts[1]} {parts[0]}{parts[2]}"


def _parts(label: str) -> tuple[str, str, str] | None:
    """Surname, given names, and a suffix with its comma; None for a label of another shape."""
    surname, *others = (part.strip() for part in label.split(","))
    suffix = f", {others.pop()}" if len(others) == 2 and _is_suffix(others[1]) else ""
    if len(others) != 1 or not (_is_surname(surname) and _is_given(others[0], surname)):
        return None
    return surname, others[0], suffix


def _is_surname(text: str) -> bool:
    main = _main_words(text)
    return bool(main) and len(main) <= _MAX_SURNAME_WORDS and all(map(_is_name_word, main))


def _is_given(text: str, surname: str) -> bool:
    """Given names or initials: no suffix, no office, and in capitals only if the surname is."""
    words = text.split()
    main = _main_words(text)
    is_shouted = any(len(word.strip(".")) > 1 and word.isupper() and "." not in word[:-1] for word in words)
    return (
        bool(main)
        and len(main) <= _MAX_GIVEN_WORDS
        and all(map(_is_name_word, main))
        and not _is_suffix(text)
        and not any(word.casefold() in _OFFICES for word in words)
        and not (is_shouted and not surname.isupper())
    )


def _main_words(text: str) -> list[str]:
    return [word for word in text.split() if word not in _PARTICLES]


def _is_name_word(word: str) -> bool:
    """Letters from a capital or a caseless letter on, with hyphens, apostrophes and full stops."""
    letters = word.replace("-", "").replace("'", "").replace("\u2019", "").replace(".", "")
    first = word.lstrip("'\u2019")[:1]
    return letters.isalpha() and (first.lower() == first.upper() or word != word.lower())


def _is_suffix(text: str) -> bool:
    return text.replace(".", "").casefold() in _SUFFIXES
