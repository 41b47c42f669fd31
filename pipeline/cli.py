"""The command line: parse, call, print. Exit codes: 0 all good, 1 something failed or is stale, 2 usage.

Everything but click is imported inside the commands, so that --help answers at once.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline import cli_options
from pipeline.cli_voices import voices

if TYPE_CHECKING:
    from pipeline.runner import Plan

STAGE_NAMES = ("transcribe", "segment", "extract", "render")  # a test holds these against pipeline.stages

_stage = click.Choice(STAGE_NAMES)
_set = click.option(
    "--set", "sets", multiple=True, metavar="STAGE.KEY=VALUE", help="Override a setting; repeatable."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="takeaways")
def cli() -> None:
    """Turn recorded conversations into posts of themed takeaways, on this machine alone."""


cli.add_command(voices)


@cli.command()
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--from", "first", type=_stage, help="Leave the stages before this one as they are.")
@click.option("--to", "last", type=_stage, help="Stop after this stage.")
@click.option("--only", type=_stage, help="Just this stage.")
@click.option(
    "--force", is_flag=True, help="Run even what is fresh, and replace hand edits (a copy is kept)."
)
@click.option("--debug", is_flag=True, help="Show where an unforeseen error came from.")
@_set
@cli_options.as_json
@cli_options.workspace
def run(
    inputs: tuple[Path, ...],
    first: str | None,
    last: str | None,
    only: str | None,
    force: bool,
    debug: bool,
    sets: tuple[str, ...],
    as_json: bool,
    workspace: Path | None,
) -> None:
    """Make posts of recordings and transcripts: files or folders. Only what is stale runs."""
    from pipeline import batch, console, talks

    if only and (first or last):
        raise click.UsageError("--only goes without --from and --to.")
    place = cli_options.place(workspace)
    plan = _plan(only or first, only or last, force, sets)
    sources, problems = talks.discover(inputs, place)
    with console.reporter(as_json) as reporter:
        done, failures = batch.run_all(sources, place, plan, reporter)
    failures = [batch.Failure(str(error.file), "start", str(error)) for error in problems] + failures
    if as_json:
        failed = [{"talk": f.talk, "stage": f.stage, "reason": f.reason} for f in failures]
        click.echo(json.dumps({"done": done, "failed": failed}, ensure_ascii=False))
    else:
        for name in done:
            click.echo(_result(place.outputs / name))
        for failure in failures:
            click.echo(f"{failure.talk}: {failure.stage} failed: {failure.reason}", err=True)
    if debug:
        for failure in failures:
            if failure.bug:
                raise failure.bug
    sys.exit(1 if failures else 0)


def _result(folder: Path) -> str:
    post = folder / "post.html"
    return _near(post if post.is_file() else folder)


def _near(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _plan(first: str | None, last: str | None, force: bool, sets: tuple[str, ...]) -> Plan:
    from pipeline.runner import Plan
    from pipeline.stages import STAGES

    begin = STAGE_NAMES.index(first) if first else 0
    end = STAGE_NAMES.index(last) if last else len(STAGES) - 1
    if begin > end:
        raise click.UsageError(f"--from {first} comes after --to {last}.")
    return Plan(STAGES[begin : end + 1], force, _overrides(sets))


def _overrides(sets: tuple[str, ...]) -> tuple[dict[str, Any], ...]:
    """The --set options as tables; a wrong one is wrong use, told before any work."""
    from pipeline import config
    from pipeline.errors import ConfigError

    try:
        overrides = tuple(config.parse_override(text) for text in sets)
        config.merge(("--set", override) for override in overrides)
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    return overrides


@cli.command()
@click.argument("inputs", nargs=-1, type=click.Path(path_type=Path))
@click.option("--why", is_flag=True, help="Say why a stage would run.")
@_set
@cli_options.as_json
@cli_options.workspace
def status(
    inputs: tuple[Path, ...], why: bool, sets: tuple[str, ...], as_json: bool, workspace: Path | None
) -> None:
    """Each talk and stage: fresh, stale, missing or edited. Exit 1 if a run would do something."""
    from pipeline import freshness, talks
    from pipeline.errors import TakeawaysError

    place, overrides = cli_options.place(workspace), _overrides(sets)
    sources, problems = talks.discover(inputs or (place.inputs,), place)
    settled = not problems
    report: list[dict[str, Any]] = [{"talk": str(error.file), "error": str(error)} for error in problems]
    for source in sources:
        try:
            talk = talks.load(source, place, overrides)
            states = freshness.states(talk)
            talk.memory.save()
        except (TakeawaysError, OSError) as error:
            settled = False
            report.append({"talk": source.name, "error": str(error)})
            continue
        settled &= all(state.settled for state in states)
        report.append({"talk": source.name, "stages": [vars(state) for state in states]})
    click.echo(json.dumps(report, ensure_ascii=False) if as_json else _table(report, why))
    sys.exit(0 if settled else 1)


def _table(report: list[dict[str, Any]], why: bool) -> str:
    width = max(len(row["talk"]) for row in report)
    lines = []
    for row in report:
        if "error" in row:
            lines.append(f"{row['talk']:{width}}  {row['error']}")
            continue
        lines.append(
            f"{row['talk']:{width}}  " + "  ".join(f"{s['stage']} {s['status']:7}" for s in row["stages"])
        )
        lines.extend(f"{'':{width}}    {line}" for state in row["stages"] for line in state["unmatched"])
        for state in row["stages"] if why else ():
            lines.extend(f"{'':{width}}    {state['stage']}: {reason}" for reason in state["reasons"])
            lines.extend(
                f"{'':{width}}    {state['stage']}: {name} was edited by hand" for name in state["edited"]
            )
    return "\n".join(line.rstrip() for line in lines)


@cli.command()
@click.argument("talk")
@click.argument("what", type=click.Choice(["speakers"]))
@click.option("--svg", metavar="FILE", help="Write the timeline as an SVG file; - is standard output.")
@click.option("--rttm", metavar="FILE", help="Write who spoke when as RTTM; - is standard output.")
@cli_options.as_json
@cli_options.workspace
def show(
    talk: str, what: str, svg: str | None, rttm: str | None, as_json: bool, workspace: Path | None
) -> None:
    """Who spoke when in a TALK, an input file or a name as in status, and how the names are known."""
    from pipeline import show as shows
    from pipeline import show_text, talks

    if [svg, rttm, "-" if as_json else None].count("-") > 1:
        raise click.UsageError("Only one thing goes to standard output.")
    place = cli_options.place(workspace)
    shown = shows.load(talks.load(shows.find(talk, place), place))
    for file, make in ((svg, shown.svg), (rttm, shown.rttm)):
        if file:
            _write(file, make())
    if as_json:
        click.echo(json.dumps(shown.as_json(), ensure_ascii=False))
    elif "-" not in (svg, rttm):
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        click.echo(show_text.text(shown, width), nl=False)


def _write(file: str, text: str) -> None:
    from pipeline.files import write_atomically

    if file == "-":
        click.echo(text, nl=False)
    else:
        write_atomically(Path(file), text.encode())


@cli.command()
@click.option("--fetch", is_flag=True, help="Get and verify every model now, before work starts.")
@_set
@cli_options.as_json
@cli_options.workspace
def doctor(fetch: bool, sets: tuple[str, ...], as_json: bool, workspace: Path | None) -> None:
    """What works here: engines, models and their hashes, disk. Exit 1 if something is amiss."""
    from pipeline import config
    from pipeline import doctor as doctors

    place = cli_options.place(workspace)
    base = place.root / "takeaways.toml"
    overrides = (("--set", table) for table in _overrides(sets))
    settings = config.merge([(base, config.read_toml(base)), *overrides])
    checks = []
    for check in doctors.examine(place, settings.transcribe.model, fetch):
        checks.append(check)
        if not as_json:
            click.echo(f"{'ok ' if check.ok else 'NO '} {check.name}: {check.detail}")
    if as_json:
        click.echo(json.dumps([vars(check) for check in checks], ensure_ascii=False))
    sys.exit(0 if all(check.ok for check in checks) else 1)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Make a new workspace: inputs/, outputs/ and a takeaways.toml with every setting explained."""
    from pipeline.scaffold import make_workspace

    make_workspace(folder)
    click.echo(f"Put a recording into {_near(folder.absolute() / 'inputs')}/ and run: takeaways run inputs")


def main() -> None:
    """Entry point: every foreseen error becomes one message and an exit code, never a traceback."""
    from pipeline.errors import TakeawaysError

    try:
        cli(standalone_mode=False)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(1)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped. Finished stages are kept; run again to go on.", err=True)
        sys.exit(130)
    except TakeawaysError as error:
        click.echo(f"takeaways: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"takeaways: {error}. Check that path and its permissions.", err=True)
        sys.exit(1)
