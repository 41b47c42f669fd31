"""Two people who speak against each other: found seldom, since a wrong find puts words in two mouths."""

from __future__ import annotations

import re
from itertools import combinations, product
from typing import TYPE_CHECKING

from pipeline.takeaways.extractive import quotes as extractive
from pipeline.takeaways.language import polarity
from pipeline.takeaways.verification import negation

if TYPE_CHECKING:
    from pipeline.cohort.clusters import Common, Group
    from pipeline.records import Quote

NEAR = 0.65  # cosine of two sentences on one subject
SHARED = 2  # content words that they share
OVERLAP = 0.6  # of the content words of the one that has fewer, that the other has, too
OPINION = re.compile(
    r"\b(?:should(?:n't)?|must(?:n't)?|need(?:s|ed)? to|have to|ought|never|always|better|worse|best|worst|"
    r"good|bad|right|wrong|important|dangerous|harmful|useful|useless|worth|too (?:many|much|few|little)|"
    r"(?:i|we) (?:don't )?(?:think|believe)|(?:dis)?agree|matters?|doesn't matter|no need)\b",
    re.I,
)


def pair(common: Common, group: Group) -> tuple[Quote, ...]:
    """The two quotes of a group that most surely speak against each other, or none."""
    able = [quote for gist in group.gists for quote in common.gists[gist].quotes]
    found = [
        (score, -at, two)
        for at, two in enumerate(combinations(able, 2))
        if (score := _opposed(common, *two)) > 0
    ]
    return max(found, key=lambda one: one[:2])[2] if found else ()


def _opposed(common: Common, one: Quote, two: Quote) -> float:
    """The cosine of two sentences that say opposite things of one subject; 0 if there are none."""
    if one.speaker == two.speaker:
        return 0.0
    said, rows = common.matter.said, common.matter.rows
    best = 0.0
    for a, b in product(one.sentences, two.sentences):
        if a not in common.index or b not in common.index:
            continue
        i, j = common.index[a], common.index[b]
        near = float(rows[i] @ rows[j])
        if near >= NEAR and contrary(said[i].sentence.text, said[j].sentence.text):
            reads = min(extractive.quality(said[k], common.matter.language) for k in (i, j))
            best = max(best, near if reads > extractive.UNREADABLE else 0.0)
    return best


def contrary(one: str, two: str) -> bool:
    """Whether each of two English opinions denies what the other affirms of the same things."""
    if not (OPINION.search(one) and OPINION.search(two)):
        return False
    first, second = _concepts(one), _concepts(two)
    shared = first & second
    if len(shared) < SHARED or len(shared) < OVERLAP * min(len(first), len(second)):
        return False
    return _parts(one, two) and _parts(two, one)


def _parts(text: str, source: str) -> bool:
    """Whether a text says the opposite of a word of the source, or denies just what that affirms.

    A word further on in a denial is not what is denied: "you never include a child" denies no child.
    """
    turned, negated = negation.parting(text, [source])
    return bool(turned or (negated and max(term.depth for term in negated) <= 1))


def _concepts(text: str) -> set[str]:
    return {term.concept for term in polarity.terms(text)}
