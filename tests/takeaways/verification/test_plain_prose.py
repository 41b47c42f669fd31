"""Plain prose: no markup, whole sentences, nothing twice."""

from __future__ import annotations

import pytest

from pipeline.takeaways.verification import Place
from tests.support.claims import failed, findings

SAID = [("Ann Lee", "We moved the wallet to Taproot, and it was certainly hard; see the transcripts of it.")]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("The wallet moved to Taproot.", "prose"),
        ("Hard? Certainly, {S1} says.", "prose"),
        ("There are several transcripts of it.", "prose"),
        ("The wallet that moved", "heading"),
        ("And other reflections on the wallet that we moved to Taproot", "frame"),
        ("\u201cCertainly hard\u201d: that is how moving the wallet was.", "frame"),
    ],
)
def test_plain_prose(text: str, place: Place) -> None:
    assert failed(findings(SAID, text, place=place)) == set()


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("The wallet moved to Taproot, see https://example.org/x.", "prose", "markup"),
        ("The **wallet** moved to Taproot.", "prose", "markup"),
        ("The wallet moved to {{ name }} Taproot.", "prose", "markup"),
        ("As an AI language model, I see that the wallet moved.", "prose", "markup"),
        ("Here is the summary: the wallet moved to Taproot.", "prose", "markup"),
        ("The transcript says that the wallet moved.", "prose", "markup"),
        ("The wallet moved to Taproot [3].", "prose", "markup"),
        ("The wallet moved\x07 to Taproot.", "prose", "markup"),
        ("{S1}: We moved the wallet.", "prose", "markup"),
        ("\u2026", "prose", "markup"),
        ("The wallet " + "moved and moved on " * 30 + "to Taproot.", "prose", "length"),
        ("The wallet moved to the and", "prose", "unfinished"),
        ("A wallet, moved to", "frame", "unfinished"),
        ("The wallet moved, " * 11 + "moved", "frame", "unfinished"),
        ("The wallet moved. Users had to mo", "frame", "unfinished"),
        (
            "The wallet moved and moved and moved and moved and moved and moved and moved and",
            "heading",
            "length",
        ),
        (f"The wallet {'moved ' * 12}.", "prose", "repeat"),
        (f"It is {'the wallet and ' * 4}so on.", "prose", "repeat"),
        (f"{'The wallet moved to Taproot, ' * 3}.", "prose", "repeat"),
    ],
)
def test_what_is_no_plain_prose(text: str, place: Place, code: str) -> None:
    assert code in failed(findings(SAID, text, place=place))


@pytest.mark.parametrize(
    ("earlier", "text", "is_refused"),
    [
        ("{S1} moved the wallet to Taproot.", "To Taproot, {S1} moved the wallet.", True),
        ("{S1} moved the wallet to Taproot.", "{S1} found it hard to move the wallet.", False),
        ("Moving was hard for the wallet.", "The wallet moved to Taproot.", False),
    ],
)
def test_what_was_said_before_is_not_said_again(earlier: str, text: str, is_refused: bool) -> None:
    assert ("repeat" in failed(findings(SAID, text, earlier=[earlier]))) is is_refused


@pytest.mark.parametrize(
    ("text", "language", "is_refused"),
    [
        ("Die Wallet lief danach auf Taproot.", "de", False),
        ("Die Wallet lief danach auf", "de", True),
        ("ウォレットはTaprootに移りました。", "ja", False),
        ("ウォレットはTaprootに", "ja", True),
    ],
)
def test_other_languages(text: str, language: str, is_refused: bool) -> None:
    said = [("A", "Die Wallet Taproot ウォレットはTaprootに移りました。")]
    assert ("unfinished" in failed(findings(said, text, language=language))) is is_refused


@pytest.mark.parametrize(
    "text",
    [
        "The wallet moved to Taproot, the wallet moved to Taproot.",
        "No, no, no, the wallet had not moved.",
        "The wallet moved again and again and again.",
        "{S1}, the Minister for Health and Social Care, asked what it meant for health and social care.",
        f"{', '.join(f'{{S{n}}}, Minister for Health and Social Care' for n in (1, 2, 3))}, moved it.",
    ],
)
@pytest.mark.parametrize("place", ["prose", "frame"])
def test_words_roles_and_names_may_come_again(text: str, place: Place) -> None:
    assert "repeat" not in failed(findings(SAID, text, place=place))
