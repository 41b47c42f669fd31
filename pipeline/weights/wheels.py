"""Files of installed data-only packages: where they are, and whether they are what pip installed."""

from __future__ import annotations

import base64
import hashlib
from importlib.metadata import Distribution, distributions
from importlib.util import find_spec
from pathlib import Path

from pipeline.errors import ModelError


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
