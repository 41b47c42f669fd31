"""What several talks are said to say must be cited from several; that they agree is nobody's to say.

Sees, in English: "both talks", "these conversations" and the like as those who say, argue or agree.
Cannot see: agreement between talks that is told in other words ("a common thread is …").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.places import talk_of
from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.verification.evidence import Evidence
from pipeline.takeaways.verification.failure import Failure

_SEVERAL = re.compile(
    r"\b(?:both|all|several|many|most|various|different|multiple|two|three|four|five|the|these)"
    r"(?: of (?:the|these))?(?: \w+)? (?:talks|conversations|panels|podcasts|sessions|episodes|interviews)\b"
    r"(?:[^.]{0,12}?)\b(agree|disagree|concur|say|argue|stress|emphasi[sz]e|highlight|discuss|mention|note|point|"
    r"cover|explore|address|suggest|explain|describe|claim|stat|show|talk|warn|share)",
    re.I,
)
_AGREEING = frozenset({"agree", "disagree", "concur"})


def failures(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Talks that speak with one voice."""
    talks = {talk_of(sentence.id) for sentence in evidence.cited}
    if talks == {""}:  # the evidence is of one talk, which may speak of others
        return
    for match in _SEVERAL.finditer(t.unquoted(text)):
        if match[1].lower() in _AGREEING:
            yield Failure("stance", "talks do not agree or disagree; say which speaker argues what")
        elif len(talks) < 2:
            yield Failure("uncited", "it speaks of several talks, but cites only one")
