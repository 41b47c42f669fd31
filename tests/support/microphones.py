"""A made-up conversation of real voices, each with a microphone that picks up the others, too."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE
from pipeline.engines.audio import bleed
from pipeline.engines.audio.decoding import Sound
from tests.support import DATA

Samples = NDArray[np.float32]
VOICES = sorted((DATA / "librispeech").glob("*/"))


@dataclass(frozen=True)
class Scene:
    """`own[i]` is speaker i alone, `tracks[i]` what microphone i records. Both [speakers, samples]."""

    own: Samples
    tracks: Samples


def said(turns: int = 10, silent: tuple[int, ...] = (), seed: int = 1) -> Samples:
    """What three people say [speakers, samples]: one sentence per turn; turns may overlap a little."""
    rng = np.random.default_rng(seed)
    clips = [sorted(map(_clip, voice.glob("*.flac")), key=len) for voice in VOICES]
    clips_used = [0] * len(clips)
    end_seconds, speaker, placed = 0.5, -1, []
    for _ in range(turns):
        speaker = int(rng.choice([i for i in range(len(clips)) if i != speaker and i not in silent]))
        clip = clips[speaker][clips_used[speaker] % len(clips[speaker])]
        clips_used[speaker] += 1
        start_seconds = max(0.0, end_seconds + rng.uniform(-0.6, 0.8))
        placed.append((speaker, round(start_seconds * SAMPLE_RATE), clip))
        end_seconds = start_seconds + len(clip) / SAMPLE_RATE
    own = np.zeros((len(clips), round((end_seconds + 1) * SAMPLE_RATE)), np.float32)
    for speaker, start, clip in placed:
        own[speaker, start : start + len(clip)] += clip
    return own


def heard(
    own: Samples,
    isolation: float = 20.0,
    delay: float = 0.01,
    gains: tuple[float, ...] = (0, 0, 0),
    noise: float = -65.0,
) -> Scene:
    """The microphones of speakers in one room, or in a call through loudspeakers (`delay`, seconds).

    A microphone picks up the others `isolation` dB softer than its speaker; each track is recorded `gains`
    dB louder; `noise` is in dB of full scale.
    """
    rng = np.random.default_rng(0)
    tail = rng.normal(0, 0.08, SAMPLE_RATE // 4) * np.geomspace(1, 0.001, SAMPLE_RATE // 4)
    room = np.concatenate([np.zeros(round(delay * SAMPLE_RATE)), [1.0], tail])
    size = own.shape[1] + len(room)
    far = np.fft.irfft(np.fft.rfft(own, size) * np.fft.rfft(room, size), size)[:, : own.shape[1]]
    far *= 10 ** (-isolation / 20)
    hiss = rng.normal(0, 10 ** (noise / 20), own.shape)
    louder = 10 ** (np.array(gains)[:, None] / 20)
    tracks = (own + far.sum(axis=0) - far + hiss) * louder
    return Scene((own * louder).astype(np.float32), tracks.astype(np.float32))


def _power(sound: Samples, frames: int) -> np.ndarray:
    """Mean power of each frame, without rumble."""
    steps = np.square(np.diff(sound[: frames * bleed.FRAME_SAMPLES + 1])).reshape(-1, bleed.FRAME_SAMPLES)
    return np.asarray(steps.mean(axis=1))


def fared(scene: Scene) -> list[tuple[float, float]]:
    """For each track, the share kept of its own speech, and of audible bleed while its speaker is silent."""
    levels = [bleed.levels([track]) for track in scene.tracks]
    shares = []
    for own, track, mask in zip(scene.own, scene.tracks, bleed.own_speech_masks(levels), strict=True):
        mine, others = _power(own, len(mask)), _power(track - own, len(mask))
        audible = (others > 15 * np.percentile(others, 5)) & (mine < 1e-9)
        shares.append(
            (
                mine[mask].sum() / max(mine.sum(), 1e-12),
                others[mask & audible].sum() / max(others[audible].sum(), 1e-12),
            )
        )
    return shares


def write(path: Path, channels: Samples) -> Path:
    """A WAV file, of one channel or of several [channels, samples]."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = np.atleast_2d(channels)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(rows))
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((np.clip(rows.T, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def _clip(path: Path) -> Samples:
    samples: Samples = np.concatenate(list(Sound(path)))
    return np.asarray(samples / np.abs(samples).max() * 0.5)
