"""Numbers must have been said, or stand in the sidecar, and must keep what they count."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language import english as w
from pipeline.takeaways.language.quantities import ORDINALS, WORD_EQUIVALENTS, Number, read
from pipeline.takeaways.verification.evidence import Evidence, Failure

_PAIRS = w.listed("both couple pair twice either other another second two neither versus between")
_COUNTED = re.compile(  # what a writer counts up: "two reasons"
    r"^(?:\W*(?:main|different|key|possible|other|big|more|further|separate|of|the)\b)*\W*(?:reason|way|"
    r"point|side|thing|"
    r"option|approach|step|argument|question|problem|speaker|people|guest|idea|challenge|concern|benefit|"
    r"aspect|"
    r"kind|type|use|goal|case)s?\b",
    re.I,
)


def numbers(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Each number that neither the cited sentences, nor those next to them give, nor the facts as they do.

    Numbers must have been said, or stand in the sidecar. Sees: digits and English number words, with
    separators, decimals, k, million, percent, ordinals from the fourth, dozens, halves. Cannot see: a
    number that was said of something else nearby, two numbers swapped, "one", a count of up to three
    reasons or the like that the writer made, and what sums or rounding would give. The sidecar's numbers
    count only in the use that they have there, see `gives`; units, see `units`.
    """
    bare = t.SPEAKER.sub(lambda m: " " * len(m[0]), t.plain(text))
    heard = [sentence.text for sentence in evidence.near]
    said = [number for source in heard for number in read(source, evidence.english)]
    values = {number.value for number in said} | _loose(heard)
    texts = {number.text for number in said} | {word for s in heard for word in t.words_of(s)}
    percent = any(n.percent for n in said) or any("percent" in s or "%" in s for s in heard)
    for number in read(bare, evidence.english):
        if _known(number, values, texts) and (percent or not number.percent):
            continue
        if gives(number, bare, evidence.facts):
            continue
        if number.value in {2.0, 3.0} and _counts(number, bare[number.end :], texts):
            continue
        yield Failure(
            "number", f"the number {number.text} is in none of the cited sentences, nor next to them"
        )


def _known(number: Number, values: set[float | None], texts: set[str]) -> bool:
    if number.text in WORD_EQUIVALENTS:
        words, equal = WORD_EQUIVALENTS[number.text]
        return bool(words & texts) or bool(equal & values)
    if number.value is None:
        return number.text.lower() in {text.lower() for text in texts}
    if number.value == 12 and "dozen" in texts:
        return True
    if number.value in values or (number.percent and number.value / 100 in values):
        return True
    part = 100 / number.value if number.text.split()[-1] in ORDINALS else None  # "a fifth" for "20 %"
    return part is not None and (part in values or part / 100 in values)


def _counts(number: Number, after: str, texts: set[str]) -> bool:
    """Whether a two or three may be the writer's own count of what was said."""
    return (number.value == 2.0 and bool(_PAIRS & texts)) or bool(_COUNTED.match(after))


def _loose(sources: Sequence[str]) -> set[float | None]:
    """Values written apart or glued: every run of digits, "twenty twenty-four", "one", "once"."""
    found: set[float | None] = set()
    for source in sources:
        found |= {float(run) for run in re.findall(r"\d+", source)}
        words = t.words_of(source)
        found |= {1.0} if {"one", "once", "single", "first"} & set(words) else set()
        found |= {2.0} if {"two", "twice", "both", "couple", "pair", "second"} & set(words) else set()
        found |= {3.0} if {"three", "third", "thrice"} & set(words) else set()
        pairs = [n.value for n in read(source) if n.value is not None]
        for one, two in pairwise(pairs):
            if 10 <= one < 100 and 0 <= two < 100:
                found.add(one * 100 + two)
    return found


