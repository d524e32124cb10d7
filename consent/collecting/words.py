"""What the linter listens for, per language: phrases as regular expressions, matched at word starts.

The lists are examples of known dark patterns (EDPB 03/2022, CNIL 2024, Datatilsynet 2021), not all of
language: they catch the usual, a person reads the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

Lists = Mapping[str, tuple[str, ...]]

GUILT: Lists = {
    "nb": (
        r"gå(?:r)? glipp",
        "ikke gå glipp",
        r"siste sjanse",
        r"skynd deg",
        r"kun i dag",
        r"bare i dag",
        r"nei[, ].{0,30}(?:bryr meg ikke|liker ikke|vil ikke ha det gøy)",
        r"ikke skuff",
        r"du vil angre",
        r"før det er for sent",
        r"begrenset tid",
        r"vi blir lei oss",
    ),
    "da": (
        r"gå(?:r)? (?:ikke )?glip",
        r"sidste chance",
        r"skynd dig",
        r"kun i dag",
        r"nej[, ].{0,30}(?:interesserer mig ikke|kan ikke lide)",
        r"du vil fortryde",
        r"før det er for sent",
        r"begrænset tid",
        r"vi bliver kede af det",
    ),
    "sv": (
        r"missa (?:inte|inget)?",
        r"går miste",
        r"sista chansen",
        r"skynda dig",
        r"endast i dag",
        r"bara i dag",
        r"nej[, ].{0,30}(?:gillar inte|bryr mig inte)",
        r"du kommer att ångra",
        r"innan det är för sent",
        r"begränsad tid",
        r"vi blir ledsna",
    ),
    "nl": (
        r"mis (?:niets|het niet|geen)",
        r"misloop",
        r"laatste kans",
        r"haast je",
        r"alleen vandaag",
        r"nee[, ].{0,30}(?:hou niet van|interesseert me niet)",
        r"je krijgt spijt",
        r"voor het te laat is",
        r"beperkte tijd",
        r"dat vinden we jammer",
    ),
    "de": (
        r"verpass",
        r"letzte chance",
        r"beeil",
        r"nur heute",
        r"nein[, ].{0,30}(?:mag keine|interessiert mich nicht)",
        r"du wirst es bereuen",
        r"sie werden es bereuen",
        r"bevor es zu spät ist",
        r"begrenzte zeit",
        r"wir sind traurig",
    ),
    "en": (
        r"miss(?:ing)? out",
        r"don['’]?t miss",
        r"last chance",
        r"hurry",
        r"only today",
        r"today only",
        r"no[, ].{0,30}(?:don['’]?t (?:like|care|want to save)|hate)",
        r"you(?:['’]ll| will) regret",
        r"before it(?:['’]s| is) too late",
        r"limited time",
        r"we(?:['’]ll| will) be sad",
    ),
}
SAD = re.compile("[☹😞😟😢😭😔🙁😿⏰⏳⌛]|:-?\\(")
"""Sad faces and clocks, in any language."""

VAGUE: Lists = {
    "nb": (
        r"forbedre (?:din )?opplevelse",
        r"bedre opplevelse",
        r"relevant informasjon",
        r"og lignende",
        r"m\.m\.",
        r"tilpasset deg",
    ),
    "da": (
        r"forbedre (?:din )?oplevelse",
        r"bedre oplevelse",
        r"relevant information",
        r"og lignende",
        r"m\.m\.",
        r"tilpasset dig",
    ),
    "sv": (
        r"förbättra (?:din )?upplevelse",
        r"bättre upplevelse",
        r"relevant information",
        r"och liknande",
        r"m\.m\.",
    ),
    "nl": (
        r"(?:je|uw) ervaring (?:te )?verbeter",
        r"betere ervaring",
        r"relevante informatie",
        r"en dergelijke",
        r"e\.d\.",
    ),
    "de": (
        r"erlebnis (?:zu )?verbesser",
        r"besseres erlebnis",
        r"relevante informationen",
        r"und ähnliche",
        r"u\.\s?ä\.",
    ),
    "en": (
        r"improve your experience",
        r"better experience",
        r"relevant information",
        r"and the like",
        r"and similar",
        r"tailored to you",
    ),
}

WITHDRAWAL: Lists = {
    "nb": (r"når som helst", r"trekke? .{0,30}tilbake", r"meld(?:e)? deg av", r"avmeld", r"angre"),
    "da": (r"når som helst", r"til enhver tid", r"træk(?:ke)? .{0,30}tilbage", r"afmeld"),
    "sv": (r"när som helst", r"återkalla", r"ta tillbaka", r"avregistrera", r"avsluta"),
    "nl": (
        r"op elk moment",
        r"altijd .{0,30}(?:intrekken|afmelden)",
        r"intrekken",
        r"afmelden",
        r"uitschrijven",
    ),
    "de": (r"jederzeit", r"widerruf", r"abmelden", r"abbestellen"),
    "en": (r"(?:at )?any time", r"withdraw", r"take .{0,30}back", r"unsubscribe", r"opt out"),
}

TERMS: Lists = {
    "nb": (r"(?:salgs|kjøps|bruker)?vilkår", r"betingelser"),
    "da": (r"(?:handels|salgs|købs)?betingelser", r"vilkår"),
    "sv": (r"(?:köp|allmänna )?villkor",),
    "nl": (r"(?:algemene |verkoop)?voorwaarden",),
    "de": (r"agb\b", r"(?:geschäfts|nutzungs)?bedingungen"),
    "en": (
        r"terms (?:and|&) conditions",
        r"terms of (?:sale|use|service)",
        r"(?:accept|agree to) (?:the|our) terms",
    ),
}

PARTNERS: Lists = {
    "nb": (r"(?:samarbeids)?partner", r"tredjepart", r"utvalgte (?:selskaper|bedrifter)"),
    "da": (r"(?:samarbejds)?partner", r"tredjepart", r"udvalgte (?:selskaber|virksomheder)"),
    "sv": (r"(?:samarbets)?partner", r"tredje part", r"utvalda företag"),
    "nl": (r"partners?\b", r"derden\b", r"geselecteerde bedrijven"),
    "de": (r"partner", r"dritte[nr]?\b", r"ausgewählte unternehmen"),
    "en": (r"partners?\b", r"third part", r"selected companies"),
}

REWARD: Lists = {
    "nb": (r"rabatt", r"gratis", r"gave(?:kort)?\b", r"vinn\b", r"trekning", r"premie"),
    "da": (r"rabat", r"gratis", r"gave(?:kort)?\b", r"vind\b", r"lodtrækning", r"præmie"),
    "sv": (r"rabatt", r"gratis", r"present", r"vinn\b", r"utlottning", r"pris(?:er)? att vinna"),
    "nl": (r"korting", r"gratis", r"cadeau", r"win\b", r"verloting", r"prijs(?:vraag)?\b"),
    "de": (r"rabatt", r"gratis", r"kostenlos", r"geschenk", r"gewinn", r"verlosung", r"gutschein"),
    "en": (r"discount", r"free\b", r"gift", r"win\b", r"(?:prize )?draw\b", r"voucher", r"\d+ ?% off"),
}
KEPT: Lists = {
    "nb": (r"(?:rabatt|gave|premie).{0,60}(?:beholder|uansett|også om du|selv om du)", r"beholder"),
    "da": (r"(?:rabat|gave|præmie).{0,60}(?:beholder|uanset|også hvis du|selv om du)", r"beholder"),
    "sv": (r"behåller", r"även om du"),
    "nl": (r"behoudt?", r"ook als (?:je|u)"),
    "de": (r"behalten", r"auch wenn (?:du|sie)"),
    "en": (r"you (?:may )?keep", r"even if you", r"yours to keep"),
}
"""Says that the reward stays when the yes is taken back."""

NEGATIONS: Lists = {
    "nb": ("ikke", "aldri", "ingen", "uten", "verken"),
    "da": ("ikke", "aldrig", "ingen", "uden", "hverken"),
    "sv": ("inte", "aldrig", "ingen", "inga", "utan", "varken", "ej"),
    "nl": ("niet", "nooit", "geen", "zonder"),
    "de": ("nicht", "nie", "niemals", "kein", "keine", "keinen", "ohne"),
    "en": ("not", "never", "no", "without", "don't", "don’t", "won't", "won’t", "cannot"),
}
NEGATED_ASK: Lists = {
    "nb": (r"(?:jeg )?(?:vil|ønsker) ikke", r"(?:ikke send|send ikke)", r"kryss av .{0,30}ikke"),
    "da": (r"(?:jeg )?(?:vil|ønsker) ikke", r"(?:ikke send|send ikke)", r"kryds af .{0,30}ikke"),
    "sv": (r"(?:jag )?(?:vill|önskar) inte", r"skicka inte", r"kryssa .{0,30}inte"),
    "nl": (r"(?:ik )?wil (?:geen|niet)", r"stuur (?:mij |me )?(?:geen|niet)", r"vink .{0,30}niet"),
    "de": (r"(?:ich )?(?:möchte|will) (?:keine?n?|nicht)", r"senden sie mir keine", r"kreuzen .{0,30}nicht"),
    "en": (
        r"(?:i )?(?:do not|don['’]t) (?:want|wish)",
        r"(?:do not|don['’]t) (?:send|contact)",
        r"tick .{0,40}(?:not|don['’]t)",
    ),
}
"""A box whose tick would mean no."""

ANSWERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "nb": (("ja", "nei"), ("godta", "avslå"), ("send", "ikke send")),
    "da": (("ja", "nej"), ("godkend", "afvis"), ("send", "send ikke")),
    "sv": (("ja", "nej"), ("godkänn", "avböj"), ("skicka", "skicka inte")),
    "nl": (("ja", "nee"), ("accepteren", "weigeren"), ("stuur", "stuur geen")),
    "de": (("ja", "nein"), ("zustimmen", "ablehnen"), ("senden", "nicht senden")),
    "en": (("yes", "no"), ("accept", "decline"), ("allow", "refuse"), ("send", "do not send")),
}
"""How parallel answers begin."""

TELLING: Lists = {
    "nb": (
        "av",
        "gjerne",
        "takk",
        "deg",
        "meg",
        "dere",
        "nyhetsbrev",
        "opplevelser",
        "forestillinger",
        "ikke",
    ),
    "da": ("af", "gerne", "tak", "dig", "mig", "jer", "nyhedsbrev", "oplevelser", "forestillinger", "ikke"),
    "sv": ("och", "att", "från", "tack", "jag", "är", "nyhetsbrev", "inte", "gärna", "föreställningar"),
    "nl": ("het", "een", "graag", "mij", "van", "nieuwsbrief", "niet", "voorstellingen", "bedankt", "over"),
    "de": ("und", "ich", "mir", "bitte", "nicht", "danke", "newsletter", "per", "von", "über"),
    "en": ("the", "and", "please", "me", "you", "your", "send", "newsletter", "not", "about"),
}
"""Common words that tell the languages apart; `ikke` and the like are shared by neighbours."""


@cache
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<!\w)(?:{phrase})" for phrase in phrases), re.IGNORECASE)


def found(lists: Lists, locale: str, text: str) -> str:
    """The first phrase of a list in the text, as it stands there; empty when none does."""
    phrases = lists.get(locale, ())
    match = _pattern(phrases).search(text) if phrases else None
    return match[0] if match else ""


def language_of(text: str) -> str:
    """The language whose common words stand there most, when it is not a matter of one word; else ''."""
    tokens = [token.casefold() for token in re.findall(r"[^\W\d_]+", text)]
    counts = {code: sum(token in listed for token in tokens) for code, listed in TELLING.items()}
    first, second, *_rest = sorted(counts, key=lambda code: counts[code], reverse=True)
    return first if counts[first] >= 2 and counts[first] > counts[second] else ""
