"""Pull quotes as they are cut: what stands, what does not and why, and what stands in for lost prose."""

from __future__ import annotations

import pytest

from pipeline.records import Quote
from pipeline.takeaways.llm.draft import DraftParagraph, DraftSection, PullQuote
from pipeline.takeaways.llm.pull_quotes import choose_quotes, stand_ins
from tests.support.drafts import material_of, paragraph, sentence

TALK = material_of(
    ("S1", ["Thanks for coming, and welcome to the show.", "Is the sector likely to lose anybody?"]),
    ("S2", [
        "We might.",  # s2
        "It's hard to say, but, in the end, it's the dynamic there that decides\u2014that is where we look.",
        "I don't think that open source helps you there.",
        "Uh, I mean, you know, the the committees, uh, they sort of, you know, ask.",
        "So the questions that nobody asks are the expensive ones, and committees seldom ask them.",  # s6
        "It costs a fortune.",
        "And then",
        "Universities that ask no questions lose their best people within a decade.",  # s9
        "The auditors of the council read every page of the accounts before the spring.",  # s10
    ]),
    ("S1", [
        "Good auditors are worth whatever they cost the council.",  # s11
        "They keep the council honest, and they keep it solvent.",
        "Then the auditors of the council read every page of the accounts before the spring.",  # s13
        "Unless auditors make a rule for slow replies, questions decide the budget of the council.",  # s14
        "and then I think the auditors are pretty good at it, but",  # s15
    ]),
)  # fmt: skip


def chosen(
    *quotes: PullQuote,
    above: str = "Culture decides, {S2} said.",
    cites: tuple[str, ...] = ("s9",),
    most: int = 2,
    between: bool = False,
) -> tuple[list[Quote | None], list[str]]:
    """What stands of quotes below a paragraph, with another one between any two, and why others do not."""
    reasons: list[str] = []
    prose = [paragraph(sentence(above, *cites))] if above else []
    section = DraftSection(None, [*prose])
    for quote in quotes:
        section.body += [quote, paragraph(sentence("And then?"))] if between else [quote]
    found = choose_quotes(TALK, [section], most, lambda _, reason: reasons.append(reason))
    return [found[quote] for quote in quotes], reasons


def words(quote: Quote | None) -> dict[str, tuple[int, int]]:
    assert quote is not None
    return {kept.sentence: kept.words for kept in quote.keep}


def test_a_quote_is_judged_as_it_is_cut() -> None:
    """At both ends, though its beginning doubts what something else says."""
    (quote,), reasons = chosen(PullQuote(("s3",), "in the end, it's the dynamic", "that decides"))
    assert reasons == []
    assert words(quote) == {"s3": (5, 14)}


def test_a_cut_may_run_over_sentences_and_leave_some_out() -> None:
    (quote,), _ = chosen(PullQuote(("s5", "s6", "s7"), "the questions that nobody asks", "a fortune"))
    assert quote is not None
    assert quote.sentences == ("s6", "s7")


def test_a_cut_that_is_not_found_or_not_safe_falls_back_to_whole_sentences() -> None:
    for wanted in (PullQuote(("s4",), "open source helps you"), PullQuote(("s4",), "what nobody said")):
        (quote,), _ = chosen(wanted)
        assert quote is not None
        assert quote.sentences == ("s4",)
        assert quote.keep == ()


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (PullQuote(("s0",)), "greeting or logistics"),
        (PullQuote(("s1", "s2")), "more than one person"),
        (PullQuote(("s4", "s6")), "do not follow one another"),
        (PullQuote(("s3", "s4", "s5", "s6")), "too long"),
        (PullQuote(("s5",)), "falters"),
        (PullQuote(("s7",)), "says too little"),
        (PullQuote(("s5",), "the committees"), "falters"),
    ],
)
def test_what_makes_no_quote_is_told(wanted: PullQuote, why: str) -> None:
    (quote,), reasons = chosen(wanted)
    assert quote is None
    assert why in reasons[0]


def test_a_short_answer_needs_its_question() -> None:
    assert chosen(PullQuote(("s2",)))[0] != [None], "the talk asks just before"
    assert chosen(PullQuote(("s7",)), above="Does it cost much?", cites=())[0] != [None]
    assert chosen(PullQuote(("s7",)), above="Culture decides.")[0] == [None]


def test_what_refers_to_something_needs_prose_before_it() -> None:
    (quote,), reasons = chosen(PullQuote(("s12",)), above="")
    assert quote is None
    assert reasons == ["nothing before it says what it is about"]
    assert chosen(PullQuote(("s12",)))[0] != [None]


