"""What a text affirms and what it denies: English rules about negators, their scope, and antonyms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from pipeline.takeaways.language import english
from pipeline.takeaways.language.comparable import SPEAKER, WORD, plain, stem, words_of
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)

_NEGATED_AUXILIARY = (  # of a question: "don't you think"
    "(?:do|does|did|is|are|was|wo|would|should|ca|could|have|has)n't (?:you|we|it|they|that|this|there|i)"
)
_NEUTRAL = re.compile(  # negators that deny nothing
    rf"\b{LISTS.any_of('neutral')}\b|^(?:\w+,? ){{0,2}}{_NEGATED_AUXILIARY}\b|,\s*{_NEGATED_AUXILIARY}\W*$"
    r"|\bnot un(?=\w)|\bno,|^no\b(?=\W)|\bnot (?=too long\b)",
    re.IGNORECASE,
)
IMPLIED_DENIAL = LISTS.words("implied_denial")
_NEGATOR_REACH_WORDS = {  # negators, and how many of the following words they may deny
    word: int(reach) for reach, *negators in map(str.split, LISTS["negators"]) for word in negators
}
_MAX_REACH_WORDS = 9
_NEGATING_BEFORE_TO = LISTS.word_set("negators_before_to")
_KNOWING = LISTS.word_set("knowing")
_NEGATING_PAIRS = {("rather", "than"), ("instead", "of"), ("as", "opposed"), ("no", "longer"), ("no", "one")}
_BREAK = re.compile(r"[,;:.!?()\u2013\u2014\u2026]|--")
_DENIAL_ENDS = LISTS.word_set("denial_ends")
_NOT_TERMS = (english.FUNCTION - {"only"}) | LISTS.word_set("not_terms") | frozenset(_NEGATOR_REACH_WORDS)
_NEGATING_PREFIX = re.compile(r"(?:un|non)(\w{4,})$")
_NOT_NEGATED = LISTS.word_set("not_denying")


@dataclass(frozen=True)
class Term:
    """A content word with its sign.

    `concept` is shared by a word's forms and antonyms, and `affirmed` is its sign. `denied` tells whether an
    odd number of negators reach it; `depth` counts the content words from the first negator on (the first is
    1; 0 if no negator reaches it). `at` is its index among the text's words, neutral negators left out.
    """

    word: str
    concept: str
    affirmed: bool
    denied: bool
    at: int
    depth: int


@lru_cache(maxsize=8192)
def terms(text: str) -> tuple[Term, ...]:
    """The content words of an English text with their signs, in order."""
    cleaned = SPEAKER.sub("they", plain(text))
    cleaned = _NEUTRAL.sub(lambda match: re.sub(r"[^\W_]", "\u00b7", match[0]), cleaned)
    matches = list(WORD.finditer(cleaned))
    words = [match[0].lower() for match in matches]
    gaps = (cleaned[match.end() : following.start()] for match, following in pairwise(matches))
    breaks = [bool(_BREAK.search(gap)) for gap in gaps]
    denial_counts = _denial_counts(words, [False, *breaks])
    signed_terms: list[Term] = []
    depth = 0
    for at, word in enumerate(words):
        concept_name, is_negative = concept(word)
        depth = depth if denial_counts[at] else 0
        if word in _NEGATING_BEFORE_TO and _negator_reach(words, at):  # "fails to"
            continue
        if word[0].isdigit() or (word in _NOT_TERMS and is_negative is None):
            continue
        is_denied = denial_counts[at] % 2 == 1
        depth += bool(denial_counts[at])
        affirmed = is_denied == bool(is_negative)
        signed_terms.append(Term(word, concept_name, affirmed, is_denied, at, depth))
    return tuple(signed_terms)


@lru_cache(maxsize=8192)
def implies_denial(text: str) -> bool:
    """Whether a text denies something, even if only with a word like "refuse" or "until"."""
    return bool(IMPLIED_DENIAL.search(text)) or any(term.denied for term in terms(text))


@lru_cache(maxsize=8192)
def denies(text: str) -> bool:
    """Whether a text contains a negator, or the negative of a concept: "worse", "unfair"."""
    cleaned = _NEUTRAL.sub(" ", plain(text))
    words = words_of(cleaned)
    has_negator = any(_negator_reach(words, at) for at in range(len(words)))
    return has_negator or any(concept(word)[1] for word in words)


def _denial_counts(words: Sequence[str], breaks: Sequence[bool]) -> list[int]:
    """The number of negators that reach each word."""
    counts = [0] * len(words)
    for at in range(len(words)):
        reach = _negator_reach(words, at)
        if not reach:
            continue
        for k in range(at + 1, min(len(words), at + 1 + reach)):
            if breaks[k] or words[k] in _DENIAL_ENDS or (words[k] == "and" and _begins_clause(words, k)):
                break
            counts[k] += 1
            if words[k] in _KNOWING:  # "I don't know whether it works" does not deny that it works
                break
    return counts


def _negator_reach(words: Sequence[str], at: int) -> int:
    """How many of the following words the word at `at` may deny; 0 if it is not a negator."""
    word, after = words[at], words[at + 1] if at + 1 < len(words) else ""
    if word.endswith("n't") or (word, after) in _NEGATING_PAIRS:
        return _MAX_REACH_WORDS
    if word == "free" and after != "of":
        return 0
    if word in {"stop", "quit", "cease"} and (after.endswith("ing") or after == "from"):
        return 5
    if word in _NEGATING_BEFORE_TO and after != "to":
        return 0
    return _NEGATOR_REACH_WORDS.get(word, 0)


def _begins_clause(words: Sequence[str], at: int) -> bool:
    after = words[at + 1] if at + 1 < len(words) else ""
    return (
        after in english.PRONOUNS
        or after in english.AUXILIARIES
        or after in {"then", "so", "instead", "therefore"}
    )


@cache
def _concepts() -> dict[str, tuple[str, bool]]:
    """The concept of each word in a pair of antonyms, and whether the word is its negative."""
    concepts: dict[str, tuple[str, bool]] = {}
    for line in LISTS["antonyms"]:
        positive, negative = (side.split() for side in line.split("|"))
        for side, is_negative in ((positive, False), (negative, True)):
            for word in side:
                concepts[word] = (f"~{positive[0]}", is_negative)
                if len(stem(word)) > 3:
                    concepts.setdefault(stem(word), concepts[word])
    return concepts


def concept(word: str) -> tuple[str, bool | None]:
    """The concept of a word, and whether the word is the concept's negative.

    None if it is in no pair of antonyms and has no prefix that negates: "unspendable", of "spendable".
    """
    concepts = _concepts()
    if known := concepts.get(word) or concepts.get(stem(word)):
        return known
    if (match := _NEGATING_PREFIX.match(word)) and word not in _NOT_NEGATED:
        return stem(match[1]), True
    return stem(word), None
