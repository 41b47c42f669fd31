from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.errors import ConfigError, InputError
from pipeline.workspace import config, discovery, talks
from pipeline.workspace.sidecar import parse_moment
from pipeline.workspace.talks import Workspace


def workspace(root: Path, **files: str) -> Workspace:
    """A workspace with one talk `inputs/c/talk.md`; keywords are files, `__` standing for a slash."""
    files = {"inputs__c__talk.md": "Ann: Hi.\n", **files}
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return Workspace(root)


def load(place: Workspace, *sets: str) -> talks.Talk:
    ((source,), _) = discovery.discover([place.inputs], place)
    return talks.load(source, place, [config.parse_override(text) for text in sets])


def test_later_layers_win(tmp_path: Path) -> None:
    place = workspace(
        tmp_path,
        **{
            "takeaways.toml": "[transcribe]\nmodel = 'tiny'\nbeam_size = 2\nbatch_size = 2\n",
            "inputs__c__cohort.toml": "language = 'de'\nglossary = ['a']\n[transcribe]\nbeam_size = 3\n",
            "inputs__c__talk.toml": "title = 'T'\nglossary = ['b']\n[transcribe]\nbatch_size = 4\n",
        },
    )
    talk = load(place, "transcribe.batch_size=6")
    settings = talk.settings.transcribe
    assert (settings.model, settings.beam_size, settings.batch_size) == ("tiny", 3, 6)
    assert (talk.facts.title, talk.facts.language, talk.facts.glossary) == ("T", "de", ("a", "b"))
    assert talk.folder == tmp_path / "outputs" / "c" / "talk"


def test_people_moments_and_dates(tmp_path: Path) -> None:
    toml = (
        "date = 2026-01-02\n[speakers]\ncount = 2\n"
        '"Ann Lee" = { at = "1:02:03", role = "Base" }\n"Bob" = {}\n'
    )
    facts = load(workspace(tmp_path, **{"inputs__c__talk.toml": toml})).facts
    assert facts.date == "2026-01-02"
    assert facts.speakers.count == 2
    assert [(p.name, p.at, p.role) for p in facts.speakers.people] == [
        ("Ann Lee", 3723.0, "Base"),
        ("Bob", None, None),
    ]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("inputs__c__talk.toml", "titel = 'x'", ["talk.toml", "titel", "Did you mean 'title'?"]),
        ("inputs__c__talk.toml", "zebra = 1", ["talk.toml", "zebra", "Known there", "occasion"]),
        ("inputs__c__talk.toml", "title = x", ["talk.toml", "line 1", "not valid TOML"]),
        ("inputs__c__talk.toml", "glossary = 'x'", ["talk.toml", "glossary", "'x'"]),
        ("inputs__c__talk.toml", "[transcribe]\nmodell = 'x'", ["talk.toml", "transcribe.modell", "'model'"]),
        ("inputs__c__talk.toml", "[speakers]\ncount = 0", ["talk.toml", "speakers.count", "0"]),
        ("inputs__c__talk.toml", "[speakers]\nAnn = 3", ["talk.toml", "a speaker is a table"]),
        ("inputs__c__talk.toml", "[speakers]\nAnn = { at = 'noon' }", ["talk.toml", "mm:ss", "noon"]),
        ("inputs__c__talk.toml", "[speakers]\nAnn = { rol = 'x' }", ["talk.toml", "'role'"]),
        (
            "inputs__c__talk.toml",
            "[speakers]\nmin = 3\nmax = 2",
            ["talk.toml", "min = 3 is more than max = 2"],
        ),
        ("inputs__c__talk.toml", "transcript = 'no.vtt'", ["talk.toml", "no.vtt"]),
        ("inputs__c__cohort.toml", "glosary = []", ["cohort.toml", "'glossary'"]),
        ("inputs__c__talk.review.toml", "[[fix]]\nfrom = 'a'", ["talk.review.toml", "fix.0.to"]),
        ("inputs__c__talk.review.toml", "[[fixx]]\nfrom = 'a'", ["talk.review.toml", "'fix'"]),
        ("takeaways.toml", "[extract]\nwriter = 'gpt'", ["takeaways.toml", "extract.writer", "gpt"]),
        ("takeaways.toml", "[extracts]\nwriter = 'auto'", ["takeaways.toml", "'extract'"]),
    ],
)
def test_a_bad_file_is_named_with_its_key_and_a_remedy(
    tmp_path: Path, name: str, text: str, words: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(workspace(tmp_path, **{name: text}))
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    "text", ["transcribe", "model=x", "transcribe.=x", "transcribe.nope=1", "nope.model=1"]
)
def test_a_bad_override_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="--set"):
        load(workspace(tmp_path), text)


