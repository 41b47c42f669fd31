"""What stands in a transcript and was not said: headings, tables, stage directions, chat, programs' notes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from pipeline.transcripts.lines import speaker_labels
from pipeline.transcripts.lines.openings import Kind, Parsed
from pipeline.transcripts.lines.speaker_labels import is_sentence
from pipeline.transcripts.lines.stamps import CLOCK
from pipeline.transcripts.pieces import sounds, strip_sounds
from pipeline.word_lists import WordLists

_LISTS = WordLists.beside(__file__)
_BOILERPLATE = re.compile(_LISTS.any_of("boilerplate"), re.IGNORECASE)
_ABOUT_THE_TRANSCRIPT = _LISTS.words("transcripts")
_TRANSCRIPT_HEADING = re.compile(_LISTS.any_of("transcript_headings"), re.IGNORECASE)
_MISSING_SPEECH_TIME = re.compile(
    rf"(?<=[\[(])({_LISTS.any_of('missing_speech')})[\s,@]+{CLOCK}(?=[\])])", re.IGNORECASE
)
# Inside a line: what a keeper of minutes or a transcriber put in, not in the middle of somebody's sentence.
_INNER_DIRECTION = re.compile(
    r"\{[^{}]{1,200}\}|\(\([^()]{1,200}\)\)|//\s?[^/\s]{1,40}\s?//"
    r"|(?:(?<=[.!?\u2026]\s)|(?<=[\u2013\u2014]\s))\((?=[^\W\d_a-z])[^()]{3,200}\)\.?(?=$|[\s\u2013\u2014]+[^\W\d_a-z])"
    r"|(?<=[.!?\u2026]\s)\[(?=[^\W\d_a-z])[^\[\]]{3,200}\](?=$|\s+[^\W\d_a-z])"
)
_CHAT = re.compile(r"From\s+\S.{0,80}?\s+to\s+\S.{0,80}?:", re.IGNORECASE)
_BRACKETED = re.compile(r"\[[^\[\]]*\]|\{[^{}]*\}|\([^()]*\)|\uff08[^\uff08\uff09]*\uff09|<[^<>\s]*>")
_LINK = re.compile(r"(?<!\S)https?://\S++$")
_LINKED_MARK = re.compile(r"[A-Z][A-Z ]{2,40}(?:$|[^\w\s])")  # "ACTION ITEM: …", "VIEW RECORDING - …"
_TIME_IN_WORDS = re.compile(
    r"(?:(\d{1,3}) hours?,? ?)?(?:(\d{1,3}) minutes?,? ?)?(?:(\d{1,3}) seconds?)?", re.IGNORECASE
)
_HEADING_END = re.compile(r"[:\uff1a.,!?\u2026\])]$")
SOUND = "sound"
_MAX_HEADING_CHARACTERS = 80
_MAX_DIRECTION_LINES = 6
_MAX_DIRECTION_WORDS = 40  # in round brackets, in which people also put whole paragraphs
_PAGE_NUMBER = re.compile(r"[-\u2013\u2014 ]*\d{1,4}[-\u2013\u2014 ]*")
_MAX_LINK_WORDS = 8
_MIN_PUNCTUATED_SHARE = 0.5  # of labelled lines end as sentences: then one that does not may be no speech
_MAX_TITLE_WORDS = 14  # of a line above the speech that does not end as a sentence does
_MAX_NOTE_WORDS = 60  # of a paragraph that says how the transcript was made


def reason(line: Parsed) -> str:
    """Why a line without a label is no speech; "" if it is."""
    text, source = line.text, line.line
    if source.level or (
        source.all_emphasised
        and len(text) <= _MAX_HEADING_CHARACTERS
        and not _HEADING_END.search(text)
        and not source.listed
    ):
        return "heading"
    if source.cells:
        return "table"
    if source.linked and len(text.split()) <= _MAX_LINK_WORDS:
        return "link"
    if source.opens_paragraph and _PAGE_NUMBER.fullmatch(text):
        return "page number"
    if _BOILERPLATE.fullmatch(text):
        return "note of the program that wrote it"
    if is_chat(text):
        return "chat"
    if why := direction(text):
        return why
    if source.opens_paragraph and text.isupper() and not is_sentence(text):
        return "heading"
    link = _LINK.search(text)
    if link and (not text[: link.start()].strip() or _LINKED_MARK.match(text) or _is_named_link(line)):
        return "link"
    return ""


def directions_over_lines(lines: Sequence[Parsed]) -> frozenset[int]:
    """Lines of a stage direction that goes over several, from a bracket that opens a line to its closing."""
    found: set[int] = set()
    for index, line in enumerate(lines):
        closing = {"[": "]", "(": ")"}.get(line.text[:1])
        if closing is None or closing in line.text or index in found:
            continue
        for end in range(index + 1, min(index + _MAX_DIRECTION_LINES, len(lines))):
            if lines[end].line.opens_paragraph or line.text[0] in lines[end].text:
                break
            if closing in lines[end].text:
                found.update(range(index, end + 1) if lines[end].text.endswith(closing) else ())
                break
    return frozenset(found)


def recordings_played(lines: Sequence[Parsed]) -> dict[int, int]:
    """Where a recording is played, with where it ends: from "[AUDIO PLAYBACK]" to "[END PLAYBACK]"."""
    found: dict[int, int] = {}
    last: dict[str, int] = {}  # the direction with this last word
    for index, line in enumerate(lines):
        if line.text[:1] not in "[(" or not _BRACKETED.fullmatch(line.text):
            continue
        words = line.text.strip("[](). ").casefold().split()
        if words[:1] != ["end"]:
            last |= dict.fromkeys(words[-1:], index)
        elif (begin := last.pop(words[-1], None)) is not None:
            found[begin] = index
    return found


def without_directions(text: str) -> tuple[str, list[str]]:
    """A text without the directions and times of missing words that stand in it, and these directions."""
    if not any(sign in text for sign in "[({/"):
        return text, []
    text = _MISSING_SPEECH_TIME.sub(r"\1", text)
    directions = [*_INNER_DIRECTION.findall(text), *sounds(text)]
    return (strip_sounds(_INNER_DIRECTION.sub(" ", text)), directions) if directions else (text, [])


def direction(text: str) -> str:
    """ "stage direction" or "sound" for a text that is all in brackets; "" for any other."""
    if text[:1] not in "[{(<\uff08" or not _BRACKETED.fullmatch(text):
        return ""
    if not strip_sounds(text).strip():
        return SOUND
    is_short = text[0] in "[{<" or len(text.split()) <= _MAX_DIRECTION_WORDS
    return "stage direction" if is_short else ""


def is_chat(text: str) -> bool:
    """Whether it is a line of a meeting's chat: "From Ann Lee to Everyone: hi"."""
    return bool(_CHAT.match(text))


