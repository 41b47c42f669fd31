"""Recordings as mono blocks cut at silences. FFmpeg (PyAV) decodes and levels, Silero finds the speech."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE, Block
from pipeline.errors import InputError

Samples = NDArray[np.float32]  # mono, SAMPLE_RATE
Span = tuple[int, int]  # samples, [start, end)

LEVELLER = "f=500:g=3:p=0.95:m=15:b=1"  # dynaudnorm: its gain follows 1.5 s of sound, 15 (24 dB) at most
JITTER, BROKEN = 0.05, 2.0  # seconds: a time stamp off by less means nothing; by more, that it is wrong
PAUSE_MS, SPEECH_MS, PAD_MS = 200, 100, 100  # shortest pause, shortest speech, margin around speech
LONGEST_SPEECH = 29.0  # seconds; longer speech is split at its best short pause
LAST_PART = 0.2  # share of a block in which its end may fall

_REMEDY = (
    "Play it to see if it is whole, or convert it: wav, mp3, m4a, ogg, opus, flac, mp4 and webm are fine"
)


@dataclass(frozen=True)
class AudioFacts:
    """What a container says of itself: seconds, and the date it was made (ISO 8601: year, month or day)."""

    duration: float | None
    date: str | None


def probe(path: Path) -> AudioFacts:
    """Facts from the container's header, nothing decoded. Raises InputError."""
    with _opened(path) as (container, stream):
        duration = container.duration / 1e6 if container.duration else None
        return AudioFacts(duration, _date({**stream.metadata, **container.metadata}))


def blocks(path: Path, seconds: float = 300.0) -> Iterator[Block]:
    """The recording in order, without gaps, in blocks of at most about `seconds`. Raises InputError."""
    start, size = 0, int(seconds * SAMPLE_RATE)
    waiting: list[Samples] = []
    for chunk in stream(path):
        waiting.append(chunk)
        if sum(map(len, waiting)) >= size:
            samples = np.concatenate(waiting)
            speech = _speech(samples)
            end = _cut(samples, speech)
            yield _block(start, samples[:end], speech)
            start, waiting = start + end, [samples[end:].copy()]
    if len(rest := np.concatenate(waiting)):
        yield _block(start, rest, _speech(rest))


