"""What speakers are called once introduced: the short name that people state, or as the talk has it.

Nobody else in the talk is called so; where all forms are shared, the whole name stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.text import name_key
from pipeline.transcripts.name_order import given_name_first
from pipeline.turns.offices import is_no_name
from pipeline.turns.person_names import HOMONYMS, is_never_in_a_name
from pipeline.word_lists import WordLists

_LISTS = WordLists.beside(__file__)
_TITLES, _TITLES_OF_FULL_NAMES = _LISTS.word_set("titles"), _LISTS.word_set("titles_of_full_names")
_POST_NOMINALS, _JOINING = _LISTS.word_set("post_nominals"), _LISTS.word_set("joining")
_PARTICLES, _SPANISH = _LISTS.word_set("particles"), _LISTS.word_set("spanish_family_names")
_ROLES = _LISTS.any_of("roles")
_ROLE = re.compile(rf"(?:the )?(?:co-?)?{_ROLES}(?: (?:{_ROLES}|member|person))?(?:[ #]*\d+)?", re.IGNORECASE)
_HOST = _LISTS.words("hosts")
_IN_BRACKETS = re.compile(r" [(\[][^()\[\]]*+[)\]]$")
_WORD = re.compile(r"[^\W\d_]++")
_NAME_INSIDE = re.compile(r"(?<=[a-z,] )[A-Z][^\W\d_]++")  # of a sentence, not at its start
# What stands around a word that may be a name or not: "in May", "Will you?", but "Thanks, Will."
_CALLS = re.compile(r"[,.?!]|$")


def is_role(name: str) -> bool:
    """Whether a name is what a transcript calls somebody whom it does not name: "Host", "Speaker 2"."""
    return _ROLE.fullmatch(name) is not None


def leads(role: str | None) -> bool:
    """Whether somebody with this role leads the conversation: "Host", "moderator"."""
    return _HOST.search(role or "") is not None


@dataclass(frozen=True)
class NameParts:
    """A name without titles and what is behind it; its parts, None where the name has no such part.

    `is_formal`: a title or a post-nominal was part of it. `family` has its particles: "van der Berg".
    """

    untitled: str
    first: str | None = None
    family: str | None = None
    is_formal: bool = False


@cache
def name_parts(name: str) -> NameParts:
    """The parts of a name. One of a single word, or in a script without case or spaces, has none."""
    if " " not in name or name.lower() == name.upper() or is_role(name) or is_no_name(name):
        return NameParts(name)
    words = given_name_first(_IN_BRACKETS.sub("", name)).split()
    own = _without_post_nominals(_without_titles(words))
    if not all(map(_is_name_word, own)) or any(is_never_in_a_name(word.casefold()) for word in own):
        return NameParts(name)
    is_formal = len(own) < len(words)
    if len(own) == 1:
        return NameParts(name, None, own[0], is_formal)
    first = None if _is_initials(own[0]) else own[0]
    family = None if _is_initials(own[-1]) else _family_name(own)  # "Lisa B"
    return NameParts(" ".join(own), first, family, is_formal)


def _without_titles(words: Sequence[str]) -> list[str]:
    rest = list(words)
    while len(rest) > 1 and (
        _bare(rest[0]) in _TITLES or (len(rest) > 2 and _bare(rest[0]) in _TITLES_OF_FULL_NAMES)
    ):
        rest.pop(0)
    return rest


def _without_post_nominals(words: Sequence[str]) -> list[str]:
    rest = list(words)
    while len(rest) > 1 and _bare(rest[-1]) in _POST_NOMINALS and not rest[-1].islower():
        is_after_comma = rest[-2].endswith(",")
        if len(rest) == 2 and not is_after_comma and not rest[-1].isupper():
            break  # "Yo-Yo Ma"
        rest.pop()
    rest[-1] = rest[-1].rstrip(",")
    return rest


def _bare(word: str) -> str:
    return word.replace(".", "").strip(",").casefold()


def _is_name_word(word: str) -> bool:
    letters = word.replace("-", "").replace("'", "").replace("\u2019", "").replace(".", "")
    is_inside = word.casefold() in _PARTICLES | _JOINING
    return letters.isalpha() and (is_inside or word != word.lower())


def _is_initials(word: str) -> bool:
    return all(len(part) < 2 for part in word.split("."))


def _family_name(words: Sequence[str]) -> str:
    """The last word, with particles before it, and the other half of a double name."""
    begin = len(words) - 1
    while begin > 1:
        before = words[begin - 1].casefold().rstrip(".")
        if before in _JOINING and begin > 2:
            begin -= 2
        elif before in _PARTICLES or _without_accents(before) in _SPANISH_KEYS:
            begin -= 1
        else:
            break
    return " ".join(words[begin:])


def _without_accents(word: str) -> str:
    letters = unicodedata.normalize("NFD", word.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


_SPANISH_KEYS = frozenset(map(_without_accents, _SPANISH))


# What the talk calls them.


class Usage:
    """What was said, to count how often a name stands in it on its own."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self._text = "\n".join(sentences)
        self.small_words = frozenset(word for word in _WORD.findall(self._text) if word.islower())
        self._names = frozenset(_NAME_INSIDE.findall(self._text))

    def alone(self, name: str, whole: str) -> int:
        """How often a part of a whole name is said, and is neither in a longer one nor an ordinary word."""
        is_also_a_word = name.casefold() in self.small_words or name.casefold() in HOMONYMS
        places = re.finditer(rf"(?<![\w'-]){re.escape(name)}(?![\w-])", self._text)
        others = {n for n in self._names if n.casefold() not in self.small_words}.union(whole.split())
        return sum(self._is_alone(match, is_also_a_word, others) for match in places)

    def _is_alone(self, match: re.Match[str], is_also_a_word: bool, names: Collection[str]) -> bool:
        line = self._text.rfind("\n", 0, match.start()) + 1
        before, after = self._text[line : match.start()].split(), self._text[match.end() :][:20]
        follower = re.match(r" ([^\W\d_]+)", after)
        if follower and follower[1][0].isupper() and follower[1] != "I":
            return False
        last = before[-1] if before else ""
        if last[:1].isupper() and last.isalpha() and (len(before) > 1 or last in names):
            return False  # "Saint David"
        if is_also_a_word:
            return bool(_CALLS.match(after)) and (not last or last[-1] in ",.!?" or len(before) == 1)
        return True


