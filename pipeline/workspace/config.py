"""Settings: takeaways.toml < cohort.toml < NAME.toml < --set. Frozen once read; unknown keys are errors."""

from __future__ import annotations

import codecs
import errno
import tomllib
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, ValidationError, model_validator

from pipeline.errors import ConfigError
from pipeline.files import read_bytes
from pipeline.records import Record, RecordT
from pipeline.stage_names import TalkStage
from pipeline.workspace import toml_limits, validation


class SettingsTable(Record):
    """A table of settings that knows which file gave each key: what a person typed may do more."""

    _files: dict[str, Path] = PrivateAttr(default_factory=dict)

    def origin(self, key: str) -> Path | None:
        """The file that gave a key its value; None if a person typed it, or if it is the default."""
        return self._files.get(key)


class StageSettings(SettingsTable):
    """The settings of a stage."""

    @abstractmethod
    def receipt(self) -> dict[str, Any]:
        """Those that steer the stage's result, as JSON values by key. A stage may add what they lead to."""


class TranscribeSettings(StageSettings):
    """[transcribe]. `model` is a Whisper size or the folder of a CTranslate2 model.

    For the engine "whisper" it may be a .pt file, too, and nothing is decoded in batches. For the engine
    "openai" it is what the server calls its model, "whisper-1" if none is named. `timeout` is in seconds,
    for one try.
    """

    engine: Literal["faster-whisper", "whisper", "openai"] = "faster-whisper"
    model: Annotated[str, Field(min_length=1)] = "base"
    beam_size: Annotated[int, Field(ge=1, le=20)] = 5
    batch_size: Annotated[int, Field(ge=1, le=64)] = 4
    base_url: Annotated[str | None, Field(pattern=r"^https?://\S+$")] = None
    timeout: Annotated[float, Field(gt=0)] = 600.0
    retries: Annotated[int, Field(ge=0, le=20)] = 4

    @model_validator(mode="before")
    @classmethod
    def _a_server_has_its_own_default(cls, table: Any) -> Any:
        named = isinstance(table, dict) and table.get("engine") == "openai"
        return {"model": "whisper-1", **table} if named else table

    def receipt(self) -> dict[str, Any]:
        """How a model decodes here. `transcribers.receipt` adds the engine and the identity of its model."""
        if self.engine == "openai":
            return {}
        decoding = {"model": self.model, "beam_size": self.beam_size}
        return decoding if self.engine == "whisper" else {**decoding, "batch_size": self.batch_size}


class SegmentSettings(StageSettings):
    """[segment]. "auto" keeps the labels of a transcript that has them and listens for voices otherwise."""

    diarizer: Literal["auto", "embedded", "labels"] = "auto"

    def receipt(self) -> dict[str, Any]:
        return {"diarizer": self.diarizer}


class ExtractSettings(StageSettings):
    """[extract]. `themes` is the most there may be, None to let the talk's length decide (3 to 7).

    All but `writer` and `themes` is for a language model alone. `context` is the model's window in tokens,
    None to learn it of its server; `thinking` is what the model may take of it before each reply; `max_cost`
    is in US dollars, for one talk; prices are dollars for a million tokens; `timeout` is in seconds, for one
    call. `judge` is who decides whether its sentences mean what their lines say: "auto" the writer's model,
    or the rules where that is a local one. `style` is a file with a sample of the author's writing.
    """

    writer: Literal["auto", "extractive", "openai", "local"] = "auto"
    themes: Annotated[int, Field(ge=1, le=12)] | None = None
    base_url: Annotated[str | None, Field(pattern=r"^https?://\S+$")] = None
    model: Annotated[str | None, Field(min_length=1)] = None
    prompts: Annotated[str, Field(pattern=r"^[\w-]+$")] = "recap"
    judge: Literal["auto", "model", "rules"] = "auto"
    style: Annotated[str | None, Field(pattern=r"\S")] = None
    context: Annotated[int, Field(ge=2048)] | None = None
    thinking: Annotated[int, Field(ge=0)] = 0
    max_cost: Annotated[float | None, Field(ge=0)] = None
    input_price: Annotated[float | None, Field(ge=0)] = None
    output_price: Annotated[float | None, Field(ge=0)] = None
    concurrency: Annotated[int, Field(ge=1, le=64)] = 4
    timeout: Annotated[float, Field(gt=0)] = 600.0
    retries: Annotated[int, Field(ge=0, le=20)] = 4

    def receipt(self) -> dict[str, Any]:
        """Whoever writes. `writers.Choice.receipt` adds what steers a language model, if one does."""
        return {"writer": self.writer, "themes": self.themes}

    def model_receipt(self) -> dict[str, Any]:
        """What else steers a language model, besides its identity and its prompts."""
        return {"context": self.context, "thinking": self.thinking}


class JudgeSettings(SettingsTable):
    """[judge], for a model that judges and is not the one that writes.

    `model` alone is another model of the writer's server, `base_url` alone the writer's model at another
    server. The other keys are as in [extract], which says how long to wait for it and what a talk may cost.
    """

    base_url: Annotated[str | None, Field(pattern=r"^https?://\S+$")] = None
    model: Annotated[str | None, Field(min_length=1)] = None
    context: Annotated[int, Field(ge=2048)] | None = None
    thinking: Annotated[int, Field(ge=0)] = 0
    input_price: Annotated[float | None, Field(ge=0)] = None
    output_price: Annotated[float | None, Field(ge=0)] = None


class RenderSettings(StageSettings):
    """[render]. `templates` are the output files to write, None for all there are."""

    templates: tuple[str, ...] | None = None

    def receipt(self) -> dict[str, Any]:
        return {"templates": None if self.templates is None else list(self.templates)}


