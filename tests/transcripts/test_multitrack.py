"""One track a speaker, from files to turns: real voices, a real model, made-up microphones."""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from pipeline.engines import SAMPLE_RATE
from pipeline.engines.audio import decoding
from pipeline.errors import ConfigError, InputError, TakeawaysError
from pipeline.records import Word
from pipeline.running import staleness
from pipeline.running.runner import StageError
from pipeline.stages import STAGES
from pipeline.transcripts import multitrack as track_clocks
from pipeline.transcripts.multitrack import merge_utterances
from pipeline.workspace import discovery, tracks
from pipeline.workspace.talks import Workspace
from tests.support.heard import ALIKE, bare, wer
from tests.support.helpers import Recorder, load, run
from tests.support.microphones import Samples, Scene, heard, said, write

PEOPLE = ("Ann Lee", "Bob", "Zoë")


@pytest.fixture(scope="module")
def scene() -> Scene:
    return heard(said(turns=6, seed=4), isolation=15.0)


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    (tmp_path / "inputs").mkdir()
    return Workspace(tmp_path)


def put(place: Workspace, tracks: Samples, files: Sequence[str] = ("ann lee", "bob", "zoë")) -> Path:
    folder = place.inputs / "panel.tracks"
    for name, track in zip(files, tracks, strict=True):
        write(folder / f"{name}.wav", track)
    return folder


def sidecar(place: Workspace, text: str) -> None:
    (place.inputs / "panel.toml").write_text(text, "utf-8")


def data(place: Workspace, artifact: str = "1_transcript.json") -> Any:
    return json.loads((place.outputs / "panel" / artifact).read_text("utf-8"))["data"]


def texts(place: Workspace) -> dict[str, str]:
    """What each speaker says, without punctuation."""
    found: dict[str, str] = {}
    for word in data(place)["words"]:
        found[word["label"]] = found.get(word["label"], "") + word["text"]
    return {label: bare(text) for label, text in found.items()}


def transcribed(place: Workspace, name: str = "panel.tracks") -> Recorder:
    """Runs the first stage; what guards left out of a made-up scene is no matter here."""
    recorder = run(place, name, only="transcribe")
    recorder.warnings = [line for line in recorder.warnings if "left out at" not in line]
    return recorder


