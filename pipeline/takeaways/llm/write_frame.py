"""The steps heading and frame: what is written last, over finished prose and around finished sections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.records import Claim, Paragraph, Theme
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.calls import Query, follow_up
from pipeline.takeaways.llm.claim_checker import RewritesByNumber, Text, rewrites_query
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


def ask_headings(task: WritingTask, sections: Sequence[WrittenSection]) -> list[Text | None]:
    """A heading for each section, verified against what the section cites; None where the reply is no use."""
    queries = [_heading_query(task, section) for section in sections]
    answers = task.calls.ask_all_that_fit(queries, task.later("heading", themes=len(sections)))
    headings: list[Text | None] = []
    for section, reply in zip(sections, answers, strict=True):
        if isinstance(reply, ReplyError):
            task.checker.reject_reply("heading", reply)
            headings.append(None)
        else:
            claim = _heading_claim(task, section, reply)
            repeats = _check_repeat(claim.text, _wordings(headings))
            headings.append(task.checker.check(claim, "heading", other_failures=repeats))
    return headings


def _wordings(headings: Iterable[Text | None]) -> list[str]:
    return [text.claim.text for text in headings if text and not text.failures]


def _heading_claim(task: WritingTask, section: WrittenSection, heading: str) -> Claim:
    return Claim(text=tidy_heading(task.material.ids.to_stored(heading)), cites=section.cites)


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


def _rewrite_headings(
    task: WritingTask, sections: Sequence[WrittenSection], headings: Sequence[Text | None]
) -> None:
    """Ask once more for each heading that failed."""
    failed = [
        (section, text) for section, text in zip(sections, headings, strict=True) if text and text.failures
    ]
    others = _wordings(headings)
    queries = []
    for section, text in failed:
        query = _heading_query(task, section, others)
        reasons = task.material.reasons(text.failures)
        message = f"That heading cannot stand: {reasons}. Give another one."
        heading = task.material.ids.to_prompt(text.claim.text)
        queries.append(Query(follow_up(query.request, heading, message), query.parse))
    for (section, text), reply in zip(failed, task.calls.ask_all_that_fit(queries), strict=True):
        claim = None if isinstance(reply, ReplyError) else _heading_claim(task, section, reply)
        repeats = _check_repeat(claim.text, others) if claim else ()
        task.checker.rewrite(text, claim, other_failures=repeats)
        others += _wordings([text])


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
    """The texts around the sections, with where each goes, and how they were asked for."""

    texts: tuple[tuple[Place, Text], ...] = ()
    query: Query[replies.Frame] | None = None
    reply: replies.Frame | None = None

    @property
    def title(self) -> str | None:
        return next((claim.text for claim in self._placed("title")), None)

    @property
    def dek(self) -> str | None:
        return next((claim.text for claim in self._placed("dek")), None)

    @property
    def introduction(self) -> tuple[Claim, ...]:
        return self._placed("introduction")

    @property
    def close(self) -> tuple[Claim, ...]:
        return self._placed("close")

    def _placed(self, wanted: Place) -> tuple[Claim, ...]:
        """What stands there; nothing where all failed."""
        return tuple(claim for place, text in self.texts if place == wanted and (claim := text.kept))


def ask_frame(task: WritingTask, themes: Sequence[Theme]) -> Frame:
    """Ask for the frame, and verify each of its texts."""
    query = _frame_query(task, themes)
    (reply,) = task.calls.ask_all_that_fit([query], task.later("frame", themes=len(themes)))
    if isinstance(reply, ReplyError):
        task.checker.reject_reply("frame", reply)
        return Frame()
    texts = _texts(task.material, reply, themes)
    return Frame(tuple((place, task.checker.check(claim, "frame")) for place, claim in texts), query, reply)


def _rewrite_frame(task: WritingTask, frame: Frame, themes: int) -> None:
    """Ask once more for the texts of the frame that failed."""
    failed = [(place, text) for place, text in frame.texts if text.failures]
    if not (failed and frame.query and frame.reply):
        return
    query = _frame_rewrites_query(task, frame.query, frame.reply, failed, themes)
    (answer,) = task.calls.ask_all_that_fit([query])
    rewrites: RewritesByNumber = {} if isinstance(answer, ReplyError) else answer
    for number, (place, original) in enumerate(failed, 1):
        rewrite = rewrites.get(number)
        text = task.material.ids.to_stored(rewrite.text) if rewrite else ""
        if place == "title" and text:
            text = tidy_heading(text)
        claim = Claim(text=text, cites=original.claim.cites) if text else None
        task.checker.rewrite(original, claim)


def settle(
    task: WritingTask,
    sections: Sequence[WrittenSection],
    headings: Sequence[Text | None],
    frame: Frame,
    themes: int,
) -> None:
    """Have all that is left judged, and ask once more for headings and texts of the frame that fail."""
    prose = [text for section in sections for texts in section.texts for text in texts]
    around = [*filter(None, headings), *(text for _, text in frame.texts)]
    task.judge([*prose, *around], "settle", len(sections))
    _rewrite_headings(task, sections, headings)
    _rewrite_frame(task, frame, themes)
    task.judge(around, "settle", len(sections))


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
    task: WritingTask,
    query: Query[replies.Frame],
    reply: replies.Frame,
    failed: Sequence[tuple[Place, Text]],
    themes: int,
) -> Query[RewritesByNumber]:
    """The texts that failed, sent back with the reasons. The rewrite of a text keeps its citations."""
    rejections = task.material.rejections((f"({place}) ", text) for place, text in failed)
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
