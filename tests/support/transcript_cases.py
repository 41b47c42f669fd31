"""Transcripts in every form that is read, what is kept of each, and what is refused, with its message.

Data only: tests/transcripts/test_forms.py checks it, and docs/inputs.md is made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.workspace import sources
from tests.support import DATA
from tests.support.word_files import document, package

SAMPLES = DATA / "transcripts"
MEMORY = "nowhere: from memory"

Turn = tuple[str | None, float | None, float | None, str]


@dataclass(frozen=True)
class Case:
    """A sample: its form, which reader takes it, and what comes out.

    `turns` are (label, start, end, text) of consecutive words of one label, in seconds. `times` says what
    has times. `seen` says where the form was seen; MEMORY, that it was written from memory.
    """

    form: str
    file: str
    reader: str
    times: Literal["none", "turns", "cues", "words"]
    turns: tuple[Turn, ...]
    notes: tuple[str, ...] = ()
    probabilities: bool = False
    seen: str = "files, or a program's output"


@dataclass(frozen=True)
class Refusal:
    """A kind of file that is refused, an example, and the whole message after the file's name."""

    what: str
    name: str
    content: bytes
    message: str


CASES = (
    Case(
        "WebVTT with voices",
        "voices.vtt",
        "WebVTT",
        "cues",
        (
            ("Ann Lee", 1.0, 6.0, "Welcome to the show. Today we talk about salt & pepper."),
            ("Bob", 6.2, 8.0, "Thank you."),
        ),
    ),
    Case(
        "WebVTT with malformed cues",
        "malformed.vtt",
        "WebVTT",
        "cues",
        (
            ("Ann", 1.0, 3.0, "The first part is fine."),
            ("Bob", None, None, "These times are not."),
            ("Ann", 9.0, None, "And this one ends too soon."),
            ("Bob", 10.0, 12.0, "The last is fine."),
        ),
        notes=(
            "the times of 1 cue cannot be read, first at line 7: left out",
            "1 cue would end before the start, first at 00:00:09.000: left out the end",
        ),
    ),
    Case(
        "YouTube's automatic captions",
        "youtube_auto.vtt",
        "WebVTT",
        "words",
        ((None, 0.16, 8.0, "hello there everyone and welcome to the show so let's begin"),),
    ),
    Case(
        "Zoom (WebVTT)",
        "zoom.vtt",
        "WebVTT",
        "cues",
        (
            ("Ann Lee", 2.1, 6.9, "So the first question is what we do with the time we have."),
            ("Bob Ito", 7.25, 9.0, "We use it, I think."),
        ),
        seen="169 files",
    ),
    Case(
        "Zoom (WebVTT), names in small letters",
        "zoom_small.vtt",
        "WebVTT",
        "cues",
        (
            ("john smith", 1.0, 3.0, "Welcome."),
            ("maria garcia lopez", 3.0, 7.0, "Thanks: it is good to be here. So it is."),
            ("john smith", 7.0, 9.0, "Next."),
            ("maria garcia lopez", 9.0, 11.0, "Yes."),
        ),
        seen="33 of 169 files",
    ),
    Case(
        "Microsoft Teams (WebVTT)",
        "teams.vtt",
        "WebVTT",
        "cues",
        (
            ("Ann Lee", 3.12, 5.98, "Can everybody hear me?"),
            ("Bob Ito", 6.4, 8.11, "Yes, loud and clear."),
        ),
    ),
    Case(
        "SRT without names",
        "plain.srt",
        "SRT",
        "cues",
        ((None, 1.0, 9.0, "Nobody is named in this file, and that is fine. It is 100% one speaker."),),
    ),
    Case(
        "SRT with names",
        "named.srt",
        "SRT",
        "cues",
        (
            (
                "Sarah",
                0.0,
                6.09,
                "In today's episode, you'll learn whether or not you should have a trailer.",
            ),
            ("Jillian", 6.5, 10.0, "Hi Sarah, this is Jillian. Note: it is short."),
        ),
        notes=(
            '1 cue may begin with a speaker, treated as words of whoever spoke before: cue 4 "Note: it '
            'is short."; if it is a speaker, write the speaker as `**Name:** …` at the start of the line',
        ),
    ),
    Case(
        "SRT with >> marks",
        "broadcast.srt",
        "SRT",
        "cues",
        (
            ("ANN", 1.0, 3.0, "Good evening."),
            ("BOB", 3.0, None, "Good evening, Ann."),
            ("ANN", None, 5.0, "What is new?"),
            ("Unknown speaker", 5.0, 7.0, "Somebody shouts from the back."),
        ),
        notes=('">>" says that the speaker changes, but not to whom',),
        seen=MEMORY,
    ),
    Case(
        "WhisperX (SRT)",
        "whisperx.srt",
        "SRT",
        "cues",
        (
            ("SPEAKER_00", 0.1, 2.0, "Is this on?"),
            ("SPEAKER_01", 2.2, 3.0, "It is."),
        ),
        seen=MEMORY,
    ),
    Case(
        "SRT whose times go back",
        "backwards.srt",
        "SRT",
        "words",
        (
            ("Ann", 720.0, 723.0, "One."),
            ("Bob", None, None, "Two."),
            ("Ann", 724.0, 726.0, "Three."),
        ),
        notes=("times go back at 00:11:58: left out 1 time",),
    ),
    Case(
        "WebVTT without blank lines",
        "no_blank_lines.vtt",
        "WebVTT",
        "cues",
        ((None, 1.0, 9.0, "Hello Welcome to the harbour show It opened in 1984 NOTE that"),),
    ),
    Case(
        "Microsoft Stream (WebVTT), with comments",
        "comments.vtt",
        "WebVTT",
        "cues",
        ((None, 3.3, 22.0, "Hello. Who pays for the dredging? Mostly the port fees."),),
    ),
    Case(
        "YouTube Studio (.sbv)",
        "youtube_studio.sbv",
        "SBV",
        "cues",
        ((None, 1.0, 6.25, "Who pays for the dredging? Mostly the port fees."),),
    ),
    Case(
        "Whisper's table (.tsv)",
        "whisper.tsv",
        "table",
        "cues",
        ((None, 3.0, 13.0, "Who pays for the dredging? Mostly the port fees."),),
    ),
    Case(
        "Audacity's labels",
        "audacity.txt",
        "table",
        "cues",
        ((None, 3.0, 13.0, "Who pays for the dredging? Mostly the port fees."),),
        seen=MEMORY,
    ),
    Case(
        "TTML with names",
        "broadcast.ttml",
        "TTML",
        "cues",
        (
            ("Ann Lee", 3.0, 7.4, "Who pays for the dredging?"),
            ("Bob Ito", 9.5, 12.0, "Fees & a little tax."),
        ),
    ),
    Case(
        "Apple Podcasts (TTML)",
        "apple_podcasts.ttml",
        "TTML",
        "words",
        (("SPEAKER_1", 0.32, 2.1, "Who pays then?"), ("SPEAKER_2", 2.5, 3.4, "The port.")),
    ),
    Case(
        "Microsoft Teams (Word)",
        "teams.docx",
        "Word",
        "turns",
        (
            ("Ann Lee", 3.0, None, "so that is one way of getting together."),
            ("Bob Ito", 11.0, None, "Note: I agree."),
            ("Ann Lee", 3735.0, None, "Good."),
        ),
        notes=("40 % of the words are left out as not speech (title or list); 1_transcript.json lists them",),
    ),
    Case(
        "A Word document, with tracked changes",
        "interview.docx",
        "Word",
        "none",
        (
            ("Ann Lee", None, None, "Who pays for the dredging?"),
            ("Bob Ito", None, None, "Mostly the port fees. And tax. A little."),
            ("Ann Lee", None, None, "Good."),
        ),
        notes=("12 % of the words are left out as not speech (heading); 1_transcript.json lists them",),
    ),
    Case(
        "A Word document, in a table",
        "table.docx",
        "Word",
        "turns",
        (
            ("Ann Lee", 3.0, None, "Who pays for the dredging of the harbour?"),
            ("Bob Ito", 9.0, None, "Mostly the port fees, and a little tax."),
            ("Ann Lee", 14.0, None, "Then who pays for the cranes?"),
            ("Bob Ito", 18.0, None, "Nobody, so far."),
        ),
    ),
    Case(
        "A web page",
        "page.html",
        "web page",
        "none",
        (
            ("Ann Lee", None, None, "Who pays for the dredging?"),
            ("Bob Ito", None, None, "Fees & a little tax. That is all."),
            ("Ann Lee", None, None, "Good."),
        ),
        notes=("left out 3 words of the page around the transcript",),
    ),
    Case(
        "openai-whisper",
        "openai_whisper.json",
        "Whisper JSON",
        "words",
        ((None, 0.0, 2.6, "Hello there. How are you?"),),
        probabilities=True,
        seen=MEMORY,
    ),
    Case(
        "OpenAI's API (verbose_json)",
        "openai_segments.json",
        "Whisper JSON",
        "cues",
        ((None, 0.0, 3.0, "Only segments here."),),
        seen=MEMORY,
    ),
    Case(
        "OpenAI's API, times of words",
        "openai_words.json",
        "Whisper JSON",
        "words",
        ((None, 0.0, 3.2, "Well, it's 3.5%, isn't it? So it is."),),
        seen=MEMORY,
    ),
    Case(
        "OpenAI's API, times of words and segments",
        "openai_both.json",
        "Whisper JSON",
        "words",
        ((None, 0.0, 3.2, "Well, it's 3.5%, isn't it? So it is."),),
        seen=MEMORY,
    ),
    Case(
        "AssemblyAI",
        "assemblyai.json",
        "AssemblyAI JSON",
        "words",
        (
            ("A", 11000.0, 11000.7, "Shall we begin?"),
            ("B", 11001.0, 11001.9, "Yes, we shall."),
        ),
        probabilities=True,
        seen=MEMORY,
    ),
    Case(
        "ElevenLabs",
        "elevenlabs.json",
        "Whisper JSON",
        "words",
        (
            ("speaker_0", 0.1, 0.8, "Shall we?"),
            ("speaker_1", 1.6, 2.6, "Yes, let us."),
        ),
        seen=MEMORY,
    ),
    Case(
        "whisper.cpp -oj",
        "whisper_cpp.json",
        "whisper.cpp JSON",
        "cues",
        (
            ("Speaker 0", 0.0, 4.0, "And so, my fellow Americans."),
            ("Speaker 1", 4.1, 5.0, "Hear, hear!"),
        ),
    ),
    Case(
        "whisper.cpp -ojf",
        "whisper_cpp_full.json",
        "whisper.cpp JSON",
        "words",
        ((None, 0.0, 2.0, "Ask not what."),),
        probabilities=True,
    ),
    Case(
        "faster-whisper, a list",
        "faster_whisper.json",
        "Whisper JSON",
        "words",
        ((None, 0.0, 2.4, "So it begins. Fine."),),
        probabilities=True,
        seen=MEMORY,
    ),
    Case(
        "faster-whisper, an object",
        "faster_whisper_dict.json",
        "Whisper JSON",
        "words",
        ((None, 0.0, 2.0, "今日は。"),),
        probabilities=True,
        seen=MEMORY,
    ),
    Case(
        "WhisperX",
        "whisperx.json",
        "Whisper JSON",
        "words",
        (
            ("SPEAKER_00", 0.03, 1.6, "In 2009 it began."),
            ("SPEAKER_01", 1.9, 2.4, "Really?"),
        ),
        probabilities=True,
        seen=MEMORY,
    ),
    Case(
        "Hugging Face's pipeline",
        "hf_chunks.json",
        "Whisper JSON",
        "words",
        ((None, 0.0, None, "One. Two."),),
        seen=MEMORY,
    ),
    Case(
        "JSON of a form that is not known",
        "sentences.json",
        "JSON",
        "cues",
        (
            ("Ann Lee", 0.8, 4.2, "Who pays for the dredging?"),
            ("Bob Ito", 4.2, 12.0, "Mostly the port fees. And the council."),
        ),
        notes=('its form is not known: taken from the list "sentences"',),
        seen=MEMORY,
    ),
    Case(
        "JSON of a form that is not known, in milliseconds",
        "paragraphs.json",
        "JSON",
        "cues",
        (
            ("Ann Lee", 0.8, 4.2, "Who pays for the dredging?"),
            ("Bob Ito", 64.2, 69.0, "Mostly the port fees."),
        ),
        notes=('its form is not known: taken from the list "results.paragraphs"',),
        seen=MEMORY,
    ),
    Case(
        "Podcasting 2.0",
        "podcast.json",
        "Podcasting 2.0 JSON",
        "words",
        (
            ("Ann", 0.5, 2.0, "I am here."),
            ("Bob", 2.75, 3.0, "Good."),
        ),
    ),
    Case(
        "Zoom's saved captions, times of day",
        "zoom_captions.txt",
        "text",
        "none",
        (
            ("Ann Lee", None, None, "Hello, everybody."),
            ("Bob Ito", None, None, "Hello."),
            ("Ann Lee", None, None, "Shall we begin?"),
        ),
        notes=("times such as 14:03:22 are of the day, not of the recording: left out",),
        seen=MEMORY,
    ),
    Case(
        "Zoom's saved captions",
        "zoom_relative.txt",
        "text",
        "turns",
        (
            ("Ann Lee", 3.0, None, "Hello, everybody."),
            ("Bob Ito", 7.0, None, "Hello. The point is: begin."),
        ),
        seen=MEMORY,
    ),
    Case(
        "Google Meet (text)",
        "google_meet.txt",
        "text",
        "turns",
        (
            ("Ann Lee", 0.0, None, "Thank you all for coming."),
            ("Bob Ito", None, None, "Of course."),
            ("Ann Lee", 300.0, None, "So that is the plan."),
        ),
        notes=(
            "76 % of the words are left out as not speech (above the transcript, note of the program "
            "that wrote it); 1_transcript.json lists them",
        ),
    ),
    Case(
        "Google Meet (Markdown)",
        "google_meet.md",
        "text",
        "turns",
        (
            ("Ann Lee", 68.0, None, "Thank you all for coming."),
            ("Bob Ito", None, None, "Of course."),
            ("Ann Lee", 282.0, None, "So that is the plan."),
        ),
        notes=(
            "67 % of the words are left out as not speech (heading, title or list, note of the program that "
            "wrote it); 1_transcript.json lists them",
        ),
    ),
    Case(
        "Microsoft Teams (text of its .docx)",
        "teams.txt",
        "text",
        "turns",
        (
            ("Ann Lee", 3.0, None, "so that is one way of getting together."),
            ("Bob Ito", 11.0, None, "Note: I agree."),
            ("Ann Lee", 3735.0, None, "Good."),
        ),
        notes=(
            "57 % of the words are left out as not speech (title or list, note of the program that wrote "
            "it); 1_transcript.json lists them",
        ),
    ),
    Case(
        "Microsoft Stream (text of its .docx)",
        "teams_stream.txt",
        "SRT",
        "cues",
        (
            ("Ann Lee", 3.12, 5.98, "Can everybody hear me?"),
            ("Bob Ito", 6.4, 8.11, "Yes, loud and clear."),
            ("Ann Lee", 8.5, 10.0, "Good."),
        ),
    ),
    Case(
        "Otter",
        "otter.txt",
        "text",
        "turns",
        (
            ("Ann Lee", 3.0, None, "Hello, and welcome. What we do is:"),
            ("Speaker 2", 15.0, None, "We meet at 10:30, I think."),
            ("Ann Lee", 721.0, None, "Good."),
        ),
        notes=(
            "59 % of the words are left out as not speech (title or list, heading, note of the program "
            "that wrote it); 1_transcript.json lists them",
        ),
    ),
    Case(
        "Descript",
        "descript.txt",
        "text",
        "turns",
        (
            ("Ann Lee", 3.0, None, "Welcome back."),
            ("Bob Ito", 7.0, None, "Glad to be here. It goes on below."),
        ),
        seen=MEMORY,
    ),
    Case(
        "Rev",
        "rev.txt",
        "text",
        "turns",
        (
            ("Ann Lee", 3.0, None, "Welcome back to the show."),
            ("Bob Ito", 7.0, None, "Glad to be here. Really."),
            ("Ann Lee", 70.0, None, "[inaudible] at the end."),
        ),
        seen=MEMORY,
    ),
    Case(
        "YouTube's transcript panel",
        "youtube_panel.txt",
        "text",
        "turns",
        (
            (
                None,
                0.0,
                None,
                "hello there everyone and welcome to the show we talk about salt and 10:30 trains",
            ),
        ),
        seen=MEMORY,
    ),
    Case(
        "YouTube's transcript panel, with short captions",
        "youtube_short.txt",
        "text",
        "turns",
        (
            (
                None,
                5.0,
                None,
                "hello everyone and welcome to the show Bitcoin how long do you cook it 10 minutes and then "
                "Bitcoin 20 seconds bye",
            ),
        ),
        seen=MEMORY,
    ),
    Case(
        "YouTube's transcript panel, a line each",
        "youtube_inline.txt",
        "text",
        "turns",
        ((None, 0.0, None, "hello there everyone and welcome to the show we talk about salt and pepper"),),
        seen=MEMORY,
    ),
    Case(
        "What Whisper prints",
        "whisper_printed.txt",
        "text",
        "turns",
        ((None, 0.0, None, "And so, my fellow Americans."),),
        seen=MEMORY,
    ),
    Case(
        "Times before names",
        "time_first.txt",
        "text",
        "turns",
        (
            ("Ann Lee", 3.0, None, "Hi there."),
            ("Bob Ito", 9.0, None, "So it is."),
            ("Ann Lee", 60.0, None, "Good."),
        ),
        seen=MEMORY,
    ),
    Case(
        "Prose of one speaker",
        "monologue.txt",
        "text",
        "none",
        (
            (
                None,
                None,
                None,
                "Salt is old. People traded it before they wrote. Remember: it was money once. So they say.",
            ),
        ),
    ),
    Case(
        "Windows-1252",
        "latin1.txt",
        "text",
        "none",
        (
            ("Zoë", None, None, "Ça va très bien, merci."),
            ("José", None, None, "Déjà vu?"),
        ),
        notes=("is not UTF-8: read as Windows-1252; if letters are wrong, save it as UTF-8",),
    ),
    Case(
        "UTF-16 with its mark",
        "utf16le.txt",
        "text",
        "none",
        (
            ("Ann", None, None, "It\u2019s UTF-16."),
            ("Bob", None, None, "Yes."),
        ),
    ),
    Case(
        "UTF-16 without its mark",
        "utf16be.vtt",
        "WebVTT",
        "cues",
        (("Ann", 1.0, 2.0, "Big end first, no mark."),),
    ),
    Case(
        "Windows-1251",
        "cyrillic.txt",
        "text",
        "none",
        (
            ("Анна", None, None, "Привет, сегодня мы говорим о соли."),  # noqa: RUF001
            ("Борис", None, None, "Хорошо, начнём."),
        ),
        notes=("is not UTF-8: read as cp1251; if letters are wrong, save it as UTF-8",),
    ),
)

