"""Whether openai-whisper is installed, and its weights: pinned ones, a file, or those that it publishes."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from urllib.request import urlopen

from pipeline.digests import digest_file
from pipeline.engines.openai_client import CONNECT_SECONDS
from pipeline.errors import ModelError
from pipeline.weights import fetching, models


def locate(model: str, fetch: bool = True) -> Path:
    """A .pt file, or the folder of a CTranslate2 model: a path, a pinned size, or a name of openai-whisper's.

    Needs the extra only for the last. A pinned size is fetched whatever `fetch` says.
    Raises ModelError if there is no such model, or if it cannot be had.
    """
    if models.is_path(model) and Path(model).exists():
        return Path(model)
    if models.known(f"whisper-{model}"):
        return models.locate(f"whisper-{model}")
    import whisper

    if model not in whisper.available_models():
        raise ModelError(
            f"transcribe.model = '{model}' is neither a file, a folder nor a known size",
            remedy="Give a .pt file of openai-whisper, the folder of a CTranslate2 model, or one of: "
            f"{', '.join(whisper.available_models())}.",
        )
    return cached_file(model, whisper._MODELS[model], fetch)


def cached_file(model: str, url: str, fetch: bool) -> Path:
    """openai-whisper's own file in its own cache, where other programs that use it may have put it already.

    Its `load_model` would wait for a silent server forever, print, and leave a partial file if interrupted;
    hence the download here. The last folder of the URL is the SHA-256. Raises ModelError.
    """
    *_, sha256, name = url.split("/")
    cache = models.cache_folder()
    target = (cache if os.environ.get("TAKEAWAYS_CACHE") else cache.parent) / "whisper" / name
    if target.is_file() and digest_file(target) == f"sha256:{sha256}":
        return target
    if not fetch:
        raise _missing(model, "not here yet")
    temporary = target.with_name(f".{name}.{secrets.token_hex(4)}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if fetching.write_and_digest(_download(model, url), temporary) != sha256:
            raise _missing(model, f"what was sent has another SHA-256 than the expected {sha256}")
        os.replace(temporary, target)
    except OSError as error:
        raise ModelError(
            f"the Whisper model '{model}' cannot be stored ({error.strerror})",
            file=target,
            remedy="Free some disk space, or set TAKEAWAYS_CACHE to a folder that can be written.",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _download(model: str, url: str) -> Iterator[bytes]:
    """The file in chunks. A server that is silent for longer than CONNECT_SECONDS counts as absent."""
    try:
        with urlopen(url, timeout=CONNECT_SECONDS) as response:
            while chunk := response.read(1 << 20):
                yield chunk
    except (OSError, HTTPException) as error:
        raise _missing(
            model, f"its server did not give it ({getattr(error, 'reason', None) or error})"
        ) from error


def _missing(model: str, why: str) -> ModelError:
    return ModelError(
        f"the Whisper model '{model}' of openai-whisper is not on this machine: {why}",
        remedy=f"With a network: takeaways doctor --fetch --set transcribe.engine=whisper "
        f"--set transcribe.model={model}. Else use 'base', or the path of a .pt file.",
    )


def require_installed() -> None:
    """Raises ModelError if the extra is missing."""
    if find_spec("whisper") is None or find_spec("torch") is None:
        raise ModelError(
            "openai-whisper is not installed, which transcribe.engine = 'whisper' runs",
            remedy="Run: pip install 'takeaways[whisper]'",
        )
