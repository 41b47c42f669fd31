"""How much of a track's own speech is lost, and how much bleed is left, with a microphone per speaker.

`python -m bench.tracks` writes bench/tracks.md. Voices are real (LibriSpeech), rooms are made up.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jiwer import wer

from pipeline.engines import SAMPLE_RATE
from pipeline.engines.audio import alignment, bleed, speech_blocks
from pipeline.engines.whisper.faster import FasterWhisper
from pipeline.weights import models
from pipeline.workspace.config import TranscribeSettings
from tests.support.microphones import Samples, Scene, fared, heard, said

ROOMS = {
    "30 dB apart": {"isolation": 30.0},
    "20 dB apart": {"isolation": 20.0},
    "12 dB apart": {"isolation": 12.0},
    "8 dB apart": {"isolation": 8.0},
    "6 dB apart": {"isolation": 6.0},
    "20 dB apart, a call through loudspeakers (0.3 s)": {"delay": 0.3},
    "20 dB apart, recorded 18 dB louder and 12 dB softer": {"gains": (0, 18, -12)},
    "20 dB apart, hiss at -50 dB": {"noise": -50.0},
}
SEEDS = range(1, 6)
TRANSCRIBED_ROOMS = ("20 dB apart", "12 dB apart", "8 dB apart")
TRANSCRIBED_SEEDS = SEEDS[:3]
TRUE_START_SECONDS = 7.31  # in the mix, of the track to be found


def main() -> None:
    lines = [
        "# Tracks",
        "`python -m bench.tracks`: three voices, ten turns, some overlapping, five conversations a room.",
        "Lost: share of the power of own speech that is muted. Left: share of the power of audible bleed",
        "that is not, while the track's owner is silent. Begins: where GCC-PHAT finds a track in the mix of",
        "all that really begins at 7.310 s.",
        "",
        "| room | lost % (worst) | left % (worst) | begins |",
        "| --- | --- | --- | --- |",
    ]
    for name, room in ROOMS.items():
        scenes = [heard(said(seed=seed), **room) for seed in SEEDS]
        shares = np.array([share for scene in scenes for share in fared(scene)]) * 100
        lost, left = 100 - shares[:, 0], shares[:, 1]
        begins = ", ".join(map(found_start, scenes))
        figures = [f"{share.mean():.1f} ({share.max():.1f})" for share in (lost, left)]
        lines.append(f"| {name} | {figures[0]} | {figures[1]} | {begins} |")
    lines += ["", *word_error_rates()]
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n", "utf-8")


def found_start(scene: Scene) -> str:
    """The second of the mix at which a track that lacks its beginning is found to start."""
    track = scene.tracks[1][round(TRUE_START_SECONDS * SAMPLE_RATE) :]
    moments = alignment.loudest_moments(bleed.levels([track]))
    start = alignment.find_start([track], [scene.tracks.sum(axis=0)], moments)
    return "not told" if start is None else f"{start:.3f}"


def word_error_rates() -> list[str]:
    """A table: against the same engine on each voice alone, with bleed taken out and left in."""
    settings = TranscribeSettings()
    engine = FasterWhisper(models.locate("whisper-base"), settings.beam_size, settings.batch_size)

    def text(track: Samples) -> str:
        blocks = speech_blocks.blocks(speech_blocks.levelled([track]))
        words = engine.transcribe(blocks, "en", (), lambda _: None).words
        joined = "".join(word.text for word in words)
        return "".join(c for c in joined.casefold() if c.isalnum() or c == " ").strip()

    lines = [
        "Words of three tracks, against the same model on each voice alone (WER %, three conversations):",
        "",
        "| room | bleed taken out | left in |",
        "| --- | --- | --- |",
    ]
    for name in TRANSCRIBED_ROOMS:
        alone, muted, raw = [], [], []
        for seed in TRANSCRIBED_SEEDS:
            scene = heard(said(seed=seed), **ROOMS[name])
            masks = bleed.own_speech_masks([bleed.levels([track]) for track in scene.tracks])
            for own, track, mask in zip(scene.own, scene.tracks, masks, strict=True):
                alone.append(text(own))
                muted.append(text(np.concatenate(list(bleed.mute_outside([track], mask)))))
                raw.append(text(track))
        lines.append(f"| {name} | {100 * wer(alone, muted):.1f} | {100 * wer(alone, raw):.1f} |")
    return lines


if __name__ == "__main__":
    main()
