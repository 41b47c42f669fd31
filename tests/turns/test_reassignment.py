"""Who said what, put right by a person's entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline import transcripts
from pipeline.records import Word
from pipeline.transcripts.sentences import sentence_ends
from pipeline.turns import reassignment
from pipeline.turns.attribution import Attribution, by_label
from pipeline.turns.reassignment import VoiceSplitter
from pipeline.workspace.review_file import Review
from pipeline.workspace.sidecar import Person
from tests.support import DATA, OPTECH

PANEL = OPTECH / "2024-05-02.md"
PODCAST = DATA / "chaincode.stm"
FILE = "talk.review.toml"


def timed(said: Sequence[tuple[int, float, float, str]]) -> tuple[list[Word], list[int]]:
    """Words, evenly over their turn, and their speakers: (speaker, start, end, text) a turn."""
    words, speakers = [], []
    for speaker, start, end, text in said:
        tokens = text.split()
        step = (end - start) / len(tokens)
        for n, token in enumerate(tokens):
            words.append(Word(text=f" {token}", start=start + n * step, end=start + (n + 1) * step))
            speakers.append(speaker)
    return words, speakers


def podcast(slower: float = 1.0) -> tuple[list[Word], list[int]]:
    """A real opening, 22 s: Jonas 0, John 1, Pieter 2."""
    names = ["Jonas", "John", "Pieter"]
    lines = [line.split(maxsplit=5) for line in PODCAST.read_text("utf-8").splitlines()]
    return timed(
        [(names.index(who), float(a) * slower, float(b) * slower, text) for _, _, who, a, b, text in lines]
    )


def voices(words: Sequence[Word], speakers: Sequence[int], count: int = 3) -> Attribution:
    """An attribution as the diarizer gives it: each voice fits its own words, and a little the next one's."""
    fit = np.full((len(words), count), 0.1)
    fit[np.arange(len(words)), speakers] = 0.7
    return Attribution(list(speakers), [None] * count, fit)


def put_right(
    heard: Attribution,
    words: Sequence[Word],
    entries: Sequence[Mapping[str, object]],
    people: Sequence[Person] = (),
    hearing: VoiceSplitter | None = None,
) -> tuple[Attribution, list[str]]:
    """Entries as in the review file; those with `to` are [[turn]], the others [[speaker]]."""
    tables = {
        "turn": [entry for entry in entries if "to" in entry],
        "speaker": [entry for entry in entries if "to" not in entry],
    }
    texts = [word.text for word in words]
    ends = sentence_ends.ends(words, texts, "en")
    changes = Review.model_validate(tables).changes(people)
    found, unmatched = reassignment.apply(changes, heard, words, texts, ends, FILE, hearing)
    return found, list(map(str, unmatched))


def said_by(found: Attribution, words: Sequence[Word]) -> list[tuple[int, str]]:
    """Runs of (speaker, text)."""
    runs: list[tuple[int, str]] = []
    for speaker, word in zip(found.speakers, words, strict=True):
        if runs and runs[-1][0] == speaker:
            runs[-1] = (speaker, runs[-1][1] + word.text)
        else:
            runs.append((speaker, word.text.strip()))
    return runs


def test_without_entries_nothing_changes() -> None:
    words, speakers = podcast()
    heard = voices(words, speakers)
    assert put_right(heard, words, []) == (heard, [])


def test_merged_voices_are_one_and_no_longer_compete() -> None:
    words, speakers = podcast()
    heard = voices(words, speakers)
    found, lines = put_right(heard, words, [{"merge": ["0:02", "0:01.2"]}])
    assert lines == []
    assert found.speakers == [min(speaker, 1) if speaker != 1 else 0 for speaker in speakers]
    assert found.fit is not None
    assert found.fit.shape == (len(words), 2)
    assert found.fit[0].tolist() == [0.7, 0.1]
    assert found.settled == frozenset()


