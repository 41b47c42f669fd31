"""What several commands take, and what it means."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from pipeline.running.batch import Failure
    from pipeline.workspace.config import RunSettings
    from pipeline.workspace.talks import Source, Workspace

STAGE_NAMES = ("transcribe", "segment", "extract", "render")  # a test holds these against pipeline.stages

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")
workspace = click.option(
    "--workspace", "-w", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder with inputs/ and outputs/; default: the nearest one with a takeaways.toml, or this one.",
)  # fmt: skip

sets = click.option(
    "--set", "sets", multiple=True, metavar="STAGE.KEY=VALUE", help="Override a setting; repeatable."
)
prompts = click.option(
    "--prompts", metavar="SET", help="Another prompt set than the talk's own; its post goes to sets/SET/."
)


def check_prompts(
    sources: Sequence[Source], place: Workspace, overrides: Sequence[Mapping[str, Any]], name: str
) -> None:
    """Raises UsageError if there is no such prompt set, or a talk's writer reads none."""
    from pipeline.errors import PromptError, TakeawaysError
    from pipeline.takeaways import writers
    from pipeline.workspace import prompt_sets, talks

    try:
        prompt_sets.load(place, name)
    except PromptError as error:
        raise click.UsageError(str(error)) from error
    for source in sources:
        try:
            choice = writers.choose(talks.load(source, place, overrides).settings.extract)
        except TakeawaysError:
            continue  # told when the talk is run
        if not choice.asks_a_model:
            raise click.UsageError(
                f"--prompts {name} changes nothing for {source.name}: {choice.why}, and the extractive "
                "writer reads no prompts. Name a model: --set extract.writer=local, or "
                "--set extract.base_url=URL --set extract.model=NAME."
            )


def place(given: Path | None) -> Workspace:
    """The workspace that is named, or the one around the current folder."""
    from pipeline.workspace.talks import Workspace

    return Workspace(given.resolve()) if given else Workspace.around(Path.cwd())


def overrides(sets: tuple[str, ...]) -> tuple[dict[str, Any], ...]:
    """The --set options as tables; a wrong one is wrong use, told before any work."""
    from pipeline.errors import ConfigError
    from pipeline.workspace import config

    try:
        overrides = tuple(config.parse_override(text) for text in sets)
        config.merge(("--set", override) for override in overrides)
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    return overrides


def run_settings(place: Workspace, sets: tuple[str, ...], **given: Any) -> RunSettings:
    """How to run: what the options say that were `given`, else --set, else takeaways.toml."""
    from pipeline.workspace import config

    base = place.root / "takeaways.toml"
    named = {key: value for key, value in given.items() if value is not None}
    layers: list[tuple[Path | str, Mapping[str, Any]]] = [(base, config.read_toml(base))]
    layers += [("--set", one) for one in overrides(sets)]
    return config.merge([*layers, ("the command line", {"run": named})]).run


def conclude(
    found: dict[str, Any], pages: Sequence[str], failures: Sequence[Failure], as_json: bool, debug: bool
) -> NoReturn:
    """Print what came of a run: `found` as JSON, or the pages, and what failed. Exit 1 if anything did."""
    if as_json:
        failed = [{"talk": one.talk, "stage": one.stage, "reason": one.reason} for one in failures]
        click.echo(json.dumps({**found, "failed": failed}, ensure_ascii=False))
    else:
        for page in pages:
            click.echo(page)
        for one in failures:
            click.echo(f"{one.talk}: {one.stage} failed: {one.reason}", err=True)
    for one in failures if debug else ():
        if one.bug:
            raise one.bug
    sys.exit(1 if failures else 0)


def near(path: Path) -> str:
    """A path as short as it can be said from here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
