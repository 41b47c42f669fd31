"""The language-model writer against a server that misbehaves: nothing is lost, nothing is believed."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import BudgetError, ConfigError, EndpointError
from pipeline.records import Takeaways
from pipeline.running import artifacts
from pipeline.running.runner import StageError
from pipeline.stages import EXTRACT
from pipeline.workspace.talks import Workspace
from tests.support.fake_endpoint import Answered, FakeEndpoint, completion, error, good, good_reply, schema_of
from tests.support.helpers import Recorder, load, panel, run

Request = dict[str, Any]


def asking(server: FakeEndpoint, **more: Any) -> tuple[dict[str, Any], ...]:
    """Overrides that name the server."""
    return ({"extract": {"base_url": server.url, "model": "any", "retries": 2, "concurrency": 1, **more}},)


def takeaways_of(workspace: Workspace) -> Takeaways:
    record = artifacts.load(load(workspace), EXTRACT)
    assert isinstance(record, Takeaways)
    return record


def failure(workspace: Workspace, server: FakeEndpoint, **more: Any) -> BaseException:
    """What the extract stage raised; it left no artifact behind."""
    with pytest.raises(StageError) as raised:
        run(workspace, sets=asking(server, **more))
    assert raised.value.stage == "extract"
    assert not (workspace.outputs / "panel" / "3_takeaways.json").exists()
    assert raised.value.__cause__ is not None
    return raised.value.__cause__


def first(times: int, bad: Callable[[Request], Answered]) -> Callable[[Request], Answered]:
    """A server that is bad to its first calls and good after."""
    left, lock = [times], threading.Lock()

    def respond(request: Request) -> Answered:
        with lock:
            left[0] -= 1
            now = left[0]
        return bad(request) if now >= 0 else good(request)

    return respond


@pytest.fixture
def talk(tmp_path: Path) -> Workspace:
    return panel(tmp_path, lines=24)


def test_a_post_is_written_and_never_asked_for_twice(talk: Workspace) -> None:
    with FakeEndpoint() as server:
        run(talk, sets=asking(server))
        calls = len(server.requests)
        assert calls > 5
        again = run(talk, only="extract", force=True, sets=asking(server))
        assert again.ran == ["extract"]
        assert len(server.requests) == calls
    made = takeaways_of(talk)
    assert made.writer == "openai"
    assert made.verification
    assert made.verification.checked > 5
    assert all(theme.paragraphs or theme.quotes for theme in made.themes)


def test_each_step_corrects_how_many_calls_are_expected(talk: Workspace) -> None:
    """When the headings begin, their number is known; what follows the frame is estimated."""
    ticks: list[tuple[float, float | None]] = []

    class Watcher(Recorder):
        def progress(self, talk: str, stage: str, reached: float, total: float | None) -> None:
            if stage == "extract":
                ticks.append((reached, total))

    with FakeEndpoint() as server:
        run(talk, sets=asking(server), recorder=Watcher())
        asked = [tuple(_asked(request)) for request in server.requests]
    begun, headings = asked.index(("heading",)), asked.count(("body",))
    reached, expected = ticks[begun]
    assert reached == begun + 1
    assert expected is not None
    assert 3 <= expected - (begun + headings + 1) <= 5  # judge, what goes back, and judge again


def test_a_run_goes_on_where_it_stopped(talk: Workspace) -> None:
    """What was answered before a failure is not asked again."""
    limit = [4]

    def respond(request: Request) -> Answered:
        limit[0] -= 1
        return good(request) if limit[0] >= 0 else error(500, "out of order")

    with FakeEndpoint(respond) as server:
        assert "fails with 500" in str(failure(talk, server, retries=0))
        before = [json.dumps(request["messages"]) for request in server.requests[:4]]
        limit[0] = 1000
        run(talk, sets=asking(server))
        after = [json.dumps(request["messages"]) for request in server.requests[5:]]
    assert not set(before) & set(after)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(talk: Workspace, status: int) -> None:
    with FakeEndpoint(first(2, lambda request: error(status, "later", Retry_After="0.1"))) as server:
        run(talk, sets=asking(server))
        assert server.requests[0]["messages"] == server.requests[2]["messages"]
    assert takeaways_of(talk).themes


def test_retry_after_is_honoured(talk: Workspace) -> None:
    moments: list[float] = []

    def respond(request: Request) -> Answered:
        moments.append(time.monotonic())
        return error(429, "slow down", Retry_After="2") if len(moments) == 1 else good(request)

    with FakeEndpoint(respond) as server:
        run(talk, sets=asking(server))
    assert moments[1] - moments[0] >= 2


@pytest.mark.parametrize(
    ("respond", "message"),
    [
        (
            lambda request: error(429, "no credit", Retry_After="0.1"),
            "too busy, or the account is out of credit",
        ),
        (lambda request: error(502, "bad gateway", Retry_After="0.1"), "fails with 502 (bad gateway)"),
        (lambda request: error(401, "no such thing"), "asks for a key, and was sent none (no such thing)"),
        (lambda request: error(403, "no such thing"), "forbids the call (no such thing)"),
        (lambda request: error(402, "no money"), "the account is out of credit (no money)"),
        (lambda request: error(413, "smaller!"), "a call is larger than the server takes (smaller!)"),
        (lambda request: error(404, "no such model"), "does not know the model 'any'"),
        (lambda request: error(400, "prompt exceeds the context size"), "window is too small"),
        (lambda request: error(400, "response_format?"), "refuses the call"),
        (lambda request: (0, {}, b""), "ends the connection (Server disconnected"),
        (
            lambda request: (200, {"Content-Length": "500"}, b'{"choices": ['),
            "ends the connection (peer closed",
        ),
        (
            lambda request: (200, {"Content-Type": "text/html"}, b"<html>Hello</html>"),
            "not a chat completion",
        ),
        (lambda request: (200, {}, b'{"choices": []}'), "could be used (it is empty)"),
        (lambda request: (200, {}, b"not json"), "not a chat completion ('not json')"),
    ],
)
def test_every_refusal_is_one_message_with_a_remedy(
    talk: Workspace, respond: Callable[[Request], Answered], message: str
) -> None:
    with FakeEndpoint(respond) as server:
        raised = failure(talk, server, retries=1)
        assert isinstance(raised, EndpointError)
        assert message in str(raised)
        assert raised.remedy
        assert server.url in str(raised)


def test_a_server_that_hangs_is_given_up(talk: Workspace) -> None:
    def hang(request: Request) -> Answered:
        time.sleep(3)
        return good(request)

    with FakeEndpoint(hang) as server:
        raised = failure(talk, server, timeout=0.3, retries=1)
        assert "does not answer in time" in str(raised)
        assert len(server.requests) == 2


def test_a_server_that_cuts_long_prompts_is_found_out(talk: Workspace) -> None:
    """It says 200 and writes a fine reply, to the half of the prompt that it read."""

    def respond(request: Request) -> Answered:
        status, headers, body = good(request)
        whole = json.loads(body)
        whole["usage"]["prompt_tokens"] = min(whole["usage"]["prompt_tokens"], 600)
        return status, headers, json.dumps(whole).encode()

    with FakeEndpoint(respond) as server:
        raised = failure(talk, server)
    assert isinstance(raised, EndpointError)
    assert "it cuts long prompts without saying so" in str(raised)
    assert "num_ctx" in str(raised)


def test_another_tokenizer_is_no_cut(talk: Workspace) -> None:
    """A model that counts half as many tokens, or twice, does so from the first small call on."""
    for factor in (0.5, 2.0):

        def respond(request: Request, factor: float = factor) -> Answered:
            status, headers, body = good(request)
            whole = json.loads(body)
            whole["usage"]["prompt_tokens"] = round(whole["usage"]["prompt_tokens"] * factor)
            return status, headers, json.dumps(whole).encode()

        with FakeEndpoint(respond) as server:
            run(talk, force=True, sets=asking(server, context=16384))


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda reply: "I would rather talk about something else.",
        lambda reply: json.dumps(reply)[:-5],
        lambda reply: "",
        lambda reply: json.dumps({"answer": 42}),
        lambda reply: "{" * 3000,
    ],
)
def test_a_reply_that_cannot_be_used_is_sent_back_once(
    talk: Workspace, spoilt: Callable[[dict[str, Any]], str]
) -> None:
    """The first map reply is spoilt; the model is told why and the second one is used."""
    seen: list[Request] = []

    def respond(request: Request) -> Answered:
        if "points" in _asked(request) and not seen:
            seen.append(request)
            return completion(request, spoilt(good_reply(request)))
        return good(request)

    with FakeEndpoint(respond) as server:
        run(talk, sets=asking(server))
        told = [r["messages"][-1]["content"] for r in server.requests if len(r["messages"]) == 4]
    assert any(text.startswith("That reply cannot be used: ") for text in told)
    assert "reply" not in (takeaways_of(talk).verification or _none()).reasons


def test_a_number_out_of_range_is_sent_back_with_the_range(talk: Workspace) -> None:
    def respond(request: Request) -> Answered:
        reply = good_reply(request)
        if "points" in _asked(request) and len(request["messages"]) == 2:
            reply["points"][0]["lines"] = [9999]
        return completion(request, reply)

    with FakeEndpoint(respond) as server:
        run(talk, sets=asking(server))
        told = [r["messages"][-1]["content"] for r in server.requests if len(r["messages"]) == 4]
    assert any("there is no number 9999 among the lines, which go from 1 to" in text for text in told)
    assert takeaways_of(talk).themes


def test_only_rubbish_is_an_error_not_a_post(talk: Workspace) -> None:
    def respond(request: Request) -> Answered:
        return completion(request, "rubbish")

    with FakeEndpoint(respond) as server:
        assert "replies could be used" in str(failure(talk, server))


def test_rubbish_after_the_map_still_gives_a_post_of_what_was_said(talk: Workspace) -> None:
    """Themes are grouped without the model, headings and quotes extracted; all of it is counted."""

    def respond(request: Request) -> Answered:
        return good(request) if "points" in _asked(request) else completion(request, "rubbish")

    with FakeEndpoint(respond) as server:
        run(talk, sets=asking(server))
    made = takeaways_of(talk)
    assert made.themes
    assert all(theme.heading and theme.quotes and not theme.paragraphs for theme in made.themes)
    assert made.title
    assert made.verification
    assert made.verification.passed == made.verification.mended == 0
    assert made.verification.replaced == made.verification.checked == made.verification.reasons["reply"]


LIES = [
    "S1 was born in 1871 and owns 42 submarines.",
    "Napoleon Bonaparte invented the mempool at Stanford.",
    'S1 says "I have never trusted any of this and nobody should".',
    "S99 warns that the whole project will be shut down.",
    "Visit https://example.com to claim your prize.",
    "Kittens adore warm milk, soft blankets and gentle sunshine.",
]


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_sent_back_and_then_replaced(talk: Workspace, lie: str) -> None:
    """A model that insists on a lie in every text that it writes gets none of it into the post."""

    def respond(request: Request) -> Answered:
        return completion(request, _with_every_text(good_reply(request), lie))

    with FakeEndpoint(respond) as server:
        run(talk, sets=asking(server))
        back = [r for r in server.requests if "cannot stand" in r["messages"][-1]["content"]]
    assert back
    made = takeaways_of(talk)
    assert made.verification
    assert made.verification.replaced == made.verification.checked > 0
    assert made.verification.reasons
    assert all(text.why for text in made.rejected)
    post = (talk.outputs / "panel" / "post.md").read_text("utf-8")
    for word in ("submarines", "Napoleon", "never trusted", "S99", "example.com", "Kittens"):
        assert word not in post
    assert all(theme.quotes for theme in made.themes)


def test_a_budget_stops_before_it_is_passed(talk: Workspace) -> None:
    prices = {"input_price": 10.0, "output_price": 30.0}
    with FakeEndpoint() as server:
        raised = failure(talk, server, max_cost=0.05, **prices)
        assert isinstance(raised, BudgetError)
        spent = sum(_cost(request) for request in server.requests)
        assert 0 < spent <= 0.05
        stopped = len(server.requests)
        assert isinstance(failure(talk, server, max_cost=0.05, **prices), BudgetError)
        assert len(server.requests) == stopped  # what was paid counts, and is not paid again
        run(talk, sets=asking(server, max_cost=5.0, **prices))
    assert takeaways_of(talk).themes


def test_a_budget_without_a_price_is_refused_before_any_call(talk: Workspace) -> None:
    with FakeEndpoint() as server:
        raised = failure(talk, server, max_cost=1.0)
        assert isinstance(raised, ConfigError)
        assert "input_price" in str(raised)
        assert not server.requests


def test_a_model_that_takes_no_temperature_is_asked_without(talk: Workspace) -> None:
    def respond(request: Request) -> Answered:
        if "temperature" in request:
            fault = {"message": "Unsupported", "param": "temperature", "type": "", "code": None}
            body = {"error": fault}
            return 400, {}, json.dumps(body).encode()
        return good(request)

    with FakeEndpoint(respond) as server:
        run(talk, sets=asking(server))
        assert sum("temperature" in request for request in server.requests) == 1


def test_a_key_alone_sends_nothing_anywhere(talk: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeEndpoint() as server:
        monkeypatch.setenv("OPENAI_API_KEY", "secret")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        run(talk)
        assert not server.requests
    assert takeaways_of(talk).writer == "extractive"


def test_the_environment_changes_neither_address_nor_way(
    talk: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No proxy is asked for what is on this machine, and the key goes where it is meant to."""
    with FakeEndpoint() as server, FakeEndpoint() as other:
        monkeypatch.setenv("OPENAI_API_KEY", "secret")
        monkeypatch.setenv("OPENAI_BASE_URL", other.url)
        monkeypatch.setenv("HTTP_PROXY", other.url)
        monkeypatch.setenv("ALL_PROXY", other.url)
        run(talk, sets=asking(server))
        assert not other.requests
        assert {headers["authorization"] for headers in server.headers} == {"Bearer secret"}


