"""What names and streets have in common beneath their spelling. Pure functions.

Names come folded (`normalise.fold`): lower-case words without accents. Every function
is cached, because a table holds the same word many times.
"""

from __future__ import annotations

import re
from functools import lru_cache

from profiles import normalise

_ONE_NAME = """
aleksander alexander aleksandr alex aleks sander sasha
aleksandra alexandra alex sandra sasha
alfred alf fred
anders andreas andrew andy andre
andrea andrine drea
anna anne ann ane anniken annika annie anita anja anneke anouk
johanna hanna hannah hanne johanne
anton antonius antoni toon ton tony anthony
arthur artur art
benedikte benedicte bente
benjamin ben benny
bernhard bernard bernt bernd bert ben
bertil bert
birgitta birgitte birgit berit brit britt gitte brigitte
bjorn bjoern bear
cathrine katrine kathrine katarina katharina catherine katrin cathrin trine kate kathy katie katja kaja cato
karin karen carin kari
cecilie cecilia silje celia sille cille
charles karl carl kalle karel charlie carel
charlotte charlotta lotte lotta
christian kristian christen kristen kris chris
christina kristina christine kristine kristin stine stina tina christin kirsten kirsti kjersti
christoffer kristoffer christopher kristofer christofer stoffer kris chris
cornelis cornelius kees cor
daniel dan danny daan
david dave
dirk diederik derk
edvard edward eduard ed eddie edvart ted
einar ejnar
elisabeth elizabeth elisabet lisbeth lisbet else lise lisa elsa betty bep liesbeth elise eliza liz lis beth
elisabeth bettina
emil emiel
erik eric eirik erich rik
fransiska franciska frances cisca
fredrik frederik frederick fred freddy freek fredric
frans franciscus frank franz francis
filip philip phillip philippe flip
georg george jorgen goran joris jorg
gerard gerhard gert gerrit geert gerardus gerd
gertrud gertrude truus trude trudy
gunnar gunner
gustav gustaf
hakon haakon
halvard hallvard halvor
harald harold
hendrik henrik henry henk hendrikus rik heinrich heikki harry
helene helen helena elena elin eline leena lena lene heleen
ellen ella elna
henriette henrietta jette
herman hermann
inge inger ingeborg inga
ingrid inger guri
isabella isabel isabelle bella
ivar iver
jacob jakob jacobus koos jaap jack
jan johan johannes johann john jon jens hans jo jean johnny jonny janne jannes
jeroen jero
joachim joakim jochem kim
jonathan jonatan jon
josef joseph jozef jos jef joe joop
josefine josephine fine
julia julie juliane
karoline caroline carolina karolina line carolien caro
kasper casper jasper jesper kaspar
klaus claus klaas nicolaas nicolai nikolai nicolas nikolas niklas nicklas nils niels nick nico niko
nikolai nicholas niclas claes klas
knut knud
lars lasse laurits lauritz laurens lorens lawrence
leif leiv
leonard lennart leonhard leo len leon
linnea linn
linda lin
lucas lukas luc luuk luke
ludvig ludwig lodewijk louis
magdalena malene malin magda lena madeleine madelene
magnus mogens mans
margrethe margareta margaretha margaret margarete grete grethe greta marit margit merete margot meta rita
margareta margriet griet maggie margit
maria marie mari mary mia maja marja maaike mieke marieke ria marijke mar
mark marc markus marcus
marta martha marte marthe
martin maarten marten morten martijn martinus mart
matilde mathilde matilda tilda
matthias mathias matias mats matthijs mattias matti matthew matt thijs matteus
michael mikael mikkel michel michiel mike mick mikko mikal
mohammed mohammad muhammad mohamed muhammed mohamad mo
olav olaf ola ole oluf olof olle olov
oskar oscar
patrick patrik pat
paulina pauline polina
per peter petter peder pieter piet petrus par pelle pete pekka
paul pal poul paulus pauli pol
rakel rachel
rebekka rebecca rebecka becky
rikard richard rick dick rich ric
robert robbert rob bob robin bobby
roger rutger
rolf rudolf ralf ralph
sebastian sebastiaan bastian bas seb
sigurd sjur sigvard
simon siemen
sofie sophie sofia sophia fie
solveig solvei
stefan stephan steffen staffan stephen steven steve stef stephanie stefanie
stephanie stefanie steffi
susanne susan susanna suzanne sanne suus sus
svein sven svend swen
sverre sverri
teodor theodor theodore teo theo ted
teresa therese theresa tessa tess
thomas tomas tom tommy thom
tor thor tore thore
torbjorn thorbjorn thorbjoern tor
torsten thorsten torstein thorstein tor
unni unn
valdemar waldemar
viktor victor vik
viktoria victoria vicky tora
vilhelm wilhelm willem wim william will bill willy ville wil liam
wilhelmina vilhelmina willemijn mina wilma mien
walter valter wouter
"""
"""Names of the Nordic countries, the Netherlands and English that one and the same person uses:
spellings, translations and everyday short forms. A name may stand in several lines."""

