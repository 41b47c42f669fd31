"""What was only asked must not be told as said.

Sees, in English: a claim whose cited sentences, those that bear it out at all, all end in a question mark,
and that has no word of asking itself. A tag (", right?") leaves a statement one, and "isn't it …?" means
one; a heading without a verb names only a subject and passes. Cannot see: questions that were written
without their mark, other questions that mean a statement, and an answer that says something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language import english as w
from pipeline.takeaways.language.sentences import verbs
from pipeline.takeaways.verification.evidence import Evidence
from pipeline.takeaways.verification.failure import Failure

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

PART = 0.5  # of what the best cited sentence bears out, from which another counts, too
_QUESTION = re.compile(r"\?[\"')\u201d\u2019]*\s*$")
_TAG = re.compile(
    r",\s*(?:right|no|yes|yeah|okay|ok|correct|huh|eh|you know|you see|(?:\w+n't|is|are|was|were|do|does|did|"
    r"has|have|can|will|would) (?:it|they|we|you|he|she|that|this|there|i))\W*$",
    re.I,
)
_TAIL = re.compile(r"(?:,|\bbut\b|\band\b)\W*(?:but |and )?\w+(?: \w+){0,2}\W*$")  # "I will, but you?"
_OPENS = re.compile(
    r"^\W*(?:(?:so|and|but|or|well|okay),? )*(?:i|we|it|they|that|this|there|the|yes|yeah)\b", re.I
)
_MEANT = re.compile(
    r"^\W*(?:(?:so|and|but|or|well),? )*(?!can't|couldn't)\w+n't\b", re.I
)  # "Isn't it too dear?"
_ANSWER = re.compile(
    r"^\W*(?:(?:oh|well|so|and|um|uh|i think),? )*(?:yes|yeah|yep|yup|right|exactly|absolutely|definitely|"
    r"sure|correct|indeed|totally|of course|no|nope|not|it (?:is|does|will|can)|they (?:are|do|will|can))\b",
    re.I,
)
_ASKING = re.compile(
    r"\?|\b(?:ask\w*|wonder\w*|question\w*|whether|curious|inquir\w*|enquir\w*|quer(?:y|ies)|"
    r"wants? to (?:know|hear|understand)|how|why|what|invit\w+|prompt\w*|probes?|press(?:es|ed)|request\w*|"
    r"suggest\w*|propos\w+|raises|raised|floats|unsure|unclear|considers|discuss\w*|explores|seeks|"
    r"turns? to)\b",
    re.I,
)
_TITLE_ASKS = re.compile(
    r"\?|\b(?:ask\w*|wonder\w*|question\w*|whether|how|why|what)\b|^(?:if|when|who|where|which)\b", re.I
)


def failures(text: str, evidence: Evidence, kind: str, embed: Embed) -> Iterator[Failure]:
    """A statement where the sources only ask."""
    asked = [source for source in evidence.texts if _asks(source)]
    if not asked or (_TITLE_ASKS if kind == "heading" else _ASKING).search(t.plain(t.unquoted(text))):
        return
    if kind == "heading" and not _states(text):
        return
    told = [source for source in evidence.texts if not _asks(source)]
    if any(_ANSWER.search(t.plain(source)) for source in told):
        return
    best = max(_borne(text, asked, embed))
    if all(score < PART * best for score in _borne(text, told, embed)):
        yield Failure("stance", "the cited sentences only ask this; say who asks it, or cite the answer")


def _asks(source: str) -> bool:
    """Whether a sentence is a question rather than a statement with a tag."""
    plain = t.plain(source)
    if not _QUESTION.search(plain) or _TAG.search(plain):
        return False
    if _MEANT.search(plain):
        return False
    return not (_OPENS.search(plain) and _TAIL.search(plain))


def _states(heading: str) -> bool:
    """Whether a heading has a finite verb."""
    words = t.words_of(heading)
    return any(word in w.AUXILIARIES or (at and word in verbs()) for at, word in enumerate(words))


def _borne(text: str, sources: Sequence[str], embed: Embed) -> list[float]:
    """For each source, how well it bears out the text: cosine and share of its words, halved."""
    if not sources:
        return []
    rows = embed([text, *sources])
    mine = set(t.content(text))
    shared = [len(mine & set(t.content(source))) / max(1, len(mine)) for source in sources]
    return [(float(cosine) + share) / 2 for cosine, share in zip(rows[1:] @ rows[0], shared, strict=True)]
