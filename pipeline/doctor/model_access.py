"""Checks of models: the files of those that run here, and whether the servers of the others answer.

A file with a known digest is read whole; of a user's own only the presence is checked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from pipeline.doctor.machine import Check, run_check
from pipeline.engines import syntax_models
from pipeline.engines.openai_client import check_model
from pipeline.engines.whisper import faster_weights, openai_weights
from pipeline.errors import ConfigError, ModelError, TakeawaysError
from pipeline.files import FileMemory, digest_file
from pipeline.stage_names import TalkStage
from pipeline.takeaways import writers
from pipeline.takeaways.writers import Choice, choose
from pipeline.weights import BUNDLED, catalog, hub, models
from pipeline.weights.catalog import Model
from pipeline.workspace import api_keys
from pipeline.workspace.api_keys import OPENAI, ServerSettings
from pipeline.workspace.config import Settings, TranscribeSettings

Notify = Callable[[str], None]
FETCH_REMEDY = "Run: takeaways doctor --fetch, with the same settings"


def file_checks(settings: Settings, fetch: bool, notify: Notify) -> Iterator[Check]:
    """Check every model that the settings need; with `fetch`, download those that are missing or damaged."""
    for name, sha256 in catalog.BUNDLED_SHA256.items():
        yield run_check(name, partial(_check_bundled, name, sha256))
    yield run_check(catalog.MINILM.name, lambda: _check_pinned(catalog.MINILM, fetch, notify))
    try:
        for language in syntax_models.languages():
            yield run_check(f"parser {language}", partial(_check_parser, language, fetch, notify))
    except ConfigError as error:  # trusted.toml is broken
        yield Check("parser", False, str(error))
    if settings.transcribe.engine == "whisper":
        yield run_check("openai-whisper", lambda: _check_openai_whisper(settings.transcribe, fetch, notify))
    elif settings.transcribe.engine == "faster-whisper":
        size = settings.transcribe.model
        model = models.known(f"whisper-{size}")
        name = model.name if model else f"whisper {size}"
        yield run_check(
            name,
            lambda: (
                _check_pinned(model, fetch, notify) if model else _check_faster_whisper(size, fetch, notify)
            ),
        )
    if choose(settings.extract).kind == "local":
        yield run_check("language model", lambda: _check_gguf(settings.extract.model, fetch, notify))


def _check_bundled(name: str, sha256: str) -> str:
    path = BUNDLED / name
    if not path.is_file() or digest_file(path) != f"sha256:{sha256}":
        problem = "changed" if path.is_file() else "missing"
        raise ModelError(f"it is {problem}", file=path, remedy="Install takeaways again.")
    return f"{_format_size(path.stat().st_size)}, SHA-256 {sha256[:12]}…"


def _check_pinned(model: Model, fetch: bool, notify: Notify) -> str:
    size = sum(file.size for file in model.files)
    damage = models.find_damage(model)
    if damage and not fetch:
        raise ModelError(f"{model.name} is damaged: {damage[1]}", file=damage[0], remedy=FETCH_REMEDY)
    if not fetch and not models.is_available_offline(model):
        raise ModelError(f"not here yet ({_format_size(size)})", remedy=FETCH_REMEDY)
    if damage or not models.is_available_offline(model):
        notify(f"getting {model.name} ({_format_size(size)}) …")
    while damage:  # or `locate` would trust that it was verified once
        damage[0].unlink()
        damage = models.find_damage(model)
    return f"{models.locate(model.name)}, {_format_size(size)}, {model.licence}, SHA-256 as it should be"


def _check_parser(language: str, fetch: bool, notify: Notify) -> str:
    model = syntax_models.find(language)
    if isinstance(model, Model):
        return f"{model.name}: {_check_pinned(model, fetch, notify)}"
    size = sum(path.stat().st_size for path in model.rglob("*") if path.is_file())
    return f"{model}, {_format_size(size)}, a model of your own"


def _check_faster_whisper(size: str, fetch: bool, notify: Notify) -> str:
    try:
        folder = faster_weights.locate(size, fetch=False, reread=True)
    except ModelError:
        if not fetch:
            raise
        notify(f"getting whisper {size} …")
        folder = faster_weights.locate(size, reread=True)
    total_bytes = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    return f"{folder}, {_format_size(total_bytes)}"


def _check_openai_whisper(settings: TranscribeSettings, fetch: bool, notify: Notify) -> str:
    openai_weights.require_installed()
    if pinned := models.known(f"whisper-{settings.model}"):
        return _check_pinned(pinned, fetch, notify)
    if fetch:
        notify(f"getting whisper {settings.model} …")
    return str(openai_weights.locate(settings.model, fetch))


def _check_gguf(name: str | None, fetch: bool, notify: Notify) -> str:
    model = models.resolve_gguf(name)
    if isinstance(model, Model):
        return f"{model.name}: {_check_pinned(model, fetch, notify)}"
    return f"{model}, {_format_size(model.stat().st_size)}, {_check_gguf_magic(model)}"


def _check_gguf_magic(path: Path) -> str:
    """A user's own model has no known digest, so check GGUF's magic bytes. Raises ModelError."""
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ModelError("this is no GGUF file", file=path, remedy="Download or convert it again.")
    return "a GGUF of your own: what its SHA-256 should be is not known here"


def _format_size(bytes_: int) -> str:
    return f"{bytes_ / 1e9:.1f} GB" if bytes_ >= 1e9 else f"{bytes_ / 1e6:.1f} MB"


# Checks of what lies beyond this machine: only the servers that the settings need, and the API key.


def server_checks(settings: Settings, fetch: bool) -> Iterator[Check]:
    """Check the Hub if a model must still be downloaded, each server that is configured, and the API key.

    With `fetch` the Hub is not checked: the download that was just tried has already reported on it.
    """
    is_writer_remote = writers.choose(settings.extract).kind == "openai"
    is_transcriber_remote = settings.transcribe.engine == "openai"
    chosen = writers.choose_judge(settings)
    judge = chosen.model if chosen.other else None
    needs_hub = _needs_hub(settings)
    if needs_hub and not fetch:
        yield run_check("network", hub.check_reachable)
    if not (needs_hub or is_writer_remote or is_transcriber_remote or judge):
        yield Check("network", True, "not needed: nothing leaves this machine")
    if is_writer_remote:
        yield run_check("language model", lambda: _greet(writers.choose(settings.extract)))
    if judge:
        yield run_check("judge", lambda: _greet(judge))
    if is_transcriber_remote:
        yield run_check("transcriber", lambda: _greet_transcriber(settings))
    tables: list[tuple[ServerSettings, str]] = []
    tables += [(settings.extract, TalkStage.EXTRACT)] if is_writer_remote else []
    tables += [(judge.settings, judge.table)] if judge else []
    tables += [(settings.transcribe, TalkStage.TRANSCRIBE)] if is_transcriber_remote else []
    yield _check_key(tables)


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


def _greet(choice: Choice) -> str:
    empty_memory = FileMemory(Path(os.devnull))  # a server's identity is its address and the model's name
    connection = choice.connection(empty_memory, dry=True)
    return f"{connection.chat().check_model()}; its window: {connection.window.described}"


def _greet_transcriber(settings: Settings) -> str:
    """Greet it as a language model's server is greeted: ask for its models, and send no speech."""
    from pipeline.engines.hosted.transcriber import Service

    address = api_keys.address(settings.transcribe.base_url, TalkStage.TRANSCRIBE)
    instead = "name your own server in transcribe.base_url"
    key = api_keys.server_key(settings.transcribe, TalkStage.TRANSCRIBE, instead)
    return check_model(Service(address, settings.transcribe.model, key), TalkStage.TRANSCRIBE)


def _check_key(tables: Sequence[tuple[ServerSettings, str]]) -> Check:
    """Whether the API key is set, and which servers these settings need it for and send it to."""
    servers = set()
    try:
        for table, name in tables:
            if api_keys.server(table, name).answer():  # what is not trusted is told above
                api_keys.server_key(table, name, "name your own server in base_url")
                address = api_keys.address(table.base_url, name)
                servers |= {address} if api_keys.key_goes_to(table, name) else set()
    except TakeawaysError as error:
        return Check("key", False, str(error))
    if not os.environ.get(api_keys.KEY, "").strip():
        return Check("key", True, f"{api_keys.KEY} is not set, and not needed")
    if not servers:
        return Check("key", True, f"{api_keys.KEY} is set, not needed, and sent nowhere")
    need = "needed" if OPENAI in servers else "perhaps needed"
    where = " and ".join(sorted(servers))
    return Check("key", True, f"{api_keys.KEY} is set, {need}, and sent to {where} alone")
