from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Word
from pipeline.text import tokens
from pipeline.transcripts.sentences import sentence_ends, unpunctuated


def words(text: str, label: str | None = None) -> list[Word]:
    return [Word(text=f" {token}", label=label) for token in text.split()]


def cue(text: str, start: float, end: float, label: str | None = None) -> list[Word]:
    """A caption: its first word has its start, its last its end."""
    first, *others = words(text, label)
    cue = [first.model_copy(update={"start": start}), *others]
    return [*cue[:-1], cue[-1].model_copy(update={"end": end})]


def split(spoken: list[Word], language: str = "en") -> list[str]:
    texts = [word.text for word in spoken]
    ends = sentence_ends.ends(spoken, texts, language)
    return ["".join(texts[a:b]).strip() for a, b in pairwise([0, *ends])]


def recognised(tokens: list[str], seconds: float = 0.5) -> list[Word]:
    return [
        Word(text=token, start=i * seconds, end=(i + 1) * seconds, probability=0.9)
        for i, token in enumerate(tokens)
    ]


def test_a_new_label_ends_a_sentence() -> None:
    assert split([*words("I was about to", "Ann"), *words("say so.", "Bob")]) == ["I was about to", "say so."]


def test_no_words_give_no_sentences() -> None:
    assert split([]) == []


def test_a_long_silence_between_cues_ends_a_sentence() -> None:
    assert split([*cue("We had to", 0, 1), *cue("wait there.", 3.1, 4)]) == ["We had to", "wait there."]
    assert split([*cue("We had to", 0, 1), *cue("wait there.", 2.9, 4)]) == ["We had to wait there."]


def test_a_long_silence_between_words_ends_a_sentence() -> None:
    spoken = recognised([" We", " had", " to", " wait", " there."])
    late = [w.model_copy(update={"start": (w.start or 0) + 2, "end": (w.end or 0) + 2}) for w in spoken[3:]]
    assert split([*spoken[:3], *late]) == ["We had to", "wait there."]


def test_where_each_word_has_a_start_alone_a_long_silence_is_seen() -> None:
    spoken = [
        Word(text=f" {text}", start=at) for text, at in (("We", 0), ("had", 0.4), ("to", 3.5), ("go.", 4))
    ]
    assert split(spoken) == ["We had", "to go."]


def test_a_stamp_for_a_turn_tells_of_no_silence() -> None:
    first, second = words("We had to wait", "Ann"), words("for an hour.", "Ann")
    stamped = [first[0].model_copy(update={"start": 0.0}), *first[1:]]
    stamped += [second[0].model_copy(update={"start": 60.0}), *second[1:]]
    assert split(stamped) == ["We had to wait for an hour."]


def test_a_pause_shows_that_a_name_in_small_letters_begins_a_sentence() -> None:
    written = "It was hard. callebtc wrote it. We read it. They like it. It is new."
    assert split(words(written))[0] == "It was hard. callebtc wrote it."
    assert split([*cue("It was hard.", 0, 1), *cue(written[13:], 2.2, 9)])[:2] == [
        "It was hard.",
        "callebtc wrote it.",
    ]


def test_text_in_small_letters_has_sentences_by_its_full_stops() -> None:
    text = "ok. so we wait. then, e.g. the next day, we go. is it far? no. it is not."
    assert len(split(words(text))) == 6
    ann, bob = words(text, "Ann"), words("I see. It is not far. We can go. You can stay, e.g. here.", "Bob")
    assert [len(split(said)) for said in (ann, bob, ann + bob)] == [6, 4, 10]


def test_a_sentence_ends_within_a_word() -> None:
    spoken = [Word(text=token) for token in tokens(" That is OK.So we went to Node.js then.I stayed.")]
    assert split(spoken) == ["That is OK.", "So we went to Node.js then.", "I stayed."]


# Without punctuation.

HARBOUR = (
    "welcome to the harbour show today we talk about who pays for the dredging of the old harbour and "
    "whether it should stay public thank you for having me i have run the port for ten years and i have "
    "never seen fees as low as they are now the port fees cover most of the dredging already but last "
    "winter the council had to pay two million out of its own budget so what would you change about the "
    "fees i would charge by depth"
)


def test_text_without_punctuation_is_cut_where_clauses_begin() -> None:
    found = split(words(HARBOUR))
    assert max(len(part.split()) for part in found) <= unpunctuated.LONGEST_WORDS
    starts = {part.split()[0] for part in found}
    assert {"i", "but", "so"} <= starts
    assert not {part.split()[-1] for part in found} & {"the", "of", "and", "to", "a", "its"}


GERMAN = (
    "wir haben den hafen zehn jahre lang geführt und die gebühren waren nie so niedrig wie jetzt aber im "
    "letzten winter musste die stadt zwei millionen aus der eigenen kasse zahlen weil der sturm den kanal "
    "gefüllt hat"
)


