"""Times that stand in the text of a transcript: "0:05", "[00:01:12]", "(1:02 - 1:09)", "1h02m", "12.5s"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.transcripts.pieces import parse_seconds

CLOCK = r"\d{1,3}:[0-5]\d(?::[0-5]\d(?::\d\d)?)?(?:[.,]\d{1,6})?(?![\d:])"
_UNITS = r"\d{1,3}h(?:[:\s]?\d{1,2}m(?:[:\s]?\d{1,2}s)?)?|\d{1,3}m[:\s]?\d{1,2}s|\d{1,6}(?:\.\d{1,6})?s"
_LONG_UNITS = r"\d{1,3}h[:\s]?\d{1,2}m(?:[:\s]?\d{1,2}s)?"  # sure to be a time without brackets, too
_HALF_DAY = r"(?:\s?[AaPp]\.?[Mm]\b\.?)?"
_TIME = rf"(?:{CLOCK}|{_UNITS}){_HALF_DAY}"
_TO = r"\s*(?:-{1,3}>|[-\u2013\u2014/]|to\b)\s*"
_RANGE = rf"{_TIME}(?:{_TO}{_TIME})?"
_NAMED = r"(?:(?:time(?:stamp|code)?|ts|at)\b:?\s*)?"
_BRACKETED = rf"[\[(<{{]\s*(?i:{_NAMED}){_RANGE}\s*[\])>}}]"
_BARE_TIME = rf"(?<![\d:.,$#])(?:{CLOCK}|{_LONG_UNITS}){_HALF_DAY}"
_BARE = rf"(?:#{CLOCK}(?:-\d)?#|@?{_BARE_TIME}(?:{_TO}{CLOCK}{_HALF_DAY})?)"
_STAMP = rf"(?:{_BRACKETED}(?:\s*(?:-|\u2013|to)\s*{_BRACKETED})?|{_BARE})"
_PARTS = re.compile(
    rf"(?P<open>[\[(<{{#])?@?\s*(?i:{_NAMED})(?P<start>{CLOCK}|{_UNITS})(?P<half>{_HALF_DAY})"
)
_AT_START = re.compile(rf"(?P<stamp>{_STAMP})(?P<after>\s*(?:[-\u2013\u2014|:\u00b7\u2022]\s+|[:.]$)?|$)")
_FIRST = re.compile(rf"(?<=[\s\])|]){_STAMP}")
_AT_END = re.compile(rf"(?<=[\s\])|\u2013\u2014-]){_STAMP}$")
_WITHIN = re.compile(rf"{_BRACKETED}:?|#{CLOCK}(?:-\d)?#")
_UNIT = re.compile(r"(?<![\d.])(\d++(?:\.\d++)?)\s?([hms])")
_SECONDS = {"h": 3600, "m": 60, "s": 1}


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as it stands in a text, from `begin` to `end`.

    `start` is in seconds, None for a time of day ("2:03 PM"). `certain`: it is in brackets, has hours or is a
    range, so that it is hardly something that was said.
    """

    start: float | None
    raw: str
    certain: bool
    begin: int
    end: int
    has_hours: bool = False


def at_start(text: str) -> Stamp | None:
    """The stamp with which a text begins, and the sign after it."""
    match = _AT_START.match(text) if text[:1].isdigit() or text[:1] in "[(<{#@" else None
    if match is None or (match.end() == match.end("stamp") < len(text) and text[match.end()].isalnum()):
        return None
    return _stamp(match["stamp"], 0, match.end())


def whole(text: str) -> Stamp | None:
    """The stamp that a text is, and nothing else."""
    stamp = at_start(text)
    return stamp if stamp and not text[stamp.end :].strip() else None


def first(text: str) -> Stamp | None:
    """The first stamp after a label."""
    match = _FIRST.search(text, 1)
    return _stamp(match[0], match.start(), match.end()) if match else None


def at_end(text: str) -> Stamp | None:
    """The stamp with which a text ends."""
    match = _AT_END.search(text, 1) if text[-1:].isdigit() or text[-1:] in "])>}mMsS.#" else None
    return _stamp(match[0], match.start(), match.end()) if match else None


def within(text: str) -> list[Stamp]:
    """Stamps in brackets inside a text."""
    return [_stamp(match[0], match.start(), match.end()) for match in _WITHIN.finditer(text)]


def _stamp(raw: str, begin: int, end: int) -> Stamp:
    parts = _PARTS.match(raw)
    assert parts
    has_hours = parts["start"].count(":") > 1 or "h" in parts["start"]
    is_range = len(raw.strip("[](){}<>#@: ")) > len(parts["start"] + parts["half"]) + 1
    certain = bool(parts["open"] or has_hours or is_range)
    return Stamp(None if parts["half"] else _seconds(parts["start"]), raw, certain, begin, end, has_hours)


def _seconds(time: str) -> float | None:
    if units := _UNIT.findall(time):
        return float(sum(float(number) * _SECONDS[unit] for number, unit in units))
    return parse_seconds(":".join(time.split(":")[:3]))  # frames are left out
