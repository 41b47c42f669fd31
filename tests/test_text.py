"""How text falls into words, in scripts with spaces and without."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest

from pipeline.text import UNSPACED, UNSPACED_OR_HANGUL, count_words, tokens

UNSPACED_NAMES = (
    "THAI CHARACTER", "LAO LETTER", "MYANMAR LETTER", "KHMER LETTER", "HIRAGANA LETTER", "KATAKANA LETTER",
    "HALFWIDTH KATAKANA LETTER", "CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH",
)  # fmt: skip
SPACED_NAMES = ("LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC", "DEVANAGARI", "TAMIL", "ETHIOPIC", "HANGUL")


def letters(names: tuple[str, ...]) -> str:
    """All letters whose Unicode names begin with one of these."""
    characters = map(chr, range(sys.maxunicode + 1))
    return "".join(char for char in characters if unicodedata.name(char, "").startswith(names))


def test_unspaced_scripts_are_those_that_unicode_breaks_without_spaces() -> None:
    unspaced = re.compile(f"[{UNSPACED}]")
    assert unspaced.sub("", letters(UNSPACED_NAMES)) == ""
    assert not unspaced.search(letters(SPACED_NAMES))


def test_korean_has_spaces_and_is_counted_by_letters() -> None:
    assert tokens("작은 모델이 좋다") == ["작은", " 모델이", " 좋다"]
    assert UNSPACED_OR_HANGUL.findall("모델 x") == ["모", "델"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("small models matter", 3),
        ("小さなモデルは重要です", 5),
        ("แบบจำลอง", 4),
        ("작은 모델이 좋다", 3),
        ("ตัว Python", 2),
    ],
)
def test_words_are_counted_by_spaces_or_by_letters(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize("text", ["ແບບຈຳລອງ", "ပုံစံ", "ម៉ូដែល", "人々は", "𠮷野家"])
def test_text_without_spaces_is_cut_at_every_letter(text: str) -> None:
    assert tokens(text) == list(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OK.So we go", ["OK.", "So", " we", " go"]),
        ("what?!I see", ["what?!", "I", " see"]),
        ('he said "no."Then', ["he", " said", ' "no."', "Then"]),
        ("終わり。「はい。」U.S.の", [*"終わ", "り", "。", "「", "は", "い", "。」", "U.S.", "の"]),
        ("ist das gut?Ähm", ["ist", " das", " gut?", "Ähm"]),
    ],
)
def test_a_word_in_which_a_sentence_ends_is_two(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected
    assert "".join(tokens(text)) == text


@pytest.mark.parametrize(
    "word",
    [
        "Node.js",
        "example.org",
        "e.g.",
        "3.5",
        "U.S.A",
        "a.m.So",
        "https://a.org/Ab.Cd",
        "me@Aa.Bb",
        "v1.Two",
        "JSON.A",
    ],
)
def test_names_addresses_and_numbers_are_one_word(word: str) -> None:
    assert tokens(f"so {word} it is") == ["so", f" {word}", " it", " is"]
