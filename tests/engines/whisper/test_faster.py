"""The real model on real recordings. Bounds are loose: they catch a broken road, not a worse comma."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.engines import SAMPLE_RATE, Block, Transcription
from pipeline.engines.whisper import faster, guards
from pipeline.engines.whisper.faster import FasterWhisper
from pipeline.errors import ConfigError
from tests.support.heard import KENNEDY, bare, later, text, wer, words_of
from tests.support.helpers import blocks_of


@pytest.fixture(scope="module")
def whisper(whisper_dir: Path) -> FasterWhisper:
    return FasterWhisper(whisper_dir)


def hear(whisper: FasterWhisper, source, language=None, glossary=()) -> Transcription:
    return whisper.transcribe(source, language, glossary, lambda _: None)


@pytest.mark.parametrize(
    ("recording", "stm", "worst"),
    [("chaincode.opus", "chaincode.stm", 0.2), ("phone.wav", "phone.stm", 0.25)],
)
def test_conversations_are_heard(whisper, data, recording, stm, worst):
    spans = next(blocks_of(data / recording)).speech
    heard = hear(whisper, blocks_of(data / recording))
    assert heard.language == "en"
    assert wer(words_of(data / stm), text(heard)) < worst
    assert not heard.dropped
    assert sum(word.text.startswith(" ") for word in heard.words) > 0.9 * len(heard.words)
    reached = 0.0
    for word in heard.words:
        assert reached <= word.start <= word.end
        assert 0 < word.probability <= 1
        assert any(word.start >= a - 0.31 and word.end <= b + 0.31 for a, b in spans), word
        reached = word.end


def test_words_are_where_they_were_said_whatever_came_before(whisper, data):
    [block] = blocks_of(data / "jfk.flac")
    shifted = Block(
        100.0,
        np.concatenate((np.zeros(int(12.345 * SAMPLE_RATE), np.float32), block.samples)),
        tuple((a + 112.345, b + 112.345) for a, b in block.speech),
    )
    here, there = hear(whisper, [block], "en"), hear(whisper, [shifted], "en")
    assert wer(text(here), text(there)) < 0.15
    assert wer(KENNEDY, text(here)) < 0.15
    late = np.array(later(here.words, there.words)) - 112.345
    assert abs(np.median(late)) < 0.1
    assert (np.abs(late) < 0.3).mean() > 0.8


def test_a_quiet_far_voice_is_not_lost(whisper, data):
    heard = hear(whisper, blocks_of(data / "ami-dev00.flac"))
    assert len(heard.words) > 15
    assert {"ready", "begin"} & set(bare(text(heard)).split())


def test_blocks_join_without_losing_or_doubling_words(whisper, data):
    short = list(blocks_of(data / "chaincode.opus", seconds=8.0))
    assert len(short) > 2
    assert wer(words_of(data / "chaincode.stm"), text(hear(whisper, short))) < 0.25


def tone(frequencies: tuple[float, ...]) -> np.ndarray:
    t = np.arange(20 * SAMPLE_RATE) / SAMPLE_RATE
    return sum(0.1 * np.sin(2 * np.pi * f * t) * np.sin(2 * np.pi * t) ** 2 for f in frequencies)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(20 * SAMPLE_RATE),
        np.random.default_rng(0).normal(0, 0.1, 20 * SAMPLE_RATE),
        np.random.default_rng(0).normal(0, 0.001, 20 * SAMPLE_RATE),
        tone((440.0,)),
        tone((261.6, 329.6, 392.0, 523.2)),
    ],
    ids=["silence", "noise", "hiss", "tone", "chords"],
)
def test_nothing_is_heard_where_nobody_speaks(whisper, sound):
    """Even if the voice detector had taken all of it for speech."""
    samples = sound.astype(np.float32)
    assert not hear(whisper, [Block(0.0, samples, ())]).words
    assert not hear(whisper, [Block(0.0, samples, ((0.0, 20.0),))], "en").words


def test_a_real_loop_is_decoded_again_or_dropped(whisper, data):
    """In a language that is not spoken there whisper-base says "Aki. Aki. Aki." for 11 s."""
    block = next(blocks_of(data / "chaincode.opus", seconds=12.0))
    heard = hear(whisper, [block], "yo")
    assert not guards.longest_repetition(heard.words)
    assert heard.words or heard.dropped
    assert heard == hear(whisper, [block], "yo")  # although decoding again draws random numbers


def test_glossary_words_are_heard(whisper, data):
    heard = hear(whisper, blocks_of(data / "chaincode.opus"), "en", ("Pieter Wuille", "Chaincode"))
    assert {"pieter", "wuille"} & set(bare(text(heard)).split())
    assert "wuille" not in bare(text(hear(whisper, blocks_of(data / "chaincode.opus"), "en")))


def test_a_language_that_the_model_does_not_know_is_named(whisper):
    with pytest.raises(ConfigError, match="klingon"):
        hear(whisper, [], "klingon")


def test_progress_reaches_the_end(whisper, data):
    reached: list[float] = []
    whisper.transcribe(blocks_of(data / "jfk.flac"), "en", (), reached.append)
    assert reached == sorted(reached)
    assert reached[-1] == pytest.approx(11.0, abs=0.01)


def test_the_model_is_loaded_once_for_all_talks(whisper_dir, data):
    before = faster._load.cache_info()
    for _ in range(2):
        hear(FasterWhisper(whisper_dir), blocks_of(data / "chaincode.opus"))
    after = faster._load.cache_info()
    assert after.hits + after.misses == before.hits + before.misses + 2
    assert after.misses - before.misses <= 1
