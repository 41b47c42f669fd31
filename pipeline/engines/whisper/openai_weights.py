"""Weights for openai-whisper: pinned ones, a file, or those that it publishes; and CTranslate2's converted.

The weights that takeaways has anyway serve both engines: the same numbers under other names. CTranslate2
writes a model as variables, one after another: name, shape, type, bytes (`_serialize` in its
specs/model_spec.py), with linear layers of the same input fused into one. All of this is NumPy; torch is not
needed.
"""

from __future__ import annotations

import json
import os
import secrets
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
from numpy.typing import NDArray

from pipeline.engines.openai_client import CONNECT_SECONDS
from pipeline.errors import ModelError
from pipeline.files import digest_file
from pipeline.weights import models

Arrays = dict[str, NDArray[Any]]

FORMAT_VERSION = 6  # of CTranslate2's binary format
DTYPES = ("<f4", "<i1", "<i2", "<i4", "<f2", "<u2")  # by type id; the last is bfloat16, unknown to NumPy
HEAD_SIZE = 64  # dimensions of an attention head, in every Whisper


def locate(model: str, fetch: bool = True) -> Path:
    """A .pt file, or the folder of a CTranslate2 model: a path, a pinned size, or a name of openai-whisper's.

    Needs the extra only for the last. A pinned size is fetched whatever `fetch` says.
    Raises ModelError if there is no such model, or if it cannot be had.
    """
    if models.is_path(model) and Path(model).exists():
        return Path(model)
    if models.known(f"whisper-{model}"):
        return models.locate(f"whisper-{model}")
    import whisper

    if model not in whisper.available_models():
        raise ModelError(
            f"transcribe.model = '{model}' is neither a file, a folder nor a known size",
            remedy="Give a .pt file of openai-whisper, the folder of a CTranslate2 model, or one of: "
            f"{', '.join(whisper.available_models())}.",
        )
    return cached_file(model, whisper._MODELS[model], fetch)


