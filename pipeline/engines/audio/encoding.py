"""PCM into containers, by PyAV: pydub would need an ffmpeg program. For servers Opus in Ogg, else MP3."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE

MOST_BYTES = 25_000_000  # what OpenAI takes in one call; a piece of 15 minutes has about 4 MB
# Encoder, container, media type, bits a second. FLAC is in every FFmpeg.
_FORMATS = (
    ("libopus", "ogg", "audio/ogg", 32_000),
    ("libmp3lame", "mp3", "audio/mpeg", 48_000),
    ("flac", "flac", "audio/flac", 0),
)


@dataclass(frozen=True)
class Sound:
    """A file as a form holds it."""

    name: str
    kind: str
    data: bytes


def encoded(pcm: bytes) -> Sound:
    """16-bit mono PCM at SAMPLE_RATE in the smallest format that this FFmpeg can write."""
    import av

    for codec, container, kind, rate in _FORMATS:
        try:
            av.Codec(codec, "w")
        except ValueError:
            continue
        return Sound(f"speech.{container}", kind, _written(pcm, codec, container, rate))
    raise AssertionError("FFmpeg without FLAC")


def _written(pcm: bytes, codec: str, container: str, bit_rate: int) -> bytes:
    import av

    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        track: Any = out.add_stream(codec, rate=SAMPLE_RATE, layout="mono")
        if bit_rate:
            track.bit_rate = bit_rate
        if codec == "libopus":
            track.options = {"compression_level": "5"}  # half the time of 10, at the same size
        write(out, track, np.frombuffer(pcm, np.int16), SAMPLE_RATE)
    return file.getvalue()


# Writing sound into a container with PyAV.


def write(container: Any, track: Any, samples: NDArray[np.int16], rate: int) -> None:
    """Encode mono samples, at `rate` (Hz) as the track has it, into an open container."""
    import av

    track.codec_context.open()
    whole = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
    whole.sample_rate = rate
    queue, done = av.AudioFifo(), 0
    for frame in av.AudioResampler(track.format.name, "mono", rate).resample(whole):
        frame.pts = None
        queue.write(frame)
    while (some := queue.read(track.frame_size or 4096, partial=True)) is not None:
        some.pts, done = done, done + some.samples
        container.mux(track.encode(some))
    container.mux(track.encode(None))
