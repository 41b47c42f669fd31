"""Recordings that are not what they should be, through the first stage: told, and used as far as they go."""

from __future__ import annotations

import json
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.engines import SAMPLE_RATE
from pipeline.engines.audio.decoding import Sound, probe
from pipeline.errors import InputError
from pipeline.records import Part
from pipeline.running.runner import StageError
from pipeline.workspace.talks import Workspace
from tests.support.heard import bare
from tests.support.helpers import blocks_of, call_program, panel, run
from tests.support.media_cases import DATA, ODD, Odd, speech
from tests.support.microphones import write
from tests.support.sounds import BEEPS, beeps, encode, onsets


@pytest.mark.parametrize("odd", [odd for odd in ODD if not odd.used], ids=lambda odd: odd.what)
def test_what_cannot_be_used_is_told_and_harms_no_other_talk(
    odd: Odd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = panel(tmp_path, lines=20)
    path = place.inputs / odd.name
    odd.make(path)
    before = path.read_bytes()
    code, _, told = call_program(place, monkeypatch, capsys, "run", "inputs", "--to", "segment")
    assert code == 1
    lines = [line for line in told.splitlines() if odd.message in line]
    assert lines
    assert all(odd.name in line for line in lines)
    assert "Traceback" not in told
    assert not (place.outputs / "talk").exists() or not list((place.outputs / "talk").iterdir())
    assert (place.outputs / "panel" / "2_turns.json").is_file()
    assert path.read_bytes() == before


@pytest.mark.parametrize("odd", [odd for odd in ODD if odd.used], ids=lambda odd: odd.what)
def test_what_is_broken_is_used_as_far_as_it_goes(odd: Odd, tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    odd.make(place.inputs / odd.name)
    recorder = run(place, odd.name, only="transcribe")
    assert any(odd.message in warning for warning in recorder.warnings), recorder.warnings
    data = json.loads((place.outputs / "talk" / "1_transcript.json").read_text("utf-8"))["data"]
    assert {"fellow", "americans"} & set(bare("".join(word["text"] for word in data["words"])).split())


def test_two_languages_in_one_talk(tmp_path: Path) -> None:
    """The whole is taken for the language of its beginning; nothing fails, nothing is lost in silence."""
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    (place.inputs / "talk.md").write_text(
        "**Ann:** We begin in English, as everybody does here.\n\n"
        "**Zoé:** Et nous continuons en français, parce que c'est plus joli.\n\n" * 5,
        "utf-8",
    )
    recorder = run(place, "talk.md")
    assert recorder.ran == ["transcribe", "segment", "extract", "render"]
    post = (place.outputs / "talk" / "transcript.md").read_text("utf-8")
    assert post.count("parce que c'est plus joli") >= 5
    assert post.count("as everybody does here") >= 5


@pytest.mark.parametrize("channels", [3, 8, 12, 24, 40, 64])
def test_any_number_of_channels(tmp_path: Path, channels: int) -> None:
    path = _wide(tmp_path / "wide.wav", channels, loud=channels - 1)
    assert onsets(np.concatenate([block.samples for block in blocks_of(path)])) == pytest.approx(
        BEEPS, abs=0.005
    )
    last = np.concatenate(list(Sound(path, Part(channel=channels - 1))))
    assert np.abs(last).max() == pytest.approx(0.3, abs=0.02)
    assert not np.concatenate(list(Sound(path, Part(channel=0)))).any()
    with pytest.raises(InputError, match=f"no channel {channels + 1}, but {channels}"):
        list(Sound(path, Part(channel=channels)))


def _wide(path: Path, channels: int, loud: int) -> Path:
    samples = np.zeros((channels, 12 * SAMPLE_RATE), np.float32)
    samples[loud] = beeps(SAMPLE_RATE)
    return write(path, samples)


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 96_000, 192_000])
def test_any_rate(tmp_path: Path, rate: int) -> None:
    path = encode(tmp_path / "talk.wav", beeps(rate), rate=rate)
    samples = np.concatenate([block.samples for block in blocks_of(path)])
    assert onsets(samples) == pytest.approx(BEEPS, abs=0.005)
    assert len(samples) == pytest.approx(12 * SAMPLE_RATE, abs=200)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_a_header_with_a_wrong_length(tmp_path: Path, size: int) -> None:
    """A recorder that crashed, or wrote into a pipe, did not come back to say how much there is."""
    path = encode(tmp_path / "talk.wav", beeps(16_000))
    whole = bytearray(path.read_bytes())
    at = whole.index(b"data") + 4
    whole[at : at + 4] = struct.pack("<I", size)
    path.write_bytes(whole)
    samples = np.concatenate([block.samples for block in blocks_of(path)])
    assert onsets(samples) == pytest.approx(BEEPS, abs=0.005)


