"""How many sentences of advertisements are found, and how many others are taken for one.

    python bench/advertisements.py FOLDER [--all]

FOLDER has the transcripts of bitcoinops and QMSum (see bench/takeaways). The advertisements of
bench/advertisements/ads.txt are set into talks of theirs, each in three ways; without --all only those that
the rules were developed with. With -v it is shown what is missed, with -vv of the others, too.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from pipeline.records import Flag, Media, Sentence, Speaker, Transcript, Turn, Turns, Word
from pipeline.text import tokens
from pipeline.transcripts.sentences import sentence_ends
from pipeline.turns import advertisements, assemble, attribution

HERE = Path(__file__).parent / "advertisements"
Said = list[tuple[str, list[str]]]  # speaker and sentences of each turn
Passage = tuple[str, list[tuple[str, str]]]  # place, and sentences with their mark


def passages(file: str) -> list[Passage]:
    """The passages of a file: what the comment above each says, and its lines as mark and sentence."""
    found: list[Passage] = []
    for paragraph in (HERE / file).read_text("utf-8").split("\n\n"):
        lines = [line for line in paragraph.splitlines() if line]
        if len(lines) > 1 and not lines[1].startswith("#"):
            sentences = [
                ("=", t[1:]) if t[0] == "=" else ("2", t[2:]) if t[:2] == "2:" else ("", t) for t in lines[1:]
            ]
            found.append((lines[0].lstrip("# "), sentences))
    return found


def talks(folder: Path) -> dict[str, Said]:
    """The talks, cut into sentences as the pipeline does."""
    said = {}
    for path in sorted(folder.glob("*/*.json")):
        data = json.loads(path.read_text("utf-8"))
        turns = data.get("turns") or data["meeting_transcripts"]
        words = [
            Word(text=f" {token.strip()}", label=turn["speaker"])
            for turn in turns
            for token in tokens((turn.get("text") or turn["content"]).strip())
        ]
        texts = [word.text for word in words]
        transcript = Transcript(media=Media(name="x", kind="transcript"), language="en", words=tuple(words))
        done = assemble.assemble(
            transcript, texts, sentence_ends.ends(words, texts, "en"), attribution.by_label(words)
        )
        said[path.stem] = [(turn.speaker, [s.text for s in turn.sentences]) for turn in done.turns]
    return said


def as_turns(said: Said, language: str = "en") -> Turns:
    turns, at = [], 0
    for speaker, texts in said:
        sentences = []
        for text in texts:
            size = len(text.split())
            sentences.append(Sentence(id=f"s{at}", text=text, speaker=speaker, words=(at, at + size)))
            at += size
        turns.append(Turn(id=f"t{sentences[0].words[0]}", speaker=speaker, sentences=tuple(sentences)))
    speakers = tuple(Speaker(id=speaker) for speaker in dict.fromkeys(turn.speaker for turn in turns))
    return Turns(language=language, speakers=speakers, turns=tuple(turns))


def inserted(said: Said, passage: Passage, way: int) -> Said:
    """The talk with a passage in it: inside a turn, as a turn of its own, or with a voice of its own."""
    place, lines = passage
    texts, host = [text for _, text in lines], said[0][0]
    second = next(speaker for speaker, _ in said if speaker != host)
    if any(mark == "2" for mark, _ in lines):
        voices = groupby(lines, key=lambda line: line[0] == "2")
        own = [(second if is_second else host, [text for _, text in said]) for is_second, said in voices]
    else:
        own = [("S99" if way % 3 == 2 else host, texts)]
    long = [n for n, (speaker, sentences) in enumerate(said) if speaker == host and len(sentences) > 5]
    if place == "start":
        at, cut = 0, min(2, len(said[0][1]) - 1)
    elif place == "end":
        at = max(n for n, (speaker, _) in enumerate(said) if speaker == host)
        cut = len(said[at][1])
    else:
        at = long[len(long) // 2] if long else len(said) // 2
        cut = len(said[at][1]) // 2 if way % 3 == 0 else len(said[at][1])
    speaker, sentences = said[at]
    if place not in ("start", "middle", "end"):  # no advertisement: a guest says it
        at = next((n for n in range(len(said) // 2, len(said)) if said[n][0] == second), at)
        speaker, sentences = said[at]
        return [*said[:at], (speaker, [*sentences, *texts]), *said[at + 1 :]]
    if len(own) == 1 and own[0][0] == speaker:
        return [*said[:at], (speaker, [*sentences[:cut], *texts, *sentences[cut:]]), *said[at + 1 :]]
    parts = [(speaker, sentences[:cut]), *own, (speaker, sentences[cut:])]
    return [*said[:at], *((who, lines) for who, lines in parts if lines), *said[at + 1 :]]


def judged(said: Said, passage: Passage) -> tuple[list[str], list[str], list[str]]:
    """The sentences of a passage that are found and missed, and others that are taken for one."""
    done, _ = advertisements.flagged(as_turns(said))
    marked = {s.text for s in done.sentences() if Flag.ADVERTISEMENT in s.flags}
    own = {text: mark for mark, text in passage[1]}
    wanted = [text for text, mark in own.items() if mark != "="]
    return (
        [text for text in wanted if text in marked],
        [text for text in wanted if text not in marked],
        sorted(marked - own.keys()),
    )


def shortened(said: Said, turns: int = 120) -> Said:
    return said[:turns]


def report(name: str, ads: Sequence[Passage], bases: Sequence[Said], is_shown: bool) -> None:
    found = missed = wrong = talks_with_all = runs = 0
    for number, passage in enumerate(ads):
        for way in range(3):
            said = inserted(bases[(number + 5 * way) % len(bases)], passage, way)
            own, lost, others = judged(said, passage)
            found, missed, wrong = found + len(own), missed + len(lost), wrong + len(others)
            runs, talks_with_all = runs + 1, talks_with_all + (not lost)
            if is_shown and (lost or others):
                shown = passage[1][0][1][:50]
                print(f"--- {passage[0]}, way {way}: {shown}: {len(own)} of {len(own) + len(lost)}")
                for text in lost:
                    print("   missed:", text[:100])
                for text in others:
                    print("   wrong: ", text[:100])
    print(
        f"{name}: {found} of {found + missed} sentences ({found / (found + missed):.1%}); "
        f"{talks_with_all} of {runs} whole; {wrong} others"
    )


def main() -> None:
    whole = talks(Path(sys.argv[1]))
    ads = passages("ads.txt")
    held_out = set(random.Random(16).sample(range(len(ads)), len(ads) // 2))
    bases = [shortened(said) for name, said in whole.items() if len({who for who, _ in said}) > 1]
    report("developed with", [ad for n, ad in enumerate(ads) if n not in held_out], bases, "-v" in sys.argv)
    if "--all" in sys.argv:
        report("held out", [ad for n, ad in enumerate(ads) if n in held_out], bases, "-vv" in sys.argv)
        report("written later", passages("later.txt"), bases, "-vv" in sys.argv)
    alarms = sentences = 0
    for name, said in whole.items():
        done, note = advertisements.flagged(as_turns(said))
        marked = [s.text for s in done.sentences() if Flag.ADVERTISEMENT in s.flags]
        alarms, sentences = alarms + len(marked), sentences + len(done.sentences())
        if marked:
            print(f"   {name}: {note}", *marked[:6], sep="\n      ")
    print(f"talks without advertisements: {alarms} of {sentences} sentences in {len(whole)} talks")
    wrong = total = 0
    for number, passage in enumerate(passages("negatives.txt")):
        for who in (passage[0], "middle"):
            said = inserted(bases[(3 * number) % len(bases)], (who, passage[1]), 0)
            own, lost, others = judged(said, passage)
            wrong, total = wrong + len(own) + len(others), total + len(own) + len(lost)
            if own or others:
                print(
                    f"   taken for one, said by {'the host' if who == 'middle' else 'a guest'}:",
                    passage[0],
                    own,
                    others,
                )
    print(f"passages that are none: {wrong} of {total} sentences")


if __name__ == "__main__":
    main()
