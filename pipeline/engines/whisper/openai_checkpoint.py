"""A Whisper in CTranslate2's form to what openai-whisper loads: the same numbers under other names.

So the weights that takeaways has anyway serve both engines. CTranslate2 writes a model as variables, one
after another: name, shape, type, bytes (`_serialize` in its specs/model_spec.py), with linear layers of the
same input fused into one. All of this is numpy; torch is not needed.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ModelError

Arrays = dict[str, NDArray[Any]]

VERSION = 6  # of CTranslate2's binary format
TYPES = ("<f4", "<i1", "<i2", "<i4", "<f2", "<u2")  # by their numbers; the last is bfloat16, unknown to numpy
HEAD = 64  # numbers of a state that one attention head sees, in every Whisper


@dataclass(frozen=True)
class Checkpoint:
    """`dims` as openai-whisper's ModelDimensions names them, `state` its state dict, float16 or float32.

    `alignment` are the (layer, head) of the decoder that show when a word was said, None if not known.
    """

    dims: dict[str, int]
    state: Arrays
    alignment: tuple[tuple[int, int], ...] | None


def read(folder: Path) -> Checkpoint:
    """The checkpoint of a CTranslate2 Whisper folder. Raises ModelError if it cannot be made."""
    path = folder / "model.bin"
    try:
        found = variables(path)
        state = _renamed(found)
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


def variables(path: Path) -> Arrays:
    """The named arrays of a CTranslate2 model.bin, mapped from the disk.

    Raises OSError, ValueError and struct.error.
    """
    data: NDArray[np.uint8] = np.memmap(path, np.uint8, "r")
    at = 0

    def number(kind: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from(f"<{kind}", data.data, at)
        at += struct.calcsize(kind)
        return int(value)

    def text() -> str:
        nonlocal at
        length = number("H")  # with the zero at its end
        at += length
        return bytes(data[at - length : at - 1]).decode()

    version, name, _ = number("I"), text(), number("I")
    if (version, name) != (VERSION, "WhisperSpec"):
        raise ValueError(f"format {version}, {name!r}")
    found: Arrays = {}
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        kind, size = TYPES[number("B")], number("I")
        found[name] = data[at : at + size].view(kind).reshape(shape)
        at += size
    return found


def _renamed(found: Mapping[str, NDArray[Any]]) -> Arrays:
    state: Arrays = {}
    for name in ("conv1", "conv2"):
        state |= _linear(found, f"encoder/{name}", [f"encoder.{name}"])
    state |= _norm(found, "encoder/layer_norm", "encoder.ln_post")
    state |= _norm(found, "decoder/layer_norm", "decoder.ln")
    state["decoder.token_embedding.weight"] = found["decoder/embeddings/weight"]
    for part in ("encoder", "decoder"):
        state[f"{part}.positional_embedding"] = found[f"{part}/position_encodings/encodings"]
        for layer in _layers(found, part):
            there, here = f"{part}/layer_{layer}", f"{part}.blocks.{layer}"
            state |= _attention(found, f"{there}/self_attention", f"{here}.attn", (3, 1))
            if part == "decoder":
                state |= _attention(found, f"{there}/attention", f"{here}.cross_attn", (1, 2, 1))
            state |= _norm(found, f"{there}/ffn/layer_norm", f"{here}.mlp_ln")
            state |= _linear(found, f"{there}/ffn/linear_0", [f"{here}.mlp.0"])
            state |= _linear(found, f"{there}/ffn/linear_1", [f"{here}.mlp.2"])
    return state


def _layers(found: Mapping[str, NDArray[Any]], part: str) -> Iterator[int]:
    layer = 0
    while f"{part}/layer_{layer}/ffn/layer_norm/gamma" in found:
        yield layer
        layer += 1


def _attention(found: Mapping[str, NDArray[Any]], there: str, here: str, fused: tuple[int, ...]) -> Arrays:
    """Query, key, value and output, of which each linear layer there holds as many as `fused` says."""
    names = [f"{here}.{name}" for name in ("query", "key", "value", "out")]
    state = _norm(found, f"{there}/layer_norm", f"{here}_ln")
    for index, count in enumerate(fused):
        state |= _linear(found, f"{there}/linear_{index}", names[:count])
        names = names[count:]
    del state[f"{here}.key.bias"]  # Whisper's keys have none; there it is zeros
    return state


def _linear(found: Mapping[str, NDArray[Any]], there: str, names: list[str]) -> Arrays:
    """One layer, or several whose rows come one after another."""
    return {
        f"{name}.{kind}": rows
        for kind in ("weight", "bias")
        for name, rows in zip(names, np.split(found[f"{there}/{kind}"], len(names)), strict=True)
    }


def _norm(found: Mapping[str, NDArray[Any]], there: str, here: str) -> Arrays:
    return {f"{here}.weight": found[f"{there}/gamma"], f"{here}.bias": found[f"{there}/beta"]}


def _dims(state: Arrays) -> dict[str, int]:
    dims = {"n_mels": state["encoder.conv1.weight"].shape[1]}
    dims["n_vocab"] = state["decoder.token_embedding.weight"].shape[0]
    for part, name in (("encoder", "audio"), ("decoder", "text")):
        dims[f"n_{name}_ctx"], size = state[f"{part}.positional_embedding"].shape
        dims[f"n_{name}_state"], dims[f"n_{name}_head"] = size, size // HEAD
        dims[f"n_{name}_layer"] = sum(
            key.startswith(f"{part}.") and key.endswith(".mlp.0.bias") for key in state
        )
    return dims
