"""The way to a Dask cluster: a connection, a sign of life that workers can see, and trouble in our words."""

from __future__ import annotations

import logging
import secrets
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.errors import ClusterError
from pipeline.files import write_atomically
from pipeline.workspace.state import runs

CONNECT = 10  # seconds to wait for the scheduler, and for any answer of it
CLOSE = 3  # seconds to say goodbye
KEPT = "Finished stages are kept; run again to go on."


@contextmanager
def connected(address: str) -> Iterator[Any]:
    try:
        import distributed
        from distributed.versions import VersionMismatchWarning
    except ModuleNotFoundError as error:
        raise ClusterError(
            "a run on a Dask cluster needs the package distributed",
            remedy='Install it: pip install "takeaways[dask]"; or run without --dask.',
        ) from error
    for name in ("distributed", "tornado", *logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado"):  # what matters is told in our words
            logger = logging.getLogger(name)
            logger.handlers, logger.propagate = [logging.NullHandler()], False
    warnings.simplefilter("ignore", VersionMismatchWarning)
    connect: Any = distributed.Client
    try:
        client = connect(address, timeout=CONNECT, set_as_default=False, name="takeaways")
    except Exception as error:
        own = ", ".join(f"{name} {version(name)}" for name in ("dask", "distributed"))
        why = str(error) if isinstance(error, ImportError) else "no Dask scheduler answers there"
        raise ClusterError(
            f"{why} (here: {own})",
            file=address,
            remedy="Start one (dask scheduler), mend the address (tcp://HOST:8786), or run without --dask.",
        ) from error
    try:
        yield client
    finally:
        with suppress(Exception):  # nothing is lost: what matters is on disk
            client.close(timeout=CLOSE)


@contextmanager
def sign_of_life(root: Path) -> Iterator[Path]:
    """A file that is there as long as this run; a worker that sees it has the same folder. Raises OSError."""
    marker = runs(root) / secrets.token_hex(16)
    try:
        write_atomically(marker, b"")
        yield marker
    finally:
        marker.unlink(missing_ok=True)


def other_versions(client: Any) -> str:
    """What the scheduler has in other versions than are here; "" if nothing, or if it does not say."""
    from distributed.versions import get_versions

    try:
        there = client.sync(client.scheduler.versions, callback_timeout=CONNECT)["packages"]
    except Exception:
        return ""
    here = get_versions()["packages"]
    differ = [
        f"{name} {_short(there.get(name))} (here {_short(here.get(name))})"
        for name in ("python", "dask", "distributed")
        if _short(there.get(name)) != _short(here.get(name))
    ]
    return ", ".join(differ)


def _short(version: object) -> str:
    return str(version).removesuffix(".final.0")


def lost(error: BaseException) -> str:
    """Why Dask gave a task up."""
    from distributed.scheduler import KilledWorker

    if isinstance(error, KilledWorker):
        died = error.allowed_failures + 1
        return (
            f"{died} worker{'s' if died > 1 else ''} died while working on this talk, probably for want of "
            f"memory. Give each worker more of it, run fewer on a machine, or use a smaller model. {KEPT}"
        )
    return f"the cluster could not do it ({type(error).__name__}: {error}). Look into the workers' logs."
