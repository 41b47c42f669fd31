"""The commands that keep, list and delete the voices of people who agreed to that.

As in main.py, whatever is slow to import is imported inside the commands.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import options
from pipeline.cli.printing import echo
from pipeline.stage_names import TalkStage

if TYPE_CHECKING:
    from pipeline.errors import InputError
    from pipeline.review.speakers import Voice
    from pipeline.workspace.talks import Talk, Workspace

MIN_SPEECH_SECONDS = 10.0  # of clear speech; with less, voices are not told apart reliably


@click.group()
def voices() -> None:
    """Voices known already, so that a host is named in all talks. Kept only if the person agreed."""


@voices.command()
@click.argument("name")
@click.argument("voice", metavar="TALK:SPEAKER")
@click.option("--agreed", metavar="HOW", help='How the person agreed: "asked in person".')
@click.option("--force", is_flag=True, help="Replace the profile of that name.")
@options.workspace
def add(name: str, voice: str, agreed: str | None, force: bool, root: Path | None) -> None:
    """Keep the voice of a speaker as NAME's. The id (S2) is the one in takeaways show TALK speakers."""
    from pipeline.text import plain
    from pipeline.turns import voice_profiles as store
    from pipeline.weights import catalog
    from pipeline.workspace import discovery, talks

    name = plain(name)
    if not name:
        raise click.UsageError("NAME is empty.")
    talk_name, _, speaker_id = voice.rpartition(":")
    if not (talk_name and speaker_id):
        raise click.UsageError(f"'{voice}' is not of the form TALK:SPEAKER, for example panel:S2.")
    _check_agreement(agreed)
    workspace = options.find_workspace(root)
    talk = talks.load(discovery.find(talk_name, workspace), workspace)
    speaker = _speaker(talk, speaker_id)
    path = store.place_for(name, workspace, replace=force)
    agreed = _confirm_agreement(name, agreed, f"{speaker_id} of {talk.name}", speaker)
    vector, seconds = _voiceprint(talk, speaker_id)
    profile = store.Profile(
        name=name,
        agreed=agreed,
        talk=talk.name,
        seconds=round(seconds, 1),
        encoder=catalog.SPEAKER_ENCODER,
        voice=vector,
    )
    similar = store.too_alike(profile, workspace)
    store.write(profile, path)
    echo(f"{workspace.relative(path)}: the voice of {name}, from {seconds:.0f} s of {talk.name}.")
    for other, cosine in similar:
        echo(
            f"Beware: this voice is very like {other.name}'s (cosine {cosine:.2f}). "
            "Where both fit, neither is named.",
            err=True,
        )


def _check_agreement(agreed: str | None) -> None:
    from pipeline.text import plain

    if agreed is None and not sys.stdin.isatty():
        raise click.UsageError(
            "A voice is kept only if the person agreed, and there is no terminal to ask on. "
            'Say how they did: --agreed "asked in person".'
        )
    if agreed is not None and not plain(agreed):
        raise click.UsageError('--agreed says how the person agreed, for example "asked in person".')


def _confirm_agreement(name: str, agreed: str | None, origin: str, speaker: Voice) -> str:
    """When and how the person agreed: asked now, before the voice is measured. Exits if they did not."""
    import datetime

    from pipeline.turns.person_names import may_be_same_person

    if speaker.known and not may_be_same_person(speaker.name, name):
        echo(f"Beware: {origin} is called {speaker.name} there.", err=True)
    if agreed is None:
        question = (
            f"Did {name} agree that a profile of their voice is kept on this machine, "
            "to recognise them in other talks?"
        )
        if not click.confirm(question, err=True):
            echo("Nothing was kept.", err=True)
            sys.exit(1)
        agreed = "said so on the terminal by whoever added the voice"
    return f"{datetime.date.today().isoformat()}: {agreed}"


def _speaker(talk: Talk, speaker_id: str) -> Voice:
    """The speaker with that id. Raises InputError for an unknown id, and for no recording or another one."""
    from pipeline.review import speakers as review
    from pipeline.running import artifacts
    from pipeline.stages import SEGMENT
    from pipeline.workspace.receipts import file_entry

    if talk.media is None:
        raise _input_error(talk, "has no recording with all its speakers, so there is no voice", "Give one.")
    speakers = review.load(talk).voices
    recording = file_entry(talk.media, talk.memory)  # the speakers' times refer to it
    artifact = artifacts.inspect(talk, SEGMENT)
    if artifact and artifact.made_from.get(recording.name) != recording.value:
        remedy = f"Run it first: takeaways run {talk.workspace.relative(talk.source)}"
        raise _input_error(talk, "is not the recording that the speakers were told apart in", remedy)
    if speaker := next((voice for voice in speakers if voice.id == speaker_id), None):
        return speaker
    known_ids = ", ".join(f"{voice.id} ({voice.name})" for voice in speakers) or "nobody"
    raise _input_error(talk, f"has no speaker {speaker_id}", f"There is: {known_ids}.")


