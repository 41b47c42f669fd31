"""Patterns of spoken English: junk, narration, claims, cues. Data only; sentences.py and others use them."""

from __future__ import annotations

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.IGNORECASE)


# Throat-clearing before a clause. Matched at its beginning.
OPENING = _any(
    r"i mean\b,?",
    r"you know\b,?",
    r"i (?:just |really |also |still |do |definitely |certainly )*(?:think|guess|believe|feel|suppose|"
    r"assume|hope|"
    r"would (?:say|argue|think))\b(?: like\b)?(?: that\b)?,?",
    r"i'd (?:say|argue)\b(?: that\b)?,?",
    r"(?:my|the) (?:understanding|take|guess|feeling|sense|view|hope|idea|thought|point) (?:here |there )?"
    r"(?:is|was|would be)\b(?: that\b)?,?",
    r"it (?:seems|sounds|looks|feels|appears)\b(?: to me\b)?(?: like\b| that\b)?,?",
    r"(?:as i|like (?:i|you|we)) said\b,?",
    r"in (?:my opinion|general|the end|fact|other words|theory|practice|principle)\b,?",
    r"of course\b,?",
    r"for (?:example|instance|me|us)\b,?",
    r"at the end of the day\b,?",
    r"(?:kind|sort) of\b",
    r"the (?:thing|fact|truth|reality|point|problem) is\b(?: that\b)?,?",
    r"what (?:i|we) (?:mean|meant|think|thought|found|saw|see) is\b(?: that\b)?,?",
    r"(?:to be )?(?:honest|fair|clear)\b,?",
    r"i'm (?:sure|thinking|guessing|saying|glad|afraid|hoping)\b(?: that\b)?,?",
    r"(?:and |so )?that means\b(?: that\b)?,?",
)

# Words with which people argue rather than narrate: reasons, duties, values.
REASON = _words(
    r"because|therefore|unless|instead of|rather than|so that|which means|that means|as long as|in order to",
    r"if you|when you|once you|even if|even though",
    r"the (?:problem|reason|point|trick|key|challenge|risk|danger|idea|goal|trade-?off|downside|upside|"
    r"benefit)",
    r"the (?:advantage|difference|question|issue|beauty|hard part|best part|worst part|big thing)",
)
DUTY = _words(
    r"should|shouldn't|must|mustn't|needs? to|has to|have to|can't|cannot|won't|never|always|only|every|"
    r"nobody"
)
VALUE = _words(
    r"important|matters?|essential|critical|crucial|impossible|dangerous|hard(?:er)?|easy|easier|better|"
    r"worse",
    r"cheap(?:er)?|faster|quicker|slow(?:er)?|safer?|simpler?|expensive|valuable|wrong|risky?|useful|"
    r"powerful",
    r"surprising|fundamental(?:ly)?|free|private|hope|trust|power|freedom|love|fear|fail(?:s|ure)?|win|"
    r"problem",
    r"challenge|solution|trade-?offs?|magic|unique|healthy|unhealthy|difficult|brittle|bad|good",
    r"(?:more|less|fewer) [\w-]+ than|most|best|worst|biggest|largest|main",
)

# Talk about the talk. Quoted only if there is nothing else, and never a heading.
NARRATION = _any(
    r"\b(?:newsletter|news item|podcast|episode|show notes|blog post|mailing list|pull request|PRs?|"
    r"slides?|agenda|"
    r"minutes|chapter|twitter space|livestream|recap|write-?up|(?:this|last) week's)\b",
    r"#\d+",
    r"\b(?:we|i) (?:also |actually |just )?(?:covered|noted|mentioned|talked about|discussed|linked|"
    r"touched on|"
    r"spoke about|had on|highlighted|wrote up|referenced)\b",
    r"\b(?:let me|let's|i'll|i will|we'll|i'm going to|we're going to|i'm gonna|we're gonna|"
    r"i want(?:ed)? to)\b",
    r"\b(?:thank you|thanks|sorry|congrats|congratulations|welcome)\b",
    r"\bi (?:don't|didn't|do not|haven't) (?:know|recall|remember|understand|have|get|see|think i|look|"
    r"follow|heard)\b",
    r"\bi'm not (?:sure|familiar|aware|totally|an expert|completely|entirely)\b",
    r"\bi think you\b|\byou (?:just )?(?:said|mentioned|asked|noted|brought up|touched on|alluded)\b",
    r"\b(?:as|like) \w+ (?:said|mentioned|noted|explained|described)\b",
    r"\bi (?:was|am) (?:hoping|wondering|curious)\b|\bi'm (?:curious|wondering|hoping)\b",
    r"\bgo (?:too |very |that |so )?deep\b|\bthe weeds\b",
    r"\bmaybe you can\b|\b(?:could|can) you\b|\bif (?:we|i) (?:can|could|may)\b",
    r"\byou(?:'ve| have)? (?:also )?(?:wrote|written|opened|posted|published|put out|gave)\b",
    r"\byour (?:post|paper|proposal|article|book|talk|slides?|question)\b",
    r"\b(?:titled|entitled|posted|commented that|noted that|notes that)\b",
    r"\b(?:next|first|second|third|last|another|final) (?:question|item|news|topic|section|release|thing)\b",
    r"\b(?:good|great|interesting) (?:question|point|summary|explanation|overview|job|work)\b",
)

