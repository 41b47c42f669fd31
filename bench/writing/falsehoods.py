"""Falsehoods planted in recorded posts, ten a talk, each of another kind: which of them reach the post?

    python -m bench.writing.falsehoods --data DIR [--talk NAME ...] [--judge model|rules]
    python -m bench.writing.falsehoods --data DIR --questions FOLDER

falsehoods/NAME.json says which sentence becomes what, worded by hand; falsehoods/NAME.verdicts.json what a
judge, who saw nothing but the program's own prompt, said of each sentence. With --questions the prompts that
the judge would see are written into FOLDER/asked; replies in FOLDER/answered are taken from there first.
Whatever is refused is given up. A run of all talks with both judges replaces falsehoods/results.md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.writing import record, talks
from bench.writing.played import Played, play
from tests.support.recorded_model import RecordedModel, as_shown

HERE = Path(__file__).parent
FOLDER = HERE / "falsehoods"
JUDGES = ("model", "rules")


@dataclass(frozen=True)
class Fate:
    """What became of a planted falsehood; `reached` is the wording in which it stands, "" if it does not."""

    what: str
    text: str
    reached: str
    why: str


def planted(post: Mapping[str, Any], falsehoods: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The post with each falsehood in place of the sentence that it was made from. Raises SystemExit."""
    by_text = {one["instead_of"]: one for one in falsehoods}
    left = set(by_text)

    def changed(value: Any) -> Any:
        if isinstance(value, dict) and (one := by_text.get(value.get("text", ""))):
            left.discard(one["instead_of"])
            return {**value, **{key: one[key] for key in ("kind", "lines", "notes", "text") if key in one}}
        if isinstance(value, dict):
            return {key: changed(entry) for key, entry in value.items()}
        return [changed(entry) for entry in value] if isinstance(value, list) else value

    made: dict[str, Any] = changed(post)
    if left:
        raise SystemExit(f"no such sentences in the post: {left}")
    return made


def fates(played: Played, falsehoods: Sequence[Mapping[str, Any]]) -> Iterator[Fate]:
    """What became of each."""
    made = played.takeaways
    claims = [claim for paragraph in made.prose for claim in paragraph.claims]
    stands = {as_shown(text): as_shown(c.text) for c in claims for text in (c.text, c.mended_from) if text}
    whys = {as_shown(rejected.what): rejected.why for rejected in made.rejected}
    for one in falsehoods:
        text = as_shown(one["text"])
        yield Fate(one["what"], text, stands.get(text, ""), whys.get(text, ""))


def model_of(name: str, falsehoods: Sequence[Mapping[str, Any]], questions: Path | None) -> RecordedModel:
    """The recorded model with falsehoods planted, and a judge's verdicts on them."""
    recorded = RecordedModel.read(talks.recording(name))
    assert recorded.post
    kept = FOLDER / f"{name}.verdicts.json"
    verdicts = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    if questions and (given := record.from_exchanges(questions / name)["verdicts"]):
        verdicts |= given
        record.write({f"{name}.verdicts": verdicts}, FOLDER)
    shown = {as_shown(text): verdict for text, verdict in verdicts.items()}
    return RecordedModel(planted(recorded.post, falsehoods), verdicts=shown, gives_up=True)


def tried(name: str, judge: str, options: argparse.Namespace) -> list[Fate] | None:
    """What became of a talk's falsehoods; None if its judge has still to be asked."""
    falsehoods = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    model = model_of(name, falsehoods, options.questions)
    with TemporaryDirectory(prefix="falsehoods-") as folder:
        root = Path(folder)
        talks.make(name, options.data, root)
        try:
            played = play(name, root, model, sets=[f"extract.judge={judge}"])
        except SystemExit:
            if not (options.questions and model.unanswered):
                raise
            write_questions(model.unanswered, options.questions / name)
            return None
        return [*fates(played, falsehoods)]


def write_questions(requests: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Requests as tools/model_by_hand.py keeps them, and beside each its prompt as it is read."""
    for kind in ("asked", "answered"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    first = len([*(folder / "asked").glob("*.json")]) + 1
    for number, request in enumerate(requests, first):
        path = folder / "asked" / f"{number:03}.json"
        path.write_text(json.dumps(request, ensure_ascii=False, indent=1), "utf-8")
        prompt = "\n\n".join(message["content"] for message in request["messages"])
        path.with_suffix(".txt").write_text(prompt + "\n", "utf-8")


def table(results: Mapping[str, Mapping[str, Sequence[Fate]]]) -> str:
    """Markdown: by judge, what reached the post, and why the others did not."""
    lines = ["# Falsehoods planted in six posts", ""]
    for judge, by_talk in results.items():
        found = [fate for fates in by_talk.values() for fate in fates]
        reached = sum(bool(fate.reached) for fate in found)
        who = "a judge" if judge == "model" else "rules alone"
        lines += [f"With {who}, {reached} of {len(found)} reached the post.", ""]
    lines += [f"| talk | what is wrong | the falsehood | {' | '.join(results)} |"]
    lines += [f"| --- | --- | --- |{' --- |' * len(results)}"]
    for talk, fates in next(iter(results.values())).items():
        rows = zip(*(by_talk.get(talk, fates) for by_talk in results.values()), strict=True)
        for row in rows:
            cells = [_cell(fate) for fate in row]
            lines.append(f"| {talk} | {row[0].what} | {row[0].text} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(fate: Fate) -> str:
    """What became of one in a few words."""
    return "**reached the post**" if fate.reached else f"refused: {fate.why}" if fate.why else "not there"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.writing.falsehoods",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with the folder transcripts/")
    parser.add_argument("--talk", action="append", help="only these")
    parser.add_argument("--judge", choices=JUDGES, action="append", help="only this one")
    parser.add_argument("--questions", type=Path, help="folder for what a judge has still to be asked")
    options = parser.parse_args()
    names = options.talk or [name for name in talks.SOURCES if (FOLDER / f"{name}.json").exists()]
    judges = options.judge or (JUDGES if not options.questions else JUDGES[:1])
    found = {judge: {name: tried(name, judge, options) for name in names} for judge in judges}
    results = {
        judge: {name: fates for name, fates in by_talk.items() if fates is not None}
        for judge, by_talk in found.items()
    }
    for name in (name for by_talk in found.values() for name, fates in by_talk.items() if fates is None):
        print(f"{name}: the judge is to be asked what is in {options.questions / name}/asked")
    text = table(results)
    print(text)
    if not (options.talk or options.judge or options.questions):
        (FOLDER / "results.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
