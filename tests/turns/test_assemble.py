from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines import Diarization
from pipeline.records import Media, Transcript, Turns, Word
from pipeline.transcripts.sentences import sentence_ends
from pipeline.turns import assemble, attribution


def transcript(words: list[Word]) -> Transcript:
    return Transcript(media=Media(name="x.wav", kind="media"), language="en", words=tuple(words))


def spoken(text: str, seconds: float = 0.5) -> list[Word]:
    return [
        Word(text=f" {token}", start=i * seconds, end=(i + 0.9) * seconds)
        for i, token in enumerate(text.split())
    ]


def voices_of(scores: list[list[float]], step: float = 0.5, overlap: Sequence[int] = ()) -> Diarization:
    """Voices whose scores are these, a row a step; two people speak in the steps of `overlap`."""
    fit = np.array(scores, np.float32).reshape(len(scores), -1)
    both = np.zeros(len(fit), np.float32)
    both[list(overlap)] = 1
    return Diarization(0.0, step, fit, (~np.isnan(fit)).astype(np.float32), both, np.eye(fit.shape[1], 192))


def heard(
    words: list[Word], scores: list[list[float]], step: float = 0.5, overlap: Sequence[int] = ()
) -> Turns:
    texts = [word.text for word in words]
    ends = sentence_ends.ends(words, texts, "en")
    voices = voices_of(scores, step, overlap)
    return assemble.assemble(transcript(words), texts, ends, attribution.by_voice(words, ends, voices))


ANN, BOB = [0.8, 0.2], [0.1, 0.7]


def test_a_change_of_voice_at_a_sentence_end_is_a_new_turn() -> None:
    found = heard(spoken("I think so. No, I do not."), [ANN] * 3 + [BOB] * 4)
    assert [(turn.speaker, [s.text for s in turn.sentences]) for turn in found.turns] == [
        ("S1", ["I think so."]),
        ("S2", ["No, I do not."]),
    ]
    assert [s.flags for s in found.sentences()] == [(), ()]
    assert [s.id for s in found.sentences()] == ["s0", "s3"]


def test_a_voice_that_wobbles_for_one_word_does_not_cut_a_sentence() -> None:
    found = heard(spoken("We keep the model small enough to run."), [ANN] * 3 + [BOB] + [ANN] * 4)
    assert len(found.turns) == 1


def test_a_long_change_inside_a_sentence_cuts_it() -> None:
    found = heard(spoken("one two three four five six seven eight nine ten"), [ANN] * 5 + [BOB] * 5)
    assert [turn.speaker for turn in found.turns] == ["S1", "S2"]


def test_a_near_tie_is_flagged() -> None:
    found = heard(spoken("Who said this?"), [[0.5, 0.48]] * 3)
    assert found.sentences()[0].flags == ("doubtful speaker",)


def test_a_margin_is_full_in_the_middle_of_a_turn_and_falls_towards_its_edges() -> None:
    said = "We went on. It was so late then. No. He did not come there at all."
    found = heard(spoken(said), [ANN] * 8 + [BOB] * 9).sentences()
    middle, edge, short, _ = (s.margin or 0.0 for s in found)
    assert middle == pytest.approx(0.5)
    assert 0.15 < edge < 0.5
    assert short < 0.15
    assert found[2].flags == ("doubtful speaker",)


def test_overlapped_speech_is_marked() -> None:
    found = heard(spoken("We went on. It was so late then."), [ANN] * 3 + [BOB] * 6, overlap=[1, 2])
    assert [s.flags for s in found.sentences()] == [("overlapped speech",), ()]


def test_two_at_once_are_marked_whoever_speaks() -> None:
    found = heard(spoken("We went on."), [[0.8]] * 3, overlap=[0, 1, 2])
    assert [(s.margin, s.flags) for s in found.sentences()] == [(None, ("overlapped speech",))]


def test_a_first_word_at_zero_weighs_as_much_as_it_lasts() -> None:
    words = [Word(text=" Hello.", start=0.0, end=2.0), Word(text=" Yes.", start=2.0, end=4.0)]
    said_by = attribution.by_voice(words, [1, 2], voices_of([ANN] * 4 + [BOB] * 4))
    assert said_by.speakers == [0, 1]


def test_what_is_thrown_in_does_not_cut_a_turn() -> None:
    found = heard(spoken("We went on and on. Yeah. It was so late then."), [ANN] * 5 + [BOB] + [ANN] * 5)
    assert [(t.speaker, [s.text for s in t.sentences]) for t in found.turns] == [
        ("S1", ["We went on and on.", "It was so late then."]),
        ("S2", ["Yeah."]),
    ]
    assert [turn.aside for turn in found.turns] == [False, True]
    assert [s.id for s in found.sentences()] == ["s0", "s5", "s6"]


