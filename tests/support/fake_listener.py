"""A small transcription server on loopback: it decodes what it is sent; each burst of sound is a word to it.

So its answer is known from the sound alone. `Listener.heard` is what it was sent, call by call.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler
from typing import Any

import av
import numpy as np

from tests.support.fake_server import FakeServer, Handler
from tests.support.hostile_replies import Answered

RATE = 16_000
QUIET_SHARE = 0.02  # of full scale
MIN_GAP_SECONDS = 0.25  # of quiet between two bursts
FRAMES_PER_SECOND = 100
WORDS = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel")


@dataclass
class Transcription:
    """One call: its form without the file, the file, and its sound at RATE."""

    form: dict[str, list[str]]
    file: bytes
    name: str
    codec: str
    sound: np.ndarray
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return len(self.sound) / RATE

    @property
    def bursts(self) -> list[tuple[float, float]]:
        return bursts(self.sound)


def decoded(file: bytes) -> tuple[str, np.ndarray]:
    """Codec and samples of an audio file."""
    with av.open(io.BytesIO(file), "r") as container:
        resampler = av.AudioResampler("flt", "mono", RATE)
        parts = [
            part.to_ndarray().reshape(-1)
            for frame in (*container.decode(audio=0), None)  # None: what the resampler still holds
            for part in resampler.resample(frame)
        ]
        return container.streams.audio[0].codec_context.name, np.concatenate(parts)


def bursts(sound: np.ndarray) -> list[tuple[float, float]]:
    """Seconds [start, end) of each stretch of sound between quiet ones."""
    frame_samples = RATE // FRAMES_PER_SECOND
    frames = sound[: len(sound) // frame_samples * frame_samples].reshape(-1, frame_samples)
    loud = np.flatnonzero(np.abs(frames).max(axis=1) > QUIET_SHARE)
    if not len(loud):
        return []
    breaks = np.flatnonzero(np.diff(loud) > MIN_GAP_SECONDS * FRAMES_PER_SECOND)
    starts, ends = loud[[0, *(breaks + 1)]], loud[[*breaks, len(loud) - 1]] + 1
    return [
        (float(start) / FRAMES_PER_SECOND, float(end) / FRAMES_PER_SECOND)
        for start, end in zip(starts, ends, strict=True)
    ]


def answer(heard: Transcription) -> dict[str, Any]:
    """What OpenAI's server would answer in the format that was asked for; its words have no punctuation."""
    kind = heard.form["response_format"][0]
    timed = [(WORDS[i % len(WORDS)], start, end) for i, (start, end) in enumerate(heard.bursts)]
    text = " ".join(f"{word.capitalize()}." for word, _, _ in timed)
    if kind == "json":
        return {"text": text}
    segments: list[dict[str, Any]] = [
        {"id": i, "text": f" {word.capitalize()}.", "start": start, "end": end}
        for i, (word, start, end) in enumerate(timed)
    ]
    if kind == "diarized_json":
        labelled = [{**segment, "speaker": "AB"[segment["id"] % 2]} for segment in segments]
        return {"task": "transcribe", "duration": heard.seconds, "text": text, "segments": labelled}
    words = [{"word": word, "start": start, "end": end} for word, start, end in timed]
    return {
        "language": "english",
        "duration": heard.seconds,
        "text": text,
        "segments": segments,
        "words": words,
    }


def good(heard: Transcription) -> Answered:
    return 200, {}, json.dumps(answer(heard)).encode()


def error(status: int, message: str, **headers: str) -> Answered:
    body = {"error": {"message": message, "type": "fake", "code": None, "param": None}}
    dashed = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, dashed, json.dumps(body).encode()


class Listener(FakeServer):
    """A server in a thread, `with Listener(respond) as server`; status 0 drops the connection."""

    def __init__(self, respond: Callable[[Transcription], Answered] = good) -> None:
        self.respond = respond
        self.heard: list[Transcription] = []
        super().__init__(_handler(self))


def _handler(listener: Listener) -> type[BaseHTTPRequestHandler]:
    class Answering(Handler):
        def do_POST(self) -> None:  # noqa: N802
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard = _parsed(self.headers["Content-Type"], body)
            heard.headers = {name.lower(): value for name, value in self.headers.items()}
            listener.heard.append(heard)
            is_known = self.path == "/v1/audio/transcriptions"
            status, headers, reply = listener.respond(heard) if is_known else error(404, f"no {self.path}")
            self.answer(status, headers, reply)

    return Answering


def _parsed(content_type: str, body: bytes) -> Transcription:
    form = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    fields: dict[str, list[str]] = {}
    file, name = b"", ""
    for part in form.iter_parts():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if filename := part.get_filename():
            file, name = content, filename
        else:
            key = str(part.get_param("name", header="content-disposition"))
            fields.setdefault(key, []).append(content.decode().strip())
    codec, sound = decoded(file)
    return Transcription(fields, file, name, codec, sound)
