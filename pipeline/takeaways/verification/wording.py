"""How a claim is put: plain prose, true quotation marks, nobody's voice, no he or she, nothing twice."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language.sentences import SPACELESS
from pipeline.takeaways.verification.evidence import Embed, Evidence, Failure

LONGEST = {"prose": 60, "frame": 60, "heading": 12}  # words
_MARKUP = (
    (re.compile(r"https?:|www\.|\b[\w-]+\.(?:com|org|net|io|dev)/", re.I), "an address"),
    (re.compile(r"</?[A-Za-z!][^>]*>|&(?:[a-z]+|#\d+);|<!--"), "HTML"),
    (re.compile(r"[*`~|]|__|^\s*(?:#|>|[-+] |\d+[.)] )|\]\(|!\["), "Markdown"),
    (re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"), "a control character"),
    (re.compile(r"[{}]|\{%|<<|>>"), "braces other than a speaker's"),
    (
        re.compile(r"\[[^\]]*\]|\((?:s\d+|\d{1,2})(?:, ?(?:s\d+|\d{1,2}))*\)|\bs\d{1,6}\b"),
        "a reference in brackets or a sentence's id",
    ),
    (
        re.compile(
            r"\b(?:the|this|above|provided|given) (?:transcript|excerpt)s?\b|\b(?:cited )?sentences? #?\d+\b|"
            r"\b(?:the |these )?(?:cited|above|provided|given) sentences?\b|\bthe (?:passage|"
            r"source) (?:says|states)\b|"
            r"\b(?:this|the|these) (?:blog )?(?:posts?|articles?|sections?|newsletters?|conversations?) "
            r"(?:discuss|cover|explore|explain|describe|is about|are about|provide|highlight|come together)"
            r"(?:e?s)?\b",
            re.I,
        ),
        "talk about the transcript itself",
    ),
    (
        re.compile(
            r"\bas an? (?:ai|language model|assistant)\b|\blanguage model\b.{0,30}\bI (?:can|am)\b|"
            r"\b(?:here(?:'s| is| are) (?:the|a|your|my) (?:\w+ )?(?:summary|paragraph|heading|sentence|"
            r"rewrite|title|"
            r"introduction|revised|corrected)|sure[,!] here|certainly[,!]|i(?:'m| am) sorry|i (?:cannot|"
            r"can't) (?:help|assist|"
            r"provide|verify)|let me know if|note to (?:the )?(?:editor|reader)|hope this helps)|"
            r"\b(?:ignore|disregard) (?:all |the |any )?(?:previous|above|prior|earlier)\b|\bsystem prompt\b|"
            r"^\W*(?:heading|title|claim|paragraph|output|answer|json)\s*:|\b(?:rewrite|output|return|"
            r"respond with|"
            r"write) (?:the|a|only|your|this) (?:json|sentence|paragraph|claim|heading|summary|answer)\b",
            re.I,
        ),
        "a leftover of a reply or an instruction",
    ),
)


def markup(text: str, kind: str) -> Iterator[Failure]:
    """What in the text is not plain prose.

    Markup, leftovers of a model's reply, and sentences that are too long. Sees: addresses, Markdown, HTML,
    control characters, braces, brackets with numbers, talk of the transcript or of being a model. Cannot
    see: instructions worded as plain prose about the matter.
    """
    bare = t.SPEAKER.sub("X", text)
    for pattern, what in _MARKUP:
        if match := pattern.search(bare):
            yield Failure("markup", f"it holds {what} ({match[0].strip()[:40]!r}); write plain prose only")
            return
    if not t.words_of(bare):
        yield Failure("markup", "it has no words")
    count = max(len(bare.split()), len(SPACELESS.findall(bare)) // 2)
    if count > LONGEST[kind]:
        yield Failure("length", f"it has {count} words; at most {LONGEST[kind]} are allowed in one sentence")


_QUOTATION_MARKS = '"\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u300c\u300d'


def quotations(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Each quotation that no cited sentence has.

    Words in quotation marks must be one cited sentence's, word for word. Sees: straight, curly and single
    quotation marks, guillemets, marks that are never closed. Case, punctuation and spaces are let go.
    Cannot see: borrowed words without marks, or a quotation out of its context.
    """
    sources = [_spaced(source) for source in evidence.texts]
    for match in t.QUOTED.finditer(text):
        quoted = next(group for group in match.groups() if group)
        pieces = [_spaced(piece) for piece in quoted.replace("...", "\u2026").split("\u2026")]
        for piece in pieces:
            if not any(piece in source for source in sources):
                yield Failure(
                    "quotation",
                    f'"{quoted}" is in quotation marks, but no cited sentence has just these words',
                )
                break
    if any(mark in t.unquoted(text) for mark in _QUOTATION_MARKS):
        yield Failure("quotation", "a quotation mark is left open or closed twice")


