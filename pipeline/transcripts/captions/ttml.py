"""TTML: the captions of broadcasters, Stream and Apple Podcasts, and DFXP, its older version.

https://www.w3.org/TR/ttml2/. Elements and attributes count by their local names, whatever the version's
namespace. Known from programs that read them: Apple Podcasts gives each word a span of its own, without
spaces between. From memory: EBU-TT says at what time of the clock the programme starts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from pipeline.errors import InputError
from pipeline.text import webvtt_time
from pipeline.transcripts.captions.cues import Cue, CueTimes
from pipeline.transcripts.pieces import parse_seconds, unescape_entities

_ROOT = re.compile(  # after what may stand above it
    r"\s*(?:<\?[^<>]*>\s*|<!--(?:(?!<!--|-->).)*+-->\s*|<!DOCTYPE[^<>\[]*+(?:\[[^\]]*+\][^<>]*+)?>\s*)*+"
    r"<(?:[\w-]+:)?tt[\s>]",
    re.DOTALL,
)
_ROOT_WITHIN_CHARS = 8192
_NAMED_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)\w{1,32};")
_OFFSET = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(h|ms|m|s|f|t)?")
_CLOCK = re.compile(
    r"(\d{1,4}):(\d\d):(\d\d(?:\.\d{1,9})?)(?:[:;](\d{1,4})(?:\.\d+)?)?|(\d{1,4}):(\d\d(?:\.\d{1,9})?)"
)
_UNIT_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_REMEDY = "Export it again, as WebVTT or SRT if you can."
_SPACE = re.compile(r"\s+")
_NOT_SAID = frozenset({"metadata", "desc", "title", "head"})


def is_ttml(text: str, suffix: str) -> bool:
    return bool(_ROOT.match(text[:_ROOT_WITHIN_CHARS]))


def read_ttml(text: str, path: Path) -> tuple[list[Cue], list[str]]:
    """A cue a paragraph, with `Name:` where the file says whose it is.

    Spans with times of their own become stamps in the text, as in WebVTT. Raises InputError if it is not
    well-formed, declares entities, or if reversed times leave no cue with an end.
    """
    if "<!ENTITY" in text:  # none is read, so none can grow or fetch a file
        raise InputError("declares entities of its own, which are not read", file=path, remedy=_REMEDY)
    reader = _Reader()
    parser = ElementTree.XMLParser(target=reader, encoding="utf-8")
    try:
        parser.feed(_NAMED_ENTITY.sub(_character, text.lstrip()).encode("utf-8", "replace"))
        parser.close()
    except ElementTree.ParseError as error:
        what = f"is not well-formed XML (line {error.position[0]})"
        raise InputError(what, file=path, remedy=_REMEDY) from error
    return reader.cues, reader.times.notes(reader.cues, path)


def _character(entity: re.Match[str]) -> str:
    """The character of an entity that HTML knows by name and XML does not."""
    return unescape_entities(entity[0]).replace("&", "&amp;").replace("<", "&lt;")


@dataclass(frozen=True, slots=True)
class _Element:
    """An open element: its name, the start (seconds) to which times in it are relative, and whose it is."""

    name: str
    start: float = 0.0
    agent: str | None = None


@dataclass(slots=True)
class _Paragraph:
    """A paragraph's times, in seconds from `origin`, and what it says so far: text, and starts of spans."""

    begin: float | None
    end: float | None
    origin: float
    parts: list[str | float] = field(default_factory=list)
    last_end: float | None = None  # of a span


