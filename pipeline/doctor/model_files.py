"""Checks of models. One with a known digest is read whole; of a user's own only the presence is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from pipeline.digests import digest_file
from pipeline.doctor.machine import Check, run_check
from pipeline.engines.whisper import faster_weights, openai_weights
from pipeline.errors import ModelError
from pipeline.takeaways.writers import choose
from pipeline.weights import BUNDLED, catalog, models
from pipeline.weights.catalog import Model
from pipeline.workspace.config import Settings, TranscribeSettings

Notify = Callable[[str], None]
FETCH_REMEDY = "Run: takeaways doctor --fetch, with the same settings"


def checks(settings: Settings, fetch: bool, notify: Notify) -> Iterator[Check]:
    """Check every model that the settings need; with `fetch`, download those that are missing or damaged."""
    for name, sha256 in catalog.BUNDLED.items():
        yield run_check(name, partial(_check_bundled, name, sha256))
    yield run_check(catalog.MINILM.name, lambda: _check_pinned(catalog.MINILM, fetch, notify))
    if settings.transcribe.engine == "whisper":
        yield run_check("openai-whisper", lambda: _check_openai_whisper(settings.transcribe, fetch, notify))
    elif settings.transcribe.engine == "faster-whisper":
        size = settings.transcribe.model
        model = models.known(f"whisper-{size}")
        name = model.name if model else f"whisper {size}"
        yield run_check(
            name,
            lambda: (
                _check_pinned(model, fetch, notify) if model else _check_faster_whisper(size, fetch, notify)
            ),
        )
    if choose(settings.extract).kind == "local":
        yield run_check("language model", lambda: _check_gguf(settings.extract.model, fetch, notify))


def _check_bundled(name: str, sha256: str) -> str:
    path = BUNDLED / name
    if not path.is_file() or digest_file(path) != f"sha256:{sha256}":
        problem = "changed" if path.is_file() else "missing"
        raise ModelError(f"it is {problem}", file=path, remedy="Install takeaways again.")
    return f"{_format_size(path.stat().st_size)}, SHA-256 {sha256[:12]}…"


def _check_pinned(model: Model, fetch: bool, notify: Notify) -> str:
    size = sum(file.size for file in model.files)
    damage = models.find_damage(model)
    if damage and not fetch:
        raise ModelError(f"{model.name} is damaged: {damage[1]}", file=damage[0], remedy=FETCH_REMEDY)
    if not fetch and not models.is_available_offline(model):
        raise ModelError(f"not here yet ({_format_size(size)})", remedy=FETCH_REMEDY)
    if damage or not models.is_available_offline(model):
        notify(f"getting {model.name} ({_format_size(size)}) …")
    while damage:  # or `locate` would trust that it was verified once
        damage[0].unlink()
        damage = models.find_damage(model)
    return f"{models.locate(model.name)}, {_format_size(size)}, {model.licence}, SHA-256 as it should be"


def _check_faster_whisper(size: str, fetch: bool, notify: Notify) -> str:
    try:
        folder = faster_weights.locate(size, fetch=False, reread=True)
    except ModelError:
        if not fetch:
            raise
        notify(f"getting whisper {size} …")
        folder = faster_weights.locate(size, reread=True)
    total_bytes = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    return f"{folder}, {_format_size(total_bytes)}"


def _check_openai_whisper(settings: TranscribeSettings, fetch: bool, notify: Notify) -> str:
    openai_weights.require_installed()
    if pinned := models.known(f"whisper-{settings.model}"):
        return _check_pinned(pinned, fetch, notify)
    if fetch:
        notify(f"getting whisper {settings.model} …")
    return str(openai_weights.locate(settings.model, fetch))


def _check_gguf(name: str | None, fetch: bool, notify: Notify) -> str:
    model = models.resolve_gguf(name)
    if isinstance(model, Model):
        return f"{model.name}: {_check_pinned(model, fetch, notify)}"
    return f"{model}, {_format_size(model.stat().st_size)}, {_check_gguf_magic(model)}"


def _check_gguf_magic(path: Path) -> str:
    """A user's own model has no known digest, so check GGUF's magic bytes. Raises ModelError."""
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ModelError("this is no GGUF file", file=path, remedy="Download or convert it again.")
    return "a GGUF of your own: what its SHA-256 should be is not known here"


def _format_size(bytes_: int) -> str:
    return f"{bytes_ / 1e9:.1f} GB" if bytes_ >= 1e9 else f"{bytes_ / 1e6:.1f} MB"
