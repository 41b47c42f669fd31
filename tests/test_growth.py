"""Four times as much of anything is about four times the work: operations are counted, nothing is timed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.post.conversation import speakers
from pipeline.post.timeline import timeline
from pipeline.records import Flag, Media, Sentence, Speaker, Transcript, Turn, Turns, Word
from pipeline.takeaways.extractive import headings
from pipeline.takeaways.language.sentences import Language, analyse
from pipeline.transcripts.sentences import sentence_ends
from pipeline.turns import (
    advertisements,
    assemble,
    attribution,
    corrections,
    introductions,
    names,
    reassignment,
    rttm,
    short_names,
)
from pipeline.turns.name_binding import Places
from pipeline.turns.talk_time import talk_seconds
from pipeline.workspace import discovery, talks
from pipeline.workspace.output_templates import Templates
from pipeline.workspace.review_file import Fix, Merge, Move, Review
from pipeline.workspace.sidecar import Person
from pipeline.workspace.talks import Talk, Workspace
from tests.support.operations import operations

SIZE = 100
MOST = 5.5  # times the work for four times the size; each compared with each is eight and more

Work = Callable[[], object]


def label(number: int) -> str:
    return f"Person{number} Lee"


def said(count: int, people: int) -> tuple[Word, ...]:
    """Words two seconds apart, each a turn of its own by people in their order."""
    return tuple(
        Word(text=f" word{n}.", label=label(n % people), start=2.0 * n, end=2.0 * n + 0.5)
        for n in range(count)
    )


def turns_of(words: tuple[Word, ...]) -> Turns:
    transcript = Transcript(media=Media(name="t", kind="transcript"), language="en", words=words)
    texts, ends = [word.text for word in words], list(range(1, len(words) + 1))
    return assemble.assemble(transcript, texts, ends, attribution.by_label(words))


def talk(root: Path, count: int) -> Talk:
    """A talk whose sidecar names everybody by label, and others by moments, with a review of merges."""
    workspace = Workspace(root / str(count))
    workspace.inputs.mkdir(parents=True)
    (workspace.inputs / "talk.md").write_text("Ann: Hi.\n", "utf-8")
    bound = (f'"Name{n} Ito" = {{ label = "{label(n)}" }}\n' for n in range(0, count, 2))
    (workspace.inputs / "talk.toml").write_text("[speakers]\n" + "".join(bound), "utf-8")
    moments = (f'[[speaker]]\nname = "Other{n} Ito"\nat = {2 * n}\n' for n in range(1, count, 2))
    merges = (f'[[speaker]]\nmerge = ["Gone{n}", "Gone{n + 1}"]\n' for n in range(count))
    (workspace.inputs / "talk.review.toml").write_text("".join([*moments, *merges]), "utf-8")
    ((source,), _) = discovery.discover([workspace.inputs], workspace)
    return talks.load(source, workspace)


def speakers_of_a_transcript(count: int, root: Path) -> Work:
    words = said(2 * count, count)
    return lambda: turns_of(words)


def backchannels(count: int, root: Path) -> Work:
    sentences = [
        Sentence(id=f"s{n}", text=text, speaker=who, start=n / 2, end=n / 2 + 0.4, words=(n, n + 4))
        for n, (who, text) in enumerate([("S1", "And so we go on."), ("S2", "Yeah.")] * count)
    ]
    return lambda: assemble.group_turns(sentences, "en")


def people_who_say_their_names(count: int, root: Path) -> Work:
    turns, first = [], 0
    for n in range(count):
        who, thanked = f"Z{n:03}".translate(str.maketrans("0123456789", "abcdefghij")), n - 1
        other = f"Z{thanked % count:03}".translate(str.maketrans("0123456789", "abcdefghij"))
        texts = (
            f"Thanks, {other}.",
            f"Hi, I'm {who} O{who.lower()} from Base.",
            "It has been a long day for us.",
        )
        sentences = tuple(
            Sentence(id=f"s{first + k}", text=text, speaker=f"S{n}", words=(first + k, first + k + 1))
            for k, text in enumerate(texts)
        )
        first += len(texts)
        turns.append(Turn(id=f"t{n}", speaker=f"S{n}", sentences=sentences))
    assert len(introductions.introductions(turns, "en")) == count
    return lambda: introductions.introductions(turns, "en")


def guessed_names(count: int, root: Path) -> Work:
    guessed = tuple(
        Speaker(id=f"S{n}", name=label(n), source="introduction", evidence=f"s{n}") for n in range(count)
    )
    turns = turns_of(said(2 * count, count)).model_copy(update={"speakers": guessed})
    return lambda: names.as_found(turns)


def names_in_sidecar_and_review(count: int, root: Path) -> Work:
    one, turns = talk(root, count), turns_of(said(2 * count, count))
    return lambda: names.identify(one, turns)


def moved_turns(count: int, root: Path) -> Work:
    words = said(2 * count, 2)
    moves = tuple(Move(at=2.0 * n, to="new 1") for n in range(count))
    quoted = tuple(Move(at=2.0 * n, words=f"word{n}", to=label(1)) for n in range(count))
    changes = Review(turn=(*moves, *quoted)).changes(())
    texts, ends = [word.text for word in words], list(range(1, len(words) + 1))
    return lambda: reassignment.apply(changes, attribution.by_label(words), words, texts, ends, "f")


def moments_of_one_long_turn(count: int, root: Path) -> Work:
    words = said(4 * count, 1)
    turns = turns_of(words)
    places = Places(turns, Review(), ())
    return lambda: [places.at(7.0 * n) for n in range(count)]


def merges_by_name(count: int, root: Path) -> Work:
    people = [Person(name=f"Name{n}", label=label(n)) for n in range(count)]
    review = Review(merge=tuple(Merge(merge=(f"Name{n}", f"Name{n + 1}")) for n in range(0, count - 1, 2)))
    return lambda: review.changes(people)


def fixes(count: int, root: Path) -> Work:
    words = said(2 * count, 2)
    entries = [Fix(heard=f"word{n}", meant=f"sword{n}", at=2.0 * n) for n in range(count)]
    return lambda: corrections.apply(entries, words, "f")


def spans_of_an_rttm_file(count: int, root: Path) -> Work:
    words = said(count, 2)
    spans = [rttm.Span(0.0, 2.0 * count, "all")]
    spans += [rttm.Span(2.0 * n, 2.0 * n + 1, label(n % 3)) for n in range(count)]
    return lambda: rttm.label_words(words, spans)


def lanes_of_a_timeline(count: int, root: Path) -> Work:
    turns = turns_of(said(2 * count, count))
    identities = names.as_found(turns)
    return lambda: timeline(
        turns, speakers(turns, identities, (), lambda start: None), 0.0, lambda start: None
    )


def letters(number: int) -> str:
    return "".join(chr(97 + number // 26**place % 26) for place in range(4))


def advertised(count: int, root: Path) -> Work:
    """Brands that are sold over and over by everybody."""
    texts = ("Go to {0}.com slash us and try it free.", "We like {0}.", "{0} pays for the show.", "The sand.")
    words = tuple(
        Word(text=f" {text}", label=label(n // 4 % 7))
        for n in range(count)
        for text in texts[n % 4].format(f"Brand{letters(n // 64)}").split()
    )
    turns = turns_of(words)
    return lambda: advertisements.flagged(turns)


def short_labels(count: int, root: Path) -> Work:
    """Full names, of which many share a word, and then short ones."""
    full = [f"{first} {letters(n)}".title() for n in range(count) for first in (f"ann{letters(n)}", "lee")]
    short = [name.split()[n % 2] for n, name in enumerate(full)]
    words = [Word(text=" so", label=name) for name in (*full, *short)]
    return lambda: short_names.same_people(words, (), ())


def words_of_one_sentence(count: int, root: Path) -> Work:
    text = ", and so we think that it works for the people ".join(["So"] * (count // 2))
    sentence = Sentence(id="s0", text=text, speaker="S1", words=(0, count), flags=(Flag.OVERLAPPED_SPEECH,))
    turns = Turns(
        language="en",
        speakers=(Speaker(id="S1"),),
        turns=(Turn(id="t0", speaker="S1", sentences=(sentence,)),),
    )
    (spoken,) = analyse(turns, Language.of(turns))
    return lambda: list(headings.slices(0, spoken, {}, Language.of(turns)))


def sentences_of_a_transcript(count: int, root: Path) -> Work:
    words = tuple(
        Word(text=text, label=label(n % count))
        for n in range(2 * count)
        for text in (" So", ' "Dr.', " Lee", " (e.g.", " she)", " left", ' it."')
    )
    return lambda: sentence_ends.ends(words, [word.text for word in words], "en")


def one_long_talk_without_punctuation(count: int, root: Path) -> Work:
    words = tuple(Word(text=f" {text}") for text in ("so", "we", "waited") * count)
    return lambda: sentence_ends.ends(words, [word.text for word in words], "en")


def talk_time(count: int, root: Path) -> Work:
    words = said(2 * count, count)
    return lambda: talk_seconds(words, [n % count for n in range(2 * count)])


def templates(count: int, root: Path) -> Work:
    own = root / str(count) / "templates"
    own.mkdir(parents=True)
    for n in range(count):
        (own / f"page{n}.txt.j2").write_text(f"{n}", "utf-8")
    made = Templates.of(own.parent)
    return lambda: [made.digest(name) for name in made.outputs()]


@pytest.mark.parametrize(
    "make",
    [
        speakers_of_a_transcript,
        backchannels,
        people_who_say_their_names,
        guessed_names,
        names_in_sidecar_and_review,
        moved_turns,
        moments_of_one_long_turn,
        merges_by_name,
        fixes,
        spans_of_an_rttm_file,
        lanes_of_a_timeline,
        advertised,
        short_labels,
        words_of_one_sentence,
        sentences_of_a_transcript,
        one_long_talk_without_punctuation,
        talk_time,
        templates,
    ],
)
def test_work_grows_with_the_size(make: Callable[[int, Path], Work], tmp_path: Path) -> None:
    make(8, tmp_path)()  # what is worked out once is not counted
    once, four_times = (operations(make(size, tmp_path)) for size in (SIZE, 4 * SIZE))
    assert four_times <= MOST * once


def test_merges_that_all_refer_to_each_other_are_followed_once() -> None:
    gone = [f"Gone{n}" for n in range(14)]
    merges = tuple(Merge(merge=(one, other)) for one in gone for other in gone if one != other)
    places = Places(turns_of(said(4, 2)), Review(merge=merges), ())
    assert places.find(Person(name="Ann", label="Gone3")) is None  # by every way through them it takes years


def test_a_chain_of_merges_may_be_long() -> None:
    merges = tuple(Merge(merge=(f"Gone{n}", f"Gone{n + 1}")) for n in range(3000))
    review = Review(merge=(*merges, Merge(merge=("Gone3000", label(1)))))
    assert Places(turns_of(said(4, 2)), review, ()).find(Person(name="Ann", label="Gone0")) == "S2"
