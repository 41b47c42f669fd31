"""Whoever a claim has speak spoke where it cites; who asked may stand next to it; groups were heard."""

from __future__ import annotations

import pytest

from tests.support.claims import doubted, failed, findings

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
        (GERMAN, "de", "Beide Gäste stimmen zu, nur offener Quelltext hält eine Wallet ehrlich.", True),
        (GERMAN, "de", "Darin sind sich beide Gäste einig: nur offener Quelltext.", True),
        (GERMAN, "de", "{S2} und {S3} sagen, nur offener Quelltext hält sie ehrlich.", True),
        (GERMAN, "de", "{S1} und {S2} sprechen über offenen Quelltext.", False),
        (GERMAN, "de", "Beide Wallets stimmen überein.", False),
        (FRENCH, "fr", "Les deux invités sont d'accord : seul le code ouvert.", True),
        (FRENCH, "fr", "{S2} et {S3} pensent que seul le code ouvert le garde honnête.", True),
        (FRENCH, "fr", "Les invités de l'île, raconte {S2}, gardent un portefeuille honnête.", False),
        (FRENCH, "fr", "Selon {S3}, seul le code ouvert garde un portefeuille honnête.", True),
    ],
)
def test_other_languages(
    rows: tuple[tuple[str, str], ...], language: str, text: str, is_refused: bool
) -> None:
    assert ("speaker" in failed(findings(rows, text, 1, language=language))) is is_refused


SAID = (
    ("Ann Lee", "I asked ten customers, and privacy is what they want; our suppliers cut prices."),
    ("Bob Ray", "A compiler and a linker share a cache on disk."),
    ("Ann Lee", "The hotel had guests, and the guests agreed on the price of a room."),
    ("Bob Ray", "Ann and I agreed to cut the price of privacy."),
)


@pytest.mark.parametrize(
    ("text", "cites"),
    [
        ("{S1} asked ten customers, and all of them want privacy.", (0,)),
        ("{S1} believes that everyone wants privacy.", (0,)),
        ("The two share a cache on disk.", (1,)),
        ("The group said no to the price of privacy.", (0,)),
        ("They all say that they cut prices.", (0,)),
        ("The speakers want more privacy.", (0,)),
        ("Both guests were asked about privacy.", (0,)),
        ("The guests agreed on the price of a room.", (2,)),  # of the hotel
        ("All guests agreed to cut the price of privacy.", (3,)),
        ("{S1} and {S2} agreed to cut the price of privacy.", (3,)),
    ],
)
def test_a_group_that_is_spoken_of_is_not_refused(text: str, cites: tuple[int, ...]) -> None:
    assert "speaker" not in failed(findings(SAID, text, *cites))


@pytest.mark.parametrize(
    ("rows", "language", "text", "is_doubted"),
    [
        (TALK, "en", "All of them say that open source keeps a wallet honest.", True),
        (TALK, "en", "Everyone agrees that open source keeps a wallet honest.", True),
        (TALK, "en", "Everyone wants an honest wallet.", False),
        (TALK, "en", "The two keep a wallet honest.", True),
        (TALK, "en", "Both keep a wallet honest.", True),
        (TALK, "en", "Wallets and their users change, and both are honest.", False),
        (GERMAN, "de", "Alle sind sich einig: nur offener Quelltext hält sie ehrlich.", True),
        (GERMAN, "de", "Alle Wallets sind ehrlich.", False),
        (FRENCH, "fr", "Tous les deux sont d'accord : seul le code ouvert.", True),
    ],
)
def test_whoever_is_said_to_agree_is_doubted(
    rows: tuple[tuple[str, str], ...], language: str, text: str, is_doubted: bool
) -> None:
    found = findings(rows, text, 1, language=language)
    assert "speaker" not in failed(found)
    assert ("speaker" in doubted(found)) is is_doubted


def test_an_id_without_brackets_is_explained() -> None:
    (known,) = (f.detail for f in findings(TALK, "S2 keeps it honest.", 1).failures if f.code == "speaker")
    assert "{S2}" in known
    (nobody,) = (f.detail for f in findings(TALK, "S9 keeps it honest.", 1).failures if f.code == "speaker")
    assert "{" not in nobody


MEETING = (
    ("Ann Lee", "Can I ask the Minister, Bob, and Cyd as his deputy what the cuts mean?"),
    ("Dan Poe", "Bob and I rent in Oslo; the fees there are low."),
    ("Ann Lee", "And welcome to Eve, who has signed the letter."),
    ("Bob Ray", "The cuts mean less for everybody."),
    ("Cyd Fox", "I have nothing to add to that."),
    ("Eve Ort", "Hello."),
)  # S1 Ann, S2 Dan, S3 Bob, S4 Cyd, S5 Eve


@pytest.mark.parametrize(
    ("text", "cite"),
    [
        (
            "{S1} asked {S3}, the Minister for Health, {S4}, his deputy, and their officials what cuts mean.",
            0,
        ),
        ("The committee met and asked {S3}, {S4} and their officials what the cuts meant.", 0),
        ("{S4} was asked what the cuts mean.", 0),
        ("{S1} put it to {S3} and {S4} that there are cuts.", 0),
        ("{S1} welcomed {S5}, who signed a letter.", 2),
        ("{S5} was welcomed.", 2),
        ("{S5} is mentioned in passing.", 2),
        ("{S4} listened.", 0),
        ("{S5} joined them.", 2),
        ("Nobody asked what {S4} makes of the cuts.", 0),
        ("{S1} wanted {S4} to explain the cuts.", 0),
        ("{S1} introduces {S5}: a signer.", 2),
    ],
)
def test_who_is_spoken_to_or_of_need_not_speak(text: str, cite: int) -> None:
    assert "speaker" not in failed(findings(MEETING, text, cite))


@pytest.mark.parametrize(
    "text",
    [
        "{S4} was asked and answered that the cuts hurt.",
        "{S4} listened and warned of the cuts.",
        "{S4} is convinced that the cuts hurt.",
        "{S4} came to defend the cuts.",
        "{S4} is against the cuts.",
        "The cuts, {S4} stresses, hurt.",
        "The cuts hurt, warned {S4}: nobody gains.",
        "{S4} wrote the cuts.",
    ],
)
def test_who_says_thinks_or_does_must_speak(text: str) -> None:
    assert "speaker" in failed(findings(MEETING, text, 0))


@pytest.mark.parametrize(
    ("text", "cite", "is_doubted"),
    [
        ("Both {S2} and {S3} rent in Oslo.", 1, True),
        ("{S2} and {S3} both rent in Oslo.", 1, True),
        ("{S2} says that {S3} rents in Oslo as well.", 1, False),  # told by who is cited
        ("{S2} lives near {S3}.", 1, False),
        ("{S1} asked {S3} and {S4} what the cuts mean.", 0, False),
        ("{S5} was elected mayor.", 4, True),
    ],
)
def test_one_of_two_who_is_not_cited_is_doubted(text: str, cite: int, is_doubted: bool) -> None:
    assert ("speaker" in doubted(findings(MEETING, text, cite))) is is_doubted


def test_one_of_two_who_is_not_cited_is_doubted_in_any_language() -> None:
    text = "{S2} und {S3} pr\u00fcfen, ob eine Wallet ehrlich ist."
    assert "speaker" in doubted(findings(GERMAN, text, 1, language="de"))
