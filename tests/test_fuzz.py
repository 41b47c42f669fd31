"""Whatever is in a file that people hand in or change, it works or is told: nothing else is ever raised.

TAKEAWAYS_FUZZ_MINUTES=10 looks for that long.
"""

from __future__ import annotations

import contextlib
import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import strategies as st

from pipeline.cohort import cohort_stages, cohorts
from pipeline.engines.chat.endpoint import Cache
from pipeline.engines.parse_cache import ParseCache
from pipeline.engines.sentence_vectors import CachedEncoder
from pipeline.errors import TakeawaysError
from pipeline.files import FileMemory
from pipeline.post.compose import Material, compose
from pipeline.records import Takeaways, Transcript, Turns
from pipeline.review import speakers
from pipeline.running import artifacts, staleness
from pipeline.running.runner import Plan, StageError, run_talk
from pipeline.stage_names import TalkStage
from pipeline.stages import STAGES
from pipeline.turns import rttm, voice_profiles, voiceprints
from pipeline.turns.names import identify
from pipeline.weights import catalog
from pipeline.workspace import config, discovery, prompt_sets, talks
from pipeline.workspace.output_templates import Templates
from pipeline.workspace.review_file import Review
from pipeline.workspace.sidecar import Facts
from pipeline.workspace.state import ByteCache
from pipeline.workspace.talks import Talk, Workspace
from tests.support.helpers import Recorder
from tests.support.oddities import fuzz, mutated, tables, toml, torn

