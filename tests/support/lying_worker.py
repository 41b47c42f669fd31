"""A Dask worker that lies: `dask worker --preload` this. The name of a talk says how."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle  # type: ignore[import-untyped]
from distributed import get_worker

from pipeline.cluster import tasks
from pipeline.cluster.tasks import Outcome, Task
from pipeline.files import digest_file, digest_value

cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the client does not have it
honest = getattr(tasks.perform, "honest", tasks.perform)  # this may be loaded twice
SHOUT = "\x1b]0;gone\x07" + "loud " * 20_000


class Wordless(Exception):  # noqa: N818
    def __str__(self) -> str:
        raise ValueError


class Unreadable:
    def __reduce__(self) -> tuple[Any, ...]:
        return int, ("no number",)


def home(task: Task) -> Path:
    return Path(task["root"]) / "outputs" / task["talk"]


def changed(task: Task, stage: str, change: Callable[[dict[str, Any]], None], is_sealed: bool) -> Outcome:
    """Do it, and change an artifact; if it is sealed, with a digest that fits."""
    outcome, path = honest(task), home(task) / stage
    content = json.loads(path.read_bytes())
    change(content["data"])
    if is_sealed:
        content["data_digest"] = digest_value(content["data"])
    path.write_text(json.dumps(content), "utf-8")
    return outcome


def said(task: Task, **different: Any) -> dict[str, Any]:
    """An outcome without work."""
    base = {"state": "done", "group": 0, "worker": "tcp://127.0.0.1:1", "name": "liar"}
    return {**base, "stage": "", "reason": "", **different}


def nothing(task: Task) -> Any:
    return said(task)


def torn(task: Task) -> Any:
    outcome, path = honest(task), home(task) / "2_turns.json"
    path.write_bytes(path.read_bytes()[:-100])
    return outcome


def page(task: Task) -> Any:
    outcome = honest(task)
    with (home(task) / "post.html").open("a") as file:
        file.write("<script>")
    return outcome


def edited(task: Task) -> Any:
    return changed(task, "3_takeaways.json", lambda data: data.update(title="Another"), is_sealed=False)


def forged(task: Task) -> Any:
    def change(data: dict[str, Any]) -> None:
        data["themes"][0]["body"][0]["sentences"] = ["s9999"]

    return changed(task, "3_takeaways.json", change, is_sealed=True)


def outside(task: Task) -> Any:
    def change(data: dict[str, Any]) -> None:
        data["files"].append({"name": "../../inputs/honest.md", "digest": digest_file(inputs / "honest.md")})

    inputs = Path(task["root"]) / "inputs"
    return changed(task, "4_post.json", change, is_sealed=True)


def other(task: Task) -> Any:
    return 42


def state(task: Task) -> Any:
    return said(task, state="perfect")


def group(task: Task) -> Any:
    return said(task, state="unfit", group=99)


def refuses(task: Task) -> Any:
    refuses.times = getattr(refuses, "times", 0) + 1  # type: ignore[attr-defined]
    address = f"tcp://127.0.0.1:{refuses.times}"  # type: ignore[attr-defined]
    return said(task, state="unfit", worker=address, reason=SHOUT)


def fails(task: Task) -> Any:
    return said(task, state="failed", stage=SHOUT, reason=SHOUT)


def wordless(task: Task) -> Any:
    raise Wordless


def shouts(task: Task) -> Any:
    raise RuntimeError(SHOUT)


def unreadable(task: Task) -> Any:
    return Unreadable()


def events(task: Task) -> Any:
    """Reports of any form and size, and then the work."""
    talk, nan = task["talk"], float("nan")
    odd_calls: tuple[Any, ...] = ("__init__", "ended", "planned", "progress", [], 1)
    calls: list[Any] = [(call, []) for call in odd_calls]
    calls += [("progress", ["render", *numbers]) for numbers in ((nan, 1), ("a", None), (-1, 2))]
    calls += [("started", [stage, [SHOUT] * 99]) for stage in ("render", "dance")]
    calls += [("warned", ["render", SHOUT]), ("finished", ["render", -1.0, "free"])]
    messages: list[Any] = [{"talk": talk, "call": call, "arguments": arguments} for call, arguments in calls]
    messages += [{**messages[-2], "talk": name} for name in ("nobody", "3")]
    messages += [{**messages[-2], "talk": 3}, {}, [], 1, "x", None, {"talk": talk}]
    for message in messages:
        get_worker().log_event(task["topic"], message)
    return honest(task)


def flood(task: Task) -> Any:
    for number in range(3000):
        message = {"talk": task["talk"], "call": "warned", "arguments": ["render", f"warning {number}"]}
        get_worker().log_event(task["topic"], message)
    return honest(task)


def perform(task: Task, earlier: Outcome | None = None) -> Any:
    lie = globals().get(task["talk"], honest)
    return lie(task)


perform.honest = honest  # type: ignore[attr-defined]
tasks.perform = perform