# Greetings, introductions, thanks and logistics: never quoted, never a theme.
JUNK = _any(
    r"\bwelcome (?:back|everyone|everybody|to|all|aboard)\b",
    r"\b(?:hi|hello|hey),? (?:everyone|everybody|all|folks|there|guys|i'm|my name)\b",
    r"^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening))\b",
    r"\bmy name(?:'s| is)\b",
    r"^\W*(?:hi,? |hello,? |hey,? |and |yeah,? |so |so,? )*i'm (?-i:[A-Z])\w+(?: (?-i:[A-Z])\w+)*"
    r"(?:,|\.| and i| from| at\b)",
    r"\bi (?:work|am working) (?:at|for|with) (?-i:[A-Z])",
    r"\bi(?:'m| am) (?:an? |the |currently )*(?:contributor|co-?host|host|director|founder|co-?founder|ceo|"
    r"cto|"
    r"engineer|developer|researcher|professor|author|maintainer|moderator)\b",
    r"\bintroduce (?:yourself|yourselves|themselves|myself|our)\b|\bquick intro(?:duction)?s?\b|"
    r"\bintroductions\b",
    r"\b(?:thank you|thanks)\b.{0,30}\b(?:joining|coming|having (?:me|us)|listening|watching|tuning|"
    r"hopping|hanging|"
    r"being here|your time|for the|everyone|everybody|all|so much|guys)\b",
    r"^\W*(?:[\w-]+,? ){0,3}(?:thank you|thanks)\b.{0,40}$",
    r"\b(?:see|hear|talk to|catch) (?:you|ya|y'all)(?: all| guys| and hear you)? (?:next|later|soon|then|"
    r"in)\b",
    r"\b(?:good ?bye|bye(?:-bye)?|cheers|take care)\b",
    r"\bhave a (?:good|great|nice|lovely|wonderful) (?:one|day|week|evening|weekend|time)\b",
    r"\b(?:happy|glad|great|good|nice|pleasure|honou?r|excited|pleased) (?:to (?:be (?:here|back|on)|"
    r"have you|meet you|"
    r"see you|join)|having you)\b",
    r"\bappreciate (?:you|your (?:time|coming|joining|being))\b|\bi appreciate (?:it|that)\b",
    r"\bhow are you\b|\bhow's it going\b|^\W*(?:i'm |we're )?doing (?:great|well|good|fine)\b",
    r"\b(?:can|could) (?:you|everyone|everybody|people) (?:all )?(?:hear|see) (?:me|us|my|the screen|that)\b",
    r"\b(?:you're|you are|i'm|i was|am i) (?:still )?(?:on mute|muted|breaking up|frozen|cutting out)\b",
    r"\bunmute\b|\bmic(?:rophone)? (?:is|isn't|check|works?)\b|\bshare (?:my|your) screen\b|"
    r"\braise your hand\b",
    r"\bspeaker (?:access|requests?)\b|\brequest (?:to speak|speaker)\b|\b(?:put|drop|type|"
    r"post) (?:\w+ ){0,3}in the chat\b",
    r"\bhop off\b|\bstick around\b|\bhang (?:on|out)\b|\bfree to (?:go|drop|leave|stay)\b|\bbusy day\b",
    r"\b(?:next|this|last) (?:week|month|time)'s? (?:episode|show|recap|podcast|newsletter|meeting|call)\b",
    r"\bour (?:usual|regular|weekly|monthly) (?:segments?|sections?|releases?|format)\b|\b(?:monthly|"
    r"weekly) segment\b",
    r"\b(?:before|until) we (?:start|begin|get started|dive|jump|wrap|go)\b|\bwrap(?:ping)? (?:it |this |"
    r"things )?up\b",
    r"\bthat's (?:all|it) (?:for|from)\b|\bwe're out of time\b|\btime for (?:questions|one (?:more|last))\b",
    r"\bany (?:other |further |last |final )?(?:questions|comments|thoughts|announcements)\b",
    r"\bopen (?:it )?up for questions\b|\bi don't see any (?:questions|hands|requests)\b",
    r"\bif you have (?:any )?(?:specific |other |more )?(?:questions?|comments?)\b|\bi just joined\b",
    r"\bfor those (?:of you )?(?:following|listening|watching)\b|\b(?:following|follow) along\b",
    r"\b(?:our|dear|the) listeners\b|\bfor listeners\b|\bcalls? to action\b|\bon (?:the|my) screen\b.{0,20}$",
    r"\bspecial guests?\b|\bguests? (?:today|this week)\b|\bjoined by\b|\bjoin(?:ing|ed)? us\b",
    r"\brecording on the\b|\btoday is (?:mon|tues|wednes|thurs|fri|satur|sun)day\b",
    r"\b(?:let's|we'll|i'll|going to|gonna|can|could|just) (?:move|jump|dive|get|roll|hop) (?:right |"
    r"straight )?"
    r"(?:on(?:to)?|in(?:to)?)\b",
    r"^\W*(?:[\w']+,? ){0,2}(?:moving|move) (?:on|along)\b.{0,30}$",
    r"^\W*(?:[\w']+,? ){0,3}(?:go ahead|over to you|take it away|what do you think|(?:do )?you want to|"
    r"any thoughts)\b",
    r"\b(?:newsletter|episode|podcast|recap) (?:number )?#?\d+",
    r"^\W*(?:great|good|excellent|awesome|wonderful|nice|perfect)\b.{0,25}$",
    r"\b(?:has|have|take) the floor\b|\bpoint of order\b|\bthe (?:honou?rable )?member for\b|"
    r"\bthe honou?rable\b",
    r"\b(?:record of proceedings|standing orders?|declarations? of interest|apologies (?:for|received|"
    r"from))\b",
    r"\b(?:butchering|mispronounc\w+|how (?:do you|to) pronounce)\b",
)

