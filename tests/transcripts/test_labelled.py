"""Who says what in a text: right if the evidence allows, else a stranger's or told."""

from __future__ import annotations

import pytest

from pipeline.transcripts.lines import labelled
from pipeline.transcripts.pieces import ParsedTranscript

REGULAR = "**Ann Lee:** Hello there.\n\n**Bob Ito:** Hello, Ann.\n\n**Ann Lee:** So it is.\n\n"
PLAIN = "Ann Lee: Hello there.\n\nBob Ito: Hello, Ann.\n\nAnn Lee: So it is.\n\n"
TIMED = "Ann Lee (0:00): Hello there.\n\nBob Ito (0:05): Hello, Ann.\n\nAnn Lee (0:09): So it is.\n\n"
HEADED = "### Ann Lee\n\nHello there.\n\n### Bob Ito\n\nHello, Ann.\n\n" * 2
MORE = "More of it.\n\n" * 4
STRANGER = labelled.STRANGER
MAY_BEGIN = "may begin with a speaker"

KNOWN = (  # what follows a regular file, and who says it, without a note
    (REGULAR, "Bob Ito: And so on.", "Bob Ito"),
    (REGULAR, "Bob Ito:\nAnd so on.", "Bob Ito"),
    (REGULAR, "**Bob Ito**\n\nAnd so on.", "Bob Ito"),
    (REGULAR, "(Bob Ito)\n\nAnd so on.", "Bob Ito"),
    (PLAIN, "vitek: And so on.", "vitek"),
    (PLAIN, "And so on.", "Ann Lee"),
    (PLAIN, "## The harbour\n\nAnd so on.", "Ann Lee"),
    (TIMED, "Eva Roy:\nAnd so on.", "Eva Roy"),
    (PLAIN, "(Applause)\n\nAnd so on.", "Ann Lee"),
    (REGULAR, "This is it: and so on.", "Ann Lee"),
    (REGULAR, "Bob Ito => And so on.", "Bob Ito"),
    (REGULAR, "<Bob Ito> And so on.", "Bob Ito"),
    (HEADED, "### the guide\n\nAnd so on.", "the guide"),
    (PLAIN, "Prof. Marsh: And so on.", "Prof. Marsh"),
    (PLAIN, "## The harbour\n\nWords.\n\n## Summer\n\nAnd so on.", "Ann Lee"),
    (PLAIN, "Bob & Ann agree. And so on.", "Ann Lee"),
)
UNKNOWN = (  # the same for names that nothing else says; there is a note
    (REGULAR, "Eva Roy:\nAnd so on.", STRANGER),
    (TIMED, "0:20\nEva Roy\nAnd so on.", STRANGER),
    (PLAIN, "(Eva Roy)\n\nAnd so on.", STRANGER),
    (REGULAR, "### Audience member\n\nAnd so on.", "Ann Lee"),
    (REGULAR, "Eva Roy\nAnd so on.", "Ann Lee"),
    (REGULAR, "**Eva**\n\nAnd so on.", "Ann Lee"),
    (REGULAR, "### Q\n\nAnd so on.", "Ann Lee"),
    (REGULAR, "### eva_roy\n\nAnd so on.", "Ann Lee"),
    (REGULAR, "eva:\n\nAnd so on.", STRANGER),
    (REGULAR, "Eva Roy:And so on.", "Ann Lee"),
    (REGULAR, "Bob Ito/ And so on.", "Ann Lee"),
    (REGULAR, "Bob Ito\tAnd so on.", "Ann Lee"),
    (f"{HEADED}{MORE}", "### the guide\n\nAnd so on.", "Bob Ito"),
    (HEADED, "eva_roy\n0:55\nAnd so on.", STRANGER),
    (f"{PLAIN}(Eva)\n\nWords.\n\n(Carl)\n\nWords.\n\n", "(vitek)\n\nAnd so on.", "Ann Lee"),
    (f"{PLAIN}Eva - Words.\n\nCarl - Words.\n\n", "Eva - And so on.", "Ann Lee"),
)


