"""Syntax: parts of speech, lemmas and dependencies of sentences, by spaCy; and a cache.

spaCy takes half a second to import, and imports torch where that is installed: it waits for the first
sentence that is not in the cache.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

from pipeline.engines import Token, syntax_models
from pipeline.engines.parse_cache import ParseCache
from pipeline.errors import ModelError, printable
from pipeline.files import digest_value

if TYPE_CHECKING:
    from pathlib import Path

    from spacy.language import Language
    from spacy.tokens import Doc

    from pipeline.weights.catalog import Model
    from pipeline.workspace.state import ByteCache

# The parts of a model that are loaded. To recognise names as well would take twice the time.
PIPES = ("tok2vec", "transformer", "tagger", "morphologizer", "parser", "attribute_ruler", "lemmatizer")
MAX_CHARACTERS = 4_000  # parsed at once: more is no faster and takes more memory
# spaCy's tokenizer takes time with the square of a word's length, where that is of signs.
MAX_WORD_CHARACTERS = 300
_LONG_WORD = re.compile(rf"(?<!\S)\S{{{MAX_WORD_CHARACTERS + 1},}}+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PARSING = threading.Lock()  # several talks may ask at once, and spaCy's vocabulary is one for all


def parser(language: str, cache: ByteCache | None = None) -> Parser | None:
    """The parser of a language, with a talk's cache of parses; None if there is none, or it is not here.

    `syntax_models.find` says why there is none. The model is loaded when a sentence is first parsed.
    Raises ConfigError for a broken trusted.toml.
    """
    try:
        return Parser(syntax_models.find(language), cache)
    except ModelError:
        return None


class Parser:
    """A model, as a Parse. A text is parsed once; `save` keeps for the next run what this one asked for."""

    def __init__(self, model: Model | Path, cache: ByteCache | None = None) -> None:
        self._model = model
        self._parses = ParseCache(cache, digest_value([syntax_models.identity(model), version("spacy")]))

    def __call__(self, texts: Sequence[str]) -> list[tuple[Token, ...]]:
        """Parse texts; long ones in pieces. Raises ModelError if the model cannot be loaded."""
        with _PARSING:
            found = {text: self._parses.recall(text) for text in texts}
            new = [text for text, tokens in found.items() if tokens is None]
            for text, tokens in zip(new, _parse(new, self._model), strict=True):
                self._parses.keep(text, tokens)
                found[text] = self._parses.recall(text)
        return [found[text] or () for text in texts]

    def save(self) -> None:
        """Store the parses that were asked for. A folder that cannot be written costs only speed."""
        self._parses.save()


def _parse(texts: Sequence[str], model: Model | Path) -> list[list[Token]]:
    parsed: list[list[Token]] = [[] for _ in texts]
    if not texts:
        return parsed
    nlp = _load(model)
    with nlp.memory_zone():  # afterwards it forgets the words that it has met
        for batch in _batches(texts):
            docs = nlp.pipe([_readable(piece.text) for piece in batch], batch_size=len(batch))
            for piece, doc in zip(batch, docs, strict=True):
                tokens = parsed[piece.number]
                tokens += _tokens(doc, texts[piece.number], piece.start, len(tokens))
    return parsed


class _Piece(NamedTuple):
    """What is parsed at once of text `number`, from the character `start` on."""

    number: int
    start: int
    text: str


def _batches(texts: Sequence[str]) -> Iterator[list[_Piece]]:
    """The pieces of all texts, as many at once as have some four thousand characters."""
    batch: list[_Piece] = []
    size = 0
    for number, text in enumerate(texts):
        for start, end in _pieces(text):
            if batch and size + end - start > MAX_CHARACTERS:
                yield batch
                batch, size = [], 0
            batch.append(_Piece(number, start, text[start:end]))
            size += end - start
    if batch:
        yield batch


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where a text is cut: behind a space, if there is one."""
    start = 0
    while start < len(text):
        end = start + MAX_CHARACTERS
        if end < len(text):
            end = text.rfind(" ", start, end + 1) + 1 or end
        yield start, min(end, len(text))
        start = end


def _readable(text: str) -> str:
    """Text as spaCy can read it in good time, of the same length."""
    return _LONG_WORD.sub(lambda word: "x" * len(word[0]), _SURROGATE.sub("\ufffd", text))


def _tokens(doc: Doc, text: str, start: int, index: int) -> Iterator[Token]:
    """Of a piece of `text` that begins at the character `start`; the first of them is number `index`."""
    for token in doc:
        a = start + token.idx
        b = a + len(token.text)
        said = text[a:b]
        lemma = said if b - a > MAX_WORD_CHARACTERS else token.lemma_ or said
        yield Token(said, a, b, lemma, token.pos_, token.tag_, token.dep_, index + token.head.i)


@cache
def _load(model: Model | Path) -> Language:
    """Raises ModelError."""
    folder = syntax_models.locate(model)
    try:
        import spacy

        with warnings.catch_warnings():  # a library should not print
            warnings.simplefilter("ignore")
            pipes = spacy.util.load_config(folder / "config.cfg")["nlp"]["pipeline"]
            nlp = spacy.load(folder, exclude=[pipe for pipe in pipes if pipe not in PIPES])
    except Exception as error:  # of a config, of files of many formats, of what they ask for
        problem = f"spaCy {version('spacy')} cannot load it ({printable(str(error)).strip()[:160]})"
        remedy = "Use a model for that version of spaCy (python -m spacy validate lists those installed)."
        raise ModelError(problem, file=folder, remedy=remedy) from error
    if "parser" not in nlp.pipe_names:
        remedy = "Use a model whose description lists a parser."
        raise ModelError("this model has no parser of dependencies", file=folder, remedy=remedy)
    return nlp