def test_merges_that_share_a_voice_join_all_of_them() -> None:
    words, speakers = podcast()
    found, lines = put_right(
        voices(words, speakers), words, [{"merge": ["0:01.2", "0:02"]}, {"merge": ["0:04", "0:06"]}]
    )
    assert lines == []
    assert set(found.speakers) == {0}


def test_labels_merge_and_the_first_one_given_stays() -> None:
    words = transcripts.read(PANEL).words
    heard = by_label(words)
    found, lines = put_right(heard, words, [{"merge": ["tadge dryja", "Mark Erhardt"]}])
    assert lines == []
    assert sorted(label for label in found.labels if label) == ["Mike Schmidt", "Tadge Dryja"]
    assert [found.labels[s] == "Mike Schmidt" for s in found.speakers] == [
        word.label == "Mike Schmidt" for word in words
    ]


def test_a_whole_turn_moves_and_is_settled() -> None:
    words, speakers = podcast()
    found, lines = put_right(voices(words, speakers), words, [{"at": "0:09", "to": "0:12"}])
    assert lines == []
    assert (
        2,
        "So far the most important guest we've had That's an amazing honor Thank you so much for having me",
    ) in (said_by(found, words))
    assert (
        "".join(words[n].text for n in sorted(found.settled)) == " So far the most important guest we've had"
    )


def test_saying_who_it_is_already_leaves_no_doubt() -> None:
    words, speakers = podcast()
    found, lines = put_right(voices(words, speakers), words, [{"at": "0:09", "to": "0:01.2"}])
    assert (found.speakers, lines, len(found.settled)) == (speakers, [], 8)


def test_only_the_words_given_move_with_their_full_stop() -> None:
    words, speakers = timed(
        [(0, 0.0, 6.0, "We ship it now. (Yeah, exactly.) So we wait."), (1, 7, 9, "Yeah, exactly.")]
    )
    found, lines = put_right(
        voices(words, speakers, 2), words, [{"at": "0:03", "words": "yeah exactly", "to": "0:08"}]
    )
    assert lines == []
    assert said_by(found, words) == [
        (0, "We ship it now."),
        (1, "(Yeah, exactly.)"),
        (0, "So we wait."),
        (1, "Yeah, exactly."),
    ]


def test_words_are_found_as_they_read_after_fixes_and_take_their_full_stop_along() -> None:
    words, speakers = timed([(0, 0.0, 5.0, "We met jessie pollock. Then"), (1, 5.0, 7.0, "No.")])
    texts = [" We", " met", " Jesse Pollak", ".", " Then", " No."]
    review = Review.model_validate({"turn": [{"at": 3, "words": "Jesse Pollak", "to": 6}]})
    found, lines = reassignment.apply(
        review.changes(()), voices(words, speakers, 2), words, texts, [4, 5, 6], FILE
    )
    assert (found.speakers, lines) == ([0, 0, 1, 1, 0, 1], [])
    review = Review.model_validate({"turn": [{"at": 3, "words": "met jessie pollock", "to": 6}]})
    found, lines = reassignment.apply(
        review.changes(()), voices(words, speakers, 2), words, texts, [4, 5, 6], FILE
    )
    assert (found.speakers, lines) == ([0, 1, 1, 1, 0, 1], [])


def test_scripts_without_spaces_move_by_words_too() -> None:
    words = [Word(text=char, start=n / 2, end=n / 2 + 0.5) for n, char in enumerate("今日は。「はい」と")]
    found, lines = put_right(voices(words, [0] * 9, 1), words, [{"at": 0, "words": "今日は", "to": "new"}])
    assert (said_by(found, words), lines) == ([(1, "今日は。"), (0, "「はい」と")], [])


