"""Formats are written here with PyAV and read back, so that each one is really decoded."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.engines import SAMPLE_RATE
from pipeline.engines.audio.decoding import probe
from pipeline.errors import InputError
from tests.support.helpers import blocks_of
from tests.support.sounds import BEEPS, beeps, encode, onsets


def heard(path: Path) -> np.ndarray:
    return np.concatenate([block.samples for block in blocks_of(path)])


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.wav", {"rate": 44_100, "channels": 2}),
        ("telephone.wav", {"codec": "pcm_mulaw", "rate": 8_000}),
        ("a.mp3", {"codec": "mp3", "rate": 44_100, "channels": 2}),
        ("a.m4a", {"codec": "aac", "rate": 48_000, "channels": 2}),
        ("a.ogg", {"codec": "libopus", "rate": 48_000, "channels": 2}),
        ("a.opus", {"codec": "libopus", "rate": 48_000}),
        ("a.flac", {"codec": "flac", "rate": 22_050}),
        ("a.mp4", {"codec": "aac", "rate": 44_100, "picture": "mpeg4"}),
        ("a.webm", {"codec": "libopus", "rate": 48_000, "picture": "libvpx"}),
    ],
)
def test_every_format_keeps_times_and_level(tmp_path, name, how):
    path = encode(tmp_path / name, beeps(how.get("rate", 16_000)), **how)
    samples = heard(path)
    assert samples.dtype == np.float32
    assert onsets(samples) == pytest.approx(BEEPS, abs=0.005)
    assert np.abs(samples).max() == pytest.approx(0.95, abs=0.05)
    assert len(samples) / SAMPLE_RATE == pytest.approx(12.0, abs=0.05)
    assert probe(path).duration == pytest.approx(12.0, abs=0.05)


@pytest.mark.parametrize(
    ("name", "codec", "picture"),
    [("late.mp4", "aac", "mpeg4"), ("late.webm", "libopus", "libvpx"), ("late.ts", "aac", "mpeg2video")],
)
def test_a_track_that_starts_late_stays_late(tmp_path, name, codec, picture):
    path = encode(tmp_path / name, beeps(48_000), codec, 48_000, start=2.0, picture=picture)
    assert onsets(heard(path)) == pytest.approx([at + 2.0 for at in BEEPS], abs=0.005)


def test_a_clock_that_does_not_start_at_0_shifts_nothing(tmp_path):
    """Cut from a live stream: players show its first moment as 0."""
    path = encode(tmp_path / "cut.mkv", beeps(16_000), start=500.0)
    assert onsets(heard(path)) == pytest.approx(BEEPS, abs=0.005)


def test_lost_packets_become_silence(tmp_path):
    path, holed = encode(tmp_path / "whole.mkv", beeps(16_000)), tmp_path / "holed.mkv"
    with av.open(str(path)) as source, av.open(str(holed), "w") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.pts is not None and not 4500 <= packet.pts <= 7000:
                packet.stream = stream
                target.mux(packet)
    assert onsets(heard(holed)) == pytest.approx(BEEPS, abs=0.005)


def test_quiet_is_raised_and_noise_only_so_far(tmp_path):
    quiet = encode(tmp_path / "quiet.wav", beeps(16_000, level=0.03))
    assert np.abs(heard(quiet)).max() > 0.25
    noise = np.random.default_rng(0).normal(0, 0.001, 12 * 16_000).astype(np.float32)
    assert heard(encode(tmp_path / "noise.wav", noise)).std() < 0.0155
    [silence] = blocks_of(encode(tmp_path / "silence.wav", np.zeros(12 * 16_000, np.float32)))
    assert not silence.samples.any()
    assert silence.speech == ()


def test_blocks_cover_everything_once_and_end_in_pauses(data):
    [whole] = blocks_of(data / "chaincode.opus")
    parts = list(blocks_of(data / "chaincode.opus", seconds=8.0))
    assert len(parts) > 2
    assert np.array_equal(np.concatenate([part.samples for part in parts]), whole.samples)
    for before, part in pairwise(parts):
        assert part.start == pytest.approx(before.start + len(before.samples) / SAMPLE_RATE)
        around = whole.samples[int(part.start * SAMPLE_RATE) - 800 :][:1600]
        assert np.abs(around).max() < 0.1, part.start
    for part in parts:
        end = part.start + len(part.samples) / SAMPLE_RATE
        assert all(part.start - 1e-6 < a < b < end + 1e-6 for a, b in part.speech)
    there, once = (sum(b - a for part in set_ for a, b in part.speech) for set_ in (parts, [whole]))
    assert there == pytest.approx(once, rel=0.1)


def test_speech_without_a_pause_is_cut_all_the_same(tmp_path, data):
    [jfk] = blocks_of(data / "jfk.flac")
    talk = jfk.samples[int(8.2 * SAMPLE_RATE) : int(10.4 * SAMPLE_RATE)]
    path = encode(tmp_path / "endless.wav", np.tile(talk, 10))
    parts = list(blocks_of(path, seconds=5.0))
    assert all(0 < len(part.samples) <= 5.6 * SAMPLE_RATE for part in parts)
    assert sum(len(part.samples) for part in parts) == 10 * len(talk)


def test_speech_is_found_where_it_is(data):
    [block] = blocks_of(data / "phone.wav")
    assert block.speech[0][0] == pytest.approx(6.69, abs=0.2)  # phone.rttm
    assert not [block for block in blocks_of(data / "ami-dev00.flac") if not block.speech]


@pytest.mark.parametrize("size", [0, 3, 1_000])
def test_no_recording(tmp_path, size):
    path = tmp_path / "talk.mp3"
    path.write_text("words " * size)
    for use in (probe, lambda p: list(blocks_of(p))):
        with pytest.raises(InputError, match=r"talk\.mp3") as error:
            use(path)
        assert error.value.remedy


def test_no_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        probe(tmp_path / "talk.mp3")


def test_video_without_sound(tmp_path):
    with pytest.raises(InputError, match="no audio track"):
        list(blocks_of(encode(tmp_path / "film.mp4", None, picture="mpeg4")))


def test_a_track_without_a_sample(tmp_path):
    path = encode(tmp_path / "empty.wav", beeps(16_000))
    path.write_bytes(path.read_bytes()[:78])  # the header that FFmpeg writes
    with pytest.raises(InputError, match="no sound"):
        list(blocks_of(path))


def test_a_broken_recording_gives_what_is_left_of_it(tmp_path):
    path = encode(tmp_path / "a.mp3", beeps(44_100), "mp3", 44_100)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * 0.7)])
    assert onsets(heard(path)) == pytest.approx(BEEPS[:3], abs=0.005)
    noise = np.random.default_rng(0).bytes(2_000)
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + noise + whole[middle + 2_000 :])
    found = onsets(heard(path))
    assert found[:2] == pytest.approx(BEEPS[:2], abs=0.005)
    assert found[-1] == pytest.approx(BEEPS[-1], abs=0.3)  # MP3 has no time stamps to find the way back


def test_sound_that_changes_its_shape_midway(tmp_path):
    """Two MP3 files in one, as podcast hosts join advertisements and talk."""
    one = encode(tmp_path / "1.mp3", beeps(44_100), "mp3", 44_100, 2)
    two = encode(tmp_path / "2.mp3", beeps(22_050), "mp3", 22_050)
    (tmp_path / "both.mp3").write_bytes(one.read_bytes() + two.read_bytes())
    found = onsets(heard(tmp_path / "both.mp3"))
    assert found == pytest.approx([*BEEPS, *(at + 12.0 for at in BEEPS)], abs=0.2)


@pytest.mark.parametrize(
    ("name", "tags", "date"),
    [
        ("a.mp3", {"date": "2021"}, "2021"),
        ("a.flac", {"date": "2020-03-01"}, "2020-03-01"),
        ("a.mp4", {"creation_time": "2024-05-06T07:08:09.000000Z"}, "2024-05-06"),
        ("b.mp4", {"creation_time": "1970-01-01T00:00:00.000000Z"}, None),
        ("b.mp3", {"date": "last summer"}, None),
        ("c.mp3", {}, None),
    ],
)
def test_the_date_that_a_recording_carries(tmp_path, name, tags, date):
    codec = {"mp3": "mp3", "mp4": "aac", "lac": "flac"}[name[-3:]]
    assert probe(encode(tmp_path / name, beeps(44_100), codec, 44_100, tags=tags)).date == date
