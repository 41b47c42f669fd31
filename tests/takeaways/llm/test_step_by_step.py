"""A talk written step by step: what each step asks for, and what it is shown."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.records import Claim, Paragraph, Quote
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.map_and_choose import cut_into_pieces, most_points
from pipeline.takeaways.llm.material import Material, line_tokens
from pipeline.takeaways.llm.term_lines import explanations, shown_sentences
from pipeline.takeaways.llm.whole_reply import ParagraphBlock, SectionBody
from pipeline.takeaways.verification import Verifier
from pipeline.workspace.sidecar import Facts
from pipeline.workspace.talks import Workspace
from tests.support import ROOT
from tests.support.fake_endpoint import Answered, FakeEndpoint, completion, good_reply, schema_of
from tests.support.helpers import panel, run
from tests.support.posts import turns
from tests.takeaways.llm.test_writer import takeaways_of

FACTS = Facts(offsets={})


def first_property(request: dict[str, Any]) -> str:
    """Of the reply that a request asks for, which tells the step."""
    return str(next(iter(schema_of(request)["properties"])))


def writing(server: FakeEndpoint, step: str) -> list[str]:
    """The prompts of a step, in the order asked."""
    requests = [r for r in server.requests if first_property(r) == step]
    return [r["messages"][1]["content"] for r in requests if len(r["messages"]) == 2]


def by_steps(place: Workspace, server: FakeEndpoint, **more: Any) -> None:
    """Run the talk with a prompt set that has a step of its own, and so no prompt for the whole."""
    own = place.root / "prompts" / "own"
    own.mkdir(parents=True)
    shutil.copy(ROOT / "prompts" / "recap" / "write.md", own)
    settings = {"base_url": server.url, "model": "any", "prompts": "own", **more}
    run(place, sets=({"extract": settings},))


@pytest.mark.parametrize("topic_sentences", [40, 170, 600])
def test_larger_pieces_are_asked_for_more_points(topic_sentences: int) -> None:
    """A talk of 24,000 tokens at windows of 8,000 and 32,000: as many points, however it is cut."""
    sizes = [40] * 600
    starts = range(0, 600, topic_sentences)

    def asked(room: int) -> int:
        pieces = cut_into_pieces(starts, sizes, room)
        return sum(most_points(sum(sizes[i] for i in piece)) for piece in pieces)

    assert asked(8000) == pytest.approx(asked(2048), rel=0.1)
    assert asked(8000) == pytest.approx(24_000 / 350, rel=0.1)
    assert most_points(8000) > 3 * most_points(2048)


DEBATE = (
    ("S1", "Rules of the house slow everybody down. | Shall we get rid of every one of those old rules now?"),
    (
        "S2",
        "I will take the other side of this. | A team of four people may do without any rules. | "
        "A team of forty people cannot. | We tried it with thirty people in the spring of last year. | "
        "Nobody knew who was to answer the telephone. | The customers went elsewhere within a month. | "
        "So we wrote one page of rules in the summer. | I agree that nine pages of rules are too many.",
    ),
    ("S1", "One page sounds like something that I could read. | Who wrote that page of yours in the end?"),
    ("S3", "I did write it, and I threw half of it away again."),
)


def shown(said: Sequence[tuple[str, str]], cited: int, room: int) -> list[str]:
    material = Material(Document(turns(said), ()), FACTS)
    return [material.sentences[i].text for i in material.around([cited], room)]


def test_a_turn_is_shown_from_where_it_takes_a_side() -> None:
    """The last sentence agrees, and the first one says with whom not."""
    everything = shown(DEBATE, 9, 2000)
    assert everything == [text for _, said in DEBATE for text in said.split(" | ")][1:]
    tight = shown(DEBATE, 9, 110)
    assert "I will take the other side of this." in tight
    assert "Shall we get rid of every one of those old rules now?" in tight
    assert "We tried it with thirty people in the spring of last year." not in tight
    assert shown(DEBATE, 9, 5) == ["I agree that nine pages of rules are too many."]


def test_of_a_long_turn_six_sentences_on_each_side_are_shown() -> None:
    lecture = " | ".join(f"Number {n} of the things that I have to say is a short one." for n in range(60))
    texts = shown((("S1", "What do you have to say?"), ("S2", lecture)), 31, 4000)
    spoken = [int(text.split()[1]) for text in texts if text.startswith("Number")]
    assert spoken == [0, 1, *range(24, 37)]
    assert texts[0] == "What do you have to say?"


def test_a_section_is_written_with_its_outline_and_after_the_one_before(tmp_path: Path) -> None:
    place = panel(tmp_path, lines=60)
    with FakeEndpoint() as server:
        by_steps(place, server, concurrency=4)
        prompts = writing(server, "body")
    assert len(prompts) > 2
    for number, prompt in enumerate(prompts, 1):
        outline = re.search(r"=== outline .*?\n(.*?)\n=== end of outline", prompt, re.DOTALL)
        assert outline
        themes = outline[1].splitlines()
        assert len(themes) == len(prompts)
        assert [n for n, theme in enumerate(themes, 1) if theme.endswith("<- to be written now")] == [number]
        assert re.search(r"=== speakers .*?\nS1: Mike Schmidt\n", prompt, re.DOTALL)
        before = re.search(r"=== section before .*?\n(.*?)\n=== end of section before", prompt, re.DOTALL)
        assert (before is None) == (number == 1)
        assert before is None or re.match(r"S\d+ says: ", before[1])


def test_what_fails_goes_back_once_to_where_it_was_written(tmp_path: Path) -> None:
    """Lies in sections, headings and title: a call for each section, one for all headings, and one more."""
    lie = "Napoleon told S1 that 4711 rabbits ate the mempool"
    asked: list[str] = []

    def respond(request: dict[str, Any]) -> Answered:
        step, reply = first_property(request), good_reply(request)
        asked.append(step)
        if step == "body" and asked.count(step) in (1, 3):
            reply["body"][0]["paragraph"][0]["text"] = f"{lie}."
        if step == "heading" and asked.count(step) > 1:
            reply["heading"] = lie
        if step == "introduction":
            reply["title"] = lie
        return completion(request, reply)

    place = panel(tmp_path, lines=60)
    with FakeEndpoint(respond) as server:
        by_steps(place, server, concurrency=1)
        again = [r["messages"][3]["content"] for r in server.requests if first_property(r) == "sentences"]
    steps = [step for step in dict.fromkeys(asked) if step not in ("lines", "verdicts")]
    assert steps == ["points", "themes", "body", "heading", "introduction", "sentences"]
    refused = [re.findall(r"^\d+\. \((.*?)\) .*Napoleon", text, re.MULTILINE) for text in again]
    *sections, headings, frame = [places for places in refused if places]
    assert sections
    assert all(len(places) == 1 and places[0].startswith("section") for places in sections)
    assert len(headings) > 3
    assert all(place.startswith("heading of section") for place in headings)
    assert frame == ["title"]
    post = (place.outputs / "panel" / "post.md").read_text("utf-8")
    assert "Napoleon" not in post


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("{S1} asked whether to get rid of all the old rules.", True),
        ("{S1} asked who wrote that page of rules.", True),
        ("{S2} asked whether to get rid of all the old rules.", False),
        ("{S3} asked who wrote that page.", False),
    ],
)
def test_what_a_host_asked_may_be_told(text: str, passes: bool) -> None:
    document = Document(turns(DEBATE), ())
    question = 1 if "get rid" in text else 11
    claim = Claim(text=text, cites=(document.said[question].sentence.id,))
    verifier = Verifier(document.turns, FACTS, document.embed, document.parse)
    assert (not verifier.check(claim, "prose").failures) == passes


def test_a_section_is_read_in_the_order_in_which_it_was_written(tmp_path: Path) -> None:
    """A quote, then prose that leads on, and a quote; and so do the next steps see it."""
    topics = iter(("then", "comes next", "is left", "follows", "remains", "else", "more", "now", "again"))

    def respond(request: dict[str, Any]) -> Answered:
        reply = good_reply(request)
        if first_property(request) == "body":
            question = f"And what {next(topics)}?"
            leading = {"kind": "linking", "lines": [], "notes": [], "text": question}
            reply["body"] = [reply["body"][1], {"paragraph": [leading]}, reply["body"][3]]
        return completion(request, reply)

    place = panel(tmp_path, lines=60)
    with FakeEndpoint(respond) as server:
        by_steps(place, server)
        prompts = {step: writing(server, step) for step in ("body", "heading", "introduction")}
    bodies = [[type(block) for block in theme.body] for theme in takeaways_of(place).themes]
    assert [Quote, Paragraph, Quote] in bodies
    in_order = re.compile(r"> S\d+: .+\nAnd what [a-z ]+\?\n> S\d+: .+")
    before = [text for text in prompts["body"] if "=== section before" in text]
    assert len(before) == len(prompts["body"]) - 1
    assert all(len(in_order.findall(text)) == 1 for text in (*before, *prompts["heading"]))
    (frame,) = prompts["introduction"]
    assert len(in_order.findall(frame)) == len(prompts["body"])


def body_of(reply: dict[str, Any]) -> list[tuple[int, ...]]:
    """The lines of each block of a section."""
    read = replies.parse(json.dumps(reply), SectionBody, {})
    return [
        tuple(n for sentence in block.paragraph for n in sentence.lines)
        if isinstance(block, ParagraphBlock)
        else block.quote.lines
        for block in read.body
    ]


def test_a_section_may_come_as_prompts_used_to_ask_for_it() -> None:
    """Its quotes are then placed, each after the paragraph that cites what is nearest."""
    said = [{"sentences": [{"lines": [n], "text": f"Sentence {n}."}]} for n in (3, 20)]
    quotes = [{"lines": [21, 22], "from_words": "", "to_words": ""}, {"lines": [2]}, {"lines": []}, "?"]
    assert body_of({"paragraphs": said, "quotes": quotes}) == [(3,), (2,), (20,), (21, 22)]
    assert body_of({"paragraphs": said}) == [(3,), (20,)]
    assert body_of({"paragraphs": [*said, {"sentences": []}], "quotes": None}) == [(3,), (20,)]
    with pytest.raises(replies.ReplyError):
        body_of({"paragraphs": [], "quotes": []})


NOTES = ("what I like about the mempool is that it forgets", "I have sat in such a kitchen. It was cold.")


def noted(place: Workspace, server: FakeEndpoint) -> None:
    """Run the talk with the author's notes, the first of which is about its matter."""
    (place.inputs / "panel.toml").write_text(f"notes = {json.dumps(NOTES)}\n", "utf-8")
    by_steps(place, server)


