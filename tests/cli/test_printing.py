"""What comes from files and servers is printed, and steers nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.text import harmless
from tests.support import ROOT
from tests.support.helpers import panel
from tests.support.stopped import call

_RENDERED_BY_RICH = {"show.py", "compare.py"}  # from pieces that `styled` made
_TO_ITS_PARENT = {"template_process.py"}


def test_everything_is_printed_through_one_function() -> None:
    by_itself = {
        path.name
        for path in (ROOT / "pipeline").rglob("*.py")
        if re.search(r"click\.s?echo\(|(?<![.\w])print\(|std(?:out|err)\.write\(", path.read_text("utf-8"))
    }
    assert by_itself == {"printing.py", *_RENDERED_BY_RICH, *_TO_ITS_PARENT}


def test_nothing_that_is_printed_steers_the_terminal(tmp_path: Path) -> None:
    place = panel(tmp_path)
    sidecar = '[speakers]\n"Eve\\u001b]0;owned\\u0007\\u009b" = { at = "99:00" }\n'
    (place.inputs / "panel.toml").write_text(sidecar, "utf-8")
    printed = call(tmp_path, "run", "inputs")
    assert "\\u001b]0;owned" in printed.stderr
    assert not {"\x1b", "\x07", "\x9b"} & set(printed.stderr + printed.stdout)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb\nc\td", "a\\u001b[31mb\nc\td"),
        ("\u202eexe.txt", "\\u202eexe.txt"),
        ("\udcff\x9b\x7f\r", "\\udcff\\u009b\\u007f\\u000d"),
        ("Zoë 🎙️ שלום 會議", "Zoë 🎙️ שלום 會議"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_instead(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_errors_of_usage_steer_nothing_either(tmp_path: Path) -> None:
    place = panel(tmp_path)
    (place.root / "takeaways.toml").write_text(
        '[extract]\nmodel = "\\u001b]0;owned\\u0007\\u202ered"\n', "utf-8"
    )
    told = call(tmp_path, "compare", "panel")
    assert told.returncode == 2
    assert "\\u001b]0;owned\\u0007\\u202ered" in told.stderr
    assert not {"\x1b", "\u202e"} & set(told.stderr)
