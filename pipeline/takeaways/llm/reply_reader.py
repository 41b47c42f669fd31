"""Finds JSON objects in what a model writes, whatever stands around them: thoughts, fences, prose, wrappers.

The work is bounded: a reply is what a stranger sends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline import errors

MAX_CHARACTERS = 1_000_000  # of a reply
MAX_FAILURES = 1000  # of attempts to decode
MAX_SCANS = 8  # times that failed attempts may read the reply, all in all
MAX_OBJECTS = 50  # of a reply, the last ones
MAX_INNER = 50  # objects looked at inside another
MAX_SHOWN_CHARACTERS = 120  # of a reply, in an error message
THINKING_REMEDY = "for a model that thinks first, set extract.thinking to the tokens that this may take"
NOTHING_SAID = f"it thought, but said nothing; {THINKING_REMEDY}"

_THOUGHTS = r"(?:\w+:)?(?:think\w*|thoughts?|reason\w*|reflect\w*|analysis|scratchpad)\b[^<>\[\]◁▷]{0,40}"
_CLOSE = rf"[<\[◁]/{_THOUGHTS}[>\]▷]|<\|end_of_thought\|>|<\|channel\|>final\b"
_OPEN = rf"[<\[◁]{_THOUGHTS}[>\]▷]|<\|begin_of_thought\|>|<\|channel\|>(?:analysis|commentary)\b"
_MARK = re.compile(rf"(?P<close>{_CLOSE})|(?P<open>{_OPEN})|(?P<object>\{{)", re.IGNORECASE)
_THOUGHTS_END = re.compile(_CLOSE, re.IGNORECASE)
_COMMA_AT_END = re.compile(r'("(?:[^"\\]|\\.)*+"?)|,(?=\s*+[}\]])', re.DOTALL)  # outside of strings
_DECODER = json.JSONDecoder(strict=False)


@dataclass
class Objects:
    """JSON objects in a text, in order of preference; `problem` is what is wrong if none of them will do.

    `is_broken` if what could not be decoded is longer than any object.
    """

    objects: list[Any]
    problem: str
    is_broken: bool = False


def find(text: str) -> Objects:
    """The objects of the answer, the last first; then those of thoughts that no tag ends.

    What stands in a block of thoughts, or before a tag that ends one, is no answer.
    """
    if len(text) > MAX_CHARACTERS:
        return Objects([], f"it is {len(text)} characters long")
    attempts, longest = _Attempts(text), 0
    found: list[Any] = []
    at = answer_at = 0
    thoughts_at: int | None = None  # among `found`
    while match := _MARK.search(text, at):
        at = match.end()
        if match["object"]:
            value, at = attempts.decode(match.start())
            if value is not None:
                found.append(value)
                longest = max(longest, at - match.start())
        elif match["close"]:
            found, thoughts_at, answer_at = [], None, at
        elif thoughts_at is None and (end := _THOUGHTS_END.search(text, at)):
            at = answer_at = end.end()
        elif thoughts_at is None:
            thoughts_at, answer_at = len(found), len(text)
    if attempts.are_used_up and (ends := [*_THOUGHTS_END.finditer(text, answer_at)]):
        return find(text[ends[-1].end() :])
    answers = found[:thoughts_at][-MAX_OBJECTS:]
    thoughts = [] if thoughts_at is None else found[thoughts_at:][-MAX_OBJECTS:]
    problem = _problem(text[answer_at:].strip(), answer_at, attempts)
    return Objects([*answers[::-1], *thoughts[::-1]], problem, attempts.most_read > longest)


def _problem(said: str, thought_characters: int, attempts: _Attempts) -> str:
    if not said:
        return NOTHING_SAID if thought_characters else "it is empty"
    if "{" in said and (attempts.most_read > 1 or said[0] in "{`"):
        return f"it is not valid JSON ({attempts.furthest})"
    start = errors.printable(said[: 2 * MAX_SHOWN_CHARACTERS])
    return f"it answers in prose: '{start[:MAX_SHOWN_CHARACTERS]}'"


@dataclass
class _Attempts:
    """Attempts to decode a text; `furthest` is why the one failed that read the most characters."""

    text: str
    furthest: str = "no object begins in it"
    most_read: int = 0
    _left: int = MAX_FAILURES
    _characters_left: int = 0

    def __post_init__(self) -> None:
        self._characters_left = MAX_SCANS * len(self.text)

    @property
    def are_used_up(self) -> bool:
        return self._left <= 0 or self._characters_left <= 0

    def decode(self, start: int) -> tuple[Any, int]:
        """The object that begins at `start` and its end; None and the place to go on at if there is none."""
        if self.are_used_up:
            return None, len(self.text)
        try:
            return _DECODER.raw_decode(self.text, start)
        except json.JSONDecodeError as error:
            self._count(error.pos - start, error.msg)
            fault_at = error.pos
        except (ValueError, RecursionError) as error:
            self._count(1000, _why(error))
            return None, start + 1
        before, after = self.text[max(start, fault_at - 100) : fault_at], self.text[fault_at : fault_at + 1]
        if before.rstrip().endswith(",") or after == ",":
            return self._without_commas(start)
        if after == "\\" and self.text[start - 1 : start] == '"':
            return self._in_string(start)
        return None, start + 1

    def _without_commas(self, start: int) -> tuple[Any, int]:
        """As `decode`, with each comma before a closing bracket taken for a space."""
        rest = _COMMA_AT_END.sub(lambda match: match[1] or " ", self.text[start:])
        self._characters_left -= len(rest)
        try:
            value, length = _DECODER.raw_decode(rest)
        except (ValueError, RecursionError) as error:
            self._count(getattr(error, "pos", 1000), _why(error))
            return None, start + 1
        return value, start + length

    def _in_string(self, start: int) -> tuple[Any, int]:
        """As `decode`, for an object in a JSON string."""
        try:
            inner, end = _DECODER.raw_decode(self.text, start - 1)
            return json.loads(inner, strict=False), end
        except (ValueError, RecursionError) as error:
            self._count(len(self.text) - start, _why(error))
            return None, start + 1

    def _count(self, read: int, why: str) -> None:
        self._left -= 1
        self._characters_left -= max(1, read)
        if read > self.most_read:
            self.most_read, self.furthest = read, why


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return error.msg
    return "nested too deep" if isinstance(error, RecursionError) else "a number with too many digits"


def unwrapped(value: Any) -> Iterator[Any]:
    """An object, then those inside it, the outer before the inner, also where one is written as a string."""
    level, looked_at = [value], 0
    while level:
        for node in level:
            if looked_at >= MAX_INNER:
                return
            looked_at += 1
            if isinstance(node, dict):
                yield node
        inside = [inner for node in level for inner in (node.values() if isinstance(node, dict) else node)]
        level = [inner for inner in map(_parsed, inside) if isinstance(inner, dict | list)]


def _parsed(value: Any) -> Any:
    if not (isinstance(value, str) and value.lstrip().startswith("{")):
        return value
    try:
        return json.loads(value, strict=False)
    except (ValueError, RecursionError):
        return None
