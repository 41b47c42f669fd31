"""Who is said to agree or to disagree must have shown it.

Sees, in English: agreement or disagreement without any word of it in that speaker's cited sentences.
Cannot see: agreement shown by what is said rather than by a word of it, and with what somebody agrees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.verification.evidence import Evidence
from pipeline.takeaways.verification.failure import Failure


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.I)


_TURNS = (
    (
        _words(
            r"agree[sd]?|agreeing|concurs?|concurred|confirms?|confirmed|seconds|seconded|echoe?s|echoed",
        ),
        _words(
            r"yes|yeah|yep|yup|agree\w*|exactly|right|true|correct|absolutely|definitely|sure|indeed|"
            r"totally|same",
            r"of course|(?:good|great) point|me too|makes? (?:a lot of )?sense|fair|likewise|also|too|"
            r"precisely",
            r"concur\w*|mm-hmm|mhm|\+1|cool|perfect|okay|ok|(?:as|like) \w+ (?:said|mentioned)",
        ),
        "agreed",
    ),
    (
        _words(
            r"disagree[sd]?|disagreeing|push(?:es|ed|ing)? back|objects|objected|counters|countered|"
            r"disputes?",
            r"disputed|contradicts?|contradicted|rejects?|rejected|rebuts?|rebutted|challenges|challenged",
        ),
        _words(
            r"no|not|but|disagree\w*|however|actually|though|although|\w+n't|wrong|never|doubt\w*|unsure|"
            r"rather",
            r"instead|concern\w*|problem|sk?ceptical|skeptical|unless|contrary|except|yet|oppos\w+|reject\w*",
        ),
        "disagreed",
    ),
)
_NOT = re.compile(r"(?:not|n't|never|without|cannot)(?: \w+){0,2} $", re.I)
_JOINT = re.compile(r"\} and (?:\{S\d+\} )\S*$|both\W+$")
_FAR = 2  # words between a speaker and what they are said to do


def failures(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Agreement or disagreement that nobody showed."""
    bare = t.plain(t.unquoted(text))
    for turn, signs, what in _TURNS:
        for match in turn.finditer(bare):
            before = bare[: match.start()]
            who = [m[1] for m in t.SPEAKER.finditer(before)]
            if not who or len(before.rsplit("}", 1)[-1].split()) > _FAR or _NOT.search(before):
                continue
            named = who[-2:] if _JOINT.search(before) else who[-1:]
            said = [source for one in named for source in evidence.by(one)]
            if said and not any(signs.search(t.plain(source)) for source in said):
                yield Failure(
                    "stance",
                    f"{{{named[-1]}}} is said to have {what}, but no cited sentence of theirs shows it",
                )
