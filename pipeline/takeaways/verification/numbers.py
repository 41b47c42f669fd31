"""Numbers in a claim were said, or are in the sidecar, and keep their units."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.takeaways.language import quantities
from pipeline.takeaways.language.comparable import SPEAKER, plain, stem, words_of
from pipeline.takeaways.language.quantities import ORDINALS, WORD_EQUIVALENTS, Number
from pipeline.takeaways.verification.evidence import Evidence, Failure
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
_PAIR_WORDS = frozenset(LISTS["pair_words"])
_SMALL_NUMBERS = (  # that quantities.read leaves out, or reads as an ordinal or a unit of time
    (1.0, frozenset(["one", "once", "single", "first"])),
    (2.0, frozenset(["two", "twice", "both", "couple", "pair", "second"])),
    (3.0, frozenset(["three", "third", "thrice"])),
)
_COUNTED = re.compile(  # "two main reasons"
    r"^(?:\W*(?:main|different|key|possible|other|big|more|further|separate|of|the)\b)*"
    rf"\W*{LISTS.any_of('counted')}s?\b",
    re.I,
)


def _without_speakers(text: str) -> str:
    return plain(SPEAKER.sub(lambda token: " " * len(token[0]), text))


def check_numbers(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Each number that neither the cited sentences, nor those next to them give, nor the facts as they do.

    Sees: digits and English number words, with separators, decimals, k, million, percent, ordinals from the
    fourth, dozens, halves. Cannot see: a number that was said of something else nearby, two numbers
    swapped, "one", a count of up to three reasons or the like that the writer made, and what sums or
    rounding would give. Facts count only in the use that they have, see `is_in_facts`; units, see
    `check_units`.
    """
    claim = _without_speakers(text)
    sources = [sentence.text for sentence in evidence.context]
    said = [number for source in sources for number in quantities.read(source, evidence.english)]
    values = {number.value for number in said} | _loose_values(sources)
    words = {number.text for number in said} | {word for source in sources for word in words_of(source)}
    has_percent = any(n.percent for n in said) or any("percent" in s or "%" in s for s in sources)
    for number in quantities.read(claim, evidence.english):
        if _is_said(number, values, words) and (has_percent or not number.percent):
            continue
        if is_in_facts(number, claim, evidence.facts) or _is_count(number, claim[number.end :], words):
            continue
        yield Failure(
            "number", f"the number {number.text} is in none of the cited sentences, nor next to them"
        )


def _is_said(number: Number, values: set[float | None], words: set[str]) -> bool:
    if number.text in WORD_EQUIVALENTS:
        equal_words, equal_values = WORD_EQUIVALENTS[number.text]
        return bool(equal_words & words) or bool(equal_values & values)
    if number.value is None:
        return number.text.lower() in {word.lower() for word in words}
    if number.value == 12 and "dozen" in words:
        return True
    if number.value in values or (number.percent and number.value / 100 in values):
        return True
    part = 100 / number.value if number.text.split()[-1] in ORDINALS else None  # "a fifth" for "20 %"
    return part is not None and (part in values or part / 100 in values)


def _is_count(number: Number, after: str, words: set[str]) -> bool:
    """Whether a two or three may be the writer's own count of what was said."""
    is_pair = number.value == 2.0 and bool(_PAIR_WORDS & words)
    return is_pair or (number.value in {2.0, 3.0} and bool(_COUNTED.match(after)))


def _loose_values(sources: Sequence[str]) -> set[float | None]:
    """Values written apart or joined: every run of digits, "twenty twenty-four", "one", "once"."""
    values: set[float | None] = set()
    for source in sources:
        words = set(words_of(source))
        values |= {float(digits) for digits in re.findall(r"\d+", source)}
        values |= {value for value, forms in _SMALL_NUMBERS if forms & words}
        read = [number.value for number in quantities.read(source) if number.value is not None]
        for first, second in pairwise(read):
            if 10 <= first < 100 and 0 <= second < 100:
                values.add(first * 100 + second)
    return values


# Units

UNITS = {  # a unit by each of its forms
    form: unit for unit, forms in (line.split(": ") for line in LISTS["units"]) for form in forms.split()
}
_MAGNITUDES = frozenset(["k", "m", "mn", "b", "bn", "t"])  # "5k" has no unit
_UNIT_AFTER = re.compile(
    r"^[\s-]*(?:(?:hundred|thousand|million|billion|trillion|k|bn)\b[\s-]*)?"
    r"(?:and a half |or so |(?:to|or|and) [\w.,]+ |of |full |whole |long |more |straight |US |American )?"
    r"(?P<unit>per ?cent\b|[A-Za-z]+|[$\u20ac\u00a3%])"
)


