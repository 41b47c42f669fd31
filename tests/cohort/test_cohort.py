"""What talks have in common: three real podcasts, made one post and a site; and what changes what."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.cohort import cohort_stages
from pipeline.cohort.extractive_writer import are_contrary
from pipeline.engines import syntax, syntax_models
from pipeline.engines.sentence_vectors import encoder
from pipeline.records import Claim, Sentence, Speaker, Turn, Turns, talk_of
from pipeline.running.batch import run_all
from pipeline.running.runner import Plan, StageError
from pipeline.stages import STAGES
from pipeline.takeaways.verification import Verifier
from pipeline.workspace import discovery, talks
from pipeline.workspace.sidecar import Facts
from pipeline.workspace.talks import Workspace
from tests.support import OPTECH, ROOT
from tests.support.fake_endpoint import FakeEndpoint, completion, good_reply, schema_of
from tests.support.helpers import Recorder, call_program

OPTECH = OPTECH
LINES = 150  # of each podcast: the first half hour or so
FEW_LINES = 60  # where nothing in common need come out
NAMES = ("2023-12-07", "2024-05-02", "2024-07-09")


class Log(Recorder):
    """Remembers which stage of which talk ran."""

    def __init__(self) -> None:
        super().__init__()
        self.stages: list[tuple[str, str]] = []

    def finished(self, talk: str, stage: str, seconds: float, cost: float | None = None) -> None:
        self.stages.append((talk.rpartition("/")[2], stage))


def write(place: Workspace, names: Sequence[str] = NAMES, lines: int = LINES) -> Path:
    folder = place.inputs / "optech"
    folder.mkdir(parents=True)
    shutil.copy(OPTECH / "cohort.toml", folder)
    for name in names:
        text = "\n".join((OPTECH / f"{name}.md").read_text("utf-8").splitlines()[:lines])
        (folder / f"{name}.md").write_text(text, "utf-8")
    return folder


def run(place: Workspace, log: Recorder, sets: Sequence[dict[str, Any]] = (), jobs: int = 4) -> list[Any]:
    """Every talk, and then the cohort; returns the failures of talks."""
    folder = place.inputs / "optech"
    sources, _ = discovery.discover([folder], place)
    failures = run_all(sources, place, Plan(STAGES, False, tuple(sets)), log, jobs)
    cohort_stages.make(folder, place, sets, log)
    return failures


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    place = Workspace(tmp_path_factory.mktemp("cohort"))
    write(place)
    assert not run(place, Recorder())
    return place


@pytest.fixture
def done(finished: Workspace, tmp_path: Path) -> Workspace:
    shutil.copytree(finished.root, tmp_path / "copy")
    return Workspace(tmp_path / "copy")


def data(place: Workspace) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((place.outputs / "optech" / "cohort.json").read_text("utf-8"))["data"]
    return found


def said(place: Workspace) -> dict[str, tuple[str, str]]:
    """TALK#ID to (text, speaker id there), of every sentence of every talk."""
    found = {}
    for path in sorted(place.outputs.rglob("2_turns.json")):
        talk = path.parent.relative_to(place.outputs).as_posix()
        for turn in json.loads(path.read_text("utf-8"))["data"]["turns"]:
            found |= {f"{talk}#{s['id']}": (s["text"], s["speaker"]) for s in turn["sentences"]}
    return found


def written(place: Workspace) -> dict[str, bytes]:
    """Every file that people read and every artifact's data."""
    found = {}
    for path in sorted(p for p in place.outputs.rglob("*") if p.is_file()):
        name = path.relative_to(place.outputs).as_posix()
        raw = path.read_bytes()
        found[name] = json.dumps(json.loads(raw)["data"]).encode() if name.endswith(".json") else raw
    return found


def quotes_of(theme: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in theme["body"] if "sentences" in block]


