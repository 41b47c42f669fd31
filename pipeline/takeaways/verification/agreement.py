"""Agreement: whoever is said to agree or to disagree shows it."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
_KINDS = {
    lemma: LISTS.words(f"{kind}_evidence") for kind in ("agree", "disagree") for lemma in LISTS.word_set(kind)
}


def doubt_agreement(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """A speaker who is said to agree or to disagree, and none of whose cited sentences has a word of it.

    Cannot see: agreement that shows in what is said, and with what somebody agrees.
    """
    trees = evidence.reader.trees([text])
    for tree in trees or ():
        for i in range(len(tree.tokens)):
            shows = _KINDS.get(tree.lemma(i))
            for k in tree.subjects(i) if shows else ():
                speaker = tree.speakers.get(k, "")
                if shows and speaker and not any(map(shows.search, evidence.texts_by(speaker))):
                    yield Failure(
                        "agreement", f"does {{{speaker}}} {tree.lemma(i)}, in a line that is cited?"
                    )
                    return
