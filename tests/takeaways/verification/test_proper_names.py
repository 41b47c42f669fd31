"""Names were said, or are what the talk's own facts say they are."""

from __future__ import annotations

import pytest

from pipeline.records import Claim, Speaker
from pipeline.takeaways.verification import Place, Verifier
from pipeline.workspace.sidecar import Facts
from tests.support.claims import doubted, encoder, failed, findings, turns_of

FILLER = [
    ("Bob Ray", f"The {word} was lovely by the sea.") for word in ("weather", "dinner", "walk", "beach")
]
TALK = (
    ("Ann Lee", "We moved the wallet to Taproot for our users, with the sig nature format of BitGo."),
    *FILLER,
    ("Bob Ray", "Coinbase is another matter, and so is the Opp tech newsletter."),
)
FACTS = Facts(offsets={}, title="Wallets in the wild", occasion="Wallet Week 12", glossary=("Acme", "Optech"))


@pytest.mark.parametrize(
    "text",
    [
        "The wallet went to taproot.",
        "BitGo's users moved to Taproot.",
        "Security came first.",  # no name, though it begins with a capital
        "At Wallet Week 12, the wallet went to Taproot.",
    ],
)
def test_names_that_were_said_or_are_used_as_in_the_facts(text: str) -> None:
    assert "name" not in doubted(findings(TALK, text, 0, facts=FACTS))


@pytest.mark.parametrize(
    "text",
    [
        "The wallet went to Segwit.",
        "The wallet of the NSA went to Taproot.",
        "The users came from Kraken.",
        "Acme is a customer of the wallet, and so the users moved.",  # of the glossary, which nobody said
        "The users work for Wallet Week.",  # not as it is called in full
    ],
)
def test_names_that_nobody_said(text: str) -> None:
    assert "name" in failed(findings(TALK, text, 0, facts=FACTS))


def test_a_name_said_elsewhere_is_a_doubt() -> None:
    found = findings(TALK, "The users of Coinbase moved to Taproot.", 0)
    assert "name" not in failed(found)
    assert "name" in doubted(found)
    often = [*TALK, *(("Bob Ray", "Coinbase again.") for _ in range(3))]
    assert "name" not in doubted(findings(often, "The users of Coinbase moved to Taproot.", 0))


def test_a_glossary_tells_how_a_word_that_was_said_is_spelled() -> None:
    assert "name" not in doubted(findings(TALK, "The Optech newsletter is another matter.", 5, facts=FACTS))
    assert "name" in doubted(findings(TALK, "The Optech newsletter is another matter.", 0, facts=FACTS))


@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        ("{S1}, an engineer at Brink, moved the wallet to Taproot.", False),
        ("{S2}, an engineer at Brink, was by the sea.", True),
        ("The wallet of Brink moved to Taproot.", True),
    ],
)
def test_a_role_is_of_whom_it_is_given_to(text: str, is_refused: bool) -> None:
    turns = turns_of(TALK)
    people = (Speaker(id="S1", name="Ann Lee", role="Engineer at Brink"), Speaker(id="S2", name="Bob Ray"))
    checker = Verifier(turns.model_copy(update={"speakers": people}), FACTS, encoder())
    found = checker.check(Claim(text=text, cites=("n0", "n1")), "prose")
    assert ("name" in failed(found)) is is_refused


@pytest.mark.parametrize(
    ("said", "text", "language", "is_refused"),
    [
        ("Wir sind mit BitGo zu Taproot gewechselt.", "Der Wechsel mit BitGo war nötig.", "de", False),
        ("Wir sind mit BitGo zu Taproot gewechselt.", "Der Wechsel mit BlueWallet war nötig.", "de", True),
        ("On a migré vers Taproot avec BitGo.", "La migration vers Taproot est faite.", "fr", False),
        ("On a migré vers Taproot avec BitGo.", "La migration vers Segwit est faite.", "fr", True),
        ("去年2000人がTaprootに移りました。", "昨年、Taprootに移ったのは2000人でした。", "ja", False),
        ("去年2000人がTaprootに移りました。", "昨年、Segwitに移ったのは2000人でした。", "ja", True),
    ],
)
def test_other_languages(said: str, text: str, language: str, is_refused: bool) -> None:
    assert ("name" in failed(findings([("A", said)], text, 0, language=language))) is is_refused


