"""The steps heading and frame: what is written last, over finished prose and around finished sections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.calls import Query
from pipeline.takeaways.llm.claim_checker import Text
from pipeline.takeaways.llm.draft import Draft, DraftSection, Exchange, PullQuote, claim_of, tidy_heading
from pipeline.takeaways.llm.map_and_choose import PlannedTheme
from pipeline.takeaways.llm.material import Lines, block
from pipeline.takeaways.llm.replies import ReplyError
from pipeline.takeaways.llm.writing_task import WritingTask

MAX_INTRODUCTION_SENTENCES = 3
MAX_CLOSE_SENTENCES = 2
MAX_QUOTED_SENTENCES = 2  # that stand for a section without prose
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
        text=_prose(task, section) or theme.name, theme=theme.name, others="",
    )  # fmt: skip
    return Query(request, lambda reply: replies.parse(reply, replies.Heading, {}).heading)


def _all_headings(task: WritingTask, sections: Sequence[DraftSection]) -> Exchange:
    """All headings as if one request had asked for them, to which those that fail go back together."""
    shown = [f"{n} {_prose(task, section)}" for n, section in enumerate(sections, 1)]
    headings = {n: section.heading for n, section in enumerate(sections, 1) if section.heading}
    request = task.material.request(
        task.prompts["heading"], replies.schema(replies.Heading, {}, {}), replies.HEADING_TOKENS,
        text=block(shown, "sections"), theme="", others="",
    )  # fmt: skip
    reply = "\n".join(f"{n} {task.material.ids.to_prompt(text.claim.text)}" for n, text in headings.items())
    texts = [(f"heading of section {n}", text) for n, text in headings.items()]
    return Exchange(request, reply, NO_LINES, texts)


def write_frame(task: WritingTask, draft: Draft) -> None:
    """Add title, dek, introduction and close; nothing if the reply is no use."""
    query = _frame_query(task, draft.sections)
    (reply,) = task.calls.ask_all_that_fit([query], task.later("frame", themes=len(draft.sections)))
    if isinstance(reply, ReplyError):
        task.checker.reject_reply("frame", reply)
        return
    exchange = Exchange(query.request, reply.model_dump_json(), NO_LINES)
    everything = range(1, len(draft.sections) + 1)

    def checked(place: str, text: str, rests_on: Sequence[int]) -> Text:
        """A text that cites what the sections do that it rests on."""
        cites = dict.fromkeys(id for n in sorted({*rests_on}) for id in _cites(draft.sections[n - 1]))
        made = task.checker.check(claim_of(task.material.ids.to_stored(text), tuple(cites)), "frame")
        exchange.texts.append((place, made))
        return made

    draft.title = checked("title", tidy_heading(reply.title), everything)
    draft.dek = checked("dek", reply.dek, everything)
    draft.opening = [
        checked("introduction", s.text, s.themes) for s in reply.introduction[:MAX_INTRODUCTION_SENTENCES]
    ]
    draft.close = [checked("close", s.text, s.themes) for s in reply.close[:MAX_CLOSE_SENTENCES]]
    draft.exchanges.append(exchange)


def _frame_query(task: WritingTask, sections: Sequence[DraftSection]) -> Query[replies.Frame]:
    """What stands around the sections, which the prompt shows in one line each."""
    numbers = {"themes": range(1, len(sections) + 1)}
    most = {
        "themes": len(sections), "introduction": MAX_INTRODUCTION_SENTENCES, "close": MAX_CLOSE_SENTENCES,
    }  # fmt: skip
    shown = [f"{n} {' '.join(_summary(task, section))}" for n, section in enumerate(sections, 1)]
    request = task.material.request(
        task.prompts["frame"], replies.schema(replies.Frame, numbers, most), replies.FRAME_TOKENS,
        themes=block(shown, "sections"),
    )  # fmt: skip
    return Query(request, lambda text: replies.parse(text, replies.Frame, numbers))


def _summary(task: WritingTask, section: DraftSection) -> Iterator[str]:
    """A section's heading and its prose, of which rules found nothing wrong."""
    if section.heading and not section.heading.failures:
        yield f"{task.material.ids.to_prompt(section.heading.claim.text)}."
    yield _prose(task, section)


def _prose(task: WritingTask, section: DraftSection) -> str:
    """A section's prose as prompts show it, or for want of that its first quoted sentences."""
    material = task.material
    if prose := " ".join(text.claim.text for text in section.texts if not text.failures):
        return material.ids.to_prompt(prose)
    ids = [id for block in section.body if isinstance(block, PullQuote) for id in block.sentences]
    quoted = [material.sentences[material.index[id]] for id in ids[:MAX_QUOTED_SENTENCES]]
    return " ".join(f"{material.ids.prompt_id(sentence.speaker)}: {sentence.text}" for sentence in quoted)


def _cites(section: DraftSection) -> tuple[str, ...]:
    """What a section's prose cites that passes the rules, or else all that the section cites or quotes."""
    cited = (id for text in section.texts if not text.failures for id in text.claim.cites)
    return tuple(dict.fromkeys(cited)) or section.sentences
