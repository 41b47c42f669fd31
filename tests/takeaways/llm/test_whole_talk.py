"""A whole post in one call: what a good reply becomes, and what becomes of a bad one."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.engines.chat.tokens import count_messages
from pipeline.errors import EndpointError
from pipeline.records import Takeaways
from pipeline.running.runner import StageError
from pipeline.workspace.talks import Workspace
from tests.support.fake_endpoint import Answered, FakeEndpoint, completion, good, schema_of, verdicts
from tests.support.helpers import Recorder, call_program, run
from tests.takeaways.llm.test_writer import takeaways_of

Request = dict[str, Any]
Reply = dict[str, Any]

TALK = """
Ada Byron: Welcome to the garden hour, I am Ada Byron and I write about gardens for the town paper.
Ben Hill: And I am Ben Hill, I have run the seed library on Mill Street for nine years.
Ada Byron: So why would anybody borrow seeds instead of buying them?
Ben Hill: Bought seeds are bred for big farms, and many of them do badly in a small wet yard like ours.
Ben Hill: When people bring back seeds from plants that did well here, the library fits itself to the town.
Ben Hill: After four summers our beans came up two weeks earlier than the ones from the shop.
Ada Byron: What happens if nobody brings anything back?
Ben Hill: Then we just buy new ones, so we never send reminders and we never charge a fee.
Ben Hill: A library that punishes people for a bad harvest would lose exactly the gardeners that it needs.
Ada Byron: I tried to keep tomato seeds last year and all of them went mouldy in the drawer.
Ben Hill: Everybody dries them too fast on the outside, so leave them in water for three days first.
Ben Hill: It smells terrible, but the jelly around the seed has to rot before you dry it.
Ada Byron: My kitchen may never forgive you for that advice.
Ben Hill: The other mistake is to keep the seeds of the biggest fruit instead of the healthiest plant.
Ben Hill: A giant pumpkin from a sick vine gives you giant trouble in the next spring.
Ada Byron: Maybe some day every street could have a drawer of its own seeds.
Ben Hill: I would rather have five good drawers than fifty that nobody opens.
Ada Byron: Where should somebody start who has only a balcony?
Ben Hill: Start with lettuce, because it forgives you and it goes to seed in one summer.
""".strip()


def talk_sentence(text: str, *lines: str) -> Reply:
    return {"kind": "talk", "lines": list(lines), "notes": [], "text": text}


def leads(text: str) -> Reply:
    return {"kind": "linking", "lines": [], "notes": [], "text": text}


def quote(*lines: str) -> Reply:
    return {"quote": {"lines": list(lines), "from_words": "", "to_words": ""}}


POST: Reply = {  # lines by words that stand in them
    "title": "Seeds that fit the town",
    "dek": "And other lessons from a seed library",
    "opening": [
        talk_sentence(
            "S1, who writes about gardens, talked with S2 of the seed library.", "I am Ada", "I am Ben"
        )
    ],
    "sections": [
        {
            "heading": "Borrowed seeds learn the weather",
            "heading_lines": ["library fits", "four summers"],
            "body": [
                {
                    "paragraph": [
                        talk_sentence("Many bought seeds do badly in a small wet yard.", "bred for big"),
                        talk_sentence(
                            "Their own beans came up two weeks earlier after four summers.", "four summers"
                        ),
                        leads("And if nobody brings any back?"),
                    ]
                },
                quote("punishes people"),
            ],
        },
        {
            "heading": "Let it rot before you dry it",
            "heading_lines": ["jelly"],
            "body": [
                {
                    "paragraph": [
                        talk_sentence("S1 kept tomato seeds last year, and they went mouldy.", "went mouldy"),
                        talk_sentence("Give them three days under water, S2 advised.", "three days"),
                    ]
                },
                quote("giant pumpkin"),
            ],
        },
    ],
    "close": [talk_sentence("On a balcony, start with lettuce, which forgives you.", "Start with lettuce")],
}


def post(change: Callable[[Reply], object] = lambda post: None) -> Reply:
    """The post with something changed."""
    changed = copy.deepcopy(POST)
    change(changed)
    return changed


def with_numbers(request: Request, value: Any) -> Any:
    """The reply with the numbers of the lines that hold some words."""
    if isinstance(value, dict):
        return {
            key: [line_number(request, n) for n in inner]
            if key.endswith("lines")
            else with_numbers(request, inner)
            for key, inner in value.items()
        }
    return [with_numbers(request, inner) for inner in value] if isinstance(value, list) else value


def line_number(request: Request, words: str | int) -> int:
    if isinstance(words, int):
        return words
    prompt = request["messages"][1]["content"]
    return next(int(n) for n, line in re.findall(r"^(\d+) (.*)$", prompt, re.MULTILINE) if words in line)


def asked(request: Request) -> str:
    """The step that a request is of, by what it asks for."""
    first: str = next(iter(schema_of(request)["properties"]))
    return {"title": "whole", "verdicts": "judge", "sentences": "rewrite", "lines": "sample"}.get(
        first, "step"
    )


def giving(
    *posts: Reply | str, judge: Callable[[str], bool] = lambda text: True, rewrites: Any = ()
) -> Callable[[Request], Answered]:
    """A model that gives these posts, one after the other, the last one again and again."""
    left = list(posts)

    def respond(request: Request) -> Answered:
        step = asked(request)
        if step == "whole":
            reply = left.pop(0) if len(left) > 1 else left[0]
            return completion(request, reply if isinstance(reply, str) else with_numbers(request, reply))
        if step == "judge":
            return completion(request, verdicts(request, lambda text, cited: judge(text)))
        return completion(request, {"sentences": list(rewrites)}) if step == "rewrite" else good(request)

    return respond


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path)
    workspace.inputs.mkdir()
    (workspace.inputs / "panel.md").write_text(TALK.replace("\n", "\n\n"), "utf-8")
    return workspace


def written(
    place: Workspace, respond: Callable[[Request], Answered], **settings: Any
) -> tuple[Takeaways, list[Request]]:
    """What is made of the replies, and all requests."""
    with FakeEndpoint(respond) as server:
        known = {"base_url": server.url, "model": "any", "retries": 0, "context": 32_768}
        run(place, sets=({"extract": {**known, **settings}},))
        return takeaways_of(place), server.requests


def steps(requests: list[Request]) -> list[str]:
    return [asked(request) for request in requests]


def prose(made: Takeaways) -> list[str]:
    return [claim.text for paragraph in made.prose for claim in paragraph.claims]


def test_a_good_post_stands_as_it_is_and_takes_two_calls(place: Workspace) -> None:
    made, requests = written(place, giving(POST))
    assert steps(requests) == ["whole", "judge"], requests[2]["messages"][-1]["content"]
    assert (made.title, made.dek) == (POST["title"], POST["dek"])
    assert [theme.heading for theme in made.themes] == [s["heading"] for s in POST["sections"]]
    assert [[type(block).__name__ for block in theme.body] for theme in made.themes] == 2 * [
        ["Paragraph", "Quote"]
    ]
    assert len(prose(made)) == 7
    assert (made.rejected, made.notes) == ((), ())
    prompt = requests[0]["messages"][1]["content"]
    assert all(f"{n} S" in prompt for n in (1, 19))
    assert "S2: Ben Hill" in prompt


def test_what_was_answered_is_not_asked_again(place: Workspace) -> None:
    with FakeEndpoint(giving(POST)) as server:
        sets = ({"extract": {"base_url": server.url, "model": "any", "context": 32_768}},)
        run(place, sets=sets)
        run(place, only="extract", force=True, sets=sets)
        assert steps(server.requests) == ["whole", "judge"]


def test_a_window_that_is_too_small_by_one_token(place: Workspace) -> None:
    _, requests = written(place, giving(POST))
    needed = count_messages(requests[0]["messages"]) + requests[0]["max_tokens"]
    made, requests = written(place, giving(POST), context=needed)
    assert "whole" in steps(requests)
    assert made.title == POST["title"]
    made, requests = written(place, giving(POST), context=needed - 1)
    assert "whole" not in steps(requests)
    (why,) = [note for note in made.notes if "step by step" in note]
    assert f"needs about {needed:,} tokens and the model's window is {needed - 1:,}" in why
    assert "set extract.context" in why


HALF = json.dumps(POST)[:900]


@pytest.mark.parametrize(
    "bad", ["I would rather not.", HALF, '{"answer": 42}', '{"title": "A", "sections": []}']
)
def test_a_model_that_ignores_the_schema_writes_step_by_step_and_that_is_told(
    place: Workspace, bad: str
) -> None:
    made, requests = written(place, giving(bad))
    assert steps(requests).count("whole") == 2
    assert made.themes
    assert any("its replies could not be used (" in note and "step by step" in note for note in made.notes)


def test_a_second_reply_that_can_be_used_is_used(place: Workspace) -> None:
    made, requests = written(place, giving("No.", POST))
    assert steps(requests) == ["whole", "whole", "judge"]
    assert made.title == POST["title"]
    assert "That reply cannot be used: it answers in prose" in requests[1]["messages"][-1]["content"]


def test_what_is_odd_costs_only_itself(place: Workspace) -> None:
    def change(post: Reply) -> None:
        body = post["sections"][0]["body"]
        body[0]["paragraph"][0]["kind"] = "gossip"
        body[0]["paragraph"][1]["lines"].append(999)
        del body[0]["paragraph"][1]["notes"]
        body[0]["paragraph"].append({"lines": [3], "text": 5})
        body.append({"picture": "a bean"})
        body.append({"quote": {"lines": [999]}})
        post["sections"].append({"heading": "Nothing below"})
        post["sections"].append("not a section")
        post["opening"] = post["opening"][0]

    made, requests = written(place, giving(post(change)))
    assert steps(requests) == ["whole", "judge"]
    assert len(prose(made)) == 7
    assert [len(theme.body) for theme in made.themes] == [2, 2]


def test_lines_that_are_not_there_send_a_sentence_back_with_the_range(place: Workspace) -> None:
    def change(post: Reply) -> None:
        post["sections"][1]["body"][0]["paragraph"][0]["lines"] = [998, 999]

    rewrite = {"of": 1, "lines": [10], "notes": [], "text": "S1 saw the tomato seeds of last year go mouldy."}
    made, requests = written(place, giving(post(change), rewrites=[rewrite]))
    assert steps(requests) == ["whole", "judge", "rewrite", "judge"]
    told = requests[2]["messages"][-1]["content"]
    assert '(section 2) "S1 kept tomato' in told
    assert "the lines that it cites (998, 999) are not there; they go from 1 to 19" in told
    assert "{S1} saw the tomato seeds of last year go mouldy." in prose(made)
    shown = requests[2]["messages"][2]["content"]
    assert json.loads(shown)["close"]  # the whole reply, however long


def test_twenty_sections_are_cut_to_those_asked_for_and_that_is_told(place: Workspace) -> None:
    def change(post: Reply) -> None:
        words = ["bean", "drawer", "water", "pumpkin", "lettuce", "harvest", "fee", "summer", "jelly", "vine"]
        post["sections"] += [
            {"heading": f"On the {word} {n}", "heading_lines": [n + 1], "body": [quote(n + 1)]}
            for n, word in enumerate(2 * words)
        ]

    made, requests = written(place, giving(post(change)))
    most = schema_of(requests[0])["properties"]["sections"]["maxItems"]
    assert 1 <= len(made.themes) <= most < 20
    assert any(f"sections of at most {most}; the first {most} are kept" in note for note in made.notes)


def test_a_section_that_comes_twice_stands_once_and_that_is_told(place: Workspace) -> None:
    def change(post: Reply) -> None:
        again = copy.deepcopy(post["sections"][0])
        again["heading"] = "Borrowed seeds learn"
        post["sections"].append(again)

    made, requests = written(place, giving(post(change)))
    assert steps(requests) == ["whole", "judge"]
    assert len(made.themes) == 2
    assert any("a section again" in note for note in made.notes)


def test_a_heading_of_sixty_words_gets_another_one(place: Workspace) -> None:
    def change(post: Reply) -> None:
        post["sections"][0]["heading"] = " ".join(["seeds that were borrowed learn"] * 12)

    made, requests = written(place, giving(post(change)))
    assert "(section 1, heading)" in requests[2]["messages"][-1]["content"]
    assert made.themes[0].source
    assert len(made.themes[0].heading.split()) < 15


GERMAN = [
    "Gekaufte Samen gedeihen in einem kleinen nassen Hof nur sehr schlecht.",
    "Nach vier Sommern kamen die eigenen Bohnen zwei Wochen früher heraus.",
    "Wer bringt schon Samen zurück, wenn die Ernte so schlecht gewesen ist?",
]


def test_a_post_in_another_language_is_refused_with_the_reason(place: Workspace) -> None:
    def change(post: Reply) -> None:
        for section in post["sections"]:
            texts = [
                {**s, "text": text} for s, text in zip(section["body"][0]["paragraph"], GERMAN, strict=False)
            ]
            section["body"][0]["paragraph"] = texts

    made, requests = written(place, giving(post(change), POST))
    assert "it is written in German; write it in English" in requests[1]["messages"][-1]["content"]
    assert made.title == POST["title"]


def test_a_post_of_one_sentence_stands(place: Workspace) -> None:
    one = [talk_sentence("Many bought seeds do badly in a small wet yard.", "bred for big")]
    bare = {"sections": [{"body": [{"paragraph": one}]}]}
    made, requests = written(place, giving(bare))
    assert steps(requests) == ["whole", "judge"]
    assert len(made.themes) == 1
    assert made.title
    assert made.themes[0].heading


def test_megabytes_of_sections_are_bounded(place: Workspace) -> None:
    def change(post: Reply) -> None:
        post["sections"] *= 400
        post["opening"] *= 2000

    made, requests = written(place, giving(post(change)))
    assert len(requests) <= 4
    assert len(made.themes) == 2
    huge = json.dumps({"sections": ["x" * 2_000_000]})
    made, requests = written(place, giving(huge))
    assert any("characters long" in note for note in made.notes)


def test_a_note_is_no_speaker_s_words(place: Workspace) -> None:
    note = "I have killed every basil that I ever bought."
    (place.inputs / "panel.toml").write_text(f"notes = [{json.dumps(note)}]\n", "utf-8")
    told = {
        "kind": "talk",
        "lines": [],
        "notes": [1],
        "text": "S2 said that S2 has killed every basil ever bought.",
    }

    made, _ = written(place, giving(post(lambda post: post["close"].append(told))))
    assert not any("basil" in claim.text and "{S2}" in claim.text for p in made.prose for claim in p.claims)
    assert note in (place.outputs / "panel" / "post.md").read_text("utf-8")


BASIL = "I have killed every basil that I ever bought. None of them forgave me."


@pytest.fixture
def noted(place: Workspace) -> Workspace:
    """The talk with a note of the author's."""
    (place.inputs / "panel.toml").write_text(f"notes = [{json.dumps(BASIL)}]\n", "utf-8")
    return place


