"""Voices known already: the files they are kept in, who is recognised by them, and `takeaways voices`."""

from __future__ import annotations

import datetime
import io
import json
import math
import os
import stat
import subprocess
import sys
import tomllib
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.errors import ConfigError, InputError, TakeawaysError
from pipeline.records import Media, Transcript, Turns, Word
from pipeline.running import artifacts
from pipeline.stages import STAGES
from pipeline.turns import voice_profiles, voiceprints
from pipeline.turns.voice_profiles import MARGIN_COSINE, SAME_VOICE_COSINE, Profile, recognise
from pipeline.weights import catalog
from pipeline.workspace import discovery, talks
from pipeline.workspace.talks import Talk, Workspace
from tests.support import DATA
from tests.support.helpers import call_program, sound_of
from tests.support.posts import spoken

Call = Callable[..., tuple[int, str, str]]
READERS = DATA / "librispeech"
TODAY = datetime.date.today().isoformat()


@dataclass(frozen=True)
class Voiceprint:
    """What pipeline.turns.voiceprints gives for a speaker."""

    embedding: NDArray[np.float32]
    seconds: float = 60.0


def leaning(**parts: float) -> NDArray[np.float32]:
    """A voice with these cosines to the voices `a`, `b` and `c`, the rest of it like nobody's."""
    row = np.zeros(192, np.float32)
    for letter, cosine in parts.items():
        row["abc".index(letter)] = cosine
    row[100] = math.sqrt(1 - float(row @ row))
    return row


def profile(name: str, voice: NDArray[np.float32] | None = None, **changed: Any) -> Profile:
    row = leaning(a=1) if voice is None else voice
    said = {"agreed": "2026-11-22: asked", "talk": "panel", "seconds": 60, "encoder": catalog.SPEAKER_ENCODER}
    return Profile.model_validate({"name": name, "voice": tuple(row.tolist()), **said, **changed})


def keep(workspace: Workspace, one: Profile, file: str = "") -> Path:
    path = voice_profiles.place_for(one.name, workspace, replace=False)
    path = path.with_name(file) if file else path
    voice_profiles.write(one, path)
    return path


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """`panel` has a recording and two speakers, `text` is a transcript alone, `new` was not run yet."""
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    for name in ("panel.mp3", "new.mp3", "text.md"):
        (place.inputs / name).touch()
    for file in ("panel.mp3", "text.md"):
        ((source,), _) = discovery.discover([place.inputs / file], place)
        talk = talks.load(source, place)
        words = (Word(text=" Well", start=0, end=1), Word(text=" then"), Word(text=" yes.", start=1, end=2))
        kind = "media" if talk.media else "transcript"
        media = Media.model_validate({"name": file, "kind": kind})
        heard = Transcript(media=media, language="en", duration=60, words=words * 2)
        said = spoken([("S1", 0, 20), ("S2", 30, 40)])
        artifacts.save(talk, STAGES[0], {}, {}, heard)
        segmented(talk, said)
    return place


def segmented(talk: Talk, turns: Turns) -> None:
    made_from = {f"file {talk.media.name}": talk.memory.digest(talk.media)} if talk.media else {}
    artifacts.save(talk, STAGES[1], made_from, {}, turns)