def test_common_themes_are_quoted_from_two_talks_and_word_for_word(finished: Workspace) -> None:
    cohort, sentences = data(finished), said(finished)
    voices = {tuple(voice): one["id"] for one in cohort["people"] for voice in one["voices"]}
    assert cohort["themes"]
    page = (finished.outputs / "optech" / "cohort.html").read_text("utf-8")
    for theme in cohort["themes"]:
        quoted = {talk_of(id) for quote in quotes_of(theme) for id in quote["sentences"]}
        assert len(quoted) >= 2
        assert quoted <= set(theme["talks"])
        assert {talk for talk, _ in theme["parts"]} == set(theme["talks"])
        for quote in quotes_of(theme):
            for id in quote["sentences"]:
                assert voices[talk_of(id), sentences[id][1]] == quote["speaker"]
        for talk in quoted:
            assert f'href="{talk.removeprefix("optech/")}/post.html' in page


def test_one_name_in_several_talks_is_one_person(finished: Workspace) -> None:
    people = {one["name"]: one["voices"] for one in data(finished)["people"] if "name" in one}
    assert len({talk for talk, _ in people["Mike Schmidt"]}) == 3


def test_a_second_run_does_nothing_and_a_new_talk_runs_only_itself(done: Workspace) -> None:
    log = Log()
    assert not run(done, log)
    assert log.stages == []
    before = written(done)
    folder = done.inputs / "optech"
    text = (OPTECH / "2024-05-02.md").read_text("utf-8").splitlines()[LINES : LINES + 60]
    (folder / "new.md").write_text("\n".join(text), "utf-8")
    assert not run(done, log)
    assert sorted(stage for talk, stage in log.stages if talk == "new") == sorted(s.name for s in STAGES)
    assert [stage for talk, stage in log.stages if talk != "new"] == ["cohort", "site"]
    after = written(done)
    assert all(after[name] == was for name, was in before.items() if name.count("/") > 1)
    assert "optech/new" in data(done)["talks"]


def test_a_talk_that_is_gone_leaves_the_cohort(done: Workspace) -> None:
    (done.inputs / "optech" / "2024-07-09.md").unlink()
    log = Log()
    assert not run(done, log)
    assert [stage for _, stage in log.stages] == ["cohort", "site"]
    assert "2024-07-09" not in (done.outputs / "optech" / "index.html").read_text("utf-8")
    assert (done.outputs / "optech" / "2024-07-09" / "post.html").is_file()  # nobody's work is deleted


def test_neither_order_nor_company_changes_a_result(finished: Workspace, tmp_path: Path) -> None:
    """The same bytes from one talk after the other, from last to first, in another folder."""
    place = Workspace(tmp_path)
    folder = write(place)
    for name in reversed(NAMES):
        sources, _ = discovery.discover([folder / f"{name}.md"], place)
        assert not run_all(sources, place, Plan(STAGES), Recorder(), 1)
    cohort_stages.make(folder, place, (), Recorder())
    assert written(place) == written(finished)


def test_a_hand_edited_cohort_is_honoured_and_an_edited_page_is_kept(done: Workspace) -> None:
    home = done.outputs / "optech"
    text = (home / "cohort.json").read_text("utf-8")
    heading = data(done)["themes"][0]["heading"]
    (home / "cohort.json").write_text(text.replace(json.dumps(heading), '"Mine alone"'), "utf-8")
    run(done, Recorder())
    assert "Mine alone" in (home / "cohort.html").read_text("utf-8")
    (home / "cohort.md").write_text("My own words.\n", "utf-8")
    own = done.inputs / "optech" / "cohort.toml"
    own.write_text(f'title = "Ours"\n{own.read_text("utf-8")}[cohort]\nthemes = 1\n', "utf-8")
    with pytest.raises(StageError):
        run(done, Recorder())
    assert (home / "cohort.md").read_text("utf-8") == "My own words.\n"


