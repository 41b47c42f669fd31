"""Which writer a talk gets, and why: a language model only if a file or a flag names one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from pipeline.errors import ConfigError
from pipeline.files import FileMemory, digest_value
from pipeline.stage_names import TalkStage
from pipeline.weights import models
from pipeline.workspace import api_keys
from pipeline.workspace.config import ExtractSettings
from pipeline.workspace.receipts import Entry, stated

if TYPE_CHECKING:
    from pipeline.engines.prices import TokenPrice
    from pipeline.takeaways.llm import LanguageModelWriter
    from pipeline.takeaways.llm.calls import Calls, Connection
    from pipeline.workspace.talks import Subject

Kind = Literal["extractive", "openai", "local"]


@dataclass(frozen=True)
class Choice:
    """A kind of writer, why it was chosen (in words for the user), and for a model how to ask it.

    It follows from `settings` alone: nothing is started or sent before the writer makes a call.
    """

    kind: Kind
    why: str
    settings: ExtractSettings

    @property
    def asks_a_model(self) -> bool:
        return self.kind != "extractive"

    def identity(self, memory: FileMemory) -> str:
        """The model and its server or file, for receipts and cache keys. Raises ModelError, ConfigError."""
        if self.kind == "local":
            return models.gguf_identity(self.settings.model, memory)
        return f"{self._address} {self._model}"

    def connection(self, memory: FileMemory) -> Connection:
        """The model to ask. Raises ConfigError, ModelError."""
        from pipeline.engines.chat.endpoint import Endpoint, Remote
        from pipeline.engines.chat.llama_cpp import Local

        settings, identity = self.settings, self.identity(memory)

        def key(address: str) -> str:
            instead = "name your own server in extract.base_url; or use extract.writer = 'local'"
            return api_keys.server_key(settings, TalkStage.EXTRACT, instead)

        if self.kind == "local":
            return Local(settings.model, identity, settings.context, settings.timeout)
        endpoint = Endpoint(self._address, self._model, identity, settings.context, settings.concurrency)
        return Remote(endpoint, key, settings.timeout, settings.retries)

    def calls(self, subject: Subject, dry: bool = False) -> Calls:
        """Calls to the model, with the talk's cache of replies and budget. Raises ConfigError, ModelError."""
        from pipeline.engines.chat.endpoint import Cache
        from pipeline.engines.chat.tokens import Calibration
        from pipeline.takeaways.llm.budget import Budget
        from pipeline.takeaways.llm.calls import Calls

        connection = self.connection(subject.memory)
        budget = Budget(self.price, self.settings.max_cost)
        calibration = Calibration(connection.where, self.settings.context)
        return Calls(
            connection,
            Cache(subject.state.replies),
            budget,
            calibration,
            dry,
            thinking_tokens=self.settings.thinking,
        )

    def writer(self, subject: Subject, dry: bool = False) -> LanguageModelWriter:
        """The writer that asks the talk's model. Raises ConfigError, ModelError, PromptError."""
        from pipeline.takeaways.llm import LanguageModelWriter
        from pipeline.workspace import prompt_sets

        prompts = prompt_sets.load(subject.workspace, subject.prompts)
        return LanguageModelWriter(self.calls(subject, dry), prompts, self.kind, self.settings.themes)

    def receipt(self, subject: Subject) -> Iterator[Entry]:
        """The model, what steers it, its prompts and what facts they are told; nothing without a model."""
        from pipeline.workspace import prompt_sets

        if not self.asks_a_model:
            return
        facts = subject.facts.model_dump(mode="json")
        told_facts = ("audience", "tone", "length", "occasion", "title", "date", "links")
        prompts = prompt_sets.load(subject.workspace, subject.prompts)
        yield Entry("language model", self.identity(subject.memory))
        yield from stated(TalkStage.EXTRACT, self.settings.model_receipt())
        yield Entry(f"prompts {prompts.name}", prompts.digest)
        yield from stated(
            "facts", {name: digest_value(facts[name]) for name in told_facts if facts.get(name)}
        )

    @property
    def _address(self) -> str:
        return api_keys.address(self.settings.base_url, TalkStage.EXTRACT)

    @property
    def _model(self) -> str:
        if self.settings.model is None:
            raise ConfigError(
                "extract.model is not set",
                remedy="Name the model as its server calls it: --set extract.model=NAME",
            )
        if self.settings.model.endswith(".gguf"):
            raise ConfigError(
                f"extract.model = '{self.settings.model}' is a file",
                remedy="To run it here, set extract.writer = 'local'.",
            )
        return self.settings.model

    @property
    def price(self) -> TokenPrice | None:
        """What tokens cost, by the settings or the tables; None if unknown. Raises ConfigError."""
        from pipeline.engines.prices import TokenPrice, token_price

        read, written = self.settings.input_price, self.settings.output_price
        if (read is None) != (written is None):
            raise ConfigError(
                "only one of extract.input_price and extract.output_price is set",
                remedy="Set both, or neither.",
            )
        if read is not None and written is not None:
            return TokenPrice(read, written)
        if self.kind == "local":
            return TokenPrice(0.0, 0.0)
        if self._address != api_keys.OPENAI:
            return None
        return token_price(self._model, self.settings.context)


@lru_cache(maxsize=256)
def choose(settings: ExtractSettings) -> Choice:
    """The writer that the settings ask for. An API key in the environment alone never selects a model."""
    model_settings = [
        f"extract.{name} = '{value}'"
        for name, value in (("base_url", settings.base_url), ("model", settings.model))
        if value
    ]
    if settings.writer == "auto" and model_settings:
        why = f"{' and '.join(model_settings)} name{'s' * (len(model_settings) == 1)} a language model"
        return Choice("openai", why, settings)
    if settings.writer == "auto":
        return Choice("extractive", "no file or flag names a language model", settings)
    return Choice(settings.writer, f"extract.writer = '{settings.writer}'", settings)
