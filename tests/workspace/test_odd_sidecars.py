"""Sidecars and reviews as they should not be: each is told once, with the file, the place and the remedy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.errors import ConfigError
from pipeline.text import plain
from pipeline.workspace import config, discovery, sidecar, talks
from pipeline.workspace.talks import Workspace
from tests.support.helpers import call_program
from tests.support.posts import Page, quoting, render, talk, texts, turns


def complaint(root: Path, content: bytes, name: str = "talk.toml") -> str:
    """What is said of a sidecar, without the path before its name."""
    place = Workspace(root)
    place.inputs.mkdir(exist_ok=True)
    (place.inputs / "talk.md").write_text("Ann: Hi.", "utf-8")
    (place.inputs / name).write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        talks.load(discovery.discover([place.inputs / "talk.md"], place)[0][0], place)
    return str(caught.value).removeprefix(f"{place.inputs}/")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("title = 3", "'title' must be text, in double quotes. It is 3 now."),
        ("glossary = 'x'", "'glossary' must be a list, in square brackets. It is the text 'x' now."),
        ("glossary = ['a', 3]", "'glossary.1' must be text, in double quotes. It is 3 now."),
        ("title = ['a', 'b']", "'title' must be text, in double quotes. It is the list [a, b] now."),
        ("title = {}", "'title' must be text, in double quotes. It is an empty table now."),
        ("title = true", "'title' must be text, in double quotes. It is true now."),
        ("language = 'English'", "'language' must be a language code such as \"en\". It is the text 'Engl"),
        ("length = 'tiny'", "'length' must be 'short', 'medium' or 'long'. It is the text 'tiny' now."),
        ("notes = ['  ']", "'notes.0': a note is text that is not blank, or { text = "),
        ("notes = [3]", "'notes.0': a note is text that is not blank, or { text = "),
        ("notes = [{ text = ' ' }]", "'notes.0.text' must be text that is not blank. It is the text ''"),
        ("[speakers]\nAnn = { short = '' }", "'speakers.Ann.short' must be text that is not blank. It is"),
        ("[speakers]\nAnn = { pronoun = '' }", "'speakers.Ann.pronoun': a pronoun is one or several words"),
        ("[speakers]\nAnn = { pronoun = 'x2' }", "\"they\" or \"she/her\". It says the text 'x2'"),
        ("[extract]\nstyle = ''", "'extract.style' must be text that is not blank."),
        ("speakers = 3", "'speakers' must be a table. It is 3 now."),
        ("[speakers]\ncount = 0", "'speakers.count' must be at least 1. It is 0 now."),
        ("[speakers]\ncount = true", "'speakers.count' must be a whole number. It is true now."),
        ("[speakers]\n'Ann Lee' = { rol = 'x' }", "unknown key 'speakers.\"Ann Lee\".rol'. Did you mean '"),
        ("[speakers]\nAnn = { name = 'x' }", "unknown key 'speakers.Ann.name'. Known there: at, label, ro"),
        ("[speakers]\nAnn = { at = 'noon' }", "'speakers.Ann.at': a moment is written \"mm:ss\" or"),
        ("[speakers]\nAnn = { at = true }", "'speakers.Ann.at': a moment is written \"mm:ss\" or"),
        ("[speakers]\nAnn = { at = 1e300 }", "'speakers.Ann.at': no recording lasts that long"),
        ("[speakers]\n' ' = {}", "'speakers.name': a name has letters"),
        ("[transcirbe]\nmodel = 'x'", "unknown key 'transcirbe'. Did you mean 'transcribe'?"),
        ("[transcribe]\nmodell = 'x'", "unknown key 'transcribe.modell'. Did you mean 'model'?"),
        ("[transcribe]\nbeam_size = 'wide'", "'transcribe.beam_size' must be a whole number. It is the te"),
        ("[extract]\nbase_url = 'localhost'", "'extract.base_url' must be an address that begins with htt"),
        ("transcribe = 3", "'transcribe' must be a table. It is 3 now."),
        ("date = 07:32:00", "'date': a date is written 2024-05-02, year, month and day. It says 07:32:00 "),
        ("date = '2024-13-45'", "'date': a date is written 2024-05-02, year, month and day. It says the t"),
        ("date = 2024-13-45", "not valid TOML (Expected newline or end of document after a statement (at "),
        ("title = 'a'\ntitle = 'b'", "not valid TOML (Cannot overwrite a value (at "),
        ("[speakers]\n[speakers]", "not valid TOML (Cannot declare ('speakers',) twice (at line 2, column"),
        ("title = 'a", "not valid TOML (Expected \"'\" (at end of document))"),
        ("title = 'a\0b'", "invalid character '\\x00' (at line 1, column 11))"),
        (f"length = {'9' * 5000}", "a number in it has too many digits. Shorten it."),
        (f"links = {'[' * 5000}", "line 1: lists or tables are nested more than 20 deep. Nothing here ne"),
        (b"title = 'x'\ndek = 'caf\xe9'", "is not UTF-8 text (line 2, column 11). Save it again, with the"),
        ("title = 'x'".encode("utf-16"), "is not UTF-8 text (it looks like UTF-16). Save it again, with the"),
        ("transcript = '../secret.vtt'", "transcript = '../secret.vtt' leads out of the folder. Put the f"),
        ("transcript = '/etc/passwd'", "transcript = '/etc/passwd' leads out of the folder. Put the file"),
        (f"rttm = '{'x' * 300}'", "is not a file beside it. Correct the name"),
        ("transcript = \"a\\u0000b\"", "is not a file beside it. Correct the name"),
    ],
)  # fmt: skip
def test_a_slip_in_a_sidecar_is_told_with_its_remedy(tmp_path: Path, content: str | bytes, said: str) -> None:
    message = complaint(tmp_path, content.encode() if isinstance(content, str) else content)
    assert message.startswith("talk.toml: ")
    assert said in message
    assert len(message) < 600


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[[fix]]\nform = 'a'\nto = 'b'", "unknown key 'fix.0.form'. Did you mean 'from'?"),
        ("[[fix]]\nfrom = 'a'", "'fix.0.to' is missing. Add it."),
        (
            "[[fix]]\nfrom = ''\nto = 'b'",
            "'fix.0.from' must be text that is not empty. It is the text '' now.",
        ),
        ("fix = 'a'", "'fix' must be a list, in square brackets. It is the text 'a' now."),
        ("fix = ['a']", "'fix.0' must be a table. It is the text 'a' now."),
        ("[[speaker]]\nname = 'A'\nrloe = 'x'", "unknown key 'speaker.0.rloe'. Did you mean 'role'?"),
        ("[[turn]]\nat = -1\nto = 'A'", "'turn.0.at' must be at least 0. It is -1 now."),
        ("[[turn]]\nat = nan\nto = 'A'", "'turn.0.at' must be at least 0. It is nan now."),
    ],
)
def test_a_slip_in_a_review_is_told_with_its_remedy(tmp_path: Path, content: str, said: str) -> None:
    message = complaint(tmp_path, content.encode(), "talk.review.toml")
    assert message == f"talk.review.toml: {said}"


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xef\xbb\xbftitle = 'x'\r\n")
    assert config.read_toml(path) == {"title": "x"}


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    for name, make, said in (
        ("folder", Path.mkdir, "is not a file. Move it away, or write a file instead."),
        ("pipe", os.mkfifo, "is not a file. Move it away, or write a file instead."),
        ("dangling", lambda path: path.symlink_to("gone"), "is a link to gone, where nothing is. Put that"),
        ("loop", lambda path: path.symlink_to("loop.toml"), "cannot be read (Too many levels of symbolic"),
    ):
        path = tmp_path / f"{name}.toml"
        make(path)
        with pytest.raises(ConfigError) as caught:
            config.read_toml(path)
        assert str(caught.value).startswith(f"{path}: {said}")
    assert config.read_toml(tmp_path / "none.toml") == {}


def test_a_sidecar_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("title = 'x'", "utf-8")
    path.chmod(0)
    code = (
        "import os, sys; from pathlib import Path; from pipeline.workspace import config\n"
        "os.chdir(sys.argv[1]); os.geteuid() or os.seteuid(65534)\n"  # what root reads is no test
        "try: config.read_toml(Path('a.toml'))\n"
        "except config.ConfigError as error: print(error)\n"
    )
    tmp_path.chmod(0o755)
    found = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert found.stdout == (
        "a.toml: cannot be read (Permission denied). Check that it is a file that you may read.\n"
    )


def test_a_link_that_a_sidecar_names_is_followed(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    (tmp_path / "elsewhere.vtt").write_text("WEBVTT\n", "utf-8")
    (place.inputs / "words.vtt").symlink_to(tmp_path / "elsewhere.vtt")
    (place.inputs / "a.mp3").write_bytes(b"")
    (place.inputs / "a.toml").write_text("transcript = 'words.vtt'", "utf-8")
    ((source,), problems) = discovery.discover([place.inputs], place)
    assert (source.name, problems) == ("a", [])
    assert talks.load(source, place).transcript == place.inputs / "words.vtt"


def test_one_bad_sidecar_disturbs_no_other_talk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    for name in ("bad", "good"):
        (place.inputs / f"{name}.md").write_text("Ann: Salt is old.\n\nBob: Pepper is older.", "utf-8")
    (place.inputs / "bad.toml").write_text("titel = 'x'", "utf-8")
    code, out, err = call_program(place, monkeypatch, capsys, "run", "inputs")
    assert (code, out) == (1, "outputs/good/post.html\n")
    assert err.splitlines()[-1] == (
        f"bad: start failed: {place.inputs}/bad.toml: unknown key 'titel'. Did you mean 'title'?"
    )
    assert "Traceback" not in err
    assert not (place.outputs / "bad").exists()


HOSTILE = (
    'a "b" \\ c',
    "two\nlines\r\nand\ta tab",
    "bell\x07 and \x1b[31mred\x1b[0m",
    "<b>bold</b> &amp; <script>alert(1)</script>",
    "---\ntitle: other\n...",
    "'single' # no comment: yes, {a} [b] *c* &d !e %f @g `h`",
    "{{ 7 * 7 }} {% raw %}",
    "00:00:01.000 --> 00:00:02.000",
    "null",
    "2024-05-02",
    "\u2028line\u2029 separators \x85",
    "\ufeff\u202eright to left",
    "\U0001f600 Zoe\u0308",
    " ",
)


@pytest.mark.parametrize("value", HOSTILE)
def test_what_a_sidecar_says_is_text_in_every_format(tmp_path: Path, value: str) -> None:
    text = json.dumps(value, ensure_ascii=False)  # a TOML string as well
    facts = "".join(f"{key} = {text}\n" for key in ("title", "dek", "occasion"))
    sidecar = f"{facts}[speakers]\nAnn = {{ label = 'A', role = {text} }}"
    said = turns((("S1", "Salt is old."), ("S2", "Yes.")), labels=("A", "B"))
    files = texts(render(talk(tmp_path, sidecar), said, quoting(said, "s0")))
    front = yaml.safe_load(files["post.md"].split("\n---\n")[0])
    shown = plain(value)
    assert (front["title"], front.get("occasion"), front.get("description")) == (
        shown or "A title", shown or None, shown or front.get("description"),
    )  # fmt: skip
    page = Page(files["post.html"])
    assert "".join(page.text["h1"]) == (shown or "A title")
    assert not shown or shown in unescape(files["post.html"])
    if shown:
        usual = talk(tmp_path, sidecar.replace(text, '"x"'))
        tame = Page(texts(render(usual, said, quoting(said, "s0")))["post.html"])
        assert [tag for tag, _ in page.tags] == [tag for tag, _ in tame.tags]


def test_a_cohorts_sidecar_says_what_belongs_there(tmp_path: Path) -> None:
    path = tmp_path / "cohort.toml"
    path.write_text("[cohrt]\nthemes = 3", "utf-8")
    with pytest.raises(ConfigError, match=r"unknown key 'cohrt'\. Did you mean 'cohort'"):
        sidecar.read_layers([path], tmp_path / "takeaways.toml", ())


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 5000, "\x00", '"'])
def test_an_odd_override_is_wrong_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    arguments: tuple[Any, ...] = ("status", "--set", f"extract.themes={value}")
    code, _, err = call_program(Workspace(tmp_path), monkeypatch, capsys, *arguments)
    assert code == 2
    assert "'extract.themes' must be a whole number" in err


def test_an_address_that_is_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    (place.inputs / "a.md").write_text("Ann: Salt is old.", "utf-8")
    (tmp_path / "takeaways.toml").write_text('[extract]\nbase_url = "http://[::1"\nmodel = "m"', "utf-8")
    for command in (("run", "inputs"), ("run", "inputs", "--dry-run"), ("status",)):
        code, out, err = call_program(place, monkeypatch, capsys, *command)
        assert code == 1
        assert ("extract.base_url 'http://[::1' is not an address" in out + err) == (command[0] == "run")
        assert "Traceback" not in err
