"""The command line: parse, call, print. Exit codes: 0 all good, 1 something failed or is stale, 2 usage.

Everything but click is imported inside the commands, so that --help answers at once.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import options
from pipeline.cli.cohort import cohort
from pipeline.cli.compare import compare
from pipeline.cli.run import run
from pipeline.cli.voices import voices

if TYPE_CHECKING:
    from pipeline.workspace.talks import Workspace


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="takeaways")
def cli() -> None:
    """Turn recorded conversations into posts of themed takeaways, on this machine alone."""


for command in (run, cohort, compare, voices):
    cli.add_command(command)


@cli.command()
@click.argument("talk")
@options.workspace
def forget(talk: str, workspace: Path | None) -> None:
    """Remove what is remembered of a TALK: a language model's replies, what was heard of its voices, and what
    it brought to its cohort. With the folder of a cohort, what is remembered of that.
    """
    from pipeline.cohort import cohorts, excerpts
    from pipeline.engines.chat import endpoint
    from pipeline.review import speakers as shows
    from pipeline.turns import voiceprints
    from pipeline.workspace import talks
    from pipeline.workspace.media import is_tracks

    place = options.place(workspace)
    if Path(talk).is_dir() and not is_tracks(Path(talk)):
        cohort = cohorts.load(Path(talk), place)
        cohorts.vectors_of(cohort).unlink(missing_ok=True)
        click.echo(f"{cohort.name}: {endpoint.forget(cohort)} replies removed, and its vectors")
        return
    known = talks.load(shows.find(talk, place), place)
    replies, voices = endpoint.forget(known), voiceprints.forget(known)
    excerpts.path_of(known).unlink(missing_ok=True)
    click.echo(
        f"{known.name}: {replies} replies removed{', and what was heard of its voices' if voices else ''}"
    )


@cli.command()
@click.argument("inputs", nargs=-1, type=click.Path(path_type=Path))
@click.option("--why", is_flag=True, help="Say why a stage would run.")
@options.prompts
@options.sets
@options.as_json
@options.workspace
def status(
    inputs: tuple[Path, ...],
    why: bool,
    prompts: str | None,
    sets: tuple[str, ...],
    as_json: bool,
    workspace: Path | None,
) -> None:
    """Each talk and stage: fresh, stale, missing or edited. Exit 1 if a run would do something."""
    from pipeline.cohort import cohort_stages
    from pipeline.errors import TakeawaysError
    from pipeline.running import staleness
    from pipeline.workspace import talks

    place, overrides = options.place(workspace), options.overrides(sets)
    sources, problems = talks.discover(inputs or (place.inputs,), place)
    if prompts:
        options.check_prompts(sources, place, overrides, prompts)
    settled = not problems
    report: list[dict[str, Any]] = [{"talk": str(error.file), "error": str(error)} for error in problems]
    for source in sources:
        try:
            talk = talks.load(source, place, overrides, prompts)
            states = staleness.states(talk)
            talk.memory.save()
        except (TakeawaysError, OSError) as error:
            settled = False
            report.append({"talk": source.name, "error": str(error)})
            continue
        settled &= all(state.settled for state in states)
        report.append({"talk": source.name, "stages": [vars(state) for state in states]})
    for folder in () if prompts else cohort_stages.among(inputs or (place.inputs,), sources):
        settled &= _status_of_cohort(folder, place, overrides, report)
    click.echo(json.dumps(report, ensure_ascii=False) if as_json else _table(report, why))
    sys.exit(0 if settled else 1)


def _status_of_cohort(
    folder: Path, place: Workspace, overrides: Sequence[Mapping[str, Any]], report: list[dict[str, Any]]
) -> bool:
    """Add what a cohort has of its own to the report, and say whether a run would leave it as it is."""
    from pipeline.cohort import cohort_stages, cohorts
    from pipeline.errors import TakeawaysError
    from pipeline.running import staleness

    try:
        cohort = cohorts.load(folder, place, overrides)
        states = staleness.states(cohort, cohort_stages.STAGES)
        cohort.memory.save()
    except (TakeawaysError, OSError) as error:
        report.append({"talk": options.near(folder), "error": str(error)})
        return False
    report.append({"talk": cohort.name, "stages": [vars(state) for state in states]})
    return all(state.settled for state in states)


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
@options.as_json
@options.workspace
def show(
    talk: str, what: str, svg: str | None, rttm: str | None, as_json: bool, workspace: Path | None
) -> None:
    """Who spoke when in a TALK, an input file or a name as in status, and how the names are known."""
    from pipeline.cli import speaker_table
    from pipeline.review import speakers as shows
    from pipeline.workspace import talks

    if [svg, rttm, "-" if as_json else None].count("-") > 1:
        raise click.UsageError("Only one thing goes to standard output.")
    place = options.place(workspace)
    shown = shows.load(talks.load(shows.find(talk, place), place))
    for file, make in ((svg, shown.svg), (rttm, shown.rttm)):
        if file:
            _write(file, make())
    if as_json:
        click.echo(json.dumps(shown.as_json(), ensure_ascii=False))
    elif "-" not in (svg, rttm):
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        click.echo(speaker_table.text(shown, width), nl=False)


def _write(file: str, text: str) -> None:
    from pipeline.files import write_atomically

    if file == "-":
        click.echo(text, nl=False)
    else:
        write_atomically(Path(file), text.encode())


@cli.command()
@click.option("--fetch", is_flag=True, help="Get and verify every model now, before work starts.")
@options.sets
@options.as_json
@options.workspace
def doctor(fetch: bool, sets: tuple[str, ...], as_json: bool, workspace: Path | None) -> None:
    """What works here: decoders, models and their hashes, network, endpoints, keys, disk, memory.

    Exit 1 if something is amiss.
    """
    from pipeline import doctor as doctors
    from pipeline.workspace import config

    place = options.place(workspace)
    base = place.root / "takeaways.toml"
    overrides = (("--set", table) for table in options.overrides(sets))
    settings = config.merge([(base, config.read_toml(base)), *overrides])
    checks = []

    def told(message: str) -> None:
        if sys.stderr.isatty():
            click.echo(message, err=True)

    for check in doctors.examine(place, settings, fetch, told):
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
    from pipeline.cli.init import make_workspace

    make_workspace(folder)
    inputs = options.near(folder.absolute() / "inputs")
    click.echo(f"Put a recording into {inputs}/ and run: takeaways run inputs")


def main() -> None:
    """Entry point: every foreseen error becomes one message and an exit code, never a traceback."""
    from pipeline.cli import stopping
    from pipeline.errors import TakeawaysError, explained

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a terminal has no letters for stands as an escape
            stream.reconfigure(errors="backslashreplace")
    with stopping.stoppable():
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
            stopping.leave()
        except (TakeawaysError, OSError, MemoryError) as error:
            click.echo(f"takeaways: {explained(error)}", err=True)
            sys.exit(1)
