"""Talks and folders with odd names: they work, and links lead where they should, or it is told why not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
import wave
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from markdown_it import MarkdownIt

from pipeline.errors import InputError
from pipeline.files import with_ending
from pipeline.running.runner import Plan, claim, run_talk
from pipeline.stages import STAGES
from pipeline.text import visible
from pipeline.workspace import discovery, talks
from pipeline.workspace.links import relative_url
from pipeline.workspace.talks import Workspace
from tests.support import ROOT
from tests.support.helpers import Recorder, call_program
from tests.support.posts import Page

SAID = """WEBVTT

00:00.100 --> 00:00.900
<v Ann Lee>Salt is older than pepper, and people have traded it for thousands of years.

00:01.000 --> 00:01.900
<v Bob Ray>And yet pepper was once worth its weight in gold, which kings paid for it.
"""
COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "Zo\u00eb") for form in ("NFC", "NFD"))
NAMES = (
    "a b", " leading", "trailing ", "dot.", "-talk", "--help", "100% #1? [a](b) & <x> \u00e9", "q'uo\"te",
    "a%20b", "con", DECOMPOSED, "\U0001f469\u200d\U0001f467 party", "Upper", "back\\slash",
    "a:b", "{S1}", "$HOME", "~", "sets", "outputs",
)  # fmt: skip


def write(folder: Path, name: str) -> None:
    """A recording of silence and what was said in it."""
    with wave.open(str(folder / f"{name}.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * 8000 * 2))
    (folder / f"{name}.toml").write_text("transcript = 'said.vtt'", "utf-8")
    (folder / "said.vtt").write_text(SAID, "utf-8")


def places(page: Path) -> list[str]:
    """Where links of a page lead, those to other machines aside."""
    text = page.read_text("utf-8")
    if page.suffix == ".html":
        found = [value for name in ("href", "src") for value in Page(text).values(name)]
    else:
        tokens = MarkdownIt("commonmark").parse(text)
        inner = [token for block in tokens for token in block.children or []]
        found = [str(token.attrs["href"]) for token in inner if token.type == "link_open"]
    return [place for place in found if not urlsplit(place).scheme and not place.startswith("#")]


def test_links_of_posts_and_site_lead_where_they_should(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Workspace(tmp_path)
    folder = place.inputs / "50% #2? caf\u00e9"
    folder.mkdir(parents=True)
    (folder / "cohort.toml").write_text("", "utf-8")
    for name in NAMES:
        write(folder, name)
    code, out, err = call_program(place, monkeypatch, capsys, "run", f"inputs/{folder.name}", "--json")
    done = [f"{folder.name}/{name}" for name in NAMES]
    assert (code, "Traceback" in err) == (0, False)
    assert sorted(json.loads(out)["done"]) == sorted(done)
    pages = [path for path in place.outputs.rglob("*") if path.suffix in (".html", ".md")]
    assert {page.name for page in pages} >= {
        "post.html",
        "post.md",
        "transcript.md",
        "index.html",
        "cohort.md",
    }
    for page in pages:
        for link in places(page):
            assert (page.parent / unquote(urlsplit(link).path)).exists(), (page, link)
    for name in done:
        home = place.outputs / name
        assert any(".wav" in link for link in places(home / "transcript.md"))
        front = yaml.safe_load((home / "post.md").read_text("utf-8").split("\n---\n")[0])
        assert front["speakers"] == ["Ann Lee", "Bob Ray"]
    index = places(next(path for path in pages if path.name == "index.html"))
    assert len({link.partition("#")[0] for link in index if "post.html" in link}) == len(done)


@pytest.mark.parametrize("name", ["x" * 251, "\u00e9" * 125, "x" * 245])
def test_a_name_as_long_as_a_name_can_be_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Its sidecar, its lock and what is remembered of it would have longer names."""
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    source = place.inputs / f"{name}.md"
    source.write_text("Ann: Salt is old.\n\nBob: Pepper is older than that.", "utf-8")
    for arguments in (("run", "inputs"), ("status",), ("show", name, "speakers")):
        assert call_program(place, monkeypatch, capsys, *arguments)[0] == 0
    post = place.outputs / name / "post.md"
    post.write_text(post.read_text("utf-8") + "mine", "utf-8")
    assert call_program(place, monkeypatch, capsys, "run", "inputs", "--force")[0] == 0
    edits = talks.load(discovery.discover([source], place)[0][0], place).edits
    assert (edits / "post.md").read_text("utf-8").endswith("mine")
    assert call_program(place, monkeypatch, capsys, "forget", name)[0] == 0
    assert [found.name for found in discovery.discover([place.inputs], place)[0]] == [name]


