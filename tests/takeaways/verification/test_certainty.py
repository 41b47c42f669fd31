"""What is supposed, planned, asked or possible is not told as a fact."""

from __future__ import annotations

import pytest

from tests.support.claims import doubted, findings

REDUCE = "It might reduce the fees of our users."
PORT = "If we do port the scheme to the old outputs, we would want a signature for it."
LIMIT = "We're hoping to set the limit of a cluster somewhere between 50 and 100."
DONE = "We set the limit of a cluster last year."
ASKED = "Will the fees fall once the new blocks arrive?"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (REDUCE, "It may reduce the fees of the users."),
        (REDUCE, "{S1} expects lower fees for the users."),
        (PORT, "If the scheme is ported, {S1} wants a signature."),
        (PORT, "{S1} would want a signature for a ported scheme."),
        (LIMIT, "The hope is to set a limit between 50 and 100."),
        (DONE, "They have set a limit for clusters."),
        (ASKED, "Whether the fees fall with the new blocks, {S1} asks."),
        (ASKED, "Fees and new blocks"),
        ("It reduces fees, I guarantee you that.", "It surely reduces fees."),
        ("I'm sure it works.", "{S1} is certain that it works."),
        ("Fees are a good place to begin.", "{S1} opened the talk with fees."),
        ("Fees are a good place to begin.", "{S1} began with fees."),
        ("Fees are a problem, too.", "{S1} added that fees are a problem."),
        ("Who pays the fees?", "{S1} raised the question who pays the fees."),
        ("Now, what about the fees?", "{S1} turned to fees."),
        (
            "A baker, say, keeps the keys in the oven.",
            "{S1} gave the example of a baker with keys in the oven.",
        ),
        ("We opened an office in Lisbon.", "{S1} opened an office in Lisbon."),
    ],
)
def test_what_is_told_as_it_was(said: str, text: str) -> None:
    assert doubted(findings([("A", said)], text, place="prose" if text[-1] == "." else "heading")) == set()


@pytest.mark.parametrize(
    ("said", "text", "code"),
    [
        (REDUCE, "It reduces the fees of the users.", "certainty"),
        (REDUCE, "It certainly reduces the fees.", "certainty"),
        (PORT, "The scheme is ported to the old outputs.", "certainty"),
        (ASKED, "The fees fall with the new blocks.", "certainty"),
        ("I'm not sure it works.", "{S1} is certain that it works.", "certainty"),
        ("I guess it would help them.", "{S1} has proved that it helps.", "certainty"),
    ],
)
def test_what_is_told_as_more_certain(said: str, text: str, code: str) -> None:
    assert code in doubted(findings([("A", said)], text))
