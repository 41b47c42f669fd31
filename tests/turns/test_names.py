"""How a person's name finds the speaker."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.records import Speaker, Turns
from pipeline.turns.names import Identity, TwoNamesError, identify
from pipeline.workspace.talks import Talk
from tests.support.posts import Stretch, quoting, render, spoken, talk, texts, turns

# 0-4, 5-9 s; 10-14 s; 15-19, 20-24 s
SAID = (("S1", "One. | Two."), ("S2", "Three."), ("S1", "Four. | Five."))


def identities(
    root: Path, sidecar: str = "", review: str = "", said: Turns | None = None
) -> dict[str, Identity]:
    return identify(talk(root, sidecar, review), said or turns(SAID))[0]


def listed(talk: Talk, said: Turns) -> tuple[dict[str, Identity], list[str]]:
    """The identities, and what fits nobody as lines."""
    found, unmatched = identify(talk, said)
    return found, list(map(str, unmatched))


def name_at(root: Path, moment: str) -> str:
    found = identities(root, f'[speakers]\n"Ada" = {{ at = "{moment}" }}')
    (speaker,) = (id for id, identity in found.items() if identity.name == "Ada")
    return speaker


def test_a_name_that_the_review_replaces_is_not_dropped_in_silence(tmp_path: Path) -> None:
    sidecar = '[speakers]\n"Dorothy" = { at = "0:02" }'
    review = '[[speaker]]\nat = "0:02"\nname = "Diane"'
    found, lines = listed(talk(tmp_path, sidecar, review), turns(SAID))
    assert found["S1"].name == "Diane"
    assert lines == ['talk.toml: "Dorothy" (at 0:02) is Diane in the review']
    found, lines = listed(talk(tmp_path, sidecar, review.replace("Diane", "Dorothy")), turns(SAID))
    assert (found["S1"].name, lines) == ("Dorothy", [])


def test_a_name_of_the_cohort_that_the_review_replaces_is_listed_with_its_file(tmp_path: Path) -> None:
    review = '[[speaker]]\nat = "0:02"\nname = "Diane"'
    talk(tmp_path, "", review)
    (tmp_path / "inputs" / "cohort.toml").write_text('[speakers]\n"Dorothy" = { at = "0:02" }')
    _, lines = listed(talk(tmp_path, "", review), turns(SAID))
    assert lines == ['cohort.toml: "Dorothy" (at 0:02) is Diane in the review']


def test_a_label_that_names_nobody_is_still_a_label(tmp_path: Path) -> None:
    speakers = (Speaker(id="S1", source="label", evidence="SPEAKER_00", label="SPEAKER_00"),)
    said = turns((("S1", "One."),)).model_copy(update={"speakers": speakers})
    assert identities(tmp_path, said=said)["S1"].name is None
    sidecar = '[speakers]\n"Ada" = { label = "SPEAKER_00" }'
    assert identities(tmp_path, sidecar, said=said)["S1"].name == "Ada"
    guess = speakers[0].model_copy(update={"name": "Bea", "source": "introduction", "evidence": "s0"})
    said = said.model_copy(update={"speakers": (guess,)})
    assert identities(tmp_path, sidecar, said=said)["S1"].name == "Ada"


def test_short_name_and_pronoun_belong_to_the_name_that_they_stand_beside(tmp_path: Path) -> None:
    sidecar = (
        '[speakers]\n"Jesse Pollak" = { at = "0:02", short = "Jess\\ne", pronoun = "she", role = "Base" }'
    )
    found = identities(tmp_path, sidecar)
    assert (found["S1"].short, found["S1"].pronoun) == ("Jess e", "she")
    assert (found["S2"].short, found["S2"].pronoun) == (None, None)
    for name, called in (("Jesse  pollak", ("Jess e", "she")), ("Conner Ruhl", (None, None))):
        corrected = identities(tmp_path, sidecar, f'[[speaker]]\nat = "0:02"\nname = "{name}"')["S1"]
        assert ((corrected.short, corrected.pronoun), corrected.role) == (called, "Base")
    own = '[[speaker]]\nat = "0:02"\nname = "Jesse Pollak"\nshort = "JP"'
    assert identities(tmp_path, sidecar, own)["S1"].short == "JP"


@pytest.mark.parametrize(
    ("moment", "speaker"),
    [
        ("0:02", "S1"),
        ("0:04.5", "S1"),  # a pause inside a turn
        ("0:10", "S2"),
        ("0:09.4", "S1"),  # between turns: the nearest sentence
        ("0:14.8", "S1"),
        ("0:26", "S1"),  # 2 s after the last word
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


def listened(*asides: Stretch) -> Turns:
    """S1 speaks twice across S2's aside, and then S2; the stretches after the first three are asides, too."""
    said = spoken([("S1", 18.0, 21.1), ("S2", 21.2, 21.6), ("S2", 30.0, 33.0), *asides])
    second, first = said.turns[1], said.turns[0]
    more = second.sentences[0].model_copy(
        update={"id": "s99", "speaker": "S1", "start": 21.7, "end": 25.0, "words": (99, 102)}
    )
    first = first.model_copy(update={"end": 25.0, "sentences": (*first.sentences, more)})
    rest = (second, *said.turns[3:])
    thrown_in = tuple(turn.model_copy(update={"aside": True}) for turn in rest)
    return said.model_copy(update={"turns": (first, said.turns[2], *thrown_in)})


