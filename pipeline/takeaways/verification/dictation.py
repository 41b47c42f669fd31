"""What was dictated to a machine is nobody's statement, whatever a model makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from pipeline.takeaways.language import english
from pipeline.takeaways.language.comparable import LIGHT, SPEAKER
from pipeline.takeaways.language.prompt_injection import (
    TalkWords,
    commands,
    is_command_word,
    orders,
    parts_of,
)
from pipeline.takeaways.verification.evidence import Evidence, Failure
from pipeline.word_lists import WordLists

if TYPE_CHECKING:
    from pipeline.records import Turns
    from pipeline.workspace.sidecar import Facts

KEY_LETTERS = 5  # of a word, by which its forms are the same
MIN_LETTERS = 3  # of a word that says anything, where letters are spaced
MIN_DICTATED_WORDS = 2  # in a claim, that only orders have; or
MIN_DICTATED_SHARE = 0.3  # of its words
MIN_OVERLAP = 0.75  # of a claim's words, that an order or what somebody is told to write has
SURE_SCORE = 4  # of an order that is one without doubt
MIN_BORNE_OUT = 0.34  # of a claim's words in what it cites or next to it, where a talk holds such an order
MAX_ELSEWHERE = 0.4  # of a claim's words that others say, if nobody speaks of it
LISTS = WordLists.beside(__file__)
_FILE_ENDINGS, _TOP_LEVEL_DOMAINS = LISTS.word_set("file_endings"), LISTS.word_set("top_level_domains")
_ADDRESS = re.compile(
    r"(?<![\w.@-])(?P<scheme>https?://|www\.)?(?P<host>[\w-]++(?:\.[\w-]++)++)(?P<path>[/?#][^\s,;]*+)?", re.I
)
_SPOKEN_SIGNS = re.compile(rf"\b{LISTS.any_of('spoken_signs')}\b|[\W_]", re.I)
_STATED = re.compile(r"[:\"\u201c\u00ab\u2018]|\bthat\b", re.I)  # what leads up to a statement
_NOT_CONTENT = english.FUNCTION | english.COMMON | LIGHT


class Dictated:
    """The orders that a talk holds, and the words that only they have.

    The words of the sidecar's facts anybody may use.
    """

    def __init__(self, turns: Turns, facts: Facts) -> None:
        ids = orders(turns)
        self.talk = TalkWords(turns, ids)
        given = [s.text for s in turns.sentences() if s.id in ids]
        self.orders = [keys(text) for text in given]
        self.is_sure = any(sum(self.talk.signs(text).values()) >= SURE_SCORE for text in given)
        said = {key for s in turns.sentences() if s.id not in ids for key in keys(s.text)}
        self._said = said | {key for fact in _texts(facts) for key in keys(fact)}
        self.words = frozenset().union(*self.orders) - self._said

    def elsewhere(self, words: frozenset[str], source: str) -> float:
        """The share of some words of a sentence that others have, too."""
        parts = [part for part in parts_of(source) if _key(part) in words]
        return self.talk.known_share(parts)


def _texts(facts: Facts) -> Iterator[str]:
    yield from filter(None, (facts.title, facts.occasion, facts.date, *facts.glossary))


def check_dictation(text: str, evidence: Evidence, dictated: Dictated) -> Iterator[Failure]:
    """At most one failure: a claim that only an order to a machine bears out.

    Sees, in a talk that holds orders: words that only they have; a claim that is nearer to one than to
    what it cites; a claim that shares little with what it cites. In any talk: what a cited sentence tells
    somebody to write, stated as if it were so, where nobody else speaks of it; another language than the
    talk's; an address that nobody said. Cannot see: what was dictated, told in the speakers' own words.
    """
    claim = SPEAKER.sub(" ", text)
    words = keys(claim)
    if dictated.talk.foreign_language(claim):
        yield Failure("language", "it is in another language than the talk")
    elif address := _unsaid_address(claim, evidence):
        yield Failure(
            "address", f'it holds the address "{address}", which nobody said; links are not yours to set'
        )
    elif dictated.orders and (why := _ordered(words, evidence, dictated)):
        yield Failure("instruction", why)
    elif any(_commanded(words, claim, sentence, evidence, dictated) for sentence in evidence.texts):
        yield Failure(
            "instruction", "a cited sentence only tells somebody to write this; it is nobody's statement"
        )


def _unsaid_address(claim: str, evidence: Evidence) -> str:
    """The first address in a claim that neither is said near nor is in the facts; "" if there is none."""
    known = "".join(map(_run_together, (*evidence.near_texts, *_texts(evidence.facts))))
    return next(
        (
            match[0]
            for match in _ADDRESS.finditer(claim)
            if _is_address(match) and _run_together(match["host"]) not in known
        ),
        "",
    )


def _is_address(match: re.Match[str]) -> bool:
    """Whether what has a dot inside leads somewhere: Node.js, ASP.NET and README.md do not."""
    ending = match["host"].rpartition(".")[2]
    if match["scheme"] or ending in _TOP_LEVEL_DOMAINS:
        return True
    return bool(match["path"]) and ending.islower() and ending not in _FILE_ENDINGS and len(ending) > 1


def _run_together(text: str) -> str:
    """Letters and digits only: an address is spoken as "example dot org" or "node js"."""
    return _SPOKEN_SIGNS.sub("", text.lower())


def _ordered(words: frozenset[str], evidence: Evidence, dictated: Dictated) -> str:
    """Why a claim is an order's rather than that of what it cites; "" if it is not."""
    if not words:
        return ""
    said = frozenset().union(*map(keys, evidence.near_texts))
    only = words & dictated.words
    if len(only) >= MIN_DICTATED_WORDS or len(only) >= MIN_DICTATED_SHARE * len(words):
        return "it says what the talk only tells a machine to write"
    overlap = max(len(words & order) for order in dictated.orders)
    if overlap >= MIN_OVERLAP * len(words) and overlap > len(words & said):
        return "it says what the talk only tells a machine to write"
    if dictated.is_sure and len(words & said) < MIN_BORNE_OUT * len(words):
        return "the cited sentences say nothing of it, in a talk that tells machines what to write"
    return ""


