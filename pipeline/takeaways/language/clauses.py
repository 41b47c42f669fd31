"""Where a clause begins and ends in a spoken sentence, and whether it stands on its own.

No parser: marks, conjunctions and word lists. A clause is only taken where the sentence asserts it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.takeaways.language import english as w
from pipeline.takeaways.language import patterns as p
from pipeline.takeaways.language.sentences import Said, dangling, has_clause, verbs

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
