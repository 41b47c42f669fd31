"""Names must have been said, or stand in the sidecar.

Sees: capitalised words inside a sentence, and at its start those that read like no ordinary word;
acronyms, CamelCase, letters mixed with digits. Plurals, possessives, hyphens and case are let go. Cannot
see: names in lower case, a name that was said of another matter nearby, a first name joined to somebody
else's last name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language import english as w
from pipeline.takeaways.language.sentences import verbs
from pipeline.takeaways.verification.evidence import Evidence, Failure
from pipeline.takeaways.verification.numbers import UNITS

_RUN = re.compile(r"[^\W_]+(?:[-'.&+/][^\W_]+)*\+*")
_STARTS = re.compile(r"(?:^|[.!?:\u2026]\s|[\"\u201c\u00ab(]|\u2018|\u2014\s?)[\W_]*$")
_VERSION = re.compile(r"[^\W\d_]+\d")  # "v31"
_LONGEST = 4  # words of a source that may be written as one
_EVERYWHERE = frozenset(["i", "i'm", "i've", "i'd", "i'll", "ok", "okay", "a"])
_ORDINARY = re.compile(
    r"(?:ing|ings|ly|tion|tions|sion|sions|ness|ment|ments|ity|ities|ers|ists?|ance|ence|ances|ences|ism|"
    r"able|ible|"
    r"ful|less|ous|ic|al|ive|ant|ent|ary|ory|ed|ship|ward|wise|ures?|ages?)$"
)
_STARTERS = w.listed(
    """according adding alongside although amid anyone asked asking beneath besides beyond consider criticism
    critics developers despite distinct early either even every few following given good growing half hence
    historically honest however ideally indeed instead later less little making many meanwhile merely
    miners money more moreover most much name names nearly neither nevertheless none nonetheless nobody nor
    nothing often older once open other others otherwise overall part people perhaps plenty power privacy
    quiet real research rules same scale security several similarly simple since slow small software some
    soon still strong such suppose technical technology the then there these this those though three thus
    time today together too trade trust two ultimately unless unlike until upgrades users wallets whatever
    whenever whereas whether while who whoever why yet data keys code fees risk cost costs nodes node block
    blocks new old better bigger free hard harder easy easier fast faster cheap cheaper safe safer
    transparent public private additional effort efforts further
    future present present-day recent current final common central key human hidden lasting long short deep
    high low big tiny wide farewell welcome towards"""
)


def failures(text: str, evidence: Evidence, kind: str = "prose") -> Iterator[Failure]:
    """Each name that neither the cited sentences, nor those next to them, nor the facts have."""
    known = _Known(evidence.known)
    reported: set[str] = set()
    titled = kind != "prose" and _titled(text)
    for name, starts in names_of(text):
        if evidence.nouns and not _marked(name):
            continue
        if (starts or (titled and not _marked(name))) and ordinary(name, evidence):
            continue
        missing = [word for word in name.split() if not known.has(word)]
        if unit := UNITS.get(name.lower()):  # "MB" for "megabytes"
            missing = [] if any(known.has(form) for form, of in UNITS.items() if of == unit) else missing
            if not missing:
                continue
        if missing and not known.has(name) and name not in reported:
            reported.add(name)
            yield Failure("name", f'the name "{name}" is in none of the cited sentences, nor next to them')


def names_of(text: str) -> Iterator[tuple[str, bool]]:
    """Each word that is written like a name, and whether it only begins a sentence."""
    bare = t.SPEAKER.sub(lambda m: "x" * len(m[0]), t.plain(text))
    for match in _RUN.finditer(bare):
        word = match[0].removesuffix("'s").rstrip("'.")
        if word.lower() in _EVERYWHERE or word.split("'")[0] == "I":
            continue
        if not any(c.isupper() for c in word) and not _VERSION.match(word):
            continue
        yield word, bool(_STARTS.search(bare[: match.start()])) and not _marked(word)


def _marked(word: str) -> bool:
    """Whether a word is an acronym, CamelCase or has digits in it, and so a name wherever it stands."""
    if any(c.isdigit() for c in word):
        return True
    return any(c.isupper() for part in word.split("-") for c in part[1:])


def _titled(text: str) -> bool:
    """Whether a heading writes its words with capitals."""
    words: list[str] = re.findall(r"[^\W\d_]{4,}", text)[1:]
    return sum(1 for word in words if word[0].isupper()) * 2 > len(words)


def ordinary(name: str, evidence: Evidence) -> bool:
    """Whether a capitalised word reads like an ordinary one: the talk or a list has it in lower case."""
    low = name.lower()
    parts = re.split(r"[-/]", low)
    if not evidence.english:
        return True
    stems = {t.stem(part) for part in parts}
    return all(
        part in w.FUNCTION | w.COMMON | _STARTERS | t.LIGHT
        or part in verbs()
        or part in evidence.spoken
        or bool(_ORDINARY.search(part))
        for part in parts
    ) or all(stem in {t.stem(word) for word in evidence.spoken} for stem in stems)


class _Known:
    """What the sources name: their words, and up to four of them joined."""

    def __init__(self, sources: Iterable[str]) -> None:
        self._forms: set[str] = set()
        for source in sources:
            words = [_key(word) for word in re.findall(r"[^\W_]+(?:['\u2019][^\W\d_]+)*", source)]
            for at in range(len(words)):
                for size in range(1, _LONGEST + 1):
                    joined = "".join(words[at : at + size])
                    self._forms |= {joined, _single(joined)}

    def has(self, name: str) -> bool:
        """Whether it was said, joined or apart."""
        whole = "".join(_key(word) for word in re.findall(r"[^\W_]+(?:'[^\W\d_]+)*", name))
        if whole in self._forms or _single(whole) in self._forms:
            return True
        parts = [part for part in re.split(r"[-/&+.]", name) if part]
        return len(parts) > 1 and all(
            self.has(part) or part.lower() in w.FUNCTION or (part.islower() and len(part) > 2)
            for part in parts
        )


def _key(word: str) -> str:
    low = t.plain(word).casefold()
    return low.removesuffix("'s").replace("'", "")


def _single(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
