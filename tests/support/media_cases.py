"""Recordings that are not as they should be: how each is made, and what the message says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.engines.audio.decoding import Sound
from tests.support import DATA
from tests.support.sounds import beeps, encode

RATE = 16_000


@dataclass(frozen=True)
class Odd:
    """`make` writes the recording `name`; `message` is part of what the user is told about it.

    If `used`, that is a warning, and the rest of the recording is used; else it is refused.
    """

    what: str
    name: str
    make: Callable[[Path], object]
    message: str
    used: bool = False


def _truncated(path: Path) -> None:
    whole = (DATA / "jfk.flac").read_bytes()
    path.write_bytes(whole[: len(whole) * 4 // 10])


def _damaged(path: Path) -> None:
    """Three stretches of the file are overwritten."""
    whole = bytearray((DATA / "jfk.flac").read_bytes())
    rng = np.random.default_rng(1)
    for share in (0.3, 0.5, 0.7):
        start = int(len(whole) * share)
        whole[start : start + 12_000] = rng.bytes(12_000)
    path.write_bytes(whole)


def speech(seconds: float) -> np.ndarray:
    return np.concatenate(list(Sound(DATA / "jfk.flac")))[: int(seconds * RATE)]


def _noise(seconds: float) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, int(seconds * RATE)).astype(np.float32)


def _music(seconds: float) -> np.ndarray:
    """Chords of plucked strings (K. Karplus and A. Strong, 1983)."""
    rng, sound = np.random.default_rng(0), np.zeros(int(seconds * RATE), np.float32)
    for beat in range(int(seconds * 2)):
        for pitch in (196.0, 246.9, 293.7 if beat % 4 < 2 else 329.6):
            delay_line = rng.uniform(-1, 1, round(RATE / pitch))
            note = np.empty(RATE // 2, np.float32)
            for i in range(len(note)):
                slot = i % len(delay_line)
                note[i] = delay_line[slot]
                delay_line[slot] = 0.498 * (delay_line[slot] + delay_line[(slot + 1) % len(delay_line)])
            sound[beat * RATE // 2 :][: len(note)] += 0.2 * note
    return sound


def _zeros(path: Path) -> None:
    path.write_bytes(bytes(100_000))


ODD = (
    Odd("an empty file", "talk.mp3", lambda path: path.write_bytes(b""), "the file is empty"),
    Odd(
        "text with the name of a recording",
        "talk.mp3",
        lambda path: path.write_text("These are words. " * 500),
        "not a recording that can be read",
    ),
    Odd("nothing but zeros", "talk.mp4", _zeros, "not a recording that can be read"),
    Odd(
        "video without an audio track",
        "talk.mp4",
        lambda path: encode(path, None, picture="mpeg4"),
        "there is no audio track in it",
    ),
    Odd(
        "a header alone",
        "talk.wav",
        lambda path: path.write_bytes(encode(path, beeps(RATE)).read_bytes()[:78]),
        "no sound in it could be decoded",
    ),
    Odd(
        "a tenth of a second",
        "talk.wav",
        lambda path: encode(path, speech(0.1)),
        "nobody is heard speaking",
    ),
    Odd(
        "silence",
        "talk.wav",
        lambda path: encode(path, np.zeros(8 * RATE, np.float32)),
        "nobody is heard speaking",
    ),
    Odd("noise", "talk.wav", lambda path: encode(path, _noise(8)), "nobody is heard speaking"),
    Odd("music", "talk.wav", lambda path: encode(path, _music(8)), "nobody is heard speaking"),
    Odd("a file that breaks off", "talk.flac", _truncated, "is the file whole?", used=True),
    Odd("a damaged file", "talk.flac", _damaged, "are damaged or missing", used=True),
)
