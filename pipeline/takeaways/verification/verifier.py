"""All rules of one claim: the hard ones, which refuse it, and those that raise doubts for a judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.takeaways.verification import (
    authors_voice,
    dictation,
    plain_prose,
    pronouns,
    repetition,
    transitions,
)
from pipeline.takeaways.verification.cause import doubt_cause
from pipeline.takeaways.verification.certainty import doubt_certainty
from pipeline.takeaways.verification.evidence import Evidence, EvidenceIndex, Failure, Findings, Place, Reader
from pipeline.takeaways.verification.judging import Line, Question
from pipeline.takeaways.verification.numbers import check_numbers, doubt_numbers
from pipeline.takeaways.verification.opposition import doubt_opposition
from pipeline.takeaways.verification.order import doubt_order
from pipeline.takeaways.verification.proper_names import check_names, doubt_names
from pipeline.takeaways.verification.quantity import doubt_quantity
from pipeline.takeaways.verification.quotations import check_quotations
from pipeline.takeaways.verification.several_talks import (
    check_several_talks,
    doubt_several_talks,
    without_counts,
)
from pipeline.takeaways.verification.speaker_attribution import check_speakers, doubt_groups, doubt_speakers
from pipeline.takeaways.verification.support import doubt_support

if TYPE_CHECKING:
    from pipeline.engines import Embed, Parse
    from pipeline.records import Claim, Turns
    from pipeline.turns.names import Identity
    from pipeline.workspace.sidecar import Facts

MAX_CHARACTERS = 2000  # of a claim; a longer one is no sentence, and no rule need read it
HARD = (
    check_speakers,
    check_names,
    check_numbers,
    check_quotations,
)
DOUBTS = (doubt_names, doubt_numbers, doubt_support, doubt_speakers, doubt_groups, doubt_several_talks)
DOUBTS_IN_ENGLISH = (
    doubt_opposition,
    doubt_certainty,
    doubt_quantity,
    doubt_cause,
    doubt_order,
)


class Verifier:
    """Checks claims against the sentences of a talk, or of a cohort's talks, and against what is known of it.

    Each text is embedded and parsed once. Without a parser for the talk's language fewer doubts are raised.
    """

    def __init__(
        self,
        turns: Turns,
        facts: Facts,
        embed: Embed,
        parse: Parse | None = None,
        people: Mapping[str, Identity] | None = None,
        talks: Sequence[tuple[str, str | None]] = (),
    ) -> None:
        """`people` are those of whom more is known than the talk's turns say, by speaker id.

        `talks` are the titles and dates of the talks that a cohort is made of.
        """
        self._index = EvidenceIndex(turns, facts, Reader(embed, parse), people, talks)
        self._dictated = dictation.Dictated(turns, facts)

    def check(self, claim: Claim, place: Place, earlier: Sequence[str] = ()) -> Findings:
        """What the rules make of a claim. `earlier` are the texts accepted before it."""
        failures = tuple(self._failures(claim, place, earlier))
        if failures:
            return Findings(failures)
        return Findings(failures, tuple(self._doubts(claim, place)))

    def question(self, claim: Claim, place: Place, doubts: Sequence[Failure]) -> Question:
        """What a judge is asked about a claim."""
        evidence = self._evidence(claim, place)
        lines = tuple(Line(sentence, sentence in evidence.cited) for sentence in evidence.context)
        return Question(claim.text, place, lines, evidence.notes, tuple(doubts))

    def has_unsaid_pronoun(self, claim: Claim) -> bool:
        """Whether a claim says he or she of somebody whom nobody called so."""
        return pronouns.has_unsaid_pronoun(claim.text, self._evidence(claim))

    def _evidence(self, claim: Claim, place: Place = "prose") -> Evidence:
        return self._index.evidence(claim.cites, claim.notes, place)

    def _failures(self, claim: Claim, place: Place, earlier: Sequence[str]) -> Iterator[Failure]:
        text = claim.text
        if len(text) > MAX_CHARACTERS:
            yield Failure("length", f"it has {len(text)} characters; write one sentence of plain prose")
            return
        evidence = self._evidence(claim, place)
        yield from plain_prose.check_plain_prose(text, place)
        yield from repetition.check_repetition(text, earlier, evidence)
        if unknown := self._index.unknown_ids(claim.cites):
            yield Failure(
                "uncited", f"no sentence has the id {', '.join(unknown)}; cite sentences that exist"
            )
        if place == "prose" and self._index.cites_injection(claim.cites):
            yield Failure("instruction", "a cited sentence speaks to a machine; it is nothing to write about")
        yield from authors_voice.check_first_person(claim, place, evidence)
        if not evidence.has_source:
            if unknown or claim.cites or claim.kind != "linking":
                yield Failure("uncited", "it rests on no sentence that exists")
            else:
                yield from transitions.check_transition(text, evidence, place)
            return
        yield from authors_voice.check_notes_as_speech(claim.text, evidence)
        yield from dictation.check_dictation(text, evidence, self._dictated)
        yield from check_several_talks(text, evidence, place)
        text = without_counts(text, evidence)
        for check in HARD:
            yield from check(text, evidence, place)

    def _doubts(self, claim: Claim, place: Place) -> Iterator[Failure]:
        evidence = self._evidence(claim, place)
        if not evidence.has_source:
            yield from transitions.doubt_transition(claim.text, evidence, place)
            return
        text = without_counts(claim.text, evidence)
        for doubt in DOUBTS + (DOUBTS_IN_ENGLISH if evidence.talk.english else ()):
            yield from doubt(text, evidence, place)
