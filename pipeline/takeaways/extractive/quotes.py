"""Pull quotes: the sentences that carry a theme and read well on their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.records import Flag
from pipeline.takeaways.language import english
from pipeline.takeaways.language.sentences import (
    Language,
    SpokenSentence,
    count_openers,
    dangling,
    has_clause,
)
from pipeline.word_lists import WordLists

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.takeaways.extractive.themes import Topic

MIN_WORDS = 5  # fewer are heavily penalised
MAX_WORDS = 48  # more in one sentence are heavily penalised
BRIEF_WORDS = 11  # a sentence shorter than this says little, and may need the next
MAX_RUN_SENTENCES = 3  # quoted together
MAX_RUN_WORDS = 62  # quoted together
MAX_SENTENCES = 4  # quoted per theme
DUPLICATE_COSINE = 0.82  # from this cosine similarity on, two sentences say the same
MIN_QUALITY = -0.45  # a sentence below it is quoted only if there is no other
CLOSING_MARKS = "\"'\u201d\u2019)\u300d\u300f "
END_MARKS = (".", "!", "?", "\u3002", "\uff01", "\uff1f")
UNSURE_MARGIN = 0.05  # below this speaker margin a sentence may be another speaker's

LISTS = WordLists.beside(__file__)
REASON = LISTS.words("reason")
FILLING = LISTS.words("filling")
# How a sentence addresses somebody ("So, Ann, do you ...", "thanks, Ann."), answers, or asks for agreement.
ADDRESSING = re.compile(
    r"^(?:[\w']+,? ){0,2}[A-Z][a-z]+, "
    r"(?:you|do|did|what|how|can|could|have|any|maybe|I|is|are|would|anything)\b"
    r"|, [A-Z][a-z]+[.?!]$|\b(?:Mr|Madam)\.? ?(?:Chair|Speaker|President)\b"
)
VOCATIVE = re.compile(r"^([A-Z]\w+), (?!and\b|or\b|which\b|who\b)")
ANSWER = re.compile(
    r"^(?:\w+, |and |but |so )?(?:yes|yeah|no|yep|nope|exactly|correct|right|sure|absolutely)\b",
    re.IGNORECASE,
)
TAG = re.compile(r", (?:right|you know|okay|correct|yeah|huh)[?.]$", re.IGNORECASE)


@dataclass(frozen=True)
class Unit:
    """One sentence, or up to three in a row that need each other, as indices."""

    sentences: tuple[int, ...]
    score: float


def quality(spoken: SpokenSentence, language: Language) -> float:
    """How well a sentence reads on its own, whatever it is about: 0 is ordinary, below -0.5 unusable."""
    text, score = spoken.sentence.text, 0.0
    is_unpunctuated = Flag.UNPUNCTUATED in spoken.sentence.flags  # no mark and no capital says how it reads
    if is_unpunctuated:
        score -= 0.2
    elif not text.rstrip(CLOSING_MARKS).endswith(END_MARKS):
        score -= 0.6
    if spoken.size > MAX_WORDS:
        score -= 0.6
    score -= 0.012 * max(0.0, spoken.size - 30)
    if spoken.is_question:
        score -= 0.55
    margin = spoken.sentence.margin
    if set(spoken.sentence.flags) - {Flag.UNPUNCTUATED} or (margin is not None and margin < UNSURE_MARGIN):
        score -= 0.3
    score -= 0.25 * min(4, len(english.STUTTER.findall(text)))
    return score + _english_quality(spoken, text) if language.english else score


def _english_quality(spoken: SpokenSentence, text: str) -> float:
    score = 0.1 * min(3, sum(bool(pattern.search(text)) for pattern in (REASON, english.DUTY, english.VALUE)))
    score -= 0.25 * min(3, len(english.NARRATION.findall(text)) + spoken.opens_topic)
    score -= 0.15 * min(4, len(FILLING.findall(text)) + len(english.FRAGMENT.findall(text)))
    score -= 0.06 * min(3, count_openers(spoken.tokens))
    if ANSWER.match(text):
        score -= 0.15
    if text[:1].islower() and Flag.UNPUNCTUATED not in spoken.sentence.flags:
        score -= 0.4
    if not has_clause(spoken.tokens):
        score -= 0.4
    vocative = VOCATIVE.match(text)
    if ADDRESSING.search(text) or (
        vocative and vocative[1].lower() not in english.FUNCTION | english.OPENERS
    ):
        score -= 0.4
    if TAG.search(text):
        score -= 0.1
    pronouns = sum(
        token in english.DANGLING and token not in {"that", "which", "who"} for token in spoken.tokens
    )
    first_person = sum(token in {"i", "i'm", "i've", "i'd", "my", "me"} for token in spoken.tokens)
    length = len(spoken.tokens)
    score -= 1.0 * max(0.0, pronouns / length - 0.06) + 0.6 * max(0.0, first_person / length - 0.04)
    return score


def relevance(
    topic: Topic, sentences: Sequence[SpokenSentence], term_weights: Mapping[str, float]
) -> dict[int, float]:
    """How much each sentence of a topic is about it, at most 1: its cosine to the centre, and its terms."""
    relevances: dict[int, float] = {}
    for i in topic.sentences:
        weights = {term: term_weights.get(term, 0.0) for term in sentences[i].terms}
        terms = min(1.0, sum(sorted(weights.values(), reverse=True)[:4]) / 2.0)
        relevances[i] = 0.6 * float(topic.directions[i] @ topic.centre) + 0.4 * terms
    return relevances


def units(
    topic: Topic, sentences: Sequence[SpokenSentence], relevances: Mapping[int, float], language: Language
) -> list[Unit]:
    """Everything in a topic that could be quoted, best first."""
    qualities = {i: quality(sentences[i], language) for i in topic.sentences if not sentences[i].is_junk}
    min_quality = MIN_QUALITY if max(qualities.values(), default=0.0) >= MIN_QUALITY else float("-inf")
    scores = {i: relevances[i] + qualities[i] for i in sorted(qualities) if qualities[i] >= min_quality}
    missing_context = {i: dangling(sentences[i].tokens) if language.english else 0.0 for i in scores}
    candidates: list[Unit] = []
    for first in scores:
        if missing_context[first] < 1.0:
            penalty = 0.5 * missing_context[first]
            candidates += [
                Unit(run, _run_score(run, sentences, scores) - brevity_penalty(run, sentences) - penalty)
                for run in _runs(first, sentences, missing_context)
            ]
    if not candidates:  # every sentence depends on something else
        candidates = [Unit((i,), scores[i] - 0.5) for i in scores]
    return sorted(candidates, key=lambda unit: (-unit.score, unit.sentences))


def _runs(
    first: int, sentences: Sequence[SpokenSentence], missing_context: Mapping[int, float]
) -> Iterator[tuple[int, ...]]:
    """A sentence alone, then with the one or two after it, as long as they need it or are short."""
    run: tuple[int, ...] = (first,)
    size = sentences[first].size
    yield run
    for i in range(first + 1, first + MAX_RUN_SENTENCES):
        if (
            i not in missing_context
            or sentences[i].turn != sentences[first].turn
            or sentences[i - 1].is_question
            or Flag.UNPUNCTUATED in sentences[i].sentence.flags  # nothing would tell them apart
        ):
            return
        size += sentences[i].size
        is_brief = sentences[i].size < BRIEF_WORDS or sentences[i - 1].size < BRIEF_WORDS
        if size > MAX_RUN_WORDS or not (missing_context[i] or is_brief):
            return
        run = (*run, i)
        yield run


def _run_score(run: Sequence[int], sentences: Sequence[SpokenSentence], scores: Mapping[int, float]) -> float:
    """A weighted sum of a run's mean and best score; the best counts more where all are brief."""
    values = [scores[i] for i in run]
    all_brief = len(run) > 1 and all(sentences[i].size < BRIEF_WORDS for i in run)
    share = 0.6 if all_brief else 0.3  # brief sentences lead up to the best one
    return share * max(values) + (1 - share) * sum(values) / len(values) + (0.05 if all_brief else 0.0)


