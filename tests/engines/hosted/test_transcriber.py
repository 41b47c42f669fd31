"""Transcription on a server: what leaves the machine, where words are put, and servers that misbehave."""

from __future__ import annotations

import json
import time
import wave
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.cli import forecast
from pipeline.engines import SAMPLE_RATE, Block, Transcription
from pipeline.engines.audio import encoding
from pipeline.engines.hosted import responses, transcriber
from pipeline.engines.hosted.responses import UnusableError, words
from pipeline.engines.hosted.uploads import MARGIN_SECONDS, Piece, Stretch, pieces
from pipeline.engines.prices import minute_price
from pipeline.engines.whisper import faster_weights
from pipeline.errors import ConfigError, EndpointError, InputError
from pipeline.records import Word
from pipeline.running.runner import Plan, StageError
from pipeline.running.staleness import StageRun
from pipeline.stages import STAGES
from pipeline.transcripts import transcribers
from pipeline.workspace import discovery
from pipeline.workspace.config import Settings, TranscribeSettings
from pipeline.workspace.talks import Workspace
from tests.support import fake_listener as fake
from tests.support.fake_listener import Answered, Listener, answer, good
from tests.support.helpers import Recorder, blocks_of, load, run

TRANSCRIBE = STAGES[0]
PAUSES = (1.2, 0.4, 2.5, 0.7, 5.0, 0.45, 1.5, 0.5, 0.9, 0.42)  # seconds before each


def settings(server: Listener | None = None, **more: Any) -> tuple[dict[str, Any], ...]:
    """Overrides that name the engine, and the server if there is one."""
    where = {"base_url": server.url} if server else {}
    return ({"transcribe": {"engine": "openai", "retries": 1, "timeout": 20.0, **where, **more}},)


@pytest.fixture(scope="module")
def speech(data: Path) -> np.ndarray:
    """0.9 s of real speech that begins and ends sharply."""
    _, whole = fake.decoded((data / "jfk.flac").read_bytes())
    part = whole[int(5.4 * SAMPLE_RATE) : int(6.3 * SAMPLE_RATE)].copy()
    edge = np.linspace(0, 1, 320, dtype=np.float32)
    part[:320] *= edge
    part[-320:] *= edge[::-1]
    return part


@pytest.fixture(scope="module")
def sound(speech: np.ndarray) -> np.ndarray:
    """That speech again and again, after each of PAUSES; nothing but zeros between."""
    parts = [part for pause in PAUSES for part in (np.zeros(int(pause * SAMPLE_RATE), np.float32), speech)]
    return np.concatenate([*parts, np.zeros(SAMPLE_RATE, np.float32)])


@pytest.fixture
def talk(tmp_path: Path, sound: np.ndarray) -> Workspace:
    return workspace(tmp_path, sound)


