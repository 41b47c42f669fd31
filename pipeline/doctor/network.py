"""Checks of what lies beyond this machine: only the servers that the settings need, and the API key."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pipeline.digests import FileMemory
from pipeline.doctor.machine import Check, run_check
from pipeline.engines.openai_client import check_model
from pipeline.engines.whisper import faster_weights
from pipeline.errors import ModelError, TakeawaysError
from pipeline.takeaways import writers
from pipeline.weights import hub, models
from pipeline.weights.catalog import Model
from pipeline.workspace import api_keys
from pipeline.workspace.api_keys import OPENAI
from pipeline.workspace.config import Settings


def checks(settings: Settings, fetch: bool) -> Iterator[Check]:
    """Check the Hub if a model must still be downloaded, each server that is configured, and the API key.

    With `fetch` the Hub is not checked: the download that was just tried has already reported on it.
    """
    is_writer_remote = writers.choose(settings.extract).kind == "openai"
    is_transcriber_remote = settings.transcribe.engine == "openai"
    needs_hub = _needs_hub(settings)
    if needs_hub and not fetch:
        yield run_check("network", hub.check_reachable)
    if not (needs_hub or is_writer_remote or is_transcriber_remote):
        yield Check("network", True, "not needed: nothing leaves this machine")
    if is_writer_remote:
        yield run_check("language model", lambda: _greet_writer(settings))
    if is_transcriber_remote:
        yield run_check("transcriber", lambda: _greet_transcriber(settings))
    yield _check_key(settings, is_writer_remote, is_transcriber_remote)


def _needs_hub(settings: Settings) -> bool:
    """Whether a model that the settings need is missing, and can be downloaded from the Hub only."""
    size = settings.transcribe.model
    models_needed: list[Path | Model | None] = []
    try:
        models.cache_folder()
        if settings.transcribe.engine == "faster-whisper" and faster_weights.is_unpinned_size(size):
            if not run_check("", lambda: str(faster_weights.locate(size, fetch=False))).ok:
                return True
        elif settings.transcribe.engine == "faster-whisper":
            models_needed.append(models.known(f"whisper-{size}"))
        if writers.choose(settings.extract).kind == "local":
            models_needed.append(models.resolve_gguf(settings.extract.model))
    except ModelError:  # reported by the checks of the model files
        return False
    return any(isinstance(model, Model) and models.needs_hub(model) for model in models_needed)


def _greet_writer(settings: Settings) -> str:
    empty_memory = FileMemory(Path(os.devnull))  # a server's identity is its address and the model's name
    return writers.choose(settings.extract).connection(empty_memory).chat().check_model()


def _greet_transcriber(settings: Settings) -> str:
    """Greet it as a language model's server is greeted: ask for its models, and send no speech."""
    from pipeline.engines.hosted.transcriber import Service

    address = api_keys.address(settings.transcribe.base_url, "transcribe")
    key = api_keys.key(address, "name your own server in transcribe.base_url")
    return check_model(Service(address, settings.transcribe.model, key), "transcribe")


def _check_key(settings: Settings, is_writer_remote: bool, is_transcriber_remote: bool) -> Check:
    """Whether the API key is set, and which servers these settings need it for and send it to."""
    endpoints = [
        (is_writer_remote, settings.extract.base_url, "extract"),
        (is_transcriber_remote, settings.transcribe.base_url, "transcribe"),
    ]
    try:
        addresses = sorted({api_keys.address(url, table) for is_used, url, table in endpoints if is_used})
        for address in addresses:
            api_keys.key(address, "name your own server in base_url")
    except TakeawaysError as error:
        return Check("key", False, str(error))
    if not os.environ.get(api_keys.KEY, "").strip():
        return Check("key", True, f"{api_keys.KEY} is not set, and not needed")
    if not addresses:
        return Check("key", True, f"{api_keys.KEY} is set, not needed, and sent nowhere")
    need = "needed" if OPENAI in addresses else "perhaps needed"
    return Check("key", True, f"{api_keys.KEY} is set, {need}, and sent to {' and '.join(addresses)} alone")
