"""Factuality: a claim asserts what its evidence asserts, with the same polarity and the same certainty.

The term is that of R. Saurí and J. Pustejovsky, FactBank (2009). All checks are for English.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pipeline.takeaways.language import polarity
from pipeline.takeaways.language.comparable import WORD, plain, words_of
from pipeline.takeaways.language.english import AUXILIARIES
from pipeline.takeaways.language.sentences import verbs
from pipeline.takeaways.verification.evidence import Evidence, Failure, Kind, measure_support, own_words
from pipeline.word_lists import WordLists

if TYPE_CHECKING:
    from pipeline.engines import Embed
    from pipeline.takeaways.language.polarity import Term

LISTS = WordLists.beside(__file__)
_NEGATED = re.compile(r"(?:\b(?:not|never|without|cannot|no)|n't)(?: \w+){0,2} $", re.I)


def is_negated(text: str, start: int) -> bool:
    """Whether a negator precedes an offset in a text, with at most two words between them."""
    return bool(_NEGATED.search(text[:start]))


# Polarity

Pair: TypeAlias = "tuple[Term, Term]"  # a claim's term, and a source's for the same concept
SCOPE_TERMS = 4  # after a negator, that it surely denies
CONTEXT_TERMS = 5  # on each side of a term, which tell whether the same thing is spoken of
# A source's term that agrees is preferred if its context shares at least this much of what the best match
# shares. Without that, "public key" failed because of "private proof" next to it.
MIN_AGREEING_OVERLAP = 0.5


def check_polarity(text: str, evidence: Evidence) -> Iterator[Failure]:
    """At most one failure of each code: the word on which claim and evidence contradict each other.

    A claim must not deny what its evidence affirms, nor affirm what it denies, nor say the opposite of its
    words. Sees: words that both share, affirmed in one and denied in the other ("negation"), or replaced by
    an antonym ("stance"); a denial where no source denies anything. Cannot see: a denial in other words,
    irony, whose denial it is, and a second thought in a sentence that was not cited.
    """
    antonyms, negated = contradictions(text, evidence.texts)
    if antonyms:
        term, cited = antonyms
        yield Failure("stance", f'it says "{term.word}" where the cited sentences say "{cited.word}"')
    if negated:
        term, _ = negated
        does, do = ("denies", "affirm") if term.denied else ("affirms", "deny")
        yield Failure("negation", f'it {does} "{term.word}", which the cited sentences {do}')
    elif _has_denial(text) and not any(map(polarity.denies, evidence.texts)):
        yield Failure("negation", "it denies something, but no cited sentence denies anything")


def _has_denial(text: str) -> bool:
    return any(term.denied for term in polarity.terms(own_words(text)))


def contradictions(text: str, sources: Sequence[str]) -> tuple[Pair | None, Pair | None]:
    """Terms of a text and its sources that contradict each other: by an antonym, and by negation.

    A negation is returned only if such pairs outnumber the denials on which both agree.
    """
    compared = _Compared(polarity.terms(own_words(text)), tuple(map(polarity.terms, sources)))
    pairs = [(term, cited) for term in compared.claim if (cited := compared.counterpart(term))]
    opposed = [
        (term, cited)
        for term, cited in pairs
        if term.affirmed != cited.affirmed and compared.is_same_subject(term, cited)
    ]
    antonyms = [(term, cited) for term, cited in opposed if term.denied == cited.denied]
    # A text that implies a denial may deny the same in other words.
    affirms = not polarity.implies_denial(text)
    negated = [
        (term, cited)
        for term, cited in opposed
        if term.denied != cited.denied and (term.denied or affirms) and compared.is_denied_itself(term, cited)
    ]
    agreed_denials = sum(term.denied and term.affirmed == cited.affirmed for term, cited in pairs)
    return (antonyms[0] if antonyms else None, negated[0] if len(negated) > agreed_denials else None)


@dataclass(frozen=True)
class _Compared:
    """The terms of a claim, and of each of its sources."""

    claim: Sequence[Term]
    sources: Sequence[Sequence[Term]]

    def counterpart(self, term: Term) -> Term | None:
        """The sources' term for the same concept in the most similar context.

        One that agrees is preferred if its context is at least half as similar.
        """
        context = _context(term, self.claim)
        overlaps = [
            (len(context & _context(cited, source)), cited)
            for source in self.sources
            for cited in source
            if cited.concept == term.concept
        ]
        if not overlaps:
            return None
        enough = MIN_AGREEING_OVERLAP * max(overlap for overlap, _ in overlaps)
        agreeing = [
            (overlap, cited)
            for overlap, cited in overlaps
            if cited.affirmed == term.affirmed and overlap >= enough
        ]
        return max(agreeing or overlaps, key=lambda pair: pair[0])[1]

    def is_same_subject(self, term: Term, cited: Term) -> bool:
        """Whether the contexts of two terms share a concept, or claim and sources share most concepts.

        A claim with fewer than two other concepts always counts as the same subject.
        """
        if _context(term, self.claim) & _context(cited, self._source_of(cited)):
            return True
        others = {other.concept for other in self.claim} - {term.concept}
        shared = others & {other.concept for source in self.sources for other in source}
        return len(others) < 2 or len(shared) * 2 > len(others)

    def is_denied_itself(self, term: Term, cited: Term) -> bool:
        """Whether a denial is of this term, rather than of a longer phrase of which it is only a part.

        Half of the first denied terms of a source must be in the claim. Counting the whole scope of a denial
        rejected 17 % of the held-out true, freely worded claims; this rejects 4 %.
        """
        if term.depth:
            return term.depth <= SCOPE_TERMS
        source = self._source_of(cited)
        first = source.index(cited) - cited.depth + 1
        denied = [other for other in source[first : first + SCOPE_TERMS] if other.denied]
        concepts = {other.concept for other in self.claim}
        return cited in denied and sum(other.concept in concepts for other in denied) * 2 >= len(denied)

    def _source_of(self, term: Term) -> Sequence[Term]:
        return next(source for source in self.sources if term in source)


def _context(term: Term, terms: Sequence[Term]) -> set[str]:
    """The concepts near a term."""
    at = bisect_left(terms, term.at, key=lambda other: other.at)
    near = (*terms[max(0, at - CONTEXT_TERMS) : at], *terms[at + 1 : at + 1 + CONTEXT_TERMS])
    return {other.concept for other in near} - {term.concept}


# Certainty

HEDGE_SCOPE_WORDS = 12  # after a hedge, that it governs
_HEDGE, _STRONG_HEDGE = LISTS.words("hedges"), LISTS.words("strong_hedges")
_CLAIM_HEDGE = LISTS.words("claim_hedges")
_CERTAINTY_KINDS = ("inevitable", "always", "never", "necessary", "guaranteed", "proven", "certain")
_OUTRIGHT = LISTS.words("outright", *_CERTAINTY_KINDS)
_CERTAINTY_PATTERNS = tuple((LISTS.words(kind), LISTS.words(f"{kind}_evidence")) for kind in _CERTAINTY_KINDS)
_CLAUSE_STOP = re.compile(r"[,;.?!]")
_UNSURE = re.compile(r"(?:\bnot|n't)(?: \w+ly)? (?:sure|certain|clear|obvious)\b", re.I)


def check_certainty(text: str, evidence: Evidence) -> Iterator[Failure]:
    """At most one failure: a claim that is more certain than its evidence.

    A "maybe" must not become a "will". Sees: words of certainty that the sources do not support, and words
    that the sources hedge with "might" or "maybe" while the claim asserts them outright. Cannot see: doubt
    in the voice, a dropped "I think" unless the claim itself has a word of certainty, or a dropped condition.
    """
    claim, sources = own_words(text), evidence.plain_texts
    for certain, supporting in _CERTAINTY_PATTERNS:
        match = _unnegated(certain, claim)
        if match and not any(supporting.search(_UNSURE.sub(" ", source)) for source in sources):
            yield Failure("stance", f'"{match[0]}" is more certain than the cited sentences are')
            return
    match = _unnegated(_OUTRIGHT, claim)
    if match and all(map(_HEDGE.search, sources)) and not any(map(_OUTRIGHT.search, sources)):
        yield Failure(
            "stance", f'"{match[0]}" is more certain than the cited sentences, which only suppose it'
        )
    elif not _CLAIM_HEDGE.search(claim) and (word := _unhedged_word(claim, sources)):
        yield Failure("stance", f'"{word}" is asserted, but the cited sentences only say that it might be so')


def _unnegated(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first match that is not negated ("is not sure")."""
    return next((match for match in pattern.finditer(text) if not is_negated(text, match.start())), None)


