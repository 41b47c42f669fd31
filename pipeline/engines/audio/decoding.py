"""A recording's samples, decoded by FFmpeg (PyAV): mono, SAMPLE_RATE, on the recording's own clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE
from pipeline.errors import InputError
from pipeline.records import WHOLE, Part
from pipeline.text import plain

Samples = NDArray[np.float32]  # mono, SAMPLE_RATE

JITTER_SECONDS = 0.05  # a time stamp off by less means nothing
BROKEN_SECONDS = 2.0  # a time stamp off by more is wrong
MIN_LOST_SECONDS = 1.0  # of damaged sound, from which the user should know
MAX_SILENCE_SECONDS = 4 * 3600.0  # in gaps of the time stamps; with more, they are wrong
# What a recording of speech may be: a resampler for anything else takes gigabytes, or days.
MIN_RATE_HZ, MAX_RATE_HZ, MAX_CHANNELS = 4_000, 1_000_000, 64
MIN_BYTES_PER_SECOND = 10  # no codec needs less: a header that claims so is wrong
MAX_TITLE_LETTERS = 80
SPARE_BYTES = 64 << 20  # if so many are to be had, memory is not short
# Formats whose files are whole in themselves: playlists, session descriptions and the like, which tell FFmpeg
# what other files or addresses to open, are not among them, whatever a file is called.
FORMATS = (
    "aac ac3 aiff amr amrnb amrwb ape asf asf_o au avi caf dsf dss dts dtshd dv eac3 flac flv gsm iff ircam "
    "latm loas matroska mlp mov mp3 mpc mpc8 mpeg mpegts mpegtsraw mxf nistsphere nut ogg oma qcp rm sox tak "
    "truehd tta voc w64 wav webm wsd wv xwma"
)
# Codecs that may send nothing in silence.
DISCONTINUOUS_CODECS = frozenset({"opus", "libopus", "speex", "libspeex", "amrnb", "amrwb"})

_REMEDY = (
    "Play it to see if it is whole, or convert it: wav, mp3, m4a, ogg, opus, flac, mp4 and webm are fine"
)


@dataclass(frozen=True)
class AudioFacts:
    """What a container says about itself.

    `duration` in seconds; `date`, when it was made (ISO 8601: year, month or day); a description of each
    audio track in `tracks`, and its number of channels in `channels`; and `clock`, the seconds since midnight
    at which it began, where a broadcast wave file (EBU Tech 3285) gives them.
    """

    duration: float | None
    date: str | None
    tracks: tuple[str, ...]
    channels: tuple[int, ...]
    clock: float | None = None


def probe(path: Path) -> AudioFacts:
    """Facts from the container's header; nothing is decoded. Raises InputError."""
    with _open(path) as container:
        streams = container.streams.audio
        tags = {**streams[0].metadata, **container.metadata}
        return AudioFacts(
            duration=_duration(container, path),
            date=_date(tags),
            tracks=tuple(map(_describe, streams)),
            channels=tuple(map(_channel_count, streams)),
            clock=_clock(tags, streams[0].codec_context and streams[0].rate),
        )


