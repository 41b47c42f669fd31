"""What a dry run says that a language model and its judge would be asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.cli import forecast
from pipeline.cli.forecast import Forecast, Spending
from pipeline.running.runner import Plan
from pipeline.stages import STAGES
from pipeline.workspace.talks import Talk
from tests.support.helpers import panel, run

WRITER = Spending(7, 120, 900, 1.5, "scribe")
CACHED = Spending(0, 0, 0, 0.0, "sage")
SAGE = Spending(1, 900, 60, None, "sage")
STALE = {"extract": "not made yet"}


def test_a_line_names_who_is_asked_and_then_how_often() -> None:
    assert forecast.text(Forecast("a", STALE, WRITER, SAGE, judge="sage")).splitlines()[1:] == [
        "a: extract asks scribe: about 7 calls, 120 tokens read, at most 900 written, at most about $1.5000",
        "a: its judge is sage: about 1 call, 900 tokens read, at most 60 written, price not known",
    ]
    assert forecast.text(Forecast("a", STALE, WRITER, CACHED, judge="sage")).splitlines()[2:] == [
        "a: its judge is sage: nothing new, all replies are in the cache"
    ]
    assert forecast.text(Forecast("a", STALE, WRITER, judge="rules")).endswith("\na: its judge is rules")


def test_the_windows_that_are_reckoned_with_are_told() -> None:
    large = replace(WRITER, window="32,768 tokens, by the server's list of models")
    lines = forecast.text(Forecast("a", STALE, large, SAGE, judge="sage")).splitlines()
    assert lines[3:] == ["a: window of scribe: 32,768 tokens, by the server's list of models"]


def test_a_total_names_every_model_once() -> None:
    assert forecast.total([WRITER, CACHED, WRITER]).startswith(
        "together, of scribe and sage: about 14 calls, "
    )
    assert forecast.total([WRITER, WRITER]).startswith("together, of scribe: about 14 calls, ")
    assert forecast.total([WRITER, SAGE]).endswith("price not known")


def test_a_cohort_s_forecast_names_its_judge(tmp_path: Path) -> None:
    place = panel(tmp_path, lines=24)
    (place.inputs / "cohort.toml").write_text('title = "Talks"\n')
    run(place)
    for judge, name in ({"judge": "rules"}, "rules"), ({}, "any"):
        sets = ({"extract": {"base_url": "http://127.0.0.1:9/v1", "model": "any", **judge}},)
        plan: Plan[Talk] = Plan(STAGES, overrides=sets)
        made = forecast.of_cohort(place.inputs, place, plan, after_talks=False)
        assert made.judge == name
        assert forecast.text(made).endswith(f": its judge is {name}")
    assert forecast.of_cohort(place.inputs, place, Plan(STAGES), after_talks=True).judge is None
