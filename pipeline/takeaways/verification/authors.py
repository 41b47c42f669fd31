"""Somebody who is only addressed or mentioned did not say what a claim has them say.

Sees, in English: a capitalised name, not a token, that a claim makes the author of words ("Jesse argues",
"according to Jesse", "says Jesse", "Jesse's view"), where no cited sentence reports that name ("Satoshi
said", "according to Satoshi", "Satoshi's paper"). A name that is called ("Jesse, I think …") reports
nothing. Cannot see: who a pronoun is, and whether the one who is reported said this or something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language import english as w
from pipeline.takeaways.verification.evidence import Evidence
from pipeline.takeaways.verification.failure import Failure
from pipeline.takeaways.verification.proper_names import ordinary

_PERSONS = (  # verbs that only persons, and papers, are subjects of
    r"argu(?:es?|ed)|say|says|said|thinks?|thought|believes?|believed|explains?|explained|describes?|"
    r"described|noted|claims?|claimed|insists?|insisted|admits?|admitted|concedes?|conceded|warns?|warned|"
    r"wonders?|wondered|recalls?|recalled|recounts?|hopes?|hoped|doubts?|doubted|agrees?|agreed|disagrees?|"
    r"disagreed|acknowledges?|acknowledged|suspects?|suspected|reckons?|remarks?|remarked|replies|replied|"
    r"stress(?:es|ed)|emphasi[sz]e[sd]?|asks?|asked|tells?|told|talks?|talked|denies|denied|predicts?|"
    r"predicted|jokes?|joked|mentions?|mentioned|wants?|wanted|prefers?|preferred|observes?|observed|"
    r"would (?:like|love|rather)|asserts?|asserted|cautions|cautioned|complains?|complained|quips?|confesses|"
    r"worries|fears|remembers"
)
_THINGS = (  # verbs whose subject may be a thing, unless "that" follows
    r"adds?|added|finds?|found|suggests?|suggested|points? out|pointed out|states?|stated|reports?|"
    r"reported|maintains?|feels?|felt|sees|saw|expects?|expected|concludes?|concluded|notes|answers?|"
    r"answered|proposes?|proposed|clarifies|clarified|counters|responds|reflects|imagines?"
)
_NAME = r"[A-Z][\w-]+(?: [A-Z][\w.-]*){0,2}"
_MAKES = re.compile(
    rf"(?<![\w{{'])(?P<subject>{_NAME}) (?:\w+ly |also |then |even |has |had |would )?"
    rf"(?:(?:{_PERSONS})\b|(?:{_THINGS}) that\b)"
    rf"|\b[Aa]ccording to (?P<source>{_NAME})"
    rf"|\b(?:{_PERSONS}|notes|adds) (?P<after>{_NAME})(?=[,.;]|$)"
    rf"|(?<![\w{{'])(?P<owner>{_NAME})'s? (?:\w+ )?(?:view|opinion|argument|claim|words|answer|"
    r"point|advice)\b"
)
_LIKE = (
    rf"{_PERSONS}|{_THINGS}|saying|shows?|showed|shown|adds?|notes?|calls?|called|writes?|wrote|written|posts?|"
    r"posted|publish\w*|arguing|thinking|explaining|telling|suggesting|proposing|asking|presented|presents|"
    r"pointed|points|put|did|gave|made|came up|brought|started|opened|commented|tweeted|quoted|raised|"
    r"responded|talking|goes|went|was like|is like|idea|paper|book|post|view|opinion|argument|proposal|"
    r"talk|quote|words|point|answer|article|blog"
)
_CALLED = re.compile(r"\s*[,?!](?! (?:and|who|whose|in|he|she|at|from|as)\b)")  # "Jesse, I think"
_FAR = 10  # words between a name and the verb that reports it


def failures(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Each name that is made the author of words without being reported."""
    plain = t.plain(t.unquoted(t.SPEAKER.sub(lambda m: m[0].lower(), text)))
    for match in _MAKES.finditer(plain):
        name = match["subject"] or match["source"] or match["after"] or match["owner"]
        parts = [part for part in name.split() if len(part) > 1 and part.lower() not in w.FUNCTION]
        if not parts or all(ordinary(part, evidence) for part in parts):
            continue
        if not _reported(parts, evidence):
            yield Failure(
                "speaker",
                f"no cited sentence says that {name} said so; write the token of the speaker who said it",
            )
            return


def _reported(parts: list[str], evidence: Evidence) -> bool:
    """Whether a cited sentence reports words of somebody with such a name."""
    said = t.plain(" ".join(evidence.texts))
    for part in parts:
        name = re.escape(part)
        if re.search(
            rf"\b(?:according to|by|from|heard|quot\w+|read|citing)(?: \w+){{0,2}} {name}\b",
            said,
            re.I,
        ):
            return True
        if re.search(rf"\b(?:{_LIKE})(?: \w+)? (?:by|of|from) (?:\w+ )?{name}\b", said, re.I):
            return True
        for match in re.finditer(rf"\b{name}\b", said, re.I):
            after = said[match.end() :]
            if _CALLED.match(after):
                continue
            if any(_theirs(after[: verb.start()]) for verb in re.finditer(rf"\b(?:{_LIKE})\b", after, re.I)):
                return True
    return False


def _theirs(between: str) -> bool:
    """Whether what stands between a name and a verb leaves the name its subject."""
    words = t.words_of(between)
    own = {"i", "we", "you", "i'm", "i've", "i'd", "we're", "you're", "we've", "you've", "your", "my", "our"}
    return len(words) <= _FAR and not own & set(words) and not re.search(r"[.?!]", between)
