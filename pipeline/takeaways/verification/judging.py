"""Whether claims mean what their lines say: the question that a judge is asked, and its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pipeline.stage_names import RULES as RULES

if TYPE_CHECKING:
    from pipeline.records import Sentence
    from pipeline.takeaways.verification.evidence import Failure, Place


@dataclass(frozen=True)
class Line:
    """A sentence that a claim cites, or one next to such a sentence, by which that is understood."""

    sentence: Sentence
    is_cited: bool


@dataclass(frozen=True)
class Question:
    """A claim to be judged, and all that it may rest on.

    `lines` are in the order said. An author's sentence rests on `notes` instead; one that has neither leads
    from one sentence to the next, and may claim nothing. `doubts` are what the rules make of it.
    """

    text: str  # as stored, with speakers as {S1}
    place: Place
    lines: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """Whether a claim is borne out. `reason` is the judge's, "" where no judge but the rules decided."""

    is_borne_out: bool
    reason: str = ""


class Judge(Protocol):
    """Decides whether claims are borne out. `notes` say to a person what went wrong with it, if anything."""

    @property
    def name(self) -> str: ...

    @property
    def notes(self) -> tuple[str, ...]: ...

    def __call__(self, questions: Sequence[Question]) -> list[Verdict]:
        """A verdict on each question, in their order."""
        ...


def by_rules(question: Question) -> Verdict:
    """The verdict where there is no judge: a claim is borne out unless a rule doubts it."""
    return Verdict(not question.doubts)


class RulesJudge:
    """The judge that goes by the rules' doubts alone."""

    name = RULES
    notes: tuple[str, ...] = ()

    def __call__(self, questions: Sequence[Question]) -> list[Verdict]:
        return [by_rules(question) for question in questions]