class Transcription:
    """Stands in for listening; remembers what it was asked."""

    def __init__(self) -> None:
        self.prints: Mapping[str, Voiceprint] = {
            "S1": Voiceprint(leaning(a=0.9), 40),
            "S2": Voiceprint(leaning(b=1), 9.9),
        }
        self.asked: list[str] = []

    def of_talk(self, talk: Talk, turns: Turns) -> Mapping[str, Voiceprint]:
        self.asked.append(talk.name)
        return self.prints


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Transcription:
    ears = Transcription()
    monkeypatch.setattr(voiceprints, "of_talk", ears.of_talk)
    return ears


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def call(
    workspace: Workspace,
    heard: Transcription,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Call:
    def call(*arguments: str, answer: str | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO() if answer is None else Terminal(answer))
        return call_program(workspace, monkeypatch, capsys, "voices", *arguments)

    return call


def kept(workspace: Workspace) -> list[str]:
    """Every file in the folder, dotfiles too."""
    folder = workspace.inputs / "voices"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


# --- who is recognised


def recognised(prints: Mapping[str, NDArray[np.float32]], *profiles: Profile) -> dict[str, str]:
    found = recognise({id: Voiceprint(row) for id, row in prints.items()}, profiles)
    return {id: match.name for id, match in found.items()}


A, B = profile("Ann", leaning(a=1)), profile("Bo", leaning(b=1))


def test_a_voice_is_recognised_with_its_cosine() -> None:
    found = recognise({"S1": Voiceprint(leaning(a=0.81)), "S2": Voiceprint(leaning(c=1))}, [A, B])
    assert found.keys() == {"S1"}
    assert found["S1"].name == A.name
    assert found["S1"].cosine == pytest.approx(0.81, abs=1e-4)
    assert found["S1"].evidence == 'voice profile "Ann", cosine 0.81'


@pytest.mark.parametrize(
    ("prints", "names"),
    [
        ({"S1": leaning(a=0.8), "S2": leaning(b=0.8)}, {"S1": "Ann", "S2": "Bo"}),
        ({"S1": leaning(b=0.8), "S2": leaning(a=0.8)}, {"S1": "Bo", "S2": "Ann"}),
        ({"S1": leaning(a=SAME_VOICE_COSINE + 0.01)}, {"S1": "Ann"}),
        ({"S1": leaning(a=SAME_VOICE_COSINE - 0.01)}, {}),
        ({"S1": leaning(a=-1)}, {}),
        # two profiles fit one speaker
        ({"S1": leaning(a=0.7, b=0.7 - MARGIN_COSINE + 0.02)}, {}),
        ({"S1": leaning(a=0.7, b=0.7 - MARGIN_COSINE - 0.02)}, {"S1": "Ann"}),
        # another speaker comes near, not near enough to be the same person
        ({"S1": leaning(a=SAME_VOICE_COSINE + 0.05), "S2": leaning(a=SAME_VOICE_COSINE - 0.01)}, {}),
        (
            {"S1": leaning(a=SAME_VOICE_COSINE + 0.12), "S2": leaning(a=SAME_VOICE_COSINE - 0.01)},
            {"S1": "Ann"},
        ),
        # one voice taken for two
        ({"S1": leaning(a=0.8), "S2": leaning(a=0.7), "S3": leaning(c=1)}, {"S1": "Ann", "S2": "Ann"}),
        # the other is near, and somebody else outright
        ({"S1": leaning(a=0.7), "S2": leaning(a=0.61, b=0.75)}, {"S1": "Ann", "S2": "Bo"}),
        ({}, {}),
    ],
)
def test_only_what_nothing_else_comes_near_is_recognised(
    prints: dict[str, NDArray[np.float32]], names: dict[str, str]
) -> None:
    assert recognised(prints, A, B) == names
    assert recognised(dict(reversed(prints.items())), B, A) == names


def test_two_profiles_of_one_voice_name_nobody() -> None:
    assert recognised({"S1": leaning(a=1)}, A, profile("Ann Lee", leaning(a=1))) == {}
    assert recognised({"S1": leaning(a=1)}, A) == {"S1": "Ann"}
    assert recognised({"S1": leaning(a=1)}) == {}


# --- the files


def test_a_profile_reads_back_and_has_length_1_again(workspace: Workspace) -> None:
    row = np.random.default_rng(7).normal(size=192).astype(np.float32)
    row /= np.linalg.norm(row)
    one = profile('Zoë "Z" O\'Hara \\ #1', row, agreed="2026-11-22: by mail,\n\ttwice", seconds=61.23)
    path = keep(workspace, one)
    (read,) = voice_profiles.profiles(workspace)
    assert read == one
    assert read.agreed == "2026-11-22: by mail, twice"
    assert math.hypot(*read.unit()) == pytest.approx(1, abs=1e-12)
    assert float(np.dot(read.unit(), row)) == pytest.approx(1, abs=1e-5)
    assert list(read.voice) == [round(number, 4) for number in row.tolist()]
    assert max(map(len, path.read_text("utf-8").splitlines())) <= 110
    assert "takeaways voices remove" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Mike Schmidt", "mike-schmidt.toml"),
        ("Zoë O'Hara", "zoë-ohara.toml"),
        ("Zoe\u0308 O'Hara", "zoë-ohara.toml"),
        ("../../etc/passwd", "etc-passwd.toml"),
        ("..", "voice-*.toml"),
        ("C:\\a|b", "c-a-b.toml"),
        ("張偉", "張偉.toml"),
        ("मोदी", "मोदी.toml"),
        ("🙂", "voice-*.toml"),
        ("README", "readme-*.toml"),
        ("Nul", "nul-*.toml"),
        (".hidden", "hidden.toml"),
        ("𐐷" * 300, "𐐷" * 40 + "-*.toml"),
    ],
)
def test_a_file_name_is_safe_and_stays_in_the_folder(workspace: Workspace, name: str, file: str) -> None:
    path = keep(workspace, profile(name))
    assert path.parent == workspace.inputs / "voices"
    assert path.match(file)
    assert kept(workspace) == [path.name]
    assert [one.name for one in voice_profiles.profiles(workspace)] == [profile(name).name]
    assert voice_profiles.files_of(name, workspace) == [path]


