"""Measures runs of a whole cohort, and writes the tables in bench/cohort/results.md.

    python -m bench.cohort.run --data DIR [--only growth|prompts|audio|dask ...]

DIR is the folder with bitcoinops/. Parts that are not measured this time keep their figures.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.cohort import corpus
from bench.cohort.programs import Cost, cluster, takeaways
from bench.hour import record

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOLDER = "inputs/cohort"
TALKS = 100
Row = tuple[str, Cost]


def workspace(root: Path, data: Path, talks: int) -> Path:
    corpus.write(root / FOLDER, data, talks)
    (root / "takeaways.toml").touch()
    return root


def printed(name: str, cost: Cost) -> Row:
    """A row of the table; it is printed as well."""
    print(f"{name}: {cost}", file=sys.stderr)
    return name, cost


def growth(root: Path, data: Path) -> list[Row]:
    """First runs of more and more talks, and what changes cost the largest cohort."""
    rows = []
    for talks in (25, 50, TALKS):
        place = workspace(root / str(talks), data, talks)
        rows.append(printed(f"{talks} talks, first run", takeaways(place, "run", FOLDER)))
        forced = takeaways(place, "cohort", FOLDER, "--force")
        rows.append(printed(f"{talks} talks, `cohort --force` after it", forced))
        rows.append(printed(f"{talks} talks, nothing to do", takeaways(place, "run", FOLDER)))
    return rows + changes(place, data)


def changes(place: Path, data: Path) -> list[Row]:
    """What a change costs a finished cohort of TALKS."""
    rows = [printed("`status`", takeaways(place, "status", FOLDER))]
    sidecar = place / FOLDER / "2023-12-07.toml"
    sidecar.write_text('title = "Another title"\n', "utf-8")
    rows.append(printed("after one title changed", takeaways(place, "run", FOLDER)))
    name, text = list(corpus.transcripts(data, TALKS + 20))[-1]
    (place / FOLDER / f"{name}.md").write_text(text, "utf-8")
    rows.append(printed("after one talk was added", takeaways(place, "run", FOLDER)))
    (place / "templates").mkdir()
    shutil.copy(ROOT / "templates" / "post.md.j2", place / "templates")
    with (place / "templates" / "post.md.j2").open("a") as file:
        file.write("Made anew.\n")
    rows.append(printed("after one template of the posts changed", takeaways(place, "run", FOLDER)))
    return rows


def prompts(root: Path, data: Path) -> list[Row]:
    """One prompt changed, with a server that answers at once and says nothing of use: our own cost alone."""
    from tests.support.fake_endpoint import FakeEndpoint

    place = workspace(root, data, 20)
    with FakeEndpoint() as server:
        (place / "takeaways.toml").write_text(
            f'[extract]\nbase_url = "{server.url}"\nmodel = "any"\n', "utf-8"
        )
        rows = [printed("20 talks, first run", takeaways(place, "run", FOLDER))]
        rows.append(printed(f"({len(server.requests)} calls)", Cost(0, 0, 0)))
        rows.append(printed("nothing to do", takeaways(place, "run", FOLDER)))
        calls_so_far = len(server.requests)
        (place / "prompts" / "recap").mkdir(parents=True)
        text = (ROOT / "prompts" / "recap" / "heading.md").read_text("utf-8")
        (place / "prompts" / "recap" / "heading.md").write_text(text.replace("briefly", "shortly"), "utf-8")
        rows.append(printed("after the prompt for headings changed", takeaways(place, "run", FOLDER)))
        rows.append(printed(f"({len(server.requests) - calls_so_far} calls)", Cost(0, 0, 0)))
    return rows


def audio(root: Path, data: Path) -> list[Row]:
    """Recordings of two minutes of looped real speech: does memory grow with their number?"""
    rows = []
    for talks in (2, 10):
        folder = root / str(talks) / FOLDER
        folder.mkdir(parents=True)
        for number in range(talks):
            record(folder / f"talk-{number}.mp3", (120 + number) / 3600)
        (folder.parents[1] / "takeaways.toml").touch()
        rows.append(printed(f"{talks} recordings of 2 min", takeaways(folder.parents[1], "run", FOLDER)))
    return rows


def dask(root: Path, data: Path) -> list[Row]:
    """The same transcripts here and on clusters on this machine, and what a task costs that has no work."""
    talks = 24
    place = workspace(root / "here", data, talks)
    rows = [printed(f"{talks} talks here, --to render", takeaways(place, "run", FOLDER, "--to", "render"))]
    rows.append(printed("nothing to do, here", takeaways(place, "run", FOLDER)))
    for workers in (1, 2, 4):
        place = workspace(root / str(workers), data, talks)
        with cluster(root / "logs", workers) as address:
            first = takeaways(place, "run", FOLDER, "--dask", address)
            rows.append(printed(f"{talks} talks on {workers} workers", first))
            idle = takeaways(place, "run", FOLDER, "--dask", address)
            rows.append(printed(f"nothing to do, {workers} workers", idle))
    return rows


PARTS: dict[str, Callable[[Path, Path], list[Row]]] = {
    "growth": growth,
    "prompts": prompts,
    "audio": audio,
    "dask": dask,
}


def report(results: dict[str, Any]) -> str:
    """All tables, and the notes below them. `results` are the rows of each part."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("distributed", "onnxruntime"))
    lines = [
        "# Cohorts",
        "",
        f"`make bench-cohort DATA=DIR`, {os.cpu_count()} cores, Python {platform.python_version()},",
        f"{packages}.",
        "Wall times of a shared machine: compare within a table. Processor seconds and peak memory are those",
        "of `takeaways` itself, not of workers.",
    ]
    for name, rows in results.items():
        lines += ["", f"## {name}", "", str(PARTS[name].__doc__), ""]
        lines += ["| run | seconds | processor seconds | peak RSS, MB |", "| --- | ---: | ---: | ---: |"]
        for run, cost in rows:
            figures = "| {seconds:.1f} | {processor:.1f} | {peak:.0f} |".format(**cost)
            lines.append(f"| {run} {figures if cost['seconds'] else '| | | |'}")
    notes = HERE / "notes.md"
    return "\n".join(lines) + "\n" + (f"\n{notes.read_text('utf-8')}" if notes.is_file() else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    arguments = parser.parse_args()
    stored = HERE / "results.json"
    for part in arguments.only:
        with tempfile.TemporaryDirectory() as folder:
            rows = PARTS[part](Path(folder), arguments.data)
        results = json.loads(stored.read_text("utf-8")) if stored.is_file() else {}
        results[part] = [(run, asdict(cost)) for run, cost in rows]
        results = {name: results[name] for name in PARTS if name in results}
        stored.write_text(json.dumps(results, indent=1) + "\n")
        (HERE / "results.md").write_text(report(json.loads(stored.read_text("utf-8"))), "utf-8")


if __name__ == "__main__":
    main()