def test_in_other_languages_too() -> None:
    found = split(words(f"{GERMAN} {GERMAN}"), "de")
    assert max(len(part.split()) for part in found) <= unpunctuated.LONGEST_WORDS
    assert {part.split()[0] for part in found} <= {"wir", "und", "aber", "weil"}


def test_text_without_punctuation_is_cut_at_pauses() -> None:
    spoken = recognised([f" word{i}" for i in range(70)])
    for pause in (20, 45):
        spoken[pause:] = [
            w.model_copy(update={"start": (w.start or 0) + 1, "end": (w.end or 0) + 1})
            for w in spoken[pause:]
        ]
    ends = sentence_ends.ends(spoken, [word.text for word in spoken], "en")
    assert {20, 45, 70} <= set(ends)


def test_one_speaker_without_punctuation_is_cut_and_no_other() -> None:
    long = "I think, as you do, that it is so, " * 5 + "and that is it."
    ann, bob = words(HARBOUR, "Ann"), words(long, "Bob")
    texts = [word.text for word in ann + bob]
    assert unpunctuated.find(ann + bob, texts) == frozenset(range(len(ann)))
    assert split(ann + bob)[-1] == long
    assert len(split(ann + bob)) == len(split(ann)) + 1


def test_a_part_without_punctuation_is_cut_and_no_other() -> None:
    before = words("So, this is it, as we said. It is, I think, good. " * 20)
    spoken = [*before, *words(HARBOUR), *words("Well. This is the end, then.")]
    found = unpunctuated.find(spoken, [word.text for word in spoken])
    assert min(found) == len(before)
    assert split(spoken)[:3] == [
        "So, this is it, as we said.",
        "It is, I think, good.",
        "So, this is it, as we said.",
    ]


def test_few_words_without_punctuation_show_nothing() -> None:
    spoken = [*words("I think so, yes. It was good, as you said.", "Ann"), *words("yeah right", "Bob")]
    assert unpunctuated.find(spoken, [word.text for word in spoken]) == frozenset()


def test_scripts_without_spaces_may_have_twice_as_many_characters() -> None:
    comma = [*["あ"] * 40, "、"]
    assert len(split(recognised(comma * 3), "ja")) == 1
    assert max(map(len, split(recognised(["あ"] * 200), "ja"))) <= 2 * unpunctuated.LONGEST_WORDS


def test_a_long_sentence_that_a_person_wrote_is_left_whole() -> None:
    written = ("so it goes, " * 70) + "there."
    assert len(split(words(written))) == 1
    assert len(split(cue(written, 0, 60))) == 1


def test_a_recogniser_s_run_on_is_cut_after_commas() -> None:
    spoken = recognised([f" {token}" for token in ("so", "we", "had", "to,", "well,", "wait", "and,") * 20])
    found = split(spoken)
    assert max(len(part.split()) for part in found) <= sentence_ends.MAX_RECOGNISED_WORDS


def test_many_words_without_any_pause_are_cut_into_sentences_with_ids_in_order() -> None:
    spoken = recognised([" so"] * 20_000)
    found = sentence_ends.ends(spoken, [word.text for word in spoken], "en")
    assert found == sorted(set(found))
    assert found[-1] == len(spoken)
    assert max(b - a for a, b in pairwise([0, *found])) <= unpunctuated.LONGEST_WORDS


@pytest.mark.parametrize("language", ["en", "de", "ja", "da"])
@given(st.data())
def test_ends_part_the_words(language: str, data: st.DataObject) -> None:
    token = st.sampled_from(
        [
            "",
            " so",
            " I",
            " Dr.",
            " 5.",
            ' "Yes',
            ' no."',
            " (a",
            " b)",
            "。",
            "「",
            "あ",
            " …",
            " ?",
            " 1.",
            " «",
            " »",
            " e.g.",
        ]
    )
    labels = st.sampled_from([None, "Ann", "Bob"])
    times = st.one_of(st.none(), st.floats(0, 1e6))
    spoken = data.draw(
        st.lists(st.builds(Word, text=token, label=labels, start=times, end=times), max_size=90)
    )
    found = sentence_ends.ends(spoken, [word.text for word in spoken], language)
    assert found == sorted(set(found))
    assert (found[-1:] == [len(spoken)]) if spoken else not found
    assert all(0 < end <= len(spoken) for end in found)


def test_a_pause_is_seen_where_each_word_has_a_start_alone() -> None:
    starts = [i * 0.4 + (1.5 if i >= 30 else 0) for i in range(60)]
    spoken = [Word(text=f" w{i}", start=start) for i, start in enumerate(starts)]
    assert 30 in sentence_ends.ends(spoken, [word.text for word in spoken], "en")
