"""Small made-up talks, and what is said of them, for the tests of rendering."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html.parser import HTMLParser
from pathlib import Path

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pipeline.records import (
    Claim,
    Kept,
    Media,
    Paragraph,
    Post,
    Quote,
    Sentence,
    Speaker,
    Takeaways,
    Theme,
    Transcript,
    Turn,
    Turns,
    Verification,
)
from pipeline.running.stage_contract import Product, Upstream
from pipeline.stages.render import RENDER
from pipeline.takeaways.section_bodies import author_note
from pipeline.workspace import talks
from pipeline.workspace.talks import Source, Talk, Workspace


class Page(HTMLParser):
    """A page, parsed strictly: unlike a browser, it fails on tags or attributes that are wrong."""

    VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, list[str]] = {}
        self.feed(html)
        self.close()
        assert not self.open, "an element is never closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice in <{tag}>"
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.text.setdefault(self.open[-1], []).append(data)

    def values(self, attribute: str) -> list[str]:
        return [value for _, attrs in self.tags if (value := attrs.get(attribute)) is not None]


class Reading:
    """A post's Markdown as somebody reads it."""

    def __init__(self, post: str) -> None:
        front, _, body = post.partition("\n---\n")
        tokens = MarkdownIt("commonmark").parse(body)
        self.blocks = [token for token in tokens if token.type == "inline"]
        self.texts = [self._text(block) for block in self.blocks]
        self.front = yaml.safe_load(front.removeprefix("---\n"))

    @staticmethod
    def _text(block: Token) -> str:
        breaks = ("softbreak", "hardbreak")
        return "".join(" " if child.type in breaks else child.content for child in block.children or [])

    @property
    def words(self) -> int:
        """The words that are read, a sign that stands alone is none; the title counts, the dek but once."""
        read = " ".join([self.front["title"], *self.texts]).split()
        return sum(any(letter.isalnum() for letter in word) for word in read)

    @property
    def links(self) -> list[int]:
        """How many links each block has."""
        return [sum(child.type == "link_open" for child in block.children or []) for block in self.blocks]