class CohortSettings(StageSettings):
    """[cohort], for what a cohort's talks have in common.

    `themes` is the most there may be; `prompts` is the prompt set, for a language model alone.
    """

    themes: Annotated[int, Field(ge=1, le=20)] = 7
    prompts: Annotated[str, Field(pattern=r"^[\w-]+$")] = "cohort"

    def receipt(self) -> dict[str, Any]:
        """`writers.Choice.receipt` adds what steers a language model, if one writes."""
        return {"themes": self.themes}


class RunSettings(SettingsTable):
    """[run], for whole runs. `jobs` talks are worked on at once, of which one computes at a time.

    `dask` is the address of a scheduler, None or "" to run here; `gpu` are the stages that ask its workers
    for the resource GPU = 1.
    """

    jobs: Annotated[int, Field(ge=1, le=256)] = 4
    dask: Annotated[str | None, BeforeValidator(lambda address: address or None)] = None
    gpu: tuple[TalkStage, ...] = ()


class Settings(Record):
    """Everything that can be set, a table a stage; and of a whole cohort and of whole runs."""

    transcribe: TranscribeSettings = TranscribeSettings()
    segment: SegmentSettings = SegmentSettings()
    extract: ExtractSettings = ExtractSettings()
    judge: JudgeSettings = JudgeSettings()
    render: RenderSettings = RenderSettings()
    cohort: CohortSettings = CohortSettings()
    run: RunSettings = RunSettings()

    def of_judge(self) -> ExtractSettings:
        """[extract] with what [judge] says in its place, and who said it."""
        table = self.judge.model_dump()
        own = {key: value for key, value in table.items() if value or key not in ("base_url", "model")}
        if self.extract.writer == "local":
            own["model"] = self.judge.model  # the writer's is a file, which no server knows
        merged = self.extract.model_copy(update={**own, "writer": "openai"})
        origins = {key: self.judge.origin(key) for key in own}
        merged._files = {**self.extract._files, **{key: path for key, path in origins.items() if path}}
        for key in (key for key, path in origins.items() if not path):
            merged._files.pop(key, None)
        return merged


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file, {} if there is none. Raises ConfigError, with line and column if it can."""
    text = _text(path)
    toml_limits.check_nesting(text, path)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, remedy = f"not valid TOML ({error})", "Mend that place; text goes in double quotes."
        raise ConfigError(what, file=path, remedy=remedy) from error
    except ValueError as error:  # Python reads no number of thousands of digits
        what, remedy = "a number in it has too many digits", "Shorten it."
        raise ConfigError(what, file=path, remedy=remedy) from error


def _text(path: Path) -> str:
    """What a file says, "" if there is none. Raises ConfigError."""
    try:
        if path.exists() and not path.is_file():
            raise ConfigError("is not a file", file=path, remedy="Move it away, or write a file instead.")
        toml_limits.check_size(path)
        data = read_bytes(path)
    except FileNotFoundError as error:
        if not path.is_symlink():
            return ""
        what = f"is a link to {path.readlink()}, where nothing is"
        remedy = "Put that file back, or remove the link."
        raise ConfigError(what, file=path, remedy=remedy) from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # so nobody can have written it
            return ""
        remedy = "Check that it is a file that you may read."
        raise ConfigError(f"cannot be read ({error.strerror})", file=path, remedy=remedy) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        lines = before.split(b"\n")
        place = f"line {len(lines)}, column {len(lines[-1]) + 1}"
        how = "it looks like UTF-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else place
        what = f"is not UTF-8 text ({how})"
        raise ConfigError(what, file=path, remedy="Save it again, with the encoding UTF-8.") from error


def validate(
    model: type[RecordT], table: Mapping[str, Any], origin: Path | str, beside: Iterable[str] = ()
) -> RecordT:
    """`table` as a record; `beside` are keys that may stand next to its own, for what is said of others.

    Raises ConfigError that names the origin, the key and, if near, the key meant.
    """
    try:
        return model.model_validate(table)
    except ValidationError as error:
        fault = validation.first_of(error, model, beside)
        raise ConfigError(fault.what, file=origin, remedy=fault.remedy) from error


def parse_override(text: str) -> dict[str, dict[str, Any]]:
    """`--set stage.key=value` as a table; the value is read as TOML, or taken as text. Raises ConfigError."""
    name, equals, value = text.partition("=")
    stage, dot, key = name.strip().partition(".")
    if not (equals and dot and key):
        raise ConfigError(
            f"--set {text} is not of the form stage.key=value",
            remedy="For example: --set transcribe.model=small",
        )
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):
        parsed = value.strip()
    return {stage: {key: parsed}}


def merge(layers: Iterable[tuple[Path | str, Mapping[str, Any]]]) -> Settings:
    """The settings that (origin, tables) layers give, the later one winning. Raises ConfigError.

    The origin is a file, or a few words for what a person typed. Each layer is validated by itself first, so
    that an error names the file that it is in.
    """
    merged: dict[str, dict[str, Any]] = {}
    files: dict[str, dict[str, Path]] = {}
    for origin, tables in layers:
        validate(Settings, tables, origin)
        for stage, table in tables.items():
            merged.setdefault(stage, {}).update(table)
            for key in table:
                files.setdefault(stage, {}).pop(key, None)
                if isinstance(origin, Path):
                    files[stage][key] = origin
    settings = Settings.model_validate(merged)
    for stage, origins in files.items():
        getattr(settings, stage)._files = origins
    return settings
