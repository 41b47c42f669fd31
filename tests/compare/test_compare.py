"""`takeaways compare`: sets and models side by side, over an endpoint that answers from what it is shown."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from pipeline.cli.compare import compare
from pipeline.cli.main import cli
from pipeline.compare.figures import UNKNOWN, Column, Comparison, Figures, Variant, rows
from pipeline.engines import syntax
from pipeline.post.compose import Material, compose
from pipeline.records import Media, Transcript, Verification
from pipeline.turns.names import identify
from pipeline.workspace.output_templates import Templates
from pipeline.workspace.talks import Workspace
from tests.support.fake_endpoint import Answered, FakeEndpoint, completion, error, good_reply
from tests.support.given_to_templates import contexts, not_plain, reachable
from tests.support.helpers import call_program, contents, panel, run
from tests.support.posts import PANEL, PEOPLE, Page, talk, turns, written

Call = Callable[..., tuple[int, str, str]]
SKIPPED = {"one": 0, "two": 1}
NAMES = {"Mike Schmidt", "Mark Erhardt", "Pieter Wuille", "Matthew Zipkin"}
NASTY = '<b>&"{{x}}'


def respond(request: dict[str, Any]) -> Answered:
    """A model that fails, one that never writes what was said, and others that differ."""
    if request["model"] == "broken":
        return error(500, "out of <memory>")
    reply = good_reply(request, SKIPPED.get(request["model"], 0))
    if request["model"] == "liar":
        prose = [block.get("paragraph", ()) for block in reply.get("body", ())]
        for sentences in (*prose, reply.get("sentences", ())):
            for sentence in sentences[:1]:
                sentence["text"] = "S1 promised 4711 <i>ponies</i> to Napoleon."
    return completion(request, reply)


@pytest.fixture(scope="module")
def segmented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the turns of the opening of a panel."""
    workspace = panel(tmp_path_factory.mktemp("compare"), lines=16)
    for stage in ("transcribe", "segment"):
        run(workspace, only=stage)
    return workspace.root


