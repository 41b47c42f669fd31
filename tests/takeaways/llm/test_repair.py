"""Repairs put right what is certain, and never make a claim say what nobody said."""

from __future__ import annotations

import pytest

from pipeline.engines import Parse
from pipeline.records import Claim
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.llm.claim_checker import ClaimChecker
from pipeline.takeaways.llm.repair import Repair, with_speaker
from pipeline.takeaways.verification import Failure, Verifier
from pipeline.workspace.sidecar import Facts
from tests.support.posts import turns

SAID = (
    (
        "S1",
        "I am worried about the bridge because it was hacked twice. | Will fees fall with new blocks?",
    ),
    (
        "S2",
        "My sister worries, she does not trust the bridge at all. | The bridge is fine and we use it.",
    ),
    ("S1", "We limit the size of each cluster because sorting a large cluster takes too long."),
)
TURNS = turns(SAID)
MATTER = Document(TURNS, ())
IDS = {said.sentence.text: said.sentence.id for said in MATTER.said}
WORRIED, FALL, SISTER, FINE, LIMIT = (said.sentence.id for said in MATTER.said)


def mended(text: str, *cites: str, within: tuple[str, ...] = ()) -> list[Claim]:
    """The repairs of a claim that pass."""
    claim = Claim(text=text, cites=cites)
    verifier = Verifier(TURNS, Facts(offsets={}), MATTER.embed, MATTER.parse)
    failures = reasons(verifier, claim)
    candidates = Repair(MATTER).candidates(claim, failures, within)
    return [one for one in candidates if failures and not reasons(verifier, one)]


def reasons(verifier: Verifier, claim: Claim) -> tuple[Failure, ...]:
    findings = verifier.check(claim, "prose")
    return findings.failures + findings.doubts


def test_the_wrong_one_of_two_speakers_is_put_right() -> None:
    (claim,) = mended("{S2} says that sorting a large cluster takes too long.", LIMIT)
    assert claim.text == "{S1} says that sorting a large cluster takes too long."


def test_a_claim_finds_the_sentence_that_it_is_about() -> None:
    everything = tuple(IDS.values())
    (claim,) = mended(
        "{S1} says that the size of each cluster is limited, because sorting a large one takes too long.",
        FALL, within=everything,
    )  # fmt: skip
    assert LIMIT in claim.cites


def test_he_at_the_start_of_a_second_sentence_is_the_speaker() -> None:
    claim = Claim(
        text="{S1} says that sorting takes too long. He limits the size of his cluster.", cites=(LIMIT,)
    )
    assert with_speaker(claim, MATTER.parse).text == (
        "{S1} says that sorting takes too long. {S1} limits the size of their cluster."
    )
    assert with_speaker(claim, None).text.endswith("{S1} limits the size of his cluster.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{S1} says that she was late.", "{S1} says that they were late."),
        ("{S1} says she runs a shop and sells shoes.", "{S1} says they run a shop and sell shoes."),
        ("{S1} says he doesn't know.", "{S1} says they don't know."),
        ("{S1} taught herself to read.", "{S1} taught themselves to read."),
        ("{S10} told her that it was late.", "{S10} told them that it was late."),
        ("{S1} gave her the shop.", "{S1} gave them the shop."),
        ("{S1} gave her shop away.", "{S1} gave their shop away."),
        ("{S1} has a shop. Her shop is old.", "{S1} has a shop. Their shop is old."),
        ("{S1} thinks she's late.", "{S1} thinks they're late."),
        ("{S1} says she has seen it.", "{S1} says they have seen it."),
        ("{S1} can say what he could not.", "{S1} can say what they could not."),
        ('{S1} heard "she runs her shop" and says she runs it.',
         '{S1} heard "she runs her shop" and says they run it.'),
    ],
)  # fmt: skip
def test_they_is_good_english(text: str, expected: str) -> None:
    assert with_speaker(Claim(text=text, cites=(LIMIT,)), MATTER.parse).text == expected


@pytest.mark.parametrize(
    ("text", "cites", "parse", "is_refused"),
    [
        ("{S1} limits the size of his cluster.", LIMIT, MATTER.parse, False),
        ("{S1} limits the size of his cluster.", LIMIT, None, True),
        ("{S1} limits the size of each cluster.", LIMIT, None, False),
        ("{S2} says that she worries about the bridge.", SISTER, None, False),  # somebody said she
    ],
)
def test_he_or_she_that_is_left_is_sent_back(
    text: str, cites: str, parse: Parse | None, is_refused: bool
) -> None:
    document = Document(TURNS, ())
    document.parse = parse
    checker = ClaimChecker(document, Facts(offsets={}))
    codes = {failure.code for failure in checker.check(Claim(text=text, cites=(cites,)), "prose").failures}
    assert ("pronoun" in codes) is is_refused


@pytest.mark.parametrize(
    ("text", "cites"),
    [
        ("{S2} is worried about the bridge because it was hacked twice.", (WORRIED,)),
        ("{S2} is asked whether the fees will fall with the new blocks.", (FALL,)),
        ("She asks {S1} about the bridge.", (WORRIED,)),
    ],
)
def test_what_is_not_certain_is_left_to_be_sent_back(text: str, cites: tuple[str, ...]) -> None:
    assert not mended(text, *cites, within=tuple(IDS.values()))


def test_what_was_mended_is_recorded_with_the_wording_that_failed() -> None:
    true = "{S1} says that sorting a large cluster takes too long."
    wrong = true.replace("S1", "S2")
    passed = ClaimChecker(MATTER, Facts(offsets={})).check(Claim(text=true, cites=(LIMIT,)), "prose").kept
    assert passed
    assert (passed.outcome, passed.mended_from) == ("passed", None)
    by_rule = ClaimChecker(MATTER, Facts(offsets={})).check(Claim(text=wrong, cites=(LIMIT,)), "prose").kept
    assert by_rule
    assert (by_rule.text, by_rule.outcome, by_rule.mended_from) == (true, "mended", wrong)
