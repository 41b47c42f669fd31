"""What is told of a text that is not understood, and that nothing idle is."""

from __future__ import annotations

import pytest

from pipeline.transcripts.lines import labelled

TURNS = "Ann Lee: Hello there.\n\nBob Ito: Hello, Ann.\n\n"


def lines(*texts: str) -> str:
    return "\n\n".join(texts)


TOLD = (
    (lines(*(f"Ann Lee / {n} words of hers." for n in ("five", "six", "nine", "ten", "two"))), "begin alike"),
    (lines(*(f"@ann words {n} of it." for n in ("five", "six", "nine", "ten", "two"))), "begin alike"),
    (lines(*(f"Words and words. At last {n}:15" for n in range(1, 7))), "times are left among the words"),
    (
        "---\nguests: [Ann Lee, Bob Ito]\n---\nHello there. So it is.\n",
        "no line says which of Ann Lee, Bob Ito",
    ),
    (TURNS + lines(*(f"Name {chr(65 + n)}ab: Words." for n in range(9))), "11 speakers have 11 turns"),
    (f"{TURNS}```\n{'code ' * 9}\n```\nBob Ito: {'words ' * 20}.", "are left out as not speech"),
)
NOT_TOLD = (
    lines(*(f"In 19{n} we built it." for n in range(60, 66))),
    lines(*(f"\u201cWords {n} of it.\u201d" for n in ("five", "six", "nine", "ten", "two"))),
    lines("We met at 10:30, and left at 11:15.", "It was good."),
    "---\nguests: [Ann Lee]\n---\nHello there. So it is.\n",
    TURNS * 6,
    f"{TURNS}(laughs)\n\nBob Ito: Words of it.",
)


@pytest.mark.parametrize(("text", "part"), TOLD)
def test_doubts_are_told(text: str, part: str) -> None:
    assert any(part in note for note in labelled.read(text).notes)


@pytest.mark.parametrize("text", NOT_TOLD)
def test_nothing_is_told_without_need(text: str) -> None:
    assert labelled.read(text).notes == []
