"""The embedded diarizer on real voices: what it finds, never how fast."""

from __future__ import annotations

import itertools
import wave
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines import SAMPLE_RATE, Block, Counts, Voices
from pipeline.engines.audio import blocks
from pipeline.engines.clustering import centroids
from pipeline.engines.diarizer import EmbeddedDiarizer
from pipeline.engines.encoder import SpeakerEncoder, features

DATA = Path(__file__).parent / "data"
READERS = ("1688", "1998", "2033")


@pytest.fixture(scope="module")
def diarizer() -> EmbeddedDiarizer:
    return EmbeddedDiarizer()


@cache
def clips(reader: str) -> list[np.ndarray]:
    paths = sorted((DATA / "librispeech" / reader).glob("*.flac"))
    return [np.concatenate([block.samples for block in blocks(path)]) for path in paths]


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


def diarized(diarizer: EmbeddedDiarizer, path: Path, counts: Counts | None = None) -> Voices:
    return diarizer.diarize(blocks(path), counts or Counts(), lambda second: None)


def share_right(voices: Voices, spans: list[tuple[float, float, str]]) -> float:
    """The share of spoken steps, 0.25 s away from turns, with the right voice under the best naming."""
    times = (np.arange(len(voices.scores)) + 0.5) * voices.step
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
    path = written(samples, tmp_path / "three.wav")
    voices = diarizer.diarize(blocks(path, seconds=20), Counts(), seconds.append)
    assert voices.scores.shape == (pytest.approx(len(samples) / SAMPLE_RATE / voices.step, abs=2), 3)
    assert voices.scores.dtype == np.float32
    assert share_right(voices, spans) > 0.95
    assert len(seconds) > 2
    assert seconds == sorted(seconds)
    assert seconds[-1] == pytest.approx(len(samples) / SAMPLE_RATE, abs=0.1)


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
    assert share_right(voices, spans) > 0.9


def test_known_counts_are_kept(diarizer: EmbeddedDiarizer, tmp_path: Path) -> None:
    path = written(conversation(READERS, turns=6)[0], tmp_path / "three.wav")
    assert diarized(diarizer, path, Counts(exact=2)).scores.shape[1] == 2
    assert diarized(diarizer, path, Counts(most=2)).scores.shape[1] == 2
    assert diarized(diarizer, path, Counts(least=4)).scores.shape[1] >= 4


def test_silence_has_no_speakers(diarizer: EmbeddedDiarizer, tmp_path: Path) -> None:
    voices = diarized(diarizer, written(np.zeros(5 * SAMPLE_RATE), tmp_path / "silence.wav"))
    assert voices.scores.shape == (50, 0)
    assert diarizer.diarize([], Counts(), lambda second: None).scores.shape == (0, 0)


def test_three_seconds(diarizer: EmbeddedDiarizer, tmp_path: Path) -> None:
    path = written(clips("1998")[0][: 3 * SAMPLE_RATE], tmp_path / "short.wav")
    voices = diarized(diarizer, path)
    assert voices.scores.shape == (30, 1)
    assert np.nanmin(voices.scores) > 0.5
    assert 1 < diarized(diarizer, path, Counts(exact=9)).scores.shape[1] <= 9


@pytest.mark.parametrize("seconds", [0.01, 0.1, 0.3, 0.6, 1.1])
def test_a_moment_of_speech(diarizer: EmbeddedDiarizer, seconds: float) -> None:
    samples = clips("1998")[0][SAMPLE_RATE:][: int(seconds * SAMPLE_RATE)]
    voices = diarizer.diarize([Block(7.0, samples, ((7.0, 7.0 + seconds),))], Counts(exact=3), lambda s: None)
    assert len(voices.scores) == np.ceil((7.0 + seconds) / voices.step)
    assert voices.scores.shape[1] == (seconds >= 0.3)
    assert np.isnan(voices.scores[:70]).all()


def test_same_audio_same_bytes(tmp_path: Path) -> None:
    path = written(conversation(READERS[:2], turns=2)[0], tmp_path / "two.wav")
    first, second = (diarized(EmbeddedDiarizer(), path).scores for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_embeddings_tell_voices_apart() -> None:
    encoder, length = SpeakerEncoder(), 200
    rows = {r: [encoder.embed(c, np.array([0, 30, 80]), length) for c in clips(r)[:2]] for r in READERS}
    for reader, (one, other) in rows.items():
        assert np.linalg.norm(one, axis=1) == pytest.approx(1, abs=1e-5)
        strangers = np.concatenate([row for r, both in rows.items() if r != reader for row in both])
        assert (one @ other.T).mean() > (one @ strangers.T).mean() + 0.2
    with pytest.raises(ValueError, match="do not fit"):
        encoder.embed(clips("1688")[0][: 2 * SAMPLE_RATE], np.array([1]), length + 1)


def test_features_of_silence_and_of_a_tone() -> None:
    assert features(np.zeros(1600, np.float32)).shape == (11, 80)
    tone = np.sin(2 * np.pi * 1000 * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    mels = features(tone)[10:-10]
    assert mels.max() - mels.min() == pytest.approx(80, abs=1)
    assert len(set(mels.argmax(axis=1))) == 1


def test_centroids_of_made_up_voices() -> None:
    rng = np.random.default_rng(1)
    voices = np.linalg.qr(rng.normal(size=(192, 4)))[0].T
    rows = np.repeat(voices, 50, axis=0) + rng.normal(0, 0.06, (200, 192))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    times = np.arange(200) * 0.5
    found = centroids(rows, times, 2.0, Counts())
    assert found.shape == (4, 192)
    assert (found * voices).sum(axis=1) == pytest.approx(1, abs=0.05)
    assert centroids(rows[:1], times[:1], 2.0, Counts(exact=3)).shape == (1, 192)
    assert centroids(rows[:0], times[:0], 2.0, Counts()).shape == (0, 192)
