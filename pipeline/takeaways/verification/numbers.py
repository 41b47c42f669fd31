"""Numbers in a claim were said where it cites, of the same thing, or are in the sidecar."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.takeaways.language import quantities
from pipeline.takeaways.language.comparable import SPEAKER, plain, spaced, stem, words_of
from pipeline.takeaways.language.english import FUNCTION
from pipeline.takeaways.language.quantities import ORDINALS, SCALES, WORD_EQUIVALENTS, Number
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.word_lists import WordLists
from pipeline.workspace import dates

LISTS = WordLists.beside(__file__)
MAX_COUNT = 4  # up to which a writer may count, in words, what was said
ROUNDING = 0.06  # by which a number may differ from what was said after "about" or the like
_SMALL_NUMBERS = (  # that quantities.read leaves out, or reads as an ordinal or a unit of time
    (1.0, frozenset(["one", "once", "single", "first"])),
    (2.0, frozenset(["two", "twice", "both", "couple", "pair", "second", "half", "halves"])),
    (3.0, frozenset(["three", "third", "thrice"])),
)
_ROUNDED = LISTS.words("rounding")
_ROUNDED_UP = LISTS.words("rounding_up")
_BOUND = re.compile(rf"\b{LISTS.any_of('bounds')} $", re.I)
_PART = re.compile(r"\b(?:both|other|first|second|latter|each|either|upper|lower) $", re.I)
FRACTIONS = {"half": 0.5, "quarter": 0.25}
# What a word says of two numbers: how many times the one the other is.
RATIOS = {
    "half": 2,
    "halved": 2,
    "twice": 2,
    "doubled": 2,
    "doubles": 2,
    "triple": 3,
    "tripled": 3,
    "quarter": 4,
}
_SCALES_LEFT_OUT = (1, 10**3, 10**6, 10**9)  # "from ten to twenty million"
PARTS = {  # how many there are in a larger unit, by its name, and of what
    unit: [(float(count), part) for count, part in zip(parts[::2], parts[1::2], strict=True)]
    for unit, *parts in map(str.split, LISTS["parts"])
}
_UNIT_OF_PARTS = re.compile(rf"[\s-]+(?:of )?(?:an? |the )?(?P<unit>{'|'.join(PARTS)})s?\b", re.I)
_HAN_UNIT = re.compile("[年月日時时分秒週周円元倍歳岁割\uff05%]")
_HALF_OF = re.compile(r"(?: an? |-(?!an?-))(?P<thing>[^\W\d_]++)")
_MEASURED = re.compile(rf" (?:of|as|the|that|an? (?:{'|'.join([*PARTS, *SCALES])}))\b", re.I)
_MANY = {*(f"{scale}s" for scale in SCALES), "dozens"}
_AND_A_HALF = re.compile(rf"\b(?:an?|one) (?P<unit>{'|'.join(PARTS)}) and a $", re.I)


def check_numbers(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """Each number that was not said near what is cited, or was said of something else.

    Sees: digits and English number words, with separators, decimals, k, million, percent, ordinals from the
    fourth; another unit ("years" for "months") and another thing, where the claim gives one thing the number
    of another. Cannot see: two numbers of the same thing swapped, "one", and sums. Numbers of the sidecar
    count in the use that they have there, see `_is_in_facts`.
    """
    yield from (Failure("number", why) for why, is_loose in _faults(text, evidence) if not is_loose)


def doubt_numbers(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """Words for numbers that people use for less than a number, too: half done, dozens, a thousand."""
    for why, is_loose in _faults(text, evidence):
        if is_loose:
            yield Failure("number", f"{why}: is it meant as a number?")


def _is_loose(number: Number, claim: str) -> bool:
    """Whether a word for a number measures nothing: "half done", "twice", "dozens", "a thousand cuts"."""
    word = number.text.lower()
    if word in {"half", "twice"}:
        return not _MEASURED.match(claim, number.end) and not unit_of(claim, number)
    return word in SCALES or word in _MANY


def _faults(text: str, evidence: Evidence) -> Iterator[tuple[str, bool]]:
    """What is wrong about each number that was not said so, and whether it is a loose one."""
    claim = spaced(plain(SPEAKER.sub(" ", text)))
    english = evidence.talk.english
    sources = list(map(spaced, evidence.near_texts))
    said = [(number, source) for source in sources for number in quantities.read(source, english)]
    words = {word for source in sources for word in words_of(source)}
    words |= {number.text.lower() for number, _ in said}
    values = {number.value for number, _ in said} | _loose_values(sources)
    for number in quantities.read(claim, english):
        if _is_in_facts(number, text, claim, evidence) or _is_figure_of_speech(number, claim):
            continue
        if _is_said(number, claim, values, words):
            if other := _other_thing(number, claim, said) if english else "":
                yield other, False
        elif not (_is_converted(number, claim, said) or _is_count(number, claim, said)):
            why = f"the number {number.text} was not said in the cited lines or next to them"
            yield why, _is_loose(number, claim)


def _is_figure_of_speech(number: Number, claim: str) -> bool:
    """Whether a half is of something that nobody measures: "half an answer", not "half a million"."""
    after = _HALF_OF.match(claim, number.end) if number.text.lower() == "half" else None
    return after is not None and after["thing"].lower() not in {*UNITS, *PARTS, *SCALES}


def _is_said(number: Number, claim: str, values: set[float | None], words: set[str]) -> bool:
    value, text = number.value, number.text.lower()
    if any(amount in values for amount in _same_amounts(number, claim)):
        return True
    if text in WORD_EQUIVALENTS:
        equal_words, equal_values = WORD_EQUIVALENTS[text]
        return bool(equal_words & words) or bool(equal_values & values)
    if value is None:
        return text in words
    if value in values or (value == 12 and "dozen" in words) or (number.percent and value / 100 in values):
        return True
    part = 100 / value if text.split()[-1] in ORDINALS else None  # "a fifth" for "20 %"
    if part is not None and (part in values or part / 100 in values):
        return True
    return bool(_rounding(number, claim)) and any(
        other and abs(other - value) <= ROUNDING * abs(other) for other in values
    )


def _same_amounts(number: Number, claim: str) -> Iterator[float]:
    """Other numbers for the same: "half a decade" is five years, and "past 45" begins at 46."""
    value = FRACTIONS.get(number.text.lower(), number.value)
    if value is None:
        return
    if whole := _AND_A_HALF.search(claim[max(0, number.start - 20) : number.start]):
        yield from (1.5, *(1.5 * count for count, _ in PARTS[whole["unit"].lower()]))
    elif unit := _UNIT_OF_PARTS.match(claim, number.end):
        yield from (value * count for count, _ in PARTS[unit["unit"].lower()])
    if value == int(value) and _BOUND.search(claim[max(0, number.start - 16) : number.start]):
        yield from (value - 1, value + 1)


def _is_converted(number: Number, claim: str, said: Sequence[tuple[Number, str]]) -> bool:
    """Whether a number follows from what was said: in another unit, as a share, or from two numbers.

    "30 years" are three decades, "more than three decades" 31 years; half is 50 percent, and from ten to
    twenty it doubled.
    """
    value, values = number.value, [other.value for other, _ in said if other.value]
    if value is None:
        ratio = RATIOS.get(number.text.lower())
        return bool(ratio) and any(
            a == (ratio or 1) * b * scale for a in values for b in values for scale in _SCALES_LEFT_OUT
        )
    if number.percent and any(
        value in WORD_EQUIVALENTS[word][1]
        for other, _ in said
        if (word := other.text.lower()) in WORD_EQUIVALENTS
    ):
        return True
    unit, rounded = unit_of(claim, number), _rounding(number, claim)
    lowest, highest = (-1, 0.4) if rounded and _ROUNDED_UP.match(rounded[0]) else (-0.4, 1)
    for other, source in said:
        for count, part in PARTS.get(unit_of(source, other), ()):
            amount = count * (other.value or 0)
            if part == unit and abs(amount - value) <= ROUNDING * amount * bool(rounded):
                return True
        for count, part in PARTS.get(unit, ()):
            over = (other.value or 0) / count - value
            if rounded and part == unit_of(source, other) and lowest < over < highest:
                return True
    return False


def _rounding(number: Number, claim: str) -> re.Match[str] | None:
    return _ROUNDED.search(claim[max(0, number.start - 16) : number.start])


def _is_count(number: Number, claim: str, said: Sequence[tuple[Number, str]]) -> bool:
    """Whether a small number in words may be the writer's own count, of what nobody counted otherwise.

    A half may be a part, of which nobody gave the size: "both halves".
    """
    if number.text.lower() in {"half", "halves"} and _PART.search(
        claim[max(0, number.start - 12) : number.start]
    ):
        return True
    if number.text[0].isdigit() or number.value is None or not 1 < number.value <= MAX_COUNT:
        return False
    if _HAN_UNIT.match(claim, number.end):
        return False
    things = _things(number, claim)
    return not unit_of(claim, number) and not any(things & _things(other, source) for other, source in said)


def _loose_values(sources: Sequence[str]) -> set[float | None]:
    """Values written apart or joined: every run of digits, "twenty twenty-four", "one", "once"."""
    values: set[float | None] = set()
    for source in sources:
        words = set(words_of(source))
        values |= {float(digits) for digits in re.findall(r"\d{1,300}", source)}
        values |= {value for value, forms in _SMALL_NUMBERS if forms & words}
        read = [number.value for number in quantities.read(source) if number.value is not None]
        for first, second in pairwise(read):
            if 10 <= first < 100 and 0 <= second < 100:
                values.add(first * 100 + second)
    return values


# What a number is of

UNITS = {  # a unit by each of its forms
    form: unit for unit, forms in (line.split(": ") for line in LISTS["units"]) for form in forms.split()
}
_MAGNITUDES = frozenset(["k", "m", "mn", "b", "bn", "t"])  # "5k" has no unit
_UNIT_AFTER = re.compile(
    r"^[\s-]*(?:(?:hundred|thousand|million|billion|trillion|k|bn)\b[\s-]*)?"
    r"(?:and a half |or so |(?:to|or|and) [\w.,]+ |of |full |whole |long |more |straight |US |American )?"
    r"(?P<unit>per ?cent\b|[A-Za-z]+|[$\u20ac\u00a3%])"
)
_WORD_AFTER = re.compile(r"^(?:%| ?per ?cent\b)?(?: of)?[\s-]+[^\W\d_]\w*+")
_THINGS_AFTER = re.compile(r"^(?:%| ?per ?cent\b)?(?: of)?((?:[\s-]+[^\W\d_]\w*+){1,4})")


def _other_thing(number: Number, claim: str, said: Sequence[tuple[Number, str]]) -> str:
    """What is wrong about what a number is of; "" if nothing is."""
    same = [
        (other, source) for other, source in said if other.value == number.value and number.value is not None
    ]
    units = {unit: _quoted(other, source) for other, source in same if (unit := unit_of(source, other))}
    if (unit := unit_of(claim, number)) and units and unit not in units:
        return f"it says {_quoted(number, claim)}, but the lines say {next(iter(units.values()))}"
    thing = _thing(number, claim)
    if not thing or not same or any(thing in _things(other, source) for other, source in same):
        return ""
    others = [
        _quoted(other, source)
        for other, source in said
        if other.value != number.value and _thing(other, source) == thing
    ]
    of = [_quoted(other, source) for other, source in same if _thing(other, source)]
    if others and of:
        return f"it says {_quoted(number, claim)}, but the lines say {of[0]} and {others[0]}"
    return ""


def _quoted(number: Number, text: str) -> str:
    """A number with what it is of, as written."""
    following = text[number.end :]
    match = _UNIT_AFTER.match(following)
    if not (match and match["unit"].lower() in UNITS):
        match = _WORD_AFTER.match(following) if _thing(number, text) else None
    return f'"{" ".join((text[number.start : number.end] + (match[0] if match else "")).split())}"'


def _thing(number: Number, text: str) -> str:
    """The stem of the word right after a number; "" if that is a function word."""
    match = _THINGS_AFTER.match(text[number.end :])
    words = words_of(match[1]) if match else []
    return stem(words[0]) if words and words[0] not in FUNCTION else ""


def _things(number: Number, text: str) -> set[str]:
    """The stems of the words that follow a number, up to a function word."""
    match = _THINGS_AFTER.match(text[number.end :])
    things: set[str] = set()
    for word in words_of(match[1]) if match else ():
        if word in FUNCTION:
            break
        things.add(stem(word))
    return things


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

_DAY_AFTER = re.compile(r"[ ,._-]{0,4}+(?:(?:of|de|the) ){0,2}([^\W\d_]++)\.?(?: (?:de )?(\d{4})(?!\d))?")
_DAY_BEFORE = re.compile(r"(?<![^\W_])([^\W\d_]++)[ ,._-]{0,3}(?:the )?$")
_DATE_IN_DIGITS = re.compile(r"(?<!\d)\d{1,4}(?:[./-] ?\d{1,4}){2}(?!\d)")
_EAST_ASIAN = ("年년", "月월", "日일")


def is_in_date(number: Number, claim: str, date: str | None) -> bool:
    """Whether a number tells the talk's date, in whole or in part: "8 July", "July 8th", "2025", 8.7.2025."""
    parts = dates.parts_of(date) if date else None
    if not (date and parts):
        return False
    year, _, day = parts
    following = claim[number.end :]
    if any(
        number.value == part and following.lstrip()[:1] in (*signs,)
        for part, signs in zip(parts, _EAST_ASIAN, strict=True)
    ):
        return True
    for run in _DATE_IN_DIGITS.finditer(claim):
        if run.start() <= number.start < run.end() and dates.may_state(run[0], dates.iso(date) or ""):
            return True
    if number.text == str(year):
        return True
    words, after = dates.words_of(date), _DAY_AFTER.match(following)
    before = _DAY_BEFORE.search(claim[max(0, number.start - 24) : number.start])
    is_beside = any(word and word[1].casefold() in words for word in (before, after))
    return bool(day) and number.value == day and (is_beside or bool(after and after[2] == str(year)))


def _is_in_facts(number: Number, text: str, claim: str, evidence: Evidence) -> bool:
    """Whether the sidecar has the number in the same use: beside the same word, or in the talk's date."""
    if any(is_in_date(number, claim, date) for date in evidence.talk.dates):
        return True
    beside = set(_neighbours(claim, number.start, number.end))
    roles = [speaker.role for token in SPEAKER.finditer(text) if (speaker := evidence.speakers.get(token[1]))]
    for fact in map(plain, filter(None, (*evidence.talk.titles, *evidence.facts.glossary, *roles))):
        for other in quantities.read(fact):
            is_same = other.text.lower() == number.text.lower()
            if is_same and beside & set(_neighbours(fact, other.start, other.end)):
                return True
    return False


def _neighbours(text: str, start: int, end: int) -> Iterator[str]:
    """The words right before and right after a number, in lower case."""
    if before := re.search(r"(?<![^\W\d_])([^\W\d_]++)(?:'s)?[\s#-]*$", text[:start]):
        yield before[1].lower()
    if after := re.match(r"[\s-]*([^\W\d_]+)", text[end:]):
        yield after[1].lower()
