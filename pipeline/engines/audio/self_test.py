"""A short tone in each usual kind of recording, made here and read as any recording is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.engines import SAMPLE_RATE
from pipeline.engines.audio import encoding, speech_blocks
from pipeline.engines.audio.decoding import Sound
from pipeline.errors import InputError

SECONDS = 0.1
RATE = 48_000  # which each of these encoders takes
LOUD = 0.01  # of full scale; less is no tone
# What it is called, suffix, encoder, and the decoder without which it cannot be read.
KINDS = (
    ("mp3", "mp3", "libmp3lame", "mp3"),
    ("aac in m4a", "m4a", "aac", "aac"),
    ("aac in mp4", "mp4", "aac", "aac"),
    ("opus in ogg", "ogg", "libopus", "opus"),
    ("opus in webm", "webm", "libopus", "opus"),
    ("flac", "flac", "flac", "flac"),
    ("wav", "wav", "pcm_s16le", "pcm_s16le"),
)


def decoded() -> Iterator[tuple[str, str | None]]:
    """Each kind, and what is wrong with reading it. Raises OSError if nothing can be written anywhere."""
    with tempfile.TemporaryDirectory(prefix="takeaways-") as folder:
        for name, suffix, encoder, decoder in KINDS:
            yield name, _wrong(Path(folder) / f"tone.{suffix}", encoder, decoder)


def _wrong(path: Path, encoder: str, decoder: str) -> str | None:
    import av

    try:
        av.Codec(decoder, "r")
    except ValueError:
        return "there is no decoder for it"
    try:
        av.Codec(encoder, "w")
    except ValueError:
        return None  # it can be read, though not written and thus not tried
    try:
        _write(path, encoder)
        heard = np.concatenate(list(speech_blocks.levelled(Sound(path))))
    except (InputError, av.FFmpegError) as error:
        return error.what if isinstance(error, InputError) else str(error)
    if abs(len(heard) / SAMPLE_RATE - SECONDS) > SECONDS:
        return f"{len(heard) / SAMPLE_RATE:.3f} s came of {SECONDS} s"
    return None if np.sqrt(np.square(heard).mean()) > LOUD else "only silence came of a tone"


def _write(path: Path, encoder: str) -> None:
    import av

    times = np.arange(int(SECONDS * RATE)) / RATE
    tone = (0.3 * 32767 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)
    with av.open(str(path), "w") as out:
        encoding.write(out, out.add_stream(encoder, rate=RATE, layout="mono"), tone, RATE)
