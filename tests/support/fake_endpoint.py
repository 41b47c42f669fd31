"""A small chat endpoint on loopback whose answer is a function of the request.

It stands in for a model only in tests that are not about models: as a cheap one, or as a hostile one.
`good_reply` makes a reply that fits the JSON Schema of any step, out of the words that the prompt shows.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from itertools import islice
from typing import Any

from pipeline.engines.chat.tokens import count, count_messages
from tests.support.fake_server import FakeServer, Handler
from tests.support.hostile_replies import Answered

Respond = Callable[[dict[str, Any]], Answered]
_BLOCK = re.compile(r"^=== (.+?) [0-9a-f]{12}: .*?===\n(.*?)\n=== end of \1", re.DOTALL | re.MULTILINE)
NUMBERED = re.compile(r"^(\d+) (.*)$", re.MULTILINE)
_SPOKEN = re.compile(r"([A-Z]+\d+): (.*)", re.DOTALL)
_JUDGED = re.compile(r"^(\d+) \[(.*?)\] (.*)$", re.MULTILINE)


class FakeEndpoint(FakeServer):
    """A server in a thread, `with FakeEndpoint(respond) as server`; `server.url` is a base_url.

    `requests` are the bodies of all calls, in order, and `headers` those that came with them. A response may
    be anything; status 0 drops the connection. `window` is what its list of models says, None for nothing.
    """

    def __init__(self, respond: Respond | None = None) -> None:
        self.respond = respond or good
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.window: int | None = None
        super().__init__(_handler(self))


def _handler(endpoint: FakeEndpoint) -> type[BaseHTTPRequestHandler]:
    lock = threading.Lock()

    class Answering(Handler):
        def do_POST(self) -> None:  # noqa: N802
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                endpoint.requests.append(request)
                endpoint.headers.append({name.lower(): value for name, value in self.headers.items()})
            status, headers, body = endpoint.respond(request)
            self.answer(status, headers, body)

        def do_GET(self) -> None:  # noqa: N802
            models = {"data": [{"id": "any", "max_model_len": endpoint.window}]}
            is_told = endpoint.window and self.path == "/v1/models"
            self.answer(*((200, {}, json.dumps(models).encode()) if is_told else (404, {}, b"{}")))

    return Answering


def good(request: dict[str, Any]) -> Answered:
    """`good_reply` as a server sends it."""
    return completion(request, good_reply(request))


def completion(
    request: Mapping[str, Any],
    reply: Mapping[str, Any] | str,
    finish: str = "stop",
    usage: Mapping[str, int] | None = None,
) -> Answered:
    """A chat completion with a reply in it, whose `usage` is what cl100k_base counts unless it is given."""
    text = reply if isinstance(reply, str) else json.dumps(reply)
    counted = {"prompt_tokens": count_messages(request["messages"]), "completion_tokens": count(text)}
    message = {"role": "assistant", "content": text}
    body = {
        "id": "fake", "object": "chat.completion", "created": 0, "model": request["model"],
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        "usage": {**counted, "total_tokens": sum(counted.values())} if usage is None else usage,
    }  # fmt: skip
    return 200, {}, json.dumps(body).encode()


def error(status: int, message: str, **headers: str) -> Answered:
    """A refusal in the form that such servers give it; `headers` with _ for -."""
    body = {"error": {"message": message, "type": "fake", "code": None, "param": None}}
    dashed = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, dashed, json.dumps(body).encode()


def good_reply(request: Mapping[str, Any], skip: int = 0) -> dict[str, Any]:
    """A reply that fits the request's schema and that its numbered lines bear out.

    Longest lines are cited first; `skip` leaves out some of them, so that models may differ.
    """
    schema = schema_of(request)
    if "verdicts" in schema["properties"]:
        return verdicts(request)
    if "sections" in schema["properties"]:
        return _SchemaFiller(request, skip).post(schema)
    reply: dict[str, Any] = _SchemaFiller(request, skip).value(schema)
    return reply


def verdicts(
    request: Mapping[str, Any], decide: Callable[[str, list[str]], bool | str] = lambda text, cited: True
) -> dict[str, Any]:
    """The verdicts of a judge that knows who said what: `decide` gives those on sentences of other forms.

    It may give the reason of a no instead.
    """
    blocks = blocks_of(request)
    lines = dict(NUMBERED.findall(blocks["transcript"]))

    def verdict(number: str, basis: str, text: str) -> dict[str, Any]:
        spans = re.findall(r"(\d+)(?:-(\d+))?", basis.partition("; ")[0] if "line" in basis else "")
        cited = [lines[str(n)] for first, last in spans for n in range(int(first), int(last or first) + 1)]
        is_quote = _SPOKEN.match(text) and text.partition(": ")[2][:1] == '"'
        said = text.replace(': "', ": ", 1)[:-1]
        decided = any(line.startswith(said) for line in cited) if is_quote else decide(text, cited)
        reason = decided if isinstance(decided, str) else "as the line says" if decided else "not said"
        return {"of": int(number), "reason": reason, "borne_out": decided is True}

    return {"verdicts": [verdict(*match) for match in _JUDGED.findall(blocks["sentences"])]}


def blocks_of(request: Mapping[str, Any]) -> dict[str, str]:
    """What stands between markers in the prompt of a request, by its title."""
    return {match[1]: match[2] for match in _BLOCK.finditer(request["messages"][1]["content"])}


def schema_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """The schema that a request asks for, beside the prompt or at its end."""
    reply_format = request.get("response_format", {"type": "text"})
    found: dict[str, Any]
    if reply_format["type"] == "json_schema":
        found = reply_format["json_schema"]["schema"]
    else:
        found = json.loads(request["messages"][-1]["content"].rpartition("JSON Schema:\n")[2])
    return found


class _SchemaFiller:
    """Fills a schema in: each line number is the next one in turn, and text is that of the line it cites."""

    def __init__(self, request: Mapping[str, Any], skip: int) -> None:
        self.prompts: list[str] = [
            message["content"] for message in request["messages"] if message["role"] == "user"
        ]
        shown = "\n".join(match[2] for match in map(_BLOCK.search, self.prompts) if match)
        self.lines = {int(number): text.removeprefix("> ") for number, text in NUMBERED.findall(shown)}
        self.skip = skip
        self._next: dict[tuple[int, ...], Iterator[int]] = {}

    def value(self, schema: Mapping[str, Any], name: str = "", cited: int | None = None) -> Any:
        kind = schema.get("type")
        if "enum" in schema:
            return schema["enum"][0] if schema["type"] == "string" else self.number(schema["enum"])
        if "minimum" in schema:
            return self.number([*range(schema["minimum"], schema["maximum"] + 1)])
        if kind == "object":
            return self.object(schema)
        if (
            kind == "array" and "anyOf" in schema["items"]
        ):  # paragraphs and quotes in turn, prose written first
            kinds, most = schema["items"]["anyOf"], schema.get("maxItems", 4)
            filled = [
                [self.value(inner) for _ in range(n, most, len(kinds))] for n, inner in enumerate(kinds)
            ]
            return [filled[n % len(kinds)][n // len(kinds)] for n in range(most)]
        if name == "notes":
            return []
        if kind == "array":
            return [self.value(schema["items"], name) for _ in range(self.entries(schema))]
        if kind == "integer":
            return len(self.lines)
        return self.text(name, cited)

    def object(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        filled: dict[str, Any] = {}
        for name, inner in schema["properties"].items():
            lists = (value for value in filled.values() if isinstance(value, list) and value)
            cited = next((numbers[0] for numbers in lists if isinstance(numbers[0], int)), None)
            filled[name] = self.value(inner, name, cited)
        return filled

    def post(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """A whole post: in each section a paragraph of two sentences, and a quote; each line is used once."""
        usable = iter([*islice(self.cycle([*self.lines]), len(self.lines))])
        most = min(schema["properties"]["sections"]["maxItems"], len(self.lines) // 5 or 1)

        def sentence() -> dict[str, Any]:
            number = next(usable, 1)
            return {"kind": "talk", "lines": [number], "notes": [], "text": self.text("text", number)}

        def section() -> dict[str, Any]:
            told = [sentence(), sentence()]
            heading, lines = self.text("heading", told[0]["lines"][0]), told[0]["lines"]
            quote = {"lines": [next(usable, 1)], "from_words": "", "to_words": ""}
            body = [{"paragraph": told}, {"quote": quote}]
            return {"heading": heading, "heading_lines": lines, "body": body}

        sections = [section() for _ in range(most)]
        title, dek = sections[-1]["heading"], sections[0]["body"][0]["paragraph"][0]["text"]
        around = {"title": title, "dek": dek, "opening": [sentence()], "close": [sentence()]}
        return {**around, "sections": sections}

    def entries(self, schema: Mapping[str, Any]) -> int:
        """How many entries a list gets: one number, else as many as the lines suffice for."""
        inner = schema["items"]
        if "properties" not in inner:
            return 0 if schema.get("maxItems") == 0 else 1
        numbers = inner["properties"].get("lines", {}).get("items", {}).get("enum", ())
        most: int = schema.get("maxItems", 1)
        return most if "of" in inner["properties"] else max(1, min(most, len(numbers) // 2 or most))

    def number(self, allowed: list[int]) -> int:
        if tuple(allowed) not in self._next:
            self._next[tuple(allowed)] = self.cycle(allowed)
        return next(self._next[tuple(allowed)])

    def cycle(self, allowed: list[int]) -> Iterator[int]:
        """Line numbers again and again: lines fit to be quoted first, the longest of them foremost."""

        def rank(number: int) -> tuple[bool, int, int]:
            text = self.lines.get(number, "")
            words = len(text.split())
            return not 8 <= words <= 40 or '"' in text, -words, number

        ordered = sorted(allowed, key=rank)
        first = self.skip % len(ordered)
        while True:
            yield from (*ordered[first:], *ordered[:first])

    def text(self, name: str, cited: int | None) -> str:
        if name in ("from_words", "to_words"):
            return ""
        line: str = self.lines.get(cited or 0) or next(iter(self.lines.values()), "") or self.section()
        spoken = _SPOKEN.match(line)
        speaker, text = (spoken[1], spoken[2]) if spoken else (None, line)
        sentences = re.split(r"(?<=[.!?]) +", text)
        sentence = str(next((s for s in sentences if 5 <= len(s.split()) <= 40), text))
        if name in ("heading", "title", "theme"):
            bare = re.sub(r"^\w+\d+ says: ", "", sentence)
            return " ".join(bare.split()[:8]).rstrip(".,;:?!")
        return f"{speaker} says: {sentence}" if speaker else sentence

    def section(self) -> str:
        """The second paragraph of a prompt without numbered lines: the text that it is about."""
        return next(iter(self.prompts[0].split("\n\n")[1:]), self.prompts[0]).removeprefix("> ")
