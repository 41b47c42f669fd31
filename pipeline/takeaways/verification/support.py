"""Support: a claim is about what its evidence says, and adds nothing of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.takeaways.language import polarity, quantities
from pipeline.takeaways.language.comparable import REPORTING, is_content, stem, unquoted, words_of
from pipeline.takeaways.language.english import CONJUNCTIONS, FUNCTION
from pipeline.takeaways.verification.evidence import (
    Evidence,
    Failure,
    Kind,
    Support,
    measure_support,
    own_words,
    with_pairs,
)
from pipeline.takeaways.verification.stance import is_attitude
from pipeline.word_lists import WordLists

if TYPE_CHECKING:
    from pipeline.engines import Embed

LISTS = WordLists.beside(__file__)

# Of Support.score; measured in bench/verification, but not on QMSum, whose answers sum up a hundred turns.
MIN_SUPPORT = {"prose": 0.40, "frame": 0.34, "heading": 0.25}
MAX_SOURCES = 4  # the most similar of many, so many support a claim
MAX_BRIEF_WORDS = 3  # content words, too few for their embedding to tell much
MIN_BRIEF_SHARED = 0.5
_SPEAKERS = r"\{S\d+\}(?:(?:,| and|, and|,? or) \{S\d+\})*,?"
ATTRIBUTION = re.compile(  # "{S1} and {S2} also argue that"
    rf"(?:\b(?:as|according to) )?{_SPEAKERS}(?:(?: (?:also|then|both|\w+ly))? "
    rf"(?:{'|'.join(sorted(REPORTING))})\b(?: (?:that|how|why|whether|if|what))?)?"
)


def check_support(text: str, evidence: Evidence, kind: Kind, embed: Embed) -> Iterator[Failure]:
    """A claim that its evidence does not support, or a clause of it.

    Sees: a claim whose embedding and words are far from all that it cites; a clause with several content
    words of which the sources have none, nor anything similar. Cannot see: a false statement in the
    sources' own words. Brief headings and frames pass if half their words were said; prose does not, see
    check_predicates.
    """
    support = claim_support(text, evidence.texts, embed, evidence.english)
    may_be_brief = evidence.english and kind != "prose"
    if support.score < MIN_SUPPORT[kind] and not (may_be_brief and is_brief(support)):
        yield Failure("support", "the cited sentences do not say this; keep to what they say or cite others")
    elif evidence.english and kind != "heading" and (clause := _unsupported_clause(text, evidence, embed)):
        yield Failure("support", f'the part "{clause}" is in none of the cited sentences')


def claim_support(text: str, sources: Sequence[str], embed: Embed, english: bool = True) -> Support:
    """How well the sources most similar to a claim support it: at best, alone, in pairs or all together."""
    claim = ATTRIBUTION.sub(" ", text).strip(" ,.") or text
    rows = embed([claim, *sources])
    nearest = sorted(np.argsort(-(rows[1:] @ rows[0]), kind="stable")[:MAX_SOURCES])
    passages = [sources[i] for i in nearest]
    supports = measure_support(claim, [*with_pairs(passages), " ".join(passages)], embed, english)
    return Support(max(support.cosine for support in supports), supports[-1].shared, supports[-1].words)


def is_brief(support: Support) -> bool:
    """Whether a claim has too few words for its embedding to tell much, and at least half were said."""
    return support.words <= MAX_BRIEF_WORDS and support.shared >= MIN_BRIEF_SHARED


# Clauses

MIN_CLAUSE_WORD_COSINE = 0.55  # from which one word stands for another
MIN_NEW_WORDS = 3  # content words of a clause that the sources do not have
MIN_NEW_SHARE = 0.75  # of its content words
_CLAUSE_END = re.compile(
    r"[,;:()\u2013\u2014]|\b(?:and|but|because|which|while|so|although|since|where|whereas)\b"
)


def _unsupported_clause(text: str, evidence: Evidence, embed: Embed) -> str:
    """The first clause that is mostly of words that the sources do not have; "" if there is none."""
    said = [word for source in evidence.known_texts for word in words_of(source) if is_content(word)]
    stems = set(map(stem, said))
    for clause in _CLAUSE_END.split(ATTRIBUTION.sub(",", own_words(text))):
        words = [word for word in words_of(clause) if is_content(word)]
        new = [word for word in words if stem(word) not in stems]
        min_new = max(MIN_NEW_WORDS, MIN_NEW_SHARE * len(words))
        if len(new) < min_new:
            continue
        rows = embed([*new, *sorted(set(said))])
        cosines = (rows[: len(new)] @ rows[len(new) :].T).max(axis=1, initial=-1.0)
        if np.count_nonzero(cosines < MIN_CLAUSE_WORD_COSINE) >= min_new:
            return clause.strip()
    return ""


# Predicates

MIN_PREDICATE_COSINE = 0.5  # from which one word may stand for another
MAX_WORDS_ALL_CHECKED = 4  # content words of a claim up to which each is looked for
_SPEAKER_WORD = "xspeaker"  # stands for a speaker's token
_BE = frozenset(LISTS["forms_of_be"])
_GENERAL = {stem(word) for word in LISTS["general"]}
_SPEAKING = {stem(word) for word in LISTS["speaking"]}
_SYNONYMS = [frozenset(line.split()) for line in LISTS["synonyms"]]
_JUDGEMENT = re.compile(  # "finds it absurd"
    r"\b(?:finds?|found|calls?|called|deems?|deemed|considers?|considered) (?:it|this|them) "
    r"(?:all |an? |too |very |quite |rather |\w+ly )?([a-z]{4,})\b"
)


def check_predicates(text: str, evidence: Evidence, embed: Embed) -> Iterator[Failure]:
    """At most one failure: a predicate of which the sources have nothing.

    Sees, in English prose of a few content words, each of them that neither the cited sentences nor those
    next to them have, nor anything with a similar embedding; in longer prose the word after "is" or "was"
    or "finds it", and the verb after a speaker's token. Words that hold for anything ("keep", "come",
    "need") pass. Cannot see: a predicate that was said of something else, the opposite of a word (see
    factuality), a longer claim's other verbs, and what follows such a general word.
    """
    marked = ATTRIBUTION.sub(
        lambda match: f" {_SPEAKER_WORD} " if match[0].rstrip(",").endswith("}") else " ", unquoted(text)
    )
    words = words_of(marked)
    predicates = _content_words(words)
    if len(predicates) > MAX_WORDS_ALL_CHECKED:
        predicates = _predicates(words)
    predicates += filter(is_content, _JUDGEMENT.findall(own_words(text).lower()))
    if word := _unsupported_word(predicates, evidence, embed):
        yield Failure("support", f'"{word}" is in none of the cited sentences, nor anything like it')


def _content_words(words: Sequence[str]) -> list[str]:
    """The content words, but for what a speaker does in talking, of which the talk itself says nothing."""
    return [
        word
        for before, word in zip(("", *words), words, strict=False)
        if is_content(word)
        and word != _SPEAKER_WORD
        and not (before in {_SPEAKER_WORD, "and", "then"} and stem(word) in _SPEAKING)
    ]


def _predicates(words: Sequence[str]) -> list[str]:
    """The content words right after a form of "to be" or a speaker's token."""
    predicates: list[str] = []
    for at, word in enumerate(words):
        if word not in _BE and word != _SPEAKER_WORD:
            continue
        rest = words[at + 1 : at + 4]
        while rest and (rest[0] in FUNCTION or rest[0].endswith("ly")) and rest[0] not in CONJUNCTIONS:
            rest = rest[1:]
        if rest and is_content(rest[0]) and not (word == _SPEAKER_WORD and stem(rest[0]) in _SPEAKING):
            predicates.append(rest[0])
    return predicates


def _unsupported_word(words: Sequence[str], evidence: Evidence, embed: Embed) -> str:
    """The first word of which the sources have neither a form nor anything similar; "" if there is none."""
    said = sorted({word for source in evidence.known_texts for word in words_of(source) if len(word) > 2})
    stems = _GENERAL | set(map(stem, said))
    concepts = {polarity.concept(word)[0] for word in said}
    joined = "".join("".join(words_of(source)) for source in evidence.known_texts)
    content_words = [word for word in said if is_content(word)]
    for word in words:
        if stem(word) in stems or polarity.concept(word)[0] in concepts or word in joined:
            continue
        if (
            quantities.read(word) or polarity.IMPLIED_DENIAL.search(word) or is_attitude(word)
        ):  # other checks' matter
            continue
        if any(word in synonyms and not synonyms.isdisjoint(said) for synonyms in _SYNONYMS):
            continue
        if not content_words:
            return word
        if float((embed(content_words) @ embed([word])[0]).max()) < MIN_PREDICATE_COSINE:
            return word
    return ""