def _voiceprint(talk: Talk, speaker_id: str) -> tuple[tuple[float, ...], float]:
    """The voice embedding, and the seconds of clear speech that it is from. Raises InputError for too few."""
    from pipeline.records import Turns
    from pipeline.running import artifacts
    from pipeline.stages import SEGMENT
    from pipeline.turns import voiceprints

    turns = artifacts.load_all(talk, [SEGMENT]).of(Turns)
    voiceprint = voiceprints.of_talk(talk, turns).get(speaker_id)
    seconds = voiceprint.seconds if voiceprint else 0.0
    if voiceprint is None or seconds < MIN_SPEECH_SECONDS:
        raise _input_error(
            talk,
            f"has {int(seconds)} s of clear speech of {speaker_id}, and under {MIN_SPEECH_SECONDS:.0f} s "
            "a voice is not told from others",
            "Take a talk in which this person says more.",
        )
    return tuple(voiceprint.embedding.tolist()), seconds


def _input_error(talk: Talk, problem: str, remedy: str) -> InputError:
    from pipeline.errors import InputError

    return InputError(problem, file=talk.workspace.relative(talk.source), remedy=remedy)


@voices.command()
@click.argument("name")
@options.workspace
def remove(name: str, root: Path | None) -> None:
    """Delete the profile of NAME's voice, and say which talks still have the name because of it.

    NAME may also be that of its file, where the file is damaged.
    """
    import difflib

    from pipeline.errors import InputError
    from pipeline.text import visible
    from pipeline.turns import voice_profiles as store

    workspace = options.find_workspace(root)
    files, leftovers = store.files_of(name, workspace), store.remove_leftovers(workspace)
    if leftovers:
        echo(f"Deleted what killed commands left of voices: {leftovers}.", err=True)
    if not files:
        kept_names = [profile.name for profile in store.survey(workspace)[0]]
        matches = difflib.get_close_matches(name, kept_names, n=1)
        suggestion = (
            f"Did you mean {matches[0]}?" if matches else "takeaways voices list shows those that are."
        )
        raise InputError("no voice of that name is kept", file=name, remedy=suggestion)
    for path in files:
        was_link_to = path.readlink() if path.is_symlink() else None
        store.remove(path, workspace)
        echo(f"Deleted {workspace.relative(path)}.")
        if was_link_to:
            echo(f"It was a link: {visible(str(was_link_to))} is still there.", err=True)
    talks_with_name, unreadable = _named_by_voice(name, workspace)
    if talks_with_name:
        echo(f"Still named by it until they are run again: {', '.join(talks_with_name)}.")
    if unreadable:
        echo(f"Not readable, so look yourself: {', '.join(unreadable)}.", err=True)


def _named_by_voice(name: str, workspace: Workspace) -> tuple[list[str], list[str]]:
    """The talks in outputs/ that have the name because of a voice, and the artifacts that cannot be read."""
    from pipeline.files import read_bytes
    from pipeline.text import name_key

    talks_with_name, unreadable = [], []
    for path in sorted(workspace.outputs.rglob(TalkStage.SEGMENT.artifact)):
        try:
            speakers = json.loads(read_bytes(path))["data"]["speakers"]
            names = {name_key(speaker["name"]) for speaker in speakers if speaker.get("source") == "voice"}
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            unreadable.append(workspace.relative(path))
            continue
        if name_key(name) in names:
            talks_with_name.append(path.parent.relative_to(workspace.outputs).as_posix())
    return talks_with_name, unreadable


@voices.command("list")
@options.as_json
@options.workspace
def show_all(as_json: bool, root: Path | None) -> None:
    """Whose voices are kept, what each was made from, and how the person agreed."""
    from pipeline.turns import voice_profiles as store

    profiles, problems = store.survey(options.find_workspace(root))
    if as_json:
        fields = {"name", "agreed", "talk", "seconds"}
        rows = [profile.model_dump(mode="json", include=fields) for profile in profiles]
        rows += [{"file": str(error.file), "error": str(error)} for error in problems]
        echo(json.dumps(rows, ensure_ascii=False))
    else:
        width = max((len(profile.name) for profile in profiles), default=0)
        for profile in profiles:
            origin = f"{profile.talk}, {profile.seconds:.0f} s"
            echo(f"{profile.name:{width}}  from {origin}; agreed {profile.agreed}")
        for error in problems:
            echo(str(error), err=True)
        if not profiles and not problems:
            echo("No voice is kept.")
    sys.exit(1 if problems else 0)
