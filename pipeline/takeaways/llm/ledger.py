"""The ledger of verification: which prose passed, which is sent back, and the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipeline.records import Claim, Rejected, Verification
from pipeline.takeaways.llm.lines import Ids
from pipeline.takeaways.llm.repair import Repair
from pipeline.takeaways.verification import Failure, Verifier

Kind = Literal["prose", "heading", "frame"]

MAX_TITLE_WORDS = 9  # a longer text of the frame has to end like a sentence
SENTENCE_ENDS = (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f")


def _cut_off(claim: Claim, kind: Kind) -> tuple[Failure, ...]:
    """The failure of prose that was cut off, by the schema's maximum length or by the model itself."""
    is_sentence = kind == "prose" or (kind == "frame" and len(claim.text.split()) > MAX_TITLE_WORDS)
    if is_sentence and not claim.text.rstrip("\"')\u201d\u2019").endswith(SENTENCE_ENDS):
        return (Failure("unfinished", "it breaks off before its end; say it more briefly"),)
    return ()


@dataclass
class Ledger:
    """Checks claims and keeps count. A claim that fails is retried once before it is replaced."""

    verifier: Verifier
    ids: Ids
    repair: Repair
    accepted: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    checked: int = 0
    passed: int = 0
    mended: int = 0
    replaced: int = 0

    def failures(self, claim: Claim, kind: Kind) -> tuple[Failure, ...]:
        """Why a claim fails, nothing if it passes. Later prose may not repeat prose that passed."""
        repeats = self.accepted if kind == "prose" else ()
        failures = (*self.verifier.check(claim, kind, repeats), *_cut_off(claim, kind))
        if not failures and kind == "prose":
            self.accepted.append(claim.text)
        return failures

    def check_first(
        self, claim: Claim, kind: Kind, citable: Sequence[str] = (), other_failures: tuple[Failure, ...] = ()
    ) -> tuple[Claim, tuple[Failure, ...]]:
        """Check a new claim. Returns it, or a repair of it that passes, and the failures that are left.

        `citable` are the sentence ids that a repair may cite; `other_failures` come from the caller.
        """
        self.checked += 1
        failures = (*self.failures(claim, kind), *other_failures)
        self.passed += not failures
        self.reasons.update({failure.code for failure in failures})
        if failures and not other_failures and (repaired := self._repaired(claim, kind, failures, citable)):
            self.mended += 1
            return repaired, ()
        return claim, failures

    def _repaired(
        self, claim: Claim, kind: Kind, failures: Sequence[Failure], citable: Sequence[str]
    ) -> Claim | None:
        candidates = self.repair.candidates(claim, failures, citable)
        return next((candidate for candidate in candidates if not self.failures(candidate, kind)), None)

    def check_rewrite(
        self,
        claim: Claim | None,
        kind: Kind,
        original: tuple[Claim, Sequence[Failure]],
        citable: Sequence[str] = (),
    ) -> Claim | None:
        """Check the rewrite of a claim that failed. One that fails too, or never came (None), is rejected."""
        failures = self.failures(claim, kind) if claim else ()
        repaired = self._repaired(claim, kind, failures, citable) if claim and failures else claim
        if repaired:
            self.mended += 1
            return repaired
        self.replaced += 1
        self.reasons.update({failure.code for failure in failures})
        discarded, reasons = (claim, failures) if claim else original
        self.rejected.append(
            Rejected(
                what=discarded.text,
                why="; ".join(f"{failure.code}: {failure.detail}" for failure in reasons),
            )
        )
        return None

    def reject_reply(self, description: str, error: Exception) -> None:
        """Record a whole reply that was unusable twice."""
        self.checked += 1
        self.replaced += 1
        self.reasons["reply"] += 1
        self.rejected.append(Rejected(what=f"a whole {description}", why=f"reply: {error}"))

    def reasons_for_model(self, failures: Sequence[Failure]) -> str:
        """The failures' details, with speakers as prompts show them."""
        return "; ".join(self.ids.to_prompt(failure.detail) for failure in failures)

    def record(self) -> Verification:
        """The counts, as the takeaways store them."""
        return Verification(
            checked=self.checked, passed=self.passed, mended=self.mended, replaced=self.replaced,
            reasons=dict(sorted(self.reasons.items())),
        )  # fmt: skip
