"""A claim must be about what its sources say, and add nothing of its own.

Sees: a claim whose vector and words are far from all that it cites; a clause with several content words of
which the sources have none, nor anything near. Cannot see: a false statement in the sources' own words.
Short titles pass without the floor
if half their words were said; prose does not, see predicates. The floors are measured in bench/verification.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.verification.evidence import Evidence
from pipeline.takeaways.verification.failure import Failure

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

FLOOR = {"prose": 0.40, "frame": 0.34, "heading": 0.25}  # of `Support.score`
KIN = 0.55  # cosine from which one word stands for another
FEW = 4  # of many sources, so many bear out a claim
BRIEF = 3  # content words
INVENTED = 3  # content words in a clause, none of which the sources have
_WHO = r"\{S\d+\}(?:(?:,| and|, and|,? or) \{S\d+\})*,?"
_VERBS = "|".join(sorted(t.REPORTING))
REPORT = re.compile(
    rf"(?:\b(?:as|according to) )?{_WHO}"
    rf"(?:(?: (?:also|then|both|\w+ly))? (?:{_VERBS})\b(?: (?:that|how|why|whether|if|what))?)?"
)
_CLAUSE = re.compile(
    r"[,;:()\u2013\u2014]|\b(?:and|but|because|which|while|so|although|since|where|whereas)\b"
)


@dataclass(frozen=True)
class Support:
    """`cosine` to the likest sources, alone, in pairs and joined; the share of its content `words` said."""

    cosine: float
    shared: float
    words: int

    @property
    def score(self) -> float:
        return (self.cosine + self.shared) / 2

    @property
    def brief(self) -> bool:
        """Whether there are too few words for their vector to tell much, and at least half were said."""
        return self.words <= BRIEF and self.shared >= 0.5


def measure(text: str, sources: Sequence[str], embed: Embed, english: bool = True) -> Support:
    """How well the sources, or the likest few of many, bear out a text."""
    claim = REPORT.sub(" ", text).strip(" ,.") or text
    rows = embed([claim, *sources])
    best = sorted(np.argsort(-(rows[1:] @ rows[0]), kind="stable")[:FEW])
    few = [sources[k] for k in best]
    pieces = few + [" ".join(pair) for pair in pairwise(few)] + [" ".join(few)]
    cosine = float((embed(pieces) @ rows[0]).max())
    read = t.content if english else t.pairs_of_letters
    mine, theirs = read(claim), {part for source in few for part in read(source)}
    shared = sum(part in theirs for part in mine) / len(mine) if mine else 0.0
    return Support(cosine, shared, len(mine))


def failures(text: str, evidence: Evidence, kind: str, embed: Embed) -> Iterator[Failure]:
    """A claim that its sources do not bear out, or a clause of it."""
    support = measure(text, evidence.texts, embed, evidence.english)
    brief = evidence.english and support.brief and kind != "prose"
    if support.score < FLOOR[kind] and not brief:
        yield Failure("support", "the cited sentences do not say this; keep to what they say or cite others")
    elif evidence.english and kind != "heading" and (clause := _invented(text, evidence, embed)):
        yield Failure("support", f'the part "{clause}" is in none of the cited sentences')


def _invented(text: str, evidence: Evidence, embed: Embed) -> str:
    """A clause that brings its own matter."""
    said = [word for source in evidence.known for word in t.words_of(source) if t.is_content(word)]
    stems = {t.stem(word) for word in said}
    for clause in _CLAUSE.split(REPORT.sub(",", t.plain(t.unquoted(text)))):
        words = [word for word in t.words_of(clause) if t.is_content(word)]
        new = [word for word in words if t.stem(word) not in stems]
        if len(new) < INVENTED or len(new) * 4 < len(words) * 3:
            continue
        rows = embed([*new, *sorted(set(said))])
        kin = (rows[: len(new)] @ rows[len(new) :].T).max(axis=1)
        if sum(kin < KIN) >= INVENTED and sum(kin < KIN) * 4 >= len(words) * 3:
            return clause.strip()
    return ""
