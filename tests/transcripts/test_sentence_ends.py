from __future__ import annotations

from pipeline.records import Word
from pipeline.transcripts import sentence_ends


def words(text: str, label: str | None = None) -> list[Word]:
    return [Word(text=f" {token}", label=label) for token in text.split()]


def split(spoken: list[Word], language: str = "en") -> list[str]:
    texts = [word.text for word in spoken]
    ends = sentence_ends.ends(spoken, texts, language)
    starts = [0, *ends]
    return ["".join(texts[a:b]).strip() for a, b in zip(starts, ends, strict=False)]


def test_abbreviations_and_numbers_do_not_end_a_sentence() -> None:
    assert split(words("Mr. Smith paid 3.5 coins. Did he? Yes, e.g. Monday.")) == [
        "Mr. Smith paid 3.5 coins.",
        "Did he?",
        "Yes, e.g. Monday.",
    ]


def test_a_new_label_ends_a_sentence() -> None:
    assert split([*words("I was about to", "Ann"), *words("say so.", "Bob")]) == ["I was about to", "say so."]


def test_a_run_on_is_cut_at_its_longest_pause() -> None:
    spoken = [Word(text=" word", start=i * 0.5, end=i * 0.5 + 0.4) for i in range(70)]
    spoken += [Word(text=" word", start=50 + i * 0.5, end=50 + i * 0.5 + 0.4) for i in range(60)]
    assert [len(part.split()) for part in split(spoken)] == [70, 60]


def test_no_words_give_no_sentences() -> None:
    assert split([]) == []


def test_a_long_sentence_that_a_person_wrote_is_left_whole() -> None:
    assert len(split(words("so " * 200 + "there."))) == 1
    cue = words("so " * 200 + "there.")
    cue = [cue[0].model_copy(update={"start": 0.0}), *cue[1:-1], cue[-1].model_copy(update={"end": 60.0})]
    assert len(split(cue)) == 1


def recognised(tokens: list[str]) -> list[Word]:
    return [
        Word(text=token, start=i * 0.5, end=i * 0.5 + 0.5, probability=0.9) for i, token in enumerate(tokens)
    ]


def test_scripts_without_spaces_may_have_twice_as_many_words() -> None:
    assert len(split(recognised(["あ"] * 160), "ja")) == 1
    tokens = ["あ"] * 200
    tokens[120] = "、"
    assert [len(part) for part in split(recognised(tokens), "ja")] == [121, 79]


def test_many_words_without_any_pause_are_cut_into_sentences_with_ids_in_order() -> None:
    spoken = recognised([" so"] * 20_000)
    found = sentence_ends.ends(spoken, [word.text for word in spoken], "en")
    assert found == sorted(set(found))
    assert found[-1] == len(spoken)
    assert max(b - a for a, b in zip([0, *found], found, strict=False)) <= sentence_ends.MAX_RECOGNISED_WORDS
