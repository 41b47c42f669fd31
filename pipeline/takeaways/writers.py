"""Which writer a talk gets, and why: a language model only where a file or a flag names one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pipeline.digests import Memory
from pipeline.engines import client
from pipeline.errors import ConfigError
from pipeline.weights import models
from pipeline.workspace.config import ExtractSettings

if TYPE_CHECKING:
    from pipeline.cohort.model_writer import CohortModelWriter
    from pipeline.engines.sentence_vectors import Vectors
    from pipeline.records import Takeaways, Turns
    from pipeline.takeaways.llm import LanguageModelWriter
    from pipeline.takeaways.llm.budget import Price
    from pipeline.takeaways.llm.calls import Calls, Connection
    from pipeline.workspace.facts import Facts
    from pipeline.workspace.talks import Talk

Kind = Literal["extractive", "openai", "local"]


class Writer(Protocol):
    """Turns a talk's turns into themed takeaways."""

    def write(self, turns: Turns, facts: Facts) -> Takeaways: ...


@dataclass(frozen=True)
class Choice:
    """A writer and, as a person would say it, why this one."""

    kind: Kind
    why: str

    @property
    def asks_a_model(self) -> bool:
        return self.kind != "extractive"


def choose(settings: ExtractSettings) -> Choice:
    """The writer that the settings mean. A key in the environment alone never chooses one."""
    named = [
        f"extract.{name} = '{value}'"
        for name, value in (("base_url", settings.base_url), ("model", settings.model))
        if value
    ]
    if settings.writer == "auto" and named:
        return Choice("openai", f"{' and '.join(named)} name{'s' * (len(named) == 1)} a language model")
    if settings.writer == "auto":
        return Choice("extractive", "no file or flag names a language model")
    return Choice(settings.writer, f"extract.writer = '{settings.writer}'")


def identity(settings: ExtractSettings, memory: Memory) -> str:
    """What answers, for receipts and for the cache. Raises ModelError, ConfigError."""
    if choose(settings).kind == "local":
        return models.gguf_identity(settings.model, memory)
    return f"{_address(settings)} {_model(settings)}"


def connection(settings: ExtractSettings, memory: Memory) -> Connection:
    """The model to ask; nothing is started or sent yet. Raises ConfigError, ModelError."""
    from pipeline.engines.chat.endpoint import Endpoint
    from pipeline.engines.chat.local import Local, Remote

    def key(address: str) -> str:
        return client.key(
            address, "name your own server in extract.base_url; or use extract.writer = 'local'"
        )

    name = identity(settings, memory)
    if choose(settings).kind == "local":
        return Local(settings.model, name, settings.context, settings.timeout)
    endpoint = Endpoint(_address(settings), _model(settings), name, settings.context, settings.concurrency)
    return Remote(endpoint, key, settings.timeout, settings.retries)


def language_model(talk: Talk, dry: bool = False) -> LanguageModelWriter:
    """The writer that asks the talk's model, later. Raises ConfigError, ModelError, PromptError."""
    from pipeline.takeaways.llm import LanguageModelWriter
    from pipeline.workspace import prompt_sets

    settings = talk.settings.extract
    prompts = prompt_sets.load(talk.workspace, talk.prompts)
    return LanguageModelWriter(_calls(talk, dry), prompts, choose(settings).kind, settings.themes)


def cohort_model(talk: Talk, fewest: int, most: int, vectors: Vectors) -> CohortModelWriter:
    """As `language_model`, for a cohort with at most `most` themes of at least `fewest` talks each."""
    from pipeline.cohort.model_writer import CohortModelWriter
    from pipeline.workspace import prompt_sets

    prompts = prompt_sets.load(talk.workspace, talk.prompts)
    kind = choose(talk.settings.extract).kind
    return CohortModelWriter(_calls(talk, False), prompts, kind, most, fewest=fewest, vectors=vectors)


def _calls(talk: Talk, dry: bool) -> Calls:
    from pipeline.engines.chat.endpoint import Cache
    from pipeline.engines.chat.tokens import Gauge
    from pipeline.takeaways.llm.budget import Purse
    from pipeline.takeaways.llm.calls import Calls

    settings = talk.settings.extract
    asked = connection(settings, talk.memory)
    purse = Purse(_price(settings), settings.max_cost)
    gauge = Gauge(asked.where, settings.context)
    return Calls(asked, Cache(talk), purse, gauge, dry, thinking=settings.thinking)


def _address(settings: ExtractSettings) -> str:
    return client.address(settings.base_url, "extract")


def _model(settings: ExtractSettings) -> str:
    if settings.model is None:
        raise ConfigError(
            "extract.model is not set",
            remedy="Name the model as its server calls it: --set extract.model=NAME",
        )
    if settings.model.endswith(".gguf"):
        raise ConfigError(
            f"extract.model = '{settings.model}' is a file",
            remedy="To run it here, set extract.writer = 'local'.",
        )
    return settings.model


def _price(settings: ExtractSettings) -> Price | None:
    from pipeline.engines.client import OPENAI
    from pipeline.takeaways.llm.budget import Price, price_of

    if (settings.input_price is None) != (settings.output_price is None):
        raise ConfigError(
            "only one of extract.input_price and extract.output_price is set", remedy="Set both, or neither."
        )
    if settings.input_price is not None and settings.output_price is not None:
        return Price(settings.input_price, settings.output_price)
    if choose(settings).kind == "local":
        return Price(0.0, 0.0)
    return price_of(_model(settings)) if _address(settings) == OPENAI else None


def steered_by(talk: Talk) -> dict[str, Any]:
    """What belongs in a receipt if a language model writes: it, its prompts, and what they are told."""
    from pipeline.digests import digest_value
    from pipeline.workspace import prompt_sets

    facts = talk.facts.model_dump(mode="json")
    told = ("audience", "tone", "length", "occasion", "title", "date", "links")
    prompts = prompt_sets.load(talk.workspace, talk.prompts)
    return {
        "language model": identity(talk.settings.extract, talk.memory),
        "extract.context": talk.settings.extract.context,
        "extract.thinking": talk.settings.extract.thinking,
        f"prompts {prompts.name}": prompts.digest,
        **{f"facts.{name}": digest_value(facts[name]) for name in told if facts.get(name)},
    }
