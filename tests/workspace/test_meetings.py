"""Folders that recorders wrote are one talk each; cohorts stay as many talks as they have."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.workspace import discovery, talks
from pipeline.workspace.discovery import Survey
from pipeline.workspace.talks import Talk, Workspace

GMT, LATER = "GMT20240502-140322_Recording", "GMT20240509-140501_Recording"
CRAIG_INFO = "Recording abc\r\n\r\nGuild:\t\tPort\r\nChannel:\tQuay\r\n\r\nTracks:\r\n\tann#1234 (1)\r\n"
NAMED_VTT = "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nAnn Lee: The fees were cut in half.\n"
PLAIN_VTT = "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nthe fees were cut in half\n"


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path)
    workspace.inputs.mkdir()
    return workspace


def put(place: Workspace, folder: str, *names: str, **texts: str) -> None:
    """Files in a folder of inputs/, empty but for those in `texts`, with two underscores for dots."""
    for name in (*names, *texts):
        path = place.inputs / folder / name.replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts.get(name, ""), "utf-8")


def found(place: Workspace) -> Survey:
    survey = discovery.survey([place.inputs], place)
    assert not survey.problems
    return survey


def names(place: Workspace) -> list[str]:
    return [source.name for source in found(place).sources]


def the_talk(place: Workspace) -> Talk:
    (source,) = found(place).sources
    return talks.load(source, place)


def parts(talk: Talk) -> tuple[str | None, list[str], str | None]:
    """Names of the recording and the transcript, and whose the tracks are."""
    media, transcript = talk.media and talk.media.name, talk.transcript and talk.transcript.name
    return media, [track.label for track in talk.tracks], transcript


CLOUD = (f"{GMT}_1920x1080.mp4", f"{GMT}.m4a", f"{GMT}.transcript.vtt", f"{GMT}newChat.txt")
MEET_STAMP = "Port fees (2024-05-02 at 14_03 GMT-4)"
MEET = tuple(
    f"{MEET_STAMP}{rest}" for rest in (".mp4", ".txt", " - Transcript.vtt", " - Notes by Gemini.txt")
)
LOCAL = ("zoom_0.mp4", "audio_only.m4a", "chat.txt", "playback.m3u")
NUMBERED = ("video1234567890.mp4", "audio1234567890.m4a", "chat.txt", "recording.conf")
AUDIO_RECORD = ("Audio Record/audioAnnLee11234567890.m4a", "Audio Record/audioBob21234567890.m4a")
RIVERSIDE = ("riverside_ann_lee_raw-audio_my-show_0042.wav", "riverside_bob_raw-audio_my-show_0043.wav")
CRAIG = ("1-ann_1234.flac", "2-bob.flac", "info.txt", "raw.dat")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (CLOUD, (f"{GMT}_1920x1080.mp4", [], f"{GMT}.transcript.vtt")),
        (CLOUD[1:], (f"{GMT}.m4a", [], f"{GMT}.transcript.vtt")),
        (CLOUD[2:], (None, [], f"{GMT}.transcript.vtt")),
        (
            (f"{GMT}_gvo_1280x720.mp4", f"{GMT}_as_1920x1080.mp4", f"{GMT}_gallery_1920x1080.mp4"),
            (f"{GMT}_gallery_1920x1080.mp4", [], None),
        ),
        ((f"{GMT}_1920x1080 (1).mp4", f"{GMT}_1920x1080.mp4"), (f"{GMT}_1920x1080.mp4", [], None)),
        (
            (f"{GMT}.m4a", f"{GMT}_separate1_Ann Lee.m4a", f"{GMT}_separate2_Bob.m4a"),
            (f"{GMT}.m4a", ["Ann Lee", "Bob"], None),
        ),
        (("GMT20200812-040149_Port-fees_1280x720.mp4", "GMT20200812-040149_Port-fees.m4a"), None),
        (MEET, (f"{MEET_STAMP}.mp4", [], f"{MEET_STAMP} - Transcript.vtt")),
        (
            ("Port - 2024_05_02 14_03 CEST - Recording.mp4", "Port - 2024_05_02 14_03 CEST - Chat.txt"),
            ("Port - 2024_05_02 14_03 CEST - Recording.mp4", [], None),
        ),
        (LOCAL, ("zoom_0.mp4", [], None)),
        (NUMBERED, ("video1234567890.mp4", [], None)),
        (("video1.mp4", "audio1.m4a", "playback.m3u"), ("video1.mp4", [], None)),
        ((*NUMBERED, *AUDIO_RECORD), ("video1234567890.mp4", ["Ann Lee", "Bob"], None)),
        (AUDIO_RECORD, (None, ["Ann Lee", "Bob"], None)),
        ((*LOCAL, "Tonaufnahme/audioAnn11234567890.m4a", "Tonaufnahme/audioBob21234567890.m4a"), None),
        (("meeting_saved_closed_caption.txt", "meeting_saved_new_chat.txt"), None),
        ((*LOCAL, "closed_caption.txt"), ("zoom_0.mp4", [], "closed_caption.txt")),
        ((*LOCAL, "transcript.vtt"), ("zoom_0.mp4", [], "transcript.vtt")),
        ((*LOCAL, "zoom_0.srt", "README.md", "slides.pdf", "photo.jpg"), ("zoom_0.mp4", [], "zoom_0.srt")),
        (RIVERSIDE, (None, ["Ann Lee", "Bob"], None)),
        (
            (*RIVERSIDE, "riverside_bob_raw-video-cfr_my-show_0044.mp4", "riverside_magic_my-show.mp4"),
            (None, ["Ann Lee", "Bob"], None),
        ),
        ((*RIVERSIDE, "riverside_my-show_transcript.srt"), (None, ["Ann Lee", "Bob"], None)),
        (CRAIG, (None, ["Ann", "Bob"], None)),
        (("01-ann.aac", "02-bob_ito.aac", "raw.dat"), (None, ["Ann", "Bob Ito"], None)),
    ],
)
def test_a_folder_that_a_recorder_wrote_is_one_talk(
    place: Workspace, files: Sequence[str], expected: tuple[str | None, list[str], str | None] | None
) -> None:
    put(place, "week1/2024.05 Port, talk", *files)
    talk = the_talk(place)
    assert talk.name == "week1/2024.05 Port, talk"
    assert talk.sidecar == place.inputs / "week1" / "2024.05 Port, talk.toml"
    if expected and not ("transcript" in files[-1] and files[-1].endswith(".srt")):
        assert parts(talk) == expected
    used = {talk.media, talk.transcript, *(track.path for track in talk.tracks)} - {None}
    everything = {path for path in talk.source.rglob("*") if path.is_file()}
    told = {path.name for path in (*talk.left_out, *used) if path}
    assert {path.name for path in everything} - told <= {"README.md", "photo.jpg"}


def test_zooms_folder_name_is_a_sign_too(place: Workspace) -> None:
    put(place, "2024-05-02 14.03.22 Port meeting", "audio_only.m4a")
    put(place, "2024-05-03 15.00.00 Empty", "chat.txt")
    put(place, "other", "audio_only.m4a")
    assert names(place) == ["2024-05-02 14.03.22 Port meeting", "other/audio_only"]
    assert "Empty/chat.txt" in "".join(found(place).notices)


def test_craig_may_have_lost_his_raw_data(place: Workspace) -> None:
    put(place, "quay", *CRAIG[:2], info__txt=CRAIG_INFO)
    assert names(place) == ["quay"]


def test_names_in_a_transcript_count_more_than_its_form(place: Workspace) -> None:
    put(place, "a", f"{GMT}.m4a")
    (place.inputs / "a" / f"{GMT}.transcript.vtt").write_text(PLAIN_VTT, "utf-8")
    (place.inputs / "a" / f"{GMT}.cc.vtt").write_text(NAMED_VTT, "utf-8")
    assert parts(the_talk(place))[2] == f"{GMT}.cc.vtt"


def test_a_sidecar_beside_the_folder_chooses_the_transcript(place: Workspace) -> None:
    put(place, "v1.2", *CLOUD, "otter.txt")
    assert len(names(place)) == 2
    (place.inputs / "v1.2.toml").write_text("transcript = 'v1.2/otter.txt'\ntitle = 'Port'", "utf-8")
    talk = the_talk(place)
    assert (talk.facts.title, parts(talk)[2]) == ("Port", "otter.txt")
    assert f"{GMT}.transcript.vtt" in [path.name for path in talk.left_out]
    (place.inputs / "v1.2" / "otter.txt").unlink()
    (place.inputs / "v1.2.toml").write_text("transcript = ''", "utf-8")
    assert parts(the_talk(place)) == (f"{GMT}_1920x1080.mp4", [], None)


def test_offsets_are_of_a_recorders_tracks(place: Workspace) -> None:
    put(place, "quay", *CRAIG)
    (place.inputs / "quay.toml").write_text("[offsets]\n'2-bob.flac' = '00:12.5'", "utf-8")
    assert [track.offset for track in the_talk(place).tracks] == [None, 12.5]


def test_a_mix_may_be_beside_the_folder(place: Workspace) -> None:
    put(place, "show.1", *RIVERSIDE)
    put(place, "", "show.1.mp3")
    assert parts(the_talk(place)) == ("show.1.mp3", ["Ann Lee", "Bob"], None)
    put(place, "zoom", *LOCAL)
    put(place, "", "zoom.mp3")
    (problem,) = discovery.survey([place.inputs], place).problems
    assert "has the same output folder as inputs/zoom.mp3: outputs/zoom" in str(problem)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("ann.mp3", "ann.vtt", "bob.mp4", "notes.txt", "chat.txt"), ["ann", "bob", "chat", "notes"]),
        (("chat.txt",), ["chat"]),
        (("chat.txt", "transcript.vtt"), ["chat", "transcript"]),
        (("video1.mp4", "audio1.m4a"), ["audio1", "video1"]),
        (("video20240501.mp4", "audio20240508.m4a"), ["audio20240508", "video20240501"]),
        (("audio1714658602123.m4a", "audio1714658999456.m4a"), None),
        (("audiobook20240501.m4a", "audiobook20240508.m4a"), None),
        (("audiolog20240501.m4a", "audionote20240501.m4a"), None),
        (("1-intro.mp3", "2-keynote.mp3", "info.txt"), None),
        (("1-ann.flac", "2-bob.flac"), None),
        (("1-ann.flac", "1-bob.flac", "raw.dat"), ["1-ann", "1-bob"]),
        (("riverside_walk.mp3", "riverside_park.mp3", "riverside_notes.txt"), None),
        (("riverside_ann_raw-audio_show_0001.wav", "riverside_ann_raw-audio_show_0002.wav"), None),
        (("riverside_bob_raw-audio_show_0002.wav", "riverside_cyd_raw-audio_show_0004.wav"), None),
        (("riverside_bob_raw-audio_a_0001.wav", "riverside_cyd_raw-audio_b_0002.wav"), None),
        (("riverside_magic_episode 01_show.mp3", "riverside_magic_episode 02_show.mp3"), None),
        ((f"{GMT}_1920x1080.mp4", f"{LATER}_1920x1080.mp4"), None),
        ((MEET[0], "Port fees (2024-05-09 at 14_00 GMT-4).mp4"), None),
        ((MEET[1],), None),
        ((MEET[0], "Port fees (2024-05-02 at 14_03 GMT-4) - Recording 2.mp4"), None),
        ((*MEET, "ann.mp3"), [MEET_STAMP, "ann"]),
        ((*LOCAL, "cohort.toml"), ["zoom_0"]),
        ((*LOCAL, "ann.mp3"), ["ann", "chat", "zoom_0"]),
        (("video1.mp4", "audio1.m4a", "playback.m3u", "ann.mp3"), ["ann", "audio1", "video1"]),
        (("audiobook20240501.mp3", "zoom_0.mp4", "playback.m3u"), ["audiobook20240501", "zoom_0"]),
        ((*AUDIO_RECORD, "cohort.toml"), ["Audio Record"]),
        ((*LOCAL, "old/ann.mp3"), ["old/ann", "zoom_0"]),
    ],
)
def test_a_cohort_stays_one(place: Workspace, files: Sequence[str], expected: list[str] | None) -> None:
    put(place, "week1", *files)
    talks_there = expected or sorted(name.rpartition(".")[0] for name in files if name[-3:] != "dat")
    assert names(place) == [f"week1/{name}" for name in talks_there]


def test_meetings_in_one_folder_are_told_apart_by_their_stamps(place: Workspace) -> None:
    put(place, "week1", *CLOUD, f"{LATER}.m4a", f"{LATER}.transcript.vtt", f"{LATER}newChat.txt", "ann.mp3")
    assert names(place) == [f"week1/{GMT}_1920x1080", f"week1/{LATER}", "week1/ann"]
    first, later, _ = [talks.load(source, place) for source in found(place).sources]
    assert parts(first) == (f"{GMT}_1920x1080.mp4", [], f"{GMT}.transcript.vtt")
    assert parts(later) == (f"{LATER}.m4a", [], f"{LATER}.transcript.vtt")
    assert [path.name for path in later.left_out] == [f"{LATER}newChat.txt"]
    by_member = discovery.find(str(place.inputs / "week1" / f"{LATER}.transcript.vtt"), place)
    assert by_member.name == later.name


def test_several_recordings_of_one_meeting_are_several_talks(place: Workspace) -> None:
    files = [f"{GMT}_{part}{rest}" for part in (1, 2) for rest in ("_1920x1080.mp4", ".transcript.vtt")]
    put(place, "week1", *files, "video1234567890.mp4", "audio1234567890.m4a", "chat.txt")
    expected = [f"week1/{GMT}_1_1920x1080", f"week1/{GMT}_2_1920x1080", "week1/video1234567890"]
    assert names(place) == expected
    assert "week1/chat.txt" in found(place).notices[0]


def test_inputs_itself_is_no_talk(place: Workspace) -> None:
    put(place, "", *LOCAL, *RIVERSIDE)
    assert names(place) == [*(name[:-4] for name in RIVERSIDE), "zoom_0"]
    assert "inputs looks like one meeting, but" in found(place).notices[-1]


def test_doubt_is_told_in_one_line(place: Workspace) -> None:
    put(place, "week1", *LOCAL, "ann.mp3")
    put(place, "show", RIVERSIDE[0], "riverside_bob_raw-audio_my-show_0049.wav")
    assert len(names(place)) == 5
    show, week = sorted(found(place).notices[-2:])
    assert show.startswith(
        "inputs/show looks like one meeting, but there may be several recordings in it. Put"
    )
    assert (
        week
        == "inputs/week1 looks like one meeting, but ann.mp3 is not Zoom's. If it is, move that out of it"
    )


def test_any_file_of_it_and_its_folder_mean_the_talk(place: Workspace) -> None:
    put(place, "quay", *NUMBERED, *AUDIO_RECORD)
    asked = [place.inputs / "quay", *(place.inputs / "quay" / name for name in (*NUMBERED, *AUDIO_RECORD))]
    assert [source.name for source in discovery.discover(asked, place)[0]] == ["quay"]
    for path in asked:
        assert discovery.find(str(path), place).path == place.inputs / "quay"
        assert discovery.find_name(str(path), place) == "quay"
    assert discovery.find("quay", place).path == place.inputs / "quay"
    outside = Workspace(place.root / "elsewhere")
    assert discovery.discover(asked[:1], outside)[0][0].name == "quay"


def test_a_folder_that_is_no_longer_one_is_told(place: Workspace) -> None:
    put(place, "quay", *NUMBERED)
    (source,) = found(place).sources
    put(place, "quay", "ann.mp3")
    with pytest.raises(InputError, match="is not a talk"):
        talks.load(source, place)


WORDS = (
    "ann",
    "1-intro",
    "2-keynote",
    "audio",
    "video",
    "zoomed",
    "chat",
    "info",
    "notes",
    "transcript",
    "raw",
)
MORE_WORDS = ("zoom call", "riverside_walk", "riverside park", "audio 2", "GMT", "audiobook20240501", "raw")
COHORT_NAME = st.builds(
    lambda word, number, suffix: f"{word}{number}{suffix}",
    st.sampled_from((*WORDS, *MORE_WORDS)),
    st.sampled_from(("", "1", "-2", "_3", " 2024-05-02", "_20240502")),
    st.sampled_from((".mp3", ".mp4", ".m4a", ".wav", ".flac", ".vtt", ".txt", ".md", ".srt")),
)
COHORT = st.sets(COHORT_NAME, min_size=1, max_size=9).map(
    lambda names: {Path(name).stem: name for name in sorted(names)}.values()  # no two of one stem
)


@settings(max_examples=150)
@given(COHORT)
def test_nothing_of_a_cohort_is_swallowed(
    tmp_path_factory: pytest.TempPathFactory, files: Collection[str]
) -> None:
    place = Workspace(tmp_path_factory.mktemp("cohort"))
    put(place, "week1", *files)
    taken = {source.path.stem for source in discovery.discover([place.inputs], place)[0]}
    assert taken == {Path(name).stem for name in files}


@settings(max_examples=100)
@given(COHORT, st.sampled_from((CLOUD, LOCAL, NUMBERED, RIVERSIDE, CRAIG, MEET)))
def test_nor_is_a_cohort_that_has_a_meetings_files_among_its_own(
    tmp_path_factory: pytest.TempPathFactory, files: Collection[str], meeting: Sequence[str]
) -> None:
    place = Workspace(tmp_path_factory.mktemp("cohort"))
    put(place, "week1", *files, *meeting)
    survey = discovery.survey([place.inputs], place)
    seen = {source.path.name for source in survey.sources}
    told = " ".join((*survey.notices, *map(str, survey.problems)))
    for name in files:
        may_be_the_meetings = name.startswith(("chat", "transcript")) or name == "info.txt"
        assert name in seen or name in told or may_be_the_meetings


@pytest.mark.parametrize(
    ("folder", "files", "date", "origin"),
    [
        ("port", CLOUD, "2024-05-02", f"the name {GMT}_1920x1080.mp4"),
        ("2024-04-01 port", CLOUD, "2024-04-01", "the name 2024-04-01 port"),
        ("2024-04-01/port", CLOUD, "2024-05-02", f"the name {GMT}_1920x1080.mp4"),
        ("port", (f"{MEET_STAMP}.mp4", f"{MEET_STAMP}.vtt"), "2024-05-02", f"the name {MEET_STAMP}.mp4"),
        ("port.tracks", ("2024-05-02 ann.wav", "2024-05-02 bob.wav"), "2024-05-02", None),
        ("port.tracks", ("2024-05-02 ann.wav", "2024-05-03 bob.wav"), None, None),  # which one?
    ],
)
def test_the_day_in_the_names_of_its_files_is_its_date(
    place: Workspace, folder: str, files: tuple[str, ...], date: str | None, origin: str | None
) -> None:
    put(place, folder, *files)
    talk = the_talk(place)
    assert talk.facts.date == date
    assert origin in (None, talk.origins.get("date"))
