"""Which sentences carry a theme, and read well on their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.takeaways.language import english as w
from pipeline.takeaways.language import patterns as p
from pipeline.takeaways.language.sentences import Language, Said, dangling, has_clause, openers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.takeaways.extractive.themes import Topic

SHORTEST, LONGEST = 5, 48  # words of a sentence that may be quoted
BRIEF = 11  # words below which a sentence says little, and may need the next
LONGEST_RUN, MOST_WORDS = 3, 62  # sentences and words quoted in one go
MOST = 4  # sentences quoted in a theme
ALIKE = 0.82  # cosine above which two sentences say the same
UNREADABLE = -0.45  # quality below which a sentence is quoted only if there is no other
CLOSING = "\"'\u201d\u2019)\u300d\u300f "
ENDS = (".", "!", "?", "\u3002", "\uff01", "\uff1f")
UNSURE = 0.05  # margin below which a sentence may be another speaker's


@dataclass(frozen=True)
class Unit:
    """One sentence, or up to three in a row that need each other."""

    sentences: tuple[int, ...]
    score: float


def quality(s: Said, language: Language) -> float:
    """How well a sentence reads on its own, whatever it is about: 0 is plain, below -0.5 unusable."""
    text, score = s.sentence.text, 0.0
    if not text.rstrip(CLOSING).endswith(ENDS):
        score -= 0.6
    if s.size > LONGEST:
        score -= 0.6
    score -= 0.012 * max(0.0, s.size - 30)
    if s.question:
        score -= 0.55
    if s.sentence.flags or (s.sentence.margin is not None and s.sentence.margin < UNSURE):
        score -= 0.3
    score -= 0.25 * min(4, len(p.STUTTER.findall(text)))
    return score + _english(s, text) if language.english else score


def _english(s: Said, text: str) -> float:
    score = 0.1 * min(3, sum(bool(claim.search(text)) for claim in (p.REASON, p.DUTY, p.VALUE)))
    score -= 0.25 * min(3, len(p.NARRATION.findall(text)) + s.turning)
    score -= 0.15 * min(4, len(p.FILLING.findall(text)) + len(p.FRAGMENT.findall(text)))
    score -= 0.06 * min(3, openers(s.tokens))
    if p.ANSWER.match(text):
        score -= 0.15
    if text[:1].islower():
        score -= 0.4
    if not has_clause(s.tokens):
        score -= 0.4
    called = p.VOCATIVE.match(text)
    if p.ADDRESSING.search(text) or (called and called[1].lower() not in w.FUNCTION | w.OPENERS):
        score -= 0.4
    if p.TAG.search(text):
        score -= 0.1
    pronouns = sum(t in w.DANGLING and t not in {"that", "which", "who"} for t in s.tokens)
    first = sum(t in {"i", "i'm", "i've", "i'd", "my", "me"} for t in s.tokens)
    score -= 1.0 * max(0.0, pronouns / len(s.tokens) - 0.06) + 0.6 * max(0.0, first / len(s.tokens) - 0.04)
    return score


def relevance(topic: Topic, said: Sequence[Said], keys: Mapping[str, float]) -> dict[int, float]:
    """How much each of a topic's sentences is about it: nearness to its centre and its own terms, 0 to 1."""
    ranked: dict[int, float] = {}
    for i in topic.sentences:
        mine = {t: keys.get(t, 0.0) for t in said[i].terms}
        terms = min(1.0, sum(sorted(mine.values(), reverse=True)[:4]) / 2.0)
        ranked[i] = 0.6 * float(topic.directions[i] @ topic.centre) + 0.4 * terms
    return ranked


def units(topic: Topic, said: Sequence[Said], ranked: Mapping[int, float], language: Language) -> list[Unit]:
    """Everything in a topic that could be quoted, best first."""
    reads = {i: quality(said[i], language) for i in topic.sentences if not said[i].junk}
    floor = UNREADABLE if max(reads.values(), default=0.0) >= UNREADABLE else float("-inf")
    worth = {i: ranked[i] + reads[i] for i in sorted(reads) if reads[i] >= floor}
    lost = {i: dangling(said[i].tokens) if language.english else 0.0 for i in worth}
    found: list[Unit] = []
    for first in worth:
        if lost[first] < 1.0:
            runs = _runs(first, said, lost)
            found += [
                Unit(run, _together(run, said, worth) - brevity(run, said) - 0.5 * lost[first])
                for run in runs
            ]
    if not found:  # everything hangs on something else
        found = [Unit((i,), worth[i] - 0.5) for i in worth]
    return sorted(found, key=lambda u: (-u.score, u.sentences))


