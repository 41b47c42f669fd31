"""What people may write into NAME.review.toml, and what they are told if they may not."""

from __future__ import annotations

import tomllib

import pytest

from pipeline.errors import ConfigError
from pipeline.workspace import config
from pipeline.workspace.review_file import Review
from pipeline.workspace.sidecar import Facts, Link, Note, Person

REVIEW = """
[[fix]]
from = "Jessie Pollock"
to = "Jesse Pollak"
[[speaker]]
merge = ["00:23", "SPEAKER_01", "1:14:10"]
[[speaker]]
name = "Ada"
at = "00:23"
[[speaker]]
split = ["03:10", "07:45.5"]
[[turn]]
at = "12:34"
words = "Yeah, exactly."
to = "Ada"
[[turn]]
at = 75
to = "new"
"""


def review(text: str) -> Review:
    return config.validate(Review, tomllib.loads(text), "talk.review.toml")


def test_speaker_entries_are_sorted_by_what_they_say() -> None:
    said = review(REVIEW)
    assert [person.name for person in said.speaker] == ["Ada"]
    assert [entry.merge for entry in said.merge] == [(23.0, "SPEAKER_01", 4450.0)]
    assert [entry.split for entry in said.split] == [(190.0, 465.5)]
    assert [(move.at, move.words, move.to) for move in said.turn] == [
        (754.0, "Yeah, exactly.", "Ada"),
        (75.0, None, "new"),
    ]


def test_a_review_reads_back_from_its_dump() -> None:
    said = review(REVIEW)
    assert Review.model_validate(said.model_dump()) == said
    assert Review.model_validate(said.model_dump(mode="json", by_alias=True)) == said
    assert Review.model_validate_json(said.model_dump_json()) == said


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('[[speaker]]\nname = "A"\n[[speaker]]\nmerge = ["0:01", "0:7"]', ["'speaker.1.merge.1'", "0:7"]),
        ('[[speaker]]\nmerge = ["0:01"]', ["'speaker.0.merge'", "at least 2"]),
        ('[[speaker]]\nmerge = "0:01"', ["'speaker.0.merge'"]),
        ('[[speaker]]\nmerge = ["0:01", true]', ["'speaker.0.merge.1'", "by a moment"]),
        ('[[speaker]]\nmerge = ["0:01", -1]', ["'speaker.0.merge.1'", "by a moment"]),
        ('[[speaker]]\nmerge = ["0:01", ""]', ["'speaker.0.merge.1'", "by a moment"]),
        ('[[speaker]]\nsplit = ["0:01", "Ann"]', ["'speaker.0.split.1'", '"mm:ss"']),
        ('[[speaker]]\nmerge = ["A", "B"]\nname = "A"', ["'speaker.0'", "one of", "merge, name"]),
        ('[[speaker]]\nmerge = ["A", "B"]\nsplit = ["0:01", "0:02"]', ["'speaker.0'", "merge, split"]),
        ('[[speaker]]\nmerge = ["A", "B"]\nat = "0:01"', ["'speaker.0'", "a merge alone"]),
        ('[[speaker]]\nmrege = ["A", "B"]', ["'speaker.0'", "mrege"]),
        ("[[speaker]]", ["'speaker.0'", "nothing"]),
        ("speaker = [3]", ["'speaker.0'", "3"]),
        ("speaker = 3", ["'speaker'"]),
        ('merge = 3\n[[speaker]]\nmerge = ["A", "B"]', ["'merge'"]),
        ('[[speaker]]\nname = "A"\nrloe = "x"', ["unknown key 'speaker.0.rloe'", "'role'"]),
        ('[[turn]]\nat = "0:01"', ["'turn.0.to'"]),
        ('[[turn]]\nto = "A"', ["'turn.0.at'"]),
        ('[[turn]]\nat = inf\nto = "A"', ["'turn.0.at'", "finite"]),
        ('[[turn]]\nat = "0:01"\nto = "A"\nword = "x"', ["unknown key 'turn.0.word'", "'words'"]),
        ('[[turns]]\nat = "0:01"\nto = "A"', ["unknown key 'turns'", "'turn'"]),
    ],
)
def test_a_slip_is_an_error_that_names_file_and_key(text: str, parts: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        review(text)
    for part in ("talk.review.toml", *parts):
        assert part in str(error.value)


def test_changes_hold_only_the_people_whom_an_entry_names() -> None:
    said = review(REVIEW)
    ada = Person(name="Ada", at=23.0, role="Countess")
    bob, late = Person(name="Bob", at=5.0), Person(name="ada", label="SPEAKER_07")
    assert said.changes((bob,)).people == {}
    assert said.changes((ada, bob, late)).people == {"Ada": (23.0, "SPEAKER_07")}
    assert said.changes((ada,)) == said.changes((ada.model_copy(update={"role": None}), bob))


def test_any_label_of_a_person_may_be_named() -> None:
    assert review(REVIEW).changes((Person(name="Ada", label="12:99"),)).people == {"Ada": ("12:99",)}


def facts(text: str) -> Facts:
    return config.validate(Facts, tomllib.loads(text), "talk.toml")


def test_links_are_urls_or_tables_and_read_back_from_their_dump() -> None:
    said = facts('links = ["https://a.org", { title = "B", url = "https://b.org" }]')
    assert said.links == (Link(url="https://a.org"), Link(url="https://b.org", title="B"))
    assert Facts.model_validate(said.model_dump(exclude_unset=True)) == said


def test_what_the_author_wants_is_read() -> None:
    said = facts('audience = "builders"\ntone = "warm"\nlength = "short"\nnotes = ["I was there."]')
    assert (said.audience, said.tone, said.length, said.notes) == (
        "builders",
        "warm",
        "short",
        (Note(text="I was there."),),
    )
    assert facts("") == Facts()


def test_a_note_is_word_for_word_unless_its_table_says_otherwise() -> None:
    said = facts('notes = ["A.", { text = "B." }, { text = "C.", verbatim = false }]\nstyle = "old.md"')
    assert said.notes == (Note(text="A."), Note(text="B."), Note(text="C.", verbatim=False))
    assert said.style == "old.md"
    assert Facts.model_validate(said.model_dump(exclude_unset=True)) == said


def test_how_somebody_is_called_is_read() -> None:
    said = facts('[speakers]\n"Jesse Pollak" = { short = "Jesse", pronoun = " she/her " }\n"Bo" = {}')
    assert [(p.short, p.pronoun) for p in said.speakers.people] == [("Jesse", "she/her"), (None, None)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('length = "tiny"', ["'length'", "short"]),
        ("audience = 3", ["'audience'"]),
        ('links = "https://a.org"', ["'links'"]),
        ("links = [3]", ["'links.0'"]),
        ('links = [""]', ["'links.0.url'"]),
        ('links = [{ title = "A" }]', ["'links.0.url'"]),
        ('links = [{ url = "https://a.org", titel = "A" }]', ["links.0.titel", "'title'"]),
        ('notes = "one"', ["'notes'"]),
        ('notes = ["one", " "]', ["'notes.1'"]),
        ('notes = [{ txt = "one" }]', ["notes.0.txt", "'text'"]),
        ('style = ""', ["'style'"]),
        ('note = ["one"]', ["'note'", "'notes'"]),
    ],
)
def test_a_slip_in_a_sidecar_is_an_error_that_names_the_key(text: str, parts: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        facts(text)
    for part in ("talk.toml", *parts):
        assert part in str(error.value)
