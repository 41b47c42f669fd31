"""Compares what a recogniser heard with what was said.

How a processor rounds may change a model's punctuation, its case, now and then a word, and its times by some
hundredths of a second. Nothing here depends on that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

import jiwer

from pipeline.engines import Transcription
from pipeline.records import Word

ALIKE = 0.3  # highest word error rate between two hearings of one voice; a sentence of another makes it more

KENNEDY = (
    "And so, my fellow Americans, ask not what your country can do for you, "
    "ask what you can do for your country."
)


def text(heard: Transcription) -> str:
    return "".join(word.text for word in heard.words)


def bare(words: str) -> str:
    """Without case and punctuation."""
    return " ".join(re.sub(r"[^\w' ]", " ", words.casefold()).split())


def wer(reference: str, heard: str) -> float:
    """The word error rate of bare words: substitutions, deletions and insertions a word of the reference."""
    return jiwer.wer(bare(reference), bare(heard))


def words_of(stm: Path) -> str:
    """What a human heard, of an STM file."""
    return " ".join(line.split(maxsplit=5)[5] for line in stm.read_text().splitlines())


def later(first: Sequence[Word], second: Sequence[Word]) -> list[float]:
    """Of the words that both have, by how many seconds each begins later in the second."""
    first_texts, second_texts = ([bare(word.text) for word in words] for words in (first, second))
    starts = [
        (first[block.a + i].start, second[block.b + i].start)
        for block in SequenceMatcher(None, first_texts, second_texts, autojunk=False).get_matching_blocks()
        for i in range(block.size)
    ]
    return [b - a for a, b in starts if a is not None and b is not None]
