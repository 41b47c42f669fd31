"""All checks of one claim, in the order in which a reader would want to know of failures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.takeaways.verification import (
    factuality,
    numbers,
    proper_names,
    speaker_attribution,
    stance,
    support,
    wording,
)
from pipeline.takeaways.verification.evidence import EvidenceIndex, Failure, Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.engines import Embed
    from pipeline.records import Claim, Turns

MAX_CHARACTERS = 2000  # of a claim; a longer one is no sentence, and no check need read it


class Verifier:
    """Checks claims against the sentences of a talk, or of a cohort's talks.

    `facts` are texts of the sidecar whose names and numbers a claim may use besides what was said. Each text
    is embedded once.
    """

    def __init__(self, turns: Turns, facts: Iterable[str], embed: Embed) -> None:
        self._index = EvidenceIndex(turns, tuple(facts))
        self._embed_unseen = embed
        self._embeddings: dict[str, NDArray[np.float32]] = {}

    def check(self, claim: Claim, kind: Kind, earlier: Sequence[str] = ()) -> tuple[Failure, ...]:
        """Why the claim fails; nothing if it passes. `earlier` are the texts accepted before it."""
        return tuple(self._failures(claim, kind, earlier))

    def _failures(self, claim: Claim, kind: Kind, earlier: Sequence[str]) -> Iterator[Failure]:
        text = claim.text
        if len(text) > MAX_CHARACTERS:
            yield Failure("length", f"it has {len(text)} characters; write one sentence of plain prose")
            return
        yield from wording.check_markup(text, kind)
        if unknown := self._index.unknown_ids(claim.cites):
            yield Failure(
                "uncited", f"no sentence has the id {', '.join(unknown)}; cite sentences that exist"
            )
        if kind == "prose" and self._index.cites_injection(claim.cites):
            yield Failure("instruction", "a cited sentence speaks to a machine; it is nothing to write about")
        evidence = self._index.evidence(claim.cites)
        if not evidence.cited:
            if not unknown:
                yield Failure("uncited", "it cites no sentence")
            return
        if kind != "heading":
            yield from wording.check_voice(text, evidence)
        yield from speaker_attribution.check_speakers(text, evidence, self._embed)
        yield from proper_names.check_names(text, evidence, kind)
        yield from numbers.check_numbers(text, evidence)
        yield from wording.check_quotations(text, evidence)
        if evidence.english:
            yield from speaker_attribution.check_authors(text, evidence)
            yield from numbers.check_units(text, evidence)
            yield from wording.check_pronouns(text, evidence)
            yield from factuality.check_polarity(text, evidence)
            yield from stance.check_agreement(text, evidence)
            yield from stance.check_several_talks(text, evidence)
            yield from stance.check_attitudes(text, evidence)
            yield from factuality.check_questions(text, evidence, kind, self._embed)
            yield from factuality.check_certainty(text, evidence)
        yield from support.check_support(text, evidence, kind, self._embed)
        if evidence.english and kind == "prose":
            yield from support.check_predicates(text, evidence, self._embed)
        yield from wording.check_repetition(text, earlier, self._embed)

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        unseen = [text for text in dict.fromkeys(texts) if text not in self._embeddings]
        if unseen:
            self._embeddings.update(zip(unseen, self._embed_unseen(unseen), strict=True))
        return np.stack([self._embeddings[text] for text in texts])
