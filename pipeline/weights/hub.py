"""The Hugging Face Hub: whether it answers, and its files, verified and fetched again if they are damaged.

Its client keeps each file under the digest that the Hub promised, so what is here can be verified without a
network and without knowing the model.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from pathlib import Path
from typing import NoReturn

from pipeline import errors
from pipeline.digests import Memory
from pipeline.errors import ModelError

SECONDS = 5.0  # a hub that does not answer by then counts as absent
NEEDED = ("model.bin", "config.json", "tokenizer.json")  # of a Whisper model
_ASKED = "api/models/Systran/faster-whisper-base"  # some model: whether the Hub answers is what is asked
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS)
_OWN = ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME")


def cache(folder: Path) -> Path:
    """Where the Hub's client keeps files: its usual place; hub/ in our own cache `folder` where that was
    chosen with TAKEAWAYS_CACHE and no place of the Hub's.
    """
    from huggingface_hub import constants

    if os.environ.get("TAKEAWAYS_CACHE") and not any(os.environ.get(name) for name in _OWN):
        return folder / "hub"
    return Path(constants.HF_HUB_CACHE)


def greet() -> str:
    """Whether the Hub answers (HF_ENDPOINT, if that is set), in words. Raises ModelError if it does not."""
    from huggingface_hub import constants, get_session

    where = constants.ENDPOINT
    if constants.HF_HUB_OFFLINE:
        raise ModelError(
            "the Hugging Face Hub is not asked: HF_HUB_OFFLINE is set", remedy="Unset it to fetch models."
        )
    try:
        reply = get_session().get(f"{where}/{_ASKED}", timeout=SECONDS)
    except Exception as error:  # of whichever HTTP client it has
        why = errors.cause(error) or f"{type(error).__name__}: {str(error)[:160]}"
        raise ModelError(
            f"the Hugging Face Hub cannot be reached ({why})",
            file=where,
            remedy="Check the network; HF_ENDPOINT names another hub, HTTPS_PROXY a proxy.",
        ) from error
    if (errors.is_page(reply.text) and reply.status_code < 400) or reply.status_code == 511:
        raise ModelError(
            "the Hugging Face Hub answers, but with a web page (is there a login page in between?)",
            file=where,
            remedy="Open that address in a browser and log in to the network, then run again.",
        )
    if reply.status_code >= 500:
        what = f"the Hugging Face Hub fails with {reply.status_code}"
        raise ModelError(what, file=where, remedy="Wait, and run again.")
    return f"{where} answers"


def file(repo: str, revision: str | None, name: str, folder: Path) -> Path:
    """A file of a repository, fetched if it is not in the Hub's cache. Raises ModelError."""
    from huggingface_hub import hf_hub_download, try_to_load_from_cache
    from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]

    known = try_to_load_from_cache(repo, name, cache_dir=cache(folder), revision=revision)
    if isinstance(known, str) and Path(known).is_file():
        return Path(known)
    greet()
    disable_progress_bars()  # a library prints nothing
    try:
        return Path(
            hf_hub_download(repo, name, revision=revision, cache_dir=cache(folder), etag_timeout=SECONDS)
        )
    except Exception as error:  # the client has no common base for "no network" and "no such file"
        explain(error, f"{name} of {repo}", cache(folder))


def damaged(snapshot: Path, memory: Memory, anew: bool = False) -> list[str]:
    """Files of a Whisper model in the Hub's cache that are missing or not what the Hub promised, by name."""
    names = {path.name for path in snapshot.iterdir()} | set(NEEDED)
    return sorted(name for name in names if not _whole(snapshot / name, memory, anew))


def _whole(path: Path, memory: Memory, anew: bool) -> bool:
    """A file is a link to one that has its digest for a name: SHA-256, or Git's own for small ones."""
    if not path.is_file():
        return False
    promised = Path(os.readlink(path)).name if path.is_symlink() else ""
    if re.fullmatch(r"[0-9a-f]{40}", promised):
        data = path.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest() == promised
    if not re.fullmatch(r"[0-9a-f]{64}", promised):
        return True  # nothing is known of it
    if anew:
        memory.forget(path)
    found = memory.digest(path)
    return found == f"sha256:{promised}"


def forget(path: Path) -> None:
    """Remove a file from the Hub's cache, with all that it is a link to, so that it is fetched again.

    Raises OSError.
    """
    if path.is_symlink():
        forget(path.parent / os.readlink(path))
    path.unlink(missing_ok=True)


def explain(error: Exception, what: str, place: Path) -> NoReturn:
    """Say why the Hub did not give something that was to be kept at `place`. Raises ModelError."""
    for one in errors.chain(error):
        if isinstance(one, OSError) and one.errno in _FULL:
            raise ModelError(
                f"{what} cannot be stored ({one.strerror})",
                file=place,
                remedy="Free some disk space, or set HF_HOME to a folder that can be written.",
            ) from error
    why = errors.cause(error) or type(error).__name__
    raise ModelError(
        f"the Hugging Face Hub did not give {what} ({why})",
        remedy="Check the network and run again: what has come is kept.",
    ) from error