SAID = (
    ("00:00:01", "Ann Lee", "Today we talk about salt and pepper. I'm Ann Lee, and I cook for a living."),
    ("00:00:09", "Bob", "I think salt is older than pepper. People have traded it for thousands of years."),
    ("00:00:20", "Ann Lee", "And yet pepper was worth its weight in gold. Kings paid for it with land."),
    ("00:00:31", "Bob", "So the question is what we do with all of it now. I would cook more at home."),
    ("00:00:40", "Speaker 3", "Salt has a price, and it is far too low. That is what the data says."),
)
RANDOM = st.integers(0, 2**32).map(random.Random)
BYTES = st.binary(max_size=300)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with a cohort of two small talks, all of it made."""
    place = Workspace(tmp_path_factory.mktemp("fuzzed"))
    folder = place.inputs / "c"
    folder.mkdir(parents=True)
    for name in ("one", "two"):
        text = "\n\n".join(f"[{at}] **{who}:** {text}" for at, who, text in SAID)
        (folder / f"{name}.md").write_text(text, "utf-8")
        run_talk(source(place, name), place, Plan(STAGES), Recorder())
    (folder / "cohort.toml").write_text("", "utf-8")
    cohort_stages.make(folder, place, (), Recorder())
    return place


def source(place: Workspace, name: str = "one") -> talks.Source:
    return discovery.discover([place.inputs / "c" / f"{name}.md"], place)[0][0]


@contextlib.contextmanager
def told() -> Iterator[None]:
    """What is raised is an error with a remedy, whose message can be written anywhere."""
    try:
        yield
    except (TakeawaysError, StageError) as error:
        cause = error.__cause__ if isinstance(error, StageError) else error
        if not isinstance(cause, TakeawaysError):
            raise
        assert cause.remedy
        str(cause).encode("utf-8", "backslashreplace")


def shown(talk: Talk) -> None:
    """Make the post anew, with the facts as they are now."""
    upstream = artifacts.load_all(talk, STAGES[:3])
    turns = upstream.of(Turns)
    identities, _ = identify(talk, turns)
    material = Material(talk, upstream.of(Transcript), turns, upstream.of(Takeaways), identities)
    templates = Templates.of(talk.workspace.root)
    outputs = templates.chosen(talk.settings.render.templates)
    post = compose(material, outputs)
    for name in outputs:
        templates.render(name, post=post).encode()


SETTINGS = [f for table in config.Settings.model_fields.values() for f in table.annotation.model_fields]
WRITTEN = {
    "../../takeaways.toml": [*config.Settings.model_fields, *SETTINGS],
    "one.toml": [
        *Facts.model_fields,
        *TalkStage,
        "count",
        "at",
        "label",
        "role",
        "link",
        *SETTINGS,
    ],
    "cohort.toml": [*Facts.model_fields, *config.Settings.model_fields, "at", "label", "role"],
    "one.review.toml": [*Review.model_fields, "at", "from", "to", "name", "merge", "split", "words", "label"],
}
GOOD = b"""title = "T"
recording = "https://youtu.be/x"
links = ["https://a.org", { title = "B", url = "https://b.org" }]
[speakers]
count = 3
"Ann Lee" = { at = "00:01", role = "Cook" }
"Bob" = { label = "Bob" }
[[fix]]
at = "00:05"
from = "salt"
to = "Salt"
[[speaker]]
merge = ["00:05", "Bob"]
[[speaker]]
name = "Cy"
at = "00:41"
[[turn]]
at = "00:10"
to = "new"
"""


@pytest.mark.parametrize("name", WRITTEN)
def test_sidecars_and_reviews(finished: Workspace, name: str) -> None:
    path = finished.inputs / "c" / name
    before = path.read_bytes() if path.exists() else None

    def check(content: bytes) -> None:
        path.write_bytes(content)
        with told():
            talk = talks.load(source(finished), finished)
            staleness.states(talk, STAGES)
            shown(talk)

    review = GOOD.index(b"[[fix]]")
    start, end = (review, None) if name == "one.review.toml" else (0, review)
    damaged = st.builds(torn, st.just(GOOD[start:end]), RANDOM, st.integers(0, 3))
    try:
        fuzz(tables(WRITTEN[name]).map(toml) | damaged | BYTES, check, 40)
    finally:
        path.write_bytes(before) if before is not None else path.unlink(missing_ok=True)


def test_reviews_change_who_said_what(finished: Workspace) -> None:
    """The same, through the stage that applies them."""
    path = finished.inputs / "c" / "one.review.toml"
    moments = st.floats(0, 60) | st.sampled_from(
        ["00:01", "00:09", "00:20.5", "Bob", "ann lee", "new", "new 1"]
    )
    entries = st.one_of(
        st.fixed_dictionaries({"merge": st.lists(moments, min_size=2, max_size=3)}),
        st.fixed_dictionaries({"split": st.lists(st.floats(0, 60), min_size=2, max_size=3)}),
        st.fixed_dictionaries({"name": st.sampled_from(["Bob", "Cy", "Ann Lee"]), "at": st.floats(0, 60)}),
    )
    turns = st.fixed_dictionaries(
        {"at": st.floats(0, 60), "to": moments}, optional={"words": st.just("salt")}
    )
    fixes = st.fixed_dictionaries(
        {"from": st.sampled_from(["salt", "Bob", " ", ".", "Today we"]), "to": moments}
    )

    def check(said: dict[str, object]) -> None:
        path.write_bytes(toml(said))
        with told():
            run_talk(source(finished), finished, Plan(STAGES[:2], force=True), Recorder())
            shown(talks.load(source(finished), finished))

    try:
        lists = {"speaker": st.lists(entries, max_size=3), "turn": st.lists(turns, max_size=3)}
        with put_back(finished.root):
            fuzz(st.fixed_dictionaries({**lists, "fix": st.lists(fixes, max_size=2)}), check, 25)
    finally:
        path.unlink()


@contextlib.contextmanager
def put_back(root: Path) -> Iterator[Callable[[], None]]:
    """What restores outputs/ and .takeaways/ as they are now; they are restored at the end, too."""
    kept = root.with_name(f"{root.name}-kept")
    folders = ("outputs", ".takeaways")
    for name in folders:
        shutil.copytree(root / name, kept / name)

    def restore() -> None:
        for name in folders:
            shutil.rmtree(root / name)
            shutil.copytree(kept / name, root / name)

    try:
        yield restore
    finally:
        restore()
        shutil.rmtree(kept)


def test_artifacts_changed_by_hand(finished: Workspace) -> None:
    names = ["1_transcript.json", "2_turns.json", "3_takeaways.json", "4_post.json"]
    home = finished.outputs / "c" / "one"

    with put_back(finished.root) as restore:

        def check(example: tuple[str, random.Random, int, bool]) -> None:
            name, rng, edits, as_text = example
            restore()
            path = home / name
            if as_text:
                path.write_bytes(torn(path.read_bytes(), rng, edits))
            else:
                content = json.loads(path.read_text("utf-8"))
                key = rng.choice(["data", "data", "data", "made_from", None])
                changed = mutated(content[key] if key else content, rng, edits)
                path.write_text(json.dumps({**content, key: changed} if key else changed), "utf-8")
            below = STAGES[names.index(name) + 1 :] or STAGES[-1:]
            with told():
                for state in staleness.states(talks.load(source(finished), finished), STAGES):
                    json.dumps(vars(state))
            with told():
                run_talk(source(finished), finished, Plan(below), Recorder())
            with told():
                found = speakers.load(talks.load(source(finished), finished))
                json.dumps([found.as_json(), found.rttm(), found.svg()], ensure_ascii=False).encode()
            with told():
                cohort_stages.make(finished.inputs / "c", finished, (), Recorder())

        changes = st.tuples(st.sampled_from(names), RANDOM, st.integers(1, 3), st.booleans())
        fuzz(changes, check, 25)


def test_a_cohorts_artifact_changed_by_hand(finished: Workspace) -> None:
    path = finished.outputs / "c" / "cohort.json"
    with put_back(finished.root) as restore:

        def check(example: tuple[random.Random, int]) -> None:
            restore()
            content = json.loads(path.read_text("utf-8"))
            content["data"] = mutated(content["data"], *example)
            path.write_text(json.dumps(content), "utf-8")
            with told():
                staleness.states(cohorts.load(finished.inputs / "c", finished), cohort_stages.STAGES)
                cohort_stages.make(finished.inputs / "c", finished, (), Recorder())

        fuzz(st.tuples(RANDOM, st.integers(1, 3)), check, 15)


def test_what_is_remembered_may_be_damaged(finished: Workspace) -> None:
    """Nothing in .takeaways/ is needed, and nothing wrong in it is in the way."""
    there = sorted(path for path in (finished.root / ".takeaways").rglob("*") if path.is_file())
    assert {path.name.partition(".")[2] for path in there} >= {"json", "source", "npz"}
    outputs = {path: path.read_bytes() for path in finished.outputs.rglob("*.html")}
    with put_back(finished.root) as restore:

        def check(example: tuple[Path, random.Random, int]) -> None:
            path, rng, edits = example
            restore()
            if path.suffix == ".json" and rng.random() < 0.5:
                content = mutated(json.loads(path.read_bytes()), rng, edits)
                path.write_text(json.dumps(content), "utf-8")
            else:
                path.write_bytes(torn(path.read_bytes(), rng, edits))
            run_talk(source(finished), finished, Plan(STAGES), Recorder())
            cohort_stages.make(finished.inputs / "c", finished, (), Recorder())
            assert {page: page.read_bytes() for page in outputs} == outputs

        fuzz(st.tuples(st.sampled_from(there), RANDOM, st.integers(1, 4)), check, 25)


MODEL = 64 * "0"


def test_other_caches(finished: Workspace, tmp_path: Path) -> None:
    talk = talks.load(source(finished), finished)
    kept, state = talk.state.replies.path("key"), talk.state.intent
    vectors = ByteCache(tmp_path, tmp_path / "vectors", ".npz")
    kept.parent.mkdir(parents=True)

    def check(content: bytes) -> None:
        kept.write_bytes(content)
        Cache(talk.state.replies).recall("sha256:key")
        vectors.path(MODEL).write_bytes(content)
        CachedEncoder(vectors, MODEL)
        assert ParseCache(vectors, MODEL).recall("Salt is old.") is None
        assert voiceprints._load(content) is None
        state.write_bytes(content)
        staleness.intended(talk)
        (tmp_path / "m.json").write_bytes(content)
        assert FileMemory(tmp_path / "m.json").digest(kept)

    made = (vectors.path(MODEL), tmp_path / "m.json")
    encoder = CachedEncoder(vectors, MODEL)
    encoder(["Salt is old."])
    encoder.save()
    FileMemory(made[1]).save()
    seeds = [b"[" * 100_000, b"9" * 5000, *(path.read_bytes() for path in made if path.exists())]
    damaged = st.builds(torn, st.sampled_from(seeds), RANDOM, st.integers(0, 2))
    try:
        fuzz(damaged | BYTES, check, 40)
    finally:
        shutil.rmtree(kept.parent)
        state.unlink()


PROMPT = b"""---
description: mine
variables: [transcript, most]
themes: [2, 3]
---
At most {{ most }} of {{ transcript }}
"""


def test_prompts(finished: Workspace) -> None:
    path = finished.root / "prompts" / "mine" / "map.md"
    path.parent.mkdir(parents=True)
    fields = tables([*prompt_sets.FrontMatter.model_fields, "!!int", "2024-13-45"])
    front = fields.map(lambda found: b"---\n%s\n---\n{{ transcript }}" % json.dumps(found).encode())
    pieces = st.sampled_from(
        ["---\n", "description: x\n", "variables: ", "[transcript]\n", "{{ transcript }}"]
    )
    odd = st.sampled_from(
        ["{% if %}", "{{ 1/0 }}", "!!timestamp x\n", "!!bool x\n", "{{", "&a [*a]\n", "2024-99-99\n"]
    )
    text = st.lists(pieces | odd, max_size=9).map(lambda found: "".join(found).encode())
    torn_one = st.builds(torn, st.just(PROMPT), RANDOM, st.integers(0, 3))

    def check(content: bytes) -> None:
        path.write_bytes(content)
        with told():
            prompt_sets.load(finished, "mine")["map"].render(transcript="a", most=3)

    try:
        fuzz(front | text | torn_one | BYTES, check, 40)
    finally:
        shutil.rmtree(finished.root / "prompts")


def test_rttm_and_voices(finished: Workspace, tmp_path: Path) -> None:
    rttm_file = b"SPEAKER f 1 0.0 2.5 <NA> <NA> A <NA> <NA>\nSPEAKER f 1 3 1 <NA> <NA> B <NA> <NA>\n"
    upstream = artifacts.load_all(talks.load(source(finished), finished), STAGES[:1])
    words = upstream.of(Transcript).words
    place = Workspace(tmp_path)
    voice = place.inputs / "voices" / "ann.toml"
    voice.parent.mkdir(parents=True)
    known: dict[str, object] = {
        "name": "Ann",
        "agreed": "x",
        "talk": "t",
        "seconds": 3.0,
        "voice": [1.0, *[0.0] * 191],
    }
    known["encoder"] = catalog.SPEAKER_ENCODER

    def check(content: bytes) -> None:
        (tmp_path / "a.rttm").write_bytes(content)
        with told():
            assert len(rttm.label_words(words, rttm.read(tmp_path / "a.rttm"))) == len(words)
        voice.write_bytes(content)
        found, problems = voice_profiles.survey(place)
        assert len(found) + len(problems) == 1
        assert voice_profiles.digest(place)

    changed = st.builds(lambda rng, edits: mutated(known, rng, edits), RANDOM, st.integers(1, 2))
    written = changed.filter(lambda table: isinstance(table, dict)).map(toml)
    fuzz(written | st.builds(torn, st.just(rttm_file), RANDOM, st.integers(0, 4)) | BYTES, check, 60)