def test_each_page_names_people_in_full_once(done: Workspace) -> None:
    path = done.outputs / "optech" / "cohort.json"
    content = json.loads(path.read_text("utf-8"))
    theme, people = content["data"]["themes"][0], content["data"]["people"]
    mike = next(person["id"] for person in people if person["name"] == "Mike Schmidt")
    claim = {"text": f"{{{mike}}} knew.", "kind": "talk", "cites": theme["body"][0]["sentences"][:1]}
    content["data"]["introduction"] = [{"claims": [claim]}]
    theme["body"].insert(0, {"claims": [claim]})
    path.write_text(json.dumps(content), "utf-8")
    cohort_stages.make(done.inputs / "optech", done, (), Recorder())
    together = (path.parent / "cohort.md").read_text("utf-8")
    assert (together.count("Mike Schmidt knew."), together.count("\nMike knew.")) == (1, 1)
    alone = next(page for page in path.parent.glob("theme-*.html") if "knew." in page.read_text("utf-8"))
    shown = re.sub("<[^<>]*>", "", alone.read_text("utf-8"))
    assert "Mike Schmidt knew." in shown


def test_a_cohort_has_a_title_of_its_own_and_lends_the_rest(done: Workspace) -> None:
    (done.inputs / "optech" / "cohort.toml").write_text(
        'title = "Week one"\ndek = "Three talks"\nhost = "Mike Schmidt"\nglossary = ["mempool"]\n'
        'links = ["https://a.example/all"]\nnotes = ["Mine."]\n[cohort]\nthemes = 1\n',
        "utf-8",
    )
    own = done.inputs / "optech" / "2024-05-02.toml"
    own.write_text('glossary = ["BIP"]\nlinks = ["https://a.example/one"]\n', "utf-8")
    sources, _ = discovery.discover([own.with_suffix(".md")], done)
    talk = talks.load(sources[0], done)
    assert (talk.facts.title, talk.facts.dek, talk.facts.notes) == (None, None, ())
    assert talk.facts.glossary == ("mempool", "BIP")
    assert [link.url for link in talk.facts.links] == ["https://a.example/all", "https://a.example/one"]
    assert [(person.name, person.role) for person in talk.regulars] == [("Mike Schmidt", "Host")]
    cohort_stages.make(done.inputs / "optech", done, (), Recorder())
    page = (done.outputs / "optech" / "cohort.html").read_text("utf-8")
    assert "<h1>Week one</h1>" in page.replace("<bdi>", "").replace("</bdi>", "")
    assert "Mine." in page
    assert len(data(done)["themes"]) == 1


def test_a_talk_in_another_language_is_listed_but_shares_no_theme(done: Workspace) -> None:
    german = "\n\n".join(
        f"**Anna:** {text}"
        for text in (
            "Der Mempool ist die Warteschlange der Transaktionen, und jeder Knoten führt seine eigene.",
            "Deshalb kann niemand sagen, was alle anderen Knoten gerade sehen oder weiterleiten.",
            "Wer seine Gebühren zu niedrig ansetzt, wartet eben, bis wieder Platz in einem Block ist.",
            "Das ist kein Fehler, sondern die Art und Weise, wie dieses Netz seit Jahren arbeitet.",
        )
    )
    (done.inputs / "optech" / "deutsch.md").write_text(german, "utf-8")
    (done.inputs / "optech" / "deutsch.toml").write_text('language = "de"\n', "utf-8")
    log = Log()
    assert not run(done, log)
    assert any("deutsch" in line and "another language" in line for line in log.warnings)
    assert "optech/deutsch" not in data(done)["talks"]
    assert 'href="deutsch/post.html"' in (done.outputs / "optech" / "index.html").read_text("utf-8")


