from __future__ import annotations

import tomllib
from itertools import pairwise

import pytest

from pipeline.text import tokens
from pipeline.transcripts.sentences import punctuation
from tests.support import DATA

SENTENCES = tomllib.loads((DATA / "sentences.toml").read_text("utf-8"))
CASES = [(language, line) for language, text in SENTENCES.items() for line in text.splitlines()]


def split(text: str, language: str, has_capitals: bool = True) -> list[str]:
    texts = tokens(text)
    ends = punctuation.ends(texts, [0.0] * len(texts), language, has_capitals)
    return ["".join(texts[a:b]).strip() for a, b in pairwise([0, *ends])]


@pytest.mark.parametrize(("language", "line"), CASES)
def test_sentences_end_where_a_reader_says(language: str, line: str) -> None:
    expected = [part.strip() for part in line.split("|")]
    assert split(("" if language in ("ja", "zh") else " ").join(expected), language) == expected


def test_a_language_may_have_a_region() -> None:
    assert split("Es war z. B. Nr. 5. Dann ging er.", "de-CH") == ["Es war z. B. Nr. 5.", "Dann ging er."]


def test_without_capitals_abbreviations_do_not_end_a_sentence() -> None:
    text = "it was e.g. the port. dr. lee left. we stayed."
    assert split(text, "en", has_capitals=False) == ["it was e.g. the port.", "dr. lee left.", "we stayed."]


def test_markup_is_no_small_letter() -> None:
    assert split("We pay. </b> Then we go. ...and we stay.", "en") == [
        "We pay.",
        "</b> Then we go. ...and we stay.",
    ]


def test_a_quotation_that_never_closes_hides_no_end() -> None:
    assert len(split('He said, "I go. ' + "We did it. " * 30, "en")) == 31


@pytest.mark.parametrize(
    "word", ["(" * 200_000 + "a" * 200_000, "a" + "!" * 400_000, '"' * 400_000, "a." * 200_000]
)
def test_a_word_without_end_is_read_at_once(word: str) -> None:
    assert "".join(split(f"{word} so it is.", "en")).replace(" ", "") == f"{word}soitis."
