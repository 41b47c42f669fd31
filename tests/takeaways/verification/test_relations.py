"""All for some, a reason that nobody gave, another order."""

from __future__ import annotations

import pytest

from tests.support.claims import doubted, findings

TEAMS = (
    ("Ann Lee", "A lot of teams use it already, and managers have an opportunity there."),
    ("Bob Ray", "We first sent the parents to the other nodes, and then we announced the child."),
    ("Cyd Fox", "The fees went up because the blocks were full of pictures."),
    ("Dan Poe", "Absolutely, the blocks were full."),
    ("Eve Orr", "The weather of the island pleased us."),
)


@pytest.mark.parametrize(
    ("text", "cites"),
    [
        ("Plenty of teams use it, {S1} says.", (0,)),
        ("After the parents had been sent to other nodes, the child was announced.", (1,)),
        ("They announced the child after they had sent the parents.", (1,)),
        ("Since the blocks were full of pictures, fees went up.", (2,)),
        ("Full blocks led to higher fees.", (2,)),
        ("{S4} agrees with {S3} that the blocks were full.", (2, 3)),
        ("After all, teams use it already.", (0,)),
    ],
)
def test_relations_that_were_told(text: str, cites: tuple[int, ...]) -> None:
    assert doubted(findings(TEAMS, text, *cites)) == set()


@pytest.mark.parametrize(
    ("text", "cites", "code"),
    [
        ("All teams use it already, {S1} says.", (0,), "quantity"),
        ("Every manager has an opportunity there.", (0,), "quantity"),
        ("Most teams use it already.", (0,), "quantity"),
        ("They announced the child and then sent the parents to the other nodes.", (1,), "order"),
        ("The child was announced before they sent the parents to other nodes.", (1,), "order"),
        ("Teams use it because managers like it.", (0,), "cause"),
        ("The blocks were full of pictures because the fees went up.", (2,), "cause"),
    ],
)
def test_relations_that_nobody_told(text: str, cites: tuple[int, ...], code: str) -> None:
    assert code in doubted(findings(TEAMS, text, *cites))
