"""Who speaks at a moment: one answer, for names and for corrections."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Media, Transcript, Word
from pipeline.turns import assemble
from pipeline.turns.attribution import by_label
from pipeline.turns.moments import Timeline
from pipeline.turns.name_binding import Places
from pipeline.workspace.review_file import Review

Said = tuple[str, float | None, float | None]  # speaker, start, end of a word


def words(*said: Said) -> list[Word]:
    return [Word(text=" so", label=speaker, start=start, end=end) for speaker, start, end in said]


def who(said: list[Word], moment: float, asides: frozenset[int] = frozenset()) -> str | None:
    run = Timeline.of(said, [word.label for word in said], asides).run_at(moment)
    return said[run.start].label if run else None


TALK = words(
    ("Ann", 10.2, 12.0), ("Ann", 14.5, 16.2), ("Bob", 19.0, 20.8), ("Cy", 20.9, 24.0), ("Ann", 31.4, 31.8)
)  # fmt: skip


@pytest.mark.parametrize(
    ("moment", "speaker"),
    [
        (8.2, "Ann"),  # 2 s before the first word
        (8.1, None),
        (10.0, "Ann"),  # the second within which it begins
        (13.0, "Ann"),  # a pause within a turn
        (17.5, "Ann"),  # between two people: the nearer one
        (17.7, "Bob"),
        (19.0, "Bob"),
        (20.0, "Cy"),  # within this second Cy begins, while Bob still speaks
        (20.5, "Bob"),
        (20.84, "Bob"),
        (24.0, "Cy"),  # just over
        (26.0, "Cy"),
        (27.0, None),  # far from both
        (31.0, "Ann"),
        (33.8, "Ann"),  # 2 s after the last word
        (33.9, None),
    ],
)
def test_a_moment_means_whoever_speaks_then_or_the_nearest_within_two_seconds(
    moment: float, speaker: str | None
) -> None:
    assert who(TALK, moment) == speaker


@pytest.mark.parametrize(("moment", "speaker"), [(7.9, None), (30.0, "Ann"), (69.0, "Ann"), (70.0, "Bob")])
def test_a_turn_timed_at_its_beginning_alone_lasts_until_the_next(moment: float, speaker: str | None) -> None:
    said = words(("Ann", 10.0, None), ("Ann", None, None), ("Bob", 70.0, None), ("Bob", None, None))
    assert who(said, moment) == speaker


def test_a_turn_without_a_time_of_its_own_shares_that_of_the_one_before() -> None:
    said = words(("Ann", 1.0, None), ("Bob", None, None), ("Ann", 10.0, None))
    assert who(said, 5.0) == "Ann"
    assert who(words(("Ann", None, None), ("Bob", None, None)), 1.0) is None


def test_an_aside_is_meant_by_a_fraction_or_where_nobody_else_is_near() -> None:
    said = words(("Ann", 18.0, 21.1), ("Bob", 21.2, 21.6), ("Ann", 22.1, 25.0), ("Cy", 60.0, 60.4))
    asides = frozenset({1, 3})
    moments = {21.0: "Ann", 21.3: "Bob", 21.15: "Ann", 60.0: "Cy", 62.0: "Cy", 63.0: None}
    assert {moment: who(said, moment, asides) for moment in moments} == moments
    assert who(said, 21.0) == "Bob"  # in a correction, where an aside is a turn like any other


SECONDS = st.integers(0, 400).map(lambda tenths: tenths / 10)


@st.composite
def transcripts_with_some_times(draw: st.DrawFn) -> list[Word]:
    said, now = [], 0.0
    for _ in range(draw(st.integers(1, 8))):
        now += draw(st.sampled_from([0.0, 0.1, 0.7, 3.0, 9.0]))
        end = now + draw(st.sampled_from([0.2, 2.0, 5.0]))
        is_timed = draw(st.booleans())
        speaker = draw(st.sampled_from(["Ann", "Bob"]))
        said.append((speaker, now if is_timed else None, end if is_timed and draw(st.booleans()) else None))
        now = end
    return words(*said)


@given(transcripts_with_some_times(), SECONDS)
def test_names_and_corrections_mean_the_same_speaker_by_a_moment(said: list[Word], moment: float) -> None:
    transcript = Transcript(media=Media(name="t", kind="transcript"), language="en", words=tuple(said))
    ends = list(range(1, len(said) + 1))
    turns = assemble.assemble(transcript, [word.text for word in said], ends, by_label(said))
    speaker = Places(turns, Review(), ()).at(moment)
    labels = {speaker.id: speaker.label for speaker in turns.speakers}
    assert (labels[speaker] if speaker else None) == who(said, moment)