def test_openai_itself_wants_a_key(talk: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(StageError) as raised:
        run(talk, sets=({"extract": {"model": "gpt-4.1-mini"}},))
    assert "OPENAI_API_KEY is not set" in str(raised.value.__cause__)


def test_what_was_chosen_and_why_is_told_and_recorded(talk: Workspace) -> None:
    with FakeEndpoint() as server:
        told: Recorder = run(talk, sets=asking(server))
        why = f"extract.base_url = '{server.url}' and extract.model = 'any' name a language model"
    assert f"openai writer (any): {why}" in told.notes
    used = json.loads((talk.outputs / "panel" / "3_takeaways.json").read_text("utf-8"))["used"]
    assert (used["writer"], used["why"]) == ("openai", why)
    assert used["calls"] > 5
    assert used["tokens read"] > 1000


SECRETS = ("sk-secret-123\n", "  sk-secret-123  ")


@pytest.mark.parametrize("key", ["sk-secret-123\x01", "sk-secret-\u00fc", "sk secret 123"])
def test_a_key_that_is_none_is_told_without_telling_it(
    talk: Workspace, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with FakeEndpoint() as server:
        raised = failure(talk, server)
        assert not server.requests
    assert isinstance(raised, ConfigError)
    assert "secret" not in str(raised)


@pytest.mark.parametrize("key", SECRETS)
def test_white_space_around_a_key_is_let_go(
    talk: Workspace, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with FakeEndpoint(lambda request: error(403, "key sk-secret-123 may not")) as server:
        raised = failure(talk, server)
        assert server.headers[0]["authorization"] == "Bearer sk-secret-123"
    assert "secret" not in str(raised)
    assert "(the key)" in str(raised)


def test_no_redirect_is_followed(talk: Workspace) -> None:
    with FakeEndpoint() as other:

        def elsewhere(request: Request) -> Answered:
            return 307, {"Location": f"{other.url}/chat/completions"}, b""

        with FakeEndpoint(elsewhere) as server:
            raised = failure(talk, server)
        assert not other.requests
    assert f"sends elsewhere, to {other.url}" in str(raised)


def test_headers_of_the_environment_are_for_openai_alone(
    talk: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-mine")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Mine: mine")
    with FakeEndpoint() as server:
        run(talk, sets=asking(server))
        assert not [value for headers in server.headers for value in headers.values() if "mine" in value]


@pytest.mark.parametrize("url", ["http://user:pw@h/v1", "http://h/v1?api-key=abc", "http://h/v1#x"])
def test_an_address_with_a_secret_in_it_is_refused(talk: Workspace, url: str) -> None:
    with pytest.raises(StageError) as raised:
        run(talk, sets=({"extract": {"base_url": url, "model": "any"}},))
    assert isinstance(raised.value.__cause__, ConfigError)
    assert "OPENAI_API_KEY" in str(raised.value.__cause__)


def test_more_than_was_asked_for_is_not_taken(talk: Workspace) -> None:
    """A server that does not honour bounds sends a section forty times over."""

    def respond(request: Request) -> Answered:
        reply = good_reply(request)
        if "body" in reply:
            reply["body"] = reply["body"] * 40
        return completion(request, reply)

    with FakeEndpoint(respond) as server:
        run(talk, sets=asking(server))
    made = takeaways_of(talk)
    assert made.verification
    assert made.verification.checked < 60
    assert all(len(theme.paragraphs) <= 2 for theme in made.themes)


def test_points_reach_the_step_that_writes(talk: Workspace) -> None:
    with FakeEndpoint() as server:
        run(talk, sets=asking(server))
        writing = [r["messages"][1]["content"] for r in server.requests if "body" in _asked(r)]
    assert writing
    assert all(re.search(r"=== notes \w+: .*\n\d[\d, ]*: ", text) for text in writing)


def test_a_prompt_that_does_not_fit_costs_no_post(tmp_path: Path) -> None:
    """So many points that they cannot be shown at once: themes are grouped without the model."""
    place = panel(tmp_path, lines=100)

    def respond(request: Request) -> Answered:
        reply = good_reply(request)
        if "points" in _asked(request):
            reply["points"][0]["point"] = "S1 says " + " ".join(["something long"] * 60) + "."
        return completion(request, reply)

    with FakeEndpoint(respond) as server:
        run(place, sets=asking(server, context=2048))
        assert not [r for r in server.requests if "themes" in _asked(r) and "introduction" not in _asked(r)]
    assert takeaways_of(place).themes


def test_a_number_beyond_all_bounds_is_a_reply_that_cannot_be_used(talk: Workspace) -> None:
    def respond(request: Request) -> Answered:
        return completion(request, '{"points": [{"lines": [' + "9" * 5000 + '], "point": "So."}]}')

    with FakeEndpoint(respond) as server:
        assert "replies could be used" in str(failure(talk, server))


def test_an_overhead_that_a_server_adds_is_no_cut(talk: Workspace) -> None:
    """A preamble or a schema that it puts into each prompt makes small calls look large."""

    def respond(request: Request) -> Answered:
        status, headers, body = good(request)
        whole = json.loads(body)
        whole["usage"]["prompt_tokens"] += 300
        return status, headers, json.dumps(whole).encode()

    with FakeEndpoint(respond) as server:
        run(talk, sets=asking(server))
    assert takeaways_of(talk).themes


def _asked(request: Request) -> dict[str, Any]:
    """The properties of the schema that a request asks for."""
    found: dict[str, Any] = schema_of(request)["properties"]
    return found


def _with_every_text(value: Any, lie: str) -> Any:
    if isinstance(value, dict):
        texts = ("text", "heading", "title", "dek", "point", "theme")
        return {k: lie if k in texts else _with_every_text(v, lie) for k, v in value.items()}
    return [_with_every_text(one, lie) for one in value] if isinstance(value, list) else value


def _cost(request: Request) -> float:
    usage = json.loads(good(request)[2])["usage"]
    return float(usage["prompt_tokens"] * 10 + usage["completion_tokens"] * 30) / 1e6


def _none() -> Any:
    raise AssertionError("no verification")
