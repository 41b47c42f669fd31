"""Models: the bundled, the pinned and those that settings name. Every byte is read and compared by digest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from pipeline.digests import digest_file
from pipeline.doctor.check import Check, tried
from pipeline.engines.whisper import faster_weights
from pipeline.errors import ModelError
from pipeline.takeaways.writers import choose
from pipeline.weights import BUNDLED, catalog, models
from pipeline.weights.catalog import Model
from pipeline.workspace.config import Settings, TranscribeSettings

Told = Callable[[str], None]
FETCH = "Run: takeaways doctor --fetch, with the same settings"


def checks(settings: Settings, fetch: bool, told: Told) -> Iterator[Check]:
    """Every model that the settings need; with `fetch` what is missing or damaged is got."""
    for name, sha256 in catalog.BUNDLED.items():
        yield tried(name, partial(_bundled, name, sha256))
    yield tried(catalog.MINILM.name, lambda: _pinned(catalog.MINILM, fetch, told))
    if settings.transcribe.engine == "whisper":
        yield tried("openai-whisper", lambda: _reference(settings.transcribe, fetch, told))
    elif settings.transcribe.engine == "faster-whisper":
        size = settings.transcribe.model
        known = models.known(f"whisper-{size}")
        name = known.name if known else f"whisper {size}"
        yield tried(name, lambda: _pinned(known, fetch, told) if known else _whisper(size, fetch, told))
    if choose(settings.extract).kind == "local":
        yield tried("language model", lambda: _gguf(settings.extract.model, fetch, told))


def _bundled(name: str, sha256: str) -> str:
    path = BUNDLED / name
    if not path.is_file() or digest_file(path) != f"sha256:{sha256}":
        what = "changed" if path.is_file() else "missing"
        raise ModelError(f"it is {what}", file=path, remedy="Install takeaways again.")
    return f"{_size(path.stat().st_size)}, SHA-256 {sha256[:12]}…"


def _pinned(model: Model, fetch: bool, told: Told) -> str:
    size = sum(file.size for file in model.files)
    spoilt = models.spoilt(model)
    if spoilt and not fetch:
        raise ModelError(f"{model.name} is damaged: {spoilt[1]}", file=spoilt[0], remedy=FETCH)
    if not fetch and not models.is_here(model):
        raise ModelError(f"not here yet ({_size(size)})", remedy=FETCH)
    if spoilt or not models.is_here(model):
        told(f"getting {model.name} ({_size(size)}) …")
    while spoilt:  # whatever was once known of it
        spoilt[0].unlink()
        spoilt = models.spoilt(model)
    return f"{models.locate(model.name)}, {_size(size)}, {model.licence}, SHA-256 as it should be"


def _whisper(size: str, fetch: bool, told: Told) -> str:
    try:
        folder = faster_weights.locate(size, fetch=False, anew=True)
    except ModelError:
        if not fetch:
            raise
        told(f"getting whisper {size} …")
        folder = faster_weights.locate(size, anew=True)
    taken = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    return f"{folder}, {_size(taken)}"


def _reference(settings: TranscribeSettings, fetch: bool, told: Told) -> str:
    from pipeline.transcripts import transcribers

    if fetch:
        told(f"getting whisper {settings.model} …")
    return str(transcribers.located(settings, fetch))


def _gguf(name: str | None, fetch: bool, told: Told) -> str:
    found = models.gguf(name)
    if isinstance(found, Model):
        return f"{found.name}: {_pinned(found, fetch, told)}"
    return f"{found}, {_size(found.stat().st_size)}, {_looked_at(found)}"


def _looked_at(path: Path) -> str:
    """A model of one's own has no known digest, but a mark at its beginning. Raises ModelError."""
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ModelError("this is no GGUF file", file=path, remedy="Download or convert it again.")
    return "a GGUF of your own: what its SHA-256 should be is not known here"


def _size(bytes_: int) -> str:
    return f"{bytes_ / 1e9:.1f} GB" if bytes_ >= 1e9 else f"{bytes_ / 1e6:.1f} MB"