def test_somebody_not_heard_elsewhere_is_new_and_never_a_rival() -> None:
    words, speakers = podcast()
    found, lines = put_right(
        voices(words, speakers),
        words,
        [
            {"at": "0:01.2", "to": "new"},
            {"at": "0:04", "to": "new"},
            {"at": "0:09", "to": "new 2"},
            {"at": "0:12", "to": "new 2"},
        ],
    )
    assert lines == []
    assert [speaker for speaker, _ in said_by(found, words)] == [3, 1, 4, 1, 5, 1]
    assert found.labels == [None] * 6
    assert found.fit is not None
    assert found.fit.shape == (len(words), 3)  # a thousand people added cost no thousand columns


@pytest.mark.parametrize(
    ("person", "speaker"),
    [(Person(name="Zoe", at=4.0), 2), (Person(name="zoe", at=1.2), 0), (Person(name="Zoe", at=99.0), None)],
)
def test_a_name_means_whoever_it_is_bound_to(person: Person, speaker: int | None) -> None:
    words, speakers = podcast()
    found, lines = put_right(voices(words, speakers), words, [{"at": "0:06", "to": "Zoe"}], [person])
    if speaker is None:
        assert lines == ["turn: 'Zoe' is bound to 1:39, and nobody speaks there"]
    else:
        assert found.speakers[words.index(next(w for w in words if w.text == " Thank"))] == speaker


def test_a_name_may_be_bound_to_a_label() -> None:
    words, speakers = podcast()
    names = ["SPEAKER_00", "SPEAKER_01", "SPEAKER_02"]
    heard = by_label([w.model_copy(update={"label": names[s]}) for w, s in zip(words, speakers, strict=True)])
    entries: list[dict[str, object]] = [
        {"merge": ["SPEAKER_02", "SPEAKER_01"]},
        {"at": "0:01.2", "to": "Pieter"},
    ]
    found, lines = put_right(heard, words, entries, [Person(name="Pieter", label="Speaker_01")])
    assert lines == []
    assert found.speakers[0] == found.speakers[words.index(words[9])]


def test_moments_mean_who_was_heard_before_any_entry() -> None:
    """Jonas's turn goes to Pieter and Pieter's to Jonas: neither entry sees the other's work."""
    words, speakers = podcast()
    there = [{"at": "0:01.2", "to": "0:04"}, {"at": "0:04", "to": "0:01.2"}]
    found, _ = put_right(voices(words, speakers), words, there)
    back, _ = put_right(voices(words, speakers), words, there[::-1])
    assert found.speakers == back.speakers
    assert [speaker for speaker, _ in said_by(found, words)][:3] == [2, 1, 0]


def separate(truth: Sequence[int], at: Sequence[int]) -> VoiceSplitter:
    """Ears that know who speaks each word; `at` are the speakers of the moments, in order."""

    def fit(words: Sequence[int], moments: Sequence[float]) -> NDArray[np.float64]:
        assert len(moments) == len(at)
        return np.array([[0.8 if truth[n] == speaker else 0.3 for speaker in at] for n in words])

    def path(fit: NDArray[np.float64], words: Sequence[Word], ends: Sequence[int]) -> list[int]:
        assert len(fit) == len(words) == ends[-1]
        return [int(best) for best in fit.argmax(axis=1)]

    return VoiceSplitter(fit, path)


def test_one_voice_is_parted_into_the_people_of_the_moments() -> None:
    words, truth = podcast()
    heard = voices(words, [0 if speaker == 2 else speaker for speaker in truth])
    found, lines = put_right(heard, words, [{"split": ["0:01.2", "0:12"]}], hearing=separate(truth, [0, 2]))
    assert lines == []
    assert found.speakers == [{0: 0, 1: 1, 2: 3}[speaker] for speaker in truth]
    assert found.fit is not None
    own, other = truth.index(2), truth.index(1)
    assert found.fit[own].tolist() == [0.3, 0.1, 0.1, 0.8]
    assert found.fit[other].tolist() == [0.1, 0.7, 0.1, 0.1]


