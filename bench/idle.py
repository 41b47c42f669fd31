"""What it costs to find that there is nothing to do, for finished workspaces of many talks.

    python -m bench.idle --data DIR [--keep FOLDER]

DIR is the folder with bitcoinops/. Writes bench/idle.md. With `--keep` the workspaces are made there once and
used again; they take some ten minutes to make.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import tempfile
from pathlib import Path

from bench.cohort import corpus
from bench.cohort.programs import Cost, takeaways

RUNS = 7  # of each command, after one that is not counted
SHORT_TALKS = 500
SHORT_TALK_TURNS = 14
MAX_TURN_LETTERS = 600


def cohort_workspace(root: Path, data: Path) -> Path:
    """A hundred whole talks with a cohort of their own, as in bench/cohort."""
    if not root.exists():
        corpus.write(root / "inputs" / "cohort", data, 100)
        takeaways(root, "run", "inputs")
    return root


def short_talks_workspace(root: Path, data: Path) -> Path:
    """Five hundred short talks, none of which has a sidecar."""
    podcasts = sorted((data / "bitcoinops").glob("*.json"))
    if not root.exists():
        (root / "inputs").mkdir(parents=True)
        for number in range(SHORT_TALKS):
            turns = json.loads(podcasts[number % len(podcasts)].read_text("utf-8"))["turns"]
            first = 2 * (number // len(podcasts)) % max(1, len(turns) - 30)
            lines = (
                f"{turn['speaker']}: {turn['text'][:MAX_TURN_LETTERS]}"
                for turn in turns[first : first + SHORT_TALK_TURNS]
            )
            (root / "inputs" / f"t{number:03}.md").write_text("\n\n".join(lines) + "\n", "utf-8")
        takeaways(root, "run", "inputs")
    return root


def measured(root: Path, *command: str) -> list[Cost]:
    """What each run of a command costs, but for the first."""
    return [takeaways(root, *command) for _ in range(RUNS + 1)][1:]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.idle", description="Nothing to do.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "takeaways-idle")
    arguments = parser.parse_args()
    version = platform.python_version()
    lines = [
        "# Nothing to do",
        f"`python -m bench.idle --data DIR`, 2 cores of a shared machine, Python {version}.",
        f"Finished workspaces, {RUNS} runs of each command.",
        "",
        "| workspace | command | seconds, median (least, most) | processor seconds | peak RSS, MB |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for name, root in (
        ("100 talks and their cohort", cohort_workspace(arguments.keep / "cohort", arguments.data)),
        (f"{SHORT_TALKS} short talks", short_talks_workspace(arguments.keep / "short", arguments.data)),
    ):
        for command in (("status",), ("run", "inputs")):
            costs = measured(root, *command)
            seconds = sorted(cost.seconds for cost in costs)
            spread = f"{statistics.median(seconds):.2f} ({seconds[0]:.2f}, {seconds[-1]:.2f})"
            processor = statistics.median(cost.processor for cost in costs)
            peak = max(cost.peak for cost in costs)
            lines.append(f"| {name} | `{' '.join(command)}` | {spread} | {processor:.2f} | {peak:.0f} |")
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
