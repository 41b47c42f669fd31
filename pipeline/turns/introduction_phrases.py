"""How people are introduced and addressed: one table of patterns per language."""

from __future__ import annotations

import re
from dataclasses import dataclass

Words = frozenset[str]


@dataclass(frozen=True)
class Phrases:
    """What a language says around a name. Patterns ignore case; where one of them ends, a name is read.

    `never_names`, `not_alone` and `homonyms` keep words that merely have a capital from being taken for
    names: words that occur in no name, words that are no name by themselves, and first names that are also
    ordinary words.
    """

    # Self-introduction: any of them; the one that needs no more support; the one that may point at a thing.
    before_own_name: re.Pattern[str]
    my_name_is: re.Pattern[str]
    this_is: re.Pattern[str]
    # What may come before a self-introduction, greetings, and what makes it a quotation or an example.
    lead_in: re.Pattern[str]
    greeting: re.Pattern[str]
    opening: re.Pattern[str]
    doubt: re.Pattern[str]
    scene: re.Pattern[str]
    # What must follow one's own name, what says who the person is or that they speak, and what rules it out.
    after_own_name: re.Pattern[str]
    occupation: re.Pattern[str]
    speaking: re.Pattern[str]
    reported: re.Pattern[str]
    # Before the names of the people present, between them, and what may bring in more of them.
    before_guests: re.Pattern[str]
    between_guests: re.Pattern[str]
    more_guests: re.Pattern[str]
    # Before a name that is called out, after it, elsewhere in the sentence, and what refers back to a thing.
    before_call: re.Pattern[str]
    asks: re.Pattern[str]
    offers: re.Pattern[str]
    second_person: re.Pattern[str]
    refers_back: re.Pattern[str]
    before_thanked: re.Pattern[str]
    before_welcomed: re.Pattern[str]
    welcome: re.Pattern[str]
    # How people answer who have just been introduced, and what precedes a thing but hardly ever a person.
    reply: re.Pattern[str]
    before_thing: re.Pattern[str]
    titles: re.Pattern[str]
    particles: Words
    stop_words: Words
    never_names: Words
    not_alone: Words
    homonyms: Words
    # Who stands for anybody in examples: the first where two of them are mentioned, the second always.
    placeholders: Words
    generic_names: Words


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def _words(text: str) -> Words:
    return frozenset(text.split())


_GREETING = (
    r"hi|hiya|hey|hello|howdy|welcome(?: back)?|good (?:morning|afternoon|evening|day)|g'day|greetings"
)
_FILLER = (
    rf"{_GREETING}|there|everyone|everybody|all|guys|folks|friends|again|yeah|yes|yep|sure|so|and|okay|ok|well"
    r"|right|great|cool|awesome|perfect|excellent|thanks|thank you|um|uh|now|first|then|also|alright"
    r"|(?:quick )?introductions?|of course|absolutely|by the way|for those who don't know me|as always"
    r"|to everyone|to (?:you )?all|so much|very much|a bit about me|about me|my pleasure"
)

# A name ends before these, with a capital or without.
_STOPS = """
i i'm i've i'd i'll and but so the we you my he she it this that what how do could can would thanks thank
welcome hi hey hello or to in on if as well then now also today who which when where why is are was ok okay
yeah yes no sure maybe your their our his her with from at of for they there here let's let any anything
tell go did have
"""
# Offices, occupations, shows, things and terms that speech recognisers tend to capitalise.
_NEVER_NAMES = """
ceo cto cfo coo cmo cpo vp svp evp phd md mba hr pr qa ux pm mc vice president director manager senior
junior chief head lead staff principal engineer developer founder cofounder co-founder host co-host cohost
partner professor doctor dr chairman executive officer product marketing operations sales team member guest
captain secretary minister general software type generation gen bitcoin ethereum solana base lightning
crypto web3 blockchain defi nft nfts dao ai ml llm gpt chatgpt siri cortana google apple amazon microsoft
facebook meta twitter openai anthropic github python javascript rust linux windows android iphone java news
radio podcast show network tv media internet optech core labs foundation university college school institute
company inc corp group club stack exchange newsletter recap spaces someone everyone everybody anybody nobody
person folks guys everything something nothing batman superman spiderman spartacus groot satoshi nakamoto
legion mud bip bips lnd cln utxo psbt segwit taproot chair chairwoman chairperson speaker moderator senator
madam sir ma'am judge coach mom dad mum buddy bro dude boss doc gentlemen ladies friend friends ambassador
commissioner councillor mayor governor congressman congresswoman deputy lord lady counsel lieutenant
sergeant detective colonel prime honor honour reverend father mother sister brother listeners viewers
everybody's bitcoiners
"""
# Peoples, faiths, places, times, and other words that now and then have a capital.
_NOT_ALONE = """
american mexican canadian british english irish scottish welsh french german italian spanish portuguese
dutch belgian swiss austrian polish russian ukrainian czech slovak hungarian romanian bulgarian greek
turkish israeli jewish muslim christian catholic protestant hindu buddhist atheist chinese japanese korean
taiwanese vietnamese thai filipino indonesian malaysian indian pakistani bangladeshi persian iranian iraqi
arab arabic egyptian moroccan nigerian kenyan ghanaian ethiopian african asian european latin latino latina
hispanic brazilian argentinian argentine chilean colombian venezuelan peruvian cuban australian swedish
norwegian danish finnish icelandic serbian croatian texan californian republican democrat democratic liberal
conservative libertarian black white asian-american new york london paris berlin texas california america
europe africa asia north south east west northern southern eastern western san los francisco silicon valley
monday tuesday wednesday thursday friday saturday sunday january february march july august september
october november december christmas easter bullish bearish excited happy sorry glad sure done good great
fine ready back curious afraid aware going not just very really all one two three four part alexa jesus
santa god king queen mod team z x a cheers bye bye-bye otherwise exactly correct true congrats
congratulations perfect nice wow totally agreed indeed anyway hopefully definitely oops pardon huh hmm
mm-hmm mm-mm uh-huh mm yup ooh ah oh nope gosh jeez whoa yay amazing interesting fascinating absolutely
beautiful brilliant fantastic wonderful
"""
_HOMONYMS = """
will mark bill rob grant art frank grace hope joy rich pat jack drew max ray sue josh chase dean guy gene
nick rose sky may june april dawn faith summer amber ruby crystal pearl iris lily violet daisy jasmine
ginger olive sandy rusty dusty miles wade cliff harry chip buck bud lance pierce reed victor carol eve bob
don ken tom tony mike charlie roger penny jay pete matt jimmy jerry sunny
"""