def test_a_quote_says_more_than_the_prose_beside_it() -> None:
    quote = PullQuote(("s9",))
    same = "Universities which ask no questions, {S2} warned, lose their best people in a decade."
    assert chosen(quote, above=same, cites=("s9",)) == ([None], ["the prose beside it says the same"])
    assert chosen(quote, above=same, cites=("s10",))[0] != [None], "that is of other lines"
    assert chosen(quote, above="Silence has its price, {S2} warned.", cites=("s9",))[0] != [None]


def test_whole_sentences_stand_for_a_cut_only_where_they_repeat_no_more() -> None:
    """The cut is refused for its doubt; what it was to leave out is told above, or is not."""
    cut = PullQuote(("s14",), "questions decide the budget", "of the council.")
    told = "Perhaps the auditors have a rule for slow replies, {S1} said."
    assert chosen(cut, above=told, cites=("s14",))[0] == [None]
    assert "it repeats the prose beside it" in chosen(cut, above=told, cites=("s14",))[1][0]
    for above, cites in (("They turned to money.", ("s14",)), (told, ("s9",))):
        (quote,), _ = chosen(cut, above=above, cites=cites)
        assert quote is not None
        assert quote.keep == ()


def test_speech_that_breaks_off_or_begins_midway_may_be_chosen() -> None:
    for wanted in (PullQuote(("s7", "s8")), PullQuote(("s15",)), PullQuote(("s15",), "the auditors", "but")):
        assert chosen(wanted)[0] != [None]


def test_few_quotes_and_no_sentence_twice() -> None:
    quotes = [PullQuote(("s9",)), PullQuote(("s9",)), PullQuote(("s10",)), PullQuote(("s6",))]
    found, reasons = chosen(*quotes, above="Silence has its price.", cites=("s4",), between=True)
    assert [quote is not None for quote in found] == [True, False, True, False]
    assert reasons == ["it is quoted already", "its section has 2 already"]


def test_quotes_in_a_row_are_of_two_speakers_in_exchange() -> None:
    same, later, answer = PullQuote(("s6",)), PullQuote(("s9",)), PullQuote(("s11",))
    assert [quote is not None for quote in chosen(same, later)[0]] == [True, False]
    assert chosen(same, later)[1] == ["it follows another quote without prose between them"]
    assert [quote is not None for quote in chosen(later, same, between=True)[0]] == [True, True]
    assert [quote is not None for quote in chosen(same, answer)[0]] == [True, True]
    assert [quote is not None for quote in chosen(answer, same)[0]] == [True, False], "it answers nothing"
    assert [quote is not None for quote in chosen(same, later, above="")[0]] == [True, True], (
        "there is no prose"
    )


# What stands in


LOSS = "All that the auditors of the council see of the accounts by spring, {S2} said, is every page."


def stands_in(*body: DraftParagraph | PullQuote, most: int = 2) -> list[tuple[str, ...]]:
    section = DraftSection(None, [*body])
    quotes = choose_quotes(TALK, [section], most, lambda *_: None)
    return [quote.sentences for quote in stand_ins(TALK, [section], quotes, most).values()]


def before() -> DraftParagraph:
    return paragraph(sentence("Silence has its price, {S2} warned.", "s9"))


def test_a_quote_that_reads_well_stands_in_for_a_lost_sentence() -> None:
    assert stands_in(before(), paragraph(sentence(LOSS, "s10", lost=True))) == [("s10",)]
    assert stands_in(paragraph(*before().texts, sentence(LOSS, "s10", lost=True))) == [("s10",)]
    assert stands_in(before(), paragraph(sentence(LOSS, "s10"))) == [], "nothing is lost"


@pytest.mark.parametrize("cites", [("s0",), ("s1",), ("s5",), ("s7",), ("s4",), ("s9",), ("s13",)])
def test_nothing_stands_in_where_no_quote_is_better(cites: tuple[str, ...]) -> None:
    """A greeting, a question, a stammer, what is brief, unlike what was lost, told beside it, or a "then"."""
    assert stands_in(before(), paragraph(sentence(LOSS, *cites, lost=True))) == []


def test_nothing_stands_in_first_next_to_a_quote_or_twice() -> None:
    lost = paragraph(sentence(LOSS, "s10", lost=True))
    assert stands_in(lost, before()) == []
    assert stands_in(before(), PullQuote(("s6",)), lost) == []
    assert stands_in(before(), lost, PullQuote(("s6",))) == []
    assert stands_in(before(), lost, before(), PullQuote(("s10",))) == [], "quoted already"
    assert stands_in(before(), lost, before(), lost) == [("s10",)]
    assert stands_in(before(), lost, most=0) == []
