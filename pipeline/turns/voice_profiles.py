"""Voices known already: profiles in inputs/voices/, kept with people's consent, and who in a talk has one."""

from __future__ import annotations

import json
import math
import os
import shlex
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from pydantic import AfterValidator, Field

from pipeline.digests import digest_bytes, digest_value
from pipeline.errors import ConfigError, InputError
from pipeline.files import write_atomically
from pipeline.records import Record, Seconds
from pipeline.text import plain
from pipeline.weights import catalog
from pipeline.workspace import config
from pipeline.workspace.talks import Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAME = 0.60  # cosine from which two voices may be one person's
ENOUGH = 2.0  # seconds of speech by which a voice can be recognised
MARGIN = 0.10  # by how much a profile and a speaker fit each other better than anybody else
SPLIT = 0.2  # how unlike two parts of one voice may be to a profile
NUMBERS = 192
_DECIMALS = 4
_OFF = 0.01  # from length 1; rounding makes less than a tenth of this
_LONGEST = 40  # characters of a file name, so that it fits in 255 bytes in any script
_NOT_SLUGS = frozenset({"", "readme", "con", "prn", "aux", "nul"})


def _one_line(text: str) -> str:
    text = unicodedata.normalize("NFC", plain(text))
    if not text:
        raise ValueError("text is missing here")
    return text


def _voice(numbers: tuple[float, ...]) -> tuple[float, ...]:
    if len(numbers) != NUMBERS:
        raise ValueError(f"a voice is {NUMBERS} numbers, and here are {len(numbers)}")
    if not abs(math.hypot(*numbers) - 1) < _OFF:
        raise ValueError(f"as a vector a voice has length 1, and this has {math.hypot(*numbers):.2f}")
    return tuple(round(number, _DECIMALS) for number in numbers)


Line = Annotated[str, AfterValidator(_one_line)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class Profile(Record):
    """One person's voice, rounded as the file has it. `agreed` says how and when the person did.

    `talk` and `seconds` are what it was made from, `encoder` the digest of the weights that made it.
    """

    name: Line
    agreed: Line
    talk: Line
    seconds: Seconds
    encoder: Line
    voice: Annotated[tuple[Number, ...], AfterValidator(_voice)]

    def unit(self) -> tuple[float, ...]:
        """The voice as a vector of length 1."""
        length = math.hypot(*self.voice)
        return tuple(number / length for number in self.voice)


class Print(Protocol):
    """A voice heard in a talk, as a vector of length 1, and in how many seconds of speech."""

    @property
    def row(self) -> NDArray[np.float32]: ...

    @property
    def seconds(self) -> float: ...


@dataclass(frozen=True)
class Match:
    """A speaker whose voice is known."""

    name: str
    cosine: float
    profile: Profile

    @property
    def evidence(self) -> str:
        return f'voice profile "{self.name}", cosine {self.cosine:.2f}'


def recognise(prints: Mapping[str, Print], profiles: Sequence[Profile]) -> dict[str, Match]:
    """Speaker id to the one profile that fits, where nothing else comes near; never a guess between two.

    A profile that fits two speakers well names both: one voice was taken for two.
    """
    heard = {id: one.row.tolist() for id, one in prints.items() if one.seconds >= ENOUGH}
    fits = {id: [_cosine(row, one) for one in profiles] for id, row in heard.items()}
    found = {}
    for id, cosines in fits.items():
        for index, (profile, cosine) in enumerate(zip(profiles, cosines, strict=True)):
            others = cosines[:index] + cosines[index + 1 :]
            elsewhere = [fit[index] for other, fit in fits.items() if other != id]
            if (
                cosine >= SAME
                and all(cosine - other >= MARGIN for other in others)
                and all(other - cosine < SPLIT for other in elsewhere if other >= SAME)
                and all(cosine - other >= MARGIN for other in elsewhere if other < SAME)
            ):
                found[id] = Match(profile.name, cosine, profile)
    return found


def too_alike(profile: Profile, workspace: Workspace) -> list[tuple[Profile, float]]:
    """Other people's profiles that are so near that one voice may fit both, and how near."""
    others = (other for other in survey(workspace)[0] if key(other.name) != key(profile.name))
    near = [(other, _cosine(profile.unit(), other)) for other in others]
    return [(other, cosine) for other, cosine in near if cosine >= SAME]


def _cosine(unit: Sequence[float], profile: Profile) -> float:
    return sum(a * b for a, b in zip(unit, profile.unit(), strict=True))


def profiles(workspace: Workspace) -> tuple[Profile, ...]:
    """All profiles by name. Raises ConfigError for the first file that is none."""
    found, problems = survey(workspace)
    if problems:
        raise problems[0]
    return tuple(found)


def digest(workspace: Workspace) -> str | None:
    """For receipts: one digest of all voices with their names, None if there are none.

    What else a profile says changes no talk, and a receipt names nobody. A file that is no profile fails
    the run that needs the voices, not everything that reads receipts.
    """
    found, problems = survey(workspace)
    known: list[Any] = [[profile.name, profile.voice, profile.encoder] for profile in found]
    known += [str(problem) for problem in problems]
    return digest_value(known) if known else None


def survey(workspace: Workspace) -> tuple[list[Profile], list[ConfigError]]:
    """The profiles by name, and what is wrong with the other files there."""
    found: dict[str, tuple[Profile, Path]] = {}
    problems = []
    for path in _files(workspace):
        try:
            profile = _read(path, workspace)
            _, other = found.setdefault(key(profile.name), (profile, path))
            if other != path:
                raise _twice(profile.name, [other, path], workspace)
        except ConfigError as error:
            problems.append(error)
    return [profile for _, (profile, _) in sorted(found.items())], problems


def files_of(name: str, workspace: Workspace) -> list[Path]:
    """The files that hold a person's voice, also those that are no use: another encoder's, or broken."""
    return [path for path in _files(workspace) if _is_of(path, name)]


def place_for(name: str, workspace: Workspace, replace: bool) -> Path:
    """Where a person's profile goes. Raises InputError if there is one and it is not to be replaced."""
    there = files_of(name, workspace)
    if len(there) > 1:
        raise _twice(name, there, workspace)
    if there and not replace:
        raise InputError(
            f'holds the voice of "{name}" already',
            file=workspace.relative(there[0]),
            remedy="--force replaces it; else give another name.",
        )
    short, sure = (_folder(workspace) / file_name for file_name in _file_names(name))
    return there[0] if there else sure if os.path.lexists(short) else short


def write(profile: Profile, path: Path) -> None:
    """Write a profile, whole or not at all. Raises OSError."""
    texts = {field: getattr(profile, field) for field in ("name", "agreed", "talk", "encoder")}
    lines = [
        "# A voice, to recognise its owner in other talks. Personal data: never commit or publish it.",
        f"# To delete it: takeaways voices remove {shlex.quote(profile.name)}",
        *(f"{field} = {json.dumps(text, ensure_ascii=False)}" for field, text in texts.items()),
        f"seconds = {profile.seconds}",
        "voice = [",
    ]
    for start in range(0, NUMBERS, 12):
        numbers = profile.voice[start : start + 12]
        lines.append("  " + ", ".join(f"{number:.{_DECIMALS}f}" for number in numbers) + ",")
    write_atomically(path, "\n".join([*lines, "]", ""]).encode(), private=True)


def key(name: str) -> str:
    """What names are compared by: one person has one spelling, whatever the case."""
    return unicodedata.normalize("NFC", plain(name)).casefold()


def _folder(workspace: Workspace) -> Path:
    return workspace.inputs / "voices"


def _files(workspace: Workspace) -> list[Path]:
    folder = _folder(workspace)
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in there if path.name[0] != "." and path.stem.lower() != "readme"]


