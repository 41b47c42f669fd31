"""Computed sounds, and media files that hold them, written with PyAV."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from pipeline.engines import SAMPLE_RATE

BEEPS = (1.0, 4.0, 7.5, 11.0)  # the seconds at which tones begin
TONE_HZ = 1000
TONE_SECONDS = 0.2


def beeps(rate: int, seconds: float = 12.0, level: float = 0.3) -> np.ndarray:
    """Silence with a short tone at each of BEEPS."""
    sound = np.zeros(int(rate * seconds), np.float32)
    tone = level * np.sin(2 * np.pi * TONE_HZ * np.arange(int(rate * TONE_SECONDS)) / rate)
    for start in BEEPS:
        sound[int(start * rate) :][: len(tone)] = tone
    return sound


def onsets(samples: np.ndarray) -> list[float]:
    """The seconds at which sound begins after half a second of quiet or more."""
    loud = np.flatnonzero(np.abs(samples) > 0.4 * np.abs(samples).max())
    is_onset = np.insert(np.diff(loud) > SAMPLE_RATE / 2, 0, True)
    return list(loud[is_onset] / SAMPLE_RATE)


def encode(
    path: Path,
    sound: np.ndarray | None,
    codec: str = "pcm_s16le",
    rate: int = 16_000,
    channels: int = 1,
    start: float = 0.0,
    picture: str | None = None,
    tags: dict[str, str] | None = None,
) -> Path:
    """A media file with `sound` from `start` on, and with a black picture if a codec for it is named."""
    with av.open(str(path), "w") as container:
        container.metadata.update(tags or {})
        video: Any = container.add_stream(picture, rate=10) if picture else None
        layout = {1: "mono", 2: "stereo"}[channels]
        audio: Any = container.add_stream(codec, rate=rate, layout=layout) if sound is not None else None
        if video is not None:
            video.width = video.height = 64
            video.pix_fmt = "yuv420p"
            for i in range(10 * int(12 + start)):
                black = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))
                black.pts, black.time_base = i, Fraction(1, 10)
                container.mux(video.encode(black))
            container.mux(video.encode(None))
        if sound is not None:
            whole = av.AudioFrame.from_ndarray(np.tile(sound, (channels, 1)), format="fltp", layout=layout)
            whole.sample_rate = rate
            fifo, position = av.AudioFifo(), round(start * rate)
            for part in av.AudioResampler(audio.codec_context.format.name, layout, rate).resample(whole):
                part.pts = None
                fifo.write(part)
            while (frame := fifo.read(audio.codec_context.frame_size or 1024, partial=True)) is not None:
                frame.pts, frame.time_base = position, Fraction(1, rate)
                position += frame.samples
                container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
    return path
