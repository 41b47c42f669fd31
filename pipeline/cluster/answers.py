"""What workers send and say that they wrote, checked: one that is odd or broken must not upset the run."""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError

from pipeline.errors import explained
from pipeline.records import Record
from pipeline.running import artifacts
from pipeline.running.runner import Plan
from pipeline.running.staleness import StageRun
from pipeline.stage_names import TalkStage
from pipeline.text import plain
from pipeline.workspace import talks
from pipeline.workspace.talks import Source, Talk, Workspace

MAX_LETTERS = 2000  # of a message; what is longer is cut
MAX_REASONS = 20
PATIENCE_SECONDS = 30.0  # in all, for a shared folder that shows late what a worker wrote


def cut(text: object) -> str:
    """A worker's words: one line of no more than MAX_LETTERS, without control characters."""
    return plain(str(text)[:MAX_LETTERS])


Text = Annotated[str, AfterValidator(cut)]
Texts = Annotated[list[Text], BeforeValidator(lambda texts: texts[:MAX_REASONS])]
Number = Annotated[float, Field(ge=0, allow_inf_nan=False)]

_ARGUMENTS: dict[str, TypeAdapter[Any]] = {
    "started": TypeAdapter(tuple[TalkStage, Texts]),
    "progress": TypeAdapter(tuple[TalkStage, Number, Number | None]),
    "noted": TypeAdapter(tuple[TalkStage, Text]),
    "warned": TypeAdapter(tuple[TalkStage, Text]),
    "finished": TypeAdapter(tuple[TalkStage, Number, Number | None]),
}


class Event(NamedTuple):
    """A call of a Reporter on behalf of a talk, without the talk's name among its arguments."""

    talk: str
    call: str
    arguments: tuple[Any, ...]


class Answer(Record):
    """A `tasks.Outcome`."""

    state: Literal["done", "failed", "unfit"]
    group: Annotated[int, Field(ge=0)]
    worker: Text
    name: Text
    stage: Text
    reason: Text


def read_event(message: dict[Any, Any]) -> Event | None:
    """The event that a worker reports; None if it is none."""
    talk, call = message.get("talk"), message.get("call")
    if not (isinstance(talk, str) and isinstance(call, str) and call in _ARGUMENTS):
        return None
    try:
        return Event(talk, call, _ARGUMENTS[call].validate_python(message.get("arguments")))
    except (ValidationError, TypeError):
        return None


def read_answer(result: object) -> Answer | None:
    """The result of a task; None if it is none."""
    try:
        return Answer.model_validate(result)
    except ValidationError:
        return None


def in_words(error: BaseException) -> BaseException:
    """An error that can be shown: one from a worker may be of any length, or fail when it is asked."""
    name = cut(type(error).__name__)
    try:
        text = str(error)
    except Exception:
        return RuntimeError(f"{name}, without words")
    return error if cut(text) == text else RuntimeError(f"{name}: {cut(text)}")


def lacks_package(error: BaseException) -> bool:
    """Whether the worker could not import this package."""
    name = getattr(error, "name", None)
    return isinstance(error, ImportError) and isinstance(name, str) and name.partition(".")[0] == "pipeline"


class Inspector:
    """Looks at what workers wrote, as somebody would who runs the talks here.

    What a person had edited before is remembered for each talk that is `admit`ted.
    """

    def __init__(self, workspace: Workspace, plan: Plan[Talk]) -> None:
        self._workspace, self._plan = workspace, plan
        self._edited: dict[str, set[str]] = {}
        self._patience = PATIENCE_SECONDS

    def admit(self, source: Source) -> None:
        """Remember what is edited by hand. Call it before a worker is given the talk."""
        try:
            self._edited[source.name] = self._edits(self._load(source))
        except Exception:  # it is told when the talk is run
            self._edited[source.name] = set()

    def fault(self, source: Source) -> str | None:
        """Why a talk is not done, although a worker says so; None if it is."""
        while fault := self._fault(source):
            if self._patience <= 0:
                return fault
            time.sleep(1.0)
            self._patience -= 1.0
        return None

    def _fault(self, source: Source) -> str | None:
        try:
            talk = self._load(source)
            artifacts.load_all(talk, self._plan.stages[-1].chain)
            lines = [
                f"{stage.name}: {reason}"
                for stage in self._plan.stages
                for reason in StageRun(talk, stage).reasons
            ]
            lines += [f"{name} is not what was to be written" for name in self._changed(talk)]
            talk.memory.save()
        except Exception as error:
            return explained(error) or f"{in_words(error)}"
        return "; ".join(lines) or None

    def _load(self, source: Source) -> Talk:
        return talks.load(source, self._workspace, self._plan.overrides, self._plan.prompts)

    def _edits(self, talk: Talk) -> set[str]:
        return {name for stage in self._plan.stages for name in StageRun(talk, stage).edited}

    def _changed(self, talk: Talk) -> list[str]:
        """Files that are edited now, and were not before."""
        return sorted(self._edits(talk) - self._edited.get(talk.name, set()))
