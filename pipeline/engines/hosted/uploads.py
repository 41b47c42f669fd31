"""What is sent of a recording: the speech with a short margin, in pieces; the rest stays here.

Pauses of up to twice the margin are kept as they are, of longer ones that much is left: the pauses that
punctuation is made from stay, and nobody's silence is sent or paid for. A table says where in the recording
each stretch of a piece is.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE, Block

MARGIN = 0.3  # seconds of sound kept before and after speech
FADE_MS, HEADROOM_DB = 10, 1.0  # at each cut; below full scale, for the loudest sample
LATE = 0.75  # share of a piece after which it may end, at the longest pause
SLIP = 0.3  # seconds by which recognisers misplace the edges of what they hear
_MS = SAMPLE_RATE // 1000  # samples; pydub counts in milliseconds


@dataclass(frozen=True)
class Clip:
    """Sound without a cut in it: samples (16 bits, whole milliseconds) from `start` on, in seconds.

    `speech` is where in the recording it has speech.
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
        """Seconds that a span of the piece is in here; negative: how far it is away."""
        return min(end, self.at + self.length) - max(start, self.at)

    def there(self, at: float) -> float:
        """The moment of the recording, within this stretch."""
        return self.start + min(max(at - self.at, 0.0), self.length)


@dataclass(frozen=True)
class Piece:
    """What is sent at once: 16-bit mono PCM, and where in the recording it comes from.

    `speech` is from the first speech in it to the end of the last, in seconds of the recording.
    """

    sound: bytes
    stretches: tuple[Stretch, ...]
    speech: tuple[float, float]

    @property
    def seconds(self) -> float:
        return len(self.sound) / 2 / SAMPLE_RATE

    def word(self, start: float, end: float) -> tuple[float, float]:
        """Where in the recording a word of the piece is: within the stretch that it overlaps most."""
        home = max(self.stretches, key=lambda s: s.overlap(start, end))
        return home.there(start), home.there(end)

    def span(self, start: float, end: float) -> tuple[float, float]:
        """Where several words are, which may go across cuts; edges that slip over a cut are taken back."""
        inside = [s for s in self.stretches if s.overlap(start, end) >= SLIP]
        if not inside:
            return self.word(start, end)
        return inside[0].there(start), inside[-1].there(end)


def pieces(blocks: Iterable[Block], most: float) -> Iterator[Piece]:
    """All speech, in pieces of at most `most` seconds each, cut at pauses.

    Only speech without any pause (blocks have at most 29 s of it) may make a longer one.
    """
    held: list[Clip] = []
    for block in blocks:
        for clip in _clips(block):
            while held and sum(c.seconds for c in held) + clip.seconds > most:
                cut = _cut(held, clip, most)
                yield _piece(held[:cut])
                held = held[cut:]
            held.append(clip)
    if held:
        yield _piece(held)


def _clips(block: Block) -> Iterator[Clip]:
    """The speech of a block with its margins, which meet in the middle of a short pause."""
    spans = block.speech
    ends = [block.start, *((a[1] + b[0]) / 2 for a, b in pairwise(spans))]
    ends.append(block.start + len(block.samples) / SAMPLE_RATE)
    for index, (a, b) in enumerate(spans):
        low, high = max(a - MARGIN, ends[index]), min(b + MARGIN, ends[index + 1])
        first, stop = (round((at - block.start) * 1000) * _MS for at in (low, high))
        samples = block.samples[first:stop]
        samples = samples[: len(samples) // _MS * _MS]
        if len(samples):
            level = np.round(np.clip(samples, -1.0, 1.0) * 32767.0).astype(np.int16)
            yield Clip(block.start + first / SAMPLE_RATE, level, (a, b))


def _cut(held: Sequence[Clip], clip: Clip, most: float) -> int:
    """How many clips make a full piece: it ends at the longest pause of its last quarter."""
    lengths = np.cumsum([c.seconds for c in held])
    late = [n for n in range(1, len(held) + 1) if lengths[n - 1] >= LATE * most] or [len(held)]
    following = [*held[1:], clip]
    return max(late, key=lambda n: (following[n - 1].start - held[n - 1].end, n))


def _piece(clips: Sequence[Clip]) -> Piece:
    stretches: list[Stretch] = []
    at = 0.0
    for clip in clips:
        last = stretches[-1] if stretches else None
        if last and _meet(last.start + last.length, clip.start):
            stretches[-1] = Stretch(last.at, last.start, last.length + clip.seconds)
        else:
            stretches.append(Stretch(at, clip.start, clip.seconds))
        at += clip.seconds
    return Piece(_joined(clips), tuple(stretches), (clips[0].speech[0], clips[-1].speech[1]))


def _meet(end: float, start: float) -> bool:
    return abs(end - start) < 0.002


def _joined(clips: Sequence[Clip]) -> bytes:
    """The clips one after another as PCM, levelled; faded where sound was taken out between them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydub misses ffmpeg, which it needs only for files
        from pydub import AudioSegment, effects

    shape = {"sample_width": 2, "frame_rate": SAMPLE_RATE, "channels": 1}
    cuts = [True, *(not _meet(a.end, b.start) for a, b in pairwise(clips)), True]
    parts = []
    for index, clip in enumerate(clips):
        sound = AudioSegment(clip.samples.tobytes(), **shape)
        if cuts[index] and len(sound) > 4 * FADE_MS:
            sound = sound.fade_in(FADE_MS)
        if cuts[index + 1] and len(sound) > 4 * FADE_MS:
            sound = sound.fade_out(FADE_MS)
        parts.append(sound.raw_data)
    whole = AudioSegment(b"".join(parts), **shape)
    return bytes(effects.normalize(whole, headroom=HEADROOM_DB).raw_data)
