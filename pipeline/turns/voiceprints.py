"""What a recording's voices sound like, computed once and cached; and one embedding for each speaker."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.files import digest_value
from pipeline.records import SPEAKER_IN_DOUBT, Turns
from pipeline.reporting import Monitor, SilentMonitor
from pipeline.weights import catalog
from pipeline.workspace.talks import Talk

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pipeline.engines import Diarizer, LocalDiarization

MIN_CLEAN_SECONDS = 1.0  # of one speaker alone; a window with less does not count
HOP_SECONDS = 0.6  # between the windows of one speaker, about
_MIN_ACTIVITY = 127  # of 255; above it, somebody speaks


@dataclass(frozen=True)
class Voiceprint:
    """A unit embedding, float32 [192], and the seconds of speech that it was made from."""

    embedding: NDArray[np.float32]
    seconds: float


def by_speaker(diarization: LocalDiarization, turns: Turns) -> dict[str, Voiceprint]:
    """Speaker id to voiceprint, for everybody with clean speech in sentences without flags."""
    import numpy as np

    voiceprints = {}
    frame_starts = diarization.start + diarization.step * np.arange(len(diarization.activity))
    for speaker in turns.speakers:
        certain = [
            s for s in turns.sentences() if s.speaker == speaker.id and SPEAKER_IN_DOUBT.isdisjoint(s.flags)
        ]
        spoken_frames = np.zeros(len(frame_starts), bool)
        for start, end in [(s.start, s.end) for s in certain if s.start is not None and s.end is not None]:
            spoken_frames[np.searchsorted(frame_starts, start) : np.searchsorted(frame_starts, end)] = True
        own_windows = (
            spoken_frames[diarization.frame]
            & (diarization.clean >= MIN_CLEAN_SECONDS)
            & _is_mostly_in(spoken_frames, diarization)
        )
        total = diarization.rows[own_windows].astype(np.float32).sum(axis=0)
        if length := float(np.linalg.norm(total)):
            clear_frames = spoken_frames & (diarization.activity.max(axis=1) > _MIN_ACTIVITY)
            seconds = min(
                float(own_windows.sum()) * HOP_SECONDS, float(clear_frames.sum()) * diarization.step
            )
            voiceprints[speaker.id] = Voiceprint((total / length).astype(np.float32), seconds)
    return voiceprints


def _is_mostly_in(frames: NDArray[np.bool_], diarization: LocalDiarization) -> NDArray[np.bool_]:
    """Mask of the windows whose local speaker speaks mostly in these frames, not just a word thrown in.

    Local speakers are told apart within a stretch of a few seconds; see engines.LocalDiarization.
    """
    import numpy as np

    local_speakers = diarization.activity.shape[1]
    inside = np.zeros((int(diarization.stretch.max(initial=-1)) + 1, local_speakers))
    everywhere = np.zeros_like(inside)
    active = diarization.activity / 255
    np.add.at(everywhere, diarization.stretch, active)
    np.add.at(inside, diarization.stretch[frames], active[frames])
    window_speakers = (diarization.stretch[diarization.frame], diarization.local)
    is_mostly_inside: NDArray[np.bool_] = inside[window_speakers] > everywhere[window_speakers] / 2
    return is_mostly_inside


def of_talk(talk: Talk, turns: Turns) -> dict[str, Voiceprint]:
    """The voiceprints of a talk whose segmentation is `turns`, by speaker id.

    Raises InputError if no single recording has all speakers.
    """
    if talk.media is None or talk.facts.tracks:
        raise InputError(
            "no one recording has all its voices",
            file=talk.workspace.relative(talk.source),
            remedy="Voice profiles are made from recordings of all speakers.",
        )
    return by_speaker(listen(talk, talk.media, None, SilentMonitor()), turns)


def listen(talk: Talk, media: Path, duration: float | None, monitor: Monitor) -> LocalDiarization:
    """What a recording sounds like: from the cache for the same sound and models, else computed now.

    The costly part of diarization depends on the sound alone: once cached, a new count, review entry or voice
    profile costs a second. Embeddings identify people, so they are as private as the recording.
    """
    from pipeline.engines.audio import speech_blocks
    from pipeline.engines.audio.decoding import Sound
    from pipeline.engines.diarization import diarizer

    inputs = [talk.memory.digest(media), catalog.SPEAKER_MODELS]
    key = digest_value([*inputs, talk.facts.track] if talk.facts.track else inputs)
    if cached := _load(talk.state.voices.recall(key)):
        monitor.used(voices="as heard before")
        return cached
    engine: Diarizer = diarizer.EmbeddedDiarizer()
    diarization = engine.local_diarization(
        speech_blocks.levelled(Sound(media, talk.part)), lambda seconds: monitor.progress(seconds, duration)
    )
    talk.state.voices.keep_only(key, _serialise(diarization))
    return diarization


def _load(data: bytes | None) -> LocalDiarization | None:
    """What `_serialise` wrote; None if there is nothing, or it is damaged."""
    import numpy as np

    from pipeline.engines import LocalDiarization

    if data is None:
        return None
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            fields = {name: arrays[name] for name in LocalDiarization.__dataclass_fields__}
    except Exception:  # NumPy and zipfile raise many kinds for a damaged file, and it is only a cache
        return None
    return LocalDiarization(**{name: value if value.ndim else value.item() for name, value in fields.items()})


def _serialise(diarization: LocalDiarization) -> bytes:
    import numpy as np

    buffer = io.BytesIO()
    np.savez(buffer, **asdict(diarization))
    return buffer.getvalue()
