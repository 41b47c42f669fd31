"""What no stage could take is refused before any works on it, with the numbers and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cohort import clusters, cohort_stages, cohorts
from pipeline.cohort.clusters import Clustering
from pipeline.cohort.excerpts import GatheredPart
from pipeline.errors import InputError
from pipeline.records import Turns
from pipeline.running.runner import StageError
from pipeline.stages import segment, transcribe
from pipeline.takeaways.extractive.document import Document
from pipeline.workspace.talks import Workspace
from tests.support.helpers import Recorder, panel, run

TURNS = "".join(f"Person{n % 3} Lee: One sentence. Two of them.\n\n" for n in range(6))


def refused(root: Path) -> str:
    workspace = Workspace(root)
    workspace.inputs.mkdir()
    (workspace.inputs / "talk.md").write_text(TURNS, "utf-8")
    with pytest.raises(StageError) as error:
        run(workspace, "talk.md")
    assert isinstance(error.value.__cause__, InputError)
    return str(error.value.__cause__)


def test_a_transcript_of_too_many_bytes_is_not_even_hashed(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.inputs.mkdir()
    with open(workspace.inputs / "talk.md", "wb") as file:
        file.truncate(1 << 42)  # sparse; to read it takes an hour
    with pytest.raises(StageError) as error:
        run(workspace, "talk.md")
    assert "talk.md: cannot be read (It has more than 128 MB)" in str(error.value.__cause__)


def test_a_transcript_of_too_many_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert transcribe.MAX_WORDS == 1_000_000
    monkeypatch.setattr(transcribe, "MAX_WORDS", 29)
    assert refused(tmp_path).endswith(
        "talk.md: has 30 words, of at most 29. Is it one talk? Put each into a file of its own."
    )
    assert not (tmp_path / "outputs" / "talk" / "1_transcript.json").exists()


def test_a_transcript_of_too_many_speakers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcribe, "MAX_SPEAKERS", 2)
    assert "talk.md: has 3 speakers, of at most 2. Are these names, at the" in refused(tmp_path)


def test_a_talk_of_too_many_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "MAX_SENTENCES", 11)
    assert "talk.md: has 12 sentences or turns, of at most 11. Is it one talk?" in refused(tmp_path)


def test_a_cohort_of_too_many_talks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = panel(tmp_path)
    monkeypatch.setattr(cohorts, "MAX_TALKS", 0)
    with pytest.raises(InputError, match=r"has 1 talks, of at most 0 that can be compared\. Divide it into"):
        cohort_stages.make(workspace.inputs, workspace, (), Recorder())


def test_a_cohort_of_too_many_themes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "MAX_PARTS", 1)
    document = Document(Turns(language="en", speakers=(), turns=()), ())
    parts = [GatheredPart("talk", number, "A theme", ("s0",), ()) for number in range(2)]
    with pytest.raises(
        InputError, match=r"have 2 themes, of at most 1 that can be compared\. Divide the fold"
    ):
        Clustering(document, parts)
