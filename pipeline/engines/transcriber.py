"""Audio to words with faster-whisper: batched, int8, on the CPU. What the guards refuse is heard again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from pipeline.engines import SAMPLE_RATE, Block, Heard, Progress, guards
from pipeline.engines.guards import Piece
from pipeline.errors import ConfigError
from pipeline.records import Dropped, Word

Span = tuple[float, float]

WINDOW, MARGIN = 29.2, 0.4  # seconds of speech in one window of the model (30 s), and around it
ENOUGH_SPEECH, MOST_HELD = 20.0, 3  # seconds, or blocks with speech, that the language is told from
MOST_TOKENS = 220  # in a window; openai/whisper stops at 224, and the longest prompt leaves 221
FRUGAL = frozenset(  # languages that take at most about 8 tokens a second
    ["da", "de", "en", "es", "fi", "fr", "id", "it", "ms", "nl", "nn", "no", "pl", "pt", "ro", "sv", "tr"]
)
TEMPERATURES = (0.0, 0.4, 0.8)  # for what is heard again, until it is neither dense nor unlikely


class FasterWhisper:
    """A Transcriber over a CTranslate2 Whisper folder. `threads` 0 leaves the number to CTranslate2."""

    def __init__(self, model_dir: Path, beam_size: int = 5, batch_size: int = 4, threads: int = 0) -> None:
        self._folder, self._beam, self._batch, self._threads = model_dir, beam_size, batch_size, threads
        self._model: Any = None
        self._hearing = object()  # stands for the recording that is being heard

    def transcribe(
        self, blocks: Iterable[Block], language: str | None, glossary: tuple[str, ...], progress: Progress
    ) -> Heard:
        """Words in order with absolute times. Raises ConfigError for a language the model does not know."""
        self._model, self._hearing = _loaded(self._folder, self._threads), object()
        if not self._model.model.is_multilingual:
            language = language or "en"
        if language is None:
            language, blocks = self._language(blocks)
        elif language not in self._model.supported_languages:
            known = ", ".join(sorted(self._model.supported_languages))
            what = f"the model does not know the language {language!r}"
            raise ConfigError(what, remedy=f"It knows {known}")
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
            for a, b in _windows(block)[:MOST_HELD]:
                for name, chance in self._model.detect_language(block.samples[a:b])[2]:
                    chances[name] = chances.get(name, 0.0) + chance
        return max(chances, key=lambda name: chances[name]), chain(held, stream)

    def _found(self, block: Block, language: str, hotwords: str | None) -> Iterator[Piece | Dropped]:
        """What the model hears in each window, and what the guards refuse of it."""
        for (a, b), piece in self._batched(block, language, hotwords):
            if why := guards.silent(piece):
                yield piece.dropped(why)
            elif guards.loop(piece) or guards.unsure(piece):
                for again in self._again(block, a, b, language):
                    why = guards.silent(again) or guards.loop(again) or guards.unsure(again)
                    yield again.dropped(why) if why else again
            else:
                yield piece

    def _batched(
        self, block: Block, language: str, hotwords: str | None
    ) -> Iterator[tuple[tuple[int, int], Piece]]:
        """One piece for each window, many windows at once."""
        from faster_whisper import BatchedInferencePipeline

        windows = _windows(block)
        if not windows:
            return
        half = 0.5 / SAMPLE_RATE  # faster-whisper rounds down
        segments, _ = BatchedInferencePipeline(self._model).transcribe(
            block.samples,
            language=language,
            beam_size=self._beam,
            batch_size=self._batch,
            max_new_tokens=MOST_TOKENS if hotwords or language in FRUGAL else None,
            hotwords=hotwords,
            word_timestamps=True,
            clip_timestamps=[
                {"start": a / SAMPLE_RATE + half, "end": b / SAMPLE_RATE + half} for a, b in windows
            ],
        )
        for segment in segments:
            begin = segment.seek / 100  # where faster-whisper, in hundredths of a second, thinks it is
            window = min(windows, key=lambda w: abs(w[0] / SAMPLE_RATE - begin))
            yield window, _piece(segment, block.start + window[0] / SAMPLE_RATE - begin)

    def _again(self, block: Block, a: int, b: int, language: str) -> Iterator[Piece]:
        """Samples [a, b) of a block decoded one segment after another, at rising temperatures if need be.

        That samples, and CTranslate2 seeds random numbers once, in the threads that a model starts: after
        another talk has sampled the model is loaded anew, so that no talk depends on those before it.
        """
        if self._model.sampled_for not in (None, self._hearing):
            self._model = None
            _loaded.cache_clear()
            self._model = _loaded(self._folder, self._threads)
        self._model.sampled_for = self._hearing
        segments, _ = self._model.transcribe(
            block.samples[a:b],
            language=language,
            beam_size=self._beam,
            temperature=TEMPERATURES,
            max_new_tokens=MOST_TOKENS if language in FRUGAL else None,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        for segment in segments:
            yield _piece(segment, block.start + a / SAMPLE_RATE)


@lru_cache(maxsize=1)
def _loaded(folder: Path, threads: int) -> Any:
    """The model, kept for the talks that follow. `sampled_for` is the one that made it draw lots."""
    import ctranslate2
    import numpy as np
    from faster_whisper import WhisperModel

    class OneByOne(WhisperModel):  # type: ignore[misc]
        """Encodes a batch window by window: attention takes 70 MB for each, and no less time for all."""

        sampled_for: object | None = None

        def encode(self, features: Any) -> Any:
            if features.ndim == 2:
                return super().encode(features)
            encoded = []
            for window in features:
                encoded.append(np.asarray(super().encode(window)))
            return ctranslate2.StorageView.from_array(np.concatenate(encoded))

    ctranslate2.set_random_seed(0)
    return OneByOne(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)


def _windows(block: Block) -> list[tuple[int, int]]:
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


def _piece(segment: Any, shift: float) -> Piece:
    """A faster-whisper segment, `shift` seconds later."""
    words = tuple(
        Word(text=w.word, start=max(0, w.start + shift), end=max(0, w.end + shift), probability=w.probability)
        for w in segment.words or ()
    )
    start, end = segment.start + shift, segment.end + shift
    return Piece(start, end, words, segment.avg_logprob, segment.no_speech_prob)