@pytest.fixture(scope="module")
def alone(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is heard where no microphone hears anybody else."""
    place = Workspace(tmp_path_factory.mktemp("alone"))
    put(place, scene.own)
    transcribed(place)
    return texts(place)


@pytest.fixture(scope="module")
def bled(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Recorder]:
    """A transcript of microphones that hear the others, too."""
    place = Workspace(tmp_path_factory.mktemp("bled"))
    put(place, scene.tracks)
    return place, transcribed(place)


def test_words_are_their_speakers_in_spite_of_bleed(bled, scene, alone):
    place, recorder = bled
    found = texts(place)
    assert sorted(found) == sorted(alone) == sorted(PEOPLE)
    for speaker, text in found.items():
        assert wer(alone[speaker], text) < ALIKE, (speaker, alone[speaker], text)
    assert data(place)["media"] == {"name": "panel.tracks", "kind": "tracks"}
    assert data(place)["duration"] == pytest.approx(scene.own.shape[1] / SAMPLE_RATE, abs=0.1)
    assert recorder.warnings == []
    run(place, "panel.tracks", only="segment")
    turns = data(place, "2_turns.json")
    assert {(s["name"], s["source"]) for s in turns["speakers"]} == {(p, "track") for p in PEOPLE}
    assert len(turns["turns"]) >= 5


def test_one_channel_a_speaker(place, scene, alone):
    write(place.inputs / "panel.wav", scene.tracks)
    sidecar(place, 'channels = ["Ann Lee", "Bob", "Zoë"]\n')
    assert transcribed(place, "panel.wav").warnings == []
    assert all(wer(alone[speaker], text) < ALIKE for speaker, text in texts(place).items())
    assert staleness.states(load(place, "panel.wav"), STAGES)[0].status == "fresh"
    sidecar(place, 'channels = ["Ann Lee", "", "Zoë"]\n')
    assert "facts.channels" in " ".join(staleness.states(load(place, "panel.wav"), STAGES)[0].reasons)


def test_one_audio_track_a_speaker(place, scene, alone):
    """As OBS records the host's and the guests' sound."""
    with av.open(str(place.inputs / "panel.mkv"), "w") as container:
        streams: list[Any] = [container.add_stream("flac", rate=SAMPLE_RATE, layout="mono") for _ in PEOPLE]
        for stream, track in zip(streams, scene.tracks, strict=True):
            stream.metadata["title"] = "Microphone"
            for at in range(0, len(track), 4096):
                pcm = (track[None, at : at + 4096] * 32767).astype(np.int16)
                frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
                frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, at, Fraction(1, SAMPLE_RATE)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    sidecar(place, 'tracks = ["Ann Lee", "Bob", "Zoë"]\n')
    assert transcribed(place, "panel.mkv").warnings == []
    assert all(wer(alone[speaker], text) < ALIKE for speaker, text in texts(place).items())
    sidecar(place, "track = 2\n")
    assert transcribed(place, "panel.mkv").warnings == []
    everything = set(texts_of_all(place).split())  # that microphone heard others, too
    for speaker in ("Ann Lee", "Bob"):
        said = set(alone[speaker].split())
        assert len(said & everything) > 0.6 * len(said), speaker
    sidecar(place, "")
    [warning] = transcribed(place, "panel.mkv").warnings
    assert "3 audio tracks (1: Microphone, 1 channel; 2: " in warning
    sidecar(place, "track = 4\n")
    with pytest.raises(StageError) as error:
        transcribed(place, "panel.mkv")
    assert "no audio track 4, but 3" in str(error.value.__cause__)


def texts_of_all(place: Workspace) -> str:
    return bare("".join(word["text"] for word in data(place)["words"]))


def test_tracks_of_other_lengths_and_beginnings_are_found_in_the_mix(place, scene, bled):
    cut = [0, 4 * SAMPLE_RATE, 0]
    put(place, [track[at:] for track, at in zip(scene.tracks, cut, strict=True)])
    write(place.inputs / "panel.wav", scene.tracks.sum(axis=0))
    recorder = transcribed(place)
    assert any("bob.wav at 4.0 s" in note for note in recorder.notes), recorder.notes
    assert recorder.warnings == []
    late = [word for word in data(place)["words"] if word["label"] == "Bob"]
    whole = [word for word in data(bled[0])["words"] if word["label"] == "Bob" and word["start"] > 4.5]
    assert late[-1]["end"] == pytest.approx(whole[-1]["end"], abs=0.3)
    talk = load(place, "panel.tracks")
    assert talk.media == place.inputs / "panel.wav"
    run(place, "panel.tracks")
    assert "panel.wav" in (place.outputs / "panel" / "post.html").read_text("utf-8")


def test_a_beginning_that_nothing_tells_is_warned_of_and_can_be_stated(place, scene):
    lonely = scene.own + np.random.default_rng(0).normal(0, 1e-4, scene.own.shape).astype(np.float32)
    put(place, [lonely[0], lonely[1][3 * SAMPLE_RATE :]], files=("ann lee", "bob"))
    [warning] = transcribed(place).warnings
    assert "nothing tells when bob.wav begins" in warning
    assert 'in panel.toml: [offsets] "bob.wav"' in warning
    early = [word["start"] for word in data(place)["words"] if word["label"] == "Bob"]
    sidecar(place, 'offsets = { "bob.wav" = "00:03" }\n')
    assert transcribed(place).warnings == []
    late = [word["start"] for word in data(place)["words"] if word["label"] == "Bob"]
    assert [late[0], late[-1]] == pytest.approx([early[0] + 3, early[-1] + 3], abs=0.5)


def test_somebody_who_never_speaks_is_left_out_and_told_and_may_be_named(place):
    scene = heard(said(turns=4, silent=(1,)), isolation=20.0)
    put(place, scene.tracks)
    recorder = transcribed(place)
    assert any("nobody is heard in panel.tracks/bob.wav whom" in line for line in recorder.warnings)
    assert "Bob" not in texts(place)
    sidecar(place, '[speakers]\n"Bob Ito" = { label = "Bob" }\n')
    recorder = run(place, "panel.tracks")
    assert recorder.ran == ["segment", "extract", "render"]
    assert any("Bob Ito" in line for line in recorder.warnings)


def test_a_track_that_changes_makes_the_talk_stale_and_says_which(place, scene):
    put(place, scene.own[:, : 6 * SAMPLE_RATE])
    transcribed(place)
    assert staleness.states(load(place, "panel.tracks"), STAGES)[0].status == "fresh"
    write(place.inputs / "panel.tracks" / "bob.wav", scene.own[2, : 6 * SAMPLE_RATE])
    state = staleness.states(load(place, "panel.tracks"), STAGES)[0]
    assert [reason for reason in state.reasons if "panel.tracks/bob.wav" in reason]


def test_broken_tracks(place, scene):
    folder = put(place, scene.own[:, : 2 * SAMPLE_RATE])
    (folder / "bob.wav").write_bytes(b"")
    with pytest.raises(StageError) as error:
        transcribed(place)
    assert "bob.wav: the file is empty" in str(error.value.__cause__)


def test_two_files_of_one_person_are_heard_once(place, scene, alone):
    """Recorders hand out sound and video, or WAV and MP3, of each person."""
    put(place, scene.own[[0, 0, 1]], files=("ann lee", "ann lee (1)", "bob"))
    warnings = transcribed(place).warnings
    assert [line for line in warnings if "whom no other track has" in line]
    found = texts(place)
    assert sorted(found) == ["Ann Lee", "Bob"]
    assert wer(alone["Ann Lee"], found["Ann Lee"]) < ALIKE
    assert wer(alone["Bob"], found["Bob"]) < ALIKE


def test_channels_of_one_person_are_put_together(place, scene, alone):
    write(place.inputs / "panel.wav", scene.own[:2])
    sidecar(place, 'channels = ["Ann", "Ann"]\n')
    transcribed(place, "panel.wav")
    said = Counter(texts(place)["Ann"].split())
    both = Counter(f"{alone['Ann Lee']} {alone['Bob']}".split())
    assert ((both - said) + (said - both)).total() < ALIKE * both.total()


def test_channels_that_are_not_named_are_told(place, scene):
    write(place.inputs / "panel.wav", scene.own)
    sidecar(place, 'channels = ["Ann", "Bob"]\n')
    assert "it has 3 channels, and panel.toml names 2" in " ".join(transcribed(place, "panel.wav").warnings)
    assert sorted(texts(place)) == ["Ann", "Bob"]
    sidecar(place, 'track = 2\nchannels = ["Ann", "Bob"]\n')
    with pytest.raises(StageError) as error:
        transcribed(place, "panel.wav")
    assert "it has no audio track 2, but 1" in str(error.value.__cause__)


def test_a_track_that_breaks_off_is_told(place, scene):
    folder = put(place, scene.own)
    with av.open(str(folder / "bob.flac"), "w") as container:
        stream: Any = container.add_stream("flac", rate=SAMPLE_RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            (scene.own[None, 1] * 32767).astype(np.int16), format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts = SAMPLE_RATE, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    (folder / "bob.wav").unlink()
    whole = (folder / "bob.flac").read_bytes()
    (folder / "bob.flac").write_bytes(whole[: len(whole) // 2])
    told = transcribed(place).warnings
    assert [line.split(" at ")[0] for line in told] == ["panel.tracks/bob.flac: the sound ends"], told


def test_what_else_is_in_the_folder(place, scene):
    folder = put(place, scene.own[:, : 2 * SAMPLE_RATE])
    (folder / "notes.txt").write_text("to do")
    (folder / ".DS_Store").write_bytes(b"x")
    talk = load(place, "panel.tracks")
    assert [track.path.name for track in talk.tracks] == ["ann lee.wav", "bob.wav", "zo\u00eb.wav"]
    assert [path.name for path in tracks.others_in(folder)] == ["notes.txt"]
    (folder / "Audio Record").mkdir()
    write(folder / "Audio Record" / "audioAnn21234567890.wav", scene.own[0, :100])
    with pytest.raises(InputError, match="the recordings are in Audio Record/"):
        load(place, "panel.tracks")


def test_a_track_that_is_too_short(place, scene):
    put(place, scene.own[:, :300])
    with pytest.raises(StageError) as error:
        transcribed(place)
    assert "ann lee.wav: it is too short" in str(error.value.__cause__)


def test_names_of_files_in_another_unicode_form_are_the_same(place, scene):
    put(place, scene.own[:1, :SAMPLE_RATE], files=("zoe\u0308",))
    sidecar(place, 'offsets = { "zo\u00eb.wav" = 3 }\n')
    [track] = load(place, "panel.tracks").tracks
    assert (track.label, track.offset) == ("Zo\u00eb", 3.0)


def test_tracks_given_one_by_one_are_the_talk(place, scene):
    folder = put(place, scene.own[:, :100])
    write(place.inputs / "panel.wav", scene.own[0, :100])
    for given in (
        [folder / "bob.wav"],
        [folder / "bob.wav", folder / "ann lee.wav"],
        [place.inputs / "panel.wav"],
    ):
        (sources, problems) = discovery.discover(given, place)
        assert ([source.path for source in sources], problems) == ([folder], [])


@pytest.mark.parametrize(
    ("clocks", "begins"),
    [
        ((100.0, 112.5), [0.0, 12.5]),
        ((86_390.0, 5.0), [0.0, 15.0]),  # over midnight
        ((100.0, 100.0), [0.0, 0.0]),
        ((0.0, 0.0), [None, None]),  # never set
        ((100.0, None), [None, None]),
        ((100.0, 40_000.0), [None, None]),  # not of one conversation
    ],
)
def test_clocks_of_broadcast_wave_files(place, scene, clocks, begins):
    folder = put(place, scene.own[:2, : 20 * SAMPLE_RATE], files=("ann", "bob"))
    for path, clock in zip(sorted(folder.iterdir()), clocks, strict=True):
        if clock is not None:
            _with_clock(path, clock)
    tracks = load(place, "panel.tracks").tracks
    found = track_clocks._starts_by_clock(tracks, [20.0, 20.0], None)
    assert found == begins
    assert [decoding.probe(track.path).clock for track in tracks] == list(clocks)


def _with_clock(path: Path, clock: float) -> None:
    """Adds a "bext" chunk (EBU Tech 3285), which holds the samples since midnight."""
    whole = path.read_bytes()
    bext = bytes(256 + 32 + 32 + 10 + 8) + struct.pack("<Q", int(clock * SAMPLE_RATE)) + bytes(256)
    chunk = b"bext" + struct.pack("<I", len(bext)) + bext
    path.write_bytes(b"RIFF" + struct.pack("<I", len(whole) - 8 + len(chunk)) + b"WAVE" + chunk + whole[12:])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('offsets = { "eve.wav" = 3 }', "there is no 'eve.wav' in panel.tracks/"),
        ('offsets = { "bob.wav" = "soon" }', "soon"),
        ('tracks = ["Ann"]', "panel.tracks/ has a file a speaker"),
        ("track = 0", "track"),
        ('tracks = ["Ann"]\nchannels = ["Ann"]', "leave out channels"),
    ],
)
def test_what_a_sidecar_may_not_say_of_tracks(place, scene, text, said):
    put(place, scene.own[:, :SAMPLE_RATE])
    sidecar(place, text + "\n")
    with pytest.raises(ConfigError, match=said) as error:
        load(place, "panel.tracks")
    assert "panel.toml" in str(error.value)


@pytest.mark.parametrize("key", ["track = 1", 'tracks = ["Ann"]', 'channels = ["Ann"]'])
def test_a_transcript_has_no_tracks(place, key):
    (place.inputs / "panel.md").write_text("**Ann:** Hello.\n")
    sidecar(place, key)
    with pytest.raises(ConfigError, match=r"is of a recording, and panel\.md is none"):
        load(place, "panel.md")


def test_somebody_has_to_be_heard(place, scene):
    write(place.inputs / "panel.wav", scene.own[:2, :100])
    sidecar(place, 'channels = ["", ""]')
    with pytest.raises(ConfigError, match="nobody's"):
        load(place, "panel.wav")


def test_a_track_begins_within_a_day(place, scene):
    """Otherwise the silence before it would take all memory."""
    put(place, scene.tracks[:, : 3 * SAMPLE_RATE])
    sidecar(place, '[offsets]\n"bob.wav" = "2400:00:00"\n')
    with pytest.raises(StageError) as error:
        run(place, "panel.tracks", only="transcribe")
    assert "bob.wav: it would begin 2400 hours into the talk. Correct [offsets] in panel.toml" in str(
        error.value.__cause__
    )


def test_offsets_need_tracks(place, scene):
    write(place.inputs / "panel.wav", scene.own[0, :SAMPLE_RATE])
    sidecar(place, 'offsets = { "bob.wav" = 3 }\n')
    with pytest.raises(ConfigError, match="files in a folder of tracks"):
        load(place, "panel.wav")


def test_more_channels_are_named_than_there_are(place, scene):
    write(place.inputs / "panel.wav", scene.own[:2, :SAMPLE_RATE])
    sidecar(place, 'channels = ["Ann", "Bob", "Eve"]\n')
    with pytest.raises(StageError) as error:
        transcribed(place, "panel.wav")
    assert isinstance(error.value.__cause__, TakeawaysError)
    assert "no channel 3, but 2" in str(error.value.__cause__)


def test_which_talks_there_are(place, scene):
    put(place, scene.own[:, :100])
    for other in ("panel.wav", "panel.vtt"):
        (place.inputs / other).write_bytes(b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello.\n")
    (place.inputs / "empty.tracks").mkdir()
    sources, problems = discovery.discover([place.inputs], place)
    assert [(s.name, s.path.name) for s in sources] == [("empty", "empty.tracks"), ("panel", "panel.tracks")]
    assert problems == []
    for given in ("panel.wav", "panel.tracks", "panel.vtt"):
        ((source,), _) = discovery.discover([place.inputs / given], place)
        assert source.path.name == "panel.tracks"
    with pytest.raises(InputError, match="no recording in it"):
        load(place, "empty.tracks")
    (place.inputs / "panel.mp3").write_bytes(b"x")
    with pytest.raises(InputError, match="two recordings of all beside it") as error:
        load(place, "panel.tracks")
    assert "panel.mp3" in str(error.value)
    assert "panel.wav" in str(error.value)


@pytest.mark.parametrize(
    ("stems", "labels"),
    [
        (["ann", "bob"], ["Ann", "Bob"]),
        (["Ann Lee", "Jean-Luc Picard"], ["Ann Lee", "Jean-Luc Picard"]),
        (["audioAnnLee21234567890", "audiobob31234567890"], ["Ann Lee", "Bob"]),
        (
            ["riverside_ann_lee_raw-audio_my-show_0042", "riverside_bob_raw-audio_my-show_0043"],
            ["Ann Lee", "Bob"],
        ),
        (["1-ann", "2-bob_lee"], ["Ann", "Bob Lee"]),
        (["1-ann_0", "2-bob_0"], ["Ann", "Bob"]),
        (["my-show_ann_2024-05-01", "my-show_bob_2024-05-01"], ["Ann", "Bob"]),
        (["Track 1 - Ann Lee", "Track 2 - Bob"], ["Ann Lee", "Bob"]),
        (["01 Zoë (mic)", "02 Anaïs (mic)"], ["Zoë", "Anaïs"]),
        (["mic1", "mic2"], ["Speaker 1", "Speaker 2"]),
        (["01", "02"], ["Speaker 1", "Speaker 2"]),
        (["ZOOM0001_Tr1", "ZOOM0001_Tr2"], ["Speaker 1", "Speaker 2"]),
        (["Ann Lee", "Ann Smith"], ["Ann Lee", "Ann Smith"]),
        (["ann_lee", "ann_smith"], ["Ann Lee", "Ann Smith"]),
        (["audioAnnLee21234567890", "audioBobLee21234567890"], ["Ann Lee", "Bob Lee"]),
        (["ann lee - my show", "ann lee"], ["Ann Lee My Show", "Ann Lee"]),
        (["ann-1", "ann-2", "bob"], ["Ann", "Ann", "Bob"]),
        (["zoe\u0308"], ["Zo\u00eb"]),
        (["ANN_LOCAL", "bob_local"], ["Ann", "Bob"]),
        (["ann", "Ann (1)"], ["Ann", "Ann"]),
        (["李明", "王芳"], ["李明", "王芳"]),
        (["ann"], ["Ann"]),
    ],
)
def test_whose_track_it_is(stems, labels):
    assert tracks.labels(stems) == labels


def words(label: str, *timed: tuple[str, float, float]) -> list[Word]:
    return [Word(text=f" {text}", start=start, end=end, label=label) for text, start, end in timed]


def test_words_of_two_people_are_never_mixed():
    ann = words("Ann", ("I", 0, 1), ("think", 1, 2), ("so.", 2, 3), ("Do", 6, 6.5), ("you?", 6.5, 7))
    bob = words("Bob", ("Mm.", 1.5, 1.8), ("Why", 3.2, 3.5), ("not?", 3.5, 4))
    found = merge_utterances([ann, bob], "en")
    assert "".join(word.text for word in found) == " I think so. Mm. Why not? Do you?"


def test_a_long_pause_lets_somebody_else_speak():
    ann = words("Ann", ("I", 0, 1), ("think", 1, 2), ("so", 8, 9))
    bob = words("Bob", ("you", 3, 4), ("do", 4, 5))
    assert "".join(word.text for word in merge_utterances([ann, bob], "en")) == " I think you do so"


def test_words_without_times_stay_where_they_are():
    ann = [*words("Ann", ("One.", 0, 1)), Word(text=" Two.", label="Ann")]
    bob = words("Bob", ("Three.", 0.5, 1))
    assert "".join(word.text for word in merge_utterances([ann, bob], "en")) == " One. Two. Three."
