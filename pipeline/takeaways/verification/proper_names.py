"""Names in a claim were said, or are in the sidecar."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pipeline.takeaways.language.comparable import LIGHT, SPEAKER, plain, stem
from pipeline.takeaways.language.english import COMMON, FUNCTION
from pipeline.takeaways.language.sentences import verbs
from pipeline.takeaways.verification.evidence import Evidence, Failure, Kind
from pipeline.takeaways.verification.numbers import UNITS
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
MAX_JOINED_WORDS = 4  # words of a source that a claim may write as one
_WORD = re.compile(r"[^\W_]+(?:[-'.&+/][^\W_]+)*\+*")
_SOURCE_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)*")
_OPENING = r"[.!?:\u2026]\s|[\"\u201c\u00ab(\u2018\u2014]"
_SENTENCE_START = re.compile(rf"(?:^|{_OPENING})(?:(?!{_OPENING})[\W_])*$")
_VERSION = re.compile(r"[^\W\d_]+\d")  # "v31"
_ALWAYS_CAPITAL = frozenset(["i", "i'm", "i've", "i'd", "i'll", "ok", "okay", "a"])
_ORDINARY_ENDING = re.compile(rf"{LISTS.any_of('ordinary_endings')}$")
_ORDINARY_WORDS = FUNCTION | COMMON | LIGHT | frozenset(LISTS["sentence_starters"])


def check_names(text: str, evidence: Evidence, kind: Kind) -> Iterator[Failure]:
    """Each name that is not in the cited sentences, those next to them, or the facts.

    Sees: capitalised words inside a sentence; at its start, and in a heading in title case, only those that
    do not read like ordinary words; acronyms, CamelCase, letters followed by digits (in German only these).
    Plurals, possessives, hyphens and case may differ. Cannot see: names in lower case, a name that was said
    of something else nearby, a first name joined to somebody else's last name.
    """
    known = KnownNames(evidence.known_texts)
    reported: set[str] = set()
    in_title_case = kind != "prose" and _is_title_case(text)
    for name, starts_sentence in names_of(text):
        is_marked = _is_marked(name)
        if evidence.capitalises_nouns and not is_marked:
            continue
        if (starts_sentence or (in_title_case and not is_marked)) and is_ordinary(name, evidence):
            continue
        if name not in reported and not known.has(name) and not known.has_unit(name):
            reported.add(name)
            yield Failure("name", f'the name "{name}" is in none of the cited sentences, nor next to them')


def names_of(text: str) -> Iterator[tuple[str, bool]]:
    """Each word written like a name, and whether it may owe its capital to the start of a sentence alone."""
    claim = SPEAKER.sub(lambda token: "x" * len(token[0]), plain(text))
    for match in _WORD.finditer(claim):
        word = match[0].removesuffix("'s").rstrip("'.")
        if word.lower() in _ALWAYS_CAPITAL or word.split("'")[0] == "I":
            continue
        if any(c.isupper() for c in word) or _VERSION.match(word):
            starts_sentence = bool(_SENTENCE_START.search(claim[: match.start()]))
            yield word, starts_sentence and not _is_marked(word)


def _is_marked(word: str) -> bool:
    """Whether a word is an acronym, is in CamelCase or has a digit, and so is a name wherever it stands."""
    if any(c.isdigit() for c in word):
        return True
    return any(c.isupper() for part in word.split("-") for c in part[1:])


def _is_title_case(heading: str) -> bool:
    """Whether most words of a heading begin with a capital, not counting its first and short ones."""
    words: list[str] = re.findall(r"[^\W\d_]{4,}", heading)[1:]
    return sum(word[0].isupper() for word in words) * 2 > len(words)


def is_ordinary(name: str, evidence: Evidence) -> bool:
    """Whether a capitalised word reads like an ordinary one; in languages other than English, any may.

    The talk or a list has it in lower case, or it ends as ordinary words do.
    """
    if not evidence.english:
        return True
    parts = re.split(r"[-/]", name.lower())
    lower_case = evidence.lower_case_words
    return all(
        part in _ORDINARY_WORDS or part in verbs() or part in lower_case or _ORDINARY_ENDING.search(part)
        for part in parts
    ) or set(map(stem, parts)) <= set(map(stem, lower_case))


class KnownNames:
    """The words of the sources, and up to MAX_JOINED_WORDS in a row written as one."""

    def __init__(self, sources: Iterable[str]) -> None:
        self._forms: set[str] = set()
        for source in sources:
            words = [_normalised(word) for word in _SOURCE_WORD.findall(source)]
            for start in range(len(words)):
                for size in range(1, MAX_JOINED_WORDS + 1):
                    joined = "".join(words[start : start + size])
                    self._forms |= {joined, _singular(joined)}

    def has(self, name: str) -> bool:
        """Whether a name was said: as a whole, or each of its parts but ordinary words in lower case."""
        whole = "".join(map(_normalised, _SOURCE_WORD.findall(name)))
        if whole in self._forms or _singular(whole) in self._forms:
            return True
        parts = [part for part in re.split(r"[-/&+.]", name) if part]
        return len(parts) > 1 and all(
            self.has(part) or part.lower() in FUNCTION or (part.islower() and len(part) > 2) for part in parts
        )

    def has_unit(self, name: str) -> bool:
        """Whether a name is a unit that was said in another form: "MB" for "megabytes"."""
        unit = UNITS.get(name.lower())
        return unit is not None and any(self.has(form) for form, other in UNITS.items() if other == unit)


def _normalised(word: str) -> str:
    return plain(word).casefold().removesuffix("'s").replace("'", "")


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
