"""Whoever a claim has speak spoke where it cites; who asked may stand next to it; groups were heard."""

from __future__ import annotations

import pytest

from tests.support.claims import failed, findings

TALK = (
    ("Ann Lee", "What would it take for a wallet to stay honest?"),
    ("Bob Ray", "Open source is the only way to keep a wallet honest."),
    ("Bob Ray", "Ann once said that closed wallets lose their users."),
    ("Cyd Fox", "I agree, open source keeps wallets honest."),
    ("Dan Poe", "The weather was lovely on the island, and we ate fish."),
)
GERMAN = (
    ("Ann Lee", "Was hält eine Wallet ehrlich?"),
    ("Bob Ray", "Nur offener Quelltext hält eine Wallet ehrlich."),
    ("Cyd Fox", "Auf der Insel war schönes Wetter."),
)
FRENCH = (
    ("Ann Lee", "Qu'est-ce qui garde un portefeuille honnête ?"),
    ("Bob Ray", "Seul le code ouvert garde un portefeuille honnête."),
    ("Cyd Fox", "Il faisait beau sur l'île."),
)


@pytest.mark.parametrize(
    ("text", "cites"),
    [
        ("Open source, {S2} holds, keeps a wallet honest.", (1,)),
        ("For {S2}, only open source keeps a wallet honest.", (1,)),
        ("According to {S2}, only open source keeps a wallet honest.", (1,)),
        ("Asked by {S1}, {S2} named open source.", (1,)),
        ("What keeps a wallet honest, {S1} wanted to know: open source, {S2} answered.", (1,)),
        ("{S1} asked what keeps a wallet honest.", (1,)),  # the question stands before the answer
        ("{S2} recalls that {S1} saw closed wallets lose their users.", (2,)),
        ("Both guests agreed that open source keeps wallets honest.", (1, 3)),
        ("Both wallets keep their users honest.", (1,)),
        ("{S3} agrees with {S2} on open source.", (1, 3)),
        ("Saint Ray keeps a wallet honest.", (1,)),  # another name than Bob Ray's
    ],
)
def test_who_spoke_may_be_said_to(text: str, cites: tuple[int, ...]) -> None:
    assert "speaker" not in failed(findings(TALK, text, *cites))


@pytest.mark.parametrize(
    ("text", "cites"),
    [
        ("Open source, {S3} holds, keeps a wallet honest.", (1,)),
        ("For {S4}, only open source keeps a wallet honest.", (1,)),
        ("According to {S3}, only open source keeps a wallet honest.", (1,)),
        ("Only open source keeps a wallet honest, said {S1}.", (1,)),
        ("In {S3}'s view, only open source keeps a wallet honest.", (1,)),
        ("{S4} asked what keeps a wallet honest.", (1,)),
        ("{S9} keeps a wallet honest.", (1,)),
        ("S2 keeps a wallet honest.", (1,)),
        ("Speaker 2 keeps a wallet honest.", (1,)),
        ("The wallet that Bob keeps is honest.", (1,)),
        ("Bob Ray keeps a wallet honest.", (1,)),
        ("Both guests agreed that open source keeps wallets honest.", (1,)),
        ("All of them say that open source keeps wallets honest.", (1, 2)),
        ("The three speakers agree on open source.", (1, 3)),
        ("The speakers all agree on open source.", (3,)),
    ],
)
def test_who_did_not_may_not(text: str, cites: tuple[int, ...]) -> None:
    assert "speaker" in failed(findings(TALK, text, *cites))


@pytest.mark.parametrize(
    ("rows", "language", "text", "is_refused"),
    [
        (GERMAN, "de", "Nur offener Quelltext hält sie ehrlich, sagt {S2}.", False),
        (GERMAN, "de", "Auf die Frage von {S1} nennt {S2} offenen Quelltext.", False),
        (GERMAN, "de", "{S1} fragt, was eine Wallet ehrlich hält.", False),
        (GERMAN, "de", "{S3} sagt, nur offener Quelltext halte eine Wallet ehrlich.", True),
        (GERMAN, "de", "Nur offener Quelltext hält eine Wallet ehrlich, sagt {S7}.", True),
        (FRENCH, "fr", "Pour {S2}, seul le code ouvert garde un portefeuille honnête.", False),
        (FRENCH, "fr", "À la question de {S1}, {S2} répond : le code ouvert.", False),
        (FRENCH, "fr", "Selon {S3}, seul le code ouvert garde un portefeuille honnête.", True),
    ],
)
def test_other_languages(
    rows: tuple[tuple[str, str], ...], language: str, text: str, is_refused: bool
) -> None:
    assert ("speaker" in failed(findings(rows, text, 1, language=language))) is is_refused
