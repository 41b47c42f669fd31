"""The step write: a theme's prose and quotes in reading order, each sentence with what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.engines.chat.tokens import count
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.budget import writing_sections
from pipeline.takeaways.llm.calls import Query
from pipeline.takeaways.llm.draft import Draft, DraftParagraph, DraftSection, Exchange, PullQuote
from pipeline.takeaways.llm.draft_reader import DraftReader
from pipeline.takeaways.llm.map_and_choose import PlannedTheme
from pipeline.takeaways.llm.material import Lines, Material, block
from pipeline.takeaways.llm.replies import ReplyError
from pipeline.takeaways.llm.term_lines import shown_sentences
from pipeline.takeaways.llm.whole_reply import SectionApart, SectionBody, parse_body
from pipeline.takeaways.llm.writing_task import WritingTask
from pipeline.takeaways.section_bodies import place_notes
from pipeline.text import plain

# Cosine similarity of a note to a theme's name and points, for its writer to be shown it and to decide. Notes
# on two talks reach 0.19 to 0.48 with the theme that they are about, one about none 0.14 with any.
MIN_OFFERED_COSINE = 0.15
THIS_ONE = "  <- to be written now"  # in the outline


def write_sections(task: WritingTask, themes: Sequence[PlannedTheme], draft: Draft) -> None:
    """Add a section for each theme, asked for one after another, since each goes on from the one before."""
    notes = places_of_notes(task, themes)
    for number, theme in enumerate(themes, 1):
        lines = task.material.lines(shown_sentences(task.material, theme.sentences, task.limits.room))
        before = shown(task.material, draft.sections[-1]) if draft.sections else []
        outline = [f"{n} {other.name}{THIS_ONE * (n == number)}" for n, other in enumerate(themes, 1)]
        own = [n for n, place in notes.items() if place == number]
        query = _section_query(task, theme, lines, own, outline=block(outline, "outline"),
                               before=block(before, "section before") if before else "")  # fmt: skip
        left = writing_sections(len(themes) - number, task.limits)
        (reply,) = task.calls.ask_all_that_fit([query], task.later("write", themes=len(themes)) + left)
        if isinstance(reply, ReplyError):
            task.checker.reject_reply("section", reply)
            draft.sections.append(_quoted(task, theme))
        else:
            exchange = Exchange(query.request, reply.model_dump_json(include={"body"}), lines)
            reader = DraftReader(task, exchange, own)
            body = reader.body(f"section {number}", reply.body, _most_blocks(task), task.limits.sentences)
            draft.sections.append(DraftSection(None, body))
            draft.exchanges.append(exchange)


def places_of_notes(task: WritingTask, themes: Sequence[PlannedTheme]) -> dict[int, int]:
    """By number, from 1, the author's notes that may belong in a theme, with the number of that theme."""
    texts = [[theme.name, *(point.text for point in theme.points)] for theme in themes]
    places = place_notes(task.notes, texts, task.material.document.embed, MIN_OFFERED_COSINE)
    return {n: place + 1 for n, place in enumerate(places, 1) if place is not None}


def shown(material: Material, section: DraftSection, is_to_stand: bool = False) -> list[str]:
    """A section in reading order as prompts show it, a paragraph or a quote a line.

    Without what rules found something wrong with, if it `is_to_stand`.
    """
    lines: list[str] = []
    for part in section.body:
        if isinstance(part, DraftParagraph):
            texts = [text for text in part.texts if not (is_to_stand and text.failures)]
            lines.append(material.ids.to_prompt(" ".join(text.claim.text for text in texts)))
        else:
            said = [material.sentences[material.index[id]] for id in part.sentences]
            speaker = material.ids.prompt_id(said[0].speaker)
            lines.append(f"> {speaker}: {' '.join(plain(sentence.text) for sentence in said)}")
    return [line for line in lines if line]


def _most_blocks(task: WritingTask) -> int:
    """Paragraphs and quotes of a section."""
    return task.limits.paragraphs + task.limits.quotes


def _section_query(
    task: WritingTask, theme: PlannedTheme, lines: Lines, notes: Sequence[int], **values: str
) -> Query[SectionBody]:
    """A theme's section, with the author's notes of these numbers; `values` are what stands around it."""
    material, limits = task.material, task.limits
    most = {
        "body": _most_blocks(task), "paragraph": limits.sentences, "lines": replies.MAX_CITED_LINES,
        "notes": len(notes), "paragraphs": limits.paragraphs, "sentences": limits.sentences,
        "quotes": limits.quotes,
    }  # fmt: skip
    numbers = {"lines": lines.numbers, "notes": notes}
    max_tokens = (
        limits.paragraphs * limits.sentences * replies.SENTENCE_TOKENS
        + limits.quotes * replies.QUOTE_TOKENS
        + replies.SECTION_OVERHEAD_TOKENS
    )
    schema = replies.schema(SectionApart if task.is_small else SectionBody, numbers, most)
    request = material.request(
        task.prompts["write"], schema, max_tokens, transcript=lines.block, theme=theme.name,
        points=block([*_points(task, theme, lines)], "notes"), paragraphs=limits.paragraphs,
        sentences=limits.sentences, quotes=limits.quotes, notes=task.numbered_notes(notes), **values,
    )  # fmt: skip
    return Query(request, parse_body)


def _points(task: WritingTask, theme: PlannedTheme, lines: Lines) -> Iterator[str]:
    """The theme's points with the line numbers of their sentences, as fit into half of the room."""
    numbers = {sentence.id: n for n, sentence in enumerate(lines.sentences, 1)}
    room = task.limits.room // 2
    for point in theme.points:
        ids = [task.material.sentences[i].id for i in point.sentences]
        line_numbers = [numbers[id] for id in ids if id in numbers]
        noted = f"{', '.join(map(str, line_numbers))}: {task.material.ids.to_prompt(point.text)}"
        room -= count(noted)
        if line_numbers and room > 0:
            yield noted


def _quoted(task: WritingTask, theme: PlannedTheme) -> DraftSection:
    """A theme in the speakers' own words, where no reply can be used: the extractive writer's quotes."""
    material = task.material
    extract = material.document.section(material.document.topic(theme.sentences))
    passages = extract.quotes[: task.limits.quotes]
    return DraftSection(
        None, [PullQuote(tuple(material.sentences[i].id for i in passage)) for passage in passages]
    )
