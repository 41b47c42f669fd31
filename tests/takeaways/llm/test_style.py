"""A sample of the author's writing steers a writer's manner; what it says stays out of the post."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.fake_endpoint import FakeEndpoint, completion, good, good_reply, schema_of
from tests.support.helpers import panel, run
from tests.support.hostile_replies import Answered

SAMPLE = (
    "---\ntitle: Old\n---\nLast spring I went to [Zurich](https://old.example/zurich). 4711 people came, and "
    "Zoe Quist fell into the lake.\n"
)
FROM_SAMPLE = ("This is how it went in Zurich.", "It is about 4711 people.", "Zoe Quist fell into the lake.")


def posts(place_of: Path, taken: Sequence[str] = (), **extract: Any) -> tuple[list[str], str, list[str]]:
    """The prompts of a run, the post, and what was refused, if the model takes sentences from the sample."""
    place = panel(place_of, lines=24)
    (place.root / "old.md").write_text(SAMPLE, "utf-8")
    prompts: list[str] = []

    def respond(request: dict[str, Any]) -> Answered:
        prompts.append(request["messages"][1]["content"])
        reply = good_reply(request)
        if "sections" in schema_of(request)["properties"]:
            paragraphs = (b["paragraph"] for s in reply["sections"] for b in s["body"] if "paragraph" in b)
            for text, paragraph in zip(taken, paragraphs, strict=False):
                paragraph[0]["text"] = text
        for rewrite in reply.get("sentences", ()) if taken else ():
            rewrite["text"] = ""  # given up
        return completion(request, reply)

    with FakeEndpoint(respond) as server:
        sets = {"base_url": server.url, "model": "any", "context": 32_000, **extract}
        recorder = run(place, sets=({"extract": sets},))
    made = json.loads((place.outputs / "panel" / "3_takeaways.json").read_bytes())
    refused = [str(rejection) for rejection in made["data"]["rejected"]]
    assert any(note == "style: old.md, all of it" for note in recorder.notes) is ("style" in extract)
    return prompts, (place.outputs / "panel" / "post.md").read_text("utf-8"), refused


def test_it_is_shown_between_markers_without_where_its_links_lead(tmp_path: Path) -> None:
    prompts, _, _ = posts(tmp_path, style="old.md")
    shown = [prompt for prompt in prompts if "Last spring I went to Zurich." in prompt]
    assert shown
    assert not any("old.example" in prompt or "title: Old" in prompt for prompt in prompts)
    for prompt in shown:
        before, _, after = prompt.partition("Last spring")
        assert before.rstrip().rpartition("\n")[2].startswith("=== ")
        assert after.partition("\n")[2].startswith("=== end of ")
    assert not any("Zurich" in prompt for prompt in posts(tmp_path / "without")[0])


@pytest.mark.parametrize("judge", ["rules", "model"])
def test_what_it_says_does_not_get_into_the_post(tmp_path: Path, judge: str) -> None:
    """Names and numbers that nobody said in the talk are refused, whatever a judge thinks of them."""
    _, post, refused = posts(tmp_path, FROM_SAMPLE, style="old.md", judge=judge)
    assert all(any(text in told for told in refused) for text in FROM_SAMPLE)
    assert not any(word in post for word in ("Zurich", "4711", "Quist"))


def test_another_sample_reruns_extract_and_another_link_in_it_does_not(tmp_path: Path) -> None:
    place = panel(tmp_path, lines=24)
    sample = place.root / "old.md"
    sample.write_text(SAMPLE, "utf-8")
    with FakeEndpoint() as server:
        sets = ({"extract": {"base_url": server.url, "model": "any", "style": "old.md"}},)
        assert "extract" in run(place, sets=sets).ran
        sample.write_text(SAMPLE.replace("/zurich", "/z"), "utf-8")
        assert run(place, sets=sets).ran == []
        sample.write_text(SAMPLE.replace("spring", "autumn"), "utf-8")
        recorder = run(place, sets=sets)
    assert "extract" in recorder.ran
    assert any("style" in reason for reason in recorder.reasons["extract"])


def test_the_writer_is_told_which_notes_it_may_reword(tmp_path: Path) -> None:
    place, prompts = panel(tmp_path, lines=24), list[str]()
    notes = 'notes = ["I keep a diary.", { text = "I lost it once.", verbatim = false }]\n'
    (place.inputs / "panel.toml").write_text(notes, "utf-8")

    def respond(request: dict[str, Any]) -> Answered:
        prompts.append(request["messages"][1]["content"])
        return good(request)

    with FakeEndpoint(respond) as server:
        run(place, sets=({"extract": {"base_url": server.url, "model": "any", "context": 32_000}},))
    assert "\n1. I keep a diary.\n2. (may be reworded) I lost it once.\n" in prompts[0]