def test_what_a_speaker_thinks_is_not_the_author_s_i(noted: Workspace) -> None:
    text = "I think that a library that punishes people would lose the gardeners it needs."
    mine = {"kind": "author", "lines": [9], "notes": [1], "text": text}
    made, requests = written(noted, giving(post(lambda post: post["close"].append(mine))))
    assert f'(close) "{text}"' in requests[2]["messages"][-1]["content"]
    assert text not in prose(made)
    assert prose(made).count(BASIL) == 1


@pytest.mark.parametrize(("number", "rest"), [(4, "those that it may rest on: 1"), (0, "rest on: 1")])
def test_a_note_that_is_not_there_is_told(noted: Workspace, number: int, rest: str) -> None:
    mine = {"kind": "author", "lines": [], "notes": [number], "text": "I would start with basil."}
    _, requests = written(noted, giving(post(lambda post: post["close"].append(mine))))
    told = requests[2]["messages"][-1]["content"]
    assert f"there is no author's note {number} for it; " in told
    assert rest in told


def test_a_title_and_a_heading_that_are_rewritten_rest_on_no_note(noted: Workspace) -> None:
    titles = {"Seeds that fit the town", "Let it rot before you dry it"}
    rewrites = [
        {"of": 1, "lines": [5], "notes": [1], "text": "A library that fits its town"},
        {"of": 2, "lines": [12], "notes": [1], "text": "The jelly has to rot"},
    ]
    made, _ = written(noted, giving(POST, judge=lambda text: text not in titles, rewrites=rewrites))
    assert (made.title, made.themes[1].heading) == (rewrites[0]["text"], rewrites[1]["text"])
    assert prose(made).count(BASIL) == 1


