"""The writer that asks a language model: any OpenAI-compatible chat endpoint, one code path."""

from __future__ import annotations

from pipeline.takeaways.llm.writer import LanguageModelWriter

__all__ = ["LanguageModelWriter"]
