"""What every Whisper that runs here does: windows of speech, the language, the guards, hearing again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from pipeline.engines import SAMPLE_RATE, Block, Heard, Progress
from pipeline.engines.whisper import guards
from pipeline.engines.whisper.guards import Piece
from pipeline.errors import ConfigError
from pipeline.records import Dropped, Word

if TYPE_CHECKING:
    from pipeline.engines.audio.decoding import Samples

Span = tuple[float, float]  # seconds
Window = tuple[int, int]  # samples of a block, [start, end)

WINDOW, MARGIN = 29.2, 0.4  # seconds of speech in one window of the model (30 s), and around it
ENOUGH_SPEECH, MOST_HELD = 20.0, 3  # seconds, or blocks with speech, that the language is told from
TEMPERATURES = (0.0, 0.4, 0.8)  # for what is heard again, until it is neither dense nor unlikely


class Whisper(ABC):
    """A Transcriber; how a model is loaded and asked is up to each implementation."""

    def transcribe(
        self, blocks: Iterable[Block], language: str | None, glossary: tuple[str, ...], progress: Progress
    ) -> Heard:
        """Words in order with absolute times. Raises ConfigError for a language the model does not know."""
        languages = self._begin()
        if len(languages) == 1:
            language = language or next(iter(languages))
        if language is None:
            language, blocks = self._language(blocks)
        elif language not in languages:
            what = f"the model does not know the language {language!r}"
            raise ConfigError(what, remedy=f"It knows {', '.join(sorted(languages))}")
        words: list[Word] = []
        dropped: list[Dropped] = []
        end = 0.0
        for block in blocks:
            end = block.start + len(block.samples) / SAMPLE_RATE
            for found in self._found(block, language, ", ".join(glossary) or None):
                progress(min(found.end, end))
                if isinstance(found, Dropped):
                    dropped.append(found)
                else:
                    near, strays = guards.near_speech(found.words, block.speech)
                    words += near
                    dropped += strays
            progress(end)
        return Heard(language, guards.in_order(words, end), tuple(dropped))

    @abstractmethod
    def _begin(self) -> Collection[str]:
        """Be ready for a recording. Gives the languages that the model knows."""

    @abstractmethod
    def _chances(self, samples: Samples) -> Iterable[tuple[str, float]]:
        """Each language, and how likely it is that it is spoken in up to 30 s."""

    @abstractmethod
    def _once(self, block: Block, language: str, glossary: str | None) -> Iterator[tuple[Window, Piece]]:
        """One piece for each of the block's `windows`, decoded once, without drawing lots."""

    @abstractmethod
    def _again(self, block: Block, window: Window, language: str) -> Iterator[Piece]:
        """A window decoded one segment after another, at rising `TEMPERATURES` if need be."""

    def _language(self, blocks: Iterable[Block]) -> tuple[str, Iterable[Block]]:
        """The language of the first blocks with enough speech, and all blocks again."""
        stream, held = iter(blocks), []
        for block in stream:
            if block.speech:
                held.append(block)
            if len(held) == MOST_HELD or sum(b - a for x in held for a, b in x.speech) > ENOUGH_SPEECH:
                break
        chances: dict[str, float] = {"en": 0.0}
        for block in held:
            for a, b in windows(block)[:MOST_HELD]:
                for name, chance in self._chances(block.samples[a:b]):
                    chances[name] = chances.get(name, 0.0) + chance
        return max(chances, key=lambda name: chances[name]), chain(held, stream)

    def _found(self, block: Block, language: str, glossary: str | None) -> Iterator[Piece | Dropped]:
        """What the model hears in each window, and what the guards refuse of it."""
        for window, piece in self._once(block, language, glossary):
            if why := guards.silent(piece):
                yield piece.dropped(why)
            elif guards.loop(piece) or guards.unsure(piece):
                for again in self._again(block, window, language):
                    why = guards.silent(again) or guards.loop(again) or guards.unsure(again)
                    yield again.dropped(why) if why else again
            else:
                yield piece


def windows(block: Block) -> list[Window]:
    """[start, end) in samples of the block: all its speech, in stretches that the model takes at once.

    A window ends at the longest pause of its last quarter, so that sentences stay whole.
    """
    spans, first = block.speech, 0
    cuts = [block.start]  # where one window must end and the next begin
    outer: list[Span] = []
    while first < len(spans):
        after = first + 1
        while after < len(spans) and spans[after][1] - spans[first][0] <= WINDOW:
            after += 1
        if after < len(spans):
            late = [i for i in range(first + 1, after) if spans[i][0] - spans[first][0] > WINDOW * 3 / 4]
            after = max([*late, after], key=lambda i: (spans[i][0] - spans[i - 1][1], i))
            cuts.append((spans[after - 1][1] + spans[after][0]) / 2)
        outer.append((spans[first][0] - MARGIN, spans[after - 1][1] + MARGIN))
        first = after
    cuts.append(block.start + len(block.samples) / SAMPLE_RATE)
    inner = [(max(a, cuts[i]), min(b, cuts[i + 1])) for i, (a, b) in enumerate(outer)]
    return [
        (round((a - block.start) * SAMPLE_RATE), round((b - block.start) * SAMPLE_RATE)) for a, b in inner
    ]