def test_a_rewrite_does_not_tell_a_note_again(noted: Workspace) -> None:
    def change(post: Reply) -> None:
        post["close"] += [{"kind": "author", "lines": [], "notes": [1], "text": BASIL}]

    again = "Every basil I ever bought died, and I killed it."
    for text in (again, BASIL):
        rewrite = {"of": 1, "lines": [], "notes": [1], "text": text}
        model = giving(post(change), judge=lambda text: "badly in a small" not in text, rewrites=[rewrite])
        made, _ = written(noted, model)
        assert prose(made)[-1] == BASIL
        assert not {again, BASIL} & {*prose(made)[:-1]}
        assert made.verification
        assert made.verification.replaced == 1


def test_all_that_fails_goes_back_together_and_four_calls_are_the_most(place: Workspace) -> None:
    bad = {"badly in a small", "three days under", "Seeds that fit"}
    made, requests = written(place, giving(POST, judge=lambda text: not any(words in text for words in bad)))
    assert steps(requests) == ["whole", "judge", "rewrite"]
    told = requests[2]["messages"][-1]["content"]
    assert all(f'{n}. ({where}) "' in told for n, where in enumerate(("title", "section 1", "section 2"), 1))
    assert made.verification
    assert made.verification.replaced == 3
    assert not any(words in text for words in bad for text in prose(made))
    assert made.title == made.themes[1].heading  # not just above its own section