_EXPORT = "Export it as plain text, SRT, WebVTT or JSON, and run again."
_TURNS = "Write each turn as `Name: what they said` (or `**Name:** …`), with a blank line between turns."
_KNOWN = (
    "Known are those of Whisper and its kin (segments, transcription, chunks or words), of AssemblyAI "
    "(utterances or words), of ElevenLabs (words), and Podcasting 2.0 (segments)."
)
_AS_DOCX = "Open it in Word or LibreOffice, save it as a Word document (.docx), and run with that."
_COPY = "Copy what was said into a text file, each turn as `Name: what they said`."
_EXPORT_AGAIN = "Export it again, or name it .txt if it is text."
_AGAIN = "Export the transcript again."
_OLE = b"\xd0\xcf\x11\xe0"
_WHOLE = "Export it again, or check that it is whole."

REFUSALS = (
    Refusal("an empty file", "a.md", b"", f"the transcript is empty. {_TURNS}"),
    Refusal("blanks", "a.txt", b" \n\n", f"the transcript is empty. {_TURNS}"),
    Refusal("sounds alone", "a.txt", b"[Music]\n", "no words are in it. Export the transcript again."),
    Refusal(
        "half a Word document",
        "a.docx",
        b"PK\x03\x04\x14\x00",
        "is a broken Word document or archive. "
        "Open it in Word or LibreOffice and save it again, or copy its text into a text file.",
    ),
    Refusal("an empty Word document", "a.docx", document(""), f"no words are in it. {_AGAIN}"),
    Refusal(
        "a Word document with a password",
        "a.docx",
        _OLE + "EncryptedPackage".encode("utf-16-le"),
        "is protected by a password. "
        "Open it in Word, take the password off (File, Info, Protect Document), save it, and run again.",
    ),
    Refusal(
        "an old Word document (.doc)",
        "a.doc",
        _OLE + bytes(99),
        f"is an old Office document (.doc, .xls or .ppt). {_AS_DOCX}",
    ),
    Refusal("a spreadsheet", "a.xlsx", package({"xl/workbook.xml": ""}), f"is a spreadsheet. {_COPY}"),
    Refusal("a presentation", "a.pptx", package({"ppt/slides.xml": ""}), f"is a presentation. {_COPY}"),
    Refusal(
        "a document of LibreOffice",
        "a.odt",
        package({"META-INF/manifest.xml": ""}),
        f"is a document, but not one of Word's. {_AS_DOCX}",
    ),
    Refusal(
        "a document of Pages",
        "a.pages",
        package({"Index/Document.iwa": ""}),
        "is a document of Pages, Numbers or Keynote. Export it there to Word (.docx).",
    ),
    Refusal(
        "an archive",
        "a.txt",
        package({"talk.mp3": ""}),
        "is an archive (ZIP). Unpack it, and run with what is in it.",
    ),
    Refusal(
        "a PDF",
        "a.pdf",
        b"%PDF-1.7\n%\xe2\xe3",
        f"is a PDF, which does not say in what order its words are read. {_AS_DOCX}",
    ),
    Refusal("rich text", "a.rtf", b"{\\rtf1\\ansi Ann: Hi.}", f"is rich text (RTF). {_AS_DOCX}"),
    Refusal(
        "a web page with its pictures",
        "a.mhtml",
        b"MIME-Version: 1.0\nContent-Type: multipart/related\n",
        "is a saved web page with its pictures (MHTML). Save the page as HTML alone.",
    ),
    Refusal(
        "a web page without words",
        "a.html",
        b"<!DOCTYPE html><nav>Home</nav>",
        f"no words are in it. {_AGAIN}",
    ),
    Refusal(
        "another table",
        "a.tsv",
        b"name\tage\nAnn\t40\n",
        f"not a table of captions: its first line must be start, end, text, with tabs. {_EXPORT_AGAIN}",
    ),
    Refusal(
        "SBV without times",
        "a.sbv",
        b"Hello.\n",
        f"not valid SBV: its first line has no times such as 0:00:01.000,0:00:02.500. {_EXPORT_AGAIN}",
    ),
    Refusal("other XML", "a.xml", b"<rss/>", f"not TTML: it does not begin with <tt>. {_EXPORT_AGAIN}"),
    Refusal(
        "TTML that breaks off",
        "a.ttml",
        b"<tt>\n<p>Hi.",
        "is not well-formed XML (line 2). Export it again, as WebVTT or SRT if you can.",
    ),
    Refusal(
        "TTML with entities of its own",
        "a.ttml",
        b'<!DOCTYPE tt [<!ENTITY a "ha">]><tt><p>&a;</p></tt>',
        "declares entities of its own, which are not read. Export it again, as WebVTT or SRT if you can.",
    ),
    Refusal("bytes that are no text", "a.vtt", bytes(range(256)) * 8, f"is not text. {_EXPORT}"),
    Refusal("half a character", "a.txt", b"\xff\xfeA\x00n", f"is broken UTF-16-LE text. {_EXPORT}"),
    Refusal(
        "WebVTT without its first line",
        "a.vtt",
        b"00:01.000 --> 00:02.000\nhello\n",
        "not valid WebVTT (its first line is another). Its first line must be WEBVTT; export it again.",
    ),
    Refusal(
        "WebVTT without cues",
        "a.vtt",
        b"WEBVTT\n\nNOTE nothing\n",
        "no cue in it says anything. Export the transcript again.",
    ),
    Refusal(
        "SRT without times",
        "a.srt",
        b"1\nHello.\n",
        "not valid SRT: no line has times such as 00:00:01,000 --> 00:00:02,500. "
        "Export it again, or name it .txt if it is text.",
    ),
    Refusal(
        "cues that all end before they start",
        "a.srt",
        b"1\n00:00:05,000 --> 00:00:02,000\nHello.\n",
        "the cue at 00:00:05.000 ends before it starts, at 00:00:02.000. "
        "Correct the times of that cue, or export the file again.",
    ),
    Refusal(
        "JSON that breaks off", "a.json", b'{"segments": [\n{"text"', f"is not valid JSON (line 2). {_WHOLE}"
    ),
    Refusal("JSON nested without end", "a.json", b"[" * 100_000, f"is not valid JSON. {_WHOLE}"),
    Refusal(
        "other JSON",
        "package.json",
        b'{"name": "site", "version": "1", "scripts": {"start": "vite"}}',
        f"is JSON, but no transcript that is known: an object with name, version, scripts. {_KNOWN}",
    ),
    Refusal(
        "a list",
        "a.json",
        b"[1, 2]",
        f"is JSON, but no transcript that is known: a list of 2 entries. {_KNOWN}",
    ),
    Refusal("a value", "a.json", b"3", f"is JSON, but no transcript that is known: a single value. {_KNOWN}"),
)

_NOT_READ = "file is not read as a recording or a transcript"
_AS_TEXT = "Export transcripts as Word documents (.docx), text (.txt), WebVTT or SRT."
REFUSED_BY_NAME = (  # what, an example, the message after its name
    ("documents, slides, tables", "notes.pdf", f"a .pdf {_NOT_READ}. {_AS_TEXT}"),
    ("the same in capitals", "Notes.PAGES", f"a .pages {_NOT_READ}. {_AS_TEXT}"),
    ("archives", "meeting.zip", f"a .zip {_NOT_READ}. Unpack archives first."),
    (
        "Zoom's unconverted recordings",
        "double_click_to_convert_01.zoom",
        f"a .zoom {_NOT_READ}. Double-click .zoom files, and Zoom converts them to recordings.",
    ),
    ("playlists", "playback.m3u", f"a .m3u {_NOT_READ}. Give the recordings themselves."),
    ("pictures", "scan.jpeg", f"a .jpeg {_NOT_READ}. Put in {sources.READABLE}."),
    (
        "text under another ending, or none",
        "minutes.rst",
        "is text, and its name does not say of what kind. If it is a transcript, name it .txt.",
    ),
)
