"""Cause: nothing is told as the reason of something unless somebody said so, and not the other way round."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.takeaways.language.comparable import content, unquoted
from pipeline.takeaways.verification.evidence import Evidence, Failure
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
_CAUSE, _CAUSE_SAID = LISTS.words("cause"), LISTS.words("cause_evidence")
_FILLER = LISTS.pattern("fillers")
MIN_CAUSE_SHARED = 0.34  # of the words of a reason, that were said in one


def doubt_cause(text: str, evidence: Evidence) -> Iterator[Failure]:
    """A reason that nobody gave.

    Sees: a word of cause where what is cited has none; a reason of which little was said in the sentences
    that give one.
    """
    claim = unquoted(text)
    match = _CAUSE.search(claim)
    if not match:
        return
    said = [
        source for source in (_FILLER.sub("", text) for text in evidence.texts) if _CAUSE_SAID.search(source)
    ]
    if not said:
        yield Failure("cause", f'it says "{match[0]}": does anybody give that reason?')