def _read(path: Path, workspace: Workspace) -> Profile:
    where = workspace.relative(path)
    if path.suffix.lower() != ".toml" or not path.is_file():
        raise ConfigError(
            "is not a voice profile", file=where, remedy="Move it elsewhere: only profiles belong there."
        )
    try:
        table = config.read_toml(path)
        if table.get("encoder") in (None, catalog.SPEAKER_ENCODER):
            return config.validate(Profile, table, where)
    except ConfigError as error:
        remedy = f"{error.remedy} Or delete the file, and add the voice again."
        raise ConfigError(error.what, file=where, remedy=remedy) from error
    name = shlex.quote(plain(str(table.get("name", "NAME"))))
    raise ConfigError(
        "'encoder': made by another speaker encoder than today's, so voices cannot be compared with it",
        file=where,
        remedy=f"Make it anew: takeaways voices add --force {name} TALK:S2",
    )


def _twice(name: str, paths: Sequence[Path], workspace: Workspace) -> ConfigError:
    others = " and ".join(workspace.relative(path) for path in paths[:-1])
    return ConfigError(
        f'holds the voice of "{name}", as does {others}',
        file=workspace.relative(paths[-1]),
        remedy="Remove one of them, or give it another name.",
    )


def _is_of(path: Path, name: str) -> bool:
    """Whether a file holds a person's voice: by the name in it, or by its own where it cannot be read."""
    try:
        table: dict[str, Any] = config.read_toml(path)
    except ConfigError:
        return path.name in _file_names(name)
    said = table.get("name")
    return key(said) == key(name) if isinstance(said, str) else path.name in _file_names(name)


def _file_names(name: str) -> tuple[str, str]:
    """The name of a person's file, and the one for when somebody else has that."""
    letters = (c if unicodedata.category(c)[0] in "LMN" else " " for c in key(name))
    slug = "-".join("".join(letters).split())
    sure = f"{slug[:_LONGEST] or 'voice'}-{digest_bytes(key(name).encode())[7:15]}.toml"
    fits = slug not in _NOT_SLUGS and len(slug) <= _LONGEST
    return (f"{slug}.toml" if fits else sure), sure
