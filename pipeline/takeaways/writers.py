"""Which writer a talk gets, and which judge of what is written, and why.

A language model writes or judges only if a file or a flag names one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from pipeline.errors import ConfigError
from pipeline.files import FileMemory, digest_value
from pipeline.stage_names import JUDGE, RULES, TalkStage
from pipeline.weights import models
from pipeline.workspace import api_keys, style_sample
from pipeline.workspace.config import ExtractSettings
from pipeline.workspace.receipts import Entry, stated

if TYPE_CHECKING:
    from pipeline.engines.prices import TokenPrice
    from pipeline.takeaways.llm import LanguageModelWriter
    from pipeline.takeaways.llm.calls import Calls, Connection
    from pipeline.takeaways.llm.judge import Judging
    from pipeline.workspace.config import Settings
    from pipeline.workspace.state import ByteCache
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
    table: str = TalkStage.EXTRACT  # of settings, that names the model

    @property
    def asks_a_model(self) -> bool:
        return self.kind != "extractive"

    @property
    def is_small(self) -> bool:
        """Whether it is one of the small models that this program fetches. Raises ModelError."""
        return self.kind == "local" and models.is_pinned_gguf(self.settings.model)

    def identity(self, memory: FileMemory) -> str:
        """The model and its server or file, for receipts and cache keys. Raises ModelError, ConfigError."""
        if self.kind == "local":
            return models.gguf_identity(self.settings.model, memory)
        return f"{self._address} {self._model}"

    def connection(self, memory: FileMemory, kept: ByteCache | None = None, dry: bool = False) -> Connection:
        """The model to ask; what is learnt of its window is `kept`. Raises ConfigError, ModelError."""
        from pipeline.engines.chat.endpoint import Endpoint, Remote
        from pipeline.engines.chat.llama_cpp import Local

        settings, identity = self.settings, self.identity(memory)

        def key(address: str) -> str:
            instead = f"name your own server in {self.table}.base_url"
            instead += "; or use extract.writer = 'local'" if self.table == TalkStage.EXTRACT else ""
            return api_keys.server_key(settings, self.table, instead)

        if self.kind == "local":
            return Local(settings.model, identity, settings.context, settings.timeout)
        endpoint = Endpoint(
            self._address, self._model, identity, settings.context, settings.concurrency, self.table
        )
        return Remote(endpoint, key, settings.timeout, settings.retries, kept, dry)

    def calls(self, subject: Subject, dry: bool = False) -> Calls:
        """Calls to the model, with the talk's cache of replies and budget. Raises ConfigError, ModelError."""
        from pipeline.engines.chat.endpoint import Cache
        from pipeline.engines.chat.tokens import Calibration
        from pipeline.takeaways.llm.budget import Budget
        from pipeline.takeaways.llm.calls import Calls

        connection = self.connection(subject.memory, subject.state.replies, dry)
        budget = Budget(self.price, self.settings.max_cost, table=self.table)
        calibration = Calibration(connection.where, self.table)
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
        calls = self.calls(subject, dry)
        judging = choose_judge(subject.settings).judging(subject, calls)
        return LanguageModelWriter(
            calls, prompts, self.kind, self.settings.themes, judging, is_small=self.is_small
        )

    def receipt(self, subject: Subject) -> Iterator[Entry]:
        """The model, what steers it, its prompts and what facts they are told; nothing without a model."""
        from pipeline.workspace import prompt_sets

        if not self.asks_a_model:
            return
        facts = subject.facts.model_dump(mode="json")
        told_facts = ("audience", "tone", "length", "occasion", "title", "date", "links")
        prompts = prompt_sets.load(subject.workspace, subject.prompts)
        yield Entry("language model", self.identity(subject.memory))
        yield from choose_judge(subject.settings).receipt(subject.memory)
        yield from stated(TalkStage.EXTRACT, self.settings.model_receipt())
        yield Entry(f"prompts {prompts.name}", prompts.digest)
        yield from stated(
            "facts", {name: digest_value(facts[name]) for name in told_facts if facts.get(name)}
        )
        if sample := style_sample.of(subject):
            yield Entry("style", sample.digest)

    @property
    def _address(self) -> str:
        return api_keys.address(self.settings.base_url, self.table)

    @property
    def _model(self) -> str:
        if self.settings.model is None:
            raise ConfigError(
                f"{self.table}.model is not set",
                remedy=f"Name the model as its server calls it: --set {self.table}.model=NAME",
            )
        if self.settings.model.endswith(".gguf"):
            raise ConfigError(
                f"{self.table}.model = '{self.settings.model}' is a file",
                remedy="To run it here, set extract.writer = 'local'.",
            )
        return self.settings.model

    @property
    def price(self) -> TokenPrice | None:
        """What tokens cost, by the settings or the tables; None if unknown. Raises ConfigError."""
        from pipeline.engines.chat.windows import MAX_LEARNT_TOKENS
        from pipeline.engines.prices import TokenPrice, token_price

        read, written = self.settings.input_price, self.settings.output_price
        if (read is None) != (written is None):
            raise ConfigError(
                f"only one of {self.table}.input_price and {self.table}.output_price is set",
                remedy="Set both, or neither.",
            )
        if read is not None and written is not None:
            return TokenPrice(read, written)
        if self.kind == "local":
            return TokenPrice(0.0, 0.0)
        if self._address != api_keys.OPENAI:
            return None
        return token_price(self._model, self.settings.context or MAX_LEARNT_TOKENS)


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


