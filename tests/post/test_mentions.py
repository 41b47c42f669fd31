"""How people are called where prose mentions them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.post.mentions import Mentions
from pipeline.post.section_views import SpeakerView
from pipeline.records import Claim, Paragraph, Quote, Takeaways, Theme
from pipeline.text import plain
from pipeline.turns.called import Usage, name_parts, short_forms
from tests.support import DATA, OPTECH
from tests.support.posts import render, talk, texts, turns

SMALL_WORDS = frozenset({"then", "after", "so", "it", "in", "not"})


def view(id: str, name: str, short: str = "", pronoun: str | None = None, known: bool = True) -> SpeakerView:
    person = SpeakerView(id, name, known, known, None, None, 0, 0.5, None, 0)
    return SpeakerView(**{**vars(person), "short": short, "pronoun": pronoun})


def mentions(*people: SpeakerView, language: str = "en") -> Mentions:
    return Mentions({person.id: person for person in people}, SMALL_WORDS, language)


def said(page: Mentions, *sentences: str) -> str:
    return " ".join("".join(p.text + p.aside for p in page.sentence(text)) for text in sentences)


ANGELA = view("S1", "Angela Burns AM", "Burns", "she")
DAVID = view("S2", "Dr David Blaney", "Blaney", "he/him")
ROBIN = view("S3", "Robin Lee", "Robin", "they")
JAN = view("S4", "Jan van der Berg", "van der Berg")


@pytest.mark.parametrize(
    ("sentences", "shown"),
    [
        # Twenty cases, written before the rule: where a person would write a pronoun, and where not.
        (["{S1} asked.", "{S1} then left."], "Burns asked. She then left."),
        (["{S1} asked.", "{S1} left.", "{S1} came back."], "Burns asked. She left. Burns came back."),
        (["{S1} said that {S1} would go."], "Burns said that she would go."),
        (["{S1} asked.", "{S1}'s question was fair."], "Burns asked. Her question was fair."),
        (["{S2} asked.", "So it was left to {S2}."], "Blaney asked. So it was left to him."),
        (["{S1} met {S2}.", "{S1} left."], "Burns met Blaney. Burns left."),
        (["{S2} spoke, then {S1} asked.", "{S1} left."], "Blaney spoke, then Burns asked. She left."),
        (["{S3} spoke, then {S1} asked.", "{S1} left."], "Robin spoke, then Burns asked. She left."),
        (["{S4} spoke, then {S1} asked.", "{S1} left."], "Van der Berg spoke, then Burns asked. Burns left."),
        (["{S1} met Janet Finch.", "{S1} left."], "Burns met Janet Finch. Burns left."),
        (["{S1} asked.", "Not so, said {S1}."], "Burns asked. Not so, said Burns."),
        (["{S1} asked.", "It rained.", "{S1} left."], "Burns asked. It rained. Burns left."),
        (["{S1} told the auditor that {S1} knew."], "Burns told the auditor that Burns knew."),
        (["{S1} told the auditor.", "{S1} knew."], "Burns told the auditor. She knew."),
        (["{S3} asked.", "{S3} said why."], "Robin asked. They said why."),
        (["{S3} asked.", "{S3} says why."], "Robin asked. Robin says why."),
        (["{S3} asked.", "{S3}'s question was fair."], "Robin asked. Their question was fair."),
        (["{S3} asked the members.", "{S3} left."], "Robin asked the members. Robin left."),
        (["{S1} thinks of {S1}."], "Burns thinks of Burns."),
        (["It is hard, {S1} said; for {S1}, it is not."], "It is hard, Burns said; for her, it is not."),
        # And more.
        (["{S1} asked.", "{S1} and {S2} left."], "Burns asked. Burns and Blaney left."),
        (["{S1} asked.", "{S1}, who knew, left."], "Burns asked. Burns, who knew, left."),
        (["{S1} asked her.", "{S1} left."], "Burns asked her. Burns left."),
        (["{S1} asked.", "{S1}'s going."], "Burns asked. Burns's going."),
        (["{S1} runs HTTP, and {S1} likes it."], "Burns runs HTTP, and she likes it."),
        (
            ["{S3} asked.", "{S1} saw Then's top ten; now, {S1} said, no."],
            "Robin asked. Burns saw Then's top ten; now, she said, no.",
        ),
        (
            ["{S1} told of a concern whether a three-year course is safe.", "It is fair, {S1} said."],
            "Burns told of a concern whether a three-year course is safe. It is fair, she said.",
        ),
        (
            ["{S1} agreed.", "Meanwhile it rains, and {S1} waits."],
            "Burns agreed. Meanwhile it rains, and she waits.",
        ),
        (["{S1} told a printer.", "So, {S1} said, no."], "Burns told a printer. So, Burns said, no."),
        (["{S1} met Ann's staff; {S1} left."], "Burns met Ann's staff; Burns left."),
        (["{S1} asked.", "In Wales, {S1} knew, it rains."], "Burns asked. In Wales, Burns knew, it rains."),
    ],
)
def test_a_pronoun_stands_where_it_cannot_be_misread(sentences: list[str], shown: str) -> None:
    page = mentions(ANGELA, DAVID, ROBIN, JAN)
    said(page, "{S1}, {S2}, {S3} and {S4} met.")
    page.begin_paragraph()
    assert said(page, *sentences) == shown


def test_no_pronoun_refers_beyond_a_paragraph_or_is_set_in_another_language() -> None:
    page = mentions(ANGELA)
    assert said(page, "{S1} asked.") == "Angela Burns AM asked."
    page.begin_paragraph()
    assert said(page, "{S1} left.", "{S1} came.") == "Burns left. She came."
    german = mentions(ANGELA, language="de")
    assert said(german, "{S1} fragte.", "{S1} ging.") == "Angela Burns AM fragte. Burns ging."


def test_a_page_names_in_full_once_and_headings_introduce_nobody() -> None:
    page = mentions(DAVID, JAN, view("S5", "Speaker 5", known=False))
    assert page.heading("What {S2} saw") == "What Dr David Blaney saw"
    assert said(page, "{S2} and {S4} met {S5}.") == "Dr David Blaney and Jan van der Berg met Speaker 5."
    assert page.heading("{S4}\u2019s way") == "Van der Berg\u2019s way"
    assert page.full("{S4}, {S2}, {S9}") == "Jan van der Berg, Dr David Blaney, {S9}"
    assert said(page, "It was {S4}'s. \u201c{S4} left\u201d, {S2} said.") == (
        "It was van der Berg's. \u201cVan der Berg left\u201d, Blaney said."
    )


def test_an_office_has_an_article_in_prose() -> None:
    manager = replace(view("S1", "Project Manager"), office="project manager")
    page = mentions(manager, replace(view("S2", "CEO", "Jo"), office="CEO"), view("S3", "Grad A"))
    assert page.heading("{S1}\u2019s mark") == "The project manager\u2019s mark"
    assert said(page, "{S1}, {S2} and {S3} met.", "So {S1}'s mark stood.", "Was our {S1} glad?") == (
        "The project manager, the CEO (Jo) and Grad A met. So the project manager's mark stood. "
        "Was our project manager glad?"
    )
    assert said(page, "The {S1} and {S2} left.", "\u201c{S1} left\u201d, {S3} said.") == (
        "The project manager and Jo left. \u201cThe project manager left\u201d, Grad A said."
    )


def test_labels_that_are_offices_are_so_in_a_post_but_not_under_quotes(tmp_path: Path) -> None:
    labels = ("Project Manager", "Industrial Designer", "Grad A")
    said = turns([("S1", "Dear."), ("S2", "It is rubber."), ("S3", "Yes.")], timed=False, labels=labels)
    opening = Paragraph(claims=(Claim(text="{S1} met {S2} and {S3}.", cites=("s0",)),))
    quote = Quote(speaker="S2", sentences=("s1",))
    theme = Theme(heading="What {S2} makes", body=(quote,))
    takeaways = Takeaways(writer="model", title="Rubber", dek="", introduction=(opening,), themes=(theme,))
    post = texts(render(talk(tmp_path), said, takeaways))["post.md"]
    assert "The project manager met the industrial designer and Grad A." in post
    assert "## What the industrial designer makes" in post
    assert "**Industrial Designer**" in post
    assert 'speakers: ["Project Manager", "Industrial Designer", "Grad A"]' in post


def test_a_handle_keeps_its_small_letter() -> None:
    page = mentions(view("S1", "jb55"), view("S2", "danah boyd"))
    assert said(page, "{S1} met {S2}.", "{S2} left.") == "jb55 met danah boyd. danah boyd left."


@pytest.mark.parametrize(
    ("name", "untitled", "first", "family"),
    [
        ("Dr David Blaney", "David Blaney", "David", "Blaney"),
        ("Lynne Neagle AM", "Lynne Neagle", "Lynne", "Neagle"),
        ("Prof. Sir John Bell FRS", "John Bell", "John", "Bell"),
        ("Jane Smith, PhD", "Jane Smith", "Jane", "Smith"),
        ("Martin Luther King Jr.", "Martin Luther King", "Martin", "King"),
        ("Jan van der Berg", "Jan van der Berg", "Jan", "van der Berg"),
        ("Juana de la Cruz", "Juana de la Cruz", "Juana", "de la Cruz"),
        ("Eddie Van Halen", "Eddie Van Halen", "Eddie", "Van Halen"),
        ("Van Morrison", "Van Morrison", "Van", "Morrison"),
        ("Ludwig van Beethoven", "Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("Ana Garc\u00eda L\u00f3pez", "Ana Garc\u00eda L\u00f3pez", "Ana", "Garc\u00eda L\u00f3pez"),
        ("Jos\u00e9 Ortega y Gasset", "Jos\u00e9 Ortega y Gasset", "Jos\u00e9", "Ortega y Gasset"),
        ("Mary Ann Smith", "Mary Ann Smith", "Mary", "Smith"),
        ("J. R. R. Tolkien", "J. R. R. Tolkien", None, "Tolkien"),
        ("Mr. Smith", "Mr. Smith", None, "Smith"),
        ("Don Johnson", "Don Johnson", "Don", "Johnson"),
        ("Lady Hale", "Lady Hale", None, None),
        ("Yo-Yo Ma", "Yo-Yo Ma", "Yo-Yo", "Ma"),
        ("Øystein Ås", "Øystein Ås", "Øystein", "Ås"),
        ("Ирина Петрова", "Ирина Петрова", "Ирина", "Петрова"),
        ("\u5c71\u7530 \u592a\u90ce", "\u5c71\u7530 \u592a\u90ce", None, None),
        ("Murch", "Murch", None, None),
        ("Speaker 2", "Speaker 2", None, None),
        ("Audience Member", "Audience Member", None, None),
        ("bob the builder", "bob the builder", None, None),
    ],
)
def test_a_name_has_parts(name: str, untitled: str, first: str | None, family: str | None) -> None:
    parts = name_parts(name)
    assert (parts.untitled, parts.first, parts.family) == (untitled, first, family)


@pytest.mark.parametrize(
    ("names", "stated", "talk", "called"),
    [
        (["Mike Schmidt", "Jo Ray"], {}, ["Thanks, Mike."], ["Mike", "Jo"]),
        (["Mike Schmidt", "Jo Ray"], {}, ["I am Mike Schmidt."], ["Schmidt", "Ray"]),
        (["Mike Schmidt", "Jo Wuille"], {}, ["Thanks, Mike.", "As Wuille says."], ["Mike", "Wuille"]),
        (["David Blaney", "Hefin David"], {}, ["David?"], ["Blaney", "Hefin David"]),
        (["David Blaney", "David Owen", "Jo Ray"], {}, ["Jo, David?"], ["Blaney", "Owen", "Jo"]),
        (["Ann Lee", "Bo Lee"], {}, [], ["Ann Lee", "Bo Lee"]),
        (["Ann Lee", "Ann"], {}, ["Ann?"], ["Lee", "Ann"]),
        (["Will Rose", "Jo Ray"], {}, ["Will you? Rose said."], ["Rose", "Ray"]),
        (["Will Rose", "Jo Ray"], {}, ["Thanks, Will."], ["Will", "Jo"]),
        (["May Rose", "Jo Ray"], {}, ["It was in May."], ["Rose", "Ray"]),
        (["David Rose", "Jo Ray"], {}, ["Trinity Saint David is old."], ["Rose", "Ray"]),
        (["Xi Jinping", "Jo Wuille"], {0: "Xi"}, ["As Wuille says."], ["Xi", "Wuille"]),
        (["Mark Erhardt", "Tad Poe"], {0: "Murch"}, ["Tad?"], ["Murch", "Tad"]),
        (["Ann Lee", "Bo Ray"], {0: "Ray"}, ["Bo?", "Bo!"], ["Ray", "Bo"]),
        (["Ann Lee", "Bo Ray"], {0: "A", 1: "A"}, [], ["Ann Lee", "Bo Ray"]),
        (["J. R. R. Tolkien", "Jo Ray"], {}, ["Jo?"], ["Tolkien", "Jo"]),
        (["Dr Ann Lee", "Bo Ray OBE"], {}, ["Thanks, Ann."], ["Lee", "Ray"]),
    ],
)
def test_people_are_called_as_the_talk_calls_them(
    names: list[str], stated: dict[int, str], talk: list[str], called: list[str]
) -> None:
    keys = {str(number): name for number, name in enumerate(names)}
    short = {str(number): name for number, name in stated.items()}
    assert [*short_forms(keys, short, Usage(talk)).values()] == called


# Two posts that a very good writer gave, with ids for names, beside the same with names.
TRANSCRIPTS = {
    "optech": OPTECH / "2024-05-02.md",
    "universities": DATA / "writing" / "universities" / "transcript.md",
}


def prose(sentences: list[Mapping[str, Any]]) -> Paragraph:
    return Paragraph(claims=tuple(Claim(text=sentence["text"], cites=("s0",)) for sentence in sentences))


def written(post: Mapping[str, Any]) -> Takeaways:
    """The post without its quotes."""
    themes = [
        Theme(
            heading=section["heading"],
            body=tuple(prose(block["paragraph"]) for block in section["body"] if "paragraph" in block),
        )
        for section in post["sections"]
    ]
    return Takeaways(
        writer="x",
        title=post["title"],
        dek=post["dek"],
        introduction=(prose(post["opening"]),),
        themes=tuple(themes),
        close=(prose(post["close"]),),
    )


def said_in(transcript: Path) -> Iterator[tuple[str, str]]:
    """Who says what in a transcript with names in bold."""
    for name, text in re.findall(r"^\*\*(.+?):\*\* (.+)$", transcript.read_text("utf-8"), re.MULTILINE):
        yield name, " | ".join(re.split(r"(?<=[.?!]) ", text))


@pytest.mark.parametrize("is_stated", [True, False])
@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_the_reference_posts_have_the_names_that_they_were_given(
    tmp_path: Path, name: str, is_stated: bool
) -> None:
    folder, lines = DATA / "writing" / name, [*said_in(TRANSCRIPTS[name])]
    labels = [*dict.fromkeys(who for who, _ in lines)]
    said = turns([(f"S{labels.index(who) + 1}", text) for who, text in lines], timed=False, labels=labels)
    people = {"optech": '"Mark Erhardt" = { short = "Mark" }', "universities": ""}[name]
    if is_stated:
        people = (folder / "talk.toml").read_text("utf-8").partition("[speakers]")[2]
    subject = talk(tmp_path, f"[speakers]\n{people}", media="talk.md")
    post = json.loads((folder / "post.json").read_text("utf-8"))
    shown = texts(render(subject, said, written(post)))["post.md"]
    wanted = re.sub(r"\A---\n.*?\n---\n", "", (folder / "post.md").read_text("utf-8"), flags=re.DOTALL)
    paragraphs = [part.strip() for part in wanted.split("\n\n") if re.match(r"\s*[^\W_].*\.", part)]
    assert len(paragraphs) > 10
    assert [part for part in paragraphs if plain(part) not in plain(shown.replace("\\", ""))] == []


MURCH = ("Mark Erhardt", "Murch")


@pytest.mark.parametrize(
    ("sentences", "shown"),
    [
        (["{S1} asked.", "{S1} waited."], "Mark Erhardt (Murch) asked. Murch waited."),
        (
            ["{S1}, who goes by Murch, asked.", "{S1} waited."],
            "Mark Erhardt, who goes by Murch, asked. Murch waited.",
        ),
        (
            ["{S1}'s idea won.", "{S1} waited.", "{S1} left."],
            "Mark Erhardt's idea won. Mark Erhardt (Murch) waited. Murch left.",
        ),
    ],
)
def test_a_short_name_that_is_no_part_of_the_full_one_is_told_once(sentences: list[str], shown: str) -> None:
    assert said(mentions(view("S1", *MURCH)), *sentences) == shown
