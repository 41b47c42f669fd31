"""Conversations of known speakers and times, composed of single-speaker clips; same seed, same sound.

Each voice has a share of the talk and a loudness of its own. A turn is one to six phrases (what lies between
two pauses) of one voice, in the order and with the pauses in which they were read. White noise lies over all.
The truth is the speech inside the clean clips, pauses of 0.3 s and more left out.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from bench.speakers.clips import INDEX, RATE, Clip, Samples, clips_of, loaded, write_flac

Span = tuple[float, float, str]  # seconds, seconds, speaker

SECONDS = (120.0, 230.0)  # a conversation's length is drawn from this
FEWEST = 8.0  # seconds that every voice is heard for, at least
LEVEL = 0.05  # RMS of a voice before its own gain of up to 4 dB either way


@dataclass(frozen=True)
class Condition:
    """What the conversations of one row of the table share. `overlap`: share of time with two voices."""

    group: str
    voices: int
    snr: float
    overlap: float

    @property
    def name(self) -> str:
        return f"{self.group}-{self.voices}-{self.snr:.0f}dB-{self.overlap * 100:.0f}%"


@dataclass(frozen=True)
class Phrase:
    """A stretch of a clip; `speech` holds the seconds in it where there is speech."""

    samples: Samples
    speech: tuple[tuple[float, float], ...]

    @property
    def length(self) -> float:
        return len(self.samples) / RATE


def digest() -> str:
    """Changes with what is composed, so that a cache never mixes the old and the new."""
    return hashlib.sha256(Path(__file__).read_bytes() + INDEX.read_bytes()).hexdigest()[:8]


def conditions() -> list[Condition]:
    return [
        Condition(group, voices, snr, overlap)
        for group in ("readers", "prompts")
        for voices in (3, 4, 5)
        for snr in (30.0, 15.0)
        for overlap in (0.0, 0.1)
    ]


def composed(condition: Condition, seed: int, folder: Path) -> Path:
    """The conversation as NAME.flac beside NAME.rttm; made once."""
    name = f"{condition.name.replace('%', '')}-{seed:02d}"
    path = folder / f"{name}.flac"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        samples, spans = conversation(condition, seed)
        lines = (f"SPEAKER {name} 1 {a:.3f} {b - a:.3f} <NA> <NA> {who} <NA> <NA>\n" for a, b, who in spans)
        path.with_suffix(".rttm").write_text("".join(lines), "utf-8")
        partial = path.with_name(f".{name}.{os.getpid()}.flac")
        write_flac(samples, partial)
        partial.rename(path)
    return path


def conversation(condition: Condition, seed: int) -> tuple[Samples, list[Span]]:
    rnd = random.Random(f"{condition.group} {condition.voices} {seed}")  # the same talk, clean and noisy
    everyone = clips_of(condition.group)
    chosen = rnd.sample(sorted(everyone), condition.voices)
    left = {who: _phrases(everyone[who], rnd) for who in chosen}
    talk = list(_turns(left, rnd))
    placed = _placed(talk, condition.overlap, rnd)
    noise = np.random.default_rng([seed, condition.voices])
    samples = np.zeros(round((max(at + phrase.length for at, phrase, _ in placed) + 0.5) * RATE), np.float32)
    gain = {who: 10 ** (rnd.uniform(-4, 4) / 20) for who in chosen}
    spans = []
    for at, phrase, who in placed:
        first = round(at * RATE)
        samples[first : first + len(phrase.samples)] += phrase.samples * gain[who]
        spans += [(at + start, at + end, who) for start, end in phrase.speech]
    loudness = float(np.sqrt(np.mean(samples**2)))
    samples += noise.normal(0, loudness * 10 ** (-condition.snr / 20), len(samples)).astype(np.float32)
    return samples * (0.7 / float(np.abs(samples).max())), sorted(spans)


def _phrases(spoken: list[Clip], rnd: random.Random) -> list[list[Phrase]]:
    """The clips in random order, each cut in the middle of its pauses, all equally loud."""
    found = []
    for clip in rnd.sample(spoken, len(spoken)):
        samples = loaded(clip.path)
        voiced = np.concatenate([samples[round(a * RATE) : round(b * RATE)] for a, b in clip.speech])
        samples = samples * np.float32(LEVEL / np.sqrt(np.mean(voiced**2)))
        cuts = [max(0.0, clip.speech[0][0] - 0.1)]
        cuts += [(before + after) / 2 for (_, before), (after, _) in pairwise(clip.speech)]
        cuts.append(min(len(samples) / RATE, clip.speech[-1][1] + 0.1))
        bounds = [round(cut * RATE) for cut in cuts]
        found.append(
            [
                Phrase(samples[a:b], ((start - a / RATE, end - a / RATE),))
                for (a, b), (start, end) in zip(pairwise(bounds), clip.speech, strict=True)
            ]
        )
    return found


def _turns(left: dict[str, list[list[Phrase]]], rnd: random.Random) -> Iterator[tuple[str, list[Phrase]]]:
    """Who says what, until the talk is long enough and everyone was heard."""
    weight = {who: rnd.uniform(0.3, 1.0) for who in left}
    spoken = dict.fromkeys(left, 0.0)
    wanted, last = rnd.uniform(*SECONDS), ""
    while True:
        able = [who for who in left if who != last and left[who]]
        if sum(spoken.values()) > wanted:
            able = [who for who in able if spoken[who] < FEWEST]
        if not able:
            return
        last = rnd.choices(able, [weight[who] for who in able])[0]
        turn = _taken(left[last], rnd.randint(1, 6))
        spoken[last] += sum(phrase.length for phrase in turn)
        yield last, turn


def _taken(clips_left: list[list[Phrase]], count: int) -> list[Phrase]:
    """That many phrases, or more if they last less than a second."""
    turn: list[Phrase] = []
    while clips_left and (len(turn) < count or sum(phrase.length for phrase in turn) < 1.0):
        turn.append(clips_left[0].pop(0))
        if not clips_left[0]:
            clips_left.pop(0)
    return turn


def _placed(
    talk: list[tuple[str, list[Phrase]]], overlap: float, rnd: random.Random
) -> list[tuple[float, Phrase, str]]:
    """Every phrase with its start: gaps of 0.15 to 0.8 s, or beginnings inside the turn before.

    Where less of the speech so far was doubled than asked for, the next turn begins early.
    """
    placed: list[tuple[float, Phrase, str]] = []
    end, before, spoken, doubled = 0.3, 0.0, 0.0, 0.0
    heard: list[tuple[float, float]] = []  # speech of the turn before
    for who, turn in talk:
        length = sum(phrase.length for phrase in turn)
        gap, stretch = rnd.uniform(0.15, 0.8), rnd.uniform(0.7, 1.3)
        due = overlap * (spoken + length) - doubled
        early = min(due * stretch, 0.5 * before, 0.5 * length) if due > 0.2 else 0.0
        at = end - early if early else end + gap
        speech = []
        for phrase in turn:
            placed.append((at, phrase, who))
            speech += [(at + a, at + b) for a, b in phrase.speech]
            at += phrase.length
        both = sum(max(0.0, min(b, d) - max(a, c)) for a, b in heard for c, d in speech)
        doubled, spoken = doubled + both, spoken + sum(b - a for a, b in speech) - both
        end, before, heard = at, length, speech
    return placed
