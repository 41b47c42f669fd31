"""What a judge makes of a post: noes go back once, doubts that it does not share are kept with its answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import BudgetError, EndpointError
from pipeline.records import Claim, Takeaways
from pipeline.running.runner import StageError
from pipeline.workspace.talks import Workspace
from tests.support.fake_endpoint import (
    Answered,
    FakeEndpoint,
    completion,
    good,
    good_reply,
    schema_of,
    verdicts,
)
from tests.support.helpers import call_program, panel, run
from tests.takeaways.llm.test_writer import asking, takeaways_of

Request = dict[str, Any]
PLAIN = "says: "  # as the server's own sentences say it


def is_judging(request: Request) -> bool:
    return "verdicts" in schema_of(request)["properties"]


def judging(decide: Callable[[str], bool]) -> Callable[[Request], Answered]:
    """A server that writes, and judges by what a sentence says."""

    def respond(request: Request) -> Answered:
        if is_judging(request):
            return completion(request, verdicts(request, lambda text, cited: decide(text)))
        return completion(request, good_reply(request))

    return respond


@pytest.fixture
def talk(tmp_path: Path) -> Workspace:
    return panel(tmp_path, lines=24)


def pointed(sentence: Mapping[str, Any], verb: str) -> str:
    """A sentence that no rule minds, with some words of the line that it rests on."""
    speaker, _, text = sentence["text"].partition(" ")
    words = sorted({*re.findall(r"\b[a-z]{4,}\b", text)} - {"says"}, key=lambda word: (-len(word), word))[:4]
    return f"{speaker} {verb} points about {', '.join(words)}."


def prose(takeaways: Takeaways) -> list[Claim]:
    return [claim for paragraph in takeaways.prose for claim in paragraph.claims]


def of_the_judge(takeaways: Takeaways) -> list[str]:
    """What a person is told of the judge, and not of how the post was drafted."""
    return [note for note in takeaways.notes if "step by step" not in note]


def judged(server: FakeEndpoint) -> list[str]:
    return [request["messages"][1]["content"] for request in server.requests if is_judging(request)]


def test_one_call_judges_a_post_and_a_second_what_came_back(talk: Workspace) -> None:
    with FakeEndpoint(judging(lambda text: True)) as server:
        run(talk, sets=asking(server))
        asked = judged(server)
    made = takeaways_of(talk)
    assert 1 <= len(asked) <= 2
    assert made.verification
    assert made.verification.judge == "any"
    assert of_the_judge(made) == []
    counts = made.verification
    assert counts.checked == counts.passed + counts.doubted + counts.mended + counts.replaced
    assert all(
        f"] {re.sub('[{}]', '', heading)}" in "".join(asked)
        for heading in (theme.heading for theme in made.themes if not theme.source)
    )


def test_a_no_goes_back_once_with_its_reason_and_the_rewrite_is_judged(talk: Workspace) -> None:
    def respond(request: Request) -> Answered:
        if is_judging(request):
            return completion(request, verdicts(request, lambda text, cited: "makes points" not in text))
        reply = good_reply(request)
        for sentence in reply.get("sentences", ()):
            sentence["text"] = pointed(sentence, "raises")
        for block in reply.get("body", ()):
            for sentence in block.get("paragraph", ()):
                sentence["text"] = pointed(sentence, "makes")
        return completion(request, reply)

    with FakeEndpoint(respond) as server:
        run(talk, sets=asking(server))
        back = [r["messages"][-1]["content"] for r in server.requests if len(r["messages"]) == 4]
        asked = judged(server)
    assert any("cannot stand: its lines do not bear it out: not said" in text for text in back)
    made = takeaways_of(talk)
    assert made.verification
    assert made.verification.reasons["meaning"] > 0
    told = [claim for theme in made.themes for part in theme.paragraphs for claim in part.claims]
    assert all("raises points" in claim.text for claim in told)
    mended = [claim for claim in told if claim.mended_from]  # others came instead of a quote
    assert any("meaning" in {doubt.rule for doubt in claim.doubts} for claim in mended)
    for claim in mended:
        assert claim.outcome == "mended"
        assert "makes points" in (claim.mended_from or "")
        assert any(claim.text.rpartition("} ")[2] in text for text in asked[1:])


def test_what_a_judge_refuses_twice_is_in_no_post(talk: Workspace) -> None:
    with FakeEndpoint(judging(lambda text: False)) as server:
        run(talk, sets=asking(server))
    made = takeaways_of(talk)
    assert made.verification
    assert made.verification.passed == made.verification.doubted == made.verification.mended == 0
    assert made.verification.replaced == made.verification.checked
    assert not any(theme.paragraphs for theme in made.themes)
    assert all(theme.source and theme.quotes for theme in made.themes)
    assert any(
        rejected.why.startswith("its lines do not bear it out: not said") for rejected in made.rejected
    )
    assert not any(re.match(r"[a-z]+: ", rejected.why) for rejected in made.rejected)


DOUBTED = "never "


def doubtful(request: Request) -> dict[str, Any]:
    """Replies whose sentences say never where nobody did, which a rule doubts."""
    reply = good_reply(request)

    def change(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                k: change(v) if k != "text" else v.replace(PLAIN, "never says: ") for k, v in value.items()
            }
        return [change(entry) for entry in value] if isinstance(value, list) else value

    changed: dict[str, Any] = change(reply)
    return changed


def test_a_doubt_that_the_judge_does_not_share_is_kept_with_its_answer(talk: Workspace) -> None:
    def respond(request: Request) -> Answered:
        if is_judging(request):
            return completion(request, verdicts(request))
        return completion(request, doubtful(request))

    with FakeEndpoint(respond) as server:
        run(talk, sets=asking(server))
        asked = judged(server)
    made = takeaways_of(talk)
    doubted = [claim for claim in prose(made) if claim.outcome == "doubted"]
    assert doubted
    assert made.verification
    assert made.verification.doubted >= len(doubted)
    for claim in doubted:
        assert claim.doubts
        assert all(doubt.judge == "as the line says" and doubt.rule and doubt.why for doubt in claim.doubts)
    assert "(noticed: " in asked[0]
    shown = doubted[0].doubts[0].why.replace("{", "").replace("}", "")
    assert shown in asked[0] + asked[1]


def test_with_rules_alone_the_same_doubt_refuses_and_nothing_is_asked(talk: Workspace) -> None:
    with FakeEndpoint(lambda request: completion(request, doubtful(request))) as server:
        run(talk, sets=asking(server, judge="rules"))
        assert not judged(server)
    made = takeaways_of(talk)
    assert made.verification
    assert (made.verification.judge, made.verification.doubted) == ("rules", 0)
    assert not any("never says" in claim.text for claim in prose(made))


def test_a_judge_that_says_yes_to_all_is_not_believed_and_a_person_is_told(talk: Workspace) -> None:
    def respond(request: Request) -> Answered:
        reply = doubtful(request)
        for verdict in reply.get("verdicts", ()):
            verdict["borne_out"] = True
        return completion(request, reply)

    with FakeEndpoint(respond) as server:
        told = run(talk, sets=asking(server))
        assert len(judged(server)) == 1
    made = takeaways_of(talk)
    assert made.verification
    assert made.verification.judge == "rules"
    assert not any("never says" in claim.text for claim in prose(made))
    (note,) = of_the_judge(made)
    assert "could not tell planted true ones from false ones" in note
    assert any(note in warning for warning in told.warnings)


def test_another_model_judges_at_its_own_server_and_price(
    talk: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeEndpoint() as server, FakeEndpoint() as sage:
        prices = {"input_price": 1.0, "output_price": 2.0}
        (extract,) = asking(server, **prices, max_cost=9.0)
        judge = {"base_url": sage.url, "model": "sage", "input_price": 10.0, "output_price": 20.0}
        sets = [
            f"--set={table}.{key}={value}"
            for table, values in ({**extract, "judge": judge}).items()
            for key, value in values.items()
        ]
        run(talk, only="transcribe")
        run(talk, only="segment")
        _, dry, _ = call_program(talk, monkeypatch, capsys, "run", "inputs/panel.md", "--dry-run", *sets)
        assert "panel: extract asks any: about " in dry
        assert "panel: its judge is sage: about " in dry
        assert "together, of any and sage: about " in dry
        _, as_json, _ = call_program(
            talk, monkeypatch, capsys, "run", "inputs/panel.md", "--dry-run", *sets, "--json"
        )
        forecast = json.loads(as_json)["talks"][0]
        assert forecast["judging"]["model"] == forecast["judge"] == "sage"
        assert forecast["judging"]["cost"] > 0
        assert not sage.requests
        run(talk, sets=({**extract, "judge": judge},))
        assert not judged(server)
        assert 1 <= len(judged(sage)) <= 2
        assert {request["model"] for request in sage.requests} == {"sage"}
        made = len(sage.requests)
        assert 0.5 * made <= forecast["judging"]["calls"] <= 2 * made
        used = json.loads((talk.outputs / "panel" / "3_takeaways.json").read_text("utf-8"))["used"]
        assert used["judge"] == "sage"
        assert used["calls"] == len(server.requests) + made
    assert takeaways_of(talk).verification.judge == "sage"  # type: ignore[union-attr]


def down_after(calls: int, status: int) -> Callable[[Request], Answered]:
    """A judge's server that fails after some calls."""
    answered: list[Request] = []

    def respond(request: Request) -> Answered:
        answered.append(request)
        return good(request) if len(answered) <= calls else (status, b'{"error": {"message": "no luck"}}')

    return respond