def who_says(found: ParsedTranscript, words: str) -> str | None:
    (label,) = {piece.label for piece in found.pieces if words in piece.text}
    return label


@pytest.mark.parametrize(("text", "more", "label"), KNOWN)
def test_who_is_known_is_taken_and_nothing_is_told(text: str, more: str, label: str) -> None:
    found = labelled.read(text + more)
    assert who_says(found, "nd so on.") == label
    assert not any(MAY_BEGIN in note for note in found.notes)


@pytest.mark.parametrize(("text", "more", "label"), UNKNOWN)
def test_who_is_not_known_is_told(text: str, more: str, label: str) -> None:
    found = labelled.read(text + more)
    assert who_says(found, "And so on.") == label
    assert any(MAY_BEGIN in note for note in found.notes)


WITHOUT = (  # files without labels that are understood, and what is told
    ("Hello there. So it is.\n\nThis is it: words.", ""),
    ("**First rule:** Hello there.\n\n**A warning:** So it is.", MAY_BEGIN),
    ("vitek\nHello there.\n\nMore of it.\n\nAnd more.\n\nvitek\nYes.\n\nMore.\n\nAnd more.", MAY_BEGIN),
    ("**Moderator**\n\nHello there.\n\nSo it is.\n\nAnd more.", MAY_BEGIN),
    ("**The harbour**\n\nHello there.\n\nSo it is.", ""),
    ("Introduction\n\nHello there.\n\nSo it is.", ""),
    ("## Introduction\n\nHello there.\n\n## The harbour\n\nSo it is.", ""),
    ("### eva\n\nHello there.\n\n### vitek\n\nYes.\n\n### Q\n\nSo.\n\n### eva\n\nYes.", MAY_BEGIN),
    ("**Eva**\n\nHello there.\n\n**the_guide**\n\nYes.\n\n**eva_p**\n\nSo.\n\n**eva_p**\n\nYes.", MAY_BEGIN),
    ("vitek - Hello there.\n\nA - Yes.\n\nMore of it.\n\nA - So.\n\nEva - Yes.\n\nMore.", MAY_BEGIN),
    ("Words.\n\neva | port 0:10 Hello there.\nEva 0:23 Yes.\nCarl 0:46 So.\nMore.\nAnd more.", MAY_BEGIN),
    ("Words.\n\n0:38 - Woman in the third row\n  Hello there.\n\nSo it is.", MAY_BEGIN),
    ("Words.\n\n0:38 - eva | port\n  Hello there.\n\nSo it is.", MAY_BEGIN),
    ("0:38 salt and\n0:40 pepper and\n0:42 trains", ""),
    ("Words.\n\n(CROSSTALK)\n\nHello there.\n\n(CROSSTALK)\n\nSo it is.", ""),
)  # fmt: skip


@pytest.mark.parametrize(("text", "told"), WITHOUT)
def test_a_file_without_labels_is_one_speakers(text: str, told: str) -> None:
    found = labelled.read(text)
    assert {piece.label for piece in found.pieces} == {None}
    assert any(MAY_BEGIN in note for note in found.notes) == bool(told)


def test_words_of_a_recording_that_is_played_are_a_strangers() -> None:
    found = labelled.read(f"{PLAIN}[AUDIO PLAYBACK]\n\nThe ferry sings.\n\n[END PLAYBACK]\n\nAnd so on.")
    assert (who_says(found, "ferry"), who_says(found, "And so on.")) == (STRANGER, "Ann Lee")


def test_a_label_inside_a_direction_over_lines_is_nobodys() -> None:
    found = labelled.read(f"{PLAIN}[Applause \u2013\nEva Roy (Reds): So little?]\n\nAnd so on.")
    assert who_says(found, "And so on.") == "Ann Lee"
    assert [left.why for left in found.left_out] == ["stage direction", "stage direction"]


