"""Workspaces of one talk: a transcript of the data folder, and what its author wrote beside it.

python -m bench.writing.talks --data DIR --out FOLDER [--talk NAME ...]
"""

from __future__ import annotations

import argparse
import json
import shutil
import tomllib
from pathlib import Path

from bench.takeaways.data import Said, said_in
from tests.support import DATA

HERE = Path(__file__).parent
RECORDINGS = (HERE / "recordings", DATA / "writing")  # the tests have the two reference posts
SOURCES: dict[str, str] = tomllib.loads((HERE / "talks.toml").read_text("utf-8"))
BESIDE = "talk.toml"  # of a recording: the talk's sidecar
STYLE = "old-post.md"  # of a recording, where the sidecar names one: a sample of the author's writing
LABELS = "refused.json"  # of a recording: "rightly" or "wrongly", by the text that was refused


def recording(name: str) -> Path:
    """The folder of a talk's recording."""
    return next(folder / name for folder in RECORDINGS if (folder / name).is_dir())


def with_labels(name: str, refused: list[dict[str, str]]) -> list[dict[str, str]]:
    """Refused texts with what a person says of each refusal, "" where nobody has looked at it yet."""
    path = recording(name) / LABELS
    labels = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return [{**one, "label": labels.get(one["text"], "")} for one in refused]


def as_text(said: list[Said]) -> str:
    """A transcript as people paste it, a turn a paragraph."""
    return "\n\n".join(f"**{turn.speaker}:** {turn.text}" for turn in said) + "\n"


def make(name: str, data: Path, root: Path) -> Path:
    """A workspace at `root` with one talk, ready to run; its transcript's path."""
    folder, inputs = recording(name), root / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    transcript = inputs / f"{name}.md"
    transcript.write_text(as_text(said_in(data / "transcripts" / f"{SOURCES[name]}.json")), "utf-8")
    shutil.copyfile(folder / BESIDE, inputs / f"{name}.toml")
    if (style := folder / STYLE).exists():  # not among the inputs, where it would be a talk
        shutil.copyfile(style, root / STYLE)
    return transcript


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.writing.talks")
    parser.add_argument("--data", type=Path, required=True, help="folder with the folder transcripts/")
    parser.add_argument("--out", type=Path, required=True, help="a workspace a talk is made in it")
    parser.add_argument("--talk", choices=SOURCES, action="append", help="only these")
    options = parser.parse_args()
    for name in options.talk or SOURCES:
        print(make(name, options.data, options.out / name))


if __name__ == "__main__":
    main()
