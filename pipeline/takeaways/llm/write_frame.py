"""The steps heading and frame: what is written last, over finished prose and around finished sections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.calls import Query
from pipeline.takeaways.llm.claim_checker import Text
from pipeline.takeaways.llm.draft import Draft, DraftSection, Exchange, claim_of, tidy_heading
from pipeline.takeaways.llm.draft_reader import DraftReader
from pipeline.takeaways.llm.map_and_choose import PlannedTheme
from pipeline.takeaways.llm.material import Lines, block
from pipeline.takeaways.llm.replies import FrameSentence, ReplyError
from pipeline.takeaways.llm.write_sections import places_of_notes, shown
from pipeline.takeaways.llm.writing_task import WritingTask

MAX_OPENING_SENTENCES, MAX_CLOSE_SENTENCES = 4, 3
NO_LINES = Lines((), "")  # of a prompt that shows sections: what is rewritten keeps its citations


def write_headings(task: WritingTask, themes: Sequence[PlannedTheme], draft: Draft) -> None:
    """Add a heading to each section, which rests on what the section does; none where a reply is no use."""
    queries = [
        _heading_query(task, theme, section) for theme, section in zip(themes, draft.sections, strict=True)
    ]
    answers = task.calls.ask_all_that_fit(queries, task.later("heading", themes=len(themes)))
    for section, answer in zip(draft.sections, answers, strict=True):
        if isinstance(answer, ReplyError):
            task.checker.reject_reply("heading", answer)
        elif section.sentences:
            claim = claim_of(tidy_heading(task.material.ids.to_stored(answer)), _cites(section))
            section.heading = task.checker.check(claim, "heading")
    draft.exchanges.append(_all_headings(task, draft.sections))


def _heading_query(task: WritingTask, theme: PlannedTheme, section: DraftSection) -> Query[str]:
    request = task.material.request(
        task.prompts["heading"], replies.schema(replies.Heading, {}, {}), replies.HEADING_TOKENS,
        text=_shown(task, section) or theme.name, theme=theme.name, others="",
    )  # fmt: skip
    return Query(request, lambda reply: replies.parse(reply, replies.Heading, {}).heading)


def _all_headings(task: WritingTask, sections: Sequence[DraftSection]) -> Exchange:
    """All headings as if one request had asked for them, to which those that fail go back together."""
    listed = [f"{n} {_shown(task, section)}" for n, section in enumerate(sections, 1)]
    headings = {n: section.heading for n, section in enumerate(sections, 1) if section.heading}
    request = task.material.request(
        task.prompts["heading"], replies.schema(replies.Heading, {}, {}), replies.HEADING_TOKENS,
        text=block(listed, "sections"), theme="", others="",
    )  # fmt: skip
    reply = "\n".join(f"{n} {task.material.ids.to_prompt(text.claim.text)}" for n, text in headings.items())
    texts = [(f"heading of section {n}", text) for n, text in headings.items()]
    return Exchange(request, reply, NO_LINES, texts)


def write_frame(task: WritingTask, themes: Sequence[PlannedTheme], draft: Draft) -> None:
    """Add title, dek, introduction and close; nothing if the reply is no use."""
    notes = _notes_left(task, themes, draft)
    query = _frame_query(task, draft.sections, notes)
    (reply,) = task.calls.ask_all_that_fit([query], task.later("frame", themes=len(draft.sections)))
    if isinstance(reply, ReplyError):
        task.checker.reject_reply("frame", reply)
        return
    exchange = Exchange(query.request, reply.model_dump_json(), NO_LINES)
    reader = DraftReader(task, exchange, notes)

    def cites(rests_on: Iterable[int]) -> list[str]:
        """What the sections of these numbers cite."""
        there = sorted({*rests_on} & {*range(1, len(draft.sections) + 1)})
        return [*dict.fromkeys(id for n in there for id in _cites(draft.sections[n - 1]))]

    def sentence(place: str, written: FrameSentence) -> Text:
        text = reader.stored(written.text)
        claim = task.claim(text, cites(written.themes), reader.known_notes(written.notes))
        if place == "introduction" and claim.kind == "linking":
            claim = claim_of(text, task.material.introductions(text))
        return reader.checked(place, "frame", claim)

    everything = cites(range(1, len(draft.sections) + 1))
    title = claim_of(tidy_heading(reader.stored(reply.title)), everything)
    draft.title = reader.checked("title", "frame", title)
    draft.dek = reader.checked("dek", "frame", claim_of(reader.stored(reply.dek), everything))
    opening = reader.within("introduction", reply.introduction, MAX_OPENING_SENTENCES)
    draft.opening = [sentence("introduction", written) for written in opening]
    draft.close = [sentence("close", s) for s in reader.within("close", reply.close, MAX_CLOSE_SENTENCES)]
    draft.exchanges.append(exchange)


def _notes_left(task: WritingTask, themes: Sequence[PlannedTheme], draft: Draft) -> list[int]:
    """The author's notes, by number, that fit no section, or that their section was written without."""
    told = {n for section in draft.sections for text in section.texts for n in text.claim.notes}
    was_shown = "notes" in task.prompts["write"].front.variables
    placed = {} if was_shown else places_of_notes(task, themes)
    return [n for n in task.note_numbers if n not in told and n not in placed]


def _frame_query(
    task: WritingTask, sections: Sequence[DraftSection], notes: Sequence[int]
) -> Query[replies.Frame]:
    """What stands around the sections; the author's notes of these numbers may stand in it."""
    numbers = {"themes": range(1, len(sections) + 1), "notes": notes}
    most = {
        "themes": len(sections), "notes": len(notes), "introduction": MAX_OPENING_SENTENCES,
        "close": MAX_CLOSE_SENTENCES,
    }  # fmt: skip
    listed = [f"{n} {' '.join(_summary(task, section))}" for n, section in enumerate(sections, 1)]
    request = task.material.request(
        task.prompts["frame"], replies.schema(replies.Frame, numbers, most), replies.FRAME_TOKENS,
        themes=block(listed, "sections"), notes=task.numbered_notes(notes),
    )  # fmt: skip
    return Query(request, lambda text: replies.parse(text, replies.Frame, {}))


def _summary(task: WritingTask, section: DraftSection) -> Iterator[str]:
    """A section's heading and what it says, of which rules found nothing wrong."""
    if section.heading and not section.heading.failures:
        yield f"{task.material.ids.to_prompt(section.heading.claim.text)}."
    yield _shown(task, section)


def _shown(task: WritingTask, section: DraftSection) -> str:
    return "\n".join(shown(task.material, section, is_to_stand=True))


def _cites(section: DraftSection) -> tuple[str, ...]:
    """What a section's prose cites that passes the rules, or else all that the section cites or quotes."""
    cited = (id for text in section.texts if not text.failures for id in text.claim.cites)
    return tuple(dict.fromkeys(cited)) or section.sentences
