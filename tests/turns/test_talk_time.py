from __future__ import annotations

import pytest

from pipeline.records import Word
from pipeline.turns.talk_time import MAX_WORD_SECONDS, talk_seconds


def word(text: str, start: float | None = None, end: float | None = None) -> Word:
    return Word(text=f" {text}", start=start, end=end)


def test_silence_within_a_sentence_is_no_speech() -> None:
    words = [word("I", 0, 0.5), word("waited", 0.6, 1), word("there.", 9, 9.5)]
    assert talk_seconds(words, [0, 0, 0]) == {0: pytest.approx(1.5)}  # a breath of 0.1 s counts


def test_words_of_a_cue_have_its_time() -> None:
    words = [word("I", 0), word("was"), word("here.", end=1.5), word("You", 3), word("too.", end=4)]
    assert talk_seconds(words, [0, 0, 0, 1, 1]) == {0: pytest.approx(1.5), 1: pytest.approx(1)}


def test_a_cue_of_two_people_is_shared_by_letters() -> None:
    words = [word("Yes", 0), word("it"), word("surelyis", end=2)]
    assert talk_seconds(words, ["Ann", "Ann", "Bob"]) == {
        "Ann": pytest.approx(2 * 5 / 13),
        "Bob": pytest.approx(2 * 8 / 13),
    }


def test_a_cue_that_stays_on_the_screen_is_not_all_speech() -> None:
    assert talk_seconds([word("Yes.", 0, 60)], [0]) == {0: MAX_WORD_SECONDS}


def test_cues_that_overlap_count_once_for_one_person_and_for_each_of_two() -> None:
    words = [word("Yes.", 0, 1.5), word("No.", 1, 2)]
    assert talk_seconds(words, [0, 0]) == {0: pytest.approx(2)}
    assert talk_seconds(words, [0, 1]) == {0: pytest.approx(1.5), 1: pytest.approx(1)}


def test_words_with_starts_alone_last_until_the_next() -> None:
    words = [word("I", 0), word("was", 0.4), word("here.", 5, 5.5)]
    assert talk_seconds(words, [0] * 3) == {0: pytest.approx(0.4 + MAX_WORD_SECONDS + 0.5)}


def test_stamps_tell_of_no_talk_time() -> None:
    assert talk_seconds([word("I", 0), word("was"), word("You", 60), word("too.")], [0, 0, 1, 1]) == {}
    assert talk_seconds([], []) == {}


def test_a_speaker_whose_words_have_no_times_has_none() -> None:
    assert talk_seconds([word("I", 0, 1), word("see."), word("it.")], [0, 1, 1]) == {0: 1}
