"""Replies as models write them: the answer is found, thoughts are none, and faults are told as they are."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.takeaways.llm import reply_reader
from pipeline.takeaways.llm.replies import Points, ReplyError, parse

GOOD = '{"points": [{"lines": [1, 2], "point": "So."}]}'
DRAFT = '{"points": [{"lines": [1], "point": "Draft."}]}'
LINES = {"lines": range(1, 3)}
INNER = GOOD[1:-1]

READ = {
    "alone": GOOD,
    "byte order mark": "\ufeff" + GOOD,
    "fence": f"```json\n{GOOD}\n```",
    "fence without an end": f"```\n{GOOD}",
    "prose with braces": f"Sure! The form is {{lines, text}}. Here: ```json {GOOD} ``` Tell me {{if}} not.",
    "list of Markdown": f"- First {{x}}\n- **Answer:** {GOOD}\n- [x] done",
    "thoughts in tags": f"<think>The user wants {{'points'}}. {DRAFT}</think>{GOOD}",
    "thoughts in brackets": f'[THINK]The user wants {{"points": ...}}. Fine. {DRAFT}[/THINK]{GOOD}',
    "thoughts with attributes": f"<thinking effort='high'>{DRAFT}</thinking>\n{GOOD}",
    "other tags": f"<reasoning>{DRAFT}</reasoning><answer>{GOOD}</answer>",
    "a name space": f"<seed:think>{DRAFT}</seed:think>{GOOD}",
    "triangles": f"◁think▷{DRAFT}◁/think▷{GOOD}",
    "channels": f"<|channel|>analysis<|message|>{DRAFT}<|end|><|channel|>final<|message|>{GOOD}",
    "thoughts in words": f"<|begin_of_thought|>{DRAFT}<|end_of_thought|>{GOOD}",
    "no opening tag": f"Hm. {DRAFT} or so.</think>{GOOD}",
    "no closing tag": f"<think>The user wants points. {DRAFT} No: {GOOD}",
    "thoughts in thoughts": f"<think>a <think>{DRAFT}</think> {DRAFT}</think>{GOOD}",
    "thoughts after it": f"{GOOD}<think>Was that right? {DRAFT}",
    "two blocks of thoughts": f"<think>{DRAFT}</think>Well.<think>{DRAFT}</think>{GOOD}",
    "a tag in a text": GOOD.replace("So.", "A </think> tag ends it.").replace('[{"l', '[ {"l'),
    "two objects": f"First I thought {DRAFT}\nBut better: {GOOD}",
    "an object that is something else": f'{GOOD}\n{{"confidence": 0.9}}',
    "wrapped": f'{{"reply": {GOOD}}}',
    "wrapped twice": f'{{"data": {{"result": {GOOD}}}}}',
    "wrapped beside others": f'{{"status": "ok", "data": {GOOD}, "notes": []}}',
    "in a list": f"[{GOOD}]",
    "in a list of one key": f'{{"choices": [{GOOD}]}}',
    "as a string": json.dumps(GOOD),
    "as a string in prose": f"Here: {json.dumps(GOOD)}.",
    "as a string in a wrapper": json.dumps({"arguments": GOOD}),
    "trailing commas": '{"points": [{"lines": [1, 2,], "point": "So.",}, ], }',
    "trailing commas and a text with one": '{"points": [{"lines": [1, 2], "point": "So,] so.",},]}',
    "line ends in a text": '{"points": [{"lines": [1, 2], "point": "So\n\tso."}]}',
    "numbers as strings": '{"points": [{"lines": ["1", "2"], "point": "So."}]}',
    "a brace that is never closed": f"{{ {{ [ {GOOD}",
    "more than was asked for": '{"x": 1e999, "y": NaN, ' + INNER + "}",
    "long thoughts": "<think>" + "{'a'} " * 5000 + "</think>" + GOOD,
    "long thoughts without an opening tag": "{'a'} " * 5000 + "</think>" + GOOD,
    "XML around": f"<output><json>{GOOD}</json></output>",
}


@pytest.mark.parametrize("case", READ)
def test_the_answer_is_read_whatever_stands_around_it(case: str) -> None:
    assert parse(READ[case], Points, LINES).points[0].lines == (1, 2)


@pytest.mark.parametrize("number", ["2", '"2"'])
def test_a_number_without_a_list_is_a_list_of_one(number: str) -> None:
    reply = f'{{"points": [{{"lines": {number}, "point": "So."}}]}}'
    assert parse(reply, Points, LINES).points[0].lines == (2,)


UNUSABLE = {
    "prose": ("I would rather not say.", "it answers in prose: 'I would rather not say.'"),
    "steering prose": ("No \x1b[2J\u202eway.", r"it answers in prose: 'No \x1b[2J\u202eway.'"),
    "prose with braces": ("I {really} would not.", "it answers in prose: 'I {really} would not.'"),
    "thoughts alone": (f"<think>{DRAFT}</think>", "it thought, but said nothing"),
    "thoughts without an end": ("<think>Let me see", "it thought, but said nothing"),
    "thoughts, then prose": (f"<think>{DRAFT}</think>I cannot.", "it answers in prose: 'I cannot.'"),
    "nothing": (" \n", "it is empty"),
    "single quotes": (GOOD.replace('"', "'"), "it is not valid JSON (Expecting property name"),
    "comments": ('{"points": [ /* none */ ]}', "it is not valid JSON"),
    "cut off": (GOOD[:-2], "it is not valid JSON (Expecting"),
    "another form": ('{"answer": 42}', "points: Field required"),
    "a list of nothing": ("[]", "it answers in prose: '[]'"),
    "the nearest is told": ('{"a": 1} {"points": [{"lines": [1]}]} {"b": 2}', "points.0.point: Field"),
    "wrapped and wrong": ('{"reply": {"points": [{"lines": [9], "point": "x"}]}}', "there is no number 9"),
    "a huge number": ('{"points": [{"lines": [%s], "point": "x"}]}' % ("9" * 4000), "no number so large"),
    "no number": ('{"points": [{"lines": [%s], "point": "x"}]}' % ("9" * 9000), "too many digits"),
    "infinite": ('{"points": [{"lines": [1e999], "point": "x"}]}', "points.0.lines.0: "),
    "not a number": ('{"points": [{"lines": [NaN], "point": "x"}]}', "points.0.lines.0: "),
    "deep": ('{"points":' * 90_000, "nested too deep"),
    "deep lists": ('{"points":' + "[" * 200_000, "nested too deep"),
    "too long": (" " * 1_000_001, "it is 1000001 characters long"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_cannot_be_used_is_told_as_what_it_is(case: str) -> None:
    text, message = UNUSABLE[case]
    with pytest.raises(ReplyError) as raised:
        parse(text, Points, LINES)
    assert message in str(raised.value)
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    "piece",
    [
        "{",
        '{"',
        '{"a":[',
        '{"a":1,',
        "<think>",
        "</think>",
        '{"a":"\\',
        "{}",
        '"{\\"',
        ",]",
        "[THINK]",
        '{"a":{},}',
    ],
)
def test_hostile_replies_are_read_in_bounded_time(piece: str) -> None:
    """A reply of the greatest length takes seconds, where the square of it would take hours."""
    text = piece * (reply_reader.MAX_CHARACTERS // len(piece))
    began = time.monotonic()
    with pytest.raises(ReplyError):
        parse(text, Points, LINES)
    with pytest.raises(ReplyError):
        parse('{"a":[' * 300 + "1," * (reply_reader.MAX_CHARACTERS // 3), Points, LINES)
    assert time.monotonic() - began < 60


def test_validated_text_can_be_written_and_printed() -> None:
    text = (
        r'{"points": [{"lines": [1], "point": "A\ud83d\ude00B\ud800C\u001b[31mD\u0000E\u202eF\u009bG\nH"}]}'
    )
    point = parse(text, Points, LINES).points[0].point
    assert point == "A\U0001f600B\ufffdC[31mDEFG\nH"


@given(st.text(alphabet='{}[]",:\\ a1<>/think') | st.text())
def test_any_text_is_a_reply_or_a_reply_error(text: str) -> None:
    with pytest.raises(ReplyError):
        parse(text, Points, LINES)
