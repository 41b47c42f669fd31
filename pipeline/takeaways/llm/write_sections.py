"""The step write: a theme's prose, each sentence with what it rests on, and the quotes beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.engines.chat.tokens import count
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.budget import writing_sections
from pipeline.takeaways.llm.calls import Query
from pipeline.takeaways.llm.draft import Draft, DraftParagraph, DraftSection, Exchange, PullQuote, claim_of
from pipeline.takeaways.llm.map_and_choose import PlannedTheme
from pipeline.takeaways.llm.material import Lines, Material, block
from pipeline.takeaways.llm.replies import ReplyError
from pipeline.takeaways.llm.writing_task import WritingTask
from pipeline.takeaways.section_bodies import in_reading_order

MAX_CITED_LINES = 8  # of one sentence
THIS_ONE = "  <- to be written now"  # in the outline


def write_sections(task: WritingTask, themes: Sequence[PlannedTheme], draft: Draft) -> None:
    """Add a section for each theme, asked for one after another, since each goes on from the one before."""
    for number, theme in enumerate(themes, 1):
        lines = task.material.lines(task.material.around(theme.sentences, task.limits.room))
        before = _prose(task.material, draft.sections[-1]) if draft.sections else ""
        outline = [f"{n} {other.name}{THIS_ONE * (n == number)}" for n, other in enumerate(themes, 1)]
        query = _section_query(task, theme, lines, outline, before)
        left = writing_sections(len(themes) - number, task.limits)
        (reply,) = task.calls.ask_all_that_fit([query], task.later("write", themes=len(themes)) + left)
        if isinstance(reply, ReplyError):
            task.checker.reject_reply("section", reply)
            draft.sections.append(_quoted(task, theme))
        else:
            exchange = Exchange(query.request, reply.model_dump_json(), lines)
            draft.sections.append(_section(task, reply, f"section {number}", exchange))
            draft.exchanges.append(exchange)


def _prose(material: Material, section: DraftSection) -> str:
    """A section as it was written, for the writer of the next one."""
    paragraphs = [block for block in section.body if isinstance(block, DraftParagraph)]
    return material.ids.to_prompt("\n".join(" ".join(t.claim.text for t in p.texts) for p in paragraphs))


def _section_query(
    task: WritingTask, theme: PlannedTheme, lines: Lines, outline: Sequence[str], before: str
) -> Query[replies.Section]:
    """A theme's section, of a post with this outline and after the section before."""
    material, limits = task.material, task.limits
    numbers = {"lines": lines.numbers}
    most = {
        "paragraphs": limits.paragraphs, "sentences": limits.sentences, "quotes": limits.quotes,
        "lines": MAX_CITED_LINES,
    }  # fmt: skip
    max_tokens = (
        limits.paragraphs * limits.sentences * replies.SENTENCE_TOKENS
        + limits.quotes * replies.QUOTE_TOKENS
        + replies.SECTION_OVERHEAD_TOKENS
    )
    request = material.request(
        task.prompts["write"], replies.schema(replies.Section, numbers, most), max_tokens,
        transcript=lines.block, points=block([*_points(task, theme, lines)], "notes"), theme=theme.name,
        paragraphs=limits.paragraphs, sentences=limits.sentences, quotes=limits.quotes,
        outline=block(outline, "outline"),
        before=block(before.splitlines(), "section before") if before else "",
    )  # fmt: skip
    return Query(request, lambda text: replies.parse(text, replies.Section, numbers))


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


def _section(task: WritingTask, reply: replies.Section, place: str, exchange: Exchange) -> DraftSection:
    """A reply as a section: its sentences checked by rule, its quotes after the prose that they go with."""
    material, lines, limits = task.material, exchange.lines, task.limits
    prose = []
    for written in reply.paragraphs[: limits.paragraphs]:
        paragraph = DraftParagraph([])
        for sentence in written.sentences[: limits.sentences]:
            claim = claim_of(material.ids.to_stored(sentence.text), lines.ids(sentence.lines))
            paragraph.texts.append(task.checker.check(claim, "prose", lines.near(sentence.lines)))
        exchange.texts += [(place, text) for text in paragraph.texts]
        prose.append((paragraph, [material.index[id] for t in paragraph.texts for id in t.claim.cites]))
    quotes = [PullQuote(lines.ids(q.lines), q.from_words, q.to_words) for q in reply.quotes[: limits.quotes]]
    quotes.sort(key=lambda quote: material.index[quote.sentences[0]])
    placed = [(quote, material.index[quote.sentences[0]]) for quote in quotes]
    return DraftSection(None, in_reading_order(prose, placed))


def _quoted(task: WritingTask, theme: PlannedTheme) -> DraftSection:
    """A theme in the speakers' own words, where no reply can be used: the extractive writer's quotes."""
    material = task.material
    extract = material.document.section(material.document.topic(theme.sentences))
    passages = extract.quotes[: task.limits.quotes]
    return DraftSection(
        None, [PullQuote(tuple(material.sentences[i].id for i in passage)) for passage in passages]
    )
