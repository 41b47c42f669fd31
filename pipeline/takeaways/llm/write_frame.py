"""The steps heading and frame: what is written last, over finished prose and around finished sections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.records import Claim, Paragraph, Theme
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.budget import CallEstimate, estimate_after
from pipeline.takeaways.llm.calls import Query, follow_up
from pipeline.takeaways.llm.claim_checker import (
    CheckedClaim,
    RewritesByNumber,
    rewrites_query,
)
from pipeline.takeaways.llm.material import Material, WritingTask, block, word_counts
from pipeline.takeaways.llm.replies import ReplyError
from pipeline.takeaways.llm.write_sections import WrittenSection
from pipeline.takeaways.verification import Failure
from pipeline.text import plain
from pipeline.workspace.sidecar import Facts

MAX_INTRODUCTION_SENTENCES = 3
MAX_CLOSE_SENTENCES = 2
MIN_SPEAKER_SHARE = 0.05  # of all words, for a speaker to be named in the opening

Place = Literal["title", "dek", "introduction", "close"]


def write_headings(task: WritingTask, sections: Sequence[WrittenSection]) -> list[str | None]:
    """A heading for each section, verified against what the section cites; None where that fails."""
    queries = [_heading_query(task, section) for section in sections]
    later = estimate_after("heading", task.limits, themes=len(sections))
    headings: list[str | None] = []
    for section, reply in zip(sections, task.calls.ask_all_that_fit(queries, later), strict=True):
        if isinstance(reply, ReplyError):
            task.checker.reject_reply("heading", reply)
            headings.append(None)
        else:
            headings.append(_verified_heading(task, section, reply, list(filter(None, headings))))
    return headings


def _heading_query(task: WritingTask, section: WrittenSection, others: Sequence[str] = ()) -> Query[str]:
    """A section's heading, asked for out of its prose or else of its transcript."""
    text = " ".join(task.material.ids.to_prompt(claim.text) for claim in section.claims)
    if not text:
        text = "\n".join(sentence.text for sentence in section.lines.sentences)
    request = task.material.request(
        task.prompts["heading"], replies.schema(replies.Heading, {}, {}), replies.HEADING_TOKENS, text=text,
        theme=section.theme.name, others="; ".join(others),
    )  # fmt: skip
    return Query(request, lambda reply: replies.parse(reply, replies.Heading, {}).heading)


def _verified_heading(
    task: WritingTask, section: WrittenSection, heading: str, others: Sequence[str]
) -> str | None:
    """A heading if it passes, or else a second one if that does; None if neither."""

    def claim_of(heading: str) -> Claim:
        return Claim(text=tidy_heading(task.material.ids.to_stored(heading)), cites=section.cites)

    claim = claim_of(heading)
    checked = task.checker.check(claim, "heading", other_failures=_check_repeat(claim.text, others))
    if not checked.failures:
        return checked.claim.text
    query = _heading_query(task, section, others)
    message = f"That heading cannot stand: {task.material.reasons(checked.failures)}. Give another one."
    try:
        second = claim_of(task.calls.ask(Query(follow_up(query.request, heading, message), query.parse)))
    except ReplyError:
        second = None
    if second and _check_repeat(second.text, others):
        second = None
    kept = task.checker.check_rewrite(checked, second, "heading")
    return kept.text if kept else None


def _check_repeat(heading: str, others: Sequence[str]) -> tuple[Failure, ...]:
    """The failure of a heading that another section has."""
    if heading.casefold() in (other.casefold() for other in others):
        return (Failure("repeat", "another section has the same heading"),)
    return ()


def tidy_heading(heading: str) -> str:
    """A heading without quotation marks, full stops and Markdown around it, with a capital letter."""
    bare = heading.strip(" .\"'\u201c\u201d\u2018\u2019*#") or "?"
    return bare[:1].upper() + bare[1:]


# The frame: title, dek, introduction and close.


@dataclass(frozen=True)
class Frame:
    """The texts around the sections; None or empty where nothing passed verification."""

    title: str | None = None
    dek: str | None = None
    introduction: tuple[Claim, ...] = ()
    close: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class _Text:
    """A text of the frame as it was first written: where it goes, what it says, and why it fails."""

    place: Place
    checked: CheckedClaim


def write_frame(task: WritingTask, themes: Sequence[Theme]) -> Frame:
    """Ask for the frame, verify each of its texts, and send back once what fails."""
    query = _frame_query(task, themes)
    (reply,) = task.calls.ask_all_that_fit([query], CallEstimate())
    if isinstance(reply, ReplyError):
        task.checker.reject_reply("frame", reply)
        return Frame()
    texts = [
        _Text(place, task.checker.check(claim, "frame"))
        for place, claim in _texts(task.material, reply, themes)
    ]
    failed = [text for text in texts if text.checked.failures]
    replacements = iter(_rewritten(task, query, reply, failed, len(themes)))
    claims = [next(replacements) if text.checked.failures else text.checked.claim for text in texts]

    def placed(place: Place) -> tuple[Claim, ...]:
        return tuple(
            claim for text, claim in zip(texts, claims, strict=True) if claim and text.place == place
        )

    title, dek = placed("title"), placed("dek")
    return Frame(
        title[0].text if title else None,
        dek[0].text if dek else None,
        placed("introduction"),
        placed("close"),
    )


