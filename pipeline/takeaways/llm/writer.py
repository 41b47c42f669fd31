"""The writer that asks a language model: map, choose, write, frame; and what is still to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.errors import EndpointError
from pipeline.records import Paragraph, Takeaways, Theme, Turns
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.extractive.writer import ExtractiveWriter, placed
from pipeline.takeaways.llm import brief, map_and_choose, pull_quotes, replies, write_sections
from pipeline.takeaways.llm.calls import Calls, Planned, ReplyError, UnansweredError
from pipeline.takeaways.llm.ledger import Ledger
from pipeline.takeaways.llm.lines import Ids
from pipeline.takeaways.llm.map_and_choose import Point, Scene
from pipeline.takeaways.llm.repair import Repair
from pipeline.takeaways.llm.write_frame import FRAME_TOKENS, Frame, frame, paragraphs
from pipeline.takeaways.llm.write_sections import HEADING_TOKENS, SENTENCE_TOKENS, Sizes
from pipeline.takeaways.verification import Verifier
from pipeline.workspace.prompt_sets import PromptSet
from pipeline.workspace.sidecar_facts import Facts

SAMPLES = (40, 300)  # tokens of the talk in the first calls, from which it is learnt how a server counts
NO_POINTS = "The language model found no points in this talk, so these are its own words alone."
SAMPLE_PROMPT = "How many lines are between the markers?"


@dataclass
class Reached:
    """How far a writer came, and what it knew by then."""

    step: str = "map"
    points: int = 0
    themes: int = 0


@dataclass
class LanguageModelWriter:
    """Writes a post by small steps; every sentence of prose is verified before it is kept."""

    calls: Calls
    prompts: PromptSet
    name: str  # "openai" or "local"
    most: int | None = None  # themes
    _reached: Reached = field(default_factory=Reached)

    def write(self, turns: Turns, facts: Facts, document: Document | None = None) -> Takeaways:
        """Takeaways with prose; `document` is the talk prepared, if somebody has it already.

        Raises EndpointError, BudgetError, PromptError; UnansweredError on a dry run.
        """
        document = document or Document(turns, facts.glossary)
        plain = ExtractiveWriter(themes=self.most)
        if all(said.junk for said in document.said):
            return plain.write(turns, facts)
        ledger, drafts, scene = self._drafted(turns, facts, document)
        if not drafts:
            found = plain.write(turns, facts)
            return found.model_copy(update={"notes": (*found.notes, NO_POINTS)})
        themes = self._themes(scene, facts, drafts, ledger)
        self._reached.step = "frame"
        around = frame(scene, self.prompts["frame"], self.calls, themes, ledger)
        return self._whole(scene, facts, themes, around, ledger)

    def forecast(self, turns: Turns, facts: Facts) -> Planned:
        """What `write` would have to ask, without asking: exact as far as the cache goes, then about."""
        if not self.calls.dry:
            raise ValueError("a forecast wants calls that are dry")
        try:
            self.write(turns, facts)
        except UnansweredError:
            add(self.calls.planned, self._reached, self._sizes(facts))
        return self.calls.planned

    def _drafted(
        self, turns: Turns, facts: Facts, document: Document
    ) -> tuple[Ledger, list[write_sections.Draft], Scene]:
        ids = Ids(turns)
        scene = Scene(document, ids, brief.values(facts, turns, ids))
        ledger = Ledger(Verifier(turns, known(facts), document.vectors.of), scene.ids, Repair(document))
        self._calibrate(scene)
        sizes = self._sizes(facts)
        points = self._points(scene, sizes, ledger)
        if not points:
            return ledger, [], scene
        self._reached = Reached("choose", len(points))
        themes = self._chosen(scene, facts, points, ledger)
        self._reached = Reached("write", len(points), len(themes))
        self._expect(len(themes), sizes)
        drafts = [write_sections.draft(scene, self.prompts, theme, sizes) for theme in themes]
        write_sections.write(scene, self.calls, drafts, ledger)
        self._reached.step = "heading"
        write_sections.head(scene, self.prompts, self.calls, drafts, ledger)
        return ledger, drafts, scene

    def _expect(self, now: int, sizes: write_sections.Sizes) -> None:
        """Reckon how many calls there will be: those of this step, and of the steps after it."""
        rest = Planned()
        add(rest, self._reached, sizes)
        self.calls.expected = self.calls.done + now + rest.calls

    def _calibrate(self, scene: Scene) -> None:
        schema = replies.schema(replies.Counted, {}, {})
        blocks = [scene.lines(scene.beginning(room)).block for room in SAMPLES]
        texts = dict.fromkeys(f"{block}\n\n{SAMPLE_PROMPT} Answer in JSON." for block in blocks)
        self.calls.calibrate(*(map_and_choose.request_of(text, schema, 20) for text in texts))

    def _points(self, scene: Scene, sizes: write_sections.Sizes, ledger: Ledger) -> list[Point]:
        """Candidate points of all pieces, in order of speech."""
        pieces = scene.pieces(sizes.room)
        asks = [map_and_choose.map_piece(scene, self.prompts["map"], piece) for piece in pieces]
        self._reached.points = 3 * len(pieces)
        self._expect(len(pieces), sizes)
        answers = self.calls.ask_all(asks)
        faults = [answer for answer in answers if isinstance(answer, ReplyError)]
        if len(faults) == len(answers):
            raise EndpointError(
                f"not one of {len(answers)} replies could be used ({faults[0]})",
                file=self.calls.connection.where,
                remedy="Use a model that can answer in JSON, on a server that takes a JSON Schema.",
            )
        for fault in faults:
            ledger.unusable("piece's points", fault)
        found = [point for answer in answers if not isinstance(answer, ReplyError) for point in answer]
        able = [point for point in found if not all(scene.document.said[i].junk for i in point.sentences)]
        return sorted(able, key=lambda point: point.sentences)

    def _chosen(
        self, scene: Scene, facts: Facts, points: Sequence[Point], ledger: Ledger
    ) -> Sequence[map_and_choose.Theme]:
        fewest, most = brief.themes(self.prompts["choose"], facts, len(points), self.most)
        ask = map_and_choose.choose(scene, self.prompts["choose"], points, (fewest, most))
        (chosen,) = self.calls.ask_all_that_fit([ask])
        if isinstance(chosen, ReplyError):
            ledger.unusable("choice of themes", chosen)
            return map_and_choose.grouped(scene, points, most)
        return chosen

    def _sizes(self, facts: Facts) -> write_sections.Sizes:
        front = self.prompts["write"].front
        room = map_and_choose.room(self.calls.connection.context, self.calls.calibration.rate)
        return write_sections.Sizes(
            brief.paragraphs(self.prompts["write"], facts), front.sentences or 3,
            2 if front.quotes is None else front.quotes, room,
        )  # fmt: skip

    def _themes(
        self, scene: Scene, facts: Facts, drafts: Sequence[write_sections.Draft], ledger: Ledger
    ) -> list[Theme]:
        taken: set[int] = set()
        sizes = self._sizes(facts)
        found = []
        for one in drafts:
            quotes = pull_quotes.quotes(scene, one, sizes.quotes, taken, ledger)
            kept = tuple(
                Paragraph(claims=tuple(claims))
                for paragraph in one.paragraphs
                if (claims := [claim for claim in paragraph if claim])
            )
            if kept or quotes:
                heading, source = (one.heading, None) if one.heading else scene.document.heading(one.extract)
                found.append(Theme(heading=heading, source=source, paragraphs=kept, quotes=quotes))
        return found

    def _whole(
        self, scene: Scene, facts: Facts, themes: list[Theme], around: Frame, ledger: Ledger
    ) -> Takeaways:
        said = " ".join(claim.text for claim in around.introduction)
        who = brief.opening(facts, scene.document, said)
        introduction = (*((who,) if who else ()), *around.introduction)
        texts = [scene.texts(theme) for theme in themes]
        beside, left = placed(facts.notes, texts, scene.document.vectors)
        settled = tuple(
            theme.model_copy(update={"reflections": notes})
            for theme, notes in zip(themes, beside, strict=True)
        )
        return Takeaways(
            writer=self.name,
            title=around.title or themes[0].heading,
            dek=around.dek or "",
            introduction=paragraphs(introduction),
            themes=settled,
            close=paragraphs(around.close),
            reflections=left,
            rejected=tuple(ledger.rejected),
            verification=ledger.record(),
        )


def known(facts: Facts) -> list[str]:
    """What prose may name besides what was said."""
    given = (facts.title, facts.occasion, facts.date, *facts.glossary)
    return [text for text in given if text]


# What the steps after the last one that is known would take: a guess from the size of what is known.

STEPS = ("map", "choose", "write", "heading", "frame")
INSTRUCTIONS = 350  # tokens of a prompt without what it shows
A_POINT = 40  # tokens of a point where it is listed
SHOWN = 0.5  # of the room, that a section's lines take
BACK = 0.5  # of the sections, that have something sent back


def add(planned: Planned, reached: Reached, sizes: Sizes) -> None:
    """Add the steps after the one reached to what is planned."""
    after = STEPS[STEPS.index(reached.step) + 1 :]
    themes = reached.themes or max(1, min(7, reached.points // 2))
    prose = sizes.paragraphs * sizes.sentences * SENTENCE_TOKENS + 170
    shown = INSTRUCTIONS + round(sizes.room * SHOWN)
    if "choose" in after:
        planned.add(1, INSTRUCTIONS + A_POINT * reached.points, 60 * themes + 5 * reached.points)
    if "write" in after:
        planned.add(themes, themes * shown, themes * prose)
    if "heading" in after:
        back = max(1, round(themes * BACK))
        planned.add(back, back * (shown + prose), back * 130)
        planned.add(themes, themes * (INSTRUCTIONS + prose // 2), themes * HEADING_TOKENS)
    if "frame" in after:
        planned.add(1, INSTRUCTIONS + themes * prose // 2, FRAME_TOKENS)
