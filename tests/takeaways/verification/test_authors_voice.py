"""The author's notes are nobody else's words, and "I" is the author's."""

from __future__ import annotations

from typing import Literal

import pytest

from pipeline.records import Claim
from pipeline.takeaways.verification import Place
from pipeline.workspace.sidecar import Facts, Note
from tests.support.claims import doubted, failed, verifier

TALK = (
    ("Ann Lee", "We moved the wallet to Taproot in 2023, and some of our users switched."),
    ("Bob Ray", "It might reduce fees, and I would write that up for the newsletter."),
)
NOTES = (
    "I have binned ideas of my own because somebody had them first.",
    "For years I skipped the legal news of the newsletter.",
)
Kind = Literal["talk", "author", "linking"]


def check(
    text: str, kind: Kind = "talk", notes: tuple[int, ...] = (), place: Place = "prose", language: str = "en"
) -> set[str]:
    cites = ("n0", "n1") if kind == "talk" else ()
    facts = Facts(offsets={}, notes=tuple(Note(text=note) for note in NOTES))
    claim = Claim(text=text, kind=kind, cites=cites, notes=notes)
    return failed(verifier(TALK, facts, language).check(claim, place))


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("{S2} has binned ideas because somebody had them first.", ()),
        ("{S2} has binned ideas because somebody had them first.", (1,)),
        ("For years, {S1} admits, the legal news was skipped.", ()),
        ("{S2} had somebody bin ideas first.", (1,)),
    ],
)
def test_a_note_is_not_told_as_what_a_speaker_says(text: str, notes: tuple[int, ...]) -> None:
    assert "note" in check(text, notes=notes)


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("{S1} moved the wallet to Taproot, and some users switched.", ()),
        ("{S2} would write up how it might reduce fees for the newsletter.", ()),
        ("Like {S2}, I have binned ideas of my own because somebody had them first.", (1,)),
    ],
)
def test_what_a_speaker_says_is_told(text: str, notes: tuple[int, ...]) -> None:
    assert "note" not in check(text, notes=notes)


def test_a_note_is_told_from_a_speaker_s_words_in_any_language() -> None:
    assert "note" in check("{S2} binned ideas of their own: somebody had them first.", language="de")
    assert "note" not in check("{S1} moved the wallet to Taproot in 2023.", language="de")


@pytest.mark.parametrize(
    ("text", "kind", "place", "language", "is_accepted"),
    [
        ("I moved the wallet to Taproot.", "talk", "prose", "en", False),
        ("Some of our users switched, said {S1}.", "talk", "prose", "en", False),
        ("We\u2019ve moved the wallet to Taproot, said {S1}.", "talk", "prose", "en", False),
        ("Some users of mine switched, said {S1}.", "talk", "prose", "en", False),
        ("The wallet is mine, said {S1}.", "talk", "prose", "en", False),
        ("Some would mine what the users of the wallet switched.", "talk", "prose", "en", True),
        ("Some users switched to the mine, said {S1}.", "talk", "prose", "en", True),
        ("I come to the fees.", "linking", "prose", "en", False),
        ("Wir kommen zu den Geb\u00fchren?", "linking", "prose", "de", False),
        ("Which brings us to the fees.", "linking", "prose", "en", True),
        ("You may wonder what is left.", "linking", "prose", "en", True),
        ("\u201cSome of our users switched\u201d, said {S1}.", "talk", "prose", "en", True),
        ("What moved our users", "talk", "heading", "en", True),
        ("Reflections from my chat on the wallet", "talk", "frame", "en", True),
        ("My chat on the wallet moved to Taproot.", "talk", "frame", "en", False),
        ("I have binned ideas of my own.", "author", "prose", "en", True),
    ],
)
def test_only_the_author_says_i(
    text: str, kind: Kind, place: Place, language: str, is_accepted: bool
) -> None:
    notes = (1,) if kind == "author" else ()
    assert ("person" not in check(text, kind, notes, place, language)) is is_accepted


def test_an_author_s_sentence_about_a_speaker_needs_lines() -> None:
    assert "speaker" in check("{S2} has binned ideas of my own.", "author", (1,))


def test_an_author_s_sentence_may_be_the_note_itself() -> None:
    assert check(NOTES[0], "author", (1,)) == set()


@pytest.mark.parametrize(
    ("text", "is_accepted"),
    [
        ("For years I skipped the legal news, and the newsletter with it.", True),
        ("I have long passed over what the newsletter said of the law.", True),
        ("Since a colleague was arrested, I no longer skip the legal news of the newsletter.", False),
        ("For years I skipped the legal news of the newsletter, on a boat to Lisbon.", False),
    ],
)
def test_nothing_is_added_to_a_note(text: str, is_accepted: bool) -> None:
    claim = Claim(text=text, kind="author", notes=(2,))
    facts = Facts(offsets={}, notes=tuple(Note(text=note) for note in NOTES))
    assert (doubted(verifier(TALK, facts).check(claim, "prose")) == set()) is is_accepted
