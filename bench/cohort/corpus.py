"""A cohort to measure on: real transcripts, of which different parts make as many talks as are wanted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

TURNS_SHARE = 0.6  # of a podcast's turns that a talk has


def transcripts(data: Path, count: int) -> Iterator[tuple[str, str]]:
    """(name, labelled text) of `count` talks made of the podcasts in DATA/bitcoinops.

    The first of each podcast is the whole of it; the next ones are TURNS_SHARE of its turns in a row, each
    from another turn on, so that no two talks are the same and some have much in common.
    """
    podcasts = sorted((data / "bitcoinops").glob("*.json"))
    for number in range(count):
        path, round_number = podcasts[number % len(podcasts)], number // len(podcasts)
        turns = json.loads(path.read_text("utf-8"))["turns"]
        if round_number:
            size = round(TURNS_SHARE * len(turns))
            first = (round_number - 1) * (len(turns) - size) // max(1, count // len(podcasts) - 2)
            turns = turns[first : first + size]
        text = "\n\n".join(f"{turn['speaker']}: {turn['text']}" for turn in turns)
        yield f"{path.stem}-{round_number}" if round_number else path.stem, f"{text}\n"


def write(folder: Path, data: Path, count: int) -> None:
    """A cohort of transcripts, with a cohort.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cohort.toml").write_text('title = "A hundred talks"\n', "utf-8")
    for name, text in transcripts(data, count):
        (folder / f"{name}.md").write_text(text, "utf-8")