_ENDINGS = {
    "g": "gate gata gaten gatan gade gaden gt",
    "v": "vei veien veg vegen vej vejen vag vagen vn",
    "str": "straat strasse street str st straede stredet",
    "weg": "weg",
    "laan": "laan lane ln",
    "plein": "plein plads pladsen plass plassen plats platsen pl place square sq",
    "torg": "torg torget torv torvet",
    "alle": "alle alleen avenue ave av",
    "road": "road rd",
    "kaj": "kade kaj kaia kai kajen",
    "drive": "drive dr dreef",
    "court": "court ct hof",
    "circuit": "circuit cct",
    "close": "close cl",
    "sti": "sti stien stig stigen",
    "bakke": "bakke bakken backen",
    "crescent": "crescent cres cr",
}
"""How the last part of a street's name is written in Norwegian, Danish, Swedish, Dutch, German, English."""

_ENDING_OF = {normalise.fold(word): short for short, words in _ENDINGS.items() for word in words.split()}
_GLUED = re.compile(
    r"([^\W\d]{3,}?)("
    + "|".join(sorted((w for w in _ENDING_OF if len(w) > 2 or w in {"gt", "vn"}), key=len, reverse=True))
    + ")"
)
_NUMBER = r"(?P<number>\d+)[\W_]?(?P<letter>[^\W\d_](?!\w))?"
_NUMBER_LAST = re.compile(rf"(?P<name>.*?[^\W\d_].*?)[\W_]+{_NUMBER}(?:\W.*)?", re.DOTALL)
_NUMBER_FIRST = re.compile(rf"(?:\d+/)?{_NUMBER}[\W_]+(?P<name>.*[^\W\d_].*)", re.DOTALL)


def _lines_of_names() -> dict[str, frozenset[int]]:
    lines: dict[str, set[int]] = {}
    for number, line in enumerate(_ONE_NAME.strip().split("\n")):
        for name in map(normalise.fold, line.split()):
            lines.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in lines.items()}


_LINES = _lines_of_names()
_FIRST_OF = [normalise.fold(line.split()[0]) for line in _ONE_NAME.strip().split("\n")]


@lru_cache(maxsize=200_000)
def variants(a: str, b: str) -> bool:
    """Are two different given names ones that one person may use?

    "Anne Kari" and "Kari", "Bill" and "William", "Ole Johan" and "Ole" are; so are
    names of the same letters written apart ("Ann Kristin", "Annkristin").
    """
    words_a, words_b = a.split(" "), b.split(" ")
    if any(x == y or not _LINES.get(x, _NO_LINE).isdisjoint(_LINES.get(y, _NO_LINE))
           for x in words_a if len(x) > 1 for y in words_b if len(y) > 1):  # fmt: skip
        return True
    return len(a) > 4 and a.replace(" ", "") == b.replace(" ", "")


def lines_of(name: str) -> frozenset[int]:
    """Numbers of the lines of one-person names in which a word stands."""
    return _LINES.get(name, _NO_LINE)


_NO_LINE: frozenset[int] = frozenset()


@lru_cache(maxsize=200_000)
def root(given: str) -> str:
    """The first given name as its most formal spelling: "bill thomas" is "vilhelm". For blocking only."""
    first = given.split(" ", 1)[0]
    lines = _LINES.get(first)
    return _FIRST_OF[min(lines)] if lines else sound(first)


def family_root(family: str) -> str:
    """The last word of a family name, treated as a given name would be: the two are often swapped."""
    return root(family.rsplit(" ", 1)[-1])


@lru_cache(maxsize=200_000)
def sound(word: str) -> str:
    """A rough spelling by ear, at most five letters, for blocking: "christensen" and "kristensen" are one.

    The last word counts, for it is what a double surname or "van der Berg" sorts by.
    """
    word = word.rsplit(" ", 1)[-1]
    for written, heard in _BY_EAR:
        word = word.replace(written, heard)
    if not word:
        return ""
    tail = _QUIET.sub("", word[1:])
    return _DOUBLE.sub(r"\1", word[0] + tail)[:5]


