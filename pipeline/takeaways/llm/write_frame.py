"""The step frame: title, dek, introduction and close, out of the sections that stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.records import Claim, Paragraph, Theme
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.calls import Ask, Calls, ReplyError
from pipeline.takeaways.llm.ledger import Ledger
from pipeline.takeaways.llm.lines import block
from pipeline.takeaways.llm.map_and_choose import Scene
from pipeline.takeaways.llm.repair import Mends, listed, sent_back
from pipeline.takeaways.llm.write_sections import tidied
from pipeline.takeaways.verification import Failure
from pipeline.workspace.prompt_sets import Prompt

FRAME_TOKENS = 450
TEXT_TOKENS = 100  # of one text of it
INTRODUCTION, CLOSE = 3, 2  # sentences at most


@dataclass(frozen=True)
class Frame:
    """What stands around the sections; None or empty where nothing passed."""

    title: str | None = None
    dek: str | None = None
    introduction: tuple[Claim, ...] = ()
    close: tuple[Claim, ...] = ()


@dataclass
class _Part:
    """A text of the frame: where it goes, what it says, why it fails."""

    place: str
    claim: Claim
    failures: tuple[Failure, ...] = ()


def frame(scene: Scene, prompt: Prompt, calls: Calls, themes: Sequence[Theme], ledger: Ledger) -> Frame:
    """Ask for the frame, verify each of its texts, and send back once what fails."""
    ask = _ask(scene, prompt, themes)
    (reply,) = calls.ask_all_that_fit([ask])
    if isinstance(reply, ReplyError):
        ledger.unusable("frame", reply)
        return Frame()
    rests = [_rests_on(theme) for theme in themes]
    parts = _parts(scene, reply, rests)
    for part in parts:
        part.claim, part.failures = ledger.first(part.claim, "frame")
    failed = [part for part in parts if part.failures]
    if failed:
        (mended,) = calls.ask_all_that_fit([_sent_back(ask, reply, failed, len(themes), ledger)])
        texts = {} if isinstance(mended, ReplyError) else mended
        for n, part in enumerate(failed, 1):
            mend = texts.get(n)
            text = scene.ids.stored(mend.text) if mend else ""
            again = Claim(text=_fit(part.place, text), cites=part.claim.cites) if text else None
            if kept := ledger.second(again, "frame", (part.claim, part.failures)):
                part.claim, part.failures = kept, ()
    return _framed([part for part in parts if not part.failures])


def _ask(scene: Scene, prompt: Prompt, themes: Sequence[Theme]) -> Ask[replies.Frame]:
    numbers = {"themes": range(1, len(themes) + 1)}
    schema = replies.schema(
        replies.Frame, numbers, {"themes": len(themes), "introduction": INTRODUCTION, "close": CLOSE}
    )
    shown = [f"{n} {scene.ids.unstored(_summary(scene, theme))}" for n, theme in enumerate(themes, 1)]
    request = scene.request(prompt, schema, FRAME_TOKENS, themes=block(shown, "sections"))
    return Ask(request, lambda text: replies.read(text, replies.Frame, numbers))


def _summary(scene: Scene, theme: Theme) -> str:
    """A section in one line: its heading and prose, or the first words that are quoted in it."""
    prose = " ".join(claim.text for paragraph in theme.paragraphs for claim in paragraph.claims)
    if not prose:
        quoted = [scene.sentences[scene.index[id]] for quote in theme.quotes for id in quote.sentences][:2]
        prose = " ".join(f"{{{sentence.speaker}}}: {sentence.text}" for sentence in quoted)
    return f"{theme.heading}. {prose}"


def _rests_on(theme: Theme) -> tuple[str, ...]:
    cited = [id for paragraph in theme.paragraphs for claim in paragraph.claims for id in claim.cites]
    return tuple(dict.fromkeys([*cited, *(id for quote in theme.quotes for id in quote.sentences)]))


def _parts(scene: Scene, reply: replies.Frame, rests: Sequence[Sequence[str]]) -> list[_Part]:
    everything = tuple(dict.fromkeys(id for ids in rests for id in ids))
    parts = [
        _Part("title", Claim(text=tidied(scene.ids.stored(reply.title)), cites=everything)),
        _Part("dek", Claim(text=scene.ids.stored(reply.dek) or "?", cites=everything)),
    ]
    for place, written, most in (
        ("introduction", reply.introduction, INTRODUCTION),
        ("close", reply.close, CLOSE),
    ):
        for about in written[:most]:
            cites = tuple(dict.fromkeys(id for n in sorted(set(about.themes)) for id in rests[n - 1]))
            parts.append(_Part(place, Claim(text=scene.ids.stored(about.text) or "?", cites=cites)))
    return parts


def _sent_back(
    ask: Ask[replies.Frame], reply: replies.Frame, failed: Sequence[_Part], themes: int, ledger: Ledger
) -> Ask[Mends]:
    """The texts that failed, with the reasons; each goes on resting on what it rested on."""
    texts = [
        (f'({part.place}) "{ledger.ids.unstored(part.claim.text)}"', ledger.told(part.failures))
        for part in failed
    ]
    message = (
        f"Some texts cannot stand:\n{listed(texts)}\nWrite each of these anew: "
        '"of" is its number here, "lines" the numbers of the sections that it rests on, "text" the text, '
        'or "" to give it up.'
    )
    return sent_back(ask.request, reply, message, len(failed), range(1, themes + 1), TEXT_TOKENS, most=themes)


def _fit(place: str, text: str) -> str:
    return tidied(text) if place == "title" else text


def _framed(parts: Sequence[_Part]) -> Frame:
    def of(place: str) -> tuple[Claim, ...]:
        return tuple(part.claim for part in parts if part.place == place)

    title, dek = of("title"), of("dek")
    return Frame(
        title[0].text if title else None, dek[0].text if dek else None, of("introduction"), of("close")
    )


def paragraphs(claims: Sequence[Claim]) -> tuple[Paragraph, ...]:
    """Claims as one paragraph; no claims, none."""
    return (Paragraph(claims=tuple(claims)),) if claims else ()
