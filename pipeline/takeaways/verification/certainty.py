"""Certainty: what is supposed, hoped, planned, asked or tied to a condition is not told as a fact."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.takeaways.language.comparable import unquoted
from pipeline.takeaways.verification.analysis import Analysis, Term
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
MIN_SUPPOSED_TERMS = 2  # of a claim, that what is cited only supposes
MIN_SUPPOSED_SHARE = 0.6  # of the terms that both have
_KINDS = [(LISTS.words(kind), LISTS.words(f"{kind}_evidence")) for kind in ("sure", "necessary")]
_OPEN = LISTS.words("open")


def doubt_certainty(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """A claim that is more certain than what it cites.

    Sees: words of certainty that nobody used; words that all who used them only supposed ("might", "if",
    "I guess", a question), where the claim has nothing of the kind. Cannot see: doubt in the voice, and a
    condition that is put in a sentence of its own.
    """
    trees = evidence.reader.trees([text])
    if not (evidence.trees and trees):
        return
    claim = unquoted(text)
    for sure, said in _KINDS:
        if (match := sure.search(claim)) and not any(map(said.search, evidence.texts)):
            yield Failure("certainty", f'it says "{match[0]}": are they so sure in the cited lines?')
            return
    is_open = _is_open(trees[0], claim) or (place == "heading" and not trees[0].has_clause)
    if not is_open and (only := _supposed(trees[0], evidence.trees)):
        term, source = only
        hedge = "they ask it" if source.hedge == "?" else f'by "{source.hedge}" they only suppose it'
        yield Failure(
            "certainty",
            f'it says "{term.clause}", where the cited lines say "{source.clause}", and {hedge}: is it told '
            "as more certain than they are?",
        )


def _is_open(tree: Analysis, claim: str) -> bool:
    """Whether a claim supposes anything itself, or tells of a question, a plan or a thought."""
    return bool(_OPEN.search(claim)) or tree.is_question or any(term.hedge for term in tree.terms)


def _supposed(claim: Analysis, sources: list[Analysis]) -> tuple[Term, Term] | None:
    """A term of a claim, and the same of its sources, if most of what both have is only supposed there."""
    said = [term for source in sources for term in source.terms]
    supposed = {term.concept: term for term in reversed(said) if term.hedge}
    stated = {term.concept for term in said if not term.hedge}
    shared = [term for term in claim.terms if term.concept in supposed.keys() | stated]
    only = [term for term in shared if term.concept in supposed.keys() - stated]
    if len(only) >= MIN_SUPPOSED_TERMS and len(only) >= MIN_SUPPOSED_SHARE * len(shared):
        return only[0], supposed[only[0].concept]
    return None
