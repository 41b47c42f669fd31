"""Recordings from what people wrote by hand, for tests.support.recorded_model.

python -m bench.writing.record FOLDER OUT             # FOLDER has asked/NNN.json and answered/NNN.json
python -m bench.writing.record --post POST LINES OUT  # a post whose lines are `s0 S1: words`
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.support import fake_endpoint
from tests.support.recorded_model import CITING, as_shown, asked_for, numbered_lines

_SENT_BACK = re.compile(r'^(\d+)\. (?:\(.*?\) )?"(.+)" cannot stand: ', re.MULTILINE)
_JUDGED = re.compile(r"^(\d+) \[.*?\] (.*)$", re.MULTILINE)
_PLANTED = re.compile(r'[A-Z]+\d+: "')


def cited(reply: Any, name: str = "") -> Iterator[str]:
    """The ids or numbers of all lines that a reply cites, as they stand there."""
    if isinstance(reply, dict):
        for key, value in reply.items():
            yield from cited(value, key)
    elif isinstance(reply, list):
        for entry in reply:
            yield from (str(entry),) if name in CITING else cited(entry)


def with_transcript(reply: Mapping[str, Any], lines: Mapping[str, str]) -> dict[str, Any]:
    """A reply with the words of the lines it cites."""
    words = {id: lines[id] for id in dict.fromkeys(cited(reply)) if id in lines}
    return {**reply, "transcript": words}


def from_post(post: Path, lines: Path) -> dict[str, Any]:
    """post.json of a post by hand, and the lines that its writer saw."""
    written = json.loads(post.read_text("utf-8"))
    shown = dict(line.split(" ", 1) for line in lines.read_text("utf-8").splitlines())
    written.pop("notes", None)
    return with_transcript(written, shown)


def from_exchanges(folder: Path) -> dict[str, Any]:
    """The parts of a recording by name, from all that was asked and answered by hand."""
    made: dict[str, Any] = {"post": None, "replies": [], "rewrites": {}, "verdicts": {}}
    for path in sorted((folder / "asked").glob("*.json")):
        reply = _answer(folder / "answered", path.stem)
        if reply is None:
            print(f"{path.name} has no answer that can be read")
            continue
        request = json.loads(path.read_text("utf-8"))
        asked = asked_for(request)
        lines = {str(number): text for number, text in numbered_lines(request).items()}
        if "verdicts" in asked:
            made["verdicts"] |= _verdicts(request, reply)
        elif asked == ("sentences",):
            made["rewrites"] |= _rewrites(request, reply, lines)
        elif {"opening", "sections"} <= {*asked}:
            made["post"] = with_transcript(reply, lines)
        elif asked != ("lines",):
            replied = with_transcript(reply, lines)
            words = replied.pop("transcript")
            about = max(request["messages"][-1]["content"].splitlines(), key=len)
            made["replies"].append({"asked": [*asked], "about": about, "transcript": words, "reply": replied})
    return made


def _answer(folder: Path, name: str) -> Any:
    """The reply that was written to a request; None if there is none, or no JSON."""
    for path in (folder / f"{name}.json", folder / f"{name}.txt"):
        if path.exists():
            with suppress(ValueError):
                return json.loads(path.read_text("utf-8"))
    return None


def _verdicts(request: Mapping[str, Any], reply: Mapping[str, Any]) -> Iterator[tuple[str, bool | str]]:
    """What was judged, without what the program planted: true, or why it is not borne out."""
    texts = dict(_JUDGED.findall(fake_endpoint.blocks_of(request)["sentences"]))
    for verdict in reply["verdicts"]:
        text = texts[str(verdict["of"])]
        if not _PLANTED.match(text):
            yield as_shown(text), verdict["borne_out"] or verdict.get("reason") or "not borne out"


def _rewrites(
    request: Mapping[str, Any], reply: Mapping[str, Any], lines: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    texts = dict(_SENT_BACK.findall(request["messages"][-1]["content"]))
    for rewrite in reply["sentences"]:
        kept = {key: value for key, value in rewrite.items() if key != "of"}
        yield as_shown(texts[str(rewrite["of"])]), with_transcript(kept, lines)


def write(parts: Mapping[str, Any], folder: Path) -> None:
    """Write the parts that are not empty. What is told by its text is added to what is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, part in parts.items():
        path = folder / f"{name}.json"
        if part:
            by_text = name in ("rewrites", "verdicts") and path.exists()
            whole = {**json.loads(path.read_text("utf-8")), **part} if by_text else part
            path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.writing.record",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--post", nargs=2, type=Path, metavar=("POST", "LINES"))
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    if options.post:
        write({"post": from_post(*options.post)}, options.folders[0])
    else:
        exchanges, out = options.folders
        write(from_exchanges(exchanges), out)


if __name__ == "__main__":
    main()