def test_overrides_are_read_as_toml_or_as_text() -> None:
    assert config.parse_override("a.b=3") == {"a": {"b": 3}}
    assert config.parse_override("a.b=large-v3") == {"a": {"b": "large-v3"}}
    assert config.parse_override('a.b=["x"]') == {"a": {"b": ["x"]}}


def test_moments() -> None:
    assert [parse_moment(text) for text in ("01:12", "1:00:00.5", 7)] == [72.0, 3600.5, 7]
    for wrong in ("1:72", "12", "a:bc", ""):
        with pytest.raises(ValueError, match="mm:ss"):
            parse_moment(wrong)


def test_a_folder_gives_its_talks_and_nothing_else(tmp_path: Path) -> None:
    names = [
        "b.md",
        "a.mp3",
        "a.md",
        "a.toml",
        "README.md",
        "LICENSE.txt",
        ".hidden.md",
        "x.pdf",
        "v 1.2.wav",
    ]
    place = workspace(
        tmp_path,
        **{f"inputs__{name}": "" for name in names},
        **{"inputs__voices__ann.wav": "", "inputs__a.edits__post.md": ""},
    )
    found, problems = discovery.discover([place.inputs], place)
    assert problems == []
    assert [(source.name, source.path.name) for source in found] == [
        ("a", "a.mp3"),
        ("b", "b.md"),
        ("c/talk", "talk.md"),
        ("v 1.2", "v 1.2.wav"),
    ]


def complaints(place: Workspace, *inputs: Path) -> list[str]:
    return [str(problem) for problem in discovery.discover(inputs, place)[1]]


def test_clashes_and_missing_files_are_named_and_the_rest_is_found(tmp_path: Path) -> None:
    place = workspace(tmp_path, **{"one__talk.md": "", "two__talk.txt": "", "one__other.md": ""})
    sources, problems = discovery.discover([tmp_path / "one", tmp_path / "two", tmp_path / "three.md"], place)
    assert [source.name for source in sources] == ["other"]
    assert ["there is no such file" in str(problem) for problem in problems] == [True, False]
    assert "same output folder as two/talk.txt" in str(problems[1])
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no recording or transcript"):
        discovery.discover([tmp_path / "empty"], place)


def test_what_a_shells_star_gives_is_taken_as_the_folder_is(tmp_path: Path) -> None:
    names = ["a.md", "a.mp3", "a.toml", "a.review.toml", "README.md", "b.txt", "c.md"]
    place = workspace(tmp_path, **{f"inputs__{name}": "" for name in names}, **{"inputs__x__d.md": ""})
    star = discovery.discover(sorted(place.inputs.iterdir()), place)
    assert star == discovery.discover([place.inputs], place)
    assert [source.path.name for source in star[0]] == ["a.mp3", "b.txt", "c.md", "talk.md", "d.md"]
    assert complaints(place, place.inputs / "a.toml")[0].count("is not a talk") == 1


