"""A cluster whose every connection is encrypted, and whose every member shows a certificate."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.helpers import panel
from tests.support.stopped import call

pytest.importorskip("distributed")
_MEMBERS = ("SCHEDULER", "WORKER", "CLIENT")


@pytest.fixture
def certificate(tmp_path: Path) -> dict[str, str]:
    """The environment of a member: one certificate of our own, shown by all and known to all."""
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "cert.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=takeaways",
         "-keyout", key, "-out", certificate], check=True, capture_output=True,
    )  # fmt: skip
    variables = {"REQUIRE_ENCRYPTION": "true", "TLS__CA_FILE": certificate}
    variables |= {f"TLS__{member}__CERT": certificate for member in _MEMBERS}
    variables |= {f"TLS__{member}__KEY": key for member in _MEMBERS}
    return {f"DASK_DISTRIBUTED__COMM__{name}": value for name, value in variables.items()}


@pytest.fixture
def scheduler(tmp_path: Path, certificate: dict[str, str]) -> Iterator[str]:
    """The address of a scheduler with one worker."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tls://127.0.0.1:{free.getsockname()[1]}"
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", address, "--no-dashboard"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
    members = [
        subprocess.Popen(
            command, cwd=tmp_path, env=os.environ | certificate,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for command in (dask, [*worker, "--no-dashboard"])
    ]  # fmt: skip
    yield address
    for member in members:
        member.kill()
        member.wait()


def test_a_cluster_with_tls_is_for_those_who_have_its_certificate(
    tmp_path: Path, certificate: dict[str, str], scheduler: str
) -> None:
    place = panel(tmp_path / "place")
    for _ in range(20):  # the scheduler takes a second or two to listen
        done = call(place.root, "run", "inputs", "--dask", scheduler, **certificate)
        if "no Dask scheduler answers" not in done.stderr:
            break
    assert done.returncode == 0, done.stderr
    assert (place.outputs / "panel" / "post.html").is_file()
    stranger = call(place.root, "run", "inputs", "--force", "--dask", scheduler)
    assert stranger.returncode == 1
    assert "no Dask scheduler answers" in stranger.stderr
    unencrypted = scheduler.replace("tls:", "tcp:")
    assert call(place.root, "run", "inputs", "--force", "--dask", unencrypted, **certificate).returncode == 1