def _unhedged_word(text: str, sources: Sequence[str]) -> str:
    """A word of the claim that its sources only hedge; "" unless they hedge most of what they share."""
    hedged: set[str] = set()
    asserted: set[str] = set()
    for source in sources:
        scope = _hedge_scope(source)
        for term in polarity.terms(source):
            (hedged if term.at in scope else asserted).add(term.concept)
    shared = [term for term in polarity.terms(text) if term.concept in hedged | asserted]
    unhedged = [term for term in shared if term.concept in hedged - asserted]
    return unhedged[0].word if len(unhedged) > 1 and len(unhedged) * 2 > len(shared) else ""


def _hedge_scope(source: str) -> set[int]:
    """The indices of the words that strong hedges govern: at most HEDGE_SCOPE_WORDS, within the clause."""
    starts = [word.start() for word in WORD.finditer(source)]
    scope: set[int] = set()
    for hedge in _STRONG_HEDGE.finditer(source):
        first = bisect_left(starts, hedge.end())
        reach = range(first, min(first + HEDGE_SCOPE_WORDS, len(starts)))
        stop = _CLAUSE_STOP.search(source, hedge.end() + 2, starts[reach[-1]]) if reach else None
        scope.update(at for at in reach if not stop or starts[at] < stop.start())
    return scope


