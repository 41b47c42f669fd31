"""A number of the sidecar may be used as the sidecar uses it: a year as a year, a date whole, "Week 12".

Sees: years of 1900 to 2099 after a word that a year follows; days next to the name of their month; a date
written whole; any other number next to the word that stands next to it there. Cannot see: the same word
and number of another matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language import english as w
from pipeline.takeaways.language.quantities import Number, read

_NAMES = "january february march april may june july august september october november december"
_MONTHS = _NAMES.split()
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_BEFORE_YEAR = w.listed(
    """in since by of from until till to through during before after early mid late around spring summer
    autumn fall winter year the and or this"""
) | frozenset(_MONTHS + [month[:3] for month in _MONTHS])


def gives(number: Number, text: str, facts: Sequence[str]) -> bool:
    """Whether one of the facts has the number of a text, in the same use."""
    return any(_gives(number, text, t.plain(fact)) for fact in facts)


def _gives(number: Number, text: str, fact: str) -> bool:
    before, after = _beside(text, number)
    dates = list(_ISO.finditer(fact))
    spoken = {match[1] for match in dates} | set(re.findall(r"(?<![\d.,-])(?:19|20)\d\d(?![\d.,-]\d)", fact))
    if number.text in spoken and _YEAR.match(number.text) and _as_year(number, text, before):
        return True
    for match in dates:
        if match[0] in text and match[0] in text[max(0, number.start - 8) : number.end + 6]:
            return True
        month = _MONTHS[int(match[2]) - 1] if 1 <= int(match[2]) <= 12 else ""
        day = re.match(r"\d{1,2}(?:st|nd|rd|th)?$", number.text)
        if day and month and number.value == int(match[3]) and _names(month, before, after, text, number):
            return True
    bare = _ISO.sub(" ", fact)
    for other in read(bare):
        same = other.value == number.value if number.value is not None else other.text == number.text
        if same and other.percent == number.percent:
            before_it, after_it = _beside(bare, other)
            if (before and before == before_it) or (after and after == after_it):
                return True
    return False


def _as_year(number: Number, text: str, before: str) -> bool:
    """Whether a number is used as a year: after "in", a month, or nothing (",", the beginning)."""
    day = re.search(r"\d{1,2}(?:st|nd|rd|th)?,? $", text[: number.start])
    opens = not before or bool(re.search(r"[,(]\s*$", text[: number.start]))
    return before in _BEFORE_YEAR or bool(day) or opens


def _names(month: str, before: str, after: str, text: str, number: Number) -> bool:
    """Whether the month stands next to the day ("May 3", "3 May", "the 3rd of May")."""
    following = re.match(r"(?: of)? ([A-Za-z]+)", text[number.end :])
    return t.stem(month) in {t.stem(before), t.stem(after)} or bool(
        following and following[1].lower() in {month, month[:3]}
    )


def _beside(text: str, number: Number) -> tuple[str, str]:
    """The words right before and right after a number, in lower case."""
    earlier = re.search(r"([^\W\d_]+)(?:'s)?[\s#-]*$", text[: number.start])
    later = re.match(r"[\s-]*([^\W\d_]+)", text[number.end :])
    return (earlier[1].lower() if earlier else "", later[1].lower() if later else "")
