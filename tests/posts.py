"""Small made-up talks for the tests of rendering."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline import talks
from pipeline.records import Media, Quote, Sentence, Speaker, Takeaways, Theme, Transcript, Turn, Turns
from pipeline.stage import Product, Upstream
from pipeline.stages.render import RENDER
from pipeline.talks import Source, Talk, Workspace


class Listener:
    """A monitor that remembers its warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def progress(self, reached: float, total: float | None) -> None:
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
    found, at, word = [], 0.0, 0
    for number, (speaker, text) in enumerate(said):
        sentences = []
        for sentence in text.split(" | "):
            length = max(1, len(sentence.split()))
            start, end = (at, at + 4) if timed else (None, None)
            words = (word, word + length)
            sentences.append(
                Sentence(id=f"s{word}", text=sentence, start=start, end=end, speaker=speaker, words=words)
            )
            at, word = at + 5, word + length
        first, last = sentences[0], sentences[-1]
        found.append(
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
        spoken = sum(len(t.sentences) for t in found if t.speaker == id) * 4.0
        speakers.append(
            Speaker(
                id=id,
                name=label,
                source="label" if label else "none",
                evidence=label,
                talk_seconds=spoken if timed else None,
            )
        )
    return Turns(language="en", speakers=tuple(speakers), turns=tuple(found))


Stretch = tuple[str, float | None, float | None]


def spoken(stretches: Iterable[Stretch], flags: Sequence[str] = (), words: int = 3) -> Turns:
    """A turn of one sentence of `words` words for each (speaker, start, end)."""
    found, seconds = [], dict[str, float]()
    for index, (speaker, start, end) in enumerate(stretches):
        at = index * words
        sentence = Sentence(
            id=f"s{at}",
            text="Well then yes.",
            start=start,
            end=end,
            speaker=speaker,
            words=(at, at + words),
            flags=tuple(flags),
        )
        found.append(Turn(id=f"t{at}", speaker=speaker, start=start, end=end, sentences=(sentence,)))
        length = max(end - start, 0.0) if start is not None and end is not None else 0.0
        seconds[speaker] = seconds.get(speaker, 0.0) + length
    people = tuple(Speaker(id=id, talk_seconds=length or None) for id, length in seconds.items())
    return Turns(language="en", speakers=people, turns=tuple(found))


def guessing(turns: Turns, id: str, name: str, source: str, evidence: str) -> Turns:
    """The same turns with a name that is a guess."""
    about = {"name": name, "source": source, "evidence": evidence}
    people = (s.model_copy(update=about) if s.id == id else s for s in turns.speakers)
    return turns.model_copy(update={"speakers": tuple(people)})


def quoting(turns: Turns, *ids: str, title: str = "A title", heading: str = "A heading") -> Takeaways:
    """Takeaways of one theme with one quote."""
    first = next(s for s in turns.sentences() if s.id == ids[0])
    quote = Quote(sentences=ids, speaker=first.speaker)
    return Takeaways(
        writer="hand", title=title, dek="A dek.", themes=(Theme(heading=heading, quotes=(quote,)),)
    )


def render(talk: Talk, turns: Turns, takeaways: Takeaways, listener: Listener | None = None) -> Product:
    transcript = Transcript(media=Media(name=talk.source.name, kind="media"), language="en", words=())
    return RENDER.run(talk, Upstream((transcript, turns, takeaways)), listener or Listener())


def texts(product: Product) -> dict[str, str]:
    return {name: data.decode("utf-8") for name, data in product.files.items()}