def test_names_that_make_one_file_name_have_two_files(workspace: Workspace) -> None:
    names = ["A. B.", "A B", "A-B", "x" * 50, "x" * 51]
    for name in names:
        keep(workspace, profile(name))
    assert len(kept(workspace)) == len(names)
    assert {one.name for one in voice_profiles.profiles(workspace)} == set(names)
    assert all(len(voice_profiles.files_of(name, workspace)) == 1 for name in names)


def test_a_name_has_one_profile_in_any_case_and_replacing_is_meant(workspace: Workspace) -> None:
    path = keep(workspace, profile("Ann Lee"), file="host.toml")
    with pytest.raises(InputError, match=r'inputs/voices/host\.toml: .*"ANN LEE" already.*--force'):
        voice_profiles.place_for("ANN LEE", workspace, replace=False)
    assert voice_profiles.place_for("ann lee", workspace, replace=True) == path


@pytest.mark.parametrize("replace", [True, False])
def test_two_files_of_one_name_are_an_error_that_names_both(workspace: Workspace, replace: bool) -> None:
    keep(workspace, profile("Ann Lee"), file="one.toml")
    voice_profiles.write(profile("ann lee"), workspace.inputs / "voices" / "two.toml")
    with pytest.raises(ConfigError, match=r"two\.toml: .*as does inputs/voices/one\.toml\. Remove one"):
        voice_profiles.profiles(workspace)
    with pytest.raises(ConfigError, match=r"two\.toml"):
        voice_profiles.place_for("Ann Lee", workspace, replace)


def test_they_come_by_name_and_other_files_of_the_folder_do_not_count(workspace: Workspace) -> None:
    assert voice_profiles.profiles(workspace) == ()
    for name, file in (("bo", "1.toml"), ("Ann", "2.toml"), ("Cy", "0.toml")):
        keep(workspace, profile(name), file)
    for name in (".DS_Store", "README.md", "readme"):
        (workspace.inputs / "voices" / name).write_text("x")
    assert [one.name for one in voice_profiles.profiles(workspace)] == ["Ann", "bo", "Cy"]


Change = Callable[[str], str]


def line(key: str, new: str) -> Change:
    """A profile whose line of that key is another one."""
    return lambda text: "\n".join(new if old.startswith(f"{key} =") else old for old in text.splitlines())


