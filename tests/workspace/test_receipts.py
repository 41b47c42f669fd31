"""What enters a receipt, and how a person is told in what two of them differ."""

from __future__ import annotations

from pathlib import Path

from pipeline.cohort import cohort_stages
from pipeline.stage_names import CohortStage, TalkStage
from pipeline.stages import EXTRACT, RENDER, SEGMENT, STAGES
from pipeline.workspace import config, talks
from pipeline.workspace.receipts import Entry, Kind, differences, made_from, stated
from pipeline.workspace.talks import Source, Talk, Workspace

# Settings that are in no receipt by their own name: how fast and where, and what the identity of a model, its
# prompts or the engine say instead.
NOT_BY_NAME = {
    config.TranscribeSettings: {"engine", "base_url", "timeout", "retries"},
    config.SegmentSettings: set(),
    config.ExtractSettings: {
        *("base_url", "model", "prompts", "max_cost", "input_price", "output_price"),
        *("concurrency", "timeout", "retries", "judge", "style"),
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


def test_every_setting_is_in_a_receipt_or_known_not_to_be() -> None:
    assert set(NOT_BY_NAME) == set(config.StageSettings.__subclasses__())
    for table, not_by_name in NOT_BY_NAME.items():
        settings = table()
        by_name = {*settings.receipt()}
        if isinstance(settings, config.ExtractSettings):
            by_name |= {*settings.model_receipt()}
        assert by_name | not_by_name == {*table.model_fields}
        assert not by_name & not_by_name


def test_a_language_model_is_named_with_what_steers_it(tmp_path: Path) -> None:
    one = talk(tmp_path, toml='[extract]\nbase_url = "http://h/v1"\nmodel = "m"\nthinking = 99\n')
    entries = made_from(EXTRACT.reads(one))
    assert entries["language model"] == "http://h/v1 m"
    assert (entries["extract.context"], entries["extract.thinking"]) == (None, 99)
    assert entries["prompts recap"].startswith("sha256:")


def test_each_stage_has_its_name_once_and_in_order() -> None:
    assert [stage.name for stage in STAGES] == list(TalkStage)
    assert [stage.name for stage in cohort_stages.STAGES] == list(CohortStage)
    for stage in STAGES:
        assert stage.settings(config.Settings()) == getattr(config.Settings(), stage.name)


def test_differences_are_told_entry_by_entry() -> None:
    wanted = [
        *stated("facts", {"title": "New", "dek": "Same"}),
        Entry("file a.wav", "sha256:2"),
        Entry("review.fix", "sha256:9"),
    ]
    had = {"facts.title": "Old", "facts.dek": "Same", "file a.wav": "sha256:1"}
    had |= {"facts.date": "2024", "review.merge": "sha256:3"}
    told = [(change.kind, str(change)) for change in differences(wanted, had)]
    assert told == [
        (Kind.BOUND, "facts.title: Old → New"),
        (Kind.BOUND, "file a.wav changed"),
        (Kind.NOTED, "review.fix is new"),
        (Kind.BOUND, "facts.date is gone"),
        (Kind.NOTED, "review.merge is gone"),
    ]
    assert not list(differences(wanted, made_from(wanted)))


def test_what_a_person_puts_right_is_noted_and_all_else_bound(tmp_path: Path) -> None:
    review = (
        '[[fix]]\nfrom = "ship"\nto = "shop"\n[[speaker]]\nlabel = "Ann Lee"\nname = "Ann"\n'
        '[[turn]]\nat = "0:01"\nto = "Bob Ray"\n'
    )
    one = talk(tmp_path, review_toml=review, toml='title = "One"\n')
    noted = {
        entry.name for stage in (SEGMENT, RENDER) for entry in stage.reads(one) if entry.kind is Kind.NOTED
    }
    review_entries = {f"review.{table}" for table in ("fix", "turn", "speaker")}
    assert noted == review_entries | {"facts.speakers", "cohort speakers"}
