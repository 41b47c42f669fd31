"""Short recordings in many containers, damaged at random, and some made to do harm."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from typing import Any

import av
import numpy as np

from pipeline.engines.audio.decoding import Sound
from tests.support import DATA

# Name, FFmpeg's container, codec, rate, channels, codec of a picture.
KINDS = (
    ("wav", "wav", "pcm_s16le", 16_000, 1, None),
    ("float.wav", "wav", "pcm_f32le", 48_000, 2, None),
    ("law.wav", "wav", "pcm_mulaw", 8_000, 1, None),
    ("adpcm.wav", "wav", "adpcm_ms", 22_050, 2, None),
    ("w64", "w64", "pcm_s16le", 16_000, 1, None),
    ("aiff", "aiff", "pcm_s16be", 44_100, 2, None),
    ("caf", "caf", "pcm_s16le", 16_000, 1, None),
    ("mp3", "mp3", "libmp3lame", 44_100, 2, None),
    ("m4a", "ipod", "aac", 44_100, 2, None),
    ("alac.m4a", "ipod", "alac", 44_100, 1, None),
    ("mp4", "mp4", "aac", 48_000, 1, "mpeg4"),
    ("mov", "mov", "pcm_s16le", 48_000, 2, "mjpeg"),
    ("opus", "opus", "libopus", 48_000, 1, None),
    ("ogg", "ogg", "flac", 44_100, 2, None),
    ("flac", "flac", "flac", 16_000, 1, None),
    ("webm", "webm", "libopus", 48_000, 2, "libvpx"),
    ("mkv", "matroska", "flac", 16_000, 1, None),
    ("aac", "adts", "aac", 44_100, 1, None),
    ("ts", "mpegts", "mp2", 48_000, 2, "mpeg2video"),
    ("wma", "asf", "wmav2", 44_100, 2, None),
    ("avi", "avi", "ac3", 48_000, 2, "mpeg4"),
)
EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
# Names of boxes, chunks and elements, near which sizes and other fields are.
MARKS = (
    *(b"fmt ", b"data", b"RIFF", b"mvhd", b"mdhd", b"tkhd", b"stsd", b"stts", b"stsc", b"stsz", b"stco"),
    *(b"elst", b"esds", b"mp4a", b"moov", b"mdat", b"OggS", b"OpusHead", b"fLaC", b"COMM"),
    *(b"SSND", b"desc", b"strh", b"strf", b"avih", b"movi", b"ID3", b"Xing", b"\xff\xfb", b"\xff\xf1"),
    *(b"\x1a\x45\xdf\xa3", b"\x16\x54\xae\x6b", b"\x1f\x43\xb6\x75", b"\x2a\xd7\xb1", b"\x44\x89", b"\xb5"),
)


@cache
def speech() -> np.ndarray:
    return np.concatenate(list(Sound(DATA / "jfk.flac")))[:40_000]


@cache
def whole(kind: str) -> bytes:
    """Two and a half seconds of speech in a container; where there is a picture, it is small and grey."""
    _, container, codec, rate, channels, picture = next(row for row in KINDS if row[0] == kind)
    file = io.BytesIO()
    with av.open(file, "w", format=container) as target:
        video: Any = target.add_stream(picture, rate=5) if picture else None
        audio: Any = target.add_stream(codec, rate=rate, layout="stereo" if channels == 2 else "mono")
        if not codec.startswith(("pcm", "adpcm", "flac", "alac")):
            audio.bit_rate = 96_000
        if video:
            video.width = video.height = 32
            video.pix_fmt = "yuvj420p" if picture == "mjpeg" else "yuv420p"
            for number in range(12):
                grey = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 20 * number, np.uint8))
                grey.pts, grey.time_base = number, Fraction(1, 5)
                target.mux(video.encode(grey))
            target.mux(video.encode(None))
        frame = av.AudioFrame.from_ndarray(speech()[None], format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 16_000, 0, Fraction(1, 16_000)
        resampler = av.AudioResampler(
            audio.codec_context.format.name, audio.layout.name, rate, audio.codec_context.frame_size or 1024
        )
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            target.mux(audio.encode(part))
        target.mux(audio.encode(None))
    return file.getvalue()


# Damage at random: each takes the file and the chance, and changes the file.


def _flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 3, 20, 200))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _flip_in_header(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 3, 10))):
        data[chance.randrange(min(300, len(data)))] ^= 1 << chance.randrange(8)


def _truncate(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def _cut(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    del data[start : start + chance.choice((1, 7, 100, 5000))]


def _insert(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    data[start:start] = chance.randbytes(chance.choice((1, 8, 100, 5000)))


def _repeat(data: bytearray, chance: random.Random) -> None:
    start, size = chance.randrange(len(data)), chance.choice((4, 60, 1000, 8000))
    data[start:start] = data[start : start + size] * chance.choice((1, 2, 50))


def _fill(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    end = min(len(data), start + chance.choice((2, 8, 64, 2000)))
    data[start:end] = bytes([chance.choice((0, 0xFF, 0x80))]) * (end - start)


def _field(data: bytearray, chance: random.Random) -> None:
    """Integers near the name of a box, a chunk or an element are set to extremes."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        places = [at for mark in MARKS if (at := data.find(mark, chance.randrange(len(data)) // 2)) >= 0]
        _put(data, chance.choice(places or [0]) + chance.randrange(-8, 40), chance)


