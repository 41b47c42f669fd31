"""The writer that asks a language model: map, choose, write, heading, frame; and its forecast of calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.errors import EndpointError
from pipeline.records import Paragraph, Takeaways, Theme, Turns
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.extractive.writer import ExtractiveWriter, place_notes
from pipeline.takeaways.llm import brief, map_and_choose, pull_quotes, replies, write_sections
from pipeline.takeaways.llm.calls import Calls, Planned, ReplyError, UnansweredError
from pipeline.takeaways.llm.ledger import Ledger
from pipeline.takeaways.llm.lines import Ids
from pipeline.takeaways.llm.map_and_choose import NUMBER_TOKENS, THEME_TOKENS, Point, Scene
from pipeline.takeaways.llm.repair import Repair
from pipeline.takeaways.llm.write_frame import FRAME_TOKENS, Frame, frame, paragraphs
from pipeline.takeaways.llm.write_sections import HEADING_TOKENS, SENTENCE_TOKENS, Sizes
from pipeline.takeaways.verification import Verifier
from pipeline.workspace.prompt_sets import PromptSet
from pipeline.workspace.sidecar_facts import Facts

SAMPLE_TOKENS = (40, 300)  # of the talk, in the two calls that calibrate how a server counts tokens
NO_POINTS = "The language model found no points in this talk, so these are its own words alone."
SAMPLE_PROMPT = "How many lines are between the markers?"


@dataclass
class Progress:
    """The step that a writer has reached, and the points and themes that it has or expects by then."""

    step: str = "map"
    points: int = 0
    themes: int = 0


@dataclass
class LanguageModelWriter:
    """Writes a post in small steps; every sentence of prose is verified before it is kept."""

    calls: Calls
    prompts: PromptSet
    name: str  # "openai" or "local"
    max_themes: int | None = None
    _progress: Progress = field(default_factory=Progress)

    def write(self, turns: Turns, facts: Facts, document: Document | None = None) -> Takeaways:
        """Takeaways with prose. Callers that have the talk as a `document` may pass it.

        Raises EndpointError, BudgetError, PromptError; UnansweredError on a dry run.
        """
        document = document or Document(turns, facts.glossary)
        extractive = ExtractiveWriter(themes=self.max_themes)
        if all(said.is_junk for said in document.said):
            return extractive.write(turns, facts)
        ledger, drafts, scene = self._draft_sections(turns, facts, document)
        if not drafts:
            takeaways = extractive.write(turns, facts)
            return takeaways.model_copy(update={"notes": (*takeaways.notes, NO_POINTS)})
        themes = self._finish_themes(scene, facts, drafts, ledger)
        self._progress.step = "frame"
        frame_texts = frame(scene, self.prompts["frame"], self.calls, themes, ledger)
        return self._assemble(scene, facts, themes, frame_texts, ledger)

    def forecast(self, turns: Turns, facts: Facts) -> Planned:
        """The calls that `write` would make, without making any.

        Exact as far as the cache goes; what would follow is estimated.
        """
        if not self.calls.dry:
            raise ValueError("a forecast wants calls that are dry")
        try:
            self.write(turns, facts)
        except UnansweredError:
            add_remaining_steps(self.calls.planned, self._progress, self._sizes(facts))
        return self.calls.planned

    def _draft_sections(
        self, turns: Turns, facts: Facts, document: Document
    ) -> tuple[Ledger, list[write_sections.Draft], Scene]:
        """The steps map, choose, write and heading; no drafts if the model finds no points."""
        ids = Ids(turns)
        scene = Scene(document, ids, brief.prompt_values(facts, turns, ids))
        verifier = Verifier(turns, allowed_names(facts), document.vectors.of)
        ledger = Ledger(verifier, scene.ids, Repair(document))
        self._calibrate(scene)
        sizes = self._sizes(facts)
        points = self._ask_points(scene, sizes, ledger)
        if not points:
            return ledger, [], scene
        self._progress = Progress("choose", len(points))
        themes = self._choose_themes(scene, facts, points, ledger)
        self._progress = Progress("write", len(points), len(themes))
        self._update_expected(len(themes), sizes)
        drafts = [write_sections.start_draft(scene, self.prompts, theme, sizes) for theme in themes]
        write_sections.write(scene, self.calls, drafts, ledger)
        self._progress.step = "heading"
        write_sections.write_headings(scene, self.prompts, self.calls, drafts, ledger)
        return ledger, drafts, scene

    def _update_expected(self, calls_of_step: int, sizes: write_sections.Sizes) -> None:
        """Estimate all calls, for the progress display: those so far, of this step, and of later steps."""
        remaining = Planned()
        add_remaining_steps(remaining, self._progress, sizes)
        self.calls.expected = self.calls.done + calls_of_step + remaining.calls

    def _calibrate(self, scene: Scene) -> None:
        """Learn how the server counts tokens, from small prompts of different lengths."""
        schema = replies.schema(replies.LineCount, {}, {})
        blocks = [scene.lines(scene.beginning(room)).block for room in SAMPLE_TOKENS]
        texts = dict.fromkeys(f"{block}\n\n{SAMPLE_PROMPT} Answer in JSON." for block in blocks)
        self.calls.calibrate(*(map_and_choose.request_of(text, schema, 20) for text in texts))

    def _ask_points(self, scene: Scene, sizes: write_sections.Sizes, ledger: Ledger) -> list[Point]:
        """Step map: points of all pieces, in order of speech. Raises EndpointError if no reply is usable."""
        pieces = scene.pieces(sizes.room)
        asks = [map_and_choose.map_piece(scene, self.prompts["map"], piece) for piece in pieces]
        self._progress.points = POINTS_PER_PIECE * len(pieces)
        self._update_expected(len(pieces), sizes)
        answers = self.calls.ask_all(asks)
        errors = [answer for answer in answers if isinstance(answer, ReplyError)]
        if len(errors) == len(answers):
            raise EndpointError(
                f"not one of {len(answers)} replies could be used ({errors[0]})",
                file=self.calls.connection.where,
                remedy="Use a model that can answer in JSON, on a server that takes a JSON Schema.",
            )
        for error in errors:
            ledger.reject_reply("piece's points", error)
        points = [point for answer in answers if not isinstance(answer, ReplyError) for point in answer]
        said = scene.document.said
        usable = [point for point in points if not all(said[i].is_junk for i in point.sentences)]
        return sorted(usable, key=lambda point: point.sentences)

    def _choose_themes(
        self, scene: Scene, facts: Facts, points: Sequence[Point], ledger: Ledger
    ) -> Sequence[map_and_choose.Theme]:
        """Step choose: the model's themes, or clusters of points if its replies are unusable."""
        fewest, most = brief.theme_bounds(self.prompts["choose"], facts, len(points), self.max_themes)
        ask = map_and_choose.choose(scene, self.prompts["choose"], points, (fewest, most))
        (themes,) = self.calls.ask_all_that_fit([ask])
        if isinstance(themes, ReplyError):
            ledger.reject_reply("choice of themes", themes)
            return map_and_choose.cluster_points(scene, points, most)
        return themes

    def _sizes(self, facts: Facts) -> write_sections.Sizes:
        """What a section may have, by the prompts, the sidecar and the model's window."""
        front = self.prompts["write"].front
        room = map_and_choose.piece_room(self.calls.connection.context, self.calls.calibration.rate)
        return write_sections.Sizes(
            brief.paragraph_count(self.prompts["write"], facts), front.sentences or 3,
            2 if front.quotes is None else front.quotes, room,
        )  # fmt: skip

    def _finish_themes(
        self, scene: Scene, facts: Facts, drafts: Sequence[write_sections.Draft], ledger: Ledger
    ) -> list[Theme]:
        """The drafts that have prose or quotes, as themes with their quotes and headings."""
        taken: set[int] = set()
        sizes = self._sizes(facts)
        themes = []
        for draft in drafts:
            quotes = pull_quotes.quotes(scene, draft, sizes.quotes, taken, ledger)
            prose = tuple(
                Paragraph(claims=tuple(claims))
                for paragraph in draft.paragraphs
                if (claims := [claim for claim in paragraph if claim])
            )
            if prose or quotes:
                heading, source = (
                    (draft.heading, None) if draft.heading else scene.document.heading(draft.extract)
                )
                themes.append(Theme(heading=heading, source=source, paragraphs=prose, quotes=quotes))
        return themes

    def _assemble(
        self, scene: Scene, facts: Facts, themes: list[Theme], frame_texts: Frame, ledger: Ledger
    ) -> Takeaways:
        prose = " ".join(claim.text for claim in frame_texts.introduction)
        opening = brief.opening(facts, scene.document, prose)
        introduction = (*((opening,) if opening else ()), *frame_texts.introduction)
        texts = [scene.texts(theme) for theme in themes]
        notes_by_theme, unplaced = place_notes(facts.notes, texts, scene.document.vectors)
        themes_with_notes = tuple(
            theme.model_copy(update={"reflections": notes})
            for theme, notes in zip(themes, notes_by_theme, strict=True)
        )
        return Takeaways(
            writer=self.name,
            title=frame_texts.title or themes[0].heading,
            dek=frame_texts.dek or "",
            introduction=paragraphs(introduction),
            themes=themes_with_notes,
            close=paragraphs(frame_texts.close),
            reflections=unplaced,
            rejected=tuple(ledger.rejected),
            verification=ledger.record(),
        )


