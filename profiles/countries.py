"""Country names as exports write them, folded, and how long postal codes are."""

COUNTRY_NAMES = {
    "norge": "NO", "noreg": "NO", "norway": "NO", "norwegen": "NO", "noorwegen": "NO", "nor": "NO",
    "danmark": "DK", "denmark": "DK", "danemark": "DK", "denemarken": "DK", "dnk": "DK",
    "sverige": "SE", "sweden": "SE", "schweden": "SE", "zweden": "SE", "swe": "SE",
    "finland": "FI", "suomi": "FI", "finnland": "FI", "fin": "FI",
    "island": "IS", "iceland": "IS", "isl": "IS", "ijsland": "IS",
    "nederland": "NL", "netherlands": "NL", "the netherlands": "NL", "niederlande": "NL",
    "nederlanderna": "NL", "nederlandene": "NL", "holland": "NL", "nld": "NL",
    "tyskland": "DE", "germany": "DE", "deutschland": "DE", "duitsland": "DE", "deu": "DE",
    "storbritannia": "GB", "storbritannien": "GB", "united kingdom": "GB", "uk": "GB", "england": "GB",
    "great britain": "GB", "gbr": "GB", "verenigd koninkrijk": "GB", "grosbritannien": "GB", "scotland": "GB",
    "irland": "IE", "ireland": "IE", "ierland": "IE",
    "frankrike": "FR", "frankrig": "FR", "france": "FR", "frankreich": "FR", "frankrijk": "FR", "fra": "FR",
    "spania": "ES", "spanien": "ES", "spain": "ES", "spanje": "ES", "esp": "ES",
    "italia": "IT", "italien": "IT", "italy": "IT", "italie": "IT", "ita": "IT",
    "polen": "PL", "poland": "PL", "pol": "PL",
    "belgia": "BE", "belgien": "BE", "belgium": "BE", "belgie": "BE", "bel": "BE",
    "sveits": "CH", "schweiz": "CH", "switzerland": "CH", "zwitserland": "CH", "che": "CH",
    "osterrike": "AT", "ostrig": "AT", "austria": "AT", "osterreich": "AT", "oostenrijk": "AT", "aut": "AT",
    "usa": "US", "united states": "US", "united states of america": "US",
    "estland": "EE", "estonia": "EE", "latvia": "LV", "lettland": "LV", "litauen": "LT", "lithuania": "LT",
    "farooyene": "FO", "faroyene": "FO", "faroerne": "FO", "gronland": "GL", "greenland": "GL",
}  # fmt: skip

POSTAL_CODE_DIGITS = {"NO": 4, "DK": 4, "SE": 5, "FI": 5, "DE": 5, "IS": 3, "FR": 5, "ES": 5, "IT": 5}
"""Digits of an all-digit postal code, to give back the zeros a spreadsheet ate."""
