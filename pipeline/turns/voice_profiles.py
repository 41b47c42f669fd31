"""Voice profiles in inputs/voices/, kept with people's consent, and which speakers of a talk they fit."""

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

from pipeline.errors import ConfigError, InputError
from pipeline.files import digest_bytes, digest_value
from pipeline.records import Record, Seconds
from pipeline.text import name_key, plain, slug
from pipeline.weights import catalog
from pipeline.workspace import config
from pipeline.workspace.talks import Workspace
from pipeline.workspace.tree import Tree

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAME_VOICE_COSINE = 0.60  # from here on, two voices may be the same person's
MIN_SPEECH_SECONDS = 2.0  # a voice with less is not recognised
MARGIN_COSINE = 0.10  # by which a profile and a speaker must fit each other better than anybody else
MAX_SPLIT_COSINE = 0.2  # by which two parts of one voice may differ in how well they fit its profile
DIMENSIONS = 192  # of an embedding
_DECIMALS = 4
_LENGTH_TOLERANCE = 0.01  # off length 1; rounding causes less than a tenth of it
_MAX_STEM_CHARACTERS = 40  # so that a file name fits in 255 bytes in any script
_RESERVED_STEMS = frozenset({"", "readme", "con", "prn", "aux", "nul"})


def _one_line(text: str) -> str:
    text = unicodedata.normalize("NFC", plain(text))
    if not text:
        raise ValueError("text is missing here")
    return text


def _validate_voice(numbers: tuple[float, ...]) -> tuple[float, ...]:
    if len(numbers) != DIMENSIONS:
        raise ValueError(f"a voice is {DIMENSIONS} numbers, and here are {len(numbers)}")
    if not abs(math.hypot(*numbers) - 1) < _LENGTH_TOLERANCE:
        raise ValueError(f"as a vector a voice has length 1, and this has {math.hypot(*numbers):.2f}")
    return tuple(round(number, _DECIMALS) for number in numbers)


Line = Annotated[str, AfterValidator(_one_line)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class Profile(Record):
    """One person's voice, rounded as in the file. `agreed` says how and when the person agreed.

    `talk` and `seconds` say what it was made from, `encoder` is the digest of the weights that made it.
    """

    name: Line
    agreed: Line
    talk: Line
    seconds: Seconds
    encoder: Line
    voice: Annotated[tuple[Number, ...], AfterValidator(_validate_voice)]

    def unit(self) -> tuple[float, ...]:
        """The voice as a vector of length 1."""
        length = math.hypot(*self.voice)
        return tuple(number / length for number in self.voice)


class HeardVoice(Protocol):
    """A voice heard in a talk: its embedding, of length 1, and the seconds of speech that it is from."""

    @property
    def embedding(self) -> NDArray[np.float32]: ...

    @property
    def seconds(self) -> float: ...


@dataclass(frozen=True)
class Match:
    """The name of the profile that fits a speaker, and its cosine to the speaker's embedding."""

    name: str
    cosine: float

    @property
    def evidence(self) -> str:
        return f'voice profile "{self.name}", cosine {self.cosine:.2f}'


def recognise(voices: Mapping[str, HeardVoice], profiles: Sequence[Profile]) -> dict[str, Match]:
    """Speaker id to the one profile that fits, where nothing else comes near; never a guess between two.

    A profile that fits two speakers well names both: one voice was taken for two.
    """
    embeddings = {
        id: voice.embedding.tolist() for id, voice in voices.items() if voice.seconds >= MIN_SPEECH_SECONDS
    }
    fits = {id: [_cosine(row, profile) for profile in profiles] for id, row in embeddings.items()}
    matches = {}
    for id, cosines in fits.items():
        for index, (profile, cosine) in enumerate(zip(profiles, cosines, strict=True)):
            other_profiles = cosines[:index] + cosines[index + 1 :]
            other_speakers = [fit[index] for other, fit in fits.items() if other != id]
            if (
                cosine >= SAME_VOICE_COSINE
                and all(cosine - other >= MARGIN_COSINE for other in other_profiles)
                and all(
                    other - cosine < MAX_SPLIT_COSINE
                    for other in other_speakers
                    if other >= SAME_VOICE_COSINE
                )
                and all(
                    cosine - other >= MARGIN_COSINE for other in other_speakers if other < SAME_VOICE_COSINE
                )
            ):
                matches[id] = Match(profile.name, cosine)
    return matches


def too_alike(profile: Profile, workspace: Workspace) -> list[tuple[Profile, float]]:
    """Other people's profiles so similar that one voice may fit both, each with its cosine similarity."""
    others = (other for other in survey(workspace)[0] if name_key(other.name) != name_key(profile.name))
    similarities = [(other, _cosine(profile.unit(), other)) for other in others]
    return [(other, cosine) for other, cosine in similarities if cosine >= SAME_VOICE_COSINE]


def _cosine(unit: Sequence[float], profile: Profile) -> float:
    return sum(a * b for a, b in zip(unit, profile.unit(), strict=True))


def profiles(workspace: Workspace) -> tuple[Profile, ...]:
    """All profiles, sorted by name. Raises ConfigError for the first file that is no profile."""
    valid, problems = survey(workspace)
    if problems:
        raise problems[0]
    return tuple(valid)


def digest(workspace: Workspace) -> str | None:
    """For receipts: one digest of all voices with their names, None if there are none.

    Nothing else in a profile changes a talk, and a receipt names nobody. A file that is no profile fails the
    run that needs the voices, not everything that reads receipts.
    """
    valid, problems = survey(workspace)
    contents: list[Any] = [[profile.name, profile.voice, profile.encoder] for profile in valid]
    contents += [str(problem) for problem in problems]
    return digest_value(contents) if contents else None


def survey(workspace: Workspace) -> tuple[list[Profile], list[ConfigError]]:
    """The profiles, sorted by name, and what is wrong with the other files in the folder."""
    by_key: dict[str, tuple[Profile, Path]] = {}
    problems = []
    for path in _files(workspace):
        try:
            profile = _read(path, workspace)
            _, other = by_key.setdefault(name_key(profile.name), (profile, path))
            if other != path:
                raise _duplicate(profile.name, [other, path], workspace)
        except ConfigError as error:
            problems.append(error)
    return [profile for _, (profile, _) in sorted(by_key.items())], problems


def files_of(name: str, workspace: Workspace) -> list[Path]:
    """The files that hold a person's voice, including unusable ones: another encoder's, or damaged."""
    paths = (path for path in _files(workspace) if path.is_symlink() or not path.is_dir())
    return [path for path in paths if _is_of(path, name)]


def place_for(name: str, workspace: Workspace, replace: bool) -> Path:
    """The path for a person's profile.

    Raises InputError if there is one already that is not to be replaced, ConfigError if several files hold
    the person's voice, and PlaceError if a link is in the way.
    """
    Tree(workspace.root).check(_folder(workspace))
    existing = files_of(name, workspace)
    if len(existing) > 1:
        raise _duplicate(name, existing, workspace)
    if existing and not replace:
        raise InputError(
            f'holds the voice of "{name}" already',
            file=workspace.relative(existing[0]),
            remedy="--force replaces it; else give another name.",
        )
    short, unique = (_folder(workspace) / file_name for file_name in _file_names(name))
    return existing[0] if existing else unique if os.path.lexists(short) else short


def write(profile: Profile, path: Path) -> None:
    """Write a profile, whole or not at all; `path` is one of `place_for`. Raises OSError, PlaceError."""
    texts = {field: getattr(profile, field) for field in ("name", "agreed", "talk", "encoder")}
    lines = [
        "# A voice, to recognise its owner in other talks. Personal data: never commit or publish it.",
        f"# To delete it: takeaways voices remove {shlex.quote(profile.name)}",
        *(f"{field} = {json.dumps(text, ensure_ascii=False)}" for field, text in texts.items()),
        f"seconds = {profile.seconds}",
        "voice = [",
    ]
    for start in range(0, DIMENSIONS, 12):
        numbers = profile.voice[start : start + 12]
        lines.append("  " + ", ".join(f"{number:.{_DECIMALS}f}" for number in numbers) + ",")
    tree = Tree(path.parents[2], private=True)
    tree.remove_leftovers(path.parent, [path.name])
    tree.write(path, "\n".join([*lines, "]", ""]).encode())


def remove(path: Path, workspace: Workspace) -> None:
    """Remove a file that holds a voice. Raises OSError, PlaceError."""
    Tree(workspace.root).remove(path)


def remove_leftovers(workspace: Workspace) -> int:
    """Remove what killed commands left of voices, and say how many files. Raises OSError, PlaceError."""
    return Tree(workspace.root).remove_leftovers(_folder(workspace))


def _folder(workspace: Workspace) -> Path:
    return workspace.inputs / "voices"


def _files(workspace: Workspace) -> list[Path]:
    folder = _folder(workspace)
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in paths if path.name[0] != "." and path.stem.lower() != "readme"]


