"""A claim that rests on nothing is refused; one that adds a clause is doubted."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.records import Claim
from pipeline.takeaways.verification import Place, Verifier
from pipeline.workspace.sidecar import Facts
from tests.support.claims import doubted, failed, findings, turns_of

TALK = [("Ann Lee", "Open source is the only way to keep a wallet honest, since anybody can read the code.")]


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("Whoever wants an honest wallet opens its code.", False),
        ("Code that anybody may read keeps a wallet honest.", False),
        ("Voters in the north elect their mayors by lottery.", True),
        ("An open wallet stays honest, while hospital surgeons sued tobacco firms.", True),
        ("An open wallet stays honest, while its users can read it.", False),
    ],
)
def test_what_the_cited_sentences_say(text: str, doubt: bool) -> None:
    assert ("support" in doubted(findings(TALK, text))) is doubt


@pytest.mark.parametrize("place", ["prose", "heading", "frame"])
@pytest.mark.parametrize(
    ("said", "text"),
    [
        (TALK[0][1], "A bad plan beats none"),
        (TALK[0][1], "Voters in the north elect their mayors by lottery."),
        ("So we threw out the LCD, which ate the budget.", "The dearest part goes first"),
    ],
)
def test_other_words_are_for_a_judge(said: str, text: str, place: Place) -> None:
    found = findings([("Ann Lee", said)], text if place == "heading" else f"{text.rstrip('.')}.", place=place)
    assert found.failures == ()
    assert "support" in doubted(found)


@pytest.mark.parametrize(
    ("said", "text", "language", "doubt"),
    [
        ("Die Gebühren waren zu hoch.", "Die hohen Gebühren gaben den Ausschlag.", "de", False),
        ("Les frais étaient trop élevés.", "Ce sont les frais qui ont décidé.", "fr", False),
        ("小さなモデルは誰でも動かせるので重要です。", "小規模なモデルなら誰もが扱えます。", "ja", False),
        ("小さなモデルは誰でも動かせるので重要です。", "外科医たちは会社を訴えました。", "ja", True),
    ],
)
def test_other_languages(said: str, text: str, language: str, doubt: bool) -> None:
    found = findings([("A", said)], text, language=language)
    assert "support" not in failed(found)
    assert ("support" in doubted(found)) is doubt


def test_where_nothing_but_yeah_was_said_a_claim_adds_all_of_it() -> None:
    claim = Claim(text="{S1} says that surgeons sued tobacco firms.", cites=("n0",))
    rows = [("A", "Yeah."), *(("A", f"Fee number {k} was high, and so we waited.") for k in range(9))]
    checker = Verifier(turns_of(rows), Facts(offsets={}), lambda texts: np.eye(len(texts), 99))
    assert "support" in doubted(checker.check(claim, "prose"))
