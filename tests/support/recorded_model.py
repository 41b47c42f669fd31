"""A model whose replies were written by hand and are played again, told by what a request asks for.

A recording is a folder of JSON files, each of which may be missing:
- post.json: the reply to the one call that asks for a whole post.
- replies.json: the replies to the steps, in the order in which they were asked for.
- rewrites.json: by the text that was sent back, what came instead; for quotes and what leads up to them
  it may say nothing, and then nothing comes.
- verdicts.json: by the text judged, true, or the reason why it is not borne out.

Where a reply cites lines, `transcript` gives their words by the numbers or ids that it uses: it plays with a
prompt that numbers them in another way. Speakers are {S1}, {S2}, … in all texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.fake_endpoint import NUMBERED, blocks_of, completion, error, schema_of, verdicts
from tests.support.hostile_replies import Answered

Request = Mapping[str, Any]
Reply = Mapping[str, Any]
UNRECORDED_STATUS = 410  # which the program takes for the end of it, and does not try again
CITING = ("lines", "heading_lines")
OLDER = {
    ("paragraphs", "quotes"): ("body",)
}  # forms of a reply that stand for newer ones, and are read as well
_SENT_BACK = re.compile(r'^(\d+)\. (?:\(.*?\) )?"(.+)" cannot stand: (.*)$', re.MULTILINE)
# What need not be answered: quotes that cannot stand, and sentences before them.
_QUOTE_SENT_BACK = re.compile(
    r'^(\d+)\. \(.*?\) (?:lines .*?: )?"(.+)" (?:cannot stand as a quote:|stands before)', re.M
)
_SPEAKER = re.compile(r"\{([A-Z]+\d+)\}")


@dataclass
class RecordedModel:
    """Answers requests; `with FakeEndpoint(recorded_model) as server` serves it.

    `unrecorded` are the requests, or the texts in them, that the recording says nothing about; `judges_all`
    takes every text for borne out that it says nothing about, `gives_up` gives up every text that is sent
    back and has no rewrite. `sent_back` are the texts that the program refused, with its reasons; `judged`
    those that it asked about; `unanswered` the requests that the recording cannot answer.
    """

    post: Reply | None = None
    replies: Sequence[Reply] = ()
    rewrites: Mapping[str, Reply] = field(default_factory=dict)
    verdicts: Mapping[str, bool | str] = field(default_factory=dict)
    judges_all: bool = False
    gives_up: bool = False
    unrecorded: list[str] = field(default_factory=list)
    sent_back: list[tuple[str, str]] = field(default_factory=list)
    judged: list[str] = field(default_factory=list)
    unanswered: list[Request] = field(default_factory=list)
    _played: set[int] = field(default_factory=set)

    @classmethod
    def read(cls, folder: Path) -> RecordedModel:
        """The recording of a folder."""

        def part(name: str, default: Any) -> Any:
            path = folder / f"{name}.json"
            return json.loads(path.read_text("utf-8")) if path.exists() else default

        rewrites, judged = part("rewrites", {}), part("verdicts", {})
        return cls(
            part("post", None),
            part("replies", []),
            {as_shown(text): rewrite for text, rewrite in rewrites.items()},
            {as_shown(text): verdict for text, verdict in judged.items()},
        )

    def __call__(self, request: Request) -> Answered:
        asked = asked_for(request)
        missing = len(self.unrecorded)
        reply: Reply
        if "verdicts" in asked:
            reply = verdicts(request, self._verdict)
        elif asked == ("lines",):
            reply = {"lines": 1}
        elif asked == ("sentences",):
            reply = self._rewritten(request)
        else:
            reply = self._written(request, asked)
        if new := self.unrecorded[missing:]:
            self.unanswered.append(request)
            return error(UNRECORDED_STATUS, f"nothing is recorded for: {'; '.join(new)}")
        return completion(dict(request), reply)

    def _verdict(self, text: str, cited: list[str]) -> bool | str:
        key = as_shown(text)
        self.judged.append(key)
        if key not in self.verdicts and not self.judges_all:
            self.unrecorded.append(f'the verdict on "{key}"')
        return self.verdicts.get(key, True)

    def _rewritten(self, request: Request) -> dict[str, Any]:
        """What the recording has in place of texts that were sent back, "" to give up where it says so."""
        message = request["messages"][-1]["content"]
        sent_back, quotes = _SENT_BACK.findall(message), _QUOTE_SENT_BACK.findall(message)
        if not (sent_back or quotes):
            self.unrecorded.append("texts that come back in a form that is not known")
        sentences = []
        for number, text, reasons in sent_back:
            self.sent_back.append((as_shown(text), reasons))
            given_up = {"lines": [], "text": ""} if self.gives_up else None
            if (rewrite := self.rewrites.get(as_shown(text), given_up)) is None:
                self.unrecorded.append(f'the rewrite of "{text}", refused because {reasons}')
            else:
                sentences.append({"lines": [], **renumbered(rewrite, request), "of": int(number)})
        for number, text in quotes:
            if rewrite := self.rewrites.get(as_shown(text)):
                sentences.append({"lines": [], **renumbered(rewrite, request), "of": int(number)})
        return {"sentences": sentences}

    def _written(self, request: Request, asked: tuple[str, ...]) -> Reply:
        """The whole post, or the reply of a step that was not played yet and fits the prompt best."""
        if self.post and {"opening", "sections"} <= {*asked}:
            return renumbered(self.post, request)
        fits = {
            place: fit(request, recorded)
            for place, recorded in enumerate(self.replies)
            if place not in self._played and asked in forms(recorded)
        }
        place = max(fits, key=lambda place: fits[place], default=-1)
        if not any(fits.get(place, ())):
            self.unrecorded.append(f"a reply with {', '.join(asked)}")
            return {}
        self._played.add(place)
        return renumbered(self.replies[place]["reply"], request, self.replies[place]["transcript"])


def forms(recorded: Reply) -> tuple[tuple[str, ...] | None, ...]:
    """The properties of a recorded reply, and those that it may be played for as well."""
    own = tuple(recorded["asked"])
    return own, OLDER.get(own)


def asked_for(request: Request) -> tuple[str, ...]:
    """The properties of the reply that a request asks for, by which a step is told."""
    return tuple(schema_of(request)["properties"])


def as_shown(text: str) -> str:
    """A text with speakers as prompts show them, on one line."""
    return " ".join(_SPEAKER.sub(r"\1", text).split())


def fit(request: Request, recorded: Reply) -> tuple[float, int]:
    """How well a recorded reply answers a prompt: the share and number of its lines that this shows.

    Of a reply that cites none: of the words that its own prompt was `about`.
    """
    prompt, about = request["messages"][-1]["content"], recorded["about"].split()
    lines = numbered_lines(request)
    shown = [bool(numbers_of(text, lines)) for text in recorded["transcript"].values()]
    found = shown or [word in prompt for word in about]
    return sum(found) / max(1, len(found)), sum(found)


def numbered_lines(request: Request) -> dict[int, str]:
    """The transcript's lines in a prompt by number: speaker and words."""
    shown = blocks_of(request).get("transcript", "")
    return {int(number): text for number, text in NUMBERED.findall(shown)}