def test_two_names_on_one_speaker_say_by_what_moment_a_listener_is_meant(tmp_path: Path) -> None:
    sidecar = '[speakers]\n"Ada" = { at = "0:18" }\n"Grace" = { at = "0:21" }'
    with pytest.raises(TwoNamesError, match=r"S1 speaks 0:18-0:25; S2 speaks 0:21\.4, 0:30-0:33\. "):
        identities(tmp_path, sidecar, said=listened())
    found = identities(tmp_path, sidecar.replace("0:21", "0:21.4"), said=listened())
    assert [identity.name for identity in found.values()] == ["Ada", "Grace"]


@pytest.mark.parametrize(
    ("moment", "speaker"),
    [
        ("0:21", "S1"),  # only "Right." begins within that second
        ("0:21.3", "S2"),
        ("0:21.15", "S1"),
        ("0:30", "S2"),
        ("1:00", "S3"),  # nobody else is near
        ("1:02", "S3"),
    ],
)
def test_what_a_listener_throws_in_is_not_who_speaks(tmp_path: Path, moment: str, speaker: str) -> None:
    found = identities(
        tmp_path, f'[speakers]\n"Ada" = {{ at = "{moment}" }}', said=listened(("S3", 60.0, 60.4))
    )
    assert [id for id, identity in found.items() if identity.name] == [speaker]


def test_a_moment_when_nobody_speaks_is_an_error_that_names_file_name_and_moment(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'talk\.toml: "Ada" is bound to 0:27.*at = "mm:ss"'):
        identities(tmp_path, '[speakers]\n"Ada" = { at = "0:27" }')


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
    said = turns(SAID, labels=("HOST", "GUEST"))
    for about in ("role", "label"):
        with pytest.raises(
            ConfigError, match=r'"Ada" is bound to the label "Ada", which nobody has\. .*"HOST"'
        ):
            identities(tmp_path, f'[speakers]\n"Ada" = {{ {about} = "Ada" }}', said=said)
    with pytest.raises(ConfigError, match=r'the label "Ada", which nobody has'):
        identities(tmp_path, '[speakers]\n"Ada" = { label = "Ada" }')


@pytest.mark.parametrize(("labels", "timed"), [((), True), (("HOST",), True), ((), False)])
def test_a_bare_name_is_listed_where_the_guess_that_it_confirmed_is_gone(
    tmp_path: Path, labels: tuple[str, ...], timed: bool
) -> None:
    sidecar = '[speakers]\n"Ada" = { role = "Countess" }\n'
    found, unmatched = listed(talk(tmp_path, sidecar), turns(SAID, timed, labels))
    assert not any(identity.source == "sidecar" for identity in found.values())
    say = ': say when they speak, { at = "mm:ss" }' if timed else ", and the transcript has no times"
    assert unmatched == [f'talk.toml: "Ada" is nobody\'s name here{say}']


def test_two_names_on_one_speaker_are_an_error_that_names_both(tmp_path: Path) -> None:
    sidecar = '[speakers]\n"Ada" = { at = "0:01" }\n"Grace" = { at = "0:21" }'
    with pytest.raises(
        ConfigError, match=r'"Ada" \(at 0:01\) and "Grace" \(at 0:21\).*S1.*\[speakers\] count'
    ):
        identities(tmp_path, sidecar)


