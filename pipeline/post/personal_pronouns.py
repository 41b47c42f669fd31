"""Where an English sentence may say "she" for a person who was just named, and nobody misreads it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from pipeline.word_lists import WordLists

_LISTS = WordLists.beside(__file__)
_OPENERS, _NO_VERBS, _PREPOSITIONS, _UNCHANGING, _ADVERBS, _PEOPLE, _MANY, _STARTERS, _NO_TRADES = map(
    _LISTS.word_set,
    (
        "openers",
        "no_verbs",
        "prepositions",
        "unchanging",
        "adverbs",
        "people",
        "many",
        "starters",
        "no_trades",
    ),
)
_NO_NAMES = _OPENERS | _PREPOSITIONS | _ADVERBS | _STARTERS
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*+")
# "the auditor", "a young historian": who has a trade.
_TRADE = re.compile(
    r"\b(?:an?|the|this|that|every|each|another|any|my|our|their|his|her) (?:[a-z-]++ )?"
    r"([a-z]*?(?:er|or|ist|ian|ee|ant|(?<!m)ent|man|woman))(?![\w-])"
)
_CLAUSE = re.compile(r"[,;:\u2013\u2014]")


@dataclass(frozen=True)
class Pronoun:
    """A third person's pronoun in its three forms: she, her, her."""

    subject: str
    object: str
    possessive: str

    @property
    def all_forms(self) -> frozenset[str]:
        return frozenset((self.subject, self.object, self.possessive))


_KNOWN = {
    "she": Pronoun("she", "her", "her"),
    "he": Pronoun("he", "him", "his"),
    "they": Pronoun("they", "them", "their"),
}


def read(stated: str | None) -> Pronoun | None:
    """The pronoun that a person gives: "she", "she/her"; None for one of which not all forms are known."""
    words = re.findall(r"[^\W\d_]+", (stated or "").casefold())
    if words and words[0] in _KNOWN:
        return _KNOWN[words[0]]
    return Pronoun(*words[:3]) if len(words) >= 3 else None


@dataclass(frozen=True)
class Place:
    """A mention in a sentence. `before` and `after` are the sentence's text around it.

    `since` is what was read since the same person was mentioned last, in the same sentence or in the one
    before, which that mention began if this one `is_parallel`.
    """

    before: str
    after: str
    since: str
    is_same_sentence: bool = False
    is_parallel: bool = False


def fitting(pronoun: Pronoun, place: Place, small_words: Collection[str]) -> tuple[str, int] | None:
    """The form to set there, and how many letters of `after` it stands for ("'s"); None to set the name.

    `small_words` are words that are known not to be names, though they begin a sentence.
    """
    if _may_mean_another(pronoun, place, small_words):
        return None
    if possessive := re.match(r"['\u2019]s(?= [a-z]++(?<!ing)\b(?! been\b))", place.after):
        owned = place.after[possessive.end() + 1 :].split()[0]
        return (pronoun.possessive, possessive.end()) if owned not in ("a", "an", "the", "not") else None
    if _is_subject(place) and (pronoun.subject != "they" or _verb_stays(place.after)):
        return pronoun.subject, 0
    if _is_object(place):
        return pronoun.object, 0
    return None


def _may_mean_another(pronoun: Pronoun, place: Place, small_words: Collection[str]) -> bool:
    """Whether somebody else was named or meant since."""
    words = _WORD.findall(place.since)
    folded = [word.casefold() for word in words]
    if any(_is_name(word, small_words) for word in words) or not pronoun.all_forms.isdisjoint(folded):
        return True
    if pronoun.subject == "they":
        plurals = (word for word in folded if len(word) > 3 and word.endswith("s") and word[-2] not in "su'")
        return not _MANY.isdisjoint(folded) or any(plurals)
    if place.is_parallel and not place.before:
        return False
    trades = (match[1] for match in _TRADE.finditer(place.since))
    return not _PEOPLE.isdisjoint(folded) or any(trade not in _NO_TRADES for trade in trades)


def _is_name(word: str, small_words: Collection[str]) -> bool:
    """Whether a word has a capital that it would not have anywhere: neither "I" nor "HTTP"."""
    if not word[0].isupper() or word.isupper() or word.startswith(("I'", "I\u2019")):
        return False
    bare = re.sub(r"['\u2019]s$", "", word.casefold())
    return bare not in small_words and bare not in _NO_NAMES


def _is_subject(place: Place) -> bool:
    verb = re.match(r" ([a-z][\w'\u2019-]*+)", place.after)
    if not verb or verb[1] in _NO_VERBS:
        return False
    last = place.before.split()[-1:] or [""]
    is_in_front = not place.before.strip("\"'\u201c\u2018( ")
    return is_in_front or bool(_CLAUSE.search(last[0][-1:])) or last[0].casefold() in _OPENERS


def _verb_stays(after: str) -> bool:
    """Whether the verb that follows is the same after "they" as after a name."""
    words = (word.strip(".,;:!?") for word in after.split())
    verb = next((word for word in words if word not in _ADVERBS and not word.endswith("ly")), "")
    return verb.endswith("ed") or verb in _UNCHANGING


def _is_object(place: Place) -> bool:
    """Whether a preposition rules the mention, and the one before it is in another clause."""
    last = place.before.split()[-1:]
    is_ruled = bool(last) and last[0].casefold() in _PREPOSITIONS and re.match(r"[.,;:!?)]|$", place.after)
    return bool(is_ruled) and (not place.is_same_sentence or _CLAUSE.search(place.since) is not None)
