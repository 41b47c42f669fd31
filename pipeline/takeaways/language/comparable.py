"""Text normalised for comparison: words, stems, content words, and what is in quotation marks."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from pipeline.takeaways.language import english as w

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)*|[$\u20ac\u00a3%]")
SPEAKER = re.compile(r"\{(S\d+)\}")
OPENING_MARKS = '"\u201c\u201e\u00ab\u2039\u300c'
CLOSING_MARKS = '"\u201d\u201c\u00bb\u203a\u300d'
QUOTED = re.compile(
    r"\"([^\"]+)\"|\u201c([^\u201d\"]+)[\u201d\"]|\u201e([^\u201c\u201d]+)[\u201c\u201d]|"
    r"\u00ab([^\u00bb]+)\u00bb"
    r"|\u2039([^\u203a]+)\u203a|\u300c([^\u300d]+)\u300d"
    r"|(?<![^\W_])['\u2018\u2019](?=\S)((?:[^'\u2018\u2019]|"
    r"['\u2019](?=[^\W_]))+?)(?<=[^\s])['\u2019](?![^\W_])"
)
_SUFFIXES = [
    "ization",
    "isation",
    "ational",
    "fulness",
    "ousness",
    "iveness",
    "ations",
    "ation",
    "ments",
    "ement",
    "ness",
    "ment",
    "able",
    "ible",
    "ally",
    "ingly",
    "edly",
    "ings",
    "ions",
    "ion",
    "ings",
    "ing",
    "ers",
    "ors",
    "ies",
    "ied",
    "ity",
    "ive",
    "ed",
    "er",
    "or",
    "es",
    "ly",
    "al",
    "s",
    "y",
    "e",
]
_MIN_STEM_LETTERS = 3  # that are left when a suffix is removed; one more after a suffix of four or more


def any_of(*patterns: str) -> re.Pattern[str]:
    """Matches one of the patterns at word boundaries, ignoring case."""
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.I)


def plain(text: str) -> str:
    """NFC-normalised, with straight apostrophes; otherwise unchanged."""
    return unicodedata.normalize("NFC", text).replace("\u2019", "'").replace("\u2018", "'")


def words_of(text: str) -> list[str]:
    """The words of a text in lower case; hyphens separate words."""
    return [match[0].lower() for match in WORD.finditer(plain(text))]


@cache
def stem(word: str) -> str:
    """One form for "protect", "protects", "protecting", "protection": suffixes removed, no dictionary."""
    word = IRREGULAR.get(word.removesuffix("'s"), word.removesuffix("'s"))
    for _ in range(2):
        for suffix in _SUFFIXES:
            min_letters = _MIN_STEM_LETTERS if len(suffix) < 4 else _MIN_STEM_LETTERS + 1
            if word.endswith(suffix) and len(word) - len(suffix) >= min_letters and not word.endswith("ss"):
                word = word[: -len(suffix)]
                break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    return word[:-1] + "i" if len(word) > 3 and word[-1] == "y" else word


# Irregular forms, which no suffix rule explains.
IRREGULAR = {
    form: base
    for base, forms in {
        "become": "became",
        "begin": "began begun",
        "break": "broke broken",
        "bring": "brought",
        "build": "built",
        "buy": "bought",
        "come": "came",
        "choose": "chose chosen choice choices",
        "deal": "dealt",
        "fall": "fell fallen",
        "feel": "felt",
        "fight": "fought",
        "find": "found",
        "forget": "forgot forgotten",
        "go": "went gone",
        "grow": "grew grown growth",
        "hide": "hid hidden",
        "hold": "held",
        "keep": "kept",
        "know": "knew known knowledge",
        "lead": "led",
        "leave": "left",
        "lose": "lost loss losses",
        "make": "made",
        "mean": "meant",
        "pay": "paid",
        "prove": "proof proofs proven",
        "run": "ran",
        "see": "saw seen",
        "sell": "sold sale",
        "send": "sent",
        "speak": "spoke spoken",
        "spend": "spent",
        "steal": "stole stolen theft",
        "take": "took taken",
        "teach": "taught",
        "tell": "told",
        "think": "thought",
        "write": "wrote written",
        "analyse": "analysis analyze",
        "argue": "argument arguments",
        "safe": "safety",
        "simple": "simply simplicity",
        "decide": "decision decisions",
    }.items()
    for form in forms.split()
}

REPORTING = w.listed(  # forms of reporting verbs
    """say says said argue argues argued explain explains explained describe describes described note notes
    noted point points pointed add adds added suggest suggests suggested think thinks thought believe
    believes believed ask asks asked answer answers answered reply replies replied recall recalls recalled
    recount recounts tell tells told talk talks see sees saw find finds found feel feels felt call calls
    called compare compares warn warns warned stress stresses stressed emphasize emphasizes acknowledge
    acknowledges acknowledged concede concedes conceded conclude concludes concluded wonder wonders wondered
    agree agrees agreed disagree disagrees disagreed admit admits admitted observe observes observed reckon
    reckons clarify clarifies clarified imagine imagines expect expects hope hopes mention mentions mentioned
    insist insists maintain maintains report reports state states suspect suspects remark remarks respond
    responds quip quips joke jokes confess confesses reflect reflects outline outlines highlight highlights
    share shares remember remembers remind reminds offer offers cite cites quote quotes attribute attributes
    caution cautions push pushes counter counters predict predicts estimate estimates"""
)
LIGHT = REPORTING | w.listed(  # words common in prose about talk, which say nothing about its subject
    """speaker speakers guest guests host hosts discussion conversation episode view idea thing things way
    ways people someone one ones two make makes made get gets got take takes use uses used using go goes
    going come comes want wants need needs mean means put puts let lets give gives kind sort lot bit really
    actually just even still also much many more most less least very quite would could should might may
    must can will cannot matters like according because both first second rather instead while though
    whether yet simply merely only"""
)
_NOT_CONTENT = w.FUNCTION | LIGHT


def is_content(word: str) -> bool:
    """Whether an English word says something about the subject."""
    if word in _NOT_CONTENT or ("'" in word and word.split("'")[0] in _NOT_CONTENT):
        return False
    return len(word) > 2 or word.isdigit()


def content(text: str) -> list[str]:
    """The stems of a text's content words, in order."""
    return [stem(word) for word in words_of(SPEAKER.sub(" ", text)) if is_content(word)]


def letter_bigrams(text: str) -> list[str]:
    """Each word's letter bigrams, for languages that this package does not know."""
    return [word[at : at + 2] for word in words_of(SPEAKER.sub(" ", text)) for at in range(len(word) - 1)]


def unquoted(text: str) -> str:
    """The text with quoted passages and their quotation marks blanked out; offsets stay the same."""
    return QUOTED.sub(lambda match: " " * len(match[0]), text)
