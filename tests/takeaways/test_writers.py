"""Which judge a post gets, what it is asked with, and which key it is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigError
from pipeline.stages import EXTRACT
from pipeline.takeaways import writers
from pipeline.workspace import api_keys, config, talks
from pipeline.workspace.receipts import made_from
from pipeline.workspace.talks import Source, Talk, Workspace
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.helpers import panel, run

WRITER = {"base_url": "http://localhost:1/v1", "model": "scribe"}


def settings(*layers: tuple[Path | str, dict[str, Any]]) -> config.Settings:
    return config.merge(layers)


def typed(**tables: dict[str, Any]) -> config.Settings:
    return settings(("--set", tables))


@pytest.mark.parametrize(
    ("tables", "name", "other"),
    [
        ({}, "rules", False),
        ({"judge": {"model": "sage"}}, "rules", False),
        ({"extract": WRITER}, "scribe", False),
        ({"extract": {**WRITER, "judge": "model"}}, "scribe", False),
        ({"extract": {**WRITER, "judge": "rules"}, "judge": {"model": "sage"}}, "rules", False),
        ({"extract": WRITER, "judge": {"model": "sage"}}, "sage", True),
        ({"extract": {"writer": "local"}}, "rules", False),
        ({"extract": {"writer": "local", "judge": "model"}}, "the local model", False),
        (
            {"extract": {"writer": "local"}, "judge": {"base_url": "http://localhost:2/v1", "model": "sage"}},
            "sage",
            True,
        ),
        ({"extract": WRITER, "judge": {"base_url": "http://localhost:2/v1"}}, "scribe", True),
        ({"extract": WRITER, "judge": {"model": "rules"}}, "rules", False),
        ({"extract": {"writer": "local"}, "judge": {"model": "rules"}}, "rules", False),
    ],
)
def test_who_judges(tables: dict[str, Any], name: str, other: bool) -> None:
    judge = writers.choose_judge(typed(**tables))
    assert (judge.name, judge.other, judge.model is None) == (name, other, name == "rules")


def test_another_model_is_asked_where_the_writer_is_unless_it_has_a_server() -> None:
    extract = {
        **WRITER,
        "context": 100_000,
        "timeout": 7.0,
        "input_price": 3.0,
        "output_price": 9.0,
        "max_cost": 1.0,
    }
    here = writers.choose_judge(typed(extract=extract, judge={"model": "sage"})).model
    assert here
    asked = here.settings
    assert (asked.base_url, asked.model, asked.context, asked.timeout) == (
        WRITER["base_url"],
        "sage",
        None,
        7.0,
    )
    assert (asked.input_price, asked.max_cost) == (None, 1.0)
    there = writers.choose_judge(
        typed(extract=extract, judge={"base_url": "http://localhost:2/v1", "model": "sage"})
    )
    assert there.model
    assert there.model.settings.base_url == "http://localhost:2/v1"


def test_a_judge_that_is_only_an_address_is_the_writer_s_model_there() -> None:
    judge = {"base_url": "http://localhost:2/v1"}
    asked = writers.choose_judge(typed(extract=WRITER, judge=judge)).model
    assert asked
    assert asked.identity(None) == "http://localhost:2/v1 scribe"  # type: ignore[arg-type]
    for extract in ({"writer": "local", "model": "small.gguf"}, {"base_url": WRITER["base_url"]}):
        nameless = writers.choose_judge(typed(extract=extract, judge=judge))
        with pytest.raises(ConfigError, match=r"judge\.model is not set.*--set judge\.model=NAME"):
            list(nameless.receipt(None))  # type: ignore[arg-type]


@pytest.mark.parametrize("more", [{}, {"judge": "model"}, {"base_url": "http://localhost:1/v1"}])
def test_a_judge_beside_a_local_writer_is_sent_nothing_until_its_server_is_named(
    more: dict[str, Any],
) -> None:
    local = {"writer": "local", **more}
    with pytest.raises(ConfigError, match=r"judge\.model = 'big' is set.*Set judge\.base_url"):
        writers.choose_judge(typed(extract=local, judge={"model": "big"}))
    file = Path("/mine/takeaways.toml")
    with pytest.raises(ConfigError, match=str(file)):
        writers.choose_judge(settings((file, {"extract": local, "judge": {"model": "big"}})))
    openai = {"base_url": api_keys.OPENAI, "model": "big"}
    assert writers.choose_judge(typed(extract=local, judge=openai)).name == "big"


def test_a_workspace_names_no_judge_that_is_sent_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each server is trusted, or gets the key, because of who named it there."""
    monkeypatch.setenv(api_keys.KEY, "sk-secret-123")
    file = Path("/strange/takeaways.toml")
    mine = ("--set", {"extract": {"model": "gpt-4.1-mini"}})

    def key(*layers: tuple[Path | str, dict[str, Any]]) -> str:
        model = writers.choose_judge(settings(*layers)).model
        assert model
        return api_keys.server_key(model.settings, model.table, "")

    assert key(mine, ("--set", {"judge": {"model": "gpt-4.1"}})) == "sk-secret-123"
    with pytest.raises(ConfigError, match=r"judge\.model"):
        key((file, {"judge": {"model": "gpt-5-pro"}}), mine)
    with pytest.raises(ConfigError, match=r"judge\.base_url"):
        key((file, {"judge": {"base_url": "https://elsewhere.example/v1", "model": "x"}}), mine)
    loopback = {"judge": {"base_url": "http://localhost:2/v1", "model": "x"}}
    assert key((file, loopback), mine) == api_keys.NO_KEY
    assert key(mine, ("--set", loopback)) == "sk-secret-123"


def test_another_judge_makes_takeaways_stale(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "one.md").write_text("**Ann Lee:** We ship.\n\n**Bob Ray:** You do.\n")

    def entries(**tables: dict[str, Any]) -> dict[str, Any]:
        talk: Talk = talks.load(Source("one", tmp_path / "inputs" / "one.md"), Workspace(tmp_path), (tables,))
        return made_from(EXTRACT.reads(talk))

    assert "judge" not in entries()
    assert entries(extract=WRITER)["judge"] == "http://localhost:1/v1 scribe"
    assert entries(extract={**WRITER, "judge": "rules"})["judge"] == "rules"
    other = entries(extract=WRITER, judge={"model": "sage", "thinking": 99})
    assert (other["judge"], other["judge.thinking"]) == ("http://localhost:1/v1 sage", 99)


def test_a_run_says_who_judges(tmp_path: Path) -> None:
    place = panel(tmp_path, lines=24)
    with FakeEndpoint() as server:
        told = run(place, sets=({"extract": {"base_url": server.url, "model": "any", "judge": "rules"}},))
    assert "judge: rules (extract.judge = 'rules')" in told.notes


def test_only_the_small_models_of_the_program_write_a_section_at_a_time(tmp_path: Path) -> None:
    own = tmp_path / "mine.gguf"
    own.write_bytes(b"GGUF")
    assert writers.choose(config.ExtractSettings(writer="local")).is_small
    assert writers.choose(config.ExtractSettings(writer="local", model="smollm2-135m")).is_small
    assert not writers.choose(config.ExtractSettings(writer="local", model=str(own))).is_small
    assert not writers.choose(config.ExtractSettings(model="gpt-4.1-mini")).is_small
