"""The figures as tables."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from bench.speakers.score import Error, Score, middle

if TYPE_CHECKING:
    from bench.speakers.words import Words

Results = dict[str, dict[str, list[Score]]]  # system, row, scores

PACKAGES = ("onnxruntime", "faster-whisper", "av", "pyannote.metrics", "meeteval")
PEER_PACKAGES = ("resemblyzer", "spectralcluster", "torch")


def text(
    results: Results, processes: dict[str, dict[str, float]], real: set[str], words: dict[str, Words]
) -> str:
    rows = list(dict.fromkeys(row for by_row in results.values() for row in by_row))
    parts = [_head(results), METHOD]
    if composed := [row for row in rows if row not in real]:
        parts.append("## Composed conversations\n\n" + _composed(results, composed))
    if recorded := [row for row in rows if row in real]:
        parts.append("## Real recordings\n\n" + _recorded(results, recorded))
    if words:
        parts.append("## Words of the real recordings\n\n" + _worded(words))
    parts += ["## Time and memory\n\n" + _needs(results, processes), PUBLISHED]
    return "\n\n".join(parts) + "\n"


METHOD = """\
DER in per cent of the speech: pooled over a condition (all errors by all speech), with a collar of 0.25 s and
without overlapping speech; "strict" without collar and with overlap. In composed conversations, overlap
included, every voice is known exactly; what that rests on, and what it cannot tell, is in
[README.md](README.md). "Peer" is Resemblyzer with spectralcluster, on Silero's speech spans."""

PUBLISHED = """\
## Published elsewhere

For orientation only: other recordings, other machines, not to be compared with the rows above.

| system | figure |
| --- | --- |
| `diarize` (PyPI) | 4.8 % DER on VoxConverse dev at 8 times real time; count right in 54 % of files with \
four speakers, 32 % with five |
| pyannote community-1 | about 1.2 times real time on a laptop's CPU |"""


def _head(results: Results) -> str:
    packages = ", ".join(_versions(PACKAGES + (PEER_PACKAGES if "peer" in results else ())))
    command = " ".join(["python -m bench.speakers.run", *sys.argv[1:]])
    return (
        f"# Who speaks when\n\n`{command}`, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {packages}."
    )


def _versions(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            continue


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", "---", *["---:"] * (len(head) - 2)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


HEAD = ("DER", "missed", "false alarm", "confusion")


def _split(error: Error) -> list[str]:
    parts = (error.missed, error.false, error.confused)
    return [_percent(error.rate), *(_percent(part / error.speech if error.speech else 0) for part in parts)]


def _percent(share: float) -> str:
    return f"{share * 100:.1f}"


def _composed(results: Results, rows: list[str]) -> str:
    """Sums first, then every condition. A row's name begins with its set and its number of voices."""
    names = dict.fromkeys([row.rsplit("-", 2)[0] for row in rows] + [row.split("-")[0] for row in rows])
    sums = {name: [row for row in rows if row.startswith(f"{name}-")] for name in names}
    sums |= {"all": rows}
    singles = {row: [row] for row in rows}
    return f"{_pools(results, sums)}\n\nEach condition:\n\n{_pools(results, singles)}"


def _pools(results: Results, pools: dict[str, list[str]]) -> str:
    head = ("conversations", "system", *HEAD, "median DER", "strict DER", "count right")
    lines = []
    for name, members in pools.items():
        for system, by_row in results.items():
            scores = [score for row in members for score in by_row.get(row, [])]
            right = sum(score.found == score.speakers for score in scores)
            lenient = Error.pooled([score.lenient for score in scores])
            strict = Error.pooled([score.strict for score in scores])
            rates = [*_split(lenient), _percent(middle(scores)), _percent(strict.rate)]
            lines.append([name, system, *rates, f"{right} of {len(scores)}"])
    return _table(head, lines)


def _recorded(results: Results, rows: list[str]) -> str:
    head = ("recording", "system", *HEAD, *(f"strict {column}" for column in HEAD), "speakers", "found")
    lines = [
        [row, system, *_split(s.lenient), *_split(s.strict), str(s.speakers), str(s.found)]
        for row in rows
        for system, by_row in results.items()
        for s in by_row.get(row, [])
    ]
    return _table(head, lines)


def _worded(words: dict[str, Words]) -> str:
    head = ("recording", "system", "cpWER", "words with the wrong speaker", "speakers", "found")
    lines = [
        [
            row,
            "ours",
            _percent(w.errors / w.length),
            f"{w.wrong} of {w.matched} ({_percent(w.wrong / max(1, w.matched))})",
            str(w.speakers),
            str(w.found),
        ]
        for row, w in words.items()
    ]
    return _table(head, lines)


def _needs(results: Results, processes: dict[str, dict[str, float]]) -> str:
    head = (
        "system",
        "audio, min",
        "times real time",
        "by processor time",
        "loading, s",
        "MB when loaded",
        "peak RSS, MB",
    )
    lines = []
    for system, by_row in results.items():
        scores = [score for row in by_row.values() for score in row]
        length, needs = sum(score.length for score in scores), processes[system]
        speed = length / max(1e-9, sum(score.seconds for score in scores))
        lines.append(
            [
                system,
                f"{length / 60:.0f}",
                f"{speed:.1f}",
                f"{length / max(1e-9, sum(score.processor for score in scores)):.1f}",
                f"{needs['loading']:.1f}",
                f"{needs['loaded_mb']:.0f}",
                f"{needs['peak_mb']:.0f}",
            ]
        )
    return _table(head, lines)


def raw(results: Results, processes: dict[str, dict[str, float]], words: dict[str, Words]) -> dict[str, Any]:
    """Everything, for other programs."""
    systems = {
        system: {
            "process": processes[system],
            "rows": {row: [asdict(score) for score in scores] for row, scores in by_row.items()},
        }
        for system, by_row in results.items()
    }
    return {"systems": systems, "words": {row: asdict(counts) for row, counts in words.items()}}
