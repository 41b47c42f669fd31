"""One conversation in the forms in which people and programs write labels into text, Markdown and captions.

Data only, as in transcript_cases. A row has the form, its file, whether it has times, and where it was seen.
"""

from __future__ import annotations

from tests.support.transcript_cases import MEMORY, Case, Turn

FILES = "files"
_SAID = (
    ("Ann Lee", 15.0, "Welcome to the harbour show. Today we talk about fees."),
    ("Bob Ito", 45.0, "Thank you for having me."),
    ("Ann Lee", 62.0, "So who pays for the dredging?"),
    ("Bob Ito", 80.0, "Mostly the port fees, and a little from the council."),
)
_ROWS = (
    ("`Name: …`", "plain.txt", False, FILES),
    ("`**Name:** …`", "bold.md", False, FILES),
    ("`**Name**` above the words", "bold_above.md", False, FILES),
    ("`### Name` above the words", "headings.md", False, FILES),
    ("`*Name (0:15)*: …`", "italic.md", True, "83 of 85 files of a podcast"),
    ("`**Name** [0:15]: …`, the time a link", "linked.md", True, FILES),
    ("`**Name:** \\[00:15\\] …`", "escaped.md", True, "1,784 of 2,084 files of a collection"),
    ("`Name: 00:00:15` above the words", "clock_above.md", True, "113 files"),
    ("`Name 00:00:15 …`", "clock_after.txt", True, FILES),
    ("`Name [00:00:15] …` (Trint)", "trint.txt", True, FILES),
    ("`0:15 - Name (Place)` above the words (Fathom)", "fathom.txt", True, FILES),
    ("`0:15 - 0:45 Name` above the words", "ranges.txt", True, FILES),
    ("`[Name] …`", "brackets.txt", False, FILES),
    ("`Name, role: …`", "roles.txt", False, FILES),
    ("`<p><b>Name:</b> …</p>` in Markdown", "tags.md", False, MEMORY),
)


def _turns(has_times: bool) -> tuple[Turn, ...]:
    return tuple((who, start if has_times else None, None, text) for who, start, text in _SAID)


TEXT_FORMS = (
    *(
        Case(form, file, "text", "turns" if has_times else "none", _turns(has_times), seen=seen)
        for form, file, has_times, seen in _ROWS
    ),
    Case(
        "`>> NAME: …` (live captions)",
        "captioner.txt",
        "text",
        "none",
        tuple((who.upper(), None, None, text) for who, _, text in _SAID),
        seen=FILES,
    ),
    Case(
        "`Mr. LEE. …` (minutes of hearings)",
        "hearing.txt",
        "text",
        "none",
        (
            ("Mr. LEE", None, None, "Who pays for the dredging?"),
            ("Ms. ITO", None, None, "Mostly the port fees."),
            ("Mr. LEE", None, None, "That is news to me, and I live there."),
            ("The CHAIRMAN", None, None, "The time of the gentleman has expired."),
            ("Ms. ITO", None, None, "I thank the gentleman."),
            ("Mr. LEE", None, None, "So do I."),
        ),
        seen=FILES,
    ),
    Case(
        "`Q - …`, `A - …`",
        "questions.md",
        "text",
        "none",
        (
            ("Q", None, None, "Does the harbour attract thieves? I was told that it does."),
            ("A", None, None, "It makes it obvious that you own a boat."),
            ("Q", None, None, "Can the port block my boat?"),
            ("A", None, None, "You can moor elsewhere."),
        ),
        seen=FILES,
    ),
    Case(
        "WebVTT, names as cue identifiers",
        "identifiers.vtt",
        "WebVTT",
        "cues",
        tuple((who, start, start + 5, text) for who, start, text in _SAID),
        seen=FILES,
    ),
)