@pytest.mark.parametrize(
    "said", ["Did you go on? Yeah. It was so late then.", "We went on. Why? It was late."]
)
def test_an_answer_and_a_question_are_turns(said: str) -> None:
    words = spoken(said)
    found = heard(words, [BOB if word.text in (" Yeah.", " Why?") else ANN for word in words])
    assert [turn.speaker for turn in found.turns] == ["S1", "S2", "S1"]


def test_a_voice_that_fits_nobody_is_in_doubt() -> None:
    found = heard(
        spoken("We went on. It was so late then. We left."), [ANN] * 3 + [[0.35, 0.1]] * 5 + [ANN] * 3
    )
    assert [s.flags for s in found.sentences()][1] == ("doubtful speaker",)


def test_speakers_are_numbered_as_they_first_speak_and_timed() -> None:
    found = heard(spoken("I think so. No, I do not."), [BOB] * 3 + [ANN] * 4)
    assert [speaker.id for speaker in found.speakers] == ["S1", "S2"]
    assert [speaker.source for speaker in found.speakers] == ["none", "none"]
    assert found.speakers[0].talk_seconds == 1.45


def test_words_without_any_voice_are_one_speaker() -> None:
    words = spoken("Hello there. Hi.")
    said_by = attribution.by_voice(words, [2, 3], voices_of([[]] * 4))
    assert said_by.speakers == [0, 0, 0]
    silent = voices_of([[np.nan] * 2] * 4)
    assert set(attribution.by_voice(words, [2, 3], silent).speakers) == {0}


def test_words_without_a_time_follow_the_word_before() -> None:
    """A transcript stamped once a turn: its other words say nothing about the beginning of the recording."""
    words = [
        Word(text=" Hi.", start=0.0),
        *[Word(text=" there")] * 3,
        Word(text=" No.", start=2.0),
        *[Word(text=" no")] * 3,
    ]
    voices = voices_of([ANN] * 4 + [BOB] * 4)
    assert attribution.by_voice(words, [4, 8], voices).speakers == [0] * 4 + [1] * 4


def test_labels_are_kept_and_a_missing_time_points_before_the_words() -> None:
    words = [
        Word(text=" Hello.", label="Ann", start=5.0),
        Word(text=" More.", label="Ann"),
        Word(text=" Hi.", label="Bob"),
    ]
    said_by = attribution.by_label(words)
    found = assemble.assemble(transcript(words), [w.text for w in words], [1, 2, 3], said_by)
    assert [(s.name, s.source, s.evidence) for s in found.speakers] == [
        ("Ann", "label", "Ann"),
        ("Bob", "label", "Bob"),
    ]
    assert [s.start for s in found.sentences()] == [5.0, 5.0, 5.0]
    assert [s.margin for s in found.sentences()] == [None, None, None]


@pytest.mark.parametrize(
    ("label", "name"),
    [("SPEAKER_01", None), ("Speaker 2", None), ("spk3", None), ("S1", None), ("A", None), ("Unknown", None)]
    + [(name, name) for name in ("Su", "Al", "Speaker Pelosi", "Ann", "R2-D2")],
)
def test_labels_that_machines_give_are_nobodys_name(label: str, name: str | None) -> None:
    words = [Word(text=" Hello.", label=label)]
    found = assemble.assemble(transcript(words), [" Hello."], [1], attribution.by_label(words))
    (speaker,) = found.speakers
    assert (speaker.name, speaker.source, speaker.label) == (name, "label", label)


@given(
    st.lists(
        st.tuples(st.sampled_from(["yes.", "no", "so", "why?"]), st.integers(0, 2)), min_size=1, max_size=60
    ),
    st.integers(1, 3),
)
def test_every_word_is_in_one_sentence_of_one_speaker(said: list[tuple[str, int]], speakers: int) -> None:
    words = spoken(" ".join(word for word, _ in said))
    scores = [[1.0 if s == voice % speakers else 0.0 for s in range(speakers)] for _, voice in said]
    found = heard(words, scores)
    covered = [i for s in found.sentences() for i in range(*s.words)]
    assert covered == list(range(len(words)))
    assert " ".join(s.text for s in found.sentences()) == " ".join(word for word, _ in said)
    assert all(s.speaker == turn.speaker for turn in found.turns for s in turn.sentences)
    assert [turn.start for turn in found.turns] == sorted(turn.start or 0.0 for turn in found.turns)