def _read(path: Path, workspace: Workspace) -> Profile:
    relative = workspace.relative(path)
    if path.suffix.lower() != ".toml" or not path.is_file():
        raise ConfigError(
            "is not a voice profile", file=relative, remedy="Move it elsewhere: only profiles belong there."
        )
    try:
        table = config.read_toml(path)
        if table.get("encoder") in (None, catalog.SPEAKER_ENCODER):
            return config.validate(Profile, table, relative)
    except ConfigError as error:
        remedy = f"{error.remedy} Or delete the file, and add the voice again."
        raise ConfigError(error.what, file=relative, remedy=remedy) from error
    name = shlex.quote(plain(str(table.get("name", "NAME"))))
    raise ConfigError(
        "'encoder': made by another speaker encoder than today's, so voices cannot be compared with it",
        file=relative,
        remedy=f"Make it anew: takeaways voices add --force {name} TALK:S2",
    )


def _duplicate(name: str, paths: Sequence[Path], workspace: Workspace) -> ConfigError:
    others = " and ".join(workspace.relative(path) for path in paths[:-1])
    return ConfigError(
        f'holds the voice of "{name}", as does {others}',
        file=workspace.relative(paths[-1]),
        remedy="Remove one of them, or give it another name.",
    )


def _is_of(path: Path, name: str) -> bool:
    """Whether a file holds a person's voice: by the name in it, or by its own if there is none in it."""
    try:
        stated = config.read_toml(path).get("name")
    except ConfigError:
        stated = None
    if isinstance(stated, str) and plain(stated):
        return name_key(stated) == name_key(name)
    own_names = {path.name, path.stem, f"voices/{path.name}", f"inputs/voices/{path.name}"}
    return path.name in _file_names(name) or name_key(name) in map(name_key, own_names)


def _file_names(name: str) -> tuple[str, str]:
    """The name of a person's file, and a unique one in case somebody else's file has that name."""
    stem = slug(name)
    unique = f"{stem[:_MAX_STEM_CHARACTERS] or 'voice'}-{digest_bytes(name_key(name).encode())[7:15]}.toml"
    is_usable = stem not in _RESERVED_STEMS and len(stem) <= _MAX_STEM_CHARACTERS
    return (f"{stem}.toml" if is_usable else unique), unique