_FORMS = {
    "second": "seconds secs",
    "minute": "minute minutes min mins",
    "hour": "hour hours hourly hr hrs h",
    "day": "day days",
    "week": "week weeks",
    "month": "month months",
    "year": "year years yr yrs",
    "decade": "decade decades",
    "century": "century centuries",
    "dollar": "dollar dollars usd buck bucks $",
    "cent": "cents",
    "euro": "euro euros eur \u20ac",
    "pound": "pounds quid gbp \u00a3",
    "yen": "yen jpy",
    "franc": "franc francs chf",
    "yuan": "yuan renminbi",
    "rupee": "rupee rupees",
    "satoshi": "sat sats satoshi satoshis",
    "bitcoin": "bitcoin bitcoins btc",
    "ether": "ether eth",
    "bit": "bit bits",
    "byte": "byte bytes",
    "kilobyte": "kilobyte kilobytes kb",
    "megabyte": "megabyte megabytes mb meg megs",
    "gigabyte": "gigabyte gigabytes gb gig gigs",
    "terabyte": "terabyte terabytes tb",
    "vbyte": "vbyte vbytes vb",
    "metre": "metre metres meter meters",
    "kilometre": "kilometre kilometres kilometer kilometers km",
    "mile": "mile miles",
    "kilogram": "kilogram kilograms kilo kilos kg",
    "ton": "ton tons tonne tonnes",
    "watt": "watt watts",
    "kilowatt": "kilowatt kilowatts kw",
    "megawatt": "megawatt megawatts mw",
    "gigawatt": "gigawatt gigawatts gw",
    "percent": "percent percentage %",
}
UNITS = {form: unit for unit, forms in _FORMS.items() for form in forms.split()}
_AFTER = re.compile(
    r"^[\s-]*(?:(?:hundred|thousand|million|billion|trillion|k|bn)\b[\s-]*)?"
    r"(?:and a half |or so |(?:to|or|and) [\w.,]+ |of |full |whole |long |more |straight |US |American )?"
    r"(?P<unit>per ?cent\b|[A-Za-z]+|[$\u20ac\u00a3%])"
)


def units(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Each number that was said of another unit.

    A number must keep what it counts: years, dollars, megabytes. Sees, in English: a number with a word or
    sign of the closed list behind or before it ("two years", "5 MB", "$5"), where the same number was said
    with another of the list and never with this one. Cannot see: units that are not listed, a number that
    was said without one, sums and conversions.
    """
    said: dict[float, set[str]] = {}
    for source in evidence.known:
        for number in read(source):
            if number.value is not None and (unit := unit_of(source, number)):
                said.setdefault(number.value, set()).add(unit)
    bare = t.plain(t.SPEAKER.sub(lambda m: " " * len(m[0]), text))
    for number in read(bare):
        unit = unit_of(bare, number)
        theirs = said.get(number.value, set()) if number.value is not None else set()
        if unit and theirs and unit not in theirs:
            yield Failure(
                "number", f"{number.text} is of {unit}s here, but of {sorted(theirs)[0]}s in what was said"
            )


def unit_of(text: str, number: Number) -> str:
    """The unit that a text gives a number, in one form; "" without one that is listed."""
    if number.percent:
        return "percent"
    if number.text[0] in "$\u20ac\u00a3":
        return UNITS[number.text[0]]
    if glued := re.search(r"\d-?([A-Za-z]+)$", number.text):
        if glued[1].lower() in UNITS:
            return UNITS[glued[1].lower()]
        if glued[1].lower() not in {"k", "m", "mn", "b", "bn", "t"}:
            return ""
    match = _AFTER.match(text[number.end :])
    return UNITS.get(match["unit"].lower().replace("per cent", "percent"), "") if match else ""


_NAMES = "january february march april may june july august september october november december"
_MONTHS = _NAMES.split()
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_BEFORE_YEAR = w.listed(
    """in since by of from until till to through during before after early mid late around spring summer
    autumn fall winter year the and or this"""
) | frozenset(_MONTHS + [month[:3] for month in _MONTHS])


def gives(number: Number, text: str, facts: Sequence[str]) -> bool:
    """Whether one of the facts has the number of a text, in the same use.

    A number of the sidecar may be used as the sidecar uses it: a year as a year, a date whole, "Week 12".
    Sees: years of 1900 to 2099 after a word that a year follows; days next to the name of their month; a
    date written whole; any other number next to the word that stands next to it there. Cannot see: the same
    word and number of another matter.
    """
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