def test_a_question_whose_answer_is_lost_goes_too(place: Workspace) -> None:
    def change(post: Reply) -> None:
        post["sections"][0]["body"][1] = quote("My kitchen", "other mistake")  # of two speakers

    made, _ = written(place, giving(post(change)))
    assert "And if nobody brings any back?" not in prose(made)
    assert len(made.themes[0].paragraphs[0].claims) == 2


def test_what_leads_up_with_a_colon_stands_where_something_follows(place: Workspace) -> None:
    lead, end = "S2 has no reminders and no fees, and gives the reason:", "And now for the rest:"

    def change(post: Reply) -> None:
        body = post["sections"][0]["body"]
        body[0]["paragraph"][2] = talk_sentence(lead, "never charge a fee")
        body.append({"paragraph": [talk_sentence("S2 buys new ones:", "just buy new"), leads(end)]})

    made, _ = written(place, giving(post(change)))
    assert lead.replace("S2", "{S2}") in prose(made)
    assert not {end, "{S2} buys new ones:"} & {*prose(made)}


def test_nothing_vanishes_untold(place: Workspace) -> None:
    more = ["Leave them in water for three days.", "The jelly around the seed rots."]

    def change(post: Reply) -> None:
        tomatoes = post["sections"][1]["body"]
        tomatoes[0]["paragraph"] += [leads(f"And {n}?") for n in "abcdef"]
        tomatoes[0]["paragraph"] += [talk_sentence(text, "three days", "jelly") for text in more]
        tomatoes.append({"quote": {"lines": [998], "from_words": "", "to_words": ""}})
        post["close"] *= 6
        post["sections"][0]["body"][1] = quote("My kitchen", "other mistake")  # of two speakers

    made, _ = written(place, giving(post(change)))
    told = {rejected.what: rejected.why for rejected in made.rejected}
    assert told[" ".join(more)] == "a paragraph of section 2 has more than 8 sentences"
    assert told["lines 998"].startswith("as a quote: the lines that it cites (998) are not there")
    assert "close has more than 4 sentences" in told.values()
    assert "is not in the post" in told["And if nobody brings any back?"]
    assert made.verification
    stand = made.verification.passed + made.verification.doubted + made.verification.mended
    assert made.verification.checked == stand + made.verification.replaced
    assert stand == len(prose(made)) + len(made.themes) + 2


