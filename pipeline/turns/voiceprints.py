"""What a recording's voices sound like: computed once and cached; and one embedding per speaker."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.files import digest_value
from pipeline.records import Turns
from pipeline.reporting import Monitor, SilentMonitor
from pipeline.weights import catalog
from pipeline.workspace.talks import Talk

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pipeline.engines import Diarizer, LocalDiarization

MIN_CLEAN_SECONDS = 1.0  # of one speaker alone: an embedding window with less does not count
HOP_SECONDS = 0.6  # between windows
_SPEECH_ACTIVITY = 127  # of 255; above it, somebody speaks


@dataclass(frozen=True)
class Voiceprint:
    """A unit embedding, float32 [192], and the seconds of speech that it was made from."""

    embedding: NDArray[np.float32]
    seconds: float


def by_speaker(listening: LocalDiarization, turns: Turns) -> dict[str, Voiceprint]:
    """Speaker id to voiceprint, for everybody who says something that is not in doubt."""
    import numpy as np

    voiceprints = {}
    times = listening.start + listening.step * np.arange(len(listening.activity))
    for speaker in turns.speakers:
        certain = [s for s in turns.sentences() if s.speaker == speaker.id and not s.flags]
        spoken = np.zeros(len(times), bool)
        for start, end in [(s.start, s.end) for s in certain if s.start is not None and s.end is not None]:
            spoken[np.searchsorted(times, start) : np.searchsorted(times, end)] = True
        own = (
            spoken[listening.frame]
            & (listening.clean >= MIN_CLEAN_SECONDS)
            & _is_mostly_in(spoken, listening)
        )
        mean = listening.rows[own].astype(np.float32).sum(axis=0)
        if length := float(np.linalg.norm(mean)):
            clear = spoken & (listening.activity.max(axis=1) > _SPEECH_ACTIVITY)
            seconds = min(float(own.sum()) * HOP_SECONDS, float(clear.sum()) * listening.step)
            voiceprints[speaker.id] = Voiceprint((mean / length).astype(np.float32), seconds)
    return voiceprints


def _is_mostly_in(frames: NDArray[np.bool_], listening: LocalDiarization) -> NDArray[np.bool_]:
    """Mask of the windows whose local speaker speaks mostly in these frames, unlike who throws in a word.

    A local speaker is one told apart within a stretch of a few seconds; see engines.LocalDiarization.
    """
    import numpy as np

    local_speakers = listening.activity.shape[1]
    inside = np.zeros((int(listening.stretch.max(initial=-1)) + 1, local_speakers))
    everywhere = np.zeros_like(inside)
    active = listening.activity / 255
    np.add.at(everywhere, listening.stretch, active)
    np.add.at(inside, listening.stretch[frames], active[frames])
    speaker = (listening.stretch[listening.frame], listening.local)
    is_mostly_inside: NDArray[np.bool_] = inside[speaker] > everywhere[speaker] / 2
    return is_mostly_inside


def of_talk(talk: Talk, turns: Turns) -> dict[str, Voiceprint]:
    """The voiceprints of a talk that was segmented into `turns`, by speaker id.

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

    The costly part of diarization depends on the sound alone: once it is cached, another count, a review
    entry or a voice profile costs a second. Embeddings identify people, so they are as private as the
    recording.
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
    listening = engine.local_diarization(
        speech_blocks.levelled(Sound(media, talk.part)), lambda seconds: monitor.progress(seconds, duration)
    )
    talk.state.voices.keep_only(key, _serialise(listening))
    return listening


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


def _serialise(listening: LocalDiarization) -> bytes:
    import numpy as np

    buffer = io.BytesIO()
    np.savez(buffer, **asdict(listening))
    return buffer.getvalue()
