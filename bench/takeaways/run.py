"""Measures themes and quotes, and writes the tables in bench/takeaways/results.md.

    python -m bench.takeaways.run --data DIR [--only podcasts|meetings] [--limit 3] [--stored NAME=DIR ...]

With --only, --limit or --talks the tables are printed and nothing is replaced, unless --out says where to.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from time import perf_counter

from rouge_score.rouge_scorer import RougeScorer

from bench.takeaways import report
from bench.takeaways.data import KINDS, Talk, talks
from bench.takeaways.score import score, segmentation
from bench.takeaways.systems import SELECTIONS, Ours, Stored
from pipeline.records import Takeaways

HERE = Path(__file__).parent
ROUGE = RougeScorer(["rouge1", "rouge2"], use_stemmer=True)


def cuts(talk: Talk, starts: list[int]) -> dict[str, dict[str, float]]:
    """Our stretches, as many evenly spaced ones, and no cut at all."""
    n = len(talk.reference.segments)
    even = [k * n // len(starts) for k in range(len(starts))]
    return {
        name: segmentation(segment_starts, talk.reference)
        for name, segment_starts in (("ours", starts), ("even cuts", even), ("no cut", [0]))
    }


def scored(talk: Talk, takeaways: Takeaways) -> dict[str, float]:
    texts = {sentence.id: sentence.text for sentence in talk.turns.sentences()}
    quotes = (quote for theme in takeaways.themes for quote in theme.quotes)
    quoted = "\n".join(texts[id] for quote in quotes for id in quote.sentences)
    rouge = [ROUGE.score(summary, quoted) for summary in talk.reference.summaries]
    return score(takeaways, talk.turns, talk.reference) | {
        name: max((r[name].fmeasure for r in rouge), default=0.0) for name in ("rouge1", "rouge2")
    }


def measured(talk: Talk, ours: Ours, stored: dict[str, Stored]) -> dict[str, dict[str, dict[str, float]]]:
    """Cuts and writers of one talk. The peers choose as many sentences as our quotes have."""
    started = perf_counter()
    takeaways = ours.write(talk.turns)
    seconds = perf_counter() - started
    writers = {"ours": scored(talk, takeaways) | {"seconds": seconds}}
    count = sum(len(quote.sentences) for theme in takeaways.themes for quote in theme.quotes)
    for name, choose in SELECTIONS.items():
        started = perf_counter()
        chosen = choose(talk.turns, count)
        seconds = perf_counter() - started
        writers[name] = scored(talk, chosen) | {"seconds": seconds}
    for name, store in stored.items():
        if stored_takeaways := store.find(talk.name):
            writers[name] = scored(talk, stored_takeaways)
    return {"cuts": cuts(talk, ours.stretches(talk.turns)), "writers": writers}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.takeaways.run", description="Themes, quotes.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the folder transcripts/")
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--limit", type=int, help="talks of each kind")
    parser.add_argument("--talks", nargs="+", help="only these, by name; the tables are printed")
    parser.add_argument(
        "--stored", nargs="+", default=[], metavar="NAME=DIR", help="takeaways made elsewhere"
    )
    parser.add_argument("--cache", type=Path, help="folder that keeps sentence vectors; no times are shown")
    parser.add_argument("--out", type=Path, help="folder for results.md and results.json")
    options = parser.parse_args()
    if not (options.only or options.limit or options.talks):
        options.out = options.out or HERE
    return options


def main() -> None:
    options = arguments()
    stored = {name: Stored(Path(folder)) for name, folder in (pair.split("=", 1) for pair in options.stored)}
    ours = Ours(options.cache)
    results: dict[str, dict[str, dict[str, dict[str, dict[str, float]]]]] = {}
    for talk in talks(options.data):
        if talk.name not in (options.talks or [talk.name]):
            continue
        of_kind = results.setdefault(talk.kind, {})
        if options.only in (None, talk.kind) and len(of_kind) < (options.limit or sys.maxsize):
            print(f"{talk.kind} {talk.name}", file=sys.stderr)
            of_kind[talk.name] = measured(talk, ours, stored)
            if options.cache:
                for figures in of_kind[talk.name]["writers"].values():
                    figures.pop("seconds", None)
    text = report.text(
        {kind: of_kind for kind, of_kind in results.items() if of_kind}, timed=not options.cache
    )
    print(text)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "results.md").write_text(text, "utf-8")
        (options.out / "results.json").write_text(
            json.dumps(report.rounded(results), indent=1) + "\n", "utf-8"
        )


if __name__ == "__main__":
    main()
