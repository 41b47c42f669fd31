"""Claims that fail verification: repaired by rule where possible, else sent back once with the reasons.

Each repair yields another claim, which is verified like any other. Nothing here makes a claim pass.
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
from pipeline.takeaways.llm.calls import Ask, follow_up
from pipeline.takeaways.verification import Failure

# When a claim is given new citations:
MAX_CITED_SENTENCES = 3
MIN_COSINE = 0.5  # of each cited sentence to the claim
MIN_WORD_SHARE = 0.6  # of the claim's content words that occur in the cited sentences
CITATION_FAULTS = frozenset({"support", "name", "number", "uncited"})
_REPORTING = frozenset(map(stem, REPORTING))
_ATTRIBUTION = re.compile(rf"(\{{S\d+\}}) (?:also |then )?(?:{'|'.join(sorted(REPORTING))})\b")
_SPEAKER = re.compile(r"\{S\d+\}")
_OPENING_PRONOUN = re.compile(r"(?<=[.!?] )(?:he|she)\b", re.IGNORECASE)
_PLURALS = (
    (re.compile(r"\b(?:he|she)(?:'s| is)\b", re.IGNORECASE), "they are"),
    (re.compile(r"\b(?:he|she) has\b", re.IGNORECASE), "they have"),
    (re.compile(r"\b(?:he|she)\b(?= (?:\w+ed|can|could|may|might|must|should|will|would)\b)", re.I), "they"),
    (re.compile(r"\b(?:his|her)\b(?= \w)", re.IGNORECASE), "their"),
    (re.compile(r"\b(?:him|her)\b", re.IGNORECASE), "them"),
)


class Repair:
    """Repairs of claims about one talk."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._index = {said.sentence.id: i for i, said in enumerate(document.said)}
        self._speaker_of = {s.id: s.speaker for s in document.turns.sentences()}

    def candidates(
        self, claim: Claim, failures: Iterable[Failure], citable: Sequence[str]
    ) -> Iterator[Claim]:
        """Claims to try in place of one that failed; `citable` are the sentence ids that it may cite.

        A wrong speaker is corrected only where nothing else is wrong, and then from the citations: citations
        are never changed to fit the speaker.
        """
        codes = {failure.code for failure in failures}
        base = _with_speaker(claim) if "pronoun" in codes else claim
        if base != claim:
            yield base
        if codes == {"speaker"}:
            repaired = self._with_right_speaker(claim)
        else:
            repaired = (
                self._with_new_citations(base, citable)
                if codes & CITATION_FAULTS and "speaker" not in codes
                else base
            )
        if repaired not in (claim, base):
            yield repaired

    def _with_right_speaker(self, claim: Claim) -> Claim:
        """The claim attributed to the one speaker of all that it cites, where it opens by naming another."""
        speakers = {self._speaker_of[id] for id in claim.cites if id in self._speaker_of}
        match = _ATTRIBUTION.match(claim.text)
        if len(speakers) != 1 or len(_SPEAKER.findall(claim.text)) != 1 or not match:
            return claim
        return claim.model_copy(update={"text": f"{{{speakers.pop()}}}{claim.text[match.end(1) :]}"})

    def _with_new_citations(self, claim: Claim, citable: Sequence[str]) -> Claim:
        """The claim with citations of the sentences nearest to it, if they contain most of its content words.

        If it names exactly one speaker, only their sentences count.
        """
        speakers = {token[1:-1] for token in _SPEAKER.findall(claim.text)}
        usable = [self._index[id] for id in citable if id in self._index]
        if len(speakers) == 1:
            usable = [i for i in usable if self._document.said[i].sentence.speaker in speakers]
        if not usable:
            return claim
        text = _SPEAKER.sub("", claim.text)
        vector = self._document.vectors.of([text])[0]
        cosines = (self._document.rows[usable] @ vector).tolist()
        nearest = sorted(zip(cosines, usable, strict=True), reverse=True)[:MAX_CITED_SENTENCES]
        cited = sorted(i for cosine, i in nearest if cosine >= MIN_COSINE)
        if not cited or self._word_share(text, cited) < MIN_WORD_SHARE:
            return claim
        return claim.model_copy(update={"cites": tuple(self._document.said[i].sentence.id for i in cited)})

    def _word_share(self, text: str, sentences: Sequence[int]) -> float:
        """The share of a text's content words that also occur in some sentences."""
        language = self._document.language
        words = {stem(token) for token in tokens_of(text)[0] if is_content(token, language)} - _REPORTING
        found_words = {term for i in sentences for term in self._document.said[i].terms}
        return len(words & found_words) / len(words) if words else 0.0


def _with_speaker(claim: Claim) -> Claim:
    """The claim with its one speaker for a "he" or "she" that opens a sentence, and "they" elsewhere."""
    speakers = set(_SPEAKER.findall(claim.text))
    if len(speakers) != 1 or not claim.text.startswith("{"):
        return claim
    text = _OPENING_PRONOUN.sub(speakers.pop(), claim.text)
    for pronoun, plural in _PLURALS:
        text = pronoun.sub(plural, text)
    return claim.model_copy(update={"text": text})


# Texts that failed verification, sent back once with the reasons.

OVERHEAD_TOKENS = 30  # of a reply besides its texts

RewritesByNumber = Mapping[int, replies.Rewrite]  # that a text has in the message, from 1


def request_rewrites(
    request: Request, reply: replies.Reply, message: str, failed: int, lines: range, tokens: int, most: int
) -> Ask[RewritesByNumber]:
    """Ask again for `failed` texts of a reply, of `tokens` each, that may cite up to `most` of `lines`."""
    numbers = {"lines": lines, "of": range(1, failed + 1)}
    schema = replies.schema(replies.Rewrites, numbers, {"sentences": failed, "lines": most})
    retry = follow_up(request, reply.model_dump_json(), message)

    def parse(text: str) -> RewritesByNumber:
        return {rewrite.of: rewrite for rewrite in replies.parse(text, replies.Rewrites, numbers).sentences}

    return Ask(replace(retry, schema=schema, max_tokens=failed * tokens + OVERHEAD_TOKENS), parse)


def numbered_reasons(texts: Sequence[tuple[str, str]]) -> str:
    """Rejected texts as a list numbered from 1, each with the reason."""
    return "\n".join(f"{n}. {text} cannot stand: {why}" for n, (text, why) in enumerate(texts, 1))
