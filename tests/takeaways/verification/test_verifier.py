"""Whether false claims are caught, and true ones let through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.engines.sentence_vectors import SentenceEncoder
from pipeline.records import Claim, Sentence, Speaker, Turn, Turns
from pipeline.takeaways.language.comparable import stem
from pipeline.takeaways.language.polarity import terms
from pipeline.takeaways.language.quantities import read
from pipeline.takeaways.verification import Failure, Kind, Verifier
from pipeline.takeaways.verification.evidence import measure_support
from pipeline.weights import models
from tests.support.verification_cases import CASES

TALK = (
    ("Ann Lee", "We moved the wallet to Taproot in 2023, and about 20% of our 1,500 users switched."),
    ("Ann Lee", "It might reduce fees, but I don't think it makes the wallet more private."),
    ("Bob Ray", "Yeah, exactly, the privacy is not better at all."),
    ("Bob Ray", "Open source is the only way to keep a wallet honest."),
    ("Ann Lee", "I asked Pieter, and he said that small nodes should verify everything."),
    ("Cyd Fox", "We never delete the backups, because without backups people lose their coins."),
    ("Ann Lee", "The weather was lovely on the island."),
    ("Ann Lee", "We walked along the beach for hours."),
    ("Ann Lee", "Then we had fish for dinner."),
    ("Ann Lee", "A good day."),
)


def turns_of(rows: Sequence[tuple[str, str]], language: str = "en") -> Turns:
    """A turn a sentence; ids are n0, n1, …"""
    ids = {name: f"S{number}" for number, name in enumerate(dict.fromkeys(row[0] for row in rows), 1)}
    sentences = [
        Sentence(id=f"n{k}", text=text, speaker=ids[name], words=(100 * k, 100 * k + 1))
        for k, (name, text) in enumerate(rows)
    ]
    return Turns(
        language=language,
        speakers=tuple(Speaker(id=id, name=name, source="label") for name, id in ids.items()),
        turns=tuple(Turn(id=f"t{k}", speaker=s.speaker, sentences=(s,)) for k, s in enumerate(sentences)),
    )


@cache
def encoder() -> SentenceEncoder:
    return SentenceEncoder(models.locate("minilm") / "model.onnx")


@cache
def verifier() -> Verifier:
    return Verifier(turns_of(TALK), ("Wallet Week 12", "Optech"), encoder())


def check(text: str, *cites: int, kind: Kind = "prose", earlier: Sequence[str] = ()) -> tuple[Failure, ...]:
    claim = Claim(text=text, cites=tuple(f"n{k}" for k in cites))
    return verifier().check(claim, kind, earlier)


def codes(text: str, *cites: int, kind: Kind = "prose") -> set[str]:
    return {failure.code for failure in check(text, *cites, kind=kind)}


@pytest.mark.parametrize(
    ("text", "cites"),
    [
        ("{S1} moved the wallet to Taproot in 2023.", (0,)),
        ("About twenty percent of the 1500 users switched, {S1} says.", (0,)),
        ("A fifth of the users switched to taproot.", (0,)),
        ("It may reduce fees, {S1} thinks, yet it does not make the wallet more private.", (1,)),
        ("{S2} agrees with {S1} that the privacy is no better.", (1, 2)),
        ('For {S2}, open source is "the only way to keep a wallet honest".', (3,)),
        ("\u201cThe only way\u201d to keep a wallet honest is open source.", (3,)),
        ("According to Pieter, as {S1} recalls, he wants small nodes to verify everything.", (4,)),
        ("{S3} keeps the backups and never deletes them.", (5,)),
        ("At Wallet Week 12, {S1} explained how 20% of the users switched.", (0,)),
        ("Not only does {S1} expect lower fees; they might reduce fees for the wallet.", (1,)),
    ],
)
def test_true_claims_pass(text: str, cites: tuple[int, ...]) -> None:
    assert check(text, *cites) == ()


@pytest.mark.parametrize(
    ("text", "cites", "code"),
    [
        ("{S2} moved the wallet to Taproot in 2023.", (0,), "speaker"),
        ("{S9} moved the wallet to Taproot in 2023.", (0,), "speaker"),
        ("S1 moved the wallet to Taproot in 2023.", (0,), "speaker"),
        ("Speaker 1 moved the wallet to Taproot in 2023.", (0,), "speaker"),
        ("In 2023, Ann Lee moved the wallet to Taproot.", (0,), "speaker"),
        ("{S1} moved the wallet to Taproot, and {S3} cheered about users.", (0,), "speaker"),
        ("{S1} moved the wallet to Taproot in 2022.", (0,), "number"),
        ("{S1} says that about thirty percent of the users switched.", (0,), "number"),
        ("{S1} says that five thousand users switched to Taproot.", (0,), "number"),
        ("{S1} moved the wallet to Segwit in 2023.", (0,), "name"),
        ("Coinbase moved the wallet to Taproot in 2023.", (0,), "name"),
        ('{S2} calls it "the best way to keep a wallet honest".', (3,), "quotation"),
        ("{S2} calls it \u2018the best way\u2019 to keep a wallet honest.", (3,), "quotation"),
        ('{S2} says open source is "the only way to keep a wallet honest.', (3,), "quotation"),
        ("{S1} moved the wallet to Taproot, and she saw users switch.", (0,), "pronoun"),
        ("{S1} thinks that it makes the wallet more private.", (1,), "negation"),
        ("Open source is not the only way to keep a wallet honest.", (3,), "negation"),
        ("{S3} always deletes the backups.", (5,), "negation"),
        ("{S1} asked Pieter, who said that big nodes should verify everything.", (4,), "stance"),
        ("{S1} proves that it reduces fees.", (1,), "stance"),
        ("It certainly reduces fees, {S1} says.", (1,), "stance"),
        ("{S1} disagrees: users switched to Taproot.", (0,), "stance"),
        (
            "{S2} keeps a wallet honest through open source, after hospital surgeons sued tobacco firms.",
            (3,),
            "support",
        ),
        ("Voters in the north elect their mayors by lottery.", (3,), "support"),
        ("The wallet moved to Taproot, see https://example.org/x.", (0,), "markup"),
        ("The **wallet** moved to Taproot.", (0,), "markup"),
        ("The wallet moved to {{ name }} Taproot.", (0,), "markup"),
        ("As an AI, I see that the wallet moved to Taproot.", (0,), "markup"),
        ("The wallet moved to Taproot [3].", (0,), "markup"),
        ("The wallet moved\x07 to Taproot.", (0,), "markup"),
        ("The wallet moved to Taproot, moved to Taproot, the wallet moved to Taproot.", (0,), "repeat"),
        ("The wallet " + "moved and switched " * 30 + "to Taproot.", (0,), "length"),
        ("The wallet moved to Taproot.", (99,), "uncited"),
    ],
)
def test_false_claims_fail_for_their_reason(text: str, cites: tuple[int, ...], code: str) -> None:
    assert code in codes(text, *cites)


def test_details_are_sentences_without_code() -> None:
    (failure,) = [f for f in check("{S1} moved the wallet to Taproot in 2022.", 0) if f.code == "number"]
    assert "2022" in failure.detail
    assert failure.detail == "the number 2022 is in none of the cited sentences, nor next to them"


def test_what_was_said_before_is_not_said_again() -> None:
    first = "{S1} moved the wallet to Taproot in 2023."
    assert check(first, 0, earlier=["Open source keeps a wallet honest."]) == ()
    again = check("In 2023, {S1} moved the wallet to Taproot.", 0, earlier=[first])
    assert [failure.code for failure in again] == ["repeat"]


def test_a_heading_may_be_short_and_shaped() -> None:
    assert check("Open Source Keeps a Wallet Honest", 3, kind="heading") == ()
    assert "length" in codes("Open source " * 7, 3, kind="heading")
    assert "name" in codes("Google keeps a wallet honest", 3, kind="heading")
    assert "negation" in codes("Open source is not the only way", 3, kind="heading")


@pytest.mark.parametrize("word", ["Ann ", "1", "maybe ", "(", "{S1} ", "hates ", "million "])
def test_a_text_as_long_as_a_talk_is_no_claim_and_is_not_read(word: str) -> None:
    endless = word * (100_000 // len(word))
    assert codes(endless, 0) == codes(endless, 0, kind="heading") == {"length"}
    assert "length" in codes("{S1} moved the wallet to Taproot" + " in 2023" * 100, 0)


@pytest.mark.parametrize("word", ["Satoshi ", "maybe ", "million ", "20 ", "\u201c"])
def test_a_cited_sentence_may_be_as_long_as_a_talk(word: str) -> None:
    long = Verifier(
        turns_of([("Ann Lee", word * (100_000 // len(word)))]), (), lambda texts: np.eye(len(texts))
    )
    claim = Claim(text="Satoshi argues that 20 million might be enough.", cites=("n0",))
    assert isinstance(long.check(claim, "prose"), tuple)


def test_names_and_numbers_may_stand_next_to_what_is_cited() -> None:
    assert "name" not in codes("The wallet is no more private with Taproot.", 1)
    assert "name" in codes("The dinner after the walk was Taproot.", 8)


def test_a_speaker_only_mentioned_must_be_near() -> None:
    assert "speaker" not in codes("{S2} agrees with {S1} about privacy.", 2)
    assert "speaker" in codes("{S1} had fish for dinner with {S3}.", 8)


def test_other_languages_skip_what_needs_english() -> None:
    rows = [
        ("A", "Kleine Modelle sind nicht teuer, und 2023 liefen sie auf jedem Rechner."),
        ("B", "Offene Systeme sind sicher."),
    ]
    german = Verifier(turns_of(rows, "de"), (), encoder())

    def german_codes(text: str) -> set[str]:
        return {failure.code for failure in german.check(Claim(text=text, cites=("n0",)), "prose")}

    assert german_codes("{S1} sagt, dass kleine Modelle nicht teuer sind.") == set()
    assert german_codes("{S1} sagt, dass kleine Modelle 2024 auf jedem Rechner liefen.") == {"number"}
    assert "speaker" in german_codes("{S2} sagt, dass kleine Modelle nicht teuer sind.")
    assert "quotation" in german_codes("{S1} nennt kleine Modelle \u201enicht sehr teuer\u201c.")


def test_scripts_without_spaces() -> None:
    rows = [("A", "小さなモデルは誰でも動かせるので重要です。")]
    japanese = Verifier(turns_of(rows, "ja"), (), encoder())
    claim = Claim(text="{S1}は「誰でも動かせる」小さなモデルが重要だと言います。", cites=("n0",))
    assert japanese.check(claim, "prose") == ()
    altered = Claim(text="{S1}は「誰にも動かせない」小さなモデルが重要だと言います。", cites=("n0",))
    assert {failure.code for failure in japanese.check(altered, "prose")} == {"quotation"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("twenty-five percent", [25]),
        ("1.5k and 2 million", [1500, 2_000_000]),
        ("two hundred and a half", [200, None]),
        ("three hundred thousand", [300_000]),
        ("one of them, and no one else", []),
        ("twenty one", [21]),
        ("a million, $3, 10,000 and 3.5%", [1_000_000, 3, 10_000, 3.5]),
        ("version 0.16.3", [None]),
        ("the fifth and the 21st", [5, 21]),
        ("P2TR and BIP340", []),
    ],
)
def test_numbers_are_read(text: str, values: list[float | None]) -> None:
    assert [number.value for number in read(text)] == values


@settings(max_examples=60)
@given(st.integers(min_value=2, max_value=999_999))
def test_a_number_is_itself_with_separators(value: int) -> None:
    assert [number.value for number in read(f"some {value} of {value:,} things")] == [value, value]


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("It does not work.", {"work"}),
        ("I don't think that it works.", {"works"}),
        ("It is not only cheap.", set()),
        ("It never fails to verify.", set()),
        ("It works, doesn't it?", set()),
        ("Nodes verify instead of trusting.", {"trusting"}),
        ("It is unspendable.", set()),
        ("I don't know whether it scales.", {"know"}),
    ],
)
def test_what_is_denied(text: str, denied: set[str]) -> None:
    assert {term.word for term in terms(text) if term.denied} == denied


def test_antonyms_share_a_concept() -> None:
    easy, hard = terms("It is easy.")[-1], terms("It is hard.")[-1]
    not_easy = terms("It is not easy.")[-1]
    assert easy.concept == hard.concept == not_easy.concept
    assert easy.affirmed
    assert not hard.affirmed
    assert not not_easy.affirmed


@pytest.mark.parametrize(
    "forms",
    ["protect protects protected protecting protection", "prove proved proof", "cost costs", "safe safety"],
)
def test_forms_share_a_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


PIECES = re.findall(
    r"\S+",
    "{S1} {S2} {S not never might two 20% and agrees that the wallet Taproot { } , . \" ' \u201c \u201d",
)


def ones(texts: Sequence[str]) -> NDArray[np.float32]:
    return np.ones((len(texts), 1), dtype=np.float32)


def test_support_is_cosine_and_the_share_of_words_said_each_as_often_as_it_occurs() -> None:
    near, far = measure_support("A wallet in a wallet costs fees.", ["The wallet.", "No."], ones)
    assert (near.cosine, near.shared, near.words, near.score) == (1.0, 0.5, 4, 0.75)
    assert (far.shared, measure_support("Wallets", [], ones)) == (0.0, [])


def test_where_nothing_but_yeah_was_said_a_claim_adds_all_of_it() -> None:
    claim = Claim(text="{S1} says that surgeons sued tobacco firms.", cites=("n0",))
    failures = Verifier(turns_of([("A", "Yeah.")]), (), ones).check(claim, "prose")
    assert "support" in {failure.code for failure in failures}


@settings(max_examples=80)
@given(
    st.text(min_size=1, max_size=120)
    | st.lists(
        st.sampled_from(PIECES),
        min_size=1,
        max_size=25,
    ).map(" ".join),
    st.sampled_from(["prose", "heading", "frame"]),
)
def test_any_text_gets_an_answer(text: str, kind: Kind) -> None:
    checker = Verifier(turns_of(TALK), (), ones)
    failures = checker.check(Claim(text=text, cites=("n0", "n2")), kind, ("The wallet moved.",))
    assert all(failure.code and failure.detail for failure in failures)
    assert failures == checker.check(Claim(text=text, cites=("n0", "n2")), kind, ("The wallet moved.",))


@settings(max_examples=30)
@given(st.integers(min_value=0, max_value=5), st.integers(min_value=0), st.integers(min_value=1))
def test_any_slice_of_a_cited_sentence_is_a_quotation(at: int, first: int, size: int) -> None:
    words = TALK[at][1].split()
    first %= len(words)
    piece = " ".join(words[first : first + size])
    assert "quotation" not in codes(f"Somebody said \u201c{piece}\u201d here.", at)


@pytest.mark.parametrize(("said", "text", "kind", "code"), CASES)
def test_false_twins_of_true_claims(said: str, text: str, kind: Kind, code: str) -> None:
    rows = [("A", said), *(("B", f"{word} by the sea.") for word in ("Walking", "Eating", "Sleeping"))]
    turns = turns_of(rows).model_copy(update={"speakers": tuple(Speaker(id=f"S{k}") for k in (1, 2))})
    facts = ("Wallet Week 12", "2024-05-03", "Alice", "Jesse", "May", "June")
    failures = Verifier(turns, facts, encoder()).check(Claim(text=text, cites=("n0",)), kind)
    if code:
        assert code in {failure.code for failure in failures}
    else:
        assert [failure for failure in failures if failure.code != "copied"] == []
