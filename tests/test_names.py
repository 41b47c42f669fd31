"""How a person's name finds the speaker."""

from __future__ import annotations

from pathlib import Path

import pytest
from posts import quoting, render, talk, texts, turns

from pipeline.errors import ConfigError
from pipeline.records import Speaker, Turns
from pipeline.speakers.names import Identity, identify

# 0-4, 5-9 s; 10-14 s; 15-19, 20-24 s
SAID = (("S1", "One. | Two."), ("S2", "Three."), ("S1", "Four. | Five."))


def identities(
    root: Path, sidecar: str = "", review: str = "", said: Turns | None = None
) -> dict[str, Identity]:
    return identify(talk(root, sidecar, review), said or turns(SAID))[0]


def name_at(root: Path, moment: str) -> str:
    found = identities(root, f'[speakers]\n"Ada" = {{ at = "{moment}" }}')
    (speaker,) = (id for id, identity in found.items() if identity.name == "Ada")
    return speaker


@pytest.mark.parametrize(
    ("moment", "speaker"),
    [
        ("0:02", "S1"),
        ("0:04.5", "S1"),  # a pause inside a turn
        ("0:10", "S2"),
        ("0:09.4", "S1"),  # between turns: the nearest sentence
        ("0:14.8", "S1"),
        ("0:28", "S1"),  # 4 s after the last word
    ],
)
def test_a_moment_means_who_speaks_then(tmp_path: Path, moment: str, speaker: str) -> None:
    assert name_at(tmp_path, moment) == speaker


def test_a_clock_copied_from_the_transcript_means_the_turn_that_it_stands_at(tmp_path: Path) -> None:
    said = turns(SAID)
    late = said.turns[1].model_copy(update={"start": 10.8})
    early = said.turns[0].model_copy(update={"end": 10.7})
    sentence = early.sentences[-1].model_copy(update={"end": 10.7})
    early = early.model_copy(update={"sentences": (early.sentences[0], sentence)})
    said = said.model_copy(update={"turns": (early, late, said.turns[2])})
    found = identities(tmp_path, '[speakers]\n"Ada" = { at = "0:10" }', said=said)
    assert found["S2"].name == "Ada"


def test_a_moment_when_nobody_speaks_is_an_error_that_names_file_name_and_moment(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'talk\.toml: "Ada" is bound to 0:31.*at = "mm:ss"'):
        identities(tmp_path, '[speakers]\n"Ada" = { at = "0:31" }')


def test_a_moment_in_a_transcript_without_times_is_an_error_that_lists_its_labels(tmp_path: Path) -> None:
    said = turns(SAID, timed=False, labels=("HOST", "GUEST"))
    with pytest.raises(ConfigError, match=r'has no times\. Labels in the transcript: "HOST", "GUEST"'):
        identities(tmp_path, '[speakers]\n"Ada" = { at = "0:10" }', said=said)


def test_labels_match_in_any_case_and_a_bare_name_is_its_own_label(tmp_path: Path) -> None:
    said = turns(SAID, timed=False, labels=("HOST", "Grace Hopper"))
    sidecar = '[speakers]\n"Ada" = { label = "host" }\n"Grace Hopper" = { role = "US Navy" }'
    found = identities(tmp_path, sidecar, said=said)
    assert found["S1"].name == "Ada"
    assert found["S2"] == Identity("Grace Hopper", True, "US Navy", None, "sidecar", "Grace Hopper")


def test_a_label_that_nobody_has_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'"Ada" is bound to the label "Ada", which nobody has'):
        identities(tmp_path, '[speakers]\n"Ada" = { role = "Countess" }')


def test_two_names_on_one_speaker_are_an_error_that_names_both(tmp_path: Path) -> None:
    sidecar = '[speakers]\n"Ada" = { at = "0:01" }\n"Grace" = { at = "0:21" }'
    with pytest.raises(
        ConfigError, match=r'"Ada" \(at 0:01\) and "Grace" \(at 0:21\).*S1.*\[speakers\] count'
    ):
        identities(tmp_path, sidecar)


def test_the_review_wins_and_the_speaker_keeps_role_and_link(tmp_path: Path) -> None:
    sidecar = '[speakers]\n"Ade" = { at = "0:01", role = "Countess", link = "https://example.org/ada" }'
    found = identities(tmp_path, sidecar, '[[speaker]]\nname = "Ada"\nat = "0:21"')
    assert found["S1"] == Identity("Ada", True, "Countess", "https://example.org/ada", "review", "0:21")


