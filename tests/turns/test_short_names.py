"""Labels of one person: full names and short ones, one name in two spellings, and surnames first."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import transcripts
from pipeline.errors import ConfigError
from pipeline.records import Media, Transcript, Turns, Word
from pipeline.running.stage_contract import Upstream
from pipeline.stages import segment
from pipeline.turns.names import Identity, identify
from tests.support.posts import Listener, talk

LINES = ("Fees pay for the sand.", "Do they pay for all of it?", "No, the council pays the rest.")


def transcript(labels: str, roles: dict[str, str] | None = None) -> Transcript:
    """A line for each of the labels, which "|" parts."""
    words = tuple(
        Word(text=f" {text}", label=label.strip())
        for number, label in enumerate(labels.split("|"))
        for text in LINES[number % len(LINES)].split()
    )
    media = Media(name="talk.md", kind="transcript")
    return Transcript(media=media, language="en", words=words, roles=roles or {})


def segmented(
    root: Path, said: Transcript, sidecar: str = "", review: str = ""
) -> tuple[Turns, dict[str, Identity], list[str]]:
    """The turns, who the speakers are, and what was warned of."""
    subject, listener = talk(root, sidecar, review, "talk.md"), Listener()
    turns = segment.run(subject, Upstream((said,)), listener).record
    identities, unmatched = identify(subject, turns)
    assert not unmatched
    return turns, identities, listener.warnings


def people(root: Path, labels: str, sidecar: str = "", review: str = "") -> dict[str, tuple[str, ...]]:
    """Name to all labels, of each speaker."""
    turns, identities, _ = segmented(root, transcript(labels), sidecar, review)
    return {identities[s.id].name or s.id: (s.label or "", *s.other_labels) for s in turns.speakers}


@pytest.mark.parametrize(
    ("labels", "short"),
    [
        ("Ann Lee | Bob | Ann | Bob", "Ann"),
        ("Ann Lee | Bob | Lee | Bob", "Lee"),
        ("Ann Lee | Bob | Dr. Lee | Bob", "Dr. Lee"),
        ("Dr. Ann Lee | Bob | Ann Lee", "Ann Lee"),
        ("Dr. Lee | Bob | Lee", "Lee"),
        ("Ann Lee | Bob | A. Lee", "A. Lee"),
        ("Ann Lee | Bob | Ann L.", "Ann L."),
        ("Ann Lee | Bob | AL", "AL"),
        ("Ann Lee | Bob | A.L.", "A.L."),
        ("Jan van der Berg | Bob | van der Berg", "van der Berg"),
        ("Jan van der Berg | Bob | JB", "JB"),
        ("ANN LEE | BOB | LEE | BOB", "LEE"),
        ("Lee, Ann | Ito, Bob | Ann", "Ann"),
        ("Zo\u00eb Lee | Bob | Zoe\u0308", "Zoe\u0308"),
    ],
)
def test_a_short_name_after_the_full_one_is_the_same_person(tmp_path: Path, labels: str, short: str) -> None:
    turns, identities, warnings = segmented(tmp_path, transcript(labels))
    full = turns.speakers[0]
    assert (len(turns.speakers), full.other_labels) == (2, (short,))
    assert {word.label for word in transcript(labels).words} >= {full.label, short}
    assert len(warnings) == 1
    assert f'"{short}" is "{full.label}"' in warnings[0]
    assert "[speakers]" in warnings[0]
    assert identities["S1"].name in ("Ann Lee", full.label)


@pytest.mark.parametrize(
    ("labels", "is_told"),
    [
        ("Ann Lee | Bob | Ann Kay | Bob | Ann", True),  # either may be meant
        ("Ann Lee | Bob | Ann | Bob | Ann Kay", True),  # also where the other one comes later
        ("Ann Lee | Bob | Ann K. | Bob | Ann", True),
        ("Ann Lee | Ann | Bob", True),  # they answer each other
        ("Ann Lee | Bob | Mr. Lee | Bob | Mrs. Lee | Bob | Lee", True),
        ("Mr. Ann Lee | Bob | Mrs. Lee", False),
        ("Ann | Bob | Ann Lee", False),  # the short one comes first
        ("Ann Lee | Bob | AL | Bob | Ann Lee", False),  # both go on
        ("Ann Lee | Abe Low | Bob | AL", True),
        ("Ann Lee | Q | A | Q | L", False),
        ("Student A | Bob | A | Bob | Student", False),
        ("Young Man | Bob | Man", False),
        ("Audience Member | Bob | Member", False),
        ("Speaker 1 | Bob | Speaker", False),
        ("Ann and Bob | Carl | Ann | Carl | Bob", False),
        ("Ann, Bob | Carl | Ann | Carl | Bob", False),
        ("ANN LEE | BOB | AL", False),  # in capitals a name, not initials
        ("Ann Lee | Bob | Annie | Bob | Leeds", False),
    ],
)
def test_who_may_be_somebody_else_stays_apart(tmp_path: Path, labels: str, is_told: bool) -> None:
    turns, _, warnings = segmented(tmp_path, transcript(labels))
    assert len(turns.speakers) == len({label.strip() for label in labels.split("|")})
    assert not any(speaker.other_labels for speaker in turns.speakers)
    assert bool(warnings) == is_told
    assert all("merge" in warning for warning in warnings)


def test_whom_a_file_names_is_in_no_doubt(tmp_path: Path) -> None:
    said = transcript("Ann Lee | Bob | Ann Kay | Bob | Ann")
    _, identities, warnings = segmented(tmp_path, said, "[speakers]\n'Ann Lee' = { label = 'Ann' }")
    assert (identities["S4"].name, warnings) == ("Ann Lee", [])


LABELS = "Ann Lee | Bob | Ann | Bob"


@pytest.mark.parametrize("sidecar", ["Ann = {}\n'Ann Lee' = {}", "'Ann Kay' = { label = 'Ann' }"])
def test_two_names_in_the_sidecar_keep_two_labels_apart(tmp_path: Path, sidecar: str) -> None:
    turns, _, warnings = segmented(tmp_path, transcript(LABELS), f"[speakers]\n{sidecar}")
    assert ([s.label for s in turns.speakers], warnings) == (["Ann Lee", "Bob", "Ann"], [])


@pytest.mark.parametrize(
    ("sidecar", "name"),
    [
        ("Ann = {}", "Ann"),
        ("'Ann Lee' = {}", "Ann Lee"),
        ("'Lee, Ann' = {}", "Lee, Ann"),
        ("'Ann Lee' = { label = 'Ann' }", "Ann Lee"),
        ("'Ann Maria Lee' = { label = 'Ann Lee' }", "Ann Maria Lee"),
    ],
)
def test_one_name_in_the_sidecar_confirms(tmp_path: Path, sidecar: str, name: str) -> None:
    turns, identities, warnings = segmented(tmp_path, transcript(LABELS), f"[speakers]\n{sidecar}")
    assert ([s.label for s in turns.speakers], warnings) == (["Ann Lee", "Bob"], [])
    assert identities["S1"].name == name


def test_a_label_that_the_review_merges_is_left_to_it(tmp_path: Path) -> None:
    review = '[[speaker]]\nmerge = ["Bob", "Ann"]'
    turns, _, warnings = segmented(tmp_path, transcript(LABELS), review=review)
    assert ([s.label for s in turns.speakers], turns.unmatched, warnings) == (["Ann Lee", "Bob"], (), [])


def test_the_review_finds_a_speaker_by_any_label(tmp_path: Path) -> None:
    said = transcript("Lee, Ann | Ito, Bob | Ann | Bob | Ann")
    review = '[[turn]]\nat = "0:00"\nto = "{}"'
    for who in ("Ann", "Ann Lee", "Lee, Ann", "ann lee"):
        timed = said.model_copy(
            update={
                "words": tuple(w.model_copy(update={"start": 10.0 * n}) for n, w in enumerate(said.words))
            }
        )
        turns, _, _ = segmented(tmp_path, timed, review=review.format(who))
        assert (turns.unmatched, turns.turns[0].speaker) == ((), "S1")


@pytest.mark.parametrize("entry", ["'Lee, Ann' = { role = 'Host' }", "'Ann Lee' = { role = 'Host' }"])
@pytest.mark.parametrize("label", ["Lee, Ann", "Ann Lee"])
def test_either_order_of_a_name_finds_the_other(tmp_path: Path, entry: str, label: str) -> None:
    _, identities, _ = segmented(tmp_path, transcript(f"{label} | Ito, Bob"), f"[speakers]\n{entry}")
    assert (identities["S1"].role, identities["S2"].name) == ("Host", "Bob Ito")


def test_a_name_that_nobody_has_is_still_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        segmented(tmp_path, transcript(LABELS), "[speakers]\n'Ann Kay' = {}")


@pytest.mark.parametrize(
    "second",
    ["ANN O'HARA", "Ann O\u2019Hara", "Ann  O'Hara", "Ann\u00a0O'Hara", "Ann\u200b O'Hara", "O'Hara, Ann"],
)
def test_spellings_of_one_name_are_one_person_without_a_word(tmp_path: Path, second: str) -> None:
    turns, identities, warnings = segmented(tmp_path, transcript(f"Ann O'Hara | Bob Ito | {second}"))
    assert ([s.label for s in turns.speakers], warnings) == (["Ann O'Hara", "Bob Ito"], [])
    assert identities["S1"].name == "Ann O'Hara"


def test_normal_forms_are_one_in_the_transcript_and_the_sidecar(tmp_path: Path) -> None:
    labels, entry = "Zo\u00eb Lee | Bob | Zoe\u0308 Lee", "[speakers]\n\"Zoe\u0308 Lee\" = { role = 'Host' }"
    turns, identities, _ = segmented(tmp_path, transcript(labels), entry)
    assert ([s.label for s in turns.speakers], identities["S1"].role) == (["Zo\u00eb Lee", "Bob"], "Host")


def test_roles_of_the_transcript_come_last(tmp_path: Path) -> None:
    said = transcript("Ann Lee | Bob | Ann | Bob", {"Ann": "Pilot", "Bob": "Mayor"})
    _, identities, _ = segmented(tmp_path, said)
    assert [identities[id].role for id in ("S1", "S2")] == ["Pilot", "Mayor"]
    _, identities, _ = segmented(tmp_path, said, "[speakers]\n'Ann Lee' = { role = 'Host' }")
    assert [identities[id].role for id in ("S1", "S2")] == ["Host", "Mayor"]


TABLE = ("| Name | Abbreviation | Place |", "| Ann Lee | ALE | Harbour Co |", "| Ito, Bob | BIT | Port |")


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        (TABLE, ["Ann Lee", "Bob Ito", "CAR"]),
        (("| ALE | Harbour Co | Ann Lee |", "| BIT | Port Office |"), ["Ann Lee", "BIT", "CAR"]),
        (("| Ann Lee | ALE |", "| Alan Reed | ALE |"), ["ALE", "BIT", "CAR"]),  # whose it is, nobody can tell
        (("ALE stands for Ann Lee", "| Ann | ALE |"), ["ALE", "BIT", "CAR"]),
    ],
)
def test_a_table_beside_the_speech_says_whose_a_label_is(
    tmp_path: Path, rows: tuple[str, ...], names: list[str]
) -> None:
    page = tmp_path / "table.md"
    said = transcript("ALE | BIT | CAR | ALE")
    turns = (f"{label}: {' '.join(LINES)}" for label in ("ALE", "BIT", "CAR", "ALE"))
    page.write_text("\n\n".join(("\n".join(rows), *turns)), "utf-8")
    said = said.model_copy(update={"left_out": transcripts.read(page).left_out})
    turns, _, _ = segmented(tmp_path, said)
    assert [(s.label, s.name) for s in turns.speakers] == list(zip(("ALE", "BIT", "CAR"), names, strict=True))
    if names[0] == "Ann Lee":
        _, identities, _ = segmented(tmp_path, said, "[speakers]\n'Ann Lee' = { role = 'Host' }")
        assert identities["S1"].role == "Host"


def test_what_people_name_is_an_input_only_where_labels_may_be_short(tmp_path: Path) -> None:
    def entries(sidecar: str, file: str = "talk.md") -> set[str]:
        return {entry.name for entry in segment.reads(talk(tmp_path, sidecar, media=file))}

    both = "[speakers]\nAnn = {}\n'Ann Lee' = {}"
    assert "names of labels" in entries(both)
    assert "names of labels" not in entries("[speakers]\n'Ann Lee' = {}\n'Bob Ito' = {}")
    assert "names of labels" not in entries(both, "talk.mp3")


def test_many_labels_take_no_longer_each(tmp_path: Path) -> None:
    labels = " | ".join(f"Ann {chr(97 + n % 26)}x{'y' * (n // 26)}".title() for n in range(2000))
    turns, _, _ = segmented(tmp_path, transcript(f"{labels} | Bob | Ann"))
    assert len(turns.speakers) == 2002


def test_two_names_at_moments_of_one_person_are_refused_with_the_labels_as_the_remedy(tmp_path: Path) -> None:
    words = transcript(LABELS).words
    timed = tuple(word.model_copy(update={"start": 10.0 * n}) for n, word in enumerate(words))
    said = transcript(LABELS).model_copy(update={"words": timed})
    sidecar = "[speakers]\n'Ann Lee' = { at = '0:00' }\n'Ann Kay' = { at = '2:20' }"
    with pytest.raises(ConfigError) as refused:
        segmented(tmp_path, said, sidecar)
    assert '"Ann Lee" and "Ann" are two people, bind the names to these labels' in (
        refused.value.remedy or ""
    )
    bound = "[speakers]\n'Ann Lee' = {}\n'Ann Kay' = { label = 'Ann' }"
    _, identities, _ = segmented(tmp_path, said, bound)
    assert [identity.name for identity in identities.values()] == ["Ann Lee", "Bob", "Ann Kay"]
