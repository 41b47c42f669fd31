"""The extractive writer on real transcripts: what must hold of every post, and how sentences are judged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import sentencex

from pipeline.records import Sentence, Speaker, Takeaways, Turn, Turns
from pipeline.takeaways.extractive import ExtractiveWriter
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.extractive.headings import is_asserted, slices
from pipeline.takeaways.extractive.phrases import noun_phrases
from pipeline.takeaways.extractive.quotes import quality
from pipeline.takeaways.extractive.themes import segment
from pipeline.takeaways.language.sentences import (
    JUNK,
    Language,
    SpokenSentence,
    analyse,
    count_openers,
    dangling,
    tokens_of,
)
from pipeline.workspace.sidecar import Facts
from tests.support import DATA

TALKS = sorted((DATA / "bitcoinops").glob("*.json"))
PODCAST = max(TALKS, key=lambda path: path.stat().st_size)  # 8,800 words, seven speakers
WRITER = ExtractiveWriter()

GREETINGS = "Welcome everyone to the show. Hi, I'm Ann Lee, and thanks so much for joining us today."
SPONSOR = (
    "This episode is brought to you by Acme Mattresses. They make the best mattresses that "
    "matter to sleepers. "
    "Go to acme.com and use the promo code SLEEP for ten percent off."
)
GERMAN = [
    (
        "A",
        "Offene Software macht die Verwaltung unabhängig von Anbietern. Viele Städte zahlen jedes "
        "Jahr Millionen "
        "für Lizenzen, die sie nicht brauchen. Der Umstieg scheitert selten an der Technik.",
    ),
    (
        "B",
        "Sicherheit entsteht durch Überprüfung durch viele Augen. Geschlossene Systeme verstecken "
        "ihre Fehler "
        "nur. Behörden sollten ihre eigenen Fachleute ausbilden, statt alles auszulagern.",
    ),
]
JAPANESE = [
    ("A", "小さなモデルは誰でも動かせるので重要です。大きなモデルは高価な機械が必要です。"),
    ("B", "一度公開した技術は取り戻せません。だから公開する前に価値観を組み込む必要があります。"),
]


def turns_of(rows: Sequence[tuple[str, str]], language: str = "en", **fields: object) -> Turns:
    """Turns out of (speaker, text); `fields` are set on every sentence."""
    ids: dict[str, str] = {}
    turns, word = [], 0
    for number, (name, text) in enumerate(rows):
        speaker, sentences = ids.setdefault(name, f"S{len(ids) + 1}"), []
        for piece in (p.strip() for p in sentencex.segment(language, text)):
            last = word + max(1, len(piece.split()))
            made = {"id": f"s{word}", "text": piece, "speaker": speaker, "words": (word, last)} | fields
            sentences.append(Sentence.model_validate(made))
            word = last
        turns.append(Turn(id=f"t{number}", speaker=speaker, sentences=tuple(sentences)))
    speakers = tuple(Speaker(id=made, source="label", evidence=name) for name, made in ids.items())
    return Turns(language=language, speakers=speakers, turns=tuple(turns))


@cache
def talk(path: Path) -> tuple[Turns, Takeaways]:
    turns = turns_of([(t["speaker"], t["text"]) for t in json.loads(path.read_text("utf-8"))["turns"]])
    return turns, WRITER.write(turns, Facts())


def said(text: str, language: str = "en") -> SpokenSentence:
    turns = turns_of([("A", text)], language)
    return analyse(turns, Language.of(turns))[0]


def headings_in(text: str) -> set[str]:
    """Every heading that could be cut from a sentence."""
    one = said(text)
    found = slices(0, one, {}, Language(True, frozenset()))
    return {text[piece.start : piece.end].lower() for piece in found}


def check(turns: Turns, takeaways: Takeaways) -> None:
    """What holds of every post, whatever the talk."""
    order = {s.id: (number, s) for number, s in enumerate(turns.sentences())}
    seen: list[int] = []
    for theme in takeaways.themes:
        assert theme.source is not None
        assert theme.heading.lower() in order[theme.source][1].text.lower()
        assert theme.heading[:1] == theme.heading[:1].upper()
        places = [[order[i][0] for i in quote.sentences] for quote in theme.quotes]
        flat = [place for quote in places for place in quote]
        assert flat == sorted(set(flat))
        assert 1 <= len(flat) <= 4
        seen += flat
        for quote, place in zip(theme.quotes, places, strict=True):
            assert place == list(range(place[0], place[-1] + 1))
            assert {order[i][1].speaker for i in quote.sentences} == {quote.speaker}
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("path", TALKS, ids=lambda path: path.stem)
def test_a_post_says_only_what_was_said(path: Path) -> None:
    check(*talk(path))


@pytest.mark.parametrize("path", TALKS, ids=lambda path: path.stem)
def test_a_podcast_has_three_to_seven_themes_and_a_title(path: Path) -> None:
    turns, takeaways = talk(path)
    spoken = " ".join(s.text for s in turns.sentences()).lower()
    assert 3 <= len(takeaways.themes) <= 7
    assert takeaways.title.lower() in spoken
    assert takeaways.dek
    assert takeaways.notes == ()
    assert len({theme.heading for theme in takeaways.themes}) == len(takeaways.themes)


@pytest.mark.parametrize("path", TALKS, ids=lambda path: path.stem)
def test_quotes_are_whole_and_stand_alone(path: Path) -> None:
    turns, takeaways = talk(path)
    texts = {s.id: s.text for s in turns.sentences()}
    for quote in (q for theme in takeaways.themes for q in theme.quotes):
        opening = texts[quote.sentences[0]]
        assert dangling(tokens_of(opening)[0]) < 1.0, opening
        for text in (texts[i] for i in quote.sentences):
            assert not JUNK.search(text), text
            assert text.rstrip("\"')").endswith((".", "!", "?")), text
            assert 3 <= len(text.split()) <= 60, text


@pytest.mark.parametrize("path", TALKS, ids=lambda path: path.stem)
def test_headings_are_short_clear_and_not_junk(path: Path) -> None:
    for theme in talk(path)[1].themes:
        assert len(theme.heading) <= 90
        assert len(theme.heading.split()) <= 10
        assert not JUNK.search(theme.heading)
        assert dangling(tokens_of(theme.heading)[0]) == 0.0


def test_more_than_one_speaker_is_heard() -> None:
    _, takeaways = talk(PODCAST)
    voices = [{quote.speaker for quote in theme.quotes} for theme in takeaways.themes]
    assert sum(len(heard) > 1 for heard in voices) >= len(voices) / 2
    assert len(set().union(*voices)) >= 3


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Small models cut costs, improve battery life.", {"small models", "battery life"}),
        ("Small models, cheap laptops.", {"small models", "cheap laptops"}),
        ("They paid for cloud servers - bought fast hardware.", {"cloud servers", "fast hardware"}),
    ],
)
def test_a_noun_phrase_after_a_mark_begins_with_no_verb(text: str, phrases: set[str]) -> None:
    assert {phrase for _, phrase in noun_phrases([said(text)], {}, [0])} == phrases


def test_the_same_talk_gives_the_same_bytes() -> None:
    turns, takeaways = talk(TALKS[0])
    assert ExtractiveWriter().write(turns, Facts()).model_dump_json() == takeaways.model_dump_json()


def test_greetings_and_sponsors_are_no_theme() -> None:
    document = [
        (t["speaker"], t["text"])
        for t in json.loads(PODCAST.read_text("utf-8"))["turns"]
        if len(t["text"]) > 400
    ]
    turns = turns_of([("A", GREETINGS), *document[:6], ("A", SPONSOR), *document[6:12], ("A", GREETINGS)])
    takeaways = WRITER.write(turns, Facts())
    check(turns, takeaways)
    texts = {s.id: s.text for s in turns.sentences()}
    quoted = " ".join(texts[i] for theme in takeaways.themes for q in theme.quotes for i in q.sentences)
    assert "mattress" not in quoted + takeaways.title + takeaways.dek
    assert "joining us" not in quoted


def test_a_section_of_nothing_but_greetings_has_no_quotes_and_is_no_reason_to_fail() -> None:
    rows = (
        ("Ann", "Hello everyone."),
        ("Bob", "We build engines for clean rivers."),
        ("Ann", "Bye everyone."),
    )
    document = Document(turns_of(rows), ())
    greetings = [index for index, spoken in enumerate(document.said) if spoken.is_junk]
    section = document.section(document.topic(greetings))
    assert (len(greetings), section.quotes) == (2, ())
    assert document.heading(section)[1] == document.said[0].sentence.id


def test_an_unsure_speaker_is_not_quoted_if_others_say_it_too() -> None:
    rows = [
        ("A", "Small models matter because everyone can run them on a laptop."),
        ("B", "A licence is a promise."),
    ]
    sure, unsure = turns_of(rows), turns_of(rows, margin=0.01)
    english = Language(True, frozenset())
    first, second = (analyse(t, english)[0] for t in (sure, unsure))
    assert quality(second, english) < quality(first, english) - 0.2


@pytest.mark.parametrize(("rows", "language"), [(GERMAN, "de"), (JAPANESE, "ja")], ids=["de", "ja"])
def test_another_language_works_and_says_so(rows: list[tuple[str, str]], language: str) -> None:
    turns = turns_of(rows, language)
    takeaways = WRITER.write(turns, Facts())
    check(turns, takeaways)
    assert takeaways.themes
    assert any("English" in note for note in takeaways.notes)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [("A", "Yeah. Um, okay. Right."), ("B", "Thank you so much for joining us today.")],
        [("A", "...")],
    ],
    ids=["empty", "filler", "dots"],
)
def test_nothing_said_gives_no_themes_and_a_reason(rows: list[tuple[str, str]]) -> None:
    takeaways = WRITER.write(turns_of(rows), Facts())
    assert takeaways.themes == ()
    assert any("too little" in note for note in takeaways.notes)


@pytest.mark.parametrize(
    "text",
    [
        "Small models matter because everyone can run them.",
        "It does.",
        "They said that it would be like that, but it never was.",
        "word " * 400,
        "no marks and no capitals at all in this recording of somebody reading out a list of trees "
        "and rivers",
    ],
    ids=["sentence", "short", "hanging", "endless", "unmarked"],
)
def test_a_single_sentence_is_no_reason_to_fail(text: str) -> None:
    turns = turns_of([("A", text)])
    check(turns, WRITER.write(turns, Facts()))


def test_one_speaker_who_announces_a_new_topic() -> None:
    text = (
        "Open models need to be small. A laptop is the computer that people own. Memory sets the "
        "limits for local "
        "models. We measured the energy of one answer on five machines. Moving on to licences. A "
        "licence is a "
        "promise about tomorrow. Developers build on a project when they trust that the licence "
        "will not change. "
        "Most stories of a changed licence end with a fork of the project."
    )
    turns = turns_of([("A", text)])
    takeaways = WRITER.write(turns, Facts(glossary=("licence",)))
    check(turns, takeaways)
    assert len(takeaways.themes) == 2


def test_segments_part_where_the_vectors_do() -> None:
    turns = turns_of([("A", "One two three four five six seven eight nine ten eleven twelve. " * 40)])
    vectors = np.zeros((40, 4), dtype=np.float32)
    vectors[:15, 0] = vectors[15:, 1] = 1.0
    assert segment(analyse(turns, Language.of(turns)), vectors) == [0, 15]


def test_segments_part_where_other_people_speak() -> None:
    rows = [(name, "Nine plain words that say nothing of any topic.") for name in "ABABABABAB" * 3]
    rows += [(name, "Nine plain words that say nothing of any topic.") for name in "CDCDCDCDCD" * 3]
    turns = turns_of(rows)
    vectors = np.tile(np.array([[1.0, 0.0]], dtype=np.float32), (60, 1))
    assert 30 in segment(analyse(turns, Language.of(turns)), vectors)


def test_a_talk_that_never_changes_is_cut_in_like_parts() -> None:
    turns = turns_of([("A", "One two three four five six seven eight nine ten eleven twelve. " * 100)])
    vectors = np.array([[1.0, 0.0], [0.0, 1.0]] * 50, dtype=np.float32)
    first, second = segment(analyse(turns, Language.of(turns)), vectors)
    assert first == 0
    assert 45 <= second <= 55


@pytest.mark.parametrize(
    "text",
    [
        "Next up, we have a question about licences.",
        "We'll now go to Ms. McLeod.",
        "The next questions are from Suzy Davies.",
        "I think it's your turn.",
        "Okay, moving on to the budget.",
    ],
)
def test_a_turn_to_something_new(text: str) -> None:
    assert said(text).opens_topic


@pytest.mark.parametrize("text", ["I'm going to need a laptop.", "We have a licence.", "How about that?"])
def test_common_words_are_no_turn_to_something_new(text: str) -> None:
    assert not said(text).opens_topic


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("It makes them brittle.", 1.0),
        ("So, they pay for that.", 1.0),
        ("This proposal changes fees.", 0.5),
        ("It's important to keep models small.", 0.0),
        ("Developers trust a project when they can fork it.", 0.0),
        ("Those who run a node decide.", 0.0),
    ],
)
def test_dangling(text: str, lost: float) -> None:
    assert dangling(tokens_of(text)[0]) == lost


def test_openers() -> None:
    assert count_openers(tokens_of("Yeah, so I mean, fees went up.")[0]) == 4
    assert count_openers(tokens_of("Fees went up.")[0]) == 0


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        (
            "So I think that small matters in open tech, because nobody owns a data centre.",
            "small matters in open tech",
        ),
        (
            "Well, you know, defaults matter for the network as a whole.",
            "defaults matter for the network as a whole",
        ),
        (
            "It's quite an American thing to say happy holidays.",
            "it's quite an american thing to say happy holidays",
        ),
    ],
)
def test_a_heading_is_a_clause_of_its_own(text: str, heading: str) -> None:
    assert heading in headings_in(text)


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("I don't think that models are dangerous.", "models are dangerous"),
        ("People say that lending money is free.", "lending money is free"),
        ("Models are dangerous, if nobody reads the code.", "models are dangerous"),
        ("You would need this if the network is broken.", "the network is broken"),
    ],
)
def test_a_heading_never_turns_a_sentence_round(text: str, never: str) -> None:
    assert never not in headings_in(text)
    start = text.lower().index(never)
    assert not is_asserted(text, start, start + len(never))


@pytest.mark.parametrize(
    "text",
    [
        "Welcome back to the show.",
        "Thanks so much for joining us, Tadge.",
        "Hi, I'm Ann Lee from the foundation.",
        "See you next week.",
        "Can you hear me now?",
        "Let's jump into the first topic.",
        "Any questions from the audience?",
    ],
)
def test_junk(text: str) -> None:
    assert said(text).is_junk


@pytest.mark.parametrize(
    "text",
    [
        "I'm cool with making the holiday agnostic.",
        "Transactions get into the mempool once peers relay them.",
        "Event listeners leak memory in most browsers.",
        "Users sign up for an account and never return.",
        "The curve drops off after a few hours.",
    ],
)
def test_matter_is_not_junk(text: str) -> None:
    assert not said(text).is_junk