def test_names_that_the_review_swaps_take_their_roles_along(tmp_path: Path) -> None:
    sidecar = (
        '[speakers]\n"Ada" = { at = "0:01", role = "Countess" }\n"Grace" = { at = "0:12", role = "Navy" }'
    )
    review = '[[speaker]]\nname = "Grace"\nat = "0:01"\n[[speaker]]\nname = "Ada"\nat = "0:12"'
    found = identities(tmp_path, sidecar, review)
    assert (found["S1"].name, found["S1"].role) == ("Grace", "Navy")
    assert (found["S2"].name, found["S2"].role) == ("Ada", "Countess")


def test_review_names_that_now_meet_are_listed_and_the_first_stays(tmp_path: Path) -> None:
    review = '[[speaker]]\nname = "Ada"\nat = "0:01"\n[[speaker]]\nname = "Bob"\nat = "0:16"'
    found, unmatched = identify(talk(tmp_path, review=review), turns(SAID))
    assert found["S1"].name == "Ada"
    assert len(unmatched) == 1
    assert '"Bob"' in unmatched[0]


def test_a_review_entry_that_fits_nobody_is_listed(tmp_path: Path) -> None:
    review = '[[speaker]]\nname = "Ada"\nat = "5:00"'
    found, unmatched = identify(talk(tmp_path, review=review), turns(SAID))
    assert found["S1"].name is None
    assert len(unmatched) == 1
    assert '"Ada"' in unmatched[0]


def test_a_name_from_the_conversation_is_shown_as_a_guess_until_someone_confirms_it(tmp_path: Path) -> None:
    said = turns(SAID)
    guess = Speaker(id="S1", name="Ada", source="introduction", talk_seconds=16)
    said = said.model_copy(update={"speakers": (guess, said.speakers[1])})
    assert not identities(tmp_path, said=said)["S1"].confirmed
    assert identities(tmp_path, '[speakers]\n"Ada" = { at = "0:01" }', said=said)["S1"].confirmed
    page = texts(render(talk(tmp_path), said, quoting(said, "s0")))["post.html"]
    assert "this name is a guess" in page
    assert "not yet confirmed: Ada." in page
    assert "Without a name so far: Speaker 2." in page


def guessed(*guesses: tuple[str, str] | None) -> Turns:
    """A turn of one sentence for each speaker, with a guessed name and the guess's source, or a stranger."""
    said = turns(tuple((f"S{number}", "One.") for number in range(1, len(guesses) + 1)))
    speakers = tuple(
        speaker.model_copy(update={"name": guess[0], "source": guess[1], "evidence": f"s{number}"})
        if guess
        else speaker
        for number, (speaker, guess) in enumerate(zip(said.speakers, guesses, strict=True))
    )
    return said.model_copy(update={"speakers": speakers})


INTRODUCED = ("Ada", "introduction")


def test_a_guess_carries_its_source_and_evidence(tmp_path: Path) -> None:
    found = identities(tmp_path, said=guessed(INTRODUCED, ("Grace Hopper", "voice"), None))
    assert found["S1"] == Identity("Ada", False, None, None, "introduction", "s0")
    assert found["S2"] == Identity("Grace Hopper", False, None, None, "voice", "s1")
    assert found["S3"] == Identity(None, False, None, None, "none", None)


@pytest.mark.parametrize(
    ("guess", "listed"),
    [
        (("Ada Lovelace", "introduction"), "ada lovelace"),
        (("Ada Lovelace", "voice"), "Ada Lovelace"),
        (INTRODUCED, "Ada Lovelace"),  # by first name
    ],
)
def test_a_bare_name_confirms_the_guess_and_keeps_its_evidence(
    tmp_path: Path, guess: tuple[str, str], listed: str
) -> None:
    found = identities(
        tmp_path, f'[speakers]\n"{listed}" = {{ role = "Countess" }}', said=guessed(None, guess)
    )
    assert found["S2"] == Identity(listed, True, "Countess", None, "sidecar", "s1")
    assert found["S1"].name is None


def test_a_bare_name_in_the_review_or_the_cohort_confirms_too(tmp_path: Path) -> None:
    said = guessed(INTRODUCED, ("Grace", "introduction"))
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "cohort.toml").write_text('[speakers]\n"Grace Hopper" = { role = "US Navy" }')
    found = identities(tmp_path, review='[[speaker]]\nname = "Ada"', said=said)
    assert found["S1"] == Identity("Ada", True, None, None, "review", "s0")
    assert found["S2"] == Identity("Grace Hopper", True, "US Navy", None, "sidecar", "s1")


def test_a_first_name_that_two_people_have_confirms_neither(tmp_path: Path) -> None:
    review = '[[speaker]]\nname = "Ada Lovelace"\n[[speaker]]\nname = "Ada Yonath"'
    found, unmatched = identify(talk(tmp_path, review=review), guessed(INTRODUCED))
    assert found["S1"] == Identity("Ada", False, None, None, "introduction", "s0")
    assert len(unmatched) == 2


