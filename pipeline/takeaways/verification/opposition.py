"""Opposition: a claim denies what was affirmed, affirms what was denied, or says the opposite word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from pipeline.takeaways.language.comparable import stem
from pipeline.takeaways.verification.evidence import Evidence, Failure
from pipeline.takeaways.verification.syntax_tree import Term, Tree
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
MAX_DEPTH = 1  # of a word below a negator, that it surely denies
MAX_BRIEF_TERMS = 2  # of a claim that tells too little to see whether it speaks of the same
MIN_AGREEING_OVERLAP = 0.5  # of what the best match shares, from which a term that agrees is preferred


class Signed(NamedTuple):
    """A term; what it and its opposite have in common; and whether the text affirms that."""

    term: Term
    concept: str
    is_opposite: bool  # whether the word is the negative one of the two
    affirmed: bool


class Opposed(NamedTuple):
    """A term of a claim, and the one of a source that contradicts it."""

    term: Signed
    said: Signed


def doubt_opposition(text: str, evidence: Evidence) -> Iterator[Failure]:
    """What the claim and the cited sentences say the opposite of, by negation and by an antonym.

    Sees: a word of both, denied in one and affirmed in the other, or opposites, of the same thing. Cannot
    see: a denial in other words, irony, whose denial it is.
    """
    if not (evidence.trees and (trees := evidence.reader.trees([text]))):
        return
    yield from _opposed_clauses(trees[0], evidence.trees)
    for opposed in oppositions(trees[0], evidence.trees)[:1]:
        claimed, said = opposed.term.term, opposed.said.term
        if opposed.term.is_opposite != opposed.said.is_opposite:
            yield Failure(
                "opposite", f'it says "{claimed.word}" where they say "{said.word}": is it turned round?'
            )
        else:
            does, do = ("denies", "affirm") if claimed.denied else ("affirms", "deny")
            yield Failure("negation", f'it {does} "{claimed.word}", which the cited lines seem to {do}')


MIN_CLAUSE_CONCEPTS = 2
MIN_CLAUSE_SHARED = 0.5
MIN_AGREEING_SHARE = 0.5


def _opposed_clauses(claim: Tree, sources: Sequence[Tree]) -> Iterator[Failure]:
    """At most one: a clause that denies what the clause of a source that is likest to it affirms, or affirms."""
    said = [clause for source in sources if not source.is_question for clause in source.clauses]
    for clause in claim.clauses:
        if len(clause.concepts) < MIN_CLAUSE_CONCEPTS:
            continue
        shared = [(len(clause.concepts & other.concepts) / len(clause.concepts), other) for other in said]
        best = max((share for share, _ in shared), default=0.0)
        if best < MIN_CLAUSE_SHARED:
            continue
        near = [other for share, other in shared if share >= MIN_AGREEING_SHARE * best]
        if all(other.denied != clause.denied for other in near):
            does, do = ("denies", "affirm") if clause.denied else ("affirms", "deny")
            yield Failure("clause", f'it {does} that "{clause.text}", which the cited lines seem to {do}: "{near[0].text}"')
            return


def oppositions(claim: Tree, sources: Sequence[Tree]) -> list[Opposed]:
    """Terms of a claim that its sources contradict, the surest first."""
    mine = [signed(term) for term in claim.terms if not term.contrasted]
    theirs = [[signed(term) for term in source.terms] for source in sources if not source.is_question]
    opposed, agreed = [], 0
    for term in mine:
        said = _counterpart(term, theirs)
        if said and term.affirmed == said.affirmed:
            agreed += term.term.denied
        elif said and max(term.term.denied_at, said.term.denied_at) <= MAX_DEPTH:
            opposed.append(Opposed(term, said))
    return opposed if len(opposed) > agreed else []


def _counterpart(term: Signed, sources: Sequence[Sequence[Signed]]) -> Signed | None:
    """The sources' term for the same that is of the same things; one that agrees if it is nearly as good."""
    candidates = [
        (len(_near(term) & _near(said)), said)
        for source in sources
        for said in source
        if said.concept == term.concept
    ]
    if not candidates:
        return None
    best = max(overlap for overlap, _ in candidates)
    if not best and len(term.term.near) >= MAX_BRIEF_TERMS:
        return None
    agreeing = [
        pair
        for pair in candidates
        if pair[1].affirmed == term.affirmed and pair[0] >= MIN_AGREEING_OVERLAP * best
    ]
    return max(agreeing or candidates, key=lambda pair: pair[0])[1]


def _near(term: Signed) -> set[str]:
    return {_opposites().get(concept, (concept, False))[0] for concept in term.term.near}


def signed(term: Term) -> Signed:
    """A term with its sign."""
    concept, is_opposite = _opposites().get(term.concept, (term.concept, False))
    return Signed(term, concept, is_opposite, term.denied == is_opposite)


@cache
def _opposites() -> dict[str, tuple[str, bool]]:
    """By stem: the concept that a word shares with its opposites, and whether it is on the negative side."""
    concepts: dict[str, tuple[str, bool]] = {}
    for line in LISTS["opposites"]:
        positive, negative = (side.split() for side in line.split("|"))
        for side, is_negative in ((positive, False), (negative, True)):
            for word in side:
                concepts.setdefault(stem(word), (f"~{positive[0]}", is_negative))
    return concepts
