"""Which words may be somebody's label, where nothing but the words says so."""

from __future__ import annotations

import pytest

from pipeline.transcripts.lines import speaker_labels

NAMES = (
    *(
        "Ann",
        "Ann Lee",
        "Mia van der Berg",
        "Dr. Ivo Marsh",
        "SPEAKER_00",
        "Speaker 3",
        "Q",
        "\u7530\u4e2d\u5065",
    ),
    *(
        "\u042e\u043b\u0438\u044f \u041e\u0440\u043b\u043e\u0432\u0430",
        "Ann | Port",
        "El se\u00f1or GARC\u00cdA",
        "The Chair",
    ),
)
NO_NAMES = (
    *("vitek", "eva | port", "note", "Note", "Remember", "the chair", "I think", "So it", "The point is"),
    *("Harbour fees", "We met at", "With Ann, who", "of Ann"),
)
RECURRING = ("vitek", "Note", "Speaker one")  # names only if they recur
PERSONS = (
    "Audience member",
    "a woman in the third row",
    "speaker_00",
    "Unidentified voice",
    "Moderator",
    "The Court",
)
NO_PERSONS = ("Ann", "Harbour fees", "he asks the audience", "what the speaker said", "Hostel", "courtship")
CLAUSES = ("he said", "The point is", "what I mean", "for example", "Ann asks")
NO_CLAUSES = ("Ann", "he", "The Chair", "For", "vitek", "Sadie Ann")
SENTENCES = (
    "So it is.",
    "Is it?",
    "It is! [laughter]",
    "\u201cIt is.\u201d",
    "It is\u2026",
    "\u3053\u308c\u3002",
)
NO_SENTENCES = ("So it is", "Mr. Lee", "It is, [laughter]", "", "Ann Lee (host)")
METADATA = (("Date", "12 March"), ("Recorded on", "Monday."), ("Host", "Ann Lee"), ("Moderator", ""))
NO_METADATA = (
    ("Ann", "12 March"),
    ("Host", "Welcome to the show."),
    ("Moderator", "Thank you!"),
    ("Dates", "12"),
)


def truths(
    function: str, positive: tuple[str, ...], negative: tuple[str, ...]
) -> list[tuple[str, str, bool]]:
    return [*((function, text, True) for text in positive), *((function, text, False) for text in negative)]


@pytest.mark.parametrize(
    ("function", "text", "is_so"),
    [
        *truths("is_person", PERSONS, NO_PERSONS),
        *truths("is_clause", CLAUSES, NO_CLAUSES),
        *truths("is_sentence", SENTENCES, NO_SENTENCES),
        *truths("is_phrase", ("the chair", "in the end", "we agreed"), ("The Chair", "the", "An Nguyen")),
        *truths("is_unfinished", ("We met at", "Dinner from the"), ("at", "Ann Lee", "Plan A", "We met")),
        *truths("is_shaped", ("Ann", "vitek", "eva | port"), ("so it goes on", "note", "the chair")),
        *truths("is_advertisement", ("Sponsor", "Ad break", "Our sponsor"), ("Sponsored by Ann", "Adam")),
        *truths("may_be_label", ("a b c d e f", "Ann"), ("a b c d e f g", "he said", "the point is")),
        *truths("has_shouted_word", ("Mr. LEE", "Bob ITO"), ("Ann Lee", "A B", "C3PO")),
        *truths("is_somebody", ("Ann", "an audience member"), ("Note", "vitek", "he said")),
        *truths("may_be_somebody", ("Ann", "vitek", "eva | port"), ("note", "Harbour fees", "he said")),
    ],
)  # fmt: skip
def test_what_words_are(function: str, text: str, is_so: bool) -> None:
    assert getattr(speaker_labels, function)(text) is is_so


@pytest.mark.parametrize(
    ("label", "count", "is_so"),
    [
        *((label, 1, True) for label in NAMES),
        *((label, 1, False) for label in NO_NAMES),
        *((label, 2, True) for label in RECURRING),
        *((label, 2, False) for label in ("I think", "Harbour fees today", "the chair", "so it")),
    ],
)
def test_names(label: str, count: int, is_so: bool) -> None:
    assert speaker_labels.is_name(label, count) is is_so


@pytest.mark.parametrize(
    ("label", "text", "is_so"), [*((*m, True) for m in METADATA), *((*m, False) for m in NO_METADATA)]
)
def test_what_says_something_about_the_talk(label: str, text: str, is_so: bool) -> None:
    assert speaker_labels.is_metadata(label, text) is is_so
