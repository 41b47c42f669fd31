"""Printing text that may come from anywhere, a server or a file: nothing in it steers the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.text import Text


def echo(text: str, err: bool = False, nl: bool = True) -> None:
    """Print text that may come from anywhere: nothing in it steers the terminal."""
    from pipeline.text import harmless

    click.echo(harmless(text), err=err, nl=nl)


def styled(text: str, style: str = "", **options: Any) -> Text:
    """The same for what Rich prints, in a style of its own."""
    from rich.text import Text

    from pipeline.text import harmless

    return Text(harmless(text), style, **options)