def test_two_names_on_one_speaker_say_when_each_is_heard_and_what_helps(tmp_path: Path) -> None:
    sidecar = '[speakers]\ncount = 2\n"Ada" = { at = "0:01" }\n"Grace" = { at = "0:21" }'
    with pytest.raises(TwoNamesError) as caught:
        identities(tmp_path, sidecar)
    assert caught.value.remedy == (
        "S1 speaks 0:00-0:09, 0:15-0:24; S2 speaks 0:10-0:14. Bind one of them to another moment or label; "
        'a moment inside a turn may need a fraction ("00:22.5"); '
        "if two voices were taken for one, `split` in talk.review.toml parts them."
    )
    with pytest.raises(TwoNamesError) as caught:
        identify(talk(tmp_path / "b", sidecar, media="talk.md"), turns(SAID))
    assert "is moved with [[turn]] in talk.review.toml" in caught.value.remedy


def test_of_a_long_talk_the_turns_around_both_moments_are_told(tmp_path: Path) -> None:
    said = turns(tuple((f"S{1 + n % 2}", "Yes.") for n in range(200)))
    sidecar = '[speakers]\n"Ada" = { at = "8:20" }\n"Grace" = { at = "8:30" }'
    with pytest.raises(TwoNamesError, match=r"S1 speaks 8:10-8:14, .*8:40-8:44 …; S2 speaks 8:05") as caught:
        identities(tmp_path, sidecar, said=said)
    assert caught.value.remedy.count("-") == 8


LABELLED = turns(SAID, labels=("Ann", "Cy"))  # and Bob, before a review
MERGE = '[[speaker]]\nmerge = ["{}", "{}"]\n'
ROE = '"Robert Roe" = { label = "Bob", role = "Clerk" }\n'


@pytest.mark.parametrize(
    "review",
    [
        MERGE.format("Ann", "bob"),
        MERGE.format("Ann", "Robert Roe"),
        MERGE.format("0:01", "Bob"),
        MERGE.format("Dee", "Bob") + MERGE.format("Ann", "Dee"),
        MERGE.format("Bob", "Ann") + MERGE.format("Ann", "Dee"),
    ],
)
def test_a_label_that_was_merged_into_another_means_that_speaker(tmp_path: Path, review: str) -> None:
    found, unmatched = listed(talk(tmp_path, f"[speakers]\n{ROE}", review), LABELLED)
    assert found["S1"] == Identity("Robert Roe", True, "Clerk", None, "sidecar", "Bob")
    assert (found["S2"].name, unmatched) == ("Cy", [])


def test_a_merge_by_the_moment_of_an_aside_gives_nobody_a_name(tmp_path: Path) -> None:
    sidecar, merge = f"[speakers]\n{ROE}", MERGE.format("0:21", "Bob")
    found, unmatched = listed(talk(tmp_path, sidecar, merge), listened())
    assert not any(identity.name for identity in found.values())
    assert '"Robert Roe" is bound to the label "Bob", which nobody has' in unmatched[0]


def test_where_names_meet_by_a_merge_the_label_that_stays_wins(tmp_path: Path) -> None:
    sidecar = f'[speakers]\n{ROE}"Ann Lee" = {{ label = "Ann" }}\n'
    found, unmatched = listed(talk(tmp_path, sidecar, MERGE.format("Ann", "Bob")), LABELLED)
    assert found["S1"] == Identity("Ann Lee", True, None, None, "sidecar", "Ann")
    assert unmatched == ['talk.toml: "Robert Roe" (label "Bob") is Ann Lee (label "Ann")']


def test_where_names_meet_at_moments_by_a_merge_its_first_wins(tmp_path: Path) -> None:
    sidecar = '[speakers]\n"Ada" = { at = "0:01" }\n"Grace" = { at = "0:21" }'
    for merge in (MERGE.format("0:21", "0:01"), MERGE.format("Grace", "Ada")):
        found, unmatched = listed(talk(tmp_path, sidecar, merge), turns(SAID))
        assert found["S1"].name == "Grace"
        assert unmatched == ['talk.toml: "Ada" (at 0:01) is Grace (at 0:21)']
    with pytest.raises(TwoNamesError):  # nothing to do with the merge
        identities(tmp_path, sidecar, MERGE.format("0:12", "HOST"))