class Sound:
    """The samples of a recording, or of one track or channel of it, in small arrays of any length.

    Once all are read, `lost` is how many seconds within it are missing, or damaged and not decoded. Iterating
    raises InputError if the file cannot be decoded, or has no such track or channel.
    """

    def __init__(self, path: Path, part: Part = WHOLE) -> None:
        self.path, self.part, self.lost = path, part, 0.0
        self._undecoded = 0.0  # seconds of damaged packets since the last frame

    def __iter__(self) -> Iterator[Samples]:
        is_empty, self.lost, self._undecoded = True, 0.0, 0.0
        with _open(self.path) as container:
            stream = self._choose_stream(container.streams.audio)
            for samples in self._on_clock(container, stream):
                is_empty = is_empty and not len(samples)
                yield samples
        if is_empty:
            raise InputError("no sound in it could be decoded", file=self.path, remedy=_REMEDY)

    def _choose_stream(self, streams: Any) -> Any:
        track, channel = self.part.track, self.part.channel
        if track is None:
            decodable = [number for number, stream in enumerate(streams) if stream.codec_context]
            track = next(
                (number for number in decodable if _is_default(streams[number])), (decodable or [0])[0]
            )
        if track >= len(streams):
            raise self._no_such("audio track", track, len(streams))
        if streams[track].codec_context is None:
            problem = f"there is no decoder for its audio track {track + 1}"
            raise InputError(problem, file=self.path, remedy=_REMEDY)
        if channel is not None and channel >= streams[track].channels:
            raise self._no_such("channel", channel, streams[track].channels)
        return streams[track]

    def _no_such(self, kind: str, index: int, count: int) -> InputError:
        return InputError(
            f"it has no {kind} {index + 1}, but {count}",
            file=self.path,
            remedy=f"Correct `tracks`, `track` or `channels` in {self.path.stem}.toml.",
        )

    def _on_clock(self, container: Any, stream: Any) -> Iterator[Samples]:
        """Samples on the recording's own clock, which is 0 where the container starts.

        Gaps in the time stamps (a track that starts late, lost packets) become silence, and sound that is
        stamped twice is left out, so that sample n is always the one at n / SAMPLE_RATE seconds.
        """
        mixer = _Mixer(self.part.channel)
        shift = -max(0.0, (container.start_time or 0) / 1e6)  # to be added to time stamps
        duration = _duration(container, self.path)
        latest = duration + 1 if duration else np.inf
        may_pause = stream.codec_context.name in DISCONTINUOUS_CODECS
        clock, silence = 0.0, 0.0  # seconds of sound so far, and of gaps in it
        for frame in self._decode(container, stream):
            ahead = 0.0 if frame.time is None else frame.time + shift - clock
            is_late = clock + ahead > latest or silence + ahead > MAX_SILENCE_SECONDS
            if ahead < -BROKEN_SECONDS or (ahead > BROKEN_SECONDS and is_late):
                shift, ahead = shift - ahead, 0.0  # the stamps jumped, the sound did not
            if ahead < (-JITTER_SECONDS if clock else 0):
                continue
            has_gap = ahead > (JITTER_SECONDS if clock else 0)
            self.lost += (ahead if clock and not may_pause else 0.0) if has_gap else self._undecoded
            self._undecoded = 0.0
            if has_gap:
                clock, silence = clock + ahead, silence + ahead
                yield from mixer.silence(until=round(clock * SAMPLE_RATE))
            clock += frame.samples / frame.sample_rate
            yield from mixer.mix(frame)
        yield from mixer.flush()

    def _decode(self, container: Any, stream: Any) -> Iterator[Any]:
        """Every frame that decodes: damaged packets are skipped, and a broken end is the end."""
        import av

        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets)
            except (
                StopIteration,
                IndexError,
                av.FFmpegError,
            ) as error:  # PyAV ends so, where a track comes late
                _raise_if_short_of_memory(error)
                return
            try:
                for frame in packet.decode():
                    if _is_plausible(frame.sample_rate, frame.layout.nb_channels):
                        yield frame
            except (av.FFmpegError, ValueError) as error:
                _raise_if_short_of_memory(error)
                self._undecoded += float((packet.duration or 0) * (packet.time_base or 0))


