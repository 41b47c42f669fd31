"""The command line: its commands, and how errors are told.

Exit codes: 0 success, 1 something failed or is stale, 2 wrong usage, 130 stopped by a signal. Only click and
the standard library are imported outside the commands, so that --help is quick.
"""

from __future__ import annotations

import io
import sys

import click

from pipeline.cli.cohort import cohort
from pipeline.cli.compare import compare
from pipeline.cli.doctor import doctor
from pipeline.cli.forget import forget
from pipeline.cli.init import init
from pipeline.cli.printing import echo
from pipeline.cli.run import run
from pipeline.cli.show import show
from pipeline.cli.status import status
from pipeline.cli.stopping import exit_now, stoppable
from pipeline.cli.trust import trust
from pipeline.cli.voices import voices


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="takeaways")
def cli() -> None:
    """Turn recorded conversations into posts of themed takeaways.

    Nothing leaves this machine unless you ask.
    """


for command in (run, status, cohort, compare, forget, show, voices, trust, doctor, init):
    cli.add_command(command)


def main() -> None:
    """Entry point: every expected error becomes one message and an exit code, never a traceback."""
    from pipeline.errors import TakeawaysError, explained

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # characters it cannot encode become escapes
            stream.reconfigure(errors="backslashreplace")
    with stoppable():
        try:
            cli(standalone_mode=False)
        except click.ClickException as error:
            shown = io.StringIO()
            error.show(shown)
            echo(shown.getvalue(), err=True, nl=False)
            sys.exit(2 if isinstance(error, click.UsageError) else 1)
        except click.exceptions.Exit as error:
            sys.exit(error.exit_code)
        except (click.Abort, KeyboardInterrupt):
            exit_now()
        except (TakeawaysError, OSError, MemoryError) as error:
            echo(f"takeaways: {explained(error)}", err=True)
            sys.exit(1)
