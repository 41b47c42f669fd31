"""Small talks and drafts of posts, as a language model would write them."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.engines import syntax
from pipeline.records import Claim, Sentence, Speaker, Turn, Turns
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.llm.claim_checker import Text
from pipeline.takeaways.llm.draft import DraftParagraph
from pipeline.takeaways.llm.material import Material
from pipeline.takeaways.verification import Failure
from pipeline.workspace.sidecar import Facts
from tests.support.claims import encoder

LOST = (Failure("meaning", "its lines do not bear it out"),)


def material_of(*rows: tuple[str, Sequence[str]], language: str = "en") -> Material:
    """A talk of turns, (speaker, sentences); the sentences are s0, s1, … throughout."""
    said: list[Turn] = []
    at = 0
    for number, (speaker, texts) in enumerate(rows):
        sentences = [
            Sentence(id=f"s{at + k}", text=text, speaker=speaker, words=(at + k, at + k + 1))
            for k, text in enumerate(texts)
        ]
        at += len(sentences)
        said.append(Turn(id=f"t{number}", speaker=speaker, sentences=tuple(sentences)))
    ids = dict.fromkeys(speaker for speaker, _ in rows)
    speakers = tuple(Speaker(id=id, name=f"Person {id}", source="label") for id in ids)
    turns = Turns(language=language, speakers=speakers, turns=tuple(said))
    return Material(Document(turns, (), encoder(), syntax.parser(language)), Facts(offsets={}))


def sentence(text: str, *cites: str, lost: bool = False) -> Text:
    """A sentence of a draft that stands, or that is lost."""
    claim = Claim(text=text, cites=cites, kind="talk" if cites else "linking")
    return Text(claim, "prose", failures=LOST if lost else ())


def paragraph(*texts: Text) -> DraftParagraph:
    return DraftParagraph([*texts])
