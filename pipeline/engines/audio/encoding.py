"""PCM into containers by PyAV, since pydub would need an ffmpeg program: Opus in Ogg, else MP3, else FLAC."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE

# Encoder, container, media type, bits per second. FLAC is in every FFmpeg.
_FORMATS = (
    ("libopus", "ogg", "audio/ogg", 32_000),
    ("libmp3lame", "mp3", "audio/mpeg", 48_000),
    ("flac", "flac", "audio/flac", 0),
)


@dataclass(frozen=True)
class AudioFile:
    """A file as it is uploaded in a form: `kind` is its media type."""

    name: str
    kind: str
    data: bytes


def encode(pcm: bytes) -> AudioFile:
    """16-bit mono PCM at SAMPLE_RATE, in the smallest format that this FFmpeg can write."""
    import av

    for codec, container, kind, rate in _FORMATS:
        try:
            av.Codec(codec, "w")
        except ValueError:
            continue
        return AudioFile(f"speech.{container}", kind, _encoded_bytes(pcm, codec, container, rate))
    raise AssertionError("FFmpeg without FLAC")


def _encoded_bytes(pcm: bytes, codec: str, container: str, bit_rate: int) -> bytes:
    import av

    file = io.BytesIO()
    with av.open(file, "w", format=container) as target:
        track: Any = target.add_stream(codec, rate=SAMPLE_RATE, layout="mono")
        if bit_rate:
            track.bit_rate = bit_rate
        if codec == "libopus":
            track.options = {"compression_level": "5"}  # takes half as long as 10, for the same size
        write(target, track, np.frombuffer(pcm, np.int16), SAMPLE_RATE)
    return file.getvalue()


def write(container: Any, track: Any, samples: NDArray[np.int16], rate: int) -> None:
    """Encode mono samples into a track of an open container; `rate` (Hz) is that of both."""
    import av

    track.codec_context.open()
    source = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
    source.sample_rate = rate
    queue, written = av.AudioFifo(), 0
    for frame in av.AudioResampler(track.format.name, "mono", rate).resample(source):
        frame.pts = None
        queue.write(frame)
    while (packed := queue.read(track.frame_size or 4096, partial=True)) is not None:
        packed.pts, written = written, written + packed.samples
        container.mux(track.encode(packed))
    container.mux(track.encode(None))
