"""What a recogniser heard, held against what was said."""

from __future__ import annotations

import re
from pathlib import Path

import jiwer

from pipeline.engines import Heard


def text(heard: Heard) -> str:
    return "".join(word.text for word in heard.words)


def wer(reference: str, heard: str) -> float:
    def bare(words: str) -> str:
        return " ".join(re.sub(r"[^a-z0-9' ]", " ", words.lower()).split())

    return jiwer.wer(bare(reference), bare(heard))


def words_of(stm: Path) -> str:
    return " ".join(line.split(maxsplit=5)[5] for line in stm.read_text().splitlines())
