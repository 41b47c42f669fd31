"""Which words of a quoted sentence may be left out without changing what it means.

Words are counted as text.word_spans has them; a range of them is [first, last), as in records.Kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from pipeline.takeaways.language import english
from pipeline.takeaways.language.comparable import content, words_of
from pipeline.takeaways.language.sentences import has_clause, tokens_of
from pipeline.takeaways.verification.syntax_tree import SUBJECTS, Tree
from pipeline.text import word_spans
from pipeline.word_lists import WordLists

if TYPE_CHECKING:
    from pipeline.engines import Parse

WordRange = tuple[int, int]

MIN_CUT_WORDS = 2  # a cut shows as […], and a single word reads better than that
MIN_TOLD_SHARE = 0.6  # of the content words that a quote begins without, in the prose that tells them
MIN_KEPT_WORDS = 5  # a sentence that would become shorter is not trimmed
_EDGES = re.compile(r"^[\W_]+|(?<![\W_])[\W_]+$")
_MARK = re.compile(r"[,;:.!?\u2026\u2013\u2014-][\"'\u201d\u2019)]*$")  # after a word that may end a clause
_QUOTE_MARK = re.compile('["\u201c\u201d]')
_FIRM_MARK = re.compile(r"[;:.!?\u2026\u2013\u2014][\"'\u201d\u2019)]*$|--$")  # and no list continues

LISTS = WordLists.beside(__file__)

# Throat-clearing. The comma fillers mean something else where no comma follows: "right now", "well known".
_FILLER_SOUNDS = LISTS.word_set("filler_sounds")
_COMMA_FILLERS = frozenset({"well", "right", "like", "alright", "look"})
_JOINING_WORDS = frozenset({"so", "and"})  # throat-clearing only together with another filler
_FILLER_PAIRS = {("i", "mean"), ("you", "know")}
_AFTER_SO = LISTS.word_set("after_so")
_TAG = re.compile(r", you know(?: what i mean)?[.?!]?$", re.IGNORECASE)

_CONDITION = re.compile(rf"\b{LISTS.any_of('conditions')}\b|^\W*(?:had|were|should)\b", re.IGNORECASE)
_HYPOTHESIS = re.compile(rf"\b{LISTS.any_of('conditions', 'hypotheses')}\b", re.IGNORECASE)
_ATTRIBUTION = re.compile(rf"\b{LISTS.any_of('attribution')}\b|:$", re.IGNORECASE)
# What a sentence must not lose: denial, doubt, condition, reservation, wish, degree, and who said it.
_MEANINGFUL = (
    english.DOUBT,
    english.RESERVATION,
    LISTS.words("hedges"),
    _CONDITION,
    _ATTRIBUTION,
)
_NEVER_FIRST = LISTS.word_set("never_first")
_SAYING, _DENYING = LISTS.word_set("saying"), LISTS.word_set("denying")
_DENIAL = re.compile(rf"\b(?:unless|without|{'|'.join(sorted(_DENYING))})\b|n['\u2019]t\b", re.IGNORECASE)

# How speakers begin what they say in their own name: a quote that is given to them loses nothing with it.
_OPENERS, _OPENERS_WITH_COMMA = LISTS.word_set("openers"), LISTS.word_set("openers_with_comma")
_OWN_SAYING = tuple(tuple(phrase.split()) for phrase in LISTS["own_saying"])
_OWN_POINTS = LISTS.word_set("own_points")

# Labels of the parse: of a clause that may stand alone, of what may be left out of one, and of neither.
_CLAUSES = frozenset({"ROOT", "conj", "ccomp", "advcl", "parataxis"})
_LOOSE = frozenset(
    {"punct", "cc", "advmod", "intj", "mark", "prep", "advcl", "relcl", "parataxis", "npadvmod"}
)
_NOT_IN_CLAUSE = frozenset({"punct", "cc", "mark", "intj"})


def trim(text: str, is_english: bool = True, opening: bool = True, closing: bool = True) -> WordRange | None:
    """The words to keep of a sentence: no throat-clearing before it, no "you know" after; None to keep all.

    "So" and "And so" stay, since they lead from one thought to the next; so does ", right?", which may be a
    question.
    """
    if not is_english:
        return None
    words = _words(text)
    first = _count_throat_clearing(words) if opening else 0
    last = len(words)
    tag = _TAG.search(text) if closing else None
    if tag:
        last -= len(tag[0].replace(",", " ").split())
    cleared_words = list(filter(None, map(_bare, words[:first])))
    if len(cleared_words) < MIN_CUT_WORDS or _JOINING_WORDS.issuperset(cleared_words):
        first = 0
    if (first, last) == (0, len(words)) or last - first < MIN_KEPT_WORDS:
        return None
    return (first, last) if is_safe(text, first, last, is_english) else None


def locate(text: str, words: str) -> WordRange | None:
    """Where `words` stand in a sentence, whatever their case and punctuation; None unless exactly once."""
    positions = [(bare, at) for at, word in enumerate(_words(text)) if (bare := _bare(word))]
    wanted = [bare for word in words.split() if (bare := _bare(word))]
    spoken, length = [bare for bare, _ in positions], len(wanted)
    starts = [at for at in range(len(spoken) - length + 1) if spoken[at : at + length] == wanted]
    if not wanted or len(starts) != 1:
        return None
    return positions[starts[0]][1], positions[starts[0] + length - 1][1] + 1


def is_safe(
    text: str, first: int, last: int, is_english: bool, parse: Parse | None = None, told: str = ""
) -> bool:
    """Whether the words [first, last) mean the same alone as in the sentence.

    They must be a clause, cut out where clauses begin and end, and nothing that is left out may deny, doubt,
    limit or attribute it: nothing at all, or by the parse nothing on which the clause depends or that depends
    on it. What it begins without may also be `told` by the prose just before. In languages other than English
    only a whole sentence is safe.
    """
    words = _words(text)
    if not 0 <= first < last <= len(words):
        return False
    if (first, last) == (0, len(words)):
        return True
    if not is_english:
        return False
    before, kept, after = (" ".join(part) for part in (words[:first], words[first:last], words[last:]))
    is_question_cut = text.rstrip("\"'\u201d\u2019) ").endswith("?") and bool(after) and not _is_tag(after)
    if is_question_cut or len(_QUOTE_MARK.findall(before)) % 2:  # within somebody else's words
        return False
    is_own_opening = _is_own_opening(words, first)
    if not ((is_own_opening and last == len(words)) or _is_whole(kept, parse)):
        return False
    begins = is_own_opening or _is_own_question(text, before) or (first > 0 and _is_told(before, told))
    begins = begins or (not _may_change_meaning(before) and _clause_begins_at(words, first, before))
    ends = not _may_change_meaning(after) and _clause_ends_before(words, last)
    if parse and not (begins and ends) and not before.endswith(":"):
        (tree,) = Tree.parsed([text], parse)
        begins = begins or _stands_apart(tree, words, first, len(words))
        ends = ends or _stands_apart(tree, words, 0, last)
    return begins and ends


def _stands_apart(tree: Tree, words: Sequence[str], first: int, last: int) -> bool:
    """Whether words are whole clauses, and none of those that bear on them changes what they mean."""
    spans = word_spans(tree.readable)
    start, end = spans[first][0], spans[last - 1][1]
    kept = {i for i, token in enumerate(tree.tokens) if start <= token.start < end}
    tops = [i for i in kept if tree.tokens[i].head not in kept or tree.tokens[i].head == i]
    tops = [i for i in tops if tree.label(i) not in _NOT_IN_CLAUSE]
    joined = [i for i in range(len(tree.tokens)) if i not in kept and tree.tokens[i].head in kept]
    is_contrasted = first > 0 and _bare(words[first - 1]) == "but"
    has_mark = last == len(words) or bool(_MARK.search(words[last - 1]))
    if not (tops and has_mark and all(tree.label(i) in _CLAUSES and tree.has_subject(i) for i in tops)):
        return False
    if not all(_is_loose(tree, i, bool(_FIRM_MARK.search(words[last - 1]))) for i in joined):
        return False
    bearing = {k for i in joined for k in _below(tree, i)} | {
        k for i in tops for k in _above(tree, i, is_contrasted)
    }
    return not _may_change_meaning(tree.written(bearing - kept))


def _is_loose(tree: Tree, i: int, after_firm_mark: bool) -> bool:
    """Whether a token with all that depends on it may go without leaving its head incomplete."""
    label = tree.label(i)
    if label in {"conj", "ccomp"}:
        return tree.has_subject(i) and (label == "conj" or after_firm_mark)
    return label in _LOOSE


def _below(tree: Tree, i: int) -> Iterator[int]:
    """A token and all that depends on it."""
    todo = [i]
    while todo:
        yield (k := todo.pop())
        todo += tree.children[k]


def _above(tree: Tree, i: int, is_contrasted: bool) -> Iterator[int]:
    """What a clause depends on, but for a speaker's way to begin, and clauses beside it.

    What is contrasted with them ("…, but …") holds whatever they say.
    """
    while tree.tokens[i].head != i:
        head = tree.tokens[i].head
        governing = {head}
        for k in tree.children[head]:
            if k != i and not (tree.label(k) == "conj" and tree.has_subject(k)):
                governing.update(_below(tree, k))
        is_beside = tree.label(i) == "conj" and tree.has_subject(i) and _is_main(tree, head)
        if not (is_beside and is_contrasted) and not _is_own_saying(tree, governing):
            yield from governing
        i = head


def _is_main(tree: Tree, i: int) -> bool:
    """Whether a clause is a main one, or joined to such."""
    while tree.label(i) == "conj":
        i = tree.tokens[i].head
    return tree.tokens[i].head == i


def _is_own_saying(tree: Tree, tokens: Iterable[int]) -> bool:
    """Whether somebody only says that they say it: "What I want to get across is that …"."""
    tokens = list(tokens)
    subjects = {tree.lemma(i) for i in tokens if tree.label(i) in SUBJECTS and tree.tokens[i].pos == "PRON"}
    is_denied = any(tree.label(i) == "neg" or tree.lemma(i) in _DENYING for i in tokens)
    own = {tree.tokens[i].head for i in tokens if tree.lemma(i) == "my"}  # "my argument is …"
    points = {i for i in tokens if tree.label(i) in SUBJECTS and tree.lemma(i) in _OWN_POINTS}
    if points and points <= own and not subjects and not is_denied:
        return True
    return subjects == {"i"} and not is_denied and any(tree.lemma(i) in _SAYING for i in tokens)


def _words(text: str) -> list[str]:
    return [text[start:end] for start, end in word_spans(text)]


def _is_tag(after: str) -> bool:
    return bool(_TAG.fullmatch(f", {after}"))


def _bare(word: str) -> str:
    """A word in lower case without the punctuation around it."""
    return _EDGES.sub("", word).lower().replace("\u2019", "'")


def _count_throat_clearing(words: Sequence[str]) -> int:
    """How many words of throat-clearing a sentence opens with."""
    bare = [*map(_bare, words), ""]
    at = 0
    while at < len(words):
        has_mark = words[at].endswith((",", "."))
        is_comma_filler = has_mark and bare[at] in _COMMA_FILLERS
        if tuple(bare[at : at + 2]) in _FILLER_PAIRS and words[at + 1].endswith(","):
            at += 1
        elif bare[at] in _JOINING_WORDS:
            if not has_mark and bare[at + 1] in _AFTER_SO:
                break
        elif not (bare[at] in _FILLER_SOUNDS or is_comma_filler or (at and not bare[at])):
            break
        at += 1
    return at


def _is_own_opening(words: Sequence[str], first: int) -> bool:
    """Whether words only begin what somebody says in their own name: "But then I think"."""
    bare = [*map(_bare, words), "", ""]
    at = 0
    while at < first:
        said = next(
            (len(phrase) for phrase in _OWN_SAYING if tuple(bare[at : at + len(phrase)]) == phrase), 0
        )
        is_opener = bare[at] in _OPENERS and not (bare[at] == "so" and bare[at + 1] in _AFTER_SO)
        is_marked = bare[at] in _OPENERS_WITH_COMMA and (at > 0 or words[at].endswith(","))
        if not (said or is_opener or is_marked or bare[at] in _FILLER_SOUNDS):
            return False
        at += said or 1
    return at == first > 0


def _is_told(before: str, told: str) -> bool:
    """Whether prose that was found true to a sentence tells how it begins, with its doubts and denials."""
    words_in = content if content(before) else words_of  # "so we went on" has none
    words = {*words_in(before)}
    if not _MARK.search(before) or len(words & {*words_in(told)}) < MIN_TOLD_SHARE * len(words):
        return False
    needed = [(_DENIAL, _DENIAL), (_CONDITION, _HYPOTHESIS)]
    if any(found.search(before) and not wanted.search(told) for found, wanted in needed):
        return False
    return not _may_change_meaning(before) or _may_change_meaning(told)


def _is_own_question(text: str, before: str) -> bool:
    """Whether a speaker gives a question as the reason, which is then asked whatever it is a reason for."""
    is_reason = before.endswith((", because", ", 'cause", "\u2014because"))
    return is_reason and text.endswith("?") and not _ATTRIBUTION.search(before)


def _may_change_meaning(cut: str) -> bool:
    """Whether the meaning of a sentence may depend on words that are to be left out."""
    return bool(cut) and any(pattern.search(cut) for pattern in _MEANINGFUL)


def _is_whole(kept: str, parse: Parse | None) -> bool:
    """Whether the words that are kept say something by themselves."""
    tokens, spans = tokens_of(kept)
    if not tokens or tokens[0] in _NEVER_FIRST:
        return False
    if not (has_clause(tokens) or (parse and Tree.parsed([kept], parse)[0].has_clause)):
        return False
    if tokens[0] not in english.CONDITIONS:
        return True
    comma = kept.find(",")  # "if we ship, we learn" is whole, "if we ship" is not
    after_comma = [token for token, span in zip(tokens, spans, strict=True) if span[0] > comma]
    return comma > 0 and has_clause(after_comma)


def _clause_begins_at(words: Sequence[str], first: int, before: str) -> bool:
    """Whether a clause begins at `first`."""
    if first == 0 or _MARK.search(before) or _count_throat_clearing(words[:first]) == first:
        return True
    return _bare(words[first - 1]) in {"and", "so", "because"} and _bare(words[first]) in english.PRONOUNS


def _clause_ends_before(words: Sequence[str], last: int) -> bool:
    """Whether a clause ends before `last`, and no list continues there."""
    if last == len(words) or _FIRM_MARK.search(words[last - 1]):
        return True
    following = _bare(words[last])
    if _MARK.search(words[last - 1]):
        return following in english.CONJUNCTIONS | english.PRONOUNS | english.FILLERS | english.PREPOSITIONS
    if following in {"and", "so"}:
        return _bare((*words, "")[last + 1]) in english.PRONOUNS
    return following in {"because", "which"} or _is_tag(" ".join(words[last:]))
