"""Advertisements in a talk: stretches of sentences that sell something to the listener.

No single word makes one. Each sentence is weighed (see sales_evidence), and the best division of the talk
into speech and advertisements is found, as with a hidden Markov model (Viterbi, 1967). A stretch counts if
somebody is said to pay for the programme. It also counts if it makes an offer, says where to get it and tells
the listener to, for a brand that is spoken of nowhere else; unless it answers a question, or a guest says it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf

from pipeline.records import Flag, Sentence, Turns
from pipeline.turns.sales_evidence import REACH_SENTENCES, Heard, heard

MAX_SHARE = 0.2  # of a talk's words: what takes more is no advertisement, or all that the talk is about
MAX_GAP_SENTENCES = 8  # between two parts of one advertisement that one speaker reads
MAX_GAP_BETWEEN_SPEAKERS = 3  # the same, if several do
MAX_LEAD_SENTENCES = 3  # from a pause to where it is known what for
MIN_TURN_SHARE, MAX_REST_SENTENCES = 0.8, 2  # of a turn's words, and besides: then all of it is
_MAX_LISTED, _MAX_SHOWN_WORDS = 5, 5  # in a note
_ASKED = ("?", "\uff1f", "\u061f")

# In units of Heard.weight. To begin and to end cost half as much where the speaker changes, or says so.
_COST_TO_BEGIN, _COST_TO_END, _COST_OF_A_SPEAKER = 2.0, 1.0, 1.0
_MIN_ANNOUNCED, _MIN_UNANNOUNCED = 0.5, 3.0


def flagged(turns: Turns) -> tuple[Turns, str | None]:
    """The turns with the sentences of advertisements flagged, and what is to be told of them."""
    talk = _Talk(*heard(turns))
    blocks = talk.advertisements()
    if not blocks:
        return turns, None
    ids = frozenset(talk.said[i].sentence.id for block in blocks for i in block)
    listed = _listed([[talk.said[i].sentence for i in block] for block in blocks])
    share = sum(_size(one) for one in talk.said if one.sentence.id in ids) / sum(map(_size, talk.said))
    if share > MAX_SHARE:
        return turns, f"{share:.0%} of the words read like advertisements, too much to leave out: {listed}"
    parted = ((turn, (_with_flag(s) if s.id in ids else s for s in turn.sentences)) for turn in turns.turns)
    marked = tuple(turn.model_copy(update={"sentences": tuple(sentences)}) for turn, sentences in parted)
    are_left_out = "sentence is" if len(ids) == 1 else "sentences are"
    note = (
        f"{len(ids)} {are_left_out} left out of the post as advertising: {listed}. "
        "Where it is none, remove the flag in 2_turns.json"
    )
    return turns.model_copy(update={"turns": marked}), note


def _with_flag(sentence: Sentence) -> Sentence:
    return sentence.model_copy(update={"flags": (*sentence.flags, Flag.ADVERTISEMENT)})


def _size(one: Heard) -> int:
    return one.sentence.words[1] - one.sentence.words[0]


def _listed(blocks: Sequence[Sequence[Sentence]]) -> str:
    """The spans of sentences and how each begins: 's104-s115 "This episode is …"'."""
    spans = []
    for sentences in blocks[:_MAX_LISTED]:
        first, last = sentences[0], sentences[-1]
        words = first.text.split()
        beginning = " ".join(words[:_MAX_SHOWN_WORDS]) + " \u2026" * (len(words) > _MAX_SHOWN_WORDS)
        spans.append(f'{first.id}{f"-{last.id}" * (last.id != first.id)} "{beginning}"')
    more = f" and {len(blocks) - _MAX_LISTED} more" if len(blocks) > _MAX_LISTED else ""
    return f"{', '.join(spans)}{more}"


@dataclass(frozen=True)
class _Talk:
    """The sentences of a talk, and where brands are mentioned, by number."""

    said: Sequence[Heard]
    mentions: Mapping[str, Sequence[int]]

    def advertisements(self) -> list[range]:
        """From the first sentence of each to one past its last."""
        accepted = filter(self._is_advertisement, self._stretches)
        marked = {i for block in accepted for i in self._extended(block)}
        return list(_runs(sorted(marked | self._rest_of_turns(marked))))

    @cached_property
    def _stretches(self) -> list[range]:
        """Those of the best division, with what has little between as one."""
        merged: list[range] = []
        for block in _divided(self.said):
            if merged and self._are_one(merged[-1], block):
                merged[-1] = range(merged[-1].start, block.stop)
            else:
                merged.append(block)
        return merged

    def _are_one(self, before: range, after: range) -> bool:
        gap = self.said[before.stop : after.start + 1]
        speakers = {one.sentence.speaker for one in (self.said[before.stop - 1], *gap)}
        most = MAX_GAP_SENTENCES if len(speakers) == 1 else MAX_GAP_BETWEEN_SPEAKERS
        return len(gap) <= most + 1 and not any(one.resumes for one in gap)

    def _is_advertisement(self, block: range) -> bool:
        """Whether a stretch says that it is one, or reads like one and nothing tells otherwise."""
        own, extended = [self.said[i] for i in block], [self.said[i] for i in self._extended(block)]
        total = sum(max(0.0, one.weight) for one in extended)
        if any(one.is_announced for one in own):
            return total >= _MIN_ANNOUNCED
        return (
            total >= _MIN_UNANNOUNCED
            and (any(one.sells for one in own) or self._is_in_a_break(block))
            and any(one.has_address for one in own)
            and any(one.is_told for one in own)
            and any(one.all_names for one in extended)
            and not any(one.is_own for one in own)
            and not any(self._is_mentioned_elsewhere(site, block) for one in own for site in one.sites)
            and not self._is_by_a_guest(block)
        )

    def _is_in_a_break(self, block: range) -> bool:
        """Whether the programme pauses right before it."""
        first = self._extended(block).start
        return any(one.pauses for one in self.said[max(0, first - 1) : block.stop])

    @cached_property
    def _mentions_in_speech(self) -> dict[str, list[int]]:
        inside = {i for block in self._stretches for i in block}
        return {brand: [i for i in places if i not in inside] for brand, places in self.mentions.items()}

    def _is_mentioned_elsewhere(self, brand: str, block: range) -> bool:
        """Whether anybody speaks of it far from a stretch, and not to sell it."""
        places = self._mentions_in_speech[brand]
        first, stop = block.start - REACH_SENTENCES, block.stop + REACH_SENTENCES
        return bool(places) and (places[0] < first or places[-1] >= stop)

    @cached_property
    def _voices(self) -> Counter[str]:
        return Counter(one.sentence.speaker for one in self.said)

    def _is_by_a_guest(self, block: range) -> bool:
        """Whether it answers a question, or is by somebody who also speaks elsewhere and is not the host.

        The host speaks first; a voice that is heard nowhere else reads advertisements.
        """
        speaker = Counter(self.said[i].sentence.speaker for i in block).most_common(1)[0][0]
        before = self.said[block.start - 1].sentence if block.start else None
        if before and before.speaker != speaker and before.text.rstrip().endswith(_ASKED):
            return True
        near = self.said[max(0, block.start - REACH_SENTENCES) : block.stop + REACH_SENTENCES]
        is_only_here = sum(one.sentence.speaker == speaker for one in near) == self._voices[speaker]
        return not (is_only_here or speaker == self.said[0].sentence.speaker)

    def _extended(self, block: range) -> range:
        """With what is near and names the same, and with the sentences that lead to it."""
        said = self.said
        names = frozenset(brand for i in block for brand in said[i].brands)
        names = names or self._last_named_before(block.start)
        names = names or frozenset(name for i in block for name in said[i].names)
        start, stop = block.start, block.stop
        at, last = start - 1, start - MAX_GAP_SENTENCES
        while at >= max(0, last) and not said[at].resumes:
            if said[at].all_names & names:
                start, last = at, at - MAX_GAP_SENTENCES
            at -= 1
        at, last = stop, stop + MAX_GAP_SENTENCES
        is_announced = any(said[i].is_announced for i in block)
        while at < min(last, len(said)) and not said[at].resumes:
            sends = (
                is_announced
                and said[at].sends
                and said[at].sentence.speaker == said[stop - 1].sentence.speaker
            )
            if sends or said[at].all_names & names:
                stop, last = at + 1, at + MAX_GAP_SENTENCES
            at += 1
        return range(self._lead(start, is_announced), stop)

    def _last_named_before(self, stop: int) -> frozenset[str]:
        """The brands of the last sentence that names one, if it is near and said by the same speaker."""
        for one in reversed(self.said[max(0, stop - MAX_GAP_SENTENCES) : stop]):
            if one.sentence.speaker != self.said[stop].sentence.speaker:
                break
            if one.all_names:
                return one.all_names
        return frozenset()

    def _lead(self, start: int, is_announced: bool) -> int:
        """The first of the sentences that lead to an advertisement: a pause, or what draws listeners in."""
        speaker = self.said[start].sentence.speaker
        for i in range(start - 1, max(-1, start - 1 - MAX_LEAD_SENTENCES), -1):
            one = self.said[i]
            if one.resumes or one.sentence.speaker != speaker:
                break
            is_next = i == start - 1
            asks = one.sentence.text.rstrip().endswith(_ASKED)
            draws = one.weight > 0 and not is_announced and (is_next or asks)
            if one.pauses or draws or (one.leads and is_next):
                return i
        return start

    def _rest_of_turns(self, marked: set[int]) -> set[int]:
        """Of those that have hardly anything else."""
        by_turn: dict[int, list[int]] = {}
        for i, one in enumerate(self.said):
            by_turn.setdefault(one.turn, []).append(i)
        rest: set[int] = set()
        for turn in {self.said[i].turn for i in marked}:
            sizes = {i: _size(self.said[i]) for i in by_turn[turn]}
            share = sum(size for i, size in sizes.items() if i in marked) / sum(sizes.values())
            others = sizes.keys() - marked
            is_short = share >= MIN_TURN_SHARE and len(others) <= MAX_REST_SENTENCES
            if is_short and not any(self.said[i].resumes for i in sizes):
                rest |= others
        return rest


def _divided(said: Sequence[Heard]) -> list[range]:
    """The stretches of the best division of the talk."""
    speech, inside = 0.0, -inf
    was_inside: list[tuple[bool, bool]] = []  # before a sentence, on the best way to it as speech, and inside
    for i, one in enumerate(said):
        is_change = i == 0 or said[i - 1].sentence.speaker != one.sentence.speaker
        end = _COST_TO_END * (0.5 if is_change or one.resumes else 1)
        begin = _COST_TO_BEGIN * (0.5 if is_change or one.leads or said[i - 1].leads else 1)
        stay = inside - _COST_OF_A_SPEAKER * is_change
        was_inside.append((inside - end > speech, stay > speech - begin))
        speech, inside = max(speech, inside - end), max(stay, speech - begin) + one.weight
    is_inside, stop, blocks = inside - _COST_TO_END / 2 > speech, len(said), []
    for i in range(len(said) - 1, -1, -1):
        before = was_inside[i][is_inside]
        if is_inside and not before:
            blocks.append(range(i, stop))
        elif before and not is_inside:
            stop = i
        is_inside = before
    return blocks[::-1]


def _runs(indices: Sequence[int]) -> Iterator[range]:
    """Consecutive numbers as ranges."""
    start = 0
    for n in range(1, len(indices) + 1):
        if n == len(indices) or indices[n] != indices[n - 1] + 1:
            yield range(indices[start], indices[n - 1] + 1)
            start = n
