"""The program's own answer to who speaks when."""

from __future__ import annotations

from pathlib import Path

from pipeline.engines import SpeakerCount
from pipeline.engines.audio import speech_blocks
from pipeline.engines.audio.decoding import Sound
from pipeline.engines.diarization import clustering
from pipeline.engines.diarization.diarizer import EmbeddedDiarizer

Span = tuple[float, float, str]

_engine = EmbeddedDiarizer()


def ours(path: Path) -> list[Span]:
    """(start, end, speaker) in seconds."""
    listening = _engine.local_diarization(speech_blocks.levelled(Sound(path)), lambda second: None)
    voices = clustering.diarize(listening, SpeakerCount())
    return [(start, end, f"voice{speaker}") for start, end, speaker in clustering.speech_spans(voices)]
