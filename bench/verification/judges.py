"""The judges that claims are measured with: the rules, or a language model at some server."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

from bench.verification.labelled import Excerpt
from pipeline.engines import Embed
from pipeline.engines.chat.endpoint import Cache
from pipeline.engines.chat.tokens import Calibration
from pipeline.files import FileMemory
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.llm.budget import Budget
from pipeline.takeaways.llm.calls import Calls
from pipeline.takeaways.llm.judge import Judging, ModelJudge
from pipeline.takeaways.llm.material import Material
from pipeline.takeaways.verification.judging import Judge, RulesJudge
from pipeline.takeaways.writers import Choice
from pipeline.workspace import prompt_sets
from pipeline.workspace.config import ExtractSettings
from pipeline.workspace.state import ByteCache
from pipeline.workspace.talks import Workspace

CONTEXT_TOKENS = 32_000
TIMEOUT_SECONDS = 3000.0

JudgeOf = Callable[[Excerpt, Embed], Judge]


def rules(excerpt: Excerpt, embed: Embed) -> Judge:
    return RulesJudge()


def model(url: str, name: str) -> JudgeOf:
    """The judge of each excerpt that a model makes; replies are kept for one run."""
    settings = ExtractSettings(base_url=url, model=name, context=CONTEXT_TOKENS, timeout=TIMEOUT_SECONDS)
    connection = Choice("openai", "it judges", settings).connection(FileMemory(Path(os.devnull)))
    folder = Path(mkdtemp(prefix="judged-"))
    replies = Cache(ByteCache(folder, folder / "replies", ".json"))
    calls = Calls(connection, replies, Budget(None), Calibration(connection.where, CONTEXT_TOKENS))
    prompt = prompt_sets.load(Workspace(folder))["judge"]

    def judge(excerpt: Excerpt, embed: Embed) -> Judge:
        material = Material(Document(excerpt.turns, (), embed), excerpt.facts)
        return ModelJudge(Judging(name, calls), prompt, material)

    return judge