def test_sentences_of_a_voice_end_where_others_speak() -> None:
    words, truth = podcast()
    heard = voices(words, [0 if speaker == 2 else speaker for speaker in truth])
    given: list[list[int]] = []

    def path(fit: NDArray[np.float64], said: Sequence[Word], ends: Sequence[int]) -> list[int]:
        given.append(list(ends))
        return [int(best) for best in fit.argmax(axis=1)]

    ears = replace(separate(truth, [0, 2]), path=path)
    put_right(heard, words, [{"split": ["0:01.2", "0:12"]}], hearing=ears)
    # "to the podcast | Hello … Jonas | So far … had | That's … me": without punctuation, at the pause
    assert given == [[4, 8, 16, 27]]


def test_a_second_split_parts_what_the_first_left_together() -> None:
    words, truth = podcast()
    heard = voices(words, [0] * len(words), 1)

    def fit(said: Sequence[int], moments: Sequence[float]) -> NDArray[np.float64]:
        at = [{1.2: 0, 4.0: 2, 6.0: 1}[moment] for moment in moments]
        return np.array([[0.8 if truth[n] == speaker else 0.3 for speaker in at] for n in said])

    ears = replace(separate(truth, [0]), separate=fit)
    entries = [{"split": ["0:01.2", "0:04"]}, {"split": ["0:01.2", "0:06"]}, {"split": ["0:04", "0:06"]}]
    found, lines = put_right(heard, words, entries, hearing=ears)
    assert lines == []
    assert len(set(zip(found.speakers, truth, strict=True))) == 3


def test_a_turn_parted_by_a_split_moves_only_as_far_as_it_reaches() -> None:
    words, _ = podcast()
    truth = [0] * 10 + [1] * (len(words) - 10)
    heard = voices(words, [0] * len(words), 1)
    entries: list[dict[str, object]] = [{"split": ["0:01.2", "0:20"]}, {"at": "0:16", "to": "new"}]
    found, lines = put_right(heard, words, entries, hearing=separate(truth, [0, 1]))
    assert (lines, found.speakers) == ([], [0] * 10 + [2] * (len(words) - 10))


UNMATCHED: list[tuple[dict[str, object], str]] = [
    ({"merge": ["0:01.2", "5:00"]}, "merge: nobody speaks at 5:00"),
    (
        {"merge": ["0:01.2", "Zoe"]},
        "merge: 'Zoe' is no label here, and no name bound to a moment or label; say when they speak",
    ),
    ({"merge": ["0:01.2", "0:09"]}, "merge: 0:01 and 0:09 are one speaker already"),
    ({"split": ["0:01.2", "0:01.2"]}, "split: 0:01 is one moment; give one of each speaker"),
    ({"split": ["0:01.2", "0:04"]}, "split: 0:01 and 0:04 are different speakers already"),
    ({"split": ["0:01.2", "5:00"]}, "split: nobody speaks at 5:00"),
    ({"split": ["0:01.2", "0:09"]}, "split: no recording is listened to, so 0:01 and 0:09 stay as they are"),
    ({"at": "12:34", "to": "0:01.2"}, "turn: nobody speaks at 12:34"),
    ({"at": "0:01.2", "to": "12:34"}, "turn: nobody speaks at 12:34"),
    (
        {"at": "0:01.2", "to": "Zoe"},
        "turn: 'Zoe' is no label here, and no name bound to a moment or label; say when they speak",
    ),
    ({"at": "0:01.2", "words": "zebra", "to": "new"}, "turn: 'zebra' is not said near 0:01"),
    ({"at": "0:01.2", "words": "...", "to": "new"}, "turn: '...' is not said near 0:01"),
    ({"at": "1:01", "words": "guest", "to": "new"}, "turn: 'guest' is not said near 1:01"),
]


@pytest.mark.parametrize(("entry", "line"), UNMATCHED)
def test_what_matches_nothing_is_listed_and_changes_nothing(entry: Mapping[str, object], line: str) -> None:
    words, speakers = podcast()
    found, lines = put_right(voices(words, speakers), words, [entry])
    assert lines == [line]
    assert found.speakers == speakers
    assert found.settled == frozenset()