_BY_EAR = (
    ("ch", "k"), ("ck", "k"), ("ph", "f"), ("th", "t"), ("dt", "t"), ("gh", "g"), ("hj", "j"), ("kj", "k"),
    ("ij", "i"), ("sch", "s"), ("c", "k"), ("q", "k"), ("w", "v"), ("z", "s"), ("x", "ks"), ("y", "i"),
)  # fmt: skip
_QUIET = re.compile("[aeiouhj ]")
_DOUBLE = re.compile(r"(.)\1+")


@lru_cache(maxsize=200_000)
def street_name(value: str) -> str:
    """Folded name of a street with its ending made short: "Store gate", "Storegt." -> "store g"."""
    name = normalise.fold(value)
    head, _, last = name.rpartition(" ")
    if head and last in _ENDING_OF:
        return f"{head} {_ENDING_OF[last]}"
    if found := _GLUED.fullmatch(last):
        return f"{head} {found[1]} {_ENDING_OF[found[2]]}".strip()
    return name


@lru_cache(maxsize=200_000)
def street(line: str) -> tuple[str, str]:
    """(name, house number) of an address line, number first or last; the flat is left out.

    "Storgata 12 B, H0201" -> ("stor g", "12b"); "3/14 High St" -> ("high str", "14").
    """
    line = line.strip()
    found = _NUMBER_LAST.fullmatch(line) or _NUMBER_FIRST.fullmatch(line)
    if not found:
        return street_name(line), ""
    return street_name(found["name"]), found["number"].lstrip("0") + (found["letter"] or "").lower()


@lru_cache(maxsize=300_000)
def local_part(email: str) -> str:
    """What stands before the @ of an address, letters and digits alone, without a +tag."""
    local = email.partition("@")[0].partition("+")[0]
    return normalise.fold(local).replace(" ", "")


@lru_cache(maxsize=300_000)
def mailbox(email: str) -> str:
    """The mailbox an address delivers to: +tags are dropped, and dots where Google does so."""
    local, at, domain = email.lower().partition("@")
    local = local.partition("+")[0] or local
    if domain in {"gmail.com", "googlemail.com"}:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}{at}{domain}"


_MAIL_WORDS = re.compile(r"[^\W\d_]+")


GIVEN, FAMILY, GIVEN_INITIAL, FAMILY_INITIAL = "G", "F", "I", "J"
"""What stands in a `handle` for a person's own names."""


def handle(local: str, given: str, family: str) -> str:
    """A local part with its owner's folded names taken out: "olahansen83" of Ola Hansen is "GF83".

    How people make addresses of their names is the same for namesakes; what is left is their own.
    """
    if not local or not (given or family):
        return ""
    short = _take_out(_take_out(local, family, FAMILY), given, GIVEN)
    rest = _LOWER.sub("", short)
    if len(rest) == 1 and GIVEN not in short and rest == given[:1]:
        return short.replace(rest, GIVEN_INITIAL)
    if len(rest) == 1 and FAMILY not in short and rest == family.rsplit(" ", 1)[-1][:1]:
        return short.replace(rest, FAMILY_INITIAL)
    return short


_LOWER = re.compile("[^a-z]")


def _take_out(local: str, name: str, sign: str) -> str:
    words = name.split(" ")
    for part in ("".join(words), words[0], words[-1]):
        if len(part) > 1 and part in local:
            return local.replace(part, sign, 1)
    return local


def filled(handle: str, given: str, family: str) -> str:
    """The local part that a handle makes of somebody's names."""
    first, last = given.split(" ", 1)[0], family.replace(" ", "")
    names = {GIVEN: first, FAMILY: last, GIVEN_INITIAL: first[:1], FAMILY_INITIAL: last[:1]}
    return handle.translate({ord(sign): name for sign, name in names.items()})


def names(given: str, family: str, email: str) -> str:
    """Rough spelling of both names in alphabetical order, so that it matters not which is which.

    Where a name is unknown, those that the e-mail spells stand in: "ola.hansen@example.org".
    """
    both = (root(given), family_root(family)) if given and family else tuple(map(root, spelt_names(email)))
    return " ".join(sorted(both))


@lru_cache(maxsize=300_000)
def spelt_names(email: str) -> tuple[str, ...]:
    """The two words of a local part such as "ola.hansen84", folded; () where there are not exactly two."""
    words = _MAIL_WORDS.findall(email.partition("@")[0].partition("+")[0])
    return tuple(normalise.fold(w) for w in words) if len(words) == 2 else ()