ENGLISH = Phrases(
    my_name_is=_any_of(r"\bmy (?:full )?name(?: is|'s) "),
    before_own_name=_any_of(
        r"\bmy (?:full )?name(?: is|'s) ", r"\bI(?:'m| am) (?:your (?:co-?)?host,? )?", r"\bthis is "
    ),
    this_is=_any_of(r"\bthis is "),
    lead_in=re.compile(rf"(?:(?:{_FILLER})\b[\s,.!;:\u2013\u2014-]*)*", re.IGNORECASE),
    greeting=_any_of(rf"\b(?:{_GREETING})\b", r"\bintroductions?\b", r"\bfor (?:having|inviting) me\b"),
    opening=_any_of(rf"(?:{_GREETING}|thanks|thank you)\b"),
    doubt=_any_of(
        r"\b(?:if|when|whenever|unless|suppose|say|says|said|saying|imagine|pretend|like|goes|went|told|tells"
        r"|asked|asks|think|thinks|thought|called|calling|he|she|they|him|her|them|not|never|no|because|that"
        r"|where|while|until|wrote|writes|write|heard|hear|example|instance|let's|assume|maybe|as|play|playing"
        r"|who|whose|joke|wish|was|were|letter|email|sign|ad|song|movie|quote)\b",
        r"[\"\u201c\u201d\u2018*]",
    ),
    after_own_name=_any_of(
        r"\s*[.!]*$",
        r"\s*[,.;:!\u2013\u2014]",
        r" -",
        r" (?:and|from|at|with|of|here|the|a|an|your|also|currently|speaking|I)\b",
    ),
    occupation=_any_of(
        r",?\s*(?:and |so )?(?:also )?I "
        r"(?:also |currently |mostly |just |still |try to |have been |am |used to )*"
        r"(?:work|working|do|doing|run|lead|host|co-?host|build|building|write|teach|help|study|research|manage"
        r"|contribute|maintain|live|started|founded|cofounded|co-founded|created|design|represent|serve|go by"
        r"|the|a|an|your|one)\b",
        r"[.,]?\s*(?:and |so )?(?:also )?I'm (?:also |currently |just |still |really )*"
        r"(?:a|an|the|one|with|at|from|your|CEO|CTO|co|head|working|based|here|joined)\b",
        r"[.,]?\s*(?:and |so )?I've been\b",
        r",?\s*(?:a|an|the|your|one of|from|at|with|of|here|speaking)\b",
        r",\s*(?!(?:and|but|so|or|I|not|we|you|it|they|he|she|if|because)\b)(?:\w+[ -]){1,4}(?:at|of|for)\b",
        r",\s*(?:[\w-]+ ){0,3}(?:(?:co-?)?(?:founder|host|author|lead)|contributor|researcher|developer"
        r"|engineer|CEO|CTO|director|professor|maintainer|manager|partner|head|editor|writer|journalist|student|president)\b",
    ),
    speaking=_any_of(
        r",? (?:and )?I(?:'m (?:a|an|the|with|at|from)| work| run| lead)\b", r" (?:speaking|here)\b[,.!]?"
    ),
    reported=_any_of(
        r"[,.!?']*\s*(?:\w+ (?:said|says|goes|went)|said|says)\b",
        r"\s*[?*]",
        r",? (?:my|our|who|whose|which|right\?)\b",
        r",? and (?:this|that|here) is",
    ),
    scene=_any_of(
        r"\b(?:said|says|saying|goes|like|asked|told \w+|called|writes|wrote)[\s,:.]*$",
        r"\b(?:imagine|pretend|suppose|let's say|say you|for example|scenario|picture this|role-?play|as if"
        r"|quote|voicemail|letter|email|scene|character|prompt)\b",
    ),
    before_guests=_any_of(
        r"\bjoined (?:here |again |once again )?(?:today |this week |tonight |this morning |now )?by "
        r"(?:(?:our |my |two |three |four |five |special |returning )*guests?,? "
        r"|(?:our |my )?co-?hosts?,? )?",
        r"\bwith (?:me|us) (?:here )?(?:today |tonight |this week |on the (?:show|podcast|stage|line) )?"
        r"(?:today )?(?:is|are|we have|I have) ",
        r"\b(?:my|our) (?:(?:first|next|second|special|other) )?(?:guests?|panell?ists?|speakers?)"
        r"(?: today| tonight| this week| for today)? (?:is|are) ",
        r"\bplease (?:join me in )?(?:welcome|welcoming) ",
        r"\b(?:I'm|I am|we're|we are) (?:here |sitting down |speaking |talking )"
        r"(?:today |here )?with ",
    ),
    between_guests=_any_of(r", and ", r", ", r" and "),
    more_guests=_any_of(r"\band\b", r"\balso\b", r"\bplus\b", r"\bas well as\b", r", (?-i:[A-Z])"),
    before_call=re.compile(
        rf"(?:(?:{_FILLER}|next|maybe|finally|oh|but|how about|what about|all right|over to|let's go to"
        r"|let's start with|go ahead|interesting|got it|I see|I think|hmm|yup)\b[\s,.!\u2013\u2014-]*)*",
        re.IGNORECASE,
    ),
    asks=_any_of(
        r",? (?:do|did|would|could|can|will|what|what's|how|why|where|when|are|were|have|is|any"
        r"|anything|maybe|tell|go|I'd|I know|you|you're|you've|your|please|it might|over|take|want|feel|jump"
        r"|if you|since you|welcome|thoughts|as you|perhaps|care to|I'm curious)\b"
    ),
    offers=_any_of(
        r"\b(?:go ahead|take it away|over to you|tell us|walk us|any (?:thoughts|comments|opinions?)"
        r"|any questions"
        r"|anything (?:to|you|else)|introduce yourself|you want to|do you|would you|could you|can you|are you"
        r"|have you|did you|what's your|your thoughts|feel free|welcome"
        r"|(?:thanks|thank you) for (?:joining|being|coming|holding)|the floor is yours|you're up)\b"
    ),
    second_person=_any_of(
        r"\byou(?:r|rself|'re|'ve)?\b",
        r"\bgo ahead\b",
        r"\btake it away\b",
        r"\bany thoughts\b",
        r"\bwelcome\b",
    ),
    refers_back=_any_of(r"\b(?:it|its|them|they|there)\b"),
    before_thanked=_any_of(
        r"\b(?:thanks|thank you)(?: so much| very much| again| a lot)?"
        r"(?: for (?!joining|coming|being|having|jumping)[^,.?!]*,|,)? "
    ),
    welcome=_any_of(r"\bwelcome\b", r"\bfor joining\b"),
    before_welcomed=_any_of(
        r"(?<!to )\bwelcome(?: back)?(?: to the (?:show|podcast|program|stage))?,? ",
        r"\b(?:thanks|thank you) (?:so much |very much )?for (?:joining|coming|being|jumping)[^,.?!]*, ",
    ),
    reply=_any_of(
        r"(?:(?:yeah|sure|yes|yep|so|okay|well|absolutely|of course|no problem)\b[\s,.!]*)*"
        rf"(?:{_GREETING})\b",
        r".{0,40}\bthank(?:s| you)[^.?!]{0,20} for (?:having|inviting)\b",
        r".{0,60}\b(?:happy|glad|great|good|nice|pleasure|excited|honou?red|thrilled|delighted)"
        r" to be (?:here|back|on)\b",
    ),
    before_thing=_any_of(
        r"\b(?:the|a|an|on|in|into|inside|using|via|onto|every|any|each|this|our|your|their|its|most) $"
    ),
    titles=_any_of(r"(?:(?:Dr|Prof|Mr|Ms|Mrs)\.?|Doctor|Professor) "),
    particles=_words("van von der den de del della di da dos la le bin ibn al el ter ten zu y"),
    stop_words=_words(_STOPS),
    never_names=_words(_NEVER_NAMES),
    not_alone=_words(_NOT_ALONE),
    placeholders=_words("alice bob carol charlie dave eve mallory trent peggy victor trudy oscar"),
    generic_names=frozenset(
        ("john doe", "jane doe", "john smith", "jane smith", "joe bloggs", "joe blow", "john q")
    ),
    homonyms=_words(_HOMONYMS),
)

PHRASES = {"en": ENGLISH}
