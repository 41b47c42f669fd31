"""Prompt injection: sentences addressed to a machine that may read the talk, not to people.

Such a sentence is shown to no model, quoted nowhere, and evidence of nothing. It is told by several signs
together: what orders to a machine speak of (lists in some forty languages), how they are put, and that they
have nothing to do with the talk, in whose language or words they often are not.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.takeaways.language.comparable import QUOTED
from pipeline.text import UNSPACED_OR_HANGUL, Languages
from pipeline.word_lists import RUNNING, WordLists

if TYPE_CHECKING:
    from pipeline.records import Turn, Turns

LISTS = WordLists.beside(__file__)
MIN_SCORE = 3
MAX_CHARACTERS = 1000  # of a sentence that is looked at
MAX_PASSES = 3
MAX_TURN_OF_ORDERS = 3  # sentences of a turn, in which all that follows an order belongs to it
REACH_CHARACTERS = 50  # between a verb and its object
MAX_BRIEF_WORDS = 3  # of a sentence that says nothing of its own
MAX_ANNOUNCING_WORDS = 6  # of a sentence that only leads up to what is dictated
MIN_WORDS = 4  # from which a sentence's words tell that it is foreign to the talk
MAX_KNOWN_SHARE, MAX_KNOWN_SHARE_LONG = 0.8, 0.6  # of its words that others have; of a long talk's sentence
SAMPLE_SENTENCES = 40  # by which a talk's language is told
MAX_FOREIGN_SENTENCES, MAX_FOREIGN_SHARE = 3, 0.02  # of a talk, in one language; more, and people speak it
MIN_NEW_WORDS = 4  # of what somebody is told to write, if the talk has none of it
MAX_KNOWN_CONTENT = 0.4  # of its rarer words, if it has nothing to do with the talk
RARE_SHARE = 0.02  # of a talk's sentences that have a word, up to which it is rare
MIN_LONG = 150  # sentences of a talk from which hardly any has nothing to do with the others
COMMON_SHARE = 0.04  # of a talk's sentences that speak of machines or texts, if that is its subject


DISREGARD = LISTS.beginnings("disregard")
INSTRUCTIONS = LISTS.beginnings("instructions")
MACHINE = LISTS.beginnings("machine")
WRITE = LISTS.beginnings("write")
PRODUCT = LISTS.beginnings("product")
ROLE = LISTS.beginnings("role")
JUDGING = LISTS.beginnings("judging")
WHOEVER = LISTS.beginnings("whoever")
PRESSURE = LISTS.beginnings("pressure")
VERBATIM = LISTS.beginnings("verbatim")
RULES = re.compile(r"\b(?:the|your|those|these) (?:rules?|context|limits?|polic(?:y|ies))\b", re.IGNORECASE)
ADDRESSED = LISTS.words("addressed")
MARKUP = LISTS.pattern("markup")
_CALLED = rf"(?:{MACHINE.pattern}|\b{LISTS.any_of('machine_called')}\b)"
CALLING = re.compile(
    rf"(?:^|[^\w\s] ?){LISTS.any_of('calling')} ?(?:\w+ ){{0,2}}?{_CALLED}[^.?!,:]{{0,40}}[,:]"
    rf"|^\W*+(?:{MACHINE.pattern})\w*+[,:]",
    re.IGNORECASE,
)
BEFORE_ORDERS = frozenset("|".join(LISTS["before_orders"]).split("|"))
AFTER_VERBS = frozenset({"und", "oder", "en", "ve"})  # "and", where the verb comes last
ADDRESS = re.compile(
    r"https?:|www\.|\b[\w-]+\.(?:com|org|net|io|example|ru|cn|info|xyz|biz)\b", re.IGNORECASE
)
MUST = re.compile(
    rf"\W*(?:\w+ ){{0,3}}?(?:{LISTS.any_of('must')})(?!\w)|[^.?!]{{0,20}}{LISTS.any_of('must_be')}",
    re.IGNORECASE,
)
TITLED = re.compile(r"[^.?!:\uff1a「『»«“\"]{0,20}(?:\s?[:\uff1a]\s?\w|[「『«“„\"])")
DICTATED = re.compile(r"[:\uff1a»«「『“\"]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_OWN = re.compile(r"\b(?:I|[Ww]e)(?:['\u2019]\w+)?(?: \w+){0,4}$")  # "I want to also point out"
_NOUN_NEXT = re.compile(r"\b(?:the|an?|this|that|my|our|your|his|her|their|its)(?: \w+)?$", re.IGNORECASE)
_PAUSE = re.compile(r"[,.?!;:]")
_SIGN = re.compile(r"[^\w\s'\u2019]\s*$")
_WORD = re.compile(r"\w+(?:['\u2019]\w+)*")


@lru_cache(maxsize=8)
def orders(turns: Turns) -> frozenset[str]:
    """The ids of the sentences that give a machine orders, and of those after them that they dictate.

    Orders are looked for again without those found, which made their words look like the talk's.
    """
    found: frozenset[str] = frozenset()
    for _ in range(MAX_PASSES):
        talk = TalkWords(turns, found)
        more = found.union(*(_orders_of(turn, talk, found) for turn in turns.turns))
        if more == found:
            break
        found = more
    return found


def _orders_of(turn: Turn, talk: TalkWords, known: Collection[str]) -> Iterator[str]:
    """The ids of a turn's sentences that are orders, or go on with one."""
    given = [
        sentence.id in known or sum(talk.signs(sentence.text).values()) >= MIN_SCORE
        for sentence in turn.sentences
    ]
    order = ""
    for sentence, gives in zip(turn.sentences, given, strict=True):
        is_brief_turn = len(given) <= MAX_TURN_OF_ORDERS
        if gives or (order and (is_brief_turn or talk.goes_on(sentence.text, order))):
            order = f"{order} {sentence.text}"
            yield sentence.id
        else:
            order = ""


