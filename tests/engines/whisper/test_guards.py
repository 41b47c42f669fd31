from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.whisper import guards
from pipeline.engines.whisper.guards import Segment
from pipeline.records import Word


def spoken(text: str, start: float = 0.0, each: float = 0.3, probability: float = 0.9) -> tuple[Word, ...]:
    """The words of a text, one after the other, each as long as the last."""
    return tuple(
        Word(text=f" {w}", start=start + i * each, end=start + (i + 1) * each, probability=probability)
        for i, w in enumerate(text.split())
    )


def segment(words: tuple[Word, ...], logprob: float = -0.2, no_speech: float = 0.05) -> Segment:
    return Segment(words[0].start or 0.0, words[-1].end or 0.0, words, logprob, no_speech)


PLAIN = (
    "Shortening that distance from idea to built is what matters, and once it is out there it is out there."
)


def test_ordinary_speech_passes_every_guard():
    ordinary = segment(spoken(PLAIN))
    assert not guards.silence_reason(ordinary)
    assert not guards.loop_reason(ordinary)
    assert not guards.guess_reason(ordinary)


@pytest.mark.parametrize(
    ("text", "logprob", "no_speech", "probability"),
    [
        ("Thanks for watching!", -1.4, 0.8, 0.7),  # doubtful as a whole
        ("you", -0.42, 0.92, 0.35),  # what whisper-base makes of digital silence
        ("♪ ♪ ♪", -0.1, 0.0, 0.9),
    ],
)
def test_words_out_of_silence_are_refused(text, logprob, no_speech, probability):
    assert guards.silence_reason(segment(spoken(text, probability=probability), logprob, no_speech))


def test_quiet_speech_is_not_silence():
    assert not guards.silence_reason(segment(spoken(PLAIN), logprob=-0.4, no_speech=0.8))


def test_a_loop_squeezed_into_too_little_audio_is_found():
    said = spoken("we went home and")
    stuck = spoken("it's the maximum " * 8, start=said[-1].end or 0, each=0.03)
    assert guards.loop_reason(segment(said + stuck))


def test_a_loop_that_the_model_strains_at_is_found():
    assert guards.loop_reason(segment(spoken("Aki. " * 8, each=0.5), logprob=-0.82))


def test_text_that_repeats_itself_with_small_changes_is_found():
    text = " ".join(f"and then {n} of them went to the other side of the street" for n in "abcdefgh")
    assert guards.loop_reason(segment(spoken(text, each=0.08)))


def test_more_words_than_anybody_can_say_are_found():
    assert guards.loop_reason(segment(spoken(PLAIN, each=0.1)))


@pytest.mark.parametrize(
    "text", ["words words words words words", "ask what you can do " * 6, "no no no no no no no no"]
)
def test_people_may_repeat_themselves(text):
    assert not guards.loop_reason(segment(spoken(text, each=0.35), logprob=-0.11))


def test_guesses_are_refused():
    assert guards.guess_reason(segment(spoken("Peanut seafood Sam Simon", probability=0.1)))
    assert guards.guess_reason(segment(spoken("Hunha Hunha", probability=0.8), logprob=-3.66))


def test_the_longest_repetition_is_the_one_that_is_reported():
    words = spoken("so so so so then round and round and round and round and round we go")
    assert "".join(w.text for w in guards.longest_repetition(words)) == " round and" * 4 + " round"
    assert not guards.longest_repetition(spoken(PLAIN))


def test_a_first_word_that_begins_before_its_speech_is_moved_to_it():
    early = Word(text=" Welcome", start=2.0, end=12.4, probability=0.9)
    kept, strays = guards.snap_to_speech([early], [(0.0, 1.0), (12.0, 20.0)])
    assert (kept[0].start, kept[0].end) == (12.0 - guards.MAX_OVERHANG_SECONDS, 12.4)
    assert not strays


def test_words_where_nobody_speaks_are_left_out_together():
    words = [*spoken("good morning"), *spoken("thanks for watching", start=5.0), *spoken("next", start=9.0)]
    kept, strays = guards.snap_to_speech(words, [(0.0, 0.7), (9.0, 9.5)])
    assert "".join(w.text for w in kept) == " good morning next"
    assert [(s.text, s.start, s.why) for s in strays] == [("thanks for watching", 5.0, "no speech there")]
    assert guards.snap_to_speech(words, [])[0] == []


times = st.floats(0, 100)


@given(st.lists(st.tuples(times, times)), times)
def test_times_never_go_back_and_stay_inside(spans, end):
    words = [Word(text=" a", start=start, end=stop) for start, stop in spans]
    ordered = guards.monotonic(words, end)
    assert [w.text for w in ordered] == [w.text for w in words]
    reached = 0.0
    for word in ordered:
        assert word.start is not None
        assert word.end is not None
        assert reached <= word.start <= word.end <= end + 0.0005  # rounded to 1 ms
        reached = word.end
