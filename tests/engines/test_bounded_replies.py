"""Every client against servers that send too much, too slowly or nonsense: one error in words, soon."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines import SAMPLE_RATE, Block, openai_client
from pipeline.engines.chat.endpoint import Cache, Chat, Endpoint, Request
from pipeline.engines.hosted.transcriber import HostedTranscriber, Service
from pipeline.errors import EndpointError, ModelError, is_page
from pipeline.stage_names import TalkStage
from pipeline.weights import hub
from pipeline.workspace.state import ByteCache
from tests.support import hostile_replies as hostile
from tests.support.fake_web import FakeWeb
from tests.support.hostile_replies import Answered

PATIENCE_SECONDS = 20.0  # tells a client that waits for ever from a machine that is busy
CLIENTS = ("chat", "transcriber", "list")
SOUND = np.sin(np.arange(3 * SAMPLE_RATE) / 9).astype(np.float32) / 2


def timeout_of(reply: Callable[[], Answered]) -> float:
    """Seconds: few where the time is to be used up."""
    return 0.5 if reply in (hostile.trickle, hostile.slow_head, hostile.endless_greetings) else 9.0


def ask(client: str, url: str, folder: Path, timeout: float) -> None:
    if client == "chat":
        chat = Chat(Endpoint(url, "any", "any", 4096), timeout, retries=1)
        chat.complete(Request(({"role": "user", "content": "Hello"},), {}, 0.0, 10))
    elif client == "list":
        openai_client.check_model(Service(url, "any"), TalkStage.EXTRACT)
    else:
        cache = Cache(ByteCache(folder, folder / "replies", ".json"))
        listener = HostedTranscriber(Service(url, "whisper-1"), cache, timeout, retries=1)
        listener.transcribe([Block(0.0, SOUND, ((0.0, 3.0),))], "en", (), lambda at: None)


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < PATIENCE_SECONDS


NO_JSON = "no JSON|not a chat completion|no list of models"
CASES: dict[Callable[[], Answered], str] = {
    hostile.bomb: "the server's reply is longer than 16 MB",
    hostile.deflated_bomb: "the server's reply is longer than 16 MB",
    hostile.damaged: "the server's reply is not compressed as it says",
    hostile.endless: "the server's reply is longer than 16 MB",
    hostile.trickle: "does not answer in time|does not say within",
    hostile.slow_head: "does not answer in time|does not say within",
    hostile.endless_greetings: "does not answer in time|does not say within",
    hostile.deep: NO_JSON,
    hostile.deep_error: "refuses the call",
    hostile.huge_number: NO_JSON,
    hostile.odd_charset: "with an error .no.|an error .no.|no list of models",
    hostile.late: "too busy.*much later",
    hostile.page: "a web page: is there a login page in between",
    hostile.comments: NO_JSON,
    hostile.steering: r"out of \\x1b\]0;title",
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("reply", CASES, ids=lambda reply: reply.__name__)
def test_each_client_ends_with_one_error_in_words(
    reply: Callable[[], Answered], client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai_client, "CONNECT_SECONDS", timeout_of(reply))
    with (
        FakeWeb(lambda method, path: reply()) as server,
        pytest.raises(EndpointError, match=CASES[reply]) as raised,
    ):
        ask(client, server.url, tmp_path, timeout_of(reply))
    assert server.url in str(raised.value)
    assert not [c for c in str(raised.value) if unicodedata.category(c) in ("Cc", "Cf", "Cs")]


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (hostile.bomb, "its answer is longer than 16 MB"),
        (hostile.endless, "its answer is longer than 16 MB"),
        (hostile.trickle, "no answer in time"),
        (hostile.slow_head, "no answer in time"),
        (hostile.page, "with a web page"),
        (hostile.comments, "answers"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_the_hub_is_greeted_within_bounds(
    reply: Callable[[], Answered], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(hub, "TIMEOUT_SECONDS", timeout_of(reply))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with FakeWeb(lambda method, path: reply()) as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.root)
        if message == "answers":
            assert "answers" in hub.check_reachable()
            return
        with pytest.raises(ModelError, match=message):
            hub.check_reachable()


def test_a_slow_reply_within_its_time_is_read(tmp_path: Path) -> None:
    """As of a server that sends white space while it works."""

    def slow() -> Iterator[bytes]:
        for _ in range(8):
            time.sleep(0.08)
            yield b" "
        yield b'{"choices": [{"message": {"content": "Hello"}}]}'

    with FakeWeb(lambda method, path: (200, {}, slow())) as server:
        ask("chat", server.url, tmp_path, 0.5)
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("start", "is_one"),
    [
        ("<!---->" * 60 + "x", False),
        ("<!---->" * 60 + "<html>", True),
        ("<!-- a -->\n <!-- b --><!DOCTYPE  html>", True),
        ("\ufeff <HTML lang='en'>", True),
        ("<!-- never closed <html>", False),
        ("<!--" * 5000, False),
        ('{"page": "<html>"}', False),
        ("<htmlish>", False),
        ("", False),
    ],
)
def test_a_web_page_is_told_by_its_start(start: str, is_one: bool) -> None:
    assert is_page(start) is is_one
