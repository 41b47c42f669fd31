"""Plain prose: no markup, no address, no leftover of a reply; sentences that are whole and not too long."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.takeaways.language.comparable import SPEAKER, words_of
from pipeline.takeaways.verification.evidence import Failure, Place
from pipeline.text import count_words
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
MAX_WORDS = {"prose": 80, "frame": 80, "heading": 14}  # of one sentence
MAX_DEK_WORDS = 30  # a longer text of the frame has to end like a sentence
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
    (LISTS.pattern("replies"), "a leftover of a reply"),
)
_LINE = re.compile(r"^\W*\{S\d+\}\s*[:\uff1a]")  # of the transcript
_SENTENCE_END = re.compile(
    r"[.!?\u2026\u3002\uff01\uff1f\u0964\u06d4\u061f][\"')\]\u201d\u2019\u00bb\u300d\u300f]*$"
)
_COLON_END = re.compile(r"[:\uff1a]$")  # of prose that leads up to what comes next
_INNER_END = re.compile(r"\w{3}[.!?] [^\W\d_a-z]")  # another sentence begins
_OPEN_END = re.compile(rf"(?:[,;:(\u2013\u2014-]|\b{LISTS.any_of('open_ends')})$", re.I)


def check_plain_prose(text: str, place: Place) -> Iterator[Failure]:
    """Whatever is not plain prose, and sentences that break off or are too long.

    Sees: addresses, Markdown, HTML, control characters, braces, brackets with numbers, a copied line of the
    transcript, talk of the transcript or of being a model. A heading, title or dek needs no full stop.
    """
    prose = SPEAKER.sub("X", text)
    for pattern, name in _MARKUP:
        if match := pattern.search(prose):
            yield Failure("markup", f"it holds {name} ({match[0].strip()[:40]!r}); write plain prose only")
            return
    if _LINE.match(text):
        yield Failure("markup", "it copies a line of the transcript; say who argues what")
    if not words_of(prose):
        yield Failure("markup", "it has no words")
    count = count_words(prose)
    if count > MAX_WORDS[place]:
        yield Failure(
            "length", f"it has {count} words; at most {MAX_WORDS[place]} are allowed in one sentence"
        )
    if _is_cut_off(prose.rstrip(), place, count):
        yield Failure("unfinished", "it breaks off before its end; say it more briefly")


def _is_cut_off(text: str, place: Place, words: int) -> bool:
    if _SENTENCE_END.search(text) or (place == "prose" and _COLON_END.search(text)):
        return False
    is_sentence = place == "prose" or (
        place == "frame" and (words > MAX_DEK_WORDS or bool(_INNER_END.search(text)))
    )
    return is_sentence or (place == "frame" and bool(_OPEN_END.search(text)))