def workspace(root: Path, sound: np.ndarray, sidecar: str = "") -> Workspace:
    """A workspace with one recording, `talk.wav`."""
    made = Workspace(root)
    made.inputs.mkdir()
    with wave.open(str(made.inputs / "talk.wav"), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes((sound * 32767).astype(np.int16).tobytes())
    (made.inputs / "talk.toml").write_text(sidecar, "utf-8")
    return made


@pytest.fixture
def brief(tmp_path: Path, speech: np.ndarray) -> Workspace:
    """A talk of 6 s, in one piece."""
    pause = np.zeros(int(0.4 * SAMPLE_RATE), np.float32)
    return workspace(tmp_path, np.concatenate([pause, speech] * 4 + [pause]))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of 4 s, so that there are several."""
    original = transcriber.request_format
    monkeypatch.setattr(
        transcriber, "request_format", lambda model: replace(original(model), max_seconds=4.0)
    )


def listen(place: Workspace, *sets: dict[str, Any], force: bool = False) -> Recorder:
    return run(place, "talk.wav", only="transcribe", force=force, sets=sets)


def failure(place: Workspace, *sets: dict[str, Any]) -> BaseException:
    """What the stage raised; it left no artifact behind."""
    with pytest.raises(StageError) as raised:
        listen(place, *sets)
    assert not (place.outputs / "talk" / "1_transcript.json").exists()
    assert raised.value.__cause__ is not None
    return raised.value.__cause__


def artifact(place: Workspace) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((place.outputs / "talk" / "1_transcript.json").read_text("utf-8"))
    return loaded


def heard_words(place: Workspace) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = artifact(place)["data"]["words"]
    return found


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("model", ["whisper-1", "gpt-4o-transcribe-diarize"])
def test_words_are_where_they_were_said_and_silence_stays_here(
    talk: Workspace, sound: np.ndarray, model: str
) -> None:
    truth = fake.bursts(sound)
    with Listener() as server:
        listen(talk, *settings(server, model=model))
    assert len(server.heard) >= 4
    assert sum(heard.seconds for heard in server.heard) < len(PAUSES) * (0.9 + 2 * MARGIN_SECONDS + 0.3)
    for heard in server.heard:
        assert (heard.codec, heard.name) == ("opus", "speech.ogg")
        assert heard.seconds <= 4.1
        assert len(heard.file) < 25_000_000
        quiet = [b - a for (_, a), (b, _) in pairwise(heard.bursts)]
        assert max(quiet, default=0.0) < 2 * MARGIN_SECONDS + 0.4
    found = heard_words(talk)
    assert len(found) == len(truth) == len(PAUSES)
    assert max(abs(word["start"] - start) for word, (start, _) in zip(found, truth, strict=True)) < 0.2
    assert max(abs(word["end"] - end) for word, (_, end) in zip(found, truth, strict=True)) < 0.2
    assert found[0]["text"] == " Alpha."
    assert artifact(talk)["data"]["duration"] == pytest.approx(len(sound) / SAMPLE_RATE, abs=0.01)


def test_what_is_asked_for_and_what_it_took(tmp_path: Path, sound: np.ndarray) -> None:
    place = workspace(tmp_path, sound, 'language = "en"\nglossary = ["Base", "Jesse Pollak"]\n')
    with Listener() as server:
        told = listen(place, *settings(server))
        listen(place, *settings(server, model="gpt-4o-transcribe-diarize"))
        listen(place, *settings(server, model="gpt-4o-mini-transcribe"))
    forms = [heard.form for heard in server.heard]
    assert forms[0] == {
        "model": ["whisper-1"], "language": ["en"], "prompt": ["Base, Jesse Pollak"],
        "response_format": ["verbose_json"], "timestamp_granularities[]": ["word", "segment"],
    }  # fmt: skip
    assert forms[1] == {
        "model": ["gpt-4o-transcribe-diarize"], "language": ["en"],
        "response_format": ["diarized_json"], "chunking_strategy": ["auto"],
    }  # fmt: skip
    assert set(forms[2]) == {"model", "language", "prompt", "response_format"}
    assert told.notes == [f"speech is sent to {server.url} whisper-1: transcribe.engine = 'openai'"]
    assert artifact(place)["used"]["calls"] == len(server.heard) - 2
    sent = sum(heard.seconds for heard in server.heard[2:])
    assert artifact(place)["used"]["seconds sent"] == pytest.approx(sent, abs=0.1)


def test_one_piece_keeps_its_labels(talk: Workspace) -> None:
    with Listener() as server:
        told = listen(talk, *settings(server, model="gpt-4o-transcribe-diarize"))
    assert [word["label"] for word in heard_words(talk)][:4] == ["A", "B", "A", "B"]
    assert told.warnings == []


@pytest.mark.usefixtures("small")
def test_labels_of_several_pieces_are_left_out_and_that_is_said(talk: Workspace) -> None:
    with Listener() as server:
        told = listen(talk, *settings(server, model="gpt-4o-transcribe-diarize"))
    assert not any(word.get("label") for word in heard_words(talk))
    assert any("labelled the speakers of" in warning for warning in told.warnings)


def test_text_alone_gets_the_times_of_its_pieces(talk: Workspace, sound: np.ndarray) -> None:
    with Listener() as server:
        told = listen(talk, *settings(server, model="gpt-4o-transcribe"))
    found, truth = heard_words(talk), fake.bursts(sound)
    assert len(found) == len(PAUSES)
    assert len([word for word in found if "start" in word]) == len(server.heard)
    assert len(server.heard) >= 2
    assert abs(found[0]["start"] - truth[0][0]) < 0.2
    assert any("gave times to" in warning for warning in told.warnings)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("shape", ["segments alone", "words inside segments", "neither"])
def test_servers_that_give_fewer_times_are_understood(talk: Workspace, sound: np.ndarray, shape: str) -> None:
    def respond(heard: fake.Transcription) -> Answered:
        whole = answer(heard)
        said = whole.pop("words")
        if shape == "neither":
            whole.pop("segments")
        if shape == "words inside segments":
            for segment, word in zip(whole["segments"], said, strict=True):
                segment["words"] = [{**word, "word": segment["text"], "probability": 0.9}]
        return 200, {}, json.dumps(whole).encode()

    with Listener(respond) as server:
        listen(talk, *settings(server))
    found = heard_words(talk)
    assert len(found) == len(PAUSES)
    if shape != "neither":
        truth = fake.bursts(sound)
        assert max(abs(w["start"] - start) for w, (start, _) in zip(found, truth, strict=True)) < 0.2


@pytest.mark.usefixtures("small")
def test_nothing_is_asked_for_twice_and_a_failed_run_goes_on(talk: Workspace) -> None:
    limit = [2]

    def respond(heard: fake.Transcription) -> Answered:
        limit[0] -= 1
        return good(heard) if limit[0] >= 0 else fake.error(500, "out of order")

    with Listener(respond) as server:
        assert "fails with 500 (out of order)" in str(failure(talk, *settings(server, retries=0)))
        before = [heard.sound.tobytes() for heard in server.heard[:2]]
        limit[0] = 1000
        listen(talk, *settings(server))
        assert artifact(talk)["used"]["calls from cache"] == 2
        calls = len(server.heard)
        assert not {heard.sound.tobytes() for heard in server.heard[3:]} & set(before)
        first = artifact(talk)["data"]
        listen(talk, *settings(server), force=True)
        assert len(server.heard) == calls
        assert artifact(talk)["data"] == first
        listen(talk, *settings(server, model="other"))
        assert len(server.heard) > calls
    assert load(talk, "talk.wav").state.replies.forget() == 2 * (calls - 1)


HTML = b"<html><body>Welcome to nginx</body></html>"


def _spoilt(**more: Any) -> Callable[[fake.Transcription], Answered]:
    return lambda heard: (200, {}, json.dumps({**answer(heard), **more}).encode())


def _word(start: float, end: float) -> dict[str, Any]:
    return {"word": "alpha", "start": start, "end": end}


@pytest.mark.parametrize(
    ("respond", "message", "calls"),
    [
        (lambda heard: fake.error(429, "no credit", Retry_After="0.1"), "too busy, or the account is out", 2),
        (lambda heard: fake.error(500, "broken", Retry_After="0.1"), "fails with 500 (broken)", 2),
        (lambda heard: fake.error(401, "who?"), "asks for a key, and was sent none (who?)", 1),
        (lambda heard: fake.error(404, "no such model"), "does not know the model 'whisper-1'", 1),
        (lambda heard: fake.error(400, "response_format?"), "refuses the call (response_format?)", 1),
        (lambda heard: fake.error(413, "too large"), "a call is larger than the server takes (too large)", 1),
        (lambda heard: (0, {}, b""), "ends the connection", 2),
        (lambda heard: (200, {"Content-Length": "500"}, b'{"text": "A'), "ends the connection", 2),
        (lambda heard: (200, {"Content-Type": "text/html"}, HTML), "it is no JSON ('<html>", 2),
        (lambda heard: (200, {}, b""), "it is no JSON", 2),
        (lambda heard: (200, {}, b'["alpha"]'), "cannot be used: it:", 2),
        (lambda heard: (200, {}, b'{"error": "busy"}'), "it is an error (busy)", 2),
        (lambda heard: (200, {}, b'{"text": {"a": 1}}'), "cannot be used: text:", 2),
        (lambda heard: (200, {}, b'{"text": "\xff\xfe'), "it is no JSON", 2),
        (_spoilt(words=[_word(0.0, float("nan"))]), "words.0.end", 2),
        (_spoilt(words=[_word(0.0, 1e9)]), "a time of 0 to 1e+09 s in", 2),
        (_spoilt(words=[_word(-5.0, 1.0)]), "a time of -5 to 1 s in", 2),
        (_spoilt(words=[_word(3.0, 2.0)]), "times go back", 2),
        (_spoilt(words=[_word(4.0, 4.5), _word(1.0, 2.0)]), "times go back", 2),
        (
            _spoilt(segments=[{"text": "A", "start": 0, "end": 4_000_000_000}], words=None),
            "a time of 0 to",
            2,
        ),
        (_spoilt(text="blah " * 9000), "more than anybody says", 2),
        (_spoilt(segments=[{"text": "", "start": 0, "end": 0}] * 9999), "more words and segments than", 2),
        (_spoilt(words=[_word(0.0, 0.0)] * 999), "more words and segments than", 2),
        (_spoilt(words=[_word(0.0, float("inf"))]), "words.0.end", 2),
        (_spoilt(words=[_word(0.0, 10**400)]), "words.0.end", 2),
        (lambda heard: (200, {}, b'{"segments": ' + b"[" * 90_000), "it is no JSON", 2),
        (lambda heard: (200, {}, b'{"detail": [{"loc": ["file"], "msg": "is bad"}]}'), "(file: is bad)", 2),
        (lambda heard: (422, {}, b'{"detail": [{"loc": ["file"], "msg": "is bad"}]}'), "file: is bad", 1),
    ],
)
def test_every_fault_is_one_message_with_a_remedy(
    brief: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    respond: Callable[[fake.Transcription], Answered],
    message: str,
    calls: int,
) -> None:
    monkeypatch.setattr(transcriber, "MAX_SILENT_SECONDS", 3.0)
    with Listener(respond) as server:
        raised = failure(brief, *settings(server))
        assert isinstance(raised, EndpointError)
        assert message in str(raised)
        assert server.url in str(raised)
        assert len(str(raised)) < 600
        assert len(server.heard) == calls


def test_words_are_fit_to_be_written(brief: Workspace) -> None:
    """Halves of surrogate pairs and what would steer a terminal are no words."""

    def respond(heard: fake.Transcription) -> Answered:
        words = answer(heard)["words"]
        said = [f"{word['word']}\x1b[31m" for word in words]
        timed = [{**word, "word": word["word"] + "\ud800"} for word in words]
        return 200, {}, json.dumps({"text": " ".join(said), "words": timed}).encode()

    with Listener(respond) as server:
        listen(brief, *settings(server))
    assert len(heard_words(brief)) == 4
    assert all(word["text"].isprintable() for word in heard_words(brief))


def test_a_server_that_hangs_is_given_up(brief: Workspace) -> None:
    def hang(heard: fake.Transcription) -> Answered:
        time.sleep(2)
        return good(heard)

    with Listener(hang) as server:
        raised = failure(brief, *settings(server, timeout=0.3))
        assert "does not answer in time" in str(raised)
        assert "transcribe.timeout" in str(raised)
        assert len(server.heard) == 2


@pytest.mark.parametrize("bad", [fake.error(429, "slow down", Retry_After="1"), (200, {}, b"{}")])
def test_what_passes_is_got_over(brief: Workspace, bad: Answered) -> None:
    moments: list[float] = []

    def respond(heard: fake.Transcription) -> Answered:
        moments.append(time.monotonic())
        return bad if len(moments) == 1 else good(heard)

    with Listener(respond) as server:
        listen(brief, *settings(server))
    assert len(heard_words(brief)) == 4
    assert moments[1] - moments[0] >= (1 if bad[0] == 429 else 0)


def test_no_redirect_is_followed(brief: Workspace) -> None:
    with Listener() as other:
        place = f"{other.url}/audio/transcriptions"
        with Listener(lambda heard: (307, {"Location": place}, b"")) as server:
            raised = failure(brief, *settings(server))
        assert not other.heard
    assert f"sends elsewhere, to {place}" in str(raised)


def test_a_key_is_sent_and_never_told(brief: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-1234567890")
    with Listener(lambda heard: fake.error(403, "key sk-secret-1234567890 may not")) as server:
        assert "secret" not in str(failure(brief, *settings(server)))
        assert server.heard[0].headers["authorization"] == "Bearer sk-secret-1234567890"
        server.respond = lambda heard: (200, {}, b"sk-secret-1234567890")
        assert "secret" not in str(failure(brief, *settings(server)))
        server.respond = _spoilt(text="The key is sk-secret-1234567890.", words=[])
        told = listen(brief, *settings(server))
    assert not any("secret" in line for line in (*told.notes, *told.warnings))
    written = [path for path in brief.root.rglob("*") if path.is_file() and path.suffix != ".wav"]
    assert len(written) > 2
    assert not [path for path in written if b"secret" in path.read_bytes()]


def test_a_proxy_of_the_environment_hears_nothing(brief: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with Listener() as other, Listener() as server:
        for name in ("HTTP_PROXY", "ALL_PROXY", "OPENAI_BASE_URL"):
            monkeypatch.setenv(name, other.url)
        listen(brief, *settings(server))
        assert server.heard
        assert not other.heard


class Ear:
    """Stands for the engine that listens here."""

    def transcribe(self, blocks: Any, language: Any, glossary: Any, progress: Any) -> Transcription:
        return Transcription("en", (Word(text=" Alpha.", start=1.0, end=2.0),), ())


def test_only_the_engines_name_sends_anything(talk: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcribers, "local_transcriber", lambda settings: Ear())
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-1234567890")
    with Listener() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        told = listen(talk, {"transcribe": {"base_url": server.url, "model": "whisper-1"}})
        assert not server.heard
    assert told.ran == ["transcribe"]
    assert told.notes == []
    assert not TRANSCRIBE.waits(load(talk, "talk.wav"))
    (talk.root / "takeaways.toml").write_text("[transcribe]\nengine = 'openai'\n", "utf-8")
    assert TRANSCRIBE.waits(load(talk, "talk.wav"))
    (talk.inputs / "words.md").write_text("Ann: Hello.\n", "utf-8")
    (talk.inputs / "talk.toml").write_text("transcript = 'words.md'\n", "utf-8")
    assert not TRANSCRIBE.waits(load(talk, "talk.wav"))


def test_openai_itself_wants_a_key(brief: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    raised = failure(brief, *settings())
    assert isinstance(raised, ConfigError)
    assert "OPENAI_API_KEY is not set" in str(raised)
    with pytest.raises(StageError) as refused:
        listen(brief, *settings(base_url="http://user:pw@h/v1"))
    assert "transcribe.base_url holds a name, a password" in str(refused.value.__cause__)


def test_receipts_of_those_who_listen_here_are_as_before(brief: Workspace) -> None:
    assert {entry.name for entry in StageRun(load(brief, "talk.wav"), TRANSCRIBE).receipt} == {
        "stage", "file talk.wav", "recording", "facts.language", "facts.glossary", "model",
        "transcribe.model", "transcribe.beam_size", "transcribe.batch_size",
    }  # fmt: skip
    dumped = TranscribeSettings().receipt()
    assert dumped == {"model": "base", "beam_size": 5, "batch_size": 4}


def test_a_receipt_names_the_server_and_nothing_that_changes_no_word(brief: Workspace) -> None:
    with Listener() as server:
        listen(brief, *settings(server))
        assert listen(brief, *settings(server, timeout=9.0, retries=3, beam_size=1)).ran == []
        receipt = artifact(brief)["made_from"]
        assert receipt["hosted transcriber"] == f"{server.url} whisper-1"
        assert not {"model", "transcribe.timeout", "transcribe.beam_size"} & set(receipt)
        again = listen(brief, *settings(server, model="whisper-2"))
    assert again.ran == ["transcribe"]
    assert any("whisper-2" in reason for reason in again.reasons["transcribe"])


def test_a_recording_in_which_nobody_speaks_is_not_sent(tmp_path: Path) -> None:
    place = workspace(tmp_path, np.zeros(5 * SAMPLE_RATE, np.float32))
    with Listener() as server:
        raised = failure(place, *settings(server))
        assert not server.heard
    assert isinstance(raised, InputError)


def test_a_short_piece_may_be_empty(tmp_path: Path, speech: np.ndarray) -> None:
    quiet = np.zeros(SAMPLE_RATE, np.float32)
    place = workspace(tmp_path, np.concatenate([quiet, speech, quiet]))
    with Listener(lambda heard: (200, {}, b'{"text": ""}')) as server:
        assert isinstance(failure(place, *settings(server)), InputError)
        assert len(server.heard) == 1


def test_models_their_default_and_what_they_cost() -> None:
    def of(**table: Any) -> TranscribeSettings:
        return Settings.model_validate({"transcribe": table}).transcribe

    assert of().model == "base"
    assert of(engine="openai").model == "whisper-1"
    assert of(engine="openai", model="base").model == "base"
    prices = [
        transcribers.price_per_minute(of(engine="openai", model=name))
        for name in ("whisper-1", "gpt-4o-mini-transcribe")
    ]
    assert prices == [0.006, 0.003]
    assert minute_price("gpt-4o-mini-transcribe-2025-12-15") == 0.003
    assert transcribers.price_per_minute(of(engine="openai", base_url="http://localhost:8000/v1")) is None
    assert faster_weights.identity(of().model, None).startswith("sha256:")  # type: ignore[arg-type]


def test_a_dry_run_says_what_would_be_sent(brief: Workspace) -> None:
    ((source,), _) = discovery.discover([brief.inputs / "talk.wav"], brief)
    plan = Plan(STAGES[:1], overrides=settings())
    told = forecast.text(forecast.forecast(source, brief, plan))
    at = "at most 0.1 minutes of speech to https://api.openai.com/v1 whisper-1, at most about $0.0006"
    assert told.splitlines()[1] == f"talk: transcribe sends {at}"
    assert "sends" not in forecast.text(forecast.forecast(source, brief, Plan(STAGES[:1])))


def test_what_it_costs_is_told(brief: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcribers, "price_per_minute", lambda settings: 0.6)
    with Listener() as server:
        listen(brief, *settings(server))
        assert artifact(brief)["used"]["cost"] == pytest.approx(server.heard[0].seconds / 100, rel=0.01)
        listen(brief, *settings(server), force=True)
    assert artifact(brief)["used"]["cost"] == 0.0


def test_all_speech_is_in_the_pieces_once_and_the_table_leads_back(data: Path) -> None:
    """On real speech with noise in its pauses, for pieces of several sizes."""
    found = list(blocks_of(data / "chaincode.opus", seconds=20.0))
    speech = [span for block in found for span in block.speech]
    for most in (4.0, 12.0, 600.0):
        cut = list(pieces(found, most))
        assert all(piece.seconds == pytest.approx(sum(s.length for s in piece.stretches)) for piece in cut)
        assert all(piece.seconds <= max(most, 29.0 + 2 * MARGIN_SECONDS) for piece in cut)
        spans = [(s.start, s.start + s.length) for piece in cut for s in piece.stretches]
        assert all(b <= c + 0.002 for (_, b), (c, _) in pairwise(spans))
        for start, end in speech:
            inside = [(max(a, start), min(b, end)) for a, b in spans]
            assert sum(b - a for a, b in inside if b > a) == pytest.approx(end - start, abs=0.004)


def test_pieces_end_at_the_longest_pause_of_their_last_part() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 60 * SAMPLE_RATE).astype(np.float32)
    speech = tuple((float(a), a + (2.0 if a == 24 else 2.9)) for a in range(0, 57, 3))
    first, *_ = pieces([Block(0.0, noise, speech)], 30.0)
    assert first.seconds == pytest.approx(26 + MARGIN_SECONDS)
    assert first.speech == (0.0, 26.0)
    assert np.abs(np.frombuffer(first.sound, np.int16)).max() == pytest.approx(
        32768 * 10 ** (-1 / 20), rel=0.01
    )


def test_edges_that_slip_over_a_cut_are_taken_back() -> None:
    piece = Piece(b"", (Stretch(0.0, 10.0, 2.0), Stretch(2.0, 60.0, 2.0)), (10.0, 62.0))
    assert piece.word(1.9, 2.6) == (60.0, 60.6)
    assert piece.word(1.2, 2.1) == (11.2, 12.0)
    assert piece.span(1.9, 3.5) == (60.0, 61.5)
    assert piece.span(0.5, 3.5) == (10.5, 61.5)
    assert piece.word(4.0, 9.0) == (62.0, 62.0)


def test_without_opus_it_is_mp3(speech: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    pcm = (np.tile(speech, 3) * 32767).astype(np.int16).tobytes()
    monkeypatch.setattr(encoding, "_FORMATS", (("no-such-codec", "ogg", "", 1), *encoding._FORMATS[1:]))
    made = encoding.encode(pcm)
    codec, sound = fake.decoded(made.data)
    assert (made.name, made.kind) == ("speech.mp3", "audio/mpeg")
    assert codec.startswith("mp3")
    assert len(sound) / SAMPLE_RATE == pytest.approx(2.7, abs=0.1)


@pytest.mark.parametrize(
    ("text", "said", "expected"),
    [  # each word, and which of those said gives its start
        ("Hello, world. Yes!", "Hello world Yes", [(" Hello,", 0), (" world.", 1), (" Yes!", 2)]),
        ("100% state-of-the-art.", "100 state of the art", [(" 100%", 0), (" state-of-the-art.", 1)]),
        ("One two three.", "One three", [(" One", 0), (" two", None), (" three.", 1)]),
        ("Then a cat sat.", "Then a cut sat", [(" Then", 0), (" a", 1), (" cat", None), (" sat.", 3)]),
        ("東京です。", "東京 です", [(" 東", 0), ("京", None), ("で", 1), ("す", None), ("。", None)]),
    ],
)  # fmt: skip
def test_the_text_has_the_punctuation_and_the_words_the_times(
    text: str, said: str, expected: list[tuple[str, int | None]]
) -> None:
    timed = [{"word": word, "start": n, "end": n + 0.5} for n, word in enumerate(said.split())]
    piece = Piece(b"\0" * 32000 * 20, (Stretch(0.0, 0.0, 20.0),), (0.0, 20.0))
    reply = responses.read(json.dumps({"text": text, "words": timed}), 20.0)
    found = words(reply, piece)
    assert [(word.text, word.start) for word in found] == expected
    assert "".join(word.text for word in found).strip() == text


def test_words_that_are_not_in_the_text_count_for_nothing() -> None:
    timed = [{"word": word, "start": n, "end": n + 0.5} for n, word in enumerate(("x1", "x2", "Hello"))]
    reply = responses.read(json.dumps({"text": "Hello there.", "words": timed}), 20.0)
    found = words(reply, Piece(b"", (Stretch(0.0, 5.0, 20.0),), (5.0, 25.0)))
    assert [(word.start, word.end) for word in found] == [(5.0, None), (None, 25.0)]


def test_a_reply_may_be_a_little_late_and_no_more() -> None:
    body = {
        "text": "A b.",
        "segments": [{"text": "A", "start": 0, "end": 4}, {"text": "b.", "start": 3.5, "end": 30}],
    }
    assert responses.read(json.dumps(body), 6.0).whole == "A b."
    with pytest.raises(UnusableError, match="a time of"):
        responses.read(json.dumps(body), 1.0)


def test_a_piece_in_which_the_server_hears_nothing_is_told_and_paid_for_once(
    talk: Workspace, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A jingle that sounds like speech must not cost the whole talk."""
    monkeypatch.setattr(transcriber, "MAX_SILENT_SECONDS", 1.0)
    pieces: list[bytes] = []

    def deaf_once(heard: fake.Transcription) -> Answered:
        if heard.file not in pieces:
            pieces.append(heard.file)
        empty = {"text": "", "words": [], "segments": []}
        return (200, {}, json.dumps(empty).encode()) if pieces.index(heard.file) == 1 else good(heard)

    with Listener(deaf_once) as server:
        [warning] = [line for line in listen(talk, *settings(server)).warnings if "heard nothing" in line]
        assert warning.startswith("the server heard nothing in the speech of 0")
        assert len(heard_words(talk)) > 3
        asked = len(server.heard)
        listen(talk, *settings(server), force=True)
        assert len(server.heard) == asked


def test_words_that_are_also_a_placeholder_for_a_key_stay(
    brief: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "alpha")
    with Listener() as server:
        listen(brief, *settings(server))
    assert "alpha" in "".join(word["text"] for word in heard_words(brief)).lower()


@pytest.mark.parametrize(
    "url", ["http://localhost:80a0/v1", "http://local\u200bhost:8000/v1", "http:///v1", "http://h:99999/v1"]
)
def test_an_address_that_is_none_is_told(brief: Workspace, url: str) -> None:
    with pytest.raises(StageError) as refused:
        listen(brief, *settings(base_url=url))
    assert "is not an address" in str(refused.value.__cause__)
