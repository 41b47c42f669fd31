"""Headings out of the speakers' own words: a clause cut from one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.takeaways.language import english as w
from pipeline.takeaways.language import patterns as p
from pipeline.takeaways.language.clauses import BREAK, asserted, clauses, stands
from pipeline.takeaways.language.sentences import Language, Said, is_content, openers, stem, verbs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.engines.sentence_vectors import Vectors
    from pipeline.takeaways.extractive.themes import Topic

SHORTEST, LONGEST = 3, 10  # words
FITTING = 6  # words; a heading is the better the nearer to it
WIDEST = 70  # characters
WIDEST_OPENING = 90  # characters, if a heading is only how a sentence begins
QUOTED = 0.08  # added to the score of a slice of a sentence that is quoted
NEARNESS = 0.8  # weight of the cosine to the theme
SHORTLIST = 48  # slices a theme that are worth a vector
KEPT = 8  # of them, best first


@dataclass(frozen=True)
class Slice:
    """Characters [start, end) of sentence number `index`, and how good a heading they make."""

    index: int
    start: int
    end: int
    score: float


def slices(index: int, s: Said, keys: Mapping[str, float], language: Language) -> Iterator[Slice]:
    """The clauses of a sentence that could stand as a heading."""
    text = s.sentence.text
    for first, last, cuts in clauses(s, language.english):
        start, end = s.spans[first][0], s.spans[last - 1][1]
        tokens, piece = s.tokens[first:last], text[start:end]
        if not SHORTEST <= len(tokens) <= LONGEST and s.size == len(s.tokens):
            continue
        if len(piece) > WIDEST or BREAK.search(piece.replace(",", "", 1)):
            continue
        if language.english and not (asserted(text, start, end) and stands(tokens, piece, text[end:])):
            continue
        yield Slice(index, start, end, cuts + _worth(tokens, piece, keys, language))


def _worth(tokens: Sequence[str], piece: str, keys: Mapping[str, float], language: Language) -> float:
    """What the words of a slice are worth: of the theme, of the right length, a claim, clear by itself."""
    own = sorted((keys.get(stem(t), 0.0) for t in set(tokens)), reverse=True)
    score = 0.35 * min(1.0, sum(own[:3]) / 1.5) - 0.03 * abs(len(tokens) - FITTING)
    if not language.english:
        return score
    score += 0.2 * min(2, len(p.VALUE.findall(piece))) + 0.1 * bool(p.DUTY.search(piece))
    score -= 0.1 * sum(t in w.DANGLING and t not in {"that", "it's"} for t in tokens)
    score -= 0.15 * sum(t in w.DEMONSTRATIVES and t != "that" for t in tokens)
    score -= 0.05 * sum(t in w.ADVERBS for t in tokens)
    nouns = sum(is_content(t, language) and t not in verbs() and not p.VALUE.fullmatch(t) for t in tokens)
    return score - {0: 0.35, 1: 0.1}.get(nouns, 0.0) - _dull(tokens)


def _dull(tokens: Sequence[str]) -> float:
    """What is taken off for how a slice begins."""
    first, second = tokens[0], tokens[1]
    if first in w.SELF:
        return 0.3
    if (first == "the" and second in w.ORDINALS) or (first in w.ORDINALS and second == "is"):
        return 0.25
    if first in w.COLOURLESS or (first == "you" and second in {"can", "could", "have"}):
        return 0.06
    return 0.07 if first in w.ASKERS and (first in {"what", "where"} or second in w.AUXILIARIES) else 0.0


def best(
    topic: Topic,
    said: Sequence[Said],
    keys: Mapping[str, float],
    quoted: frozenset[int],
    vectors: Vectors,
    language: Language,
) -> list[Slice]:
    """The slices of a topic that make the best headings, best first."""
    able = [i for i in topic.sentences if not said[i].junk and not said[i].question]
    found = sorted((x for i in able for x in slices(i, said[i], keys, language)), key=_rank)[:SHORTLIST]
    if not found:
        return []
    near: NDArray[np.float32] = vectors.of([text_of(x, said) for x in found]) @ topic.centre
    scored = [
        replace(x, score=x.score + NEARNESS * float(cosine) + QUOTED * (x.index in quoted))
        for x, cosine in zip(found, near, strict=True)
    ]
    return sorted(scored, key=_rank)[:KEPT]


def _rank(piece: Slice) -> tuple[float, int, int, int]:
    return -piece.score, piece.index, piece.start, piece.end


def text_of(piece: Slice, said: Sequence[Said]) -> str:
    """The words of a slice, its first letter a capital."""
    text = said[piece.index].sentence.text[piece.start : piece.end]
    return text[:1].upper() + text[1:]


def opening(s: Said) -> str:
    """For want of anything better: how a sentence begins, up to its first mark."""
    text, skip = s.sentence.text, openers(s.tokens)
    first = s.spans[skip][0] if skip < len(s.spans) else 0
    until = BREAK.search(text, first + 1)
    end = min(until.start() if until else len(text), first + WIDEST_OPENING)
    if end == first + WIDEST_OPENING and " " in text[first:end]:
        end = text.rindex(" ", first, end)
    piece = text[first:end].strip()
    return piece[:1].upper() + piece[1:]
