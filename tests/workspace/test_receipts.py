"""What enters a receipt, and how a person is told in what two of them differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.stages import RENDER, SEGMENT
from pipeline.workspace import config, talks
from pipeline.workspace.receipts import Entry, Kind, differences, made_from, stated
from pipeline.workspace.talks import Source, Talk, Workspace

# Settings that change no result: where and how fast, or what `receipt()` says of a model in other words.
NOT_STEERING = {
    config.TranscribeSettings: {"engine", "base_url", "timeout", "retries"},
    config.SegmentSettings: set(),
    config.ExtractSettings: {
        *("base_url", "model", "prompts", "context", "thinking", "max_cost"),
        *("input_price", "output_price", "concurrency", "timeout", "retries"),
    },
    config.RenderSettings: set(),
    config.CohortSettings: {"prompts"},
}


def talk(root: Path, **files: str) -> Talk:
    workspace = Workspace(root)
    workspace.inputs.mkdir()
    (workspace.inputs / "one.md").write_text("**Ann Lee:** We ship.\n\n**Bob Ray:** You do.\n")
    for ending, text in files.items():
        (workspace.inputs / f"one.{ending}".replace("_", ".")).write_text(text)
    return talks.load(Source("one", workspace.inputs / "one.md"), workspace)


@pytest.mark.parametrize("table", NOT_STEERING)
def test_every_setting_is_in_the_receipt_or_known_not_to_steer(table: type[config.StageSettings]) -> None:
    assert {*table().receipt()} | NOT_STEERING[table] == {*table.model_fields}


def test_differences_are_told_entry_by_entry() -> None:
    wanted = [
        *stated("facts", {"title": "New", "dek": "Same"}),
        Entry("file a.wav", "sha256:2"),
        Entry("review.fix", "sha256:9", Kind.NOTED),
    ]
    had = {"facts.title": "Old", "facts.dek": "Same", "file a.wav": "sha256:1", "facts.date": "2024"}
    told = [(change.kind, str(change)) for change in differences(wanted, had)]
    assert told == [
        (Kind.BOUND, "facts.title: Old → New"),
        (Kind.BOUND, "file a.wav changed"),
        (Kind.NOTED, "review.fix is new"),
        (Kind.BOUND, "facts.date is gone"),
    ]
    assert not list(differences(wanted, made_from(wanted)))


def test_what_a_person_puts_right_is_noted_and_all_else_bound(tmp_path: Path) -> None:
    review = (
        '[[fix]]\nat = "0:01"\nfrom = "ship"\nto = "shop"\n[[speaker]]\nlabel = "Ann Lee"\nname = "Ann"\n'
    )
    one = talk(tmp_path, review_toml=review, toml='title = "One"\n')
    noted = {
        entry.name for stage in (SEGMENT, RENDER) for entry in stage.reads(one) if entry.kind is Kind.NOTED
    }
    assert noted == {"review.fix", "review.speaker", "facts.speakers", "cohort speakers"}
