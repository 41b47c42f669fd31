"""A sample of the author's writing: where it may be, what of it is shown, what is said if it cannot be."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.files import FileIdentity, read_whole
from pipeline.workspace import config, discovery, style_sample
from pipeline.workspace.config import read_toml
from pipeline.workspace.style_sample import MAX_CHARACTERS, StyleSample
from pipeline.workspace.talks import Workspace
from tests.support.helpers import load

POST = "I went to the harbour, and it rained.\n\nThat was all.\n"


def place(root: Path, files: dict[str, str | bytes]) -> Workspace:
    """A workspace with the talk inputs/club/talk.md, and these files."""
    for name, content in {"inputs/club/talk.md": "**Ann:** We count.\n", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Workspace(root)


def sample(workspace: Workspace) -> StyleSample | None:
    return style_sample.of(load(workspace, "club/talk.md"))


def shown(root: Path, text: str | bytes) -> str:
    files: dict[str, str | bytes] = {"old.md": text, "takeaways.toml": "[extract]\nstyle = 'old.md'\n"}
    read = sample(place(root, files))
    assert read
    return read.text


@pytest.mark.parametrize(
    ("named_in", "where"),
    [
        ("inputs/club/talk.toml", "inputs/club/old.md"),
        ("inputs/club/talk.toml", "old.md"),
        ("inputs/club/cohort.toml", "inputs/club/old.md"),
        ("inputs/cohort.toml", "inputs/old.md"),
        ("inputs/cohort.toml", "old.md"),
    ],
)
def test_it_is_beside_the_file_that_names_it_or_in_the_root(
    tmp_path: Path, named_in: str, where: str
) -> None:
    workspace = place(tmp_path, {named_in: "style = 'old.md'\n", where: POST})
    read = sample(workspace)
    assert read
    assert (read.text, read.part) == (POST.strip(), "old.md, all of it")


@pytest.mark.parametrize("file", ["takeaways.toml", "inputs/club/cohort.toml", "inputs/club/talk.toml"])
def test_settings_name_it_too_and_facts_go_before_them(tmp_path: Path, file: str) -> None:
    workspace = place(tmp_path, {file: "[extract]\nstyle = 'posts/old.md'\n", "posts/old.md": POST})
    assert (read := sample(workspace))
    assert read.text == POST.strip()
    assert sample(place(tmp_path / "other", {})) is None
    named = "style = 'mine.txt'\n[extract]\nstyle = 'posts/old.md'\n"
    workspace = place(tmp_path, {"inputs/club/talk.toml": named, "mine.txt": "Mine."})
    assert (read := sample(workspace))
    assert read.text == "Mine."


@pytest.mark.parametrize("name", ["inputs/club/old.md", "inputs/club/posts/old.md", "inputs/old.md"])
def test_it_is_no_talk(tmp_path: Path, name: str) -> None:
    workspace = place(tmp_path, {name: POST})
    before = {source.name for source in discovery.discover([workspace.inputs], workspace)[0]}
    assert before == {"club/talk", name.removeprefix("inputs/").removesuffix(".md")}
    place(tmp_path, {"takeaways.toml": f"[extract]\nstyle = '{name}'\n"})
    assert [s.name for s in discovery.discover([workspace.inputs], workspace)[0]] == ["club/talk"]
    place(tmp_path, {"takeaways.toml": ""})
    relative = Path(name).relative_to("inputs/club" if "club" in name else "inputs").as_posix()
    named_in = "inputs/club/talk.toml" if "club" in name else "inputs/cohort.toml"
    place(tmp_path, {named_in: f"style = '{relative}'\n"})
    assert [s.name for s in discovery.discover([workspace.inputs], workspace)[0]] == ["club/talk"]


@pytest.mark.parametrize(
    ("named_in", "name"),
    [
        ("inputs/club/talk.toml", "../old.md"),
        ("inputs/club/talk.toml", "inputs/old.md"),
        ("inputs/cohort.toml", "club/../old.md"),
        ("inputs/club/cohort.toml", "inputs/club/../old.md"),
    ],
)
@pytest.mark.parametrize("table", ["", "[extract]\n"])
def test_it_is_no_talk_however_it_is_named(tmp_path: Path, named_in: str, name: str, table: str) -> None:
    workspace = place(tmp_path, {"inputs/old.md": POST, named_in: f"{table}style = '{name}'\n"})
    found = discovery.survey([workspace.inputs], workspace)
    assert [source.name for source in found.sources] == ["club/talk"]
    told = f"inputs/old.md is not read as a talk: {named_in} names it as a sample of your writing"
    assert found.notices == [told]
    assert (read := sample(workspace))
    assert read.text == POST.strip()


def test_what_a_file_above_names_is_no_talk_either(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "inputs/cohort.toml": "style = 'club/old.md'\n",
        "inputs/club/old.md": POST,
    }
    workspace = place(tmp_path, files)
    sources, _ = discovery.discover([workspace.inputs / "club"], workspace)
    assert [source.name for source in sources] == ["club/talk"]


def test_what_can_be_no_sample_stays_a_talk(tmp_path: Path) -> None:
    workspace = place(
        tmp_path, {"inputs/a.vtt": "WEBVTT\n", "takeaways.toml": "[extract]\nstyle = 'inputs/a.vtt'\n"}
    )
    assert [s.name for s in discovery.discover([workspace.inputs], workspace)[0]] == ["a", "club/talk"]


@pytest.mark.parametrize("value", ["3", "'old.md'", "['old.md']", "{ style = ['old.md'] }", "{ style = 3 }"])
@pytest.mark.parametrize("file", ["inputs/club/talk.toml", "inputs/club/cohort.toml", "inputs/other.toml"])
def test_a_file_that_makes_no_sense_is_an_error_of_its_talk(tmp_path: Path, value: str, file: str) -> None:
    workspace = place(tmp_path, {file: f"extract = {value}\n"})
    assert [s.name for s in discovery.discover([workspace.inputs], workspace)[0]] == ["club/talk"]
    if "club" in file:
        with pytest.raises(ConfigError):
            sample(workspace)


def test_it_is_read_again_only_once_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = place(tmp_path, {"inputs/club/talk.toml": "style = 'old.md'\n", "old.md": POST})
    os.utime(tmp_path / "old.md", (1_000_000_000, 1_000_000_000))
    talk = load(workspace, "club/talk.md")
    reads: list[Path] = []

    def counted(path: Path, limit: int) -> tuple[bytes, FileIdentity | None]:
        reads.append(path)
        return read_whole(path, limit)

    monkeypatch.setattr(style_sample, "read_whole", counted)
    first = style_sample.of(talk)
    talk.memory.save()
    assert [style_sample.of(talk), sample(workspace)] == [first, first]
    (tmp_path / "old.md").write_text("Another one.", "utf-8")
    assert (read := sample(workspace))
    assert read.text == "Another one."
    assert len(reads) == 2


def test_each_toml_file_is_read_once_to_find_talks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = place(tmp_path, {f"inputs/club/{n}.toml": "title = 'A'\n" for n in range(5)})
    reads: list[Path] = []

    def counted(path: Path) -> dict[str, object]:
        reads.append(path)
        return read_toml(path)

    monkeypatch.setattr(config, "read_toml", counted)
    discovery.discover([workspace.inputs], workspace)
    assert len(reads) == len({*reads})


def test_only_the_prose_is_shown(tmp_path: Path) -> None:
    text = (
        '---\ntitle: Old\ndate: 2020-01-02\n---\n# A *walk*\n\nSee [the map](https://a.example/b?c=(d) "T"), '
        "[this][1] and <https://b.example>.\n![A photo](p.png)Or www.c.example/x there.\n\n"
        '```\ncode = 1\n```\n\n<!-- a - remark -->\n<a href="https://d.example">Home</a> at last.\n\n'
        "* * *\n\n[1]: https://e.example\n"
    )
    assert shown(tmp_path, text) == ("# A *walk*\n\nSee the map, this and . Or there.\n\nHome at last.")


def test_whole_paragraphs_are_shown_up_to_a_limit_and_which_is_said(tmp_path: Path) -> None:
    paragraph = "word " * 198 + "end."
    files: dict[str, str | bytes] = {
        "old.md": "\r\n\r\n".join([paragraph] * 9), "takeaways.toml": "[extract]\nstyle = 'old.md'\n",
    }  # fmt: skip
    read = sample(place(tmp_path, files))
    assert read
    assert read.text == "\n\n".join([paragraph] * 4)
    assert len(read.text) <= MAX_CHARACTERS
    assert read.part == "old.md, its first 796 of 1,791 words"
    longer = shown(tmp_path / "one", "word " * 2000)
    assert longer.endswith("word …")
    assert len(longer) <= MAX_CHARACTERS + 2


def test_what_is_not_shown_changes_nothing(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"takeaways.toml": "[extract]\nstyle = 'old.md'\n"}
    reads = [
        sample(place(tmp_path / str(n), {**files, "old.md": text}))
        for n, text in enumerate((POST, f"---\ntitle: A\n---\n{POST}", POST + "More.\n"))
    ]
    digests = [read.digest for read in reads if read]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "has no prose in it"),
        (b"\n\n* * *\n\n```\ncode\n```\n", "has no prose in it"),
        (b"---\ntitle: A\n---\n", "has no prose in it"),
        (b"PK\x03\x04\x00\x00 and more", "has no prose in it"),
        ("Grüße".encode("latin-1"), "is not text in UTF-8"),
        ("Hello.".encode("utf-16"), "is not text in UTF-8"),
        (b"word " * 300_000, "cannot be read (It has more than 1 MB)"),
    ],
)
def test_a_text_that_cannot_be_used_is_told(tmp_path: Path, content: bytes, fault: str) -> None:
    with pytest.raises(ConfigError) as raised:
        shown(tmp_path, content)
    assert str(raised.value).startswith(f"{tmp_path / 'takeaways.toml'}: style = 'old.md' {fault}. ")


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("none.md", "is not a file beside it or in"),
        ("posts", "is not a file beside it or in"),
        ("x" * 5000, "is not a file beside it or in"),
        ("a\\u0000b.md", "is not a file beside it or in"),
        ("../secret.md", "leads out of the workspace"),
        ("posts/../../secret.md", "leads out of the workspace"),
        ("link.md", "leads out of the workspace"),
        ("folder/secret.md", "leads out of the workspace"),
        ("ring.md", "is not a file beside it or in"),
        ("keys.env", "is not a text's name"),
        (".env.txt", "is not a text's name"),
        ("plain.md", "is not a text's name"),
    ],
)
def test_a_name_that_leads_elsewhere_is_told(tmp_path: Path, name: str, fault: str) -> None:
    root = tmp_path / "workspace"
    workspace = place(root, {"takeaways.toml": f'[extract]\nstyle = "{name}"\n', "keys.env": "KEY=1\n"})
    (tmp_path / "secret.md").write_text("Secret.", "utf-8")
    (root / ".env.txt").write_text("KEY=1\n", "utf-8")
    (root / "posts").mkdir()
    links: Sequence[tuple[str, Path]] = [
        ("link.md", tmp_path / "secret.md"), ("folder", tmp_path), ("ring.md", root / "ring.md"),
        ("plain.md", root / "keys.env"),
    ]  # fmt: skip
    for link, target in links:
        (root / link).symlink_to(target)
    with pytest.raises(ConfigError) as raised:
        sample(workspace)
    assert fault in str(raised.value)
    assert str(root / "takeaways.toml") in str(raised.value)
    assert "ecret" not in str(raised.value).replace(name, "")


def test_a_link_inside_the_workspace_is_followed(tmp_path: Path) -> None:
    workspace = place(tmp_path, {"inputs/club/talk.toml": "style = 'link.md'\n", "posts/old.md": POST})
    (tmp_path / "inputs" / "club" / "link.md").symlink_to(tmp_path / "posts" / "old.md")
    assert (read := sample(workspace))
    assert read.part == "old.md, all of it"