def test_a_section_of_too_many_blocks_tells_what_is_left_out(place: Workspace) -> None:
    def change(post: Reply) -> None:
        post["sections"][1]["body"] += [{"paragraph": [leads(f"Why {n}?")]} for n in range(11)]
        post["sections"][1]["body"].append(quote("five good drawers"))

    made, _ = written(place, giving(post(change)))
    over = [r.what for r in made.rejected if r.why == "section 2 has more than 12 paragraphs and quotes"]
    assert over == ["Why 10?", "I would rather have five good drawers than fifty that nobody opens."]


def test_a_huge_text_leaves_room_for_the_others(place: Workspace) -> None:
    def change(post: Reply) -> None:
        post["title"] = "bean " * 20_000

    bad = "badly in a small"
    rewrite = {"of": 2, "lines": [4], "notes": [], "text": "Bought seeds are bred for big farms."}
    made, requests = written(
        place, giving(post(change), judge=lambda text: bad not in text, rewrites=[rewrite])
    )
    assert "rewrite" in steps(requests)
    assert count_messages(requests[steps(requests).index("rewrite")]["messages"]) < 32_768
    assert rewrite["text"] in prose(made)


@pytest.mark.parametrize(
    ("water", "stands"),
    [
        ({"of": 1, "lines": [11], "text": "Three days in water do them good."}, False),
        ({"of": 1, "lines": [11], "text": "Many bought seeds do badly in a yard without water."}, True),
        ({"of": 1, "lines": [4, 11], "text": "Three days in water do them good."}, True),
        ({"of": 2, "lines": [11], "text": "Three days in water do them good."}, True),
        ({"of": 1, "lines": [12], "text": "Rotten jelly comes before dry seeds."}, True),
    ],
)
def test_a_rewrite_of_another_sentence_is_refused(place: Workspace, water: Reply, stands: bool) -> None:
    bad = ("badly in a small", "Give them three days")
    model = giving(
        POST, judge=lambda text: not any(b in text for b in bad), rewrites=[{"notes": [], **water}]
    )
    made, _ = written(place, model)
    assert (water["text"] in prose(made)) == stands
    if not stands:
        assert any("in place of another sentence" in rejected.why for rejected in made.rejected)


