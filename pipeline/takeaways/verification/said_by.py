"""Whoever a claim says spoke must have said a cited sentence; who is only mentioned said nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language import english as w
from pipeline.takeaways.verification.evidence import Embed, Evidence, Failure
from pipeline.takeaways.verification.proper_names import ordinary

if TYPE_CHECKING:
    from pipeline.records import Sentence

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


def speakers(text: str, evidence: Evidence, embed: Embed) -> Iterator[Failure]:
    """What is wrong about who spoke.

    Whoever a claim says spoke must have said a cited sentence. Sees: tokens of nobody, bare numbers and raw
    names, a speaker as the subject who said none of the cited sentences, one who is mentioned though nobody
    near names or is them, and a clause that another speaker's sentence bears out much better. Cannot see:
    two speakers swapped who say much the same, and "the host", "both" or "they".
    """
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


_PERSONS = (  # verbs that only persons, and papers, are subjects of
    r"argu(?:es?|ed)|say|says|said|thinks?|thought|believes?|believed|explains?|explained|describes?|"
    r"described|noted|claims?|claimed|insists?|insisted|admits?|admitted|concedes?|conceded|warns?|warned|"
    r"wonders?|wondered|recalls?|recalled|recounts?|hopes?|hoped|doubts?|doubted|agrees?|agreed|disagrees?|"
    r"disagreed|acknowledges?|acknowledged|suspects?|suspected|reckons?|remarks?|remarked|replies|replied|"
    r"stress(?:es|ed)|emphasi[sz]e[sd]?|asks?|asked|tells?|told|talks?|talked|denies|denied|predicts?|"
    r"predicted|jokes?|joked|mentions?|mentioned|wants?|wanted|prefers?|preferred|observes?|observed|"
    r"would (?:like|love|rather)|asserts?|asserted|cautions|cautioned|complains?|complained|quips?|confesses|"
    r"worries|fears|remembers"
)
_THINGS = (  # verbs whose subject may be a thing, unless "that" follows
    r"adds?|added|finds?|found|suggests?|suggested|points? out|pointed out|states?|stated|reports?|"
    r"reported|maintains?|feels?|felt|sees|saw|expects?|expected|concludes?|concluded|notes|answers?|"
    r"answered|proposes?|proposed|clarifies|clarified|counters|responds|reflects|imagines?"
)
_NAME = r"[A-Z][\w-]+(?: [A-Z][\w.-]*){0,2}"
_MAKES = re.compile(
    rf"(?<![\w{{'])(?P<subject>{_NAME}) (?:\w+ly |also |then |even |has |had |would )?"
    rf"(?:(?:{_PERSONS})\b|(?:{_THINGS}) that\b)"
    rf"|\b[Aa]ccording to (?P<source>{_NAME})"
    rf"|\b(?:{_PERSONS}|notes|adds) (?P<after>{_NAME})(?=[,.;]|$)"
    rf"|(?<![\w{{'])(?P<owner>{_NAME})'s? (?:\w+ )?(?:view|opinion|argument|claim|words|answer|"
    r"point|advice)\b"
)
_LIKE = (
    rf"{_PERSONS}|{_THINGS}|saying|shows?|showed|shown|adds?|notes?|calls?|called|writes?|wrote|written|posts?|"
    r"posted|publish\w*|arguing|thinking|explaining|telling|suggesting|proposing|asking|presented|presents|"
    r"pointed|points|put|did|gave|made|came up|brought|started|opened|commented|tweeted|quoted|raised|"
    r"responded|talking|goes|went|was like|is like|idea|paper|book|post|view|opinion|argument|proposal|"
    r"talk|quote|words|point|answer|article|blog"
)
_CALLED = re.compile(r"\s*[,?!](?! (?:and|who|whose|in|he|she|at|from|as)\b)")  # "Jesse, I think"
_FAR = 10  # words between a name and the verb that reports it


def authors(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Each name that is made the author of words without being reported.

    Somebody who is only addressed or mentioned did not say what a claim has them say. Sees, in English: a
    capitalised name, not a token, that a claim makes the author of words ("Jesse argues", "according to
    Jesse", "says Jesse", "Jesse's view"), where no cited sentence reports that name ("Satoshi said",
    "according to Satoshi", "Satoshi's paper"). A name that is called ("Jesse, I think …") reports nothing.
    Cannot see: who a pronoun is, and whether the one who is reported said this or something else.
    """
    plain = t.plain(t.unquoted(t.SPEAKER.sub(lambda m: m[0].lower(), text)))
    for match in _MAKES.finditer(plain):
        name = match["subject"] or match["source"] or match["after"] or match["owner"]
        parts = [part for part in name.split() if len(part) > 1 and part.lower() not in w.FUNCTION]
        if not parts or all(ordinary(part, evidence) for part in parts):
            continue
        if not _reported(parts, evidence):
            yield Failure(
                "speaker",
                f"no cited sentence says that {name} said so; write the token of the speaker who said it",
            )
            return


def _reported(parts: list[str], evidence: Evidence) -> bool:
    """Whether a cited sentence reports words of somebody with such a name."""
    said = t.plain(" ".join(evidence.texts))
    for part in parts:
        name = re.escape(part)
        if re.search(
            rf"\b(?:according to|by|from|heard|quot\w+|read|citing)(?: \w+){{0,2}} {name}\b",
            said,
            re.I,
        ):
            return True
        if re.search(rf"\b(?:{_LIKE})(?: \w+)? (?:by|of|from) (?:\w+ )?{name}\b", said, re.I):
            return True
        for match in re.finditer(rf"\b{name}\b", said, re.I):
            after = said[match.end() :]
            if _CALLED.match(after):
                continue
            if any(_theirs(after[: verb.start()]) for verb in re.finditer(rf"\b(?:{_LIKE})\b", after, re.I)):
                return True
    return False


def _theirs(between: str) -> bool:
    """Whether what stands between a name and a verb leaves the name its subject."""
    words = t.words_of(between)
    own = {"i", "we", "you", "i'm", "i've", "i'd", "we're", "you're", "we've", "you've", "your", "my", "our"}
    return len(words) <= _FAR and not own & set(words) and not re.search(r"[.?!]", between)
