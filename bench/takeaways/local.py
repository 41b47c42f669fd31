"""Has a language model in llama.cpp write the posts of a few talks, for `run.py --stored`.

    python -m bench.takeaways.local --data DIR --out FOLDER --talks 2023-03-02 TS3010a [--model NAME]

Writes FOLDER/NAME.json (Takeaways) for each talk, and FOLDER/account.json: how much of the prose passed, and
calls, tokens and time.
Replies are kept there, so that an interrupted run continues where it stopped.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.takeaways.data import Talk, talks
from pipeline.takeaways import writers
from pipeline.workspace import talks as program
from pipeline.workspace.talks import Source, Workspace


def written(talk: Talk, place: Workspace, model: str | None) -> dict[str, Any]:
    """Write one talk's takeaways, and say what it took."""
    source = place.inputs / f"{talk.name}.md"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.touch()
    overrides = ({"extract": {"writer": "local", **({"model": model} if model else {})}},)
    loaded = program.load(Source(talk.name, source), place, overrides)
    writer = writers.choose(loaded.settings.extract).writer(loaded)
    started = perf_counter()
    try:
        takeaways = writer.write(talk.turns, loaded.facts)
    finally:
        writer.calls.connection.close()
    seconds = perf_counter() - started
    (place.root / f"{talk.name}.json").write_text(takeaways.model_dump_json(indent=1), "utf-8")
    verification = takeaways.verification.model_dump() if takeaways.verification else {}
    words = sum(sentence.words[1] - sentence.words[0] for sentence in talk.turns.sentences())
    return {
        "words": words,
        "verification": verification,
        "made": asdict(writer.calls.budget.made),
        "remembered": asdict(writer.calls.budget.remembered),
        "seconds": round(seconds, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.takeaways.local")
    parser.add_argument("--data", type=Path, required=True, help="folder with the folder transcripts/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--talks", nargs="+", required=True)
    parser.add_argument("--model", help="GGUF file or known name; default: the program's own")
    options = parser.parse_args()
    place = Workspace(options.out.resolve())
    account = {}
    for talk in talks(options.data):
        if talk.name in options.talks:
            account[talk.name] = written(talk, place, options.model)
            print(talk.name, json.dumps(account[talk.name]), flush=True)
    (place.root / "account.json").write_text(json.dumps(account, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
