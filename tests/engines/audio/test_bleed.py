"""What a microphone hears of others, and when a track begins. Real voices, made-up rooms."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.engines import SAMPLE_RATE
from pipeline.engines.audio import alignment, bleed
from pipeline.engines.audio.bleed import FRAME_SAMPLES
from tests.support.microphones import Scene, fared, heard, said

OWN = said()


@pytest.mark.parametrize(
    "room",
    [
        {},
        {"isolation": 30.0},
        {"isolation": 12.0},
        {"isolation": 8.0},
        {"delay": 0.3},  # a call through loudspeakers
        {"gains": (0, 18, -12)},
        {"noise": -55.0},
    ],
    ids=str,
)
def test_own_speech_is_kept_and_bleed_is_not(room):
    for kept, leaked in fared(heard(OWN, **room)):
        assert kept > 0.98
        assert leaked < 0.15


@pytest.mark.parametrize("louder", [0, 25])
def test_the_track_of_somebody_who_never_speaks_is_empty_however_loud_it_is(louder):
    shares = fared(heard(said(silent=(1,)), gains=(0, louder, 0)))
    assert shares[1][1] < 0.05
    assert shares[0][0] > 0.98
    assert shares[2][0] > 0.98


def test_a_mix_among_the_tracks_is_nobodys():
    scene = heard(OWN)
    mixed = Scene(
        np.concatenate([scene.own, np.zeros_like(scene.own[:1])]),
        np.concatenate([scene.tracks, scene.tracks.sum(axis=0, keepdims=True)]),
    )
    shares = fared(mixed)
    assert shares[3][1] < 0.05
    assert all(kept > 0.95 for kept, _ in shares[:3])


def test_tracks_without_bleed_are_left_as_they_are():
    for kept, _ in fared(heard(OWN, isolation=100.0)):
        assert kept > 0.999


def test_the_gate_takes_what_is_masked_and_nothing_else():
    sound = np.ones(10 * FRAME_SAMPLES, np.float32)
    mask = np.array([False] * 5 + [True] * 5)
    chunks = [sound[:7_000], sound[7_000:]]
    muted = np.concatenate(list(bleed.mute_outside(chunks, mask)))
    assert len(muted) == len(sound)
    assert not muted[: 4 * FRAME_SAMPLES].any()
    assert (muted[6 * FRAME_SAMPLES :] == 1).all()


def test_levels_do_not_depend_on_how_the_sound_arrives():
    sound = OWN[0][: 3 * SAMPLE_RATE + 123]
    whole = bleed.levels([sound])
    parts = bleed.levels(np.split(sound, [1, 500, 17_000, 17_001]))
    assert np.allclose(whole, parts, atol=1e-3)
    assert len(whole) == (len(sound) // FRAME_SAMPLES)
    assert bleed.levels([np.zeros(FRAME_SAMPLES * 2, np.float32)]) == pytest.approx(bleed.FLOOR_DB)


@pytest.mark.parametrize("late", [0.0, 7.31, -3.2])
def test_a_track_is_found_in_the_mix_of_all(late):
    scene = heard(OWN)
    mix, track = scene.tracks.sum(axis=0), scene.tracks[1]
    cut = round(abs(late) * SAMPLE_RATE)
    track, mix = (track[cut:], mix) if late >= 0 else (track, mix[cut:])
    moments = alignment.loudest_moments(bleed.levels([track]))
    assert alignment.find_start(np.array_split(track, 9), [mix], moments) == pytest.approx(late, abs=0.03)


def test_a_track_is_found_by_its_bleed_in_another_one():
    scene = heard(OWN, isolation=15.0)
    track = scene.tracks[1][5 * SAMPLE_RATE :]
    moments = alignment.loudest_moments(bleed.levels([track]))
    assert alignment.find_start([track], [scene.tracks[0]], moments) == pytest.approx(5.0, abs=0.03)


def test_sounds_that_have_nothing_in_common_tell_nothing():
    moments = alignment.loudest_moments(bleed.levels([OWN[1]]))
    assert alignment.find_start([OWN[1]], [OWN[0]], moments) is None
    assert alignment.find_start([np.zeros(SAMPLE_RATE, np.float32)], [OWN[0]], []) is None
