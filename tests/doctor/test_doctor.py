"""`takeaways doctor`: what it says of a machine, its models, its network and the key, and what it mends."""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from pipeline.doctor import Check, examine, machine
from pipeline.engines import openai_client
from pipeline.engines.audio import encoding
from pipeline.engines.chat.endpoint import Chat, Endpoint, Request
from pipeline.engines.hosted.transcriber import Service
from pipeline.engines.whisper import faster_weights, openai_weights
from pipeline.errors import EndpointError
from pipeline.workspace.config import Settings
from pipeline.workspace.talks import Workspace
from tests.support.fake_web import LOGIN, Answered, FakeWeb, hole, hub, listing, page

SECRET = "sk-very-secret-123"
SMALL = {"model.bin": b"weights" * 9999, "config.json": b"{}", "tokenizer.json": b'{"a": 1}'}


def doctor(root: Path, *arguments: str, **environment: str) -> tuple[int, dict[str, tuple[bool, str]], str]:
    """Exit code, what each check says, and everything printed, of the program with that environment alone."""
    given = {"PATH": os.environ["PATH"], "TAKEAWAYS_CACHE": str(root / "cache"), **environment}
    done = subprocess.run(
        [sys.executable, "-c", "from pipeline.cli.main import main; main()", "doctor", "--json", *arguments],
        cwd=root, capture_output=True, text=True, check=False, timeout=60,
        env={**given, "PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(root)},
    )  # fmt: skip
    checks = {one["name"]: (one["ok"], one["detail"]) for one in json.loads(done.stdout or "[]")}
    return done.returncode, checks, done.stdout + done.stderr


def looked(root: Path, **tables: Mapping[str, object]) -> dict[str, Check]:
    """The checks for some settings, made here."""
    found = examine(Workspace(root), Settings.model_validate(tables), fetch=False)
    return {check.name: check for check in found}


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


# Decoders


def test_every_usual_kind_of_recording_is_really_read() -> None:
    assert dict(encoding.problems_by_format()) == dict.fromkeys(
        ("mp3", "aac in m4a", "aac in mp4", "opus in ogg", "opus in webm", "flac", "wav")
    )
    found = machine.decoder_check()
    assert found.ok
    assert found.detail == "mp3, aac in m4a, aac in mp4, opus in ogg, opus in webm, flac, wav"


def _spoilt(path: Path, encoder: str) -> None:
    """Zeros for the WAV, half a FLAC's header for the FLAC."""
    if path.suffix == ".flac":
        path.write_bytes(b"fLaC\x00\x00")
        return
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(3200))


def test_a_kind_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = (("odd", "odd", "no_such_encoder", "no_such_decoder"),)
    monkeypatch.setattr(encoding, "TESTED_FORMATS", encoding.TESTED_FORMATS[-2:] + unknown)
    monkeypatch.setattr(encoding, "_write_tone", _spoilt)
    found = machine.decoder_check()
    assert not found.ok
    assert "odd: there is no decoder for it" in found.detail
    assert "wav: only silence came of a tone" in found.detail
    assert "flac: this is not a recording" in found.detail
    assert "pip install" in found.detail


def test_without_a_place_for_temporary_files_the_decoders_are_not_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    found = machine.decoder_check()
    assert not found.ok
    assert "not tried" in found.detail


# Models


def test_by_default_all_is_well_and_nothing_is_left_behind(tmp_path: Path) -> None:
    code, checks, _ = doctor(tmp_path, "--fetch")
    assert code == 0, checks
    assert all(ok for ok, _ in checks.values())
    assert checks["network"][1] == "not needed: nothing leaves this machine"
    assert checks["key"][1] == "OPENAI_API_KEY is not set, and not needed"
    assert "147.9 MB, MIT" in checks["whisper-base"][1]
    assert "8.9 MB, MIT, SHA-256 as it should be" in checks["parser en"][1]
    assert {path.name for path in tmp_path.iterdir()} == {"cache"}


