"""Kinds of claims, what a judge is asked, and bad input."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.engines import Token
from pipeline.records import Claim
from pipeline.takeaways.verification import Place, Verifier
from pipeline.takeaways.verification.syntax_tree import Tree
from pipeline.workspace.sidecar import Facts
from tests.support.claims import doubted, encoder, failed, findings, turns_of, verifier

TALK = (
    ("Ann Lee", "We moved the wallet to Taproot in 2023, and about 20% of our 1,500 users switched."),
    ("Bob Ray", "It might reduce fees, but I don't think it makes the wallet more private."),
    ("Cyd Fox", "Open source is the only way to keep a wallet honest."),
    ("Bob Ray", "The weather was lovely on the island."),
    ("Bob Ray", "We walked along the beach for hours."),
    ("Bob Ray", "Then we had fish for dinner."),
)
NOTES = Facts(offsets={}, notes=("In 1998 I lost my keys in Lisbon, and nobody minded.", "I like fish."))


def check(text: str, kind: Literal["author", "linking"], *notes: int) -> set[str]:
    claim = Claim(text=text, kind=kind, notes=notes)
    return doubted(verifier(TALK, NOTES).check(claim, "prose"))


@pytest.mark.parametrize(
    ("text", "note", "is_accepted"),
    [
        ("I lost my keys in Lisbon in 1998.", 1, True),
        ("Nobody minded when I lost my keys.", 1, True),
        ("I lost my keys in Porto.", 1, False),
        ("I lost my keys in 1999.", 1, False),
        ("{S1} lost the keys in Lisbon.", 1, False),
        ("I lost my keys in Lisbon.", 7, False),
        ("Surgeons sued tobacco firms.", 2, False),
    ],
)
def test_the_author_is_borne_out_by_the_notes(text: str, note: int, is_accepted: bool) -> None:
    assert (check(text, "author", note) == set()) is is_accepted


@pytest.mark.parametrize(
    ("text", "is_accepted"),
    [
        ("And the gain?", True),
        ("How do scattered people get any further?", True),
        ("So here, mostly, are doubts.", True),
        ("Then there is the money.", True),
        ("Next comes Taproot.", False),
        ("Three things follow.", False),
        ("{S1} had an answer.", False),
        ("It is \u201chonest\u201d.", False),
        ("Wallets with open code keep their users for longer than any others.", False),
    ],
)
def test_what_leads_on_claims_nothing(text: str, is_accepted: bool) -> None:
    assert (check(text, "linking") == set()) is is_accepted


def test_a_judge_is_shown_the_lines_and_their_neighbours() -> None:
    checker = verifier(TALK)
    claim = Claim(text="It makes the wallet more private, {S2} says.", cites=("n1",))
    found = checker.check(claim, "prose")
    assert failed(found) == set()
    question = checker.question(claim, "prose", found.doubts)
    assert [(line.sentence.id, line.is_cited) for line in question.lines] == [
        ("n0", False), ("n1", True), ("n2", False), ("n3", False)
    ]  # fmt: skip
    assert question.doubts == found.doubts != ()
    assert all(doubt.detail.endswith("?") and "xspeaker" not in doubt.detail for doubt in question.doubts)


def test_a_he_that_nobody_said_is_told_from_one_that_was() -> None:
    said = (*TALK, ("Dan Poe", "She likes fish."))
    checker = verifier(said)
    assert checker.has_unsaid_pronoun(Claim(text="He likes fish.", cites=("n6",)))
    assert not checker.has_unsaid_pronoun(Claim(text="She likes fish.", cites=("n6",)))


@pytest.mark.parametrize("cites", [("n99",), ("n0", "nowhere")])
def test_ids_of_nowhere_are_told(cites: tuple[str, ...]) -> None:
    found = verifier(TALK).check(Claim(text="The wallet moved to Taproot.", cites=cites), "prose")
    assert "uncited" in failed(found)


def test_a_claim_may_cite_forty_lines() -> None:
    rows = [*TALK, *(("Bob Ray", f"And so on, with sentence {number}.") for number in range(40))]
    assert failed(findings(rows, "The wallet moved to Taproot.", *range(40))) == set()


@pytest.mark.parametrize("word", ["Ann ", "1", "maybe ", "(", "{S1} ", "hates ", "million "])
@pytest.mark.parametrize("place", ["prose", "heading"])
def test_a_text_as_long_as_a_talk_is_no_claim_and_is_not_read(word: str, place: Place) -> None:
    assert failed(findings(TALK, word * (100_000 // len(word)), place=place)) == {"length"}


def test_two_hundred_words_are_too_many() -> None:
    assert "length" in failed(findings(TALK, "The wallet moved to Taproot" + " in 2023" * 98 + "."))


def no_embedding(texts: Sequence[str]) -> NDArray[np.float32]:
    return np.ones((len(texts), 1), dtype=np.float32)


@pytest.mark.parametrize("word", ["Satoshi ", "maybe ", "million ", "20 ", "\u201c"])
def test_a_cited_sentence_may_be_as_long_as_a_talk(word: str) -> None:
    turns = turns_of([("Ann Lee", word * (100_000 // len(word)))])
    claim = Claim(text="Satoshi argues that 20 million might be enough.", cites=("n0",))
    Verifier(turns, Facts(offsets={}), no_embedding).check(claim, "prose")


def test_a_verb_may_follow_thousands_of_others() -> None:
    text = "We" + " go" * 5_000
    subject, *verbs = (Token(word, 0, 2, word, "", "", "conj", k - 1) for k, word in enumerate(text.split()))
    tokens = (replace(subject, dependency="nsubj", head=1), replace(verbs[0], head=1), *verbs[1:])
    (tree,) = Tree.parsed([text], lambda _: [tokens])
    assert list(tree.subjects(5_000)) == list(tree.subjects(1)) == [0]


@pytest.mark.parametrize("language", ["en", "de", "ja"])
def test_without_a_parser_hard_rules_hold_and_less_is_doubted(language: str) -> None:
    checker = Verifier(turns_of(TALK, language), Facts(offsets={}), encoder())
    true = Claim(text="In 2023, {S1} moved the wallet to Taproot.", cites=("n0",))
    assert checker.check(true, "prose").failures == ()
    for text in (
        "In 2023, {S2} moved the wallet to Taproot.",
        "In 2022, {S1} moved the wallet to Taproot.",
        "In 2023, {S1} moved the wallet to the CoinBase.",
    ):
        assert checker.check(Claim(text=text, cites=("n0",)), "prose").failures
    turned = Claim(text="{S2} thinks that it makes the wallet more private.", cites=("n1",))
    assert "negation" not in doubted(checker.check(turned, "prose"))


PIECES = re.findall(
    r"\S+",
    "{S1} {S2} {S not never might two 20% and agrees that the wallet Taproot { } , . \" ' \u201c \u201d",
)


@settings(max_examples=60, deadline=None)
@given(
    st.text(min_size=1, max_size=120)
    | st.lists(st.sampled_from(PIECES), min_size=1, max_size=25).map(" ".join),
    st.sampled_from(["prose", "heading", "frame"]),
    st.sampled_from([("n0", "n2"), ()]),
)
def test_any_text_gets_an_answer(text: str, place: Place, cites: tuple[str, ...]) -> None:
    checker = verifier(TALK)
    claim = Claim(text=text, cites=cites, kind="talk" if cites else "linking")
    found = checker.check(claim, place, ("The wallet moved.",))
    assert all(reason.code and reason.detail for reason in found.failures + found.doubts)
    assert found == checker.check(claim, place, ("The wallet moved.",))


@pytest.mark.parametrize(
    ("said", "text", "why"),
    [
        (
            "Forty companies sent thirty people.",
            "Thirty companies came.",
            '"Thirty companies", but the lines',
        ),
        ("Forty companies sent thirty people.", "Thirty companies came.", '"thirty people" and "Forty comp'),
        ("It took 45 years.", "It took 45% of it.", 'it says "45%", but the lines say "45 years"'),
        (
            "We waited three centuries.",
            "They waited three months.",
            '"three months", but the lines say "three',
        ),
        (
            "The wallet is complex.",
            "The wallet isn't complex.",
            '"The wallet isn\'t complex" (denied by "isn\'t")',
        ),
        (
            "The work was slow.",
            "The work was fast.",
            '"fast" in "The work was fast", where the cited lines say',
        ),
        (
            "I don't think it reads the file.",
            "It reads the file.",
            'the cited lines say "it reads the file" (denied',
        ),
        ("It might cut the city's fees.", "It cuts the city's fees.", 'by "might" they only suppose it'),
        ("Will it cut the city's fees?", "It cuts the city's fees.", "they ask it"),
        ("Teams use it.", "Only teams use it.", "do they say that of nothing else?"),
        ("Teams use it.", "Nobody but teams uses it.", "of none at all"),
        ("Teams use it.", "All teams use it.", "of all, or only of some?"),
        (
            "We sent the parents out first, and then we announced the child.",
            "It sounds odd, {S1} grants, but they announced the child, and then sent the parents out.",
            'it tells "It sounds odd, {S1} grants, but they announced the child" first',
        ),
    ],
)
def test_a_reason_quotes_what_was_written(said: str, text: str, why: str) -> None:
    found = findings([("Ann Lee", said)], text)
    details = [reason.detail for reason in (*found.failures, *found.doubts)]
    assert any(why in detail for detail in details), details


def test_talks_in_a_sentence_on_notes_alone() -> None:
    facts = Facts(offsets={}, notes=("These talks show how a group learns.",))
    claim = Claim(text="These talks show how a group learns.", kind="author", notes=(1,))
    checker = verifier([("Ann Lee", "We learn as a group.")], facts)
    assert "uncited" not in failed(checker.check(claim, "prose"))
