"""The command that says what may be connected to; and the question that is asked where nothing was said."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.printing import echo

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

    if address is None:
        if key or remove:
            raise click.UsageError("Name an address.")
        _list()
    elif remove:
        tables = trusted.forget(address)
        echo(f"{address}: no longer trusted." if tables else f"{address} was not trusted.")
    else:
        table, value = _entry(trusted.checked(address), key)
        echo(f"{trusted.remember(table, address, value)}: {address} is trusted.")


def _entry(address: str, key: str | None) -> tuple[Any, str | bool]:
    """The table and the value that say that an address is trusted. Raises UsageError."""
    if address.startswith(("http:", "https:")):
        return ("keys", key) if key else ("servers", True)
    if key:
        raise click.UsageError("Only a server at http(s)://… is sent a key.")
    return "schedulers", True


def _list() -> None:
    from pipeline.workspace import trusted

    known = trusted.load()
    echo(f"In {trusted.trusted_file()}:")
    for address, variable in known.keys.items():
        echo(f"  {address}  gets the key in {variable}")
    for address, answer in (known.servers | known.schedulers).items():
        echo(f"  {address}  {'trusted' if answer else 'not trusted'}")
    if not (known.keys or known.servers or known.schedulers):
        echo("  nothing. OpenAI's own address gets OPENAI_API_KEY, and this machine is trusted, in any case.")


def ask(all_settings: Iterable[Settings], run: RunSettings | None = None) -> None:
    """Ask about each address that only a file names and that would be connected to; keep the answers.

    Without a terminal nobody is asked: what needs the address fails, and says what to type.
    """
    from pipeline.workspace import trusted

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return
    for named in dict.fromkeys(_named(all_settings, run)):
        if named.answer() is None:
            echo(f"{named.file}: {named.setting} = '{named.address}': {named.danger}.", err=True)
            answer = click.confirm("Do you trust it?", err=True)
            path = trusted.remember(named.table, named.address, answer)
            echo(f"That is kept in {path}.", err=True)


def _named(all_settings: Iterable[Settings], run: RunSettings | None) -> Iterator[Named]:
    """The addresses that these settings would have us connect to."""
    from pipeline.stage_names import TalkStage
    from pipeline.takeaways import writers
    from pipeline.workspace import api_keys, trusted

    if run and run.dask:
        yield trusted.scheduler(run)
    for settings in all_settings:
        if writers.choose(settings.extract).kind == "openai":
            yield api_keys.server(settings.extract, TalkStage.EXTRACT)
        if settings.transcribe.engine == "openai":
            yield api_keys.server(settings.transcribe, TalkStage.TRANSCRIBE)
