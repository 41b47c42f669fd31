"""Guards against text that was never said: words out of silence, loops, words far from their speech."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.records import Dropped, Word

SILENT, UNSURE = 0.6, -1.0  # no-speech probability and log-probability that together mean silence
GUESS, HOPELESS = 0.5, -2.0  # mean probability of a word, log-probability of a token: below, it is invented
DENSE = 2.4  # zlib ratio above which a text repeats itself (openai/whisper's bound, like SILENT and UNSURE)
REPEATS, LONGEST_PHRASE = 4, 30  # how often in a row is suspicious, and the words of the longest phrase
FAST, FASTEST = 20.0, 30.0  # letters a second: quick talk, and more than anybody can say
SQUEEZED, CROWDED = 0.04, 0.15  # seconds that are too short for a word, and the share of such words in a loop
STRAINED = -0.6  # log-probability; a phrase that was really said again and again is near 0
NEAR = 0.3  # seconds that a word may reach beyond the speech it belongs to


@dataclass(frozen=True)
class Piece:
    """What the model heard in one go: seconds of the recording, mean log-probability of its tokens."""

    start: float
    end: float
    words: tuple[Word, ...]
    logprob: float
    no_speech: float

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words)

    def dropped(self, why: str) -> Dropped:
        return Dropped(text=self.text.strip(), start=max(0.0, self.start), end=max(0.0, self.end), why=why)


def silent(piece: Piece) -> str | None:
    """Why the model itself thinks that nobody speaks, if it does."""
    if not any(map(str.isalnum, piece.text)):
        return "no words in it"
    if piece.no_speech > SILENT and (piece.logprob < UNSURE or _probability(piece.words) < GUESS):
        return "the model thinks that nobody speaks there"
    return None


def loop(piece: Piece) -> str | None:
    """Why the text cannot all have been said, if it cannot.

    People do repeat themselves: repetition counts only where the audio has no room for it (words
    squeezed to nothing, or too fast) or where the model strains to produce it.
    """
    if letters_per_second(piece.words) > FASTEST:
        return "faster than anybody speaks"
    stretch = repeated(piece.words)
    if not stretch and _density(piece.text) > DENSE:
        stretch = piece.words
    if not stretch:
        return None
    squeezed = sum(_length(word) <= SQUEEZED for word in stretch) / len(stretch)
    if squeezed > CROWDED or letters_per_second(stretch) > FAST or piece.logprob < STRAINED:
        return "a loop: repeated more often than its audio can hold"
    return None


def unsure(piece: Piece) -> str | None:
    """Why the words are guesses, if they are; Whisper invents such text at high temperatures."""
    if _probability(piece.words) < GUESS or piece.logprob < HOPELESS:
        return "the model only guesses there"
    return None


def repeated(words: Sequence[Word]) -> Sequence[Word]:
    """The longest stretch in which a phrase comes REPEATS times in a row or more; empty if there is none."""
    said = ["".join(filter(str.isalnum, word.text.lower())) for word in words]
    best: Sequence[Word] = ()
    for length in range(1, min(LONGEST_PHRASE, len(said) // REPEATS) + 1):
        same = [a == b for a, b in zip(said, said[length:], strict=False)]
        at = 0
        for equal, run in groupby(same):
            size = len(list(run))
            if equal and size + length >= max(REPEATS * length, len(best) + 1):
                best = words[at : at + size + length]
            at += size
    return best


def letters_per_second(words: Sequence[Word]) -> float:
    """0 for a few words, whose times are too rough to say."""
    letters = sum(sum(map(str.isalnum, word.text)) for word in words)
    seconds = (words[-1].end or 0.0) - (words[0].start or 0.0) if words else 0.0
    return letters / max(seconds, 0.1) if letters > 40 else 0.0


def near_speech(
    words: Sequence[Word], speech: Sequence[tuple[float, float]]
) -> tuple[list[Word], list[Dropped]]:
    """Words at the speech that they overlap most, and those where there is none.

    Whisper may begin the first word after a pause up to 10 s early (faster-whisper issue 125).
    """
    kept: list[Word] = []
    strays: list[Dropped] = []
    apart = True  # the last word was kept
    for word in words:
        start, end = word.start or 0.0, word.end or 0.0
        a, b = max(speech, key=lambda s: min(end, s[1]) - max(start, s[0]), default=(0.0, -1.0))
        a, b = a - NEAR, b + NEAR
        if start <= b and end >= a:
            kept.append(word.model_copy(update={"start": _ms(max(start, a)), "end": _ms(min(end, b))}))
            apart = True
        elif apart:
            strays.append(Dropped(text=word.text.strip(), start=start, end=end, why="no speech there"))
            apart = False
        else:
            before = strays.pop()
            text = f"{before.text}{word.text}"
            strays.append(before.model_copy(update={"text": text, "end": max(before.end, end)}))
    return kept, strays


def in_order(words: Sequence[Word], end: float) -> tuple[Word, ...]:
    """The same words with times that never go back and stay between 0 and `end`."""
    now, ordered = 0.0, []
    for word in words:
        start = min(max(word.start or 0.0, now), end)
        now = min(max(word.end or 0.0, start), end)
        ordered.append(word.model_copy(update={"start": _ms(start), "end": _ms(now)}))
    return tuple(ordered)


def _length(word: Word) -> float:
    return (word.end or 0.0) - (word.start or 0.0)


def _probability(words: Sequence[Word]) -> float:
    return sum(word.probability or 0.0 for word in words) / max(len(words), 1)


def _density(text: str) -> float:
    data = text.encode()
    return len(data) / len(zlib.compress(data))


def _ms(seconds: float) -> float:
    return round(max(0.0, seconds), 3)
