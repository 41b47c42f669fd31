"""Several talks: what they are said to say together is cited from several, and they agree on nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.records import talk_of
from pipeline.takeaways.language.comparable import unquoted
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place

_SEVERAL_TALKS = re.compile(
    r"\b(?:both|all|several|many|most|various|different|multiple|two|three|four|five|the|these)"
    r"(?: of (?:the|these))?(?: \w+)? "
    r"(?:talks|conversations|panels|podcasts|sessions|episodes|interviews)\b"
    r"(?:[^.]{0,12}?)\b(agree|disagree|concur|say|argue|stress|emphasi[sz]e|highlight|discuss|mention|note|point"
    r"|cover|explore|address|suggest|explain|describe|claim|stat|show|talk|warn|share)",
    re.I,
)


def check_several_talks(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """Talks of a cohort that speak with one voice.

    Sees: "both talks", "these conversations" and the like as those who say, argue or agree. Cannot see:
    agreement between talks that is told in other words ("a common thread is …").
    """
    talks = {talk_of(sentence.id) for sentence in evidence.cited}
    if talks <= {""}:  # one talk, which may speak of others, or an author's notes alone
        return
    for match in _SEVERAL_TALKS.finditer(unquoted(text)):
        if match[1].lower() in {"agree", "disagree", "concur"}:
            yield Failure("stance", "talks do not agree or disagree; say which speaker argues what")
        elif len(talks) < 2:
            yield Failure("uncited", "it speaks of several talks, but cites only one")
