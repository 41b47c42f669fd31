"""A cohort to measure on: real transcripts, cut anew as often as talks are wanted, and looped real speech."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

SHARE = 0.6  # of a podcast's turns that one talk has


def transcripts(data: Path, count: int) -> Iterator[tuple[str, str]]:
    """(name, labelled text) of `count` talks made of the podcasts in DATA/bitcoinops.

    The first of each podcast is the whole of it; the next ones are SHARE of its turns in a row, from
    another turn on each, so that no two talks are the same and some have much in common.
    """
    podcasts = sorted((data / "bitcoinops").glob("*.json"))
    for number in range(count):
        path, again = podcasts[number % len(podcasts)], number // len(podcasts)
        turns = json.loads(path.read_text("utf-8"))["turns"]
        if again:
            size = round(SHARE * len(turns))
            first = (again - 1) * (len(turns) - size) // max(1, count // len(podcasts) - 2)
            turns = turns[first : first + size]
        text = "\n\n".join(f"{turn['speaker']}: {turn['text']}" for turn in turns)
        yield f"{path.stem}-{again}" if again else path.stem, f"{text}\n"


def write(folder: Path, data: Path, count: int) -> None:
    """A cohort of transcripts, with a cohort.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cohort.toml").write_text('title = "A hundred talks"\n', "utf-8")
    for name, text in transcripts(data, count):
        (folder / f"{name}.md").write_text(text, "utf-8")