def brevity_penalty(run: Sequence[int], sentences: Sequence[SpokenSentence]) -> float:
    """The penalty for saying little."""
    size = sum(sentences[i].size for i in run)
    return 0.03 * max(0.0, BRIEF_WORDS - size) + (0.6 if size < MIN_WORDS else 0.0)


def choose(
    candidates: Sequence[Unit],
    sentences: Sequence[SpokenSentence],
    vectors: NDArray[np.float32],
    speaker_shares: Mapping[str, float],
) -> list[Unit]:
    """Two to four sentences without repetition, in order of speech, with a second speaker if one merits it.

    `candidates` come best first; `vectors` are the embeddings of all sentences, unit vectors of shape
    [sentences, 384]; `speaker_shares` are each speaker's share of the theme's words.
    """
    picked: list[Unit] = []
    best_score = candidates[0].score if candidates else 0.0
    for unit in candidates:
        count = _sentence_count(picked)
        is_full = count + len(unit.sentences) > MAX_SENTENCES
        if count >= 2 and (is_full or unit.score < best_score - 0.12 * count):
            break
        if unit.score < 0.0 and picked:
            break
        if _is_new(unit, picked, vectors):
            picked.append(unit)
    picked = _add_second_voice(picked, candidates, sentences, vectors, speaker_shares)
    return sorted(picked, key=lambda unit: unit.sentences)


