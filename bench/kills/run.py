"""Every command that writes, killed at random moments, and what is left checked.

    nice -n 15 python -m bench.kills.run --keep FOLDER [--kills 1000] [--minutes 30] [--only NAME …]

Commands run in children forked from this process, which has the package imported. Half of the kills come at
a random time, half shortly after a random operation on a file. What was done is kept in FOLDER: started
again, the script goes on with the next kill. Writes bench/kills/results.md.
"""

from __future__ import annotations

import argparse
import importlib
import io
import itertools
import json
import os
import pkgutil
import platform
import random
import select
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pipeline
from bench.kills import checks, scenarios
from bench.kills.checks import Contents
from bench.kills.scenarios import SCENARIOS, Scenario
from pipeline.cli.main import main as program
from tests.support.fake_endpoint import FakeEndpoint

PATIENCE_SECONDS = 120.0
AFTER_SECONDS = 0.003  # a kill comes at most so long after an operation on a file
OPERATIONS = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.utime")
FORGET = ("inputs/c", "panel", "jfk", "inputs/c/one.md", "inputs/c/two.md")


@dataclass(frozen=True)
class Moment:
    """When to kill: so many seconds after the start, or after so many operations on files."""

    seconds: float
    operations: int = 0


@dataclass(frozen=True)
class Ending:
    code: int | None  # None: killed
    seconds: float
    operations: int
    told: str


@dataclass(frozen=True)
class Program:
    """Runs commands in a workspace, as children of this process."""

    root: Path
    url: str

    def __call__(self, scenario: Scenario, moment: Moment | None = None) -> Ending:
        """Run a command, and kill it at that moment if it still runs then."""
        log, started = self.root.parent / "log.txt", time.monotonic()
        receiver, sender = os.pipe()
        if not (child := os.fork()):
            os.close(receiver)
            self._become(scenario, sender, log)
        os.close(sender)
        with os.fdopen(receiver, "rb", buffering=0) as pipe:
            operations = _wait(pipe, child, started, moment)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        told = log.read_text("utf-8", "replace")
        return Ending(None if code == -signal.SIGKILL else code, time.monotonic() - started, operations, told)

    def finish(self, scenario: Scenario) -> None:
        ending = self(scenario)
        if ending.code:
            raise SystemExit(f"takeaways {scenario.command} failed:\n{ending.told}")

    def _become(self, scenario: Scenario, sender: int, log: Path) -> NoReturn:
        """Be the program; each operation on a file is told."""

        def tell(event: str, arguments: tuple[Any, ...]) -> None:
            writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_ACCMODE
            if writes or event in OPERATIONS:
                os.write(sender, b".")

        code = 99
        try:
            out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), out, out)):
                os.dup2(file, number)
            os.chdir(self.root)
            os.environ.update(scenario.environment)
            sys.argv = ["takeaways", *scenario.arguments(self.url)]
            sys.addaudithook(tell)
            program()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def _wait(pipe: io.FileIO, child: int, started: float, moment: Moment | None) -> int:
    """Read the child's operations until it ends, and kill it when it is time. Returns how many there were."""
    operations, due = 0, started + PATIENCE_SECONDS
    if moment and not moment.operations:
        due = started + moment.seconds
    while True:
        if not select.select([pipe], [], [], max(0.0, due - time.monotonic()))[0]:
            os.kill(child, signal.SIGKILL)
            return operations
        # One at a time up to the one that counts, so that the kill is near it.
        data = pipe.read(1 if moment and operations < moment.operations else 65536)
        if not data:
            return operations
        operations += len(data)
        if moment and operations == moment.operations:
            due = time.monotonic() + moment.seconds


@dataclass(frozen=True)
class Calm:
    """What a command does undisturbed: how long it takes, its operations on files, and what it leaves."""

    before: Contents
    after: Contents
    seconds: float
    operations: int
    status: str

    @classmethod
    def of(cls, scenario: Scenario, call: Program, states: Path) -> Calm:
        scenarios.restore(states / scenario.state, call.root)
        before, ending = checks.contents(call.root), call(scenario)
        assert ending.code in scenario.codes, ending.told
        return cls(before, checks.contents(call.root), ending.seconds, ending.operations, _status(call))

    def moment(self, chance: random.Random) -> Moment:
        if chance.random() < 0.5:
            return Moment(chance.uniform(0.02, 1.0) * self.seconds)
        return Moment(chance.uniform(0, AFTER_SECONDS), chance.randint(1, self.operations))


def _status(call: Program) -> str:
    return call(Scenario("", "", "status inputs --why")).told


