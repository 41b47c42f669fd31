"""Labels that are offices and no names: "Project Manager", "Director of Research", "Interviewer 2".

English only. A label that may be a person's name is never taken for an office: "Taylor Mason", "Baker".
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from pipeline.word_lists import WordLists

_LISTS = WordLists.beside(__file__)
_NOUNS, _NOUNS_AND_NAMES, _BEFORE, _BEFORE_AND_NAMES, _DEPARTMENTS, _JOINING = map(
    _LISTS.word_set, ("nouns", "nouns_and_names", "before", "before_and_names", "departments", "joining")
)
_OFFICES = _NOUNS | _NOUNS_AND_NAMES
_BEFORE_A_NOUN = _NOUNS | _BEFORE | _BEFORE_AND_NAMES | _DEPARTMENTS
_KNOWN = _OFFICES | _BEFORE_A_NOUN | _JOINING
_HEAD_ALONE = "general"  # behind its noun: "Attorney General"
_DESIGNATOR = re.compile(r"#?(?:\d{1,3}|[A-Z])")  # of one of several: "Grad A", "Professor 2"
_WORD = re.compile(r"[^\W\d_][\w'\u2019&-]*+|&")


@cache
def is_no_name(label: str) -> bool:
    """Whether a label is an office, a department, or one of several people told apart by letter or number.

    Nothing of it may stand alone for the whole: neither "Manager" nor "Interface" nor "A".
    """
    words = label.split() or [""]
    if len(words) > 1 and _DESIGNATOR.fullmatch(words[-1]):
        first = words[0].casefold()
        return (
            words[-1][-1].isdigit() or (len(words) == 2 and first in _BEFORE_A_NOUN) or _is_office(words[:-1])
        )
    folded = [word.casefold() for word in words]
    is_department = folded[-1] in _DEPARTMENTS and _BEFORE_A_NOUN.issuperset(folded)
    return is_department or _is_office(words)


def office(label: str, small_words: Collection[str] = ()) -> str | None:
    """An office as it stands behind "the" in a sentence: "project manager", "UX designer".

    None for what is none, and for one of several ("Professor B"). Words keep their capitals unless all are
    known as ordinary words, if only by `small_words`: "French Teacher".
    """
    words = label.split()
    if not _is_office(words):
        return None
    if words[0].casefold() == "the":
        words = words[1:]
    small = [word if word.isupper() and len(word) <= 4 else word.casefold() for word in words]
    ordinary = _KNOWN.union(small_words, words)  # a word that is small or all capitals stays as it is
    return " ".join(small if ordinary.issuperset(small) else words)


def _is_office(words: list[str]) -> bool:
    """Whether the words end in an office's noun, or have one before "of", and are no name."""
    folded = [word.casefold() for word in words if _WORD.fullmatch(word)]
    folded = folded[1:] if folded[:1] == ["the"] else folded
    if not folded or len(words) - len(folded) > (words[0].casefold() == "the"):
        return False
    at = next((n for n, word in enumerate(folded) if n and word in _JOINING), len(folded))
    head = folded[:at]
    if len(head) > 1 and head[-1] == _HEAD_ALONE and head[-2] in _OFFICES:
        head = head[:-1]
    if head[-1] in _NOUNS:
        return _BEFORE_A_NOUN.issuperset(head[:-1])
    return head[-1] in _NOUNS_AND_NAMES and len(folded) > 1 and _BEFORE.issuperset(head[:-1])