class TalkWords:
    """A talk's words, by which a sentence that is foreign to it is told, and what the talk is about."""

    def __init__(self, turns: Turns, orders: Collection[str] = ()) -> None:
        """`orders` are the ids of sentences that are none of the talk's."""
        sentences = [sentence for sentence in turns.sentences() if sentence.id not in orders]
        self._counts = Counter(part for sentence in sentences for part in set(parts_of(sentence.text)))
        self._max_rare = max(3.0, RARE_SHARE * len(sentences))
        self._is_long = len(sentences) >= MIN_LONG
        min_common = max(5.0, COMMON_SHARE * len(sentences))
        self._common = {
            pattern for pattern in (MACHINE, PRODUCT)
            if sum(bool(pattern.search(sentence.text)) for sentence in sentences) >= min_common
        }  # fmt: skip
        step = len(sentences) // SAMPLE_SENTENCES + 1
        self._languages = Languages(sentence.text for sentence in sentences[::step])
        foreign = Counter(filter(None, (self.foreign_language(sentence.text) for sentence in sentences)))
        max_foreign = max(MAX_FOREIGN_SENTENCES, MAX_FOREIGN_SHARE * len(sentences))
        self._stray = {language for language, count in foreign.items() if count <= max_foreign}

    def known_share(self, parts: Sequence[str]) -> float:
        """The share of some words that several sentences have; 1 of none."""
        return sum(self._counts[part] > 1 for part in parts) / len(parts) if parts else 1.0

    def is_apart(self, text: str, order: str = "") -> bool:
        """Whether a text has nothing to do with the talk: its rarer words are at most in an order, too."""
        ordered = set(parts_of(order))
        rarer = [part for part in parts_of(text) if self._counts[part] <= self._max_rare and len(part) > 1]
        known = sum(self._counts[part] > 1 + (part in ordered) for part in rarer)
        return bool(rarer) and known <= MAX_KNOWN_CONTENT * len(rarer)

    def is_new(self, text: str) -> bool:
        """Whether no word of a text is anywhere else, but those that are all over the talk."""
        rarer = [part for part in parts_of(text) if self._counts[part] <= self._max_rare and len(part) > 2]
        return len(rarer) >= MIN_NEW_WORDS and all(self._counts[part] <= 1 for part in rarer)

    def foreign_language(self, text: str) -> str | None:
        """The language of a sentence that is in another one than the talk."""
        parts = parts_of(text)
        max_known = MAX_KNOWN_SHARE_LONG if self._is_long else MAX_KNOWN_SHARE
        if len(parts) < MIN_WORDS or self.known_share(parts) > max_known:
            return None
        return self._languages.other(text)

    def goes_on(self, text: str, order: str) -> bool:
        """Whether a sentence after an order belongs to it."""
        return len(parts_of(text)) <= MAX_BRIEF_WORDS or self.is_apart(text, order)

    def signs(self, text: str) -> dict[str, int]:
        """What tells that a sentence is an order to a machine, and for how much each counts."""
        text = visible(text[:MAX_CHARACTERS])
        plain = unreported(text)
        foreign = self.foreign_language(text)
        signs = {name: weight for name, weight in self._told(plain, text, foreign is not None) if weight}
        if MARKUP.search(text):
            signs["markup"] = 3
        if foreign in self._stray:
            signs["stray"] = 3
        elif signs and foreign:
            signs["foreign"] = 2
        if signs and ADDRESS.search(text):
            signs["address"] = 1
        if signs and not foreign and self.is_apart(text):
            dictated = signs.keys() & {"write", "must"} and self.is_new(told(plain))
            signs["apart"] = 2 if dictated or (self._is_long and signs.keys() != {"dictated"}) else 1
        return signs

    def _told(self, text: str, whole: str, foreign: bool) -> Iterator[tuple[str, int]]:
        """What the words of a sentence tell; `whole` is the sentence with what it quotes."""

        def ordered(pattern: re.Pattern[str]) -> list[re.Match[str]]:
            return [m for m in pattern.finditer(text) if foreign or orders_here(text, m)]

        is_common = PRODUCT in self._common and not foreign
        machine, product, verbs = MACHINE.search(text), PRODUCT.search(text), ordered(WRITE)
        if any(near(text, verb, INSTRUCTIONS) for verb in ordered(DISREGARD)):
            yield "disregard", 3
        is_called = CALLING.search(text)
        if is_called:
            yield "called", 2
        elif (
            machine
            and (foreign or MACHINE not in self._common)
            and (verbs or product or ADDRESSED.search(text))
        ):
            yield "machine", 1
        whoever = WHOEVER.search(text)
        if whoever:
            yield "whoever", 2
        if verbs and product:
            yield "write", 1 if is_common else 2
        elif verbs and (whoever or is_called):
            yield "write", 1
        must = product and MUST.match(text[product.end() :])
        if product and must:
            writes = WRITE.match(text[product.end() + must.end() :].lstrip())
            yield (
                "must",
                3 if writes and product[0].lower().startswith("your") else 2 if writes else not is_common,
            )
        if product and verbs and any(near(text, verb, RULES) for verb in ordered(DISREGARD)):
            yield "rules", 2
        if product and TITLED.match(text[product.end() :]):
            yield "titled", 1
        if PRESSURE.search(text):
            yield "pressure", 2
        if verbs and (len(text) < len(whole) or DICTATED.search(whole[verbs[0].end() :])):
            yield "dictated", 1
        if verbs and VERBATIM.search(text):
            yield "verbatim", 2 if len(parts_of(text)) <= MAX_ANNOUNCING_WORDS else 1
        if ordered(ROLE):
            yield "role", 2
        if ordered(JUDGING):
            yield "judging", 2


