"""TOML that a parser would choke on is refused before it is parsed; what people write is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.workspace import config
from pipeline.workspace.toml_limits import MAX_FILE_BYTES

LONG_KEY = ".".join(["a"] * 21)


@pytest.mark.parametrize(
    "text",
    [
        "a." * 20_000 + "a = 1",  # takes tomllib 1.6 GB
        f"title = 'x'\n[{LONG_KEY}]",
        f"[[{LONG_KEY}]]",
        " . ".join(["a"] * 21) + " = 1",
        ".".join(['"a"', "'b'"] * 11) + " = 1",
        f"title = {{ dek = 'x', {LONG_KEY} = 1 }}",
        # after strings that end in odd places
        f'title = {{ a = """b"""", {LONG_KEY} = 1 }}',
        f'title = {{ a = """b\\\\""", {LONG_KEY} = 1 }}',
        f"title = {{ a = '''b\\''', {LONG_KEY} = 1 }}",
        f"title = {{ a = 'b\\', {LONG_KEY} = 1 }}",
        f'title = {{ a = "b\\"", {LONG_KEY} = 1 }}',
    ],
)
def test_a_key_of_many_parts_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "talk.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="a key has more than 20 parts with dots between them") as error:
        config.read_toml(path)
    assert error.value.file == path


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 21, "a = " + "{ a = " * 5000, "a = " + "[{a = " * 11 + "1" + "}]" * 11]
)
def test_lists_and_tables_in_one_another_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "talk.toml"
    path.write_text(f"# A comment\n{text}\n", "utf-8")
    with pytest.raises(ConfigError, match="line 2: lists or tables are nested more than 20 deep"):
        config.read_toml(path)


def test_long_texts_and_many_entries_are_read(tmp_path: Path) -> None:
    prose = "One. Two … three. [four] {five} = six, " * 500
    path = tmp_path / "talk.toml"
    path.write_text(
        f'# {prose}\ntitle = \'{prose}\'\ndek = "{prose} \\"quoted. words.\\" "\n'
        f'audience = \'\'\'\n{prose}\'s "words" \'\'\n\'\'\'\ntone = """\n{prose}\\" "" \'\n"""""\n'
        f"numbers = [{'1.5, 2.5e3, ' * 500}]\ntables = [{'{ a.b.c = 1 }, ' * 200}]\n"
        f"at = 1979-05-27T07:32:00.999\n{'[[fix]]' + chr(10) + 'x.y = 1.5' + chr(10)}{'[[turn]]' * 1}\n"
        f'"{"dots." * 30}" = 1\n',
        "utf-8",
    )
    tables = config.read_toml(path)
    assert (tables["title"], len(tables["numbers"]), len(tables["tables"])) == (prose, 1000, 200)
    assert tables["tone"].endswith('\n""')


def test_a_file_of_more_than_a_megabyte_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "talk.toml"
    path.write_text("#" * MAX_FILE_BYTES, "utf-8")
    assert config.read_toml(path) == {}
    path.write_text("#" * (MAX_FILE_BYTES + 1), "utf-8")
    with pytest.raises(ConfigError, match=r"has 1,048,577 bytes, of at most 1,048,576\. Is it the right"):
        config.read_toml(path)


@pytest.mark.parametrize(
    "text", ['"""' + '\\"""' * 200_000, '"' + "\\" * 900_000, "'" * 900_000, "'''" + "''x" * 300_000]
)
def test_strings_without_an_end_are_looked_at_once(tmp_path: Path, text: str) -> None:
    path = tmp_path / "talk.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="not valid TOML"):  # at once: by each start it would take hours
        config.read_toml(path)
