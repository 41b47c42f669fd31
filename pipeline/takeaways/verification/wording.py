"""How a claim is worded: plain prose, true quotations, in nobody's voice, no he or she, nothing twice."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.takeaways.language.comparable import (
    QUOTED,
    SPEAKER,
    content,
    is_content,
    unquoted,
    words_of,
)
from pipeline.takeaways.verification.evidence import Evidence, Failure, Kind, own_words
from pipeline.text import UNSPACED_OR_HANGUL, count_words
from pipeline.word_lists import WordLists

if TYPE_CHECKING:
    from pipeline.engines import Embed

LISTS = WordLists.beside(__file__)
MAX_WORDS = {"prose": 60, "frame": 60, "heading": 12}  # of one sentence
_MARKUP = (
    (re.compile(r"https?:|www\.|\b[\w-]+\.(?:com|org|net|io|dev)/", re.I), "an address"),
    (re.compile(r"</?[A-Za-z!][^<>]*+(?:<[^<>]*+){0,20}>|&(?:[a-z]+|#\d+);|<!--"), "HTML"),
    (re.compile(r"[*`~|]|__|^\s*(?:#|>|[-+] |\d+[.)] )|\]\(|!\["), "Markdown"),
    (re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"), "a control character"),
    (re.compile(r"[{}]|\{%|<<|>>"), "braces other than a speaker's"),
    (
        re.compile(
            r"\[[^\[\]]*+(?:\[[^\[\]]*+){0,20}\]"
            r"|\((?:s\d+|\d{1,2})(?:, ?(?:s\d+|\d{1,2}))*\)|\bs\d{1,6}\b"
        ),
        "a reference in brackets or a sentence's id",
    ),
    (LISTS.pattern("about_the_transcript"), "talk about the transcript itself"),
    (LISTS.pattern("replies", "instructions"), "a leftover of a reply or an instruction"),
)


def check_markup(text: str, kind: Kind) -> Iterator[Failure]:
    """Whatever is not plain prose, and sentences that are too long.

    Sees: addresses, Markdown, HTML, control characters, braces, brackets with numbers, talk of the
    transcript or of being a model. Cannot see: instructions worded as plain prose about the subject.
    """
    prose = SPEAKER.sub("X", text)
    for pattern, name in _MARKUP:
        if match := pattern.search(prose):
            yield Failure("markup", f"it holds {name} ({match[0].strip()[:40]!r}); write plain prose only")
            return
    if not words_of(prose):
        yield Failure("markup", "it has no words")
    count = count_words(prose)
    if count > MAX_WORDS[kind]:
        yield Failure(
            "length", f"it has {count} words; at most {MAX_WORDS[kind]} are allowed in one sentence"
        )


_QUOTATION_MARKS = '"\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u300c\u300d'


def check_quotations(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Each quotation that no cited sentence has.

    Words in quotation marks must be one cited sentence's, word for word. Sees: straight, curly and single
    quotation marks, guillemets, marks that are never closed. Case, punctuation and spaces may differ. Cannot
    see: borrowed words without marks, or a quotation out of its context.
    """
    sources = [_spaced_words(source) for source in evidence.texts]
    for match in QUOTED.finditer(text):
        quotation = next(group for group in match.groups() if group)
        pieces = map(_spaced_words, quotation.replace("...", "\u2026").split("\u2026"))
        if not all(any(piece in source for source in sources) for piece in pieces):
            yield Failure(
                "quotation",
                f'"{quotation}" is in quotation marks, but no cited sentence has just these words',
            )
    if any(mark in unquoted(text) for mark in _QUOTATION_MARKS):
        yield Failure("quotation", "a quotation mark is left open or closed twice")


def _spaced_words(text: str) -> str:
    """The words of a text with a space on each side, so that only whole words match."""
    words = words_of(SPEAKER.sub(" ", text))
    if UNSPACED_OR_HANGUL.search(text):
        return "".join(words)
    return f" {' '.join(words)} " if words else " "


MAX_RUN_WORDS = 24  # that prose may share with a source; a longer run is a quotation without its marks
# A claim that is little else than a run of its source's words is a copy, from so many words on.
COPIED_SHARE = 0.8
MIN_COPIED_WORDS = 8
_LINE = re.compile(r"^\W*\{S\d+\}\s*:")  # of the transcript
_WORD = re.compile(r"\w+(?:'\w+)*")
_FIRST_PERSON = re.compile(r"\b(?:I(?!\.)|I'(?:m|ve|d|ll)|me|my|we|we'(?:re|ve|d|ll)|us|our)\b(?!/)")


