from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Unmatched, Word
from pipeline.transcripts.sentences import sentence_ends
from pipeline.turns import corrections
from pipeline.workspace.review_file import Fix

FILE = "talk.review.toml"


def words(text: str, label: str | None = None) -> list[Word]:
    return [Word(text=f" {token}", label=label) for token in text.split()]


def fixed(spoken: list[Word], *fixes: tuple[str, str]) -> str:
    """The running text after fixes, all of which match."""
    texts, unmatched = corrections.apply(
        [Fix.model_validate({"from": a, "to": b}) for a, b in fixes], spoken, FILE
    )
    assert unmatched == []
    return "".join(texts).strip()


def test_a_fix_moves_no_index_and_stays_in_its_sentence() -> None:
    spoken = words("I met Jessie Pollock. Then we spoke.")
    texts, unmatched = corrections.apply(
        [Fix.model_validate({"from": "jessie pollock", "to": "Jesse Pollak"})], spoken, FILE
    )
    assert unmatched == []
    assert texts == [" I", " met", " Jesse Pollak", ".", " Then", " we", " spoke."]
    assert sentence_ends.ends(spoken, texts, "en") == [4, 7]


def test_a_fix_with_a_moment_takes_the_nearest_match_only() -> None:
    spoken = [
        Word(text=f" {text}", start=at) for text, at in [("bass", 1.0), ("(bass),", 20.0), ("bass", 60.0)]
    ]
    fix = Fix.model_validate({"at": "0:22", "from": "bass", "to": "Base"})
    assert corrections.apply([fix], spoken, FILE)[0] == [" bass", " (Base),", " bass"]


def test_a_fix_that_matches_nothing_is_listed() -> None:
    fixes = [
        Fix.model_validate({"from": "zebra", "to": "x"}),
        Fix.model_validate({"at": 500, "from": "bass", "to": "x"}),
    ]
    texts, unmatched = corrections.apply(fixes, [Word(text=" bass", start=1.0)], FILE)
    assert texts == [" bass"]
    assert unmatched == [
        Unmatched(file=FILE, entry="fix", why="'zebra' is not in the transcript"),
        Unmatched(file=FILE, entry="fix", why="'bass' near 500 s is not in the transcript"),
    ]


@pytest.mark.parametrize("heard", [" ", "...", "- ,", "$", "\u3002"])
def test_a_fix_without_a_letter_matches_nothing(heard: str) -> None:
    spoken = words("I - met $ Ann ... so.")
    texts, unmatched = corrections.apply([Fix.model_validate({"from": heard, "to": "X"})], spoken, FILE)
    assert texts == [word.text for word in spoken]
    assert len(unmatched) == 1


@pytest.mark.parametrize(
    ("said", "heard", "meant", "text"),
    [
        ("So no no no way", "no no", "no", "So no no way"),
        ("I met Pollock. Then", "Pollock.", "Pollak.", "I met Pollak. Then"),
        ("Apples etc. and pears etc, too", "etc", "etc.", "Apples etc. and pears etc., too"),
        ("C and C++ and c++.", "C++", "Rust", "C and Rust and Rust."),
        ("5 or $5, not $50 or $5.50", "$5", "$6", "5 or $6, not $50 or $5.50"),
        ("Ann's, Ann\u2019s, (Ann), Annie", "Ann", "Anne", "Anne's, Anne\u2019s, (Anne), Annie"),
        ("Ann Lee's", "ann lee", "Anne Li", "Anne Li's"),
        ("we don\u2019t know", "don't", "do not", "we do not know"),
        ("don't, don", "don", "Don", "don't, Don"),
        ("So um way", "um", "", "So way"),
        ("a b-a b. c", "a b", "Q", "Q-Q. c"),
        ("the Stra\u00dfe ends", "strasse", "street", "the street ends"),
    ],
)
def test_a_fix_changes_the_words_that_it_names_and_nothing_around_them(
    said: str, heard: str, meant: str, text: str
) -> None:
    assert fixed(words(said), (heard, meant)) == text


def test_a_fix_works_in_scripts_without_spaces() -> None:
    spoken = [Word(text=char) for char in "今日はビットコインの話とWebの話"]
    assert fixed(spoken, ("ビットコイン", "Bitcoin"), ("web", "ウェブ")) == "今日はBitcoinの話とウェブの話"


def test_a_fix_works_beside_an_earlier_one() -> None:
    spoken = words("I met jessie pollock friend of base.")
    assert fixed(spoken, ("jessie pollock", "Jesse Pollak"), ("pollak friend of", "Pollak from")) == (
        "I met Jesse Pollak from base."
    )


def test_a_fix_does_not_reach_from_one_speaker_to_the_next() -> None:
    spoken = [*words("So, no.", "Ann"), *words("No way.", "Bob")]
    fix = Fix.model_validate({"from": "no no", "to": "no"})
    texts, unmatched = corrections.apply([fix], spoken, FILE)
    assert texts == [word.text for word in spoken]
    assert len(unmatched) == 1


TEXTS = st.text("aA ßİ.$'+-ビ語,", max_size=12)


@given(st.lists(TEXTS, max_size=8), TEXTS.filter(bool), TEXTS)
def test_any_fix_keeps_the_number_of_words_and_is_listed_if_it_changes_nothing(
    said: list[str], heard: str, meant: str
) -> None:
    spoken = [Word(text=text) for text in said]
    texts, unmatched = corrections.apply([Fix.model_validate({"from": heard, "to": meant})], spoken, FILE)
    assert len(texts) == len(spoken)
    if unmatched:
        assert texts == said
