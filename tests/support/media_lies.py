"""Recordings that say what is not so, and files that would have FFmpeg open others."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import av

from tests.support.hostile_media import speech, whole

SECOND = 16_000  # samples
YEAR = 366 * 86_400.0  # seconds
STEP = 1152 / SECOND  # seconds, what a packet of FLAC or MP2 holds


def wav(rate: int = SECOND, channels: int = 1, bits: int = 16, size: int = 64_000) -> bytes:
    """A header that says so, and two seconds of speech."""
    width = max(1, channels * bits // 8)
    sound = (speech()[: 2 * SECOND] * 32767).astype("<i2").tobytes()
    numbers = (1, channels, rate, rate * width & 0xFFFFFFFF, width & 0xFFFF, bits)
    header = b"RIFF" + struct.pack("<I", size + 36) + b"WAVEfmt \x10\0\0\0"
    return header + struct.pack("<HHIIHH", *numbers) + b"data" + struct.pack("<I", size) + sound


def stamped(container: str, codec: str, stamp: Callable[[int], float], **tags: str) -> bytes:
    """Two and a half seconds of speech; `stamp` gives the second at which each packet says it is."""
    file = io.BytesIO()
    options = {"live": "1"} if container == "matroska" else {}  # no duration in its header
    with av.open(file, "w", format=container, options=options) as target:
        target.metadata.update(tags)
        stream: Any = target.add_stream(codec, rate=48_000 if codec == "libopus" else SECOND, layout="mono")
        frame = av.AudioFrame.from_ndarray(speech()[None], format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SECOND, 0, Fraction(1, SECOND)
        resampler = av.AudioResampler(stream.format.name, "mono", stream.rate, stream.frame_size or 960)
        frames = [*resampler.resample(frame), *resampler.resample(None)]
        packets = [packet for frame in frames for packet in stream.encode(frame)]
        for number, packet in enumerate([*packets, *stream.encode(None)]):
            packet.pts = packet.dts = round(stamp(number) / packet.time_base)
            packet.stream = stream
            target.mux(packet)
    return file.getvalue()


def patched(kind: str, mark: bytes, offset: int, value: bytes) -> bytes:
    """A recording in which the bytes at an offset from each mark are others."""
    data, start = bytearray(whole(kind)), -1
    while (start := data.find(mark, start + 1)) >= 0:
        data[start + offset : start + offset + len(value)] = value
    return bytes(data)


def many_tracks(number: int) -> bytes:
    """An MP4 file whose one track is listed again and again."""
    data = whole("m4a")
    moov, trak = data.index(b"moov") - 4, data.index(b"trak") - 4
    moov_size, trak_size = (int.from_bytes(data[at : at + 4], "big") for at in (moov, trak))
    size = struct.pack(">I", moov_size + (number - 1) * trak_size)
    end = trak + trak_size
    return data[:moov] + size + data[moov + 4 : trak] + data[trak:end] * number + data[end:]


def id3(frame: bytes, content: bytes) -> bytes:
    """An MP3 file with a frame of ID3 (version 2.4) before the sound."""

    def size(number: int) -> bytes:
        return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))

    body = frame + size(len(content)) + b"\0\0" + content
    return b"ID3\x04\0\0" + size(len(body)) + body + whole("mp3")


def huge_cover() -> bytes:
    """An MP3 file with the header of a picture of 60,000 by 60,000 points."""
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 60_000, 60_000) + b"\x08\x06" + bytes(200_000)
    return id3(b"APIC", b"\0image/png\0\x03\0" + png)


def to_and_fro() -> bytes:
    """Its clock goes 20 hours ahead, and back."""
    starts = (0.0, 72_000.0, 9.0)
    parts = (stamped("mpegts", "mp2", lambda n, start=start: start + n * STEP) for start in starts)  # type: ignore[misc]
    return b"".join(parts)


def _wav_lies() -> dict[str, Callable[[], bytes]]:
    said = [("rate", rate) for rate in (0, 1, 100, 1 << 31, (1 << 32) - 1)]
    said += [("channels", channels) for channels in (0, 64, 65, 255, 65_535)]
    said += [("bits", 0), ("bits", 1), ("bits", 65_535), ("size", (1 << 32) - 64)]
    return {f"{key} {number}.wav": partial(wav, **{key: number}) for key, number in said}


LIES: dict[str, Callable[[], bytes]] = {
    **_wav_lies(),
    "1000 hours in a track.m4a": lambda: patched("m4a", b"mdhd", 16, struct.pack(">II", 1, 3_600_000)),
    "1000 hours.mp4": lambda: patched("mp4", b"mvhd", 16, struct.pack(">II", 1, 3_600_000)),
    "all time.mp4": lambda: patched("mp4", b"mdhd", 16, b"\0\0\0\1\xff\xff\xff\xff"),
    "no time.mp4": lambda: patched("mp4", b"mdhd", 16, bytes(8)),
    "huge picture.mp4": lambda: patched("mp4", b"mp4v", 28, b"\xff\xff\xff\xff"),
    "huge cover.mp3": huge_cover,
    "12 MB of title.mp3": lambda: id3(b"TIT2", b"\3" + b"title " * (2 << 20)),
    "2000 tracks.m4a": lambda: many_tracks(2000),
    "digits.mkv": lambda: stamped("matroska", "flac", lambda n: n * STEP, time_reference="9" * 5000),
    "years ahead.mkv": lambda: stamped("matroska", "flac", lambda n: n * STEP + YEAR * (n > 3)),
    "a jump in each packet.mkv": lambda: stamped("matroska", "flac", lambda n: n * 3 * 3600.0),
    "jumps in silence.opus": lambda: stamped("ogg", "libopus", lambda n: n * 3600.0),
    "to and fro.ts": to_and_fro,
}

LURES = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{target}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile {target}\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'profiles="urn:mpeg:dash:profile:isoff-main:2011" mediaPresentationDuration="PT3S"><Period>'
    '<AdaptationSet contentType="audio"><Representation id="a" mimeType="audio/mp4" bandwidth="9">'
    "<BaseURL>{target}</BaseURL></Representation></AdaptationSet></Period></MPD>",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    "vobsub": "# VobSub index file, v7\nid: en, index: 0\ntimestamp: 00:00:01:000, filepos: 000000000\n",
}