@pytest.mark.usefixtures("alone")
def test_damaged_models_are_named_and_mended_only_when_told_to(tmp_path: Path) -> None:
    assert doctor(tmp_path, "--fetch")[0] == 0
    onnx, vocabulary = (next(tmp_path.rglob(name)) for name in ("model.onnx", "vocabulary.txt"))
    good = [onnx.read_bytes(), vocabulary.read_bytes()]
    onnx.write_bytes(good[0][: len(good[0]) // 2])
    vocabulary.write_bytes(b"?" + good[1][1:])
    code, checks, _ = doctor(tmp_path)
    assert code == 1
    assert not checks["minilm"][0]
    assert str(onnx) in checks["minilm"][1]
    assert "half of it is missing (11,464,309 of 22,928,619 bytes)" in checks["minilm"][1]
    assert not checks["whisper-base"][0]
    assert f"{vocabulary}: whisper-base is damaged: its SHA-256 is" in checks["whisper-base"][1]
    assert "doctor --fetch" in checks["whisper-base"][1]
    assert len(onnx.read_bytes()) < len(good[0])
    assert doctor(tmp_path, "--fetch")[0] == 0
    assert [onnx.read_bytes(), vocabulary.read_bytes()] == good


def test_nothing_is_mended_unasked_for_openai_whisper_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert doctor(tmp_path, "--fetch")[0] == 0
    vocabulary = next(tmp_path.rglob("vocabulary.txt"))
    vocabulary.write_bytes(b"?")
    monkeypatch.setenv("TAKEAWAYS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(openai_weights, "require_installed", lambda: None)  # its weights need no extra
    found = looked(tmp_path, transcribe={"engine": "whisper", "model": "base"})["openai-whisper"]
    assert not found.ok
    assert "whisper-base is damaged: half of it is missing" in found.detail
    assert vocabulary.read_bytes() == b"?"


def test_a_size_from_the_hub_is_asked_for_fetched_and_then_needs_no_network(tmp_path: Path) -> None:
    small = ("--set", "transcribe.model=small")
    with FakeWeb(hub(SMALL)) as server:
        code, checks, _ = doctor(tmp_path, *small, HF_ENDPOINT=server.root)
        assert code == 1
        assert "not here yet" in checks["whisper small"][1]
        assert checks["network"] == (True, f"{server.root} answers")
        assert not list(tmp_path.rglob("model.bin"))
        assert doctor(tmp_path, "--fetch", *small, HF_ENDPOINT=server.root, OPENAI_API_KEY=SECRET)[0] == 0
        assert SECRET not in str(server.headers)
    code, checks, _ = doctor(tmp_path, *small, HF_ENDPOINT=server.root)
    assert code == 0
    assert "0.1 MB" in checks["whisper small"][1]
    assert checks["network"][1].startswith("not needed")


def test_a_login_page_instead_of_the_hub_is_told_and_never_stored(tmp_path: Path) -> None:
    with FakeWeb(page()) as server:
        for fetch in ((), ("--fetch",)):
            code, checks, printed = doctor(
                tmp_path, *fetch, "--set", "transcribe.model=small", HF_ENDPOINT=server.root
            )
            assert code == 1
            assert not checks["whisper small"][0]
            assert "with a web page (is there a login page in between?)" in printed
            assert "Traceback" not in printed
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and LOGIN in path.read_bytes()]


def test_no_network_is_told_in_time(tmp_path: Path) -> None:
    """The program is given up after a minute; it asks for five seconds, once."""
    with hole() as address:
        code, checks, _ = doctor(tmp_path, "--fetch", "--set", "transcribe.model=small", HF_ENDPOINT=address)
    assert code == 1
    assert "cannot be reached (no answer in time)" in checks["whisper small"][1]
    assert "network" not in checks
    assert checks["minilm"][0]


@pytest.mark.usefixtures("alone")
def test_a_language_model_of_ones_own_is_looked_at(tmp_path: Path) -> None:
    found = looked(tmp_path, extract={"writer": "local", "model": str(tmp_path / "none.gguf")})
    assert "there is no such model" in found["language model"].detail
    (tmp_path / "some.gguf").write_bytes(b"<html>" * 9)
    found = looked(tmp_path, extract={"writer": "local", "model": str(tmp_path / "some.gguf")})
    assert not found["language model"].ok
    assert "this is no GGUF file" in found["language model"].detail
    (tmp_path / "some.gguf").write_bytes(b"GGUF" + bytes(2_000_000))
    found = looked(tmp_path, extract={"writer": "local", "model": str(tmp_path / "some.gguf")})
    assert found["language model"].ok
    assert "2.0 MB, a GGUF of your own" in found["language model"].detail
    assert found["network"].detail.startswith("not needed")


@pytest.mark.usefixtures("alone")
def test_a_parser_that_is_not_here_is_told_and_so_is_a_broken_list_of_them(
    tmp_path: Path, config_folder: Path
) -> None:
    file = config_folder / "takeaways" / "trusted.toml"
    file.parent.mkdir()
    file.write_text(f'[parsers]\nde = "{tmp_path}"\n', "utf-8")
    found = looked(tmp_path)
    assert found["parser en"].ok
    assert not found["parser de"].ok
    assert f"{tmp_path}: there is no config.cfg in it" in found["parser de"].detail
    file.write_text("[parsers]\nde = 3\n", "utf-8")
    told = looked(tmp_path)["parser"].detail
    assert f"{file}: 'parsers.de': this must be the whole path of a model's folder" in told


def test_no_home_is_told_with_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    for name in ("HOME", "TAKEAWAYS_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    found = looked(tmp_path)
    for name in ("minilm", "whisper-base", "model cache"):
        assert not found[name].ok
        assert "Set TAKEAWAYS_CACHE to a folder" in found[name].detail
    assert found["network"].detail.startswith("not needed")


# Endpoints and the key


@pytest.mark.usefixtures("alone")
def test_servers_are_asked_which_models_they_have_and_nothing_else(tmp_path: Path) -> None:
    with FakeWeb(listing("gemma", "whisper-x", "llama3:latest")) as server:
        extract = {"base_url": server.url, "model": "llama3"}
        transcribe = {"engine": "openai", "base_url": server.url, "model": "whisper-x"}
        found = looked(tmp_path, extract=extract, transcribe=transcribe)
        assert {method for method, _ in server.asked} == {"GET"}
        places = {"/models", "/models/llama3", "/props", "/api/v0/models/llama3", "/info", "/model/info"}
        assert {path.removeprefix("/v1") for _, path in server.asked} == {*places, "/api/ps"}
        window = "8,192 tokens, assumed: neither server nor tables say"
        assert found["language model"] == Check(
            "language model",
            True,
            f"{server.url} answers; llama3 is among its models; its window: {window}",
        )
        assert found["transcriber"].ok
        assert "whisper-base" not in found
        wrong = looked(tmp_path, transcribe={**transcribe, "model": "whisper-y"})["transcriber"]
    assert not wrong.ok
    assert (
        "'whisper-y' is not among its models. Set transcribe.model; it has gemma, whisper-x" in wrong.detail
    )


def answer(status: int, body: bytes, kind: str = "application/json") -> Callable[[str, str], Answered]:
    return lambda method, path: (status, {"Content-Type": kind, "Location": "http://elsewhere/"}, body)


FAULTS = [
    (answer(200, LOGIN, "text/html"), "no list of models .*a web page: is there a login page in between"),
    (answer(200, LOGIN), "no list of models .*a web page"),
    (answer(200, b""), "no list of models .it is empty"),
    (answer(200, b"{nonsense"), "no list of models .'{nonsense'"),
    (answer(200, b"[]"), "no list of models"),
    (answer(200, b'{"data": [1]}'), "no list of models"),
    (answer(200, b"[" * 100_000), "no list of models"),
    (answer(302, b""), "sends elsewhere, to http://elsewhere/"),
    (answer(401, b'{"error": {"message": "who?"}}'), "refuses the key .*who"),
    (answer(403, b'{"error": {"message": "no sk-very-secret-123"}}'), "forbids the call .no .the key.\\)"),
    (answer(404, LOGIN, "text/html"), "has no list of models .404 and a web page"),
    (answer(429, b'{"error": {"message": "slow"}}'), "too busy, or the account is out of credit .*slow"),
    (answer(500, b""), "fails with 500"),
    (answer(0, b""), "ends the connection .Server disconnected"),
]


@pytest.mark.parametrize(("respond", "message"), FAULTS)
@pytest.mark.parametrize("table", ["extract", "transcribe"])
def test_what_is_wrong_with_a_server_is_told(
    respond: Callable[[str, str], Answered], message: str, table: str
) -> None:
    with FakeWeb(respond) as server:
        with pytest.raises(EndpointError, match=message) as caught:
            openai_client.check_model(Service(server.url, "any", SECRET), table)
        assert caught.value.file == server.url
        assert len(server.asked) == 1
    assert (
        f"{table}." in caught.value.remedy
        or "OPENAI_API_KEY" in caught.value.remedy
        or "again" in str(caught.value)
    )
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://127.0.0.1:9/v1", "nothing listens there"),
        ("http://no-such-host.invalid/v1", "its name cannot be looked up"),
        ("hole", "does not say within 5 s which models it has"),
        ("tls", "no secure connection .*http instead of https"),
    ],
)
def test_servers_that_cannot_be_reached_are_told(address: str, message: str) -> None:
    with hole() as silent, FakeWeb(page()) as plain:
        url = {"hole": f"{silent}/v1", "tls": plain.url.replace("http:", "https:")}.get(address, address)
        with pytest.raises(EndpointError, match=message) as caught:
            openai_client.check_model(Service(url, "any", "none"), "extract")
    assert "extract.base_url" in caught.value.remedy


@pytest.mark.parametrize(
    ("body", "message"), [(LOGIN, "a web page: is there"), (b"", "it is empty"), (b"{x", "'{x'")]
)
def test_what_is_no_chat_completion_is_shown(body: bytes, message: str) -> None:
    with FakeWeb(answer(200, body)) as server:
        chat = Chat(Endpoint(server.url, "any", "any", 4096, api_key=SECRET), timeout=5, retries=0)
        with pytest.raises(EndpointError, match=f"not a chat completion .*{message}"):
            chat.complete(Request(({"role": "user", "content": "Hello"},), {}, 0.0, 10))


def echo(method: str, path: str) -> Answered:
    """A server that says the key: in a page, a refusal, an error, or as the name of a model."""
    turn = next(turns)
    if turn == 0:
        return 200, {"Content-Type": "text/html"}, f"<html>{SECRET}</html>".encode()
    if turn == 1:
        return 401, {}, json.dumps({"error": {"message": f"no {SECRET}"}}).encode()
    if turn == 2:
        return 500, {"Content-Type": "text/plain"}, SECRET.encode()
    return 200, {}, json.dumps({"data": [{"id": SECRET}]}).encode()


turns = itertools.cycle(range(4))


def test_the_key_is_nowhere_but_at_the_address_that_is_named(tmp_path: Path) -> None:
    with FakeWeb(echo) as server, FakeWeb(page()) as other:
        sets = [
            f"extract.base_url={server.url}", "extract.model=any", "transcribe.engine=openai",
            f"transcribe.base_url={server.url}",
        ]  # fmt: skip
        options = [part for one in sets for part in ("--set", one)]
        for _ in range(2):
            environment = {
                "OPENAI_API_KEY": f" {SECRET}\n",
                "OPENAI_BASE_URL": other.url,
                "HF_ENDPOINT": other.root,
            }
            code, checks, printed = doctor(tmp_path, *options, **environment)
            assert code == 1
            assert "secret" not in printed
            assert checks["key"] == (
                True,
                f"OPENAI_API_KEY is set, perhaps needed, and sent to {server.url} alone",
            )
        assert {headers["authorization"] for headers in server.headers} == {f"Bearer {SECRET}"}
        assert len(server.asked) == 4
        assert not other.asked
    assert not [
        path for path in tmp_path.rglob("*") if path.is_file() and b"very-secret" in path.read_bytes()
    ]


def test_a_server_that_takes_no_connection_is_not_asked_for_more_patience() -> None:
    """Its queue is full, so that connecting itself takes too long."""
    with socket.socket() as listening, ExitStack() as waiting:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        chat = Chat(Endpoint(url, "any", "any", 4096), timeout=30, retries=0)
        with pytest.raises(EndpointError, match="cannot be reached") as caught:
            chat.complete(Request(({"role": "user", "content": "Hello"},), {}, 0.0, 10))
    assert "base_url" in caught.value.remedy
    assert "timeout" not in caught.value.remedy


def test_the_key_is_not_told_even_where_it_is_part_of_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    with FakeWeb(page()) as server:
        found = looked(tmp_path, extract={"base_url": f"{server.root}/{SECRET}/v1", "model": "any"})
    assert f"{server.root}/(the key)/v1" in found["language model"].detail
    assert not [check for check in found.values() if SECRET in check.detail]


@pytest.mark.parametrize(
    ("key", "settings", "ok", "detail"),
    [
        (None, {}, True, "is not set, and not needed"),
        (SECRET, {}, True, "is set, not needed, and sent nowhere"),
        (
            None,
            {"transcribe": {"engine": "openai"}},
            False,
            "is not set, which https://api.openai.com/v1 asks for",
        ),
        ("bad key\x01", {"transcribe": {"engine": "openai"}}, False, "holds characters that no key has"),
    ],
)
def test_whether_the_key_is_needed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    key: str | None,
    settings: dict[str, dict[str, str]],
    ok: bool,
    detail: str,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key) if key else monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    found = looked(tmp_path, **settings)
    assert found["key"].ok is ok
    assert detail in found["key"].detail
    assert not [check for check in found.values() if key and key in check.detail]


