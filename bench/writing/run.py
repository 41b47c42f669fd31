"""Play recorded posts through the program, and write results.md, results.json and posts/.

    python -m bench.writing.run --data DIR [--talk NAME ...] [--way whole|steps] [--judge rules] [--json]

With --talk, --way, --judge or --json nothing is replaced: the tables, or the figures, are printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from bench.writing import report, talks
from bench.writing.figures import figures
from bench.writing.played import Way, play
from tests.support.recorded_model import RecordedModel

HERE = Path(__file__).parent


def ways(name: str) -> Iterator[Way]:
    """The ways in which a talk's post was recorded."""
    folder = talks.recording(name)
    recorded: dict[Way, str] = {"whole": "post.json", "steps": "replies.json"}
    yield from (way for way, file in recorded.items() if (folder / file).exists())


def measured(name: str, way: Way, options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """The figures of a talk's post, and the post."""
    model = RecordedModel.read(talks.recording(name))
    if way == "whole":
        model.replies = ()
    else:
        model.post = None
    model.judges_all, model.gives_up = not model.verdicts, not model.rewrites
    with TemporaryDirectory(prefix="writing-") as folder:
        root = Path(folder)
        talks.make(name, options.data, root)
        played = play(name, root, model, way, [f"extract.judge={options.judge}"])
        found = figures(played)
        found["refused"] = talks.with_labels(name, found["refused"])
        return found, played.post


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.writing.run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with the folder transcripts/")
    parser.add_argument("--talk", choices=talks.SOURCES, action="append", help="only these")
    parser.add_argument("--way", choices=get_args(Way), help="only posts written in this way")
    parser.add_argument("--judge", choices=("model", "rules"), default="model", help="who judges")
    parser.add_argument("--json", action="store_true", help="print the figures, as JSON")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    results: dict[str, dict[str, Any]] = {}
    posts: dict[str, str] = {}
    for name in options.talk or talks.SOURCES:
        for way in ways(name):
            if options.way in (None, way):
                print(f"{name}, {way}", file=sys.stderr)
                title = name if way == "whole" else f"{name}-{way}"
                results[title], posts[title] = measured(name, way, options)
    text = report.text(results)
    print(json.dumps(results, ensure_ascii=False, indent=1) if options.json else text)
    if options.talk or options.way or options.json or options.judge != "model":
        return
    (HERE / "results.md").write_text(text, "utf-8")
    (HERE / "results.json").write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (HERE / "posts").mkdir(exist_ok=True)
    for title, post in posts.items():
        (HERE / "posts" / f"{title}.md").write_text(post, "utf-8")


if __name__ == "__main__":
    main()
