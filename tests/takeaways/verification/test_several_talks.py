"""Counts of a cohort's talks: so many are cited as are spoken of."""

from __future__ import annotations

from functools import cache

import pytest

from pipeline.engines import syntax
from pipeline.engines.sentence_vectors import encoder
from pipeline.records import Claim, Sentence, Speaker, Turn, Turns
from pipeline.takeaways.verification import Verifier
from pipeline.takeaways.verification.evidence import Findings, Place
from pipeline.workspace.sidecar import Facts

SAID = (
    "Fees are what people ask about first.",
    "What people ask about first is fees.",
    "People ask about fees first, and then about privacy.",
    "First people ask about fees.",
)
FEES = "come back to fees, which people ask about first"


@cache
def verifier(talks: int, language: str = "en", words: tuple[str, ...] = SAID) -> Verifier:
    return Verifier(turns_of(talks, language, words), Facts(offsets={}), encoder())


def turns_of(talks: int, language: str = "en", words: tuple[str, ...] = SAID) -> Turns:
    """Of a cohort in which each talk has one sentence by one speaker."""
    return Turns(
        language=language,
        speakers=tuple(Speaker(id=f"S{n + 1}") for n in range(talks)),
        turns=tuple(
            Turn(
                id=f"{n}#t0",
                speaker=f"S{n + 1}",
                sentences=(
                    Sentence(id=f"{n}#s0", text=said, speaker=f"S{n + 1}", words=(n * 20, n * 20 + 15)),
                ),
            )
            for n, said in enumerate(words[:talks])
        ),
    )


def findings(text: str, cited: int, talks: int, **more: object) -> Findings:
    claim = Claim(text=text, cites=tuple(f"{n}#s0" for n in range(cited)))
    return verifier(talks, **more).check(claim, "prose")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("subject", "least", "talks"),
    [
        ("Both talks", 2, 2),
        ("Both of these conversations", 2, 3),
        ("All talks", 4, 4),
        ("All of the talks", 3, 3),
        ("All three talks", 3, 4),
        ("All but one of the talks", 3, 4),
        ("Most talks", 3, 4),
        ("Most talks", 2, 3),
        ("Most of the talks", 3, 4),
        ("Half of the talks", 2, 4),
        ("Nearly all of these podcasts", 3, 4),
        ("Three of the talks", 3, 4),
        ("3 of the 4 talks", 3, 4),
        ("More than two of the talks", 3, 4),
        ("Many of the sessions", 3, 4),
        ("Several talks", 2, 4),
        ("A few of the episodes", 2, 4),
        ("Two very different talks", 2, 4),
    ],
)
def test_as_many_talks_are_cited_as_are_spoken_of(subject: str, least: int, talks: int) -> None:
    text = f"{subject} {FEES}."
    assert not findings(text, least, talks).failures
    assert [failure.code for failure in findings(text, least - 1, talks).failures] == ["uncited"]
    within = f"Fees are what people ask about first in {subject[0].lower()}{subject[1:]}."
    assert not findings(within, least, talks).failures
    assert findings(within, least - 1, talks).failures


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Every talk comes back to fees, which people ask about first.", "uncited"),
        ("In no talk do people ask about anything but fees first.", "uncited"),
        ("Not all talks come back to fees, which people ask about first.", None),
        ("{S1} talks and explains that people ask about fees first.", None),
        ("There is some talk of fees, which people ask about first.", None),
        ("These talks stress that people ask about fees first.", "uncited"),
        ("The two talks agree that people ask about fees first.", "stance"),
    ],
)
def test_what_counts_as_a_count(text: str, code: str | None) -> None:
    codes = {failure.code for failure in findings(text, 1, 4).failures}
    assert (code in codes) if code else not codes


def test_what_speakers_count_is_for_the_rules_of_numbers() -> None:
    words = ("I gave two talks about fees last year.", *SAID[1:])
    assert not findings("{S1} gave two talks about fees last year.", 1, 4, words=words).failures
    failures = findings("{S1} gave three talks about fees last year.", 1, 4, words=words).failures
    assert [failure.code for failure in failures] == ["number"]


def test_what_may_be_somebody_s_own_sessions_is_left_to_a_judge() -> None:
    found = findings("{S1} says that most sessions begin with fees, which people ask about first.", 1, 4)
    assert not found.failures
    assert "several" in {doubt.code for doubt in found.doubts}


def test_an_author_may_count_talks_in_a_note() -> None:
    note = "Most of these talks I heard twice, and several talks bored me."
    facts = Facts.model_validate({"offsets": {}, "notes": [note]})
    claim = Claim(text=note, kind="author", notes=(1,))
    found = Verifier(turns_of(4), facts, encoder()).check(claim, "prose")
    assert "several" not in {doubt.code for doubt in found.doubts}
    assert "uncited" not in {failure.code for failure in found.failures}


def test_in_other_languages_a_judge_counts() -> None:
    words = tuple(f"Nach Gebühren fragen die Leute zuerst, sagt Nummer {n}." for n in range(4))
    text = "In allen Gesprächen fragen die Leute zuerst nach Gebühren."
    found = findings(text, 2, 4, language="de", words=words)
    assert not found.failures
    (doubt,) = [doubt for doubt in found.doubts if doubt.code == "several"]
    assert "cites 2 of 4" in doubt.detail


TALKS = (("Fees in Zanzibar, 2019 to 2022", "2023-12-07"), ("What wallets wait for", "2024-01-18"))


def known(text: str, cited: int = 0, place: Place = "frame", talks: bool = True) -> list[str]:
    """Why an opening's sentence is refused; `talks` whether titles and dates are known."""
    told = TALKS if talks else ()
    checker = Verifier(turns_of(2), Facts(offsets={}), encoder(), syntax.parser("en"), talks=told)
    claim = Claim(
        text=text, kind="talk" if cited else "linking", cites=tuple(f"{n}#s0" for n in range(cited))
    )
    return [failure.detail for failure in checker.check(claim, place).failures]


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("One is Fees in Zanzibar, the other What wallets wait for.", 0),
        ("Two talks, one from December and one from January.", 0),
        ("Two conversations on the 7th of December 2023 and on 18 January 2024.", 0),
        ("In Zanzibar, in December 2023, {S1} and {S2} come back to fees.", 2),
        ("Two talks come back to fees, which people ask about first: one of 7 December, one of 2024.", 2),
    ],
)
def test_an_opening_may_say_which_talks_these_are(text: str, cited: int) -> None:
    assert known(text, cited) == []
    assert known(text, cited, talks=False)


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("Three talks, one from December.", 0),
        ("One is from March, the other from January.", 0),
        ("In Nairobi, in December 2023, {S1} and {S2} come back to fees.", 2),
        ("Fees came up on 8 December 2023, which people ask about first.", 2),
    ],
)
def test_nothing_else_is_known_of_them(text: str, cited: int) -> None:
    assert known(text, cited)


def test_a_title_in_full_may_stand_anywhere_and_reasons_speak_of_talks() -> None:
    said = "In {}, both talks come back to fees, which people ask about first."
    assert known(said.format("Fees in Zanzibar, 2019 to 2022"), 2, "prose") == []
    assert 'the name "Zanzibar" was not said in these talks' in known(said.format("Zanzibar"), 2, "prose")