def shortfall(decoded: float, duration: float | None, lost: float) -> str | None:
    """A warning if less is decoded than the container says (seconds), or if much is lost; else None."""
    if duration and decoded < duration - max(5.0, 0.02 * duration):
        return f"the sound ends at {decoded:.0f} s of {duration:.0f} s: is the file whole?"
    if lost >= MIN_LOST_SECONDS:
        return f"{lost:.0f} s of {decoded:.0f} s are damaged or missing: is there a better copy?"
    return None


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    """A container that has at least one audio track."""
    import av

    if not path.is_file():
        raise InputError("there is no such file", file=path, remedy="Check the name and the folder.")
    if not path.stat().st_size:
        raise InputError("the file is empty", file=path, remedy="Copy or download the recording again.")
    limits = {
        "protocol_whitelist": "file",
        "format_whitelist": FORMATS.replace(" ", ","),
        "codec_whitelist": _audio_decoders(),  # pictures need not be decoded to be left out
    }
    try:
        container = av.open(f"file:{path.absolute()}", container_options=limits, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        _raise_if_short_of_memory(error)
        raise InputError("this is not a recording that can be read", file=path, remedy=_REMEDY) from error
    with container:
        if not container.streams.audio:
            problem = "there is no audio track in it"
            raise InputError(problem, file=path, remedy="Give a file with the sound, or a transcript.")
        yield container


@cache
def _audio_decoders() -> str:
    """The names of FFmpeg's decoders for sound, joined by commas."""
    import av

    names = []
    for name in av.codecs_available:
        with suppress(ValueError):  # there is an encoder alone
            if av.Codec(name, "r").type == "audio":
                names.append(name)
    return ",".join(names)


def _raise_if_short_of_memory(error: Exception) -> None:
    """Raises MemoryError if there is little left. If there is enough, it was the file that asked for much."""
    if isinstance(error, MemoryError):
        np.ones(SPARE_BYTES, np.uint8)


def _duration(container: Any, path: Path) -> float | None:
    """The seconds that a container says it holds, None if it does not say, or cannot hold so many."""
    seconds = (container.duration or 0) / 1e6
    return seconds if 0 < seconds <= path.stat().st_size / MIN_BYTES_PER_SECOND else None


def _is_plausible(rate: int, channels: int) -> bool:
    return MIN_RATE_HZ <= rate <= MAX_RATE_HZ and 0 < channels <= MAX_CHANNELS


class _Mixer:
    """Converts frames of any format, layout and rate to samples, even where these change midway."""

    def __init__(self, channel: int | None) -> None:
        self._channel = channel
        self._written = 0
        self._shape: tuple[str, str, int] | None = None
        self._resampler: Any = None

    def mix(self, frame: Any) -> Iterator[Samples]:
        import av

        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            yield from self.flush()
            # Without a channel order FFmpeg would drop some when mixing, and it mixes no more than 32.
            keeps_layout = self._channel is not None or frame.layout.name.endswith("channels")
            layout = frame.layout if keeps_layout else "mono"
            self._shape, self._resampler = shape, av.AudioResampler("flt", layout, SAMPLE_RATE)
        frame.pts = None  # the caller keeps the clock
        yield from self._samples(self._resampler.resample(frame))

    def flush(self) -> Iterator[Samples]:
        """Flush what the resampler still holds."""
        if self._resampler is not None:
            yield from self._samples(self._resampler.resample(None))
        self._shape = self._resampler = None

    def silence(self, until: int) -> Iterator[Samples]:
        yield from self.flush()
        while self._written < until:
            zeros = np.zeros(min(until - self._written, SAMPLE_RATE), np.float32)
            self._written += len(zeros)
            yield zeros

    def _samples(self, frames: Iterable[Any]) -> Iterator[Samples]:
        for frame in frames:
            # Packed, since PyAV reads beyond the memory of a frame with more than eight planes.
            rows = frame.to_ndarray().reshape(-1, frame.layout.nb_channels)
            is_within = self._channel is not None and self._channel < rows.shape[1]
            samples: Samples = rows[:, self._channel] if is_within else rows.mean(axis=1)
            self._written += len(samples)
            yield samples


def _describe(stream: Any) -> str:
    """An audio track in a few words: its title and language, where it has them, and its channels."""
    tags = {name.lower(): value for name, value in stream.metadata.items()}
    named = [
        plain(tags[key])[:MAX_TITLE_LETTERS] for key in ("title", "language") if tags.get(key, "und") != "und"
    ]
    channels = _channel_count(stream)
    how_many = f"{channels} channel{'s' if channels > 1 else ''}" if channels else "of an unknown kind"
    return ", ".join([*named, how_many])


def _channel_count(stream: Any) -> int:
    """The number of channels, 0 where there is no decoder."""
    return stream.channels if stream.codec_context else 0


def _is_default(stream: Any) -> bool:
    from av.stream import Disposition

    return Disposition.default in stream.disposition


def _date(tags: dict[str, str]) -> str | None:
    """The date in a container's tags. Encoders write 1904 or 1970 for "unknown"."""
    lowered = {name.lower(): value for name, value in tags.items()}
    for name in ("creation_time", "date"):
        date = re.match(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?(?!\d)", lowered.get(name, ""))
        if date and date[0][:4] not in ("0000", "1904", "1970"):
            return date[0]
    return None


def _clock(tags: dict[str, str], rate: int | None) -> float | None:
    reference = tags.get("time_reference", "")
    return int(reference) / rate if re.fullmatch(r"[0-9]{1,18}", reference) and rate else None