def _add_second_voice(
    picked: list[Unit],
    candidates: Sequence[Unit],
    sentences: Sequence[SpokenSentence],
    vectors: NDArray[np.float32],
    speaker_shares: Mapping[str, float],
) -> list[Unit]:
    """Add a quote from a second speaker, in place of the weakest quote if there is no room."""
    speakers = {sentences[chosen.sentences[0]].sentence.speaker for chosen in picked}
    if len(speakers) != 1:
        return picked
    for unit in candidates:
        speaker = sentences[unit.sentences[0]].sentence.speaker
        spoke_little = speaker_shares.get(speaker, 0.0) < 0.08
        if speaker in speakers or spoke_little or not _is_new(unit, picked, vectors):
            continue
        if unit.score < max(0.12, picked[0].score - 0.45):
            return picked
        kept = list(picked)
        while len(kept) > 1 and _sentence_count(kept) + len(unit.sentences) > MAX_SENTENCES:
            kept.pop()
        room = MAX_SENTENCES - _sentence_count(kept)
        return [*kept, unit] if len(unit.sentences) <= room else picked
    return picked


def _sentence_count(units: Sequence[Unit]) -> int:
    return sum(len(unit.sentences) for unit in units)


def _is_new(unit: Unit, picked: Sequence[Unit], vectors: NDArray[np.float32]) -> bool:
    """Whether a unit neither overlaps with what is picked nor says the same as any of it."""
    taken = [i for chosen in picked for i in chosen.sentences]
    if set(taken) & set(unit.sentences):
        return False
    return not taken or float((vectors[list(unit.sentences)] @ vectors[taken].T).max()) < DUPLICATE_COSINE


def group_adjacent(picked: Sequence[Unit], sentences: Sequence[SpokenSentence]) -> list[tuple[int, ...]]:
    """Join units of the same turn into one quote if at most one short sentence, then included, is between."""
    groups: list[tuple[int, ...]] = []
    room = MAX_SENTENCES - _sentence_count(picked)
    for unit in picked:
        first = unit.sentences[0]
        between = range(groups[-1][-1] + 1 if groups else first, first)
        interrupts = any(sentences[i].is_junk or sentences[i].size > BRIEF_WORDS for i in between)
        is_unpunctuated = Flag.UNPUNCTUATED in sentences[first].sentence.flags
        fits = len(between) <= min(1, room) and not interrupts and not is_unpunctuated
        if groups and fits and sentences[groups[-1][-1]].turn == sentences[first].turn:
            groups[-1] += (*between, *unit.sentences)
            room -= len(between)
        else:
            groups.append(unit.sentences)
    return groups
