"""How a sentence reads on its own: junk, a question, the start or end of a topic, dangling pronouns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from pipeline.records import Flag
from pipeline.takeaways.language import english
from pipeline.takeaways.language.prompt_injection import orders
from pipeline.text import UNSPACED_OR_HANGUL
from pipeline.word_lists import WordLists

if TYPE_CHECKING:
    from pipeline.records import Sentence, Turn, Turns

TOKEN = re.compile(r"\w+(?:['\u2019-]\w+)*")
NO_VERB_AFTER = (
    english.ARTICLES
    | english.PREPOSITIONS
    | english.DETERMINERS
    | {"to", "my", "your", "our", "their", "its", "his", "her"}
)
TOPIC_CUE_CHARACTERS = 120  # a sentence that turns to a new topic does so among its first characters
HOUSEKEEPING_REACH_SENTENCES = 1  # before and after its catchwords

LISTS = WordLists.beside(__file__)
JUNK = re.compile(  # greetings, introductions, thanks and logistics
    rf"\b{LISTS.any_of('junk')}\b|^\W*+{LISTS.any_of('junk_at_start')}|{LISTS.any_of('junk_without_end')}",
    re.IGNORECASE,
)
HOUSEKEEPING = LISTS.words("housekeeping")
CLOSING = LISTS.words("closing")
TURNING = re.compile(rf"\b{LISTS.any_of('turning')}\b|^\W*(?:\w+ ){{0,4}}(?:PRs?)?,? ?#\d+", re.IGNORECASE)
FOREIGN_GREETING = re.compile(rf"^\W*{LISTS.any_of('foreign_greetings')}(?!\w)", re.IGNORECASE)
# A question that is reported, not asked: "one of them was what is a jam?"
REPORTED_QUESTION = re.compile(r"\b(?:is|was|were) (?:what|how|why|whether|who|where)\b", re.IGNORECASE)
# "It" that refers to what follows, not to what was said before.
EXPLETIVE = re.compile(
    r"^(?:it's|it is|it was|it'd be|it would be|it has been|it takes|it turns out|it costs)\b(?: \w+){1,7}? "
    r"(?:to|that|for|if|when|how|why|what)\b",
    re.IGNORECASE,
)
MAX_EXPLETIVE_WORDS = 12  # that EXPLETIVE can match


@dataclass(frozen=True)
class SpokenSentence:
    """A sentence and what its words reveal.

    `turn` is the index of its turn (asides are not counted), `tokens` are in lower case, `spans` are their
    offsets [start, end) in the text.
    """

    sentence: Sentence
    turn: int
    tokens: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    terms: tuple[str, ...]  # content words, in the singular
    size: float  # words; where letters are not spaced, half their number, as in text.count_words
    is_junk: bool
    opens_topic: bool
    closes_topic: bool
    is_question: bool


@dataclass(frozen=True)
class Language:
    """What is known of a talk's language. Outside English, function words are guessed from frequency."""

    english: bool
    function_words: frozenset[str]

    @classmethod
    def of(cls, turns: Turns) -> Language:
        if turns.language.lower().split("-")[0] == "en":
            return cls(True, english.FUNCTION)
        token_sets = (set(tokens_of(sentence.text)[0]) for sentence in turns.sentences())
        counts = Counter(token for tokens in token_sets for token in tokens)
        min_count = 0.04 * sum(1 for _ in turns.sentences())
        frequent = sorted(
            (token for token in counts if counts[token] > min_count and len(token) <= 6),
            key=lambda token: (-counts[token], token),
        )
        return cls(False, frozenset(frequent[:80]))


def analyse(turns: Turns, language: Language) -> tuple[SpokenSentence, ...]:
    """Every sentence of the talk, in order, except backchannels, advertisements and orders to machines.

    An advertisement or an order parts a turn in two: what is before it and after it is not connected.
    """
    spoken: list[SpokenSentence] = []
    ordered = orders(turns)
    full_turns = (turn for turn in turns.turns if not turn.aside)
    for turn_index, sentences in enumerate(part for turn in full_turns for part in _usable(turn, ordered)):
        junk_indices = _junk_indices([sentence.text for sentence in sentences], language)
        spoken.extend(
            _analyse_sentence(sentence, turn_index, i in junk_indices, language)
            for i, sentence in enumerate(sentences)
        )
    return tuple(spoken)


def _usable(turn: Turn, ordered: Collection[str]) -> Iterator[list[Sentence]]:
    """The parts of a turn between what no writer may use; `ordered` are ids of orders to a machine."""
    for is_useless, sentences in groupby(turn.sentences, lambda s: is_advertisement(s) or s.id in ordered):
        if not is_useless:
            yield list(sentences)


def is_advertisement(sentence: Sentence) -> bool:
    """Whether no writer may use it."""
    return Flag.ADVERTISEMENT in sentence.flags


