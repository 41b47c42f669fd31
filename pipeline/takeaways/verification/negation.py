"""A claim must not deny what its sources affirm, nor affirm what they deny; nor say the opposite of their
words.

Sees, in English: words that claim and sources share, affirmed in one and denied in the other (negation),
or turned round by an antonym (stance); a denial where no source denies anything. Cannot see: a denial in
other words, irony, whose denial it is, and a second thought in a sentence that was not cited.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language import polarity
from pipeline.takeaways.language.polarity import Term
from pipeline.takeaways.verification.evidence import Evidence, Failure

REACH = 4  # content words after a negator that it surely denies
LENIENT = 2  # a word that agrees is believed with this fraction of the likest surroundings
Parted = tuple[Term, Term]  # the text's word, and the source's

WINDOW = 5  # terms on each side that tell whether the same thing is spoken of


def failures(text: str, evidence: Evidence) -> Iterator[Failure]:
    """At most one of each code: the word on which claim and sources part."""
    turned, negated = parting(text, evidence.texts)
    if turned:
        term, other = turned
        yield Failure("stance", f'it says "{term.word}" where the cited sentences say "{other.word}"')
    if negated:
        term, other = negated
        does, do = ("denies", "affirm") if term.denied else ("affirms", "deny")
        yield Failure("negation", f'it {does} "{term.word}", which the cited sentences {do}')
    elif _denies(text) and not any(map(polarity.denies, evidence.texts)):
        yield Failure("negation", "it denies something, but no cited sentence denies anything")


def _denies(text: str) -> bool:
    return any(term.denied for term in polarity.terms(t.unquoted(text)))


def parting(text: str, sources: Sequence[str]) -> tuple[Parted | None, Parted | None]:
    """The words on which a text and its sources part: by an antonym, and by a denial."""
    mine = polarity.terms(t.unquoted(text))
    theirs = [polarity.terms(source) for source in sources]
    votes = [(term, vote) for term in mine if (vote := _vote(term, mine, theirs)) is not None]
    parted = [
        (term, other)
        for term, other in votes
        if other.affirmed != term.affirmed and _alike(term, other, mine, theirs)
    ]
    agreed = sum(1 for term, other in votes if other.affirmed == term.affirmed and term.denied)
    negated = [pair for pair in parted if pair[0].denied != pair[1].denied and _direct(*pair, mine, theirs)]
    turned = [pair for pair in parted if pair[0].denied == pair[1].denied]
    if polarity.implies_denial(text):  # it may deny the same in other words
        negated = [pair for pair in negated if pair[0].denied]
    return (turned[0] if turned else None, negated[0] if len(negated) > agreed else None)


def _direct(term: Term, other: Term, mine: Sequence[Term], theirs: Sequence[Sequence[Term]]) -> bool:
    """Whether the denial is of this word, rather than of another of which it only is a part."""
    if term.depth:
        return term.depth <= REACH
    source = next(source for source in theirs if other in source)
    first = source.index(other) - other.depth + 1
    denied = [one for one in source[first : first + REACH] if one.denied]
    said = {one.concept for one in mine}
    return other in denied and sum(one.concept in said for one in denied) * 2 >= len(denied)


def _alike(term: Term, other: Term, mine: Sequence[Term], theirs: Sequence[Sequence[Term]]) -> bool:
    """Whether two words that part have anything around them in common, or their texts most words."""
    source = next(source for source in theirs if other in source)
    if _around(term, mine) & _around(other, source):
        return True
    rest = {one.concept for one in mine} - {term.concept}
    said = {one.concept for source in theirs for one in source}
    return len(rest) < 2 or len(rest & said) * 2 > len(rest)


def _vote(term: Term, mine: Sequence[Term], theirs: Sequence[Sequence[Term]]) -> Term | None:
    """The source's word for the same concept in the likest surroundings; one that agrees goes first."""
    around = _around(term, mine)
    found = [
        (len(around & _around(other, source)), other)
        for source in theirs
        for other in source
        if other.concept == term.concept
    ]
    if not found:
        return None
    most = max(found, key=lambda pair: pair[0])[0]
    agreeing = [pair for pair in found if pair[1].affirmed == term.affirmed and pair[0] * LENIENT >= most]
    return max(agreeing or found, key=lambda pair: pair[0])[1]


def _around(term: Term, terms: Sequence[Term]) -> set[str]:
    at = terms.index(term)
    near = (*terms[max(0, at - WINDOW) : at], *terms[at + 1 : at + 1 + WINDOW])
    return {other.concept for other in near} - {term.concept}
