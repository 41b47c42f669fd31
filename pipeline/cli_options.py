"""What several commands take, and what it means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pipeline.talks import Workspace

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")
workspace = click.option(
    "--workspace", "-w", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder with inputs/ and outputs/; default: the nearest one with a takeaways.toml, or this one.",
)  # fmt: skip


def place(given: Path | None) -> Workspace:
    """The workspace that is named, or the one around the current folder."""
    from pipeline.talks import Workspace

    return Workspace(given.resolve()) if given else Workspace.around(Path.cwd())
