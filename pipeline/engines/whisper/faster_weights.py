"""Where the weights of faster-whisper come from: a folder, the pinned ones, or any size on the Hub."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import ModelError
from pipeline.files import FileMemory, digest_value
from pipeline.weights import hub, models


def locate(model: str, fetch: bool = True, reread: bool = False) -> Path:
    """The folder of a Whisper model in CTranslate2 form: a path, a pinned size, or any size on the Hub.

    `reread`: read all files that the Hub's client cached, and trust no remembered digest. Raises ModelError
    if the model is neither here nor (with `fetch`) can be had.
    """
    if models.is_path(model) and Path(model).is_dir():
        if not (Path(model) / "model.bin").is_file():
            raise ModelError(
                "there is no model.bin in it", file=model, remedy="Give the folder of a CTranslate2 model."
            )
        return Path(model)
    if models.known(f"whisper-{model}"):
        return models.locate(f"whisper-{model}")
    if not is_unpinned_size(model):
        from faster_whisper.utils import available_models

        raise ModelError(
            f"transcribe.model = '{model}' is neither a folder nor a known size",
            remedy=f"Give the folder of a CTranslate2 model, or one of: {', '.join(available_models())}.",
        )
    return _on_hub(model, models.cache_folder(), fetch, reread)


def is_unpinned_size(model: str) -> bool:
    """Whether this is a size of Whisper on the Hub whose bytes are not pinned here."""
    from faster_whisper.utils import available_models

    return model in available_models() and not models.known(f"whisper-{model}")


def identity(model: str, memory: FileMemory) -> str:
    """What stands for a Whisper model in a receipt: the digest of its bytes where known, else its name."""
    if pinned := models.known(f"whisper-{model}"):
        return pinned.digest
    folder = Path(model)
    if models.is_path(model) and folder.is_file():
        return memory.digest(folder)
    if models.is_path(model) and folder.is_dir():
        files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
        return digest_value({path.name: memory.digest(path) for path in files})
    return model


def _on_hub(size: str, folder: Path, fetch: bool, reread: bool) -> Path:
    """The folder of a Whisper size that faster-whisper knows; `reread`: trust no remembered digest.

    Raises ModelError if it is missing or damaged, and cannot be fetched or (without `fetch`) must not be.
    """
    memory = FileMemory(folder / "models" / ".hub.json")
    cached = _cached(size, folder)
    if cached and not (damaged := hub.damaged_files(cached, memory, reread)):
        memory.save()
        return cached
    if not fetch and cached:
        raise ModelError(
            f"the Whisper model '{size}' is damaged (gone or changed: {', '.join(damaged)})",
            file=cached,
            remedy=f"Run: takeaways doctor --fetch --set transcribe.model={size}",
        )
    if not fetch:
        raise ModelError(
            f"the Whisper model '{size}' is not here yet",
            remedy=f"Run: takeaways doctor --fetch --set transcribe.model={size}",
        )
    hub.check_reachable()
    for _ in range(2):  # damage shows only after fetching; the damaged files are removed, and fetched again
        fetched = _fetch(size, folder)
        if not (damaged := hub.damaged_files(fetched, memory, reread=True)):
            memory.save()
            return fetched
        for name in damaged:
            hub.remove(fetched / name)
    raise ModelError(
        f"what the Hugging Face Hub gives for the Whisper model '{size}' is not what it promises "
        f"({', '.join(damaged)})",
        remedy="Run again; if that does not help, use another size or another network.",
    )


def _cached(size: str, folder: Path) -> Path | None:
    """The folder of what is here of a size, whole or not; None if nothing is."""
    from faster_whisper.utils import download_model

    try:
        return Path(download_model(size, local_files_only=True, cache_dir=str(hub.cache_folder(folder))))
    except Exception:  # the client has no common base for its errors
        return None


def _fetch(size: str, folder: Path) -> Path:
    from faster_whisper.utils import download_model

    try:
        return Path(download_model(size, cache_dir=str(hub.cache_folder(folder))))
    except Exception as error:  # the client has no common base for its errors
        hub.raise_fetch_error(error, f"the Whisper model '{size}'", hub.cache_folder(folder))