@pytest.mark.parametrize("ann", ['label = "Ann"', 'at = "0:02"'])
def test_where_names_meet_as_a_turn_was_moved_its_new_speaker_wins(tmp_path: Path, ann: str) -> None:
    sidecar = f'[speakers]\n"Robert Roe" = {{ at = "0:16" }}\n"Ann Lee" = {{ {ann} }}\n'
    review = '[[turn]]\nat = "0:15"\nto = "Ann"\n'
    found, unmatched = listed(talk(tmp_path, sidecar, review), LABELLED)
    assert found["S1"].name == "Ann Lee"
    assert unmatched[0].startswith('talk.toml: "Robert Roe" (at 0:16) is Ann Lee (')


@pytest.mark.parametrize(
    "review", ['[[turn]]\nat = "0:12"\nto = "Cy"\n', MERGE.format("Dee", "Eve"), MERGE.format("Bob", "Dee")]
)
def test_a_label_that_the_review_left_without_words_is_listed(tmp_path: Path, review: str) -> None:
    for about in ("label", "role"):
        sidecar = f'[speakers]\n"Bob" = {{ {about} = "Bob" }}\n'
        found, unmatched = listed(talk(tmp_path, sidecar, review), LABELLED)
        assert [identity.name for identity in found.values()] == ["Ann", "Cy"]
        assert unmatched == [
            'talk.toml: "Bob" is bound to the label "Bob", which nobody has '
            "after the merges and moves in talk.review.toml"
        ]


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
    found, unmatched = listed(talk(tmp_path, review=review), turns(SAID))
    assert found["S1"].name == "Ada"
    assert len(unmatched) == 1
    assert '"Bob"' in unmatched[0]


def test_a_review_entry_that_fits_nobody_is_listed(tmp_path: Path) -> None:
    review = '[[speaker]]\nname = "Ada"\nat = "5:00"'
    found, unmatched = listed(talk(tmp_path, review=review), turns(SAID))
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
    found, unmatched = listed(talk(tmp_path, review=review), guessed(INTRODUCED))
    assert found["S1"] == Identity("Ada", False, None, None, "introduction", "s0")
    assert len(unmatched) == 2


def test_a_first_name_known_by_the_voice_is_not_completed(tmp_path: Path) -> None:
    found, unmatched = listed(talk(tmp_path, '[speakers]\n"Ada Lovelace" = {}'), guessed(("Ada", "voice")))
    assert found["S1"] == Identity("Ada", False, None, None, "voice", "s0")
    assert len(unmatched) == 1


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


@pytest.mark.parametrize(
    ("given", "source", "other"),
    [
        ("Ann Lee", "voice", "Ann Lee"),
        ("ann lee", "voice", "ann lee"),  # one person, one spelling
        ("Ann", "voice", None),
        ("Bob", "voice", "Ann Lee"),
        ("Ann Lee", "introduction", None),
    ],
)
def test_one_half_of_a_voice_named_by_a_person_leaves_the_other_its_name(
    tmp_path: Path, given: str, source: str, other: str | None
) -> None:
    said = guessed(("Ann Lee", "voice"), ("Ann Lee", source))
    found = identities(tmp_path, f'[speakers]\n"{given}" = {{ at = "0:01" }}', said=said)
    assert (found["S1"].name, found["S1"].confirmed) == (given, True)
    assert (found["S2"].name, found["S2"].confirmed) == (other, False)


def test_a_stranger_is_not_whoever_is_called_as_the_stranger_is_numbered(tmp_path: Path) -> None:
    said = turns(SAID, labels=("S2",))
    files = texts(render(talk(tmp_path), said, quoting(said, "s0")))
    assert "\nWith S2.\n" in files["post.md"]
    assert "**S2**" in files["transcript.md"]
    assert "**Speaker 2**" in files["transcript.md"]


def test_two_voices_of_one_name_are_one_person(tmp_path: Path) -> None:
    said = turns((*SAID, ("S3", "Six.")))
    review = '[[speaker]]\nname = "Ada"\nat = "0:01"\n[[speaker]]\nname = "Ada"\nat = "0:26"'
    files = texts(render(talk(tmp_path, review=review), said, quoting(said, "s0")))
    assert files["post.md"].count('"Ada"') == 1
    assert files["transcript.md"].count("**Ada**") == 2
    assert "Four. Five. Six." in files["transcript.md"]


def test_a_link_that_is_not_http_is_an_error_that_names_the_person(tmp_path: Path) -> None:
    sidecar = '[speakers]\n"Ada" = { at = "0:01", link = "javascript:alert(1)" }'
    with pytest.raises(ConfigError, match=r"talk\.toml: 'Ada\.link' cannot be 'javascript:alert\(1\)'"):
        identities(tmp_path, sidecar)
