"""The default writer: needs no language model, no key and no network."""

from __future__ import annotations

from pipeline.takeaways.extractive.writer import ExtractiveWriter

__all__ = ["ExtractiveWriter"]