def test_voices_that_cannot_be_told_apart_are_listed() -> None:
    words, speakers = podcast()
    deaf = replace(separate(speakers, [0, 0]), separate=lambda said, moments: None)
    for ears, why in ((deaf, "what is heard at"), (separate(speakers, [0, 0]), "sound like one voice")):
        found, lines = put_right(
            voices(words, speakers), words, [{"split": ["0:01.2", "0:09"]}], hearing=ears
        )
        assert found.speakers == speakers
        assert len(lines) == 1
        assert why in lines[0]


def test_a_transcript_without_times_is_matched_by_label_only() -> None:
    words = transcripts.read(PANEL).words
    heard = by_label(words)
    entries: list[dict[str, object]] = [
        {"merge": ["Mark Erhardt", "Zoe"]},
        {"merge": ["0:01", "Mark Erhardt"]},
        {"split": ["0:01", "0:04"]},
        {"at": "0:01", "to": "Mark Erhardt"},
        {"at": "0:01", "words": "Welcome everyone", "to": "Mark Erhardt"},
    ]
    found, lines = put_right(heard, words, entries)
    assert found.speakers == heard.speakers
    assert lines == [
        "merge: 'Zoe' is no label here, and no name bound to a moment or label; "
        "labels: 'Mike Schmidt', 'Mark Erhardt', 'Tadge Dryja'",
        "merge: the transcript has no times, so nobody is found at 0:01",
        "split: the transcript has no times, so nobody is found at 0:01",
        "turn: the transcript has no times, so nobody is found at 0:01",
        "turn: the transcript has no times, so 'Welcome everyone' is not looked for",
    ]


def test_a_transcript_that_times_its_turns_only_is_matched_inside_them() -> None:
    words = [
        Word(text=" Hi", label="Ann", start=10.0),
        *[Word(text=" there", label="Ann")] * 9,
        Word(text=" No", label="Bob", start=70.0),
        *[Word(text=" way", label="Bob")] * 3,
    ]
    found, lines = put_right(by_label(words), words, [{"at": "0:40", "to": "Bob"}])
    assert (set(found.speakers), lines) == ({1}, [])


def test_a_moment_in_silence_moves_nobody() -> None:
    """What is put right is in doubt no more, so nothing is moved by a guess."""
    words, speakers = podcast()
    end = words[-1].end or 0.0
    found, lines = put_right(voices(words, speakers), words, [{"at": end + 3, "to": "new"}])
    assert found.speakers == list(speakers)
    assert lines[0].startswith("turn: nobody speaks at ")


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("0:03", "Hello John and Jonas"),
        (2.93, "Hi Pieter"),  # a pause: the nearest
        ("0:11", "That's an amazing honor Thank you so much for having me"),  # a clock: begins within it
        (10.6, "So far the most important guest we've had"),
        (
            "0:24",
            "We're here to talk about Bitcoin and Bitcoin Core development "
            "We have Pieter Wuille as our guest",
        ),
    ],
)
def test_a_moment_means_the_turn_that_begins_or_goes_on_then(moment: object, text: str) -> None:
    words, speakers = podcast()
    found, _ = put_right(voices(words, speakers), words, [{"at": moment, "to": "new"}])
    assert (3, text) in said_by(found, words)


# Moments well inside of turns, with a fraction: a whole second may also mean what begins within it.
LASTING: list[dict[str, object]] = [
    {"merge": ["0:04.4", "0:16.5"]},
    {"at": "1:12.5", "to": "0:50.5"},
    {"at": "0:26.5", "words": "first guest", "to": "new"},
]