def _analyse_sentence(sentence: Sentence, turn: int, is_junk: bool, language: Language) -> SpokenSentence:
    text = sentence.text
    tokens, spans = tokens_of(text)
    terms = tuple(singular(token) for token in tokens if is_content(token, language))
    ends_asking = text.rstrip("\"'\u201d\u2019) ").endswith(("?", "\uff1f"))
    return SpokenSentence(
        sentence=sentence,
        turn=turn,
        tokens=tokens,
        spans=spans,
        terms=terms,
        size=max(len(tokens), len(UNSPACED_OR_HANGUL.findall(text)) / 2),
        is_junk=is_junk or not terms,
        opens_topic=language.english and bool(TURNING.search(text[:TOPIC_CUE_CHARACTERS])),
        closes_topic=language.english and bool(CLOSING.search(text)),
        is_question=ends_asking and not REPORTED_QUESTION.search(text),
    )


def _junk_indices(texts: Sequence[str], language: Language) -> set[int]:
    """Indices of greetings, introductions, logistics; outside English, of greetings only."""
    if not language.english:
        return {i for i, text in enumerate(texts) if FOREIGN_GREETING.match(text)}
    junk = {i for i, text in enumerate(texts) if JUNK.search(text)}
    for i, text in enumerate(texts):
        if HOUSEKEEPING.search(text):
            reach = HOUSEKEEPING_REACH_SENTENCES
            junk.update(range(max(0, i - reach), min(len(texts), i + reach + 1)))
    return junk


def tokens_of(text: str) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    """The tokens of a text in lower case, and their offsets [start, end)."""
    matches = list(TOKEN.finditer(text))
    tokens = tuple(match[0].lower().replace("\u2019", "'") for match in matches)
    return tokens, tuple(match.span() for match in matches)


def is_content(token: str, language: Language) -> bool:
    """Whether a token says something about the subject."""
    if token in language.function_words or (language.english and token in english.COMMON):
        return False
    return len(token) > 2 or (len(token) == 2 and bool(UNSPACED_OR_HANGUL.search(token)))


@cache
def singular(token: str) -> str:
    """A token without English plural and possessive endings, so that the forms of a term are grouped.

    comparable.stem goes further, to tell whether prose says what was said. Tried for terms, it joined words
    that people tell apart ("meet", "meetings"), and quotes covered fewer topics of meetings.
    """
    token = token.removesuffix("'s")
    if len(token) > 4 and token.endswith("ies"):
        return token[:-3] + "y"
    if len(token) > 3 and token.endswith("s") and not token.endswith(("ss", "us", "is")):
        return token[:-1]
    return token


@cache
def verbs() -> frozenset[str]:
    """All finite forms of the common verbs."""
    forms = set(english.VERBS | english.IRREGULAR_VERB_FORMS)
    for verb in english.VERBS:
        if verb.endswith("y") and verb[-2] not in "aeou":
            forms |= {verb[:-1] + "ies", verb[:-1] + "ied"}
        else:
            forms |= {verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "o")) else "s")}
            forms |= {verb + ("d" if verb.endswith("e") else "ed")}
            forms |= {verb + verb[-1] + "ed"}
    return frozenset(forms)


def is_finite(token: str) -> bool:
    """Whether a token may be a clause's finite verb."""
    return (
        token in english.AUXILIARIES
        or token in verbs()
        or token.endswith("n't")
        or ("'" in token and token in english.PRONOUNS)
    )


def has_clause(tokens: Sequence[str]) -> bool:
    """Whether there are a subject and its verb, or a command and its object."""
    for at, token in enumerate(tokens):
        if not is_finite(token):
            continue
        if at == 0:
            if "'" in token and len(tokens) > 2:
                return True
            if (
                token in english.VERBS - english.COMMON
                and tokens[1:2]
                and tokens[1] in english.ARTICLES | english.PRONOUNS | english.DETERMINERS
            ):
                return True
        elif at < len(tokens) - 1 and tokens[at - 1] not in NO_VERB_AFTER:
            return True
    return False


def count_openers(tokens: Sequence[str]) -> int:
    """How many words come before the sentence proper begins: "Yeah, so I mean ..." has four."""
    at = 0
    while at < len(tokens):
        if tokens[at] in english.OPENERS:
            at += 1
        elif tuple(tokens[at : at + 2]) in {("i", "mean"), ("you", "know")}:
            at += 2
        else:
            break
    return at


def dangling(tokens: Sequence[str]) -> float:
    """How much a reader misses what was said before: 0, 0.5 or 1. Pronouns after a noun are fine."""
    first = count_openers(tokens)
    for at in range(first, len(tokens)):
        token, after = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else ""
        if token in english.DANGLING:
            if token == "it" and tokens[at - 1].startswith("call") and after:  # "we call it Christmas"
                continue
            if token.startswith("it") and EXPLETIVE.match(" ".join(tokens[at : at + MAX_EXPLETIVE_WORDS])):
                continue
            if (
                token in {"that", "which", "who", "whose"}
                and at > first
                and after not in english.AUXILIARIES
                and after
            ):
                if tokens[at - 1] in english.PREPOSITIONS:
                    return 0.5
                continue
            if token in {"those", "that"} and after in {"who", "that"}:
                continue
            has_noun = after and after not in english.FUNCTION and after not in verbs()
            return 0.5 if token in english.DEMONSTRATIVES and has_noun else 1.0
        if token not in english.FUNCTION and token not in verbs() and len(token) > 1:
            return 0.0
    return 0.0