def check_units(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Each number that was said of another unit.

    A number must keep what it counts: years, dollars, megabytes. Sees, in English: a number with a word or
    sign of the closed list behind or before it ("two years", "5 MB", "$5"), where the same number was said
    with another of the list and never with this one. Cannot see: units that are not listed, a number that
    was said without one, sums and conversions.
    """
    units_by_value: dict[float | None, set[str]] = {}
    for source in evidence.known_texts:
        for number in quantities.read(source):
            if number.value is not None and (unit := unit_of(source, number)):
                units_by_value.setdefault(number.value, set()).add(unit)
    claim = _without_speakers(text)
    for number in quantities.read(claim):
        unit, said = unit_of(claim, number), units_by_value.get(number.value, set())
        if unit and said and unit not in said:
            yield Failure(
                "number", f"{number.text} is of {unit}s here, but of {sorted(said)[0]}s in what was said"
            )


def unit_of(text: str, number: Number) -> str:
    """The unit that a text gives a number, in one form; "" without one that is listed."""
    if number.percent:
        return "percent"
    if number.text[0] in "$\u20ac\u00a3":
        return UNITS[number.text[0]]
    if joined := re.search(r"\d-?([A-Za-z]+)$", number.text):
        suffix = joined[1].lower()
        if suffix in UNITS or suffix not in _MAGNITUDES:
            return UNITS.get(suffix, "")
    match = _UNIT_AFTER.match(text[number.end :])
    return UNITS.get(match["unit"].lower().replace("per cent", "percent"), "") if match else ""


# Numbers of the sidecar

_MONTHS = LISTS["months"]
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)")  # ISO 8601
_YEAR = re.compile(r"(?<![\d.,-])(?:19|20)\d\d(?![\d.,-]\d)")
_DAY_OR_COMMA = re.compile(r"(?:\d{1,2}(?:st|nd|rd|th)?,? |[,(]\s*)$")
_BEFORE_YEAR = frozenset([*LISTS["before_years"], *_MONTHS, *(month[:3] for month in _MONTHS)])


def is_in_facts(number: Number, text: str, facts: Sequence[str]) -> bool:
    """Whether one of the facts has the number of a text, in the same use.

    A number of the sidecar may be used as the sidecar uses it: a year as a year, a date whole, "Week 12".
    Sees: years of 1900 to 2099 after a word that a year follows; days next to the name of their month; a
    date written whole; any other number next to the word that stands next to it there. Cannot see: the same
    word and number of something else.
    """
    return any(
        _is_year_of(number, text, fact)
        or _is_date_of(number, text, fact)
        or _is_used_alike(number, text, fact)
        for fact in map(plain, facts)
    )


def _is_year_of(number: Number, text: str, fact: str) -> bool:
    """Whether a number is a year of the fact, used as one: after "in", a month, a comma, or nothing."""
    years = {match[1] for match in _DATE.finditer(fact)} | set(_YEAR.findall(fact))
    if number.text not in years:
        return False
    before, _ = _neighbours(text, number)
    return not before or before in _BEFORE_YEAR or bool(_DAY_OR_COMMA.search(text[: number.start]))


def _is_date_of(number: Number, text: str, fact: str) -> bool:
    """Whether a number is part of a date of the fact: written whole, or the day beside its month."""
    for match in _DATE.finditer(fact):
        if match[0] in text[max(0, number.start - 8) : number.end + 6]:
            return True
        month, day = int(match[2]), int(match[3])
        is_day = number.value == day and re.match(r"\d{1,2}(?:st|nd|rd|th)?$", number.text)
        if is_day and 1 <= month <= 12 and _is_beside_month(_MONTHS[month - 1], text, number):
            return True
    return False


def _is_beside_month(month: str, text: str, number: Number) -> bool:
    """Whether the month stands next to the day ("May 3", "3 May", "the 3rd of May")."""
    after = re.match(r"(?: of)? ([A-Za-z]+)", text[number.end :])
    is_after = bool(after and after[1].lower() in {month, month[:3]})
    return is_after or stem(month) in map(stem, _neighbours(text, number))


def _is_used_alike(number: Number, text: str, fact: str) -> bool:
    """Whether the fact has the number beside the same word."""
    before, after = _neighbours(text, number)
    without_dates = _DATE.sub(" ", fact)
    for other in quantities.read(without_dates):
        is_same = other.value == number.value if number.value is not None else other.text == number.text
        if is_same and other.percent == number.percent:
            fact_before, fact_after = _neighbours(without_dates, other)
            if (before and before == fact_before) or (after and after == fact_after):
                return True
    return False


def _neighbours(text: str, number: Number) -> tuple[str, str]:
    """The words right before and right after a number, in lower case."""
    before = re.search(r"(?<![^\W\d_])([^\W\d_]++)(?:'s)?[\s#-]*$", text[: number.start])
    after = re.match(r"[\s-]*([^\W\d_]+)", text[number.end :])
    return (before[1].lower() if before else "", after[1].lower() if after else "")
