"""Artifacts that a person changed into something impossible: told with the file, the line and the field."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ArtifactError
from pipeline.running import artifacts, staleness
from pipeline.running.runner import Plan, StageError, run_talk
from pipeline.stages import STAGES
from pipeline.workspace.talks import Source, Workspace
from tests.support.helpers import Recorder, load, run

SAID = """[00:00:01] **Ann Lee:** Today we talk about salt and pepper. Salt is older than pepper.

[00:00:09] **Bob Ray:** And yet pepper was worth its weight in gold. Kings paid for it with land.

[00:00:20] **Ann Lee:** So the question is what we do with all of it now. I would cook more at home.
"""
NAMES = ("1_transcript.json", "2_turns.json", "3_takeaways.json", "4_post.json")
T, S, Q = "turns.0", "turns.0.sentences.0", "themes.0.body.0"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    place = Workspace(tmp_path_factory.mktemp("finished"))
    place.inputs.mkdir()
    (place.inputs / "a.md").write_text(SAID, "utf-8")
    run(place, "a.md")
    return place


@pytest.fixture
def place(finished: Workspace, tmp_path: Path) -> Workspace:
    return Workspace(Path(shutil.copytree(finished.root, tmp_path / "workspace")))


def below(place: Workspace, name: str) -> str:
    """What the stages below an artifact say of it."""
    stages = STAGES[NAMES.index(name) + 1 :] or STAGES[-1:]
    with pytest.raises(StageError) as caught:
        run_talk(Source("a", place.inputs / "a.md"), place, Plan(stages), Recorder())
    assert isinstance(caught.value.__cause__, ArtifactError)
    return str(caught.value.__cause__)


@pytest.mark.parametrize(
    ("name", "field", "value", "said"),
    [
        (NAMES[0], "words", [], "holds no words"),
        (NAMES[0], "words.0.start", -1, "must be at least 0. It is -1 now."),
        (NAMES[0], "words.0.start", float("nan"), "must be a finite number. It is nan now."),
        (NAMES[0], "words.0.end", float("inf"), "must be a finite number. It is inf now."),
        (NAMES[0], "words.0.text", "\ud800", "holds half a character, \\ud800."),
        (NAMES[0], "words.0.text", 5, "must be text, in double quotes. It is 5 now."),
        (NAMES[1], "turns", [], "holds no sentences"),
        (NAMES[1], f"{T}.sentences", [], "is empty"),
        (NAMES[1], f"{T}.speaker", "S9", "'S9' is not among the speakers"),
        (NAMES[1], f"{S}.speaker", "S9", "'S9' is not among the speakers"),
        (NAMES[1], f"{S}.words", [5, 2], "ends before it begins"),
        (NAMES[1], f"{S}.words", [0, 10**6], "goes beyond the 45 words of 1_transcript.json"),
        (NAMES[1], f"{S}.words.1", 10**400, "must be less than 2.14748e+09."),
        (NAMES[1], f"{S}.text", " ", "is blank"),
        (NAMES[1], f"{S}.id", "s7", "'s7' is there twice"),
        (NAMES[1], "speakers.1.id", "S1", "'S1' is there twice"),
        (NAMES[2], f"{Q}.sentences.0", "s999", "refers to the sentence 's999', which is not in 2_turns.json"),
        (NAMES[2], f"{Q}.sentences", [], "must be a list of at least 1."),
        (NAMES[2], f"{Q}.speaker", "S9", "'S9' is not among the speakers of 2_turns.json"),
        (NAMES[2], f"{Q}.zzz", 1, "Known there: sentences, keep, speaker, start, end, margin, flags."),
        (NAMES[2], "title", None, "must be text, in double quotes. It is nothing now."),
        (
            NAMES[2], "close", [{"claims": [{"text": "x", "cites": ["s0", "zz"]}]}],
            "refers to the sentence 'zz', which is not in 2_turns.json",
        ),
        (
            NAMES[2], f"{Q}", {"claims": [{"text": "x", "cites": ["zz"]}]},
            "refers to the sentence 'zz', which is not in 2_turns.json",
        ),
        (
            NAMES[2], f"{Q}", {"claims": [{"text": "x"}]},
            "'data.themes.0.body.0.claims.0': prose about the talk has to name what it rests on, "
            'as in "cites": ["s12"].',
        ),
        (
            NAMES[2], f"{Q}", {"claims": [{"text": "x", "cite": ["s0"]}]},
            "unknown key 'data.themes.0.body.0.claims.0.cite'. Did you mean 'cites'?",
        ),
        (
            NAMES[2], "close", [{"claims": [{"text": "x", "kind": "author"}]}],
            "'data.close.0.claims.0': prose of the author has to name the notes that it rests on, "
            'as in "notes": [1].',
        ),
        (NAMES[2], f"{Q}.shown_as", "x", "unknown key 'data.themes.0.body.0.shown_as'."),
        (NAMES[2], f"{Q}", 3, "'data.themes.0.body.0' must be a table. It is 3 now."),
        (NAMES[3], "files.0.name", "../../inputs/a.md", "is not the name of a file"),
        (NAMES[3], "files.0.name", "", "is not the name of a file"),
        (NAMES[3], "files.0.name", "x" * 300, "is not the name of a file"),
    ],
)  # fmt: skip
def test_what_is_impossible_is_told_with_line_and_field(
    place: Workspace, name: str, field: str, value: Any, said: str
) -> None:
    path = place.outputs / "a" / name
    content = json.loads(path.read_text("utf-8"))
    holder: Any = content["data"]
    *way, last = (int(part) if part.isdecimal() else part for part in field.split("."))
    for part in way:
        holder = holder[part]
    holder[last] = value
    path.write_text(artifacts._readable_json(content).replace("\ud800", "\\ud800"), "utf-8")
    message = below(place, name)
    assert message.startswith(f"outputs/a/{name}: line ")
    assert said in message
    stage = STAGES[NAMES.index(name)].name
    assert message.endswith(f"Mend it, or remove it and run again to have {stage} write it anew.")
    line = path.read_text("utf-8").splitlines()[int(message.split("line ")[1].partition(":")[0]) - 1]
    assert f'"{last}"' in line or not isinstance(last, str)
    if not said.startswith(("goes beyond", "refers to", "'S9' is not among the speakers of")):
        with pytest.raises(ArtifactError, match="Mend it"):
            staleness.states(load(place, "a.md"), STAGES)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not valid JSON (Expecting value: line 1 column 1"),
        (b"{", "is not valid JSON (Expecting property name"),
        (b"\xff\xfe{\x00}\x00", "is not valid JSON ('utf-8' codec can't decode byte 0xff in position 0"),
        (b"[" * 100_000, "holds a number that is too long, or lists that nest too deeply"),
        (b'{"made_from": {}, "data": ' + b"9" * 5000 + b"}", "holds a number that is too long"),
        (b"null", "lacks made_from or data"),
        (b'{"made_from": 3, "data": {}}', "lacks made_from or data"),
        (b'{"made_from": {}, "data": 3}', "line 1: 'data' must be a table. It is 3 now."),
        (b'{"made_from": {},\n "data": {"zzz": 1}}', "line 2: unknown key 'data.zzz'."),
    ],
)
def test_what_is_no_artifact_is_told(place: Workspace, content: bytes, said: str) -> None:
    (place.outputs / "a" / NAMES[1]).write_bytes(content)
    message = below(place, NAMES[1])
    assert message.startswith(f"outputs/a/{NAMES[1]}: {said}")
    with pytest.raises(ArtifactError):
        staleness.states(load(place, "a.md"), STAGES)


def test_an_artifact_saved_with_a_byte_order_mark_is_as_it_was(place: Workspace) -> None:
    for name in NAMES:
        path = place.outputs / "a" / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert run(place, "a.md").ran == []


def test_a_post_without_themes_is_one(place: Workspace) -> None:
    path = place.outputs / "a" / NAMES[2]
    content = json.loads(path.read_text("utf-8"))
    content["data"]["themes"] = []
    path.write_text(json.dumps(content), "utf-8")
    assert run(place, "a.md").ran == ["render"]
    assert "No themes came out of this conversation." in (place.outputs / "a" / "post.md").read_text("utf-8")


@pytest.mark.parametrize("fact", ["x", 3, [], {}, {"made_from": 3}, {"zzz": 1}, None])
def test_a_memory_that_knows_nothing_of_use_is_passed_over(place: Workspace, fact: Any) -> None:
    assert run(place, "a.md").ran == []
    path = place.state("a").memory
    kept = json.loads(path.read_bytes())
    for name in kept["facts"]:
        kept["facts"][name]["fact"] = fact
    assert len(kept["facts"]) >= 5
    path.write_text(json.dumps(kept), "utf-8")
    assert run(place, "a.md").ran == []