def _spaced(text: str) -> str:
    """Its words with a space on each side, so that only whole words match."""
    words = t.words_of(t.SPEAKER.sub(" ", text))
    if SPACELESS.search(text):
        return "".join(words)
    return f" {' '.join(words)} " if words else " "


CLOSE = 0.9  # cosine
SHARED = 0.8  # of the content words of both
PHRASE = 4  # words, two of them content


def repetition(text: str, earlier: Sequence[str], embed: Embed) -> Iterator[Failure]:
    """The first earlier sentence that says the same, and a phrase that comes twice.

    The same thing said twice. Sees: nearly the same words or nearly the same meaning as an earlier
    sentence, a phrase twice within one sentence. Cannot see: the same thought in words so different that
    the vectors part.
    """
    if earlier:
        mine, rows = set(t.content(text)), embed([text, *earlier])
        cosines = rows[1:] @ rows[0]
        for before, cosine in zip(earlier, cosines, strict=True):
            theirs = set(t.content(before))
            shared = len(mine & theirs) / max(1, len(mine | theirs))
            if cosine >= CLOSE or (shared >= SHARED and len(mine) > 1):
                yield Failure("repeat", f'it says nearly the same as the earlier sentence "{before}"')
                break
    if twice := _twice(t.words_of(t.SPEAKER.sub(" ", text))):
        yield Failure("repeat", f'it says "{twice}" twice')


def _twice(words: Sequence[str]) -> str:
    for one, two in pairwise(words):
        if one == two and one not in {"that", "had", "%"}:
            return one
    seen: set[tuple[str, ...]] = set()
    for at in range(len(words) - PHRASE + 1):
        phrase = tuple(words[at : at + PHRASE])
        if phrase in seen and sum(map(t.is_content, phrase)) > 1:
            return " ".join(phrase)
        seen.add(phrase)
    return ""


# More words in a row that prose shares with what was said is a quotation without its marks.
LONGEST_RUN = 24
WHOLE, SHORTEST_RUN = 0.8, 8  # and a claim that is nothing but a run: share of its words, and words at least
_LINE = re.compile(r"^\W*\{S\d+\}\s*:")
_FIRST_PERSON = re.compile(r"\b(?:I(?!\.)|I'(?:m|ve|d|ll)|me|my|we|we'(?:re|ve|d|ll)|us|our)\b(?!/)")


def voice(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Where a claim speaks as one of the speakers.

    Prose tells what people said; it does not speak in their place. Sees: a line of the transcript that is
    copied ("{S1}: …", or many words in a row), in English "I" and "we". Cannot see: a sentence so close to
    the speaker's own that only a word was changed, again and again.
    """
    if _LINE.match(text):
        yield Failure("copied", "it copies a line; say in your own words who argues what")
        return
    plain = t.plain(t.unquoted(text))  # what is quoted speaks in its own marks
    if evidence.english and (found := _FIRST_PERSON.search(plain)):
        yield Failure(
            "voice", f'it says "{found[0]}"; tell of the speakers by their ids, do not speak as them'
        )
    if run := _copied(plain, evidence):
        yield Failure("copied", f'it copies "{run} …" word for word; say it in your own words')


def _copied(text: str, evidence: Evidence) -> str:
    """The beginning of a long run of words that a cited sentence has, too; "" if there is none."""
    words = _words(text)
    said = [" ".join(["", *_words(sentence), ""]) for sentence in evidence.texts]
    length = min(LONGEST_RUN + 1, max(SHORTEST_RUN, math.ceil(WHOLE * len(words))))
    for start in range(len(words) - length + 1):
        run = " ".join(["", *words[start : start + length], ""])
        if any(run in sentence for sentence in said):
            return " ".join(words[start : start + 4])
    return ""


def _words(text: str) -> list[str]:
    return re.findall(r"\w+(?:'\w+)*", t.plain(text).lower())


_SETS = (
    re.compile(r"\b(?:he|him|his|himself)(?:'\w+)?\b", re.I),
    re.compile(r"\b(?:she|her|hers|herself)(?:'\w+)?\b", re.I),
)


def pronouns(text: str, evidence: Evidence) -> Iterator[Failure]:
    """A gendered pronoun that the cited sentences do not use.

    He and she are nobody's until somebody said so: a speaker is their token again, or they. Sees: he, she
    and their forms where no cited sentence has one of the same gender. Cannot see: whom a pronoun that the
    sources use, too, refers to.
    """
    bare = t.plain(t.unquoted(text))
    for forms in _SETS:
        match = forms.search(bare)
        if match and not any(forms.search(t.plain(source)) for source in evidence.texts):
            yield Failure(
                "pronoun",
                f'"{match[0]}" is used, but no cited sentence says so of anybody; '
                "write the speaker's token again, or they",
            )
