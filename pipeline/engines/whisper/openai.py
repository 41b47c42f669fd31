"""Audio to words with openai-whisper, in float32 on the CPU: slow, and the reference for the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.engines import SAMPLE_RATE, Block
from pipeline.engines.whisper import openai_weights
from pipeline.engines.whisper.common import TEMPERATURES, Whisper, Window, windows
from pipeline.engines.whisper.guards import Segment
from pipeline.errors import ModelError
from pipeline.records import Word

if TYPE_CHECKING:
    from pipeline.engines.audio.decoding import Samples

SAMPLED_TEXTS = 5  # to choose from when sampling, as openai-whisper's own program does


class ReferenceWhisper(Whisper):
    """A Transcriber that runs a .pt file of openai-whisper's, or a CTranslate2 Whisper folder."""

    def __init__(self, weights: Path, beam_size: int = 5) -> None:
        self._weights, self._beam = weights, beam_size
        self._model: Any = None

    def _begin(self) -> Collection[str]:
        from whisper.tokenizer import get_tokenizer

        self._model = _load(self._weights)
        if not self._model.is_multilingual:
            return ("en",)
        languages: tuple[str, ...] = get_tokenizer(
            True, num_languages=self._model.num_languages
        ).all_language_codes
        return languages

    def _language_probabilities(self, samples: Samples) -> Iterable[tuple[str, float]]:
        probabilities: dict[str, float] = self._model.detect_language(self._mel(samples))[1]
        return probabilities.items()

    def _decode(self, block: Block, language: str, glossary: str | None) -> Iterator[tuple[Window, Segment]]:
        from whisper import DecodingOptions
        from whisper.timing import add_word_timestamps

        tokenizer = self._tokenizer(language)
        options = DecodingOptions(
            language=language,
            beam_size=self._beam,
            prompt=f" {glossary}" if glossary else None,
            without_timestamps=True,
            fp16=False,
        )
        for a, b in windows(block):
            mel, seconds = self._mel(block.samples[a:b]), (b - a) / SAMPLE_RATE
            result = self._model.decode(mel, options)
            segment = {
                "seek": 0,
                "start": 0.0,
                "end": seconds,
                "tokens": result.tokens,
                "avg_logprob": result.avg_logprob,
                "no_speech_prob": result.no_speech_prob,
            }
            add_word_timestamps(
                segments=[segment],
                model=self._model,
                tokenizer=tokenizer,
                mel=mel,
                num_frames=round(seconds * 100),
                last_speech_timestamp=0.0,
            )
            yield (a, b), _segment(segment, block.start + a / SAMPLE_RATE)

    def _decode_with_fallback(self, block: Block, window: Window, language: str) -> Iterator[Segment]:
        """The fallback, which samples from the same seed for each window: none depends on an earlier one."""
        import torch

        a, b = window
        with torch.random.fork_rng(devices=()):
            torch.manual_seed(0)
            result = self._model.transcribe(
                block.samples[a:b],
                language=language,
                beam_size=self._beam,
                best_of=SAMPLED_TEXTS,
                temperature=TEMPERATURES,
                condition_on_previous_text=False,
                word_timestamps=True,
                fp16=False,
            )
        for segment in result["segments"]:
            yield _segment(segment, block.start + a / SAMPLE_RATE)

    def _mel(self, samples: Samples) -> Any:
        """The log-mel spectrogram of up to 30 s, padded to 30 s."""
        from whisper.audio import N_FRAMES, N_SAMPLES, log_mel_spectrogram, pad_or_trim

        return pad_or_trim(log_mel_spectrogram(samples, self._model.dims.n_mels, N_SAMPLES), N_FRAMES)

    def _tokenizer(self, language: str) -> Any:
        from whisper.tokenizer import get_tokenizer

        return get_tokenizer(
            self._model.is_multilingual, num_languages=self._model.num_languages, language=language
        )


@lru_cache(maxsize=1)
def _load(weights: Path) -> Any:
    """The model, cached for the talks that follow. Raises ModelError."""
    if weights.is_dir():
        return _from_checkpoint(openai_weights.read_ctranslate2(weights))
    import whisper

    try:
        model = whisper.load_model(str(weights), device="cpu")
        if heads := whisper._ALIGNMENT_HEADS.get(weights.stem):  # it sets them only for what it downloads
            model.set_alignment_heads(heads)
    except Exception as error:  # torch, pickle and zipfile each have their own for a file of another kind
        raise ModelError(
            f"openai-whisper cannot load this model ({type(error).__name__})",
            file=weights,
            remedy="Check that it is a whole .pt file of openai-whisper, and that there is memory for it.",
        ) from error
    return model


def _from_checkpoint(checkpoint: openai_weights.Checkpoint) -> Any:
    import numpy as np
    import torch
    import whisper

    model = whisper.model.Whisper(whisper.model.ModelDimensions(**checkpoint.dims))
    model.load_state_dict(
        {name: torch.from_numpy(np.array(array)) for name, array in checkpoint.state.items()}
    )
    if checkpoint.alignment:
        mask = torch.zeros(checkpoint.dims["n_text_layer"], checkpoint.dims["n_text_head"], dtype=torch.bool)
        for layer, head in checkpoint.alignment:
            mask[layer, head] = True
        model.register_buffer("alignment_heads", mask.to_sparse(), persistent=False)
    return model


def _segment(segment: Mapping[str, Any], shift: float) -> Segment:
    """A segment of openai-whisper's, moved `shift` seconds later."""
    words = tuple(
        Word(
            text=word["word"],
            start=max(0.0, word["start"] + shift),
            end=max(0.0, word["end"] + shift),
            probability=float(word["probability"]),
        )
        for word in segment["words"]
    )
    start, end = segment["start"] + shift, segment["end"] + shift
    return Segment(start, end, words, segment["avg_logprob"], segment["no_speech_prob"])
