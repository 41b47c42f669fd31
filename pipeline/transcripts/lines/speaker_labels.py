"""Whether words that stand where a label would are somebody's: a name, a role, or just words."""

from __future__ import annotations

import re

from pipeline.word_lists import WordLists

_LISTS = WordLists.beside(__file__)
_SENTENCE_OPENERS, _PARTICLES = frozenset(_LISTS["sentence_openers"]), frozenset(_LISTS["particles"])
_PRONOUNS, _PREPOSITIONS = _LISTS.word_set("pronouns"), _LISTS.word_set("prepositions")
_CLAUSE_ENDS = _LISTS.word_set("clause_ends")
_ARTICLES, _POSSESSIVES = _LISTS.word_set("articles"), _LISTS.word_set("possessives")
_PERSONS = _LISTS.words("persons")
_METADATA = re.compile(_LISTS.any_of("metadata"), re.IGNORECASE)
_PERSON_METADATA = re.compile(_LISTS.any_of("person_metadata"), re.IGNORECASE)
_ADVERTISEMENT = re.compile(_LISTS.any_of("advertisements"), re.IGNORECASE)
_PRONOUNCED = re.compile(r"[\w.,;!?\"'\u2026]")
_SENTENCE_END = re.compile(r"[.!?\u2026\u3002][\s\"'*_)\u201d\u2019]*$")
_LAST_BRACKETS = re.compile(r"(?<!\s)\s*+[\[({][^\[\](){}]*+[\])}]$")
_MAX_NAME_WORDS = 5  # not counting particles
_MAX_HANDLE_WORDS = 2
MAX_SHAPED_WORDS = 6  # more words are hardly a label


def is_name(label: str, count: int) -> bool:
    """Whether each word has a capital, a digit or a caseless letter; a single word may instead recur.

    Particles inside a name and symbols beside it (emoji, "|") need none. `count` is how often it occurs.
    """
    words = _pronounced(label) or label.split()
    if not words or (count == 1 and label.lower() in _SENTENCE_OPENERS) or is_phrase(label):
        return False
    if has_shouted_word(label) and len(words) <= _MAX_NAME_WORDS + 1 and _is_capital_letter(words[0][0]):
        return True
    main_words = [word for word in words if word not in _PARTICLES]
    if (
        words[-1:] == main_words[-1:]
        and len(main_words) <= _MAX_NAME_WORDS
        and all(map(_has_capital, main_words))
    ):
        return True
    return count > 1 and (len(words) == 1 or [*map(_has_capital, words)] == [True, False])


def has_shouted_word(label: str) -> bool:
    """Whether one of its words is in capitals, as surnames are in minutes: "El señor GARCÍA"."""
    return any(len(word) > 2 and word.isalpha() and word.isupper() for word in label.split())


def is_person(label: str) -> bool:
    """Whether it says what somebody is: "Audience member", "a woman in the third row"."""
    return bool(_PERSONS.search(label.replace("_", " "))) and not is_clause(label)


def is_somebody(label: str) -> bool:
    """Whether it would be a speaker's wherever it stood: a name, or what somebody is."""
    return (is_name(label, 1) or is_person(label)) and not is_sentence_opener(label)


def may_be_somebody(label: str) -> bool:
    """The same, or a name in small letters, as no title and no sentence begins: "harbour_dan"."""
    is_handle = _is_short(label) and not any(map(_is_capital, label)) and not is_phrase(label)
    return is_handle or is_somebody(label)


def is_phrase(label: str) -> bool:
    """Whether it begins with a pronoun, article or preposition, and goes on without a capital letter."""
    opener, *others = label.split() or [""]
    openers = _PRONOUNS | _POSSESSIVES | _PREPOSITIONS | _ARTICLES
    return bool(others) and opener.lower() in openers and not any(map(_is_capital_letter, others[0]))


def is_clause(label: str) -> bool:
    """Whether it is nobody's, however regular the lines are: "he said", "the point is"."""
    opener, *others = label.lower().split() or [""]
    return bool(others) and (opener in _PRONOUNS | _PREPOSITIONS or others[-1] in _CLAUSE_ENDS)


def is_unfinished(label: str) -> bool:
    """Whether it breaks off as no label does: "We met at"."""
    return " " in label and label.split()[-1] in _PREPOSITIONS | _ARTICLES


def may_be_label(label: str) -> bool:
    """Whether it may be somebody where all lines have a label: no clause, and no sentence by its length."""
    return not is_clause(label) and (len(label.split()) <= MAX_SHAPED_WORDS or is_somebody(label))


def is_sentence_opener(label: str) -> bool:
    return label.lower() in _SENTENCE_OPENERS


def is_shaped(label: str) -> bool:
    """Whether it may be a label to a reader's eye: a few words, the first with a capital, or a handle."""
    words = _pronounced(label)
    if is_phrase(label) or not 0 < len(words) <= MAX_SHAPED_WORDS:
        return False
    return _is_short(label) or any(map(_is_capital, words[0]))


def _is_short(label: str) -> bool:
    is_other = is_clause(label) or is_sentence_opener(label)
    return 0 < len(_pronounced(label)) <= _MAX_HANDLE_WORDS and not is_other


def _pronounced(label: str) -> list[str]:
    return [word for word in label.split() if _PRONOUNCED.search(word)]


def is_metadata(label: str, text: str) -> bool:
    """Whether `label: text` says something about the talk, as lines at the top of a file do."""
    if _METADATA.fullmatch(label):
        return True
    return bool(_PERSON_METADATA.fullmatch(label)) and not is_sentence(text)


def is_advertisement(label: str) -> bool:
    return bool(_ADVERTISEMENT.fullmatch(label))


def is_sentence(text: str) -> bool:
    """Whether a text ends as a sentence does, brackets at its end apart: "So it is. [laughter]"."""
    return bool(_SENTENCE_END.search(_LAST_BRACKETS.sub("", text)))


def _has_capital(word: str) -> bool:
    return any(map(_is_capital, word))


def _is_capital(char: str) -> bool:
    return char.isdigit() or _is_capital_letter(char)


def _is_capital_letter(char: str) -> bool:
    """A capital, or a letter of a script without case."""
    return char.isupper() or (char.isalpha() and char.lower() == char.upper())