SALE = [("Ann Lee", "They sold the shop after ten years."), ("Bob Ray", "My dream was to retire.")]
VENTE = [("Ann", "Nous avons vendu la société l'an dernier."), ("Bob", "L'idée venait de nous.")]
VENTA = [("Ann", "Vendimos la empresa el año pasado."), ("Bob", "La idea era nuestra.")]


@pytest.mark.parametrize(
    ("rows", "language", "text", "place", "is_doubted"),
    [
        (SALE, "en", "Google employed {S1} for ten years.", "prose", True),
        (SALE, "en", "Walmart's shop was sold.", "prose", True),
        (SALE, "en", "Why Google Left Berlin After Years", "heading", True),
        (SALE, "en", "Whoever sold the shop had ten years.", "prose", False),
        (SALE, "en", "Room for the shop was gone after ten years.", "prose", False),
        (SALE, "en", "Dreams After Ten Years", "heading", False),
        (VENTE, "fr", "Microsoft a racheté la société, selon {S1}.", "prose", True),
        (VENTE, "fr", "{S1} raconte la vente. Renault était l'acheteur.", "prose", True),
        (VENTE, "fr", "Selon {S1}, la société a été vendue.", "prose", False),
        (VENTE, "fr", "L'équipe a vendu la société, raconte {S1}.", "prose", False),
        (VENTE, "fr", "Malgré tout, {S1} a vendu la société.", "prose", False),
        (VENTE, "fr", "Vendre la société, {S1} l'a fait l'an dernier.", "prose", False),
        (VENTA, "es", "Google compró la empresa el año pasado.", "prose", True),
        (VENTA, "es", "Según {S1}, vendieron la empresa.", "prose", False),
        (VENTA, "es", "Después vendieron la empresa.", "prose", False),
    ],
)
def test_without_a_parser_the_start_of_a_sentence_is_doubted(
    rows: list[tuple[str, str]], language: str, text: str, place: Place, is_doubted: bool
) -> None:
    checker = Verifier(turns_of(rows, language), Facts(offsets={}), encoder())
    found = checker.check(Claim(text=text, cites=("n0",)), place)
    assert "name" not in failed(found)
    assert ("name" in doubted(found)) is is_doubted


@pytest.mark.parametrize(
    ("text", "place", "is_refused"),
    [
        ("Google employed {S1} for ten years.", "prose", True),
        ("Why Google Left Berlin After Years", "heading", True),
        ("Retirement came after the shop.", "prose", False),
    ],
)
def test_with_a_parser_the_start_of_a_sentence_is_known(text: str, place: Place, is_refused: bool) -> None:
    assert ("name" in failed(findings(SALE, text, 0, place=place))) is is_refused


DATED = Facts(offsets={}, date="2025-07-08")  # a Tuesday


@pytest.mark.parametrize("place", ["prose", "frame"])
@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        ("In July 2025 the shop had been sold.", False),
        ("The shop, sold by mid-July, had ten years.", False),
        ("By Tuesday, 8 July, the shop had been sold.", False),
        ("By August the shop had been sold.", True),
        ("By Wednesday the shop had been sold.", True),
    ],
)
def test_a_known_date_may_be_told_in_words(text: str, place: Place, is_refused: bool) -> None:
    assert ("name" in failed(findings(SALE, text, 0, place=place, facts=DATED))) is is_refused


@pytest.mark.parametrize("date", ["2025-07", "8 July 2025"])
def test_a_date_may_be_known_in_part_or_in_words(date: str) -> None:
    facts = Facts(offsets={}, date=date)
    assert failed(findings(SALE, "In July 2025 the shop had been sold.", 0, facts=facts)) == set()


@pytest.mark.parametrize(
    "text", ["Shorter, almost certainly not.", "Cheaper, yes; faster, hardly.", "Rarer, though, are shops."]
)
def test_a_word_that_compares_is_no_name(text: str) -> None:
    assert "name" not in doubted(findings(SALE, text, 0))


@pytest.mark.parametrize("text", ["Oslo, almost certainly not.", "Taproot, perhaps."])
def test_a_name_that_begins_a_sentence_is_one(text: str) -> None:
    assert "name" in failed(findings(SALE, text, 0))
