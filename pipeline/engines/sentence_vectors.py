"""Sentence embeddings: all-MiniLM-L6-v2 (int8 ONNX), mean pooled over tokens, unit length; and a cache."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from pipeline import engines
from pipeline.weights import BUNDLED

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.workspace.state import ByteCache


DIMENSIONS = 384
MAX_TOKENS = 128  # the model was trained on no more
BATCH_SENTENCES = 16  # more is no faster and takes more memory
THREADS = 2
_LOADING = threading.Lock()  # several talks may ask at once


class SentenceEncoder:
    """The model, as an Embed: texts to rows [texts, 384]."""

    def __init__(self, model: Path) -> None:
        from tokenizers import Tokenizer

        self._session = engines.session(model, THREADS)
        self._tokenizer = Tokenizer.from_file(str(BUNDLED / "minilm-tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts. Batches are sorted by length, so that little of a batch is padding."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(tokens)), key=lambda i: (len(tokens[i]), i))
        rows = np.zeros((len(tokens), DIMENSIONS), dtype=np.float32)
        for first in range(0, len(order), BATCH_SENTENCES):
            batch = order[first : first + BATCH_SENTENCES]
            rows[batch] = self._embed([tokens[i] for i in batch])
        return rows

    def _embed(self, batch: list[list[int]]) -> NDArray[np.float32]:
        ids = np.zeros((len(batch), max(map(len, batch))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states: NDArray[np.float32] = self._session.run(None, feed)[0]  # [batch, tokens, 384]
        weight = mask[:, :, None].astype(np.float32)
        mean = (states * weight).sum(axis=1) / weight.sum(axis=1)
        return unit(mean)


def encoder() -> SentenceEncoder:
    """The sentence encoder, loaded once. Raises ModelError if it is not here and cannot be fetched."""
    with _LOADING:
        return _load()


@cache
def _load() -> SentenceEncoder:
    from pipeline.weights.models import locate

    return SentenceEncoder(locate("minilm") / "model.onnx")


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale each row to length 1; rows of zeros stay."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: NDArray[np.float32] = (rows / np.maximum(lengths, 1e-9)).astype(np.float32)
    return scaled


class CachedEncoder:
    """An Embed that is cached between runs, for texts that are embedded again in later ones.

    Rows are rounded to float16, so that cached ones equal new ones. `save` keeps only those that were asked
    for since this object was made: the file does not grow over the years. `model` is the digest of the
    encoder's weights.
    """

    def __init__(self, cache: ByteCache, model: str) -> None:
        self._cache, self._model = cache, model
        self._rows: dict[str, NDArray[np.float16]] = {}
        self._asked: dict[str, NDArray[np.float16]] = {}
        self._stored: frozenset[str] = frozenset()
        try:
            with np.load(io.BytesIO(cache.recall(model) or b""), allow_pickle=False) as arrays:
                if arrays["rows"].shape[1:] == (DIMENSIONS,):
                    self._rows = dict(zip(arrays["keys"].tolist(), arrays["rows"], strict=True))
                    self._stored = frozenset(self._rows)
        except Exception:  # NumPy and zipfile raise many kinds for a damaged file
            return  # a cache: losing it costs only time

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts: rows [texts, 384], of unit length but for rounding."""
        keys = [sha256(text.encode()).hexdigest()[:32] for text in texts]
        texts_by_key = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
        if texts_by_key:
            rows = encoder()(list(texts_by_key.values())).astype(np.float16)
            self._rows.update(zip(texts_by_key, rows, strict=True))
        self._asked.update((key, self._rows[key]) for key in keys)
        if not keys:
            return np.zeros((0, DIMENSIONS), np.float32)
        return unit(np.stack([self._rows[key] for key in keys]).astype(np.float32))

    def save(self) -> None:
        """Store what was asked for, if anything was. A folder that cannot be written costs only speed."""
        if not self._asked or self._asked.keys() == self._stored:
            return
        file = io.BytesIO()
        np.savez(file, keys=np.array(list(self._asked)), rows=np.stack(list(self._asked.values())))
        self._cache.keep_only(self._model, file.getvalue())
