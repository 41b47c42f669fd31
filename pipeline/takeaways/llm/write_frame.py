"""The step frame: title, dek, introduction and close, written from the finished sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.records import Claim, Paragraph, Theme
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.calls import Ask, Calls, ReplyError
from pipeline.takeaways.llm.ledger import Ledger
from pipeline.takeaways.llm.lines import block
from pipeline.takeaways.llm.map_and_choose import Scene
from pipeline.takeaways.llm.repair import RewritesByNumber, numbered_reasons, request_rewrites
from pipeline.takeaways.llm.write_sections import tidy_heading
from pipeline.takeaways.verification import Failure
from pipeline.workspace.prompt_sets import Prompt

FRAME_TOKENS = 450
TEXT_TOKENS = 100  # of one of its texts
MAX_INTRODUCTION_SENTENCES = 3
MAX_CLOSE_SENTENCES = 2


@dataclass(frozen=True)
class Frame:
    """The texts around the sections; None or empty where nothing passed verification."""

    title: str | None = None
    dek: str | None = None
    introduction: tuple[Claim, ...] = ()
    close: tuple[Claim, ...] = ()


@dataclass
class _Part:
    """A text of the frame: where it goes, what it says, and why it fails."""

    place: str
    claim: Claim
    failures: tuple[Failure, ...] = ()


def frame(scene: Scene, prompt: Prompt, calls: Calls, themes: Sequence[Theme], ledger: Ledger) -> Frame:
    """Ask for the frame, verify each of its texts, and send back failures once."""
    ask = _ask(scene, prompt, themes)
    (reply,) = calls.ask_all_that_fit([ask])
    if isinstance(reply, ReplyError):
        ledger.reject_reply("frame", reply)
        return Frame()
    cites_by_theme = [_cited_ids(theme) for theme in themes]
    parts = _parts(scene, reply, cites_by_theme)
    for part in parts:
        part.claim, part.failures = ledger.check_first(part.claim, "frame")
    failed = [part for part in parts if part.failures]
    if failed:
        (second_reply,) = calls.ask_all_that_fit([_request_rewrites(ask, reply, failed, len(themes), ledger)])
        rewrites = {} if isinstance(second_reply, ReplyError) else second_reply
        for n, part in enumerate(failed, 1):
            rewrite = rewrites.get(n)
            text = scene.ids.to_stored(rewrite.text) if rewrite else ""
            new_claim = Claim(text=_normalized(part.place, text), cites=part.claim.cites) if text else None
            if kept := ledger.check_rewrite(new_claim, "frame", (part.claim, part.failures)):
                part.claim, part.failures = kept, ()
    return _assemble([part for part in parts if not part.failures])


def _ask(scene: Scene, prompt: Prompt, themes: Sequence[Theme]) -> Ask[replies.Frame]:
    """Ask for the frame of the sections, which the prompt shows in one line each."""
    numbers = {"themes": range(1, len(themes) + 1)}
    most = {
        "themes": len(themes), "introduction": MAX_INTRODUCTION_SENTENCES, "close": MAX_CLOSE_SENTENCES,
    }  # fmt: skip
    schema = replies.schema(replies.Frame, numbers, most)
    shown = [f"{n} {scene.ids.to_prompt(_summary(scene, theme))}" for n, theme in enumerate(themes, 1)]
    request = scene.request(prompt, schema, FRAME_TOKENS, themes=block(shown, "sections"))
    return Ask(request, lambda text: replies.parse(text, replies.Frame, numbers))


def _summary(scene: Scene, theme: Theme) -> str:
    """A section in one line: its heading and prose, or for want of prose its first quoted sentences."""
    prose = " ".join(claim.text for paragraph in theme.paragraphs for claim in paragraph.claims)
    if not prose:
        quoted = [scene.sentences[scene.index[id]] for quote in theme.quotes for id in quote.sentences][:2]
        prose = " ".join(f"{{{sentence.speaker}}}: {sentence.text}" for sentence in quoted)
    return f"{theme.heading}. {prose}"


def _cited_ids(theme: Theme) -> tuple[str, ...]:
    """Ids of the sentences that a section cites or quotes."""
    cited = [id for paragraph in theme.paragraphs for claim in paragraph.claims for id in claim.cites]
    return tuple(dict.fromkeys([*cited, *(id for quote in theme.quotes for id in quote.sentences)]))


def _parts(scene: Scene, reply: replies.Frame, cites_by_theme: Sequence[Sequence[str]]) -> list[_Part]:
    """The texts of a reply. Title and dek cite all sections, a sentence those that it names."""
    all_cites = tuple(dict.fromkeys(id for ids in cites_by_theme for id in ids))
    parts = [
        _Part("title", Claim(text=tidy_heading(scene.ids.to_stored(reply.title)), cites=all_cites)),
        _Part("dek", Claim(text=scene.ids.to_stored(reply.dek) or "?", cites=all_cites)),
    ]
    for place, sentences, max_sentences in (
        ("introduction", reply.introduction, MAX_INTRODUCTION_SENTENCES),
        ("close", reply.close, MAX_CLOSE_SENTENCES),
    ):
        for sentence in sentences[:max_sentences]:
            cites = dict.fromkeys(id for n in sorted(set(sentence.themes)) for id in cites_by_theme[n - 1])
            text = scene.ids.to_stored(sentence.text) or "?"
            parts.append(_Part(place, Claim(text=text, cites=tuple(cites))))
    return parts


def _request_rewrites(
    ask: Ask[replies.Frame], reply: replies.Frame, failed: Sequence[_Part], themes: int, ledger: Ledger
) -> Ask[RewritesByNumber]:
    """Send back the texts that failed, with the reasons. The rewrite of a text keeps its citations."""
    texts = [
        (f'({part.place}) "{ledger.ids.to_prompt(part.claim.text)}"', ledger.reasons_for_model(part.failures))
        for part in failed
    ]
    message = (
        f"Some texts cannot stand:\n{numbered_reasons(texts)}\nWrite each of these anew: "
        '"of" is its number here, "lines" the numbers of the sections that it rests on, "text" the text, '
        'or "" to give it up.'
    )
    return request_rewrites(
        ask.request, reply, message, len(failed), range(1, themes + 1), TEXT_TOKENS, most=themes
    )


def _normalized(place: str, text: str) -> str:
    """A text as its place in the frame wants it."""
    return tidy_heading(text) if place == "title" else text


def _assemble(parts: Sequence[_Part]) -> Frame:
    """A frame of the texts that passed."""

    def claims_of(place: str) -> tuple[Claim, ...]:
        return tuple(part.claim for part in parts if part.place == place)

    title, dek = claims_of("title"), claims_of("dek")
    return Frame(
        title[0].text if title else None,
        dek[0].text if dek else None,
        claims_of("introduction"),
        claims_of("close"),
    )


def paragraphs(claims: Sequence[Claim]) -> tuple[Paragraph, ...]:
    """Claims as one paragraph, or as none if there are no claims."""
    return (Paragraph(claims=tuple(claims)),) if claims else ()
