"""The writer that asks a language model: `write` is the table of contents, a step a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.engines.chat.endpoint import Request
from pipeline.records import Takeaways, Turns
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.extractive.writer import ExtractiveWriter
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.assembly import assemble
from pipeline.takeaways.llm.budget import CallEstimate, Limits
from pipeline.takeaways.llm.calls import Calls, UnansweredError
from pipeline.takeaways.llm.claim_checker import ClaimChecker
from pipeline.takeaways.llm.draft import Draft
from pipeline.takeaways.llm.judge import Judging, ModelJudge
from pipeline.takeaways.llm.material import Material, request_of
from pipeline.takeaways.llm.replies import ReplyError
from pipeline.takeaways.llm.settle import settle
from pipeline.takeaways.llm.step_by_step import draft_by_steps
from pipeline.takeaways.llm.whole_talk import WholeTalk
from pipeline.takeaways.llm.writing_task import WritingTask
from pipeline.turns.names import NOBODY, Identity
from pipeline.workspace.prompt_sets import FrontMatter, PromptSet
from pipeline.workspace.sidecar import Facts

SAMPLE_TOKENS = (40, 300)  # of the talk, in the two calls that calibrate how a server counts tokens
NO_POINTS = (
    "The language model found no points in this talk, so the post is made only of what the speakers said."
)
NOTHING_STANDS = (
    "Nothing of what the language model wrote can stand, so the post is made only of what the speakers said."
)
TOO_SMALL = (
    "The small model on this machine writes the post step by step. To have it written in one call, name a "
    "larger one in extract.model."
)
UNUSABLE = (
    "The language model was asked for the whole post and its replies could not be used ({error}), so the "
    "post is written step by step."
)
SAMPLE_PROMPT = "How many lines are between the markers?"
SAMPLE_REPLY_TOKENS = 20
MAX_PIECE_SHARE = 0.25  # of the model's window
MAX_PIECE_TOKENS = 8000  # models read longer pieces, but not well
FEWER_PARAGRAPHS = {"short": 1, "medium": 0, "long": -1}  # than the prompt allows


@dataclass
class LanguageModelWriter:
    """Writes a post in one call, or step by step; every sentence of prose is verified before it is kept."""

    calls: Calls
    prompts: PromptSet
    name: str  # "openai" or "local"
    max_themes: int | None = None
    judging: Judging | None = None  # the model that judges its sentences; None for the rules
    is_small: bool = False  # it is asked for a section at a time

    @property
    def all_calls(self) -> tuple[Calls, ...]:
        """The writer's calls, and those of a judge that is another model."""
        judging = (self.judging.calls,) if self.judging else ()
        return tuple({id(calls): calls for calls in (self.calls, *judging)}.values())

    def close(self) -> None:
        """Close the connections."""
        for calls in self.all_calls:
            calls.connection.close()

    def write(
        self,
        turns: Turns,
        facts: Facts,
        document: Document | None = None,
        people: Mapping[str, Identity] = NOBODY,
        style: str = "",
    ) -> Takeaways:
        """Takeaways with prose. Callers that have the talk as a `document` may pass it.

        `people` are those who are known, by speaker id; `style` is a sample of the author's writing. The
        takeaways are the extractive writer's if the talk is all small talk, if the model finds no points, or
        if nothing that it writes stands.

        Raises EndpointError, BudgetError, PromptError; UnansweredError on a dry run.
        """
        document = document or Document(turns, facts.glossary)
        if all(said.is_junk for said in document.said):
            return self._extracted(document, facts)
        task = self._begin(Material(document, facts, people, style), facts)
        draft, why_by_steps = self._draft_whole(task)
        draft = draft or self._draft_by_steps(task, why_by_steps)
        if draft is None:
            return self._extracted(document, facts, (why_by_steps, NO_POINTS))
        settle(task, draft)
        return assemble(task, draft) or self._extracted(document, facts, (*draft.notes, NOTHING_STANDS), task)

    def _draft_whole(self, task: WritingTask) -> tuple[Draft | None, str]:
        """The post, written in one call that sees the whole talk; or None, and why it is not."""
        if not task.prompts.whole:
            return None, task.prompts.why_by_steps
        if self.is_small:
            return None, TOO_SMALL
        whole = WholeTalk(task, task.prompts.whole)
        if whole.why_not:
            return None, whole.why_not
        try:
            return whole.draft(), ""
        except ReplyError as error:
            task.checker.reject_reply("post", error)
            return None, UNUSABLE.format(error=error)

    def _draft_by_steps(self, task: WritingTask, why: str) -> Draft | None:
        """The post, written step by step, and why; None if no points are found."""
        self.calls.calibrate()
        task.limits = self._limits(task.prompts["write"].front, task.facts)
        draft = draft_by_steps(task)
        if draft:
            draft.notes.append(why)
        return draft

    def _extracted(
        self, document: Document, facts: Facts, notes: Sequence[str] = (), task: WritingTask | None = None
    ) -> Takeaways:
        """The extractive writer's takeaways, with what a person is to know of the model's."""
        takeaways = ExtractiveWriter(themes=self.max_themes).write(document.turns, facts)
        fared = (
            {"rejected": tuple(task.checker.rejected), "verification": task.checker.counts()} if task else {}
        )
        return takeaways.model_copy(update={"notes": (*takeaways.notes, *notes), **fared})

    def forecast(
        self,
        turns: Turns,
        facts: Facts,
        document: Document | None = None,
        people: Mapping[str, Identity] = NOBODY,
        style: str = "",
    ) -> tuple[CallEstimate, ...]:
        """What `write` would ask for by each of `all_calls`, without asking.

        Exact as far as the cache goes; what would follow is estimated.
        """
        if not self.calls.dry:
            raise ValueError("forecast needs calls with dry=True")
        try:
            self.write(turns, facts, document, people, style)
        except UnansweredError:
            return tuple(calls.unanswered + calls.later for calls in self.all_calls)
        return tuple(calls.unanswered for calls in self.all_calls)

    def _begin(self, material: Material, facts: Facts) -> WritingTask:
        """What every step works with."""
        judge = ModelJudge(self.judging, self.prompts["judge"], material) if self.judging else None
        for calls in self.all_calls:
            calls.samples = _sample_requests(material)
        checker = ClaimChecker(material.document, facts, judge, material.identities, material.talks)
        front = (self.prompts.whole or self.prompts["write"]).front
        return WritingTask(
            facts, material, self.prompts, self._limits(front, facts), self.calls, checker,
            self.judging.calls if self.judging else None, self.max_themes, self.name, self.is_small,
        )  # fmt: skip

    def _limits(self, front: FrontMatter, facts: Facts) -> Limits:
        """The most that a section may have, by the front matter of the prompt that asks for it."""
        window, rate = self.calls.connection.context, self.calls.calibration.rate
        return Limits(
            paragraphs=max(1, (front.paragraphs or 2) - FEWER_PARAGRAPHS[facts.length or "medium"]),
            sentences=front.sentences or 3,
            quotes=2 if front.quotes is None else front.quotes,
            room=int(min(MAX_PIECE_TOKENS, window * MAX_PIECE_SHARE) / rate),
        )


def _sample_requests(material: Material) -> tuple[Request, ...]:
    """Small prompts of different lengths, by which to learn how a server counts tokens."""
    schema = replies.schema(replies.LineCount, {}, {})
    blocks = [material.lines(material.beginning(room)).block for room in SAMPLE_TOKENS]
    texts = dict.fromkeys(f"{block}\n\n{SAMPLE_PROMPT} Answer in JSON." for block in blocks)
    return tuple(request_of(text, schema, SAMPLE_REPLY_TOKENS) for text in texts)
