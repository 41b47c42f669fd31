"""All rules of one claim: the hard ones, which refuse it, and those that raise doubts for a judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pipeline.takeaways.verification import (
    agreement,
    cause,
    certainty,
    deeds,
    dictation,
    names,
    numbers,
    opposition,
    order,
    plain_prose,
    pronouns,
    quantity,
    quotations,
    repetition,
    several_talks,
    speakers,
    support,
)
from pipeline.takeaways.verification.evidence import Evidence, EvidenceIndex, Failure, Findings, Place, Reader
from pipeline.takeaways.verification.judging import Line, Question

if TYPE_CHECKING:
    from pipeline.engines import Embed, Parse
    from pipeline.records import Claim, Turns
    from pipeline.workspace.sidecar import Facts

MAX_CHARACTERS = 2000  # of a claim; a longer one is no sentence, and no rule need read it


class Verifier:
    """Checks claims against the sentences of a talk, or of a cohort's talks, and against what is known of it.

    Each text is embedded and parsed once. Without a parser for the talk's language fewer doubts are raised.
    """

    def __init__(self, turns: Turns, facts: Facts, embed: Embed, parse: Parse | None = None) -> None:
        self._index = EvidenceIndex(turns, facts, Reader(embed, parse))
        self._dictated = dictation.Dictated(turns, facts)

    def check(self, claim: Claim, place: Place, earlier: Sequence[str] = ()) -> Findings:
        """What the rules make of a claim. `earlier` are the texts accepted before it."""
        failures = tuple(self._failures(claim, place, earlier))
        if any(failure.code == "length" for failure in failures):
            return Findings(failures)
        return Findings(failures, tuple(self._doubts(claim, place)))

    def question(self, claim: Claim, place: Place, doubts: Sequence[Failure]) -> Question:
        """What a judge is asked about a claim."""
        evidence = self._evidence(claim)
        lines = tuple(Line(sentence, sentence in evidence.cited) for sentence in evidence.context)
        return Question(claim.text, place, lines, evidence.notes, tuple(doubts))

    def has_unsaid_pronoun(self, claim: Claim) -> bool:
        """Whether a claim says he or she of somebody whom nobody called so."""
        return pronouns.has_unsaid_pronoun(claim.text, self._evidence(claim))

    def _evidence(self, claim: Claim) -> Evidence:
        return self._index.evidence(claim.cites, getattr(claim, "notes", ()))

    def _failures(self, claim: Claim, place: Place, earlier: Sequence[str]) -> Iterator[Failure]:
        text = claim.text
        if len(text) > MAX_CHARACTERS:
            yield Failure("length", f"it has {len(text)} characters; write one sentence of plain prose")
            return
        evidence = self._evidence(claim)
        yield from plain_prose.check_plain_prose(text, place)
        yield from repetition.check_repetition(text, earlier, evidence)
        if unknown := self._index.unknown_ids(claim.cites):
            yield Failure(
                "uncited", f"no sentence has the id {', '.join(unknown)}; cite sentences that exist"
            )
        if place == "prose" and self._index.cites_injection(claim.cites):
            yield Failure("instruction", "a cited sentence speaks to a machine; it is nothing to write about")
        if not evidence.cited:
            if not unknown:
                yield Failure("uncited", "it cites no sentence")
            return
        yield from dictation.check_dictation(text, evidence, self._dictated)
        yield from speakers.check_speakers(text, evidence)
        yield from names.check_names(text, evidence, place)
        yield from numbers.check_numbers(text, evidence)
        yield from support.check_support(text, evidence)
        yield from quotations.check_quotations(text, evidence, place)
        if evidence.talk.english:
            yield from several_talks.check_several_talks(text, evidence)

    def _doubts(self, claim: Claim, place: Place) -> Iterator[Failure]:
        evidence = self._evidence(claim)
        if not evidence.cited:
            return
        yield from names.doubt_names(claim.text, evidence, place)
        yield from opposition.doubt_opposition(claim.text, evidence)
        if evidence.talk.english:
            yield from certainty.doubt_certainty(claim.text, evidence, place)
            yield from quantity.doubt_quantity(claim.text, evidence)
            yield from cause.doubt_cause(claim.text, evidence)
            yield from deeds.doubt_deeds(claim.text, evidence)
            yield from agreement.doubt_agreement(claim.text, evidence)
            yield from order.doubt_order(claim.text, evidence)
        yield from support.doubt_support(claim.text, evidence, place)
