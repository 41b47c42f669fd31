"""Talks without punctuation, from the transcript to the post."""

from __future__ import annotations

from pathlib import Path

from pipeline.records import Flag, Takeaways, Turns
from pipeline.running.artifacts import load
from pipeline.stages.extract import EXTRACT
from pipeline.stages.segment import SEGMENT
from pipeline.workspace.talks import Workspace
from tests.support import helpers

TALK = (
    "today we talk about who pays for the dredging of the old harbour and whether it should stay public i "
    "have run the port for ten years and i have never seen fees as low as they are now because the storm "
    "filled the channel with sand and no fee table in the world can plan for that but last winter the "
    "council had to pay two million out of its own budget so i would charge by depth a ship that needs "
    "twelve metres should pay for twelve metres and a fishing boat should pay for three i think the "
    "harbour should stay public it belongs to everyone who lives here but the city has not repaired the "
    "cranes since the last flood and new cranes cost eight million each so the city should take a loan "
    "because interest was close to zero for a decade\n"
)
WARNING = "no punctuation: sentences are cut by rule; read quotes with care"


def made(root: Path, text: str) -> tuple[list[str], Turns, Takeaways, str]:
    workspace = Workspace(root)
    workspace.inputs.mkdir()
    (workspace.inputs / "talk.txt").write_text(text, "utf-8")
    warnings = helpers.run(workspace, "talk.txt").warnings
    talk = helpers.load(workspace, "talk.txt")
    post = (workspace.outputs / "talk" / "post.md").read_text("utf-8")
    return warnings, load(talk, SEGMENT), load(talk, EXTRACT), post


def test_a_talk_without_punctuation_is_cut_quoted_and_said_to_be_so(tmp_path: Path) -> None:
    warnings, turns, takeaways, post = made(tmp_path, TALK)
    assert [line for line in warnings if "punctuation" in line] == [f"the transcript has {WARNING}"]
    assert {sentence.flags for sentence in turns.sentences()} == {(Flag.UNPUNCTUATED,)}
    quotes = [quote for theme in takeaways.themes for quote in theme.quotes]
    assert len(quotes) > 1
    assert all(len(quote.sentences) == 1 for quote in quotes)
    assert "Quotes are word for word, from a transcript without punctuation.\n" in post


def test_of_two_speakers_the_one_without_punctuation_is_flagged(tmp_path: Path) -> None:
    punctuated = (
        "I see it, as you do. The port is old, and it is full of sand. So, what now? We wait, I think. " * 2
    )
    warnings, turns, _, _ = made(tmp_path, f"Ann Lee: {TALK}\nBob Ito: {punctuated}\n\nAnn Lee: {TALK}")
    assert any(line.endswith(WARNING) and "% of the transcript" in line for line in warnings)
    flagged = {sentence.speaker for sentence in turns.sentences() if sentence.flags}
    assert flagged == {"S1"}