def _is_named_link(line: Parsed) -> bool:
    """ "Slides: https://…"."""
    return any(opening.kind is Kind.COLON and _LINK.fullmatch(opening.text) for opening in line.openings)


def reason_above_speech(line: Parsed) -> str:
    """Why a line above the first label is no speech; "" if it is."""
    if why := reason(line):
        return why
    metadata = next((o for o in line.openings if o.kind is Kind.COLON), None)
    if metadata and speaker_labels.is_metadata(metadata.label, metadata.text):
        return "about the talk"
    words = line.text.split()
    if not is_sentence(line.text) and len(words) <= _MAX_TITLE_WORDS:
        return "title or list"
    if len(words) <= _MAX_NOTE_WORDS and _ABOUT_THE_TRANSCRIPT.search(line.text):
        return "about the transcript"
    return ""


def metadata(lines: Sequence[Parsed]) -> frozenset[int]:
    """Lines `Date: …` that say something about the talk: of known labels, and at the top of any.

    A label that comes back and once has a sentence after it is somebody's.
    """
    labelled = [(i, o) for i, line in enumerate(lines) for o in line.openings if o.kind is Kind.COLON]
    counts = Counter(opening.label for _, opening in labelled)
    sentences = [opening for _, opening in labelled if is_sentence(opening.text)]
    speaking = {opening.label for opening in sentences}
    are_punctuated = len(sentences) >= _MIN_PUNCTUATED_SHARE * len(labelled)
    found: set[int] = set()
    speech_from = next(
        (i for i, line in enumerate(lines) if line.stamp or _is_plain_sentence(line)), len(lines)
    )
    is_top = True
    for index, opening in labelled:
        is_top &= index <= speech_from
        is_silent = opening.label not in speaking and bool(opening.text)
        below = lines[index + 1].text if index + 1 < len(lines) else ""
        is_known = speaker_labels.is_metadata(opening.label, opening.text or below)
        is_short = len(opening.text.split()) <= _MAX_TITLE_WORDS
        is_odd = counts[opening.label] == 1 < max(counts.values()) and " " not in opening.label
        is_link = bool(_LINK.fullmatch(opening.text))
        if (
            (is_silent and is_link)
            or (is_known and (is_silent or ((is_top or not opening.text) and counts[opening.label] == 1)))
            or (is_top and are_punctuated and is_silent and is_odd and is_short and not opening.style)
        ):
            found.add(index)
        elif index not in found:
            is_top = False
    return frozenset(found)


def _is_plain_sentence(line: Parsed) -> bool:
    return is_sentence(line.text) and not any(o.kind is Kind.COLON for o in line.openings)


def is_transcript_heading(line: Parsed) -> bool:
    """Whether what follows is the transcript, and what is above it is not."""
    return bool(_TRANSCRIPT_HEADING.fullmatch(line.text.strip(" :*_")))


def without_times_in_words(lines: Sequence[Parsed]) -> list[Parsed]:
    """Lines, except times in words ("3 seconds") directly above or below the same time as a clock.

    Without that clock they are captions: "10 minutes" may be the answer to a question.
    """
    alone = [line.stamp.start if line.stamp and not line.text else None for line in lines]
    return [
        line
        for index, line in enumerate(lines)
        if _seconds_in_words(line.text) not in alone[max(0, index - 1) : index + 2]
    ]


def _seconds_in_words(text: str) -> float:
    """The seconds of a time in words; -1 if the text is not one."""
    match = _TIME_IN_WORDS.fullmatch(text) if text[:1].isdigit() else None
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, -1)
    return 3600 * hours + 60 * minutes + seconds
