"""Long strings over which a regular expression may take more than linear time, made from its parse tree.

The parser is CPython's own (re._parser), which is not a public interface.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]
from typing import Any

# Kinds of characters that patterns tell apart; the punctuation that a pattern names is added.
_CHARACTERS = " \n\t\u3000aA1_\u00e9\u4e2d.,:;!?-*'\"()[]{}<>/\\&#$\u2019\u201d\u2014\x01"
_ENDS = ("", "\x01a", "\n\n.")  # behind which matches fail
_MANY = 50  # a repeat of so many or more counts as one without end
_REPEATS = frozenset({_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT})
_SINGLES = frozenset({_constants.LITERAL, _constants.NOT_LITERAL, _constants.ANY, _constants.IN})
_LOOKS = frozenset({_constants.ASSERT, _constants.ASSERT_NOT, _constants.AT})

# Exponential time shows over few repetitions, before it takes for ever; so these are tried one by one.
_FEW = {True: (*range(4, 41, 4), 80, 160, 320), False: (20, 80, 320)}  # whether repeats are nested
_FEW_SECONDS = 0.1  # at most, for up to `_SHORT` characters
_SHORT, _LONG = 1600, 20_000  # characters
_AT_ONCE_SECONDS = 60e-6  # for `_SHORT` characters: if it were quadratic, 100,000 would still take only 0.3 s
_MAX_GROWTH = 5.5  # of the time over four times the characters: 4 is linear, 16 is quadratic
_LONG_SECONDS, _HOPELESS_SECONDS = 0.03, 0.06


def slow_over(pattern: re.Pattern[str], method: str) -> str | None:
    """A string over which a method of a pattern takes more than linear time, in words; None if none is found.

    The time is that of this thread alone, and the least of several, so that a busy machine does not count.
    """
    call: Callable[[str], Any] = getattr(pattern, method)
    find = (lambda text: deque(call(text), 0)) if method == "finditer" else call
    tree = _Tree(pattern)
    few = _FEW[tree.has_nested_repeats()]
    for before, pump, end in _pumped(tree, from_start=method.endswith("match")):
        seconds = partial(_seconds, find, before, pump, end)
        lengths = [count * len(pump) for count in few if count * len(pump) <= _SHORT]
        never_ends = any(seconds(n) > _FEW_SECONDS and seconds(n, 3) > _FEW_SECONDS for n in lengths)
        if never_ends or (_grows(seconds) and _grows(seconds)):
            return f"{before!r} + {pump!r} * n + {end!r}"
    return None


def _seconds(
    find: Callable[[str], object], before: str, pump: str, end: str, length: int, times: int = 1
) -> float:
    """The least time of several tries, for about so many characters."""
    text = before + pump * max(1, length // len(pump)) + end
    taken = []
    for _ in range(times):
        start = time.thread_time()
        find(text)
        taken.append(time.thread_time() - start)
    return min(taken)


def _grows(seconds: Callable[[int, int], float]) -> bool:
    """Whether the time, of (characters, tries), grows faster than the characters do."""
    short = seconds(_SHORT, 1)
    if short < _AT_ONCE_SECONDS or short < _MAX_GROWTH * seconds(_SHORT // 4, 1):
        return False
    length, taken = _SHORT // 4, seconds(_SHORT // 4, 3)
    while length < _LONG and taken < _HOPELESS_SECONDS:
        before, length = taken, 4 * length
        taken = seconds(length, 3)
        if taken < _MAX_GROWTH * before:
            return False
    return taken > _LONG_SECONDS


def _pumped(tree: _Tree, from_start: bool) -> dict[tuple[str, str, str], None]:
    """(what comes first, what is repeated, what comes last) of strings that may be hard for a pattern.

    What leads to each repeat and then what it repeats, or both again and again; and each kind of character
    and each two of them.
    """
    strings: dict[tuple[str, str, str], None] = {}
    for (before, once), end in product(tree.repeats(), _ENDS):
        strings[before, once, end] = strings["", before + once, end] = None
    kinds = tree.kinds()
    for first, second in product(kinds, kinds):
        pump = first if first == second else first + second
        strings["" if from_start else "a", pump, "\x01a"] = None
    return strings


class _Tree:
    """The parse tree of a pattern, and strings that its parts match."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.root = _parser.parse(pattern.pattern, pattern.flags)
        self._items = list(self._below(self.root))
        literals = {chr(argument) for operation, argument in self._items if operation is _constants.LITERAL}
        self._characters = _CHARACTERS + "".join(sorted(literals - set(_CHARACTERS)))
        self._matched: dict[str, str] = {}

    def kinds(self) -> str:
        """One character of each kind that the pattern tells apart, but only one letter of its words."""
        singles = [self._matched_by(item) for item in self._items if item[0] in _SINGLES]
        kinds: dict[tuple[bool, ...], str] = {}
        for character in self._characters:
            if character in _CHARACTERS or not character.isalnum():
                kinds.setdefault(tuple(character in matched for matched in singles), character)
        return "".join(kinds.values())

    def has_nested_repeats(self) -> bool:
        repeats = (argument for operation, argument in self._items if operation in _REPEATS)
        inner = (item for _, most, body in repeats if most >= 10 for item in self._below(body))
        return any(operation in _REPEATS or operation is _constants.BRANCH for operation, _ in inner)

    def repeats(self) -> Iterator[tuple[str, str]]:
        """(what leads to it, what it matches once) of each long repeat, in several ways."""
        return self._repeats(self.root, [""])

    def _repeats(self, sequence: Any, before: list[str]) -> Iterator[tuple[str, str]]:
        for item in sequence:
            operation, argument = item
            if operation in _REPEATS and argument[1] >= _MANY:
                yield from product(before, filter(None, self._samples(argument[2], 6)))
            for inner in _inside(item):
                yield from self._repeats(inner, before)
            after = [first + then for then in self._samples_of(item, 3) for first in before]
            before = list(dict.fromkeys(after))[:4] or before

    def _samples(self, sequence: Any, most: int) -> list[str]:
        """Strings that a sequence matches, with each part in several forms."""
        parts = [self._samples_of(item, most) or [""] for item in sequence]
        forms = max(map(len, parts), default=1)
        samples = ("".join(part[min(form, len(part) - 1)] for part in parts) for form in range(forms))
        return list(dict.fromkeys(samples))[:most]

    def _samples_of(self, item: Any, most: int) -> list[str]:
        operation, argument = item
        if operation in _SINGLES:
            return list(self._matched_by(item)[:most])
        if operation in _LOOKS:
            return [""]
        if operation is _constants.GROUPREF:
            return ["a"]
        if operation in _REPEATS:
            least, greatest, inner = argument
            counts = (least, least + 1) if greatest > least else (least,)
            return [sample * count for count in counts for sample in self._samples(inner, most)][: 2 * most]
        each = 1 if operation is _constants.BRANCH else most
        return [sample for inner in _inside(item) for sample in self._samples(inner, each)][:most]

    def _matched_by(self, single: Any) -> str:
        """The characters that match this part of the pattern, which matches one."""
        key = repr(single)
        if key not in self._matched:
            alone = _parser.SubPattern(self.root.state, [single])
            matches = _compiler.compile(alone, self.root.state.flags).fullmatch
            self._matched[key] = "".join(filter(matches, self._characters))
        return self._matched[key]

    def _below(self, sequence: Any) -> Iterator[Any]:
        for item in sequence:
            yield item
            for inner in _inside(item):
                yield from self._below(inner)


def _inside(item: Any) -> Iterator[Any]:
    """The sequences that a part of a pattern holds."""
    operation, argument = item
    for part in argument if isinstance(argument, tuple) else (argument,):
        if isinstance(part, _parser.SubPattern):
            yield part
        elif operation is _constants.BRANCH and part:
            yield from part
