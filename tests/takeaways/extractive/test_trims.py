"""What may be left out of a quote: throat-clearing, and never what its meaning hangs on."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines import syntax
from pipeline.takeaways.extractive.trims import is_safe, locate, trim
from pipeline.takeaways.language.sentences import has_clause, tokens_of
from pipeline.text import word_spans
from tests.support.helpers import PANEL

TALKS = sorted(PANEL.parent.glob("*.md"))


def shortened(text: str) -> str:
    words = trim(text)
    first, last = words or (0, None)
    return " ".join(text.split()[first:last])


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Yeah, so this is a fairly minor vulnerability.", "this is a fairly minor vulnerability."),
        ("Right, so yeah, this is a BLIP meaning", "this is a BLIP meaning"),
        ("I mean, privacy work is really important.", "privacy work is really important."),
        ("Um okay , so these are my personal preferences .", "these are my personal preferences ."),
        ("Well, so unilateral exit is possible with this.", "unilateral exit is possible with this."),
        ("It gets more centralized over time, you know.", "It gets more centralized over time,"),
        ("Yeah, so you can run it at home, you know what I mean?", "you can run it at home,"),
    ],
)
def test_throat_clearing_goes(text: str, kept: str) -> None:
    assert shortened(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "Um , maybe I will start with the other one .",
        "So the cost of running it centralizes everything.",
        "And so, it was possible for an attacker to craft a huge chain.",
        "But, yeah, it is hard to get this work funded.",
        "No, I mean, we never shipped that to anyone.",
        "Right now, this is pretty visible to everybody.",
        "Well known people run these nodes, too.",
        "So much of this depends on fees.",
        "Yeah, so that we can see it.",
        "Like many things in research, it takes years.",
        "You know the thing that we built last year.",
        "I think the recipient could use an invoice twice, right?",
        "Yeah, so true.",
        "We can hardly say what it is that we know.",
        "you know",
        "Yeah.",
        "",
    ],
)
def test_what_may_mean_something_stays(text: str) -> None:
    assert trim(text) is None


def test_other_languages_are_left_alone() -> None:
    assert trim("Yeah, so this is a fairly minor vulnerability.", is_english=False) is None


def test_each_end_is_trimmed_only_if_asked() -> None:
    text = "Yeah, so you can run it at home, you know."
    assert trim(text, closing=False) == (2, 10)
    assert trim(text, opening=False) == (0, 8)


def test_of_real_talk_little_is_trimmed_and_what_stays_is_whole() -> None:
    texts = [sentence for path in TALKS for sentence in sentences(path.read_text("utf-8"))]
    cut = [(text, words) for text in texts if (words := trim(text))]
    assert 0.01 * len(texts) < len(cut) < 0.05 * len(texts)
    for text, (first, last) in cut:
        words = text.split()
        lost = " ".join([*words[:first], *words[last:]]).lower()
        assert len(re.findall(r"[\w']+", lost)) <= 5, text
        assert not re.search(r"\b(?:not|no|but|if|maybe|think|said)\b|n't", lost), text
        assert has_clause(tokens_of(" ".join(words[first:last]))[0])


def sentences(text: str) -> list[str]:
    import sentencex

    plain = re.sub(r"(?m)^#.*$|\*\*[^*]+\*\*", "", text)
    return [s for line in plain.splitlines() if line.strip() for s in sentencex.segment("en", line.strip())]


def test_words_are_located_whatever_their_case_and_marks() -> None:
    text = "Well, it\u2019s \u201creally\u201d out there \u2014 out of our hands, once it's out."
    assert locate(text, "it's really out there") == (1, 5)
    assert locate(text, "OUT THERE, out of") == (3, 8)
    assert locate(text, "out of our hands") == (6, 10)
    for words in ("it's", "out", "out there of", "really really", "", "\u2014", "hands once it is out"):
        assert locate(text, words) is None


@given(
    st.lists(st.sampled_from(["We", "ship", "fast,", "\u2014", "and", "\u201clearn.\u201d"]), max_size=8),
    st.data(),
)
def test_what_is_located_is_what_was_named(words: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(words)))
    last = data.draw(st.integers(first, len(words)))
    found = locate(" ".join(words), " ".join(words[first:last]).upper())
    if found:
        assert [w.strip("\u2014") for w in words[slice(*found)] if w != "\u2014"] == [
            w for w in words[first:last] if w != "\u2014"
        ]


SAFE = [
    ("In the end, the node has to fit into a home.", "the node has to fit into a home"),
    ("So the thing is, we ship every week and we learn.", "we ship every week and we learn"),
    ("We built it in May, and everyone was happy with it.", "we built it in May"),
    ("It is the same design decision as in Ethereum, where anyone can run a node.", "It is the same design "
     "decision as in Ethereum"),
    ("It's out there, and you can't take it back.", "you can't take it back"),
]  # fmt: skip
UNSAFE = [
    ("I don't think that open source helps you.", "open source helps you"),
    ("Maybe, we have the team.", "we have the team"),
    ("He said, we never did that in the lab.", "we never did that in the lab"),
    ("If you ship fast, you learn.", "you learn"),
    ("If you ship fast, you learn.", "if you ship fast"),
    ("We built it in May, but nobody used it.", "we built it in May"),
    ("It works on every phone, except on old ones.", "it works on every phone"),
    ("People love it, or so they tell us.", "people love it"),
    ("Had we known, we would have stopped the release.", "we would have stopped the release"),
    ("It is a myth, the fees are high.", "the fees are high"),
    ("The question is, we lost the keys?", "we lost the keys"),
    ("And then she was like, \u201cwell, we lost the keys.\u201d", "we lost the keys"),
    ("The critics: fees are high.", "fees are high"),
    ("We tried red, green, and blue nodes.", "we tried red"),
    ("The gap between cost and speed matters a lot.", "speed matters a lot"),
    ("Developers who care about fees will leave the chain.", "fees will leave the chain"),
    ("The cost of running it naturally leads to centralization.", "leads to centralization"),
    ("We ship fast, right?", "we ship fast"),
    ("You can't say we lost the keys.", "we lost the keys"),
    ("Sometimes, we lose the keys.", "we lose the keys"),
    ("For me, open means small.", "open means small"),
    ("The models of the whole industry.", "the whole industry"),
]


@pytest.mark.parametrize(("text", "words"), SAFE)
def test_a_clause_that_stands_alone_may_be_quoted_alone(text: str, words: str) -> None:
    found = locate(text, words)
    assert found is not None
    assert is_safe(text, *found, is_english=True)
    assert not is_safe(text, *found, is_english=False), "nothing is known of the meaning"


@pytest.mark.parametrize(("text", "words"), UNSAFE)
def test_a_cut_that_changes_the_meaning_is_not_safe(text: str, words: str) -> None:
    found = locate(text, words)
    assert found is not None
    assert not is_safe(text, *found, is_english=True)


SAFE_BY_PARSE = [
    ("So really, because right now with fees, you're paying when things work.", "right now with fees"),
    ("What I'm hoping to try and express is that we have confidence in them.", "we have confidence"),
    ("I doubt the plan, but it keeps the base dynamic.", "it keeps the base"),
    ("It's hard to do, but, in the end, it's the dynamic within that room.", "in the end, it's the dynamic"),
]
UNSAFE_BY_PARSE = [
    ("What I'm hoping is that we have confidence in them.", "we have confidence"),
    ("What I would never say is that we have confidence in them.", "we have confidence"),
    ("What he said is that we have confidence in them.", "we have confidence"),
    ("What they want me to say is that we have confidence in them.", "we have confidence"),
    ("I think that it works, and that nobody will lose money.", "nobody will lose"),
    ("I doubt that it works and that people will use it.", "people will use"),
    ("It might work, and people will use it.", "people will use"),
    ("Unless we act, fees rise and miners leave.", "fees rise"),
    ("We did not lose the keys because people attacked us.", "people attacked"),
    ("It could be argued that we have lost control.", "we have lost"),
    ("I wonder whether the coins are there.", "the coins are"),
]


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("But then then I think left-handed people are used to it anyway.", "left-handed people"),
        ("And I think that fees will rise.", "fees will rise"),
        ("I mean the scroll wheel's pretty cool.", "the scroll wheel's"),
        ("Because, well, you know, it keeps the lights on.", "it keeps"),
        ("Now, actually, it keeps the lights on.", "it keeps"),
        ("So, my argument is people are not excited about it.", "people are not"),
        ("It almost sounds like you want a champion, because why would you ask me?", "why would you"),
    ],
)
def test_how_somebody_begins_in_their_own_name_may_go(text: str, begins: str) -> None:
    assert is_cut_safely(text, begins)


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("But maybe left-handed people are used to it.", "left-handed people"),
        ("I don't think left-handed people are used to it.", "left-handed people"),
        ("But then they think left-handed people are used to it.", "left-handed people"),
        ("I guess left-handed people are used to it.", "left-handed people"),
        ("I used to think left-handed people are used to it.", "left-handed people"),
        ("And if you know the town, it keeps the lights on.", "it keeps"),
        ("No, it keeps the lights on.", "keeps the lights"),
        ("So, their argument is people are not excited about it.", "people are not"),
        ("My argument is not that people are lazy.", "people are lazy"),
        ("She said no, because why would you ask me?", "why would you"),
        ("I almost left because they were rude to me.", "they were rude"),
    ],
)
def test_what_is_more_than_a_beginning_stays(text: str, begins: str) -> None:
    assert not is_cut_safely(text, begins)


TOLD = [
    (
        "If we'd had that sheet at the start, we can have that lot.",
        "we can have",
        "{S1} could imagine that sheet at the start.",
    ),
    (
        "so you didn't go off and think, wouldn't it be great to have that?",
        "wouldn't it",
        "You did not go off and think this.",
    ),
    ("Maybe next year, the fees will rise again.", "the fees", "Next year it might be so."),
]
UNTOLD = [
    (
        "Unless they make a rule for replies, we decide the budget.",
        "we decide",
        "Perhaps they make a rule for replies.",
    ),
    (
        "If we'd had that sheet at the start, we can have that lot.",
        "we can have",
        "{S1} had that sheet at the start.",
    ),
    (
        "so you didn't go off and think, wouldn't it be great to have that?",
        "wouldn't it",
        "So you may go off and think this.",
    ),
    ("Maybe next year, the fees will rise again.", "the fees", "Next year it will be so."),
    (
        "If we'd had that sheet at the start, we can have that lot.",
        "we can have",
        "{S1} would have liked another meeting.",
    ),
    (
        "If we'd had that sheet at the start we can have that lot.",
        "have that lot",
        "{S1} could imagine that sheet at the start.",
    ),
]


@pytest.mark.parametrize(("text", "begins", "told"), TOLD)
def test_what_the_prose_just_before_tells_may_go(text: str, begins: str, told: str) -> None:
    first, last = (locate(text, begins) or (0, 0))[0], len(word_spans(text))
    assert not is_safe(text, first, last, True, syntax.parser("en"))
    assert is_safe(text, first, last, True, syntax.parser("en"), told)


@pytest.mark.parametrize(("text", "begins", "told"), UNTOLD)
def test_a_doubt_that_it_does_not_tell_stays(text: str, begins: str, told: str) -> None:
    first, last = (locate(text, begins) or (0, 0))[0], len(word_spans(text))
    assert not is_safe(text, first, last, True, syntax.parser("en"), told)


def is_cut_safely(text: str, begins: str) -> bool:
    found = locate(text, begins)
    assert found is not None
    return is_safe(text, found[0], len(word_spans(text)), is_english=True, parse=syntax.parser("en"))


@pytest.mark.parametrize(("text", "begins"), SAFE_BY_PARSE)
def test_what_a_clause_does_not_depend_on_may_go(text: str, begins: str) -> None:
    found = locate(text, begins)
    assert found is not None
    first, last = found[0], len(word_spans(text))
    assert not is_safe(text, first, last, is_english=True)
    assert is_safe(text, first, last, is_english=True, parse=syntax.parser("en"))


@pytest.mark.parametrize(("text", "begins"), UNSAFE_BY_PARSE)
def test_what_a_clause_depends_on_stays(text: str, begins: str) -> None:
    found = locate(text, begins)
    assert found is not None
    assert not is_safe(text, found[0], len(word_spans(text)), is_english=True, parse=syntax.parser("en"))


@pytest.mark.parametrize(("text", "words"), UNSAFE)
def test_a_parser_makes_no_cut_safe_that_changes_the_meaning(text: str, words: str) -> None:
    found = locate(text, words)
    assert found is not None
    assert not is_safe(text, *found, is_english=True, parse=syntax.parser("en"))


def test_a_dash_between_words_ends_one() -> None:
    text = "It's an open culture or is it a defensive culture\u2014these are what influences it--all of it."
    assert locate(text, "or is it a defensive culture") == (4, 10)
    assert locate(text, "these are") == (10, 12)
    assert locate(text, "all of it") == (15, 18)
    assert is_safe(text, 0, 10, is_english=True)


def test_a_whole_sentence_is_always_safe_and_a_wrong_range_never() -> None:
    text = "Maybe not."
    assert is_safe(text, 0, 2, is_english=True)
    assert is_safe(text, 0, 2, is_english=False)
    for first, last in ((0, 3), (-1, 2), (1, 1), (2, 1)):
        assert not is_safe(text, first, last, is_english=True)