@pytest.mark.parametrize(("calls", "status"), [(0, 500), (0, 401), (1, 503)])
def test_a_post_does_without_another_judge_that_is_down(talk: Workspace, calls: int, status: int) -> None:
    with FakeEndpoint() as server, FakeEndpoint(down_after(calls, status)) as sage:
        (extract,) = asking(server, retries=0)
        told = run(talk, sets=({**extract, "judge": {"base_url": sage.url, "model": "sage"}},))
    made = takeaways_of(talk)
    assert made.verification
    assert made.verification.judge == ("sage" if calls else "rules")
    assert made.themes
    (note,) = of_the_judge(made)
    assert "sage could not be asked which sentences are borne out, so rules decided instead." in note
    assert sage.url in note
    assert "run again with --force" in note
    assert any(note in warning for warning in told.warnings)
    assert not judged(server)


def test_a_judge_at_which_nothing_listens_is_one_that_is_down(talk: Workspace) -> None:
    with FakeEndpoint() as server:
        (extract,) = asking(server, retries=0)
        judge = {"base_url": "http://127.0.0.1:9/v1", "model": "sage"}
        run(talk, sets=({**extract, "judge": judge},))
    assert "nothing listens there" in of_the_judge(takeaways_of(talk))[0]


def test_where_the_writer_s_own_server_fails_the_run_ends(talk: Workspace) -> None:
    def respond(request: Request) -> Answered:
        return (500, b'{"error": {"message": "no luck"}}') if is_judging(request) else good(request)

    with FakeEndpoint(respond) as server, pytest.raises(StageError) as raised:
        run(talk, sets=asking(server, retries=0))
    assert isinstance(raised.value.__cause__, EndpointError)


def test_what_a_judge_costs_counts_towards_the_limit(talk: Workspace) -> None:
    with FakeEndpoint() as server:
        (extract,) = asking(server, input_price=0.001, output_price=0.001, max_cost=0.001)
        judge = {"model": "sage", "input_price": 100.0, "output_price": 100.0}
        with pytest.raises(StageError) as raised:
            run(talk, sets=({**extract, "judge": judge},))
        assert isinstance(raised.value.__cause__, BudgetError)
        assert not judged(server)


def test_a_dry_run_names_the_judge(
    talk: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(talk, only="transcribe")
    run(talk, only="segment")
    dry = ("run", "inputs/panel.md", "--dry-run", "--set", "extract.base_url=http://127.0.0.1:9/v1")
    for judge, said in (("auto", "its judge is any"), ("rules", "its judge is rules")):
        sets = ("--set", "extract.model=any", "--set", f"extract.judge={judge}")
        _, out, _ = call_program(talk, monkeypatch, capsys, *dry, *sets)
        assert f"panel: {said}" in out
