"""Claims that a person has labelled true or false: files of excerpts, and posts written by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.records import Claim, Sentence, Speaker, Turn, Turns
from pipeline.takeaways.verification import Place
from pipeline.workspace.sidecar import Facts

CLAIMS = Path(__file__).parent / "claims.json"
# Said in each of the talks, though not in every excerpt.
SAID_ELSEWHERE = "Bitcoin, Optech and Lightning. " * 3
_LINE = re.compile(r"(?P<id>s\d+) (?P<speaker>S\d+): (?P<text>.*)")


@dataclass(frozen=True)
class LabelledClaim:
    """A claim, where it stands, and what is wrong with it ("" if it is true)."""

    claim: Claim
    place: Place
    wrong: str = ""


@dataclass(frozen=True)
class Excerpt:
    """Part of a talk and claims about it; `set_name` tells claims apart that were worded in another way."""

    set_name: str
    turns: Turns
    facts: Facts
    claims: tuple[LabelledClaim, ...]


def turns_of(rows: Sequence[tuple[Any, str, str]], language: str = "en") -> Turns:
    """Turns from (turn, speaker, sentence). Speakers get ids in order of appearance, sentences n0, n1, …"""
    ids = {name: f"S{number}" for number, name in enumerate(dict.fromkeys(row[1] for row in rows), 1)}
    sentences_by_turn: dict[str, list[Sentence]] = {}
    for i, (turn, name, text) in enumerate(rows):
        sentence = Sentence(id=f"n{i}", text=text, speaker=ids[name], words=(i * 500, i * 500 + 1))
        sentences_by_turn.setdefault(f"t{turn}", []).append(sentence)
    speakers = tuple(Speaker(id=id, name=name, source="label") for name, id in ids.items())
    return _turns(language, speakers, sentences_by_turn)


def _turns(language: str, speakers: tuple[Speaker, ...], sentences: dict[str, list[Sentence]]) -> Turns:
    turns = (Turn(id=id, speaker=said[0].speaker, sentences=tuple(said)) for id, said in sentences.items())
    return Turns(language=language, speakers=speakers, turns=tuple(turns))


def read_claims(path: Path) -> Iterator[Excerpt]:
    """The excerpts of a file such as claims.json: a claim has a `label`, or false `twins` by label."""
    for excerpt in json.loads(path.read_text("utf-8")):
        turns = turns_of([tuple(row) for row in excerpt["sentences"]], excerpt.get("language", "en"))
        said = Sentence(id="other#s0", text=SAID_ELSEWHERE, speaker="S1", words=(0, 1))
        elsewhere = Turn(id="other#t0", speaker="S1", sentences=(said,))
        wording = "free" if excerpt.get("free", True) else "close"
        claims = tuple(
            LabelledClaim(
                Claim(text=text, cites=tuple(f"n{number}" for number in claim["cites"])),
                claim["kind"],
                label.removesuffix(" again"),
            )
            for claim in excerpt["claims"]
            for label, text in {claim.get("label", ""): claim["text"], **claim.get("twins", {})}.items()
        )
        yield Excerpt(
            f"{wording}, {excerpt.get('half', 'new')}",
            turns.model_copy(update={"turns": (*turns.turns, elsewhere)}),
            Facts(offsets={}),
            claims,
        )


def read_post(post: Path, lines: Path, names: Path) -> Excerpt:
    """A post in one JSON file, and the lines (`s0 S1: words`) that its writer saw. All counts as true."""
    written = json.loads(post.read_text("utf-8"))
    rows = [match for line in lines.read_text("utf-8").splitlines() if (match := _LINE.fullmatch(line))]
    turns: dict[str, list[Sentence]] = {}
    for i, row in enumerate(rows):
        if not i or rows[i - 1]["speaker"] != row["speaker"]:
            turns[f"t{i}"] = []
        sentence = Sentence(id=row["id"], text=row["text"], speaker=row["speaker"], words=(i, i + 1))
        turns[next(reversed(turns))].append(sentence)
    people = json.loads(names.read_text("utf-8"))
    speakers = tuple(Speaker(id=id, name=name, source="sidecar") for id, name in people.items())
    facts = Facts(offsets={}, notes=tuple(written["notes"]))
    return Excerpt("post", _turns("en", speakers, turns), facts, tuple(_claims_of(written)))


def _claims_of(post: dict[str, Any]) -> Iterator[LabelledClaim]:
    """The sentences about the talk, and the headings, of a post."""
    paragraphs = [(sentence, "frame") for part in ("opening", "close") for sentence in post[part]]
    for section in post["sections"]:
        cites = section["heading_lines"]
        yield LabelledClaim(Claim(text=section["heading"], cites=tuple(cites)), "heading")
        for block in section["body"]:
            paragraphs += [(sentence, "prose") for sentence in block.get("paragraph", ())]
    for sentence, place in paragraphs:
        if sentence["kind"] == "talk":
            claim = Claim(text=sentence["text"], cites=tuple(sentence["lines"]))
            yield LabelledClaim(claim, "frame" if place == "frame" else "prose")
