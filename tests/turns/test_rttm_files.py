"""Diarization from elsewhere: an RTTM file beside the sidecar says who speaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.records import Word
from pipeline.running.runner import StageError
from pipeline.turns.rttm import Span, label_words, read
from pipeline.workspace import discovery
from pipeline.workspace.talks import Workspace
from tests.support.helpers import run

VTT = """WEBVTT

00:00:01.000 --> 00:00:03.000
Small teams ship faster.

00:00:03.500 --> 00:00:06.000
Large teams ship larger things, though.

00:00:06.500 --> 00:00:09.000
Small things are what people use, in the end.
"""
RTTM = """; made by hand
SPEAKER talk 1 0.900 2.200 <NA> <NA> ann <NA> <NA>
SPEAKER talk 1 3.400 2.700 <NA> <NA> SPEAKER_01 <NA> <NA>

SPEAKER talk 1 6.300 2.900 <NA> <NA> ann <NA> <NA>
"""


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    (inputs / "talk.vtt").write_text(VTT, "utf-8")
    (inputs / "talk.rttm").write_text(RTTM, "utf-8")
    (inputs / "talk.toml").write_text('rttm = "talk.rttm"\nlanguage = "en"\n', "utf-8")
    return Workspace(tmp_path)


def turns(place: Workspace) -> list[tuple[str, str]]:
    data = json.loads((place.outputs / "talk" / "2_turns.json").read_text("utf-8"))["data"]
    labels = {one["id"]: one.get("label") for one in data["speakers"]}
    return [(labels[t["speaker"]], " ".join(s["text"] for s in t["sentences"])) for t in data["turns"]]


def test_an_rttm_file_says_who_speaks(place: Workspace) -> None:
    run(place, "talk.vtt")
    assert turns(place) == [
        ("ann", "Small teams ship faster."),
        ("SPEAKER_01", "Large teams ship larger things, though."),
        ("ann", "Small things are what people use, in the end."),
    ]
    post = (place.outputs / "talk" / "post.md").read_text("utf-8")
    assert "SPEAKER_01" not in post  # a label that a machine gave is nobody's name
    assert run(place, "talk.vtt").ran == []


def test_another_rttm_file_reruns_segmentation_alone_and_what_is_below(place: Workspace) -> None:
    run(place, "talk.vtt")
    (place.inputs / "talk.rttm").write_text(RTTM.replace("SPEAKER_01", "bob"), "utf-8")
    again = run(place, "talk.vtt")
    assert again.ran[0] == "segment"
    assert "file talk.rttm" in again.reasons["segment"][0]
    assert turns(place)[1][0] == "bob"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("SPEAKER talk 1 x 1.0 <NA> <NA> a <NA> <NA>\n", "line 1 is not RTTM"),
        ("; nothing\nSPEAKER talk 1\n", "line 2 is not RTTM"),
        ("SPEAKER talk 1 nan 1.0 <NA> <NA> a <NA> <NA>\n", "line 1 is not RTTM"),
        ("", "no line of it begins with SPEAKER"),
        ("WEBVTT\n", "no line of it begins with SPEAKER"),
    ],
)
def test_what_is_no_rttm_is_refused(place: Workspace, content: str, message: str) -> None:
    (place.inputs / "talk.rttm").write_text(content, "utf-8")
    with pytest.raises(StageError) as failed:
        run(place, "talk.vtt")
    assert message in str(failed.value.__cause__)
    assert "talk.rttm" in str(failed.value.__cause__)


def test_of_several_recordings_the_talks_own_counts(place: Workspace) -> None:
    other = RTTM.replace("SPEAKER talk", "SPEAKER other").replace(" ann ", " zoe ")
    (place.inputs / "talk.rttm").write_text(other + RTTM, "utf-8")
    run(place, "talk.vtt")
    assert [label for label, _ in turns(place)] == ["ann", "SPEAKER_01", "ann"]
    (place.inputs / "talk.rttm").write_text(other + RTTM.replace("SPEAKER talk", "SPEAKER third"), "utf-8")
    with pytest.raises(StageError) as failed:
        run(place, "talk.vtt")
    assert 'is of several recordings (other, third), of which none is "talk"' in str(failed.value.__cause__)


def test_one_recording_of_any_name_is_the_talks(place: Workspace) -> None:
    (place.inputs / "talk.rttm").write_text(RTTM.replace("SPEAKER talk", "SPEAKER mixdown"), "utf-8")
    run(place, "talk.vtt")
    assert [label for label, _ in turns(place)] == ["ann", "SPEAKER_01", "ann"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_an_rttm_file_in_another_encoding_is_read(place: Workspace, encoding: str) -> None:
    (place.inputs / "talk.rttm").write_bytes(RTTM.encode(encoding))
    assert [span.label for span in read(place.inputs / "talk.rttm")] == ["ann", "SPEAKER_01", "ann"]


@pytest.mark.parametrize("name", ["../talk.rttm", "/etc/passwd", "nowhere.rttm"])
def test_a_file_outside_the_folder_is_refused(place: Workspace, name: str) -> None:
    (place.inputs / "talk.toml").write_text(f'rttm = "{name}"\n', "utf-8")
    with pytest.raises(Exception, match="rttm = ") as failed:
        run(place, "talk.vtt")
    assert "talk.toml" in str(failed.value)


def test_without_times_an_rttm_file_says_nothing(place: Workspace) -> None:
    (place.inputs / "talk.vtt").unlink()
    (place.inputs / "talk.md").write_text("**Ann:** Small teams ship faster.\n", "utf-8")
    with pytest.raises(StageError) as failed:
        run(place, "talk.md")
    assert "needs a recording, or a transcript with times" in str(failed.value.__cause__)


def test_a_word_goes_to_whom_has_most_of_it_and_far_from_all_to_nobody() -> None:
    spans = (Span(0.0, 2.0, "a"), Span(1.5, 4.0, "b"), Span(100.0, 101.0, "c"))
    times = [(0.0, 1.0), (1.4, 2.4), (4.5, 4.7), (50.0, 51.0), (None, None), (99.5, 100.5)]
    words = [Word(text=" w", start=start, end=end, label="theirs") for start, end in times]
    assert [word.label for word in label_words(words, spans)] == ["a", "b", "b", None, None, "c"]


@given(st.binary(max_size=300) | st.text(alphabet="SPEAKER 1.<NA>\n", max_size=300).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".rttm") as file:
        file.write(content)
        file.flush()
        try:
            found = read(Path(file.name))
        except InputError:
            return
        assert all(0 <= span.start <= span.end for span in found)


def test_of_what_whisper_writes_side_by_side_one_file_is_the_talk(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    (place.inputs / "talk.vtt").write_text(VTT, "utf-8")
    (place.inputs / "talk.txt").write_text("Small teams ship faster.\n", "utf-8")
    sources, problems = discovery.discover([place.inputs], place)
    assert ([source.path.name for source in sources], problems) == (["talk.vtt"], [])
    (place.inputs / "talk.md").write_text("**Ann:** Another text.\n", "utf-8")
    assert len(discovery.discover([place.inputs], place)[1]) == 1
