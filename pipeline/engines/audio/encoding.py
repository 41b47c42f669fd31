"""PCM into containers by PyAV, since pydub would need an ffmpeg program: Opus in Ogg, else MP3, else FLAC."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE
from pipeline.engines.audio.decoding import Sound
from pipeline.engines.audio.speech_blocks import levelled
from pipeline.errors import InputError

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


# A self-test: a short tone in each usual kind of recording, written here and read as any recording is.

TONE_SECONDS = 0.1
RATE_HZ = 48_000  # accepted by every encoder below
MIN_LOUDNESS = 0.01  # RMS as a share of full scale; a quieter result is no tone
# Name, suffix, encoder, and the decoder without which it cannot be read.
TESTED_FORMATS = (
    ("mp3", "mp3", "libmp3lame", "mp3"),
    ("aac in m4a", "m4a", "aac", "aac"),
    ("aac in mp4", "mp4", "aac", "aac"),
    ("opus in ogg", "ogg", "libopus", "opus"),
    ("opus in webm", "webm", "libopus", "opus"),
    ("flac", "flac", "flac", "flac"),
    ("wav", "wav", "pcm_s16le", "pcm_s16le"),
)


def problems_by_format() -> Iterator[tuple[str, str | None]]:
    """Each kind, and what is wrong with reading it, if anything. Raises OSError without a folder for them."""
    with tempfile.TemporaryDirectory(prefix="takeaways-") as folder:
        for name, suffix, encoder, decoder in TESTED_FORMATS:
            yield name, _problem(Path(folder) / f"tone.{suffix}", encoder, decoder)


def _problem(path: Path, encoder: str, decoder: str) -> str | None:
    import av

    try:
        av.Codec(decoder, "r")
    except ValueError:
        return "there is no decoder for it"
    try:
        av.Codec(encoder, "w")
    except ValueError:
        return None  # the decoder is there; without an encoder it cannot be tried
    try:
        _write_tone(path, encoder)
        samples = np.concatenate(list(levelled(Sound(path))))
    except (InputError, av.FFmpegError) as error:
        return error.what if isinstance(error, InputError) else str(error)
    if abs(len(samples) / SAMPLE_RATE - TONE_SECONDS) > TONE_SECONDS:
        return f"{len(samples) / SAMPLE_RATE:.3f} s came of {TONE_SECONDS} s"
    return None if np.sqrt(np.square(samples).mean()) > MIN_LOUDNESS else "only silence came of a tone"


def _write_tone(path: Path, encoder: str) -> None:
    import av

    times = np.arange(int(TONE_SECONDS * RATE_HZ)) / RATE_HZ
    tone = (0.3 * 32767 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)
    with av.open(str(path), "w") as container:
        write(container, container.add_stream(encoder, rate=RATE_HZ, layout="mono"), tone, RATE_HZ)
