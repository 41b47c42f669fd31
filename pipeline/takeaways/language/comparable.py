"""Text normalised for comparison: words, stems, content words, and what is in quotation marks."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from snowballstemmer.english_stemmer import EnglishStemmer

from pipeline.takeaways.language import english
from pipeline.text import UNSPACED_OR_HANGUL
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)*|[$\u20ac\u00a3%]")
SPEAKER = re.compile(r"\{(S\d+)\}")


def _between(marks: str) -> str:
    """A pattern of what stands between the first of these marks and any of the others.

    At most 20 more may open inside: marks that are never closed then cost no more than other text.
    """
    opening, closing, inside = marks[0], marks[1:], f"[^{marks}]*+"
    return rf"{opening}(?![{closing}])({inside}(?:{opening}{inside}){{0,20}})[{closing}]"


_UNSPACED = UNSPACED_OR_HANGUL.pattern
_SCRIPT_CHANGE = re.compile(rf"(?<={_UNSPACED})(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?={_UNSPACED})")
_MARKS = ('\u201c\u201d"', "\u201e\u201c\u201d", "\u00ab\u00bb", "\u2039\u203a", "\u300c\u300d")
_SINGLE_QUOTED = (  # an apostrophe in a word closes nothing
    r"(?<![^\W_])['\u2018\u2019](?=[^\s'\u2018\u2019]|['\u2019][^\W_])"
    r"([^'\u2018\u2019]*+(?:['\u2019](?=[^\W_])[^'\u2018\u2019]*+){0,40})(?<=\S)['\u2019](?![^\W_])"
)
QUOTED = re.compile("|".join(['"([^"]+)"', *map(_between, _MARKS), _SINGLE_QUOTED]))
REPORTING = LISTS.word_set("reporting_verbs")
LIGHT = REPORTING | LISTS.word_set("light_words")
_NOT_CONTENT = english.FUNCTION | LIGHT
_BASE_FORMS = {form: base for base, *forms in map(str.split, LISTS["irregular_forms"]) for form in forms}


def plain(text: str) -> str:
    """NFC-normalised, with straight apostrophes; otherwise unchanged."""
    return unicodedata.normalize("NFC", text).replace("\u2019", "'").replace("\u2018", "'")


def spaced(text: str) -> str:
    """The text, with spaces between letters of scripts that have none and Latin letters or digits."""
    return _SCRIPT_CHANGE.sub(" ", text)


def words_of(text: str) -> list[str]:
    """The words of a text in lower case; hyphens separate words."""
    return [match[0].lower() for match in WORD.finditer(plain(text))]


@cache
def stem(word: str) -> str:
    """One form for "protect", "protects", "protecting", "protection".

    Snowball's stemmer for English (Porter2) after the irregular forms. It is for comparing words, whatever
    they look like; sentences.singular leaves words as people write them.
    """
    word = word.removesuffix("'s")
    return str(EnglishStemmer().stemWord(_BASE_FORMS.get(word, word)))  # a stemmer is not thread-safe


def is_content(word: str) -> bool:
    """Whether an English word says something about the subject."""
    if word in _NOT_CONTENT or ("'" in word and word.split("'")[0] in _NOT_CONTENT):
        return False
    return len(word) > 2 or word.isdigit()


def content(text: str) -> list[str]:
    """The stems of a text's content words, in order."""
    return [stem(word) for word in words_of(SPEAKER.sub(" ", text)) if is_content(word)]


def letter_bigrams(text: str) -> list[str]:
    """Each word's letter bigrams, for languages that this package does not know."""
    return [word[at : at + 2] for word in words_of(SPEAKER.sub(" ", text)) for at in range(len(word) - 1)]


def unquoted(text: str) -> str:
    """The text with quoted passages and their quotation marks blanked out; offsets stay the same."""
    return QUOTED.sub(lambda match: " " * len(match[0]), text)