def allowed_names(facts: Facts) -> list[str]:
    """Texts whose names and numbers prose may use although nobody said them."""
    texts = (facts.title, facts.occasion, facts.date, *facts.glossary)
    return [text for text in texts if text]


# The forecast of calls that are not in the cache: an estimate from what is known of earlier steps.

STEPS = ("map", "choose", "write", "heading", "frame")
INSTRUCTION_TOKENS = 350  # of a prompt without the material that it shows
LISTED_POINT_TOKENS = 40  # of a point in the prompt of the choose step
POINTS_PER_PIECE = 3
MAX_LIKELY_THEMES = 7
QUOTES_TOKENS = 170  # of a section's reply besides its sentences
REWRITES_TOKENS = 130  # of a reply with rewritten sentences
SHOWN_SHARE = 0.5  # of the room for transcript, taken by a section's lines
SENT_BACK_SHARE = 0.5  # of the sections, in which some sentence fails


def add_remaining_steps(planned: Planned, progress: Progress, sizes: Sizes) -> None:
    """Add the calls of all steps after the one reached."""
    steps = STEPS[STEPS.index(progress.step) + 1 :]
    themes = progress.themes or max(1, min(MAX_LIKELY_THEMES, progress.points // 2))
    prose_tokens = sizes.paragraphs * sizes.sentences * SENTENCE_TOKENS + QUOTES_TOKENS
    shown_tokens = INSTRUCTION_TOKENS + round(sizes.room * SHOWN_SHARE)
    if "choose" in steps:
        read = INSTRUCTION_TOKENS + LISTED_POINT_TOKENS * progress.points
        planned.add(1, read, THEME_TOKENS * themes + NUMBER_TOKENS * progress.points)
    if "write" in steps:
        planned.add(themes, themes * shown_tokens, themes * prose_tokens)
    if "heading" in steps:
        sent_back = max(1, round(themes * SENT_BACK_SHARE))
        planned.add(sent_back, sent_back * (shown_tokens + prose_tokens), sent_back * REWRITES_TOKENS)
        planned.add(themes, themes * (INSTRUCTION_TOKENS + prose_tokens // 2), themes * HEADING_TOKENS)
    if "frame" in steps:
        planned.add(1, INSTRUCTION_TOKENS + themes * prose_tokens // 2, FRAME_TOKENS)
