"""Writes real talks out in the forms people have, reads them back, and counts what is left and whose it is.

    python -m bench.transcripts.run --data DIR [--cases DIR] [--talks N] [--only forms cases growth]

--data is the folder with bitcoinops/ and qmsum/, --cases one with reduced files. Writes results.json and
results.md; parts that are not measured this time keep their figures.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.transcripts import cases, expected, growth, talks
from bench.transcripts.forms import FORMS, Form
from bench.transcripts.score import Score, of_nothing, score
from pipeline import transcripts
from pipeline.errors import InputError

HERE = Path(__file__).parent
PARTS = ("forms", "cases", "growth")


def read_back(form: Form, talk: talks.Talk, folder: Path) -> Score:
    """The score of one talk in one form."""
    talk = form.change(talk)
    path = folder / f"{talk.name}.{form.suffix}"
    content = form.write(talk)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        reading = transcripts.read(path)
    except InputError:
        return of_nothing(talk.turns)
    return score(talk.turns, reading, form.times, form.voices)


def form_rows(chosen: Sequence[talks.Talk]) -> list[dict[str, Any]]:
    """A row a form: the sums of its talks, and the talk in which most words are silently another's."""
    rows = []
    for form in FORMS:
        with TemporaryDirectory() as folder:
            scores = {talk.name: read_back(form, talk, Path(folder)) for talk in chosen}
        total = Score()
        for each in scores.values():
            total.add(each)
        worst = max(scores, key=lambda name: scores[name].wrong_silent / max(1, scores[name].said))
        row = {"form": form.name, "worst": worst if scores[worst].wrong_silent else "", **asdict(total)}
        rows.append(row)
        print(form_line(row), file=sys.stderr, flush=True)
    return rows


def form_line(row: dict[str, Any]) -> str:
    """The table's row. Shares are of all words said, times of all turns that have one."""

    def percent(count: int, of: int) -> str:
        """Rounded so that only all is 100 and only none is 0."""
        share = 100 * count / of
        return f"{share:.0f}" if share in (0, 100) else f"{min(99.99, max(0.01, share)):.2f}"

    shares = [
        percent(row[key], row["said"])
        for key in ("kept", "right", "nobody_told", "nobody_silent", "wrong_told", "wrong_silent")
    ]
    times = percent(row["starts_kept"], row["starts"]) if row["starts"] else ""
    refused = row["refused"] or ""
    role = row["role_in_label"] or ""
    return (
        f"| {row['form']} | {refused} | {' | '.join(shares)} | {times} | {row['unsaid']:,} | {role} "
        f"| {row['worst']} |"
    )


FORMS_HEAD = """
Kept: words that are there, in order. Right: under their speaker's label (without voices: under none). Nobody:
under none, though the file has labels. Wrong: under another's. Told: a note on speakers was given for the
file. Times: turns that begin within a second of what the file says. Unsaid: words that nobody said (headings,
clocks). Role: words whose label has the role in it. Worst: the talk with most silently wrong words.

| form | refused | kept % | right % | nobody, told % | nobody, silently % | wrong, told % \
| wrong, silently % | times % | unsaid | role | worst |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
"""
GROWTH_HEAD = f"""
Each kind is read in a process of its own: processor seconds of the reading, what its peak adds to the
resident MB, and how many times the seconds of a file of a quarter of the size (4 is linear; of a few
milliseconds it says little). No end: not in {growth.MAX_PROCESSOR_SECONDS} s and 4 GB. x: slower or larger
than it may be.

| size | what | seconds | MB | times | |
| ---: | --- | ---: | ---: | ---: | --- |
"""


def growth_line(row: dict[str, Any]) -> str:
    if row["seconds"] is None:
        return f"| {row['size']:,} | {row['kind']} | no end | | | x |"
    times = f"{row['times']:.1f}" if row["times"] else ""
    seconds, megabytes = f"{row['seconds']:.2f}", f"{row['megabytes']:.0f}"
    return f"| {row['size']:,} | {row['kind']} | {seconds} | {megabytes} | {times} | {row['amiss']} |"


def report(results: dict[str, Any]) -> str:
    """All tables, and the notes below them."""
    lines = [
        "# Transcripts",
        "",
        f"`make bench-transcripts DATA=DIR CASES=DIR`, {os.cpu_count()} cores of a shared machine, "
        f"Python {platform.python_version()}.",
    ]
    if forms := results.get("forms"):
        lines += ["", "## Forms", "", f"{results['talks']} talks, {forms[0]['said']:,} words in each form."]
        lines.append(FORMS_HEAD + "\n".join(map(form_line, forms)))
    if found := results.get("cases"):
        good = sum(not row["amiss"] for row in found)
        lines += ["", "## Cases", "", f"{good} of {len(found)} come out as they should.", ""]
        lines += ["| case | amiss |", "| --- | --- |"]
        lines += [f"| {row['case']} | {row['amiss'].replace('|', chr(92) + '|')} |" for row in found]
    if found := results.get("growth"):
        lines += ["", "## Growth", GROWTH_HEAD + "\n".join(map(growth_line, found))]
    notes = HERE / "notes.md"
    return "\n".join(lines) + "\n" + (f"\n{notes.read_text('utf-8')}" if notes.is_file() else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--cases", type=Path)
    parser.add_argument("--talks", type=int, help="as many talks, not all")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--to", type=Path, default=HERE, help="the folder of the results")
    arguments = parser.parse_args()
    arguments.to.mkdir(parents=True, exist_ok=True)
    stored = arguments.to / "results.json"
    results = json.loads(stored.read_text("utf-8")) if stored.is_file() else {}
    if "forms" in arguments.only and arguments.data:
        chosen = talks.load(arguments.data, arguments.talks)
        results |= {"talks": len(chosen), "forms": form_rows(chosen)}
    if "cases" in arguments.only and arguments.cases:
        results["cases"] = [
            {"case": case.file, "amiss": cases.verdict(case, arguments.cases)} for case in expected.CASES
        ]
    if "growth" in arguments.only:
        results["growth"] = []
        for kind in growth.KINDS:
            results["growth"].append(growth.row(kind))
            print(growth_line(results["growth"][-1]), file=sys.stderr, flush=True)
    stored.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    (arguments.to / "results.md").write_text(report(results), "utf-8")


if __name__ == "__main__":
    main()