def test_a_section_of_nothing_but_leading_on_goes(place: Workspace) -> None:
    def change(post: Reply) -> None:
        body = [{"paragraph": [leads("So what?"), leads("Now for the rest.")]}]
        post["sections"].append({"heading": "And now", "heading_lines": [3], "body": body})

    made, _ = written(place, giving(post(change)))
    assert len(made.themes) == 2


def test_where_nothing_stands_the_post_is_what_was_said(place: Workspace) -> None:
    made, _ = written(place, giving(post(lambda p: _drop_quotes(p)), judge=lambda text: False))
    assert made.writer == "extractive"
    assert made.themes
    assert made.verification
    assert made.verification.replaced == made.verification.checked
    assert any("Nothing of what the language model wrote can stand" in note for note in made.notes)


def _drop_quotes(post: Reply) -> None:
    for section in post["sections"]:
        section["body"] = [block for block in section["body"] if "paragraph" in block]


def test_who_spoke_at_length_is_named_in_the_opening(place: Workspace) -> None:
    made, _ = written(place, giving(post(lambda post: post.update(opening=[]))))
    assert prose(made)[0] == "{S2} and {S1} spoke with each other."


FALSEHOODS = [
    "Everyone left convinced.",
    "It was the best panel of the week.",
    "The audience loved it.",
    "Nobody in the room disagreed.",
    "Both of them agreed in the end.",
    "The library has won a prize for this.",
    "Bought seeds are simply poison.",
    "Science has proved it.",
    "The town council pays for all of it.",
    "It always works.",
    "Every balcony in town now grows lettuce.",
    "The shop has closed since.",
    "That is why the beans taste better.",
    "The fee was dropped after protests.",
    "Reminders go out every spring.",
    "Most gardeners have given up on tomatoes.",
    "The mould was a lesson to everybody.",
    "She went home and tried it at once.",
    "The drawer experiment failed.",
    "Half the town was there.",
]