def test_a_name_that_says_another_format(tmp_path: Path) -> None:
    path = encode(tmp_path / "talk.flac", beeps(16_000), "flac").rename(tmp_path / "talk.mp3")
    samples = np.concatenate([block.samples for block in blocks_of(path)])
    assert onsets(samples) == pytest.approx(BEEPS, abs=0.005)


def test_pictures_at_any_moment_move_no_sound(tmp_path: Path) -> None:
    """Variable frame rate, as telephones and screen recorders write it."""
    path = tmp_path / "talk.mkv"
    with av.open(str(path), "w") as container:
        picture, sound = (
            container.add_stream("mpeg4", rate=30),
            container.add_stream("pcm_s16le", rate=16_000),
        )
        picture.width = picture.height = 64
        picture.pix_fmt, picture.time_base = "yuv420p", Fraction(1, 1000)
        for at in sorted(np.random.default_rng(0).choice(12_000, 90, replace=False)):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))
            frame.pts = int(at)
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        pcm = (beeps(16_000)[None] * 32767).astype(np.int16)
        whole = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        whole.sample_rate, whole.pts = 16_000, 0
        container.mux(sound.encode(whole))
        container.mux(sound.encode(None))
    samples = np.concatenate([block.samples for block in blocks_of(path)])
    assert onsets(samples) == pytest.approx(BEEPS, abs=0.005)


def test_a_track_that_players_choose_is_heard_first(tmp_path: Path) -> None:
    """The first of two holds silence, the second is marked as the default."""
    from av.stream import Disposition

    path = tmp_path / "talk.mkv"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("pcm_s16le", rate=16_000) for _ in range(2)]
        streams[0].disposition, streams[1].disposition = Disposition(0), Disposition.default
        for stream, level in zip(streams, (0.0, 0.3), strict=True):
            pcm = (beeps(16_000, level=level)[None] * 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
            frame.sample_rate, frame.pts = 16_000, 0
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    assert len(probe(path).tracks) == 2
    assert np.concatenate(list(Sound(path))).any()
    assert not np.concatenate(list(Sound(path, Part(track=0)))).any()


def test_damaged_sound_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "talk.flac"
    path.write_bytes((DATA / "jfk.flac").read_bytes())
    whole = Sound(path)
    assert sum(map(len, whole)) == pytest.approx(11 * SAMPLE_RATE, abs=SAMPLE_RATE)
    assert whole.lost == 0
    next(odd for odd in ODD if odd.what == "a damaged file").make(path)
    broken = Sound(path)
    assert sum(map(len, broken)) > 5 * SAMPLE_RATE
    assert 1 < broken.lost < 6


def test_a_recording_that_only_begins_with_speech(tmp_path: Path) -> None:
    """Silence after it is no damage."""
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    sound = np.concatenate([speech(5), np.zeros(10 * 16_000, np.float32)])
    encode(place.inputs / "talk.wav", sound)
    warnings = run(place, "talk.wav", only="transcribe").warnings
    assert not [line for line in warnings if "left out at" not in line]  # a guess at the word that is cut


def test_nobody_speaks_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    encode(place.inputs / "talk.wav", np.zeros(3 * 16_000, np.float32))
    with pytest.raises(StageError) as error:
        run(place, "talk.wav", only="transcribe")
    assert "inputs/talk.wav" in str(error.value.__cause__)
