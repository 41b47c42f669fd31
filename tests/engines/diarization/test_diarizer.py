"""The embedded diarizer on real voices: what it finds, never how fast."""

from __future__ import annotations

import itertools
import wave
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines import SAMPLE_RATE, Diarization, LocalDiarization, SpeakerCount
from pipeline.engines.diarization.clustering import centroids, diarize, speech_spans, split_voice
from pipeline.engines.diarization.diarizer import CHUNK_SAMPLES, EmbeddedDiarizer, SpeakerSegmentation
from pipeline.engines.diarization.encoder import STRIDE_SAMPLES, SpeakerEncoder, features
from tests.support import DATA
from tests.support.helpers import blocks_of, sound_of

READERS = ("1688", "1998", "2033")


@pytest.fixture(scope="module")
def diarizer() -> EmbeddedDiarizer:
    return EmbeddedDiarizer()


@cache
def clips(reader: str) -> list[np.ndarray]:
    paths = sorted((DATA / "librispeech" / reader).glob("*.flac"))
    return [np.concatenate([block.samples for block in blocks_of(path)]) for path in paths]


def conversation(readers: tuple[str, ...], turns: int) -> tuple[np.ndarray, list[tuple[float, float, str]]]:
    """Samples, and (start, end, reader) in seconds, of readers in turn with pauses of 0.4 s."""
    quiet = np.random.default_rng(0).normal(0, 1e-4, int(0.4 * SAMPLE_RATE)).astype(np.float32)
    pieces, spans, at = [], [], 0
    for turn in range(turns):
        reader = readers[turn % len(readers)]
        clip = clips(reader)[turn // len(readers)]
        spans.append((at / SAMPLE_RATE, (at + len(clip)) / SAMPLE_RATE, reader))
        pieces += [clip, quiet]
        at += len(clip) + len(quiet)
    return np.concatenate(pieces), spans


def written(samples: np.ndarray, path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def listened(diarizer: EmbeddedDiarizer, path: Path) -> LocalDiarization:
    return diarizer.local_diarization(sound_of(path), lambda second: None)


def diarized(diarizer: EmbeddedDiarizer, path: Path, counts: SpeakerCount | None = None) -> Diarization:
    return diarize(listened(diarizer, path), counts or SpeakerCount())


def share_right(voices: Diarization, spans: list[tuple[float, float, str]]) -> float:
    """The share of spoken steps, 0.25 s away from turns, with the right voice under the best naming."""
    times = voices.start + (np.arange(len(voices.scores)) + 0.5) * voices.step
    heard = ~np.isnan(voices.scores).all(axis=1)
    found = np.where(heard, np.nan_to_num(voices.scores, nan=-1).argmax(axis=1), -1)
    truth = np.full(len(times), -1)
    readers = sorted({reader for *_, reader in spans})
    for start, end, reader in spans:
        truth[(times > start + 0.25) & (times < end - 0.25)] = readers.index(reader)
    counted = heard & (truth >= 0)
    namings = itertools.permutations(range(max(len(readers), voices.scores.shape[1])))
    return max(float((np.array(naming)[found] == truth)[counted].mean()) for naming in namings)


def test_three_voices(diarizer: EmbeddedDiarizer, tmp_path: Path) -> None:
    samples, spans = conversation(READERS, turns=9)
    seconds: list[float] = []
    listening = diarizer.local_diarization(sound_of(written(samples, tmp_path / "three.wav")), seconds.append)
    voices = diarize(listening, SpeakerCount())
    assert listening.seconds == pytest.approx(len(samples) / SAMPLE_RATE)
    assert len(voices.scores) * voices.step == pytest.approx(listening.seconds, abs=10)
    assert voices.scores.shape[1] == voices.activity.shape[1] == len(voices.voices) == 3
    assert {voices.scores.dtype, voices.activity.dtype, voices.overlap.dtype} == {np.dtype(np.float32)}
    assert share_right(voices, spans) > 0.95
    assert len(seconds) > 1
    assert seconds == sorted(seconds)
    assert seconds[-1] == pytest.approx(listening.seconds)


def test_speech_is_where_it_was_put(diarizer: EmbeddedDiarizer, tmp_path: Path) -> None:
    samples, spans = conversation(READERS[:2], turns=6)
    found = speech_spans(diarized(diarizer, written(samples, tmp_path / "two.wav")))
    assert found == sorted(found)
    for before, after in itertools.pairwise(spans):  # somebody else begins within the pause of 0.4 s
        ending = [f for f in found if before[0] < f[1] < after[1] and f[0] < before[1]]
        starting = [f for f in found if before[1] - 0.1 < f[0] < after[1]]
        assert ending[-1][1] == pytest.approx(before[1], abs=0.7)
        assert starting[0][0] == pytest.approx(after[0], abs=0.7)
        assert ending[-1][2] != starting[0][2]


def test_two_at_once_are_marked(diarizer: EmbeddedDiarizer, tmp_path: Path) -> None:
    one, other = clips("1998")[1][: 7 * SAMPLE_RATE], clips("2033")[0][: 6 * SAMPLE_RATE]
    samples = np.zeros(12 * SAMPLE_RATE, np.float32)
    samples[: len(one)] += one
    samples[4 * SAMPLE_RATE :][: len(other)] += other  # both from 4 s to 7 s
    voices = diarized(diarizer, written(samples / 2, tmp_path / "both.wav"))
    times = voices.start + voices.step * np.arange(len(voices.overlap))
    both = (times > 4.5) & (times < 6.5)
    assert (voices.overlap[both] > 0.5).mean() > 0.5
    assert (voices.overlap[times < 3.5] > 0.5).mean() < 0.05


def test_speakers_are_in_order_of_appearance(diarizer: EmbeddedDiarizer, tmp_path: Path) -> None:
    samples, spans = conversation(("2033", "1688"), turns=4)
    voices = diarized(diarizer, written(samples, tmp_path / "two.wav"))
    assert voices.scores.shape[1] == 2
    assert share_right(voices, spans) > 0.95
    first = voices.scores[: int(spans[0][1] / voices.step)]
    assert np.nanmean(first[:, 0]) > np.nanmean(first[:, 1])


@pytest.mark.parametrize("reader", READERS)
def test_one_voice_is_one(diarizer: EmbeddedDiarizer, tmp_path: Path, reader: str) -> None:
    samples, _ = conversation((reader,), turns=3)
    assert diarized(diarizer, written(samples, tmp_path / "one.wav")).scores.shape[1] == 1


def test_telephone(diarizer: EmbeddedDiarizer) -> None:
    """Two women on one line, with the speakers and times that a human heard."""
    lines = [line.split() for line in (DATA / "phone.rttm").read_text().splitlines()]
    spans = [(float(line[3]), float(line[3]) + float(line[4]), line[7]) for line in lines]
    voices = diarized(diarizer, DATA / "phone.wav")
    assert voices.scores.shape[1] == 2
    assert share_right(voices, spans) > 0.8


def test_known_counts_are_kept_and_no_voice_is_invented(diarizer: EmbeddedDiarizer, tmp_path: Path) -> None:
    listening = listened(diarizer, written(conversation(READERS, turns=6)[0], tmp_path / "three.wav"))
    sizes = [
        len(diarize(listening, counts).voices)
        for counts in (
            SpeakerCount(exact=2),
            SpeakerCount(most=2),
            SpeakerCount(exact=3),
            SpeakerCount(least=9),
            SpeakerCount(exact=9),
        )
    ]
    assert sizes == [2, 2, 3, 3, 3]


@pytest.mark.parametrize(("recording", "people"), [("chaincode.opus", 3), ("phone.wav", 2)])
def test_no_count_parts_a_voice_on_a_real_recording(
    diarizer: EmbeddedDiarizer, recording: str, people: int
) -> None:
    listening = listened(diarizer, DATA / recording)
    sizes = {
        len(diarize(listening, SpeakerCount(exact=count)).voices) for count in (people, people + 1, 9, 50)
    }
    assert sizes == {people}
    assert len(diarize(listening, SpeakerCount(least=people + 2)).voices) == people


def test_moments_too_near_to_part_a_voice(diarizer: EmbeddedDiarizer) -> None:
    listening = diarizer.local_diarization([clips("1998")[0][: 3 * SAMPLE_RATE]], lambda second: None)
    assert split_voice(listening, [1.0, 2.0], [(0.0, 3.0)]) is None
    assert split_voice(listening, [1.0, 2.0], []) is None


def test_one_voice_parted_where_a_person_says(diarizer: EmbeddedDiarizer, tmp_path: Path) -> None:
    """Two readers taken for one are told apart by a moment of each."""
    samples, spans = conversation(("1688", "2033"), turns=6)
    listening = listened(diarizer, written(samples, tmp_path / "two.wav"))
    everything = [(0.0, listening.seconds)]
    moments = [sum(span[:2]) / 2 for span in (spans[2], spans[3])]
    voices = split_voice(listening, moments, everything)
    assert voices is not None
    assert voices.scores.shape[1] == 2
    assert share_right(voices, spans) > 0.9
    assert split_voice(listening, [moments[0], listening.seconds + 60], everything) is None


@pytest.mark.parametrize("kind", ["silence", "noise", "tones"])
def test_where_nobody_speaks_there_is_nobody(diarizer: EmbeddedDiarizer, tmp_path: Path, kind: str) -> None:
    times = np.arange(20 * SAMPLE_RATE) / SAMPLE_RATE
    notes = 220 * 2 ** (np.floor(times * 2) % 7 / 12)
    sound = {
        "silence": np.zeros(len(times)),
        "noise": np.random.default_rng(0).normal(0, 0.1, len(times)),
        "tones": 0.3 * np.sin(2 * np.pi * np.cumsum(notes) / SAMPLE_RATE),
    }[kind]
    voices = diarized(diarizer, written(sound, tmp_path / "nobody.wav"))
    assert voices.scores.shape[1] == 0
    assert speech_spans(voices) == []
    assert len(voices.overlap) > 1000


@pytest.mark.parametrize("seconds", [0, 0.01, 0.3, 1.1, 3.0])
def test_a_moment_of_speech(diarizer: EmbeddedDiarizer, seconds: float) -> None:
    samples = clips("1998")[0][SAMPLE_RATE:][: int(seconds * SAMPLE_RATE)]
    listening = diarizer.local_diarization([samples], lambda second: None)
    voices = diarize(listening, SpeakerCount(exact=3))
    assert listening.seconds == pytest.approx(seconds, abs=1e-3)
    assert voices.scores.shape[1] == (seconds >= 0.3)
    assert all(start < seconds + 0.3 for start, _, _ in speech_spans(voices))


def test_same_audio_same_bytes_however_it_arrives(tmp_path: Path) -> None:
    samples = conversation(READERS[:2], turns=8)[0].astype(np.float32)
    whole, parts = (
        EmbeddedDiarizer().local_diarization(sound, lambda second: None)
        for sound in ([samples], np.array_split(samples, 301))
    )
    assert len(whole.frame) > 50
    for name in LocalDiarization.__dataclass_fields__:
        assert np.array_equal(getattr(whole, name), getattr(parts, name)), name


def test_segmentation_hears_who_speaks_at_once() -> None:
    chunk = np.zeros(CHUNK_SAMPLES, np.float32)
    chunk[3 * SAMPLE_RATE : 8 * SAMPLE_RATE] = clips("1998")[0][: 5 * SAMPLE_RATE]
    activity = SpeakerSegmentation().activity(np.stack([chunk] * 5))
    assert activity.shape == (5, 589, 3)
    heard = activity[0].max(axis=1) > 0.5
    assert heard[200:450].mean() > 0.8
    assert heard[:160].mean() < 0.05
    assert activity[0] == pytest.approx(activity[4], abs=1e-4)


def test_embeddings_tell_voices_apart() -> None:
    encoder = SpeakerEncoder()
    rows = {}
    for reader in READERS:
        frames = [encoder.frames(clip[: 4 * SAMPLE_RATE]) for clip in sorted(clips(reader), key=len)[-2:]]
        size = frames[0].shape[1]
        assert size == pytest.approx(4 * SAMPLE_RATE / STRIDE_SAMPLES, abs=2)
        halves = np.repeat(np.eye(2, dtype=np.float32), size // 2, axis=1)
        rows[reader] = [encoder.pool(one[:, : size // 2 * 2], halves) for one in frames]
    for reader, (one, other) in rows.items():
        assert np.linalg.norm(one, axis=1) == pytest.approx(1, abs=1e-5)
        strangers = np.concatenate([row for r, both in rows.items() if r != reader for row in both])
        assert (one @ other.T).min() > (one @ strangers.T).max() + 0.1
    assert encoder.frames(np.zeros(300, np.float32)).shape == (512, 0)


def test_features_of_silence_and_of_a_tone() -> None:
    assert features(np.zeros(1600, np.float32)).shape == (8, 80)
    tone = np.sin(2 * np.pi * 1000 * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    assert len(set(features(tone).argmax(axis=1))) == 1


def test_centroids_of_made_up_voices() -> None:
    rng = np.random.default_rng(1)
    voices = np.linalg.qr(rng.normal(size=(192, 4)))[0].T
    rows = np.repeat(voices, 50, axis=0) + rng.normal(0, 0.06, (200, 192))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    times = np.arange(200) * 0.5
    found = centroids(rows, times, SpeakerCount())
    assert found.shape == (4, 192)
    assert (found * voices).sum(axis=1) == pytest.approx(1, abs=0.05)
    talk = np.concatenate([np.tile(rows[:150], (20, 1)), rows[150:156], np.tile(rows[:150], (20, 1))])
    heard = centroids(talk, np.arange(len(talk)) * 0.5, SpeakerCount())  # the fourth speaks for 3 s in 50 min
    assert len(heard) == 4
    assert (heard[3] * voices[3]).sum() > 0.9
    assert len(centroids(talk, np.arange(len(talk)) * 0.5, SpeakerCount(exact=3))) == 3
    assert centroids(rows[:1], times[:1], SpeakerCount(exact=3)).shape == (1, 192)
    assert centroids(rows[:0], times[:0], SpeakerCount()).shape == (0, 192)
