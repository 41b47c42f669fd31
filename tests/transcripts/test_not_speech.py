"""What stands in a transcript and was not said."""

from __future__ import annotations

import pytest

from pipeline.transcripts.lines import markup, not_speech, openings
from pipeline.transcripts.lines.openings import Parsed

REASONS = (
    ("## Harbour fees", "heading"),
    ("**Harbour fees**", "heading"),
    ("HARBOUR FEES", "heading"),
    ("| a | b |", "table"),
    ("[Listen here](https://video.example)", "link"),
    ("Slides: https://video.example/slides.pdf", "link"),
    ("- 12 -", "page number"),
    ("Transcribed by https://otter.ai", "note of the program that wrote it"),
    ("From Ann Lee to Everyone: hello", "chat"),
    ("[Ann leaves the room]", "stage direction"),
    ("(Applause)", "sound"),
    # neighbours that were said
    ("**So it is.**", ""),
    ("IT IS SO!", ""),
    ("See https://video.example for more", ""),
    ("12 of them", ""),
    ("From Ann to Bob", ""),
    ("[Ann] leaves the room", ""),
    ("It was (Applause) good", ""),
)
INSIDE = (
    ("So it is. [He points at the map] Then we go.", "So it is. Then we go.", ["[He points at the map]"]),
    ("So it is. (Ann nods at this.) Then we go.", "So it is. Then we go.", ["(Ann nods at this.)"]),
    ("It is {pause} so.", "It is so.", ["{pause}"]),
    ("It is [inaudible 00:01:05] so.", "It is [inaudible] so.", []),
    # neighbours: inside a sentence they are words of it
    ("It is [the map] so.", "It is [the map] so.", []),
    ("It is (or was) so.", "It is (or was) so.", []),
    ("So it is. (as I said) Then.", "So it is. (as I said) Then.", []),
)
METADATA = (  # lines, and which of them are about the talk
    ("Date: 12 March\n\nAnn: Hello there.\n\nBob: Hello.", [0]),
    ("Host: Ann Lee\n\nAnn: Hello there.\n\nBob: Hello.", [0]),
    ("Host: Welcome to it.\n\nAnn: Hello there.\n\nHost: Hello.", []),
    ("Moderator:\nWelcome to it.\n\nAnn:\nHello there.", []),
    ("Moderator:\nAnn Lee\n\nAnn: Hello there.\n\nBob: Hello.", [0]),
    ("Ann: Hello there.\n\nNotes: https://video.example\n\nBob: Hello.", [1]),
    ("Ann: Hello there.\n\nBob: https://video.example\n\nBob: Hello.", []),
)
PLAYED = (
    ("Ann: Look.\n\n[AUDIO PLAYBACK]\n\nWords.\n\n[END PLAYBACK]", {1: 3}),
    ("(BEGIN VIDEO CLIP)\n\nWords.\n\n(END VIDEO CLIP)", {0: 2}),
    ("[AUDIO PLAYBACK]\n\nWords.\n\n[END OF TAPE]", {}),
    ("[AUDIO PLAYBACK]\n\nWords.", {}),
)


def parsed(text: str) -> list[Parsed]:
    return [openings.parse(line) for line in markup.clean(text).lines]


@pytest.mark.parametrize(("text", "why"), REASONS)
def test_why_a_line_is_no_speech(text: str, why: str) -> None:
    (line,) = parsed(text)
    assert not_speech.reason(line) == why


@pytest.mark.parametrize(("text", "said", "directions"), INSIDE)
def test_directions_inside_a_line(text: str, said: str, directions: list[str]) -> None:
    found, left_out = not_speech.without_directions(text)
    assert (" ".join(found.split()), left_out) == (said, directions)


@pytest.mark.parametrize(("text", "about"), METADATA)
def test_lines_about_the_talk(text: str, about: list[int]) -> None:
    assert sorted(not_speech.metadata(parsed(text))) == about


@pytest.mark.parametrize(("text", "found"), PLAYED)
def test_recordings_that_are_played(text: str, found: dict[int, int]) -> None:
    assert not_speech.recordings_played(parsed(text)) == found


def test_a_direction_may_go_over_lines_and_a_sentence_in_brackets_too() -> None:
    assert not_speech.directions_over_lines(parsed("[He points\nat the map]\nWords")) == {0, 1}
    assert not_speech.directions_over_lines(parsed("[He points\n\nat the map]")) == frozenset()


def test_a_time_in_words_goes_only_beside_the_same_time() -> None:
    kept = not_speech.without_times_in_words(parsed("0:03\n3 seconds\nhow long\n10 minutes"))
    assert [line.line.text for line in kept] == ["0:03", "how long", "10 minutes"]
