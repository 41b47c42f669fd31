"""`takeaways voices`: keep, list and delete the voices of people who agreed to that.

As in the command line's own file, everything but click is imported inside the commands.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import options

if TYPE_CHECKING:
    from pipeline.errors import InputError
    from pipeline.review.speakers import Voice
    from pipeline.workspace.talks import Talk, Workspace

LEAST = 10.0  # seconds of clear speech from which a voice is told from others


@click.group()
def voices() -> None:
    """Voices known already, so that a host is named in all talks. Kept only if the person agreed."""


@voices.command()
@click.argument("name")
@click.argument("voice", metavar="TALK:SPEAKER")
@click.option("--agreed", metavar="HOW", help='How the person agreed: "asked in person".')
@click.option("--force", is_flag=True, help="Replace the profile of that name.")
@options.workspace
def add(name: str, voice: str, agreed: str | None, force: bool, workspace: Path | None) -> None:
    """Keep the voice of a speaker as NAME's. The id (S2) is the one in takeaways show TALK speakers."""
    from pipeline.text import plain
    from pipeline.turns import voice_profiles as store
    from pipeline.weights import catalog
    from pipeline.workspace import discovery, talks

    name = plain(name)
    if not name:
        raise click.UsageError("NAME is empty.")
    given, _, speaker = voice.rpartition(":")
    if not (given and speaker):
        raise click.UsageError(f"'{voice}' is not of the form TALK:SPEAKER, for example panel:S2.")
    _check_agreement(agreed)
    place = options.place(workspace)
    talk = talks.load(discovery.find(given, place), place)
    known_as = _speaker(talk, speaker)
    path = store.place_for(name, place, replace=force)
    agreed = _agreement(name, agreed, f"{speaker} of {talk.name}", known_as)
    row, seconds = _print_of(talk, speaker)
    profile = store.Profile(
        name=name,
        agreed=agreed,
        talk=talk.name,
        seconds=round(seconds, 1),
        encoder=catalog.SPEAKER_ENCODER,
        voice=row,
    )
    alike = store.too_alike(profile, place)
    store.write(profile, path)
    click.echo(f"{place.relative(path)}: the voice of {name}, from {seconds:.0f} s of {talk.name}.")
    for other, cosine in alike:
        click.echo(
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


def _agreement(name: str, agreed: str | None, where: str, known_as: Voice) -> str:
    """How and when the person agreed. Asked before the voice is measured; exits if they did not."""
    import datetime

    from pipeline.turns.person_names import may_be_one

    if known_as.known and not may_be_one(known_as.name, name):
        click.echo(f"Beware: {where} is called {known_as.name} there.", err=True)
    if agreed is None:
        question = (
            f"Did {name} agree that a profile of their voice is kept on this machine, "
            "to recognise them in other talks?"
        )
        if not click.confirm(question, err=True):
            click.echo("Nothing was kept.", err=True)
            sys.exit(1)
        agreed = "said so on the terminal by whoever added the voice"
    return f"{datetime.date.today().isoformat()}: {agreed}"


def _speaker(talk: Talk, id: str) -> Voice:
    """The speaker of that id. Raises InputError if there is no sound, other sound, or nobody of that id."""
    from pipeline.review import speakers as shows
    from pipeline.running import artifacts
    from pipeline.stages import SEGMENT

    if talk.media is None:
        raise _error(talk, "has no recording with all its speakers, so there is no voice", "Give one.")
    there = shows.load(talk).voices
    entry = f"file {talk.media.name}"  # of the receipt: the speakers' times are those of that recording
    found_in = artifacts.inspect(talk, SEGMENT)
    if found_in and found_in.made_from.get(entry) != talk.memory.digest(talk.media):
        remedy = f"Run it first: takeaways run {talk.workspace.relative(talk.source)}"
        raise _error(talk, "is not the recording that the speakers were told apart in", remedy)
    if found := next((voice for voice in there if voice.id == id), None):
        return found
    listed = ", ".join(f"{voice.id} ({voice.name})" for voice in there) or "nobody"
    raise _error(talk, f"has no speaker {id}", f"There is: {listed}.")


def _print_of(talk: Talk, id: str) -> tuple[tuple[float, ...], float]:
    """The voice and the seconds of clear speech that it comes from. Raises InputError for too few."""
    from pipeline.records import Turns
    from pipeline.running import artifacts
    from pipeline.stages import SEGMENT
    from pipeline.turns import voiceprints

    turns = artifacts.load_all(talk, [SEGMENT]).of(Turns)
    heard = voiceprints.of_talk(talk, turns).get(id)
    seconds = heard.seconds if heard else 0.0
    if heard is None or seconds < LEAST:
        raise _error(
            talk,
            f"has {int(seconds)} s of clear speech of {id}, and under {LEAST:.0f} s a voice is not told from "
            "others",
            "Take a talk in which this person says more.",
        )
    return tuple(heard.row.tolist()), seconds


def _error(talk: Talk, what: str, remedy: str) -> InputError:
    from pipeline.errors import InputError

    return InputError(what, file=talk.workspace.relative(talk.source), remedy=remedy)


@voices.command()
@click.argument("name")
@options.workspace
def remove(name: str, workspace: Path | None) -> None:
    """Delete the profile of NAME's voice, and say which talks still have the name because of it."""
    import difflib

    from pipeline.errors import InputError
    from pipeline.files import remove_leftovers
    from pipeline.turns import voice_profiles as store

    place = options.place(workspace)
    files = store.files_of(name, place)
    if not files:
        kept = [profile.name for profile in store.survey(place)[0]]
        near = difflib.get_close_matches(name, kept, n=1)
        raise InputError(
            "no voice of that name is kept",
            file=name,
            remedy=f"Did you mean {near[0]}?" if near else "takeaways voices list shows those that are.",
        )
    for path in files:
        path.unlink()
        remove_leftovers(path.parent)
        click.echo(f"Deleted {place.relative(path)}.")
    holding, unread = _named_by_voice(name, place)
    if holding:
        click.echo(f"Still named by it until they are run again: {', '.join(holding)}.")
    if unread:
        click.echo(f"Not readable, so look yourself: {', '.join(unread)}.", err=True)


def _named_by_voice(name: str, place: Workspace) -> tuple[list[str], list[str]]:
    """The talks in outputs/ that have the name because of a voice, and artifacts that cannot be read."""
    from pipeline.turns.voice_profiles import key

    holding, unread = [], []
    for path in sorted(place.outputs.rglob("2_turns.json")):
        try:
            speakers = json.loads(path.read_bytes())["data"]["speakers"]
            names = {key(one["name"]) for one in speakers if one.get("source") == "voice"}
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            unread.append(place.relative(path))
            continue
        if key(name) in names:
            holding.append(path.parent.relative_to(place.outputs).as_posix())
    return holding, unread


@voices.command("list")
@options.as_json
@options.workspace
def show_all(as_json: bool, workspace: Path | None) -> None:
    """Whose voices are kept, what each was made from, and how the person agreed."""
    from pipeline.turns import voice_profiles as store

    kept, problems = store.survey(options.place(workspace))
    if as_json:
        shown = {"name", "agreed", "talk", "seconds"}
        rows = [profile.model_dump(mode="json", include=shown) for profile in kept]
        rows += [{"file": str(error.file), "error": str(error)} for error in problems]
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        width = max((len(profile.name) for profile in kept), default=0)
        for profile in kept:
            from_what = f"{profile.talk}, {profile.seconds:.0f} s"
            click.echo(f"{profile.name:{width}}  from {from_what}; agreed {profile.agreed}")
        for error in problems:
            click.echo(str(error), err=True)
        if not kept and not problems:
            click.echo("No voice is kept.")
    sys.exit(1 if problems else 0)
