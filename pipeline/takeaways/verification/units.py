"""A number must keep what it counts: years, dollars, megabytes.

Sees, in English: a number with a word or sign of the closed list behind or before it ("two years", "5 MB",
"$5"), where the same number was said with another of the list and never with this one. Cannot see: units
that are not listed, a number that was said without one, sums and conversions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language.quantities import Number, read
from pipeline.takeaways.verification.evidence import Evidence
from pipeline.takeaways.verification.failure import Failure

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


def failures(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Each number that was said of another unit."""
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
