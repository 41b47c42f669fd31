"""Support: a claim is about what its evidence says, and adds nothing of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.takeaways.language.comparable import (
    SPEAKER,
    content,
    is_content,
    letter_bigrams,
    stem,
    unquoted,
    words_of,
)
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place

# Of Support.score, below which it is doubted that a claim rests on what it cites; in other languages than
# English, chance shares more.
MIN_SUPPORT, MIN_SUPPORT_ELSEWHERE = 0.08, 0.35
MIN_PARTS = 2  # of a text that tells enough for its embedding to say anything
MAX_SOURCES = 4  # the most similar of many, so many support a claim
MIN_ADDED_WORDS = 3  # content words of a clause, none of which was said nor anything like it
MIN_ADDED_TO_NOTE = 2  # such words of a sentence that rests on the author's notes alone
MAX_LIKENESS = 0.37  # cosine of two words that have nothing to do with each other
_CLAUSE_END = re.compile(
    r"[,;:()\u2013\u2014]|\b(?:and|or|but|because|which|while|so|although|since|where|whereas|when)\b"
)


@dataclass(frozen=True)
class Support:
    """How well sentences support a text: cosine of their embeddings, and the share of its words they have."""

    cosine: float
    shared: float
    parts: int  # the words of the text that tell anything; in other languages, letter bigrams

    @property
    def score(self) -> float:
        """Half cosine and half words tells more than either."""
        return (self.cosine + self.shared) / 2


def doubt_support(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """A claim far from what it cites, a clause of which nothing was said, or words that a note has not.

    It is for a judge: what is said in quite other words may be the same.
    """
    support = claim_support(text, evidence)
    least = MIN_SUPPORT if evidence.talk.english else MIN_SUPPORT_ELSEWHERE
    if support.parts >= MIN_PARTS and support.score < least:
        yield Failure("support", "the cited lines say little like this: do they bear it out?")
    elif not evidence.talk.english:
        return
    elif place != "heading" and (added := _added_clause(text, evidence)):
        yield Failure("support", f'it says "{added}": is that in the cited lines, in any words?')
    elif not evidence.lines and len(new := _added_words(text, evidence)) >= MIN_ADDED_TO_NOTE:
        yield Failure("support", f'its note has nothing like "{", ".join(new)}": is that added?')
    elif place == "frame" and _is_beyond_known(text, evidence):
        yield Failure("support", "its lines have no word of this, and it is more than is known: who says so?")


def _is_beyond_known(text: str, evidence: Evidence) -> bool:
    """Whether a claim shares nothing with its lines, and says more than what is known without them."""
    words = set(content(text))
    said = {word for line in evidence.near_lines for word in content(line)}
    known = {word for fact in evidence.known for word in content(fact)}
    return bool(evidence.lines) and words.isdisjoint(said - known) and len(words - known) >= MIN_ADDED_WORDS


def _added_words(text: str, evidence: Evidence) -> list[str]:
    """The words that tell something, and of which what a claim rests on has none, nor anything like it."""
    said = sorted({word for source in evidence.texts for word in words_of(source) if is_content(word)})
    stems = set(map(stem, said))
    words = [word for word in dict.fromkeys(words_of(SPEAKER.sub(" ", text))) if is_content(word)]
    new = [word for word in words if stem(word) not in stems]
    if not (new and said):
        return new
    cosines = (evidence.reader.embed(new) @ evidence.reader.embed(said).T).max(axis=1)
    return [word for word, cosine in zip(new, cosines.tolist(), strict=True) if cosine < MAX_LIKENESS]


def _added_clause(text: str, evidence: Evidence) -> str:
    """The first clause of which nobody said a word, nor anything like it; "" if there is none."""
    said = sorted({word for source in evidence.near_texts for word in words_of(source) if is_content(word)})
    stems = set(map(stem, said))
    for clause in _CLAUSE_END.split(SPEAKER.sub(",", unquoted(text))):
        words = [word for word in words_of(clause) if is_content(word)]
        if len(words) < MIN_ADDED_WORDS or not said or any(stem(word) in stems for word in words):
            continue
        cosines = (evidence.reader.embed(words) @ evidence.reader.embed(said).T).max(axis=1)
        if np.count_nonzero(cosines < MAX_LIKENESS) >= MIN_ADDED_WORDS:
            return clause.strip()
    return ""


def claim_support(text: str, evidence: Evidence) -> Support:
    """How well the sentences most similar to a claim support it: at best, alone, in pairs or all together.

    Words may also be found next to what is cited. In other languages than English letter bigrams count.
    """
    claim = SPEAKER.sub(" ", text).strip(" ,.") or text
    sources = list(evidence.texts)
    rows = evidence.reader.embed([claim, *sources])
    nearest = sorted(np.argsort(-(rows[1:] @ rows[0]), kind="stable")[:MAX_SOURCES])
    passages = [sources[i] for i in nearest]
    passages = [*passages, *map(" ".join, pairwise(passages)), " ".join(passages)]
    rows = evidence.reader.embed([claim, *passages])
    parts_of = content if evidence.talk.english else letter_bigrams
    said = {part for source in evidence.near_texts for part in parts_of(source)}
    parts = parts_of(claim)
    shared = sum(part in said for part in parts) / max(1, len(parts))
    return Support(float((rows[1:] @ rows[0]).max()), shared, len(parts))
