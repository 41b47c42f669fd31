"""Cuts a recording into the pieces that are sent: its speech with short margins; the rest stays here.

Pauses of up to twice the margin are kept as they are, longer ones are shortened to that. So the pauses that
punctuation is derived from stay, and no long silence is sent or paid for. Each piece knows where in the
recording its stretches are.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE, Block

MARGIN_SECONDS = 0.3  # kept before and after speech
FADE_MS = 10  # before and after each cut
HEADROOM_DB = 1.0  # of the loudest sample, below full scale
MIN_FILLED_SHARE = 0.75  # of a piece, from which on it may end: it does at the longest pause
SLIP_SECONDS = 0.3  # by which recognisers misplace the edges of what they hear
_SAMPLES_PER_MS = SAMPLE_RATE // 1000  # pydub counts in milliseconds


@dataclass(frozen=True)
class Clip:
    """Sound without a cut in it: 16-bit samples, a whole number of milliseconds, from second `start`.

    `speech` is the span of speech in it, in seconds of the recording.
    """

    start: float
    samples: NDArray[np.int16]
    speech: tuple[float, float]

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE

    @property
    def end(self) -> float:
        return self.start + self.seconds


@dataclass(frozen=True)
class Stretch:
    """Seconds [at, at + length) of a piece are [start, start + length) of the recording."""

    at: float
    start: float
    length: float

    def overlap(self, start: float, end: float) -> float:
        """Seconds of a span of the piece that are in this stretch; if negative, how far away the span is."""
        return min(end, self.at + self.length) - max(start, self.at)

    def in_recording(self, at: float) -> float:
        """The second of the recording for second `at` of the piece, clamped to this stretch."""
        return self.start + min(max(at - self.at, 0.0), self.length)


@dataclass(frozen=True)
class Piece:
    """What is sent at once: 16-bit mono PCM, and where in the recording it comes from.

    `speech` is from the start of the first speech in it to the end of the last, in seconds of the recording.
    """

    sound: bytes
    stretches: tuple[Stretch, ...]
    speech: tuple[float, float]

    @property
    def seconds(self) -> float:
        return len(self.sound) / 2 / SAMPLE_RATE

    def word(self, start: float, end: float) -> tuple[float, float]:
        """Where a word of the piece is in the recording: within the stretch that it overlaps most."""
        stretch = max(self.stretches, key=lambda s: s.overlap(start, end))
        return stretch.in_recording(start), stretch.in_recording(end)

    def span(self, start: float, end: float) -> tuple[float, float]:
        """Where several words are, possibly across cuts; edges that slip over a cut are moved back."""
        inside = [stretch for stretch in self.stretches if stretch.overlap(start, end) >= SLIP_SECONDS]
        if not inside:
            return self.word(start, end)
        return inside[0].in_recording(start), inside[-1].in_recording(end)


def pieces(blocks: Iterable[Block], max_seconds: float) -> Iterator[Piece]:
    """All speech, in pieces of at most `max_seconds` each, cut at pauses.

    Only a stretch of speech without any pause (at most 29 s) may make a longer one.
    """
    pending: list[Clip] = []
    for block in blocks:
        for clip in _clips(block):
            while pending and sum(c.seconds for c in pending) + clip.seconds > max_seconds:
                count = _clips_in_piece(pending, clip, max_seconds)
                yield _piece(pending[:count])
                pending = pending[count:]
            pending.append(clip)
    if pending:
        yield _piece(pending)


def _clips(block: Block) -> Iterator[Clip]:
    """The speech of a block with margins, which meet in the middle of a short pause."""
    spans = block.speech
    limits = [block.start, *((a[1] + b[0]) / 2 for a, b in pairwise(spans))]
    limits.append(block.start + len(block.samples) / SAMPLE_RATE)
    for index, (a, b) in enumerate(spans):
        low, high = max(a - MARGIN_SECONDS, limits[index]), min(b + MARGIN_SECONDS, limits[index + 1])
        first, stop = (round((at - block.start) * 1000) * _SAMPLES_PER_MS for at in (low, high))
        samples = block.samples[first:stop]
        samples = samples[: len(samples) // _SAMPLES_PER_MS * _SAMPLES_PER_MS]
        if len(samples):
            pcm = np.round(np.clip(samples, -1.0, 1.0) * 32767.0).astype(np.int16)
            yield Clip(block.start + first / SAMPLE_RATE, pcm, (a, b))


def _clips_in_piece(pending: Sequence[Clip], clip: Clip, max_seconds: float) -> int:
    """How many of the clips make a full piece: it ends at the longest pause of its last quarter."""
    lengths = np.cumsum([c.seconds for c in pending])
    candidates = [
        count for count in range(1, len(pending) + 1) if lengths[count - 1] >= MIN_FILLED_SHARE * max_seconds
    ] or [len(pending)]
    following = [*pending[1:], clip]
    return max(candidates, key=lambda count: (following[count - 1].start - pending[count - 1].end, count))


def _piece(clips: Sequence[Clip]) -> Piece:
    stretches: list[Stretch] = []
    at = 0.0
    for clip in clips:
        previous = stretches[-1] if stretches else None
        if previous and _is_contiguous(previous.start + previous.length, clip.start):
            stretches[-1] = Stretch(previous.at, previous.start, previous.length + clip.seconds)
        else:
            stretches.append(Stretch(at, clip.start, clip.seconds))
        at += clip.seconds
    return Piece(_join(clips), tuple(stretches), (clips[0].speech[0], clips[-1].speech[1]))


def _is_contiguous(end: float, start: float) -> bool:
    return abs(end - start) < 0.002


def _join(clips: Sequence[Clip]) -> bytes:
    """The clips one after another as PCM, normalised; faded at both ends, and where sound was left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydub warns without ffmpeg, which it needs only for files
        from pydub import AudioSegment, effects

    format_options = {"sample_width": 2, "frame_rate": SAMPLE_RATE, "channels": 1}
    has_cut = [True, *(not _is_contiguous(a.end, b.start) for a, b in pairwise(clips)), True]
    parts = []
    for index, clip in enumerate(clips):
        sound = AudioSegment(clip.samples.tobytes(), **format_options)
        if has_cut[index] and len(sound) > 4 * FADE_MS:
            sound = sound.fade_in(FADE_MS)
        if has_cut[index + 1] and len(sound) > 4 * FADE_MS:
            sound = sound.fade_out(FADE_MS)
        parts.append(sound.raw_data)
    joined = AudioSegment(b"".join(parts), **format_options)
    return bytes(effects.normalize(joined, headroom=HEADROOM_DB).raw_data)
