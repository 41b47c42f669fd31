"""Servers that take requests in another form: it is learnt from what they refuse, and nothing is hidden."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pipeline.engines.chat.endpoint import Chat, Endpoint, Request
from pipeline.engines.chat.request_forms import BOUNDS, Complaint, Form
from pipeline.errors import EndpointError
from pipeline.takeaways.llm import replies, whole_reply
from tests.support.fake_endpoint import Answered, FakeEndpoint, completion, error

Sent = dict[str, Any]
SCHEMA = replies.schema(replies.Points, {"lines": range(1, 9)}, {"points": 4, "lines": 3})
REQUEST = Request(
    ({"role": "system", "content": "You edit."}, {"role": "user", "content": "Say so."}), SCHEMA, 0.2, 99
)


def chat(server: FakeEndpoint, retries: int = 2) -> Chat:
    return Chat(Endpoint(server.url, "any-1", "any", 4096), timeout=20, retries=retries)


def reply_format(sent: Sent) -> str:
    found: str = sent.get("response_format", {}).get("type", "text")
    return found


def schema_sent(sent: Sent) -> str:
    return json.dumps(sent["response_format"]["json_schema"]) if reply_format(sent) == "json_schema" else ""


def openai_form(message: str, param: str | None = None, code: str | None = None) -> Any:
    return {"error": {"message": message, "param": param, "code": code, "type": "invalid_request_error"}}


def fastapi_form(message: str, *place: str) -> Any:
    return {"detail": [{"loc": ["body", *place], "msg": message, "type": "value_error", "input": {}}]}


# What a server does not take, what it says to that, and the status.
UNWILLING: dict[str, tuple[Callable[[Sent], bool], Any, int]] = {
    "no schema": (
        lambda sent: reply_format(sent) == "json_schema",
        openai_form("This response_format type is unavailable now"),
        400,
    ),
    "no guided decoding": (
        lambda sent: reply_format(sent) == "json_schema",
        openai_form("Failed to compile with guided_decoding_backend xgrammar"),
        400,
    ),
    "JSON that fails": (
        lambda sent: reply_format(sent) != "text",
        openai_form("Failed to generate JSON. See 'failed_generation' for more details."),
        400,
    ),
    "no schema, in two words": (
        lambda sent: reply_format(sent) == "json_schema",
        openai_form("This model does not support response format `json_schema`."),
        400,
    ),
    "error is a string": (
        lambda sent: reply_format(sent) == "json_schema",
        {"error": "'response_format.type' must be 'json_object' or 'text'"},
        400,
    ),
    "no format at all": (
        lambda sent: "response_format" in sent,
        {"message": "Unknown parameter: response_format"},
        400,
    ),
    "no mode": (
        lambda sent: "response_format" in sent,
        openai_form("JSON mode is not enabled for this model"),
        400,
    ),
    "extra inputs": (
        lambda sent: "response_format" in sent,
        fastapi_form("Extra inputs are not permitted", "response_format"),
        422,
    ),
    "a list of errors": (
        lambda sent: reply_format(sent) == "json_schema",
        [openai_form('Invalid JSON payload received. Unknown name "json_schema"')],
        400,
    ),
    "a server behind it": (
        lambda sent: reply_format(sent) == "json_schema",
        {
            "error": {
                "message": "Provider returned error",
                "metadata": {"raw": '{"message": "response_format: not supported"}'},
            }
        },
        400,
    ),
    "a parameter that is none": (
        lambda sent: reply_format(sent) == "json_schema",
        openai_form("response_format must be json_object", "None", "400"),
        400,
    ),
    "not implemented": (
        lambda sent: reply_format(sent) == "json_schema",
        openai_form("structured outputs are not implemented"),
        501,
    ),
    "status 200": (
        lambda sent: reply_format(sent) == "json_schema",
        openai_form("response_format json_schema is unavailable"),
        200,
    ),
    "a keyword": (
        lambda sent: "maxLength" in schema_sent(sent),
        openai_form(
            "Invalid schema for response_format 'reply': In context=('properties', 'points'), "
            "'maxLength' is not permitted.",
            "response_format",
        ),
        400,
    ),
    "one keyword after another": (
        lambda sent: any(word in schema_sent(sent) for word in ("maxItems", "enum")),
        None,  # see `respond`
        400,
    ),
    "strict": (
        lambda sent: '"strict"' in schema_sent(sent),
        fastapi_form("Extra inputs are not permitted", "response_format", "json_schema", "strict"),
        422,
    ),
    "lengths without a name": (
        lambda sent: any(word in schema_sent(sent) for word in BOUNDS),
        openai_form("failed to parse grammar", None),
        400,
    ),
    "another limit": (
        lambda sent: "max_tokens" in sent,
        openai_form("Unsupported parameter. Use 'max_completion_tokens' instead.", "max_tokens"),
        400,
    ),
    "temperature": (
        lambda sent: "temperature" in sent,
        openai_form("'temperature' does not support 0.2 with this model. Only 1 is supported."),
        400,
    ),
    "plain text": (lambda sent: "temperature" in sent, "unknown field: temperature", 400),
    "no system": (
        lambda sent: sent["messages"][0]["role"] == "system",
        openai_form("System role not supported"),
        400,
    ),
    "no such thing here": (
        lambda sent: "max_tokens" in sent,
        openai_form("max_tokens is not known here"),
        404,
    ),
}


def refuse(case: str, sent: Sent) -> Answered:
    _, said, status = UNWILLING[case]
    if case == "one keyword after another":
        named = next(word for word in ("maxItems", "enum") if word in schema_sent(sent))
        said = openai_form(f'Unknown name "{named}" at "response_format.json_schema.schema"')
    body = said if isinstance(said, str) else json.dumps(said)
    return status, {}, body.encode()


@pytest.mark.parametrize("case", UNWILLING)
def test_what_a_server_does_not_take_is_asked_in_another_way_and_remembered(case: str) -> None:
    is_unwilling = UNWILLING[case][0]

    def respond(sent: Sent) -> Answered:
        return refuse(case, sent) if is_unwilling(sent) else completion(sent, "{}")

    with FakeEndpoint(respond) as server:
        asked = chat(server)
        assert asked.complete(REQUEST).text == "{}"
        refused = len(server.requests) - 1
        assert 1 <= refused <= 3
        asked.complete(REQUEST)
        assert len(server.requests) == refused + 2
        last = server.requests[-1]
    assert last["model"] == "any-1"
    if reply_format(last) != "json_schema":
        assert json.dumps(SCHEMA) in last["messages"][-1]["content"]
        assert "JSON" in last["messages"][-1]["content"]


def test_a_server_that_takes_hardly_anything_is_learnt_step_by_step() -> None:
    wanted = ("temperature", "response_format", "max_tokens")

    def respond(sent: Sent) -> Answered:
        named = next((name for name in wanted if name in sent), None)
        if named:
            return 400, {}, json.dumps(openai_form(f"Unrecognized request argument: {named}")).encode()
        return completion(sent, "{}")

    with FakeEndpoint(respond) as server:
        answer = chat(server).complete(REQUEST)
        assert answer.shows_schema
        assert set(server.requests[-1]) == {"model", "messages", "max_completion_tokens"}


def test_calls_at_the_same_time_learn_once() -> None:
    """All are refused at once; one of them finds the form, the others take it."""
    gate = threading.Barrier(6, timeout=30)

    def respond(sent: Sent) -> Answered:
        if reply_format(sent) == "json_schema":
            gate.wait()
        if "response_format" in sent:
            return 400, {}, json.dumps(openai_form("no response_format here")).encode()
        return completion(sent, "{}")

    with FakeEndpoint(respond) as server:
        asked = chat(server)
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(asked.complete, [REQUEST] * 6))
        formats = [reply_format(sent) for sent in server.requests]
    assert (formats.count("json_schema"), formats.count("json_object"), formats.count("text")) == (6, 1, 6)


OTHERWISE = {
    "context": (
        openai_form("This model's maximum context length is 4096 tokens; max_tokens is 99.", "messages"),
        "window is too small",
    ),
    "no param": (
        openai_form("max_tokens must fit: the context window is 2048", None),
        "window is too small",
    ),
    "model": (
        openai_form("The model 'any-1' does not exist", "model", "model_not_found"),
        "'any-1' does not exist",
    ),
    "key": (openai_form("API key not valid. Please pass a valid API key."), "API key not valid"),
    "no length": ({"error": "`inputs` must have less than 4096 tokens. Given: 5000"}, "window is too small"),
    "token count": (
        openai_form("The input token count (9) exceeds the maximum number of tokens allowed (8)."),
        "window is too small",
    ),
    "place": (openai_form("role and schema are fine, the text is not", "messages[1].content"), "is not"),
    "errors": ({"errors": [{"message": "no such account"}], "success": False}, "no such account"),
    "message": (fastapi_form("Input should be a valid string", "messages", "0"), "body.messages.0: Input"),
    "text": ("nothing of that kind", "nothing of that kind"),
    "nothing": ({}, "Error code: 400"),
    "number": ({"error": 5}, "Error code: 400"),
}


@pytest.mark.parametrize("case", OTHERWISE)
def test_a_refusal_of_something_else_is_told_at_once(case: str) -> None:
    said, message = OTHERWISE[case]
    body = said if isinstance(said, str) else json.dumps(said)
    with FakeEndpoint(lambda sent: (400, {}, body.encode())) as server:
        with pytest.raises(EndpointError) as raised:
            chat(server).complete(REQUEST)
        assert len(server.requests) == 1
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, openai_form("The schema of this prompt breaks our content policy", "prompt")),
        (400, openai_form("Please modify your prompt.", "prompt", "content_filter")),
        (403, {"error": {"message": "Your input was flagged", "code": 403}}),
        (200, {"error": {"message": "moderation stopped this response_format", "code": 403}}),
        (400, openai_form("Content Exists Risk")),
    ],
)
def test_a_prompt_that_a_filter_stops_is_an_answer_without_text(status: int, said: Any) -> None:
    with FakeEndpoint(lambda sent: (status, {}, json.dumps(said).encode())) as server:
        found = chat(server).complete(REQUEST)
        assert len(server.requests) == 1
    assert (found.text, found.finish, found.refusal) == ("", "content_filter", said["error"]["message"])


def test_what_the_last_form_is_refused_for_is_not_hidden_by_the_first_refusal() -> None:
    def respond(sent: Sent) -> Answered:
        said = "response_format is not known" if "response_format" in sent else "the account is suspended"
        return 400, {}, json.dumps(openai_form(said)).encode()

    with FakeEndpoint(respond) as server, pytest.raises(EndpointError, match="account is suspended"):
        chat(server).complete(REQUEST)


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        ("json_schema", "JSON schema conversion failed"),
        ('"system"', "Error: Jinja Exception: System role not supported"),
    ],
)
def test_a_form_may_be_refused_with_status_500(refused: str, said: str) -> None:
    """As llama.cpp does. It is tried again first: most failures of a server pass."""

    def respond(sent: Sent) -> Answered:
        return error(500, said) if refused in json.dumps(sent) else completion(sent, "{}")

    with FakeEndpoint(respond) as server:
        assert chat(server, retries=0).complete(REQUEST).text == "{}"


@pytest.mark.parametrize("retries", [0, 1])
def test_an_answer_that_breaks_off_is_asked_for_again(retries: int) -> None:
    def respond(sent: Sent) -> Answered:
        status, headers, body = completion(sent, "{}")
        assert isinstance(body, bytes)
        return status, headers, body if len(server.requests) > 1 else body[: len(body) // 2]

    with FakeEndpoint(respond) as server:
        asked = chat(server, retries)
        if retries:
            assert asked.complete(REQUEST).text == "{}"
        else:
            with pytest.raises(EndpointError, match=r"breaks off after \d+ bytes"):
                asked.complete(REQUEST)


@pytest.mark.parametrize("named", ["response_format", "max_tokens", "schema", "role", "temperature", "enum"])
def test_if_no_form_is_taken_the_first_refusal_is_told(named: str) -> None:
    """A server that blames each thing again and again is asked a few times, and its first words are told."""
    turn = iter(range(100))

    def respond(sent: Sent) -> Answered:
        said = openai_form(f"{named}, max_completion_tokens and json_object ({next(turn)}) are wrong")
        return 400, {}, json.dumps(said).encode()

    with FakeEndpoint(respond) as server:
        asked = chat(server)
        with pytest.raises(EndpointError, match=r"refuses the call .*\(0\) are wrong"):
            asked.complete(REQUEST)
        assert len(server.requests) < 12
        first = server.requests[0]
        with pytest.raises(EndpointError):
            asked.complete(REQUEST)
        again = server.requests[len(server.requests) // 2]
    assert first == again, "what was never taken was not learnt"


def test_a_prompt_that_is_too_long_with_the_schema_in_it_is_told_as_that() -> None:
    def respond(sent: Sent) -> Answered:
        if "response_format" in sent:
            return 400, {}, b'{"error": "no response_format"}'
        return 400, {}, b'{"error": "exceeds the context size"}'

    with FakeEndpoint(respond) as server, pytest.raises(EndpointError, match="window is too small"):
        chat(server).complete(REQUEST)


def test_no_chain_of_complaints_goes_on_for_ever() -> None:
    """Whatever a server names, in any order, forms come to an end."""
    everything = Complaint(
        "response_format json_schema schema enum strict maxLength maxItems minItems additionalProperties "
        "max_tokens max_completion_tokens temperature role"
    )
    form, steps = Form(), 0
    while following := form.after(everything, SCHEMA):
        form, steps = following, steps + 1
        assert steps < 20
    assert form.after(everything, SCHEMA) is None


def test_properties_that_are_called_like_keywords_stay() -> None:
    schema = {"type": "object", "properties": {"enum": {"type": "string", "maxLength": 3}, "strict": {}}}
    form = Form(omitted=frozenset({"enum", "strict", "maxLength"}))
    sent = form.options(({"role": "user", "content": "x"},), schema, 0.0, 5)
    assert sent["response_format"]["json_schema"]["schema"]["properties"] == {
        "enum": {"type": "string"},
        "strict": {},
    }


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        ({"error": {"message": "model is loading"}}, 3),
        ({"error": {"message": "oops", "code": 503}}, 3),
        ({"error": {"message": "no credit left"}}, 1),
        ({"message": "no such deployment"}, 1),
        ({"base_resp": {"status_code": 1008, "message": "no balance"}, "choices": None}, 1),
        ({"choices": [{"error": {"message": "provider overloaded", "code": 502}, "message": {}}]}, 3),
    ],
)
def test_an_error_with_status_200_is_told_in_its_own_words(error: Any, tries: int) -> None:
    with FakeEndpoint(lambda sent: (200, {}, json.dumps(error).encode())) as server:
        with pytest.raises(EndpointError) as raised:
            chat(server).complete(REQUEST)
        assert len(server.requests) == tries
    words = next(iter(error.values()))
    words = words[0]["error"]["message"] if isinstance(words, list) else words
    assert (words if isinstance(words, str) else words.get("message", words)) in str(raised.value)
    assert "/v1." not in raised.value.remedy


def test_a_model_that_is_still_loading_is_waited_for() -> None:
    turn = iter(range(9))

    def respond(sent: Sent) -> Answered:
        if next(turn) == 0:
            return 200, {}, b'{"error": {"message": "model is loading"}}'
        return completion(sent, "{}")

    with FakeEndpoint(respond) as server:
        assert chat(server).complete(REQUEST).text == "{}"


def test_keywords_are_left_out_of_alternatives_too() -> None:
    schema = replies.schema(whole_reply.Post, {"lines": range(1, 701)}, {"body": 9, "paragraph": 5})
    message = {"role": "user", "content": "Say so."}
    form = Form().after(Complaint("this schema is not supported"), schema)
    assert form
    sent = form.options([message], schema, 0.0, 99)["response_format"]
    assert "anyOf" in json.dumps(sent)
    assert not [keyword for keyword in BOUNDS if f'"{keyword}"' in json.dumps(sent)]
    following = form.after(Complaint("'anyOf' is not permitted"), schema)
    assert following
    assert following.reply_format == "json_object"
