"""Whoever a claim says spoke must have said a cited sentence.

Sees: tokens of nobody, bare numbers and raw names, a speaker as the subject who said none of the cited
sentences, one who is mentioned though nobody near names or is them, and a clause that another speaker's
sentence bears out much better. Cannot see: two speakers swapped who say much the same, and "the host",
"both" or "they".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.verification.evidence import Evidence
from pipeline.takeaways.verification.failure import Failure

if TYPE_CHECKING:
    from pipeline.records import Sentence

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

ANOTHER = 0.12  # so much better must another speaker's sentence bear out a clause (cosine and words, halved)
_BARE = re.compile(r"\b(?:S\d+|[Ss]peakers? (?:\d+|one|two|three|four|five|[A-D])|SPEAKER_\d+)\b")
_OWNED = re.compile(r"'s?(?!\w)")
_OPINION = re.compile(
    r"'s? (?:\w+ )?(?:view|words|opinion|eyes|mind|experience|answer|reading|telling|account|take|"
    r"argument|advice|hope|"
    r"guess|worry|concern|explanation|suggestion|conclusion|reply|proposal|judgement|judgment)\b"
)
_FOR = re.compile(r"(?:^|[,;:] )for\s+$", re.I)
_BEFORE_MENTION = re.compile(
    r"\b(?:with|to|of|about|on|than|like|for|from|at|and also|unlike|asks?|asked|asking|tells?|told|thanks?|"
    r"thanked|invites?|invited|joins?|joined|joining|interrupts?|interrupted|answers?|answered|answering|"
    r"corrects?|"
    r"corrected|press(?:es|ed)?|reminds?|reminded|challenges?|challenged|credits?|credited|quotes?|quoted|"
    r"echo(?:es|ed)?|"
    r"introduces?|introduced|reassures?|reassured|prompts?|prompted|call(?:s|ed)?|follow(?:s|ing)?|followed|"
    r"seconds|seconded|backs?|backed|supports?|let|lets|convinces?|convinced|contradicts?|contradicted)\s+$",
    re.I,
)
_ACCORDING = re.compile(r"\baccording to\s+$", re.I)
_DOES = re.compile(r" (?!and\b|or\b|but\b|while\b)\w+(?: (?!and\b|or\b|but\b|while\b)\w+)? ")
_HEADS = re.compile(  # what stands before the subject of a clause
    r"(?:^|[,;:(\u2014]|\b(?:and|but|while|where|whereas|as|when|because|so|then|if|though|although|yet|to|by|"
    r"says|asks|adds|notes))\s*$",
    re.I,
)
_WITHIN = re.compile(r"\b(?:that|whether|if|how|why|what|when)\s+$", re.I)
_TWICE = re.compile(  # "{S1} asks {S1}"; not "{S1} asks {S1}'s friend"
    r"\{(S\d+)\}((?: (?!and\b|or\b|but\b|while\b|as\b)[\w-]+){1,4} )\{\1\}(?!')"
)
_JOINED = re.compile(r",? ?(?:and|or|,) ?")
_ANSWERS = re.compile(
    r"\b(?:agree|concur|confirm|disagree|nod|accept|push|object|differ|interject|react|respon|ask|question)"
)


def failures(text: str, evidence: Evidence, embed: Embed) -> Iterator[Failure]:
    """What is wrong about who spoke."""
    plain = t.plain(text)
    match = _BARE.search(t.SPEAKER.sub(" ", plain))
    if match and not any(match[0] in source for source in evidence.known):
        yield Failure("speaker", f'"{match[0]}" must be written as the speaker\'s token, such as {{S1}}')
    yield from _raw_names(plain, evidence)
    if (twice := _TWICE.search(plain)) and _BEFORE_MENTION.search(twice[2]):
        yield Failure("speaker", f"{{{twice[1]}}} does this to themselves; one of the two is somebody else")
    subjects = {match[1] for match, acts in roles(plain) if acts}
    # Somebody who did say it may have told what others said or did.
    told = any(
        acts and match[1] in evidence.speakers and _HEADS.search(plain[: match.start()])
        for match, acts in roles(plain)
    )
    for one in sorted({match[1] for match in t.SPEAKER.finditer(plain)}):
        if one not in evidence.people:
            yield Failure("speaker", f"there is no speaker {{{one}}} in this talk")
        elif one in evidence.speakers:
            continue
        elif one in subjects and not (told and _named(one, evidence.cited, evidence)):
            yield Failure("speaker", f"{{{one}}} said none of the cited sentences")
        elif not _near(one, evidence):
            yield Failure(
                "speaker", f"{{{one}}} neither said nor is named in a cited sentence or next to one"
            )
    if len(evidence.speakers) > 1:
        yield from _another(plain, evidence, embed)


def roles(text: str) -> list[tuple[re.Match[str], bool]]:
    """Each speaker's token, and whether its speaker does something rather than being only mentioned."""
    found: list[tuple[re.Match[str], bool]] = []
    for match in t.SPEAKER.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        acts = bool(_ACCORDING.search(before)) or not _BEFORE_MENTION.search(before)
        acts = acts or bool(_FOR.search(before) and after.startswith(","))
        if found and _JOINED.fullmatch(text[found[-1][0].end() : match.start()]):
            acts = found[-1][1]
        elif found and (_DOES.fullmatch(text[found[-1][0].end() : match.start()]) or _WITHIN.search(before)):
            acts = False  # "{S1} thanks {S2}", "{S1} agrees that {S2} may be right"
        found.append((match, acts and (not _OWNED.match(after) or bool(_OPINION.match(after)))))
    return found


