"""What is compared: the program's writer, and simpler ways to choose sentences."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sumy.models.dom import ObjectDocumentModel, Paragraph
from sumy.models.dom import Sentence as Line
from sumy.nlp.stemmers import Stemmer
from sumy.summarizers.text_rank import TextRankSummarizer
from sumy.utils import get_stop_words

from pipeline.engines.sentence_vectors import SentenceEncoder
from pipeline.records import Quote, Sentence, Takeaways, Theme, Turns
from pipeline.takeaways.extractive import ExtractiveWriter
from pipeline.takeaways.extractive.themes import segment
from pipeline.takeaways.language.sentences import TOKEN, Language, analyse
from pipeline.weights.models import locate
from pipeline.workspace.sidecar import Facts


class _Stored(SentenceEncoder):
    """Embeddings of whole talks are kept in a folder, if there is one."""

    LEAST = 60  # texts; headings are fewer and always embedded

    def __init__(self, model: Path, folder: Path | None) -> None:
        super().__init__(model)
        self._folder = folder

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self._folder is None or len(texts) < self.LEAST:
            return super().__call__(texts)
        path = self._folder / f"{hashlib.sha256(chr(10).join(texts).encode()).hexdigest()}.npy"
        if not path.is_file():
            self._folder.mkdir(parents=True, exist_ok=True)
            np.save(path, super().__call__(texts))
        rows: NDArray[np.float32] = np.load(path)
        return rows


class Ours:
    """The program: extractive writer, no glossary, and the stretches that it works on."""

    def __init__(self, cache: Path | None = None) -> None:
        self._embed = _Stored(locate("minilm") / "model.onnx", cache)
        self._writer = ExtractiveWriter(self._embed)

    def write(self, turns: Turns) -> Takeaways:
        return self._writer.write(turns, Facts())

    def stretches(self, turns: Turns) -> list[int]:
        """First sentence of each stretch, as an index among all sentences of the talk."""
        said = analyse(turns, Language.of(turns))
        order = {sentence.id: at for at, sentence in enumerate(turns.sentences())}
        starts = segment(said, self._embed([s.sentence.text for s in said]))
        return [0, *(order[said[at].sentence.id] for at in starts[1:])]


class Stored:
    """Takeaways made elsewhere: `NAME.json` in a folder, sentence ids as `data.read` gives them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, name: str) -> Takeaways | None:
        path = self._folder / f"{name}.json"
        return Takeaways.model_validate_json(path.read_text("utf-8")) if path.is_file() else None


class _Words:
    """sumy's interface to a tokenizer, with the program's words."""

    def to_words(self, text: str) -> tuple[str, ...]:
        return tuple(TOKEN.findall(text))


def textrank(turns: Turns, count: int) -> Takeaways:
    """The `count` sentences that sumy's TextRank (Mihalcea & Tarau 2004) ranks highest, English stemmer."""
    said = turns.sentences()
    words = _Words()
    document = ObjectDocumentModel([Paragraph([Line(s.text, words) for s in said])])
    summarizer = TextRankSummarizer(Stemmer("english"))
    summarizer.stop_words = get_stop_words("english")
    ranks = summarizer.rate_sentences(document)
    rated = [ranks.get(line, 0.0) for line in document.sentences]
    return selection("textrank", said, sorted(range(len(said)), key=lambda at: (-rated[at], at))[:count])


def longest(turns: Turns, count: int) -> Takeaways:
    """The `count` longest sentences: what TextRank has to beat."""
    said = turns.sentences()
    return selection(
        "longest", said, sorted(range(len(said)), key=lambda at: (-len(said[at].text), at))[:count]
    )


def spaced(turns: Turns, count: int) -> Takeaways:
    """`count` sentences of eight words and more, evenly spaced."""
    said = turns.sentences()
    fit = [at for at, s in enumerate(said) if len(s.text.split()) >= 8]
    return selection(
        "spaced", said, [fit[(2 * k + 1) * len(fit) // (2 * count)] for k in range(min(count, len(fit)))]
    )


def selection(name: str, said: Sequence[Sentence], chosen: Sequence[int]) -> Takeaways:
    """Chosen sentences as takeaways of one theme, a quote each, in order of speech."""
    quotes = tuple(Quote(sentences=(said[at].id,), speaker=said[at].speaker) for at in sorted(chosen))
    return Takeaways(writer=name, title="", dek="", themes=(Theme(heading="", body=quotes),))


SELECTIONS: dict[str, Callable[[Turns, int], Takeaways]] = {
    "TextRank": textrank,
    "longest": longest,
    "spaced": spaced,
}