@pytest.mark.parametrize("name", ["b.vtt", "texts/b.vtt"])
def test_a_transcript_that_a_sidecar_names_is_no_talk_of_its_own(tmp_path: Path, name: str) -> None:
    transcript = f"inputs/{name}".replace("/", "__")
    place = workspace(
        tmp_path, **{"inputs__a.mp3": "", transcript: "", "inputs__a.toml": f"transcript = '{name}'"}
    )
    assert [source.name for source in discovery.discover([place.inputs], place)[0]] == ["a", "c/talk"]


def test_two_transcripts_of_one_stem_are_a_clash(tmp_path: Path) -> None:
    place = workspace(tmp_path, **{"inputs__a.md": "", "inputs__a.txt": ""})
    assert "same output folder" in complaints(place, place.inputs)[0]


def test_the_machines_own_files_are_never_talks(tmp_path: Path) -> None:
    place = workspace(tmp_path, **{"outputs__a__post.md": ""})
    sources, _ = discovery.discover([tmp_path], place)
    assert [source.name for source in sources] == ["c/talk"]


def test_a_link_on_the_way_changes_no_name(tmp_path: Path) -> None:
    place = Workspace.around(workspace(tmp_path / "real").root)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    sources, _ = discovery.discover([tmp_path / "link" / "inputs" / "c" / "talk.md"], place)
    assert [source.name for source in sources] == ["c/talk"]


def test_the_workspace_is_the_nearest_one_upwards(tmp_path: Path) -> None:
    place = workspace(tmp_path, **{"deep__takeaways.toml": "", "deep__er__inputs__a.md": ""})
    assert Workspace.around(place.inputs / "c").root == tmp_path.resolve()
    assert Workspace.around(tmp_path / "deep").root == (tmp_path / "deep").resolve()


def test_settings_above_count_only_as_part_of_the_same_workspace(tmp_path: Path) -> None:
    """A takeaways.toml that somebody left in a folder above, as in /tmp, says nothing here."""
    workspace(tmp_path, **{"deep__takeaways.toml": "", "deep__er__inputs__a.md": "", "deep__bare__x": ""})
    deep = (tmp_path / "deep").resolve()
    assert Workspace.around(deep / "er" / "inputs").root == deep / "er"
    assert Workspace.around(deep / "bare").root == tmp_path.resolve()


STRANGER = 12345


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give files away")
def test_settings_of_somebody_else_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    (mine := tmp_path / "mine").mkdir()
    (settings := tmp_path / "takeaways.toml").write_text("[extract]\nthemes = 1\n", "utf-8")
    assert Workspace.around(mine).root == tmp_path.resolve()
    os.chown(settings, STRANGER, STRANGER)
    for folder in (mine, tmp_path):
        with pytest.raises(ConfigError, match=f"belongs to another user.*-w {tmp_path}"):
            Workspace.around(folder)
    os.chown(tmp_path / "inputs", STRANGER, STRANGER)
    assert Workspace.around(mine).root == mine.resolve()
    os.chown(tmp_path, STRANGER, STRANGER)  # a whole workspace of somebody else's, opened on purpose
    assert Workspace.around(tmp_path).root == tmp_path.resolve()


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give files away")
def test_a_folder_that_anybody_may_write_is_no_workspace_for_those_below(tmp_path: Path) -> None:
    """As /tmp, where somebody else may lead to settings of mine, or put templates beside them."""
    (shared := tmp_path / "shared").mkdir()
    (shared / "work").mkdir()
    (tmp_path / "home" / "inputs").mkdir(parents=True)
    (shared / "inputs").symlink_to(tmp_path / "home" / "inputs")
    assert Workspace.around(shared / "work").root == shared.resolve()
    os.lchown(shared / "inputs", STRANGER, STRANGER)
    assert Workspace.around(shared / "work").root == (shared / "work").resolve()
    os.lchown(shared / "inputs", 0, 0)
    shared.chmod(0o1777)
    assert Workspace.around(shared / "work").root == (shared / "work").resolve()
