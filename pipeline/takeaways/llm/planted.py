"""Planted sentences: some that are borne out for certain and some that are not, by which to tell a judge.

They are made by rule from the talk itself, so that they are in its language: S1: "words" says that a speaker
said these words. One is a line with its own speaker; another gives it to somebody else, or gives its speaker
the words of a line that is far away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.files import digest_value
from pipeline.records import Sentence
from pipeline.takeaways.verification.judging import Line, Question

MOST_OF_A_KIND = 3  # in a batch
FITTING_BYTES = range(40, 301)  # of words in UTF-8, in which a character says more the more bytes it takes
FAR_SENTENCES = 6  # between two lines of which neither helps to understand the other
MOST_WRONG = 1  # verdicts of a judge that is believed


@dataclass(frozen=True)
class Planted:
    """A sentence that nobody wrote, and whether it is borne out."""

    question: Question
    is_true: bool


def plant(questions: Sequence[Question], talk: Sequence[Sentence]) -> list[Planted]:
    """Up to six sentences to be judged among others, half of them borne out, over lines of these questions.

    Which they are follows from all of the questions' texts. There are none if the talk is too short.
    """
    seed = [question.text for question in questions]
    places = {sentence.id: i for i, sentence in enumerate(talk)}
    shown_ids = {line.sentence.id for question in questions for line in question.lines} & places.keys()
    shown_texts = {talk[places[id]].text for id in shown_ids}
    hosts = _chosen([s for s in talk if s.id in shown_ids] or talk, seed)
    elsewhere = iter(_chosen([s for s in talk if s.text not in shown_texts], seed))
    speakers = sorted({sentence.speaker for sentence in talk})
    true = [_said(host, host.speaker, host, True) for host in hosts[:MOST_OF_A_KIND]]
    false: list[Planted] = []
    for n, host in enumerate((hosts[::-1] * MOST_OF_A_KIND)[:MOST_OF_A_KIND]):
        others = [speaker for speaker in speakers if speaker != host.speaker]

        def is_foreign(source: Sentence, host: Sentence = host) -> bool:
            return _excerpt(source.text) not in host.text

        far = (s for s in filter(is_foreign, hosts) if abs(places[s.id] - places[host.id]) > FAR_SENTENCES)
        is_swap = bool(others) and n % 2 == 0
        foreign = None if is_swap else next(filter(is_foreign, elsewhere), None) or next(far, None)
        if foreign:
            false.append(_said(host, host.speaker, foreign, False))
        elif others:
            false.append(_said(host, others[0], host, False))
    return [*true, *dict.fromkeys(false)]


def _said(host: Sentence, speaker: str, source: Sentence, is_true: bool) -> Planted:
    """The sentence that a speaker said the words of a source, resting on one line."""
    text = f'{{{speaker}}}: "{_excerpt(source.text)}"'
    return Planted(Question(text, "prose", (Line(host, True),)), is_true)


def _excerpt(text: str) -> str:
    """A text, or as many of its first words as are no longer than is fitting: prompts show no more of them.

    Without spaces between words it is as many of its first characters.
    """
    most = FITTING_BYTES[-1]
    start = text.encode()[:most].decode("utf-8", "ignore")
    is_whole = len(text.encode()) <= most
    return text if is_whole else start.rpartition(" ")[0] or start


def _chosen(sentences: Sequence[Sentence], seed: Sequence[str]) -> list[Sentence]:
    """Sentences in an order that nobody can guess: those of a fitting length, or else longer ones, or one."""
    fitting = [s for s in sentences if len(s.text.encode()) in FITTING_BYTES]
    longer = [s for s in sentences if len(s.text.encode()) > FITTING_BYTES[-1]]
    longest = sorted(sentences, key=lambda s: (-len(s.text), s.id))[:1]
    return sorted(fitting or longer or longest, key=lambda s: digest_value([*seed, s.id]))


def mixed(questions: Sequence[Question], planted: Sequence[Planted]) -> list[Question | Planted]:
    """The questions in their order with the planted ones among them, in places that nobody can guess."""
    together: list[Question | Planted] = [*questions]
    seed = [question.text for question in questions]
    for one in sorted(planted, key=lambda one: digest_value([*seed, one.question.text, one.is_true])):
        place = int(digest_value([*seed, "place", one.question.text])[-8:], 16) % (len(together) + 1)
        together.insert(place, one)
    return together


def are_of_both_kinds(planted: Sequence[Planted]) -> bool:
    """Whether some are true and some false: with one kind alone nothing can be told."""
    return {one.is_true for one in planted} == {True, False}


def is_believable(planted: Sequence[Planted], answers: Sequence[bool | None]) -> bool:
    """Whether a judge that answers planted sentences so can tell true ones from false ones."""
    pairs = [(one.is_true, answer) for one, answer in zip(planted, answers, strict=True)]
    right = {is_true for is_true, answer in pairs if is_true == answer}
    wrong = sum(answer is not None and is_true != answer for is_true, answer in pairs)
    return are_of_both_kinds(planted) and len(right) == 2 and wrong <= MOST_WRONG
