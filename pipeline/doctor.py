"""What works on this machine, and what to do about what does not."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from pipeline import catalog, models, writers
from pipeline.catalog import Model
from pipeline.config import ExtractSettings, Settings
from pipeline.digests import Memory, digest_file
from pipeline.engines import WEIGHTS
from pipeline.errors import ModelError, TakeawaysError
from pipeline.talks import Workspace

ENGINES = (
    "av", "faster-whisper", "ctranslate2", "onnxruntime", "scipy", "sentencex", "jinja2", "openai",
    "pydub", "tiktoken",
)  # fmt: skip
SPARE = 2 << 30  # bytes; below this a long recording's artifacts and models may not fit


@dataclass(frozen=True)
class Check:
    """One thing looked at; `detail` says what was found or what to do."""

    name: str
    ok: bool
    detail: str


def examine(workspace: Workspace, settings: Settings, fetch: bool) -> Iterator[Check]:
    """Engines, models and disk, one check at a time. With `fetch` missing models are got first."""
    yield Check("python", True, f"{platform.python_version()} on {platform.machine()}")
    for package in ENGINES:
        try:
            yield Check(package, True, version(package))
        except PackageNotFoundError:
            yield Check(package, False, f"not installed. Run: pip install {package}")
    yield from _bundled()
    sends = settings.transcribe.engine == "openai"
    yield from _fetched("base" if sends else settings.transcribe.model, fetch)
    yield from _language_model(workspace, settings.extract, fetch, sends)
    free = shutil.disk_usage(workspace.root).free
    yield Check("disk", free > SPARE, f"{free / 1e9:.0f} GB free in {workspace.root}")
    ffmpeg = shutil.which("ffmpeg")
    yield Check("ffmpeg", True, ffmpeg or "not installed; not needed, PyAV brings its own codecs")


def _language_model(
    workspace: Workspace, settings: ExtractSettings, fetch: bool, sends: bool
) -> Iterator[Check]:
    """The model that the settings name, if they name one; a server is only asked which models it has."""
    choice = writers.choose(settings)
    if choice.kind == "extractive":
        told = "transcribe.engine = 'openai' sends speech to a server" if sends else ""
        yield Check("network", True, told or "not needed: nothing leaves this machine")
        return
    try:
        if choice.kind == "local":
            yield _local(settings, fetch)
        else:
            connection = writers.connection(settings, Memory(workspace.state("doctor", ".json")))
            yield Check("language model", True, connection.chat().greet())
    except TakeawaysError as error:
        yield Check("language model", False, str(error))


def _local(settings: ExtractSettings, fetch: bool) -> Check:
    from pipeline.engines.llm import local

    local.installed()
    found = models.gguf(settings.model)
    if isinstance(found, Model) and not (fetch or models.is_here(found)):
        return Check(found.name, False, "not here yet. Run: takeaways doctor --fetch, with the same settings")
    return Check("language model", True, f"{models.locate_gguf(settings.model)} in llama.cpp")


def _bundled() -> Iterator[Check]:
    for name, sha256 in catalog.BUNDLED.items():
        path = WEIGHTS / name
        ok = path.is_file() and digest_file(path) == f"sha256:{sha256}"
        yield Check(
            name, ok, f"sha256 {sha256[:12]}" if ok else "missing or changed. Install takeaways again."
        )


def _fetched(whisper: str, fetch: bool) -> Iterator[Check]:
    wanted = [catalog.WHISPER_BASE, catalog.MINILM] if whisper == "base" else [catalog.MINILM]
    for model in wanted:
        try:
            if fetch or models.is_here(model):
                yield Check(model.name, True, f"{models.locate(model.name)} ({model.licence})")
            else:
                yield Check(model.name, False, "not here yet. Run: takeaways doctor --fetch")
        except ModelError as error:
            yield Check(model.name, False, str(error))
    if whisper != "base":
        try:
            yield Check(f"whisper {whisper}", True, str(models.locate_whisper(whisper, fetch)))
        except ModelError as error:
            yield Check(f"whisper {whisper}", False, str(error))
