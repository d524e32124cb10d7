"""What happens to a value between a person and a source: slips, other alphabets, short forms."""

from __future__ import annotations

from random import Random

KEYS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo",
    "j": "hk", "k": "jl", "l": "kø", "m": "n", "n": "bm", "o": "ip", "p": "o", "r": "et", "s": "ad",
    "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x", "0": "9", "1": "2",
    "2": "13", "3": "24", "4": "35", "5": "46", "6": "57", "7": "68", "8": "79", "9": "80",
}  # fmt: skip
_ASCII = (
    str.maketrans(dict(zip("øåæöäüëéØÅ", "o a ae o a u e e O A".split(), strict=True))),
    str.maketrans(dict(zip("øåæöäüëØÅ", "oe aa ae oe ae ue e Oe Aa".split(), strict=True))),
)
_SHORT = (
    ("gata", "gt."), ("gate", "gt"), ("veien", "v."), ("vegen", "vn"), ("gatan", "g."), ("vägen", "v."),
    ("straat", "str."), ("laan", "ln"), ("vej", "vj."), ("gade", "gd."),
)  # fmt: skip
_OTHER = (("veien", "vegen"), ("gata", "gaten"), ("gata", " gate"), ("gade", " gade"), ("straat", " straat"))


def slip(rng: Random, value: str) -> str:
    """One slip of the pen: a neighbouring key, a swap, a letter lost or doubled."""
    if len(value) < 3:
        return value
    at = rng.randrange(1, len(value))
    kind = rng.randrange(4)
    if kind == 0:
        near = KEYS.get(value[at].lower())
        return value[:at] + rng.choice(near) + value[at + 1 :] if near else value
    if kind == 1 and at + 1 < len(value):
        return value[:at] + value[at + 1] + value[at] + value[at + 2 :]
    if kind == 2:
        return value[:at] + value[at + 1 :]
    return value[:at] + value[at] + value[at:]


def wrong_digit(rng: Random, value: str) -> str:
    """One digit of a number or date is another digit."""
    places = [n for n, c in enumerate(value) if c.isdigit()]
    at = rng.choice(places[1:] or places)
    return value[:at] + rng.choice("0123456789") + value[at + 1 :]


def plain_letters(rng: Random, value: str) -> str:
    """ø, å, æ, ö, ä, ü in one of the two ways of systems without them."""
    return value if value.isascii() else value.translate(_ASCII[rng.random() < 0.4])


def street(rng: Random, value: str) -> str:
    """The same street as another clerk writes it."""
    for ending, other in _SHORT if rng.random() < 0.6 else _OTHER:
        if ending in value:
            return value.replace(ending, other)
    return value


def case(rng: Random, value: str) -> str:
    return value.upper() if rng.random() < 0.5 else value.lower()


def phone(rng: Random, national: str, country: str, abroad: bool) -> str:
    """A national number (no trunk zero) as people type it; with its country code when `abroad`."""
    code = {"NO": "47", "DK": "45", "SE": "46", "FI": "358", "NL": "31"}[country]
    if abroad or rng.random() < 0.25:
        return rng.choice((f"+{code}{national}", f"+{code} {national}", f"00{code}{national}"))
    trunk = "0" if country in ("SE", "FI", "NL") else ""
    if trunk:
        return rng.choice((trunk + national, f"{trunk}{national[:2]}-{national[2:]}"))
    return rng.choice((national, f"{national[:3]} {national[3:5]} {national[5:]}", national))


def date(rng: Random, year: int, month: int, day: int) -> str:
    """ISO mostly, as the Nordics write it at times; day and month change places now and then."""
    if rng.random() < 0.01 and day <= 12:
        month, day = day, month
    return f"{year:04d}-{month:02d}-{day:02d}" if rng.random() < 0.8 else f"{day:02d}.{month:02d}.{year:04d}"