def _any_field(data: bytearray, chance: random.Random) -> None:
    """Integers of the header, or of the end where some containers have theirs, are set to extremes."""
    for _ in range(chance.choice((1, 2, 5))):
        start = chance.randrange(min(len(data), 1000))
        _put(data, start if chance.random() < 0.7 else len(data) - start, chance)


def _put(data: bytearray, start: int, chance: random.Random) -> None:
    size, order = chance.choice((1, 2, 4, 8)), chance.choice(("little", "big"))
    value = chance.choice((*EXTREMES, chance.getrandbits(16), chance.getrandbits(32)))
    value = value << 32 if size == 8 and chance.random() < 0.5 else value
    start = max(0, min(start, len(data) - size))
    data[start : start + size] = (value & (1 << 8 * size) - 1).to_bytes(size, order)  # type: ignore[arg-type]


def _splice(data: bytearray, chance: random.Random) -> None:
    """The rest is another container's."""
    other = whole(chance.choice(KINDS)[0])
    start = chance.randrange(len(data))
    data[start:] = other[chance.randrange(len(other)) :]


DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    *(_flip, _flip_in_header, _truncate, _cut, _insert, _repeat, _fill, _splice),
    *(_field, _field, _field, _any_field, _any_field),
)


def damaged(seed: int) -> tuple[str, bytes]:
    """A name that says what was done, and the file."""
    chance = random.Random(seed)
    kind = KINDS[seed % len(KINDS)][0]
    data = bytearray(whole(kind))
    done = []
    for _ in range(chance.choice((1, 1, 2, 3))):
        damage = chance.choice(DAMAGES)
        done.append(damage.__name__)
        if data:
            damage(data, chance)
    if kind in ("opus", "ogg") and chance.random() < 0.7:
        _mend_checksums(data)
    return f"{seed}{''.join(done)}.{kind}", bytes(data)


def _mend_checksums(data: bytearray) -> None:
    """Ogg pages have checksums, without which damage would only ever be skipped."""
    start = data.find(b"OggS")
    while 0 <= start < len(data) - 27:
        lacing = data[start + 27 : start + 27 + data[start + 26]]
        end = start + 27 + len(lacing) + sum(lacing)
        data[start + 22 : start + 26] = bytes(4)
        data[start + 22 : start + 26] = struct.pack("<I", _ogg_checksum(data[start:end]))
        start = data.find(b"OggS", start + 4)


def _ogg_checksum(page: bytes | bytearray) -> int:
    register = 0
    for byte in page:
        register = (register << 8 & 0xFFFFFFFF) ^ _OGG_TABLE[register >> 24 ^ byte]
    return register


def _ogg_table() -> Iterator[int]:
    for byte in range(256):
        register = byte << 24
        for _ in range(8):
            register = (register << 1 ^ (0x04C11DB7 if register & 0x80000000 else 0)) & 0xFFFFFFFF
        yield register


_OGG_TABLE = tuple(_ogg_table())
