"""Whatever is in a recording, it gives sound or is refused in words: no crash, no hang, little memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.engines import SAMPLE_RATE
from pipeline.engines.audio.decoding import MAX_SILENCE_SECONDS, Sound, probe
from pipeline.errors import InputError
from tests.support.fake_server import FakeServer, Handler
from tests.support.hostile_media import KINDS, damaged, whole
from tests.support.media_lies import LIES, LURES, STEP, stamped, wav
from tests.support.media_outcomes import outcome_of

DAMAGED = 8 * len(KINDS)
# Numbers of files that did harm once: they asked for gigabytes, or were an error that nobody foresaw.
HARMFUL = (198, 2258, 2520, 6339)


def made(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("numbers", [range(DAMAGED), HARMFUL], ids=["any", "harmful"])
def test_damaged_at_random(tmp_path: Path, numbers: tuple[int, ...]) -> None:
    outcomes = {name: outcome_of(made(tmp_path / name, data)) for name, data in map(damaged, numbers)}
    assert [(name, outcome) for name, outcome in outcomes.items() if not outcome.is_good] == []


@pytest.mark.parametrize("kind", [row[0] for row in KINDS])
def test_undamaged_all_of_it_is_heard(tmp_path: Path, kind: str) -> None:
    path = made(tmp_path / f"a.{kind}", whole(kind))
    assert sum(map(len, Sound(path))) / SAMPLE_RATE == pytest.approx(2.5, abs=0.2)


@pytest.mark.parametrize("name", LIES)
def test_headers_and_time_stamps_that_lie(tmp_path: Path, name: str) -> None:
    outcome = outcome_of(made(tmp_path / name, LIES[name]()))
    assert outcome.is_good, outcome
    assert outcome.peak < 200
    assert outcome.seconds <= MAX_SILENCE_SECONDS + 60


@pytest.mark.parametrize("name", ["1000 hours.mp4", "all time.mp4", "1000 hours in a track.m4a"])
def test_a_length_that_no_file_of_that_size_can_have_is_not_believed(tmp_path: Path, name: str) -> None:
    duration = probe(made(tmp_path / name, LIES[name]())).duration
    assert duration is None or duration < 10


def test_a_jump_of_the_clock_is_no_silence_and_a_long_pause_is(tmp_path: Path) -> None:
    """What is 10 hours late for no reason follows at once; a pause of an hour may be real."""
    for late, silence in ((36_000.0, 0.0), (3600.0, 3600.0)):
        data = stamped("matroska", "flac", lambda n, late=late: n * STEP + late * (n > 3))
        sound = Sound(made(tmp_path / "a.mkv", data))
        seconds = sum(map(len, sound)) / SAMPLE_RATE
        assert seconds == pytest.approx(2.5 + silence, abs=1)


def test_what_is_said_of_a_file_is_short_and_harmless(tmp_path: Path) -> None:
    data = stamped("matroska", "flac", lambda n: n * STEP, title="\x1b]0;x\x07Ann\n" * 999)
    [track] = probe(made(tmp_path / "a.mkv", data)).tracks
    assert len(track) < 120
    assert track.isprintable()


@pytest.mark.parametrize("ending", ["mp4", "m4a", "ts", "aac", "mp3", "wav"])
@pytest.mark.parametrize("lure", LURES)
def test_nothing_else_is_opened(tmp_path: Path, lure: str, ending: str) -> None:
    asked: list[str] = []

    class Answering(Handler):
        def do_GET(self) -> None:  # noqa: N802
            asked.append(self.path)
            self.answer(200, {"Content-Type": "audio/wav"}, wav())

    other = made(tmp_path / "other.wav", wav())
    with FakeServer(Answering) as server:
        for target in (other.name, str(other), f"file:{other}", f"{server.url}/a.wav", "data:audio/wav,RIFF"):
            path = made(tmp_path / f"a.{ending}", LURES[lure].format(target=target))
            with pytest.raises(InputError, match="not a recording that can be read"):
                probe(path)
    assert not asked


def test_a_name_is_no_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made(Path("other.wav"), wav())
    for name in (
        "concat:other.wav",
        "data:a.wav",
        "pipe:0.wav",
        "subfile,,start,0,end,0,,:other.wav",
        "a%d.wav",
    ):
        path = made(Path(name), wav())
        assert np.concatenate(list(Sound(path))).size == 2 * SAMPLE_RATE
        with pytest.raises(InputError, match="no such file"):
            probe(Path(f"not {name}"))


def test_little_memory_is_told_from_a_file_that_asks_for_much(tmp_path: Path) -> None:
    outcome = outcome_of(made(tmp_path / "a.m4a", LIES["2000 tracks.m4a"]()))
    assert (outcome.kind, outcome.detail) == ("refused", "this is not a recording that can be read")