def test_each_note_is_shown_once_where_it_belongs_and_set_where_it_is_placed(tmp_path: Path) -> None:
    def respond(request: dict[str, Any]) -> Answered:
        step, reply, prompt = first_property(request), good_reply(request), request["messages"][1]["content"]
        if step == "body" and f"1. {NOTES[0]}" in prompt:
            author = {"kind": "author", "lines": [], "notes": [1], "text": NOTES[0]}
            reply["body"][0]["paragraph"].insert(0, author)
        if step == "introduction":
            reply["close"] = [{"themes": [], "notes": [2], "text": NOTES[1]}]
        return completion(request, reply)

    place = panel(tmp_path, lines=60)
    with FakeEndpoint(respond) as server:
        noted(place, server)
        sections, (frame,) = writing(server, "body"), writing(server, "introduction")
    assert [sum(f"{n}. {note}" in text for text in sections) for n, note in enumerate(NOTES, 1)] == [1, 0]
    assert f"2. {NOTES[1]}" in frame
    assert f"1. {NOTES[0]}" not in frame
    made = takeaways_of(place)
    (opening,) = (
        theme.paragraphs[0].claims[0] for theme in made.themes if "forgets" in str(theme.paragraphs)
    )
    assert (opening.text, opening.notes) == ("What I like about the mempool is that it forgets.", (1,))
    assert [claim.text for paragraph in made.close for claim in paragraph.claims] == [NOTES[1]]