def test_a_line_too_long_for_a_label_is_told() -> None:
    found = labelled.read(f"{PLAIN}I ask for your leave to move this : that one.")
    assert {piece.label for piece in found.pieces} == {"Ann Lee", "Bob Ito"}
    found = labelled.read(f"{PLAIN}Nous demandons votre accord pour une motion : celle des phares.")
    assert {piece.label for piece in found.pieces} == {"Ann Lee", "Bob Ito"}
    assert any(MAY_BEGIN in note for note in found.notes)


def test_who_may_speak_is_listed_and_not_read_as_words() -> None:
    found = labelled.read(f"{PLAIN}(Eva Roy)\n\nAnd so on.")
    assert [(left.text, left.why) for left in found.left_out] == [("(Eva Roy)", "may be a speaker")]


def test_a_role_above_words_below_the_title_is_a_speaker() -> None:
    text = "# Harbour\n\nDate: 12 March 2026\n\n**Moderator:**\nWords of it.\n\n**Ann Lee:**\nSo it is.\n\n"
    assert who_says(labelled.read(text), "Words of it.") == "Moderator"


def test_signs_after_a_label_are_a_form_with_roles_and_people_heard_once() -> None:
    text = (
        "Mira Oduya (chair) ~ Welcome. Who pays?\n\nJonas ~ Nobody yet.\n\nMira Oduya (chair) ~ And then?\n\n"
        "Jonas ~ It voted.\n\na boy from the back ~ I would pay.\n\nMira Oduya (chair) ~ Thank you.\n"
    )
    parsed = labelled.read(text)
    labels = ["Mira Oduya", "Jonas", "Mira Oduya", "Jonas", "a boy from the back", "Mira Oduya"]
    assert [piece.label for piece in parsed.pieces] == labels
    assert parsed.roles == {"Mira Oduya": "chair"}


def test_a_sign_inside_a_name_parts_nothing() -> None:
    text = "0:00 eva | port: Hello there.\n\neva | port 0:31 Yes.\n0:44 eva | port: So it is."
    assert {piece.label for piece in labelled.read(text).pieces} == {"eva | port"}
    text = "0:00 - eva | port\n  Hello.\n\n0:01 - eva | port\n  Yes.\n\n0:02 - eva | port\n  So.\n\n"
    text += "eva | port: No."
    assert "eva" not in {piece.label for piece in labelled.read(text).pieces}


@pytest.mark.parametrize("name", ["Carla", "carla_lee", "@carla"])
def test_a_heading_above_labels_is_no_speaker_though_it_recurs(name: str) -> None:
    turns = f"{name}: Hello there.\n\nEva: Hello.\n\n"
    text = f"# Summer\n\nSo it is.\n\n## Summer\n\n{turns}## Summer\n\n{name}: Yes.\n\nMore.\n\n{name}: No."
    assert {piece.label for piece in labelled.read(text).pieces} == {STRANGER, name.lstrip("@"), "Eva"}


def test_names_heard_once_are_speakers_where_each_line_has_a_time_and_words_above_them_stay() -> None:
    said = ("Ann Lee: Hello.", "Bob Ito: Yes.", "eva | port: No.", "Q: So it is.")
    times = (f"[0:{at}0 - 0:{at + 1}0] {line}" for at, line in enumerate(said, 1))
    found = labelled.read("\n\n".join(["So we begin.", "And more.", "And more.", *times]))
    assert [piece.label for piece in found.pieces] == [
        *[STRANGER] * 3,
        "Ann Lee",
        "Bob Ito",
        "eva | port",
        "Q",
    ]


def test_a_turn_below_the_date_is_speech_though_a_sound_ends_it() -> None:
    found = labelled.read("Date: 12 March 2026\n\nModerator: Words. [laughter]\n\nModerator: More of it.")
    assert [(piece.label, piece.text.strip()) for piece in found.pieces] == [
        ("Moderator", "Words."),
        ("Moderator", "More of it."),
    ]
