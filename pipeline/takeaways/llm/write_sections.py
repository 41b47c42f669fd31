"""The steps write and pull quotes: a theme's prose, each sentence verified, and the quotes beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.engines.chat.tokens import count
from pipeline.records import Claim, Kept, Quote, Sentence
from pipeline.takeaways.extractive import quotes as extractive
from pipeline.takeaways.extractive import trims
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.extractive.document import Section as Extract
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.budget import writing_sections
from pipeline.takeaways.llm.calls import Query
from pipeline.takeaways.llm.claim_checker import RewritesByNumber, Text, rewrites_query
from pipeline.takeaways.llm.map_and_choose import MAX_CITED_LINES, PlannedTheme
from pipeline.takeaways.llm.material import Lines, WritingTask, block
from pipeline.takeaways.llm.replies import ReplyError

THIS_ONE = "  <- to be written now"
MAX_QUOTES_PER_SECTION = 4  # those that stand in for rejected prose included

Passage = tuple[int, ...]  # indices of sentences


@dataclass(frozen=True)
class WrittenSection:
    """A section's prose as it passed verification, and what its heading and its quotes are made from."""

    theme: PlannedTheme
    lines: Lines  # that its prompt showed
    extract: Extract  # what the extractive writer would make of it
    texts: tuple[tuple[Text, ...], ...]  # by paragraph; those that do not stand included
    quotes: tuple[replies.PullQuote, ...]  # as the model chose them

    @property
    def paragraphs(self) -> tuple[tuple[Claim, ...], ...]:
        """The prose that stands."""
        kept = (tuple(claim for text in texts if (claim := text.kept)) for texts in self.texts)
        return tuple(filter(None, kept))

    @property
    def claims(self) -> list[Claim]:
        return [claim for paragraph in self.paragraphs for claim in paragraph]

    @property
    def rejected(self) -> list[Claim]:
        """What does not stand, as it was first written."""
        return [text.first for texts in self.texts for text in texts if text.failures]

    @property
    def cites(self) -> tuple[str, ...]:
        """The sentence ids that its prose cites, or without prose all that it could have cited."""
        cited = [id for claim in self.claims for id in claim.cites]
        return tuple(dict.fromkeys(cited)) or self.lines.all_ids


@dataclass(frozen=True)
class _Draft:
    """A section as it is asked for and, with a usable reply, as it is first written."""

    theme: PlannedTheme
    lines: Lines
    query: Query[replies.Section]
    reply: replies.Section | None = None
    texts: tuple[tuple[Text, ...], ...] = ()

    @property
    def failed(self) -> list[Text]:
        return [text for texts in self.texts for text in texts if text.failures]


def write_sections(task: WritingTask, themes: Sequence[PlannedTheme]) -> list[WrittenSection]:
    """Ask for the prose of one section after another, verify and judge it, and send back once what fails.

    What comes back is verified, but not judged yet.
    """
    drafts: list[_Draft] = []
    for number in range(len(themes)):
        draft = _begin_draft(task, themes, number, _prose(task, drafts[-1]) if drafts else "")
        later = task.later("write", themes=len(themes)) + writing_sections(
            len(themes) - number - 1, task.limits
        )
        (answer,) = task.calls.ask_all_that_fit([draft.query], later)
        drafts.append(_check_reply(task, draft, answer))
    task.judge((text for draft in drafts for texts in draft.texts for text in texts), "judge", len(themes))
    failed = [(draft, draft.failed) for draft in drafts]
    queries = [_rewrites_query(task, draft, draft.reply) for draft in drafts if draft.reply and draft.failed]
    rewrites = iter(task.calls.ask_all_that_fit(queries))
    for draft, texts in failed:
        if texts:
            _take_rewrites(task, draft, texts, next(rewrites))
    return [_written(task, draft) for draft in drafts]


def _prose(task: WritingTask, draft: _Draft) -> str:
    """A section as it was written, for the writer of the next one."""
    paragraphs = (" ".join(text.claim.text for text in texts) for texts in draft.texts)
    return task.material.ids.to_prompt("\n\n".join(paragraphs))


def _outline(themes: Sequence[PlannedTheme], number: int) -> list[str]:
    """The post's themes, of which the one by this number, from 0, is to be written."""
    return [f"{n + 1} {theme.name}{THIS_ONE * (n == number)}" for n, theme in enumerate(themes)]


