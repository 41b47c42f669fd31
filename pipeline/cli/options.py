"""Options that several commands share, and what they mean."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from pipeline.cli.printing import echo

if TYPE_CHECKING:
    from pipeline.running.batch import Failure
    from pipeline.workspace.config import RunSettings, Settings
    from pipeline.workspace.talks import Source, Workspace

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")
workspace = click.option(
    "--workspace", "-w", "root", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder with inputs/ and outputs/; default: this one, or the nearest one above with inputs/.",
)  # fmt: skip

set_options = click.option(
    "--set", "sets", multiple=True, metavar="STAGE.KEY=VALUE", help="Override a setting; repeatable."
)
prompts = click.option(
    "--prompts",
    metavar="SET",
    help="Use prompt set SET instead of the talk's own; the post goes to sets/SET/.",
)


def check_prompts(
    sources: Sequence[Source], workspace: Workspace, overrides: Sequence[Mapping[str, Any]], name: str
) -> None:
    """Raises UsageError if there is no such prompt set, or if a talk's writer reads no prompts."""
    from pipeline.errors import PromptError, TakeawaysError
    from pipeline.takeaways import writers
    from pipeline.workspace import prompt_sets, talks

    try:
        prompt_sets.load(workspace, name)
    except PromptError as error:
        raise click.UsageError(str(error)) from error
    for source in sources:
        try:
            choice = writers.choose(talks.load(source, workspace, overrides).settings.extract)
        except TakeawaysError:
            continue  # reported when the talk is run
        if not choice.asks_a_model:
            raise click.UsageError(
                f"--prompts {name} changes nothing for {source.name}: {choice.why}, and the extractive "
                "writer reads no prompts. Name a model: --set extract.writer=local, or "
                "--set extract.base_url=URL --set extract.model=NAME."
            )


def all_settings(
    sources: Sequence[Source], workspace: Workspace, overrides: Sequence[Mapping[str, Any]]
) -> Iterator[Settings]:
    """The settings of each talk whose files can be read; what is wrong with others is told when they run."""
    from pipeline.errors import TakeawaysError
    from pipeline.workspace import talks

    for source in sources:
        with suppress(TakeawaysError, OSError):
            yield talks.load(source, workspace, overrides).settings


def find_workspace(root: Path | None) -> Workspace:
    """The workspace at `root`, else the one around the current folder."""
    from pipeline.workspace.talks import Workspace

    return Workspace(root.resolve()) if root else Workspace.around(Path.cwd())


def overrides(sets: tuple[str, ...]) -> tuple[dict[str, Any], ...]:
    """The --set options as settings tables. Raises UsageError for an invalid one, before any work is done."""
    from pipeline.errors import ConfigError
    from pipeline.workspace import config

    try:
        tables = tuple(config.parse_override(text) for text in sets)
        config.merge(("--set", override) for override in tables)
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    return tables


def run_settings(workspace: Workspace, sets: tuple[str, ...], **options: Any) -> RunSettings:
    """How to run: the command line's own `options` first, then --set, then takeaways.toml."""
    from pipeline.workspace import config

    settings_file = workspace.root / "takeaways.toml"
    named_options = {key: value for key, value in options.items() if value is not None}
    layers: list[tuple[Path | str, Mapping[str, Any]]] = [(settings_file, config.read_toml(settings_file))]
    layers += [("--set", table) for table in overrides(sets)]
    return config.merge([*layers, ("the command line", {"run": named_options})]).run


def report_and_exit(
    results: dict[str, Any], pages: Sequence[str], failures: Sequence[Failure], as_json: bool, debug: bool
) -> NoReturn:
    """Print `results` as JSON, or else the pages, and what failed. Exit 1 if anything did.

    With `debug`, the first unforeseen error is raised instead.
    """
    if as_json:
        failed = [
            {"talk": failure.talk, "stage": failure.stage, "reason": failure.reason} for failure in failures
        ]
        echo(json.dumps({**results, "failed": failed}, ensure_ascii=False))
    else:
        for page in pages:
            echo(page)
        for failure in failures:
            echo(f"{failure.talk}: {failure.stage} failed: {failure.reason}", err=True)
    for failure in failures if debug else ():
        if failure.bug:
            raise failure.bug
    sys.exit(1 if failures else 0)


def display_path(path: Path) -> str:
    """A path as shown to the user: relative if it is below the current folder."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
