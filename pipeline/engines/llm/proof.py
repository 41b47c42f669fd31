"""Prose under verification: what passed, what is sent back, and the account of it all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from pipeline.engines.llm.lines import Ids
from pipeline.records import Claim, Rejected, Turns, Verification
from pipeline.verification import Failure, Verifier

Kind = Literal["prose", "heading", "frame"]


ENDS = (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f")


def _unfinished(claim: Claim, kind: Kind) -> tuple[Failure, ...]:
    """Prose that was cut off, by a length that a server keeps to or by the model itself."""
    if kind == "prose" and not claim.text.rstrip("\"')\u201d\u2019").endswith(ENDS):
        return (Failure("unfinished", "it breaks off before its end; say it more briefly"),)
    return ()


@dataclass
class Proof:
    """Checks claims and keeps count. A claim that fails is failed once more before it is replaced."""

    verifier: Verifier
    ids: Ids
    turns: Turns
    accepted: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    checked: int = 0
    passed: int = 0
    mended: int = 0
    replaced: int = 0

    @cached_property
    def _speakers(self) -> dict[str, str]:
        """Who said each sentence."""
        return {sentence.id: sentence.speaker for sentence in self.turns.sentences()}

    def failures(self, claim: Claim, kind: Kind) -> tuple[Failure, ...]:
        """Why a claim cannot stand; nothing if it can, and then nothing after it may repeat it."""
        repeats = self.accepted if kind == "prose" else ()
        found = (*self.verifier.check(claim, kind, repeats), *_unfinished(claim, kind))
        if not found and kind == "prose":
            self.accepted.append(claim.text)
        return found

    def first(
        self, claim: Claim, kind: Kind, also: tuple[Failure, ...] = ()
    ) -> tuple[Claim, tuple[Failure, ...]]:
        """Check a claim for the first time; `also` is what speaks against it besides.

        Where only the speaker is wrong and just one person said all that it cites, it is given to that one.
        """
        self.checked += 1
        found = (*self.failures(claim, kind), *also)
        self.passed += not found
        self.reasons.update({failure.code for failure in found})
        only_who = {failure.code for failure in found} == {"speaker"}
        right = self._reattributed(claim) if only_who else None
        if right and not self.failures(right, kind):
            self.mended += 1
            return right, ()
        return claim, found

    def _reattributed(self, claim: Claim) -> Claim | None:
        """The claim with the one who said what it cites in place of the one whom it names, if each is one."""
        said_by = {self._speakers[id] for id in claim.cites if id in self._speakers}
        named = set(re.findall(r"\{S\d+\}", claim.text))
        if len(said_by) != 1 or len(named) != 1:
            return None
        return claim.model_copy(update={"text": claim.text.replace(named.pop(), f"{{{said_by.pop()}}}")})

    def second(self, claim: Claim | None, kind: Kind, before: tuple[Claim, Sequence[Failure]]) -> bool:
        """Check what came back for a claim that failed; what fails again, or never came, is rejected."""
        found = self.failures(claim, kind) if claim else ()
        if claim and not found:
            self.mended += 1
            return True
        self.replaced += 1
        self.reasons.update({failure.code for failure in found})
        what, why = (claim, found) if claim else before
        self.rejected.append(
            Rejected(what=what.text, why="; ".join(f"{failure.code}: {failure.detail}" for failure in why))
        )
        return False

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
