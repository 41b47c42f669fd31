"""Terms and phrases that distinguish one theme from the rest of the talk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from pipeline.takeaways.language import english
from pipeline.takeaways.language.sentences import Language, SpokenSentence, is_content, singular, verbs

if TYPE_CHECKING:
    from pipeline.takeaways.extractive.themes import Topic

MAX_REPEATED_WORDS = 4  # in a phrase that is said again and again
MAX_NOUN_PHRASE_WORDS = 7  # in a noun phrase, which need be said only once
GLOSSARY_FACTOR = 1.3  # raises the weight of a term in the glossary
INSIDE_NOUN_PHRASE = frozenset({"of", "and", "the", "a", "an"})
COMMON_VERB_FORMS = frozenset(word for word in english.COMMON if word.endswith(("ing", "en", "ed")))


class Phrase(NamedTuple):
    """Some words of a sentence, and its index."""

    sentence: int
    text: str


def term_weights(
    topic: Topic, sentences: Sequence[SpokenSentence], all_terms: Mapping[str, int], glossary: frozenset[str]
) -> dict[str, float]:
    """The weight, 0 to 1, of each term said more than once here: high if it is frequent here, rare elsewhere.

    `all_terms` counts the terms of the whole talk; `glossary` holds stems.
    """
    topic_counts = Counter(
        term for i in topic.sentences if not sentences[i].is_junk for term in sentences[i].terms
    )
    weights = {
        term: sqrt(count) * count / all_terms[term] * (GLOSSARY_FACTOR if term in glossary else 1.0)
        for term, count in topic_counts.items()
        if count > 1
    }
    greatest = max(weights.values(), default=1.0)
    return {term: weights[term] / greatest for term in sorted(weights)}


def repeated_phrases(
    topic: Topic, sentences: Sequence[SpokenSentence], term_weights: Mapping[str, float], language: Language
) -> list[Phrase]:
    """Runs of noun-like words said at least twice, highest-scoring first, each in its most frequent form.

    The count of a plural is tripled, because plurals read better, and so is that of a possessive.
    """

    def is_nominal(token: str) -> bool:
        if not is_content(token, language) or (language.english and token in verbs()):
            return False
        return not token.endswith("ly")

    forms_by_key: dict[str, Counter[str]] = {}
    first_index: dict[str, int] = {}
    for i in topic.sentences:
        for first, last in () if sentences[i].is_junk else _nominal_runs(sentences[i], is_nominal):
            text = _text(sentences[i], first, last)
            key = " ".join(singular(token) for token in sentences[i].tokens[first:last])
            forms_by_key.setdefault(key, Counter())[text] += 1
            first_index.setdefault(text, i)
    counts = {key: forms.total() for key, forms in forms_by_key.items()}
    scores = {key: _score(key, count, term_weights) for key, count in counts.items() if count > 1}
    ranked_keys = sorted((key for key in scores if scores[key] > 0), key=lambda key: (-scores[key], key))
    shown = [_shown_form(key, forms_by_key[key]) for key in ranked_keys]
    return [Phrase(first_index[text], text) for text in shown]


def _shown_form(key: str, forms: Counter[str]) -> str:
    """The most frequent form of a phrase; one unlike its stemmed `key`, such as a plural, counts triple."""
    return min(forms, key=lambda form: (-forms[form] * (1 if form.lower() == key else 3), form.swapcase()))


def _score(key: str, count: int, term_weights: Mapping[str, float]) -> float:
    weights = [term_weights.get(term, 0.0) for term in key.split()]
    return sum(weights) / len(weights) * sqrt(count) * (1.0 if len(weights) == 1 else 2.4)


def _nominal_runs(spoken: SpokenSentence, is_nominal: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """The token range [first, last) of every run of nominal words separated only by single spaces."""
    for first in range(len(spoken.tokens)):
        for last in range(first + 1, min(first + MAX_REPEATED_WORDS, len(spoken.tokens)) + 1):
            is_apart = last - 1 > first and not _follows_one_space(spoken, last - 1)
            if not is_nominal(spoken.tokens[last - 1]) or is_apart:
                break
            yield first, last


def noun_phrases(
    sentences: Sequence[SpokenSentence], term_weights: Mapping[str, float], quoted: Sequence[int]
) -> list[Phrase]:
    """Noun phrases of the English sentences at the indices `quoted`, highest-scoring first."""
    scored = []
    for i in quoted:
        for first, last in _noun_chunks(sentences[i]):
            text = _text(sentences[i], first, last)
            terms = {singular(token) for token in sentences[i].tokens[first:last]} & set(sentences[i].terms)
            capitalised = sum(word[:1].isupper() for word in text.split()[1:])
            weight = sum(term_weights.get(term, 0.0) for term in sorted(terms))
            if terms:
                scored.append((-len(terms) - 0.5 * capitalised - weight, i, text))
    return [Phrase(i, text) for _, i, text in sorted(scored)]


def _noun_chunks(spoken: SpokenSentence) -> Iterator[tuple[int, int]]:
    """The token ranges [first, last) of two or more words around nouns, joined by "of", "and" or the like."""
    first = 0
    for at in range(len(spoken.tokens) + 1):
        is_noun = at < len(spoken.tokens) and _is_nounlike(spoken.tokens[at])
        if is_noun and (at == first or _follows_one_space(spoken, at)):
            continue
        start, end = first, at
        while start < end and spoken.tokens[start] in english.FUNCTION:
            start += 1
        while start < end and spoken.tokens[end - 1] in english.FUNCTION:
            end -= 1
        if 2 <= end - start <= MAX_NOUN_PHRASE_WORDS:
            yield start, end
        first = at if is_noun else at + 1


def _is_nounlike(token: str) -> bool:
    return token in INSIDE_NOUN_PHRASE or not (
        token in english.FUNCTION or token in verbs() or token in COMMON_VERB_FORMS
    )


def _follows_one_space(spoken: SpokenSentence, at: int) -> bool:
    return spoken.sentence.text[spoken.spans[at - 1][1] : spoken.spans[at][0]] == " "


def _text(spoken: SpokenSentence, first: int, last: int) -> str:
    """The words as said, without a capital that only marks the beginning of the sentence."""
    text = spoken.sentence.text[spoken.spans[first][0] : spoken.spans[last - 1][1]]
    return text[:1].lower() + text[1:] if first == 0 and text[1:].islower() else text
