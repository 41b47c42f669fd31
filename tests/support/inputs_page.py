"""docs/inputs.md, made from the cases that tests check. `python -m tests.support.inputs_page` writes it."""

from __future__ import annotations

from tests.support import ROOT
from tests.support.media_cases import ODD, Odd
from tests.support.text_form_cases import TEXT_FORMS
from tests.support.transcript_cases import CASES, REFUSALS, REFUSED_BY_NAME, Case

PAGE = ROOT / "docs" / "inputs.md"
_TIMES = {"none": "", "turns": "of turns", "cues": "of cues", "words": "of words"}


def page() -> str:
    """The page's Markdown: what is accepted, what is refused, and the messages."""
    lines = [
        "# What goes in",
        "",
        "Made from the test cases in",
        "[tests/support/transcript_cases.py](../tests/support/transcript_cases.py) and",
        "[tests/support/media_cases.py](../tests/support/media_cases.py); every row is tested.",
        "",
        "## Recordings",
        "",
        "Whatever FFmpeg's libraries read, with any number of audio tracks and channels and at any sample",
        "rate. Of recordings that are not as they should be:",
        "",
        "| recording | used | the message says |",
        "| --- | --- | --- |",
        *map(_recording_row, ODD),
        "",
        "## Transcripts",
        "",
        "Speakers and times are kept as far as the file has them; without speakers, everything is one",
        "unknown speaker's. The samples have invented words. Their forms were seen in files that people or",
        "programs wrote, but for those that were written from memory of what such programs export.",
        "",
        "| form | sample | speakers | times | seen in | the message says |",
        "| --- | --- | --- | --- | --- | --- |",
        *map(_transcript_row, (*CASES, *TEXT_FORMS)),
        "",
        "## Refused transcripts",
        "",
        "| file | message, after the file's name |",
        "| --- | --- |",
        *(f"| {refusal.what} | {_cell(refusal.message)} |" for refusal in REFUSALS),
        "",
        "## Files that are not read",
        "",
        "Among several files, or in a folder, they are named in one line for each remedy, but for pictures",
        "in a folder. Alone, they are refused:",
        "",
        "| file | example | message, after the file's name |",
        "| --- | --- | --- |",
        *(f"| {what} | {name} | {_cell(message)} |" for what, name, message in REFUSED_BY_NAME),
    ]
    return "\n".join(lines) + "\n"


def _recording_row(odd: Odd) -> str:
    used = "as far as it goes" if odd.used else "no"
    return f"| {odd.what} | {used} | {_cell(odd.message)} |"


def _transcript_row(case: Case) -> str:
    sample = f"[{case.file}](../tests/data/transcripts/{case.file})"
    labels = list(dict.fromkeys(turn[0] for turn in case.turns if turn[0]))
    notes = "; ".join(map(_cell, case.notes))
    form = case.form.replace("|", "\\|")
    return f"| {form} | {sample} | {', '.join(labels)} | {_TIMES[case.times]} | {case.seen} | {notes} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
