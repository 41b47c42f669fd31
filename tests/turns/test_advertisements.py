"""Which sentences are advertisements, wherever they stand and whoever reads them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.engines.sentence_vectors import encoder
from pipeline.records import Flag, Sentence, Speaker, Turn, Turns
from pipeline.takeaways.language.sentences import Language, analyse
from pipeline.takeaways.verification.evidence import EvidenceIndex, Reader
from pipeline.turns import advertisements
from pipeline.workspace.sidecar import Facts

Said = list[tuple[str, list[str]]]

OPENING = ["Welcome to the harbour show.", "With me is Bob Ito, who has run the port for nine years."]
TALK: Said = [
    ("Ann", ["So Bob, who pays for the dredging?"]),
    (
        "Bob",
        [
            "Mostly the port fees, and a little comes from the council.",
            "The sand comes back every winter, whatever we do about it.",
            "In a bad year we move four hundred thousand tonnes, and the barges work through the night.",
            "People in the old town hear them, and they write to us, and I answer every letter myself.",
        ],
    ),
    (
        "Ann",
        [
            "That is more than I thought.",
            "I have read that other ports charge by depth.",
            "A ship that needs twelve metres pays for twelve metres there.",
            "It sounds fair to me, but then I own no ships.",
        ],
    ),
    (
        "Bob",
        [
            "It is fair, and we have tried it for the ferries since the spring.",
            "The captains did the sums within a day and two of them changed their routes.",
            "What we lost in fees we saved in sand, which is what the council had hoped for.",
            "Next year we want to ask the same of the cargo lines, and they will not like it.",
        ],
    ),
    ("Ann", ["We will see about that.", "Thank you, Bob, and good night to everybody."]),
]

ANNOUNCED = [
    "This episode is brought to you by Tallowfield, the calendar that plans around your energy.",
    "I have been using Tallowfield for about a year, and my mornings are quiet.",
    "It looks at when you do your best work and keeps meetings away from those hours.",
    "Go to tallowfield.com/harbour to try it free for thirty days.",
]
UNANNOUNCED = [
    "Are you tired of passwords on sticky notes?",
    "Lockwren keeps them for your whole company, and nobody has to remember anything.",
    "New people get what they need on their first day, and lose it on their last.",
    "Try Lockwren free for 14 days at lockwren dot com slash harbour.",
]
LONG = [
    "Thanks to Drayne for sponsoring today's show.",
    *(
        f"On day {n} the Drayne in my gutter sent me a message about leaves and I cleared them."
        for n in range(12)
    ),
    "Listeners of this show get 20 percent off with the code HARBOUR at drayne.io.",
]


def turns_of(said: Said, language: str = "en") -> Turns:
    turns, at = [], 0
    for speaker, texts in said:
        sentences = []
        for text in texts:
            size = len(text.split())
            sentences.append(Sentence(id=f"s{at}", text=text, speaker=speaker, words=(at, at + size)))
            at += size
        turns.append(Turn(id=f"t{sentences[0].words[0]}", speaker=speaker, sentences=tuple(sentences)))
    speakers = tuple(
        Speaker(id=speaker, label=speaker) for speaker in dict.fromkeys(turn.speaker for turn in turns)
    )
    return Turns(language=language, speakers=speakers, turns=tuple(turns))


def talk_with(own: Sequence[str], place: str, speaker: str = "Ann") -> Said:
    """The talk, said six times over, with sentences somewhere in it."""
    said: Said = [("Ann", list(OPENING)), *TALK * 6]
    if place == "start":
        return [("Ann", [OPENING[0], *own, OPENING[1]]), *said[1:]]
    if place == "turn of its own":
        return [*said[:8], (speaker, list(own)), *said[8:]]
    if place == "end":
        return [*said, (speaker, list(own))]
    at = next(n for n in range(6, len(said)) if said[n][0] == speaker and len(said[n][1]) > 3)
    texts = said[at][1]
    return [*said[:at], (speaker, [*texts[:2], *own, *texts[2:]]), *said[at + 1 :]]


def marked(said: Said, language: str = "en") -> list[str]:
    turns, _ = advertisements.flagged(turns_of(said, language))
    return [s.text for s in turns.sentences() if Flag.ADVERTISEMENT in s.flags]


@pytest.mark.parametrize("place", ["start", "middle", "turn of its own", "end"])
@pytest.mark.parametrize("own", [ANNOUNCED, UNANNOUNCED, LONG])
def test_an_advertisement_is_found_whole_and_nothing_else(own: list[str], place: str) -> None:
    assert marked(talk_with(own, place)) == own


def test_a_voice_that_is_heard_nowhere_else_reads_one() -> None:
    assert marked(talk_with(UNANNOUNCED, "turn of its own", "Announcer")) == UNANNOUNCED


@pytest.mark.parametrize(("label", "is_one"), [("Sponsor", True), ("Ad break", True), ("Adam", False)])
def test_a_label_may_say_that_it_is_one(label: str, is_one: bool) -> None:
    own = ["At night the harbour is quiet.", "It was always so."]
    assert marked(talk_with(own, "turn of its own", label)) == (own if is_one else [])


def test_a_sponsors_name_that_is_a_word_of_the_talk_marks_nothing_else() -> None:
    own = ["This show is sponsored by Winter Sand.", "It is sand for the winter."]
    assert marked(talk_with(own, "middle")) == own[:1]


def test_two_voices_may_share_one() -> None:
    own: Said = [
        ("Ann", ["We'll be back in a moment after a word from our sponsor, Copperline."]),
        ("Bob", ["At Copperline we show you where a page is slow.", "You add two lines, and that is all."]),
        ("Ann", ["Try it free at copperline.dev, with the code HARBOUR."]),
    ]
    said = talk_with([], "middle")
    assert marked([*said[:6], *own, *said[6:]]) == [text for _, texts in own for text in texts]


def test_another_programme_that_is_praised_in_a_break_is_one() -> None:
    own = [
        "We'll be right back after this.",
        "Each week on The Long Way Home somebody goes back to where they grew up.",
        "If you like stories that take their time, you'll like The Long Way Home.",
        "Search for The Long Way Home wherever you get your podcasts.",
    ]
    assert marked(talk_with(own, "turn of its own", "Announcer")) == own


def test_where_it_sends_the_listener_is_its_end() -> None:
    own = [
        "Here's a word from our sponsor, Lumenart.",
        "From boxes to rooms to rings, it gets the job done.",
        "The real power is in the corners.",
        "This makes many more pictures.",
        "Click the link in the description and start today.",
    ]
    assert marked(talk_with(own, "middle")) == own


def test_the_programme_goes_on_after_it() -> None:
    own = ["Let's take a quick break.", *UNANNOUNCED[1:], "And now back to the show."]
    assert marked(talk_with(own, "middle")) == own[:-1]


GUEST = [
    "We started Brindle because I could not find a scheduler that I liked.",
    "You can try it for free at brindle.com, and you don't need a card.",
    "Sign up today and you get a month of the big plan for free.",
]


@pytest.mark.parametrize(
    ("own", "speaker"),
    [
        (GUEST, "Bob"),
        (["Go to the repository and clone it.", "You need Python and a key.", "Start the server."], "Ann"),
        (["If you like the show, please subscribe and leave us a review.", "It helps other people."], "Ann"),
        (
            [
                "When we started, a mattress company offered us money, with a promo code and everything.",
                "Listeners got twenty percent off, and we were paid for each code.",
                "I think that subscriptions are more honest than advertising.",
            ],
            "Bob",
        ),
        (["Acmeway charges 30 dollars a month and gives new customers a free trial."], "Ann"),
        (["The university sponsored the conference, so it cost only fifty euros."], "Bob"),
        (["Sign up for the workshop on the list by the door, it is free for members."], "Ann"),
    ],
)
def test_what_only_speaks_of_products_or_advertising_is_none(own: list[str], speaker: str) -> None:
    for place in ("middle", "turn of its own"):
        assert marked(talk_with(own, place, speaker)) == []


def test_an_answer_about_the_guests_own_work_is_none() -> None:
    said = talk_with([], "middle")
    asked: Said = [("Ann", ["Where can people find you?"]), ("Bob", UNANNOUNCED[1:])]
    assert marked([*said[:6], *asked, *said[6:]]) == []


def test_a_brand_of_which_the_talk_speaks_is_not_advertised_by_the_host() -> None:
    said: Said = [(who, [text.replace("the port fees", "Lockwren") for text in texts]) for who, texts in TALK]
    talk: Said = [("Ann", list(OPENING)), *said, *said, *TALK, *TALK, ("Ann", UNANNOUNCED)]
    assert marked(talk) == []


def test_in_other_languages_addresses_codes_and_brands_tell() -> None:
    own = [
        "Diese Folge wird gesponsert von Wellenreiter.",
        "Mit Wellenreiter lernt man in zehn Minuten am Tag, wie man segelt.",
        "Mit dem Code HAFEN20 gibt es 20 % Rabatt auf wellenreiter.de.",
    ]
    other = ["Die Gebühren decken den größten Teil.", "Der Sand kommt jeden Winter wieder, sagt der Hafen."]
    said: Said = [("Ann", other), ("Bob", other * 3)] * 6
    assert marked([*said[:5], ("Ann", own), *said[5:]], "de") == own
    assert marked(said, "de") == []


def test_it_is_told_which_sentences_are_left_out() -> None:
    turns, note = advertisements.flagged(turns_of(talk_with(ANNOUNCED, "end")))
    read = [s for s in turns.sentences() if Flag.ADVERTISEMENT in s.flags]
    beginning = " ".join(read[0].text.split()[:5])
    assert note == (
        f'4 sentences are left out of the post as advertising: {read[0].id}-{read[-1].id} "{beginning} …". '
        "Where it is none, remove the flag in 2_turns.json"
    )
    assert advertisements.flagged(turns_of(TALK)) == (turns_of(TALK), None)


def test_more_than_a_fifth_of_a_talk_is_never_left_out() -> None:
    said: Said = [("Ann", list(OPENING)), *TALK, ("Ann", LONG)]
    turns, note = advertisements.flagged(turns_of(said))
    assert turns == turns_of(said)
    assert note is not None
    assert "too much to leave out" in note


@pytest.mark.parametrize("place", ["start", "middle", "end"])
def test_no_writer_sees_one(place: str) -> None:
    turns, _ = advertisements.flagged(turns_of(talk_with(ANNOUNCED, place)))
    spoken = analyse(turns, Language.of(turns))
    assert not {said.sentence.text for said in spoken} & set(ANNOUNCED)
    assert len(spoken) == len(turns.sentences()) - len(ANNOUNCED)
    index = EvidenceIndex(turns, Facts(offsets={}), Reader(encoder(), None))
    ids = [s.id for s in turns.sentences()]
    assert not {s.text for id in ids for s in index.evidence([id]).context} & set(ANNOUNCED)
    assert index.evidence([s.id for s in turns.sentences() if s.flags]).cited == ()


def test_what_is_before_and_after_one_does_not_follow_one_another() -> None:
    turns, _ = advertisements.flagged(turns_of(talk_with(ANNOUNCED, "middle")))
    spoken = analyse(turns, Language.of(turns))
    (turn,) = (turn for turn in turns.turns if any(s.flags for s in turn.sentences))
    texts = [s.text for s in turn.sentences if not s.flags]
    parts = [said.turn for said in spoken if said.sentence in turn.sentences]
    assert len(parts) == len(texts)
    assert parts == sorted(parts)
    assert len(set(parts)) == 2
