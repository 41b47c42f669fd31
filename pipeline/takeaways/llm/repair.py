"""Repairs of claims by rule. Each yields another claim, verified like any other: none makes a claim pass."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pipeline.engines import Parse
from pipeline.records import Claim
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.language.comparable import REPORTING, unquoted
from pipeline.takeaways.language.sentences import is_content, singular, tokens_of
from pipeline.takeaways.verification import Failure
from pipeline.takeaways.verification.pronouns import with_they
from pipeline.takeaways.verification.syntax_tree import Tree

# When a claim is given new citations:
MAX_CITED_SENTENCES = 3
MIN_COSINE = 0.5  # of each cited sentence to the claim
MIN_WORD_SHARE = 0.6  # of the claim's content words that occur in the cited sentences
CITATION_FAULTS = frozenset({"support", "name", "number", "uncited"})
_REPORTING = frozenset(map(singular, REPORTING))
_ATTRIBUTION = re.compile(rf"(\{{S\d+\}}) (?:also |then )?(?:{'|'.join(sorted(REPORTING))})\b")
_SPEAKER = re.compile(r"\{S\d+\}")
_OPENING_PRONOUN = re.compile(r"(?<=[.!?] )(?:he|she)\b(?!['\u2019])", re.IGNORECASE)


class Repair:
    """Repairs of claims about one talk."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._index = {said.sentence.id: i for i, said in enumerate(document.said)}
        self._speaker_of = {sentence.id: sentence.speaker for sentence in document.turns.sentences()}

    def candidates(
        self, claim: Claim, failures: Iterable[Failure], citable: Sequence[str]
    ) -> Iterator[Claim]:
        """Claims to try in place of one that failed; `citable` are the sentence ids that it may cite.

        A wrong speaker is corrected only where nothing else is wrong, and then from the citations: citations
        are never changed to fit the speaker.
        """
        codes = {failure.code for failure in failures}
        if codes == {"speaker"}:
            repaired = self._with_right_speaker(claim)
        else:
            repaired = (
                self._with_new_citations(claim, citable)
                if codes & CITATION_FAULTS and "speaker" not in codes
                else claim
            )
        if repaired != claim:
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
        vector = self._document.embed([text])[0]
        cosines = (self._document.rows[usable] @ vector).tolist()
        nearest = sorted(zip(cosines, usable, strict=True), reverse=True)[:MAX_CITED_SENTENCES]
        cited = sorted(i for cosine, i in nearest if cosine >= MIN_COSINE)
        if not cited or self._word_share(text, cited) < MIN_WORD_SHARE:
            return claim
        return claim.model_copy(update={"cites": tuple(self._document.said[i].sentence.id for i in cited)})

    def _word_share(self, text: str, sentences: Sequence[int]) -> float:
        """The share of a text's content words that also occur in some sentences."""
        language = self._document.language
        words = {singular(token) for token in tokens_of(text)[0] if is_content(token, language)} - _REPORTING
        spoken = {term for i in sentences for term in self._document.said[i].terms}
        return len(words & spoken) / len(words) if words else 0.0


def with_speaker(claim: Claim, parse: Parse | None) -> Claim:
    """The claim with its one speaker for a "he" or "she" that opens a sentence, and "they" elsewhere.

    Quotations stay as they are; without a parser, so does all that opens no sentence.
    """
    speakers = set(_SPEAKER.findall(claim.text))
    text = claim.text
    if len(speakers) == 1 and text.startswith("{"):
        for match in reversed(list(_OPENING_PRONOUN.finditer(unquoted(text)))):
            text = text[: match.start()] + next(iter(speakers)) + text[match.end() :]
    if parse:
        text = with_they(text, Tree.parsed([text], parse)[0])
    return claim.model_copy(update={"text": text})
