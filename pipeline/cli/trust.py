"""The command that says what may be connected to; and the question that is asked where nothing was said."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.printing import echo
from pipeline.stage_names import TalkStage

if TYPE_CHECKING:
    from pipeline.workspace.config import RunSettings, Settings
    from pipeline.workspace.trusted import Named


@click.command()
@click.argument("address", required=False)
@click.option("--key", metavar="VARIABLE", help="Send this server the key in that environment variable.")
@click.option("--remove", is_flag=True, help="Trust ADDRESS no longer.")
def trust(address: str | None, key: str | None, remove: bool) -> None:
    """Trust ADDRESS, the server or Dask scheduler that a workspace's files name; without it, list them.

    What you trust is kept in trusted.toml in your own config folder, outside every workspace.
    """
    from pipeline.workspace import trusted
    from pipeline.workspace.server_addresses import checked

    if address is None:
        if key or remove:
            raise click.UsageError("Name an address.")
        _list()
    elif remove:
        tables = trusted.forget(address)
        echo(f"{address}: no longer trusted." if tables else f"{address} was not trusted.")
    else:
        address = checked(address)
        table, value, what = _entry(address, key)
        path = trusted.remember(table, address, value)
        echo(f"{what} {address} is trusted. That is kept in {path}.")


def _entry(address: str, key: str | None) -> tuple[Any, str | bool, str]:
    """The table and the value that say that an address is trusted, and what it is. Raises UsageError."""
    from pipeline.workspace.server_addresses import is_private

    if not address.startswith(("http:", "https:")):
        if key:
            raise click.UsageError("Only a server at https://… is sent a key.")
        return "schedulers", True, "The Dask scheduler"
    if not key:
        return "servers", True, "The server"
    if not is_private(address):
        raise click.UsageError("A key goes to another machine by https alone.")
    if not os.environ.get(key, "").strip():  # perhaps the key itself, so it is not repeated
        raise click.UsageError("--key takes the name of an environment variable that is set, and not a key.")
    return "keys", key, "The server"


def _list() -> None:
    from pipeline.workspace import trusted

    known = trusted.load()
    echo(f"In {trusted.trusted_file()}:")
    for address, variable in known.keys.items():
        echo(f"  {address}  trusted, and gets the key in {variable}")
    for address, answer in (known.servers | known.schedulers).items():
        echo(f"  {address}  {'trusted' if answer else 'not trusted'}")
    for language, folder in known.parsers.items():
        echo(f"  {folder}  parses talks in the language '{language}'")
    if not (known.keys or known.servers or known.schedulers or known.parsers):
        echo("  nothing yet. Servers on this machine, and addresses that you type, need not be there.")


def ask(
    all_settings: Iterable[Settings],
    stages: Collection[str] = tuple(TalkStage),
    run: RunSettings | None = None,
) -> None:
    """Ask about each address that only files lead to, and that `stages` would connect to; keep the answers.

    Without a terminal nobody is asked: what needs the address fails, and says what to type.
    """
    from pipeline.workspace import trusted

    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        return
    for named in dict.fromkeys(_named(all_settings, stages, run)):
        if named.answer() is None:
            echo(f"{named.file}: {named.setting} = '{named.value}': {named.danger}.", err=True)
            _forget_typed_ahead()
            answer = click.confirm(f"Do you trust {named.address}?", default=None, err=True)
            path = trusted.remember(named.table, named.address, answer)
            undo = "takeaways trust ADDRESS" + " --remove" * answer
            echo(f"That is kept in {path}; {undo} changes it.", err=True)


def _forget_typed_ahead() -> None:
    """What was typed before a question was there is no answer to it."""
    try:
        import termios
    except ImportError:  # Windows
        return
    termios.tcflush(sys.stdin, termios.TCIFLUSH)


def _named(
    all_settings: Iterable[Settings], stages: Collection[str], run: RunSettings | None
) -> Iterator[Named]:
    """The addresses that these settings would have us connect to."""
    from pipeline.takeaways import writers
    from pipeline.workspace import api_keys, trusted

    if run and run.dask:
        yield trusted.scheduler(run)
    for settings in all_settings:
        if TalkStage.EXTRACT in stages and writers.choose(settings.extract).kind == "openai":
            yield api_keys.server(settings.extract, TalkStage.EXTRACT)
        if TalkStage.EXTRACT in stages and (judge := writers.choose_judge(settings)).other and judge.model:
            yield api_keys.server(judge.model.settings, judge.model.table)
        if TalkStage.TRANSCRIBE in stages and settings.transcribe.engine == "openai":
            yield api_keys.server(settings.transcribe, TalkStage.TRANSCRIBE)
