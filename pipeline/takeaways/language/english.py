"""Word lists for spoken English. Data only, for this package, the extractive writer and verification.

Patterns of several words are in patterns.py.
"""

from __future__ import annotations


def listed(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


ARTICLES = listed("a an the")
AUXILIARIES = listed(
    """am is are was were be been being do does did has have had having can could may might must shall
    should will would ain't isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't can't
    cannot couldn't mustn't shouldn't won't wouldn't 's 're 've 'll 'd 'm gonna gotta wanna"""
)
PREPOSITIONS = listed(
    """about above across after against along among around as at before behind below beneath beside
    between beyond by despite down during except for from in inside into like near of off on onto out
    outside over past per since through throughout till to toward towards under until unlike up upon via
    with within without than"""
)
CONJUNCTIONS = listed(
    """and or but nor so yet because if although though unless whereas while whether that which who whom
    whose when where why how what"""
)
PRONOUNS = listed(
    """i me my mine myself you your yours yourself yourselves he him his himself she her hers herself it
    its itself we us our ours ourselves they them their theirs themselves this that these those one ones
    someone somebody something anyone anybody anything everyone everybody everything nobody nothing there
    here i'm i've i'd i'll you're you've you'd you'll he's he'd he'll she's she'd she'll it's it'd it'll
    we're we've we'd we'll they're they've they'd they'll that's that'd that'll there's there're there'd
    here's who's what's where's how's let's this's"""
)
DETERMINERS = listed(
    """all any both each either every few less least many more most much neither no none not other another
    others own same several some such too very enough little lot lots bit couple"""
)
ADVERBS = listed(
    """again ago almost already also always anyway actually basically certainly clearly currently
    definitely else especially essentially eventually ever exactly fairly finally first generally here
    hopefully however just kind sort later literally maybe mostly never now obviously often ok okay once
    only perhaps pretty probably quite rather really recently right second simply slightly somehow
    sometimes somewhat soon still specifically then there therefore thus together today totally tomorrow
    ultimately usually well yesterday yet anymore apparently potentially presumably typically particularly"""
)
FILLERS = listed(
    """uh um erm er ah oh hm hmm mm mhm mm-hmm uh-huh yeah yep yes yup nope no okay ok right well so like
    alright sure wow hey huh 'kay cool great nice"""
)
# Verbs and nouns so common in conversation that they say nothing about its subject.
COMMON = listed(
    """get gets got getting gotten go goes going gone went come comes coming came say says said saying see
    sees saw seen seeing think thinks thought thinking know knows knew known knowing want wants wanted
    make makes made making take takes took taken taking give gives gave given look looks looked looking
    use uses used using put puts let lets mean means meant tell told talk talks talked talking guess feel
    feels felt try tries tried trying need needs needed happen happens happened keep keeps start started
    starting call called ask asked work works working thing things stuff way ways people person guys folks
    everybody time times day days week weeks year years point points question questions answer part parts
    kind kinds sort sorts case cases example examples idea good great nice big small new old different
    better best bad able interesting important sure able done doing topic topics episode podcast
    newsletter item items conversation discussion maybe two three four five six seven eight nine ten one
    zero first last next side place fact reason end set sense basically something else mention mentioned
    discuss discussed wondering curious wonder lot interested yeah don doesn didn isn ve ll re"""
)
FUNCTION = ARTICLES | AUXILIARIES | PREPOSITIONS | CONJUNCTIONS | PRONOUNS | DETERMINERS | ADVERBS | FILLERS

# A reader who comes across one of these without context asks "who?" or "what?".
DANGLING = listed(
    """it its it's it'd it'll he him his he's he'd he'll she her hers she's she'd she'll they them their
    theirs they're they've they'd they'll this that that's that'd that'll these those which who whose"""
)
DEMONSTRATIVES = listed("this that these those such")
# Said before the sentence proper begins; a heading drops them, and a quote is better without them.
OPENERS = listed(
    """so and but or yeah yes yep no okay ok well right now like um uh oh ah mm mhm hmm sure alright then
    also actually basically obviously anyway again exactly absolutely definitely cool
    great because honestly look listen see totally hey 'cause cause plus"""
)

# Common verbs; their forms are derived in sentences.py.
VERBS = listed(
    """accept achieve add agree allow announce apply argue ask assume avoid become begin believe belong
    break bring build buy call carry cause change charge check choose claim close collect come commit
    compare compete consider construct contain continue control convince cost create cut deal decide
    defend define delay deliver depend deploy describe deserve design destroy determine develop die differ
    disappear discover enable encourage end enforce enjoy ensure exist expect explain explode fail fall
    feel fight figure find fit fix follow force forget get give go grow guarantee happen hate have help
    hide hire hold hope hurt ignore imagine implement improve include increase invest involve join keep
    kill know lack launch lead learn leave let lie limit live lock lose love maintain make manage matter
    mean measure merge miss motivate move need notice offer open operate own pay perform pick play prefer
    prevent produce propose protect prove provide publish push put raise reach read realise realize
    receive recommend reduce reject rely remain remember remove replace represent require resolve respond
    reveal run save scale see seem sell send serve set share ship show sign slow solve sound speak spend
    split stand start stay steal stick stop store struggle succeed suffer suggest support survive switch
    take talk teach tell tend test think throw treat trust try turn understand update use verify want wait
    waste win wish work worry write"""
)
IRREGULAR = listed(
    """became began broke brought built bought came chose cut dealt died fell felt fought found forgot
    gave went grew happened hid held kept knew led learnt left lost made meant met paid proved put ran
    read rose said saw sold sent set showed shown spoke spent stood stole stuck stopped took taught told
    thought threw tried understood won wrote written gets goes does has says"""
)

# Where clauses begin and end (headings.py).
SPLITTERS = listed("because but so which whereas although though")  # a clause may end before these
LEADERS = listed("because so but")  # and begin after these, after which the sentence still asserts it
SAYING = listed(  # or after "that", if one of these comes before it
    """think thinks thought say says said saying mean means meant know knows show shows believe believes argue
    argues feel feels found find see realize realized realise guarantee ensure ensures is was true clear fact
    important sure hope assume notice noticed agree agreed remember understand obvious idea view reason"""
)
ASKERS = listed("how why what where")  # or with these, whatever their verb
CONDITIONS = listed("once if when")  # or with these, if the consequence follows
CLOSERS = listed("it them you us me there up out back down together away again forever")  # fit to end with
ABBREVIATIONS = listed("mr mrs ms dr st vs etc no prof inc")
ORDINALS = listed("one another first second third fourth last next other new final only")
COMPARATIVES = listed("more less sooner better longer bigger faster")
SELF = listed("i i'm i've i'd my me he she")
COLOURLESS = listed("we we're we've our there there's someone people")  # subjects that say little
