"""What lies beyond this machine: only what the settings need, and the key for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pipeline.digests import Memory
from pipeline.doctor.check import Check, tried
from pipeline.engines.openai_client import greet
from pipeline.engines.whisper import faster_weights
from pipeline.errors import ModelError, TakeawaysError
from pipeline.takeaways import writers
from pipeline.weights import hub, models
from pipeline.weights.catalog import Model
from pipeline.workspace import api_keys
from pipeline.workspace.api_keys import OPENAI
from pipeline.workspace.config import Settings


def checks(settings: Settings, fetch: bool) -> Iterator[Check]:
    """The Hub if a model is still to come from it, each server that is named, and the key.

    With `fetch` whatever is still missing was asked of the Hub a moment ago, and that was told.
    """
    writes = writers.choose(settings.extract).kind == "openai"
    listens = settings.transcribe.engine == "openai"
    misses = _misses(settings)
    if misses and not fetch:
        yield tried("network", hub.greet)
    if not (misses or writes or listens):
        yield Check("network", True, "not needed: nothing leaves this machine")
    if writes:
        yield tried("language model", lambda: _writer(settings))
    if listens:
        yield tried("transcriber", lambda: _listener(settings))
    yield _key(settings, writes, listens)


def _misses(settings: Settings) -> bool:
    """Whether a model that the settings need is not here and can come from the Hub alone."""
    size = settings.transcribe.model
    needed: list[Path | Model | None] = []
    try:
        models.cache_folder()
        if settings.transcribe.engine == "faster-whisper" and faster_weights.on_hub_alone(size):
            if not tried("", lambda: str(faster_weights.locate(size, fetch=False))).ok:
                return True
        elif settings.transcribe.engine == "faster-whisper":
            needed.append(models.known(f"whisper-{size}"))
        if writers.choose(settings.extract).kind == "local":
            needed.append(models.gguf(settings.extract.model))
    except ModelError:  # told where the models are
        return False
    return any(isinstance(one, Model) and models.comes_from_hub(one) for one in needed)


def _writer(settings: Settings) -> str:
    nothing = Memory(Path(os.devnull))  # a server's identity is its address and the model's name
    return writers.choose(settings.extract).connection(nothing).chat().greet()


def _listener(settings: Settings) -> str:
    """Asked as a language model's server is: for its models, and without any speech."""
    from pipeline.engines.hosted.transcriber import Service

    address = api_keys.address(settings.transcribe.base_url, "transcribe")
    key = api_keys.key(address, "name your own server in transcribe.base_url")
    return greet(Service(address, settings.transcribe.model, key), "transcribe")


def _key(settings: Settings, writes: bool, listens: bool) -> Check:
    """Whether the key is set, and whether these settings need it and send it."""
    named = [
        (writes, settings.extract.base_url, "extract"),
        (listens, settings.transcribe.base_url, "transcribe"),
    ]
    try:
        places = sorted({api_keys.address(url, table) for used, url, table in named if used})
        for place in places:
            api_keys.key(place, "name your own server in base_url")
    except TakeawaysError as error:
        return Check("key", False, str(error))
    if not os.environ.get(api_keys.KEY, "").strip():
        return Check("key", True, f"{api_keys.KEY} is not set, and not needed")
    if not places:
        return Check("key", True, f"{api_keys.KEY} is set, not needed, and sent nowhere")
    need = "needed" if OPENAI in places else "perhaps needed"
    return Check("key", True, f"{api_keys.KEY} is set, {need}, and sent to {' and '.join(places)} alone")
