"""The writer that asks a language model: `write` is the table of contents, a step a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.engines.chat.endpoint import Request
from pipeline.records import Paragraph, Takeaways, Theme, Turns
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.extractive.writer import ExtractiveWriter
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.budget import CallEstimate, Limits
from pipeline.takeaways.llm.calls import Calls, UnansweredError
from pipeline.takeaways.llm.claim_checker import ClaimChecker, Text
from pipeline.takeaways.llm.judge import Judging, ModelJudge
from pipeline.takeaways.llm.map_and_choose import choose_themes, map_points
from pipeline.takeaways.llm.material import Material, WritingTask, request_of
from pipeline.takeaways.llm.write_frame import Frame, ask_frame, ask_headings, opening, paragraphs, settle
from pipeline.takeaways.llm.write_sections import WrittenSection, pull_quotes, write_sections
from pipeline.takeaways.section_bodies import in_reading_order, with_notes
from pipeline.workspace.prompt_sets import PromptSet
from pipeline.workspace.sidecar import Facts

SAMPLE_TOKENS = (40, 300)  # of the talk, in the two calls that calibrate how a server counts tokens
NO_POINTS = (
    "The language model found no points in this talk, so the post is made only of what the speakers said."
)
SAMPLE_PROMPT = "How many lines are between the markers?"
SAMPLE_REPLY_TOKENS = 20
MAX_PIECE_SHARE = 0.25  # of the model's window
MAX_PIECE_TOKENS = 8000  # models read longer pieces, but not well
FEWER_PARAGRAPHS = {"short": 1, "medium": 0, "long": -1}  # than the prompt allows


@dataclass
class LanguageModelWriter:
    """Writes a post in small steps; every sentence of prose is verified before it is kept."""

    calls: Calls
    prompts: PromptSet
    name: str  # "openai" or "local"
    max_themes: int | None = None
    judging: Judging | None = None  # the model that judges its sentences; None for the rules

    @property
    def all_calls(self) -> tuple[Calls, ...]:
        """The writer's calls, and those of a judge that is another model."""
        judging = (self.judging.calls,) if self.judging else ()
        return tuple({id(calls): calls for calls in (self.calls, *judging)}.values())

    def close(self) -> None:
        """Close the connections."""
        for calls in self.all_calls:
            calls.connection.close()

    def write(self, turns: Turns, facts: Facts, document: Document | None = None) -> Takeaways:
        """Takeaways with prose. Callers that have the talk as a `document` may pass it.

        They are the extractive writer's if the talk is all small talk, or if the model finds no points.

        Raises EndpointError, BudgetError, PromptError; UnansweredError on a dry run.
        """
        document = document or Document(turns, facts.glossary)
        extractive = ExtractiveWriter(themes=self.max_themes)
        if all(said.is_junk for said in document.said):
            return extractive.write(turns, facts)
        task = self._begin(Material(document, facts), facts)
        points = map_points(task)
        if not points:
            takeaways = extractive.write(turns, facts)
            return takeaways.model_copy(update={"notes": (*takeaways.notes, NO_POINTS)})
        planned = choose_themes(task, points, self.max_themes)
        sections = write_sections(task, planned)
        headings = ask_headings(task, sections)
        first = list(_finished_themes(task, sections, headings))
        frame = ask_frame(task, first)
        settle(task, sections, headings, frame, len(first))
        return self._assemble(task, list(_finished_themes(task, sections, headings)), frame)

    def forecast(
        self, turns: Turns, facts: Facts, document: Document | None = None
    ) -> tuple[CallEstimate, ...]:
        """What `write` would ask for by each of `all_calls`, without asking.

        Exact as far as the cache goes; what would follow is estimated.
        """
        if not self.calls.dry:
            raise ValueError("forecast needs calls with dry=True")
        try:
            self.write(turns, facts, document)
        except UnansweredError:
            return tuple(calls.unanswered + calls.later for calls in self.all_calls)
        return tuple(calls.unanswered for calls in self.all_calls)

    def _begin(self, material: Material, facts: Facts) -> WritingTask:
        """What the steps work with, once it is known how the server counts tokens."""
        judge = ModelJudge(self.judging, self.prompts["judge"], material) if self.judging else None
        samples = _sample_requests(material)
        self.calls.calibrate(*samples)
        if judge:
            judge.calibrate(samples)
        front = self.prompts["write"].front
        window, rate = self.calls.connection.context, self.calls.calibration.rate
        limits = Limits(
            paragraphs=max(1, (front.paragraphs or 2) - FEWER_PARAGRAPHS[facts.length or "medium"]),
            sentences=front.sentences or 3,
            quotes=2 if front.quotes is None else front.quotes,
            room=int(min(MAX_PIECE_TOKENS, window * MAX_PIECE_SHARE) / rate),
        )
        checker = ClaimChecker(material.document, facts, judge)
        judge_calls = self.judging.calls if self.judging else None
        return WritingTask(facts, material, self.prompts, limits, self.calls, checker, judge_calls)

    def _assemble(self, task: WritingTask, themes: Sequence[Theme], frame: Frame) -> Takeaways:
        document, facts = task.material.document, task.facts
        prose = " ".join(claim.text for claim in frame.introduction)
        first = opening(facts, document, prose)
        texts = [task.material.texts(theme) for theme in themes]
        noted, unplaced = with_notes(themes, [note.text for note in facts.notes], texts, document.embed)
        return Takeaways(
            writer=self.name,
            title=frame.title or themes[0].heading,
            dek=frame.dek or "",
            introduction=paragraphs((*((first,) if first else ()), *frame.introduction)),
            themes=noted,
            close=(*paragraphs(frame.close), *unplaced),
            rejected=tuple(task.checker.rejected),
            verification=task.checker.counts(),
            notes=task.checker.notes,
        )


def _sample_requests(material: Material) -> list[Request]:
    """Small prompts of different lengths, by which to learn how a server counts tokens."""
    schema = replies.schema(replies.LineCount, {}, {})
    blocks = [material.lines(material.beginning(room)).block for room in SAMPLE_TOKENS]
    texts = dict.fromkeys(f"{block}\n\n{SAMPLE_PROMPT} Answer in JSON." for block in blocks)
    return [request_of(text, schema, SAMPLE_REPLY_TOKENS) for text in texts]


def _finished_themes(
    task: WritingTask, sections: Sequence[WrittenSection], headings: Sequence[Text | None]
) -> Iterator[Theme]:
    """The sections that have prose or quotes; without a heading of the model's, they get an extracted one."""
    material = task.material
    quotes_by_section = pull_quotes(task, sections, task.limits.quotes)
    for section, text, quotes in zip(sections, headings, quotes_by_section, strict=True):
        heading = text.kept if text else None
        if section.paragraphs or quotes:
            extracted = material.document.heading(section.extract)
            words, source = (heading.text, None) if heading else extracted
            prose = [Paragraph(claims=claims) for claims in section.paragraphs]
            yield Theme(
                heading=words,
                source=source,
                body=in_reading_order(prose, quotes, material.index),
                doubts=heading.doubts if heading else (),
            )
