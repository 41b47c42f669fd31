"""The stage extract: what it keeps for its next run, and what it says of a talk's language."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.forecast import forecast
from pipeline.engines import sentence_vectors, syntax, syntax_models
from pipeline.running.runner import Plan
from pipeline.stages.extract import EXTRACT
from pipeline.weights import catalog
from pipeline.workspace import discovery, talks
from pipeline.workspace.receipts import made_from
from pipeline.workspace.talks import Source, Workspace
from tests.support.fake_endpoint import FakeEndpoint, good
from tests.support.helpers import panel, run
from tests.support.hostile_replies import Answered


def test_sentences_are_parsed_and_embedded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = panel(tmp_path, lines=24)
    artifact = place.outputs / "panel" / "3_takeaways.json"
    with FakeEndpoint() as server:
        sets = ({"extract": {"base_url": server.url, "model": "any"}},)
        run(place, sets=sets)
        first = json.loads(artifact.read_bytes())["data"]
        (kept,) = place.state("panel").parses.files()
        (vectors,) = place.state("panel").vectors.files()
        assert min(kept.stat().st_size, vectors.stat().st_size) > 1000
        monkeypatch.setattr(syntax, "_load", None)
        monkeypatch.setattr(sentence_vectors, "_load", None)
        assert run(place, sets=sets, force=True, only="extract").ran == ["extract"]
        before = kept.read_bytes()
        ((source,), _) = discovery.discover([place.inputs], place)
        told = forecast(source, place, Plan((EXTRACT,), True, sets))
    assert (told.spending and told.spending.calls, kept.read_bytes()) == (0, before)
    assert json.loads(artifact.read_bytes())["data"] == first


def test_the_window_that_was_learnt_is_told_and_holds_while_the_server_is_away(tmp_path: Path) -> None:
    place = panel(tmp_path, lines=24)
    artifact = place.outputs / "panel" / "3_takeaways.json"
    with FakeEndpoint() as server:
        server.window = 16384
        sets = ({"extract": {"base_url": server.url, "model": "any"}},)
        assert not any("extract.context" in note for note in run(place, sets=sets).notes)
        first = json.loads(artifact.read_bytes())
        assert first["used"]["window"] == "16,384 tokens, by the server's list of models"
        ((source,), _) = discovery.discover([place.inputs], place)
        told = forecast(source, place, Plan((EXTRACT,), True, sets)).spending
        assert told
        assert told.window == first["used"]["window"]
    run(place, sets=sets, force=True, only="extract")
    again = json.loads(artifact.read_bytes())
    assert (again["used"]["calls"], again["data"]) == (0, first["data"])
    assert again["used"]["window"].endswith("when it was last asked")
    assert again["made_from"] == first["made_from"]


def test_a_window_that_nobody_knows_is_told_with_how_to_state_it(tmp_path: Path) -> None:
    place = panel(tmp_path, lines=24)
    with FakeEndpoint() as server:
        extract = {"base_url": server.url, "model": "any"}
        (told,) = (n for n in run(place, sets=({"extract": extract},)).notes if "window" in n)
        assert "8,192 tokens, assumed" in told
        assert "--set extract.context=N" in told
        stated = {"extract": {**extract, "context": 8192}}
        assert not any("window" in note for note in run(place, sets=(stated,)).notes)


def test_a_language_without_a_parser_is_told(tmp_path: Path) -> None:
    place = panel(tmp_path, lines=24)
    (place.inputs / "panel.toml").write_text('language = "ja"\n', "utf-8")
    with FakeEndpoint() as server:
        sets = ({"extract": {"base_url": server.url, "model": "any"}},)
        recorder = run(place, sets=sets)
        assert any("no parser for the language 'ja'" in note for note in recorder.notes)
        assert '"parser": "none"' in (place.outputs / "panel" / "3_takeaways.json").read_text("utf-8")
        (place.inputs / "panel.toml").unlink()
        assert not any("parser" in note for note in run(place, sets=sets).notes)


def test_a_talk_without_a_language_model_has_nothing_to_do_with_a_parser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = panel(tmp_path, lines=24)
    with monkeypatch.context() as without:
        without.setattr(syntax_models, "find_spec", {"spacy": None}.get)
        assert not any("spaCy" in note for note in run(place).notes)
    assert "parser" not in (place.outputs / "panel" / "3_takeaways.json").read_text("utf-8")
    assert run(place).ran == []


def counting(prompts: list[str]) -> Callable[[dict[str, Any]], Answered]:
    """A good server that notes what it is asked."""

    def counted(request: dict[str, Any]) -> Answered:
        prompts.append(str(request["messages"]))
        return good(request)

    return counted


def test_a_name_changed_reruns_render_alone(tmp_path: Path) -> None:
    place, prompts = panel(tmp_path, lines=24), list[str]()
    sidecar = place.inputs / "panel.toml"
    person = '[speakers]\n"{}" = {{ label = "Pieter Wuille", role = "Harbour"{} }}\n'
    with FakeEndpoint(counting(prompts)) as server:
        sets = ({"extract": {"base_url": server.url, "model": "any"}},)
        sidecar.write_text(person.format("Zoe Quist", ""), "utf-8")
        run(place, sets=sets)
        assert any("Zoe Quist, Harbour" in prompt for prompt in prompts)
        before = len(prompts)
        for about in ('short = "Zo"', 'short = "Z", pronoun = "she"', 'link = "https://z.example"'):
            sidecar.write_text(person.format("Zoe Quist", f", {about}"), "utf-8")
            assert run(place, sets=sets).ran == ["render"]
        sidecar.write_text(person.format("Ida Marsh", ""), "utf-8")
        assert run(place, sets=sets).ran == ["render"]
        assert len(prompts) == before
    assert "Ida Marsh" in (place.outputs / "panel" / "post.md").read_text("utf-8")


ROLES = {
    "panel.toml": '[speakers]\n"Zoe Quist" = {{ label = "Pieter Wuille", role = "{}" }}\n',
    "cohort.toml": '[speakers]\n"Pieter Wuille" = {{ role = "{}" }}\n',
    "panel.review.toml": '[[speaker]]\nname = "Zoe Quist"\nlabel = "Pieter Wuille"\nrole = "{}"\n',
}


def test_a_role_put_right_is_told_the_model(tmp_path: Path) -> None:
    place, prompts = panel(tmp_path, lines=24), list[str]()
    sidecar, stated = place.inputs / "panel.toml", ROLES["panel.toml"]
    with FakeEndpoint(counting(prompts)) as server:
        sets = ({"extract": {"base_url": server.url, "model": "any"}},)
        sidecar.write_text(stated.format("Harbour"), "utf-8")
        run(place, sets=sets)
        prompts.clear()
        sidecar.write_text(stated.format("Lighthouse"), "utf-8")
        assert run(place, sets=sets).ran == ["extract", "render"]
        assert run(place, sets=sets).ran == []
    assert any("Lighthouse" in prompt for prompt in prompts)
    assert not any("Harbour" in prompt for prompt in prompts)


def receipt(place: Workspace, writer: str) -> dict[str, Any]:
    sets = {"extract": {"base_url": "http://localhost:1/v1", "model": "any", "writer": writer}}
    return made_from(EXTRACT.reads(talks.load(Source("panel", place.inputs / "panel.md"), place, (sets,))))


@pytest.mark.parametrize("file", ROLES)
def test_roles_of_every_file_count_where_a_model_writes(tmp_path: Path, file: str) -> None:
    place = panel(tmp_path, lines=24)
    receipts: dict[str, list[dict[str, Any]]] = {"openai": [], "extractive": []}
    for role in ("Harbour", "Lighthouse"):
        (place.inputs / file).write_text(ROLES[file].format(role), "utf-8")
        for writer, seen in receipts.items():
            seen.append(receipt(place, writer))
    first, second = receipts["openai"]
    assert {name for name in first if first[name] != second[name]} == {"facts.roles"}
    assert receipts["extractive"][0] == receipts["extractive"][1]


def test_a_role_that_goes_to_another_person_counts(tmp_path: Path) -> None:
    """Though the roles and the names are the same; in another order alone they are what they were."""
    place = panel(tmp_path, lines=24)
    people = ('"Pieter Wuille" = { role = "A" }', '"Mike Schmidt" = { role = "B" }')
    seen = []
    for stated in (
        people,
        people[::-1],
        ('"Mike Schmidt" = { role = "A" }', '"Pieter Wuille" = { role = "B" }'),
    ):
        (place.inputs / "panel.toml").write_text("\n".join(("[speakers]", *stated)), "utf-8")
        seen.append(receipt(place, "openai"))
    assert seen[0] == seen[1] != seen[2]


def test_another_parser_reruns_extract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = panel(tmp_path, lines=24)
    other = replace(catalog.EN_CORE_WEB_SM, files=catalog.EN_CORE_WEB_SM.files[:1])
    with FakeEndpoint() as server:
        sets = ({"extract": {"base_url": server.url, "model": "any"}},)
        run(place, sets=sets)
        for parsers, reason in (({"en": other}, "parser en"), ({}, "parser en is gone")):
            monkeypatch.setattr(syntax_models, "_PINNED", parsers)
            recorder = run(place, sets=sets)
            assert any(reason in told for told in recorder.reasons["extract"])
            assert "extract" in recorder.ran
