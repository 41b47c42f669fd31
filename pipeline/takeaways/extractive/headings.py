"""Headings out of the speakers' own words: a clause cut from one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.takeaways.language import english as w
from pipeline.takeaways.language import patterns as p
from pipeline.takeaways.language.sentences import (
    Language,
    Said,
    dangling,
    has_clause,
    is_content,
    openers,
    stem,
    verbs,
)

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


# Where a clause begins and ends in a spoken sentence, and whether it stands on its own.
#
# No parser: marks, conjunctions and word lists. A clause is only taken where the sentence asserts it.

BREAK = re.compile(
    r"[,;:.!?](?=\W*\s|\W*$)|[\u3001\u3002\uff0c\uff01\uff1f\u2026\u2013\u2014()\"“”「」]|--| - "
)
CLAUSE = re.compile(r"[;:.!?\u2013\u2014]|--|, (?:but|and|so)\b", re.IGNORECASE)
NO_START = (
    w.PREPOSITIONS
    | w.ADVERBS
    | w.CONJUNCTIONS
    | w.FILLERS
    | w.listed("to according even not either both earlier")
) - (w.ASKERS | w.CONDITIONS | w.listed("never there"))
NO_OPENER = w.listed("no great right look because")  # may be the clause itself
AFTER_COMMA = (w.CONJUNCTIONS | w.PRONOUNS | w.PREPOSITIONS | w.ADVERBS | w.FILLERS) - {"and", "or"}
AFTER_AND = w.PRONOUNS | w.listed("then so if when")
ASIDES = {("i", "think"), ("i", "guess"), ("you", "know")}
AMOUNTS = {("so", "much"), ("so", "many"), ("so", "few"), ("so", "little")}


def clauses(s: Said, english: bool) -> Iterator[tuple[int, int, float]]:
    """(first, last, worth): tokens [first, last) that can be cut out, and how clean the cuts are."""
    begins = _begins(s) if english else {0: 0.1}
    for first, cut in begins.items():
        for last, other in _ends(s).items():
            if last > first:
                yield first, last, cut + other


def _begins(s: Said) -> dict[int, float]:
    """Token numbers at which a clause begins, and what each is worth."""
    found: dict[int, float] = {}
    for at, token in enumerate(s.tokens):
        gap, before = _gap(s, at), s.tokens[at - 1] if at else ""
        if at == 0:
            worth = 0.1
        elif _breaks(gap):
            worth = -0.06 if "," in gap else 0.0
        elif before in w.LEADERS or (before == "that" and s.tokens[max(0, at - 2)] in w.SAYING):
            worth = 0.04
        elif token in w.ASKERS:
            worth = 0.0
        else:
            continue
        found[_opened(s, at)] = worth
    return found


def _ends(s: Said) -> dict[int, float]:
    """Token numbers (exclusive) at which a clause ends, and what each is worth."""
    found = {len(s.tokens): 0.15}
    for at in range(1, len(s.tokens)):
        gap, token = _gap(s, at), s.tokens[at]
        if _breaks(gap):
            if "," not in gap:
                found[at] = 0.08
            elif token in AFTER_COMMA:  # else it may be the first of a list
                found[at] = 0.0
        elif token in w.SPLITTERS or (
            token == "and" and s.tokens[min(at + 1, len(s.tokens) - 1)] in AFTER_AND
        ):
            found[at] = -0.05
    return found


def _gap(s: Said, at: int) -> str:
    """What stands between a token and the one before it."""
    return s.sentence.text[s.spans[at - 1][1] : s.spans[at][0]] if at else ""


def _breaks(gap: str) -> bool:
    """Whether what is between two words parts clauses; the mark in 3,000 or v0.1 does not."""
    return bool(BREAK.search(gap)) and gap not in {",", ".", ":"}


def _opened(s: Said, at: int) -> int:
    """The token after the throat-clearing at `at`, or `at` itself if nothing follows."""
    first = at
    while at < len(s.tokens):
        start = s.spans[at][0]
        if match := p.OPENING.match(s.sentence.text, start):
            at = next((k for k in range(at, len(s.tokens)) if s.spans[k][0] >= match.end()), len(s.tokens))
        elif s.tokens[at] in w.OPENERS - NO_OPENER and s.tokens[at : at + 2] not in AMOUNTS:
            at += 1
        else:
            return at
    return first


def asserted(text: str, start: int, end: int) -> bool:
    """Whether the sentence says what its slice says: no denial before it, no reservation after."""
    return not p.DOUBT.search(CLAUSE.split(text[:start])[-1]) and not p.RESERVATION.match(text[end:])


def stands(tokens: Sequence[str], piece: str, after: str) -> bool:
    """Whether an English clause can be read alone. `piece` is its text, `after` what follows it."""
    if p.UNFIT.search(piece) or p.STUTTER.search(piece) or p.FRAGMENT.search(piece):
        return False
    if p.JUNK.search(piece) or p.NARRATION.search(piece):
        return False
    if not _begins_well(tokens, piece) or not _ends_well(tokens, after) or _stumbles(tokens):
        return False
    if "," not in piece:
        return has_clause(tokens)
    head = len(piece[: piece.index(",")].split())
    return head > 2 and has_clause(tokens[:head]) and has_clause(tokens[head:])


def _begins_well(tokens: Sequence[str], piece: str) -> bool:
    first, two = tokens[0], tuple(tokens[:2])
    if first in w.AUXILIARIES or (first in NO_START and two not in AMOUNTS):
        return False
    if first in w.CONDITIONS and "," not in piece:
        return False
    if first == "the" and two[1:] and two[1] in w.COMPARATIVES:  # "the more ..., the more ..."
        return False
    if first in verbs() and first not in w.VERBS:  # "adds support for ..."
        return False
    return not dangling(tokens)


def _ends_well(tokens: Sequence[str], after: str) -> bool:
    last = tokens[-1]
    if tuple(tokens[-2:]) in ASIDES or last in w.ABBREVIATIONS:
        return False
    if last in verbs() and not after.lstrip().startswith((".", ";", ":", "!")):
        return False
    return last not in w.FUNCTION or last in w.CLOSERS


def _stumbles(tokens: Sequence[str]) -> bool:
    """Whether words come twice: "you then you", "infra infrared"."""
    if any(token in tokens[k + 1 : k + 3] for k, token in enumerate(tokens)):
        return True
    return any(len(one) > 2 and two.startswith(one) for one, two in pairwise(tokens))
