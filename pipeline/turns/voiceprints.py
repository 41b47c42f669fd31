"""What a recording's voices sound like: heard once and kept; and one embedding a speaker."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pipeline.digests import digest_value
from pipeline.errors import InputError
from pipeline.records import Turns
from pipeline.reporting import Monitor, SilentMonitor
from pipeline.weights import catalog
from pipeline.workspace.talks import Talk

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pipeline.engines import Diarizer, Listening

CLEAN = 1.0  # seconds in which nobody else spoke, in a window that counts
EACH = 0.6  # seconds between windows
_SPEAKS = 127  # activity from which somebody speaks


@dataclass(frozen=True)
class Voiceprint:
    """A unit embedding [192], float32, and from how many seconds of speech it was made."""

    row: NDArray[np.float32]
    seconds: float


def prints(listening: Listening, turns: Turns) -> dict[str, Voiceprint]:
    """Speaker id to voiceprint, for all who say something that is not in doubt."""
    import numpy as np

    found = {}
    times = listening.start + listening.step * np.arange(len(listening.activity))
    for speaker in turns.speakers:
        sure = [s for s in turns.sentences() if s.speaker == speaker.id and not s.flags]
        spoken = np.zeros(len(times), bool)
        for start, end in [(s.start, s.end) for s in sure if s.start is not None and s.end is not None]:
            spoken[np.searchsorted(times, start) : np.searchsorted(times, end)] = True
        own = spoken[listening.frame] & (listening.clean >= CLEAN) & _mostly(spoken, listening)
        mean = listening.rows[own].astype(np.float32).sum(axis=0)
        if length := float(np.linalg.norm(mean)):
            clear = spoken & (listening.activity.max(axis=1) > _SPEAKS)
            seconds = min(float(own.sum()) * EACH, float(clear.sum()) * listening.step)
            found[speaker.id] = Voiceprint((mean / length).astype(np.float32), seconds)
    return found


def _mostly(spoken: NDArray[np.bool_], listening: Listening) -> NDArray[np.bool_]:
    """The windows of local speakers most of whose speech is in these frames, not of who threw in a word."""
    import numpy as np

    locals_ = listening.activity.shape[1]
    inside = np.zeros((int(listening.stretch.max(initial=-1)) + 1, locals_))
    everywhere = np.zeros_like(inside)
    active = listening.activity / 255
    np.add.at(everywhere, listening.stretch, active)
    np.add.at(inside, listening.stretch[spoken], active[spoken])
    whose = (listening.stretch[listening.frame], listening.local)
    mostly: NDArray[np.bool_] = inside[whose] > everywhere[whose] / 2
    return mostly


def of_talk(talk: Talk, turns: Turns) -> dict[str, Voiceprint]:
    """The voiceprints of a talk that was segmented into `turns`. Raises InputError without sound."""
    if talk.media is None or talk.facts.tracks:
        raise InputError(
            "no one recording has all its voices",
            file=talk.workspace.relative(talk.source),
            remedy="Voice profiles are made from recordings of all speakers.",
        )
    return prints(listen(talk, talk.media, None, SilentMonitor()), turns)


def listen(talk: Talk, media: Path, duration: float | None, monitor: Monitor) -> Listening:
    """What a recording sounds like: as remembered if it is the same sound and models, else heard now.

    The costly part of diarization depends on the sound alone: with it kept, another count, a review entry or
    a voice profile costs a second. Embeddings can tell people apart, so they are as private as the recording.
    """
    from pipeline.engines.audio import speech_blocks
    from pipeline.engines.audio.decoding import Sound
    from pipeline.engines.diarization import diarizer

    heard_of = [talk.memory.digest(media), catalog.SPEAKER_MODELS]
    key = digest_value([*heard_of, talk.facts.track] if talk.facts.track else heard_of)
    if remembered := _read(talk.state.voices.recall(key)):
        monitor.used(voices="as heard before")
        return remembered
    ears: Diarizer = diarizer.EmbeddedDiarizer()
    heard = ears.listen(
        speech_blocks.levelled(Sound(media, talk.part)), lambda reached: monitor.progress(reached, duration)
    )
    talk.state.voices.keep_only(key, _written(heard))
    return heard


def _read(kept: bytes | None) -> Listening | None:
    import numpy as np

    from pipeline.engines import Listening

    if kept is None:
        return None
    try:
        with np.load(io.BytesIO(kept), allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in Listening.__dataclass_fields__}
    except Exception:  # NumPy and zipfile raise many kinds for a damaged file, and it is only a cache
        return None
    return Listening(**{name: value if value.ndim else value.item() for name, value in found.items()})


def _written(heard: Listening) -> bytes:
    import numpy as np

    data = io.BytesIO()
    np.savez(data, **asdict(heard))
    return data.getvalue()
