"""A claim that rests on nothing is refused; one that adds a clause is doubted."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.records import Claim
from pipeline.takeaways.verification import Verifier
from pipeline.workspace.sidecar import Facts
from tests.support.claims import doubted, failed, findings, turns_of

TALK = [("Ann Lee", "Open source is the only way to keep a wallet honest, since anybody can read the code.")]


@pytest.mark.parametrize(
    ("text", "hard", "doubt"),
    [
        ("Whoever wants an honest wallet opens its code.", False, False),
        ("Code that anybody may read keeps a wallet honest.", False, False),
        ("Voters in the north elect their mayors by lottery.", True, True),
        ("An open wallet stays honest, while hospital surgeons sued tobacco firms.", False, True),
        ("An open wallet stays honest, while its users can read it.", False, False),
    ],
)
def test_what_the_cited_sentences_say(text: str, hard: bool, doubt: bool) -> None:
    found = findings(TALK, text)
    assert ("support" in failed(found)) is hard
    assert ("support" in doubted(found)) is doubt


@pytest.mark.parametrize(
    ("said", "text", "language", "hard"),
    [
        ("Die Gebühren waren zu hoch.", "Die hohen Gebühren gaben den Ausschlag.", "de", False),
        ("Les frais étaient trop élevés.", "Ce sont les frais qui ont décidé.", "fr", False),
        ("小さなモデルは誰でも動かせるので重要です。", "小規模なモデルなら誰もが扱えます。", "ja", False),
        ("小さなモデルは誰でも動かせるので重要です。", "外科医たちは会社を訴えました。", "ja", True),
    ],
)
def test_other_languages(said: str, text: str, language: str, hard: bool) -> None:
    assert ("support" in failed(findings([("A", said)], text, language=language))) is hard


def test_where_nothing_but_yeah_was_said_a_claim_adds_all_of_it() -> None:
    claim = Claim(text="{S1} says that surgeons sued tobacco firms.", cites=("n0",))
    checker = Verifier(turns_of([("A", "Yeah.")]), Facts(offsets={}), lambda texts: np.eye(len(texts), 99))
    assert "support" in failed(checker.check(claim, "prose"))
