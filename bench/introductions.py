"""Names that introductions give against the true ones; writes the tables in bench/introductions.md.

    python bench/introductions.py FOLDER

FOLDER has transcripts as JSON: `turns`, each with `speaker` and `text`. Those and inputs/optech/*.md are run
with labels hidden. A name is right if it is the label, a part of it, or a name that the person goes by.
Disturbed: a share of the sentences goes to another speaker, or two speakers become one, five times a talk; a
speaker's true name is then that of most of its sentences.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from pipeline import transcripts
from pipeline.records import Media, Sentence, Transcript, Turn, Word
from pipeline.transcripts import sentence_ends
from pipeline.turns import assemble, attribution
from pipeline.turns.introductions import introductions

ROOT = Path(__file__).parent.parent
GOES_BY = {
    "Mark Erhardt": {"Murch"},
    "Anthony Towns": {"AJ"},
    "Ben Carman": {"Benthecarman"},
    "Callebtc": {"Calle"},
    "Rearden Code": {"Brandon", "Brandon Black"},
    "Brandon Black": {"Rearden"},
    "Thomas Voegtlin": {"ThomasV"},
    "Constantine Doumanidis": {"Cedarctic"},
    "Sebastian Falbesoner": {"theStack"},
}
_INSIDE = re.compile(r"\*\*([^*:]+):\*\*")


@dataclass(frozen=True)
class Score:
    """Speakers of a talk, and how many got their name, another's, or none."""

    talk: str
    speakers: int
    right: int
    wrong: int

    @property
    def missed(self) -> int:
        return self.speakers - self.right - self.wrong


def words_of(path: Path) -> tuple[Word, ...]:
    """Labelled words; where the JSON has a label inside a turn's text, it begins another turn."""
    if path.suffix == ".md":
        return transcripts.read(path).words
    found = []
    for turn in json.loads(path.read_text("utf-8"))["turns"]:
        parts = [turn["speaker"], *_INSIDE.split(turn["text"])]
        parts = [parts[0], parts[1], *parts[2:]]
        for label, text in zip(parts[::2], parts[1::2], strict=True):
            found.extend(Word(text=f" {token}", label=label.strip()) for token in text.split())
    return tuple(found)


def said_in(path: Path) -> tuple[tuple[Sentence, ...], dict[str, str]]:
    """The sentences as segmentation makes them, and the label of each speaker id."""
    words = words_of(path)
    texts = [word.text for word in words]
    transcript = Transcript(media=Media(name=path.name, kind="transcript"), language="en", words=words)
    ends = sentence_ends.ends(words, texts, "en")
    made = assemble.assemble(transcript, texts, ends, attribution.by_label(words))
    return made.sentences(), {speaker.id: speaker.name or "" for speaker in made.speakers}


def grouped(said: Sequence[Sentence]) -> list[Turn]:
    runs = (tuple(run) for _, run in groupby(said, key=lambda sentence: sentence.speaker))
    return [Turn(id=f"t{run[0].words[0]}", speaker=run[0].speaker, sentences=run) for run in runs]


def is_right(name: str, label: str) -> bool:
    given, true = name.casefold().split(), label.casefold().split()
    return given in (true, true[:1], true[-1:]) or name in GOES_BY.get(label, ())


def score(
    path: Path, said: Sequence[Sentence], names: dict[str, str], wrong: list[str] | None = None
) -> Score:
    """`names` are the true ones, by speaker id; wrong ones found are added to `wrong`."""
    found = introductions(grouped(said), "en")
    right = [id for id, known in found.items() if is_right(known.name, names[id])]
    if wrong is not None:
        wrong.extend(f"{path.stem}: {found[id].name} is {names[id]}" for id in set(found) - set(right))
    return Score(path.stem, len(names), len(right), len(found) - len(right))


def misplaced(said: Sequence[Sentence], share: float, dice: random.Random) -> list[Sentence]:
    speakers = sorted({sentence.speaker for sentence in said})
    return [
        s.model_copy(update={"speaker": dice.choice(speakers)}) if dice.random() < share else s for s in said
    ]


def merged(said: Sequence[Sentence], dice: random.Random) -> list[Sentence]:
    one, other = dice.sample(sorted({sentence.speaker for sentence in said}), 2)
    return [s.model_copy(update={"speaker": one}) if s.speaker == other else s for s in said]


def disturbed(paths: Sequence[Path], seeds: Sequence[int]) -> Iterator[tuple[str, Score]]:
    talks = [(path, *said_in(path)) for path in paths]
    wrong: list[str] = []
    for kind in ("2 % of sentences", "5 % of sentences", "10 % of sentences", "two speakers as one"):
        scores = []
        for seed in seeds:
            for path, said, labels in talks:
                dice = random.Random(f"{seed} {path.stem}")
                share = int(kind.split()[0]) / 100 if "%" in kind else None
                now = misplaced(said, share, dice) if share else merged(said, dice)
                true = {old.id: labels[old.speaker] for old in said}
                names = {
                    speaker: Counter(true[s.id] for s in now if s.speaker == speaker).most_common(1)[0][0]
                    for speaker in {s.speaker for s in now}
                }
                scores.append(score(path, now, names, wrong))
        yield kind, total(kind, scores)
    for line, times in Counter(wrong).most_common():
        print(f"disturbed, {times}x {line}")


def total(talk: str, scores: Sequence[Score]) -> Score:
    return Score(talk, *(sum(getattr(s, field) for s in scores) for field in ("speakers", "right", "wrong")))


def row(score: Score) -> str:
    return f"| {score.talk} | {score.speakers} | {score.right} | {score.wrong} | {score.missed} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    paths = [*sorted(folder.glob("*.json")), *sorted((ROOT / "inputs" / "optech").glob("*.md"))]
    wrong: list[str] = []
    scores = [score(path, *said_in(path), wrong) for path in paths]
    scores = [
        Score(f"{s.talk} ({path.suffix[1:]})", *vars_of(s)) for s, path in zip(scores, paths, strict=True)
    ]
    head = ["| {} | speakers | named right | named wrong | missed |", "| --- | ---: | ---: | ---: | ---: |"]
    lines = [
        "# Names from introductions",
        "",
        f"`python bench/introductions.py bitcoinops`: {len(paths)} recap podcasts of Bitcoin Optech with",
        "labels hidden (those in Markdown are among the others too). Nobody is called wrong for a nickname.",
        "",
        head[0].format("talk"),
        head[1],
        *map(row, scores),
        row(total("all", scores)),
        "",
        "Disturbed as diarization does it, five times each: sentences given to any speaker, or two speakers",
        "taken for one (whose true name is that of most of the sentences).",
        "",
        head[0].format("disturbed"),
        head[1],
        *(row(found) for _, found in disturbed([p for p in paths if p.suffix == ".json"], range(5))),
    ]
    print(*wrong, sep="\n")
    (ROOT / "bench" / "introductions.md").write_text("\n".join(lines) + "\n", "utf-8")


def vars_of(score: Score) -> tuple[int, int, int]:
    return score.speakers, score.right, score.wrong


if __name__ == "__main__":
    main()
