"""What talks have in common, by a model: in one call where it fits, and never on one talk alone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.cohort import cohort_stages
from pipeline.cohort.clusters import Clustering
from pipeline.cohort.excerpts import GatheredPart
from pipeline.cohort.model_writer import common_theme
from pipeline.records import Quote, Sentence, Speaker, Theme, Turn, Turns
from pipeline.takeaways.extractive.document import Document
from pipeline.workspace.talks import Workspace
from tests.cohort.test_cohort import NAMES, data, run, write
from tests.support.fake_endpoint import Answered, FakeEndpoint, completion, good, schema_of
from tests.support.helpers import Recorder

Request = dict[str, Any]
NOTE = "I have seen ideas come back after years, and I was wrong about most of them."


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two talks with takeaways."""
    place = Workspace(tmp_path_factory.mktemp("cohort"))
    folder = write(place, NAMES[:2], lines=110)
    (folder / f"{NAMES[0]}.toml").write_text('title = "What wallets wait for"\ndate = 2023-12-07\n')
    stated = (folder / "cohort.toml").read_text()
    (folder / "cohort.toml").write_text(f'notes = ["{NOTE}"]\n{stated}')
    assert not run(place, Recorder(), jobs=1)
    return place


@pytest.fixture
def two_talks(finished: Workspace, tmp_path: Path) -> Workspace:
    shutil.copytree(finished.root, tmp_path / "copy")
    return Workspace(tmp_path / "copy")


def make(place: Workspace, server: FakeEndpoint, **more: Any) -> Recorder:
    recorder = Recorder()
    settings = {"base_url": server.url, "model": "any", **more}
    cohort_stages.make(place.inputs / "optech", place, [{"extract": settings}], recorder, force=True)
    return recorder


def asked(server: FakeEndpoint) -> list[str]:
    """The first property of each reply."""
    return [next(iter(schema_of(request)["properties"])) for request in server.requests]


def lines_by_talk(request: Request) -> list[list[tuple[int, str, str]]]:
    """Number, speaker and words of each talk's lines, as the prompt shows them."""
    shown = re.search(r"=== transcript .*?\n(.*?)\n=== end of", request["messages"][1]["content"], re.DOTALL)
    assert shown
    talks = re.split(r"^Talk \d+: .*$", shown[1], flags=re.MULTILINE)[1:]
    return [
        [(int(n), who, words) for n, who, words in re.findall(r"^(\d+) (S\d+): (.*)$", talk, re.MULTILINE)]
        for talk in talks
    ]


def told(line: tuple[int, str, str]) -> dict[str, Any]:
    """A sentence that no rule minds, with some words of the line that it rests on."""
    words = sorted({*re.findall(r"\b[a-z]{4,}\b", line[2])}, key=lambda word: (-len(word), word))[:4]
    text = f"{line[1]} makes points about {', '.join(words)}."
    return {"kind": "talk", "lines": [line[0]], "notes": [], "text": text}


def section(heading: str, *body: dict[str, Any]) -> dict[str, Any]:
    return {"heading": heading, "heading_lines": [], "body": list(body)}


def writing(
    sections: Callable[[list[Any]], list[dict[str, Any]]], *opening: str
) -> Callable[[Request], Answered]:
    """A server that gives a whole post with these sections, and says yes to every sentence."""

    def respond(request: Request) -> Answered:
        if "sections" not in schema_of(request)["properties"]:
            return good(request)
        post: dict[str, Any] = {"title": "Fees", "dek": "", "close": []}
        post["opening"] = [{"kind": "talk", "lines": [1], "notes": [], "text": text} for text in opening]
        return completion(request, {**post, "sections": sections(lines_by_talk(request))})

    return respond


def both(talks: list[Any]) -> dict[str, Any]:
    one, two = map(longest, talks)
    return section("Two talks come back to it", {"paragraph": [told(one)]}, {"quote": quote(two)})


def longest(talk: list[tuple[int, str, str]]) -> tuple[int, str, str]:
    """Of lines that a reader understands, and that may be quoted."""
    return max((line for line in talk if len(line[2].split()) < 30), key=lambda line: len(line[2].split()))


def quote(line: tuple[int, str, str]) -> dict[str, Any]:
    return {"lines": [line[0]], "from_words": "", "to_words": ""}


