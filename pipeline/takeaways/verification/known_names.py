"""Where names are looked up: words that were said, whether written as one, apart, or in another form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches

from pipeline.takeaways.language.comparable import plain, spaced
from pipeline.takeaways.language.english import FUNCTION

MAX_JOINED_WORDS = 4  # words of a source that a claim may write as one
MIN_LIKENESS = 0.75  # of a word that was misheard and its spelling in the glossary (difflib)
_SOURCE_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)*")


class KnownNames:
    """The words of the sources, and up to MAX_JOINED_WORDS in a row written as one."""

    def __init__(self, sources: Iterable[str]) -> None:
        self._forms: Counter[str] = Counter()
        for source in map(spaced, sources):
            words = [_normalised(word) for word in _SOURCE_WORD.findall(source)]
            for start in range(len(words)):
                for size in range(1, MAX_JOINED_WORDS + 1):
                    joined = "".join(words[start : start + size])
                    self._forms.update({joined, _singular(joined)})

    def count(self, name: str) -> int:
        """How often a name was said: as a whole, or each of its parts but ordinary words in lower case."""
        whole = "".join(map(_normalised, _SOURCE_WORD.findall(name)))
        if times := self._forms[whole] or self._forms[_singular(whole)]:
            return times
        parts = [part for part in re.split(r"[-/&+.]", name) if part]
        named = [
            part for part in parts if not (part.lower() in FUNCTION or (part.islower() and len(part) > 2))
        ]
        return min(map(self.count, named), default=0) if len(parts) > 1 else 0

    def has(self, name: str) -> bool:
        """Whether a name was said."""
        return self.count(name) > 0

    def sounds_like(self, name: str) -> bool:
        """Whether a word much like a name was said, or several that are like it when joined."""
        key = _normalised(name)
        return bool(get_close_matches(key, self._forms, 1, MIN_LIKENESS))


def _normalised(word: str) -> str:
    return plain(word).casefold().removesuffix("'s").replace("'", "")


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