def planted(post: Reply) -> None:
    """Twenty falsehoods as linking sentences, ten a section."""
    for n, section in enumerate(post["sections"]):
        body = section["body"]
        for k in range(10 * n, 10 * n + 10, 5):
            body.insert(1, {"paragraph": [leads(text) for text in FALSEHOODS[k : k + 5]]})


@pytest.mark.parametrize("judge", ["model", "rules"])
def test_no_falsehood_between_the_lines_reaches_the_post(place: Workspace, judge: str) -> None:
    respond = giving(post(planted), judge=lambda text: text not in FALSEHOODS)
    made, _ = written(place, respond, judge=judge)
    reached = [text for text in FALSEHOODS if text in prose(made)]
    assert reached == []
    assert len(made.themes) == 2


def test_a_server_that_cuts_the_one_prompt_is_found_out(place: Workspace) -> None:
    def respond(request: Request) -> Answered:
        status, headers, body = giving(POST)(request)
        answer = json.loads(body)
        answer["usage"]["prompt_tokens"] = min(answer["usage"]["prompt_tokens"], 700)
        return status, headers, json.dumps(answer).encode()

    with pytest.raises(StageError) as raised:
        written(place, respond)
    assert isinstance(raised.value.__cause__, EndpointError)
    assert "it cuts long prompts without saying so" in str(raised.value.__cause__)


def test_a_dry_run_knows_the_one_call_and_estimates_the_others(
    place: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(place, only="transcribe")
    run(place, only="segment")
    with FakeEndpoint(giving(POST)) as server:
        settings = {
            "base_url": server.url,
            "model": "any",
            "context": 32_768,
            "input_price": 1,
            "output_price": 2,
        }
        sets = [f"--set=extract.{key}={value}" for key, value in settings.items()]
        _, out, _ = call_program(
            place, monkeypatch, capsys, "run", "inputs/panel.md", "--dry-run", "--json", *sets
        )
        assert not [r for r in server.requests if asked(r) != "sample"]
        spending = json.loads(out)["talks"][0]["spending"]
        assert spending["calls"] == 4
        assert spending["cost"] > 0
        run(place, sets=({"extract": settings},))
        used = json.loads((place.outputs / "panel" / "3_takeaways.json").read_text("utf-8"))["used"]
    assert used["calls"] == 2
    assert used["tokens read"] <= spending["read"] <= 4 * used["tokens read"]


def test_progress_expects_what_will_come(place: Workspace) -> None:
    ticks: list[tuple[float, float | None]] = []

    class Watcher(Recorder):
        def progress(self, talk: str, stage: str, reached: float, total: float | None) -> None:
            ticks.extend([(reached, total)] if stage == "extract" else [])

    with FakeEndpoint(giving(POST)) as server:
        sets = ({"extract": {"base_url": server.url, "model": "any", "context": 32_768}},)
        run(place, sets=sets, recorder=Watcher())
    assert ticks[0] == (1, 4)
