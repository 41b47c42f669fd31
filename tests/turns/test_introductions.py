"""Names from what is said, and above all what is no name."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from pipeline import transcripts
from pipeline.records import Media, Sentence, Transcript, Turn, Turns, Word
from pipeline.transcripts.sentences import sentence_ends
from pipeline.turns import assemble as segmented
from pipeline.turns import attribution
from pipeline.turns.introductions import Introduction, introductions
from tests.support import ROOT
from tests.support.posts import turns

AN_ANSWER = "It is a long story."


def found(*said: tuple[str, str]) -> dict[str, Introduction]:
    return introductions(turns(said).turns, "en")


def names(*said: tuple[str, str]) -> dict[str, str]:
    return {speaker: known.name for speaker, known in found(*said).items()}


def between_two(*said: str) -> dict[str, str]:
    """Two speakers in turn, S1 first."""
    return names(*((f"S{1 + index % 2}", text) for index, text in enumerate(said)))


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Hi, I'm Murch, I work at Chaincode Labs.", "Murch"),
        ("I'm Jesse Pollak.", "Jesse Pollak"),
        ("Yeah, and I'm Ruben, I do a lot of layer 2 stuff.", "Ruben"),
        ("Welcome everybody to the show. | I'm Mike Schmidt, contributor at Optech.", "Mike Schmidt"),
        ("My name is Jack Ronaldi.", "Jack Ronaldi"),
        ("Sure. | So, my name is Jack Ronaldi.", "Jack Ronaldi"),
        ("Hey everyone, my name's Shehzan and I'm the founder of Lava.", "Shehzan"),
        ("Hi, I\u2019m Robert J. Smith from Boston.", "Robert J. Smith"),
        ("Hi I'm Sarah O'Connor I work at Base", "Sarah O'Connor"),
        ("Hello and welcome to the show I'm your host Lex Fridman", "Lex Fridman"),
        ("Hello, I'm your host, Lex Fridman.", "Lex Fridman"),
        ("Hi everyone, this is Mike Schmidt, I work at Optech.", "Mike Schmidt"),
        ("Hello, this is Mike Schmidt speaking.", "Mike Schmidt"),
        ("Hi, I'm Dr. Sarah Chen, a doctor in Boston.", "Sarah Chen"),
        ("Thank you for having me, I'm Joost Jager.", "Joost Jager"),
        ("Hi everyone, I'm Pierre Corbin, and I'm CEO and co-founder of Flash.", "Pierre Corbin"),
        ("Good morning everyone, I'm Brandon Black.", "Brandon Black"),
        ("Hey guys, I'm Will, I will work on it.", "Will"),
        ("Hi, I'm Gustavo Flores Echaiz, I work on it.", "Gustavo Flores Echaiz"),
        ("My name is Naiyoma, I'm a contributor.", "Naiyoma"),
        ("Thanks, Mike. | I'm Anne-Marie, I run the lab.", "Anne-Marie"),
        ("Hey, I'm René Pickhardt, researcher at the university.", "René Pickhardt"),
        ("I am Guido van Rossum, a programmer.", "Guido van Rossum"),
    ],
)
def test_an_introduction_of_oneself(said: str, name: str) -> None:
    assert names(("S1", said), ("S2", AN_ANSWER)) == {"S1": name}


@pytest.mark.parametrize(
    "said",
    [
        "I'm Mexican.",
        "I'm Bullish.",
        "I'm Bullish on this, as you know.",
        "I'm CEO of a small company.",
        "Hi, I'm CEO of Base.",
        "I'm Irish Catholic, from Boston.",
        "Hi, I'm not Mike.",
        "I'm not Jesse Pollak.",
        "And he said, I'm John.",
        'And he said, "Hi, I\'m John Miller, I work at Google."',
        "She goes, hi, I'm Sarah, I work here.",
        "If I'm Alice, I send coins to Bob.",
        "So I'm Alice and I send coins to Bob.",
        "I'm Alice, I have a wallet, and Bob has one too.",
        "Suppose I'm Jesse Pollak, and I want to pay.",
        "Let's say I'm Sarah, I work at a bank.",
        "When I'm London-based, I walk to work.",
        "I'm New York, born and raised.",
        "I'm Team Ethereum.",
        "I'm Team Red, and I always was.",
        "Imagine you walk into a bank. | Hi, I'm Sarah, I work at the counter.",
        "He said. | Hi, I'm John, I work at Google.",
        "I'm Satoshi.",
        "Hi, I'm Batman.",
        "Hi everyone, I'm Excited to be here.",
        "Hi, this is Planet Money from NPR.",
        "Hello, this is Bitcoin.",
        "This is Greg Sanders' argument.",
        "This is Mike's project.",
        "This is Sarah, my co-host.",
        "Hi, this is Sarah, my co-host.",
        "Hello, this is Marketplace.",
        "This is America.",
        "And this is Jesse Pollak, who built it.",
        "Welcome everyone, this is Sarah and this is Tom.",
        "I'm Jesse's co-founder.",
        "Hi, I'm Jesse's brother.",
        "I'm John Smith, and I want to open an account.",
        "Am I Jesse Pollak?",
        "Hi, I'm Jesse?",
        "I think I'm Spartacus.",
        "People ask me, I'm Sarah, what do I do?",
        "They told me I'm Steve Jobs.",
        "I'm Google, I have all the data.",
        "I'm Apple, and I want your data.",
        "I'm GPT, I work with tokens.",
        "His name is Jesse Pollak.",
        "Her name's Sarah Chen, and she founded it.",
        "It's like, I'm Warren Buffett, I have money.",
        "I wish I could say I'm Warren Buffett.",
        "I'm Generation X, born in 1970.",
        "I'm Type A.",
        "I'm Vice President at Brink.",
        "I'm Head of Product at Base.",
        "I'm Christian.",
        "I'm German, from Berlin.",
        "I'm Saying this because it matters.",
        "I am Legion.",
        "I'm January.",
        "And she's like, hi, I'm Sarah from marketing.",
        "Dear Mike, my name is Laura Palmer and I live in Ohio.",
        "We got a letter from a listener. | My name is Laura Palmer and I live in Ohio.",
        "My name is Mud.",
        "He called and said my name is Laura Palmer.",
        "Hi, I'm Jesse, said the robot.",
        "I'm Nobody, who are you?",
        "I'm Sarah, and I want to buy a coffee with bitcoin.",
        "So I'm Warren Buffett, and I buy the whole thing.",
        "I'm Chief Executive Officer at Brink.",
        "Hi, I'm Alice, I work at a bank. | Bob has a wallet there.",
        'Hi, I\'m John Miller, I work at "Google", said the man.',
        "Hi, and then he said I'm Jesse Pollak, I work at Base.",
        "Hi, I'm Jesse Pollak fan number one.",
        "And this is Sarah, I work with her.",
        "Hi, I'm NASA Houston, I work up there.",
        "Hi, I'm John Smith, I work here.",
        "Hi, I'm HR, I work upstairs.",
        "Good morning, I'm Bullish, I work at Base and everybody here is bullish.",
        "I'm Mike. | I'm Murch, I work at Chaincode.",
    ],
)
def test_what_is_no_introduction_of_oneself(said: str) -> None:
    assert names(("S1", said), ("S2", AN_ANSWER)) == {}


def test_the_evidence_is_the_sentence_that_has_the_name() -> None:
    known = found(("S1", "Welcome back. | I'm Mike Schmidt, contributor at Optech."), ("S2", AN_ANSWER))
    assert known == {"S1": Introduction("Mike Schmidt", "s2")}


def test_an_introduction_counts_only_in_the_first_things_that_a_speaker_says() -> None:
    before = " | ".join(["We began in May."] * 14)
    said = "Hi, I'm Jesse Pollak, I work at Base."
    assert names(("S1", f"{before} | {said}")) == {"S1": "Jesse Pollak"}
    assert names(("S1", f"{before} | Then this. | {said}")) == {}


def test_a_single_name_needs_more_than_a_bare_claim() -> None:
    claim = ("S1", "I'm Murch.")
    assert names(claim, ("S2", AN_ANSWER)) == {}
    assert names(claim, ("S2", "What now? | Murch?"), ("S1", "Yes.")) == {"S1": "Murch"}
    assert names(claim, ("S2", "We are joined by Murch, Gloria Zhao and Larry Ruane.")) == {"S1": "Murch"}


def test_letters_alone_are_a_name_if_somebody_is_called_so() -> None:
    hello = ("S2", "Hi, I'm AJ, I work on research.")
    assert names(("S1", "Who are you?"), hello) == {}
    assert names(("S1", "AJ?"), hello) == {"S2": "AJ"}


def test_a_word_that_the_talk_writes_small_is_no_name() -> None:
    hello = ("S1", "Hi, I'm Sparky, I work at Base.")
    assert names(hello, ("S2", AN_ANSWER)) == {"S1": "Sparky"}
    assert names(hello, ("S2", "Everybody here is sparky today.")) == {}
    assert names(("S1", "My name is Sparky."), ("S2", "Everybody here is sparky today.")) == {}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("Welcome. | My guest today is Jesse Pollak.", "Thanks for having me."), {"S2": "Jesse Pollak"}),
        (("Our guest today is Jesse Pollak. | Jesse, welcome.", "Great to be here."), {"S2": "Jesse Pollak"}),
        (
            ("We're joined by Gloria Zhao. | Gloria, what do you do?", "Hi, I work on it."),
            {"S2": "Gloria Zhao"},
        ),
        (("What about you, Larry?", "Hello."), {"S2": "Larry"}),
        (("And Joost?", "Hey, I work on the protocol."), {"S2": "Joost"}),
        (("Gloria, do you want to introduce yourself?", "Sure, hello, I do research."), {"S2": "Gloria"}),
        (("Go ahead, Pieter.", "So.", "Over to you, Pieter.", "It is so."), {"S2": "Pieter"}),
        (
            ("Mike, what do you think?", "No.", "I see. | Mike, any thoughts on your side?", "No."),
            {"S2": "Mike"},
        ),
    ],
)
def test_those_whom_others_introduce_or_call_on(said: Sequence[str], expected: dict[str, str]) -> None:
    assert between_two(*said) == expected


@pytest.mark.parametrize(
    "said",
    [
        ("Mike, what do you think?", "No."),  # once
        ("What about Bitcoin? | Ethereum?", "No.", "And Ethereum?", "No.", "Ethereum?", "No."),
        ("And Polkadot?", "No.", "Polkadot?", "No.", "Polkadot?", "Hm.", "Polkadot?", "No."),
        ("Polkadot, do you use it?", "No.", "Polkadot, would you buy it?", "No."),
        ("Waku, do you run that?", "No.", "So the Waku people.", "No.", "Waku, would you run that?", "No."),
        ("Waku, do you run that?", "Waku is old. | Waku works.", "Waku, would you run that?", "No."),
        ("Twitter, can you use that?", "No.", "Twitter, you know, would you?", "No."),
        ("Alexa, can you play a song?", "No.", "Alexa, would you play a song?", "No."),
        ("Alice, do you accept?", "No.", "Bob, do you accept?", "No.", "Alice, would you sign?", "No."),
        ("Waku, do you agree?", "No. | Well. | Waku is old. | So is Waku Two.", "Waku, would you?", "No."),
        ("Alice, do you accept?", "No.", "Alice, would you sign?", "No.", "Then Bob signs.", "Yes."),
        ("Gloria, do you hear us?", "No.", "Gloria, would you begin?", "Gloria had to drop."),
        ("Mike or Murch, what do you think?", "No.", "Mike or Murch, would you agree?", "No."),
        ("Mike, do you agree?", "No.", "Murch, do you agree?", "No.", "Mike, would you?", "No."),
        ("Gloria?", "Gloria had to drop.", "Gloria, are you there?", "I think Gloria is gone."),
        ("I asked him, Vitalik, what do you think?", "No.", "I said, Vitalik, are you there?", "No."),
        ("We're joined by Gloria Zhao, Greg Sanders and Larry Ruane.", "Thanks for having me."),
        (
            "I'm pleased to welcome David Blaney, who is chief here, and Bethan Owen.",
            "Thank you for having us.",
        ),
        ("Welcome, Bitcoiners.", "Hi.", "Welcome back, Bitcoiners.", "Hi."),
        ("Welcome, Denver.", "Hi, we are here."),
        ("Oops.", "Hi.", "Cheers.", "Hello.", "Oops.", "Hi."),
        ("Really?", "Hi there.", "Really?", "Hello.", "Really?", "Yes."),
        ("Chair, would you begin?", "Thank you.", "Chair, could you go on?", "Thank you."),
        ("Mr. Chair?", "Hello.", "Mr. Chair?", "Hello."),
        ("Monday?", "Hi.", "Monday, would you come?", "Yes.", "Monday, can you come?", "Yes."),
    ],
)
def test_those_whom_nobody_clearly_names(said: Sequence[str]) -> None:
    assert between_two(*said) == {}


def test_thanks_for_a_speech_name_who_gave_it_and_not_who_threw_in_a_word() -> None:
    speech = "We looked at every one of the twelve proposals and then we chose."
    thanks = [("S2", speech), ("S1", "Thanks, Murch. | Next.")] * 3
    assert names(*thanks) == {"S2": "Murch"}
    assert names(*([("S2", speech), ("S3", "Right."), ("S1", "Thanks, Murch. | Next.")] * 3)) == {}


def test_a_name_answered_by_different_voices_is_nobodys() -> None:
    asks = ("S1", "Mike, what do you think?")
    assert names(asks, ("S2", "No."), asks, ("S2", "No."), asks, ("S2", "No.")) == {"S2": "Mike"}
    assert names(asks, ("S2", "No."), asks, ("S3", "No."), asks, ("S2", "No.")) == {}


def test_an_answer_that_comes_late_is_none() -> None:
    said = turns((("S1", "Joost?"), ("S2", "Hey, I work on the protocol.")))
    assert introductions(said.turns, "en")["S2"].name == "Joost"
    late = said.turns[1].model_copy(update={"start": 20.0})
    assert introductions((said.turns[0], late), "en") == {}


def test_a_name_on_two_speakers_is_on_neither() -> None:
    hello = "Hi, I'm Jesse Pollak, I work at Base."
    assert names(("S1", hello), ("S2", hello)) == {}
    assert names(("S1", hello), ("S2", "Hi, I'm Jesse, I work at Base.")) == {}


def test_two_who_claim_one_name_lose_it_even_if_one_is_called_otherwise() -> None:
    claims = (("S1", "Hi, I'm Jesse, I work here."), ("S2", "Hi, I'm Jesse Pollak, I work here."))
    asked = (("S3", "Conner, what do you think?"), ("S2", "No.")) * 3
    assert names(*claims, *asked) == {}


def test_who_gives_a_name_has_it_before_who_is_called_it() -> None:
    asked = (("S3", "Jesse, what do you think?"), ("S2", "No.")) * 3
    assert names(*asked) == {"S2": "Jesse"}
    assert names(("S1", "Hi, I'm Jesse, I work here."), *asked) == {"S1": "Jesse"}


def test_two_names_on_one_speaker_are_none() -> None:
    assert (
        names(("S1", "Hi, I'm Jesse Pollak, I build."), ("S2", "No."), ("S1", "Hi, I'm Conner Ruhl.")) == {}
    )


def test_two_names_that_one_voice_gives_leave_no_room_for_what_others_call_it() -> None:
    asks = ("S2", "Jesse, what do you think?")
    both = ("S1", "Hi, I'm Jesse Pollak, I build. | Hi, I'm Conner Ruhl, I build.")
    assert names(both, asks, ("S1", "No."), asks, ("S1", "No."), asks, ("S1", "No.")) == {}


def test_the_name_that_speakers_give_beats_one_that_they_are_called() -> None:
    said = (("S1", "Anthony, what do you think?"), ("S2", "Hi, I'm Murch, I work at Chaincode."))
    assert names(*said) == {"S2": "Murch"}


def test_a_name_that_others_insist_on_leaves_none() -> None:
    asks, answers = ("S1", "Conner, what do you think?"), ("S2", "No.")
    hello = ("S2", "Hi, I'm Jesse Pollak, I work at Base.")
    assert names(hello, asks, answers, asks, answers, ("S3", AN_ANSWER)) == {"S2": "Jesse Pollak"}
    assert names(hello, asks, answers, asks, answers, asks, answers, ("S3", AN_ANSWER)) == {}


def test_who_calls_others_by_a_name_does_not_have_it() -> None:
    hello = ("S1", "Hi, I'm Mike, I work at Optech.")
    assert names(hello, ("S2", AN_ANSWER)) == {"S1": "Mike"}
    assert "S1" not in names(hello, ("S2", AN_ANSWER), ("S1", "Mike, what do you think?"), ("S2", "No."))


def test_a_list_of_those_here_completes_a_first_name_if_it_has_one_such() -> None:
    hello = ("S2", "Hi, I'm Jesse, I build Base.")
    known = found(("S1", "We are joined by Jesse Pollak, Gloria Zhao and Conner Ruhl. | Jesse?"), hello)
    assert known == {"S2": Introduction("Jesse Pollak", "s12", "s0")}
    two = found(("S1", "We are joined by Jesse Pollak and Jesse Walden. | Jesse?"), hello)
    assert two == {"S2": Introduction("Jesse", "s10")}


def test_a_sentence_that_may_be_anothers_proves_nothing() -> None:
    (turn,) = turns((("S1", "Hi, I'm Jesse Pollak, I work at Base."),)).turns
    doubtful = turn.sentences[0].model_copy(update={"flags": ("doubtful speaker",)})
    assert introductions((turn,), "en")
    assert introductions((turn.model_copy(update={"sentences": (doubtful,)}),), "en") == {}


def test_other_languages_have_no_table_yet() -> None:
    said = turns((("S1", "Hi, I'm Jesse Pollak, I work at Base."),))
    assert introductions(said.turns, "de") == {}


def segment(words: tuple[Word, ...]) -> Turns:
    """Labelled words as the second stage makes them turns."""
    texts = [word.text for word in words]
    transcript = Transcript(media=Media(name="x", kind="transcript"), language="en", words=words)
    ends = sentence_ends.ends(words, texts, "en")
    return segmented.assemble(transcript, texts, ends, attribution.by_label(words))


def recap(name: str) -> Turns:
    if name.endswith(".md"):
        return segment(transcripts.read(ROOT / "inputs" / "optech" / name).words)
    told = json.loads((ROOT / "tests" / "data" / "bitcoinops" / name).read_text("utf-8"))["turns"]
    return segment(tuple(Word(text=f" {w}", label=t["speaker"]) for t in told for w in t["text"].split()))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2023-03-02.json", {"Mike Schmidt": "Mike Schmidt", "Mark Erhardt": "Murch"}),
        (
            "2024-09-17.json",
            {
                "Mike Schmidt": "Mike Schmidt",
                "Mark Erhardt": "Murch",
                "Bruno Garcia": "Bruno",
                "Shehzan Maredia": "Shehzan",
                "Fabian Jahr": "Fabian",
                "Gloria Zhao": "Gloria",
            },
        ),
        (
            "2023-12-07.md",
            {
                "Mike Schmidt": "Mike Schmidt",
                "Mark Erhardt": "Murch",
                "Pieter Wuille": "Pieter",
                "Matthew Zipkin": "Matthew",
            },
        ),
        (
            "2024-07-09.md",
            {
                "Mike Schmidt": "Mike Schmidt",
                "Mark Erhardt": "Murch",
                "Antoine Poinsot": "Antoine Poinsot",
                "Elle Mouton": "Elle",
            },
        ),
        (
            "2024-05-02.md",
            {"Mike Schmidt": "Mike Schmidt", "Mark Erhardt": "Murch", "Tadge Dryja": "Tadge Dryja"},
        ),
    ],
)
def test_a_real_recap_names_its_speakers(name: str, expected: dict[str, str]) -> None:
    said = recap(name)
    labels = {speaker.id: speaker.name for speaker in said.speakers}
    known = introductions(said.turns, "en")
    assert {labels[speaker]: introduction.name for speaker, introduction in known.items()} == expected
    texts = {sentence.id: sentence.text for sentence in said.sentences()}
    assert all(i.name in texts[i.listed or i.sentence] for i in known.values())


def test_a_real_recap_with_two_voices_taken_for_one_leaves_that_one_without_a_name() -> None:
    """Both introduce themselves, so the one voice has two names."""
    said = recap("2023-12-07.md")
    one, other = said.speakers[0].id, said.speakers[1].id

    def moved(sentence: Sentence) -> Sentence:
        return sentence.model_copy(update={"speaker": one}) if sentence.speaker == other else sentence

    merged: list[Turn] = []
    for turn in said.turns:
        speaker = one if turn.speaker == other else turn.speaker
        told = tuple(map(moved, turn.sentences))
        if merged and merged[-1].speaker == speaker:
            last = merged.pop()
            told = (*last.sentences, *told)
        merged.append(turn.model_copy(update={"speaker": speaker, "sentences": told}))
    known = introductions(merged, "en")
    assert one not in known
    assert {i.name for i in known.values()} == {"Pieter", "Matthew"}