def test_what_fits_is_written_in_one_call_that_sees_every_talk(two_talks: Workspace) -> None:
    opening = "Of these two talks What wallets wait for is of 7 December 2023."
    with FakeEndpoint(writing(lambda talks: [both(talks)], opening)) as server:
        make(two_talks, server)
        assert asked(server)[0] == "title"
        assert len(server.requests) <= 4
        prompt = server.requests[0]["messages"][1]["content"]
        judged = server.requests[1]["messages"][1]["content"]
    assert re.search(
        r"^Talk 1: What wallets wait for, 2023-12-07\. With (S\d, )*S\d\.$", prompt, re.MULTILINE
    )
    assert re.search(r"^Talk 2: .+\. With (S\d, )*S\d\.$", prompt, re.MULTILINE)
    assert len(re.findall(r"^Its post has the sections: .+\.$", prompt, re.MULTILINE)) == 2
    assert re.search(r"^S\d: Mike Schmidt, Optech and Brink$", prompt, re.MULTILINE)
    assert re.search(r"^talk 1: What wallets wait for, 2023-12-07$", judged, re.MULTILINE)
    assert "Its post has the sections" not in judged
    (first,) = data(two_talks)["introduction"]
    assert [claim["text"] for claim in first["claims"]] == [opening]
    (theme,) = data(two_talks)["themes"]
    assert theme["talks"] == [f"optech/{name}" for name in NAMES[:2]]
    assert {talk for talk, _ in theme["parts"]} == set(theme["talks"])
    assert theme["body"][0]["claims"][0]["outcome"] == "passed"


def test_a_section_on_one_talk_alone_is_left_out_and_told(two_talks: Workspace) -> None:
    def sections(talks: list[Any]) -> list[dict[str, Any]]:
        other = longest([line for line in talks[0] if line != longest(talks[0])])
        mine = {"kind": "author", "lines": [], "notes": [1], "text": NOTE}
        return [both(talks), section("One talk says so", {"paragraph": [told(other), mine]})]

    with FakeEndpoint(writing(sections)) as server:
        recorder = make(two_talks, server)
    cohort = data(two_talks)
    assert [theme["heading"] for theme in cohort["themes"]] == ["Two talks come back to it"]
    left_out = [text for text in recorder.warnings if "rests on fewer than 2 talks" in text]
    assert len(left_out) == 1
    assert NOTE in str(cohort["close"])  # the author's words are not left out with it


def test_where_every_section_is_on_one_talk_the_speakers_words_make_the_post(two_talks: Workspace) -> None:
    with FakeEndpoint(
        writing(lambda talks: [section("Alone", {"paragraph": [told(longest(talks[1]))]})])
    ) as server:
        recorder = make(two_talks, server)
    cohort = data(two_talks)
    assert cohort["writer"] == "extractive"
    assert cohort["verification"]["checked"] > 0  # what the model wrote is told nevertheless
    assert [text for text in recorder.warnings if "rests on enough talks" in text]


def test_quotes_that_contradict_each_other_stay_against_each_other() -> None:
    """Where a section has both, whatever else it quotes; and not where it has one of them."""
    ship, never, else_ = "Ship on Fridays.", "Never ship on Fridays.", "Weeks have days."
    talks = {"a": ship, "b": never, "c": else_}
    turns = tuple(
        Turn(
            id=f"{talk}#t0",
            speaker=f"S{n}",
            sentences=(Sentence(id=f"{talk}#s0", text=said, speaker=f"S{n}", words=(n * 9, n * 9 + 5)),),
        )
        for n, (talk, said) in enumerate(talks.items(), 1)
    )
    speakers = tuple(Speaker(id=f"S{n}") for n in (1, 2, 3))
    quotes = {turn.id[0]: Quote(sentences=(turn.sentences[0].id,), speaker=turn.speaker) for turn in turns}
    parts = [GatheredPart(t, 0, "It", q.sentences, (q,)) for t, q in quotes.items()]
    clustering = Clustering(Document(Turns(language="en", speakers=speakers, turns=turns), ()), parts)
    opposed = [(quotes["a"], quotes["b"])]

    def against(*talks: str) -> tuple[tuple[int, int], ...]:
        theme = Theme(heading="It", body=tuple(quotes[talk] for talk in talks))
        return common_theme(theme, clustering, opposed).against

    assert against("c", "b", "a") == ((2, 1),)
    assert against("a", "c") == ()