# Questions

MIN_ANSWER_SHARE = 0.5  # of the best question's support, from which a statement counts as an answer
_QUESTION = re.compile(r"\?[\"')\u201d\u2019]*\s*$")
_TAG = re.compile(rf",\s*{LISTS.any_of('tags')}\W*$", re.I)
_TAIL = re.compile(  # "I will, but you?"
    r"(?:,[^\w,]*+|\b(?:but|and)\b\W*+)(?:but |and )?\w+(?: \w+){0,2}\W*$"
)
_STATEMENT = re.compile(
    r"^\W*(?:(?:so|and|but|or|well|okay),? )*(?:i|we|it|they|that|this|there|the|yes|yeah)\b", re.I
)
_RHETORICAL = re.compile(  # "Isn't it too dear?"
    r"^\W*(?:(?:so|and|but|or|well),? )*(?!can't|couldn't)\w+n't\b", re.I
)
_ANSWER = re.compile(rf"^\W*(?:(?:oh|well|so|and|um|uh|i think),? )*{LISTS.any_of('answers')}\b", re.I)
_ASKING = re.compile(rf"\?|\b{LISTS.any_of('asking')}\b", re.I)
_HEADING_ASKS = re.compile(
    r"\?|\b(?:ask\w*|wonder\w*|question\w*|whether|how|why|what)\b|^(?:if|when|who|where|which)\b", re.I
)


def check_questions(text: str, evidence: Evidence, kind: Kind, embed: Embed) -> Iterator[Failure]:
    """A statement where the evidence only asks.

    Sees: a claim that has no word of asking, where a cited sentence is a question, no other cited sentence
    opens like an answer, and none supports the claim at least half as well as the best question. A sentence
    with a tag (", right?") is a statement, and "isn't it …?" means one; a heading without a verb only names
    a subject and passes. Cannot see: questions without their mark, other questions that mean a statement,
    and an answer that says something else.
    """
    questions = [source for source in evidence.texts if _is_question(plain(source))]
    if not questions or (_HEADING_ASKS if kind == "heading" else _ASKING).search(own_words(text)):
        return
    if kind == "heading" and not _has_verb(text):
        return
    statements = [source for source in evidence.texts if source not in questions]
    if any(_ANSWER.search(plain(source)) for source in statements):
        return
    best = max(support.score for support in measure_support(text, questions, embed))
    answers = measure_support(text, statements, embed)
    if all(support.score < MIN_ANSWER_SHARE * best for support in answers):
        yield Failure("stance", "the cited sentences only ask this; say who asks it, or cite the answer")


def _is_question(sentence: str) -> bool:
    """Whether a sentence really asks: it is neither a statement with a tag nor a rhetorical question."""
    if not _QUESTION.search(sentence) or _TAG.search(sentence) or _RHETORICAL.search(sentence):
        return False
    return not (_STATEMENT.search(sentence) and _TAIL.search(sentence))


def _has_verb(heading: str) -> bool:
    words = words_of(heading)
    return any(word in AUXILIARIES or (at and word in verbs()) for at, word in enumerate(words))