class Listener:
    """A monitor that remembers its warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def progress(self, reached: float, total: float | None) -> None:
        pass

    def note(self, message: str) -> None:
        pass

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def used(self, **facts: str | float) -> None:
        pass


def talk(root: Path, sidecar: str = "", review: str = "", media: str = "talk.mp3") -> Talk:
    """A talk whose recording is an empty file: rendering never opens it."""
    source = root / "inputs" / media
    source.parent.mkdir(parents=True, exist_ok=True)
    source.touch()
    source.with_suffix(".toml").write_text(sidecar, "utf-8")
    source.with_suffix(".review.toml").write_text(review, "utf-8")
    return talks.load(Source(source.stem, source), Workspace(root))


def turns(said: Sequence[tuple[str, str]], timed: bool = True, labels: Sequence[str] = ()) -> Turns:
    """A turn for each (speaker, "sentence | sentence"): 4 s a sentence, 1 s of silence after each."""
    turns, seconds, word = [], 0.0, 0
    for number, (speaker, text) in enumerate(said):
        sentences = []
        for sentence in text.split(" | "):
            length = max(1, len(sentence.split()))
            start, end = (seconds, seconds + 4) if timed else (None, None)
            words = (word, word + length)
            sentences.append(
                Sentence(id=f"s{word}", text=sentence, start=start, end=end, speaker=speaker, words=words)
            )
            seconds, word = seconds + 5, word + length
        first, last = sentences[0], sentences[-1]
        turns.append(
            Turn(
                id=f"t{number}",
                speaker=speaker,
                start=first.start,
                end=last.end,
                sentences=tuple(sentences),
            )
        )
    ids = sorted({speaker for speaker, _ in said})
    speakers = []
    for index, id in enumerate(ids):
        label = labels[index] if index < len(labels) else None
        talk_seconds = sum(len(turn.sentences) for turn in turns if turn.speaker == id) * 4.0
        speakers.append(
            Speaker(
                id=id,
                name=label,
                source="label" if label else "none",
                evidence=label,
                talk_seconds=talk_seconds if timed else None,
            )
        )
    return Turns(language="en", speakers=tuple(speakers), turns=tuple(turns))


Stretch = tuple[str, float | None, float | None]


def spoken(stretches: Iterable[Stretch], flags: Sequence[str] = (), words: int = 3) -> Turns:
    """A turn of one sentence of `words` words for each (speaker, start, end)."""
    turns, talk_seconds = [], dict[str, float]()
    for index, (speaker, start, end) in enumerate(stretches):
        word = index * words
        sentence = Sentence(
            id=f"s{word}",
            text="Well then yes.",
            start=start,
            end=end,
            speaker=speaker,
            words=(word, word + words),
            flags=tuple(flags),
        )
        turns.append(Turn(id=f"t{word}", speaker=speaker, start=start, end=end, sentences=(sentence,)))
        length = max(end - start, 0.0) if start is not None and end is not None else 0.0
        talk_seconds[speaker] = talk_seconds.get(speaker, 0.0) + length
    speakers = tuple(Speaker(id=id, talk_seconds=seconds or None) for id, seconds in talk_seconds.items())
    return Turns(language="en", speakers=speakers, turns=tuple(turns))


def guessing(turns: Turns, id: str, name: str, source: str, evidence: str) -> Turns:
    """The same turns with a name that is a guess."""
    guess = {"name": name, "source": source, "evidence": evidence}
    speakers = tuple(s.model_copy(update=guess) if s.id == id else s for s in turns.speakers)
    return turns.model_copy(update={"speakers": speakers})


def paragraph(*claims: tuple[str, ...]) -> Paragraph:
    """Prose: of each claim its text and the ids that it cites."""
    return Paragraph(claims=tuple(Claim(text=text, cites=tuple(cites)) for text, *cites in claims))


def quoting(turns: Turns, *ids: str, title: str = "A title", heading: str = "A heading") -> Takeaways:
    """Takeaways of one theme with one quote."""
    first = next(s for s in turns.sentences() if s.id == ids[0])
    quote = Quote(sentences=ids, speaker=first.speaker)
    return Takeaways(
        writer="hand", title=title, dek="A dek.", themes=(Theme(heading=heading, body=(quote,)),)
    )


PANEL = (
    ("S1", "Yeah, so, I mean, the models have to stay small. | If you need a supercomputer, open source "
     "does not help you much. | The cost of running it centralizes everything by itself."),
    ("S2", "It is the same design decision as in Ethereum. | Anyone should be able to run a node at home. | "
     "Otherwise it naturally gets more centralized over time, you know."),
    ("S1", "With all these tools you can get lost very quickly. | Ship, learn, and iterate on the "
     "fundamentals."),
    ("S2", "People put things onchain and they are literally there forever. | We tell every team that."),
    ("S1", "Once it is out there, it is out there. | So your values go in before the release."),
)  # fmt: skip
PEOPLE = """
title = "Small matters in open tech"
dek = "And other reflections on building open tech in crypto and AI"
date = "2024-03-07"
occasion = "100 Builders, week 1"
recording = "https://www.youtube.com/watch?v=abc"
links = ["https://www.builders.example/cohort", { title = "What Stable Diffusion is", url = "https://a.example/sd" }]
[speakers]
"Conner Ruhl" = { at = "0:01", role = "Stability AI" }
"Jesse Pollak" = { at = "0:16", role = "Base" }
"""  # noqa: E501


def written(turns: Turns) -> Takeaways:
    """Takeaways of the panel with everything that a post can have: prose, quotes, notes, a verification."""
    ids = [sentence.id for sentence in turns.sentences()]

    def quote(speaker: str, *sentences: int, keep: tuple[Kept, ...] = ()) -> Quote:
        return Quote(sentences=tuple(ids[n] for n in sentences), speaker=speaker, keep=keep)

    small = paragraph(
        ("{S1} wants Stability's models small enough to run without a supercomputer.", ids[0], ids[1]),
        ("Where only a few companies can pay for the machines, an open licence changes little.", ids[2]),
    )
    node = paragraph(
        (
            "{S2}'s answer was that Ethereum made the same choice: a node has to fit into a home.",
            ids[3],
            ids[4],
        ),
        ("A chain that grows past that gets more centralized, whatever its licence says.", ids[5]),
    )
    forever = paragraph(
        ("{S2} reminds teams that what is onchain stays there.", ids[8], ids[9]),
        ("For {S1}, that is why values have to be settled before a release.", ids[10], ids[11]),
    )
    return Takeaways(
        writer="hand",
        title="Small matters",
        dek="",
        introduction=(
            paragraph(
                ("{S1} and {S2} build open technology in two fields, AI and crypto.", ids[0], ids[3]),
                ("They came to the same advice: keep it small, ship often, and mean it.", ids[7], ids[10]),
            ),
        ),
        themes=(
            Theme(
                heading="Open means small enough to run",
                body=(
                    small,
                    quote("S1", 0, 1, keep=(Kept(sentence=ids[0], words=(4, 10)),)),
                    node,
                    quote("S2", 5, keep=(Kept(sentence=ids[5], words=(0, 8)),)),
                    author_note("I keep coming back to this: openness is a spectrum, not a switch.", 1),
                ),
            ),
            Theme(heading="Ship, learn, iterate", body=(quote("S1", 6, 7),)),
            Theme(heading="Once it is out there", body=(forever, quote("S1", 10))),
        ),
        close=(
            paragraph(
                ("Small, fast and careful can go together.", ids[4], ids[7], ids[11]),
            ),
            author_note("These notes do not do the conversation justice.", 2),
            author_note("Thanks to both of them.", 3),
        ),
        verification=Verification(checked=9, passed=7, mended=1, replaced=1, reasons={"number": 2}),
    )


def render(talk: Talk, turns: Turns, takeaways: Takeaways, listener: Listener | None = None) -> Product[Post]:
    transcript = Transcript(media=Media(name=talk.source.name, kind="media"), language="en", words=())
    return RENDER.run(talk, Upstream((transcript, turns, takeaways)), listener or Listener())


def texts(product: Product[Post]) -> dict[str, str]:
    return {name: data.decode("utf-8") for name, data in product.files.items()}


def check(takeaways: Takeaways, turns: Turns) -> None:
    """What must hold whatever a model writes."""
    sentences = {sentence.id: sentence for sentence in turns.sentences()}
    assert takeaways.title
    assert takeaways.themes
    for theme in takeaways.themes:
        assert theme.paragraphs or theme.quotes
        for quote in theme.quotes:
            assert {sentences[id].speaker for id in quote.sentences} == {quote.speaker}
        for paragraph in theme.paragraphs:
            assert all(claim.cites and set(claim.cites) <= sentences.keys() for claim in paragraph.claims)
    if counts := takeaways.verification:  # None where the model found no points at all
        assert counts.checked == counts.passed + counts.doubted + counts.mended + counts.replaced
