"""Chat completions in the forms that servers have: the text is found, and nothing else is taken for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engines.chat import completions
from pipeline.engines.chat.completions import Answer, NoCompletionError
from pipeline.engines.chat.request_forms import Complaint, Form
from pipeline.engines.openai_client import server_words

KEYS = st.sampled_from(
    [
        "choices",
        "message",
        "content",
        "text",
        "type",
        "error",
        "code",
        "detail",
        "loc",
        "msg",
        "metadata",
        "raw",
        "usage",
        "prompt_tokens",
        "refusal",
        "tool_calls",
        "function",
        "arguments",
        "finish_reason",
        "reasoning",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("response_format")
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
TEXT = '{"a": 1}'


def answer(message: Any, **more: Any) -> Answer:
    body = {"choices": [{"index": 0, "finish_reason": "stop", "message": message}], **more}
    reply = completions.parsed(json.dumps(body).encode())
    assert completions.error_in(reply) is None
    return completions.answer_in(reply, 1.0, shows_schema=False)


MESSAGES: dict[str, Any] = {
    "text": {"content": TEXT},
    "parts": {"content": [{"type": "text", "text": '{"a": '}, {"type": "text", "text": "1}"}]},
    "output parts": {"content": [{"type": "output_text", "text": TEXT}]},
    "parts without a type": {"content": [{"text": TEXT}]},
    "the object itself": {"content": {"a": 1}},
    "strings": {"content": ['{"a": ', "1}"]},
    "a thinking part": {"content": [{"type": "thinking", "thinking": [{"text": "{}"}]}, {"text": TEXT}]},
    "a reasoning part": {"content": [{"type": "reasoning", "text": "{}"}, {"type": "text", "text": TEXT}]},
    "reasoning beside": {"content": TEXT, "reasoning_content": "{}"},
    "a tool": {"content": None, "tool_calls": [{"function": {"name": "reply", "arguments": TEXT}}]},
    "a tool with an object": {"content": "", "tool_calls": [{"function": {"arguments": {"a": 1}}}]},
    "a function": {"content": None, "function_call": {"name": "reply", "arguments": TEXT}},
    "text and a tool": {"content": TEXT, "tool_calls": [{"function": {"arguments": "{}"}}]},
    "JSON taken for reasoning": {"content": None, "reasoning_content": f" {TEXT}\n"},
    "control characters": {"content": '{"a": \x001\x1b}'},
}


@pytest.mark.parametrize("form", MESSAGES)
def test_the_text_is_found_in_every_form(form: str) -> None:
    found = answer(MESSAGES[form])
    assert found.text == TEXT
    assert found.has_thought == ("reasoning" in form or "thinking" in form)


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"content": None},
        {"content": 5},
        {"content": {"type": "image"}},
        {"content": [None, 3, {"type": "image_url"}, {"type": "text", "text": 4}]},
        {"tool_calls": [{"function": {"arguments": TEXT}}] * 2},
        {"tool_calls": 3},
        {"tool_calls": [7]},
        {"tool_calls": [{"function": []}]},
    ],
)
def test_a_message_that_says_nothing_is_an_empty_answer(message: Any) -> None:
    assert answer(message).text == ""


@pytest.mark.parametrize("choices", [None, []])
def test_a_completion_without_choices_is_an_empty_answer(choices: Any) -> None:
    reply = {"object": "chat.completion", "choices": choices}
    assert completions.answer_in(reply, 1.0, shows_schema=False).text == ""


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("stop", "stop"),
        ("end_turn", "end_turn"),
        ("MAX_TOKENS", "length"),
        ("model_length", "length"),
        ("SAFETY", "content_filter"),
        ("content_filter: PROHIBITED_CONTENT", "content_filter"),
        (7, None),
    ],
)
def test_why_a_reply_ended_is_read_in_the_words_of_other_servers(reason: Any, finish: str | None) -> None:
    body = {"choices": [{"finish_reason": reason, "message": {"content": TEXT}}]}
    assert completions.answer_in(body, 1.0, shows_schema=False).finish == finish


def test_thoughts_are_noticed_and_are_no_answer() -> None:
    for thoughts in ({"reasoning": "Say {}?"}, {"reasoning_details": [{"text": "Hm."}]}):
        found = answer({"content": "", **thoughts})
        assert (found.text, found.has_thought) == ("", True)


def test_a_refusal_is_told_apart() -> None:
    assert answer({"content": None, "refusal": "No."}).refusal == "No."
    assert answer({"content": [{"type": "refusal", "refusal": "No."}]}).refusal == "No."
    assert answer({"content": TEXT, "refusal": None}).refusal is None


@pytest.mark.parametrize("tokens", [None, 0, -1, 1.5, "12", True, 10**30, float("nan"), [], {}])
def test_a_count_that_is_none_is_not_believed(tokens: Any) -> None:
    found = answer({"content": TEXT}, usage={"prompt_tokens": tokens, "completion_tokens": 4})
    assert (found.prompt_tokens, found.completion_tokens) == (None, 4)
    assert answer({"content": TEXT}, usage=tokens).prompt_tokens is None


def test_halves_of_surrogate_pairs_can_be_kept() -> None:
    found = answer({"content": "a\ud800b \ud83d\ude00"})
    assert found.text == "a\ufffdb \U0001f600"
    assert Answer.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_body_may_have_any_encoding_of_json(encoding: str) -> None:
    assert completions.parsed('{"a": "\u00fc"}'.encode(encoding)) == {"a": "\u00fc"}
    assert completions.parsed(b'{"a": "\xff"}') == {"a": "\ufffd"}


def test_replies_that_were_kept_earlier_are_still_read() -> None:
    kept = '{"text": "{}", "finish": "stop", "prompt_tokens": 1, "completion_tokens": 2, "seconds": 0.5}'
    assert Answer.model_validate_json(kept).refusal is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"\xff\xfe",
        b'{"choices": ' + b"[" * 100_000,
        b'{"choices": [' + b"1" * 9000 + b"]}",
        b'{"choices": [{}]}',
        b'{"choices": [null]}',
        b'{"choices": [{"message": []}]}',
        b'{"choices": {"message": {}}}',
        b'{"choices": NaN}',
        b"{}",
        b'{"object": "list", "data": []}',
    ],
)
def test_what_is_no_completion_is_told(body: bytes) -> None:
    with pytest.raises(NoCompletionError):
        completions.answer_in(completions.parsed(body), 1.0, shows_schema=False)


@settings(max_examples=60)
@given(st.dictionaries(KEYS, ANYTHING, max_size=4), ANYTHING)
def test_any_json_is_an_answer_an_error_or_no_completion(reply: dict[str, Any], message: Any) -> None:
    for body in (reply, {"choices": [{"message": message}]}, {"choices": [{"message": reply}]}):
        error = completions.error_in(body)
        Form().after(Complaint(server_words(error)), {})
        try:
            json.dumps(completions.answer_in(body, 1.0, shows_schema=False).model_dump()).encode()
        except NoCompletionError:
            continue


@pytest.mark.parametrize(
    ("stream", "text", "finish"),
    [
        ('data: {"choices": [{"delta": {"content": "a"}}]}\n\ndata: {"choices": []}\n\ndata: [DONE]\n', "a",
         None),
        ('event: x\r\ndata:{"choices":[{"delta":{"content":"a"}}]}\r\n\r\n'
         'data:{"choices":[{"delta":{"content":"b"},"finish_reason":"length"}]}\r\n', "ab", "length"),
        ('data: {"choices": [{"index": 1, "delta": {"content": "x"}}]}\n'
         'data: {"choices": [{"index": 0, "delta": {"content": "a"}}]}\n', "a", None),
        ('data: {"choices": [{"delta": {"reasoning": "hm"}, "finish_reason": "stop"}]}\n', "", "stop"),
    ],
)  # fmt: skip
def test_a_stream_of_events_is_one_completion(stream: str, text: str, finish: str | None) -> None:
    answer = completions.answer_in(completions.parsed(stream.encode()), 1.0, False)
    assert (answer.text, answer.finish) == (text, finish)


@pytest.mark.parametrize("stream", ["data: [1]\n", "data: {nonsense\n", "data: \n", "data: {}\n"])
def test_another_stream_is_none(stream: str) -> None:
    with pytest.raises(NoCompletionError):
        completions.answer_in(completions.parsed(stream.encode()), 1.0, False)


def test_an_error_in_a_stream_is_told() -> None:
    reply = completions.parsed(b'data: {"error": {"message": "overloaded"}}\n\n')
    assert completions.error_in(reply) == {"message": "overloaded"}