def test_endings_of_long_names_stay_apart(tmp_path: Path) -> None:
    assert with_ending(tmp_path / "a.b", ".lock") == tmp_path / "a.b.lock"
    long = [with_ending(tmp_path / ("\u00e9" * 120 + last), ".review.json") for last in "ab"]
    assert len(set(long)) == 2
    for path in long:
        path.write_bytes(b"")
        assert path.name.endswith(".review.json")
    cut = with_ending(tmp_path / ("x" * 251), ".lock")
    posing = cut.with_name(cut.name.removesuffix(".lock"))  # a talk that is called as a cut name is
    assert with_ending(posing, ".lock") != cut
    assert len(with_ending(posing, ".lock").name) <= 255


@pytest.mark.parametrize("name", ["new\nline", "ta\tb", "\x1b[31mred", "\x7f", "a\u2028b", "\udcff\udcfe"])
@pytest.mark.parametrize("as_json", [False, True])
def test_a_name_that_cannot_be_shown_is_told_so_that_it_can(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    as_json: bool,
) -> None:
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    for stem in (name, "good"):
        (place.inputs / f"{stem}.md").write_text("Ann: Salt is old.", "utf-8")
    code, out, err = call_program(place, monkeypatch, capsys, "run", "inputs", *["--json"] * as_json)
    said = f"inputs/{visible(name)}.md: its name has a character that cannot be shown. Rename it."
    assert code == 1
    if as_json:
        assert (json.loads(out)["done"], json.loads(out)["failed"][0]["reason"]) == (["good"], said)
    else:
        assert out == "outputs/good/post.html\n"
        assert err.splitlines()[-1].endswith(said)
    assert sorted(path.name for path in place.outputs.iterdir()) == ["good"]
    assert (out + err).encode("ascii", "ignore").isascii()
    assert call_program(place, monkeypatch, capsys, "status")[0] == 1


