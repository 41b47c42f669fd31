"""Headings in the speakers' own words: a clause cut from one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.takeaways.language import english
from pipeline.takeaways.language.sentences import (
    JUNK,
    Language,
    SpokenSentence,
    count_openers,
    dangling,
    has_clause,
    is_content,
    singular,
    verbs,
)
from pipeline.word_lists import WordLists

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.engines import Embed
    from pipeline.takeaways.extractive.themes import Topic

MIN_WORDS = 3
MAX_WORDS = 10
IDEAL_WORDS = 6  # the nearer a heading's length is to this, the better its score
MAX_CHARACTERS = 70
MAX_SENTENCE_WORDS = 1000  # a longer sentence lacks punctuation, and no heading is cut from it
MAX_OPENING_CHARACTERS = 90  # for a heading that is only the beginning of a sentence
QUOTED_BONUS = 0.08  # added to the score of a slice whose sentence is quoted
COSINE_WEIGHT = 0.8  # weight of a slice's cosine similarity to the theme
MAX_SHORTLISTED = 48  # slices per theme for which an embedding is computed
MAX_SLICES = 8  # slices per theme that are returned, best first

LISTS = WordLists.beside(__file__)


@dataclass(frozen=True)
class Slice:
    """Characters [start, end) of the sentence at `index`, and how good a heading they make."""

    index: int
    start: int
    end: int
    score: float


def slices(
    index: int, spoken: SpokenSentence, term_weights: Mapping[str, float], language: Language
) -> Iterator[Slice]:
    """The clauses of the sentence at `index` that could serve as a heading, scored."""
    text = spoken.sentence.text
    if len(spoken.tokens) > MAX_SENTENCE_WORDS:
        return
    for first, last, cut_score in clauses(spoken, language.english):
        start, end = spoken.spans[first][0], spoken.spans[last - 1][1]
        if not MIN_WORDS <= last - first <= MAX_WORDS and spoken.size == len(spoken.tokens):
            continue
        if end - start > MAX_CHARACTERS:
            continue
        tokens, clause = spoken.tokens[first:last], text[start:end]
        if BREAK.search(clause.replace(",", "", 1)):
            continue
        after = text[end:]
        if language.english and not (is_asserted(text, start, end) and stands_alone(tokens, clause, after)):
            continue
        yield Slice(index, start, end, cut_score + _score(tokens, clause, term_weights, language))


def _score(
    tokens: Sequence[str], clause: str, term_weights: Mapping[str, float], language: Language
) -> float:
    """Score a slice's words: on theme, of the right length, a claim, clear on its own."""
    weights = sorted((term_weights.get(singular(token), 0.0) for token in set(tokens)), reverse=True)
    score = 0.35 * min(1.0, sum(weights[:3]) / 1.5) - 0.03 * abs(len(tokens) - IDEAL_WORDS)
    if not language.english:
        return score
    score += 0.2 * min(2, len(english.VALUE.findall(clause))) + 0.1 * bool(english.DUTY.search(clause))
    score -= 0.1 * sum(token in english.DANGLING and token not in {"that", "it's"} for token in tokens)
    score -= 0.15 * sum(token in english.DEMONSTRATIVES and token != "that" for token in tokens)
    score -= 0.05 * sum(token in english.ADVERBS for token in tokens)
    nouns = sum(
        is_content(token, language) and token not in verbs() and not english.VALUE.fullmatch(token)
        for token in tokens
    )
    return score - {0: 0.35, 1: 0.1}.get(nouns, 0.0) - _dull_start_penalty(tokens)


def _dull_start_penalty(tokens: Sequence[str]) -> float:
    """The penalty for a dull first word or two."""
    first, second = tokens[0], tokens[1]
    if first in SELF:
        return 0.3
    if (first == "the" and second in ORDINALS) or (first in ORDINALS and second == "is"):
        return 0.25
    if first in COLOURLESS or (first == "you" and second in {"can", "could", "have"}):
        return 0.06
    return 0.07 if first in ASKERS and (first in {"what", "where"} or second in english.AUXILIARIES) else 0.0


def best_slices(
    topic: Topic,
    sentences: Sequence[SpokenSentence],
    term_weights: Mapping[str, float],
    quoted: frozenset[int],
    embed: Embed,
    language: Language,
) -> list[Slice]:
    """The slices of a topic that make the best headings, best first."""
    usable = [i for i in topic.sentences if not sentences[i].is_junk and not sentences[i].is_question]
    candidates = (candidate for i in usable for candidate in slices(i, sentences[i], term_weights, language))
    shortlist = sorted(candidates, key=_rank)[:MAX_SHORTLISTED]
    if not shortlist:
        return []
    texts = [text_of(candidate, sentences) for candidate in shortlist]
    cosines: NDArray[np.float32] = embed(texts) @ topic.centre
    bonuses = [QUOTED_BONUS * (candidate.index in quoted) for candidate in shortlist]
    scored = [
        replace(candidate, score=candidate.score + COSINE_WEIGHT * float(cosine) + bonus)
        for candidate, cosine, bonus in zip(shortlist, cosines, bonuses, strict=True)
    ]
    return sorted(scored, key=_rank)[:MAX_SLICES]


