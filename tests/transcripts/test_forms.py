"""Every form of transcript on a small sample, what is refused, and that nothing else can happen."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import strategies as st

from pipeline import transcripts
from pipeline.errors import InputError
from pipeline.records import TRANSCRIPT_SUFFIXES, Transcript, Word
from pipeline.stages import segment
from pipeline.transcripts.sentences import sentence_ends
from pipeline.workspace import discovery
from pipeline.workspace.talks import Workspace
from tests.support.helpers import load, run
from tests.support.oddities import fuzz
from tests.support.text_form_cases import TEXT_FORMS
from tests.support.transcript_cases import CASES, REFUSALS, SAMPLES, Case, Refusal, Turn

ALL_CASES = (*CASES, *TEXT_FORMS)


def turns(words: tuple[Word, ...]) -> tuple[Turn, ...]:
    found: list[list[Word]] = []
    for word in words:
        if not found or found[-1][-1].label != word.label:
            found.append([])
        found[-1].append(word)
    return tuple(
        (own[0].label, own[0].start, own[-1].end, "".join(word.text for word in own).strip()) for own in found
    )


def split(words: tuple[Word, ...]) -> list[str]:
    texts = [word.text for word in words]
    ends = sentence_ends.ends(words, texts, "en")
    return ["".join(texts[a:b]).strip() for a, b in zip([0, *ends], ends, strict=False)]


@pytest.mark.parametrize("case", ALL_CASES, ids=lambda case: case.file)
def test_each_form_gives_its_words_speakers_and_times(case: Case) -> None:
    found = transcripts.read(SAMPLES / case.file)
    assert turns(found.words) == case.turns
    assert (found.form, found.notes) == (case.reader, case.notes)
    assert any(word.probability is not None for word in found.words) == case.probabilities
    started = sum(word.start is not None for word in found.words) / len(found.words)
    ended = any(word.end is not None for word in found.words)
    has = ("words" if started > 0.6 else "cues") if ended else ("turns" if started else "none")
    assert has == case.times
    assert discovery.is_transcript(SAMPLES / case.file)


def test_every_sample_is_a_case() -> None:
    assert sorted(path.name for path in SAMPLES.iterdir()) == sorted(case.file for case in ALL_CASES)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.what)
def test_what_cannot_be_read_is_refused_in_one_message(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / refusal.name
    path.write_bytes(refusal.content)
    with pytest.raises(InputError) as caught:
        transcripts.read(path)
    assert str(caught.value) == f"{path}: {refusal.message}"


@pytest.mark.parametrize("suffix", [".txt", ".md", ".docx", ".srt", ".html"])
@pytest.mark.parametrize(
    "file", ["teams.docx", "page.html", "broadcast.ttml", "voices.vtt", "youtube_studio.sbv", "podcast.json"]
)
def test_what_a_file_holds_counts_before_its_suffix(tmp_path: Path, file: str, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes((SAMPLES / file).read_bytes())
    assert transcripts.read(path) == transcripts.read(SAMPLES / file)


SEEDS = [(SAMPLES / case.file).read_bytes() for case in ALL_CASES]
SUFFIXES = st.sampled_from(sorted(TRANSCRIPT_SUFFIXES))


def read_or_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    discovery.is_transcript(path)
    try:
        words = transcripts.read(path).words
    except InputError:
        return
    assert words
    assert all(word.text.strip() and word.text.lstrip() == word.text.strip() for word in words)
    starts = [word.start for word in words if word.start is not None]
    assert starts == sorted(starts)


def test_any_bytes_are_read_or_refused(tmp_path: Path) -> None:
    content = st.tuples(st.binary(max_size=400), SUFFIXES)
    fuzz(content, lambda one: read_or_refused(tmp_path / f"bytes{one[1]}", one[0]), 100)


PIECES = (b"", b"\n", b"-->", b":", b'"', b"[", b"{", b"9" * 20, b"-", b"\x00", b"\xe9", b">>")


def mangled(seed: bytes, rng: random.Random, edits: int) -> bytes:
    """A sample with pieces of it moved, cut or replaced by what such files are full of."""
    content = bytearray(seed)
    for _ in range(edits):
        at, to = sorted(rng.randrange(len(content) + 1) for _ in range(2))
        content[at : at + rng.choice([0, 1, 5])] = rng.choice(
            [rng.choice(PIECES), bytes(content[at:to])[:60]]
        )
    return bytes(content)


def test_mutated_samples_are_read_or_refused(tmp_path: Path) -> None:
    rngs = st.randoms(use_true_random=False)
    content = st.tuples(st.builds(mangled, st.sampled_from(SEEDS), rngs, st.integers(1, 12)), SUFFIXES)
    fuzz(content, lambda one: read_or_refused(tmp_path / f"mutated{one[1]}", one[0]), 150)


NUMBERS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ENTRIES = st.dictionaries(
    st.sampled_from(
        [
            "text",
            "word",
            "body",
            "start",
            "end",
            "startTime",
            "words",
            "speaker",
            "score",
            "tokens",
            "offsets",
        ]
    ),
    NUMBERS | st.lists(st.dictionaries(st.sampled_from(["word", "text", "start", "end", "p"]), NUMBERS)),
)


def test_any_values_in_json_are_read_or_refused(tmp_path: Path) -> None:
    keys = st.sampled_from(["segments", "transcription", "word_segments", "chunks", "utterances", "words"])

    def check(one: tuple[str, list[object]]) -> None:
        content = json.dumps({one[0]: one[1], "text": "So it is."}).encode()
        read_or_refused(tmp_path / "values.json", content)

    fuzz(st.tuples(keys, st.lists(ENTRIES)), check, 100)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (
            "voices.vtt",
            ["Welcome to the show.", "Today we talk about salt & pepper.", "Thank you."],
        ),
        ("zoom.vtt", ["So the first question is what we do with the time we have.", "We use it, I think."]),
        ("plain.srt", ["Nobody is named in this file, and that is fine.", "It is 100% one speaker."]),
        ("podcast.json", ["I am here.", "Good."]),
        ("openai_whisper.json", ["Hello there.", "How are you?"]),
        ("whisper_cpp.json", ["And so, my fellow Americans.", "Hear, hear!"]),
    ],
)
def test_sentences_are_whole_across_cues(file: str, said: list[str]) -> None:
    assert split(transcripts.read(SAMPLES / file).words) == said


def test_captions_without_punctuation_are_cut_where_cues_begin(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    cue = "{0}\n00:{1:02}:{2:02},000 --> 00:{1:02}:{2:02},900\nand then we went on to say {0}\n"
    path.write_text("\n".join(cue.format(i, i // 60, i % 60) for i in range(300)), "utf-8")
    words = transcripts.read(path).words
    ends = sentence_ends.ends(words, [word.text for word in words], "en")
    assert len(words) == 2400
    assert max(b - a for a, b in zip([0, *ends], ends, strict=False)) <= sentence_ends.MAX_RECOGNISED_WORDS
    assert all(words[end].start is not None for end in ends[:-1])


def test_a_sentence_that_a_person_split_into_cues_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    cue = "{0}\n00:00:{0:02},000 --> 00:00:{0:02},900\nand then we went on to say {0}{1}\n"
    path.write_text("\n".join(cue.format(i, "." if i == 14 else ",") for i in range(15)), "utf-8")
    assert len(split(transcripts.read(path).words)) == 1


@pytest.mark.parametrize("repeated", ["Yeah.", "No, no."])
def test_what_people_say_twice_is_kept(tmp_path: Path, repeated: str) -> None:
    path = tmp_path / "a.vtt"
    said = ["So it is.", repeated, repeated, "And then?", "We left.", "At ten.", "By train."]
    cues = [f"00:{i:02}.000 --> 00:{i:02}.900\n{text}\n" for i, text in enumerate(said)]
    path.write_text("WEBVTT\n\n" + "\n".join(cues), "utf-8")
    assert "".join(word.text for word in transcripts.read(path).words).strip() == " ".join(said)


def test_an_srt_is_read_without_numbers_hours_milliseconds_or_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text("00:01 --> 00:02\nOne.\n2\n0:0:3.5 --> 0:0:4\nTwo,\n\nwith a gap.\n1984\n", "utf-8")
    assert turns(transcripts.read(path).words) == ((None, 1.0, 4.0, "One. Two, with a gap. 1984"),)


def workspace(root: Path, **files: str | bytes) -> Workspace:
    found = Workspace(root)
    found.inputs.mkdir()
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (found.inputs / name.replace("__", ".")).write_bytes(data)
    return found


def test_a_transcript_without_labels_is_one_stranger(tmp_path: Path) -> None:
    place = workspace(tmp_path, talk__srt=(SAMPLES / "plain.srt").read_bytes())
    run(place, "talk.srt", only="transcribe")
    run(place, "talk.srt", only="segment")
    data = json.loads((place.outputs / "talk" / "2_turns.json").read_text("utf-8"))["data"]
    assert [(s["id"], s.get("name"), s.get("label")) for s in data["speakers"]] == [("S1", None, None)]
    assert [t["speaker"] for t in data["turns"]] == ["S1"]


def test_voices_are_heard_in_a_recording_whose_transcript_names_nobody(tmp_path: Path) -> None:
    place = workspace(
        tmp_path,
        talk__flac=b"",
        talk__toml='transcript = "words.srt"\n',
        words__srt=(SAMPLES / "plain.srt").read_bytes(),
        named__toml='transcript = "named.srt"\n',
        named__flac=b"",
        named__srt=(SAMPLES / "named.srt").read_bytes(),
    )
    for name, hears in (("talk.flac", True), ("named.flac", False)):
        talk = load(place, name)
        assert talk.transcript
        words = transcripts.read(talk.transcript).words
        media = {"name": name, "kind": "media"}
        transcript = Transcript.model_validate({"media": media, "language": "en", "words": words})
        assert (segment._recording_to_hear(talk, transcript) is not None) == hears


def test_what_a_reader_notes_is_a_warning(tmp_path: Path) -> None:
    place = workspace(tmp_path, talk__srt=(SAMPLES / "backwards.srt").read_bytes())
    warnings = run(place, "talk.srt", only="transcribe").warnings
    assert warnings == ["talk.srt: times go back at 00:11:58: left out 1 time"]


def test_json_in_a_folder_is_a_talk_only_if_it_is_a_transcript(tmp_path: Path) -> None:
    other = '{"name": "site", "text": "x", "scripts": {"start": "vite"}}'
    place = workspace(
        tmp_path,
        package__json=other,
        map__json='{"type": "FeatureCollection", "segments": [{"x": 1}]}',
        a__json=(SAMPLES / "whisperx.json").read_bytes(),
        b__json=(SAMPLES / "podcast.json").read_bytes(),
        c__srt=(SAMPLES / "plain.srt").read_bytes(),
        c__mp3=b"",
    )
    found, problems = discovery.discover([place.inputs], place)
    assert ([source.path.name for source in found], problems) == (["a.json", "b.json", "c.mp3"], [])
    assert discovery.discover(sorted(place.inputs.iterdir()), place)[0] == found
    alone, _ = discovery.discover([place.inputs / "package.json"], place)
    with pytest.raises(InputError, match=r"is JSON, but no transcript that is known"):
        transcripts.read(alone[0].path)


def test_a_long_whisper_file_is_known_by_its_ends(tmp_path: Path) -> None:
    segments = [{"id": i, "start": float(i), "end": i + 1.0, "text": " So it goes on."} for i in range(4000)]
    text = {"text": " So it goes on." * 4000, "segments": segments, "language": "en"}
    path = tmp_path / "long.json"
    path.write_text(json.dumps(text), "utf-8")
    assert discovery.is_transcript(path)
    assert len(transcripts.read(path).words) == 16_000


def said_by(path: Path, text: str) -> list[tuple[str | None, str]]:
    path.write_text(text, "utf-8")
    return [(label, said) for label, _, _, said in turns(transcripts.read(path).words)]


NAMES = [
    "Leonardo da Vinci",
    "Maria del Carmen",
    "Ludwig van Beethoven",
    "iPhone van Jan",
    "Jean-Pierre de la Fontaine",
    "Juan Carlos Garcia Lopez de Vega",
    "\U0001f469\u200d\U0001f4bb Zoë",
    "Zoë | Acme",
    "An Nguyen",
    "The Chair",
]
FORMS = {  # in the first and the last there are lines without a name, so that names must look like names
    "talk.md": "Ann Lee: {}\n\n{name}: {}\n\nAnn Lee: {}\n\n{name}: {}\nSo\nit\nis.\n",
    "otter.txt": "Ann Lee  0:03\n{}\n\n{name}  0:07\n{}\n\nAnn Lee  0:09\n{}\n\n{name}  0:12\n{} So it is.\n",
    "rev.txt": "Ann Lee (0:03):\n{}\n\n{name} (0:07):\n{}\n\n"
    "Ann Lee (0:09):\n{}\n\n{name} (0:12):\n{} So it is.\n",
    "zoom.vtt": "WEBVTT\n\n"
    "00:01.000 --> 00:02.000\nAnn Lee: {}\n\n00:02.000 --> 00:03.000\n{name}: {}\n\n"
    "00:03.000 --> 00:04.000\nAnn Lee: {}\n\n00:04.000 --> 00:05.000\n{name}: {}\n\n"
    "00:05.000 --> 00:06.000\nSo\n\n00:06.000 --> 00:07.000\nit\n\n00:07.000 --> 00:08.000\nis.\n",
}
SAID = ["Welcome.", "Thanks for having me.", "Next.", "Yes."]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", FORMS)
def test_names_are_known_with_small_words_in_them(tmp_path: Path, form: str, name: str) -> None:
    who = ["Ann Lee", name, "Ann Lee", name]
    text = FORMS[form].format(*SAID, name=name)
    assert said_by(tmp_path / form, text) == list(zip(who, [*SAID[:3], "Yes. So it is."], strict=True))


def test_names_in_small_letters_are_known_where_each_line_begins_with_one(tmp_path: Path) -> None:
    lines = [
        "john smith: One.",
        "maria garcia lopez: Two.",
        "john smith: Three.",
        "maria garcia lopez: Four.",
    ]
    found = said_by(tmp_path / "a.txt", "\n".join(lines))
    assert [f"{label}: {said}" for label, said in found] == lines


@pytest.mark.parametrize("phrase", ["He said", "At 5", "the point is", "what de facto happens"])
def test_phrases_that_come_back_are_no_speakers(tmp_path: Path, phrase: str) -> None:
    said = ["Ann: So.", f"{phrase}: never again.", "Ann: Really?", "And", "then", f"{phrase}: never again."]
    cues = [f"00:{i:02}.000 --> 00:{i:02}.900\n{text}\n" for i, text in enumerate(said)]
    whole = f"So. {phrase}: never again. Really? And then {phrase}: never again."
    assert said_by(tmp_path / "a.vtt", "WEBVTT\n\n" + "\n".join(cues)) == [("Ann", whole)]
    assert said_by(tmp_path / "a.txt", "\n\n".join(said)) == [("Ann", whole)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Good evening and thank you all for coming out tonight.\n\nPrice: ten dollars, says the sign.\n\n"
            "That is what I saw and nothing else happened.\n",
            "Good evening and thank you all for coming out tonight. Price: ten dollars, says the sign. "
            "That is what I saw and nothing else happened.",
        ),
        (
            "[00:00.000 --> 00:04.000]  Hello there\n[00:04.000 --> 00:06.000]  Price: five\n",
            "Hello there Price: five",
        ),
        (
            "So we went.\n\nPrice: ten.\n\nWe paid.\n\nPlace: nowhere.\n\nWe left.\n\nWe came back.\n",
            "So we went. Price: ten. We paid. Place: nowhere. We left. We came back.",
        ),
    ],
)
def test_stray_words_before_a_colon_are_no_speakers(tmp_path: Path, text: str, said: str) -> None:
    assert said_by(tmp_path / "a.txt", text) == [(None, said)]


def test_a_title_may_be_above_the_only_label(tmp_path: Path) -> None:
    text = "An evening with Ann\nDate: today\n\nAnn Lee: Good evening.\n\nThat is all.\n"
    assert said_by(tmp_path / "a.txt", text) == [("Ann Lee", "Good evening. That is all.")]


def test_the_first_stamp_counts_at_nought(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("0:00\nso it begins\n0:03\nand goes on\n", "utf-8")
    assert turns(transcripts.read(tmp_path / "a.txt").words) == (
        (None, 0.0, None, "so it begins and goes on"),
    )


@pytest.mark.parametrize(
    ("lines", "start"),
    [
        (
            ["0:00", "[Music]", "0:05", "hello everyone", "0:09", "today", "0:12", "[Music]", "0:20", "bye"],
            5.0,
        ),
        (["0:00", "what is it", "0:02", "Bitcoin", "0:05", "and", "0:07", "Bitcoin", "0:09", "right"], 0.0),
        (["0:00", "0:02", "hello there", "0:05", "[Music]", "0:07", "bye now"], 2.0),
        (["0:00", "[Music]", "0:05", "[Music]", "0:09", "[Music]", "0:12", "hello everyone"], 12.0),
        (["0:00", "how long", "0:03", "10 minutes", "0:07", "and then", "0:09", "20 seconds"], 0.0),
    ],
)
def test_a_caption_between_two_times_is_speech(tmp_path: Path, lines: list[str], start: float) -> None:
    (tmp_path / "a.txt").write_text("\n".join(lines), "utf-8")
    words = transcripts.read(tmp_path / "a.txt").words
    said = " ".join(line for line in lines if line[:1].isalnum() and ":" not in line)
    assert turns(words) == ((None, start, None, said),)


def test_milliseconds_are_read_beyond_three_hours_and_without_utterances(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    words = [
        {"text": text, "start": at, "end": at + 400}
        for text, at in (("So.", 20_000_000), ("Go.", 20_000_500))
    ]
    path.write_text(json.dumps({"text": "So. Go.", "words": words, "utterances": None}), "utf-8")
    assert turns(transcripts.read(path).words) == ((None, 20_000.0, 20_000.9, "So. Go."),)
    part = {"text": " So. Go.", "offsets": {"from": 20_000_000, "to": 20_000_900}}
    path.write_text(json.dumps({"transcription": [part]}), "utf-8")
    assert turns(transcripts.read(path).words) == ((None, 20_000.0, 20_000.9, "So. Go."),)


def test_words_that_are_not_in_the_text_leave_segments_their_times(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    segments = [{"text": "So it is.", "start": 1.0, "end": 2.0}]
    words = [{"word": word, "start": 1.0, "end": 2.0} for word in ("quite", "other", "it")]
    path.write_text(json.dumps({"text": "So it is.", "segments": segments, "words": words}), "utf-8")
    assert turns(transcripts.read(path).words) == ((None, 1.0, 2.0, "So it is."),)


def test_what_people_say_after_each_other_is_kept(tmp_path: Path) -> None:
    said = [("Ann", "Ready?"), ("Bob", "Yes."), ("Ann", "Yes."), ("Bob", "Yes. Go."), ("Ann", "Go.")]
    cues = [f"00:{i:02}.000 --> 00:{i:02}.900\n<v {who}>{text}</v>\n" for i, (who, text) in enumerate(said)]
    assert said_by(tmp_path / "a.vtt", "WEBVTT\n\n" + "\n".join(cues)) == said


CUE = "1\n00:00:01,000 --> 00:00:03,000\n{}\n"


@pytest.mark.parametrize(
    ("caption", "label", "said"),
    [
        ("if x < 10 and y > 3 then", None, "if x < 10 and y > 3 then"),
        ("<v Bob Ito>5 < 6 and a > b.</v>", "Bob Ito", "5 < 6 and a > b."),
        ("a List<String> of them", None, "a List<String> of them"),
        ('<FONT color="red"><c.loud>so</c></FONT> <i>it</i> is<br/>', None, "so it is"),
        ("Ann Lee: Use the >> operator to append.", "Ann Lee", "Use the >> operator to append."),
        (
            "so https://x.com/?a=1&region=eu&copy=2 &amp; on",
            None,
            "so https://x.com/?a=1&region=eu&copy=2 & on",
        ),
    ],
)
def test_signs_in_captions_are_words_unless_they_are_marks(
    tmp_path: Path, caption: str, label: str | None, said: str
) -> None:
    assert said_by(tmp_path / "a.srt", CUE.format(caption)) == [(label, said)]


def test_a_change_of_speaker_is_marked_after_a_sentence_too(tmp_path: Path) -> None:
    found = said_by(tmp_path / "a.srt", CUE.format(">> ANN: So it is. >> BOB: Yes! &gt;&gt; ANN: No."))
    assert found == [("ANN", "So it is."), ("BOB", "Yes!"), ("ANN", "No.")]
    caption = "&gt;&gt; ANN: so it is<00:00:02.000><c> &gt;&gt; BOB: yes</c>"
    assert said_by(tmp_path / "a.srt", CUE.format(caption)) == [("ANN", "so it is"), ("BOB", "yes")]


def test_entities_in_text_end_with_a_semicolon(tmp_path: Path) -> None:
    text = "Ann: At https://x.com/?a=1&region=eu&copy=2 &#38; so on &hellip;"
    said = "At https://x.com/?a=1&region=eu&copy=2 & so on \u2026"
    assert said_by(tmp_path / "a.txt", text) == [("Ann", said)]


def test_labels_are_the_same_with_and_without_unseen_marks(tmp_path: Path) -> None:
    names = ["\u200fדנה", "דנה", "\u202bדנה\u202c", "\u2067דנה\u2069"]
    text = "\n\n".join(f"{name}: שלום." for name in names)
    assert {label for label, _ in said_by(tmp_path / "a.txt", text)} == {"דנה"}
    text = "Ann: So.\n\ndana: Hi.\n\nAnn: Really?\n\nIt\n\nis.\n\n\u200edana: So."
    assert [label for label, _ in said_by(tmp_path / "a.txt", text)] == ["Ann", "dana", "Ann", "dana"]
    cues = "".join(f"00:0{i}.000 --> 00:0{i}.900\n<v {name}>שלום.</v>\n\n" for i, name in enumerate(names))
    assert {label for label, _ in said_by(tmp_path / "a.vtt", f"WEBVTT\n\n{cues}")} == {"דנה"}
    segments = [{"text": "שלום.", "start": 1, "end": 2, "speaker": name} for name in names]
    assert {label for label, _ in said_by(tmp_path / "a.json", json.dumps({"segments": segments}))} == {"דנה"}


def test_what_stands_beside_a_name_in_zooms_captions_is_not_of_it(tmp_path: Path) -> None:
    ann = "[Ann Lee (she/her)] 00:00:0{}\n{}\n\n"
    text = f"{ann.format(3, 'Hello.')}[Bob Ito] 00:00:07\nHi.\n\n{ann.format(9, 'So.')}"
    assert said_by(tmp_path / "a.txt", text) == [
        ("Ann Lee", "Hello."),
        ("Bob Ito", "Hi."),
        ("Ann Lee", "So."),
    ]