def _begin_draft(task: WritingTask, themes: Sequence[PlannedTheme], number: int, before: str) -> _Draft:
    material, limits, theme = task.material, task.limits, themes[number]
    lines = material.lines(material.around(theme.sentences, limits.room))
    numbers = {"lines": lines.numbers}
    most = {
        "paragraphs": limits.paragraphs, "sentences": limits.sentences, "quotes": limits.quotes,
        "lines": MAX_CITED_LINES,
    }  # fmt: skip
    schema = replies.schema(replies.Section, numbers, most)
    max_tokens = (
        limits.paragraphs * limits.sentences * replies.SENTENCE_TOKENS
        + limits.quotes * replies.QUOTE_TOKENS
        + replies.SECTION_OVERHEAD_TOKENS
    )
    request = material.request(
        task.prompts["write"], schema, max_tokens, transcript=lines.block,
        points=block(list(_notes(task, theme, lines)), "notes"), theme=theme.name,
        paragraphs=limits.paragraphs, sentences=limits.sentences, quotes=limits.quotes,
        outline=block(_outline(themes, number), "outline"),
        before=block(before.splitlines(), "section before") if before else "",
    )  # fmt: skip
    return _Draft(theme, lines, Query(request, lambda text: replies.parse(text, replies.Section, numbers)))


def _notes(task: WritingTask, theme: PlannedTheme, lines: Lines) -> Iterator[str]:
    """The theme's points with the line numbers of their sentences, as fit into half of the room."""
    numbers = {sentence.id: n for n, sentence in enumerate(lines.sentences, 1)}
    room = task.limits.room // 2
    for point in theme.points:
        ids = [task.material.sentences[i].id for i in point.sentences]
        line_numbers = [numbers[id] for id in ids if id in numbers]
        note = f"{', '.join(map(str, line_numbers))}: {task.material.ids.to_prompt(point.text)}"
        room -= count(note)
        if line_numbers and room > 0:
            yield note


def _check_reply(task: WritingTask, draft: _Draft, reply: replies.Section | ReplyError) -> _Draft:
    """The draft with the sentences of its reply, each checked."""
    if isinstance(reply, ReplyError):
        task.checker.reject_reply("section", reply)
        return draft

    def check(sentence: replies.CitedSentence) -> Text:
        text = task.material.ids.to_stored(sentence.text) or "?"
        claim = Claim(text=text, cites=draft.lines.ids(sentence.lines))
        return task.checker.check(claim, "prose", draft.lines.all_ids)

    texts = tuple(
        tuple(check(sentence) for sentence in paragraph.sentences[: task.limits.sentences])
        for paragraph in reply.paragraphs[: task.limits.paragraphs]
    )
    return replace(draft, reply=reply, texts=texts)


def _rewrites_query(task: WritingTask, draft: _Draft, reply: replies.Section) -> Query[RewritesByNumber]:
    """The sentences of a section that failed, sent back with the reasons."""
    rejections = task.material.rejections(("", text) for text in draft.failed)
    message = (
        f"Some sentences cannot stand:\n{rejections}\nWrite each of these anew from the lines "
        'above: "of" is its number here, "lines" what it rests on, "text" the sentence, or "" to give it up.'
    )
    return rewrites_query(
        draft.query.request, reply, message, len(draft.failed), draft.lines.numbers, replies.REWRITE_TOKENS,
        max_cited=MAX_CITED_LINES,
    )  # fmt: skip


def _take_rewrites(
    task: WritingTask, draft: _Draft, failed: Sequence[Text], rewrites: RewritesByNumber | ReplyError
) -> None:
    """Put each rewrite into the place of the sentence that failed."""
    for number, original in enumerate(failed, 1):
        rewrite = None if isinstance(rewrites, ReplyError) else rewrites.get(number)
        claim = None
        if rewrite and rewrite.lines and (text := task.material.ids.to_stored(rewrite.text)):
            claim = Claim(text=text, cites=draft.lines.ids(rewrite.lines))
        task.checker.rewrite(original, claim, draft.lines.all_ids)


def _written(task: WritingTask, draft: _Draft) -> WrittenSection:
    document = task.material.document
    extract = document.section(document.topic(draft.theme.sentences))
    quotes = draft.reply.quotes if draft.reply else ()
    return WrittenSection(draft.theme, draft.lines, extract, draft.texts, quotes)