def check_voice(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Where a claim speaks as one of the speakers.

    Prose tells what people said; it does not speak in their place. Sees: a line of the transcript that is
    copied ("{S1}: …", or many words in a row), in English "I" and "we". Cannot see: a sentence so close to
    the speaker's own that only a word was changed, again and again.
    """
    if _LINE.match(text):
        yield Failure("copied", "it copies a line; say in your own words who argues what")
        return
    claim = own_words(text)
    if evidence.english and (pronoun := _FIRST_PERSON.search(claim)):
        yield Failure(
            "voice", f'it says "{pronoun[0]}"; tell of the speakers by their ids, do not speak as them'
        )
    if run := _copied_words(claim, evidence):
        yield Failure("copied", f'it copies "{run} …" word for word; say it in your own words')


def _copied_words(claim: str, evidence: Evidence) -> str:
    """The beginning of a long run of words that a cited sentence has, too; "" if there is none."""
    words = _WORD.findall(claim.lower())
    sources = [" ".join(["", *_WORD.findall(source.lower()), ""]) for source in evidence.plain_texts]
    length = min(MAX_RUN_WORDS + 1, max(MIN_COPIED_WORDS, math.ceil(COPIED_SHARE * len(words))))
    for start in range(len(words) - length + 1):
        run = " ".join(["", *words[start : start + length], ""])
        if any(run in source for source in sources):
            return " ".join(words[start : start + 4])
    return ""


_GENDERED = (
    re.compile(r"\b(?:he|him|his|himself)(?:'\w+)?\b", re.I),
    re.compile(r"\b(?:she|her|hers|herself)(?:'\w+)?\b", re.I),
)


def check_pronouns(text: str, evidence: Evidence) -> Iterator[Failure]:
    """A gendered pronoun that the cited sentences do not use.

    Nobody is he or she until somebody said so: a speaker is their token again, or they. Sees: he, she and
    their forms where no cited sentence has one of the same gender. Cannot see: whom a pronoun that the
    sources use, too, refers to.
    """
    claim = own_words(text)
    for pronouns in _GENDERED:
        match = pronouns.search(claim)
        if match and not any(map(pronouns.search, evidence.plain_texts)):
            yield Failure(
                "pronoun",
                f'"{match[0]}" is used, but no cited sentence says so of anybody; '
                "write the speaker's token again, or they",
            )


# From where two sentences say the same.
MIN_REPEAT_COSINE = 0.9
MIN_REPEAT_SHARED = 0.8  # of the content words of both (Jaccard index)
PHRASE_WORDS = 4  # of which two are content words


def check_repetition(text: str, earlier: Sequence[str], embed: Embed) -> Iterator[Failure]:
    """The first earlier sentence that says the same, and a phrase that comes twice.

    Sees: nearly the same words or nearly the same meaning as an earlier sentence, a phrase twice within one
    sentence. Cannot see: the same thought in words so different that the embeddings differ.
    """
    if earlier:
        words, rows = set(content(text)), embed([text, *earlier])
        for sentence, cosine in zip(earlier, rows[1:] @ rows[0], strict=True):
            earlier_words = set(content(sentence))
            shared = len(words & earlier_words) / max(1, len(words | earlier_words))
            if cosine >= MIN_REPEAT_COSINE or (shared >= MIN_REPEAT_SHARED and len(words) > 1):
                yield Failure("repeat", f'it says nearly the same as the earlier sentence "{sentence}"')
                break
    if phrase := _repeated_phrase(words_of(SPEAKER.sub(" ", text))):
        yield Failure("repeat", f'it says "{phrase}" twice')


def _repeated_phrase(words: Sequence[str]) -> str:
    """A word that is said twice in a row, or a phrase that comes twice; "" if there is none."""
    for word, following in pairwise(words):
        if word == following and word not in {"that", "had", "%"}:
            return word
    seen: set[tuple[str, ...]] = set()
    for at in range(len(words) - PHRASE_WORDS + 1):
        phrase = tuple(words[at : at + PHRASE_WORDS])
        if phrase in seen and sum(map(is_content, phrase)) > 1:
            return " ".join(phrase)
        seen.add(phrase)
    return ""