def vector(*numbers: object) -> Change:
    return lambda text: text[: text.index("voice = [")] + f"voice = [{', '.join(map(str, numbers))}]\n"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: "no TOML", r"not valid TOML \(.*line 1"),
        (lambda text: "\x89PNG\ud800", r"is not UTF-8 text \(line"),
        (lambda text: "", r"'name' is missing"),
        (line("name", ""), r"'name' is missing"),
        (line("name", 'name = " "'), r"'name': text is missing"),
        (line("agreed", ""), r"'agreed' is missing"),
        (line("agreed", 'agreed = ""'), r"'agreed': text is missing"),
        (line("agreed", "agreed = true"), r"'agreed' must be text"),
        (line("agreed", 'agreed = "x"\nagred = "y"'), r"unknown key 'agred'\. Did you mean 'agreed'"),
        (line("seconds", "seconds = -1"), r"'seconds' must be at least 0"),
        (line("seconds", "seconds = nan"), r"'seconds' must be a finite"),
        (line("encoder", ""), r"'encoder' is missing"),
        (vector(), r"'voice': a voice is 192 numbers, and here are 0"),
        (vector(1.0, 0.0), r"'voice': a voice is 192 numbers, and here are 2"),
        (vector(1.0, *[0.0] * 192), r"'voice': .*and here are 193"),
        (vector(*[0.0] * 192), r"'voice': .*length 1, and this has 0\.00"),
        (vector(10.0, *[0.0] * 191), r"'voice': .*this has 10\.00"),
        (vector(1e308, *[1e308] * 191), r"'voice': .*this has inf"),
        (vector("nan", *[0.0] * 191), r"'voice\.0' must be a finite"),
        (vector(1.0, *[0.0] * 190, "-inf"), r"'voice\.191' must be a finite"),
        (vector(1.0, '"0.5"', *[0.0] * 190), r"'voice\.1' must be a number"),
        (vector("true", *[0.0] * 191), r"'voice\.0' must be a number"),
        (lambda text: text[: text.index("voice = [")] + "voice = 1.0\n", r"'voice' must be a list"),
    ],
)
def test_a_file_that_is_no_profile_is_an_error_that_says_what_to_do(
    workspace: Workspace, change: Change, message: str
) -> None:
    path = keep(workspace, profile("Ann"))
    path.write_text(change(path.read_text("utf-8")), "utf-8", errors="surrogatepass")
    with pytest.raises(ConfigError, match=rf"^inputs/voices/ann\.toml: {message}") as error:
        voice_profiles.profiles(workspace)
    assert "delete the file" in error.value.remedy


@pytest.mark.parametrize("name", ["face.jpg", "ann.wav", "ann", "folder.toml"])
def test_other_things_in_the_folder_are_told(workspace: Workspace, name: str) -> None:
    path = keep(workspace, profile("Ann")).with_name(name)
    if name == "folder.toml":
        path.mkdir()
    else:
        path.write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(ConfigError, match=rf"inputs/voices/{name}: is not a voice profile\. Move it"):
        voice_profiles.profiles(workspace)


def test_another_encoders_voice_is_to_be_made_anew_whatever_its_length(workspace: Workspace) -> None:
    path = keep(workspace, profile("Ann Lee", encoder="sha256:older"))
    for text in (path.read_text("utf-8"), vector(1.0)(path.read_text("utf-8"))):
        path.write_text(text, "utf-8")
        with pytest.raises(ConfigError, match=r"another speaker encoder") as error:
            voice_profiles.profiles(workspace)
        assert "takeaways voices add --force 'Ann Lee' TALK:S2" in error.value.remedy


def test_receipts_hold_name_voice_and_encoder_and_nothing_else(workspace: Workspace) -> None:
    keep(workspace, profile("Ann"), "ann.toml")
    before = voice_profiles.digest(workspace)
    assert str(before).startswith("sha256:")
    folder = workspace.inputs / "voices"
    voice_profiles.write(
        profile("Ann", agreed="2026-12-01: again", talk="other", seconds=1), folder / "ann.toml"
    )
    assert voice_profiles.digest(workspace) == before
    voice_profiles.write(profile("Ann", leaning(a=0.99)), folder / "ann.toml")
    other_voice = voice_profiles.digest(workspace)
    voice_profiles.write(profile("Anna"), folder / "ann.toml")
    other_name = voice_profiles.digest(workspace)
    (folder / "photo.jpg").write_bytes(b"\xff\xd8")
    assert len({before, other_voice, other_name, voice_profiles.digest(workspace)}) == 4
    assert stat.S_IMODE((folder / "ann.toml").stat().st_mode) == 0o600


