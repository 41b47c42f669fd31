"""Whether words before a colon, or alone on a line, are somebody's name."""

from __future__ import annotations

import re

# Words before a colon that begin a sentence, and are a speaker only if they come back.
_OPENERS = frozenset(
    {"note", "remember", "warning", "example", "question", "answer", "tip", "update", "summary", "conclusion"}
    | {"quote", "first", "second", "third", "finally", "today", "also", "so", "but", "and", "now", "look"}
    | {"listen", "yes", "no", "well", "okay", "again", "because", "spoiler", "fact", "result"}
)
# Small words inside names: "Leonardo da Vinci". Not "of", which is inside phrases at least as often.
_PARTICLES = frozenset(
    {"af", "al", "av", "bin", "binti", "bint", "da", "das", "de", "degli", "del", "della", "den", "der"}
    | {"des", "di", "do", "dos", "du", "e", "el", "ibn", "la", "las", "le", "los", "ten", "ter", "van"}
    | {"vom", "von", "y", "zu", "zum", "zur"}
)
# What a phrase begins with: "He said: …", "At 5: …". Some are names, too ("An Nguyen", "The Chair").
_LEADS = frozenset(
    {"i", "you", "he", "she", "it", "we", "they", "this", "that", "these", "those", "there", "here"}
    | {"my", "your", "his", "her", "its", "our", "their", "the", "a", "an"}
    | {"about", "after", "at", "before", "by", "during", "for", "from", "in", "of", "on", "since", "to"}
    | {"until", "with", "without"}
)
_SAID = re.compile(r"[\w.,;!?\"'\u2026]")
_MOST = 5  # words of a name, small ones aside


def is_name(label: str, count: int) -> bool:
    """Whether each word has a capital, a digit or a letter without case; one word may also come back.

    Small words inside a name and signs beside it (emoji, "|") need none. `count` is how
    often the label comes.
    """
    words = [word for word in label.split() if _SAID.search(word)] or label.split()
    if not words or (count == 1 and label.lower() in _OPENERS) or is_phrase(label):
        return False
    large = [word for word in words if word not in _PARTICLES]
    if words[-1:] == large[-1:] and len(large) <= _MOST and all(map(_has_capital, large)):
        return True
    return count > 1 and (len(words) == 1 or [*map(_has_capital, words)] == [True, False])


def is_phrase(label: str) -> bool:
    """Whether it begins with a pronoun, an article or a preposition, and goes on without a capital letter."""
    first, *others = label.split() or [""]
    return bool(others) and first.lower() in _LEADS and not any(map(_is_letter, others[0]))


def _has_capital(word: str) -> bool:
    return any(map(_is_capital, word))


def _is_capital(char: str) -> bool:
    return char.isdigit() or _is_letter(char)


def _is_letter(char: str) -> bool:
    """A capital, or a letter without case."""
    return char.isupper() or (char.isalpha() and char.lower() == char.upper())
