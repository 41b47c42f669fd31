"""What was heard of voices, kept between runs so that only the first one has to listen.

The costly part of diarization depends on the sound alone: with it kept, another count, a review entry or a
voice profile costs a second. It is a cache, in .takeaways/talks/NAME.voices.npz; losing it costs only time.
Embeddings can tell people apart, so the file is as private as the recording.
"""

from __future__ import annotations

import io
from dataclasses import asdict
from typing import TYPE_CHECKING

from pipeline.digests import digest_value
from pipeline.files import keep_private, write_atomically
from pipeline.running.stage import Monitor
from pipeline.weights import catalog
from pipeline.workspace.talks import Talk

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.engines import Diarizer, Listening


def listen(talk: Talk, media: Path, duration: float | None, monitor: Monitor) -> Listening:
    """What a recording sounds like: as remembered if it is the same sound and models, else heard now."""
    from pipeline.engines.audio import speech_blocks
    from pipeline.engines.audio.decoding import Sound
    from pipeline.engines.diarization import embedded

    heard_of = [talk.memory.digest(media), catalog.SPEAKER_MODELS]
    key = digest_value([*heard_of, talk.facts.track] if talk.facts.track else heard_of)
    kept = talk.workspace.state(talk.name, ".voices.npz")
    if remembered := _recall(kept, key):
        monitor.used(voices="as heard before")
        return remembered
    ears: Diarizer = embedded.EmbeddedDiarizer()
    heard = ears.listen(
        speech_blocks.levelled(Sound(media, talk.part)), lambda reached: monitor.progress(reached, duration)
    )
    _remember(kept, talk.workspace.root, key, heard)
    return heard


def forget(talk: Talk) -> bool:
    """Remove what was heard of a talk's voices, and say whether there was anything. Raises OSError."""
    kept = talk.workspace.state(talk.name, ".voices.npz")
    there = kept.is_file()
    kept.unlink(missing_ok=True)
    return there


def _recall(path: Path, key: str) -> Listening | None:
    import numpy as np

    from pipeline.engines import Listening

    try:
        with np.load(path, allow_pickle=False) as arrays:
            if str(arrays["key"]) != key:
                return None
            found = {name: arrays[name] for name in Listening.__dataclass_fields__}
    except Exception:  # NumPy and zipfile raise many kinds for a damaged file, and it is only a cache
        return None
    return Listening(**{name: value if value.ndim else value.item() for name, value in found.items()})


def _remember(path: Path, root: Path, key: str, heard: Listening) -> None:
    import numpy as np

    data = io.BytesIO()
    np.savez(data, key=np.array(key), **asdict(heard))
    try:
        write_atomically(path, data.getvalue(), private=True)
        keep_private(root)
    except OSError:
        return  # a folder that cannot be written costs only time
