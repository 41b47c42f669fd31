"""What a section's prompt shows of a talk: what it cites, what is around, and what explains its terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.language.sentences import SpokenSentence, is_content, singular
from pipeline.takeaways.llm.material import Material, line_tokens

EXPLAINING_SHARE = 0.1  # of the room, at most, for sentences that explain terms
MAX_TERMS = 8
RARE_SHARE = 0.02  # of the talk's sentences; a word in more of them is no term
MIN_CITED = 2  # sentences with a rare word, for it to be a term of the section
CAPITAL_NOUNS = frozenset({"de", "lb", "nds"})  # languages in which a capital tells nothing


def shown_sentences(material: Material, cited: Sequence[int], room: int) -> list[int]:
    """Cited sentences, those that explain their terms, and others around, within `room` tokens; in order."""
    explaining = explanations(material, cited, round(room * EXPLAINING_SHARE))
    size = sum(line_tokens(material.sentences[i]) for i in explaining)
    return sorted({*material.around(cited, room - size), *explaining})


def explanations(material: Material, cited: Sequence[int], room: int) -> list[int]:
    """Where the terms of cited sentences come up first, if that is earlier, with what goes on from there.

    As many as fit into `room` tokens, the foremost terms first.
    """
    document, explaining = material.document, dict[int, None]()
    for term in terms(document, cited)[:MAX_TERMS]:
        mentions = [i for i, said in enumerate(document.said) if term in said.terms]
        first = next((i for i in mentions if not document.said[i].is_junk), mentions[0])
        if first >= min(i for i in cited if term in document.said[i].terms):
            continue
        passage = [i for i in _passage(document, first) if i not in explaining]
        room -= sum(line_tokens(material.sentences[i]) for i in passage)
        if room < 0:
            break
        explaining.update(dict.fromkeys(passage))
    return sorted({*explaining} - {*cited})


def _passage(document: Document, first: int) -> Iterator[int]:
    """A sentence, and the next one of the same turn; after a question the answer's first two."""
    said = document.said[first : first + 3]
    yield first
    for i, spoken in enumerate(said[1:], first + 1):
        if said[0].is_question or (i == first + 1 and spoken.turn == said[0].turn):
            yield i


def terms(document: Document, cited: Sequence[int]) -> list[str]:
    """What cited sentences name, then words that are rare in the talk and not in these; most cited first."""
    said = [document.said[i] for i in cited]
    in_cited = Counter(term for spoken in said for term in {*spoken.terms})
    in_talk = Counter(term for spoken in document.said for term in {*spoken.terms})
    named = {term for spoken in said for term in _named(spoken, document)} - _people(document)
    most = RARE_SHARE * len(document.said)
    rare = {term for term, n in in_cited.items() if n >= MIN_CITED and in_talk[term] <= most}
    return sorted(named | rare, key=lambda term: (term not in named, -in_cited[term], in_talk[term], term))


def _named(spoken: SpokenSentence, document: Document) -> Iterator[str]:
    """Content words with a capital that does not come from their place, or with figures in them."""
    text, has_capital_nouns = spoken.sentence.text, document.turns.language in CAPITAL_NOUNS
    for at, (token, (start, end)) in enumerate(zip(spoken.tokens, spoken.spans, strict=True)):
        word = text[start:end]
        is_name = word[:1].isupper() and at > 0 and not has_capital_nouns
        is_mixed = any(c.isupper() for c in word[1:]) or (not word.isalpha() and word[:1].isalpha()
                                                          and any(c.isdigit() for c in word))  # fmt: skip
        if (is_name or is_mixed) and is_content(token, document.language):
            yield singular(token)


def _people(document: Document) -> set[str]:
    """The words of the speakers' names."""
    names = (name for person in document.turns.speakers for name in (person.name, person.label) if name)
    return {singular(word) for name in names for word in name.lower().split()}
