"""What a program can put right in a claim that fails: whom it names, what it cites, he and she.

Each repair gives another claim, which is verified like any other. Nothing here makes a claim pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pipeline.engines.extractive.matter import Matter
from pipeline.records import Claim
from pipeline.verification import Failure

MOST = 3  # sentences that a claim is given to rest on
NEAR = 0.4  # cosine of a sentence from which a claim may rest on it
CITING = frozenset({"support", "name", "number", "uncited"})
_TOKEN = re.compile(r"\{S\d+\}")
_OPENS = re.compile(r"(?:^|(?<=[.!?;] ))(?:he|she)\b", re.IGNORECASE)
_THEY = (
    (re.compile(r"\b(?:he|she)(?:'s| is)\b", re.IGNORECASE), "they are"),
    (re.compile(r"\b(?:he|she) has\b", re.IGNORECASE), "they have"),
    (re.compile(r"\b(?:he|she)\b(?= (?:\w+ed|can|could|may|might|must|should|will|would)\b)", re.I), "they"),
    (re.compile(r"\b(?:his|her)\b(?= \w)", re.IGNORECASE), "their"),
    (re.compile(r"\b(?:him|her)\b", re.IGNORECASE), "them"),
)


class Repair:
    """Repairs of claims about one talk."""

    def __init__(self, matter: Matter) -> None:
        self._matter = matter
        self._index = {said.sentence.id: i for i, said in enumerate(matter.said)}
        self._speaker = {s.id: s.speaker for s in matter.turns.sentences()}

    def candidates(self, claim: Claim, failures: Iterable[Failure], within: Sequence[str]) -> Iterator[Claim]:
        """Claims to try in place of one that failed, the nearest first; `within` are the ids it may cite."""
        codes = {failure.code for failure in failures}
        tried = {claim}
        base = _named(claim) if "pronoun" in codes else claim
        for cited in (base, self._recited(base, within) if codes & CITING | {"speaker"} & codes else base):
            for one in (cited, self._reattributed(cited)):
                if one not in tried:
                    tried.add(one)
                    yield one

    def _reattributed(self, claim: Claim) -> Claim:
        """The claim with the one who said what it cites in place of the one whom it names, if each is one."""
        said_by = {self._speaker[id] for id in claim.cites if id in self._speaker}
        named = set(_TOKEN.findall(claim.text))
        if len(said_by) != 1 or len(named) != 1:
            return claim
        return claim.model_copy(update={"text": claim.text.replace(named.pop(), f"{{{said_by.pop()}}}")})

    def _recited(self, claim: Claim, within: Sequence[str]) -> Claim:
        """The claim with the sentences that mean the likest; if it names one speaker, with theirs."""
        named = {token[1:-1] for token in _TOKEN.findall(claim.text)}
        able = [self._index[id] for id in within if id in self._index]
        if len(named) == 1:
            able = [i for i in able if self._matter.said[i].sentence.speaker in named] or able
        if not able:
            return claim
        row = self._matter.vectors.of([_TOKEN.sub("", claim.text)])[0]
        likest = sorted(zip((self._matter.rows[able] @ row).tolist(), able, strict=True), reverse=True)[:MOST]
        kept = sorted(i for cosine, i in likest if cosine >= NEAR)
        if not kept:
            return claim
        return claim.model_copy(update={"cites": tuple(self._matter.said[i].sentence.id for i in kept)})


def _named(claim: Claim) -> Claim:
    """The claim with its one speaker in place of a he or she that opens a sentence, and they elsewhere."""
    tokens = set(_TOKEN.findall(claim.text))
    if len(tokens) != 1:
        return claim
    text = _OPENS.sub(tokens.pop(), claim.text)
    for pronoun, other in _THEY:
        text = pronoun.sub(other, text)
    return claim.model_copy(update={"text": text})
