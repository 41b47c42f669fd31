"""What people wrote beside recordings: cohort.toml of each folder and NAME.toml, the nearer one winning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.stage_names import CohortStage, TalkStage
from pipeline.workspace import config
from pipeline.workspace.config import Settings
from pipeline.workspace.sidecar_facts import COHORT_ONLY, Facts, Person

COHORT = "cohort.toml"


@dataclass(frozen=True)
class Stated:
    """Facts and settings with all layers merged. `regulars` are people who may be absent from a talk."""

    facts: Facts
    regulars: tuple[Person, ...]
    settings: Settings


def read(files: Sequence[Path], base: Path, overrides: Sequence[Mapping[str, Any]]) -> Stated:
    """Facts and settings of `files`, outermost first; the last one is the talk's or the cohort's own.

    `base` is takeaways.toml, `overrides` are those of --set. Files need not exist. Raises ConfigError,
    naming file and key.
    """
    layers: list[tuple[Path | str, dict[str, Any]]] = [(base, config.read_toml(base))]
    facts: dict[str, Any] = {}
    regulars: dict[str, Person] = {}
    for path in files:
        tables = config.read_toml(path)
        known = (*TalkStage, CohortStage.COHORT) if path.name == COHORT else tuple(TalkStage)
        layers.append((path, {key: tables.pop(key) for key in known if key in tables}))
        stated = config.validate(Facts, tables, path, beside=known)
        given = stated.model_dump(exclude_unset=True)
        if stated.host:
            regulars.setdefault(stated.host, Person(name=stated.host, role="Host"))
        if path.name == COHORT:
            regulars |= {person.name: person for person in stated.speakers.people}
            given.get("speakers", {}).pop("people", None)
        if path != files[-1]:
            given = {key: value for key, value in given.items() if key not in COHORT_ONLY}
        for listed in ("glossary", "links"):
            both = [*facts.get(listed, ()), *given.get(listed, ())]
            given[listed] = [entry for index, entry in enumerate(both) if entry not in both[:index]]
        given["speakers"] = {**facts.get("speakers", {}), **given.get("speakers", {})}
        facts |= given
    settings = config.merge([*layers, *(("--set", dict(override)) for override in overrides)])
    return Stated(config.validate(Facts, facts, files[-1]), tuple(regulars.values()), settings)


def above(folder: Path, inputs: Path) -> list[Path]:
    """cohort.toml of a folder and of those above it inside inputs/, outermost first."""
    folders = [folder]
    while folders[0] != inputs and folders[0].is_relative_to(inputs):
        folders.insert(0, folders[0].parent)
    return [folder / COHORT for folder in folders]
