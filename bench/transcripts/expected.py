"""What should come out of reduced files that were once read wrongly: the data of their EXPECTED.md."""

from __future__ import annotations

from dataclasses import dataclass

Said = tuple[str | None, str, float | None]  # whose, the first words of a turn, when (None: no time)


@dataclass(frozen=True)
class Case:
    """`said` are turns in order. `labels` are all that there are, if `said` does not have all of them.

    `unsaid` is in no text. `words` is their number. `or_note`: a note on it will do, if no word is lost.
    `or_nobody` may be a stranger instead.
    """

    file: str
    said: tuple[Said, ...]
    unsaid: tuple[str, ...] = ()
    labels: tuple[str | None, ...] = ()
    words: int | None = None
    or_note: bool = False
    or_nobody: str | None = None


def plain(*turns: str) -> tuple[Said, ...]:
    """Turns without times, written as `Name: words`, or `: words` of nobody."""
    parted = (turn.partition(":") for turn in turns)
    return tuple((name or None, text.strip(), None) for name, _, text in parted)


_DREDGING = "So who pays for the dredging?"
_SHOW = "Welcome to the harbour show."
_THANKS = "Thank you for having me."
_LITTLE = "Mostly the port fees, and a little from the council."

CASES = (
    Case(
        "attendee-table/input.md",
        plain(
            "ALE: The election will be tomorrow.",
            "BIT: Any objections? Hearing none, I will take notes.",
            "ALE: We would like to provide better summaries this time.",
            "BIT: That is a good idea.",
        ),
        ("|", "Abbreviation", "Harbour Co", "Introduction", "attendees", "Meeting Notes"),
    ),
    Case(
        "cart-marks/input.txt",
        plain(
            f"ANN LEE: {_SHOW}",
            f"BOB ITO: {_THANKS}",
            f"ANN LEE: {_DREDGING}",
            f"BOB ITO: {_LITTLE}",
            "ANN LEE: That is news to me, and I live there.",
            "BOB ITO: Well, it was in the paper last year.",
        ),
        (">",),
    ),
    Case(
        "changelog-break/input.md",
        plain(
            f"Ann Lee: {_SHOW}",
            f"Bob Ito: {_THANKS} My boat is in the",
            f"Ann Lee: {_DREDGING}",
            "Bob Ito: Mostly the port fees.",
            "Ann Lee: That is news to me.",
        ),
        ("\\", "laughter", "Break", "16:05", "44:45", "03:30"),
    ),
    Case(
        "fathom/input.txt",
        (
            ("Ann Lee", "that is what next year will be like.", 0),
            ("Bob Ito", "Obviously we are interested in the fees.", 41),
            ("Ann Lee", "I can send you the table on Friday.", 65),
            ("Bob Ito", "Good. Who pays for the dredging, by the way?", 80),
        ),
        ("Harbour planning", "RECORDING", "ACTION ITEM", "WATCH", "video.example", "---", "Harbour Co"),
    ),
    Case(
        "hearing-names-with-full-stop/input.txt",
        plain(
            "Mr. LEE: Thank you, Mr. Chairman. I want to talk",
            "Ms. ITO: Would the gentleman yield?",
            "Mr. LEE: I yield to the gentlewoman from the port.",
            "Ms. ITO: I thank the gentleman. Who pays for the dredging?",
            "Mr. LEE: Mostly the port fees. The council pays the rest.",
            "The CHAIRMAN: The time of the gentleman has expired.",
            "Senator ITO: Mr. Chairman, I ask unanimous consent",
            "The CHAIRMAN: Without objection.",
        ),
        ("Laughter", "report follows"),
        or_note=True,
    ),
    Case(
        "label-with-role/input.txt",
        plain(
            "Ann Lee: The fees cover most of it already, and the council pays the rest every winter.",
            "Bob Ito: I doubt that. Where are the numbers?",
            "Ann Lee: They are on our website, with the map.",
            "Bob Ito: I looked there and found nothing.",
            "Audience member: That is nonsense, and you know it. The fees were cut in half.",
            "Bob Ito: Thank you.",
            "Woman in the third row: Who pays for the dredging?",
            "Ann Lee: The fees do.",
        ),
        ("head of policy", "Audience", "third row"),
    ),
    Case(
        "md-bold-name-alone/input.md",
        plain(
            "Ann Lee: I think the harbour should stay public. It belongs to everyone who lives there.",
            "Bob Ito: That costs money, though. Somebody has to pay for the dredging.",
            "Ann Lee: The port fees cover most of it already.",
            "Bob Ito: Not last winter.",
            "Ann Lee: Last winter was an exception, and the council knows it.",
        ),
        ("*", "Ann Lee", "Bob Ito", ":"),
    ),
    Case(
        "md-bold-name-no-colon/input.md",
        plain(
            "Ann Lee: I think the harbour should stay public. It belongs to everyone.",
            "Bob Ito: That costs money, though. Somebody has to pay for the dredging.",
            "Ann Lee: The port fees cover most of it already.",
            "Bob Ito: Not last winter.",
        ),
        ("*", "#", "Intro", "Harbour call", "Ann Lee", "Bob Ito"),
    ),
    Case(
        "md-heading-as-speaker/input.md",
        plain(
            "Ann: I think the harbour should stay public. It belongs to everyone.",
            "Bob: That costs money, though.",
            "Ann: The port fees cover most of it already.",
            "Bob: Not last winter.",
            "Ann: Last winter was an exception, and the council knows it.",
            "Bob: It was not. We had three storms like that.",
            "Ann: Two, and the third one was in spring.",
            "Bob: Then two. Who pays for the sand?",
            "Ann: The fees do, as always.",
            "Bob: I would like to see that in writing.",
        ),
        ("*", "#", "Dredging 8", "Intro", "Harbour Call", "nobody", "0.30", "8.20"),
    ),
    Case(
        "md-italic-names/input.md",
        (
            ("Ann Lee", _SHOW, 15),
            ("Bob Ito", _THANKS, 45),
            ("AL", _DREDGING, 62),
            ("BI", _LITTLE, 80),
        ),
        ("*", "0:", "1:", "("),
    ),
    Case(
        "name-colon-clock/input.md",
        (
            ("Ann", f"{_SHOW} Today we talk about fees.", 0),
            ("Bob", _THANKS, 9),
            ("Ann", _DREDGING, 23),
            ("Bob", _LITTLE, 31),
        ),
        ("00:", "Intro", "#", "speakers", "---"),
    ),
    Case(
        "no-punctuation-mono/input.txt",
        ((None, "welcome to the harbour show today we talk about who pays", None),),
        words=389,
    ),
    Case(
        "qa-dashes/input.md",
        plain(
            "Q: Does the harbour attract thieves? I was told that it does.",
            "A: It makes it obvious that you own a boat. That is all.",
            "Q: Can the port block my boat?",
            "A: You can moor elsewhere. Ports do that, and skippers just move on.",
        ),
        ("Q -", "A -"),
    ),
    Case(
        "rev-continued-stamp/input.txt",
        (
            ("Ann Lee", f"{_SHOW} Today my guest is Bob Ito.", 2),
            ("Ann Lee", "My guest has run the port for ten years.", 42),
            ("Bob Ito", _THANKS, 70),
            ("Bob Ito", "The port fees pay for most of it, and the council for the rest.", 85),
            ("Ann Lee", "That is news to me.", 110),
        ),
        (":", "(00"),
    ),
    Case(
        "suffixes/captions.sbv",
        ((None, "Who pays for the dredging?", 1), (None, "Mostly the port fees.", 3)),
        ("0:00",),
    ),
    Case(
        "suffixes/captions.ttml",
        (
            ("Ann Lee", "Small models matter because people can run them at home.", 3),
            ("Bob Ito", "If only three companies can run one, the licence helps nobody.", 8.5),
        ),
        ("<", "00:00"),
    ),
    Case(
        "suffixes/interview.markdown",
        plain("Ann Lee: Welcome to the harbour show.", "Bob Ito: Thank you for having me."),
        labels=("Ann Lee", "Bob Ito", "Carla Ruiz"),
    ),
    Case(
        "suffixes/panel.docx",
        (
            ("Ann Lee", "Small models matter because people can run them at home.", 3),
            ("Bob Ito", "That is how we think about nodes, too:", 14),
            ("Ann Lee", "We ship every week and we learn from what breaks.", 3731),
        ),
        ("Recording", "March", "31m"),
    ),
    Case(
        "suffixes/whisper.tsv",
        (
            (None, f"{_SHOW} Today we talk about fees.", 3),
            (None, _THANKS, 9),
            (None, _DREDGING, 14),
            (None, _LITTLE, 19),
            (None, "That is news to me, and I live there.", 27),
            (None, "Well, it was in the paper last year.", 33),
        ),
        ("3000", "start", "\t"),
    ),
    Case(
        "talk-then-questions/input.md",
        plain(
            "Ann Lee: Thank you for the invitation. I have looked after the channel",
            "Ann Lee: The sand comes from the north.",
            "Ann Lee: We dredge twice a year.",
            "Ann Lee: A longer mole would keep two thirds of the sand out.",
            "Q: Who would pay for the mole?",
            "A: The port would take a loan.",
            "Q: When will you decide?",
            "A: The council votes in May.",
        ),
        ("#", "What we could do It", "Questions", "title"),
        words=322,
        or_nobody="Ann Lee",
    ),
    Case(
        "teams-last-first/input.vtt",
        (
            ("Ann Lee", "The port fees cover most of the dredging already,", 3.54),
            ("Bob Ito", "The sand comes back every winter,", 10),
            ("Ann Lee", "We should charge by depth,", 17.4),
        ),
        ("<",),
    ),
    Case(
        "trint/input.txt",
        (
            ("Ann Lee", f"{_SHOW} Today we talk about fees.", 3),
            ("Bob Ito", _THANKS, 9),
            ("Ann Lee", _DREDGING, 14),
            ("Bob Ito", _LITTLE, 19),
            ("Ann Lee", "That is news to me, and I live there.", 27),
            ("Bob Ito", "Well, it was in the paper last year.", 33),
        ),
        ("00:", "[", "]"),
    ),
    Case(
        "vtt-clock-before-label/input.vtt",
        (
            ("Ann Lee", "The next one is the 10:30 Meeting: that is the big one.", 1),
            ("Bob Ito", "I have it in my calendar.", 5),
            ("Ann Lee", "Good.", 8),
        ),
    ),
    Case(
        "vtt-cue-id-speakers/input.vtt",
        (
            ("Ann Lee", _SHOW, 2),
            ("Bob Ito", _THANKS, 5),
            ("Ann Lee", _DREDGING, 9),
            ("Bob Ito", "Mostly the port fees.", 14),
        ),
        or_note=True,
    ),
    Case(
        "vtt-no-blank-lines/input.vtt",
        (
            (None, "Hello", 1),
            (None, "Welcome to the harbour show", 3),
            (None, "It opened in 1984", 5),
            (None, "Stop", 7),
        ),
        ("00:",),
        words=11,
    ),
    Case(
        "vtt-note-after-text/input.vtt",
        (
            (None, "Hello.", 3.3),
            (None, "Who pays for the dredging?", 8.1),
            (None, "Mostly the port fees.", 19.24),
        ),
        ("NOTE", "Confidence", "0.88"),
        words=10,
    ),
    Case(
        "vtt-rev-voice-dash/input.vtt",
        (
            (None, "The making and breaking of ropes", 0.809),
            (None, "is summarised in this drawing.", 1.974),
            (None, "And who ties them?", 6),
            ("Narrator", "The port does.", 8.5),
        ),
        ("<", "->"),
    ),
    Case(
        "zoom-page-copy/input.txt",
        (
            ("Ann Lee", "Hello?", 77),
            ("Bob Ito", "Hello?", 79),
            ("Carla", "Hello. How's everyone doing?", 82),
            ("Ann Lee", "Good. I wanted to talk about the harbour fees today.", 97),
            ("Bob Ito", "Not bad. The fees went up again.", 100),
            ("Carla", "Now that we have the report,", 116),
            ("Ann Lee", "Great, that is good news. Let us give it another minute to settle down.", 125),
            ("Bob Ito", _DREDGING, 144),
        ),
        ("00:", "AL "),
    ),
    Case(
        "zoom-vtt-single-small-name/input.vtt",
        (
            ("Ann Lee", "You hear me? All good, thanks.", 33.86),
            ("vitek", "Hello! I want to talk about the fees.", 35.5),
            ("Bob Ito", "Let us give everyone another minute.", 37.2),
            ("Bob Ito", "I think we can start.", 40.5),
            ("Ann Lee", "Good. Who pays for the dredging?", 43.5),
            ("carla | port", "The fees should, all of it.", 46.5),
            ("Bob Ito", _LITTLE, 48.5),
            ("Ann Lee", "That is news to me.", 52.5),
        ),
        ("vitek", "carla"),
    ),
)
