"""Audio to words with faster-whisper: batched, int8, on the CPU. What the guards refuse is heard again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.engines import SAMPLE_RATE, Block
from pipeline.engines.whisper.common import TEMPERATURES, Whisper, Window, windows
from pipeline.engines.whisper.guards import Piece
from pipeline.records import Word

if TYPE_CHECKING:
    from pipeline.engines.audio.decoding import Samples

MOST_TOKENS = 220  # in a window; openai/whisper stops at 224, and the longest prompt leaves 221
FRUGAL = frozenset(  # languages that take at most about 8 tokens a second
    ["da", "de", "en", "es", "fi", "fr", "id", "it", "ms", "nl", "nn", "no", "pl", "pt", "ro", "sv", "tr"]
)


class FasterWhisper(Whisper):
    """A Transcriber over a CTranslate2 Whisper folder. `threads` 0 leaves the number to CTranslate2."""

    def __init__(self, model_dir: Path, beam_size: int = 5, batch_size: int = 4, threads: int = 0) -> None:
        self._folder, self._beam, self._batch, self._threads = model_dir, beam_size, batch_size, threads
        self._model: Any = None
        self._hearing = object()  # stands for the recording that is being heard

    def _begin(self) -> Collection[str]:
        self._model, self._hearing = _loaded(self._folder, self._threads), object()
        languages: list[str] = self._model.supported_languages
        return languages

    def _chances(self, samples: Samples) -> Iterable[tuple[str, float]]:
        chances: list[tuple[str, float]] = self._model.detect_language(samples)[2]
        return chances

    def _once(self, block: Block, language: str, glossary: str | None) -> Iterator[tuple[Window, Piece]]:
        """Many windows at once."""
        from faster_whisper import BatchedInferencePipeline

        spans = windows(block)
        if not spans:
            return
        half = 0.5 / SAMPLE_RATE  # faster-whisper rounds down
        segments, _ = BatchedInferencePipeline(self._model).transcribe(
            block.samples,
            language=language,
            beam_size=self._beam,
            batch_size=self._batch,
            max_new_tokens=MOST_TOKENS if glossary or language in FRUGAL else None,
            hotwords=glossary,
            word_timestamps=True,
            clip_timestamps=[
                {"start": a / SAMPLE_RATE + half, "end": b / SAMPLE_RATE + half} for a, b in spans
            ],
        )
        for segment in segments:
            begin = segment.seek / 100  # where faster-whisper, in hundredths of a second, thinks it is
            window = min(spans, key=lambda w: abs(w[0] / SAMPLE_RATE - begin))
            yield window, _piece(segment, block.start + window[0] / SAMPLE_RATE - begin)

    def _again(self, block: Block, window: Window, language: str) -> Iterator[Piece]:
        """That samples, and CTranslate2 seeds random numbers once, in the threads that a model starts: after
        another talk has sampled the model is loaded anew, so that no talk depends on those before it.
        """
        if self._model.sampled_for not in (None, self._hearing):
            self._model = None
            _loaded.cache_clear()
            self._model = _loaded(self._folder, self._threads)
        self._model.sampled_for = self._hearing
        a, b = window
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


def _piece(segment: Any, shift: float) -> Piece:
    """A faster-whisper segment, `shift` seconds later."""
    words = tuple(
        Word(text=w.word, start=max(0, w.start + shift), end=max(0, w.end + shift), probability=w.probability)
        for w in segment.words or ()
    )
    start, end = segment.start + shift, segment.end + shift
    return Piece(start, end, words, segment.avg_logprob, segment.no_speech_prob)
