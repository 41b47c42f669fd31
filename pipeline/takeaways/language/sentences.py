"""How a sentence reads on its own: junk, question, turn to a new topic, end of an old one, dangling."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pipeline.takeaways.language import english as w
from pipeline.takeaways.language import patterns as p
from pipeline.takeaways.language.prompt_injection import ORDER

if TYPE_CHECKING:
    from pipeline.records import Sentence, Turns

TOKEN = re.compile(r"\w+(?:['\u2019-]\w+)*")
SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")  # scripts without spaces
NO_VERB_AFTER = (
    w.ARTICLES | w.PREPOSITIONS | w.DETERMINERS | {"to", "my", "your", "our", "their", "its", "his", "her"}
)
NEAR_START = 120  # letters of a sentence in which it turns to a new topic, if it does
SPONSOR_REACH = 3  # sentences around an advertisement's catchwords that belong to it


@dataclass(frozen=True)
class Said:
    """A sentence and what its words tell. `tokens` are lower case, `spans` their places in the text."""

    sentence: Sentence
    turn: int
    tokens: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    terms: tuple[str, ...]  # content words, stemmed lightly
    size: float  # words, or what would be words in a script without spaces
    junk: bool
    turning: bool
    closing: bool
    question: bool


@dataclass(frozen=True)
class Language:
    """What is known of the language of a talk. Outside English, function words are guessed from frequency."""

    english: bool
    function: frozenset[str]

    @classmethod
    def of(cls, turns: Turns) -> Language:
        if turns.language.lower().split("-")[0] == "en":
            return cls(True, w.FUNCTION)
        counts = Counter(t for s in turns.sentences() for t in set(tokens_of(s.text)[0]))
        least = 0.04 * sum(1 for _ in turns.sentences())
        frequent = sorted(
            (t for t in counts if counts[t] > least and len(t) <= 6), key=lambda t: (-counts[t], t)
        )
        return cls(False, frozenset(frequent[:80]))


def read(turns: Turns, language: Language) -> tuple[Said, ...]:
    """Every sentence of the talk, in order, but those that listeners throw in."""
    said: list[Said] = []
    for number, turn in enumerate(turn for turn in turns.turns if not turn.aside):
        junk = _junk([s.text for s in turn.sentences], language)
        said.extend(_said(s, number, at in junk, language) for at, s in enumerate(turn.sentences))
    return tuple(said)


def _said(sentence: Sentence, turn: int, junk: bool, language: Language) -> Said:
    text = sentence.text
    tokens, spans = tokens_of(text)
    terms = tuple(stem(t) for t in tokens if is_content(t, language))
    spaceless = len(SPACELESS.findall(text))
    return Said(
        sentence=sentence,
        turn=turn,
        tokens=tokens,
        spans=spans,
        terms=terms,
        size=spaceless / 2 if spaceless > len(text) / 3 else len(tokens),
        junk=junk or not terms or bool(ORDER.search(text)),
        turning=language.english and bool(p.TURNING.search(text[:NEAR_START])),
        closing=language.english and bool(p.CLOSING.search(text)),
        question=text.rstrip("\"'\u201d\u2019) ").endswith(("?", "\uff1f")) and not p.REPORTED.search(text),
    )


def _junk(texts: Sequence[str], language: Language) -> set[int]:
    """Which of a turn's sentences are greetings, introductions, advertisements or logistics."""
    if not language.english:
        return {i for i, text in enumerate(texts) if p.GREETING.match(text)}
    found = {i for i, text in enumerate(texts) if p.JUNK.search(text)}
    for i, text in enumerate(texts):
        if p.SPONSOR.search(text):
            found.update(range(max(0, i - 1), min(len(texts), i + SPONSOR_REACH + 1)))
    return found


def tokens_of(text: str) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    matches = list(TOKEN.finditer(text))
    return tuple(m[0].lower().replace("\u2019", "'") for m in matches), tuple(m.span() for m in matches)


def is_content(token: str, language: Language) -> bool:
    """Whether a token says something about the subject."""
    if token in language.function or (language.english and token in w.COMMON):
        return False
    return len(token) > 2 or (len(token) == 2 and bool(SPACELESS.search(token)))


@cache
def stem(token: str) -> str:
    """Plural and possessive taken off, nothing more: terms are shown to people."""
    token = token.removesuffix("'s")
    if len(token) > 4 and token.endswith("ies"):
        return token[:-3] + "y"
    if len(token) > 3 and token.endswith("s") and not token.endswith(("ss", "us", "is")):
        return token[:-1]
    return token


@cache
def verbs() -> frozenset[str]:
    """All finite forms of words.VERBS."""
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
    """Whether a token may be the verb that makes a clause."""
    return (
        token in w.AUXILIARIES
        or token in verbs()
        or token.endswith("n't")
        or ("'" in token and token in w.PRONOUNS)
    )


def has_clause(tokens: Sequence[str]) -> bool:
    """Whether a subject and its verb, or a command and its object, are there."""
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


def openers(tokens: Sequence[str]) -> int:
    """How many words are said before the sentence proper begins: "Yeah, so I mean ..." has four."""
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
    """0 to 1: how much a reader misses what was said before. Pronouns with a noun before them are fine."""
    first = openers(tokens)
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
            named = after and after not in w.FUNCTION and after not in verbs()
            return 0.5 if token in w.DEMONSTRATIVES and named else 1.0
        if token not in w.FUNCTION and token not in verbs() and len(token) > 1:
            return 0.0
    return 0.0
