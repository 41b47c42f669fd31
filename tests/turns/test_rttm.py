"""RTTM: every line valid, and the same speech as the turns have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.post.conversation import speakers
from pipeline.post.section_views import SpeakerView
from pipeline.records import Media, Transcript, Word
from pipeline.turns.names import Identity
from pipeline.turns.rttm import rttm
from tests.support.posts import Stretch, spoken

LINE = re.compile(r"SPEAKER (\S+) 1 (\d+\.\d{3}) (\d+\.\d{3}) <NA> <NA> (\S+) <NA> <NA>")


def people(*names: str | None, confirmed: bool = True) -> dict[str, SpeakerView]:
    """Whose voices S1, S2, … are."""
    ids = [f"S{number}" for number, _ in enumerate(names, 1)]
    strangers = spoken([(id, 0.0, 1.0) for id in ids])
    known = {id: Identity(name, confirmed, None, None) for id, name in zip(ids, names, strict=True)}
    return speakers(strangers, known, (), lambda _: None)


NAMES = people("Ann Lee", "Ann_Lee", "Bo")


def transcript(words: Iterable[tuple[float | None, float | None]]) -> Transcript:
    return Transcript(
        media=Media(name="a", kind="media"),
        language="en",
        words=tuple(Word(text=" w", start=start, end=end) for start, end in words),
    )


UNTIMED = transcript(())


def parsed(text: str) -> list[tuple[str, str, float, float]]:
    found = []
    for line in text.splitlines():
        fields = LINE.fullmatch(line)
        assert fields, line
        assert float(fields[3]) > 0
        found.append((fields[1], fields[4], float(fields[2]), float(fields[3])))
    assert [line[2] for line in found] == sorted(line[2] for line in found)
    return found


TIMES = st.floats(0, 500).map(lambda value: round(value, 3)) | st.none()


@given(st.lists(st.tuples(st.sampled_from(tuple(NAMES)), TIMES, TIMES), min_size=1, max_size=30))
def test_lines_are_valid_and_hold_the_speech_of_the_turns_and_no_more(stretches: list[Stretch]) -> None:
    lines = parsed(rttm("a talk", spoken(stretches), UNTIMED, people(*NAMES)))
    assert {line[0] for line in lines} <= {"a_talk"}
    for id in NAMES:
        said = [
            (start, end)
            for speaker, start, end in stretches
            if speaker == id and start is not None and end is not None and end > start
        ]
        told = [(onset, round(onset + length, 3)) for _, who, onset, length in lines if who == id]
        assert all(any(first <= start and end <= last for first, last in told) for start, end in said)
        assert {first for first, _ in told} <= {start for start, _ in said}
        assert {last for _, last in told} <= {end for _, end in said}
        assert all(round(other[0] - one[1], 3) >= 0.5 for one, other in pairwise(told))


def test_words_say_where_speech_is_and_pauses_of_half_a_second_part_it() -> None:
    said = spoken([("S1", 0.0, 9.0)])
    words = transcript([(0.0, 1.0), (1.4999, 2.0), (2.5, 3.0004)])
    assert parsed(rttm("x", said, words, NAMES)) == [
        ("x", "Ann_Lee", 0.0, 1.0),
        ("x", "Ann_Lee", 1.5, 0.5),
        ("x", "Ann_Lee", 2.5, 0.5),
    ]
    assert len(parsed(rttm("x", said, transcript([(0.0, 1.0), (1.499, 2.0), (2.499, 3.0)]), NAMES))) == 1


@pytest.mark.parametrize(
    ("words", "sentence", "expected"),
    [
        ([(0.0, 1.0), (None, None), (3.0, 4.0)], (0.0, 4.0), [(0.0, 4.0)]),
        ([(None, None)] * 3, (2.0, 3.0), [(2.0, 1.0)]),
        ([(1.0, 2.0), (None, None), (None, None)], (1.0, None), [(1.0, 1.0)]),
        ([(None, None)] * 3, (None, None), []),
        ([(1.0, 1.0)] * 3, (1.0, 1.0), []),
    ],
)
def test_words_without_times_fall_back_to_the_sentence(
    words: list[tuple[float | None, float | None]],
    sentence: tuple[float | None, float | None],
    expected: list[tuple[float, float]],
) -> None:
    lines = parsed(rttm("x", spoken([("S1", *sentence)]), transcript(words), NAMES))
    assert [line[2:] for line in lines] == expected


def test_names_hold_no_white_space_and_voices_of_one_name_are_one_speaker() -> None:
    said = spoken([("S1", 0.0, 1.0), ("S2", 2.0, 3.0), ("S3", 4.0, 5.0)])
    lines = parsed(rttm(" my\u2003talk\n", said, UNTIMED, people("Ann\u2003Lee", "Ann_Lee", "<NA>")))
    assert [line[:2] for line in lines] == [
        ("my_talk", "Ann_Lee"),
        ("my_talk", "Ann_Lee_2"),
        ("my_talk", "NA"),
    ]
    same = parsed(rttm("", said, UNTIMED, people("Ann", "Ann", "Ann")))
    assert {line[:2] for line in same} == {("talk", "Ann")}


def test_a_stranger_is_not_whoever_has_the_strangers_number_for_a_name() -> None:
    said = spoken([("S1", 0.0, 1.0), ("S2", 2.0, 3.0), ("S3", 4.0, 5.0)])
    lines = parsed(rttm("x", said, UNTIMED, people("Speaker 2", None, "S2")))
    assert [line[1] for line in lines] == ["Speaker_2", "Speaker_2_2", "S2"]


def test_a_name_that_is_a_guess_is_marked() -> None:
    said = spoken([("S1", 0.0, 1.0), ("S2", 2.0, 3.0), ("S3", 4.0, 5.0)])
    lines = parsed(rttm("x", said, UNTIMED, people("Chris B", "Chris_B", None, confirmed=False)))
    assert [line[1] for line in lines] == ["Chris_B?", "Chris_B_2?", "Speaker_3"]
