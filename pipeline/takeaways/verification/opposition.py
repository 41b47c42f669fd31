"""Opposition: a claim denies what was affirmed, affirms what was denied, or says the opposite word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from functools import cache
from typing import NamedTuple

from pipeline.takeaways.language.comparable import stem
from pipeline.takeaways.verification.analysis import Analysis, Clause, Term
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
_PREFIX = re.compile(r"un|non-?|dis|in|im")
MAX_DEPTH = 1  # of a word below a negator, that it surely denies
MAX_BRIEF_TERMS = 2  # of a claim that tells too little to see whether it speaks of the same
MIN_AGREEING_OVERLAP = 0.5  # of what the best match shares, from which one that agrees is preferred
MIN_SHARED = 0.5  # of a clause's concepts, from which a source's clause says the same or its opposite
MIN_WITHOUT_PREDICATE = 0.67  # the same, where what it says is said in other words


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

    @property
    def by_word(self) -> bool:
        """Whether the two are different words."""
        return self.term.is_opposite != self.said.is_opposite


def doubt_opposition(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """At most one doubt: what the claim and the cited sentences say the opposite of.

    Sees: a clause or a word of both, denied in one and affirmed in the other, and opposites, of the same
    thing. Cannot see: a denial in other words, irony, whose denial it is.
    """
    trees = evidence.reader.trees([text])
    if not (evidence.trees and trees):
        return
    if opposed := oppositions(trees[0], evidence.trees):
        claimed, said = opposed[0].term.term, opposed[0].said.term
        words = (claimed.word, said.word) if opposed[0].by_word else ("", "")
        yield Failure(
            "negation",
            f"it says {_quoted(claimed.clause, claimed.negators, words[0])}, where the cited lines say "
            f"{_quoted(said.clause, said.negators, words[1])}: is it turned round?",
        )
    elif pair := _opposed_clauses(trees[0], evidence.trees):
        clause, other = pair
        yield Failure(
            "negation",
            f"it says {_quoted(clause.text, clause.negators)}, where the cited lines say "
            f"{_quoted(other.text, other.negators)}: is it turned round?",
        )


def _quoted(clause: str, negators: Sequence[str], word: str = "") -> str:
    """A clause as written, with the word that is meant, and what denies it."""
    quote = f'"{word}" in "{clause}"' if word else f'"{clause}"'
    by = " and ".join(f'"{negator}"' for negator in negators)
    return f"{quote} (denied by {by})" if by else quote


def _opposed_clauses(claim: Analysis, sources: Sequence[Analysis]) -> tuple[Clause, Clause] | None:
    """A clause of which all that are like it in the sources are denied, while it is not; or the other way."""
    said = [clause for source in sources if not source.is_question for clause in source.clauses]
    for clause in claim.clauses:
        size = len(clause.concepts)
        if not clause.predicate or (size == 1 and len(claim.terms) > MAX_BRIEF_TERMS):
            continue
        by_share = sorted(
            ((len(clause.concepts & other.concepts) / size, other) for other in said), key=_share
        )
        best, likest = by_share[-1] if by_share else (0.0, None)
        if likest is None or best < MIN_SHARED:
            continue
        if best < MIN_WITHOUT_PREDICATE and likest.concepts.isdisjoint(clause.predicate):
            continue
        near = [other for share, other in by_share if share >= MIN_AGREEING_OVERLAP * best]
        if all(other.denied != clause.denied for other in near):
            return clause, likest
    return None


def _share(pair: tuple[float, Clause]) -> float:
    return pair[0]


def oppositions(claim: Analysis, sources: Sequence[Analysis]) -> list[Opposed]:
    """Terms of a claim that its sources contradict; by negation only if more are so than agree on one."""
    mine = {term.concept for term in claim.terms}
    known = mine | {term.concept for source in sources for term in source.terms}
    theirs = [[signed(term, known) for term in source.terms] for source in sources]
    questions = (terms for source, terms in zip(sources, theirs, strict=True) if source.is_question)
    asked = {id(term) for terms in questions for term in terms}
    by_word, negated, agreed = [], [], 0
    for term in (signed(term, known) for term in claim.terms if not term.contrasted):
        other = _counterpart(term, theirs)
        if other is None:
            continue
        opposed = Opposed(term, other)
        if term.affirmed == other.affirmed:
            agreed += term.term.denied_at > 0
        elif opposed.by_word:
            by_word += [] if other.term.concept in mine else [opposed]
        elif id(other) not in asked and max(term.term.denied_at, other.term.denied_at) <= MAX_DEPTH:
            negated.append(opposed)
    return by_word + (negated if len(negated) > agreed else [])


def _counterpart(term: Signed, sources: Sequence[Sequence[Signed]]) -> Signed | None:
    """The sources' term for the same that is of the same things; one that agrees if it is nearly as good."""
    candidates = [
        (len(_near(term) & _near(said)), said)
        for source in sources
        for said in source
        if said.concept == term.concept and not said.term.contrasted
    ]
    best = max((overlap for overlap, _ in candidates), default=0)
    if not candidates or (not best and len(term.term.near) >= MAX_BRIEF_TERMS):
        return None
    agreeing = [
        (overlap, said)
        for overlap, said in candidates
        if said.affirmed == term.affirmed and overlap >= MIN_AGREEING_OVERLAP * best
    ]
    return max(agreeing or candidates, key=lambda pair: pair[0])[1]


def _near(term: Signed) -> set[str]:
    return {_opposites().get(concept, (concept, False))[0] for concept in term.term.near}


def signed(term: Term, others: Set[str] = frozenset()) -> Signed:
    """A term with its sign; `others` are concepts of which it may be the opposite by a prefix."""
    word = term.word.lower()
    known = _opposites().get(stem(word)) or _opposites().get(term.concept)
    if not known and (match := _PREFIX.match(word)) and stem(word[match.end() :]) in others:
        known = (stem(word[match.end() :]), True)
    concept, is_opposite = known or (term.concept, False)
    return Signed(term, concept, is_opposite, (term.denied_at > 0) == is_opposite)


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