@pytest.fixture
def workspace(segmented: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(segmented, tmp_path, dirs_exist_ok=True)
    return Workspace(tmp_path)


@pytest.fixture
def server() -> Iterator[FakeEndpoint]:
    with FakeEndpoint(respond) as running:
        yield running


@pytest.fixture
def takeaways(
    workspace: Workspace,
    server: FakeEndpoint,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Call:
    monkeypatch.setitem(cli.commands, "compare", compare)
    settings = f'[extract]\nbase_url = "{server.url}"\nmodel = "one"\nretries = 0\nthemes = 2\n'
    (workspace.root / "takeaways.toml").write_text(settings, "utf-8")

    def call(*arguments: str) -> tuple[int, str, str]:
        return call_program(workspace, monkeypatch, capsys, "compare", *arguments)

    return call


def table(out: str) -> dict[str, list[str]]:
    """The rows of the printed table, which are as wide as they are."""
    lines = (line.split("  ") for line in out.split("\n\n")[0].splitlines())
    cells = ([cell.strip() for cell in line if cell.strip()] for line in lines)
    return {first: rest for first, *rest in cells}


def test_sets_and_models_stand_side_by_side_and_a_second_time_asks_nobody(
    takeaways: Call, workspace: Workspace, server: FakeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices = ("--set", "extract.input_price=1", "--set", "extract.output_price=2")
    given = ("panel", "--prompts", "recap", "--prompts", "questions", "--model", "one", "--model", "two")
    code, out, err = takeaways(*given, *prices)
    assert code == 0, err
    rows = table(out)
    assert rows["prompts"] == ["recap", "recap", "questions", "questions"]
    assert rows["model"] == ["one", "two", "one", "two"]
    asked = [request["model"] for request in server.requests]
    made, read, written = (list(map(_number, rows[name])) for name in _CALLS)
    assert sum(made) == len(asked)
    assert asked.count("one") == made[0] + made[2]
    monkeypatch.setattr(syntax, "_load", None)  # nor is a sentence parsed again
    again = json.loads(takeaways(*given, *prices, "--json")[1])
    assert len(server.requests) == len(asked)
    for column, one in enumerate(again["variants"]):
        calls, figures = one["calls"], one["figures"]
        assert (one["error"], calls["made"]) == (None, 0)
        assert calls["remembered"] >= made[column] > 0
        assert (calls["read"], calls["written"]) == (read[column], written[column])
        assert calls["cost"] == pytest.approx((read[column] + 2 * written[column]) / 1e6)
        assert float(rows["seconds"][column].replace(",", "")) == pytest.approx(
            calls["seconds"], abs=0.1
        )  # rounded twice
        assert rows["cost"][column] == f"${calls['cost']:.4f}"
        verified = figures["verification"]
        outcomes = ("passed", "doubted", "mended", "replaced")
        assert verified["checked"] == sum(verified[outcome] for outcome in outcomes) > 0
        assert int(rows["passed at once"][column]) == verified["passed"]
        assert _number(rows["words of prose"][column]) == figures["words"] > 0
        assert sum(figures["quoted"].values()) == pytest.approx(1, abs=0.01)
        assert figures["quoted"].keys() == NAMES
        assert 1 <= figures["covered"] <= figures["topics"]
        assert rows["topics covered"][column] == f"{figures['covered']} of {figures['topics']}"
    assert out.rstrip().endswith("outputs/panel/compare.html")
    assert sorted(path.name for path in (workspace.outputs / "panel").iterdir()) == [
        "1_transcript.json", "2_turns.json", "compare.html",
    ]  # fmt: skip


_CALLS = ("calls made", "tokens read", "tokens written")


def _number(cell: str) -> int:
    return int(cell.replace(",", ""))


def test_a_variant_that_fails_does_not_lose_the_others(takeaways: Call, workspace: Workspace) -> None:
    code, out, err = takeaways("panel", "--model", "broken", "--model", "one")
    assert code == 1
    assert "Traceback" not in err
    rows = table(out)
    assert rows["sections"][0] == "—"
    assert int(rows["sections"][1]) > 0
    assert rows["cost"] == ["—", "—"]
    assert "recap with broken failed" in out
    assert "fails with 500 (out of <memory>)" in " ".join(out.split())
    page = Page((workspace.outputs / "panel" / "compare.html").read_text("utf-8"))
    assert any("out of <memory>" in text for text in page.text["p"])
    assert len([tag for tag, _ in page.tags if tag == "article"]) == 2
    found = json.loads(takeaways("panel", "--model", "broken", "--model", "one", "--json")[1])
    assert [bool(one["error"]) for one in found["variants"]] == [True, False]
    assert found["variants"][0]["figures"] is None


def test_where_all_fail_an_earlier_page_stays(takeaways: Call, workspace: Workspace) -> None:
    page = workspace.outputs / "panel" / "compare.html"
    page.write_text("an earlier page", "utf-8")
    code, out, _ = takeaways("panel", "--prompts", "recap", "--prompts", "questions", "--model", "broken")
    assert (code, page.read_text("utf-8")) == (1, "an earlier page")
    assert "compare.html" not in out


def test_the_page_is_strict_html_that_nothing_escapes_from(takeaways: Call, workspace: Workspace) -> None:
    (workspace.inputs / "panel.toml").write_text(f"title = '{NASTY}'\n", "utf-8")
    code, _, err = takeaways("inputs/panel.md", "--model", "liar", "--model", NASTY)
    assert code == 0, err
    html = (workspace.outputs / "panel" / "compare.html").read_text("utf-8")
    page = Page(html)
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert set(page.values("aria-labelledby")) <= set(ids)
    assert {link[1:] for link in page.values("href") if link[:1] == "#"} <= set(ids)
    assert not page.values("src")
    assert {tag for tag, _ in page.tags} & {"script", "img", "i", "b"} == set()
    assert [text for text in page.text["h1"] if text.strip()] == [NASTY]
    assert sum(NASTY in text for text in page.text["span"]) == 2  # the model, in the table and in its column
    assert any("Napoleon" in text for text in page.text["span"])  # rejected
    assert any("4711" in text for text in page.text["span"])
    assert not any("Napoleon" in text for text in page.text["p"])


def test_a_template_is_given_plain_data_alone(takeaways: Call) -> None:
    with contexts() as given:
        code, _, err = takeaways("panel", "--model", "one", "--model", "liar", "--model", "broken")
    assert code == 1, err
    assert not any(map(not_plain, given))  # prompts are given something, too
    (context,) = [context for context in given if "comparison" in context]
    kinds = {type(value).__name__ for _, value in reachable(context)}
    assert kinds >= {"ComparisonView", "ColumnView", "VariantView", "RowView", "PostView", "RejectedView"}


@pytest.mark.parametrize(
    "source",
    [
        '{{ comparison.talk.workspace.root.joinpath("secret.txt").read_text() }}',
        '{{ comparison.talk.workspace.root.joinpath("secret.txt").unlink() }}',
        '{{ comparison.talk.source.write_text("gone") }}',
        "{{ comparison.columns[0].figures.verification.model_copy() }}",
        "{{ comparison.columns[0].rejected[0].model_dump() }}",
        "{{ comparison.as_json() }}",
        "{{ comparison.columns[0].variant.view }}",
    ],
)
def test_a_strangers_template_reaches_no_file(takeaways: Call, workspace: Workspace, source: str) -> None:
    (workspace.root / "secret.txt").write_text("secret", "utf-8")
    (workspace.root / "templates").mkdir()
    (workspace.root / "templates" / "_compare.html.j2").write_text(source, "utf-8")
    before = contents(workspace.root)
    code, _, err = takeaways("panel", "--model", "one", "--model", "two")
    assert code == 1
    assert "_compare.html.j2:1: " in err
    assert " has no '" in err
    assert (workspace.root / "secret.txt").read_text("utf-8") == "secret"
    assert contents(workspace.root) == before
    assert not (workspace.outputs / "panel" / "compare.html").exists()


def test_a_page_that_a_person_edited_is_kept_aside_once(takeaways: Call, workspace: Workspace) -> None:
    page, kept = workspace.outputs / "panel" / "compare.html", workspace.inputs / "panel.edits"
    given = ("panel", "--model", "one", "--model", "two")
    page.parent.mkdir(exist_ok=True)
    page.write_text("<!-- mine -->", "utf-8")
    code, _, err = takeaways(*given)
    assert code == 0
    assert "edited by hand; a copy is inputs/panel.edits/compare.html" in err
    assert (kept / "compare.html").read_text("utf-8") == "<!-- mine -->"
    written = page.read_text("utf-8")
    assert "<!-- mine" not in written
    assert takeaways(*given, "--set", "extract.themes=1")[0] == 0
    assert page.read_text("utf-8") != written  # the program's own page is replaced, and no copy is made
    assert [path.name for path in kept.iterdir()] == ["compare.html"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("panel",), "only one thing to compare: recap with one"),
        (("panel", "--prompts", "recap", "--prompts", "recap"), "only one thing to compare"),
        (("panel", "--prompts", "recap", "--prompts", "questoins"), "Did you mean 'questions'?"),
        (("panel", "--model", "a", "--model", "b", "--set", "extract.writer=extractive"), "reads no prompts"),
        (("panel", "--model", "a", "--model", "b", "--set", "themes=1"), "stage.key=value"),
    ],
)
def test_wrong_use_is_told_before_anything_is_asked(
    takeaways: Call, server: FakeEndpoint, given: tuple[str, ...], said: str
) -> None:
    code, out, err = takeaways(*given)
    assert (code, out, server.requests) == (2, "", [])
    assert said in " ".join(err.split())


def test_without_turns_it_says_how_to_make_them_and_stale_ones_are_told(
    takeaways: Call, workspace: Workspace, server: FakeEndpoint
) -> None:
    turns = workspace.outputs / "panel" / "2_turns.json"
    saved = turns.read_bytes()
    turns.unlink()
    code, _, err = takeaways("panel", "--model", "one", "--model", "two")
    assert (code, server.requests) == (1, [])
    assert "takeaways run inputs/panel.md --to segment" in err
    turns.write_bytes(saved)
    (workspace.inputs / "panel.review.toml").write_text('[[fix]]\nfrom = "cluster"\nto = "heap"\n', "utf-8")
    code, _, err = takeaways("panel", "--model", "one", "--model", "two")
    assert code == 0
    assert "stale" in err
    assert "stale" in (workspace.outputs / "panel" / "compare.html").read_text("utf-8")


def test_a_talk_that_another_run_holds_is_left_alone(
    takeaways: Call, workspace: Workspace, server: FakeEndpoint
) -> None:
    with FileLock(workspace.state("panel").lock):
        code, _, err = takeaways("panel", "--model", "one", "--model", "two")
    assert (code, server.requests) == (1, [])
    assert "another run is working on it" in err


def test_a_column_has_all_that_a_post_may_have_and_its_times_lead_to_the_recording(tmp_path: Path) -> None:
    subject, said = talk(tmp_path, PEOPLE), turns(PANEL)
    transcript = Transcript(media=Media(name="talk.mp3", kind="media"), language="en", words=())
    takeaways = written(said)
    post = compose(Material(subject, transcript, said, takeaways, identify(subject, said)[0]), ())
    half = len(said.sentences()) // 2
    topics = [{s.id for s in said.sentences()[:half]}, {s.id for s in said.sentences()[half:]}, {"s999"}]
    figures = Figures.of(takeaways, post, topics)
    assert (figures.sections, figures.quotes, figures.topics, figures.covered) == (3, 4, 3, 2)
    without_notes = takeaways.model_copy(update={"close": takeaways.close[:1]})
    assert figures.words == Figures.of(without_notes, post, topics).words == 111
    words = {"Conner Ruhl": 6 + 12 + 10 + 7 + 9, "Jesse Pollak": 8}
    assert figures.quoted == {name: round(n / sum(words.values()), 4) for name, n in words.items()}
    column = Column(Variant("recap", None), post, figures)
    found = Comparison(subject, "A talk", (column, column), ("x",))
    page = Page(Templates.of(subject.workspace.root).render("_compare.html", comparison=found.view))
    assert len(page.values("id")) == len(set(page.values("id")))
    assert any(link.startswith("https://www.youtube.com/watch?v=abc&t=") for link in page.values("href"))
    assert sum(text == "Author\u2019s note" for text in page.text["p"]) == 2
    assert sum("openness is a spectrum" in text for text in page.text["p"]) == 2
    assert "default model" in page.text["span"]


def test_the_table_says_what_was_doubted_and_who_judged() -> None:
    verified = Verification(checked=5, passed=2, doubted=2, mended=1, judge="a model")
    figures = Figures(sections=1, words=9, verification=verified, quotes=0, quoted={}, topics=1, covered=1)
    table = {row.label: row.cells for row in rows([(figures, None), (None, None)])}
    assert table["doubted, and kept"] == ("2", UNKNOWN)
    assert table["judged by"] == ("a model", UNKNOWN)
    assert figures.as_json()["verification"]["doubted"] == 2


def test_the_table_says_in_words_what_failed() -> None:
    reasons = {"uncited": 1, "meaning": 2, "number": 3}
    verified = Verification(checked=6, passed=0, replaced=6, reasons=reasons, judge="a model")
    figures = Figures(sections=1, words=9, verification=verified, quotes=0, quoted={}, topics=1, covered=1)
    table = {row.label: row.cells for row in rows([(figures, None)])}
    assert table["failed: rests on no line"] == ("1",)
    assert table["failed: not borne out, by the judge"] == ("2",)
    assert table["failed: number"] == ("3",)
    assert figures.as_json()["verification"]["reasons"] == reasons