def _rank(candidate: Slice) -> tuple[float, int, int, int]:
    return -candidate.score, candidate.index, candidate.start, candidate.end


def text_of(candidate: Slice, sentences: Sequence[SpokenSentence]) -> str:
    """The words of a slice, with the first letter capitalised."""
    text = sentences[candidate.index].sentence.text[candidate.start : candidate.end]
    return text[:1].upper() + text[1:]


def opening(spoken: SpokenSentence) -> str:
    """The beginning of a sentence up to its first punctuation mark: the last resort for a heading."""
    text, opener_count = spoken.sentence.text, count_openers(spoken.tokens)
    first = spoken.spans[opener_count][0] if opener_count < len(spoken.spans) else 0
    next_break = BREAK.search(text, first + 1)
    end = min(next_break.start() if next_break else len(text), first + MAX_OPENING_CHARACTERS)
    if end == first + MAX_OPENING_CHARACTERS and " " in text[first:end]:
        end = text.rindex(" ", first, end)
    beginning = text[first:end].strip()
    return beginning[:1].upper() + beginning[1:]


# Where a clause begins and ends in a spoken sentence, and whether it stands on its own.
#
# There is no parser, only punctuation, conjunctions and word lists. A clause is taken only where the
# sentence asserts it.

BREAK = re.compile(
    r"[,;:.!?](?=[^\w\s]{0,40}+(?:\s|$))|[\u3001\u3002\uff0c\uff01\uff1f\u2026\u2013\u2014()\"“”「」]|--| - "
)
CLAUSE_BOUNDARY = re.compile(r"[;:.!?\u2013\u2014]|--|, (?:but|and|so)\b", re.IGNORECASE)
OPENING = LISTS.pattern("opening")
UNFIT = re.compile(
    rf"[#\[\]{{}}*/\\]|\b{LISTS.any_of('unfit')}\b|\b(?:is|are|was|be) (?:if|when)\b", re.IGNORECASE
)
SPLITTERS = frozenset({"because", "but", "so", "which", "whereas", "although", "though"})  # may end a clause
LEADERS = frozenset({"because", "so", "but"})  # may begin one that the sentence still asserts
SAYING = LISTS.word_set("saying")  # or "that" after one of these
ASKERS = frozenset({"how", "why", "what", "where"})  # or one of these
CLOSERS = LISTS.word_set("closers")
ABBREVIATIONS = LISTS.word_set("abbreviations")
ORDINALS = LISTS.word_set("ordinals")
COMPARATIVES = LISTS.word_set("comparatives")
SELF = LISTS.word_set("self")
COLOURLESS = LISTS.word_set("colourless")
NO_START = (
    english.PREPOSITIONS
    | english.ADVERBS
    | english.CONJUNCTIONS
    | english.FILLERS
    | {"to", "according", "even", "not", "either", "both", "earlier"}
) - (ASKERS | english.CONDITIONS | {"never", "there"})
NO_OPENER = frozenset({"no", "great", "right", "look", "because"})  # may be the clause itself
AFTER_COMMA = (
    english.CONJUNCTIONS | english.PRONOUNS | english.PREPOSITIONS | english.ADVERBS | english.FILLERS
) - {"and", "or"}
AFTER_AND = english.PRONOUNS | {"then", "so", "if", "when"}
ASIDES = {("i", "think"), ("i", "guess"), ("you", "know")}
AMOUNTS = {("so", "much"), ("so", "many"), ("so", "few"), ("so", "little")}


def clauses(spoken: SpokenSentence, is_english: bool) -> Iterator[tuple[int, int, float]]:
    """(first, last, score): tokens [first, last) that can be cut out, and how clean the cuts are."""
    starts, ends = _clause_starts(spoken) if is_english else {0: 0.1}, _clause_ends(spoken)
    for first, start_score in starts.items():
        for last, end_score in ends.items():
            if last > first:
                yield first, last, start_score + end_score


