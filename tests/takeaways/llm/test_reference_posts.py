"""Two posts that a very good writer gave for whole talks come out of the program as they were written."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass

import pytest

from pipeline.records import Takeaways
from pipeline.workspace.talks import Workspace
from tests.support import DATA, OPTECH
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.helpers import run
from tests.support.recorded_model import RecordedModel
from tests.takeaways.llm.test_writer import asking

RECORDINGS = DATA / "writing"
TRANSCRIPTS = {
    "optech": OPTECH / "2024-05-02.md",
    "universities": RECORDINGS / "universities" / "transcript.md",
}
# What stands below a post besides its reference, and is the program's right: how it was made.
BELOW = "A program wrote the text around the quotes, "


@dataclass(frozen=True)
class Made:
    """A post as the program made it, beside the one that it was recorded from."""

    name: str
    paragraphs: list[str]
    wanted: list[str]
    takeaways: Takeaways
    calls: int


def as_read(post: str) -> list[str]:
    """The paragraphs of a post in Markdown, its title first, without marks and addresses."""
    front = re.match(r"---\ntitle: ([^\n]+)\n.*?\n---\n", post, flags=re.DOTALL | re.MULTILINE)
    text = f"{json.loads(front[1])}\n\n{post[front.end() :]}" if front else post
    text = re.sub(r"(?<!\\)\[([^\[\]]*)(?<!\\)\]\([^()]*\)", r"\1", text)
    text = re.sub(r"^(?:[>#]+ ?|\*{3}$|---$)", "", text, flags=re.MULTILINE).replace("*", "")
    plain = re.sub(r"\\(.)", r"\1", text)
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", plain) if paragraph.strip()]


@pytest.fixture(scope="module", params=TRANSCRIPTS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    name, root = request.param, tmp_path_factory.mktemp("talk")
    (root / "inputs").mkdir()
    shutil.copyfile(TRANSCRIPTS[name], root / "inputs" / f"{name}.md")
    shutil.copyfile(RECORDINGS / name / "talk.toml", root / "inputs" / f"{name}.toml")
    model = RecordedModel.read(RECORDINGS / name)
    model.judges_all = True
    with FakeEndpoint(model) as server:
        run(Workspace(root), f"{name}.md", sets=asking(server, context=128_000))
    outputs = root / "outputs" / name
    content = (outputs / "3_takeaways.json").read_text("utf-8")
    return Made(
        name,
        as_read((outputs / "post.md").read_text("utf-8")),
        as_read((RECORDINGS / name / "post.md").read_text("utf-8")),
        Takeaways.model_validate(json.loads(content)["data"]),
        len(server.requests),
    )


def test_each_paragraph_comes_out_as_it_was_written(made: Made) -> None:
    *paragraphs, last = made.paragraphs
    assert paragraphs == made.wanted
    assert last.startswith(BELOW)


def test_nothing_is_lost_and_two_calls_are_enough(made: Made) -> None:
    assert made.takeaways.rejected == ()
    assert made.calls == 2
