"""Weights for openai-whisper, without it: CTranslate2's file read in numpy, and downloads that fail."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines.whisper import faster_weights, openai_weights
from pipeline.errors import ModelError
from pipeline.files import FileMemory
from pipeline.transcripts import transcribers
from pipeline.weights.catalog import WHISPER_BASE
from pipeline.workspace.config import TranscribeSettings
from pipeline.workspace.receipts import made_from
from pipeline.workspace.talks import Workspace
from tests.support.fake_server import FakeServer
from tests.support.helpers import call_program, load

NORM, LINEAR = ("weight", "bias"), ("weight", "bias")


def names_of_openai() -> set[str]:
    """The state dict of openai-whisper's base model, from its model.py."""
    names = {"decoder.token_embedding.weight"}
    names |= {f"encoder.{layer}.{kind}" for layer in ("conv1", "conv2", "ln_post") for kind in LINEAR}
    names |= {f"decoder.ln.{kind}" for kind in NORM}
    for part, attentions in (("encoder", ["attn"]), ("decoder", ["attn", "cross_attn"])):
        names.add(f"{part}.positional_embedding")
        for block in (f"{part}.blocks.{i}" for i in range(6)):
            names |= {f"{block}.{layer}.{kind}" for layer in ("mlp_ln", "mlp.0", "mlp.2") for kind in LINEAR}
            for attention in attentions:
                names |= {f"{block}.{attention}_ln.{kind}" for kind in NORM}
                names |= {
                    f"{block}.{attention}.{layer}.{kind}"
                    for layer in ("query", "key", "value", "out")
                    for kind in LINEAR
                    if (layer, kind) != ("key", "bias")
                }
    return names


def test_the_real_model_has_the_names_and_shapes_of_openai(whisper_dir: Path) -> None:
    found = openai_weights.read_ctranslate2(whisper_dir)
    assert found.dims == {
        "n_mels": 80, "n_vocab": 51865,
        "n_audio_ctx": 1500, "n_audio_state": 512, "n_audio_head": 8, "n_audio_layer": 6,
        "n_text_ctx": 448, "n_text_state": 512, "n_text_head": 8, "n_text_layer": 6,
    }  # fmt: skip
    assert set(found.state) == names_of_openai()
    shapes = {name: array.shape for name, array in found.state.items()}
    assert shapes["encoder.conv1.weight"] == (512, 80, 3)
    assert shapes["encoder.positional_embedding"] == (1500, 512)
    assert shapes["decoder.blocks.5.mlp.0.weight"] == (2048, 512)
    assert {shapes[name] for name in shapes if name.endswith((".key.weight", ".out.weight"))} == {(512, 512)}
    assert found.alignment == ((3, 1), (4, 2), (4, 3), (4, 7), (5, 1), (5, 2), (5, 4), (5, 6))
    sinusoids = found.state["encoder.positional_embedding"][7]  # known by formula: so the bytes are in place
    assert sinusoids[0] == pytest.approx(np.sin(7), abs=1e-3)
    assert sinusoids[256] == pytest.approx(np.cos(7), abs=1e-3)


def test_what_has_no_place_in_openai_is_zeros(whisper_dir: Path) -> None:
    """The biases of keys; so the fused layers are cut in the right order, too."""
    found = openai_weights.ctranslate2_variables(whisper_dir / "model.bin")
    for layer in (f"{part}/layer_{i}" for part in ("encoder", "decoder") for i in range(6)):
        query, key, value = np.split(found[f"{layer}/self_attention/linear_0/bias"], 3)
        assert query.any()
        assert not key.any()
        assert value.any()
    assert all(array.any() for array in openai_weights.read_ctranslate2(whisper_dir).state.values())


def mine(folder: Path, data: bytes, config: str = "{}") -> Path:
    (folder / "model.bin").write_bytes(data)
    (folder / "config.json").write_text(config)
    return folder


@pytest.mark.parametrize("size", [0, 3, 30, 100_000])
def test_half_a_model_is_refused(tmp_path: Path, whisper_dir: Path, size: int) -> None:
    with (whisper_dir / "model.bin").open("rb") as file:
        folder = mine(tmp_path, file.read(size))
    with pytest.raises(ModelError, match="not a Whisper model that CTranslate2 wrote") as caught:
        openai_weights.read_ctranslate2(folder)
    assert caught.value.file == folder / "model.bin"


def test_a_model_of_another_kind_is_refused(tmp_path: Path, whisper_dir: Path) -> None:
    data = (whisper_dir / "model.bin").read_bytes()
    with pytest.raises(ModelError, match="not a Whisper model"):
        openai_weights.read_ctranslate2(mine(tmp_path, data.replace(b"WhisperSpec", b"MarianmSpec", 1)))
    with pytest.raises(ModelError, match="not a Whisper model"):
        openai_weights.read_ctranslate2(mine(tmp_path, data, "[]"))