def test_without_profiles_a_receipt_says_nothing(workspace: Workspace) -> None:
    assert voice_profiles.digest(workspace) is None


def test_what_is_in_the_folder_is_no_talk(workspace: Workspace) -> None:
    path = keep(workspace, profile("Ann"))
    path.with_name("ann.mp3").touch()
    path.with_name("notes.md").write_text("Ann: Hi.")
    found, problems = discovery.discover([workspace.inputs], workspace)
    assert [source.name for source in found] == ["new", "panel", "text"]
    assert problems == []


# --- takeaways voices


def test_add_asks_and_keeps_the_voice_and_nothing_else(call: Call, workspace: Workspace) -> None:
    before = set(workspace.root.rglob("*"))
    code, out, err = call("add", "Mike Schmidt", "panel:S1", answer="y\n")
    assert (code, err.count("Did Mike Schmidt agree that a profile of their voice is kept on this")) == (0, 1)
    assert out == "inputs/voices/mike-schmidt.toml: the voice of Mike Schmidt, from 40 s of panel.\n"
    (one,) = voice_profiles.profiles(workspace)
    assert (one.name, one.talk, one.seconds, one.encoder) == (
        "Mike Schmidt",
        "panel",
        40,
        catalog.SPEAKER_ENCODER,
    )
    assert one.agreed.startswith(f"{TODAY}: said so on the terminal")
    assert one.voice == pytest.approx(leaning(a=0.9).tolist(), abs=1e-4)
    new = set(workspace.root.rglob("*")) - before
    assert new == {workspace.inputs / "voices", workspace.inputs / "voices" / "mike-schmidt.toml"}


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_who_did_not_agree_is_not_even_listened_to(
    call: Call, workspace: Workspace, heard: Transcription, answer: str
) -> None:
    code, out, err = call("add", "Mike", "panel:S1", answer=answer)
    assert (code, out) == (1, "")
    assert err.endswith("Nothing was kept.\n")
    assert heard.asked == kept(workspace) == []