def _clause_starts(spoken: SpokenSentence) -> dict[int, float]:
    """Token indices at which a clause begins, each with its score."""
    starts: dict[int, float] = {}
    for at, token in enumerate(spoken.tokens):
        gap, previous = _gap(spoken, at), spoken.tokens[at - 1] if at else ""
        if at == 0:
            score = 0.1
        elif _is_break(gap):
            score = -0.06 if "," in gap else 0.0
        elif previous in LEADERS or (previous == "that" and spoken.tokens[max(0, at - 2)] in SAYING):
            score = 0.04
        elif token in ASKERS:
            score = 0.0
        else:
            continue
        starts[_skip_openers(spoken, at)] = score
    return starts


def _clause_ends(spoken: SpokenSentence) -> dict[int, float]:
    """Token indices (exclusive) at which a clause ends, each with its score."""
    ends = {len(spoken.tokens): 0.15}
    for at in range(1, len(spoken.tokens)):
        gap, token = _gap(spoken, at), spoken.tokens[at]
        if _is_break(gap):
            if "," not in gap:
                ends[at] = 0.08
            elif token in AFTER_COMMA:  # otherwise the comma may be the first in a list
                ends[at] = 0.0
        elif token in SPLITTERS or (
            token == "and" and spoken.tokens[min(at + 1, len(spoken.tokens) - 1)] in AFTER_AND
        ):
            ends[at] = -0.05
    return ends


def _gap(spoken: SpokenSentence, at: int) -> str:
    """The text between a token and the one before it."""
    return spoken.sentence.text[spoken.spans[at - 1][1] : spoken.spans[at][0]] if at else ""


def _is_break(gap: str) -> bool:
    """Whether the text between two words separates clauses; the mark in 3,000 or v0.1 does not."""
    return bool(BREAK.search(gap)) and gap not in {",", ".", ":"}


def _skip_openers(spoken: SpokenSentence, at: int) -> int:
    """The index of the token after the throat-clearing at `at`, or `at` itself if nothing follows."""
    first = at
    while at < len(spoken.tokens):
        start = spoken.spans[at][0]
        if match := OPENING.match(spoken.sentence.text, start):
            following = (k for k in range(at, len(spoken.tokens)) if spoken.spans[k][0] >= match.end())
            at = next(following, len(spoken.tokens))
        elif spoken.tokens[at] in english.OPENERS - NO_OPENER and spoken.tokens[at : at + 2] not in AMOUNTS:
            at += 1
        else:
            return at
    return first


def is_asserted(text: str, start: int, end: int) -> bool:
    """Whether the sentence asserts text[start:end]: no denial before it, no reservation after it."""
    return not english.DOUBT.search(
        CLAUSE_BOUNDARY.split(text[:start])[-1]
    ) and not english.RESERVATION.match(text[end:])


def stands_alone(tokens: Sequence[str], clause: str, after: str) -> bool:
    """Whether an English clause can be read on its own.

    `tokens` are the clause's tokens, `clause` is its text and `after` is what follows it in the sentence.
    """
    if UNFIT.search(clause) or english.STUTTER.search(clause) or english.FRAGMENT.search(clause):
        return False
    if JUNK.search(clause) or english.NARRATION.search(clause):
        return False
    if not _begins_well(tokens, clause) or not _ends_well(tokens, after) or _repeats_words(tokens):
        return False
    if "," not in clause:
        return has_clause(tokens)
    comma_at = len(clause[: clause.index(",")].split())
    return comma_at > 2 and has_clause(tokens[:comma_at]) and has_clause(tokens[comma_at:])


def _begins_well(tokens: Sequence[str], clause: str) -> bool:
    first, first_two = tokens[0], tuple(tokens[:2])
    if first in english.AUXILIARIES or (first in NO_START and first_two not in AMOUNTS):
        return False
    if first in english.CONDITIONS and "," not in clause:
        return False
    if first == "the" and first_two[1:] and first_two[1] in COMPARATIVES:  # "the more ..., the more ..."
        return False
    if first in verbs() and first not in english.VERBS:  # "adds support for ..."
        return False
    return not dangling(tokens)


def _ends_well(tokens: Sequence[str], after: str) -> bool:
    last = tokens[-1]
    if tuple(tokens[-2:]) in ASIDES or last in ABBREVIATIONS:
        return False
    if last in verbs() and not after.lstrip().startswith((".", ";", ":", "!")):
        return False
    return last not in english.FUNCTION or last in CLOSERS


def _repeats_words(tokens: Sequence[str]) -> bool:
    """Whether words are repeated, or begun twice: "you then you", "infra infrared"."""
    if any(token in tokens[at + 1 : at + 3] for at, token in enumerate(tokens)):
        return True
    return any(len(word) > 2 and following.startswith(word) for word, following in pairwise(tokens))
