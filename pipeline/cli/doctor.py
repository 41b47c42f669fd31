"""The command that checks this machine."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from pipeline.cli import options
from pipeline.cli.printing import echo


@click.command()
@click.option("--fetch", is_flag=True, help="Get and verify every model now, before work starts.")
@options.set_options
@options.as_json
@options.workspace
def doctor(fetch: bool, sets: tuple[str, ...], as_json: bool, root: Path | None) -> None:
    """What works here: decoders, models and their hashes, network, endpoints, keys, disk, memory.

    Exit 1 if something is amiss.
    """
    from pipeline.doctor import examine
    from pipeline.workspace import config

    workspace = options.find_workspace(root)
    settings_file = workspace.root / "takeaways.toml"
    overrides = (("--set", table) for table in options.overrides(sets))
    settings = config.merge([(settings_file, config.read_toml(settings_file)), *overrides])
    checks = []

    def notify(message: str) -> None:
        if sys.stderr.isatty():
            echo(message, err=True)

    for check in examine(workspace, settings, fetch, notify):
        checks.append(check)
        if not as_json:
            echo(f"{'ok ' if check.ok else 'NO '} {check.name}: {check.detail}")
    if as_json:
        echo(json.dumps([vars(check) for check in checks], ensure_ascii=False))
    sys.exit(0 if all(check.ok for check in checks) else 1)
