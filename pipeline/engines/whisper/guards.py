"""Guards against hallucinated text: words out of silence, repetition loops, words far from any speech."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.records import Dropped, Word

# No-speech probability and mean log-probability of the tokens that together mean silence. These two and
# MAX_COMPRESSION are openai/whisper's bounds.
SILENCE_PROBABILITY = 0.6
SILENCE_LOGPROB = -1.0
# Below one of these, text is made up: the mean probability of its words, the log-probability of its tokens.
MIN_WORD_PROBABILITY = 0.5
MIN_LOGPROB = -2.0
MAX_COMPRESSION = 2.4  # zlib ratio: text that compresses better repeats itself
SUSPICIOUS_REPEATS = 4  # of a phrase in a row
MAX_PHRASE_WORDS = 30
FAST_LETTERS_PER_SECOND = 20.0  # quick talk
MAX_LETTERS_PER_SECOND = 30.0  # nobody can say more
SQUEEZED_WORD_SECONDS = 0.04  # too short for a word
MAX_SQUEEZED_SHARE = 0.15  # of the words of a repetition
LOOP_LOGPROB = -0.6  # of a loop, at most; a phrase that was really said again and again is near 0
MAX_OVERHANG_SECONDS = 0.3  # by which a word may reach beyond the speech it belongs to


@dataclass(frozen=True)
class Segment:
    """What the model heard in one decode.

    `start` and `end` are in seconds of the recording, `logprob` is the mean log-probability of the tokens,
    `no_speech` the probability that nobody speaks.
    """

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


def silence_reason(segment: Segment) -> str | None:
    """Why the segment counts as silence, None if it does not: the model itself thinks that nobody speaks."""
    if not any(map(str.isalnum, segment.text)):
        return "no words in it"
    if segment.no_speech > SILENCE_PROBABILITY and (
        segment.logprob < SILENCE_LOGPROB or _mean_probability(segment.words) < MIN_WORD_PROBABILITY
    ):
        return "the model thinks that nobody speaks there"
    return None


def loop_reason(segment: Segment) -> str | None:
    """Why the text cannot all have been said, None if it can.

    People do repeat themselves: repetition counts only where the audio has no room for it (words squeezed to
    nothing, or too fast), or where the model is unsure of it.
    """
    if letters_per_second(segment.words) > MAX_LETTERS_PER_SECOND:
        return "faster than anybody speaks"
    stretch = longest_repetition(segment.words)
    if not stretch and _compression(segment.text) > MAX_COMPRESSION:
        stretch = segment.words
    if not stretch:
        return None
    squeezed = sum(_seconds(word) <= SQUEEZED_WORD_SECONDS for word in stretch) / len(stretch)
    if (
        squeezed > MAX_SQUEEZED_SHARE
        or letters_per_second(stretch) > FAST_LETTERS_PER_SECOND
        or segment.logprob < LOOP_LOGPROB
    ):
        return "a loop: repeated more often than its audio can hold"
    return None


def guess_reason(segment: Segment) -> str | None:
    """Why the words are guesses, None if they are not. Whisper makes up such text at high temperatures."""
    if _mean_probability(segment.words) < MIN_WORD_PROBABILITY or segment.logprob < MIN_LOGPROB:
        return "the model only guesses there"
    return None


def longest_repetition(words: Sequence[Word]) -> Sequence[Word]:
    """The longest stretch in which a phrase comes SUSPICIOUS_REPEATS times in a row or more, else empty."""
    letters = ["".join(filter(str.isalnum, word.text.lower())) for word in words]
    best: Sequence[Word] = ()
    for phrase_length in range(1, min(MAX_PHRASE_WORDS, len(letters) // SUSPICIOUS_REPEATS) + 1):
        is_same = [a == b for a, b in zip(letters, letters[phrase_length:], strict=False)]
        at = 0
        for repeats, run in groupby(is_same):
            length = len(list(run))
            if repeats and length + phrase_length >= max(SUSPICIOUS_REPEATS * phrase_length, len(best) + 1):
                best = words[at : at + length + phrase_length]
            at += length
    return best


def letters_per_second(words: Sequence[Word]) -> float:
    """Letters per second; 0 for a few words, whose times are too rough to tell."""
    letters = sum(sum(map(str.isalnum, word.text)) for word in words)
    seconds = (words[-1].end or 0.0) - (words[0].start or 0.0) if words else 0.0
    return letters / max(seconds, 0.1) if letters > 40 else 0.0


def snap_to_speech(
    words: Sequence[Word], speech: Sequence[tuple[float, float]]
) -> tuple[list[Word], list[Dropped]]:
    """Words clipped to the speech that they overlap most, and those that are near no speech.

    Whisper may start the first word after a pause up to 10 s early (faster-whisper issue 125).
    """
    kept: list[Word] = []
    strays: list[Dropped] = []
    last_was_kept = True
    for word in words:
        start, end = word.start or 0.0, word.end or 0.0
        a, b = max(speech, key=lambda s: min(end, s[1]) - max(start, s[0]), default=(0.0, -1.0))
        a, b = a - MAX_OVERHANG_SECONDS, b + MAX_OVERHANG_SECONDS
        if start <= b and end >= a:
            kept.append(
                word.model_copy(update={"start": _round_ms(max(start, a)), "end": _round_ms(min(end, b))})
            )
            last_was_kept = True
        elif last_was_kept:
            strays.append(Dropped(text=word.text.strip(), start=start, end=end, why="no speech there"))
            last_was_kept = False
        else:
            previous = strays.pop()
            text = f"{previous.text}{word.text}"
            strays.append(previous.model_copy(update={"text": text, "end": max(previous.end, end)}))
    return kept, strays


def monotonic(words: Sequence[Word], end: float) -> tuple[Word, ...]:
    """The same words with times that never go back and stay between 0 and `end`."""
    latest, ordered = 0.0, []
    for word in words:
        start = min(max(word.start or 0.0, latest), end)
        latest = min(max(word.end or 0.0, start), end)
        ordered.append(word.model_copy(update={"start": _round_ms(start), "end": _round_ms(latest)}))
    return tuple(ordered)


def _seconds(word: Word) -> float:
    return (word.end or 0.0) - (word.start or 0.0)


def _mean_probability(words: Sequence[Word]) -> float:
    return sum(word.probability or 0.0 for word in words) / max(len(words), 1)


def _compression(text: str) -> float:
    data = text.encode()
    return len(data) / len(zlib.compress(data))


def _round_ms(seconds: float) -> float:
    return round(max(0.0, seconds), 3)