def kill(number: int, scenario: Scenario, calm: Calm, call: Program, states: Path) -> dict[str, Any]:
    """Kill a command once to five times, check each time, let it end, and check again."""
    chance, root = random.Random(number), call.root
    scenarios.restore(states / scenario.state, root)
    edits = checks.edits_in(root, scenario.state)
    kills, midst, found = 0, 0, []
    earlier = calm.before
    for _ in range(chance.randint(1, 5)):
        if call(scenario, calm.moment(chance)).code is not None:
            break  # it was over before
        kills, now = kills + 1, checks.contents(root)
        midst += bool(checks.temporaries(root)) or now not in (earlier, calm.after)
        found += [f"killed: {fault}" for fault in checks.faults(root, calm.before, calm.after, edits)]
        earlier = now
    again = call(scenario)
    if again.code not in scenario.codes:
        found.append(f"the next run ends with {again.code}: {again.told[-2000:]}")
    found += [f"run again: {fault}" for fault in checks.faults(root, calm.after, calm.after, edits)]
    if (status := _status(call)) != calm.status:
        found.append(f"the status is {status!r} instead of {calm.status!r}")
    if scenario.forgets:
        found += [f"not forgotten: {name}" for name in checks.remembered(root, scenario.forgets)]
    elif chance.random() < 0.2:
        call(scenario, calm.moment(chance))
        for talk in FORGET:
            call(Scenario("", "", f"forget {talk}"))
        found += [f"not forgotten: {name}" for name in checks.remembered(root)]
    if checks.temporaries(root):
        call(scenario)
        call(Scenario("", "", f"run {scenarios.TALKS} --force"))
        found += [f"a leftover: {name}" for name in checks.temporaries(root)]
    return {"number": number, "name": scenario.name, "kills": kills, "midst": midst, "faults": found}


_PREFACE = """\
`python -m bench.kills.run`, {cores} cores of a shared machine, Python {python}. \
Each command was killed (SIGKILL) once to five times in a row, then run to its end. Checked after each kill: \
every file is as before the command or as after it, whole, and every edit by hand is there, in place or as a \
copy. Checked after the end: the files are those of a command that was never killed (but for what artifacts \
record of the run itself), `status` says the same, and no temporary file outlives the next run. After \
`forget`, nothing that was remembered is left; after one in five of the others everything is forgotten, too. \
Half of the kills came at a random moment, half at most {after:.0f} ms after a random operation on a file."""


def report(results: list[dict[str, Any]]) -> str:
    """A table of the kills of each command, and what was found."""
    lines = [
        "# Kills",
        _PREFACE.format(cores=os.cpu_count(), python=platform.python_version(), after=AFTER_SECONDS * 1000),
        "",
        "| command | kills | of these amid its writes | with faults |",
        "| --- | ---: | ---: | ---: |",
    ]
    names = [scenario.name for scenario in SCENARIOS]
    for name in (*names, "all"):
        rows = [result for result in results if name in (result["name"], "all")]
        kills, midst = (sum(row[key] for row in rows) for key in ("kills", "midst"))
        lines.append(f"| {name} | {kills} | {midst} | {sum(bool(row['faults']) for row in rows)} |")
    found = Counter((r["name"], fault.splitlines()[0][:200]) for r in results for fault in set(r["faults"]))
    if found:
        lines += ["", *(f"- {name}: {what} ({number})" for (name, what), number in found.most_common())]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.kills.run", description="Kills at random moments.")
    parser.add_argument("--keep", type=Path, required=True, help="Where states and results are kept.")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--only", action="append", help="A name in the table; repeatable.")
    parser.add_argument("--report", type=Path, default=Path(__file__).with_name("results.md"))
    arguments = parser.parse_args()
    keep = arguments.keep.absolute()
    keep.mkdir(parents=True, exist_ok=True)
    states, log = keep / "states", keep / "results.jsonl"
    call = Program(keep / "workspace", start_endpoint())
    for module in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
        importlib.import_module(module.name)
    shutil.rmtree(states, ignore_errors=True)
    for state in scenarios.STATES:
        scenarios.make_state(state, call.root, states, call.finish)
    results = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    calms: dict[str, Calm] = {}
    turns = [one for one in SCENARIOS for _ in range(one.share) if one.name in (arguments.only or [one.name])]
    until, total = time.monotonic() + 60 * arguments.minutes, sum(result["kills"] for result in results)
    for number in itertools.count(len(results)):
        if total >= arguments.kills or time.monotonic() > until:
            break
        scenario = random.Random(-number - 1).choice(turns)
        if scenario.name not in calms:
            calms[scenario.name] = Calm.of(scenario, call, states)
        results.append(result := kill(number, scenario, calms[scenario.name], call, states))
        total += result["kills"]
        with log.open("a") as file:
            file.write(json.dumps(result) + "\n")
        if result["faults"]:
            print(number, scenario.name, *result["faults"], sep="\n  ", flush=True)
    arguments.report.write_text(report(results), "utf-8")


def start_endpoint() -> str:
    """Start a language model's stand-in in a process of its own, which ends with this one; its base_url."""
    receiver, sender = os.pipe()
    parent = os.getpid()
    if not os.fork():
        with FakeEndpoint() as server:
            os.write(sender, server.url.encode())
            while os.getppid() == parent:
                time.sleep(0.5)
        os._exit(0)
    return os.read(receiver, 1000).decode()


if __name__ == "__main__":
    main()