def _runs(first: int, said: Sequence[Said], lost: Mapping[int, float]) -> Iterator[tuple[int, ...]]:
    """A sentence alone, and with the one or two after it if they need it or are short."""
    run: tuple[int, ...] = (first,)
    size = said[first].size
    yield run
    for i in range(first + 1, first + LONGEST_RUN):
        if i not in lost or said[i].turn != said[first].turn or said[i - 1].question:
            return
        size += said[i].size
        if size > MOST_WORDS or not (lost[i] or said[i].size < BRIEF or said[i - 1].size < BRIEF):
            return
        run = (*run, i)
        yield run


def _together(run: Sequence[int], said: Sequence[Said], worth: Mapping[int, float]) -> float:
    """What a run's sentences are worth: their mean and the best of them, which brief ones lead up to."""
    values = [worth[i] for i in run]
    brief = len(run) > 1 and all(said[i].size < BRIEF for i in run)
    best = 0.6 if brief else 0.3
    return best * max(values) + (1 - best) * sum(values) / len(values) + (0.05 if brief else 0.0)


def brevity(run: Sequence[int], said: Sequence[Said]) -> float:
    """What is taken off for saying little."""
    size = sum(said[i].size for i in run)
    return 0.03 * max(0.0, BRIEF - size) + (0.6 if size < SHORTEST else 0.0)


def choose(
    found: Sequence[Unit], said: Sequence[Said], vectors: NDArray[np.float32], spoke: Mapping[str, float]
) -> list[Unit]:
    """Two to four sentences in order of speech, none twice, and a second voice if it has something to say.

    `spoke` is each speaker's share of the theme's words.
    """
    picked: list[Unit] = []
    best = found[0].score if found else 0.0
    for unit in found:
        count = sum(len(u.sentences) for u in picked)
        if count >= 2 and (count + len(unit.sentences) > MOST or unit.score < best - 0.12 * count):
            break
        if unit.score < 0.0 and picked:
            break
        if _new(unit, picked, vectors):
            picked.append(unit)
    return sorted(_voices(picked, found, said, vectors, spoke), key=lambda u: u.sentences)


def _voices(
    picked: list[Unit],
    found: Sequence[Unit],
    said: Sequence[Said],
    vectors: NDArray[np.float32],
    spoke: Mapping[str, float],
) -> list[Unit]:
    """Let a second speaker in, in place of the weakest quote if there is no room."""
    heard = {said[u.sentences[0]].sentence.speaker for u in picked}
    if len(heard) != 1:
        return picked
    for unit in found:
        speaker = said[unit.sentences[0]].sentence.speaker
        if speaker in heard or spoke.get(speaker, 0.0) < 0.08 or not _new(unit, picked, vectors):
            continue
        if unit.score < max(0.12, picked[0].score - 0.45):
            return picked
        kept = list(picked)
        while len(kept) > 1 and sum(len(u.sentences) for u in kept) + len(unit.sentences) > MOST:
            kept.pop()
        room = MOST - sum(len(u.sentences) for u in kept)
        return [*kept, unit] if len(unit.sentences) <= room else picked
    return picked


def _new(unit: Unit, picked: Sequence[Unit], vectors: NDArray[np.float32]) -> bool:
    taken = [i for u in picked for i in u.sentences]
    if set(taken) & set(unit.sentences):
        return False
    return not taken or float((vectors[list(unit.sentences)] @ vectors[taken].T).max()) < ALIKE


def grouped(picked: Sequence[Unit], said: Sequence[Said]) -> list[tuple[int, ...]]:
    """Units that follow each other in one turn become one quote, with a short sentence between them."""
    groups: list[tuple[int, ...]] = []
    room = MOST - sum(len(unit.sentences) for unit in picked)
    for unit in picked:
        first = unit.sentences[0]
        between = range(groups[-1][-1] + 1 if groups else first, first)
        fits = len(between) <= min(1, room) and not any(said[i].junk or said[i].size > BRIEF for i in between)
        if groups and fits and said[groups[-1][-1]].turn == said[first].turn:
            groups[-1] += (*between, *unit.sentences)
            room -= len(between)
        else:
            groups.append(unit.sentences)
    return groups