# Catchwords of an advertisement, to which the neighbouring sentences belong too.
SPONSOR = _any(
    r"\bbrought to you by\b|\b(?:our|today's) sponsors?\b|\bsponsor(?:ed|s|ing)? (?:this|today|the (?:show|"
    r"podcast|episode))\b",
    r"\b(?:promo|discount|coupon) ?code\b|\buse (?:the )?code (?-i:[A-Z0-9]{4,})\b|\b(?:percent|%) off\b",
    r"\b(?:go|head|over) (?:over )?to \S+\.(?:com|org|io|dev|net|co|fm)\b|\bour patreon\b|"
    r"\blike and subscribe\b",
    r"\blink in (?:the )?(?:description|bio|show notes)\b|\bshow notes\b|\bleave (?:us )?a review\b|"
    r"\bfive[- ]star review\b",
    r"\bsubscribe to (?:our|the|this) (?:channel|podcast|show|newsletter)\b|\bfollow us on\b",
)

# A speaker turns to the next topic, or hands over. Matched near the start of a sentence.
TURNING = _any(
    r"\b(?:moving|move|jumping|jump|switching|turning|shifting|pivoting|proceed|carry) "
    r"(?:right |straight |swiftly )?(?:on|onto|along|over|ahead|gears|to)\b",
    r"\bgo(?:ing)? (?:(?:right|straight|back|over|now|on|ahead) )+to\b",
    r"\bnext (?:up|item|one|topic|questions?|thing|section|points?|slide|segment|pr|piece|news|story|bullet|"
    r"we have|is|on the agenda|release|speaker|presentation)\b",
    r"\bwh(?:at|o)(?:'s| is) next\b|\b(?:go|goes) (?:next|first)\b",
    r"\b(?:first|second|third|fourth|fifth|sixth|last|final|another) (?:item|one|topic|thing|news|section|"
    r"questions?|story|piece|segment|up|bullet|pr|monthly|release|notable)\b",
    r"\b(?:speaking of|on the topic of|on that note|with that|(?:that |which )?brings us(?: to)?|shall we|"
    r"let's (?:talk|move|turn|switch|start|get|go|jump|dive|look|see)|let me (?:ask|move|turn)|"
    r"i (?:want|wanted|would like|'d like) to (?:ask|talk|turn|move|touch|switch)|titled|entitled)\b",
    r"\bwe(?:'ll| will)? (?:now )?(?:go|turn|move|proceed|continue|begin|start)\b",
    r"\b(?:now|will|'ll) (?:now )?(?:go|turn|move|proceed|continue|begin|start|look|talk)\b",
    r"^\W*(?:[\w]+ ){0,4}(?:PRs?)?,? ?#\d+",
    r"\b(?:my|your|whose|his|her|the) turn\b|\b(?:have|has) the floor\b|\bfloor is yours\b",
    r"\bquestions? (?:then,? )?(?:are|is|come|comes|goes) (?:from|on|to)\b",
    r"\bquestions? (?:on|about) [\w ,]*\bfrom\b",
    r"\b(?:you |would |who |'d )(?:want|wanna|like) (?:to )?(?:go|start|present|begin)\b",
)