# Disk and memory


@pytest.mark.usefixtures("alone")
def test_folders_that_cannot_be_written_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = looked(tmp_path)
    assert found["outputs"].ok
    assert "GB free in" in found["outputs"].detail
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "outputs").write_bytes(b"")
    found = looked(tmp_path)
    assert not found["outputs"].ok
    assert "is not a folder" in found["outputs"].detail
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".takeaways").symlink_to("elsewhere")
    found = looked(tmp_path)
    assert not found["memory of runs"].ok
    assert "is a link to elsewhere, and nothing is written" in found["memory of runs"].detail
    monkeypatch.setattr(machine, "MIN_FREE_BYTES", 1 << 60)
    (full,) = [
        one
        for one in machine.disk_checks(Workspace(tmp_path / "new"), models_complete=False)
        if one.name == "outputs"
    ]
    assert not full.ok
    assert "only " in full.detail


def test_a_cache_that_cannot_be_written_does_no_harm_once_all_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("TAKEAWAYS_CACHE", str(tmp_path / "file"))
    for whole in (False, True):
        (cache,) = [
            one for one in machine.disk_checks(Workspace(tmp_path), whole) if one.name == "model cache"
        ]
        assert cache.ok is whole
        assert "nothing can be written there" in cache.detail


def system(root: Path, group: str, **files: str) -> tuple[int, int | None]:
    """What is known of a machine with 16 GB, 8 of them available, and these files of its cgroups."""
    proc, groups = root / "proc", root / "cgroup"
    (proc / "self").mkdir(parents=True, exist_ok=True)
    (proc / "meminfo").write_text("MemTotal: 16000000 kB\nMemFree: 1 kB\nMemAvailable: 8000000 kB\n")
    (proc / "self" / "cgroup").write_text(group)
    for name, text in files.items():
        path = groups / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return machine.memory(proc, groups)


