"""Spoken English: classes of words, and patterns that several modules look for."""

from __future__ import annotations

import re

from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)

ARTICLES = LISTS.word_set("articles")
AUXILIARIES = LISTS.word_set("auxiliaries")
PREPOSITIONS = LISTS.word_set("prepositions")
CONJUNCTIONS = LISTS.word_set("conjunctions")
PRONOUNS = LISTS.word_set("pronouns")
DETERMINERS = LISTS.word_set("determiners")
ADVERBS = LISTS.word_set("adverbs")
FILLERS = LISTS.word_set("fillers")
FUNCTION = ARTICLES | AUXILIARIES | PREPOSITIONS | CONJUNCTIONS | PRONOUNS | DETERMINERS | ADVERBS | FILLERS
COMMON = LISTS.word_set("common")
OPENERS = LISTS.word_set("openers")
DANGLING = LISTS.word_set("dangling")
DEMONSTRATIVES = frozenset({"this", "that", "these", "those", "such"})
CONDITIONS = frozenset({"once", "if", "when"})
VERBS = LISTS.word_set("verbs")
IRREGULAR_VERB_FORMS = LISTS.word_set("irregular_verb_forms")

NARRATION = re.compile(rf"\b{LISTS.any_of('narration')}\b|#\d+", re.IGNORECASE)
DUTY = LISTS.words("duty")
VALUE = LISTS.words("value")

# DOUBT before a clause means that the sentence does not assert it; RESERVATION after it limits it.
DOUBT = re.compile(rf"\b{LISTS.any_of('doubt')}\b|n['\u2019]t\b", re.IGNORECASE)
RESERVATION = re.compile(rf"^\W*{LISTS.any_of('reservations')}\b", re.IGNORECASE)

# How a speaker falters: a word said twice, a break, a letter on its own ("really b crummy").
STUTTER = re.compile(r"\b(\w+)[,\s]+(?:--? ?)?\1\b(?! that)|--|\u2014|\u2026|\.\.\.|\[", re.IGNORECASE)
FRAGMENT = re.compile(r"(?<![\w'\u2019-])[b-hj-z](?![\w'\u2019-])|^[B-HJ-Z] [a-z]")
