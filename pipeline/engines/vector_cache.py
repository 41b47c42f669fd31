"""Sentence vectors kept between runs, for what is asked again with every new talk of a cohort."""

from __future__ import annotations

import io
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from pipeline.engines.sentence_vectors import DIMENSIONS, Vectors, encoder, unit
from pipeline.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


class Remembered(Vectors):
    """As Vectors, but rounded to float16, so that what is remembered is what was computed.

    `save` keeps only what was asked for since it was made: the file does not grow with the years. `model` is
    the digest of the encoder that the vectors are of.
    """

    def __init__(self, path: Path, model: str) -> None:
        self._path, self._model = path, model
        self._rows: dict[str, NDArray[np.float16]] = {}
        self._asked: dict[str, NDArray[np.float16]] = {}
        try:
            with np.load(path, allow_pickle=False) as kept:
                if str(kept["model"]) == model and kept["rows"].shape[1:] == (DIMENSIONS,):
                    self._rows = dict(zip(kept["keys"].tolist(), kept["rows"], strict=True))
        except Exception:  # NumPy and zipfile raise many kinds for a damaged file
            return  # a cache: losing it costs only time

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of a float32 matrix [texts, 384], unit length but for the rounding."""
        keys = [sha256(text.encode()).hexdigest()[:32] for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
        if new:
            rows = encoder().of(list(new.values())).astype(np.float16)
            self._rows.update(zip(new, rows, strict=True))
        self._asked.update((key, self._rows[key]) for key in keys)
        if not keys:
            return np.zeros((0, DIMENSIONS), np.float32)
        return unit(np.stack([self._rows[key] for key in keys]).astype(np.float32))

    def save(self) -> None:
        """Keep what was asked for. A folder that cannot be written costs only speed."""
        rows = np.stack(list(self._asked.values())) if self._asked else np.zeros((0, DIMENSIONS), np.float16)
        file = io.BytesIO()
        np.savez(file, model=np.array(self._model), keys=np.array(list(self._asked)), rows=rows)
        try:
            write_atomically(self._path, file.getvalue(), private=True)
        except OSError:
            return
