"""The post that is made of what stands of a draft, with what follows from what was lost."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from pipeline.records import Block, Claim, Paragraph, Quote, Takeaways, Theme
from pipeline.takeaways.llm.authors_notes import with_left_out
from pipeline.takeaways.llm.claim_checker import Text
from pipeline.takeaways.llm.draft import Draft, DraftParagraph, DraftSection, PullQuote
from pipeline.takeaways.llm.lead_ins import Piece, dangling, pieces
from pipeline.takeaways.llm.material import Material, word_counts
from pipeline.takeaways.llm.pull_quotes import Chosen, choose_quotes, stand_ins
from pipeline.takeaways.llm.writing_task import WritingTask
from pipeline.takeaways.verification import Failure
from pipeline.text import plain

NO_PLACE = Failure("leads", "what it leads up to, or stands beside, is not in the post")
MIN_SPEAKER_SHARE = 0.05  # of all words, for a speaker to be named in the opening

StandIns = Mapping[Text, Quote]


def assemble(task: WritingTask, draft: Draft) -> Takeaways | None:
    """The takeaways of a draft that is settled; None if no section of it stands."""
    material, most = task.material, task.limits.quotes
    quotes = choose_quotes(
        material,
        draft.sections,
        most,
        lambda quote, why: task.checker.reject_quote(material.words_of(quote.sentences), why),
    )
    instead = stand_ins(material, draft.sections, quotes, most)
    made = [_theme(material, section, quotes, instead) for section in draft.sections]
    themes = [theme for theme in made if theme]
    if not themes:
        _withdraw_but(task, draft, ())
        return None
    title, dek = (text.kept if text else None for text in (draft.title, draft.dek))
    introduction, close = (
        _introduction(task, _standing(material, draft.opening)),
        _standing(material, draft.close),
    )
    texts = [material.texts(theme) for theme in themes]
    around = paragraphs((*introduction, *close))
    noted, unplaced = with_left_out(themes, around, task.facts.notes, texts, material.document.embed)
    prose = (*around, *unplaced, *(paragraph for theme in noted for paragraph in theme.paragraphs))
    standing = [claim.text for paragraph in prose for claim in paragraph.claims]
    frame = [claim.text for claim in (title, dek) if claim]
    _withdraw_but(task, draft, (*frame, *standing, *(theme.heading for theme in themes)))
    return Takeaways(
        writer=task.writer,
        title=title.text if title else _heading_as_title(themes),
        dek=dek.text if dek else "",
        introduction=paragraphs(introduction),
        themes=noted,
        close=(*paragraphs(close), *unplaced),
        rejected=tuple(task.checker.rejected),
        verification=task.checker.counts(),
        notes=(*draft.notes, *task.checker.notes),
    )


def _withdraw_but(task: WritingTask, draft: Draft, placed: Collection[str]) -> None:
    """Give up what stood of a draft and yet has no place in the post, so that it is listed and counted."""
    for text in draft.texts:
        if not text.failures and text.claim.text not in placed:
            task.checker.withdraw(text, NO_PLACE)


def _heading_as_title(themes: Sequence[Theme]) -> str:
    """The heading of the section that says most, other than the first, which would repeat it just below."""
    return max(themes[1:] or themes, key=lambda theme: len(theme.cited_ids)).heading


def _theme(material: Material, section: DraftSection, quotes: Chosen, instead: StandIns) -> Theme | None:
    """A section as it stands; None if neither what was said is told in it nor anything quoted."""

    def stands(piece: Piece) -> bool:
        if isinstance(piece, PullQuote):
            return quotes.get(piece) is not None
        return not piece.failures or piece in instead

    gone = dangling(material, [*pieces(section)], stands)
    body: list[Block] = []
    for block in section.body:
        if isinstance(block, PullQuote):
            quote = quotes.get(block)
            body += [quote] if quote else []
        else:
            body += _paragraphs(block, gone, instead)
    claims = [claim for block in body if isinstance(block, Paragraph) for claim in block.claims]
    if not (any(claim.cites for claim in claims) or any(isinstance(block, Quote) for block in body)):
        return None
    heading = section.heading.kept if section.heading else None
    words, source = (heading.text, None) if heading else _extracted_heading(material, section, body)
    return Theme(heading=words, source=source, body=tuple(body), doubts=heading.doubts if heading else ())


def _standing(material: Material, texts: Sequence[Text]) -> list[Claim]:
    """What stands of the sentences of an opening or a close; nothing if that only leads on."""
    gone = dangling(material, texts, lambda text: isinstance(text, Text) and not text.failures)
    claims = [claim for text in texts if text not in gone and (claim := text.kept)]
    return claims if any(claim.kind != "linking" for claim in claims) else []


def _paragraphs(paragraph: DraftParagraph, gone: frozenset[Text], instead: StandIns) -> Iterator[Block]:
    """A paragraph without what was lost, parted where a quote stands in for that.

    One of which only what leads on is left goes.
    """
    claims: list[Claim] = []
    for text in paragraph.texts:
        if claim := (text.kept if text not in gone else None):
            claims.append(claim)
        elif quote := instead.get(text):
            yield from _told(claims, paragraph)
            yield quote
            claims = []
    yield from _told(claims, paragraph)


def _told(claims: Sequence[Claim], paragraph: DraftParagraph) -> Iterator[Paragraph]:
    is_whole = len(claims) == len(paragraph.texts)
    if claims and (is_whole or any(claim.kind != "linking" for claim in claims)):
        yield Paragraph(claims=tuple(claims))


def _extracted_heading(material: Material, section: DraftSection, body: Sequence[Block]) -> tuple[str, str]:
    """The heading that the extractive writer would give, and the id of the sentence that it comes from."""
    ids = Theme(heading="", body=tuple(body)).cited_ids or section.sentences
    document = material.document
    return document.heading(document.section(document.topic([material.index[id] for id in ids])))


def _introduction(task: WritingTask, opening: Sequence[Claim]) -> list[Claim]:
    """The opening; if it names nobody, after a sentence that does."""
    prose = " ".join(claim.text for claim in opening)
    first = who_spoke(task, prose)
    return [*([first] if first else []), *opening]


def who_spoke(task: WritingTask, prose: str) -> Claim | None:
    """A sentence that says who spoke at length, and where; None if `prose` names any of them.

    Whom to name beyond that is the writer's choice: a page lists everybody.

    Only in English, and of one speaker only where the occasion is known. It cites the first sentence of each,
    other than greetings and commands to machines.
    """
    turns, occasion = task.material.document.turns, task.facts.occasion
    first_ids, counts = task.material.first_ids, word_counts(turns)
    speakers = [id for id in first_ids if counts[id] >= MIN_SPEAKER_SHARE * counts.total()]
    speakers.sort(key=lambda id: int(first_ids[id][1:]))
    if (
        turns.language != "en"
        or len(speakers) < 2 - bool(occasion)
        or any(f"{{{id}}}" in prose for id in speakers)
    ):
        return None
    names = [f"{{{id}}}" for id in speakers]
    everybody = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    where = f"at {plain(occasion)}" if occasion else "with each other"
    return Claim(text=f"{everybody} spoke {where}.", cites=tuple(first_ids[id] for id in speakers))


def paragraphs(claims: Sequence[Claim]) -> tuple[Paragraph, ...]:
    """Claims as one paragraph, or as none if there are no claims."""
    return (Paragraph(claims=tuple(claims)),) if claims else ()
