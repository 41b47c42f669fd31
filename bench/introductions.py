"""Names that introductions give against the true ones; writes the tables in bench/introductions.md.

    python bench/introductions.py FOLDER

FOLDER has transcripts as JSON: `turns`, each with `speaker` and `text`. Those and inputs/optech/*.md are read
with labels hidden. A name is right if it is the label, its first or last word, or a nickname of that person.
Disturbed, as by an imperfect diarizer: a share of the sentences goes to random speakers, or two speakers
become one, five times for each talk; a speaker's true name is then that of most of their sentences.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby
from pathlib import Path

from pipeline import transcripts
from pipeline.records import Media, Sentence, Transcript, Turn, Word
from pipeline.transcripts.sentences import sentence_ends
from pipeline.turns import assemble, attribution
from pipeline.turns.introductions import introductions

ROOT = Path(__file__).parent.parent
NICKNAMES = {
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
_LABEL_INSIDE = re.compile(r"\*\*([^*:]+):\*\*")


@dataclass(frozen=True)
class Score:
    """How many speakers a talk has, and how many of them got their own name or somebody else's."""

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
    words: list[Word] = []
    for turn in json.loads(path.read_text("utf-8"))["turns"]:
        labels_and_texts = [turn["speaker"], *_LABEL_INSIDE.split(turn["text"])]
        for label, text in zip(labels_and_texts[::2], labels_and_texts[1::2], strict=True):
            words.extend(Word(text=f" {token}", label=label.strip()) for token in text.split())
    return tuple(words)


def sentences_of(path: Path) -> tuple[tuple[Sentence, ...], dict[str, str]]:
    """The sentences as segmentation makes them, and the label of each speaker id."""
    words = words_of(path)
    texts = [word.text for word in words]
    transcript = Transcript(media=Media(name=path.name, kind="transcript"), language="en", words=words)
    ends = sentence_ends.ends(words, texts, "en")
    turns = assemble.assemble(transcript, texts, ends, attribution.by_label(words))
    return turns.sentences(), {speaker.id: speaker.name or "" for speaker in turns.speakers}


def grouped(sentences: Sequence[Sentence]) -> list[Turn]:
    """Turns: runs of sentences of one speaker."""
    runs = (tuple(run) for _, run in groupby(sentences, key=lambda sentence: sentence.speaker))
    return [Turn(id=f"t{run[0].words[0]}", speaker=run[0].speaker, sentences=run) for run in runs]


def by_speaker(sentences: Sequence[Sentence]) -> dict[str, list[Sentence]]:
    """The sentences of each speaker."""
    groups: dict[str, list[Sentence]] = {}
    for sentence in sentences:
        groups.setdefault(sentence.speaker, []).append(sentence)
    return groups


def is_right(name: str, label: str) -> bool:
    """Whether a name is that of the person with this label."""
    words, true_words = name.casefold().split(), label.casefold().split()
    return words in (true_words, true_words[:1], true_words[-1:]) or name in NICKNAMES.get(label, ())


def score(path: Path, sentences: Sequence[Sentence], true_names: dict[str, str]) -> tuple[Score, list[str]]:
    """How the names that introductions give compare to the true ones, by speaker id; and each wrong one."""
    guesses = introductions(grouped(sentences), "en")
    wrong = [id for id, guess in guesses.items() if not is_right(guess.name, true_names[id])]
    mistakes = [f"{path.stem}: {guesses[id].name} is {true_names[id]}" for id in wrong]
    return Score(path.stem, len(true_names), len(guesses) - len(wrong), len(wrong)), mistakes


def misplaced(sentences: Sequence[Sentence], share: float, rng: random.Random) -> list[Sentence]:
    """The same sentences, a share of them given to random speakers."""
    speakers = sorted({sentence.speaker for sentence in sentences})
    return [
        s.model_copy(update={"speaker": rng.choice(speakers)}) if rng.random() < share else s
        for s in sentences
    ]


def merged(sentences: Sequence[Sentence], rng: random.Random) -> list[Sentence]:
    """The same sentences, two random speakers taken for one."""
    kept, lost = rng.sample(sorted({sentence.speaker for sentence in sentences}), 2)
    return [s.model_copy(update={"speaker": kept}) if s.speaker == lost else s for s in sentences]


def disturbed(paths: Sequence[Path], seeds: Sequence[int]) -> Iterator[tuple[str, Score]]:
    """For each kind of disturbance the total over all talks and seeds. Wrong names are printed at the end."""
    talks = [(path, *sentences_of(path)) for path in paths]
    all_mistakes: list[str] = []
    for kind in ("2 % of sentences", "5 % of sentences", "10 % of sentences", "two speakers as one"):
        scores = []
        for seed in seeds:
            for path, sentences, labels in talks:
                rng = random.Random(f"{seed} {path.stem}")
                share = int(kind.split()[0]) / 100 if "%" in kind else None
                moved = misplaced(sentences, share, rng) if share else merged(sentences, rng)
                true_names = {sentence.id: labels[sentence.speaker] for sentence in sentences}
                names = {
                    speaker: Counter(true_names[s.id] for s in group).most_common(1)[0][0]
                    for speaker, group in by_speaker(moved).items()
                }
                talk_score, mistakes = score(path, moved, names)
                scores.append(talk_score)
                all_mistakes += mistakes
        yield kind, total(kind, scores)
    for mistake, times in Counter(all_mistakes).most_common():
        print(f"disturbed, {times}x {mistake}")


def total(talk: str, scores: Sequence[Score]) -> Score:
    return Score(talk, *(sum(getattr(s, field) for s in scores) for field in ("speakers", "right", "wrong")))


def row(score: Score) -> str:
    return f"| {score.talk} | {score.speakers} | {score.right} | {score.wrong} | {score.missed} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    paths = [*sorted(folder.glob("*.json")), *sorted((ROOT / "inputs" / "optech").glob("*.md"))]
    scores, mistakes = zip(*(score(path, *sentences_of(path)) for path in paths), strict=True)
    scores = tuple(
        replace(score, talk=f"{score.talk} ({path.suffix[1:]})")
        for score, path in zip(scores, paths, strict=True)
    )
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
        *(row(score) for _, score in disturbed([p for p in paths if p.suffix == ".json"], range(5))),
    ]
    print(*chain.from_iterable(mistakes), sep="\n")
    (ROOT / "bench" / "introductions.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
