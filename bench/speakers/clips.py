"""The voices that conversations are composed of: clips of one speaker each, with their speech marked."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

ROOT = Path(__file__).parent.parent.parent
VOICES = Path(__file__).parent / "voices"
INDEX = VOICES / "index.tsv"
RATE = 16_000


@dataclass(frozen=True)
class Clip:
    """One clip; `speech` holds (start, end) in seconds, pauses of 0.3 s and more left out."""

    group: str
    speaker: str
    path: Path
    speech: tuple[tuple[float, float], ...]


@cache
def loaded(path: Path) -> Samples:
    """Mono samples at 16 kHz."""
    resampler = av.AudioResampler("flt", "mono", RATE)
    with av.open(str(path)) as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])


def write_flac(samples: Samples, path: Path) -> None:
    pcm = (samples * 32767).round().astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("flac", rate=RATE, layout="mono")
        stream.codec_context.format = "s16"
        frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def seconds(path: Path) -> float:
    """How long a recording is."""
    return len(loaded.__wrapped__(path)) / RATE


def clips_of(group: str) -> dict[str, list[Clip]]:
    """The clips of each speaker of a set."""
    clips: dict[str, list[Clip]] = {}
    with INDEX.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["set"] == group:
                pairs = [span.split("-") for span in row["speech"].split()]
                speech = tuple((float(start), float(end)) for start, end in pairs)
                clip = Clip(group, row["speaker"], ROOT / row["file"], speech)
                clips.setdefault(clip.speaker, []).append(clip)
    return clips


def write_index(clips: list[Clip]) -> None:
    with INDEX.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["set", "speaker", "file", "speech"])
        for clip in clips:
            speech = " ".join(f"{start:.3f}-{end:.3f}" for start, end in clip.speech)
            writer.writerow([clip.group, clip.speaker, clip.path.relative_to(ROOT).as_posix(), speech])
