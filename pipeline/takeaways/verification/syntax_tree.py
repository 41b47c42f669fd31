"""A parsed text: its tokens, what depends on what, and who speaks in it.

Labels are spaCy's English ones (ClearNLP).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

from pipeline.takeaways.language.comparable import SPEAKER, plain
from pipeline.word_lists import WordLists

if TYPE_CHECKING:
    from pipeline.engines import Parse, Token

LISTS = WordLists.beside(__file__)
# Names that stand for speakers while a text is parsed.
STAND_INS = ("Alice", "Brian", "Carol", "David", "Emily", "Frank", "Grace", "Henry", "Irene", "James")
SUBJECTS = frozenset({"nsubj", "nsubjpass", "csubj", "csubjpass"})
_TAG = re.compile(rf", *{LISTS.any_of('tags')}\W*$", re.I)


@dataclass(frozen=True)
class Tree:
    """The tokens of a text, in which `speakers` gives the id of each token that stands for a speaker.

    Tokens are slices of `readable`: the text with names for the speakers.
    """

    text: str
    readable: str
    tokens: tuple[Token, ...]
    speakers: dict[int, str]

    @classmethod
    def parsed(cls, texts: Sequence[str], parse: Parse) -> list[Self]:
        """Parse texts, in which each speaker's token is a name meanwhile."""
        readable = [_with_stand_ins(text) for text in texts]
        return [
            cls(text, written, tokens, {i: ids[t.start] for i, t in enumerate(tokens) if t.start in ids})
            for text, (written, ids), tokens in zip(
                texts, readable, parse([text for text, _ in readable]), strict=True
            )
        ]

    @cached_property
    def children(self) -> list[list[int]]:
        """The indices of what depends on each token."""
        children: list[list[int]] = [[] for _ in self.tokens]
        for i, token in enumerate(self.tokens):
            if token.head != i:
                children[token.head].append(i)
        return children

    def written(self, indices: Iterable[int]) -> str:
        """These tokens as they stand in the text, with speakers as {S1} and "…" for tokens between them."""
        text, end, last = "", 0, -1
        for i in sorted(indices):
            token, speaker = self.tokens[i], self.speakers.get(i)
            if text:
                text += self.readable[end : token.start] if i == last + 1 else " … "
            text += f"{{{speaker}}}" if speaker else token.text
            end, last = token.end, i
        return " ".join(text.split()).strip(" ,;:.\u2014\u2013-")

    def word(self, i: int) -> str:
        """The whole word that a token is part of: "don't" for "n't"."""
        is_joined = i > 0 and self.tokens[i - 1].end == self.tokens[i].start
        is_contracted = is_joined and self.tokens[i - 1].text[-1:].isalnum()
        return self.written((i - 1, i) if is_contracted else (i,))

    def lemma(self, i: int) -> str:
        """The lemma of a token in lower case."""
        return self.tokens[i].lemma.lower()

    def label(self, i: int) -> str:
        """The dependency label of a token."""
        return self.tokens[i].dependency

    def ancestors(self, i: int) -> Iterator[int]:
        """The heads of a token, from its own to the root."""
        while self.tokens[i].head != i:
            yield (i := self.tokens[i].head)

    def has_subject(self, i: int) -> bool:
        """Whether a token has a subject of its own."""
        return any(self.label(k) in SUBJECTS for k in self.children[i])

    @property
    def has_clause(self) -> bool:
        """Whether any verb has a subject."""
        return any(map(self.has_subject, range(len(self.tokens))))

    def subjects(self, i: int) -> Iterator[int]:
        """The subjects of a verb, with what is joined to them; else those of the verb that it follows."""
        while not self.has_subject(i) and self.label(i) in {"conj", "xcomp"} and self.tokens[i].head != i:
            i = self.tokens[i].head
        todo = [k for k in self.children[i] if self.label(k) in SUBJECTS]
        while todo:
            yield (k := todo.pop(0))
            todo += [joined for joined in self.children[k] if self.label(joined) == "conj"]

    @cached_property
    def is_question(self) -> bool:
        """Whether it asks, but for a tag that leaves it a statement."""
        text = self.text.rstrip("\"') ")
        return text.endswith("?") and not _TAG.search(text)


def _with_stand_ins(text: str) -> tuple[str, dict[int, str]]:
    """A text with names for speakers' tokens, and the speakers by the names' offsets."""
    readable, end, ids = "", 0, {}
    for match in SPEAKER.finditer(text):
        readable += plain(text[end : match.start()])
        ids[len(readable)] = match[1]
        readable += STAND_INS[int(match[1][1:]) % len(STAND_INS)]
        end = match.end()
    return readable + plain(text[end:]), ids