def cached_file(model: str, url: str, fetch: bool) -> Path:
    """openai-whisper's own file in its own cache, where other programs that use it may have put it already.

    Its `load_model` would wait for a silent server forever, print, and leave a partial file if interrupted;
    hence the download here. The last folder of the URL is the SHA-256. Raises ModelError.
    """
    *_, sha256, name = url.split("/")
    cache = models.cache_folder()
    target = (cache if os.environ.get("TAKEAWAYS_CACHE") else cache.parent) / "whisper" / name
    if target.is_file() and digest_file(target) == f"sha256:{sha256}":
        return target
    if not fetch:
        raise _missing(model, "not here yet")
    temporary = target.with_name(f".{name}.{secrets.token_hex(4)}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if models.write_and_digest(_download(model, url), temporary) != sha256:
            raise _missing(model, f"what was sent has another SHA-256 than the expected {sha256}")
        os.replace(temporary, target)
    except OSError as error:
        raise ModelError(
            f"the Whisper model '{model}' cannot be stored ({error.strerror})",
            file=target,
            remedy="Free some disk space, or set TAKEAWAYS_CACHE to a folder that can be written.",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _download(model: str, url: str) -> Iterator[bytes]:
    """The file in chunks. A server that is silent for longer than CONNECT_SECONDS counts as absent."""
    try:
        with urlopen(url, timeout=CONNECT_SECONDS) as response:
            while chunk := response.read(1 << 20):
                yield chunk
    except (OSError, HTTPException) as error:
        raise _missing(
            model, f"its server did not give it ({getattr(error, 'reason', None) or error})"
        ) from error


def _missing(model: str, why: str) -> ModelError:
    return ModelError(
        f"the Whisper model '{model}' of openai-whisper is not on this machine: {why}",
        remedy=f"With a network: takeaways doctor --fetch --set transcribe.engine=whisper "
        f"--set transcribe.model={model}. Else use 'base', or the path of a .pt file.",
    )


def require_installed() -> None:
    """Raises ModelError if the extra is missing."""
    if find_spec("whisper") is None or find_spec("torch") is None:
        raise ModelError(
            "openai-whisper is not installed, which transcribe.engine = 'whisper' runs",
            remedy="Run: pip install 'takeaways[whisper]'",
        )


# Conversion from CTranslate2.


@dataclass(frozen=True)
class Checkpoint:
    """`dims` as openai-whisper's ModelDimensions names them, `state` its state dict, float16 or float32.

    `alignment` has the decoder's (layer, head) pairs that show when a word was said, None if unknown.
    """

    dims: dict[str, int]
    state: Arrays
    alignment: tuple[tuple[int, int], ...] | None


def read_ctranslate2(folder: Path) -> Checkpoint:
    """The checkpoint of a CTranslate2 Whisper folder. Raises ModelError if the folder has no usable model."""
    path = folder / "model.bin"
    try:
        arrays = ctranslate2_variables(path)
        state = _rename(arrays)
        heads = json.loads((folder / "config.json").read_bytes()).get("alignment_heads")
        alignment = tuple((int(layer), int(head)) for layer, head in heads) if heads else None
        dims = _dims(state)
    except (OSError, ValueError, KeyError, IndexError, AttributeError, TypeError, struct.error) as error:
        raise ModelError(
            f"not a Whisper model that CTranslate2 wrote ({type(error).__name__}: {error})",
            file=path,
            remedy="Give its whole folder, with model.bin and config.json, or a .pt file of openai-whisper.",
        ) from error
    if any(array.dtype.kind != "f" for array in state.values()):
        raise ModelError(
            "its weights are neither float16 nor float32, and only CTranslate2 computes with such",
            file=path,
            remedy="Convert the model again with --quantization float16.",
        )
    return Checkpoint(dims, state, alignment)


def ctranslate2_variables(path: Path) -> Arrays:
    """The named arrays of a CTranslate2 model.bin, mapped from the disk.

    Raises OSError, ValueError and struct.error.
    """
    data: NDArray[np.uint8] = np.memmap(path, np.uint8, "r")
    offset = 0

    def number(code: str) -> int:
        nonlocal offset
        (value,) = struct.unpack_from(f"<{code}", data.data, offset)
        offset += struct.calcsize(code)
        return int(value)

    def text() -> str:
        nonlocal offset
        length = number("H")  # with the zero byte at its end
        offset += length
        return bytes(data[offset - length : offset - 1]).decode()

    version, name, _ = number("I"), text(), number("I")
    if (version, name) != (FORMAT_VERSION, "WhisperSpec"):
        raise ValueError(f"format {version}, {name!r}")
    arrays: Arrays = {}
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        dtype, size = DTYPES[number("B")], number("I")
        arrays[name] = data[offset : offset + size].view(dtype).reshape(shape)
        offset += size
    return arrays


def _rename(arrays: Mapping[str, NDArray[Any]]) -> Arrays:
    state: Arrays = {}
    for name in ("conv1", "conv2"):
        state |= _linear(arrays, f"encoder/{name}", [f"encoder.{name}"])
    state |= _norm(arrays, "encoder/layer_norm", "encoder.ln_post")
    state |= _norm(arrays, "decoder/layer_norm", "decoder.ln")
    state["decoder.token_embedding.weight"] = arrays["decoder/embeddings/weight"]
    for part in ("encoder", "decoder"):
        state[f"{part}.positional_embedding"] = arrays[f"{part}/position_encodings/encodings"]
        for layer in _layers(arrays, part):
            source, target = f"{part}/layer_{layer}", f"{part}.blocks.{layer}"
            state |= _attention(arrays, f"{source}/self_attention", f"{target}.attn", (3, 1))
            if part == "decoder":
                state |= _attention(arrays, f"{source}/attention", f"{target}.cross_attn", (1, 2, 1))
            state |= _norm(arrays, f"{source}/ffn/layer_norm", f"{target}.mlp_ln")
            state |= _linear(arrays, f"{source}/ffn/linear_0", [f"{target}.mlp.0"])
            state |= _linear(arrays, f"{source}/ffn/linear_1", [f"{target}.mlp.2"])
    return state


def _layers(arrays: Mapping[str, NDArray[Any]], part: str) -> Iterator[int]:
    layer = 0
    while f"{part}/layer_{layer}/ffn/layer_norm/gamma" in arrays:
        yield layer
        layer += 1


def _attention(
    arrays: Mapping[str, NDArray[Any]], source: str, target: str, fused: tuple[int, ...]
) -> Arrays:
    """Query, key, value and output; `fused` says how many of them each of CTranslate2's layers holds."""
    names = [f"{target}.{name}" for name in ("query", "key", "value", "out")]
    state = _norm(arrays, f"{source}/layer_norm", f"{target}_ln")
    for index, count in enumerate(fused):
        state |= _linear(arrays, f"{source}/linear_{index}", names[:count])
        names = names[count:]
    del state[f"{target}.key.bias"]  # Whisper's keys have none; CTranslate2 writes zeros
    return state


def _linear(arrays: Mapping[str, NDArray[Any]], source: str, names: list[str]) -> Arrays:
    """One linear layer, or several whose rows come one after another."""
    return {
        f"{name}.{kind}": rows
        for kind in ("weight", "bias")
        for name, rows in zip(names, np.split(arrays[f"{source}/{kind}"], len(names)), strict=True)
    }


def _norm(arrays: Mapping[str, NDArray[Any]], source: str, target: str) -> Arrays:
    return {f"{target}.weight": arrays[f"{source}/gamma"], f"{target}.bias": arrays[f"{source}/beta"]}


def _dims(state: Arrays) -> dict[str, int]:
    dims = {"n_mels": state["encoder.conv1.weight"].shape[1]}
    dims["n_vocab"] = state["decoder.token_embedding.weight"].shape[0]
    for part, name in (("encoder", "audio"), ("decoder", "text")):
        dims[f"n_{name}_ctx"], size = state[f"{part}.positional_embedding"].shape
        dims[f"n_{name}_state"], dims[f"n_{name}_head"] = size, size // HEAD_SIZE
        dims[f"n_{name}_layer"] = sum(
            key.startswith(f"{part}.") and key.endswith(".mlp.0.bias") for key in state
        )
    return dims
