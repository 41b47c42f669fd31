"""Prose under verification: what passed, what is sent back, and the account of it all."""

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


LONGEST_TITLE = 9  # words; what is longer has to end like a sentence
ENDS = (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f")


def _unfinished(claim: Claim, kind: Kind) -> tuple[Failure, ...]:
    """Prose that was cut off, by a length that a server keeps to or by the model itself."""
    sentence = kind == "prose" or (kind == "frame" and len(claim.text.split()) > LONGEST_TITLE)
    if sentence and not claim.text.rstrip("\"')\u201d\u2019").endswith(ENDS):
        return (Failure("unfinished", "it breaks off before its end; say it more briefly"),)
    return ()


@dataclass
class Ledger:
    """Checks claims and keeps count. A claim that fails is failed once more before it is replaced."""

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
        """Why a claim cannot stand; nothing if it can, and then nothing after it may repeat it."""
        repeats = self.accepted if kind == "prose" else ()
        found = (*self.verifier.check(claim, kind, repeats), *_unfinished(claim, kind))
        if not found and kind == "prose":
            self.accepted.append(claim.text)
        return found

    def first(
        self, claim: Claim, kind: Kind, within: Sequence[str] = (), also: tuple[Failure, ...] = ()
    ) -> tuple[Claim, tuple[Failure, ...]]:
        """Check a claim for the first time; what a program can put right is mended, and verified again.

        `within` are the ids that it may cite; `also` is what speaks against it besides.
        """
        self.checked += 1
        found = (*self.failures(claim, kind), *also)
        self.passed += not found
        self.reasons.update({failure.code for failure in found})
        if found and not also and (right := self._repaired(claim, kind, found, within)):
            self.mended += 1
            return right, ()
        return claim, found

    def _repaired(
        self, claim: Claim, kind: Kind, found: Sequence[Failure], within: Sequence[str]
    ) -> Claim | None:
        candidates = self.repair.candidates(claim, found, within)
        return next((one for one in candidates if not self.failures(one, kind)), None)

    def second(
        self,
        claim: Claim | None,
        kind: Kind,
        before: tuple[Claim, Sequence[Failure]],
        within: Sequence[str] = (),
    ) -> Claim | None:
        """Check what came back for a claim that failed; what fails again, or never came, is rejected."""
        found = self.failures(claim, kind) if claim else ()
        right = self._repaired(claim, kind, found, within) if claim and found else claim
        if right:
            self.mended += 1
            return right
        self.replaced += 1
        self.reasons.update({failure.code for failure in found})
        what, why = (claim, found) if claim else before
        self.rejected.append(
            Rejected(what=what.text, why="; ".join(f"{failure.code}: {failure.detail}" for failure in why))
        )
        return None

    def unusable(self, what: str, fault: Exception) -> None:
        """A whole reply that could not be used, twice."""
        self.checked += 1
        self.replaced += 1
        self.reasons["reply"] += 1
        self.rejected.append(Rejected(what=f"a whole {what}", why=f"reply: {fault}"))

    def told(self, failures: Sequence[Failure]) -> str:
        """Failures in words for the model."""
        return "; ".join(self.ids.unstored(failure.detail) for failure in failures)

    def record(self) -> Verification:
        return Verification(
            checked=self.checked, passed=self.passed, mended=self.mended, replaced=self.replaced,
            reasons=dict(sorted(self.reasons.items())),
        )  # fmt: skip
