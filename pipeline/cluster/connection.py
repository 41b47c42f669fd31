"""The connection to a Dask cluster, the marker file that workers look for, and Dask's errors explained."""

from __future__ import annotations

import asyncio
import logging
import secrets
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.errors import ClusterError
from pipeline.workspace.state import private_tree, runs

TIMEOUT_SECONDS = 10  # also for the first connection to the scheduler
CLOSE_SECONDS = 3
RESUME_HINT = "Finished stages are kept; run again to go on."


@contextmanager
def connected_client(address: str) -> Iterator[Any]:
    """A distributed.Client of the scheduler at `address`. Raises ClusterError if none answers."""
    try:
        import distributed
        from distributed.versions import VersionMismatchWarning
    except ModuleNotFoundError as error:
        raise ClusterError(
            "a run on a Dask cluster needs the package distributed",
            remedy='Install it: pip install "takeaways[dask]"; or run without --dask.',
        ) from error
    for name in ("distributed", "tornado", *logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado"):  # we report the errors that matter
            logger = logging.getLogger(name)
            logger.handlers, logger.propagate = [logging.NullHandler()], False
    warnings.simplefilter("ignore", VersionMismatchWarning)
    client_class: Any = distributed.Client
    try:
        # A client that fails to connect stays half open, and can deadlock the next one when it is collected.
        asyncio.run(_reach(address))
        client = client_class(address, timeout=TIMEOUT_SECONDS, set_as_default=False, name="takeaways")
    except Exception as error:
        local_versions = ", ".join(f"{name} {version(name)}" for name in ("dask", "distributed"))
        problem = str(error) if isinstance(error, ImportError) else "no Dask scheduler answers there"
        raise ClusterError(
            f"{problem} (here: {local_versions})",
            file=address,
            remedy="Start one (dask scheduler), mend the address (tcp://HOST:8786), or run without --dask.",
        ) from error
    try:
        yield client
    finally:
        with suppress(Exception):  # nothing is lost: all results are on disk
            client.close(timeout=CLOSE_SECONDS)


async def _reach(address: str) -> None:
    """Connect to whatever listens at an address, and hang up. Raises OSError, ValueError (no address)."""
    import distributed

    library: Any = distributed
    arguments = library.Security().get_connection_args("client")
    connection = await library.comm.connect(address, timeout=TIMEOUT_SECONDS, **arguments)
    connection.abort()


@contextmanager
def run_marker(root: Path) -> Iterator[Path]:
    """A file that exists as long as this run; a worker that sees it shares our folder. Raises OSError."""
    marker = runs(root) / secrets.token_hex(16)
    try:
        private_tree(root).write(marker, b"")
        yield marker
    finally:
        private_tree(root).remove(marker)


def version_differences(client: Any) -> str:
    """The packages whose versions differ on the scheduler; "" if none do, or if it does not answer."""
    from distributed.versions import get_versions

    try:
        remote = client.sync(client.scheduler.versions, callback_timeout=TIMEOUT_SECONDS)["packages"]
    except Exception:
        return ""
    local = get_versions()["packages"]
    differences = [
        f"{name} {_short_version(remote.get(name))} (here {_short_version(local.get(name))})"
        for name in ("python", "dask", "distributed")
        if _short_version(remote.get(name)) != _short_version(local.get(name))
    ]
    return ", ".join(differences)


def _short_version(full_version: object) -> str:
    return str(full_version).removesuffix(".final.0")


def explain_lost_task(error: BaseException) -> str:
    """Why Dask gave up on a task."""
    from distributed.scheduler import KilledWorker

    if isinstance(error, KilledWorker):
        deaths = error.allowed_failures + 1
        return (
            f"{deaths} worker{'s' if deaths > 1 else ''} died while working on this talk, probably for want "
            "of memory. Give each worker more of it, run fewer on a machine, or use a smaller model. "
            f"{RESUME_HINT}"
        )
    return f"the cluster could not do it ({type(error).__name__}: {error}). Look into the workers' logs."
