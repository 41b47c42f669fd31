"""Writing sound into a container with PyAV."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def write(container: Any, track: Any, samples: NDArray[np.int16], rate: int) -> None:
    """Encode mono samples, at `rate` (Hz) as the track has it, into an open container."""
    import av

    track.codec_context.open()
    whole = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
    whole.sample_rate = rate
    queue, done = av.AudioFifo(), 0
    for frame in av.AudioResampler(track.format.name, "mono", rate).resample(whole):
        frame.pts = None
        queue.write(frame)
    while (some := queue.read(track.frame_size or 4096, partial=True)) is not None:
        some.pts, done = done, done + some.samples
        container.mux(track.encode(some))
    container.mux(track.encode(None))
