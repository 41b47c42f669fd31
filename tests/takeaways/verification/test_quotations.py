"""What stands in quotation marks was said, and what was said does not stand without them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.records import Claim
from pipeline.takeaways.verification import Place
from pipeline.workspace.sidecar import Facts
from tests.support.claims import failed, findings, verifier

TALK = (
    ("Ann Lee", "Open source is the only way to keep a wallet honest."),
    ("Ann Lee", "Closed wallets lose their users sooner or later, and nobody gets them back."),
)


@pytest.mark.parametrize(
    "text",
    [
        'For {S1}, open source is "the only way to keep a wallet honest".',
        "\u201cThe only way\u201d to keep a wallet honest is open source.",
        "It is \u2018the only way\u2019, {S1} says.",
        'Only that will "keep a wallet honest. Closed wallets lose their users", {S1} says.',  # over two
        "Open source is what keeps it honest, {S1} says.",
    ],
)
def test_words_that_were_said(text: str) -> None:
    assert failed(findings(TALK, text, 0, 1)) == set()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{S1} calls it "the best way to keep a wallet honest".', "quotation"),
        ("{S1} calls it \u2018the best way\u2019 to keep a wallet honest.", "quotation"),
        ('{S1} says open source is "the only way to keep a wallet honest.', "quotation"),
        ("Open source is the only way to keep a wallet honest.", "copied"),
    ],
)
def test_words_that_were_not(text: str, code: str) -> None:
    assert code in failed(findings(TALK, text, 0))


@pytest.mark.parametrize(
    ("said", "text", "language", "is_refused"),
    [
        ("Sie sind nicht teuer.", "{S1} nennt sie \u201enicht teuer\u201c.", "de", False),
        ("Sie sind nicht teuer.", "{S1} nennt sie \u201enicht sehr teuer\u201c.", "de", True),
        ("Ce n'est pas cher.", "{S1} trouve que « ce n'est pas cher ».", "fr", False),
        ("Ce n'est pas cher.", "{S1} trouve que « c'est très cher ».", "fr", True),
        ("小さなモデルは誰でも動かせる。", "{S1}は「誰でも動かせる」と言います。", "ja", False),
        ("小さなモデルは誰でも動かせる。", "{S1}は「誰にも動かせない」と言います。", "ja", True),
    ],
)
def test_other_languages(said: str, text: str, language: str, is_refused: bool) -> None:
    assert ("quotation" in failed(findings([("A", said)], text, language=language))) is is_refused


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1), st.integers(min_value=0), st.integers(min_value=1))
def test_any_slice_of_a_cited_sentence_is_a_quotation(at: int, first: int, size: int) -> None:
    words = TALK[at][1].split()
    first %= len(words)
    piece = " ".join(words[first : first + size])
    assert "quotation" not in failed(findings(TALK, f"Somebody said \u201c{piece}\u201d here.", at))


@pytest.mark.parametrize("marks", ["''", "\u2018\u2019", '""', "\u201c\u201d"])
@pytest.mark.parametrize("place", ["prose", "frame"])
@pytest.mark.parametrize(
    ("word", "note", "is_refused"), [("should", 1, False), ("must", 1, True), ("should", 2, True)]
)
def test_what_a_note_has_in_marks(marks: str, place: Place, word: str, note: int, is_refused: bool) -> None:
    notes = ("Three groups argued about the word 'should'.", "Groups argue about words.")
    claim = Claim(
        text=f"Groups argue about the word {marks[0]}{word}{marks[1]}.", kind="author", notes=(note,)
    )
    found = verifier(TALK, Facts(offsets={}, notes=notes)).check(claim, place)
    assert ("quotation" in failed(found)) is is_refused