def test_a_note_that_no_step_places_is_set_all_the_same(tmp_path: Path) -> None:
    place = panel(tmp_path, lines=60)
    with FakeEndpoint() as server:
        noted(place, server)
        (frame,) = writing(server, "introduction")
    assert all(f"{n}. {note}" in frame for n, note in enumerate(NOTES, 1))
    post = (place.outputs / "panel" / "post.md").read_text("utf-8")
    assert "\nWhat I like about the mempool is that it forgets.\n" in post
    assert NOTES[1] in post


def test_a_frame_may_lead_on_without_themes(tmp_path: Path) -> None:
    """Neither that nor an odd number costs another call."""
    question = "So who of them would still remember a fee?"

    def respond(request: dict[str, Any]) -> Answered:
        reply = good_reply(request)
        if first_property(request) == "introduction":
            reply["introduction"][-1] = {"themes": [], "text": question}
            reply["close"][0]["themes"] = [1, 99]
        return completion(request, reply)

    place = panel(tmp_path, lines=60)
    with FakeEndpoint(respond) as server:
        by_steps(place, server)
        assert not [r for r in server.requests if first_property(r) == "introduction" and r["messages"][2:]]
    why = [rejected.why for rejected in takeaways_of(place).rejected if question in rejected.what]
    assert all("stands beside, is not in the post" in reason for reason in why)  # no rule refused it


LESSON = (
    ("S1", "What is an AddrMan, for those who never ran a node of their own?"),
    ("S2", "The book in which a node keeps addresses. | It forgets some of them."),
    ("S1", "That is clear. | " + " | ".join(f"Then came the chapter {n} of the story." for n in range(60))),
    ("S2", "Old dates stay in the AddrMan for good. | That is what noise in AddrMan dates would do."),
    ("S1", "And the AddrMan of a young node is small."),
)


def test_what_explains_a_term_is_shown_with_the_lines_that_use_it() -> None:
    material = Material(Document(turns(LESSON), ()), FACTS)
    cited = [len(material.sentences) - 3, len(material.sentences) - 2]
    assert explanations(material, cited, 100) == [0, 1, 2]
    assert {0, 1, 2, *cited} <= {*shown_sentences(material, cited, 1000)}
    assert not {0, 1, 2} & {*material.around(cited, 1000)}
    assert explanations(material, [0], 100) == []  # nothing is earlier
    assert explanations(material, [10, 11], 100) == []  # no terms


@pytest.mark.parametrize("room", [60, 150, 400])
def test_explanations_stay_within_the_room(room: int) -> None:
    material = Material(Document(turns(LESSON), ()), FACTS)
    last = len(material.sentences) - 2
    shown = shown_sentences(material, [last], room)
    assert last in shown
    assert sum(line_tokens(material.sentences[i]) for i in shown) <= room