class _Reader:
    """A target of ElementTree's parser. It keeps no tree, however deep or long the file is."""

    def __init__(self) -> None:
        self.cues: list[Cue] = []
        self.times = CueTimes()
        self._open = [_Element("")]
        self._unsaid = 0  # how many of the open elements hold no speech
        self._names: dict[str, str] = {}
        self._agent = ""  # whose name is read
        self._programme_start = 0.0  # in seconds; broadcasters' clocks often begin at ten hours
        self._frames_per_second, self._ticks_per_second = 30.0, 1.0
        self._paragraph: _Paragraph | None = None
        self._paragraph_count = 0
        self._speaker: str | None = None  # of the text at hand

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition("}")[2]
        values = {key.rpartition("}")[2]: value.strip() for key, value in attributes.items()}
        parent = self._open[-1]
        begin, end = self._span(values)
        agent = values["agent"] if values.get("agent") else parent.agent
        origin = parent.start + (begin or 0.0) if name in ("body", "div") else parent.start
        self._open.append(_Element(name, origin, agent))
        self._unsaid += name in _NOT_SAID
        if name == "tt":
            self._read_rates(values)
        elif name == "agent" and "id" in values:
            self._agent = values["id"]
        elif name == "p":
            self._paragraph, self._speaker = _Paragraph(begin, end, parent.start), None
        elif self._paragraph is not None and not self._unsaid:
            if name == "br":
                self._paragraph.parts.append("\n")
            if values.get("unit") == "word":
                self._paragraph.parts.append(" ")
            if begin is not None:
                self._announce(agent)
                self._paragraph.parts.append(begin)
                self._paragraph.last_end = end

    def data(self, text: str) -> None:
        element = self._open[-1]
        if self._agent and element.name == "name":
            self._names[self._agent] = self._names.get(self._agent, "") + text
        elif element.name == "documentStartOfProgramme":
            self._programme_start = self._seconds(text.strip()) or 0.0
        if self._paragraph is not None and not self._unsaid:
            if text.strip():
                self._announce(element.agent)
            self._paragraph.parts.append(_SPACE.sub(" ", text))

    def _announce(self, agent: str | None) -> None:
        """Put `Name: ` before what follows, on a line of its own, if it is somebody else's than before."""
        if agent != self._speaker and self._paragraph is not None:
            self._speaker = agent
            keys = (agent or "").split()
            names = (" ".join(self._names.get(key, "").split()) or key for key in keys)
            self._paragraph.parts.append(f"\n{' and '.join(names)}: " if agent else "\n")

    def end(self, tag: str) -> None:
        element = self._open.pop()
        self._unsaid -= element.name in _NOT_SAID
        if element.name == "agent":
            self._agent = ""
        elif element.name == "p" and self._paragraph is not None:
            self._finish(self._paragraph)
            self._paragraph = None

    def close(self) -> None:
        """Nothing is left to do; the parser asks for it."""

    def _read_rates(self, values: Mapping[str, str]) -> None:
        try:
            numerator, denominator = map(
                int, values.get("frameRateMultiplier", "1 1").replace(":", " ").split()
            )
            frames = float(values.get("frameRate", "30")) * numerator / denominator
            ticks = float(values.get("tickRate") or (frames if "frameRate" in values else 1))
        except (ValueError, ZeroDivisionError):
            return
        if frames > 0 and ticks > 0:
            self._programme_start = 0.0  # in seconds; broadcasters' clocks often begin at ten hours
        self._frames_per_second, self._ticks_per_second = frames, ticks

    def _span(self, values: Mapping[str, str]) -> tuple[float | None, float | None]:
        """An element's begin and end in seconds, from whatever it is relative to."""
        begin, duration = self._seconds(values.get("begin")), self._seconds(values.get("dur"))
        end = self._seconds(values.get("end"))
        return begin, (begin or 0.0) + duration if end is None and duration is not None else end

    def _seconds(self, time: str | None) -> float | None:
        if time is None:
            return None
        if offset := _OFFSET.fullmatch(time):
            frame_seconds, tick_seconds = 1 / self._frames_per_second, 1 / self._ticks_per_second
            by_unit = {**_UNIT_SECONDS, "f": frame_seconds, "t": tick_seconds}
            return parse_seconds(float(offset[1]) * by_unit[offset[2] or "s"])
        if not (clock := _CLOCK.fullmatch(time)):
            return None
        if clock[5]:
            return int(clock[5]) * 60 + float(clock[6])
        frames = int(clock[4] or 0) / self._frames_per_second
        return parse_seconds(int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3]) + frames)

    def _finish(self, paragraph: _Paragraph) -> None:
        """Times in a paragraph are relative to its own, unless all lie within it, as Apple writes them."""
        self._paragraph_count += 1
        begin, end, last_end = paragraph.begin, paragraph.end, paragraph.last_end
        starts = [part for part in paragraph.parts if isinstance(part, float)]
        shift = begin or 0.0
        if all(shift - 0.01 <= start and (end is None or start <= end + 0.01) for start in starts):
            shift = 0.0
        if starts:
            begin = starts[0] + shift if begin is None else begin
            end = last_end + shift if end is None and last_end is not None else end
        origin = paragraph.origin
        if begin is not None and origin + begin >= self._programme_start:
            origin -= self._programme_start
        text = "".join(
            f"<{webvtt_time(origin + shift + part)}>" if isinstance(part, float) else part
            for part in paragraph.parts
        )
        if lines := tuple(filter(None, (" ".join(line.split()) for line in text.split("\n")))):
            place = f"paragraph {self._paragraph_count}"
            start = None if begin is None else parse_seconds(origin + begin)
            checked_start, checked_end = self.times.checked(
                place, start, start if end is None else origin + end
            )
            self.cues.append(Cue(checked_start, None if end is None else checked_end, lines))