def short_forms(
    names: Mapping[str, str], stated: Mapping[str, str], said: Usage, formal: Collection[str] = ()
) -> dict[str, str]:
    """What each of several people is called, once introduced, by the keys of `names`; `stated` wins.

    `formal` are the keys of those who have a title or a post-nominal in the talk, if not in their name.
    A post is on first-name terms where the talk is: where more people are called by their first names than
    by their family names, or have a name with a title. Then first names, else family names, whoever is meant;
    but who is called by the family name alone is so in the post.
    """
    parts = {key: name_parts(name) for key, name in names.items()}
    bearers = Counter(
        word for part in parts.values() for word in {name_key(w) for w in (part.first, part.family) if w}
    )
    bearers.update(name_key(part.untitled) for part in parts.values() if part.family is None)
    bearers.update(name_key(short) for key, short in stated.items() if short not in _forms(parts[key]))
    terms = {key: _terms(part, stated.get(key), said) for key, part in parts.items()}
    by_first = sum(term == "first" for term in terms.values())
    by_family = sum(terms[key] == "family" or part.is_formal or key in formal for key, part in parts.items())
    is_informal = 0 < by_first >= by_family
    called: dict[str, str] = {}
    for key, part in parts.items():
        wanted = [part.family]
        if is_informal and terms[key] != "family":
            wanted.insert(0, part.first)
        unique = (form for form in wanted if form and bearers[name_key(form)] == 1)
        called[key] = stated.get(key) or next(unique, part.untitled)
    shared = Counter(map(name_key, called.values()))
    return {key: form if shared[name_key(form)] == 1 else names[key] for key, form in called.items()}


def _forms(part: NameParts) -> tuple[str | None, str | None]:
    return part.first, part.family


def _terms(part: NameParts, stated: str | None, said: Usage) -> str | None:
    """Whether somebody is called by the "first" or the "family" name, by what is stated or else said."""
    if stated:
        return "first" if stated == part.first else "family" if stated == part.family else None
    by_first = said.alone(part.first, part.untitled) if part.first else 0
    by_family = said.alone(part.family, part.untitled) if part.family and part.first else 0
    return "first" if by_first > by_family else "family" if by_family > by_first else None
