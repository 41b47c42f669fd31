"""Cause: nothing is told as the reason of something unless somebody said so, and not the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.takeaways.language.comparable import content, unquoted
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.takeaways.verification.order import Pair, is_turned_round, trimmed
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
_CAUSE, _CAUSE_SAID = LISTS.words("cause"), LISTS.words("cause_evidence")
_REASON_AFTER = re.compile(rf"\b{LISTS.any_of('reason_after')}\b", re.I)  # "… because …"
_REASON_BEFORE = re.compile(rf"\b{LISTS.any_of('reason_before')}\b", re.I)  # "…, so …"
_FILLER = LISTS.pattern("fillers")


def doubt_cause(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """A reason that nobody gave.

    Sees: a word of cause where what is cited has none; a reason that was told as what it brings about.
    Cannot see: a reason that is put in a sentence of its own.
    """
    claim = unquoted(text)
    match = _CAUSE.search(claim)
    if not match:
        return
    texts = [_FILLER.sub("", text) for text in evidence.texts]
    if not any(map(_CAUSE_SAID.search, texts)):
        yield Failure("cause", f'it says "{match[0]}": does anybody give that reason in the cited lines?')
        return
    told = [pair for text in texts for pair in _reasons(text)]
    for reason, effect in _reasons(claim):
        if is_turned_round((reason, effect), told, evidence.reader):
            yield Failure(
                "cause",
                f'it gives "{trimmed(reason)}" as the reason of "{trimmed(effect)}": is it the other way '
                "round in the cited lines?",
            )
            return


def _reasons(text: str) -> Iterator[Pair]:
    """Each reason that a text gives, and what it is the reason of."""
    for match in _REASON_AFTER.finditer(text):
        before, following = text[: match.start()], text[match.end() :]
        if content(before):
            yield following, before
        elif len(pieces := following.split(",", maxsplit=1)) == 2:  # "Because …, …"
            yield pieces[0], pieces[1]
    for match in _REASON_BEFORE.finditer(text):
        if content(text[: match.start()]):
            yield text[: match.start()], text[match.end() :]