# A speaker has finished: what follows may be a new topic.
CLOSING = _any(
    r"\b(?:thank you|thanks)\b",
    r"\b(?:that's (?:it|all|everything|about it)|i'm (?:done|finished))\b",
)

# DOUBT before a clause means that the sentence does not assert it; RESERVATION after it limits it.
DOUBT = _any(
    r"\b(?:not|never|no|without|doubt|wrong|if|unless|whether|hardly|nobody|nor|neither|suppose|imagine|"
    r"pretend|"
    r"claim(?:s|ed)?|myth|misconception|false)\b",
    r"\b(?:they|people|some|others|many|he|she) (?:say|says|said|think|thinks|thought|argued?|argues|"
    r"believed?)\b",
    r"n['\u2019]t\b",
)
RESERVATION = _any(
    r"^\W*(?:if|unless|except|or|until|only if|as long as|than|when|provided|assuming|right\?|not)\b"
)
UNFIT = _any(  # in a heading
    r"[#\[\]{}*/\\]",
    r"\b(?:uh|um|er|gonna|wanna|kinda|stuff|blah|whatever)\b",
    r"\b(?:is|are|was|be) (?:if|when)\b",
)

# The most common greetings in other languages, of which little else is known here.
GREETING = _any(
    r"^\W*(?:bonjour|bonsoir|bienvenue|merci|salut|hallo|guten (?:tag|morgen|abend)|"
    r"(?:herzlich )?willkommen|danke|"
    r"hola|buenos d[ií]as|buenas|bienvenid[oa]s|gracias|ol[aá]|bom dia|bem-vind[oa]s|obrigad[oa]|ciao|"
    r"buongiorno|"
    r"benvenuti|grazie|welkom|goedemorgen|bedankt|皆さん|こんにちは|ありがとう|大家好|谢谢|안녕하세요|감사합니다|"
    r"привет|здравствуйте|спасибо)(?!\w)"
)

# A question that is reported, not asked: "one of them was what is a jam?"
REPORTED = _words(r"(?:is|was|were) (?:what|how|why|whether|who|where)")

# How a sentence addresses somebody, answers, or asks for agreement.
ADDRESSING = re.compile(  # "So, Ann, do you ...", "thanks, Ann."
    r"^(?:[\w']+,? ){0,2}[A-Z][a-z]+, (?:you|do|did|what|how|can|could|have|any|maybe|I|is|are|would|"
    r"anything)\b"
    r"|, [A-Z][a-z]+[.?!]$|\b(?:Mr|Madam)\.? ?(?:Chair|Speaker|President)\b"
)
VOCATIVE = re.compile(r"^([A-Z]\w+), (?!and\b|or\b|which\b|who\b)")
ANSWER = _any(r"^(?:\w+, |and |but |so )?(?:yes|yeah|no|yep|nope|exactly|correct|right|sure|absolutely)\b")
TAG = _any(r", (?:right|you know|okay|correct|yeah|huh)[?.]$")

# How a speaker falters.
STUTTER = _any(r"\b(\w+)[,\s]+(?:--? ?)?\1\b(?! that)", r"--|\u2014|\u2026|\.\.\.|\[")
FRAGMENT = re.compile(r"(?<![\w'\u2019-])[b-hj-z](?![\w'\u2019-])|^[B-HJ-Z] [a-z]")  # "really b crummy"
FILLING = _words(r"u[hm]+|erm?|you know|i mean|kind of|sort of|or whatever|and stuff|blah")

# "It" that refers to what follows, not to what was said before.
EXPLETIVE = _any(
    r"^(?:it's|it is|it was|it'd be|it would be|it has been|it takes|it turns out|it costs)\b(?: \w+){1,7}? "
    r"(?:to|that|for|if|when|how|why|what)\b"
)