def _rewritten(
    task: WritingTask, query: Query[replies.Frame], reply: replies.Frame, failed: Sequence[_Text], themes: int
) -> list[Claim | None]:
    """What stands in for each text that failed; None where its rewrite fails too."""
    if not failed:
        return []
    (answer,) = task.calls.ask_all_that_fit([_frame_rewrites_query(task, query, reply, failed, themes)])
    rewrites: RewritesByNumber = {} if isinstance(answer, ReplyError) else answer
    claims: list[Claim | None] = []
    for number, original in enumerate(failed, 1):
        rewrite = rewrites.get(number)
        text = task.material.ids.to_stored(rewrite.text) if rewrite else ""
        if original.place == "title" and text:
            text = tidy_heading(text)
        claim = Claim(text=text, cites=original.checked.claim.cites) if text else None
        claims.append(task.checker.check_rewrite(original.checked, claim, "frame"))
    return claims


def _frame_query(task: WritingTask, themes: Sequence[Theme]) -> Query[replies.Frame]:
    """The frame of the sections, which the prompt shows in one line each."""
    numbers = {"themes": range(1, len(themes) + 1)}
    most = {
        "themes": len(themes), "introduction": MAX_INTRODUCTION_SENTENCES, "close": MAX_CLOSE_SENTENCES,
    }  # fmt: skip
    schema = replies.schema(replies.Frame, numbers, most)
    to_prompt = task.material.ids.to_prompt
    shown = [f"{n} {to_prompt(_summary(task.material, theme))}" for n, theme in enumerate(themes, 1)]
    prompt, max_tokens = task.prompts["frame"], replies.FRAME_TOKENS
    request = task.material.request(prompt, schema, max_tokens, themes=block(shown, "sections"))
    return Query(request, lambda text: replies.parse(text, replies.Frame, numbers))


def _summary(material: Material, theme: Theme) -> str:
    """A section in one line: its heading and prose, or for want of prose its first quoted sentences."""
    prose = " ".join(claim.text for paragraph in theme.paragraphs for claim in paragraph.claims)
    if not prose:
        quoted = [material.sentences[material.index[id]] for quote in theme.quotes for id in quote.sentences][
            :2
        ]
        prose = " ".join(f"{{{sentence.speaker}}}: {sentence.text}" for sentence in quoted)
    return f"{theme.heading}. {prose}"


def _texts(
    material: Material, reply: replies.Frame, themes: Sequence[Theme]
) -> Iterator[tuple[Place, Claim]]:
    """The texts of a reply. Title and dek cite all sections, a sentence those that it names."""
    cites_by_theme = [theme.cited_ids for theme in themes]
    all_cites = tuple(dict.fromkeys(id for ids in cites_by_theme for id in ids))
    yield "title", Claim(text=tidy_heading(material.ids.to_stored(reply.title)), cites=all_cites)
    yield "dek", Claim(text=material.ids.to_stored(reply.dek) or "?", cites=all_cites)
    introduction = reply.introduction[:MAX_INTRODUCTION_SENTENCES]
    close = reply.close[:MAX_CLOSE_SENTENCES]
    places: tuple[tuple[Place, Sequence[replies.FrameSentence]], ...] = (
        ("introduction", introduction),
        ("close", close),
    )
    for place, sentences in places:
        for sentence in sentences:
            cites = dict.fromkeys(id for n in sorted(set(sentence.themes)) for id in cites_by_theme[n - 1])
            text = material.ids.to_stored(sentence.text) or "?"
            yield place, Claim(text=text, cites=tuple(cites))


def _frame_rewrites_query(
    task: WritingTask, query: Query[replies.Frame], reply: replies.Frame, failed: Sequence[_Text], themes: int
) -> Query[RewritesByNumber]:
    """The texts that failed, sent back with the reasons. The rewrite of a text keeps its citations."""
    rejections = task.material.rejections((f"({text.place}) ", text.checked) for text in failed)
    message = (
        f"Some texts cannot stand:\n{rejections}\nWrite each of these anew: "
        '"of" is its number here, "lines" the numbers of the sections that it rests on, "text" the text, '
        'or "" to give it up.'
    )
    return rewrites_query(
        query.request,
        reply,
        message,
        len(failed),
        range(1, themes + 1),
        replies.FRAME_TEXT_TOKENS,
        max_cited=themes,
    )


def opening(facts: Facts, document: Document, prose: str) -> Claim | None:
    """A sentence that says who spoke, and where; None if `prose` names everybody who spoke at length.

    Only in English, and of one speaker only where the occasion is known. It cites the first sentence of each,
    other than greetings and commands to machines.
    """
    turns = document.turns
    first_ids = {
        said.sentence.speaker: said.sentence.id for said in reversed(document.said) if not said.is_junk
    }
    counts = word_counts(turns)
    speakers = [id for id in first_ids if counts[id] >= MIN_SPEAKER_SHARE * counts.total()]
    speakers.sort(key=lambda id: int(first_ids[id][1:]))
    if (
        turns.language != "en"
        or len(speakers) < 2 - bool(facts.occasion)
        or all(f"{{{id}}}" in prose for id in speakers)
    ):
        return None
    names = [f"{{{id}}}" for id in speakers]
    everybody = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    where = f"at {plain(facts.occasion)}" if facts.occasion else "with each other"
    return Claim(text=f"{everybody} spoke {where}.", cites=tuple(first_ids[id] for id in speakers))


def paragraphs(claims: Sequence[Claim]) -> tuple[Paragraph, ...]:
    """Claims as one paragraph, or as none if there are no claims."""
    return (Paragraph(claims=tuple(claims)),) if claims else ()
