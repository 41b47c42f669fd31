"""Which words end a sentence, by their punctuation.

A full stop does not end one before a small letter, after an abbreviation that leads on, an initial or the
number of a list. `sentencex` (Wikimedia's segmenter) knows abbreviations of 300 languages. It decides for the
languages that have no list here, and for these the lists do better on what people say.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from pipeline.word_lists import WordLists

_LISTS = WordLists.beside(__file__)
_LANGUAGES = frozenset({"ja", "zh", *(name.partition("_")[2] for name in _LISTS.lists)})

# Unicode's Sentence_Terminal characters but the full stop and the ellipsis, whose meaning depends on more.
_FINAL = (
    "!?\u0589\u061d\u061e\u061f\u06d4\u0964\u0965\u104a\u104b\u1362\u1367\u1368\u166e\u17d4\u17d5\u1803\u1809"
    "\u203c\u203d\u2047\u2048\u2049\u3002\uff01\uff0e\uff1f\uff61"
)
_MARKS = f".\u2026{_FINAL}"
_CLAUSE_MARKS = ",;:\u2013\u2014\u060c\u061b\u1363\u1364\u3001\uff0c\uff1a\uff1b"
_CLOSERS = "\"'\u2019\u201c\u201d\u00ab\u00bb\u2039\u203a)]}\u3009\u300b\u300d\u300f\u3011\uff09*_"
_OPENERS = (
    "\"'\u2018\u201a\u201c\u201d\u201e\u00ab\u00bb(\u3008\u300a\u300c\u300e\u3010\uff08[{"
    "\u00a1\u00bf*_\u2013\u2014-"
)
_PAIRS = {  # quotations and brackets, within which a sentence does not end
    '"': '"',
    "\u201c": "\u201d",
    "\u201e": "\u201c\u201d",
    "\u00ab": "\u00bb",
    "\u00bb": "\u00ab",
    "\u300c": "\u300d",
    "\u300e": "\u300f",
    "(": ")",
    "\uff08": "\uff09",
}
MAX_ENCLOSED_WORDS = 40  # more are no aside: the other mark of the pair is missing, or it is a speech
MAX_LIST_DIGITS = 3  # "12. Then": a list's number; with more it is a year
MIN_SENTENCES = 4  # fewer do not show whether a text uses capitals
PAUSE_SECONDS = 1.0  # after a full stop, a pause as long shows that a small letter begins a sentence


@cache
def listed(kind: str, language: str) -> frozenset[str]:
    """The words of a kind of list in a language ("openers", …); empty if there is no such list."""
    name = f"{kind}_{language}"
    return _LISTS.word_set(name) if name in _LISTS.lists else frozenset()


def _bare(text: str) -> str:
    """A word without punctuation around it, in small letters."""
    word = text.strip().lstrip(_OPENERS).rstrip(_CLOSERS + _MARKS + _CLAUSE_MARKS)
    return word.lower().replace("\u2019", "'")


def mark(text: str) -> str:
    """The marks that end a word, before closing quotation marks and brackets: "." of `said.")`."""
    body = text.rstrip(_CLOSERS)
    return body[len(body.rstrip(_MARKS)) :]


def is_marked(text: str) -> bool:
    """Whether any punctuation of a sentence or clause ends a word."""
    return text.rstrip(_CLOSERS).endswith((*_MARKS, *_CLAUSE_MARKS))


def is_clause_end(text: str) -> bool:
    """Whether a comma or the like ends a word."""
    return text.rstrip(_CLOSERS).endswith(tuple(_CLAUSE_MARKS))


def uses_capitals(texts: Sequence[str]) -> bool | None:
    """Whether sentences begin with capitals; None if too few begin to tell. Captions may have none."""
    small = capital = 0
    for text, after in pairwise(texts):
        if text.endswith((".", "?", "!")) and "." not in text[:-1]:
            first = after.lstrip(f" {_OPENERS}")[:1]
            small += first.islower()
            capital += first.isupper()
    return None if small + capital < MIN_SENTENCES else small <= 2 * capital


def ends(texts: Sequence[str], pauses: Sequence[float], language: str, has_capitals: bool) -> list[int]:
    """Indices one past each word that ends a sentence, the last word's among them.

    `pauses` are the seconds of silence before each word, 0 where that is not known; `has_capitals` is whether
    sentences begin with capitals.
    """
    language = language.lower().split("-")[0]
    enclosed, following = _enclosed(texts), _following(texts)
    known = None if language in _LANGUAGES else _known_ends(texts, language)
    found: list[int] = []
    for index in range(len(texts) - 1):
        if enclosed[index] or _is_closer(following[index]):
            continue
        marks = mark(texts[index - 1] if index and _is_closer(texts[index]) else texts[index])
        if not (marks if known is None else index + 1 in known):
            continue
        start = found[-1] if found else 0
        stop = _Stop(texts, index, start, following[index], marks, language, has_capitals)
        if stop.is_end(pauses[index + 1]) if known is None else stop.may_end():
            found.append(index + 1)
    return [*found, len(texts)] if texts else []


def _is_closer(text: str) -> bool:
    """Whether a word is a mark that closes a quotation, as in French, apart from the word that it follows."""
    return text.strip() in ("\u00bb", "\u201d", ")", "\u300d", "\u300f", "\uff09")


def _following(texts: Sequence[str]) -> list[str]:
    """The next word that is not empty, after each."""
    following, after = [""] * len(texts), ""
    for index in range(len(texts) - 1, -1, -1):
        following[index] = after
        after = texts[index] if texts[index].strip() else after
    return following


@dataclass(frozen=True)
class _Stop:
    """A word with marks at its end, and what is around it."""

    texts: Sequence[str]
    index: int
    start: int  # of the sentence
    after: str
    marks: str
    language: str
    has_capitals: bool

    def is_end(self, pause: float) -> bool:
        """Whether a sentence ends here."""
        text = self.texts[self.index]
        is_closed = text.rstrip(_CLOSERS) != text
        if is_closed and not self.after.startswith((" ", "\u300c", "\u201c")):
            return False  # in scripts without spaces: who said it, or how it goes on, follows
        is_small = self._begins_small()
        if any(char in _FINAL for char in self.marks):
            return not (is_closed and is_small)  # "Why?" he asked.
        if is_small:
            return self.marks == "." and pause >= PAUSE_SECONDS and not self._is_listed("within")
        if self.marks != ".":
            return self.after[:1].isspace() and _bare(self.after).split("'")[0] != "i"
        return self._full_stop_ends()

    def may_end(self) -> bool:
        """Whether nothing but abbreviations could speak against an end."""
        is_list_number = self.index == self.start and _bare(self.texts[self.index]).isdecimal()
        return not (is_list_number or (self.marks == "." and self._begins_small()))

    def _begins_small(self) -> bool:
        """Whether the next word begins with a small letter, and is no iPhone."""
        word = self.after.strip().lstrip(_OPENERS + ".\u2026")
        return self.has_capitals and word[:1].islower() and word.lower() == word

    def _is_listed(self, kind: str) -> bool:
        key = _bare(self.texts[self.index])
        return not listed(kind, self.language).isdisjoint((key, key.rpartition("'")[2]))  # "l'art. 5"

    def _begins_anew(self) -> bool:
        """Whether a word follows that often begins a sentence, and no initial."""
        opener = _bare(self.after)
        openers = listed("openers", self.language) | listed("links", self.language)
        is_initial = len(opener) == 1 and mark(self.after) == "."
        return (opener in openers or opener.partition("'")[0] in openers) and not is_initial

    def _full_stop_ends(self) -> bool:
        key = _bare(self.texts[self.index])
        before = _bare(self.texts[self.index - 1]) if self.index > self.start else ""
        if key.isdecimal() and self.index == self.start:
            return len(key) > MAX_LIST_DIGITS
        if key.isdecimal():
            is_ordinal = len(key) <= 2 and before in listed("ordinal", self.language)
            return not is_ordinal or self._begins_anew()
        if _bare(self.after)[:1].isdecimal() and self._is_listed("numbered"):
            return False
        if self._is_listed("final") or (len(key) == 1 and before[-1:].isdecimal()):
            return True  # "pears, etc. Then", "in 1998 r. Then"
        if self._is_listed("doubtful"):
            return self._begins_anew()
        if self._is_listed("within"):
            return False
        return self._begins_anew() if _is_initials(key) else True


def _is_initials(key: str) -> bool:
    """Whether a word is a letter, or full stops part it into one or two letters each ("u.s", "ph.d")."""
    parts = key.replace("-", "").split(".")
    return len(key) == 1 or (len(parts) > 1 and all(0 < len(part) <= 2 and part.isalpha() for part in parts))


def _enclosed(texts: Sequence[str]) -> bytearray:
    """1 for each word within a quotation or brackets that go on after it."""
    enclosed = bytearray(len(texts))
    opened: dict[str, int] = {}  # the closing mark, and where its pair was opened
    for index, text in enumerate(texts):
        word = text.strip()
        lead = word[: len(word) - len(word.lstrip(_OPENERS + _CLAUSE_MARKS))]
        tail = word[len(word.rstrip(_CLOSERS + _MARKS + _CLAUSE_MARKS)) :]
        own = {closer for char in set(lead) for closer in _PAIRS.get(char, "") if closer in word[len(lead) :]}
        closing = {char for char in tail if char in opened and char not in own}
        for char in closing:
            begin = opened.pop(char)
            if index - begin <= MAX_ENCLOSED_WORDS:
                enclosed[begin:index] = b"\1" * (index - begin)
        if not own and not closing:
            opened.update((closer, index) for char in set(lead) for closer in _PAIRS.get(char, ""))
    return enclosed


def _known_ends(texts: Sequence[str], language: str) -> frozenset[int]:
    """Indices at which sentencex ends a sentence, for languages without lists."""
    from sentencex import get_sentence_boundaries

    begins, position = [], 0  # where each word begins in the joined text, past its space
    for text in texts:
        begins.append(position + len(text) - len(text.lstrip()))
        position += len(text)
    boundaries = get_sentence_boundaries(language, "".join(texts))
    return frozenset(bisect_left(begins, boundary["end_index"]) for boundary in boundaries)
