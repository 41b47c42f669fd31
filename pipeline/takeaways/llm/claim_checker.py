"""Claims checked against the talk, and judged: repaired by rule where possible, else sent back once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pipeline.records import Claim, Doubt, Rejected, Verification
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.repair import Repair, with_speaker
from pipeline.takeaways.verification import Failure, Place, Verifier
from pipeline.takeaways.verification.judging import RULES, Judge, RulesJudge
from pipeline.takeaways.verification.pronouns import UNSAID
from pipeline.turns.names import Identity
from pipeline.workspace.sidecar import Facts

NOT_BORNE_OUT = "meaning"  # the code of a judge's no
SAME_HEADING = Failure("repeat", "another section has the same heading")

Failures: TypeAlias = tuple[Failure, ...]


@dataclass(eq=False)
class Text:
    """A text that a model proposes for the post, and how it fares.

    Without `failures` it stands, once a judge has settled its `doubts`; with any it is sent back once.
    `answers` are the doubts that are settled, and what was wrong with earlier wordings.
    """

    claim: Claim  # as it is worded now
    place: Place
    failures: tuple[Failure, ...] = ()
    doubts: tuple[Failure, ...] = ()
    answers: tuple[Doubt, ...] = ()
    was_sent_back: bool = False
    is_settled: bool = False

    def __post_init__(self) -> None:
        self.first = self.claim

    @property
    def is_mended(self) -> bool:
        return self.claim != self.first

    @property
    def is_given_up(self) -> bool:
        return self.was_sent_back and bool(self.failures)

    @property
    def kept(self) -> Claim | None:
        """The claim with what is to be known of it; None if it does not stand."""
        if self.failures:
            return None
        outcome = "mended" if self.is_mended else "doubted" if self.answers else "passed"
        before = self.first.text if self.is_mended else None
        return self.claim.model_copy(
            update={"doubts": self.answers, "outcome": outcome, "mended_from": before}
        )

    def reword(self, claim: Claim) -> None:
        """Another wording, after the one that failed."""
        self.answers += tuple(
            Doubt(rule=f.code, why=f.detail, judge=f.detail if f.code == NOT_BORNE_OUT else None)
            for f in self.failures
        )
        self.claim, self.failures, self.doubts = claim, (), ()


class ClaimChecker:
    """Checks the texts of one post: the one owner of what passed, what was rejected, and the counts.

    Hard rules refuse at once, and what else rules doubt a judge settles, who is asked about many texts in one
    call. With the judge "rules" a doubt refuses, too.
    """

    def __init__(
        self,
        document: Document,
        facts: Facts,
        judge: Judge | None = None,
        people: Mapping[str, Identity] | None = None,
        talks: Sequence[tuple[str, str | None]] = (),
    ) -> None:
        self._verifier = Verifier(document.turns, facts, document.embed, document.parse, people, talks)
        self._parse = document.parse
        self._repair, self._judge = Repair(document), judge or RulesJudge()
        # What later texts of the same place may not repeat:
        self._accepted: dict[Place, list[str]] = {"prose": [], "heading": [], "frame": []}
        self._counts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self.rejected: list[Rejected] = []

    def check(
        self, claim: Claim, place: Place, citable: Sequence[str] = (), other_failures: Failures = ()
    ) -> Text:
        """A new text, repaired if it fails by rule and that is possible.

        `citable` are the sentence ids that a repair may cite; `other_failures` come from the caller;
        with any, no repair is tried.
        """
        self._counts["checked"] += 1
        text = Text(self._neutral(claim), place)
        self._examine(text, citable, other_failures)
        return text

    def rewrite(
        self, text: Text, claim: Claim | None, citable: Sequence[str] = (), other_failures: Failures = ()
    ) -> None:
        """Put a rewrite, if there is one, in the place of what failed; it is given up if that fails, too."""
        text.was_sent_back = True
        if claim:
            text.reword(self._neutral(claim))
            self._examine(text, citable, other_failures)
        if text.failures:
            self._give_up(text)

    def judge(self, texts: Iterable[Text]) -> None:
        """Have the judge settle what passed the rules and is not settled yet. Raises what a judge raises."""
        asked = [text for text in texts if not (text.failures or text.is_settled)]
        questions = [self._verifier.question(text.claim, text.place, text.doubts) for text in asked]
        for text, verdict in zip(asked, self._judge(questions) if asked else (), strict=True):
            if verdict.is_borne_out:
                reason = verdict.reason or None
                text.answers += tuple(Doubt(rule=d.code, why=d.detail, judge=reason) for d in text.doubts)
                text.is_settled = True
                self._count(text)
                continue
            said = (Failure(NOT_BORNE_OUT, f"its lines do not bear it out: {verdict.reason}"),)
            self._fail(text, (*(said if verdict.reason else ()), *text.doubts))
            self._allow_again(text)
            if text.was_sent_back:
                self._give_up(text)

    def replace(self, text: Text, claim: Claim) -> None:
        """Put another wording in the place of a text that stands, which stays if that fails by rule."""
        self._allow_again(text)
        trial = Text(self._neutral(claim), text.place)
        self._examine(trial, (), ())
        if trial.failures:
            self._accepted[text.place].append(text.claim.text)
            return
        self._count(text, -1)
        text.claim, text.doubts = trial.claim, trial.doubts
        text.was_sent_back, text.is_settled = True, False

    def withdraw(self, text: Text, why: Failure) -> None:
        """Give up a text that stands."""
        self._allow_again(text)
        self._count(text, -1)
        self.leave_out(text, why)

    def set_in_own_words(self, text: Text, claim: Claim) -> None:
        """Put the author's own words in the place of a text: nothing needs to bear them out."""
        if claim == text.claim and text.is_settled and not text.failures:
            return
        text.answers, text.claim, text.failures, text.doubts = (), claim, (), ()
        text.is_settled = True
        self._counts["mended" if text.is_mended else "passed"] += 1

    def leave_out(self, text: Text, why: Failure) -> None:
        """Give up a text that is not to be sent back."""
        if not text.is_given_up:
            text.was_sent_back = True
            self._fail(text, (why,))
            self._give_up(text)

    def reject_reply(self, description: str, error: replies.ReplyError) -> None:
        """Count a whole reply that was unusable twice."""
        self._counts.update(("checked", "replaced"))  # by the speakers' own words, or left out
        self._reasons["reply"] += 1
        self.rejected.append(
            Rejected(what=f"a whole {description}", why=f"its reply could not be used: {error}")
        )

    def reject_quote(self, text: str, reason: str) -> None:
        """List a quote that the model chose and that breaks a rule, once. It counts as no claim."""
        self.pass_over(text, f"as a quote: {reason}")

    def pass_over(self, text: str, reason: str) -> None:
        """List, once, what is not read as a claim, and so counts as none."""
        rejected = Rejected(what=text, why=reason)
        if rejected not in self.rejected:
            self.rejected.append(rejected)

    def counts(self) -> Verification:
        """The counts, as the takeaways store them."""
        names = ("checked", "passed", "doubted", "mended", "replaced")
        return Verification(
            **{name: self._counts[name] for name in names},
            reasons=dict(sorted(self._reasons.items())),
            judge=self._judge.name,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person is to know of the judge."""
        return self._judge.notes

    def _neutral(self, claim: Claim) -> Claim:
        """The claim without a he or she that nobody said."""
        return with_speaker(claim, self._parse) if self._verifier.has_unsaid_pronoun(claim) else claim

    def _examine(self, text: Text, citable: Sequence[str], other_failures: Failures) -> None:
        """Check a text by rule, and repair it where that helps. What passes may not be repeated."""
        if self._verifier.has_unsaid_pronoun(text.claim):
            other_failures = (*other_failures, UNSAID)
        if text.place == "heading" and text.claim.text.casefold() in map(
            str.casefold, self._accepted["heading"]
        ):
            other_failures = (*other_failures, SAME_HEADING)
        failures, doubts = self._findings(text.claim, text.place)
        self._fail(text, (*failures, *other_failures))
        if failures and not other_failures:
            for candidate in self._repair.candidates(text.claim, failures, citable):
                remaining, doubts = self._findings(candidate, text.place)
                if not remaining:
                    text.reword(candidate)
                    break
        text.doubts = doubts if not text.failures else ()
        if not text.failures:
            self._accepted[text.place].append(text.claim.text)

    def _findings(self, claim: Claim, place: Place) -> tuple[Failures, Failures]:
        """What refuses a claim, and what a judge is to settle."""
        findings = self._verifier.check(claim, place, self._accepted["prose"] if place == "prose" else ())
        if self._judge.name == RULES:
            return (*findings.failures, *findings.doubts), ()
        return findings.failures, findings.doubts

    def _allow_again(self, text: Text) -> None:
        """Let others say what a text says."""
        if text.claim.text in self._accepted[text.place]:
            self._accepted[text.place].remove(text.claim.text)

    def _count(self, text: Text, step: int = 1) -> None:
        """Count a text that is settled."""
        self._counts["mended" if text.is_mended else "doubted" if text.doubts else "passed"] += step

    def _fail(self, text: Text, failures: Failures) -> None:
        text.failures = failures
        self._reasons.update({failure.code for failure in failures})

    def _give_up(self, text: Text) -> None:
        self._counts["replaced"] += 1  # by the speakers' own words, or left out
        why = "; ".join(failure.detail for failure in text.failures)
        self.rejected.append(Rejected(what=text.claim.text, why=why))
