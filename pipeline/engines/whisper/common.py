"""What both local Whisper engines share: speech windows, language detection, guards, fallback decode."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from pipeline.engines import SAMPLE_RATE, Block, Progress, Transcription
from pipeline.engines.whisper import guards
from pipeline.engines.whisper.guards import Segment
from pipeline.errors import ConfigError
from pipeline.records import Dropped, Word

if TYPE_CHECKING:
    from pipeline.engines.audio.decoding import Samples

Span = tuple[float, float]  # seconds
Window = tuple[int, int]  # samples of a block, [start, end)

WINDOW_SECONDS = 29.2  # of speech in one window of the model (30 s)
MARGIN_SECONDS = 0.4  # around the speech
# What the language is detected from: this much speech, or this many blocks with speech.
LANGUAGE_SECONDS = 20.0
MAX_LANGUAGE_BLOCKS = 3
TEMPERATURES = (0.0, 0.4, 0.8)  # of the fallback decode, until the text is neither repetitive nor unlikely


class Whisper(ABC):
    """A Transcriber; how a model is loaded and called is up to each implementation."""

    def transcribe(
        self, blocks: Iterable[Block], language: str | None, glossary: tuple[str, ...], progress: Progress
    ) -> Transcription:
        """Words in order with absolute times. Raises ConfigError for a language the model does not know."""
        languages = self._begin()
        if len(languages) == 1:
            language = language or next(iter(languages))
        if language is None:
            language, blocks = self._detect_language(blocks)
        elif language not in languages:
            problem = f"the model does not know the language {language!r}"
            raise ConfigError(problem, remedy=f"It knows {', '.join(sorted(languages))}")
        words: list[Word] = []
        dropped: list[Dropped] = []
        end = 0.0
        for block in blocks:
            end = block.start + len(block.samples) / SAMPLE_RATE
            for segment in self._guarded_segments(block, language, ", ".join(glossary) or None):
                progress(min(segment.end, end))
                if isinstance(segment, Dropped):
                    dropped.append(segment)
                else:
                    kept, strays = guards.snap_to_speech(segment.words, block.speech)
                    words += kept
                    dropped += strays
            progress(end)
        return Transcription(language, guards.monotonic(words, end), tuple(dropped))

    @abstractmethod
    def _begin(self) -> Collection[str]:
        """Prepare for a recording. Returns the languages that the model knows."""

    @abstractmethod
    def _language_probabilities(self, samples: Samples) -> Iterable[tuple[str, float]]:
        """Each language, and the probability that it is spoken in these samples (up to 30 s)."""

    @abstractmethod
    def _decode(self, block: Block, language: str, glossary: str | None) -> Iterator[tuple[Window, Segment]]:
        """One segment for each of the block's `windows`, decoded once, without sampling."""

    @abstractmethod
    def _decode_with_fallback(self, block: Block, window: Window, language: str) -> Iterator[Segment]:
        """The fallback: a window decoded segment by segment, at rising `TEMPERATURES` if need be."""

    def _detect_language(self, blocks: Iterable[Block]) -> tuple[str, Iterable[Block]]:
        """The language of the first blocks with enough speech, and an iterable of all blocks again."""
        stream, held = iter(blocks), []
        for block in stream:
            if block.speech:
                held.append(block)
            if (
                len(held) == MAX_LANGUAGE_BLOCKS
                or sum(b - a for held_block in held for a, b in held_block.speech) > LANGUAGE_SECONDS
            ):
                break
        probabilities: dict[str, float] = {"en": 0.0}
        for block in held:
            for a, b in windows(block)[:MAX_LANGUAGE_BLOCKS]:
                for code, probability in self._language_probabilities(block.samples[a:b]):
                    probabilities[code] = probabilities.get(code, 0.0) + probability
        return max(probabilities, key=lambda code: probabilities[code]), chain(held, stream)

    def _guarded_segments(
        self, block: Block, language: str, glossary: str | None
    ) -> Iterator[Segment | Dropped]:
        """What the model hears in each window, or as Dropped what the guards refuse of it."""
        for window, segment in self._decode(block, language, glossary):
            if reason := guards.silence_reason(segment):
                yield segment.dropped(reason)
            elif guards.loop_reason(segment) or guards.guess_reason(segment):
                for retried in self._decode_with_fallback(block, window, language):
                    reason = (
                        guards.silence_reason(retried)
                        or guards.loop_reason(retried)
                        or guards.guess_reason(retried)
                    )
                    yield retried.dropped(reason) if reason else retried
            else:
                yield segment


def windows(block: Block) -> list[Window]:
    """[start, end) in samples of the block: all its speech, in windows of at most what the model takes.

    A window ends at the longest pause of its last quarter, so that sentences stay whole.
    """
    spans, first = block.speech, 0
    cuts = [block.start]  # where one window must end and the next begin
    padded: list[Span] = []
    while first < len(spans):
        stop = first + 1
        while stop < len(spans) and spans[stop][1] - spans[first][0] <= WINDOW_SECONDS:
            stop += 1
        if stop < len(spans):
            candidates = [
                i for i in range(first + 1, stop) if spans[i][0] - spans[first][0] > WINDOW_SECONDS * 3 / 4
            ]
            stop = max([*candidates, stop], key=lambda i: (spans[i][0] - spans[i - 1][1], i))
            cuts.append((spans[stop - 1][1] + spans[stop][0]) / 2)
        padded.append((spans[first][0] - MARGIN_SECONDS, spans[stop - 1][1] + MARGIN_SECONDS))
        first = stop
    cuts.append(block.start + len(block.samples) / SAMPLE_RATE)
    clipped = [(max(a, cuts[i]), min(b, cuts[i + 1])) for i, (a, b) in enumerate(padded)]
    return [
        (round((a - block.start) * SAMPLE_RATE), round((b - block.start) * SAMPLE_RATE)) for a, b in clipped
    ]
