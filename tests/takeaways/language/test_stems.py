"""Forms of a word: joined for comparison, and as the terms of a talk."""

from __future__ import annotations

import pytest

from pipeline.takeaways.language.comparable import stem
from pipeline.takeaways.language.sentences import singular


@pytest.mark.parametrize(
    "forms",
    [
        "use uses used using",
        "apply applies applied applying",
        "agree agrees agreed agreeing",
        "die dies died",
        "optimize optimized optimization",
        "write writes wrote written",
    ],
)
def test_forms_of_a_word_share_a_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize("words", ["policy police", "universe university", "news new", "organ organization"])
def test_other_words_have_other_stems(words: str) -> None:
    assert len({stem(word) for word in words.split()}) == 2


def test_terms_lose_plurals_and_possessives_only() -> None:
    words = "fees policies node's meeting status basis class"
    assert [singular(word) for word in words.split()] == [
        "fee", "policy", "node", "meeting", "status", "basis", "class",
    ]  # fmt: skip
