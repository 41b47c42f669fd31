from __future__ import annotations

from pipeline import corrections, sentences
from pipeline.facts import Fix
from pipeline.records import Word


def words(text: str, label: str | None = None) -> list[Word]:
    return [Word(text=f" {token}", label=label) for token in text.split()]


def split(spoken: list[Word], language: str = "en") -> list[str]:
    texts = [word.text for word in spoken]
    ends = sentences.ends(spoken, texts, language)
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


def test_a_fix_moves_no_index_and_stays_in_its_sentence() -> None:
    spoken = words("I met Jessie Pollock. Then we spoke.")
    texts, unmatched = corrections.apply(
        [Fix.model_validate({"from": "jessie pollock", "to": "Jesse Pollak"})], spoken
    )
    assert unmatched == []
    assert texts == [" I", " met", " Jesse Pollak.", "", " Then", " we", " spoke."]
    assert sentences.ends(spoken, texts, "en") == [4, 7]


def test_a_fix_with_a_moment_takes_the_nearest_match_only() -> None:
    spoken = [
        Word(text=f" {text}", start=at) for text, at in [("bass", 1.0), ("(bass),", 20.0), ("bass", 60.0)]
    ]
    fix = Fix.model_validate({"at": "0:22", "from": "bass", "to": "Base"})
    assert corrections.apply([fix], spoken)[0] == [" bass", " (Base),", " bass"]


def test_a_fix_that_matches_nothing_is_listed() -> None:
    fixes = [
        Fix.model_validate({"from": "zebra", "to": "x"}),
        Fix.model_validate({"at": 500, "from": "bass", "to": "x"}),
    ]
    texts, unmatched = corrections.apply(fixes, [Word(text=" bass", start=1.0)])
    assert texts == [" bass"]
    assert len(unmatched) == 2
    assert "zebra" in unmatched[0]
    assert "500" in unmatched[1]