def test_a_first_name_known_by_the_voice_is_not_completed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nobody has"):
        identities(tmp_path, '[speakers]\n"Ada Lovelace" = {}', said=guessed(("Ada", "voice")))


def test_a_guess_is_no_label(tmp_path: Path) -> None:
    for label in ("s0", "Ada"):
        with pytest.raises(ConfigError, match="nobody has"):
            identities(tmp_path, f'[speakers]\n"Bob" = {{ label = "{label}" }}', said=guessed(INTRODUCED))


@pytest.mark.parametrize("wrong", ["Ada", "ada", "Ada Lovelace"])
@pytest.mark.parametrize("source", ["introduction", "voice"])
def test_a_guess_that_a_person_gave_to_somebody_else_is_dropped(
    tmp_path: Path, wrong: str, source: str
) -> None:
    said = guessed(None, (wrong, source))
    found = identities(tmp_path, '[speakers]\n"Ada" = { at = "0:01" }', said=said)
    assert found["S1"] == Identity("Ada", True, None, None, "sidecar", "0:01")
    assert found["S2"] == Identity(None, False, None, None, "none", None)


def test_what_a_person_says_beats_a_guess_and_the_guess_leaves_no_role(tmp_path: Path) -> None:
    review = '[[speaker]]\nname = "Bob"\nat = "0:01"'
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "cohort.toml").write_text('[speakers]\n"Ada" = { role = "Countess" }')
    found = identities(tmp_path, review=review, said=guessed(INTRODUCED))
    assert found["S1"] == Identity("Bob", True, None, None, "review", "0:01")


def test_a_bare_name_that_is_bound_elsewhere_gives_its_role_there(tmp_path: Path) -> None:
    review = '[[speaker]]\nname = "Ada"\nat = "0:01"'
    found = identities(
        tmp_path, '[speakers]\n"Ada" = { role = "Countess" }', review, guessed(None, INTRODUCED)
    )
    assert found["S1"] == Identity("Ada", True, "Countess", None, "review", "0:01")
    assert found["S2"].name is None


def test_a_label_of_the_name_comes_before_a_guess(tmp_path: Path) -> None:
    said = guessed(INTRODUCED, None)
    labelled = said.speakers[1].model_copy(update={"name": "Ada", "source": "label", "evidence": "Ada"})
    said = said.model_copy(update={"speakers": (said.speakers[0], labelled)})
    found = identities(tmp_path, '[speakers]\n"Ada" = { role = "Countess" }', said=said)
    assert (found["S1"].name, found["S2"].name, found["S2"].role) == (None, "Ada", "Countess")


@pytest.mark.parametrize(
    ("sources", "kept"),
    [
        (("voice", "voice"), ["Ada", "Ada"]),
        (("introduction", "voice"), [None, "Ada"]),
        (("voice", "introduction"), ["Ada", None]),
        (("introduction", "introduction"), [None, None]),
    ],
)
def test_one_guessed_name_on_two_speakers_stays_only_on_voices(
    tmp_path: Path, sources: tuple[str, str], kept: list[str | None]
) -> None:
    said = guessed(*(("Ada", source) for source in sources))
    assert [identity.name for identity in identities(tmp_path, said=said).values()] == kept


def test_a_bare_name_confirms_both_halves_of_a_split_voice(tmp_path: Path) -> None:
    said = guessed(("Ada", "voice"), ("Ada", "voice"))
    found = identities(tmp_path, '[speakers]\n"Ada" = { role = "Countess" }', said=said)
    assert [(i.name, i.confirmed, i.role) for i in found.values()] == [("Ada", True, "Countess")] * 2


def test_two_voices_of_one_name_are_one_person(tmp_path: Path) -> None:
    said = turns((*SAID, ("S3", "Six.")))
    review = '[[speaker]]\nname = "Ada"\nat = "0:01"\n[[speaker]]\nname = "Ada"\nat = "0:26"'
    files = texts(render(talk(tmp_path, review=review), said, quoting(said, "s0")))
    assert files["post.md"].count('  - "Ada"') == 1
    assert files["transcript.md"].count("**Ada**") == 2
    assert "Four. Five. Six." in files["transcript.md"]


def test_a_link_that_is_not_http_is_an_error_that_names_the_person(tmp_path: Path) -> None:
    sidecar = '[speakers]\n"Ada" = { at = "0:01", link = "javascript:alert(1)" }'
    with pytest.raises(ConfigError, match=r"talk\.toml: 'Ada\.link' cannot be 'javascript:alert\(1\)'"):
        identities(tmp_path, sidecar)
