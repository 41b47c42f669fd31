"""Where a quote is cut: the words that a model says it begins and ends with, found and found safe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.records import Kept
from pipeline.takeaways.extractive import trims
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.language.sentences import SpokenSentence
from pipeline.text import word_spans


@dataclass(frozen=True)
class Cut:
    """Sentences in a row, from word `begin` of the first up to word `end` of the last, [begin, end)."""

    said: tuple[SpokenSentence, ...]
    begin: int
    end: int

    @property
    def text(self) -> str:
        """What is left of them."""
        return " ".join(
            text[word_spans(text)[first][0] : word_spans(text)[last - 1][1]]
            for text, first, last in self._parts
        )

    @property
    def is_cut_before(self) -> bool:
        return self.begin > 0

    @property
    def is_cut_after(self) -> bool:
        return self.end < _size(self.said[-1])

    @property
    def kept(self) -> tuple[Kept, ...]:
        """The words of each sentence that is shortened."""
        parts = zip(self.said, self._parts, strict=True)
        return tuple(
            Kept(sentence=said.sentence.id, words=(first, last))
            for said, (_, first, last) in parts
            if (first, last) != (0, _size(said))
        )

    @property
    def _parts(self) -> list[tuple[str, int, int]]:
        """Each sentence's text, and the words that stay, [first, last)."""
        final = len(self.said) - 1
        return [
            (said.sentence.text, self.begin if not at else 0, self.end if at == final else _size(said))
            for at, said in enumerate(self.said)
        ]

    def is_safe(self, document: Document, told: str = "") -> bool:
        """Whether it means the same as in its sentences, after prose that tells them."""
        english, parse = document.language.english, document.parse
        # Only the first sentence of it can begin without something; the others are safe whatever is told.
        return all(trims.is_safe(*part, english, parse, told) for part in self._parts)


def whole(said: Sequence[SpokenSentence], is_english: bool) -> Cut:
    """Whole sentences, without throat-clearing at either end."""
    first, last, size = said[0].sentence.text, said[-1].sentence.text, _size(said[-1])
    if len(said) == 1:
        begin, end = trims.trim(first, is_english) or (0, size)
        return Cut(tuple(said), begin, end)
    opening = trims.trim(first, is_english, closing=False) or (0, 0)
    closing = trims.trim(last, is_english, opening=False) or (0, size)
    return Cut(tuple(said), opening[0], closing[1])


def cuts(said: Sequence[SpokenSentence], from_words: str, to_words: str, is_english: bool) -> Iterator[Cut]:
    """The cut that is asked for, as far as its words are found; then with one end alone; then none."""
    begin, end = _begin(said, from_words), _end(said, to_words)
    for start, stop in dict.fromkeys(((begin, end), (begin, None), (None, end))):
        first, opening = start or (0, 0)
        last, closing = stop or (len(said) - 1, _size(said[-1]))
        if (start or stop) and (first < last or (first == last and opening < closing)):
            yield Cut(tuple(said[first : last + 1]), opening, closing)
    yield whole(said, is_english)


def _begin(said: Sequence[SpokenSentence], words: str) -> tuple[int, int] | None:
    """The first sentence that has the words, and the word at which they begin there."""
    found = ((at, trims.locate(s.sentence.text, words)) for at, s in enumerate(said))
    return next(((at, words[0]) for at, words in found if words), None)


def _end(said: Sequence[SpokenSentence], words: str) -> tuple[int, int] | None:
    """The last sentence that has the words, and the word before which they end there."""
    found = ((at, trims.locate(s.sentence.text, words)) for at, s in reversed([*enumerate(said)]))
    return next(((at, words[1]) for at, words in found if words), None)


def _size(said: SpokenSentence) -> int:
    return len(word_spans(said.sentence.text))
