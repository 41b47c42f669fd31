"""Measures who speaks when, and writes the tables in bench/speakers/results.md.

    python -m bench.speakers.run [--only ours|peer] [--seeds 3] [--conditions readers-3 15dB] [--jobs 2]

Without options everything is measured and results.md and results.json are replaced; with some, they go to the
cache folder, and the tables are printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.speakers import measure, report
from bench.speakers.clips import ROOT, seconds
from bench.speakers.compose import Span, composed, conditions, digest
from bench.speakers.score import Score, rttm, scored, stm

if TYPE_CHECKING:
    from bench.speakers.words import Words

HERE = Path(__file__).parent
DATA = ROOT / "tests" / "data"
SYSTEMS = ("ours", "peer")
SEEDS = {"readers": 20, "prompts": 5}
REAL = {
    "phone": (DATA / "phone.wav", DATA / "phone.rttm"),
    "chaincode": (DATA / "chaincode.opus", DATA / "chaincode.stm"),
    **{
        f"ami-{name}": (HERE / "ami" / f"{name}.flac", HERE / "ami" / f"{name}.rttm")
        for name in ("trn00", "trn03", "trn09")
    },
    "ami-dev00": (DATA / "ami-dev00.flac", HERE / "ami" / "dev00.rttm"),
}


@dataclass(frozen=True)
class Recording:
    """A recording and its truth; `row` is the line of the table that it counts for."""

    row: str
    path: Path
    truth: Path

    def spans(self) -> list[Span]:
        return stm(self.truth) if self.truth.suffix == ".stm" else rttm(self.truth)


def composed_recordings(options: argparse.Namespace) -> list[Recording]:
    recordings = []
    for condition in conditions():
        if options.conditions and not any(part in condition.name for part in options.conditions):
            continue
        for seed in range(options.seeds or SEEDS[condition.group]):
            path = composed(condition, seed, options.cache / "composed")
            recordings.append(Recording(condition.name, path, path.with_suffix(".rttm")))
        print(f"\rcomposed {len(recordings)} ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return recordings


def real_recordings(options: argparse.Namespace) -> list[Recording]:
    wanted = options.conditions
    return [
        Recording(name, *paths)
        for name, paths in REAL.items()
        if not wanted or any(part in name or part == "real" for part in wanted)
    ]


def answered(system: str, recordings: list[Recording], options: argparse.Namespace) -> dict[str, float]:
    """Have a system answer all recordings in processes of its own; return what these needed."""
    folder = options.cache / "answers" / system
    paths = [recording.path for recording in recordings]
    if system in options.reuse:
        paths = [path for path in paths if not (folder / f"{path.stem}.json").is_file()]
        if not paths and (folder / "process.json").is_file():
            return dict(json.loads((folder / "process.json").read_text("utf-8")))
    shares = [paths[job :: options.jobs] for job in range(options.jobs)]
    processes = [measure.start(system, folder, share) for share in shares if share]
    codes = [process.wait() for process in processes]
    if any(codes):
        raise SystemExit(f"{system} failed")
    return dict(json.loads((folder / "process.json").read_text("utf-8")))


def scores(system: str, recordings: list[Recording], cache: Path) -> dict[str, list[Score]]:
    by_row: dict[str, list[Score]] = {}
    for recording in recordings:
        answer = json.loads((cache / "answers" / system / f"{recording.path.stem}.json").read_text("utf-8"))
        score = scored(
            recording.spans(),
            [(start, end, speaker) for start, end, speaker in answer["spans"]],
            seconds(recording.path),
            answer["seconds"],
            answer["processor"],
        )
        by_row.setdefault(recording.row, []).append(score)
    return by_row


def _words(recordings: list[Recording]) -> dict[str, Words]:
    """For the recordings whose words people wrote down."""
    from bench.speakers.words import words_of

    return {
        recording.row: words_of(recording.path, truth)
        for recording in recordings
        if (truth := recording.path.with_suffix(".stm")).is_file()
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=SYSTEMS, help="measure this system alone")
    parser.add_argument("--seeds", type=int, help="conversations of each condition")
    parser.add_argument("--conditions", nargs="+", help="parts of names: readers-3, 15dB, -10%%, real, phone")
    parser.add_argument("--jobs", type=int, default=1, help="processes at once; times mean little beyond 1")
    parser.add_argument("--reuse", nargs="+", choices=SYSTEMS, default=[], help="take answers from the cache")
    parser.add_argument("--words", action=argparse.BooleanOptionalAction, help="words of the real recordings")
    parser.add_argument("--cache", type=Path, default=ROOT / ".takeaways" / "bench")
    parser.add_argument("--out", type=Path, help="folder for results.md and results.json")
    options = parser.parse_args()
    part = any((options.only, options.seeds, options.conditions))
    options.out = options.out or (options.cache.resolve() if part else HERE)
    options.words = not part if options.words is None else options.words
    options.cache = options.cache.resolve() / digest()
    return options


def main() -> None:
    options = arguments()
    recordings = [*composed_recordings(options), *real_recordings(options)]
    if not recordings:
        raise SystemExit("no condition has such a name")
    systems = [system for system in SYSTEMS if options.only in (None, system)]
    words = _words(recordings) if options.words and "ours" in systems else {}
    processes = {system: answered(system, recordings, options) for system in systems}
    results = {system: scores(system, recordings, options.cache) for system in systems}
    text = report.text(results, processes, set(REAL), words)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "results.md").write_text(text, "utf-8")
    raw = report.raw(results, processes, words)
    (options.out / "results.json").write_text(json.dumps(raw, indent=1) + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
