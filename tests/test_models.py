from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from pipeline import catalog, models
from pipeline.digests import Memory, digest_file
from pipeline.engines import WEIGHTS
from pipeline.errors import ModelError


def test_bundled_weights_are_the_ones_named() -> None:
    for name, sha256 in catalog.BUNDLED.items():
        assert digest_file(WEIGHTS / name) == f"sha256:{sha256}"


def test_a_damaged_file_in_the_cache_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAKEAWAYS_CACHE", str(tmp_path))
    model = models.locate("minilm") / "model.onnx"
    model.write_bytes(model.read_bytes()[:-1] + b"?")
    assert digest_file(models.locate("minilm") / "model.onnx") == f"sha256:{catalog.MINILM.files[0].sha256}"
    assert [path.name for path in model.parent.iterdir() if path.suffix == ".tmp"] == []


def test_bytes_with_another_hash_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAKEAWAYS_CACHE", str(tmp_path))
    wrong = dataclasses.replace(catalog.MINILM.files[0], sha256="0" * 64)
    monkeypatch.setattr(models, "MODELS", (dataclasses.replace(catalog.MINILM, files=(wrong,)),))
    with pytest.raises(ModelError, match="is not the expected 0000") as caught:
        models.locate("minilm")
    assert "pip install" in caught.value.remedy
    assert not list(tmp_path.rglob("*.onnx"))


def test_without_wheel_and_hub_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAKEAWAYS_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    absent = dataclasses.replace(catalog.WHISPER_BASE.files[0], parts=(("no_such_package", "model.bin"),))
    monkeypatch.setattr(models, "MODELS", (dataclasses.replace(catalog.WHISPER_BASE, files=(absent,)),))
    with pytest.raises(ModelError, match=r"model\.bin, 145 MB.* is not on this machine"):
        models.locate("whisper-base")


def test_an_unknown_whisper_size_is_refused_by_name() -> None:
    with pytest.raises(ModelError, match="'enormous' is neither a folder nor a known size") as caught:
        models.locate_whisper("enormous")
    assert "large-v3" in caught.value.remedy


def test_a_model_folder_is_told_apart_by_its_bytes(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "memory.json")
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.bin").write_bytes(b"one")
    first = models.whisper_identity(str(folder), memory)
    (folder / "model.bin").write_bytes(b"two!")
    assert models.whisper_identity(str(folder), memory) != first
    assert models.whisper_identity("base", memory) == catalog.WHISPER_BASE.digest
    assert models.whisper_identity("small", memory) == "small"
