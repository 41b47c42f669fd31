"""What is killed: commands, and the states of a workspace from which they start."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.engines.audio.decoding import Sound
from tests.support import DATA
from tests.support.helpers import PANEL
from tests.support.sounds import encode

COMPARE = "compare panel --prompts recap --prompts newsletter"
TALKS = "inputs/panel.md inputs/c"
EDIT = "A person's words"


@dataclass(frozen=True)
class Scenario:
    """A command, and the state that it starts from.

    `codes` are the exit codes that it may have when it is run again; of a hundred turns it gets `share`.
    With `asks`, a language model is asked. `forgets` is how the names of the caches that it empties begin.
    """

    name: str
    state: str
    command: str
    codes: tuple[int, ...] = (0,)
    share: int = 4
    asks: bool = False
    forgets: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def arguments(self, url: str) -> list[str]:
        model = ["--set", "extract.model=any", "--set", f"extract.base_url={url}"] if self.asks else []
        return [*self.command.split(), *model]


SCENARIOS = (
    Scenario("run", "fresh", "run inputs/panel.md", share=10),
    Scenario("run, a cohort", "fresh", f"run {TALKS}"),
    Scenario("run, a sidecar changed", "stale", f"run {TALKS}", share=6),
    Scenario("run --force", "done", "run inputs/panel.md --force", share=8),
    Scenario("run --force, a cohort", "done", f"run {TALKS} --force", share=3),
    Scenario("run --force over hand edits", "edited", "run inputs/panel.md --force", share=12),
    Scenario("run that hand edits refuse", "edited and stale", f"run {TALKS}", codes=(1,), share=5),
    Scenario("run --from extract --force", "done", "run inputs/panel.md --from extract --force", share=5),
    Scenario("run of a recording", "done", "run inputs/jfk.flac --from segment --force", share=3),
    Scenario("run --prompts", "done", "run inputs/panel.md --prompts newsletter", share=6, asks=True),
    Scenario("cohort --force", "done", "cohort inputs/c --force", share=5),
    Scenario("compare", "done", COMPARE, asks=True, share=3),
    Scenario("compare over a hand edit", "compared and edited", COMPARE, asks=True, share=3),
    Scenario("voices add", "done", "voices add Jack jfk:S1 --agreed asked", codes=(0, 1), share=3),
    Scenario("voices add --force", "voice", "voices add Jack jfk:S1 --agreed asked --force", share=3),
    Scenario("voices remove", "voice", "voices remove Jack", codes=(0, 1), share=3),
    Scenario("forget, a talk", "asked", "forget panel", forgets="panel."),
    Scenario("forget, a recording", "done", "forget jfk", forgets="jfk."),
    Scenario("forget, a cohort", "done", "forget inputs/c", forgets="cohort."),
    Scenario("init", "done", "init new", codes=(0, 1)),
    Scenario("show --svg --rttm", "done", "show jfk speakers --svg new.svg --rttm new.rttm", share=3),
    Scenario(
        "doctor --fetch", "done", "doctor --fetch", (0, 1), 2, environment={"TAKEAWAYS_CACHE": "models"}
    ),
)

Run = Callable[[Scenario], None]  # runs a command to its end
STATES = {  # and which each is made from
    "fresh": None,
    "done": "fresh",
    **dict.fromkeys(("stale", "edited", "compared and edited", "voice", "asked"), "done"),
    "edited and stale": "edited",
}
_RENDERED = ("outputs/panel/3_takeaways.json", "outputs/panel/post.md")
EDITED = {  # the files that a person edited in a state
    "edited": _RENDERED,
    "edited and stale": _RENDERED,
    "compared and edited": ("outputs/panel/compare.html",),
}


def make_state(name: str, root: Path, states: Path, run: Run) -> None:
    """Make a state in `root`, and keep a copy in `states`."""
    if base := STATES[name]:
        restore(states / base, root)
    else:
        _fresh(root)
    if name == "done":
        run(Scenario("", "", f"run {TALKS} inputs/jfk.flac"))
    elif name == "stale":
        (root / "inputs/panel.toml").write_text('title = "Another title"\nglossary = ["Taproot"]\n')
        (root / "inputs/c/cohort.toml").write_text('title = "Other talks"\n')
    elif name == "edited and stale":
        (root / "inputs/panel.review.toml").write_text('[[fix]]\nfrom = "Bitcoin"\nto = "bitcoin"\n')
    elif name == "compared and edited":
        run(Scenario("", "", COMPARE.replace("newsletter", "questions"), asks=True))
    elif name == "voice":
        run(Scenario("", "", "voices add Jack jfk:S1 --agreed asked"))
    elif name == "asked":
        run(Scenario("", "", "run inputs/panel.md --prompts newsletter", asks=True))
    if name in ("edited", "compared and edited"):
        for file in EDITED[name]:
            _edit(root / file)
    shutil.copytree(root, states / name)


def restore(state: Path, root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(state, root)


def _fresh(root: Path) -> None:
    """Three transcripts, of which two are a cohort, and a recording."""
    shutil.rmtree(root, ignore_errors=True)
    (root / "inputs/c").mkdir(parents=True)
    lines = PANEL.read_text("utf-8").splitlines()
    for name, first, last in (("panel", 0, 12), ("c/one", 0, 14), ("c/two", 14, 26)):
        (root / f"inputs/{name}.md").write_text("\n".join(lines[first:last]), "utf-8")
    (root / "inputs/c/cohort.toml").write_text('title = "Talks"\n')
    (root / "takeaways.toml").write_text("")
    speech = np.concatenate(list(Sound(DATA / "jfk.flac")))
    encode(root / "inputs/jfk.flac", np.concatenate([speech, speech]), codec="flac")  # enough for a voice


def _edit(path: Path) -> None:
    """Change a file as a person would."""
    if path.suffix == ".json":
        content = json.loads(path.read_bytes())
        content["data"]["themes"][0]["heading"] = EDIT
        path.write_text(json.dumps(content, indent=1))
    else:
        with path.open("a") as file:
            file.write(f"\n{EDIT}\n")
