"""The author's notes in a draft: their own words, each once, and none lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.records import Claim, Paragraph, Theme
from pipeline.takeaways.llm.authors_notes import as_sentence, resting_on, set_notes, with_left_out
from pipeline.takeaways.llm.claim_checker import ClaimChecker, Text
from pipeline.workspace.sidecar import Facts, Note
from tests.support.claims import encoder
from tests.support.drafts import material_of

MATERIAL = material_of(("S1", ["We moved the wallet to Taproot.", "Some users switched."]))
NOTES = (
    Note(text="I have binned ideas because somebody had them first. I should have written them up anyway."),
    Note(text="For years I skipped the legal news."),
    Note(text="Fees are dull.", verbatim=False),
)


def author(text: str, *notes: int) -> Text:
    return Text(Claim(text=text, kind="author", notes=notes), "prose")


def settled(*texts: Text, notes: Sequence[Note] = NOTES) -> list[str | None]:
    """The texts as they stand; None for one that is left out."""
    checker = ClaimChecker(MATERIAL.document, Facts(offsets={}, notes=tuple(notes)))
    for _ in range(2):  # once is enough, and twice changes nothing
        set_notes(texts, notes, checker)
    return [claim.text if (claim := text.kept) else None for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        "i have binned ideas because somebody had them first, and I should have written them up anyway.",
        "I have binned ideas because somebody had them first; I should have written them up anyway!",
        "\u201cI have binned ideas  because somebody had them first. I should have written them up anyway",
    ],
)
def test_what_differs_in_form_is_set_to_the_note(text: str) -> None:
    assert settled(author(text, 1)) == [NOTES[0].text]


def test_a_note_may_be_parted() -> None:
    first, second = NOTES[0].text[:52], NOTES[0].text[53:]
    texts = author(first.lower(), 1), author("For years I skipped the legal news", 2), author(second, 1)
    assert settled(*texts) == [first, NOTES[1].text, second]


@pytest.mark.parametrize(
    "text", ["I have binned every good idea.", "{S1} binned ideas because somebody had them first.", "Ideas."]
)
def test_what_is_not_the_note_gives_way_to_it(text: str) -> None:
    assert settled(author(text, 1)) == [NOTES[0].text]


def test_a_note_stands_once() -> None:
    note = NOTES[1].text
    texts = author(note, 2), author(note, 2), author("The legal news bored me.", 2)
    assert settled(*texts) == [note, None, None]
    assert settled(author("The legal news bored me.", 2), author(note, 2)) == [None, note]


def test_what_is_left_out_of_a_note_follows_what_is_placed() -> None:
    first, second = NOTES[0].text[:52], NOTES[0].text[53:]
    assert settled(author(first, 1)) == [NOTES[0].text]
    assert settled(author(second, 1)) == [NOTES[0].text]


def test_two_notes_may_stand_in_one_sentence_and_a_wrong_number_does_no_harm() -> None:
    both = "For years I skipped the legal news, and I have binned ideas because somebody had them first."
    assert settled(author(both, 2, 1)) == [f"{NOTES[1].text} {NOTES[0].text}"]
    wrong = author(NOTES[1].text, 1)
    assert settled(wrong) == [NOTES[1].text]
    assert wrong.claim.notes == (2,)


def test_what_may_be_worded_freely_is_left_to_the_checks() -> None:
    free = author("Fees bore me.", 3)
    talk = Text(Claim(text="{S1} moved the wallet, as I would.", cites=("s0",), notes=(3,)), "prose")
    assert settled(free, talk) == [free.first.text, talk.first.text]


def test_a_verbatim_note_bears_out_nothing_but_its_own_words() -> None:
    note = NOTES[1].text
    assert resting_on("{S1} skipped the news.", ("s0",), [2], NOTES) == (("s0",), ())
    assert resting_on("Fees bore me, and the legal news.", (), [2, 3], NOTES) == ((), (3,))
    assert resting_on(f"{note[:-1].lower()}!", ("s0",), [3, 2], NOTES) == ((), (2,))
    assert resting_on("The legal news bored me.", (), [2, 9], NOTES) == ((), (2,))
    assert resting_on("{S1} moved, as I would.", ("s0",), [3], NOTES) == (("s0",), (3,))


def test_a_note_that_was_placed_stays_where_it_is() -> None:
    checker = ClaimChecker(MATERIAL.document, Facts(offsets={}, notes=NOTES))
    close, rewritten = author(NOTES[1].text, 2), author("I skipped the legal news for years.", 2)
    set_notes([close], NOTES, checker)
    rewritten.was_sent_back = True
    set_notes([rewritten, close], NOTES, checker)
    assert (rewritten.kept, checker.rejected[0].what) == (None, rewritten.first.text)
    assert close.kept
    counts = checker.counts()
    assert (counts.passed, counts.replaced) == (1, 1)


def test_a_note_is_told_where_its_own_words_stand() -> None:
    claims = (
        Claim(text="Ideas were binned, I think.", kind="author", notes=(1,), cites=("s0",)),
        Claim(text=NOTES[0].text[:52], kind="author", notes=(1,)),
    )
    for told, left in ((claims[:1], NOTES[0].text), (claims, NOTES[0].text[53:])):
        _, around = with_left_out([], [Paragraph(claims=told)], NOTES[:1], [], encoder())
        assert [claim.text for paragraph in around for claim in paragraph.claims] == [left]


def test_notes_without_spaces_between_sentences() -> None:
    notes = (Note(text="\u6cd5\u5f8b\u3092\u8aad\u3080\u3002\u6642\u3005\u98db\u3070\u3059\u3002"),)
    texts = author("\u6cd5\u5f8b\u3092\u8aad\u3080\u3002", 1), author("\u6642\u3005\u98db\u3070\u3059", 1)
    assert settled(*texts, notes=notes) == [
        "\u6cd5\u5f8b\u3092\u8aad\u3080\u3002", "\u6642\u3005\u98db\u3070\u3059\u3002"
    ]  # fmt: skip


def test_notes_that_were_left_out_stand_where_they_fit_as_plain_prose() -> None:
    themes = [
        Theme(heading="Wallets", body=(Paragraph(claims=(Claim(text="Wallets moved.", cites=("s0",)),)),)),
        Theme(heading="Legal news", body=(Paragraph(claims=(Claim(text="Told.", cites=("s1",)),)),)),
    ]
    texts = [["Wallets moved to Taproot."], ["The legal news of the years that somebody skipped"]]
    close = Paragraph(claims=(Claim(text="Fees bore me.", kind="author", notes=(3,)),))
    noted, unplaced = with_left_out(themes, [close], NOTES, texts, encoder())
    assert noted[0].body == themes[0].body
    (added,) = noted[1].body[1:]
    assert isinstance(added, Paragraph)
    assert (added.shown_as, [claim.text for claim in added.claims]) == (None, [NOTES[1].text])
    assert [claim.text for paragraph in unplaced for claim in paragraph.claims] == [NOTES[0].text]


@pytest.mark.parametrize(
    ("note", "sentence"),
    [
        ("noise costs a little for everybody", "Noise costs a little for everybody."),
        ("Why not? because of the price!", "Why not? because of the price!"),
        (
            "\u201cnobody,\u201d she said, \u201cis clever\u201d",
            "\u201cNobody,\u201d she said, \u201cis clever\u201d.",
        ),
        ("\u201cNobody is clever.\u201d", "\u201cNobody is clever.\u201d"),
        ("iPhones went up by 90%", "iPhones went up by 90%."),
        ("l'art pour l'art", "L'art pour l'art."),
        ("ich wei\u00df \u2026", "Ich wei\u00df \u2026"),
        ("http://example.org/a has it", "http://example.org/a has it."),
        ("all of it is at https://example.org/a", "All of it is at https://example.org/a"),
        ("3 of them came \U0001f600", "3 of them came \U0001f600"),
        ("\u6642\u3005\u98db\u3070\u3059", "\u6642\u3005\u98db\u3070\u3059\u3002"),
        ("\u0939\u093e\u0901 \u0939\u0948", "\u0939\u093e\u0901 \u0939\u0948"),
        ("\u10d0\u10e0\u10d0", "\u10d0\u10e0\u10d0."),
        ("()", "()"),
    ],
)
def test_a_note_is_set_as_a_sentence(note: str, sentence: str) -> None:
    assert as_sentence(note) == sentence
    assert as_sentence(sentence) == sentence


def test_a_verbatim_note_in_the_prose_is_set_as_a_sentence() -> None:
    notes = (Note(text="trust is dear; proof is dearer"),)
    assert settled(author("Trust is dear; proof is dearer.", 1), notes=notes) == [
        "Trust is dear; proof is dearer."
    ]
    assert settled(author(notes[0].text, 1), notes=notes) == ["Trust is dear; proof is dearer."]
