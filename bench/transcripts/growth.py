"""How time and memory grow with a transcript: a kind of file of a size and of a quarter of it.

    python -m bench.transcripts.growth QUARTER WHOLE

reads two files and prints the seconds of each, and peak MB.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[2]
MAX_PROCESSOR_SECONDS = 60
MAX_ADDRESS_SPACE_BYTES = 4 * 2**30
SHORT_SECONDS = 0.5  # below this the best of REPEATS counts
REPEATS = 3


def _words(count: int) -> str:
    return " ".join(f"harbour{n % 977}." if n % 12 == 11 else f"sand{n % 977}" for n in range(count))


def _turns(count: int, people: int, of: int) -> str:
    return "\n\n".join(f"**Speaker{n % people} Somebody:** {_words(of)}" for n in range(count))


def _cues(count: int) -> str:
    def moment(n: int) -> str:
        return f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}.000"

    cues = (
        f"{n}\n{moment(n)} --> {moment(n + 1)}\nSpeaker{n // 9 % 7}: {_words(3)}" for n in range(1, count + 1)
    )
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


def _speakers(count: int) -> str:
    return "\n".join(f"Ann{n} Lee{n}: {_words(9)}\n" for n in range(2 * count) for n in [n % count])


@dataclass(frozen=True)
class Kind:
    """`make(size)` is a file's text. `seconds` and `megabytes` are what the size may take at most."""

    name: str
    size: int
    make: Callable[[int], str]
    suffix: str = "md"
    seconds: float = 10
    megabytes: float = 500


def _pump(unit: str, size: int = 50_000, suffix: str = "md") -> Kind:
    """A unit over and over on one line or in as many lines, above the first turn and within the second."""
    shown = unit.replace("|", "\\|").replace("\n", "\\n").replace("\t", "\\t")
    name = f"`` {shown} `` again and again" if "`" in unit else f"`{shown}` again and again"
    return Kind(name, size, lambda n: f"{unit * n}\n\nAnn: Well.\n\nBob: {unit * n}\n\nAnn: No.\n", suffix)


KINDS = (
    Kind("words in 50-word turns", 20_000, lambda n: _turns(n // 50, 2, 50), seconds=1),
    Kind("words in 50-word turns", 900_000, lambda n: _turns(n // 50, 2, 50), seconds=45, megabytes=2000),
    Kind("cues of WebVTT", 200_000, _cues, "vtt"),
    Kind("speakers with two turns each", 10_000, _speakers),
    Kind("bytes on one line", 1_000_000, lambda n: f"Ann: {_words(n // 8)}"),
    Kind("bytes on one line without spaces", 1_000_000, lambda n: "a" * n),
    Kind('`(a)` after "Ann "', 10_000, lambda n: "Ann " + "(a)" * n),
    Kind('`(a)` after "Ann ", then a colon', 10_000, lambda n: "Ann " + "(a)" * n + ": Well."),
    *map(_pump, ("*", "_", "[", "]", "(", "\\", "`", "<", "&", " ", "\t", ":", ">")),
    *map(
        _pump,
        (
            "**Ann** ",
            "Ann: ",
            "0:01 ",
            "[0:01] ",
            "(0:01) ",
            "- ",
            "> ",
            "| a ",
            "<v ",
            "<b>",
            "[a](https://b) ",
        ),
    ),
    *map(
        _pump, ("Ann Lee, ", "Mr. LEE. ", "ANN ", "Ann\n", "Ann:\n", "0:01\n", "# a\n", "**Ann**\n", "```\n")
    ),
    *map(_pump, ("- a\n", "> a\n", "| a | b |\n", "---\n", "\n", "<!--", "Ann 0:01\n", "[Ann] ", "\\[")),
    *map(_pump, ("*a* ", "**a", "&amp;", "<b>Ann</b> ", "Ann: a\n\n", "0:01 Ann: a\n", "``` ")),
    Kind("labels that occur once", 20_000, lambda n: "".join(f"Name{i} Last{i}: a.\n\n" for i in range(n))),
    Kind("bold names that occur once", 20_000, lambda n: "".join(f"**Ann{i}**\n\na.\n\n" for i in range(n))),
    Kind("`[a]` and an open bracket again and again", 50_000, lambda n: "Ann: a.\n\nBob: " + "[a](" * n),
    Kind("topics as headings", 20_000, lambda n: "".join(f"## Topic {i}\n\nAnn: a.\n\n" for i in range(n))),
    Kind("lines of a fence without an end", 50_000, lambda n: "Ann: a.\n\n```\n" + "Bob: a.\n" * n),
    Kind(
        "times of cues without text", 50_000, lambda n: "WEBVTT\n\n" + "00:01.000 --> 00:02.000\n" * n, "vtt"
    ),
    Kind(
        "lines of front matter",
        50_000,
        lambda n: "---\n" + "key: value\n" * n + "---\nAnn: Well.\n\nBob: No.\n",
    ),
    Kind("lines of front matter without an end", 50_000, lambda n: "---\n" + "key: value\n" * n),
    Kind("`<v ` in one cue", 50_000, lambda n: f"WEBVTT\n\n0:01.000 --> 0:02.000\n{'<v ' * n}\n", "vtt"),
    Kind(
        "lines of a cue",
        50_000,
        lambda n: f"WEBVTT\n\n00:01.000 --> 00:02.000\n{'Ann: a' + chr(10) * n}",
        "vtt",
    ),
)


@dataclass(frozen=True)
class Cost:
    """Processor seconds of reading a quarter and the whole, and what the peak adds to the resident MB."""

    quarter_seconds: float
    seconds: float
    megabytes: float


def cost(kind: Kind) -> Cost | None:
    """In a process of its own. None if it takes over MAX_PROCESSOR_SECONDS or MAX_ADDRESS_SPACE_BYTES."""
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{name}.{kind.suffix}" for name in ("quarter", "whole")]
        for path, size in zip(paths, (kind.size // 4, kind.size), strict=True):
            path.write_text(kind.make(size), "utf-8")
        command = [sys.executable, "-m", "bench.transcripts.growth", *map(str, paths)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True)
    if done.returncode == -signal.SIGXCPU or b"MemoryError" in done.stderr:
        return None
    done.check_returncode()
    return Cost(*map(float, done.stdout.split()))


def row(kind: Kind) -> dict[str, Any]:
    """What the kind takes, and how many times what a quarter of it takes."""
    found = cost(kind)
    return {
        "kind": kind.name,
        "size": kind.size,
        "seconds": found and found.seconds,
        "megabytes": found and found.megabytes,
        "times": found and found.seconds / max(found.quarter_seconds, 0.001),
        "amiss": "" if found and found.seconds <= kind.seconds and found.megabytes <= kind.megabytes else "x",
    }


def seconds_of(path: Path) -> float:
    """Processor seconds of reading a file: of a short reading the best of REPEATS."""
    from pipeline import transcripts
    from pipeline.errors import InputError

    found: list[float] = []
    while not found or (found[0] < SHORT_SECONDS and len(found) < REPEATS):
        started = time.process_time()
        with suppress(InputError):
            transcripts.read(path)
        found.append(time.process_time() - started)
    return min(found)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESS_SPACE_BYTES, MAX_ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_PROCESSOR_SECONDS, MAX_PROCESSOR_SECONDS + 1))
    quarter, whole = map(Path, sys.argv[1:])
    first = quarter.with_name("first.md")
    first.write_text("Ann: Well, this is the first.\n\nBob: So it is.\n", "utf-8")
    seconds_of(first)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = seconds_of(quarter), seconds_of(whole)
    print(*seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000)


if __name__ == "__main__":
    main()