def _raw_names(text: str, evidence: Evidence) -> Iterator[Failure]:
    for speaker, names in sorted(evidence.people.items()):
        for name in names:
            if re.search(rf"\b{re.escape(t.plain(name))}\b", text) or _part_of(name, text):
                yield Failure("speaker", f"{name} is a speaker; write {{{speaker}}}, names are joined later")
                break


def _part_of(name: str, text: str) -> bool:
    """Whether a first or last name stands alone inside a sentence."""
    parts = [part for part in name.split() if len(part) > 2 and part[0].isupper()]
    return any(re.search(rf"(?<=[\w,;}}] ){re.escape(part)}\b", text) for part in parts)


def _near(speaker: str, evidence: Evidence) -> bool:
    """Whether a cited sentence or one next to it is by somebody, or names them."""
    return any(s.speaker == speaker for s in evidence.near) or _named(speaker, evidence.near, evidence)


def _named(speaker: str, sentences: Sequence[Sentence], evidence: Evidence) -> bool:
    """Whether one of the sentences has a part of somebody's name."""
    parts = {part.lower() for name in evidence.people[speaker] for part in name.split() if len(part) > 2}
    return any(parts & set(t.words_of(sentence.text)) for sentence in sentences)


def _another(text: str, evidence: Evidence, embed: Embed) -> Iterator[Failure]:
    """A clause whose subject said nothing like it, while somebody else did."""
    marks = [match for match, acts in roles(text) if acts]
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends[: len(marks)], strict=True):
        piece = text[mark.end() : end]
        clause = t.SPEAKER.sub(" ", piece).strip(" ,.")
        if _JOINED.fullmatch(piece) or _ANSWERS.match(clause) or len(t.content(clause)) < 3:
            continue
        scores = {one: _borne(clause, evidence.by(one), embed) for one in evidence.speakers}
        theirs = scores.get(mark[1], 1.0)
        best = max(scores, key=lambda one: (scores[one], one))
        if scores[best] - theirs > ANOTHER:
            yield Failure("speaker", f"what {{{mark[1]}}} is said to say is what {{{best}}} said")


def _borne(clause: str, sources: Sequence[str], embed: Embed) -> float:
    """How well the best pair of neighbouring sentences bears out a clause."""
    pieces = [*sources, *(" ".join(pair) for pair in pairwise(sources))]
    rows = embed([clause, *pieces])
    mine = set(t.content(clause))
    shared = [len(mine & set(t.content(piece))) / max(1, len(mine)) for piece in pieces]
    return max((float(cosine) + share) / 2 for cosine, share in zip(rows[1:] @ rows[0], shared, strict=True))