# Pull quotes: the model chooses sentences, never words; a quote that breaks the rules is rejected.


def pull_quotes(task: WritingTask, sections: Sequence[WrittenSection], most: int) -> list[tuple[Quote, ...]]:
    """Each section's quotes in order of speech: up to `most` by the model, and those for rejected prose.

    A section that has neither gets those of the extractive writer. No sentence is quoted twice.
    """
    quoted: set[int] = set()
    quotes_by_section = []
    for section in sections:
        passages = _choose_passages(task, section, most, quoted)
        quoted = quoted.union(*(passage for passage, _ in passages))
        ordered = sorted(passages, key=lambda pair: pair[0])
        quotes = (task.material.document.quote(passage, kept) for passage, kept in ordered)
        quotes_by_section.append(tuple(quotes))
    return quotes_by_section


def _choose_passages(
    task: WritingTask, section: WrittenSection, most: int, quoted: Collection[int]
) -> list[tuple[Passage, tuple[Kept, ...] | None]]:
    """The passages to quote, each with the words to keep, None for all of them."""
    material, document = task.material, task.material.document
    taken = set(quoted)
    chosen: list[tuple[Passage, tuple[Kept, ...] | None]] = []
    for quote in section.quotes[:most]:
        passage = tuple(material.index[id] for id in section.lines.ids(quote.lines))
        sentences = [material.sentences[i] for i in passage]
        if reason := _rejection(passage, document, taken):
            task.checker.reject_quote(" ".join(sentence.text for sentence in sentences), reason)
        else:
            chosen.append((passage, _trims(quote, sentences, document)))
            taken.update(passage)
    for claim in section.rejected:
        cited = (material.index[id] for id in claim.cites)
        passage = _best_passage(document, (i for i in cited if i not in taken))
        if passage and len(chosen) < MAX_QUOTES_PER_SECTION:
            chosen.append((passage, None))
            taken.update(passage)
    for passage in section.extract.quotes if not chosen else ():
        if not taken & set(passage):
            chosen.append((passage, None))
            taken.update(passage)
    return chosen


def _rejection(passage: Passage, document: Document, taken: set[int]) -> str:
    """Why sentences cannot make a quote; "" if they can."""
    spoken = [document.said[i] for i in passage]
    if len({said.sentence.speaker for said in spoken}) > 1:
        return "more than one person speaks in it"
    if any(
        second - first > 1 or document.said[first].turn != document.said[second].turn
        for first, second in pairwise(passage)
    ):
        return "its sentences do not follow one another"
    if (
        len(passage) > extractive.MAX_RUN_SENTENCES
        or sum(said.size for said in spoken) > extractive.MAX_RUN_WORDS
    ):
        return "it is too long"
    if taken & set(passage):
        return "it is quoted already"
    if any(said.is_junk for said in spoken):
        return "it is a greeting or logistics"
    if len(spoken) == 1 and extractive.quality(spoken[0], document.language) < extractive.MIN_QUALITY:
        return "it does not read well on its own"
    return ""


def _trims(
    quote: replies.PullQuote, sentences: Sequence[Sentence], document: Document
) -> tuple[Kept, ...] | None:
    """The words to keep if the model trims its quote; None if they are not found, or a trim is not safe."""
    first, last = sentences[0], sentences[-1]
    start = trims.locate(first.text, quote.from_words)
    end = trims.locate(last.text, quote.to_words)
    if start is None and end is None:
        return None
    english = document.language.english
    kept = []
    for sentence in dict.fromkeys((first, last)):
        size = len(sentence.text.split())
        begin = start[0] if sentence is first and start else 0
        stop = end[1] if sentence is last and end else size
        if not trims.is_safe(sentence.text, begin, stop, english):
            return None
        if (begin, stop) != (0, size):
            kept.append(Kept(sentence=sentence.id, words=(begin, stop)))
    return tuple(kept)


def _best_passage(document: Document, indices: Iterable[int]) -> Passage:
    """The indices of the passage that reads best as a quote; () if none reads well."""
    usable = [i for i in indices if not document.said[i].is_junk]
    if not usable:
        return ()
    topic = document.topic(usable)
    keys = dict.fromkeys((term for i in usable for term in document.said[i].terms), 1.0)
    units = extractive.units(
        topic, document.said, extractive.relevance(topic, document.said, keys), document.language
    )
    return units[0].sentences if units and units[0].score > extractive.MIN_QUALITY else ()
