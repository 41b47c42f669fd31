"""All checks of one claim, in the order in which a reader would want to know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from pipeline.takeaways.verification import (
    certainty,
    negation,
    numbers,
    proper_names,
    said_by,
    stance,
    support,
    wording,
)
from pipeline.takeaways.verification.evidence import Failure, Talk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.records import Claim, Turns

Kind = Literal["prose", "heading", "frame"]


class Verifier:
    """Checks claims against the sentences of one talk.

    `facts` are texts of the sidecar whose names and numbers prose may use besides what was said. `vectors`
    turns texts into unit rows; each text is embedded once.
    """

    def __init__(
        self,
        turns: Turns,
        facts: Iterable[str],
        vectors: Callable[[Sequence[str]], NDArray[np.float32]],
    ) -> None:
        self._talk = Talk(turns, tuple(facts))
        self._vectors = vectors
        self._rows: dict[str, NDArray[np.float32]] = {}

    def check(self, claim: Claim, kind: Kind, earlier: Sequence[str] = ()) -> tuple[Failure, ...]:
        """Why the claim does not pass; nothing if it does. `earlier` are the texts accepted before it."""
        return tuple(self._failures(claim, kind, earlier))

    def _failures(self, claim: Claim, kind: Kind, earlier: Sequence[str]) -> Iterator[Failure]:
        text = claim.text
        yield from wording.markup(text, kind)
        if unknown := self._talk.unknown(claim.cites):
            yield Failure(
                "uncited", f"no sentence has the id {', '.join(unknown)}; cite sentences that exist"
            )
        evidence = self._talk.evidence(claim.cites)
        if kind == "prose" and self._talk.orders(claim.cites):
            yield Failure("instruction", "a cited sentence speaks to a machine; it is nothing to write about")
        if not evidence.cited:
            if not unknown:
                yield Failure("uncited", "it cites no sentence")
            return
        if kind != "heading":
            yield from wording.voice(text, evidence)
        yield from said_by.speakers(text, evidence, self._embed)
        yield from proper_names.failures(text, evidence, kind)
        yield from numbers.numbers(text, evidence)
        yield from wording.quotations(text, evidence)
        if evidence.english:
            yield from said_by.authors(text, evidence)
            yield from numbers.units(text, evidence)
            yield from wording.pronouns(text, evidence)
            yield from negation.failures(text, evidence)
            yield from stance.agreement(text, evidence)
            yield from stance.several_talks(text, evidence)
            yield from stance.attitudes(text, evidence)
            yield from certainty.questions(text, evidence, kind, self._embed)
            yield from certainty.certainty(text, evidence)
        yield from support.support(text, evidence, kind, self._embed)
        if evidence.english and kind == "prose":
            yield from support.predicates(text, evidence, self._embed)
        yield from wording.repetition(text, earlier, self._embed)

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows for the texts, each computed once."""
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if new:
            self._rows.update(zip(new, self._vectors(new), strict=True))
        return np.stack([self._rows[text] for text in texts])
