"""openai-whisper for real, by `make test-whisper`: slow, so on short sound, and mostly without a beam."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import jiwer
import numpy as np
import pytest

from pipeline.engines import SAMPLE_RATE, Block, Transcriber, Transcription
from pipeline.engines.whisper import openai
from pipeline.engines.whisper.openai import ReferenceWhisper
from pipeline.errors import ConfigError, ModelError
from pipeline.records import Transcript
from pipeline.running import artifacts
from pipeline.stages import TRANSCRIBE
from pipeline.transcripts import transcribers
from pipeline.workspace.config import TranscribeSettings
from pipeline.workspace.talks import Workspace
from tests.support.heard import KENNEDY, bare, later, text, wer, words_of
from tests.support.helpers import blocks_of, load, run

if TYPE_CHECKING:
    from numpy.typing import NDArray

pytestmark = pytest.mark.whisper


@pytest.fixture(scope="module")
def greedy(whisper_dir: Path) -> ReferenceWhisper:
    return ReferenceWhisper(whisper_dir, beam_size=1)


@pytest.fixture(scope="module")
def model(greedy: ReferenceWhisper) -> Any:
    """The converted model itself."""
    greedy._begin()
    return greedy._model


@pytest.fixture(scope="module")
def kennedy(data: Path) -> Block:
    [block] = blocks_of(data / "jfk.flac")
    return block


def hear(whisper: Transcriber, source: Any, language: str | None = "en") -> Transcription:
    return whisper.transcribe(source, language, (), lambda _: None)


@pytest.fixture(scope="module")
def heard(greedy: ReferenceWhisper, kennedy: Block) -> Transcription:
    return hear(greedy, [kennedy], None)


def test_every_word_of_a_clear_voice_is_heard(heard: Transcription) -> None:
    assert heard.language == "en"
    assert wer(KENNEDY, text(heard)) < 0.15
    assert not heard.dropped


def test_a_conversation_is_heard(whisper_dir: Path, data: Path) -> None:
    """As by default, with a beam: WER 0.143, as with faster-whisper."""
    reached: list[float] = []
    [block] = blocks_of(data / "chaincode.opus")
    heard = ReferenceWhisper(whisper_dir).transcribe([block], None, (), reached.append)
    assert heard.language == "en"
    assert wer(words_of(data / "chaincode.stm"), text(heard)) < 0.25
    assert not heard.dropped
    seconds = len(block.samples) / SAMPLE_RATE
    assert reached == sorted(reached)
    assert reached[-1] == seconds
    before = 0.0
    for word in heard.words:
        assert before <= word.start <= word.end <= seconds
        assert word.start == round(word.start, 3)
        assert 0 < word.probability <= 1
        assert any(word.start >= a - 0.31 and word.end <= b + 0.31 for a, b in block.speech), word
        before = word.end


def test_glossary_words_are_heard(greedy: ReferenceWhisper, data: Path) -> None:
    source = blocks_of(data / "chaincode.opus")
    heard = greedy.transcribe(source, "en", ("Pieter Wuille", "Chaincode"), lambda _: None)
    assert {"pieter", "wuille"} & set(bare(text(heard)).split())
    assert "wuille" not in bare(text(hear(greedy, blocks_of(data / "chaincode.opus"))))


def test_words_are_where_they_were_said(
    greedy: ReferenceWhisper, kennedy: Block, heard: Transcription
) -> None:
    shifted = Block(
        100.0,
        np.concatenate((np.zeros(int(12.345 * SAMPLE_RATE), np.float32), kennedy.samples)),
        tuple((a + 112.345, b + 112.345) for a, b in kennedy.speech),
    )
    there = hear(greedy, [shifted])
    assert wer(text(heard), text(there)) < 0.15
    late = np.array(later(heard.words, there.words)) - 112.345
    assert abs(np.median(late)) < 0.1
    assert (np.abs(late) < 0.3).mean() > 0.8


@pytest.mark.parametrize(
    "sound",
    [np.zeros(8 * SAMPLE_RATE), np.random.default_rng(0).normal(0, 0.1, 8 * SAMPLE_RATE)],
    ids=["silence", "noise"],
)
def test_nothing_is_heard_where_nobody_speaks(greedy: ReferenceWhisper, sound: NDArray[np.float64]) -> None:
    """Even if the voice detector had taken all of it for speech."""
    samples = sound.astype(np.float32)
    assert not hear(greedy, [Block(0.0, samples, ())], None).words
    assert not hear(greedy, [Block(0.0, samples, ((0.0, 8.0),))]).words


def test_sampling_gives_the_same_again(
    greedy: ReferenceWhisper, kennedy: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(openai, "TEMPERATURES", (0.6,))
    monkeypatch.setattr(openai, "SAMPLED_TEXTS", 2)
    greedy._begin()
    window = (0, len(kennedy.samples))  # a sentence cut off makes it ramble on
    before = torch.random.get_rng_state()
    once = list(greedy._decode_with_fallback(kennedy, window, "en"))
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.rand(100)  # another talk
    assert list(greedy._decode_with_fallback(kennedy, window, "en")) == once
    assert once[0].text.strip()


def test_a_language_that_the_model_does_not_know_is_named(greedy: ReferenceWhisper) -> None:
    with pytest.raises(ConfigError, match="klingon"):
        hear(greedy, [], "klingon")


def test_the_converted_model_computes_what_ctranslate2_does(
    greedy: ReferenceWhisper, model: Any, whisper_dir: Path, kennedy: Block
) -> None:
    """Encoder, chances of languages, and each token of the text, all in float32."""
    import ctranslate2
    import whisper

    peer = ctranslate2.models.Whisper(str(whisper_dir), compute_type="float32")
    mel = greedy._mel(kennedy.samples)
    features = ctranslate2.StorageView.from_array(np.ascontiguousarray(mel.numpy()[None]))
    theirs = np.asarray(peer.encode(features, to_cpu=True))
    ours = model.embed_audio(mel[None]).detach().numpy()
    assert np.abs(ours - theirs).max() < 1e-3 * np.abs(theirs).max()
    expected = {name[2:-2]: chance for name, chance in peer.detect_language(features)[0]}
    found = dict(greedy._language_probabilities(kennedy.samples))
    assert found.keys() == expected.keys()
    assert all(found[name] == pytest.approx(expected[name], rel=0.01, abs=1e-6) for name in found)
    prompt = ["<|startoftranscript|>", "<|en|>", "<|transcribe|>", "<|notimestamps|>"]
    [generated] = peer.generate(features, [prompt], beam_size=1)
    options = whisper.DecodingOptions(language="en", without_timestamps=True, fp16=False)
    tokens = (model.decode(mel, options).tokens, generated.sequences_ids[0])
    assert jiwer.wer(*(" ".join(map(str, ids)) for ids in tokens)) < 0.2  # a near tie may fall either way


def test_words_are_timed_by_the_heads_that_openai_names(model: Any) -> None:
    import whisper

    ours = model.alignment_heads.indices().tolist()
    peer = whisper.model.Whisper(model.dims)
    assert peer.alignment_heads.indices().tolist() != ours
    peer.set_alignment_heads(whisper._ALIGNMENT_HEADS["base"])
    assert peer.alignment_heads.indices().tolist() == ours


def test_a_file_of_openai_gives_the_same_words(
    tmp_path: Path, model: Any, kennedy: Block, heard: Transcription
) -> None:
    import torch

    path = tmp_path / "base.pt"
    torch.save({"dims": vars(model.dims), "model_state_dict": model.state_dict()}, path)
    settings = TranscribeSettings(engine="whisper", model=str(path), beam_size=1)
    assert hear(transcribers.local_transcriber(settings), [kennedy]) == heard


def test_half_a_file_of_openai_is_refused(tmp_path: Path, whisper_dir: Path) -> None:
    path = tmp_path / "base.pt"
    path.write_bytes((whisper_dir / "model.bin").read_bytes()[:1_000_000])
    with pytest.raises(ModelError, match="cannot load this model") as caught:
        hear(ReferenceWhisper(path), [])
    assert caught.value.file == path


def test_other_sizes_are_looked_for_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TAKEAWAYS_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(ModelError, match="'small' of openai-whisper is not on this machine"):
        transcribers.locate_weights(TranscribeSettings(engine="whisper", model="small"), fetch=False)
    with pytest.raises(ModelError, match="'enormous' is neither") as caught:
        transcribers.locate_weights(TranscribeSettings(engine="whisper", model="enormous"))
    assert "large-v3" in caught.value.remedy


def test_a_recording_becomes_a_post(tmp_path: Path, data: Path) -> None:
    """A second run does nothing, and another engine makes the transcript stale."""
    workspace = Workspace(tmp_path)
    workspace.inputs.mkdir()
    (workspace.inputs / "talk.opus").write_bytes((data / "chaincode.opus").read_bytes())
    sets = ({"transcribe": {"engine": "whisper", "beam_size": 1}},)
    assert run(workspace, "talk.opus", sets=sets).ran == ["transcribe", "segment", "extract", "render"]
    post = (workspace.outputs / "talk" / "post.md").read_text("utf-8")
    talk = load(workspace, "talk.opus")
    words = artifacts.load(talk, TRANSCRIBE)
    assert isinstance(words, Transcript)
    assert post.strip()
    assert "bitcoin" in bare("".join(word.text for word in words.words))
    assert len(words.words) > 40
    used = (workspace.outputs / "talk" / "1_transcript.json").read_text("utf-8")
    assert '"openai-whisper": "20250625"' in used
    assert "torch" in used
    assert not run(workspace, "talk.opus", sets=sets).ran
    other = run(workspace, "talk.opus", sets=({"transcribe": {"beam_size": 1}},))
    assert "transcribe" in other.ran
    assert any("engine" in reason for reason in other.reasons["transcribe"])
