"""The parts that calls are made of: pieces, lines, replies, tokens, budget, forecast."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.chat.tokens import count
from pipeline.engines.prices import TokenPrice
from pipeline.errors import BudgetError
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.llm import replies, whole_reply
from pipeline.takeaways.llm.budget import Budget
from pipeline.takeaways.llm.map_and_choose import cut_into_pieces
from pipeline.takeaways.llm.material import Material
from pipeline.takeaways.llm.replies import ReplyError
from pipeline.takeaways.llm.speaker_ids import SpeakerIds
from pipeline.takeaways.llm.whole_reply import SectionBody
from pipeline.turns.names import Identity
from pipeline.workspace.sidecar import Facts
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.helpers import call_program, panel, run
from tests.support.posts import turns


@given(
    sizes=st.lists(st.integers(1, 400), min_size=1, max_size=80),
    cuts=st.sets(st.integers(1, 79), max_size=10),
    room=st.integers(50, 1000),
)
def test_pieces_cover_the_talk_and_fit(sizes: list[int], cuts: set[int], room: int) -> None:
    starts = [0, *sorted(cut for cut in cuts if cut < len(sizes))]
    pieces = cut_into_pieces(starts, sizes, room)
    assert [i for piece in pieces for i in piece] == list(range(len(sizes)))
    for piece in pieces:
        assert len(piece) == 1 or sum(sizes[i] for i in piece) <= room


def test_speakers_have_ids_that_nobody_means_otherwise() -> None:
    plain = SpeakerIds(turns([("S1", "We store it."), ("S2", "Where?")]))
    assert plain.prompt_id("S2") == "S2"
    assert plain.to_stored("S2 asks {S1}, and S7 too.") == "{S2} asks {S1}, and S7 too."
    assert plain.to_prompt("{S2} asks") == "S2 asks"
    cloud = SpeakerIds(turns([("S1", "We store it in S3."), ("S2", "Why S3?")]))
    assert cloud.prompt_id("S2") == "P2"
    assert cloud.to_stored("P1 stores it in S3.") == "{S1} stores it in S3."


def test_a_speaker_called_by_name_becomes_their_id() -> None:
    ids = SpeakerIds(turns([("S1", "Hello."), ("S2", "Hi.")], labels=("Ada Byron", "Bo Li")))
    assert ids.to_stored("Ada Byron argues with Bo Li's idea.") == "{S1} argues with {S2}'s idea."


@pytest.mark.parametrize(
    ("language", "text", "stored"),
    [
        ("de", "S2s Bohnen, S2 und Ada Byrons Bohnen.", "{S2}s Bohnen, {S2} und {S1}s Bohnen."),
        ("sv", "S1s bönor, S7s inte.", "{S1}s bönor, S7s inte."),
        ("fi", "S2n pavut ja S1:n.", "{S2}n pavut ja {S1}:n."),
        ("ja", "豆はS2の豆とS1のもの。", "豆は{S2}の豆と{S1}のもの。"),
        ("de", "S22 und XS2 und S2X und Ada Byronia.", "S22 und XS2 und S2X und Ada Byronia."),
        ("en", "S2s and S1's beans.", "S2s and {S1}'s beans."),
    ],
)
def test_an_ending_may_follow_an_id_outside_english(language: str, text: str, stored: str) -> None:
    said = turns([("S1", "Hm."), ("S2", "Ja.")], labels=("Ada Byron", "Bo Li"))
    ids = SpeakerIds(said.model_copy(update={"language": language}))
    assert ids.to_stored(text) == stored
    assert ids.to_stored(ids.to_prompt(stored)) == stored


def test_what_people_call_a_speaker_becomes_their_id_too() -> None:
    said = turns([("S1", "Hello."), ("S2", "Hi."), ("S3", "Oh.")], labels=("Murch", "Bo Li", "Jo Poe"))
    people = {
        "S1": person("Mark Erhardt", short="Mark"),
        "S2": person("Bo Li", short="Bo"),
        "S3": person("Jo Poe", short="Bo"),  # as somebody else, so nobody's
    }
    ids = SpeakerIds(said, people)
    for text, stored in (
        ("Mark Erhardt agrees, and Mark says so.", "{S1} agrees, and {S1} says so."),
        ("Mark my words, Mark Twain said. Mark them.", "Mark my words, Mark Twain said. Mark them."),
        ("Bo and Jo Poe; Bo Li's idea.", "Bo and {S3}; {S2}'s idea."),
        ("Markets and Murch stay.", "Markets and Murch stay."),
    ):
        assert ids.to_stored(text) == stored


def test_prompts_say_who_speaks_as_people_have_it() -> None:
    said = turns([("S1", "Hello."), ("S2", "Hi."), ("S3", "Oh.")], labels=("A", "Bo Li", "Jo"))
    people = {
        "S1": person("Jesse Pollak", role="Base; host", short="Jesse", pronoun="she"),
        "S2": person("Bo Li", confirmed=False),
    }
    assert Material(Document(said, ()), Facts(), people).people() == [
        "S1: Jesse Pollak, Base; host; called Jesse; she",
        "S2: Bo Li (a guess)",
        "S3: Jo",
    ]


def person(name: str, confirmed: bool = True, **stated: str) -> Identity:
    return Identity(name, confirmed, stated.pop("role", None), None, **stated)


def test_the_schema_is_strict_and_numbers_are_an_enum() -> None:
    schema = replies.schema(SectionBody, {"lines": range(1, 4)}, {"body": 2, "paragraph": 3})
    paragraph = schema["properties"]["body"]["items"]["anyOf"][0]["properties"]["paragraph"]
    said = paragraph["items"]
    assert list(schema["properties"]) == ["body"]
    assert list(said["properties"]) == ["kind", "lines", "notes", "text"]
    assert said["properties"]["lines"]["items"] == {"type": "integer", "enum": [1, 2, 3]}
    assert (schema["properties"]["body"]["maxItems"], paragraph["maxItems"]) == (2, 3)

    def closed(node: object) -> None:
        if isinstance(node, dict):
            assert "$ref" not in node
            if node.get("type") == "object":
                assert node["additionalProperties"] is False
                assert node["required"] == list(node["properties"])
            for value in node.values():
                closed(value)

    closed(schema)


def test_many_numbers_are_bounds_and_alternatives_are_strict() -> None:
    """An enum of hundreds of line numbers, again and again, is more than servers take."""
    numbers = {"lines": range(1, 701), "heading_lines": range(1, 701), "notes": range(1, 1)}
    schema = replies.schema(whole_reply.Post, numbers, {"notes": 0})
    section = schema["properties"]["sections"]["items"]
    paragraph, quote = section["properties"]["body"]["items"]["anyOf"]
    assert quote["properties"]["quote"]["required"] == ["lines", "from_words", "to_words"]
    sentence = paragraph["properties"]["paragraph"]["items"]
    assert sentence["properties"]["lines"]["items"] == {"type": "integer", "minimum": 1, "maximum": 700}
    assert sentence["properties"]["notes"]["maxItems"] == 0
    assert list(sentence["properties"]) == ["kind", "lines", "notes", "text"]
    assert len(json.dumps(schema)) < 4000


@pytest.mark.parametrize(
    "text",
    [
        '{"points": [{"lines": [1, 2], "point": "So."}]}',
        '```json\n{"points": [{"lines": ["1", 2], "point": "So."}]}\n```',
        '<think>{"points": 3}</think> Here: {"points": [{"lines": [1, 2], "point": "So.", "x": 1}]} Bye.',
    ],
)
def test_replies_are_read_whatever_stands_around_them(text: str) -> None:
    assert replies.parse(text, replies.Points, {"lines": range(1, 3)}).points[0].lines == (1, 2)


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_no_reply_breaks_the_reader(text: str) -> None:
    with pytest.raises(ReplyError):
        replies.parse(text, replies.Points, {"lines": range(1, 3)})


def test_tokens_are_counted_without_a_network_and_special_words_are_text() -> None:
    assert count("The quick brown fox") == 4
    assert count("<|endoftext|>") > 1


def test_a_budget_counts_what_is_held_made_and_remembered() -> None:
    budget = Budget(TokenPrice(1.0, 2.0), limit=0.001)
    held = budget.hold(400, 100)
    with pytest.raises(BudgetError, match=r"raise extract\.max_cost"):
        budget.hold(400, 100)
    budget.settle(held, 300, 50, 1.0)
    assert budget.cost(budget.made) == pytest.approx(0.0004)
    budget.release(budget.hold(400, 100))
    budget.count_cached(300, 50, 1.0)
    with pytest.raises(BudgetError):
        budget.hold(400, 100)


def test_a_dry_run_asks_nothing_and_comes_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = panel(tmp_path, lines=40)
    with FakeEndpoint() as server:
        sets = ("--set", f"extract.base_url={server.url}", "--set", "extract.model=any")
        prices = ("--set", "extract.input_price=1", "--set", "extract.output_price=2")
        dry = ("run", "inputs/panel.md", "--dry-run", *sets, *prices)
        _, before, _ = call_program(place, monkeypatch, capsys, *dry)
        assert "run it --to segment first" in before
        assert not (place.outputs / "panel").exists()
        run(place, only="transcribe")
        run(place, only="segment")
        _, out, _ = call_program(place, monkeypatch, capsys, *dry, "--json")
        spending = json.loads(out)["talks"][0]["spending"]
        assert not server.requests
        code, _, _ = call_program(place, monkeypatch, capsys, "run", "inputs/panel.md", *sets, *prices)
        assert code == 0
        made = len(server.requests)
        assert 0.5 * made <= spending["calls"] <= 2 * made
        used = json.loads((place.outputs / "panel" / "3_takeaways.json").read_text("utf-8"))["used"]
        assert 0.5 * used["tokens read"] <= spending["read"] <= 2 * used["tokens read"]
        assert spending["cost"] >= used["cost"] * 0.5
        _, after, _ = call_program(place, monkeypatch, capsys, *dry)
        assert "nothing to do" in after
        _, forced, _ = call_program(place, monkeypatch, capsys, *dry, "--force", "--from", "extract")
        assert "all replies are in the cache" in forced
        assert len(server.requests) == made


def test_forget_removes_replies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = panel(tmp_path, lines=24)
    with FakeEndpoint() as server:
        override = {"extract": {"base_url": server.url, "model": "any"}}
        run(place, sets=(override,))
        made = len(server.requests)
        folder = tmp_path / ".takeaways" / "cache" / "panel.replies"
        assert len(list(folder.glob("*.json"))) == made
        assert all(path.stat().st_mode & 0o077 == 0 for path in folder.glob("*.json"))
        assert (tmp_path / ".takeaways" / ".gitignore").read_text() == "*\n"
        code, out, _ = call_program(place, monkeypatch, capsys, "forget", "panel")
        others = "its vectors, its parsed sentences and what was known of its files"
        assert (code, out) == (0, f"panel: {made} replies removed, and {others}\n")
        assert not folder.exists()
