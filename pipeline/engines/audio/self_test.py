"""A self-test: a short tone in each usual kind of recording, written here and read as any recording is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.engines import SAMPLE_RATE
from pipeline.engines.audio import encoding, speech_blocks
from pipeline.engines.audio.decoding import Sound
from pipeline.errors import InputError

TONE_SECONDS = 0.1
RATE_HZ = 48_000  # accepted by every encoder below
MIN_LOUDNESS = 0.01  # RMS as a share of full scale; a quieter result is no tone
# Name, suffix, encoder, and the decoder without which it cannot be read.
KINDS = (
    ("mp3", "mp3", "libmp3lame", "mp3"),
    ("aac in m4a", "m4a", "aac", "aac"),
    ("aac in mp4", "mp4", "aac", "aac"),
    ("opus in ogg", "ogg", "libopus", "opus"),
    ("opus in webm", "webm", "libopus", "opus"),
    ("flac", "flac", "flac", "flac"),
    ("wav", "wav", "pcm_s16le", "pcm_s16le"),
)


def faults_by_kind() -> Iterator[tuple[str, str | None]]:
    """Each kind, and what is wrong with reading it, if anything. Raises OSError without a folder for them."""
    with tempfile.TemporaryDirectory(prefix="takeaways-") as folder:
        for name, suffix, encoder, decoder in KINDS:
            yield name, _fault(Path(folder) / f"tone.{suffix}", encoder, decoder)


def _fault(path: Path, encoder: str, decoder: str) -> str | None:
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
        samples = np.concatenate(list(speech_blocks.levelled(Sound(path))))
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
        encoding.write(container, container.add_stream(encoder, rate=RATE_HZ, layout="mono"), tone, RATE_HZ)