def test_a_quantised_model_is_refused(tmp_path: Path, whisper_dir: Path) -> None:
    data = bytearray((whisper_dir / "model.bin").read_bytes())
    name = b"decoder/layer_0/attention/linear_0/weight\0"
    kind = data.index(name) + len(name) + 1 + 2 * 4  # after the number of dimensions and two of them
    assert openai_weights.DTYPES[data[kind]] == "<f2"
    data[kind] = openai_weights.DTYPES.index("<i2")
    with pytest.raises(ModelError, match="neither float16 nor float32") as caught:
        openai_weights.read_ctranslate2(mine(tmp_path, bytes(data)))
    assert "--quantization float16" in caught.value.remedy


CONTENT = b"weights" * 1000


def address(server: FakeServer, content: bytes = CONTENT) -> str:
    return f"{server.url}/{hashlib.sha256(content).hexdigest()}/small.pt"


def answering(answer: Callable[[BaseHTTPRequestHandler], None]) -> FakeServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    return FakeServer(Handler)


def send(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(CONTENT)


def hang(handler: BaseHTTPRequestHandler) -> None:
    """Half of it, and then nothing more."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CONTENT)))
    handler.end_headers()
    handler.wfile.write(CONTENT[: len(CONTENT) // 2])
    handler.wfile.flush()
    time.sleep(3)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("TAKEAWAYS_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "whisper"


def test_a_download_is_verified_and_kept(cache: Path) -> None:
    with answering(send) as server:
        where = address(server)
        path = openai_weights.cached_file("small", where, fetch=True)
    assert path == cache / "small.pt"
    assert path.read_bytes() == CONTENT
    assert os.listdir(cache) == ["small.pt"]
    assert openai_weights.cached_file("small", where, fetch=True) == path  # from a server that is gone


def test_other_bytes_than_expected_are_not_kept(cache: Path) -> None:
    with answering(send) as server, pytest.raises(ModelError, match="another SHA-256"):
        openai_weights.cached_file("small", address(server, b"other"), fetch=True)
    assert not os.listdir(cache)


@pytest.mark.parametrize("answer", [hang, lambda handler: handler.send_error(404)], ids=["silent", "404"])
def test_a_server_that_does_not_give_it_is_an_error_soon(
    cache: Path, monkeypatch: pytest.MonkeyPatch, answer: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    monkeypatch.setattr(openai_weights, "CONNECT_SECONDS", 0.2)
    with answering(answer) as server, pytest.raises(ModelError, match="did not give it") as caught:
        openai_weights.cached_file("small", address(server), fetch=True)
    assert "Else use 'base', or the path of a .pt file" in caught.value.remedy
    assert not os.listdir(cache)


def test_without_a_network_the_remedy_is_named(cache: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    where = f"http://127.0.0.1:{port}/{'0' * 64}/small.pt"
    with pytest.raises(ModelError, match=r"refused.*doctor --fetch.*--set transcribe\.model=small"):
        openai_weights.cached_file("small", where, fetch=True)
    with pytest.raises(ModelError, match="not here yet"):
        openai_weights.cached_file("small", where, fetch=False)


def test_a_file_is_told_apart_by_its_bytes(tmp_path: Path) -> None:
    memory = FileMemory(tmp_path / "memory.json")
    path = tmp_path / "mine.pt"
    path.write_bytes(b"one")
    first = faster_weights.identity(str(path), memory)
    assert first.startswith("sha256:")
    path.write_bytes(b"two!")
    assert faster_weights.identity(str(path), memory) != first
    assert openai_weights.locate(str(path)) == path


def recording(root: Path, data: Path) -> Workspace:
    workspace = Workspace(root)
    workspace.inputs.mkdir()
    (workspace.inputs / "talk.flac").write_bytes((data / "jfk.flac").read_bytes())
    return workspace


def test_a_receipt_tells_the_engines_apart(tmp_path: Path, data: Path) -> None:
    """And says of faster-whisper what it always did, or all transcripts that there are would be stale."""
    workspace = recording(tmp_path, data)
    default = load(workspace, "talk.flac")
    digest = WHISPER_BASE.digest
    assert made_from(transcribers.receipt(default)).keys() == {"facts.glossary", "model"}
    assert default.settings.transcribe.receipt() == {"model": "base", "beam_size": 5, "batch_size": 4}
    (workspace.inputs / "talk.toml").write_text('[transcribe]\nengine = "whisper"\n')
    other = load(workspace, "talk.flac")
    steering = made_from(transcribers.receipt(other))
    assert (steering["engine"], steering["model"]) == ("whisper", digest)
    assert other.settings.transcribe.receipt() == {"model": "base", "beam_size": 5}


@pytest.mark.skipif(find_spec("whisper") is not None, reason="the extra is installed")
def test_without_the_extra_the_command_that_installs_it_is_named(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = recording(tmp_path, data)
    code, out, err = call_program(
        workspace, monkeypatch, capsys, "run", "inputs/talk.flac", "--set", "transcribe.engine=whisper"
    )
    assert code == 1
    assert "Run: pip install 'takeaways[whisper]'" in out + err
    assert "Traceback" not in out + err
    with pytest.raises(ModelError, match="openai-whisper is not installed"):
        transcribers.locate_weights(TranscribeSettings(engine="whisper"), fetch=False)
