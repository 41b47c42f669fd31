"""Seconds and peak memory of each stage on long recordings; writes the table in bench/hour.md.

    python bench/hour.py [--hours 1 3]

The recording is real speech (the clips of inputs/ and tests/data/) looped and encoded as MP3. Each stage runs
in a process of its own, as `takeaways run --only STAGE` does; memory is that process's peak resident size.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import cycle
from pathlib import Path

import av
import numpy as np

ROOT = Path(__file__).parent.parent
CLIPS = (ROOT / "inputs" / "fsjam.mp3", *sorted((ROOT / "tests" / "data").rglob("*.flac")))
STAGES = ("transcribe", "segment", "extract", "render")
PACKAGES = ("faster-whisper", "ctranslate2", "onnxruntime", "av")
RATE_HZ = 16_000
CLIP_RMS = 2500  # of 16-bit samples
PAUSE_SAMPLES = RATE_HZ // 2  # after each clip


@dataclass(frozen=True)
class Figure:
    """What one stage took: wall seconds, processor seconds, peak resident size in MB."""

    hours: float
    stage: str
    seconds: float
    processor: float
    peak: float


def speech() -> Iterator[np.ndarray]:
    """The clips as 16-bit mono audio at 16 kHz, over and over, each brought to the same loudness."""
    decoded = []
    for clip in CLIPS:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
        with av.open(str(clip)) as container:
            frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
        samples = np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32)
        gain = CLIP_RMS / np.sqrt(np.mean(samples**2))
        decoded.append((samples * gain).clip(-32767, 32767).astype(np.int16))
        decoded.append(np.zeros(PAUSE_SAMPLES, np.int16))
    yield from cycle(decoded)


def record(path: Path, hours: float) -> None:
    """Encode that many hours of looped speech."""
    remaining = int(hours * 3600 * RATE_HZ)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mp3", rate=RATE_HZ, layout="mono")
        for samples in speech():
            frame = av.AudioFrame.from_ndarray(samples[None, :remaining], format="s16p", layout="mono")
            frame.sample_rate = RATE_HZ
            container.mux(stream.encode(frame))
            remaining -= len(samples)
            if remaining <= 0:
                break
        container.mux(stream.encode(None))


def measure(workspace: Path, hours: float, stage: str) -> Figure:
    """Run one stage in a process of its own. Exits if it fails."""
    started = time.monotonic()
    command = [
        sys.executable,
        "-c",
        "from pipeline.cli.main import main; main()",
        "run",
        "inputs",
        "--only",
        stage,
    ]
    process = subprocess.Popen(command, cwd=workspace, stdout=subprocess.DEVNULL)
    _, code, usage = os.wait4(process.pid, 0)
    if code:
        raise SystemExit(f"{stage} failed on {hours:g} h")
    seconds = time.monotonic() - started
    return Figure(hours, stage, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000)


def table(figures: list[Figure]) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    lines = [
        "# Long recordings",
        "",
        f"`python bench/hour.py`, {os.cpu_count()} cores, Python {platform.python_version()}, {packages}.",
        "Wall times of a shared machine; compare ratios within one run.",
        "",
        "| hours | stage | seconds | processor seconds | times real time | peak RSS, MB |",
        "| ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for hours in sorted({figure.hours for figure in figures}):
        rows = [figure for figure in figures if figure.hours == hours]
        total = Figure(
            hours,
            "whole",
            sum(row.seconds for row in rows),
            sum(row.processor for row in rows),
            max(row.peak for row in rows),
        )
        lines.extend(
            f"| {row.hours:g} | {row.stage} | {row.seconds:.1f} | {row.processor:.0f} "
            f"| {hours * 3600 / row.seconds:.1f} | {row.peak:.0f} |"
            for row in (*rows, total)
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, nargs="+", default=[1.0, 3.0])
    figures = []
    for hours in parser.parse_args().hours:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "inputs").mkdir()
            record(Path(folder) / "inputs" / "talk.mp3", hours)
            for stage in STAGES:
                figures.append(measure(Path(folder), hours, stage))
                print(figures[-1], file=sys.stderr)
        (ROOT / "bench" / "hour.md").write_text(table(figures), "utf-8")


if __name__ == "__main__":
    main()
