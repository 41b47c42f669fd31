"""A talk run by the real command line against a recorded model, and what became of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

from pipeline.records import RecordT, Takeaways, Turns
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.hostile_replies import Answered
from tests.support.recorded_model import RecordedModel

ROOT = Path(__file__).parents[2]
Way = Literal["whole", "steps"]
CONTEXT_TOKENS: Mapping[Way, int] = {"whole": 128_000, "steps": 16_000}  # too few for a whole talk
_DONE = re.compile(r": extract: done in ([\d.]+) s")
_PROGRAM = "from pipeline.cli.main import main; main()"


@dataclass
class Meter:
    """Counts what a model reads and writes (tokens of cl100k_base), and its seconds. Thread-safe."""

    model: RecordedModel
    calls: int = 0
    read: int = 0  # tokens
    written: int = 0  # tokens
    seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: dict[str, Any]) -> Answered:
        with self._lock:
            began = perf_counter()
            answered = self.model(request)
            usage = json.loads(answered[2]).get("usage", {})  # type: ignore[arg-type]
            self.calls += 1
            self.read += usage.get("prompt_tokens", 0)
            self.written += usage.get("completion_tokens", 0)
            self.seconds += perf_counter() - began
        return answered


@dataclass(frozen=True)
class Played:
    """`seconds` are those of the stage extract without the model's; `output` is what the program said."""

    name: str
    root: Path
    model: RecordedModel
    meter: Meter
    seconds: float
    output: str

    @property
    def outputs(self) -> Path:
        return self.root / "outputs" / self.name

    @property
    def takeaways(self) -> Takeaways:
        return self._record("3_takeaways.json", Takeaways)

    @property
    def turns(self) -> Turns:
        return self._record("2_turns.json", Turns)

    def _record(self, file: str, kind: type[RecordT]) -> RecordT:
        return kind.model_validate(json.loads((self.outputs / file).read_text("utf-8"))["data"])

    @property
    def post(self) -> str:
        return (self.outputs / "post.md").read_text("utf-8")


def play(name: str, root: Path, model: RecordedModel, way: Way = "whole", sets: Sequence[str] = ()) -> Played:
    """Run the talk of a workspace. Raises SystemExit with what the program said if it fails."""
    meter = Meter(model)
    with FakeEndpoint(meter) as server:
        settings = {
            "writer": "openai", "base_url": server.url, "model": "recorded", "retries": 0, "concurrency": 1,
            "context": CONTEXT_TOKENS[way],
        }  # fmt: skip
        given = [f"extract.{key}={value}" for key, value in settings.items()]
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM, "run", f"inputs/{name}.md"]
            + [part for setting in (*given, *sets) for part in ("--set", setting)],
            cwd=root, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        )  # fmt: skip
    output = done.stdout + done.stderr
    if done.returncode:
        raise SystemExit(f"{name} ({way}): {output}\n" + "\n".join(model.unrecorded))
    took = sum(map(float, _DONE.findall(output)))
    return Played(name, root, model, meter, took - meter.seconds, output)
