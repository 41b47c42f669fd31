"""Artifacts on disk: what each was made from, what was used, the data and its digest, in one JSON file.

`{"made_from": {...}, "used": {...}, "data_digest": "sha256:…", "data": {...}}`
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pipeline.errors import ArtifactError
from pipeline.files import FileIdentity, digest_value, read_whole
from pipeline.records import HasFiles, HasUnmatched, Record, RecordT, RenderedFile, Unmatched
from pipeline.running import consistency
from pipeline.running.stage_contract import AnyStage, Stage, Upstream
from pipeline.workspace import validation
from pipeline.workspace.talks import Subject

_LINE_COLUMNS = 110


@dataclass(frozen=True)
class Artifact:
    """What is known of an artifact without its data.

    `digest` is that of the data as it is on disk now; `files` those of the files beside it; `unmatched`
    are people's corrections that matched nothing.
    """

    made_from: dict[str, Any]
    data_digest: str
    digest: str
    files: dict[str, str]
    unmatched: tuple[Unmatched, ...]

    @property
    def edited(self) -> bool:
        """Whether a person changed the data since it was written."""
        return self.digest != self.data_digest


_ARTIFACT = TypeAdapter(Artifact)


class BrokenArtifactError(ArtifactError):
    """An artifact that can be read, and is not valid JSON or does not fit its schema."""


class OutdatedArtifactError(ArtifactError):
    """An artifact that does not fit its schema, since another version of its stage wrote it."""


def path_of(subject: Subject, stage: AnyStage) -> Path:
    return (subject.home if stage.shared else subject.folder) / stage.artifact


def inspect(subject: Subject, stage: AnyStage) -> Artifact | None:
    """The artifact of a stage, None if there is none. Reads the file only if it changed.

    One in the form of another version is there as well: it is stale, and may be edited.

    Raises BrokenArtifactError, and ArtifactError if it cannot be read.
    """
    path = path_of(subject, stage)
    try:
        remembered = subject.memory.recall(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable_error(subject, stage, error) from error
    try:
        return _ARTIFACT.validate_python(remembered)
    except ValidationError:  # not looked at yet, or the memory is damaged
        text, content, source = _read(subject, stage)
    try:
        record = _record(subject, stage, text, content)
    except OutdatedArtifactError:
        record = None
    stated = str(content.get("data_digest", ""))
    summary = _summary(content["made_from"], stated, digest_value(content["data"]), record)
    if source:
        subject.memory.remember(path, summary, source)
    return _ARTIFACT.validate_python(summary)


def load(subject: Subject, stage: Stage[Any, RecordT]) -> RecordT:
    """The record of a stage. Raises ArtifactError as `inspect` does, or if there is none."""
    text, content, _ = _read(subject, stage)
    return _record(subject, stage, text, content)


def load_all(subject: Subject, stages: Sequence[AnyStage]) -> Upstream:
    """The records of stages, in their order. Raises ArtifactError, also if one does not fit those before."""
    records: list[Record] = []
    for stage in stages:
        records.append(load(subject, stage))
        if faults := list(consistency.together(records)):
            _raise_first_fault(subject, stage, _text(subject, stage)[0], faults)
    return Upstream(tuple(records))


def absent_error(subject: Subject, stage: AnyStage) -> ArtifactError:
    """The error to raise for an artifact that has not been written yet."""
    return ArtifactError(
        "is not there yet",
        file=subject.workspace.relative(path_of(subject, stage)),
        remedy=f"Run without --from and --only: {stage.name} writes it.",
    )


def save(
    subject: Subject, stage: AnyStage, made_from: dict[str, Any], used: dict[str, Any], record: Record
) -> None:
    """Write an artifact, whole or not at all. Raises OSError, PlaceError."""
    data = dump(record)
    digest = digest_value(data)
    content = {"made_from": made_from, "used": used, "data_digest": digest, "data": data}
    path = path_of(subject, stage)
    written = subject.workspace.tree.write(path, f"{_readable_json(content)}\n".encode())
    if written:
        subject.memory.remember(path, _summary(made_from, digest, digest, record), written)


def dump(record: Record) -> dict[str, Any]:
    """The record as JSON values; what is None is left out."""
    return record.model_dump(mode="json", exclude_none=True)


def _summary(
    made_from: dict[str, Any], data_digest: str, digest: str, record: Record | None
) -> dict[str, Any]:
    files: tuple[RenderedFile, ...] = record.files if isinstance(record, HasFiles) else ()
    unmatched: tuple[Unmatched, ...] = record.unmatched if isinstance(record, HasUnmatched) else ()
    return {
        "made_from": made_from,
        "data_digest": data_digest,
        "digest": digest,
        "files": {file.name: file.digest for file in files},
        "unmatched": [entry.model_dump() for entry in unmatched],
    }


def _read(subject: Subject, stage: AnyStage) -> tuple[str, dict[str, Any], FileIdentity | None]:
    """The text of an artifact, what it holds, and the identity of the file that holds just that."""
    text, source = _text(subject, stage)
    try:
        content = json.loads(text)
        json.dumps(content, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise _broken_error(subject, stage, f"is not valid JSON ({error})") from error
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        line = text.count("\n", 0, text.lower().find(half)) + 1
        raise _broken_error(subject, stage, f"line {line}: holds half a character, {half}") from error
    except (ValueError, RecursionError) as error:  # of thousands of digits or brackets
        raise _broken_error(
            subject, stage, "holds a number that is too long, or lists that nest too deeply"
        ) from error
    if not (isinstance(content, dict) and isinstance(content.get("made_from"), dict) and "data" in content):
        raise _broken_error(subject, stage, "lacks made_from or data")
    return text, content, source


def _record(subject: Subject, stage: Stage[Any, RecordT], text: str, content: dict[str, Any]) -> RecordT:
    try:
        record = stage.record.model_validate(content["data"])
    except ValidationError as error:
        by = content["made_from"].get("stage", stage.versioned)
        if by != stage.versioned:
            raise OutdatedArtifactError(
                f"is in the form of another version of takeaways ({by}, now {stage.versioned})",
                file=subject.workspace.relative(path_of(subject, stage)),
                remedy=f"Have it made anew: {subject.rerun_command(stage.name)}",
            ) from error
        fault = validation.first_of(error, stage.record, at=("data",))
        what = f"line {line_of(text, fault.loc)}: {fault.what}. {fault.remedy.rstrip('.')}"
        raise _broken_error(subject, stage, what) from error
    _raise_first_fault(subject, stage, text, consistency.alone(record))
    return record


def _text(subject: Subject, stage: AnyStage) -> tuple[str, FileIdentity | None]:
    try:
        data, source = read_whole(path_of(subject, stage))
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"), source
    except FileNotFoundError as error:
        raise absent_error(subject, stage) from error
    except UnicodeDecodeError as error:
        raise _broken_error(subject, stage, f"is not valid JSON ({error})") from error
    except OSError as error:
        raise _unreadable_error(subject, stage, error) from error


def _unreadable_error(subject: Subject, stage: AnyStage, error: OSError) -> ArtifactError:
    if isinstance(error, NotADirectoryError):
        way = path_of(subject, stage).parents
        file = subject.workspace.relative(next((path for path in way if path.is_file()), way[0]))
        return ArtifactError("is not a folder", file=file, remedy="Move it away, and run again.")
    return ArtifactError(f"cannot be read ({error.strerror})", **_place_and_remedy(subject, stage))


def _raise_first_fault(
    subject: Subject, stage: AnyStage, text: str, faults: Iterable[consistency.Fault]
) -> None:
    """Raises ArtifactError for the first fault, if there is one."""
    for loc, what in faults:
        field = ("data", *loc)
        raise _broken_error(
            subject, stage, f"line {line_of(text, field)}: '{validation.dotted(field)}' {what}"
        )


def _broken_error(subject: Subject, stage: AnyStage, what: str) -> BrokenArtifactError:
    return BrokenArtifactError(what, **_place_and_remedy(subject, stage))


def _place_and_remedy(subject: Subject, stage: AnyStage) -> dict[str, str]:
    return {
        "file": subject.workspace.relative(path_of(subject, stage)),
        "remedy": f"Mend it, or remove it and run again to have {stage.name} write it anew.",
    }


def line_of(text: str, field: tuple[int | str, ...]) -> int:
    """The line (from 1) on which a field of a JSON text begins, or on which its nearest holder does."""
    decoder, position = json.JSONDecoder(), 0
    for part in field:
        position = _skip_white_space(text, position)
        if text[position] not in "{[":
            break
        inside, index, value = _skip_white_space(text, position + 1), 0, None
        while text[inside] not in "]}":
            name: int | str = index
            if text[position] == "{":
                name, inside = decoder.raw_decode(text, inside)
                inside = _skip_white_space(text, _skip_white_space(text, inside) + 1)
            if name == part:
                value = inside
                break
            _, inside = decoder.raw_decode(text, inside)
            inside, index = _skip_white_space(text, inside), index + 1
            inside = _skip_white_space(text, inside + 1) if text[inside] == "," else inside
        if value is None:
            break
        position = value
    return text.count("\n", 0, position) + 1


def _skip_white_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _readable_json(value: Any, indent: int = 0) -> str:
    """JSON that a person can read and a diff can follow: what fits on a line is on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= _LINE_COLUMNS or not isinstance(value, dict | list) or not value:
        return flat
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        items = [
            f"{pad}{json.dumps(k, ensure_ascii=False)}: {_readable_json(v, indent + 1)}"
            for k, v in value.items()
        ]
        return "{\n" + ",\n".join(items) + f"\n{' ' * indent}}}"
    return (
        "[\n"
        + ",\n".join(f"{pad}{_readable_json(item, indent + 1)}" for item in value)
        + f"\n{' ' * indent}]"
    )