def parts_of(text: str) -> list[str]:
    """The words of a text in lower case; of letters that stand without spaces, each two."""
    parts: list[str] = []
    for word in _WORD.findall(text.lower()):
        if UNSPACED_OR_HANGUL.search(word):
            parts += [word[at : at + 2] for at in range(max(1, len(word) - 1))]
        else:
            parts.append(word)
    return parts


def visible(text: str) -> str:
    """The text in plain letters."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def told(text: str) -> str:
    """What follows the last word for what is to be written."""
    ends = [match.end() for match in PRODUCT.finditer(text)]
    return text[max(ends, default=0) :]


def unreported(text: str) -> str:
    """The text without what it quotes, unless that is nearly all of it."""
    without = QUOTED.sub(" ", text)
    return without if len(_WORD.findall(without)) > 3 else text


def near(text: str, verb: re.Match[str], noun: re.Pattern[str]) -> bool:
    """Whether a verb's object is this, in one clause."""
    after = _PAUSE.split(text[verb.end() : verb.end() + REACH_CHARACTERS])[0]
    before = _PAUSE.split(text[max(0, verb.start() - REACH_CHARACTERS) : verb.start()])[-1]
    return bool(noun.search(after) or (ends_clause(text, verb) and noun.search(before)))


def orders_here(text: str, verb: re.Match[str]) -> bool:
    """Whether a verb stands where one does that orders: where a clause begins, or after its object."""
    before = text[: verb.start()].rstrip()
    if not before or _SIGN.search(before):
        return True
    if _OWN.search(before) or _NOUN_NEXT.search(before):
        return False
    last = _WORD.findall(before[-REACH_CHARACTERS:].lower())
    if last and (
        last[-1] in BEFORE_ORDERS or last[-2:] == ["you", "to"] or UNSPACED_OR_HANGUL.search(last[-1])
    ):
        return True
    if last and PRODUCT.match(last[-1]) and not PRODUCT.match(verb[0]):  # "at the end of the text put"
        return True
    return ends_clause(text, verb)


def ends_clause(text: str, verb: re.Match[str]) -> bool:
    """Whether a clause ends with the verb, as it does in many languages."""
    if RUNNING.search(verb[0]):
        return True
    following = _WORD.match(text[verb.end() :].lstrip())
    return not following or following[0].lower() in AFTER_VERBS


def commands(text: str) -> Iterator[tuple[str, str]]:
    """What a sentence tells somebody to write: the verb, and what follows it."""
    for verb in WRITE.finditer(text):
        if orders_here(text, verb):
            yield verb[0], text[verb.end() :]
    for verb in DISREGARD.finditer(text):
        if near(text, verb, INSTRUCTIONS):
            yield verb[0], text[verb.end() :]


def is_command_word(word: str) -> bool:
    """Whether a word is one by which orders to a machine are told, and says nothing of its own."""
    return any(pattern.match(word) for pattern in (DISREGARD, INSTRUCTIONS, MACHINE, WRITE, PRODUCT))
