"""How time and memory grow with a talk, a cohort and what is written beside them.

    python -m bench.growth [--only CASE ...]

Made-up inputs of one, two and four times a size; each stage runs in a process of its own. Writes
bench/growth.md from bench/growth.json; cases that are not measured this time keep their figures.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.cohort.programs import Cost, takeaways

_NOUNS = (
    "grant",
    "council",
    "budget",
    "theatre",
    "orchard",
    "harbour",
    "ferry",
    "school",
    "archive",
    "garden",
)
_VERBS = ("funds", "supports", "delays", "moves", "opens", "measures", "repairs", "questions")
_ENDS = ("this year", "with great care", "for the whole town", "at half the cost", "before the winter")
_TALK = Path("inputs/talk.md")
STAGES = ("transcribe", "segment", "extract", "render")


def sentences(count: int, seed: int = 1) -> Iterator[str]:
    """Sentences of nine to twelve words."""
    chance = random.Random(seed)
    for number in range(count):
        subject, thing = chance.choice(_NOUNS), chance.choice(_NOUNS)
        yield f"The {subject} {chance.choice(_VERBS)} the {thing} {chance.choice(_ENDS)}, in case {number}."


def turns(count: int, people: int, of: int) -> str:
    """`count` turns of `of` sentences, each with its time, by people who take turns."""
    said = sentences(count * of)
    return "".join(
        f"**Speaker{n % people} Somebody [{n // 360}:{n // 6 % 60:02}:{n % 6 * 10:02}]:** "
        f"{' '.join(next(said) for _ in range(of))}\n\n"
        for n in range(count)
    )


def words(root: Path, size: int) -> None:
    """words of two people, in turns of some fifty"""
    (root / _TALK).write_text(turns(size // 50, 2, 5), "utf-8")


def timed_words(root: Path, size: int) -> None:
    """words with times of their own, as a recogniser's JSON has them"""
    spoken = " ".join(sentences(size // 10)).split()[:size]
    segments = [
        {
            "speaker": f"Speaker{first // 50 % 2} Somebody",
            "words": [
                {"word": f" {word}", "start": at / 3, "end": at / 3 + 0.3}
                for at, word in enumerate(spoken[first : first + 50], first)
            ],
        }
        for first in range(0, len(spoken), 50)
    ]
    for segment in segments:
        segment["text"] = "".join(word["word"] for word in segment["words"])  # type: ignore[index]
        segment["start"], segment["end"] = segment["words"][0]["start"], segment["words"][-1]["end"]  # type: ignore[index]
    (root / "inputs/talk.json").write_text(json.dumps({"segments": segments}), "utf-8")


def speakers(root: Path, size: int) -> None:
    """speakers, each with two turns of two sentences"""
    (root / _TALK).write_text(turns(2 * size, size, 2), "utf-8")


def introduced(root: Path, size: int) -> None:
    """speakers who say their names and thank each other by name, which no label gives"""
    said = sentences(2 * size)
    text = "".join(
        f"**Speaker {n}:** Thanks, {_name(n - 1)}. Hi, I'm {_name(n)} from Base. "
        f"{next(said)} {next(said)}\n\n"
        for n in range(size)
    )
    (root / _TALK).write_text(text, "utf-8")


def _name(number: int) -> str:
    """A first and a last name, of letters alone."""
    letters = "".join(chr(ord("a") + number // 26**place % 26) for place in range(3))
    return f"Z{letters} O{letters}"


def rttm(root: Path, size: int) -> None:
    """spans of an RTTM file, beside words with times"""
    timed_words(root, 20_000)
    step = 20_000 / 3 / size
    lines = (
        f"SPEAKER talk 1 {n * step:.3f} {step:.3f} <NA> <NA> voice{n % 7} <NA> <NA>\n" for n in range(size)
    )
    (root / "inputs/talk.rttm").write_text("".join(lines), "utf-8")
    (root / "inputs/talk.toml").write_text('rttm = "talk.rttm"\n', "utf-8")


def asides(root: Path, size: int) -> None:
    """backchannels in one turn"""
    said = sentences(size)
    segments = [
        {"speaker": who, "text": text, "start": 2.0 * n + after, "end": 2.0 * n + after + 0.5}
        for n in range(size)
        for who, text, after in (("Ann Lee", next(said), 0.0), ("Bob Ito", "Yeah.", 1.0))
    ]
    (root / "inputs/talk.json").write_text(json.dumps({"segments": segments}), "utf-8")


def one_turn(root: Path, size: int) -> None:
    """words in one turn"""
    (root / _TALK).write_text(f"**Ann Lee:** {' '.join(sentences(size // 10))}\n", "utf-8")


def one_sentence(root: Path, size: int) -> None:
    """words in one sentence, without a full stop"""
    text = " ".join(sentences(size // 10)).replace(".", " and").replace("The ", "the ")
    (root / _TALK).write_text(f"**Ann Lee:** So {text} that is all.\n\n{turns(20, 2, 5)}", "utf-8")


def one_word_turns(root: Path, size: int) -> None:
    """turns of one word"""
    said = "".join(f"**{('Ann Lee', 'Bob Ito')[n % 2]}:** {_NOUNS[n * n % 10]}{n}.\n\n" for n in range(size))
    (root / _TALK).write_text(said + turns(20, 2, 5), "utf-8")


def fixes(root: Path, size: int) -> None:
    """[[fix]] entries, each of which occurs once, in a talk of 20,000 words"""
    words(root, 20_000)
    entries = (f'[[fix]]\nfrom = "in case {n}"\nto = "in instance {n}"\n' for n in range(size))
    (root / "inputs/talk.review.toml").write_text("".join(entries), "utf-8")


def moves(root: Path, size: int) -> None:
    """[[turn]] entries, in a talk of 20,000 words"""
    words(root, 20_000)
    entries = (
        f'[[turn]]\nat = "{n * 10 % 3600 // 60:02}:{n * 10 % 60:02}"\nto = "new 1"\n' for n in range(size)
    )
    (root / "inputs/talk.review.toml").write_text("".join(entries), "utf-8")


def people(root: Path, size: int) -> None:
    """names in the sidecar, each bound to a label, in a talk of as many speakers"""
    speakers(root, size)
    names = (
        f'"Person{n} Somebody" = {{ label = "Speaker{n} Somebody", role = "Guest" }}\n' for n in range(size)
    )
    (root / "inputs/talk.toml").write_text(f"[speakers]\n{''.join(names)}", "utf-8")


def glossary(root: Path, size: int) -> None:
    """terms in the glossary"""
    words(root, 5_000)
    terms = ", ".join(f'"harbour term {n}"' for n in range(size))
    (root / "inputs/talk.toml").write_text(f"glossary = [{terms}]\n", "utf-8")


def cohort(root: Path, size: int) -> None:
    """talks of a cohort, of 200 words each"""
    (root / "inputs/cohort").mkdir()
    (root / "inputs/cohort/cohort.toml").write_text('title = "Many talks"\n', "utf-8")
    for number in range(size):
        said = list(sentences(20, number))
        text = "\n\n".join(
            f"**Person{number % 97} Some{i % 2}:** {said[2 * i]} {said[2 * i + 1]}" for i in range(10)
        )
        (root / f"inputs/cohort/talk{number}.md").write_text(text, "utf-8")


Make = Callable[[Path, int], None]
# The smallest size of each case, of which twice and four times are measured, too; and the last stage.
CASES: dict[str, tuple[Make, int, str]] = {
    make.__name__: (make, size, last)
    for make, size, last in (
        (words, 50_000, "render"),
        (timed_words, 25_000, "segment"),
        (speakers, 2_500, "render"),
        (introduced, 1_000, "segment"),
        (one_turn, 12_500, "render"),
        (one_sentence, 25_000, "render"),
        (one_word_turns, 2_500, "render"),
        (asides, 2_500, "segment"),
        (fixes, 250, "segment"),
        (moves, 250, "segment"),
        (people, 250, "render"),
        (rttm, 2_500, "segment"),
        (glossary, 2_500, "segment"),
        (cohort, 250, "cohort"),
    )
}


def measured(make: Make, size: int, last: str) -> Iterator[tuple[str, Cost]]:
    """Each stage up to the last, in order, and what it costs."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "inputs").mkdir()
        (root / "takeaways.toml").touch()
        make(root, size)
        if last == "cohort":
            takeaways(root, "run", "inputs", "--to", "extract")
            yield last, takeaways(root, "cohort", "inputs/cohort")
            return
        for stage in STAGES[: STAGES.index(last) + 1]:
            yield stage, takeaways(root, "run", "inputs", "--only", stage)


def rows(name: str) -> list[str]:
    """The table's rows of a case, a stage each."""
    make, size, last = CASES[name]
    costs = [dict(measured(make, times * size, last)) for times in (1, 2, 4)]
    lines = []
    for stage in costs[0]:
        once, twice, four_times = (cost[stage] for cost in costs)
        seconds = [cost.processor / once.processor for cost in (twice, four_times)]
        peaks = [cost.peak / once.peak for cost in (twice, four_times)]
        processor = f"{once.processor:.1f} | {seconds[0]:.1f} | {seconds[1]:.1f}"
        memory = f"{once.peak:.0f} | {peaks[0]:.1f} | {peaks[1]:.1f}"
        lines.append(f"| {size:,} {make.__doc__} | {stage} | {processor} | {memory} |")
        print(lines[-1], flush=True)
    return lines


HEAD = f"""# Growth

`python -m bench.growth`, 2 cores of a shared machine, Python {platform.python_version()}. Made-up inputs of a
size, twice and four times that; each stage in a process of its own. Processor seconds and peak resident
memory of the smallest, start of the program included, and how many times that the others take.

| 1x | stage | seconds | 2x | 4x | MB | 2x | 4x |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    stored = Path(__file__).with_suffix(".json")
    results = json.loads(stored.read_text("utf-8")) if stored.is_file() else {}
    for name in parser.parse_args().only:
        results[name] = rows(name)
        results = {case: results[case] for case in CASES if case in results}
        stored.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    table = "\n".join(line for lines in results.values() for line in lines)
    notes = Path(__file__).with_suffix(".notes.md")
    more = f"\n{notes.read_text('utf-8')}" if notes.is_file() else ""
    Path(__file__).with_suffix(".md").write_text(f"{HEAD}{table}\n{more}", "utf-8")


if __name__ == "__main__":
    main()
