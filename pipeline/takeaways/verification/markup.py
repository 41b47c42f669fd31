"""Markup, leftovers of a model's reply, and sentences that are too long.

Sees: addresses, Markdown, HTML, control characters, braces, brackets with numbers, talk of the transcript
or of being a model. Cannot see: instructions worded as plain prose about the matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language.sentences import SPACELESS
from pipeline.takeaways.verification.failure import Failure

LONGEST = {"prose": 60, "frame": 60, "heading": 12}  # words
_MARKS = (
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


def failures(text: str, kind: str) -> Iterator[Failure]:
    """What in the text is not plain prose."""
    bare = t.SPEAKER.sub("X", text)
    for pattern, what in _MARKS:
        if match := pattern.search(bare):
            yield Failure("markup", f"it holds {what} ({match[0].strip()[:40]!r}); write plain prose only")
            return
    if not t.words_of(bare):
        yield Failure("markup", "it has no words")
    count = max(len(bare.split()), len(SPACELESS.findall(bare)) // 2)
    if count > LONGEST[kind]:
        yield Failure("length", f"it has {count} words; at most {LONGEST[kind]} are allowed in one sentence")
