"""A speaker's voice as one embedding, from the sentences that are surely theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.records import Turns
from pipeline.running import artifacts
from pipeline.running.staleness import stage_named
from pipeline.turns import voice_cache
from pipeline.workspace.talks import Talk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.engines import Listening

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


def of_talk(talk: Talk) -> dict[str, Voiceprint]:
    """The voiceprints of a talk that was segmented. Raises ArtifactError if not, InputError without sound."""
    turns = artifacts.load(talk, stage_named("segment"))
    assert isinstance(turns, Turns)
    if talk.media is None or talk.facts.tracks:
        raise InputError(
            "no one recording has all its voices",
            file=talk.workspace.relative(talk.source),
            remedy="Voice profiles are made from recordings of all speakers.",
        )
    return prints(voice_cache.listen(talk, talk.media, None, _Silent()), turns)


class _Silent:
    def progress(self, reached: float, total: float | None) -> None: ...

    def note(self, message: str) -> None: ...

    def warn(self, message: str) -> None: ...

    def used(self, **facts: str | float) -> None: ...
