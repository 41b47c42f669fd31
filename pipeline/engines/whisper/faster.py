"""Audio to words with faster-whisper: batched, int8, on the CPU. What the guards refuse is decoded again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.engines import SAMPLE_RATE, Block
from pipeline.engines.whisper.common import TEMPERATURES, Whisper, Window, windows
from pipeline.engines.whisper.guards import Segment
from pipeline.records import Word

if TYPE_CHECKING:
    from pipeline.engines.audio.decoding import Samples

MAX_TOKENS = 220  # in a window; openai/whisper stops at 224, and the longest prompt leaves 221
CONCISE_LANGUAGES = frozenset(  # that take at most about 8 tokens per second
    ["da", "de", "en", "es", "fi", "fr", "id", "it", "ms", "nl", "nn", "no", "pl", "pt", "ro", "sv", "tr"]
)


class FasterWhisper(Whisper):
    """A Transcriber that runs a CTranslate2 Whisper folder. `threads` 0 leaves the number to CTranslate2."""

    def __init__(self, model_dir: Path, beam_size: int = 5, batch_size: int = 4, threads: int = 0) -> None:
        self._folder, self._beam, self._batch, self._threads = model_dir, beam_size, batch_size, threads
        self._model: Any = None
        self._recording = object()  # stands for the recording that is being heard

    def _begin(self) -> Collection[str]:
        self._model, self._recording = _load(self._folder, self._threads), object()
        languages: list[str] = self._model.supported_languages
        return languages

    def _language_probabilities(self, samples: Samples) -> Iterable[tuple[str, float]]:
        probabilities: list[tuple[str, float]] = self._model.detect_language(samples)[2]
        return probabilities

    def _decode(self, block: Block, language: str, glossary: str | None) -> Iterator[tuple[Window, Segment]]:
        """The windows are decoded in batches."""
        from faster_whisper import BatchedInferencePipeline

        block_windows = windows(block)
        if not block_windows:
            return
        half_sample = 0.5 / SAMPLE_RATE  # faster-whisper rounds down
        segments, _ = BatchedInferencePipeline(self._model).transcribe(
            block.samples,
            language=language,
            beam_size=self._beam,
            batch_size=self._batch,
            max_new_tokens=MAX_TOKENS if glossary or language in CONCISE_LANGUAGES else None,
            hotwords=glossary,
            word_timestamps=True,
            clip_timestamps=[
                {"start": a / SAMPLE_RATE + half_sample, "end": b / SAMPLE_RATE + half_sample}
                for a, b in block_windows
            ],
        )
        for segment in segments:
            begin = segment.seek / 100  # in seconds: where faster-whisper, rounding, has the window begin
            window = min(block_windows, key=lambda w: abs(w[0] / SAMPLE_RATE - begin))
            yield window, _segment(segment, block.start + window[0] / SAMPLE_RATE - begin)

    def _decode_with_fallback(self, block: Block, window: Window, language: str) -> Iterator[Segment]:
        """Decode one window again at rising temperatures, which draws random numbers.

        CTranslate2 seeds its random numbers once, in the threads that a model starts: after another talk has
        sampled, the model is loaded anew, so that no talk depends on an earlier one.
        """
        if self._model.sampled_for not in (None, self._recording):
            self._model = None
            _load.cache_clear()
            self._model = _load(self._folder, self._threads)
        self._model.sampled_for = self._recording
        a, b = window
        segments, _ = self._model.transcribe(
            block.samples[a:b],
            language=language,
            beam_size=self._beam,
            temperature=TEMPERATURES,
            max_new_tokens=MAX_TOKENS if language in CONCISE_LANGUAGES else None,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        for segment in segments:
            yield _segment(segment, block.start + a / SAMPLE_RATE)


@lru_cache(maxsize=1)
def _load(folder: Path, threads: int) -> Any:
    """The model, cached for the talks that follow. `sampled_for` is the recording it last sampled for."""
    import ctranslate2
    import numpy as np
    from faster_whisper import WhisperModel

    class OneByOne(WhisperModel):  # type: ignore[misc]
        """Encodes a batch window by window: attention takes 70 MB for each, and a batch is no faster."""

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


def _segment(segment: Any, shift: float) -> Segment:
    """A faster-whisper segment, moved `shift` seconds later."""
    words = tuple(
        Word(
            text=word.word,
            start=max(0, word.start + shift),
            end=max(0, word.end + shift),
            probability=word.probability,
        )
        for word in segment.words or ()
    )
    start, end = segment.start + shift, segment.end + shift
    return Segment(start, end, words, segment.avg_logprob, segment.no_speech_prob)
