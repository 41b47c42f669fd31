"""Levels sound and cuts it into blocks at silences: FFmpeg (PyAV) levels it, Silero finds the speech."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from pipeline.engines import SAMPLE_RATE, Block
from pipeline.engines.audio.decoding import Samples

Span = tuple[int, int]  # samples, [start, end)

DYNAUDNORM_OPTIONS = "f=500:g=3:p=0.95:m=15:b=1"  # the gain follows 1.5 s of sound, and is at most 15 (24 dB)
MIN_PAUSE_MS = 200
MIN_SPEECH_MS = 100
MARGIN_MS = 100  # around speech
MAX_SPEECH_SECONDS = 29.0  # longer speech is split at its best short pause
TAIL_SHARE = 0.2  # of a block, in which its end may fall


def blocks(sound: Iterable[Samples], seconds: float = 300.0) -> Iterator[Block]:
    """Cut levelled sound into blocks of at most about `seconds`, in order and without gaps."""
    start, size = 0, int(seconds * SAMPLE_RATE)
    waiting: list[Samples] = []
    for chunk in sound:
        waiting.append(chunk)
        if sum(map(len, waiting)) >= size:
            samples = np.concatenate(waiting)
            speech = _speech_spans(samples)
            end = _block_end(samples, speech)
            yield _block(start, samples[:end], speech)
            start, waiting = start + end, [samples[end:].copy()]
    if len(remainder := np.concatenate(waiting)):
        yield _block(start, remainder, _speech_spans(remainder))


def levelled(chunks: Iterable[Samples]) -> Iterator[Samples]:
    """The sound with quiet passages made louder; FFmpeg's dynaudnorm shifts nothing in time."""
    import av
    from av.filter import Graph

    rate, graph = SAMPLE_RATE, Graph()
    source = graph.add("abuffer", f"sample_rate={rate}:sample_fmt=flt:channel_layout=mono:time_base=1/{rate}")
    chain = [source, graph.add("dynaudnorm", DYNAUDNORM_OPTIONS), graph.add("aformat", "sample_fmts=flt")]
    graph.link_nodes(*chain, graph.add("abuffersink")).configure()

    def filtered(frame: Any) -> Iterator[Samples]:
        graph.push(frame)
        try:
            while True:
                yield np.asarray(graph.pull().to_ndarray(), np.float32).reshape(-1)
        except (BlockingIOError, EOFError):
            return

    written = 0
    for chunk in chunks:
        frame = av.AudioFrame.from_ndarray(chunk[None], format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, written, Fraction(1, rate)
        written += len(chunk)
        yield from filtered(frame)
    yield from filtered(None)


def _speech_spans(samples: Samples) -> list[Span]:
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        min_speech_duration_ms=MIN_SPEECH_MS,
        max_speech_duration_s=MAX_SPEECH_SECONDS,
        min_silence_duration_ms=MIN_PAUSE_MS,
        speech_pad_ms=MARGIN_MS,
    )
    return [(span["start"], span["end"]) for span in get_speech_timestamps(samples, options)]


def _block_end(samples: Samples, speech: list[Span]) -> int:
    """The sample at which a block ends.

    Amid the longest pause of its tail, else at the tail's quietest moment.
    """
    earliest = int(len(samples) * (1 - TAIL_SHARE))
    ends = [0, *(end for _, end in speech)]
    starts = [*(start for start, _ in speech), len(samples)]
    pauses = [(max(a, earliest), b) for a, b in zip(ends, starts, strict=True) if b > max(a, earliest)]
    if pauses:
        a, b = max(pauses, key=lambda pause: pause[1] - pause[0])
        return (a + b) // 2
    hop = SAMPLE_RATE // 10
    tail = samples[earliest:]
    power = np.square(tail[: len(tail) // hop * hop]).reshape(-1, hop).mean(axis=1)
    return earliest + int(power.argmin()) * hop + hop // 2


def _block(start: int, samples: Samples, speech: list[Span]) -> Block:
    """A block that begins at sample `start` of the recording; the speech is cut to the block."""
    inside = [(a, min(b, len(samples))) for a, b in speech if a < len(samples)]
    speech_seconds = tuple(((start + a) / SAMPLE_RATE, (start + b) / SAMPLE_RATE) for a, b in inside)
    return Block(start / SAMPLE_RATE, samples, speech_seconds)