def test_memory_is_what_the_machine_and_its_groups_leave(tmp_path: Path) -> None:
    whole = (16_000_000 * 1024, 8_000_000 * 1024)
    assert system(tmp_path / "a", "0::/\n") == whole
    assert (
        system(tmp_path / "b", "0::/job\n", job__memory_dot_max="max\n", job__memory_dot_current="5") == whole
    )
    second = {
        "job__memory_dot_max": "4000",
        "job__memory_dot_current": "1500",
        "job__memory_dot_stat": "anon 7\ninactive_file 500\n",
    }
    assert system(tmp_path / "c", "0::/job/inner\n", **second) == (4000, 3000)
    container = {"memory_dot_max": "4000", "memory_dot_current": "1500"}
    assert system(tmp_path / "d", "0::/not/seen/in/here\n", **container) == (4000, 2500)
    first = {
        "memory__job__memory_dot_limit_in_bytes": "3000",
        "memory__job__memory_dot_usage_in_bytes": "3500",
    }
    assert system(tmp_path / "e", "4:cpu,memory:/job\n0::/\n", **first) == (3000, 0)
    none = {
        "memory__memory_dot_limit_in_bytes": str((1 << 63) - 4096),
        "memory__memory_dot_usage_in_bytes": "1",
    }
    assert system(tmp_path / "f", "4:memory:/\n", **none) == whole
    assert machine.memory()[0] > 100_000_000


def test_what_is_suggested_fits_and_can_be_set() -> None:
    for room, listens, writes in (
        (1.15, "tiny", None), (3.0, "small", None),
        (8.0, "large-v3", "5.4 GB (Q4_K_M: about 9 billion parameters;"),
        (64.0, "large-v3", "61.4 GB"),
    ):  # fmt: skip
        said = machine.suggestion(room, context=8192)
        assert f"--set transcribe.model={listens})" in said
        assert writes in said if writes else "no language model" in said
        assert "not measured" in said
    assert "--set extract.writer=local --set extract.model=PATH" in said
    assert "let a server listen" in machine.suggestion(0.5, context=8192)
    assert "GGUF file of up to 4.6 GB" in machine.suggestion(12.0, context=32768)
    assert all(faster_weights.is_unpinned_size(name) or name == "base" for name, _ in machine.WHISPER_SIZES)


def test_what_runs_on_a_cluster_or_here_alone_is_asked_for_only_then(tmp_path: Path) -> None:
    assert "distributed" not in looked(tmp_path)
    assert looked(tmp_path, run={"dask": "tcp://somewhere:8786"})["distributed"].ok