def test_a_script_says_how_they_agreed(call: Call, workspace: Workspace) -> None:
    code, _, err = call("add", "Mike", "inputs/panel.mp3:S1", "--agreed", "asked in person")
    assert (code, err) == (0, "")
    assert voice_profiles.profiles(workspace)[0].agreed == f"{TODAY}: asked in person"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Mike", "panel:S1"], "no terminal to ask on"),
        (["Mike", "panel:S1", "--agreed", " "], "how the person agreed"),
        (["Mike"], "Missing argument"),
        (["panel:S1"], "Missing argument"),
        ([" ", "panel:S1", "--agreed", "yes"], "NAME is empty"),
        (["Mike", "panel", "--agreed", "yes"], "not of the form TALK:SPEAKER"),
        (["Mike", ":S1", "--agreed", "yes"], "not of the form TALK:SPEAKER"),
        (["Mike", "panel:", "--agreed", "yes"], "not of the form TALK:SPEAKER"),
    ],
)
def test_wrong_use_of_add_is_one_message(
    call: Call, workspace: Workspace, heard: Transcription, arguments: list[str], message: str
) -> None:
    code, out, err = call("add", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert heard.asked == kept(workspace) == []


@pytest.mark.parametrize(
    ("voice", "message"),
    [
        ("pannel:S1", "Did you mean panel?"),
        ("new:S1", "is not there yet. Make it: takeaways run inputs/new.mp3"),
        ("panel:S3", "inputs/panel.mp3: has no speaker S3. There is: S1 (Speaker 1), S2 (Speaker 2)."),
        ("text:S1", "inputs/text.md: has no recording with all its speakers"),
        ("panel:S2", "has 9 s of clear speech of S2, and under 10 s"),
    ],
)
def test_a_voice_that_cannot_be_had_is_one_line_with_a_remedy(
    call: Call, workspace: Workspace, voice: str, message: str
) -> None:
    code, out, err = call("add", "Mike", voice, "--agreed", "yes")
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert message in err
    assert kept(workspace) == []


def test_a_speaker_without_clear_speech_and_a_talk_without_voices_are_told(
    call: Call, workspace: Workspace, heard: Transcription, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard.prints = {}
    assert "has 0 s of clear speech of S1" in call("add", "Mike", "panel:S1", "--agreed", "yes")[2]

    def none(talk: Talk, turns: Turns) -> Mapping[str, Voiceprint]:
        raise TakeawaysError("no voices there", remedy="Run it.")

    monkeypatch.setattr(voiceprints, "of_talk", none)
    code, _, err = call("add", "Mike", "panel:S1", "--agreed", "yes")
    assert (code, err) == (1, "takeaways: no voices there. Run it.\n")
    assert kept(workspace) == []


def test_a_recording_that_was_exchanged_is_to_be_run_first(
    call: Call, workspace: Workspace, heard: Transcription
) -> None:
    (workspace.inputs / "panel.mp3").write_bytes(b"another")
    code, _, err = call("add", "Mike", "panel:S1", "--agreed", "yes")
    assert code == 1
    assert "not the recording that the speakers were told apart in" in err
    assert "takeaways run inputs/panel.mp3" in err
    assert heard.asked == kept(workspace) == []


def test_a_profile_is_replaced_only_with_force_and_asked_about_only_then(
    call: Call, workspace: Workspace, heard: Transcription
) -> None:
    path = keep(workspace, profile("Mike", encoder="sha256:older"))
    before = path.read_bytes()
    code, _, err = call("add", "mike", "panel:S1", answer="y\n")
    assert (code, path.read_bytes(), heard.asked) == (1, before, [])
    assert "Did mike agree" not in err
    assert "--force replaces it" in err
    assert call("add", "mike", "panel:S1", "--force", answer="y\n")[0] == 0
    assert [one.name for one in voice_profiles.profiles(workspace)] == ["mike"]
    assert kept(workspace) == ["mike.toml"]


def test_a_kill_while_it_is_written_leaves_the_old_profile(
    call: Call, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = keep(workspace, profile("Mike"))
    before = path.read_bytes()

    def killed(source: object, target: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("pipeline.files.os.replace", killed)
    code, _, err = call("add", "Mike", "panel:S1", "--force", "--agreed", "yes")
    assert code == 1
    assert "no space left" in err
    assert (path.read_bytes(), kept(workspace)) == (before, ["mike.toml"])


def test_a_voice_like_a_kept_one_and_one_with_another_name_are_warned_of(
    call: Call, workspace: Workspace
) -> None:
    for one in (A, B):
        keep(workspace, one)
    (workspace.inputs / "panel.toml").write_text('[speakers]\n"Greg Lee" = { at = "0:01" }\n', "utf-8")
    code, _, err = call("add", "Mike", "panel:S1", "--agreed", "yes")
    assert code == 0
    assert err.splitlines()[0] == "Beware: S1 of panel is called Greg Lee there."
    assert ["very like Ann's (cosine 0.90)" in line for line in err.splitlines()[1:]] == [True]
    assert call("add", "Greg", "panel:S1", "--agreed", "yes")[2].count("called") == 0
    (workspace.inputs / "voices" / "mike.toml").unlink()
    (workspace.inputs / "voices" / "ann.toml").unlink()
    assert call("add", "Greg", "panel:S1", "--agreed", "yes", "--force")[2] == ""


def holding(turns: Turns, name: str, source: str) -> str:
    speakers = (turns.speakers[0].model_copy(update={"name": name, "source": source}), *turns.speakers[1:])
    return json.dumps({"made_from": {}, "data": turns.model_copy(update={"speakers": speakers}).model_dump()})


def test_remove_deletes_the_voice_and_says_where_the_name_still_is(call: Call, workspace: Workspace) -> None:
    path = keep(workspace, profile("Mike Schmidt"), "host.toml")
    keep(workspace, profile("Ann"))
    (path.parent / ".1-2.takeaways.tmp").write_bytes(path.read_bytes())
    for talk, name, source in (
        ("cohort/one", "Mike Schmidt", "voice"),
        ("cohort/two", "Mike Schmidt", "introduction"),
        ("three", "Ann", "voice"),
        ("four", "mike schmidt", "voice"),
    ):
        folder = workspace.outputs / talk
        folder.mkdir(parents=True)
        (folder / "2_turns.json").write_text(holding(spoken([("S1", 0, 20)]), name, source), "utf-8")
    (workspace.outputs / "five").mkdir()
    (workspace.outputs / "five" / "2_turns.json").write_text("[]")
    code, out, err = call("remove", "mike schmidt")
    assert code == 0
    assert out.splitlines() == [
        "Deleted inputs/voices/host.toml.",
        "Still named by it until they are run again: cohort/one, four.",
    ]
    assert err.splitlines() == [
        "Deleted what killed commands left of voices: 1.",
        "Not readable, so look yourself: outputs/five/2_turns.json.",
    ]
    assert kept(workspace) == ["ann.toml"]


def test_remove_also_deletes_what_is_broken_or_there_twice(call: Call, workspace: Workspace) -> None:
    keep(workspace, profile("Mike"), "one.toml")
    voice_profiles.write(profile("MIKE", encoder="sha256:older"), workspace.inputs / "voices" / "two.toml")
    (workspace.inputs / "voices" / "mike.toml").write_text("half a fi")
    keep(workspace, profile("Ann"))
    code, out, err = call("remove", "Mike")
    assert (code, len(out.splitlines()), err) == (0, 3, "")
    assert kept(workspace) == ["ann.toml"]


def test_a_voice_that_is_not_kept_cannot_be_removed(call: Call, workspace: Workspace) -> None:
    keep(workspace, profile("Mike Schmidt"))
    code, _, err = call("remove", "Mike Schmid")
    assert (code, kept(workspace)) == (1, ["mike-schmidt.toml"])
    assert "no voice of that name is kept. Did you mean Mike Schmidt?" in err
    assert "takeaways voices list" in call("remove", "../voices/mike-schmidt.toml")[2]
    assert call("remove")[0] == 2


@pytest.mark.parametrize("asked", ["ann", "ANN", "A\u0301nn", "\u00e1nn", " \u00c1nn\n"])
def test_a_voice_is_removed_by_any_spelling_of_its_name(call: Call, workspace: Workspace, asked: str) -> None:
    keep(workspace, profile("\u00c1nn" if asked.lower() != "ann" else "Ann"), "host.toml")
    assert call("remove", asked)[0] == 0
    assert kept(workspace) == []


@pytest.mark.parametrize("asked", ["host", "host.toml", "inputs/voices/host.toml", "HOST"])
@pytest.mark.parametrize("content", [b"half a fi", b"\xff", b"name = 3", b'name = " "'])
def test_a_damaged_profile_is_removed_by_the_name_of_its_file(
    call: Call, workspace: Workspace, asked: str, content: bytes
) -> None:
    keep(workspace, profile("Ann"), "host.toml").write_bytes(content)
    assert call("remove", asked)[:2] == (0, "Deleted inputs/voices/host.toml.\n")
    assert kept(workspace) == []


def test_what_a_killed_command_left_is_removed_though_nothing_was_kept(
    call: Call, workspace: Workspace
) -> None:
    (workspace.inputs / "voices").mkdir()
    (workspace.inputs / "voices" / ".0123456789abcdef-1.takeaways.tmp").write_text('name = "Ann"', "utf-8")
    code, _, err = call("remove", "Ann")
    assert (code, kept(workspace)) == (1, [])
    assert "Deleted what killed commands left of voices: 1." in err


def test_of_a_link_the_link_is_removed_and_what_is_left_is_told(call: Call, workspace: Workspace) -> None:
    path = keep(workspace, profile("Ann"))
    elsewhere = path.rename(workspace.root / "elsewhere.toml")
    path.symlink_to(elsewhere)
    (path.parent / "ann").mkdir()
    os.mkfifo(path.parent / "ann.md")
    code, _, err = call("remove", "Ann")
    assert (code, kept(workspace), elsewhere.is_file()) == (0, ["ann"], True)
    assert f"It was a link: {elsewhere} is still there." in err


def test_list_shows_all_and_says_what_is_no_profile(call: Call, workspace: Workspace) -> None:
    assert call("list") == (0, "No voice is kept.\n", "")
    assert call("list", "--json") == (0, "[]\n", "")
    keep(workspace, profile("Mike Schmidt", seconds=61.2))
    keep(workspace, profile("Ann"))
    code, out, err = call("list")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "Ann           from panel, 60 s; agreed 2026-11-22: asked",
        "Mike Schmidt  from panel, 61 s; agreed 2026-11-22: asked",
    ]
    (workspace.inputs / "voices" / "face.jpg").touch()
    code, again, err = call("list")
    assert (code, again) == (1, out)
    assert err.startswith("inputs/voices/face.jpg: is not a voice profile")
    code, out, err = call("list", "--json")
    rows = json.loads(out)
    assert (code, err) == (1, "")
    told = {"agreed": "2026-11-22: asked", "talk": "panel"}
    assert rows[0] == {"name": "Ann", "seconds": 60, **told}
    assert rows[1] == {"name": "Mike Schmidt", "seconds": 61.2, **told}
    assert (len(rows), rows[2]["file"]) == (3, "inputs/voices/face.jpg")


def test_the_file_says_in_plain_words_what_it_is(call: Call, workspace: Workspace) -> None:
    call("add", "Mike Schmidt", "panel:S1", "--agreed", 'by "mail"')
    text = (workspace.inputs / "voices" / "mike-schmidt.toml").read_text("utf-8")
    assert "Personal data: never commit" in text.splitlines()[0]
    assert text.splitlines()[1] == "# To delete it: takeaways voices remove 'Mike Schmidt'"
    table = tomllib.loads(text)
    assert list(table) == ["name", "agreed", "talk", "encoder", "seconds", "voice"]
    assert table["agreed"] == f'{TODAY}: by "mail"'


def test_what_status_and_help_import_is_light() -> None:
    """Receipts need the digests of voices, and `takeaways status` imports no engine."""
    code = (
        "import sys\nimport pipeline.cli.voices\n"
        "assert not {'pydantic', 'numpy', 'pipeline.turns.voice_profiles'} & sys.modules.keys()\n"
        "import pipeline.turns.voice_profiles\n"
        "assert not {'numpy', 'av', 'onnxruntime', 'spacy'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


# --- the real thing: needs the speaker encoder and listens to two recordings


def recording(place: Workspace, name: str, clips: Sequence[tuple[str, int]]) -> tuple[Talk, Turns]:
    """A talk in which each (reader, number of a clip) speaks in turn; the reader is the speaker's id."""
    from pipeline.engines import SAMPLE_RATE

    pieces, said, at = [], [], 0.0
    for reader, number in clips:
        samples = np.concatenate(list(sound_of(sorted((READERS / reader).glob("*.flac"))[number])))
        said.append((reader, at, at + len(samples) / SAMPLE_RATE))
        pieces += [samples, np.zeros(SAMPLE_RATE // 2, np.float32)]
        at += len(samples) / SAMPLE_RATE + 0.5
    with wave.open(str(place.inputs / f"{name}.wav"), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes((np.clip(np.concatenate(pieces), -1, 1) * 32767).astype("<i2").tobytes())
    ((source,), _) = discovery.discover([place.inputs / f"{name}.wav"], place)
    talk = talks.load(source, place)
    turns = spoken(said)
    segmented(talk, turns)
    return talk, turns


def test_real_voices_are_recognised_in_another_recording(workspace: Workspace) -> None:
    first = recording(workspace, "first", [("1688", 0), ("1998", 0), ("1688", 1), ("1998", 1)])
    for reader, heard in voiceprints.of_talk(*first).items():
        keep(workspace, profile(reader, heard.embedding, seconds=heard.seconds))
    known = voice_profiles.profiles(workspace)
    assert [one.name for one in known] == ["1688", "1998"]
    second = recording(workspace, "second", [("2033", 0), ("1998", 2), ("1688", 2), ("2033", 1), ("1998", 3)])
    found = recognise(voiceprints.of_talk(*second), known)
    assert {id: match.name for id, match in found.items()} == {"1688": "1688", "1998": "1998"}
