"""Lists of words and patterns, which lie as data beside the module that uses them.

`english.py` has its lists in `english.toml`: a key a list, each a multi-line literal string with one
alternative a line, and above it, in a comment, what it is for and where it comes from:

    # Verbs that turn what follows round. Read off the negated sentences of the talks in tests/data.
    refusals = '''
    declin(?:e|ed|es|ing)
    refus(?:e|ed|es|ing)
    '''

An alternative is a regular expression. In a literal string TOML reads no escapes, so it stands as it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.text import UNSPACED_OR_HANGUL

# Letters of scripts whose words run together, take others in front of them, or end a clause with its verb.
RUNNING = re.compile(rf"[\u0590-\u06ff\u0900-\u0dff]|{UNSPACED_OR_HANGUL.pattern}")


@dataclass(frozen=True)
class WordLists:
    """The lists of one module, by name."""

    lists: Mapping[str, tuple[str, ...]]

    @classmethod
    def beside(cls, module: str) -> WordLists:
        """Those of the module with this `__file__`. They come with the program: no error is foreseen."""
        tables = tomllib.loads(Path(module).with_suffix(".toml").read_text("utf-8"))
        return cls({name: tuple(filter(None, text.splitlines())) for name, text in tables.items()})

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self.lists[name]

    def word_set(self, *names: str) -> frozenset[str]:
        """The words of these lists, of which a line may hold several, such as the forms of one verb."""
        return frozenset(word for name in names for line in self.lists[name] for word in line.split())

    def any_of(self, *names: str) -> str:
        """The alternatives of these lists as one group of a regular expression."""
        return f"(?:{'|'.join(line for name in names for line in self.lists[name])})"

    def words(self, *names: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
        """A pattern that finds any alternative as whole words."""
        return re.compile(rf"\b{self.any_of(*names)}\b", flags)

    def phrases(self, *names: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
        """The same, also for alternatives that begin or end with a sign: "$20 off"."""
        return re.compile(rf"(?<!\w){self.any_of(*names)}(?!\w)", flags)

    def beginnings(self, name: str) -> re.Pattern[str]:
        """A pattern that finds words that begin so; in some scripts, such letters wherever they are.

        In those, words run together, or others are written in front of them.
        """
        spaced, running = self._alternatives(name, False), self._alternatives(name, True)
        return re.compile(rf"(?<!\w)(?:{spaced})\w*+|{running}", re.IGNORECASE)

    def _alternatives(self, name: str, running: bool) -> str:
        """The lines of a list in scripts whose words run together, or in others."""
        lines = (line for line in self.lists[name] if bool(RUNNING.search(line)) == running)
        return "|".join(lines) or "(?!)"

    def pattern(self, *names: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
        """A pattern that finds any alternative as it stands."""
        return re.compile(self.any_of(*names), flags)
