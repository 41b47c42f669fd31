"""Makes voices/: clips encoded small, and index.tsv, which says where in each clip there is speech.

    python -m bench.speakers.prepare CLIPS.tsv

CLIPS.tsv has a line a clip: set, speaker, file. A file inside the repository is used where it is, any other
encoded as Opus into voices/SET/. Speech is what Silero finds in the clean clip, pauses of 0.3 s and more left
out. This was run once: the index is kept so that the truth does not move with the speech detector's version.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import av
import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps

from bench.speakers.clips import INDEX, RATE, ROOT, VOICES, Clip, loaded, write_index

VAD = VadOptions(min_silence_duration_ms=300, speech_pad_ms=50)
BITS_PER_SECOND = 32_000
MIN_SPEECH_SECONDS = 0.8  # in a clip


def encode(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    samples = loaded(source)
    with av.open(str(target), "w") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = BITS_PER_SECOND
        pcm = (samples * (0.5 / max(1e-6, float(np.abs(samples).max()))) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def speech_spans(path: Path) -> tuple[tuple[float, float], ...]:
    samples = loaded(path)
    loud = samples * (0.7 / max(1e-6, float(np.abs(samples).max())))
    spans = get_speech_timestamps(loud, VAD)
    return tuple((round(span["start"] / RATE, 3), round(span["end"] / RATE, 3)) for span in spans)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clips", type=Path)
    clips = []
    for line in parser.parse_args().clips.read_text("utf-8").splitlines():
        group, speaker, name = line.split("\t")
        path = Path(name).resolve()
        if not path.is_relative_to(ROOT):
            target = VOICES / group / speaker / f"{path.stem}.opus"
            encode(path, target)
            path = target
        clip = Clip(group, speaker, path, speech_spans(path))
        if sum(end - start for start, end in clip.speech) < MIN_SPEECH_SECONDS:
            print(f"too little speech: {name}", file=sys.stderr)
            if path.is_relative_to(VOICES):
                path.unlink()
            continue
        clips.append(clip)
    write_index(clips)
    print(INDEX, len(clips))


if __name__ == "__main__":
    main()