def stream(path: Path) -> Iterator[Samples]:
    """The recording's samples, decoded and levelled, in small arrays of any length. Raises InputError."""
    empty = True
    with _opened(path) as (container, track):
        for samples in _levelled(_timed(container, track)):
            empty = empty and not len(samples)
            yield samples
    if empty:
        raise InputError("no sound in it could be decoded", file=path, remedy=_REMEDY)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """The container and its first audio stream."""
    import av

    if not path.is_file():
        raise InputError("there is no such file", file=path, remedy="Check the name and the folder.")
    if not path.stat().st_size:
        raise InputError("the file is empty", file=path, remedy="Copy or download the recording again.")
    try:
        container = av.open(str(path), metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        raise InputError("this is not a recording that can be read", file=path, remedy=_REMEDY) from error
    with container:
        if not container.streams.audio:
            what = "there is no audio track in it"
            raise InputError(what, file=path, remedy="Give a file with the sound, or a transcript.")
        yield container, container.streams.audio[0]


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    """Every frame that decodes: damaged packets are left out, a broken end is the end."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError):
            return
        try:
            yield from packet.decode()
        except (av.FFmpegError, ValueError):
            continue


def _timed(container: Any, stream: Any) -> Iterator[Samples]:
    """Samples on the recording's own clock, which is 0 where the container starts.

    Gaps in the time stamps (a track that starts late, lost packets) become silence, and sound
    stamped twice is left out, so that sample n is always the one at n / SAMPLE_RATE seconds.
    """
    mixer = _Mixer()
    shift = -max(0.0, (container.start_time or 0) / 1e6)  # from time stamps to the clock
    latest = container.duration / 1e6 + 1 if container.duration else np.inf
    clock = 0.0  # seconds of sound so far
    for frame in _decoded(container, stream):
        ahead = 0.0 if frame.time is None else frame.time + shift - clock
        if ahead < -BROKEN or (ahead > BROKEN and clock + ahead > latest):
            shift, ahead = shift - ahead, 0.0  # the stamps jumped, the sound did not
        if ahead < (-JITTER if clock else 0):
            continue
        if ahead > (JITTER if clock else 0):
            clock += ahead
            yield from mixer.silence(until=round(clock * SAMPLE_RATE))
        clock += frame.samples / frame.sample_rate
        yield from mixer.mixed(frame)
    yield from mixer.rest()


class _Mixer:
    """Frames of any format, layout and rate to samples, even where these change midway."""

    def __init__(self) -> None:
        self._written = 0
        self._shape: tuple[str, str, int] | None = None
        self._resampler: Any = None

    def mixed(self, frame: Any) -> Iterator[Samples]:
        import av

        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            yield from self.rest()
            self._shape, self._resampler = shape, av.AudioResampler("flt", "mono", SAMPLE_RATE)
        frame.pts = None  # the clock is kept outside
        yield from self._samples(self._resampler.resample(frame))

    def rest(self) -> Iterator[Samples]:
        """What the resampler still holds."""
        if self._resampler is not None:
            yield from self._samples(self._resampler.resample(None))
        self._shape = self._resampler = None

    def silence(self, until: int) -> Iterator[Samples]:
        yield from self.rest()
        while self._written < until:
            quiet = np.zeros(min(until - self._written, SAMPLE_RATE), np.float32)
            self._written += len(quiet)
            yield quiet

    def _samples(self, frames: Iterable[Any]) -> Iterator[Samples]:
        for frame in frames:
            samples: Samples = frame.to_ndarray().reshape(-1)
            self._written += len(samples)
            yield samples


def _levelled(chunks: Iterable[Samples]) -> Iterator[Samples]:
    """The same samples, quiet stretches raised; FFmpeg's dynaudnorm moves none of them in time."""
    import av
    from av.filter import Graph

    rate, graph = SAMPLE_RATE, Graph()
    source = graph.add("abuffer", f"sample_rate={rate}:sample_fmt=flt:channel_layout=mono:time_base=1/{rate}")
    chain = [source, graph.add("dynaudnorm", LEVELLER), graph.add("aformat", "sample_fmts=flt")]
    graph.link_nodes(*chain, graph.add("abuffersink")).configure()

    def pushed(frame: Any) -> Iterator[Samples]:
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
        yield from pushed(frame)
    yield from pushed(None)


def _speech(samples: Samples) -> list[Span]:
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        min_speech_duration_ms=SPEECH_MS,
        max_speech_duration_s=LONGEST_SPEECH,
        min_silence_duration_ms=PAUSE_MS,
        speech_pad_ms=PAD_MS,
    )
    return [(span["start"], span["end"]) for span in get_speech_timestamps(samples, options)]


def _cut(samples: Samples, speech: list[Span]) -> int:
    """Where a block ends: amid the longest pause of its last part, or else at its quietest moment."""
    earliest = int(len(samples) * (1 - LAST_PART))
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
    """`start` in samples; the speech is cut to the block."""
    inside = [(a, min(b, len(samples))) for a, b in speech if a < len(samples)]
    seconds = tuple(((start + a) / SAMPLE_RATE, (start + b) / SAMPLE_RATE) for a, b in inside)
    return Block(start / SAMPLE_RATE, samples, seconds)


def _date(tags: dict[str, str]) -> str | None:
    """The date in a container's tags. Encoders write 1904 or 1970 for "unknown"."""
    named = {name.lower(): value for name, value in tags.items()}
    for name in ("creation_time", "date"):
        found = re.match(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?(?!\d)", named.get(name, ""))
        if found and found[0][:4] not in ("0000", "1904", "1970"):
            return found[0]
    return None
