"""What is denied, affirmed or turned round is doubted; what is only put in other words is not."""

from __future__ import annotations

import pytest

from pipeline.engines import syntax
from pipeline.takeaways.verification.analysis import Analysis
from tests.support.claims import doubted, findings

PRIVATE = "It may reduce fees, but I don't think it makes the wallet more private."
ONLY = "Open source is the only way to keep a wallet honest."
BACKUPS = "We never delete the backups, because without backups people lose their coins."
PROTOCOL = "We follow a protocol there, rather than a gut feeling, and it is slow work."


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (PRIVATE, "The wallet does not get more private by it, {S1} thinks."),
        (PRIVATE, "{S1} doubts that it makes the wallet more private."),
        (BACKUPS, "The backups are never deleted."),
        (BACKUPS, "Nobody there deletes a backup."),
        (PROTOCOL, "{S1} does not decide by gut feeling but follows a protocol."),  # contrast
        (PROTOCOL, "They follow a protocol instead of a feeling."),
        (PROTOCOL, "It is slow work, done as fast as possible."),  # opposites of other things
        ("It no longer enforces the rule.", "The rule is not enforced any more."),
        ("We don't see any penalties.", "Penalties are rare."),
        ("Why don't you just limit the cluster?", "Limiting the cluster was proposed."),
        ("I don't know whether it works.", "{S1} cannot say whether it works."),
        # A clause before a colon, or before a tag, is not denied by what comes after it.
        ("You can start a run on a bank.", "You can start a run: if some doubt, enough will stop paying."),
        ("It is like a bank, you can start a run on it, can't you?", "A worry can start a run."),
        ("You need the right committees, and they ask questions.", "The right committees are not enough."),
        ("We don't sit in the meeting of the board.", "They do not insist on meeting the board."),
        ("It's not a failure of the board.", "Not really a failure of the board, {S1} answered."),
        ("You add it, right?", "It is added."),  # a tag leaves it a statement
    ],
)
def test_the_same_in_other_words(said: str, text: str) -> None:
    assert "negation" not in doubted(findings([("A", said)], text))


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (PRIVATE, "{S1} thinks that it makes the wallet more private."),
        (ONLY, "Open source is not the only way to keep a wallet honest."),
        (ONLY, "Only open source, {S1} says, keeps a wallet dishonest."),
        (BACKUPS, "The backups are deleted."),
        (PROTOCOL, "They follow no protocol there."),
        (PROTOCOL, "It is fast work."),
        ("The large blocks are safe for us.", "The small blocks are safe for them."),
        ("There are more stars than grains of sand.", "There are fewer stars than grains of sand."),
        ("No one should use my scheme.", "People should use the scheme, {S1} says."),
        ("I doubt that you can start a run on a bank.", "They can start a run on the bank, {S1} says."),
        ("We insist on meeting the board.", "They do not insist on meeting the board."),
        ("It is a failure of the board.", "Not really a failure of the board, {S1} answered."),
    ],
)
def test_the_opposite(said: str, text: str) -> None:
    assert "negation" in doubted(findings([("A", said)], text))


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("The wallet does not work.", {"work"}),
        ("I don't think that it works.", {"works"}),
        ("Nobody trusts the wallet.", {"trusts"}),
        ("It tackles one, and not multisig.", {"multisig"}),
        ("I wouldn't refuse it.", {"refuse"}),
        ("They fail to verify.", {"verify"}),
        ("There is nothing but trust in it.", set()),
        ("The wallet works, doesn't it?", set()),
        ("It is not really a failure.", {"failure"}),
    ],
)
def test_what_is_denied(text: str, denied: set[str]) -> None:
    parse = syntax.parser("en")
    assert parse is not None
    (analysis,) = Analysis.parsed([text], parse)
    assert {term.word for term in analysis.terms if term.denied_at == 1} == denied