@dataclass(frozen=True)
class JudgeChoice:
    """Who judges a post's sentences, and why. `model` is None for the rules, `other` if it does not write."""

    name: str
    why: str
    model: Choice | None = None
    other: bool = False

    def judging(self, subject: Subject, calls: Calls) -> Judging | None:
        """The model that judges, asked by the writer's `calls` or its own; None for the rules.

        Raises ConfigError.
        """
        from pipeline.takeaways.llm.judge import Judging

        if not self.model or not self.other:
            return Judging(self.name, calls) if self.model else None
        own = self.model.calls(subject, calls.dry)
        own.budget.beside, calls.budget.beside = calls.budget, own.budget
        return Judging(self.name, own, other=True)

    def receipt(self, memory: FileMemory) -> Iterator[Entry]:
        """Who judges; and what else steers a judge that does not write."""
        yield Entry("judge", self.model.identity(memory) if self.model else RULES)
        if self.model and self.other:
            yield from stated(JUDGE, self.model.settings.model_receipt())


def choose_judge(settings: Settings) -> JudgeChoice:
    """The judge that the settings ask for.

    Raises ConfigError if one is named beside a local writer and no server is: what a talk says stays on this
    machine unless somebody says where it goes.
    """
    extract, writer = settings.extract, choose(settings.extract)
    if not writer.asks_a_model:
        return JudgeChoice(RULES, "no language model writes")
    if extract.judge == RULES:
        return JudgeChoice(RULES, f"extract.judge = '{RULES}'")
    if settings.judge.model == RULES:
        return JudgeChoice(RULES, f"{JUDGE}.model = '{RULES}'")
    if settings.judge.model or settings.judge.base_url:
        if writer.kind == "local" and not settings.judge.base_url:
            raise ConfigError(
                f"{JUDGE}.model = '{settings.judge.model}' is set, but not where it is asked: the writer is "
                "local, and has no server",
                file=settings.judge.origin("model"),
                remedy=f"Set {JUDGE}.base_url to the judge's server; or leave {JUDGE}.model away.",
            )
        choice = Choice("openai", "[judge] names it", settings.of_judge(), JUDGE)
        return JudgeChoice(choice.settings.model or "another model", choice.why, choice, other=True)
    if extract.judge == "auto" and writer.kind == "local":
        return JudgeChoice(RULES, "a small model on this machine judges no better")
    return JudgeChoice(extract.model or "the local model", "it writes", writer)
