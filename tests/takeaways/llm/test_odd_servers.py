"""Posts by way of servers that differ a little, and runs that one of them ends: what was made stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.engines.chat.tokens import count_messages
from pipeline.workspace.talks import Workspace
from tests.support.fake_endpoint import Answered, FakeEndpoint, completion, error, good, good_reply, schema_of
from tests.support.helpers import call_program, panel

Request = dict[str, Any]
Program = Callable[..., tuple[int, str, str]]


@pytest.fixture
def talk(tmp_path: Path) -> Workspace:
    return panel(tmp_path, lines=24)


@pytest.fixture
def program(talk: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    """`takeaways run` with that server."""

    def call(server: FakeEndpoint, *more: str) -> tuple[int, str, str]:
        sets = [f"extract.base_url={server.url}", "extract.model=any", "extract.retries=1", *more]
        flags = [flag for value in sets for flag in ("--set", value)]
        return call_program(talk, monkeypatch, capsys, "run", "inputs/panel.md", *flags)

    return call


def message(request: Request, **fields: Any) -> Answered:
    """A completion whose message has these fields."""
    status, headers, body = completion(request, "")
    assert isinstance(body, bytes)
    whole = json.loads(body)
    whole["choices"][0]["message"] = {"role": "assistant", **fields}
    return status, headers, json.dumps(whole).encode()


def said(request: Request) -> str:
    return json.dumps(good_reply(request))


def refusing(name: str, message: str) -> Callable[[Request], Answered]:
    return lambda request: error(400, message) if name in json.dumps(request) else good(request)


def echoing(request: Request) -> Answered:
    """It thinks of an object, then answers with another."""
    return completion(request, f'[THINK]They want {{"lines": 1}} or {said(request)}[/THINK]{said(request)}')


def streamed(request: Request, text: str) -> Answered:
    """The same as a stream of events, which nobody asked for."""
    deltas: list[Any] = [{"role": "assistant", "content": ""}, {"reasoning_content": 'Is it {"lines": 1}?'}]
    deltas += [{"content": text[at : at + 9]} for at in range(0, len(text), 9)]
    events = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    events += [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": None}]
    lines = [": keep-alive", *(f"data: {json.dumps(event)}" for event in events), "data: [DONE]"]
    return 200, {"Content-Type": "text/event-stream"}, "\n\n".join(lines).encode()


ODD: dict[str, Callable[[Request], Answered]] = {
    "no schema": refusing('"json_schema"', "This response_format type is unavailable now"),
    "no format": refusing('"response_format"', "response_format is not known"),
    "no bounds": refusing('"maxItems"', "maxItems is not supported"),
    "thoughts": echoing,
    "prose": lambda request: completion(request, f"Sure {{x}}: ```json {said(request)} ``` See {{if}}."),
    "a stream": lambda request: streamed(request, said(request)),
    "no usage": lambda request: completion(request, said(request), usage={}),
    "half a surrogate pair": lambda request: completion(
        request, said(request).replace(" the ", " the\ud800 \x1b[31m")
    ),
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_server_writes_a_post(kind: str, talk: Workspace, program: Program) -> None:
    with FakeEndpoint(ODD[kind]) as server:
        code, _, told = program(server)
        assert code == 0, told
        refused = sum(ODD[kind](request)[0] != 200 for request in server.requests)
        assert refused <= 6, "what was learnt is remembered"
    made = json.loads((talk.outputs / "panel" / "3_takeaways.json").read_text("utf-8"))["data"]
    assert made["writer"] == "openai"
    assert made["verification"]["passed"] > 0
    assert "\x1b" not in (talk.outputs / "panel" / "post.md").read_text("utf-8")


USELESS: dict[str, tuple[Callable[[Request], Answered], str]] = {
    "refusal": (lambda request: message(request, content=None, refusal="I can't."), "it refuses: 'I can't.'"),
    "refusal in prose": (
        lambda request: completion(request, "I'm sorry, but I can't help with that."),
        "it answers in prose: 'I'm sorry, but I can't help with that.'",
    ),
    "filtered": (
        lambda request: completion(request, said(request)[:40], finish="content_filter"),
        "the server's content filter stopped it",
    ),
    "empty": (lambda request: completion(request, ""), "it is empty"),
    "thoughts alone": (
        lambda request: message(request, content="", reasoning_content="Let me see."),
        "it thought, but said nothing; for a model that thinks first, set extract.thinking",
    ),
    "thoughts in tags alone": (
        lambda request: completion(request, f"<think>{said(request)}</think>"),
        "it thought, but said nothing",
    ),
    "cut off": (
        lambda request: completion(request, said(request)[:30], finish="length"),
        "it was cut off after",
    ),
    "cut off before it spoke": (
        lambda request: completion(request, "", finish="length"),
        "it ran out of tokens before it said anything",
    ),
    "an error": (lambda request: (200, {}, b'{"error": {"message": "out of order"}}'), "out of order"),
    "LM Studio": (
        lambda request: (400, {}, b'{"error": "the model has crashed"}'),
        "refuses the call (the model has crashed)",
    ),
}


@pytest.mark.parametrize("kind", USELESS)
def test_a_useless_server_is_told_as_what_it_is_and_costs_nothing(
    kind: str, talk: Workspace, program: Program
) -> None:
    respond, words = USELESS[kind]
    with FakeEndpoint(respond) as server:
        code, _, told = program(server)
    assert code == 1
    assert words in " ".join(told.split())
    assert "Expecting value" not in told
    assert (talk.outputs / "panel" / "2_turns.json").exists()
    assert not (talk.outputs / "panel" / "3_takeaways.json").exists()


def test_what_was_made_before_a_failure_stays_and_is_not_asked_for_again(
    talk: Workspace, program: Program
) -> None:
    is_broken = False

    def respond(request: Request) -> Answered:
        if is_broken and "heading" in schema_of(request)["properties"]:
            return error(400, "I have had enough")
        return good(request)

    with FakeEndpoint(respond) as server:
        is_broken = True
        code, _, told = program(server)
        assert (code, "I have had enough" in told) == (1, True)
        folder = talk.outputs / "panel"
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert {"1_transcript.json", "2_turns.json"} <= set(before)
        answered = [r for r in server.requests if "heading" not in schema_of(r)["properties"]]
        is_broken = False
        asked = len(server.requests)
        assert program(server)[0] == 0
        later = server.requests[asked:]
    assert later
    assert not [r for r in later if r in answered]
    assert all((folder / name).read_bytes() == data for name, data in before.items())


@pytest.mark.parametrize("kind", ["refusal in prose", "cut off", "filtered", "empty"])
def test_a_useless_server_that_is_mended_is_asked_again(kind: str, talk: Workspace, program: Program) -> None:
    with FakeEndpoint(USELESS[kind][0]) as server:
        assert program(server)[0] == 1
        server.respond = good
        code, _, told = program(server)
    assert code == 0, told
    assert (talk.outputs / "panel" / "post.md").exists()


def usage(request: Request, tokens: float) -> Answered:
    return completion(request, said(request), usage={"prompt_tokens": round(tokens), "completion_tokens": 9})


def test_a_language_with_fewer_tokens_is_no_cut(program: Program) -> None:
    """Small calls count one token for each of ours, longer ones a third: another call or two settle it."""
    probes: list[Request] = []

    def respond(request: Request) -> Answered:
        counted = count_messages(request["messages"])
        probes.extend([request] if request.get("max_tokens") == 20 and counted > 500 else [])
        return usage(request, counted if counted < 480 else 160 + counted / 3)

    with FakeEndpoint(respond) as server:
        code, _, told = program(server)
        assert code == 0, told
    assert 1 <= len(probes) <= 3


def test_a_server_that_reads_all_is_asked_nothing_more(program: Program) -> None:
    with FakeEndpoint() as server:
        assert program(server)[0] == 0
        small = [r for r in server.requests if r["max_tokens"] == 20]
    assert len(small) == 2


@pytest.mark.parametrize("window", [400, 600])
def test_a_server_that_cuts_prompts_is_sure_to_be_told(window: int, program: Program) -> None:
    def respond(request: Request) -> Answered:
        return usage(request, min(window, count_messages(request["messages"])))

    with FakeEndpoint(respond) as server:
        code, _, told = program(server)
    assert code == 1
    assert "it cuts long prompts without saying so" in told
    assert f"reads {window} tokens of a prompt" in told


def test_the_schema_in_the_prompt_counts(program: Program, talk: Workspace) -> None:
    """A server that counts the schema too, since it is in the prompt, is as expected."""
    with FakeEndpoint(refusing('"response_format"', "response_format is not known")) as server:
        assert program(server)[0] == 0
        taken = [r for r in server.requests if "response_format" not in r]
        assert not [r for r in taken if r["max_tokens"] == 20 and count_messages(r["messages"]) > 700]
    used = json.loads((talk.outputs / "panel" / "3_takeaways.json").read_text("utf-8"))["used"]
    assert used["tokens read"] == sum(count_messages(r["messages"]) for r in taken)