def test_a_terminal_without_the_letters_shows_escapes(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "\U0001f600.md").write_text("Ann: Salt is old.", "utf-8")
    code = "from pipeline.cli.main import main; main()"
    environment = {
        **os.environ,
        "PYTHONIOENCODING": "latin-1",
        "PYTHONPATH": str(ROOT),
    }
    arguments = [sys.executable, "-c", code, "status"]
    found = subprocess.run(arguments, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (1, "")
    assert found.stdout.startswith("\\U0001f600  transcribe missing")


def test_a_workspace_below_a_folder_that_is_not_utf_8(tmp_path: Path) -> None:
    root = tmp_path / os.fsdecode(b"\xff\xfe")
    place = Workspace(root)
    place.inputs.mkdir(parents=True)
    write(place.inputs, "a")
    away = Workspace(tmp_path / "other")
    away.inputs.mkdir(parents=True)
    for where in (place, away):
        ((source,), _) = discovery.discover([place.inputs / "a.wav"], where)
        run_talk(source, where, Plan(STAGES), Recorder())
        run_talk(source, where, Plan(STAGES), again := Recorder())
        assert again.ran == []
        page = where.outputs / "a" / "transcript.md"
        paths = [unquote(urlsplit(link).path, errors="surrogateescape") for link in places(page)]
        assert paths
        assert all((page.parent / path).is_file() for path in paths)
    assert relative_url(place.inputs / "a.wav", tmp_path) == "%FF%FE/inputs/a.wav"


def test_a_leading_dash_is_a_name_after_two_dashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Workspace(tmp_path)
    (tmp_path / "inputs").mkdir()
    (tmp_path / "-talk.md").write_text("Ann: Salt is old.", "utf-8")
    assert call_program(place, monkeypatch, capsys, "run", "--", "-talk.md")[:2] == (
        0,
        "outputs/-talk/post.html\n",
    )
    code, _, err = call_program(place, monkeypatch, capsys, "run", "-talk.md")
    assert (code, "Traceback" in err) == (2, False)


@pytest.mark.parametrize("name", [".md", "..md", "...md", ".hidden.md"])
def test_a_name_that_begins_with_a_dot_is_no_talk(tmp_path: Path, name: str) -> None:
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    (place.inputs / name).write_text("Ann: Hi.", "utf-8")
    with pytest.raises(InputError, match="no recording or transcript there"):
        discovery.discover([place.inputs], place)
    (problem,) = discovery.discover([place.inputs / name], place)[1]
    assert str(problem).startswith(f"{place.inputs / name}: is not a talk. Put in media files")


def test_two_inputs_of_one_output_are_told(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    for folder in ("one", "two", "inputs"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "talk.md").write_text("Ann: Hi.", "utf-8")
    (tmp_path / "two" / "linked.md").symlink_to("talk.md")
    inputs = [tmp_path / "one", tmp_path / "two", place.inputs]
    sources, (problem,) = discovery.discover(inputs, place)
    assert [source.name for source in sources] == ["linked"]
    clash = "has the same output folder as two/talk.md, inputs/talk.md: outputs/talk. Rename one of them."
    assert str(problem) == f"one/talk.md: {clash}"
    ((first,), _), ((second,), _) = (
        discovery.discover([tmp_path / name / "talk.md"], place) for name in ("one", "two")
    )
    run_talk(first, place, Plan(STAGES[:1]), Recorder())
    with pytest.raises(InputError, match=r"two/talk\.md: has the same output folder as .*/one/talk\.md"):
        claim(talks.load(second, place))


TWINS = [("Upper", "upper"), (COMPOSED, DECOMPOSED), ("A/talk", "a/talk"), ("M\u00dcLL", "mu\u0308ll")]


@pytest.mark.parametrize("names", TWINS)
@pytest.mark.parametrize("at_once", [True, False])
def test_the_second_of_two_names_that_some_file_systems_take_for_one_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    names: tuple[str, str],
    at_once: bool,
) -> None:
    place = Workspace(tmp_path)
    first, second = sorted(names)
    for name in names:
        (place.inputs / name).parent.mkdir(parents=True, exist_ok=True)
        (place.inputs / f"{name}.md").write_text("Ann: Salt is old.\n\nBob: So is pepper.", "utf-8")
    asked = [["inputs"]] if at_once else [[f"inputs/{first}.md"], [f"inputs/{second}.md"]]
    results = [call_program(place, monkeypatch, capsys, "run", *arguments) for arguments in asked]
    assert results[0][1] == f"outputs/{first}/post.html\n"
    assert results[-1][0] == 1
    for word in (f"inputs/{first}.md", f"{second}.md", "Rename one of", "only in case or in how letters"):
        assert word in results[-1][2]
    assert not (place.outputs / second).exists()
    assert call_program(place, monkeypatch, capsys, "status")[0] == 1
    (place.inputs / f"{first}.md").unlink()  # a talk that was renamed takes nobody's place
    assert call_program(place, monkeypatch, capsys, "run", "inputs")[0] == 0


def test_names_that_some_file_systems_take_for_one_go_on_where_both_have_outputs(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    names = ("Upper", "upper", COMPOSED, DECOMPOSED)
    for name in names:
        (place.inputs / f"{name}.md").write_text("Ann: Hi.", "utf-8")
        (place.outputs / name).mkdir(parents=True)
        state = place.state(name)
        state.tree.write(state.source, f"inputs/{name}.md".encode())
    sources, problems = discovery.discover([place.inputs], place)
    assert ({source.name for source in sources}, problems) == (set(names), [])
    for source in sources:
        run_talk(source, place, Plan(STAGES[:1]), Recorder())


def test_of_two_such_names_the_one_with_outputs_goes_on(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    for name in ("Upper", "upper"):
        (place.inputs / f"{name}.md").write_text("Ann: Hi.", "utf-8")
    (place.outputs / "upper").mkdir(parents=True)
    sources, (problem,) = discovery.discover([place.inputs], place)
    assert [source.name for source in sources] == ["upper"]
    assert str(problem).startswith("inputs/Upper.md: differs from inputs/upper.md only in case")
