"""The command that sets a talk's posts with several prompt sets and models side by side.

As in main.py, everything but click is imported inside the command.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import options, trust
from pipeline.cli.printing import echo, styled
from pipeline.stage_names import TalkStage

if TYPE_CHECKING:
    from pipeline.compare.figures import Comparison, Variant
    from pipeline.workspace.talks import Source, Workspace


@click.command()
@click.argument("talk")
@click.option("--prompts", "prompts", multiple=True, metavar="SET", help="A prompt set; repeatable.")
@click.option(
    "--model", "models", multiple=True, metavar="MODEL", help="A model instead of the talk's own; repeatable."
)
@options.set_options
@options.as_json
@options.workspace
def compare(
    talk: str,
    prompts: tuple[str, ...],
    models: tuple[str, ...],
    sets: tuple[str, ...],
    as_json: bool,
    root: Path | None,
) -> None:
    """Write a TALK's post with each prompt set and each model, and set them side by side.

    TALK is an input file, or a name as in status. The posts go to compare.html in its folder, never in place
    of its own post. Exit 1 if a variant fails.
    """
    from pipeline.cli import console
    from pipeline.compare import side_by_side
    from pipeline.workspace import discovery

    workspace, overrides = options.find_workspace(root), options.overrides(sets)
    source = discovery.find(talk, workspace)
    variants = _variants(source, workspace, overrides, prompts, models)
    trust.ask(options.all_settings([source], workspace, overrides))
    with console.reporter(as_json) as reporter:
        comparison = side_by_side.compare(source, workspace, variants, overrides, reporter)
    for copy in comparison.copies:
        echo(f"{comparison.page} was edited by hand; a copy is {copy}", err=True)
    if as_json:
        echo(json.dumps(comparison.as_json(), ensure_ascii=False))
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        click.echo(text(comparison, width), nl=False)
        if comparison.page:
            echo(f"\n{comparison.page}")
    sys.exit(1 if comparison.failed else 0)


def _variants(
    source: Source,
    workspace: Workspace,
    overrides: tuple[dict[str, Any], ...],
    prompt_sets: tuple[str, ...],
    models: tuple[str, ...],
) -> tuple[Variant, ...]:
    """What to compare. Raises UsageError for fewer than two, an unknown set, or a talk without a model."""
    from pipeline.compare import side_by_side
    from pipeline.workspace import talks

    variants = side_by_side.variants(prompt_sets, models, talks.load(source, workspace, overrides))
    if len(variants) < 2:
        raise click.UsageError(
            f"There is only one thing to compare: {variants[0]}. "
            "Give two of --prompts SET, or two of --model MODEL."
        )
    for variant in variants:
        model_override = ({TalkStage.EXTRACT: {"model": variant.model}},) if variant.model else ()
        options.check_prompts([source], workspace, (*overrides, *model_override), variant.prompts)
    return variants


def text(comparison: Comparison, width: int | None = None) -> str:
    """The table, and what failed; coloured to fit `width` columns, else plain and as wide as needed."""
    from rich.console import Console
    from rich.table import Table

    out = io.StringIO()
    # Without a terminal nothing is cut or wrapped: a program may read the lines.
    console = Console(file=out, force_terminal=width is not None, width=width or 10_000, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("prompts\nmodel")
    for column in comparison.columns:
        name = styled(f"{column.variant.prompts}\n{column.variant.asked}")
        table.add_column(name, justify="right", overflow="fold", no_wrap=width is None)
    for row in comparison.rows:
        table.add_row(styled(row.label), *map(styled, row.cells))
    console.print(table)
    for column in comparison.failed:
        console.print(styled(f"\n{column.variant} failed: {column.error}", style="yellow"))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())