def numbers_of(words: str, lines: Mapping[int, str]) -> list[int]:
    """The numbers of the lines that hold recorded words, which may be cut into lines in another way."""
    speaker, _, text = words.partition(": ")
    exact = [number for number, line in lines.items() if line == words]
    alike = (
        number
        for number, line in lines.items()
        if line.startswith(f"{speaker}: ")
        and len(line) > len(speaker) + 8
        and (line.partition(": ")[2] in text or text in line)
    )
    return exact or [*alike]


def renumbered(reply: Reply, request: Request, transcript: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A reply with the numbers that a prompt gives to the lines it cites, and speakers as it shows them.

    Numbers without recorded words stay.
    """
    lines = numbered_lines(request)
    words = reply.get("transcript", {}) if transcript is None else transcript

    def numbers(cited: Sequence[Any]) -> Iterator[int]:
        for id in cited:
            found = numbers_of(words[str(id)], lines) if str(id) in words else [id]
            if isinstance(id, int) and len({lines.get(number) for number in found}) == 1:
                found = [min(found, key=lambda number: abs(number - id))]  # of lines that say the same
            yield from found

    def converted(value: Any, name: str = "") -> Any:
        if isinstance(value, str):
            return _SPEAKER.sub(r"\1", value)
        if isinstance(value, list):
            return [*numbers(value)] if name in CITING else [converted(entry) for entry in value]
        if isinstance(value, dict):
            return {key: converted(entry, key) for key, entry in value.items() if key != "transcript"}
        return value

    made: dict[str, Any] = converted(reply)
    return made
