"""Days as people write them, in front matter and in the names of files."""

from __future__ import annotations

import calendar
import datetime
import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePath

from pipeline.word_lists import WordLists

_MONTHS = {
    month: number
    for number, line in enumerate(WordLists.beside(__file__)["months"], 1)
    for month in line.split()
}
_MONTH = rf"({'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?(?![^\W\d_])"
_GAP = r"[ ,._-]{0,3}"
_ORDINAL = r"(?:st|nd|rd|th|er|\.|º)?"
_FORMS = {
    # v2024.1.2 is a version.
    "year first": re.compile(
        r"(?<!\d)((?:19|20)\d\d)(?:([-/])(\d\d?)\2|[._ ](\d\d)[._ ](?=\d\d)|年(\d\d?)月)(\d\d?)(?!\d)"
    ),
    # Alone, or with the time of day behind it: GMT20240502-140322, 20240502140322.
    "compact": re.compile(r"(?<!\d)((?:19|20)\d\d)()(\d\d)(\d\d)(?=\d{6}(?!\d)|\d{4}(?!\d)|(?!\d))"),
    "day first": re.compile(
        rf"(?<!\d)(\d\d?){_ORDINAL}{_GAP}(?:of |de )?{_MONTH}{_GAP}(?:de )?((?:19|20)\d\d)(?!\d)"
    ),
    "month first": re.compile(rf"(?<![^\W\d_]){_MONTH}{_GAP}(\d\d?){_ORDINAL}{_GAP}((?:19|20)\d\d)(?!\d)"),
    "numbers": re.compile(r"(?<!\d)(\d\d?)([-/._ ] ?)(\d\d?)\2((?:19|20)\d\d)(?!\d)"),
}


_PARTS = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


def parts_of(date: str) -> tuple[int, int, int] | None:
    """Year, month and day of what iso() reads, of "2025-07" or of "2025"; 0 for those that it leaves open."""
    match = _PARTS.fullmatch(iso(date) or date.strip())
    if not match:
        return None
    year, month, day = (int(part or 0) for part in match.groups())
    return year, month, day


def words_of(date: str) -> frozenset[str]:
    """What people call the month and, in English, the weekday of a date, in lower case."""
    year, month, day = parts_of(date) or (0, 0, 0)
    words = {word for word, number in _MONTHS.items() if number == month}
    if day:
        weekday = datetime.date(year, month, day).weekday()
        words |= {calendar.day_name[weekday].casefold(), calendar.day_abbr[weekday].casefold()}
    return frozenset(words)


def may_state(text: str, date: str) -> bool:
    """Whether a text states a day in full, in any order: 8.7.2025, 07/08/2025."""
    return date in {day.isoformat() for day in _days(text.casefold())}


def iso(text: str) -> str | None:
    """The one day that a text states, whatever time of day it adds, as YYYY-MM-DD.

    None if there is none, or more than one; and of 3/5/2024, which may be in March or in May.
    """
    days = set(_days(unicodedata.normalize("NFC", text).casefold()))
    return days.pop().isoformat() if len(days) == 1 else None


def in_name(name: str) -> str | None:
    """The day in a file's name, else in that of the nearest folder that has one: `name` is a path."""
    return next(filter(None, map(iso, reversed(PurePath(name).parts))), None)


def _days(text: str) -> Iterator[datetime.date]:
    for form, pattern in _FORMS.items():
        for match in pattern.finditer(text):
            numbers = [_MONTHS.get(part) or int(part) for part in match.groups() if part and part.isalnum()]
            yield from _possible(form, numbers, match)


def _possible(form: str, numbers: list[int], match: re.Match[str]) -> Iterator[datetime.date]:
    """The days that three numbers may mean: none, one, or two."""
    first, second, third = numbers
    orders = {
        "year first": [(first, second, third)],
        "compact": [(first, second, third)],
        "day first": [(third, second, first)],
        "month first": [(third, first, second)],
        # With full stops, the day comes first wherever dates are written so.
        "numbers": [(third, second, first), (third, first, second)][: 1 if match[2] == "." else 2],
    }[form]
    for year, month, day in orders:
        try:
            yield datetime.date(year, month, day)
        except ValueError:
            continue
