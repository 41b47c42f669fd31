"""What fails verification: put right by a program where it can be, else sent back once with the reasons.

Each repair gives another claim, which is verified like any other. Nothing here makes a claim pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.engines.chat.endpoint import Request
from pipeline.records import Claim
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.language.comparable import REPORTING
from pipeline.takeaways.language.sentences import is_content, stem, tokens_of
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.calls import Ask, followed
from pipeline.takeaways.verification import Failure

MOST = 3  # sentences that a claim is given to rest on
NEAR = 0.5  # cosine of a sentence from which a claim may rest on it
WORDS = 0.6  # of a claim's content words, that the sentences have which it is given to rest on
CITING = frozenset({"support", "name", "number", "uncited"})
_REPORTING = frozenset(map(stem, REPORTING))
_ARGUES = re.compile(rf"(\{{S\d+\}}) (?:also |then )?(?:{'|'.join(sorted(REPORTING))})\b")
_TOKEN = re.compile(r"\{S\d+\}")
_OPENS = re.compile(r"(?<=[.!?] )(?:he|she)\b", re.IGNORECASE)
_THEY = (
    (re.compile(r"\b(?:he|she)(?:'s| is)\b", re.IGNORECASE), "they are"),
    (re.compile(r"\b(?:he|she) has\b", re.IGNORECASE), "they have"),
    (re.compile(r"\b(?:he|she)\b(?= (?:\w+ed|can|could|may|might|must|should|will|would)\b)", re.I), "they"),
    (re.compile(r"\b(?:his|her)\b(?= \w)", re.IGNORECASE), "their"),
    (re.compile(r"\b(?:him|her)\b", re.IGNORECASE), "them"),
)


class Repair:
    """Repairs of claims about one talk."""

    def __init__(self, document: Document) -> None:
        self._matter = document
        self._index = {said.sentence.id: i for i, said in enumerate(document.said)}
        self._speaker = {s.id: s.speaker for s in document.turns.sentences()}

    def candidates(self, claim: Claim, failures: Iterable[Failure], within: Sequence[str]) -> Iterator[Claim]:
        """Claims to try in place of one that failed; `within` are the ids that it may cite.

        Who spoke is put right only where nothing else is wrong, and then by what is cited, never the reverse.
        """
        codes = {failure.code for failure in failures}
        base = _named(claim) if "pronoun" in codes else claim
        if base != claim:
            yield base
        if codes == {"speaker"}:
            right = self._reattributed(claim)
        else:
            right = self._recited(base, within) if codes & CITING and "speaker" not in codes else base
        if right not in (claim, base):
            yield right

    def _reattributed(self, claim: Claim) -> Claim:
        """The claim with whoever said all that it cites, where it opens with somebody else who argues it."""
        said_by = {self._speaker[id] for id in claim.cites if id in self._speaker}
        match = _ARGUES.match(claim.text)
        if len(said_by) != 1 or len(_TOKEN.findall(claim.text)) != 1 or not match:
            return claim
        return claim.model_copy(update={"text": f"{{{said_by.pop()}}}{claim.text[match.end(1) :]}"})

    def _recited(self, claim: Claim, within: Sequence[str]) -> Claim:
        """The claim with the sentences that bear it out best, if they have most of its words.

        If it names one speaker, only theirs.
        """
        named = {token[1:-1] for token in _TOKEN.findall(claim.text)}
        able = [self._index[id] for id in within if id in self._index]
        if len(named) == 1:
            able = [i for i in able if self._matter.said[i].sentence.speaker in named]
        if not able:
            return claim
        bare = _TOKEN.sub("", claim.text)
        row = self._matter.vectors.of([bare])[0]
        likest = sorted(zip((self._matter.rows[able] @ row).tolist(), able, strict=True), reverse=True)[:MOST]
        kept = sorted(i for cosine, i in likest if cosine >= NEAR)
        if not kept or self._share(bare, kept) < WORDS:
            return claim
        return claim.model_copy(update={"cites": tuple(self._matter.said[i].sentence.id for i in kept)})

    def _share(self, text: str, sentences: Sequence[int]) -> float:
        """The share of a text's content words that some sentences have, too."""
        language = self._matter.language
        own = {stem(token) for token in tokens_of(text)[0] if is_content(token, language)} - _REPORTING
        said = {term for i in sentences for term in self._matter.said[i].terms}
        return len(own & said) / len(own) if own else 0.0


def _named(claim: Claim) -> Claim:
    """The claim with its one speaker in place of a he or she that opens a sentence, and they elsewhere."""
    tokens = set(_TOKEN.findall(claim.text))
    if len(tokens) != 1 or not claim.text.startswith("{"):
        return claim
    text = _OPENS.sub(tokens.pop(), claim.text)
    for pronoun, other in _THEY:
        text = pronoun.sub(other, text)
    return claim.model_copy(update={"text": text})


# Texts that failed verification, sent back once with the reasons.

OVERHEAD = 30  # tokens of a reply besides its texts

Mends = Mapping[int, replies.Mend]  # by the number that a text had in the message, from 1


def sent_back(
    request: Request, reply: replies.Reply, message: str, failed: int, lines: range, tokens: int, most: int
) -> Ask[Mends]:
    """Ask anew for `failed` texts of a reply, of `tokens` each, resting on up to `most` of `lines`."""
    numbers = {"lines": lines, "of": range(1, failed + 1)}
    schema = replies.schema(replies.Mended, numbers, {"sentences": failed, "lines": most})
    again = followed(request, reply.model_dump_json(), message)

    def read(text: str) -> Mends:
        return {mend.of: mend for mend in replies.read(text, replies.Mended, numbers).sentences}

    return Ask(replace(again, schema=schema, max_tokens=failed * tokens + OVERHEAD), read)


def listed(texts: Sequence[tuple[str, str]]) -> str:
    """Texts that cannot stand, numbered from 1, each with why."""
    return "\n".join(f"{n}. {text} cannot stand: {why}" for n, (text, why) in enumerate(texts, 1))
