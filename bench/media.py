"""Damaged recordings, each decoded in a process of its own: does one crash, hang or fill memory?

    nice -n 15 python -m bench.media [--files 10000] [--first 0] [--keep FOLDER]

Files are those of tests/support/hostile_media.py, made from their numbers. Writes bench/media.md; files that
fail stay in FOLDER.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.support import hostile_media
from tests.support.media_outcomes import Outcome, outcome_of

KINDS = ("decoded", "refused", "crash", "hang", "memory", "endless", "unforeseen")


def outcomes(first: int, number: int, folder: Path) -> Iterator[tuple[str, Outcome]]:
    """The container and the outcome of each file."""
    for seed in range(first, first + number):
        name, data = hostile_media.damaged(seed)
        path = folder / name
        path.write_bytes(data)
        outcome = outcome_of(path)
        yield name.partition(".")[2], outcome
        if outcome.is_good:
            path.unlink()
        else:
            print(name, outcome, flush=True)


def report(all_outcomes: list[tuple[str, Outcome]], first: int) -> str:
    counts = Counter((container, outcome.kind) for container, outcome in all_outcomes)
    refusals = Counter(outcome.detail for _, outcome in all_outcomes if outcome.kind == "refused")
    last = first + len(all_outcomes) - 1
    lines = [
        "# Damaged recordings",
        f"`python -m bench.media`, Python {platform.python_version()}: {len(all_outcomes)} files, numbers "
        f"{first} to {last}, of 2.5 s of speech each, damaged once to three times. Each was probed and "
        "decoded twice, mixed and one channel of it, in a process of its own.",
        "",
        f"| container | {' | '.join(KINDS)} |",
        "| --- |" + " ---: |" * len(KINDS),
    ]
    for container in dict.fromkeys(container for container, _ in all_outcomes):
        lines.append(f"| {container} | {' | '.join(str(counts[container, kind]) for kind in KINDS)} |")
    totals = Counter(outcome.kind for _, outcome in all_outcomes)
    longest, peak = (max(getattr(o, name) for _, o in all_outcomes) for name in ("seconds", "peak"))
    lines += [
        f"| all | {' | '.join(str(totals[kind]) for kind in KINDS)} |",
        "",
        f"Most memory: {peak:.0f} MB. Most sound from one file: {longest:.0f} s.",
        "",
        "Refused, since:",
        *(f"- {what}: {number}" for what, number in refusals.most_common()),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.media", description="Damaged recordings.")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "takeaways-media")
    parser.add_argument("--report", type=Path, default=Path(__file__).with_suffix(".md"))
    arguments = parser.parse_args()
    arguments.keep.mkdir(parents=True, exist_ok=True)
    for kind, *_ in hostile_media.KINDS:
        hostile_media.whole(kind)  # kept, and not made again in each child
    found = list(outcomes(arguments.first, arguments.files, arguments.keep))
    arguments.report.write_text(report(found, arguments.first), "utf-8")


if __name__ == "__main__":
    main()
