"""How a sentence reads on its own: junk, a question, the start or end of a topic, dangling pronouns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pipeline.takeaways.language import english as w
from pipeline.takeaways.language import patterns as p
from pipeline.takeaways.language.prompt_injection import INJECTION

if TYPE_CHECKING:
    from pipeline.records import Sentence, Turns

TOKEN = re.compile(r"\w+(?:['\u2019-]\w+)*")
SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")  # scripts without spaces
NO_VERB_AFTER = (
    w.ARTICLES | w.PREPOSITIONS | w.DETERMINERS | {"to", "my", "your", "our", "their", "its", "his", "her"}
)
TOPIC_CUE_CHARACTERS = 120  # a sentence that turns to a new topic does so among its first characters
SPONSOR_REACH_SENTENCES = 3  # after an advertisement's catchwords that belong to it, as does one before


@dataclass(frozen=True)
class SpokenSentence:
    """A sentence and what its words reveal.

    `turn` is the index of its turn, `tokens` are lower case, `spans` are their offsets [start, end) in the
    text.
    """

    sentence: Sentence
    turn: int
    tokens: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    terms: tuple[str, ...]  # content words, lightly stemmed
    size: float  # words; in a script without spaces, half the number of characters
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
            return cls(True, w.FUNCTION)
        token_sets = (set(tokens_of(sentence.text)[0]) for sentence in turns.sentences())
        counts = Counter(token for tokens in token_sets for token in tokens)
        min_count = 0.04 * sum(1 for _ in turns.sentences())
        frequent = sorted(
            (token for token in counts if counts[token] > min_count and len(token) <= 6),
            key=lambda token: (-counts[token], token),
        )
        return cls(False, frozenset(frequent[:80]))


def analyse(turns: Turns, language: Language) -> tuple[SpokenSentence, ...]:
    """Every sentence of the talk, in order, except listeners' backchannels."""
    said: list[SpokenSentence] = []
    for turn_index, turn in enumerate(turn for turn in turns.turns if not turn.aside):
        junk_indices = _junk_indices([sentence.text for sentence in turn.sentences], language)
        said.extend(
            _analyse_sentence(sentence, turn_index, i in junk_indices, language)
            for i, sentence in enumerate(turn.sentences)
        )
    return tuple(said)


def _analyse_sentence(sentence: Sentence, turn: int, is_junk: bool, language: Language) -> SpokenSentence:
    text = sentence.text
    tokens, spans = tokens_of(text)
    terms = tuple(stem(token) for token in tokens if is_content(token, language))
    spaceless_count = len(SPACELESS.findall(text))
    ends_asking = text.rstrip("\"'\u201d\u2019) ").endswith(("?", "\uff1f"))
    return SpokenSentence(
        sentence=sentence,
        turn=turn,
        tokens=tokens,
        spans=spans,
        terms=terms,
        size=spaceless_count / 2 if spaceless_count > len(text) / 3 else len(tokens),
        is_junk=is_junk or not terms or bool(INJECTION.search(text)),
        opens_topic=language.english and bool(p.TURNING.search(text[:TOPIC_CUE_CHARACTERS])),
        closes_topic=language.english and bool(p.CLOSING.search(text)),
        is_question=ends_asking and not p.REPORTED.search(text),
    )


def _junk_indices(texts: Sequence[str], language: Language) -> set[int]:
    """The indices of a turn's sentences that are greetings, introductions, advertisements or logistics."""
    if not language.english:
        return {i for i, text in enumerate(texts) if p.GREETING.match(text)}
    junk = {i for i, text in enumerate(texts) if p.JUNK.search(text)}
    for i, text in enumerate(texts):
        if p.SPONSOR.search(text):
            junk.update(range(max(0, i - 1), min(len(texts), i + SPONSOR_REACH_SENTENCES + 1)))
    return junk


def tokens_of(text: str) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    """The tokens of a text in lower case, and the offsets [start, end) of each."""
    matches = list(TOKEN.finditer(text))
    tokens = tuple(match[0].lower().replace("\u2019", "'") for match in matches)
    return tokens, tuple(match.span() for match in matches)


def is_content(token: str, language: Language) -> bool:
    """Whether a token says something about the subject."""
    if token in language.function_words or (language.english and token in w.COMMON):
        return False
    return len(token) > 2 or (len(token) == 2 and bool(SPACELESS.search(token)))


@cache
def stem(token: str) -> str:
    """Without plural and possessive endings; nothing more is removed, because terms are shown to people."""
    token = token.removesuffix("'s")
    if len(token) > 4 and token.endswith("ies"):
        return token[:-3] + "y"
    if len(token) > 3 and token.endswith("s") and not token.endswith(("ss", "us", "is")):
        return token[:-1]
    return token


@cache
def verbs() -> frozenset[str]:
    """All finite forms of english.VERBS."""
    forms = set(w.VERBS | w.IRREGULAR)
    for verb in w.VERBS:
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
        token in w.AUXILIARIES
        or token in verbs()
        or token.endswith("n't")
        or ("'" in token and token in w.PRONOUNS)
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
                token in w.VERBS - w.COMMON
                and tokens[1:2]
                and tokens[1] in w.ARTICLES | w.PRONOUNS | w.DETERMINERS
            ):
                return True
        elif at < len(tokens) - 1 and tokens[at - 1] not in NO_VERB_AFTER:
            return True
    return False


def count_openers(tokens: Sequence[str]) -> int:
    """How many words come before the sentence proper begins: "Yeah, so I mean ..." has four."""
    at = 0
    while at < len(tokens):
        if tokens[at] in w.OPENERS:
            at += 1
        elif tuple(tokens[at : at + 2]) in {("i", "mean"), ("you", "know")}:
            at += 2
        else:
            break
    return at


def dangling(tokens: Sequence[str]) -> float:
    """How much a reader misses what was said before, 0 to 1. Pronouns with a noun before them are fine."""
    first = count_openers(tokens)
    for at in range(first, len(tokens)):
        token, after = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else ""
        if token in w.DANGLING:
            if token == "it" and tokens[at - 1].startswith("call") and after:  # "we call it Christmas"
                continue
            if token.startswith("it") and p.EXPLETIVE.match(" ".join(tokens[at:])):
                continue
            if (
                token in {"that", "which", "who", "whose"}
                and at > first
                and after not in w.AUXILIARIES
                and after
            ):
                if tokens[at - 1] in w.PREPOSITIONS:
                    return 0.5
                continue
            if token in {"those", "that"} and after in {"who", "that"}:
                continue
            is_named = after and after not in w.FUNCTION and after not in verbs()
            return 0.5 if token in w.DEMONSTRATIVES and is_named else 1.0
        if token not in w.FUNCTION and token not in verbs() and len(token) > 1:
            return 0.0
    return 0.0