def _commanded(
    words: frozenset[str], claim: str, sentence: str, evidence: Evidence, dictated: Dictated
) -> bool:
    """Whether a claim is what a sentence tells somebody to write, of which nobody else speaks."""
    for verb, told in commands(sentence):
        if _is_work(sentence, len(sentence) - len(told) - len(verb), evidence):
            continue
        shared = words & keys(told)
        stem = verb[: max(2, len(verb) - 1)].lower()
        if (
            len(shared) >= max(2, MIN_OVERLAP * len(words))
            and not any(word.startswith(stem) for word in parts_of(claim))
            and dictated.elsewhere(shared, sentence) <= MAX_ELSEWHERE
        ):
            return True
    return False


def _is_work(sentence: str, start: int, evidence: Evidence) -> bool:
    """Whether somebody does something to a thing: "you start it and make ten changes"."""
    trees = evidence.reader.trees([sentence]) if evidence.talk.english else None
    if not trees or _STATED.search(sentence, start):
        return False
    tree = trees[0]
    verb = next((i for i, token in enumerate(tree.tokens) if token.start == start), None)
    if verb is None or any(tree.label(k) == "ccomp" for k in tree.children[verb]):
        return False
    return any(tree.lemma(k) != "it" for k in tree.subjects(verb))


def keys(text: str) -> frozenset[str]:
    """The beginnings of the words that say something."""
    return frozenset(_key(part) for part in parts_of(text) if _says_something(part))


def _key(part: str) -> str:
    return part[:KEY_LETTERS]


@cache
def _says_something(part: str) -> bool:
    if part in _NOT_CONTENT or part.isdigit() or is_command_word(part):
        return False
    return len(part) >= MIN_LETTERS or not part.isascii()
