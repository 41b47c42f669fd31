"""The Hugging Face Hub: whether it answers, and its files, verified and fetched again if damaged.

Its client stores each file under the digest that the Hub promised, so cached files can be verified without a
network and without knowing the model.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from pathlib import Path
from typing import Any, NoReturn

from pipeline import errors
from pipeline.errors import ModelError
from pipeline.files import FileMemory
from pipeline.weights import bounded_http
from pipeline.weights.bounded_http import Deadline, TooLongError

TIMEOUT_SECONDS = 5.0  # a hub that does not answer by then counts as unreachable
WHISPER_FILES = ("model.bin", "config.json", "tokenizer.json")  # without which a Whisper model is incomplete
_PROBE_PATH = "api/models/Systran/faster-whisper-base"  # any model will do: it only has to answer
_STORAGE_ERRNOS = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS)
_HUB_CACHE_VARIABLES = ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME")


def cache_folder(folder: Path) -> Path:
    """Where the Hub's client keeps files: its usual place, or hub/ in our own cache `folder`.

    The latter if TAKEAWAYS_CACHE is set and none of the Hub's own variables is.
    """
    from huggingface_hub import constants

    if os.environ.get("TAKEAWAYS_CACHE") and not any(os.environ.get(name) for name in _HUB_CACHE_VARIABLES):
        return folder / "hub"
    return Path(constants.HF_HUB_CACHE)


def check_reachable() -> str:
    """Return "… answers" if the Hub (or HF_ENDPOINT, if set) does. Raises ModelError if it does not."""
    from huggingface_hub import constants

    endpoint = constants.ENDPOINT
    if constants.HF_HUB_OFFLINE:
        raise ModelError(
            "the Hugging Face Hub is not asked: HF_HUB_OFFLINE is set", remedy="Unset it to fetch models."
        )
    try:
        status, body = _probe(f"{endpoint}/{_PROBE_PATH}")
    except Exception as error:  # depends on which HTTP client it uses
        words = f"{type(error).__name__}: {errors.printable(str(error))[:160]}"
        if isinstance(error, TooLongError):
            words = f"its answer is {error}"
        raise ModelError(
            f"the Hugging Face Hub cannot be reached ({errors.cause(error) or words})",
            file=endpoint,
            remedy="Check the network; HF_ENDPOINT names another hub, HTTPS_PROXY a proxy.",
        ) from error
    if (errors.is_page(body) and status < 400) or status == 511:
        raise ModelError(
            "the Hugging Face Hub answers, but with a web page (is there a login page in between?)",
            file=endpoint,
            remedy="Open that address in a browser and log in to the network, then run again.",
        )
    if status >= 500:
        problem = f"the Hugging Face Hub fails with {status}"
        raise ModelError(problem, file=endpoint, remedy="Wait, and run again.")
    return f"{endpoint} answers"


def _probe(url: str) -> tuple[int, str]:
    """Status and body of the answer. Raises TooLongError, TimeoutError, and what the Hub's client raises."""
    from huggingface_hub import get_session

    with Deadline(2 * TIMEOUT_SECONDS) as deadline:
        options: dict[str, Any] = {"headers": bounded_http.CLOSING, "extensions": {"trace": deadline.trace}}
        try:
            with get_session().stream("GET", url, timeout=TIMEOUT_SECONDS, **options) as reply:
                body = bounded_http.read(reply.iter_bytes()).decode("utf-8", "replace")
        except Exception as error:
            if deadline.has_passed:
                raise TimeoutError from error
            raise
    if deadline.has_passed:  # it ended the answer, which has no length of its own
        raise TimeoutError
    return reply.status_code, body


def fetch_file(repo: str, revision: str | None, name: str, folder: Path) -> Path:
    """The path of a repository's file, fetched if it is not in the Hub's cache. Raises ModelError."""
    from huggingface_hub import hf_hub_download, try_to_load_from_cache
    from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]

    cached = try_to_load_from_cache(repo, name, cache_dir=cache_folder(folder), revision=revision)
    if isinstance(cached, str) and Path(cached).is_file():
        return Path(cached)
    check_reachable()
    disable_progress_bars()  # a library should not print
    try:
        return Path(
            hf_hub_download(
                repo, name, revision=revision, cache_dir=cache_folder(folder), etag_timeout=TIMEOUT_SECONDS
            )
        )
    except Exception as error:  # the client has no common base for "no network" and "no such file"
        raise_fetch_error(error, f"{name} of {repo}", cache_folder(folder))


def damaged_files(snapshot: Path, memory: FileMemory, reread: bool = False) -> list[str]:
    """Names of a Whisper model's files in the Hub's cache that are missing or not what the Hub promised."""
    names = {path.name for path in snapshot.iterdir()} | set(WHISPER_FILES)
    return sorted(name for name in names if not _is_intact(snapshot / name, memory, reread))


def _is_intact(path: Path, memory: FileMemory, reread: bool) -> bool:
    """Whether a file matches the name of its link's target: its SHA-256, or Git's SHA-1 for small files."""
    if not path.is_file():
        return False
    promised = Path(os.readlink(path)).name if path.is_symlink() else ""
    if re.fullmatch(r"[0-9a-f]{40}", promised):
        data = path.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest() == promised
    if not re.fullmatch(r"[0-9a-f]{64}", promised):
        return True  # its digest is unknown
    if reread:
        memory.forget(path)
    digest = memory.digest(path)
    return digest == f"sha256:{promised}"


def remove(path: Path) -> None:
    """Remove a file from the Hub's cache, with everything it links to, so that it is fetched again.

    Raises OSError.
    """
    if path.is_symlink():
        remove(path.parent / os.readlink(path))
    path.unlink(missing_ok=True)


def raise_fetch_error(error: Exception, wanted: str, folder: Path) -> NoReturn:
    """Say why the Hub did not deliver `wanted`, which was to be stored in `folder`. Raises ModelError."""
    for cause in errors.chain(error):
        if isinstance(cause, OSError) and cause.errno in _STORAGE_ERRNOS:
            raise ModelError(
                f"{wanted} cannot be stored ({cause.strerror})",
                file=folder,
                remedy="Free some disk space, or set HF_HOME to a folder that can be written.",
            ) from error
    reason = errors.cause(error) or type(error).__name__
    raise ModelError(
        f"the Hugging Face Hub did not give {wanted} ({reason})",
        remedy="Check the network and run again: what has come is kept.",
    ) from error