@pytest.mark.parametrize("how", ["changed", "deleted"])
def test_a_talk_changed_or_deleted_while_it_runs_fails_alone(tmp_path: Path, how: str) -> None:
    place = Workspace(tmp_path)
    folder = write(place, NAMES[:2], FEW_LINES)
    victim = folder / f"{NAMES[0]}.md"

    class Meddler(Recorder):
        def started(self, talk: str, stage: str, reasons: Sequence[str]) -> None:
            if talk.endswith(NAMES[0]) and stage == "transcribe":
                victim.write_text("**Ann:** Quite another talk.\n", "utf-8")
                if how == "deleted":
                    victim.unlink()

    failures = run(place, Meddler())
    assert [(failure.talk, failure.stage) for failure in failures] == [(f"optech/{NAMES[0]}", "transcribe")]
    assert ("changed while" if how == "changed" else victim.name) in failures[0].reason
    assert not (place.outputs / "optech" / NAMES[0] / "1_transcript.json").exists()
    assert (place.outputs / "optech" / NAMES[1] / "post.html").is_file()
    assert data(place)["talks"] == [f"optech/{NAMES[1]}"]


def test_a_thousand_junk_files_among_the_talks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Workspace(tmp_path)
    folder = write(place, NAMES[:2], FEW_LINES)
    for number in range(990):
        (folder / f"junk-{number}{('.bin', '.log', '.dat', '')[number % 4]}").write_bytes(os.urandom(64))
    for number in range(10):
        (folder / f"broken-{number}{('.mp3', '.vtt')[number % 2]}").write_bytes(os.urandom(64))
    code, out, err = call_program(place, monkeypatch, capsys, "run", "inputs/optech", "--json")
    told = json.loads(out)
    assert code == 1
    assert told["done"] == [f"optech/{name}" for name in NAMES[:2]]
    assert sorted(f["talk"] for f in told["failed"]) == sorted(f"optech/broken-{n}" for n in range(10))
    assert all(f["stage"] == "transcribe" for f in told["failed"])
    assert "Traceback" not in err
    assert (place.outputs / "optech" / "index.html").is_file()


