"""openai-whisper, the reference implementation, as an extra: `transcriber` listens.

`weights` finds the model, `checkpoint` makes one of openai-whisper's out of CTranslate2's.
"""

from __future__ import annotations

from importlib.util import find_spec

from pipeline.errors import ModelError


def installed() -> None:
    """Raises ModelError if the extra is missing."""
    if find_spec("whisper") is None or find_spec("torch") is None:
        raise ModelError(
            "openai-whisper is not installed, which transcribe.engine = 'whisper' runs",
            remedy="Run: pip install 'takeaways[whisper]'",
        )
