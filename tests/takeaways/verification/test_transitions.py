"""Sentences without lines: what only leads on or states what is known passes, what claims does not."""

from __future__ import annotations

import pytest

from pipeline.engines import syntax
from pipeline.records import Claim
from pipeline.takeaways.verification import Place, Verifier
from pipeline.turns.names import Identity
from pipeline.workspace.sidecar import Facts, Link
from tests.support.claims import doubted, encoder, failed, turns_of, verifier

TALK = (
    ("Ann Lee", "Hi, happy to be here."),
    ("Bob Ray", "We moved the wallet to Taproot in 2023, and some of our users switched."),
    ("Bob Ray", "It might reduce fees, but I don't think it makes the wallet more private."),
)
LEADING = """
And the gain?
How do scattered people get any further?
So here, mostly, are doubts.
Here is how that went.
So much for the money; who is watching it?
Then there is the money.
First, the fees.
That leaves the question of trust.
Which brings us to fees.
On to the wallets.
But is it safe?
Back to the beginning.
You may wonder what is left.
Now for the other side.
There is another way to look at it.
Take the wallet.
Next come the keys.
One more thing.
But there is a catch.
Let us begin with the bad news.
The obvious question: who pays?
And then, of course, politics.
""".strip().splitlines()
CLAIMING = """
Everyone left convinced.
So much for the money, which nobody there could account for; who is watching it?
The room had changed its mind. And the gain?
By the end the room had changed its mind.
It is the question of the decade.
Few had seen it coming.
Nobody laughed.
The answer was sobering.
It was a rare moment of candour.
The two rarely disagree.
Money was never the problem.
The idea is dead.
That is where the industry is heading.
Most wallets leak.
The debate is settled.
There is no other way.
It works.
This changes everything.
There was laughter.
Nothing has worked so far.
Here the panel fell silent.
Then came a surprise.
You cannot trust banks.
What matters is speed.
A consensus is forming.
""".strip().splitlines()
ELSEWHERE = {
    "de": [
        "Und der Gewinn?",
        "So viel zum Geld.",
        "Bleibt die Frage nach dem Vertrauen.",
        "Zurück zum Anfang.",
    ],
    "es": ["¿Y la ganancia?", "Pasemos al dinero.", "Queda la cuestión de la confianza."],
}


def linking(text: str) -> Claim:
    return Claim(text=text, kind="linking")


@pytest.mark.parametrize("text", LEADING)
def test_what_leads_on_is_not_doubted(text: str) -> None:
    assert doubted(verifier(TALK).check(linking(text), "prose")) == set()


@pytest.mark.parametrize("text", CLAIMING)
def test_what_claims_is_doubted_and_a_judge_sees_no_lines(text: str) -> None:
    checker = verifier(TALK)
    found = checker.check(linking(text), "prose")
    assert doubted(found) == {"uncited"}
    question = checker.question(linking(text), "prose", found.doubts)
    assert (question.lines, question.notes) == ((), ())


@pytest.mark.parametrize(
    ("language", "text"), [(code, text) for code, texts in ELSEWHERE.items() for text in texts]
)
def test_elsewhere_a_judge_decides(language: str, text: str) -> None:
    found = verifier(TALK, language=language).check(linking(text), "prose")
    assert failed(found) == set()
    assert bool(found.doubts) is not text.endswith("?")


FACTS = Facts(
    offsets={},
    occasion="100 Builders, week 1",
    date="2024-05-02",
    links=(Link(url="https://example.org/optech", title="Optech"),),
)
PEOPLE = {
    "S1": Identity("Ann Lee", True, "Head of Base", None),
    "S2": Identity("Bob Ray", True, "Stability AI", None),
}


def opening(text: str, *cites: str, place: Place = "frame") -> set[str]:
    """The codes of rules that refuse or doubt a sentence of the opening."""
    checker = Verifier(turns_of(TALK), FACTS, encoder(), syntax.parser("en"), PEOPLE)
    claim = Claim(text=text, cites=cites, kind="talk" if cites else "linking")
    return doubted(checker.check(claim, place))


@pytest.mark.parametrize(
    "text",
    [
        "{S1} of Base and {S2} of Stability AI spoke at 100 Builders, week 1.",
        "At 100 Builders in 2024, {S1} met {S2} of Stability AI.",
    ],
)
def test_what_is_known_needs_no_lines_in_an_opening(text: str) -> None:
    assert opening(text, "n0", "n1") == set()
    assert opening(text, "n0", "n1", place="prose"), "elsewhere it rests on nothing"


def test_an_opening_may_lead_on_with_what_is_known() -> None:
    assert opening("This was week 1 of 100 Builders.") == set()
    assert opening("This was week 7 of 100 Builders.") == {"uncited"}
    assert opening("This was week 1 of Token Days.") == {"uncited"}
    assert opening("This was week 1 of 100 Builders.", place="prose") == {"uncited"}


@pytest.mark.parametrize(
    "text",
    [
        "{S1} argued that open models win.",
        "{S1} of Google and {S2} of Stability AI spoke at 100 Builders, week 1.",
        "{S1} of Base and {S2} of Stability AI spoke at 900 Builders, week 1.",
    ],
)
def test_an_opening_makes_nothing_up(text: str) -> None:
    assert opening(text, "n0")
    assert opening(text)