@given(
    shift=st.floats(-1, 1),
    seed=st.integers(0, 1000),
    order=st.permutations(range(3)),
    later=st.booleans(),
)
def test_entries_mean_the_same_after_a_new_transcription(
    shift: float, seed: int, order: list[int], later: bool
) -> None:
    """Times shift, clusters are renumbered, the opening is heard in more words: the same words move."""
    words, speakers = podcast(slower=4)
    first, _ = put_right(voices(words, speakers), words, LASTING)
    moved = []
    for word, by in zip(words, np.random.default_rng(seed).uniform(-0.1, 0.1, len(words)), strict=True):
        start, end = (max(0.0, (time or 0) + shift + by) for time in (word.start, word.end))
        moved.append(word.model_copy(update={"start": start, "end": end}))
    more = [Word(text=" Um,", start=0.0, end=0.05)] * 3 if later else []
    renumbered = [order[0]] * len(more) + [order[speaker] for speaker in speakers]
    second, lines = put_right(voices([*more, *moved], renumbered), [*more, *moved], LASTING)
    assert lines == []
    assert second.settled == {n + len(more) for n in first.settled}
    pairs = set(zip(first.speakers, second.speakers[len(more) :], strict=True))
    assert len(pairs) == len(set(first.speakers)) == len(set(second.speakers))


MOMENTS = st.one_of(st.floats(0, 40), st.integers(0, 40), st.sampled_from(["0:03", "9:00:00"]))
WHO = st.one_of(MOMENTS, st.sampled_from(["Ann", "bob", "Zoe", "new", "new 1", "nobody"]))
ENTRIES = st.lists(
    st.one_of(
        st.fixed_dictionaries({"merge": st.lists(WHO, min_size=2, max_size=4)}),
        st.fixed_dictionaries({"split": st.lists(MOMENTS, min_size=2, max_size=4)}),
        st.fixed_dictionaries(
            {"at": MOMENTS, "to": WHO},
            optional={"words": st.sampled_from(["yes", "no way", ".", "yes yes", "so. no", "x"])},
        ),
    ),
    max_size=6,
)
WORDS = st.lists(
    st.tuples(
        st.sampled_from([" yes", " no", " way.", ".", "", " so.", "話"]),
        st.sampled_from([None, "Ann", "Bob"]),
        st.one_of(st.none(), st.floats(0, 5)),
        st.one_of(st.none(), st.floats(0, 2)),
    ),
    max_size=20,
)


@given(WORDS, ENTRIES, st.integers(0, 3))
def test_no_entry_raises_and_every_word_keeps_a_speaker(
    said: list[tuple[str, str | None, float | None, float | None]],
    entries: list[dict[str, object]],
    count: int,
) -> None:
    clock, words = 0.0, []
    for text, label, pause, length in said:
        clock += pause or 0.0
        start = None if pause is None else clock
        end = None if length is None else clock + length
        words.append(Word(text=text, label=label, start=start, end=end))
    ears = separate([n % 2 for n in range(len(words))], [0, 1])

    def fit(own: Sequence[int], moments: Sequence[float]) -> NDArray[np.float64]:
        return np.array([[(n * 7 + k * 3) % 5 for k in range(len(moments))] for n in own], float)

    heard = voices(words, [n % count for n in range(len(words))], count) if count else by_label(words)
    people = [Person(name="Zoe", at=3.0), Person(name="Ann", label="Bob")]
    hearing = replace(ears, separate=fit) if count % 2 else None
    found, lines = put_right(heard, words, entries, people, hearing)
    assert len(found.speakers) == len(words)
    assert all(0 <= speaker < len(found.labels) for speaker in found.speakers)
    assert found.settled <= set(range(len(words)))
    assert all(line.split(":")[0] in ("merge", "split", "turn") for line in lines)
    if found.fit is not None:
        rows, columns = found.fit.shape[:2]  # somebody added has no column, but words that are settled
        assert rows == len(words)
        assert all(who < columns or n in found.settled for n, who in enumerate(found.speakers))
    if not entries:
        assert (found, lines) == (heard, [])
