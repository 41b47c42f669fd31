"""Several talks: where "both", "most", "all" or "three of the talks" is said, so many are cited.

Talks of a cohort agree on nothing: their speakers did not hear each other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator

from pipeline.records import talk_of
from pipeline.takeaways.language.comparable import unquoted
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBER = rf"(?:{'|'.join(NUMBERS)}|\d{{1,4}}+)"
# How many talks must be cited, of how many there are:
_LEAST: dict[str, Callable[[int], int]] = {
    "all": lambda talks: talks,
    "most": lambda talks: talks // 2 + 1,
    "half": lambda talks: math.ceil(talks / 2),
    "many": lambda talks: 3,
    "several": lambda talks: 2,
    "every": lambda talks: talks,
    "nearly": lambda talks: talks // 2 + 1,
}
_OF = r"(?P<of> of(?: all)?(?: the| these| those| our)?)?"
_COUNTED = re.compile(
    r"(?<!\bnot )\b(?:(?:(?P<but>all but one)"
    rf"|(?P<more>{LISTS.any_of('more')} )?(?:all )?(?P<number>{_NUMBER})|(?P<half>half)"
    rf"|(?P<most>{LISTS.any_of('most')})|(?P<all>{LISTS.any_of('all')})"
    rf"|(?P<many>{LISTS.any_of('many')})|(?P<several>{LISTS.any_of('several')}))"
    rf"{_OF}(?: the| these| those| our)?(?: {_NUMBER})?(?: [a-z]++)? (?P<plural>{LISTS.any_of('recordings')})"
    rf"|(?:(?P<nearly>{LISTS.any_of('nearly_every')})|(?P<every>{LISTS.any_of('every')}))"
    rf" (?P<one>{LISTS.any_of('recording')}))\b",
    re.IGNORECASE,
)
_VOICE = re.compile(
    rf"\b(?:{LISTS.any_of('all', 'most', 'many', 'several')}|{_NUMBER}|the|these|those)"
    rf"(?: of)?(?: the| these)?(?: [a-z]++)? {LISTS.any_of('recordings')}\b(?: [a-z]++){{0,2}}"
    rf" (?:(?P<agree>{LISTS.any_of('voices')})|{LISTS.any_of('telling')})\b",
    re.IGNORECASE,
)
_ELSEWHERE = LISTS.words("elsewhere")


def check_several_talks(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """Talks of a cohort that are counted, or that speak with one voice.

    Sees: "both talks", "most of the conversations", "in three talks", and talks that say, argue or agree.
    Cannot see: what is told of several talks in other words ("a common thread is …").
    """
    cited = _talks(evidence)
    if cited <= {""} or not evidence.talk.english:  # one talk, which may speak of others, or notes alone
        return
    for voice in _VOICE.finditer(unquoted(text)):
        if voice["agree"]:
            yield Failure("stance", "talks do not agree or disagree; say which speaker argues what")
        elif len(cited) < 2:
            yield Failure("uncited", "it speaks of several talks, but cites only one")
    yield from (Failure("uncited", why) for why, is_sure in _miscounts(text, evidence) if is_sure)


def doubt_several_talks(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """Counts that may be of talks, or of something else that is called so; any in languages but English."""
    cited = _talks(evidence)
    if cited <= {""}:  # one talk, or the author's notes alone
        return
    if evidence.talk.english:
        for why, _ in _miscounts(text, evidence):
            yield Failure("several", f"{why}: is it about the talks?")
    elif match := _ELSEWHERE.search(unquoted(text)):
        yield Failure(
            "several",
            f'it says "{match[0]}" and cites {len(cited)} of {len(evidence.talk.talks)}: is it so many?',
        )


def without_counts(text: str, evidence: Evidence) -> str:
    """A text about a cohort without its counts of talks, which nobody says in a talk."""
    for match in reversed([*_counts(text, evidence)]):
        if _is_sure(match):
            text = f"{text[: match.start()]}the talks{text[match.end() :]}"
    return text


def _talks(evidence: Evidence) -> set[str]:
    """Those of which lines are cited."""
    return {talk_of(sentence.id) for sentence in evidence.cited}


def _counts(text: str, evidence: Evidence) -> Iterator[re.Match[str]]:
    """Where a text about a cohort counts its talks; not where those who speak in them count some."""
    if len(evidence.talk.talks) > 1 and evidence.talk.english:
        said = " ".join(evidence.texts).lower()
        yield from (
            m for m in _COUNTED.finditer(unquoted(text)) if (m["plural"] or m["one"]).lower() not in said
        )


def _miscounts(text: str, evidence: Evidence) -> Iterator[tuple[str, bool]]:
    """What is wrong with the counts of talks that take more than are cited, and whether that is sure."""
    cited = len(_talks(evidence))
    for match in _counts(text, evidence):
        if cited < (least := _least(match, len(evidence.talk.talks))):
            lines = "lines of only one talk" if cited == 1 else f"lines of only {cited} talks"
            yield f'it says "{match[0]}" and cites {lines}, of at least {least}', _is_sure(match)


def _is_sure(match: re.Match[str]) -> bool:
    """Whether it is talks that are counted, and not somebody's sessions or conversations with customers."""
    return bool(match["of"]) or (match["plural"] or match["one"]).lower() in ("talk", "talks")


def _least(match: re.Match[str], talks: int) -> int:
    """How many talks a count takes, of so many."""
    if match["but"]:
        return talks - 1
    if number := match["number"]:
        word = number.lower()
        return (NUMBERS.index(word) + 2 if word in NUMBERS else int(number)) + bool(match["more"])
    return next(least(talks) for name, least in _LEAST.items() if match[name])
