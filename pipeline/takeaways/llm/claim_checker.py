"""Claims checked against the talk: repaired by rule where possible, else sent back once with the reasons."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.engines.chat.endpoint import Request
from pipeline.records import Claim, Rejected, Verification
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.language.comparable import REPORTING
from pipeline.takeaways.language.sentences import is_content, singular, tokens_of
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.calls import Query, follow_up
from pipeline.takeaways.verification import Failure, Place, Verifier
from pipeline.workspace.sidecar import Facts


@dataclass(frozen=True)
class CheckedClaim:
    """A claim and why it fails; without failures, it passed."""

    claim: Claim
    failures: tuple[Failure, ...] = ()


class ClaimChecker:
    """Checks the claims of one post: the one owner of what passed, what was rejected, and the counts."""

    def __init__(self, document: Document, facts: Facts) -> None:
        self._verifier = Verifier(document.turns, facts, document.embed, document.parse)
        self._repair = Repair(document)
        self._accepted: list[str] = []  # prose that later prose may not repeat
        self._reasons: Counter[str] = Counter()
        self._checked = self._passed = self._mended = self._replaced = 0
        self.rejected: list[Rejected] = []

    def check(
        self,
        claim: Claim,
        place: Place,
        citable: Sequence[str] = (),
        other_failures: tuple[Failure, ...] = (),
    ) -> CheckedClaim:
        """A new claim, or a repair of it that passes, and the failures that are left.

        `citable` are the sentence ids that a repair may cite; `other_failures` come from the caller;
        with any, no repair is tried.
        """
        self._checked += 1
        claim = self._neutral(claim)
        failures = (*self._verify(claim, place), *other_failures)
        self._passed += not failures
        self._reasons.update({failure.code for failure in failures})
        if failures and not other_failures and (repaired := self._repaired(claim, place, failures, citable)):
            self._mended += 1
            return CheckedClaim(_mended(repaired, claim))
        return CheckedClaim(claim, failures)

    def check_rewrite(
        self, original: CheckedClaim, rewrite: Claim | None, place: Place, citable: Sequence[str] = ()
    ) -> Claim | None:
        """What stands in for a claim that failed: its rewrite, or a repair of that.

        None if there is no rewrite or it fails as well; the claim is then recorded as rejected.
        """
        rewrite = rewrite and self._neutral(rewrite)
        failures = self._verify(rewrite, place) if rewrite else ()
        repaired = self._repaired(rewrite, place, failures, citable) if rewrite and failures else rewrite
        if repaired:
            self._mended += 1
            return _mended(repaired, original.claim)
        self._replaced += 1  # by the speakers' own words, or left out
        self._reasons.update({failure.code for failure in failures})
        discarded = CheckedClaim(rewrite, failures) if rewrite else original
        why = "; ".join(f"{failure.code}: {failure.detail}" for failure in discarded.failures)
        self.rejected.append(Rejected(what=discarded.claim.text, why=why))
        return None

    def reject_reply(self, description: str, error: replies.ReplyError) -> None:
        """Count a whole reply that was unusable twice."""
        self._checked += 1
        self._replaced += 1  # by the speakers' own words, or left out
        self._reasons["reply"] += 1
        self.rejected.append(Rejected(what=f"a whole {description}", why=f"reply: {error}"))

    def reject_quote(self, text: str, reason: str) -> None:
        """List a quote that the model chose and that breaks a rule. It counts as no claim."""
        self.rejected.append(Rejected(what=text, why=f"quote: {reason}"))

    def counts(self) -> Verification:
        """The counts, as the takeaways store them."""
        return Verification(
            checked=self._checked, passed=self._passed, mended=self._mended, replaced=self._replaced,
            reasons=dict(sorted(self._reasons.items())),
        )  # fmt: skip

    def _neutral(self, claim: Claim) -> Claim:
        """The claim without a he or she that nobody said."""
        return with_speaker(claim) if self._verifier.has_unsaid_pronoun(claim) else claim

    def _verify(self, claim: Claim, place: Place) -> tuple[Failure, ...]:
        """Why a claim fails. Prose that passes is remembered, and may not be repeated."""
        earlier = self._accepted if place == "prose" else ()
        findings = self._verifier.check(claim, place, earlier)
        failures = (*findings.failures, *findings.doubts)
        if not failures and place == "prose":
            self._accepted.append(claim.text)
        return failures

    def _repaired(
        self, claim: Claim, place: Place, failures: Sequence[Failure], citable: Sequence[str]
    ) -> Claim | None:
        candidates = self._repair.candidates(claim, failures, citable)
        return next((candidate for candidate in candidates if not self._verify(candidate, place)), None)


def _mended(claim: Claim, failed: Claim) -> Claim:
    return claim.model_copy(update={"outcome": "mended", "mended_from": failed.text})


# Repairs by rule. Each yields another claim, which is verified like any other: none makes a claim pass.

# When a claim is given new citations:
MAX_CITED_SENTENCES = 3
MIN_COSINE = 0.5  # of each cited sentence to the claim
MIN_WORD_SHARE = 0.6  # of the claim's content words that occur in the cited sentences
CITATION_FAULTS = frozenset({"support", "name", "number", "uncited"})
_REPORTING = frozenset(map(singular, REPORTING))
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


def with_speaker(claim: Claim) -> Claim:
    """The claim with its one speaker for a "he" or "she" that opens a sentence, and "they" elsewhere."""
    speakers = set(_SPEAKER.findall(claim.text))
    text = claim.text
    if len(speakers) == 1 and text.startswith("{"):
        text = _OPENING_PRONOUN.sub(speakers.pop(), text)
    for pronoun, plural in _PLURALS:
        text = pronoun.sub(plural, text)
    return claim.model_copy(update={"text": text})


# Texts that failed verification, sent back once with the reasons.

RewritesByNumber = Mapping[int, replies.Rewrite]  # that a text has in the message, from 1


def rewrites_query(
    request: Request,
    reply: replies.Reply,
    message: str,
    failed_count: int,
    lines: range,
    tokens: int,
    max_cited: int,
) -> Query[RewritesByNumber]:
    """The query that asks again for some texts of a reply.

    Each may have up to `tokens` tokens and cite up to `max_cited` of `lines`.
    """
    numbers = {"lines": lines, "of": range(1, failed_count + 1)}
    schema = replies.schema(replies.Rewrites, numbers, {"sentences": failed_count, "lines": max_cited})
    retry = follow_up(request, reply.model_dump_json(), message)

    def parse(text: str) -> RewritesByNumber:
        return {rewrite.of: rewrite for rewrite in replies.parse(text, replies.Rewrites, numbers).sentences}

    return Query(
        replace(retry, schema=schema, max_tokens=failed_count * tokens + replies.REWRITES_OVERHEAD_TOKENS),
        parse,
    )