def test_folders_that_are_no_cohort_say_why(
    done: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (done.inputs / "empty").mkdir()
    code, _, err = call_program(done, monkeypatch, capsys, "cohort", "inputs/empty")
    assert (code, "no recording or transcript there" in err) == (1, True)
    (done.inputs / "empty" / "new.md").write_text("**Ann:** Hello there.\n", "utf-8")
    code, _, err = call_program(done, monkeypatch, capsys, "cohort", "inputs/empty")
    assert (code, "none of its talks has takeaways" in err) == (1, True)
    assert call_program(done, monkeypatch, capsys, "cohort", "inputs/nowhere")[0] == 2
    code, out, _ = call_program(done, monkeypatch, capsys, "cohort", "inputs/optech", "--json")
    assert (code, json.loads(out)) == (0, {"cohorts": ["outputs/optech/index.html"], "failed": []})


def test_clocks_that_disagree_make_nothing_stale(done: Workspace) -> None:
    for number, path in enumerate(sorted(p for p in done.root.rglob("*") if p.is_file())):
        when = (0, 4102444800)[number % 2]  # 1970, 2100
        os.utime(path, (when, when))
    log = Log()
    assert not run(done, log)
    assert log.stages == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_fails_talks_and_loses_none(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    write(place, lines=FEW_LINES)
    place.outputs.mkdir()
    if os.system(f"mount -t tmpfs -o size=100k none {place.outputs} 2>/dev/null"):
        pytest.skip("mounting is not allowed here")
    try:
        sources, _ = discovery.discover([place.inputs / "optech"], place)
        failures = run_all(sources, place, Plan(STAGES), Recorder(), 4)
        assert failures
        assert all("No space left on device" in failure.reason for failure in failures)
        assert not list(place.outputs.rglob("*.tmp"))
        for path in place.outputs.rglob("*.json"):
            json.loads(path.read_text("utf-8"))
    finally:
        os.system(f"umount {place.outputs}")
    assert not run(place, Recorder())


def test_a_model_writes_over_the_themes_and_never_sees_the_rest(
    done: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = data(done)
    shown = {id for path in excerpts(done) for id in ids_in(path)}
    with FakeEndpoint(telling) as server:
        sets = [{"extract": {"base_url": server.url, "model": "any"}}]
        cohort_stages.make(done.inputs / "optech", done, sets, Recorder())
        asked = len(server.requests)
        prompts = "\n".join(m["content"] for request in server.requests for m in request["messages"])
        cohort = data(done)
        monkeypatch.setattr(syntax, "_load", None)
        cohort_stages.make(done.inputs / "optech", done, sets, Recorder(), force=True)
        assert len(server.requests) == asked  # replies are remembered, and parses
        assert data(done) == cohort
    assert cohort["writer"] == "openai"
    assert len(cohort["themes"]) == len(plain["themes"])
    assert cohort["verification"]["checked"] > 0
    assert any("claims" in block for theme in cohort["themes"] for block in theme["body"])
    for theme in cohort["themes"]:
        assert len({talk_of(quote["sentences"][0]) for quote in quotes_of(theme)}) >= 2
    hidden = [text for id, (text, _) in said(done).items() if id not in shown and len(text) > 60]
    assert hidden
    assert not [text for text in hidden if text in prompts]


def test_a_missing_parser_is_told_and_when_it_is_there_themes_are_made_anew(
    done: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, log = done.outputs / "optech" / "cohort.json", Recorder()
    assert '"parser": "spacy 3' in file.read_text("utf-8")
    with monkeypatch.context() as without:
        without.setattr(syntax_models, "find_spec", {"spacy": None}.get)
        assert not run(done, log)
    assert log.ran == ["cohort"]  # and no talk, since no language model wrote one
    assert [note for note in log.notes if "pip install spacy" in note]
    assert '"parser": "none"' in file.read_text("utf-8")
    again = Recorder()
    assert not run(done, again)
    assert (again.ran, [note for note in again.notes if "spacy" in note]) == (["cohort"], [])


def telling(request: dict[str, Any]) -> Any:
    """What was said in nearly the same words: with a word left out now and then, it is no copy."""

    def told(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: told(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [told(one) for one in value]
        if name != "text":
            return value
        who, _, words = value.partition(" says: ")
        kept = [w for n, w in enumerate(words.split()) if n % 4 != 3 or w[:1].isupper() or "n't" in w]
        return f"{who} says that {' '.join(kept)}"

    return completion(request, told(good_reply(request)))


def test_a_set_with_steps_of_its_own_is_written_theme_by_theme(done: Workspace) -> None:
    own = done.root / "prompts" / "cohort"
    own.mkdir(parents=True)
    shutil.copy(ROOT / "prompts" / "cohort" / "write.md", own)
    with FakeEndpoint() as server:
        sets = [{"extract": {"base_url": server.url, "model": "any"}}]
        recorder = Recorder()
        cohort_stages.make(done.inputs / "optech", done, sets, recorder)
        properties = [next(iter(schema_of(request)["properties"])) for request in server.requests]
        steps = [name for name in dict.fromkeys(properties) if name != "lines"]
    assert steps[:3] == ["body", "heading", "introduction"]
    assert [text for text in recorder.warnings if "step by step" in text]
    themes = data(done)["themes"]
    assert themes
    assert all(len(theme["talks"]) >= 2 for theme in themes)


def test_what_a_lying_model_says_is_in_no_page(done: Workspace) -> None:
    lie = "Napoleon told S1 that 4711 rabbits ate the mempool."

    def lying(request: dict[str, Any]) -> Any:
        def with_lie(value: Any) -> Any:
            if isinstance(value, dict):
                told = ("text", "title", "dek", "heading")
                return {key: lie if key in told else with_lie(one) for key, one in value.items()}
            return [with_lie(one) for one in value] if isinstance(value, list) else value

        return completion(request, with_lie(good_reply(request)))

    with FakeEndpoint(lying) as server:
        sets = [{"extract": {"base_url": server.url, "model": "any"}}]
        cohort_stages.make(done.inputs / "optech", done, sets, Recorder())
    assert data(done)["verification"]["replaced"] > 0
    for path in (done.outputs / "optech").glob("*.*"):
        if path.suffix in (".html", ".md"):
            assert "Napoleon" not in path.read_text("utf-8"), path.name


def excerpts(place: Workspace) -> list[Path]:
    return sorted((place.root / ".takeaways" / "cache" / "optech").glob("*.excerpt/*.json"))


def ids_in(path: Path) -> list[str]:
    excerpt = json.loads(path.read_text("utf-8"))
    return [f"{excerpt['talk']}#{s['id']}" for turn in excerpt["turns"] for s in turn["sentences"]]


@pytest.mark.parametrize(
    ("text", "ids", "code"),
    [
        ("Both talks agree that small teams ship faster.", ("a#s0", "b#s0"), "stance"),
        ("Several talks stress that small teams ship faster.", ("a#s0",), "uncited"),
        ("Several talks stress that small teams ship faster.", ("a#s0", "b#s0"), None),
        ("{S1} argues that small teams ship faster.", ("a#s0",), None),
    ],
)
def test_talks_do_not_speak_with_one_voice(text: str, ids: tuple[str, ...], code: str | None) -> None:
    words = ("Small teams ship faster, I think.", "Small teams ship faster than large ones.")
    turns = Turns(
        language="en",
        speakers=(Speaker(id="S1"), Speaker(id="S2")),
        turns=tuple(
            Turn(
                id=f"{talk}#t0",
                speaker=who,
                sentences=(Sentence(id=f"{talk}#s0", text=said, speaker=who, words=(n * 9, n * 9 + 7)),),
            )
            for n, (talk, who, said) in enumerate(zip("ab", ("S1", "S2"), words, strict=True))
        ),
    )
    found = Verifier(turns, Facts(offsets={}), encoder()).check(Claim(text=text, cites=ids), "prose").failures
    assert ({code} <= {failure.code for failure in found}) if code else not found


@pytest.mark.parametrize(
    ("one", "two", "against"),
    [
        ("You should ship on Fridays.", "You should never ship on Fridays.", True),
        ("Grants are a good way to fund open source.", "Grants are a bad way to fund open source.", True),
        ("Most tests aren't worth the time they take.", "Tests are worth the time they take.", True),
        ("It's never a good idea to reuse addresses.", "Reusing addresses is bad for privacy.", False),
        ("We should not hide the fees.", "We should show the fees before users pay.", False),
        ("I have shipped on Fridays.", "I have not shipped on Fridays.", False),  # no opinions
        (
            "In cluster mempool, adding a second child will lead to a better feerate for the set of three.",
            "Because the chunks in the clusters are sorted, you'll never include a child before its parent.",
            False,
        ),
    ],
)
def test_only_plain_contradictions_stand_side_by_side(one: str, two: str, against: bool) -> None:
    parse = syntax.parser("en")
    assert parse is not None
    assert are_contrary(one, two, parse) is against
    assert are_contrary(two, one, parse) is against


def test_a_talk_that_cannot_be_shown_does_not_take_the_cohort_down(done: Workspace) -> None:
    sidecar = done.inputs / "optech" / "2024-05-02.toml"
    sidecar.write_text('[speakers]\n"Ann" = { label = "Nobody at all" }\n', "utf-8")
    log = Log()
    failures = run(done, log)
    assert [(failure.talk, failure.stage) for failure in failures] == [("optech/2024-05-02", "render")]
    assert any("left out: optech/2024-05-02" in line and "Nobody at all" in line for line in log.warnings)
    assert "optech/2024-05-02" not in data(done)["talks"]
    assert "Nobody at all" not in (done.outputs / "optech" / "cohort.html").read_text("utf-8")


def small(place: Workspace, folder: str, **talks_: str) -> Path:
    home = place.root / folder
    home.mkdir(parents=True, exist_ok=True)
    (home / "cohort.toml").touch()
    for name, text in talks_.items():
        (home / f"{name}.md").write_text(text, "utf-8")
    return home


FEES = (
    "**Guest:** Fee estimation is hard because nobody knows the next block. "
    "**Host:** So wallets should look at the mempool before they estimate the fee, and then add a margin.\n"
).replace(". **Host", ".\n\n**Host")


MORE = """**Guest:** A wallet that estimates its fee from old blocks alone will pay too much.

**Host:** A wallet has to look at its mempool first, and only then can it estimate a fee for the next block.
"""


def test_two_talks_that_say_the_same_share_a_theme_and_their_guests_are_two_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Workspace(tmp_path)
    small(place, "inputs/twins", one=FEES, two=MORE, cohort=FEES)
    code, _, err = call_program(place, monkeypatch, capsys, "run", "inputs/twins")
    assert code == 1  # cohort.md alone: its sidecar would be the cohort's
    assert err.count("failed") == 1
    assert "Give it another name" in err
    found = json.loads((place.outputs / "twins" / "cohort.json").read_text("utf-8"))["data"]
    assert found["talks"] == ["twins/one", "twins/two"]
    assert len(found["themes"]) == 1
    assert len(found["people"]) == len({tuple(map(tuple, one["voices"])) for one in found["people"]}) >= 2
    assert all(len(one["voices"]) == 1 for one in found["people"])
    assert 'id="speaker-' not in (place.outputs / "twins" / "index.html").read_text("utf-8")


def test_cohorts_of_one_name_do_not_take_each_others_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Workspace(tmp_path)
    small(place, "inputs/x", one=FEES, two=FEES)
    small(place, "elsewhere/x", three=FEES, four=FEES)
    assert call_program(place, monkeypatch, capsys, "run", "inputs/x")[0] == 0
    before = (place.outputs / "x" / "index.html").read_bytes()
    code, _, err = call_program(place, monkeypatch, capsys, "run", "elsewhere/x")
    assert (code, "has the same output folder" in err) == (1, True)
    assert (place.outputs / "three" / "post.html").is_file()
    assert (place.outputs / "x" / "index.html").read_bytes() == before


def test_what_a_run_would_do_and_what_is_remembered_of_a_cohort(
    done: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def call(*arguments: str) -> tuple[int, str]:
        code, out, _ = call_program(done, monkeypatch, capsys, *arguments)
        return code, out

    assert call("status")[0] == 0
    assert "optech/cohort: nothing to do" in call("run", "inputs", "--dry-run")[1]
    own = done.inputs / "optech" / "cohort.toml"
    own.write_text(f'title = "New"\n{own.read_text("utf-8")}', "utf-8")
    assert "optech/cohort: site: facts.title" in call("run", "inputs", "--dry-run")[1]
    assert call("status")[0] == 1
    vectors = done.root / ".takeaways" / "cache" / "optech" / "cohort.vectors"
    assert list(vectors.glob("*.npz"))
    assert "0 replies removed" in call("forget", "inputs/optech")[1]
    assert not vectors.exists()
    call("forget", "optech/2024-05-02")
    assert len(excerpts(done)) == 2


def test_a_talk_that_has_a_pages_name_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Workspace(tmp_path)
    small(place, "inputs/twins", one=FEES, two=MORE)
    (place.inputs / "twins" / "index.html.md").write_text(FEES, "utf-8")
    code, _, err = call_program(place, monkeypatch, capsys, "run", "inputs/twins")
    assert code == 1
    assert "outputs/twins/index.html: is the folder of a talk" in err
    assert (place.outputs / "twins" / "index.html" / "post.html").is_file()
